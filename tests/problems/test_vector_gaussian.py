import cvxpy as cp
import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize

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
        ({"R_c": -1}, "R_c must be at least 0, got -1"),
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
        ([[2, 0], [0, 0]], [[0, 0], [0, 3]], "cov_X and cov_Y must have a direction in common"),
        ([[2, 3], [3, 2]], [[1, 0], [0, 3]], "cov_X must have no negative eigenvalues, got one of -0.2 of the largest"),
        (
            [[2, 1], [0, 2]],
            [[1, 0], [0, 3]],
            "cov_X must be symmetric, got a matrix that differs from its transpose by 0.5 of",
        ),
        ([[2, 0], [0, 1]], [[1]], "the covariance matrices must have one size, got different ones"),
        ([1, 2], [[1]], "cov_X must be a covariance matrix of shape"),
        ([[2e-13, 1e-13], [0, 2e-13]], [[1, 0], [0, 3]], "cov_X must be symmetric"),
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


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"cov_SX": [[1, 0.5], [0.5, 1]]}, "cov_SX must tie every label to one component .*commutator is 0.4"),
        ({"cov_SX": [2, 2]}, "cov_SX must be within the Cauchy-Schwarz bound of cov_S and cov_X, got 1.7"),
        ({"cov_SX": [1, 0, 0]}, r"cov_SX must be finite covariances of shape \(1, 2\), got the shape \(1, 3\)"),
        ({"cov_S": [[1, 1], [1, 1]]}, "cov_S must have positive eigenvalues, got"),
        ({"cov_X": [[2, 0], [0, 0]], "cov_SX": [0.5, 0.1]}, "cov_SX must be zero where cov_X is singular"),
        ({"cov_Y": [[1, 0], [0, 0]], "cov_SX": [0, 1]}, "cov_Y must not be singular where the labels depend"),
    ],
)
def test_labels_that_are_not_available(labels, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.VectorGaussian.from_covariances(**{"cov_X": [[2, 0], [0, 4]], "cov_Y": [[1, 0], [0, 3]]} | labels)


def random_pair(seed, rank_X, rank_Y, n):
    rng = np.random.default_rng(seed)
    halves = [rng.normal(size=(n, rank)) for rank in (rank_X, rank_Y)]
    return halves[0], halves[1] @ halves[1].T, rng.normal(size=(2, n))


def least_distortion(F, Y, means, R):
    """Minimise over all jointly normal plans, in nats: `X = F U` with white `U`; `Z` is the part of `U` that `Y` knows."""
    r, n = F.shape[1], len(Y)
    whole = cp.Variable((r + n, r + n), PSD=True)
    Z, N = whole[:r, :r], whole[:r, r:]
    within = [whole[r:, r:] == Y, cp.log_det(np.eye(r) - Z) >= -2 * R]
    gain = cp.Problem(cp.Maximize(cp.trace(F @ N)), within).solve(solver=cp.CLARABEL)
    return ((means[0] - means[1]) ** 2).sum() + np.trace(F @ F.T) + np.trace(Y) - 2 * gain


RANKS = [*[(2, 2, 2)] * 6, *[(3, 3, 3)] * 8, (1, 2, 2), (2, 1, 2), (1, 1, 2), (2, 3, 3), (3, 1, 3), (2, 2, 3)]


@pytest.mark.parametrize(("seed", "ranks"), list(enumerate(RANKS)))
def test_any_two_covariance_matrices(seed, ranks):
    """Random pairs, singular ones too, against a semidefinite program that knows nothing of singular values."""
    F, Y, means = random_pair(seed, *ranks)
    v = drc.VectorGaussian.from_covariances(F @ F.T, Y, mu_X=means[0], mu_Y=means[1])
    T = v.drc(unit="nats")
    for R in (0.3, 1.2):
        expected = least_distortion(F, Y, means, R)
        assert T(R=R) == pytest.approx(expected, abs=3e-6)
        assert v.rdc(unit="nats")(D=T(R=R)) == pytest.approx(R, abs=1e-9)
    assert T(R=0) == pytest.approx(((means[0] - means[1]) ** 2).sum() + np.trace(F @ F.T) + np.trace(Y))


@pytest.mark.parametrize("seed", range(4))
def test_at_any_rate_the_distance_of_the_distributions(seed):
    """Gelbrich 1990 [gelbrich1990], by the nuclear norm."""
    F, Y, means = random_pair(seed, 2, 3, 3)
    v = drc.VectorGaussian.from_covariances(F @ F.T, Y, mu_X=means[0], mu_Y=means[1])
    values, vectors = np.linalg.eigh(Y)
    overlap = np.linalg.norm((vectors * np.sqrt(np.maximum(values, 0))).T @ F, "nuc")
    distance = ((means[0] - means[1]) ** 2).sum() + np.trace(F @ F.T) + np.trace(Y) - 2 * overlap
    assert v.drc()(R=np.inf) == pytest.approx(distance, abs=1e-9)


def test_labels_beside_matrices_that_do_not_commute():
    """Two labels in any coordinates, against a search over all covariances of white `X` and `Y`."""
    X, Y = np.array([[2.0, 0.7], [0.7, 1.0]]), np.array([[1.0, -0.4], [-0.4, 2.0]])
    root_X, root_Y = rooted(X), rooted(Y)
    W = np.linalg.svd(root_Y @ root_X)[2]
    turn = np.array([[1.0, 2.0], [-0.5, 1.5]])
    # Labels 0.9 X_1 + noise and 0.4 X_2 + noise, of white X, in other coordinates.
    SX, S = turn @ np.diag([0.4, 0.9]) @ W @ root_X, turn @ turn.T
    v = drc.VectorGaussian.from_covariances(X, Y, cov_S=S, cov_SX=SX)
    white = np.linalg.inv(root_X)
    h_S = np.log(np.linalg.det(2 * np.pi * np.e * S)) / 2

    def covariance(m):
        """One of white vectors, for any matrix."""
        m = m.reshape(2, 2)
        return np.linalg.inv(rooted(np.eye(2) + m @ m.T)) @ m

    def rate(m):
        return -np.linalg.slogdet(np.eye(2) - covariance(m) @ covariance(m).T)[1] / 2

    def ambiguity(m):
        known = SX @ white @ covariance(m)
        return np.linalg.slogdet(2 * np.pi * np.e * (S - known @ known.T))[1] / 2

    R, C = 0.6, h_S - 0.35
    limits = [{"type": "ineq", "fun": lambda m: R - rate(m)}, {"type": "ineq", "fun": lambda m: C - ambiguity(m)}]
    starts = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 4))
    solved = [
        minimize(lambda m: -np.trace(root_X @ covariance(m) @ root_Y), m, constraints=limits, options={"ftol": 1e-10})
        for m in starts
    ]
    found = [s.fun for s in solved if s.success and rate(s.x) <= R + 1e-7 and ambiguity(s.x) <= C + 1e-7]
    assert len(found) > 3
    best = np.trace(X) + np.trace(Y) + 2 * min(found)
    assert v.drc(unit="nats")(R=R, C=C) == pytest.approx(best, abs=1e-6)
    assert v.drc(unit="nats").regime(R=R, C=C) == "rate- and classification-limited"
    assert float(sum(sp.log(2 * sp.pi * sp.E * s**2) / 2 for s in v.sigma_S)) == pytest.approx(h_S)


def rooted(matrix):
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.sqrt(values) @ vectors.T


def test_what_numpy_gives():
    samples = np.random.default_rng(3).normal(size=(2, 3, 3))
    v = drc.VectorGaussian.from_covariances(*(np.cov(each) for each in samples))
    assert v.n == 2  # three samples leave two directions
    one = drc.VectorGaussian.from_covariances(np.cov([1.0, 2.0, 4.0]), 1)
    assert float(one.sigma_X[0]) ** 2 == pytest.approx(7 / 3)


def test_without_a_label():
    v = drc.VectorGaussian([1, 2], [1, 1])
    assert v.theta == (0, 0)
    assert v.solve(R=1).value == pytest.approx(v.drc()(R=1), abs=1e-9)
    assert all(theta.is_Symbol for theta in drc.VectorGaussian([1, 2], [1, 1], sigma_S=[1, 1]).theta)
