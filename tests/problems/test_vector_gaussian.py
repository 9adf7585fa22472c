import numpy as np
import pytest
import sympy as sp

import drc


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sigma_X": [1, 2], "sigma_Y": [1]}, "sigma_X has 2, sigma_Y has 1"),
        ({"sigma_X": 1}, "sigma_X must be a list or an array, got 1"),
        ({"sigma_X": []}, "sigma_X must have one standard deviation for each component, got none"),
        ({"mu_X": np.array(0.3)}, "mu_X must have the shape"),
        ({"theta": np.ma.masked}, "theta must have the shape"),
        ({"mu_Y": np.ma.array([0.5, 1], mask=[True, False])}, "mu_Y1 must be one real number, got None"),
        ({"sigma_X": [1, 0]}, "sigma_X2 must be positive and finite, got 0"),
        ({"sigma_X": [1], "sigma_S": [1], "theta": [1.5]}, r"theta1 must satisfy \|theta1\| <=.*sigma_X1 = 1, got 1.5"),
        ({"mu_X": [float("nan")]}, "mu_X1 must be one real number, got nan"),
        ({"R_c": 1}, "R_c must be oo or 0, which are available, got 1"),
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
        ([[2, 1], [1, 2]], [[1, 0], [0, 3]], "do not commute: the norm of their commutator is 0.283 of"),
        (
            [[2, 1], [0, 2]],
            [[1, 0], [0, 3]],
            "cov_X must be symmetric, got a matrix that differs from its transpose by 0.5 of",
        ),
        ([[2, 0], [0, 0]], [[1, 0], [0, 3]], "cov_X must have positive eigenvalues, got 0"),
        ([[2, 0], [0, 1]], [[1]], "the covariance matrices must have one size, got different ones"),
        ([1, 2], [[1]], "cov_X must be a covariance matrix of shape"),
        ([[2e-13, 1e-13], [0, 2e-13]], [[1, 0], [0, 3]], "cov_X must be symmetric"),
        (
            [[2e200, 1e200], [1e200, 2e200]],
            [[1, 0], [0, 3]],
            "do not commute: the norm of their commutator is 0.283 of",
        ),
        (
            [[2e-200, 1e-200], [1e-200, 2e-200]],
            [[1, 0], [0, 3]],
            "do not commute: the norm of their commutator is 0.283 of",
        ),
    ],
)
def test_bad_covariances(X, Y, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.VectorGaussian.from_covariances(X, Y)


@pytest.mark.parametrize(
    "given", [10**400, 1j, None, {}, "x", sp.I, sp.Symbol("a"), [[0.1, 0.2], [0.3]], np.float64("inf")]
)
@pytest.mark.parametrize("name", ["cov_X", "cov_Y", "cov_S", "cov_SX", "mu_X", "mu_Y"])
def test_what_is_no_matrix_of_numbers_is_refused_by_its_name(name, given):
    if given is None and name not in ("cov_X", "cov_Y"):
        return
    good = {"cov_X": np.eye(2), "cov_Y": np.eye(2)}
    for wrong in (given, [given, 1] if name.startswith("mu") else [[given, 0], [0, 1]]):
        with pytest.raises(drc.ProblemError, match=f"^{name}.* must be "):
            drc.VectorGaussian.from_covariances(**good | {name: wrong})


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_covariances_of_any_scale(scale):
    v = drc.VectorGaussian.from_covariances(np.array([[2, 1], [1, 2]]) * scale, [[1, 0], [0, 1]], mu_X=["1/2", 0])
    assert sorted(float(s) ** 2 / scale for s in v.sigma_X) == pytest.approx([1, 3])
    assert sum(float(m) ** 2 for m in v.mu_X) == pytest.approx(0.25)
