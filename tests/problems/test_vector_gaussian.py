import numpy as np
import pytest

import drc


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sigma_X": [1, 2], "sigma_Y": [1]}, "sigma_X has 2, sigma_Y has 1"),
        ({"sigma_X": 1}, "sigma_X = 1 is no list"),
        ({"sigma_X": []}, "is no list"),
        ({"sigma_X": [1, 0]}, "sigma_X2 = 0 is no standard deviation"),
        ({"sigma_X": [1], "sigma_S": [1], "theta": [1.5]}, "theta1 = 1.5 is no covariance"),
        ({"mu_X": [float("nan")]}, "mu_X1 must be one real number, got nan"),
        ({"R_c": 1}, "R_c = 1 is not available yet"),
    ],
)
def test_bad_input(given, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.VectorGaussian(**given)


def test_a_covariance_that_is_too_large_by_rounding_is_the_bound():
    v = drc.VectorGaussian([0.1], [1], [3], [0.1 * 3])
    assert v.theta[0] == v.sigma_S[0] * v.sigma_X[0]


def rotated(values, seed=0):
    basis = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(values), len(values))))[0]
    return basis @ np.diag(values) @ basis.T


def test_covariances_that_commute():
    X, Y, S, SX = ([2, 3, 1], [3, 1, 1], [1, 2, 1], [0.5, -1, 0.3])
    v = drc.VectorGaussian.from_covariances(rotated(X), rotated(Y), cov_S=rotated(S), cov_SX=rotated(SX))
    w = drc.VectorGaussian(*(np.sqrt(e) for e in (X, Y, S)), SX)
    assert v.drc()(R=2.1, C=6) == pytest.approx(w.drc()(R=2.1, C=6), abs=1e-9)
    assert v.drc()(R=2.1) == pytest.approx(2.71479, abs=5e-6)


def test_means_turn_with_the_basis():
    mu = [1.0, 2.0, 0.0]
    v = drc.VectorGaussian.from_covariances(rotated([2, 3, 1]), rotated([3, 1, 1]), mu_X=mu)
    assert v.drc()(R=0) == pytest.approx(11 + 5)


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        ([[2, 1], [1, 2]], [[1, 0], [0, 3]], "do not commute: the norm of their commutator is 2.83"),
        ([[2, 1], [0, 2]], [[1, 0], [0, 3]], "cov_X is not symmetric: it differs from its transpose by 1"),
        ([[2, 0], [0, 0]], [[1, 0], [0, 3]], "cov_X has the eigenvalue 0"),
        ([[2, 0], [0, 1]], [[1]], "different sizes"),
        ([1, 2], [[1]], "is no covariance matrix"),
    ],
)
def test_bad_covariances(X, Y, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.VectorGaussian.from_covariances(X, Y)
