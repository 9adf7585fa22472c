"""The certified solver of vector Gaussians, against cvxpy as a second road."""

import math
import warnings
from dataclasses import replace
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest

from drc.errors import NotAvailableError, ProblemError
from drc.problems import VectorGaussian

EXAMPLE = VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5])


def program(w, c, *, R=None, g=None, K=None):
    """The convex program in the rates, as an exponential-cone program for Clarabel."""
    n = len(w)
    r, rho, v = cp.Variable(n, nonneg=True), cp.Variable(n), cp.Variable(n)
    # rho^2 + exp(-2 r) <= 1, and 1/2 log(1 - c + c exp(-2 r)) is a log-sum-exp.
    limits = [cp.exp(-2 * r) <= v, cp.square(rho) + v <= 1]
    if K is not None:
        labels = [cp.log_sum_exp(cp.hstack([math.log(1 - b), math.log(b) - 2 * r[i]])) / 2 for i, b in enumerate(c)]
        limits.append(sum(labels) <= K)
    if R is None:
        problem = cp.Problem(cp.Minimize(cp.sum(r)), [*limits, w @ rho >= g])
    else:
        problem = cp.Problem(cp.Maximize(w @ rho), [*limits, cp.sum(r) <= R])
    with warnings.catch_warnings():
        # Clarabel often stalls short of its tolerance; how near it came is what the test looks at.
        warnings.simplefilter("ignore")
        problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-9, tol_gap_rel=1e-9, tol_feas=1e-9)
    return problem


@pytest.mark.parametrize("seed", range(12))
def test_clarabel_agrees(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 5))
    s_X, s_Y, s_S = rng.uniform(0.5, 2, (3, n)).round(3)
    rho = rng.uniform(0.3, 0.95, n).round(3)
    v = VectorGaussian(s_X.tolist(), s_Y.tolist(), s_S.tolist(), (rho * s_S * s_X).tolist())
    w, c, R = s_X * s_Y, rho**2, rng.uniform(0.3, 3)
    h = 0.5 * np.log(2 * np.pi * np.e * s_S**2).sum()
    free, least = v.solve(R=R, unit="nats"), v.drc(unit="nats")._evaluator._environment({"R": R, "C": 0.0})["A_R"][0]
    C = least + rng.uniform(0.1, 0.9) * (free.classification - least)
    s = v.solve(R=R, C=C, unit="nats")
    assert s.status == "optimal"
    assert s.gap <= 1e-12
    B = (s_X**2 + s_Y**2).sum()
    if free.classification - least > 1e-6:
        assert s.value == pytest.approx(B - 2 * program(w, c, R=R, K=C - h).value, abs=1e-5)
    t = v.solve(minimise="R", D=s.value + 0.1, C=C, unit="nats")
    assert t.value == pytest.approx(program(w, c, g=(B - s.value - 0.1) / 2, K=C - h).value, abs=1e-5)


@pytest.mark.parametrize(
    "bounds",
    [
        {"R": 1, "C": 3.6},
        {"R": 1},
        {"R": 0},
        {},
        {"C": 3.6},
        {"R": 1, "C": 3.2},
        {"minimise": "R", "D": 4, "C": 3.5},
        {"minimise": "R", "D": 6.5, "C": 3.5},
        {"minimise": "R", "C": 2},
        {"minimise": "R", "D": 0.5},
    ],
)
def test_certificates_verify(bounds):
    s = EXAMPLE.solve(**bounds)
    assert s.certificate.verify()
    if s.status == "optimal":
        assert s.gap <= 1e-12
        if s.upper > 0:
            assert not replace(s.certificate, lower=s.lower + 1e-9).verify() or s.lower == s.upper == 1
            assert not replace(s.certificate, upper=s.upper - 1e-9).verify()


def test_a_corrupted_certificate_fails():
    s = EXAMPLE.solve(R=1, C=3.6)
    first, second = s.certificate.primal["rates"]
    step = Fraction(1, 10**9)
    for rates in ([first + step, second], [first - step, second + step], [first], []):
        assert not replace(s.certificate, primal={"kind": "normal", "rates": rates}).verify()
    dual = s.certificate.dual
    doubled = {name: 2 * price for name, price in dual["multipliers"].items()}
    assert not replace(s.certificate, dual=dual | {"multipliers": doubled}).verify()
    assert not replace(s.certificate, upper=math.nan).verify()
    infeasible = EXAMPLE.solve(R=1, C=3.2)
    assert not replace(infeasible.certificate, bounds=(("R", Fraction(4)), ("C", Fraction(16, 5)))).verify()


@pytest.mark.parametrize("R", [1100, 3000, 1e5, 1e100, 1e308])
def test_a_rate_beyond_doubles_is_as_good_as_an_infinite_one(R):
    # Deviations (1, 2) against (1, 1): the squared Wasserstein distance is 1, and h(S|X) about 3.84 bits.
    problem = VectorGaussian([1, 2], [1, 1], [1, 1], [0.5, 0.5])
    for bounds in ({}, {"C": 5}):
        s = problem.solve(R=R, **bounds)
        assert s.status == "optimal"
        assert s.value == pytest.approx(1, abs=1e-12)
        assert s.certificate.verify()
    s = problem.solve(R=R, C=3.8)
    assert s.status == "infeasible"
    assert s.certificate.verify()


@pytest.mark.parametrize(("R", "C"), [(2000, -700), (1e12, -5), (1e12, -1e6), (1e18, -1e300)])
def test_a_label_that_is_known_asks_for_any_rate(R, C):
    s = VectorGaussian([1, 2], [1, 1], [1, 1], [1, 0.5]).solve(R=R, C=C)
    assert s.status != "infeasible"
    assert s.certificate.verify()


def test_what_a_solution_says():
    s = EXAMPLE.solve(R=1, C=3.6)
    assert "h(S|Y) 3.600 of 3.6 bit (binding)" in repr(s)
    assert sum(s.rates) == pytest.approx(1)
    step = 1e-5
    slope = (EXAMPLE.solve(R=1 - step, C=3.6).value - EXAMPLE.solve(R=1 + step, C=3.6).value) / (2 * step)
    assert s.duals["R"] == pytest.approx(slope, rel=1e-6)


def test_errors():
    with pytest.raises(ProblemError, match="still free"):
        VectorGaussian().solve(R=1)
    with pytest.raises(NotAvailableError, match="C must be left out for R_c = 0"):
        VectorGaussian([1], [1], [1], [0], R_c=0).solve(R=1, C=1)
    with pytest.raises(NotAvailableError, match="minimise must be 'D' with limited"):
        VectorGaussian([1], [1], R_c=2).solve(D=1, minimise="R")
    with pytest.raises(ProblemError, match="tolerance"):
        EXAMPLE.solve(R=1, tolerance=0)
    with pytest.raises(ProblemError, match="method"):
        EXAMPLE.solve(R=1, method="guess")


@pytest.mark.parametrize("R_c", [0, 0.01, 0.5, 3, 60])
def test_limited_common_randomness(R_c):
    """The formula lies in the enclosure, which is narrow, whatever the rate."""
    rng = np.random.default_rng(int(R_c * 100))
    for n in (1, 2, 3, 5):
        v = VectorGaussian(*rng.uniform(0.1, 2, (2, n)).round(3).tolist(), R_c=R_c)
        for R in (0, 1e-6, 0.3, 2, 9, 3000, None):
            s, value = v.solve(R=R), v.drc()(R=R)
            assert s.status == "optimal"
            assert s.lower - 1e-12 <= value <= s.upper + 1e-12
            assert len(s.rates) == n
            if R == 2:
                assert s.duals["R"] == pytest.approx(-v.drc().gradient(R=R)["R"], rel=1e-9)
                assert sum(s.rates) == pytest.approx(R)
