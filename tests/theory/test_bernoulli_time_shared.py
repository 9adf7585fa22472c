"""Time sharing, the classifier sees Y: against a plain linear program on a grid, and against one code alone."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import drc
from drc.information import I_b, binary_entropy
from drc.proof import Verdict
from drc.solvers.scalar.time_shared import solve_time_shared
from drc.theory import entry
from drc.theory.bernoulli.time_shared.mixtures import comparison

SETTINGS = ("one-shot", "asymptotic")
inner = st.floats(0.05, 0.95)
OPPOSITE = {"q_X": 0.3, "q_Y": 0.8, "q_S1": 0.1}


def problem(setting, q=0.3, r=0.8, e=0.1, *, shared=True):
    return drc.Bernoulli(q, r, e, setting=setting, classifier_sees="Y", time_sharing=shared)


def on_a_grid(setting, q, r, e, R, C, points=401):
    """The least mean distortion over laws on a grid of covariances: a linear program, by HiGHS."""
    low, high = max(-q * r, -(1 - q) * (1 - r)), min(q * (1 - r), r * (1 - q))
    gamma = np.concatenate([np.linspace(low, 0, points), np.linspace(0, high, points)[1:]])
    s = q * (1 - e) + (1 - q) * e
    rate = np.abs(gamma) * binary_entropy(q) / (q * (1 - q)) if setting == "one-shot" else I_b.numeric(gamma, q, r)
    label = binary_entropy(s) - I_b.numeric((1 - 2 * e) * gamma, s, r)
    D = q + r - 2 * q * r - 2 * gamma
    law = {"A_eq": np.ones((1, len(D))), "b_eq": [1]}
    found = linprog(D, A_ub=[rate, label], b_ub=[R, C], **law, method="highs")
    return found.fun if found.status == 0 else math.inf


@pytest.mark.parametrize("setting", SETTINGS)
@settings(max_examples=15)
@given(q=inner, r=inner, e=st.floats(0, 0.4), R=st.floats(0.02, 1), share=st.floats(0.02, 0.98))
def test_the_solver_agrees_with_a_grid(setting, q, r, e, R, share):
    C = float(binary_entropy(q * (1 - e) + (1 - q) * e)) - share * 4 * min(q, 1 - q) * min(r, 1 - r) * (1 - 2 * e) ** 2
    s = problem(setting, q, r, e).solve(R=R, C=C)
    assert s.status in ("optimal", "infeasible")
    assert s.gap <= 1e-9
    assert s.certificate.verify()
    # A mix on the grid is a mix; with a little more of both bounds it is nearly as good.
    assert s.lower <= on_a_grid(setting, q, r, e, R - 1e-9, C - 1e-9) + 1e-9
    assert s.upper >= on_a_grid(setting, q, r, e, R + 1e-4, C + 1e-4) - 1e-9


# Recomputed with a grid of 801 covariances; without time sharing these are 0.8563... and infeasible.
@pytest.mark.parametrize(
    ("setting", "R", "C", "D"),
    [
        ("one-shot", 0.6, 0.75, 0.742065665735),
        ("one-shot", 0.3, 0.8, 0.742622301505),
        ("one-shot", 0.1, 0.9, 0.586775967162),
        ("asymptotic", 0.3, 0.75, 0.780671741055),
        ("asymptotic", 0.6, 0.75, 0.742065665735),
    ],
)
def test_where_time_sharing_gains(setting, R, C, D):
    s = problem(setting).solve(R=R, C=C)
    assert s.value == pytest.approx(D, abs=1e-11)
    assert on_a_grid(setting, 0.3, 0.8, 0.1, R, C, points=1601) == pytest.approx(D, abs=1e-6)
    assert problem(setting, shared=False).drc()(R=R, C=C) > D + 0.05
    if setting == "one-shot":
        assert problem(setting).drc()(R=R, C=C) == pytest.approx(D, abs=1e-11)


@given(q=inner, r=inner, e=st.floats(0, 0.4), seed=st.integers(0, 10**6))
def test_it_gains_in_the_regimes_that_say_so_and_nowhere_else(q, r, e, seed):
    rng = np.random.default_rng(seed)
    at = {"q_X": q, "q_Y": r, "q_S1": e, "R": rng.uniform(0, 1, 200), "C": rng.uniform(0, 1, 200)}
    alone, shared = (entry(f"bernoulli.one-shot.Y{name}.drc").tradeoff() for name in ("", ".time-shared"))
    D, E, regime = alone(**at), shared(**at), shared.regime(**at)
    gains = np.char.find(regime, "time-shared") >= 0
    with np.errstate(invalid="ignore"):
        assert (E <= D + 1e-12).all()
        assert (E[gains] < D[gains]).all()
        assert np.array_equal(E[~gains], D[~gains]) or np.abs((E - D)[~gains & np.isfinite(D)]).max() < 1e-12
        assert np.array_equal(np.isinf(E), regime == "infeasible")


def test_where_one_code_meets_C_the_asymptotic_function_is_the_same():
    alone = problem("asymptotic", shared=False)
    D = alone.drc()
    for R, C in itertools.product((0.05, 0.2, 0.5), (0.88, 0.9, 0.95)):
        if "limited" in D.regime(R=R, C=C) and "anti" not in D.regime(R=R, C=C):
            s = problem("asymptotic").solve(R=R, C=C)
            assert s.lower - 1e-12 <= D(R=R, C=C) <= s.upper + 1e-12


def test_where_one_code_is_optimal_the_least_rate_is_proved_too():
    """One channel is the whole answer there, so that its multipliers are not unique."""
    for q, r, e, D, C in ((0.68, 0.71, 0.06, 0.05, 0.9), (0.58, 0.46, 0.24, 0.17, 0.95), (0.5, 0.5, 0.15, 0, 0.712)):
        R = problem("asymptotic", q, r, e, shared=False).rdc()(D=D, C=C)
        s = problem("asymptotic", q, r, e).solve(D=D, C=C, minimise="R")
        assert s.status == "optimal"
        assert s.lower - 1e-12 <= R <= s.upper + 1e-12


def test_the_asymptotic_function_is_convex_and_no_more_than_that_of_one_shot():
    rng = np.random.default_rng(5)
    D = problem("one-shot").drc()

    def solve(R, C):
        return problem("asymptotic").solve(R=R, C=C)

    for _ in range(10):
        (R, C), (R2, C2) = rng.uniform((0.05, 0.7), (0.7, 0.95), (2, 2))
        a, b, middle = solve(R, C), solve(R2, C2), solve((R + R2) / 2, (C + C2) / 2)
        assert middle.lower <= (a.upper + b.upper) / 2 + 1e-12
        assert a.lower <= D(R=R, C=C) + 1e-12


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("q", "r", "e"), [(0, 0.2, 0.3), (0.5, 0.5, 0), (0.3, 1, 0.3), (0.3, 0.2, 0.5), (0.3, 0.5, 1)])
def test_corners(setting, q, r, e):
    shared, alone = problem(setting, q, r, e), problem(setting, q, r, e, shared=False).drc()
    exact = shared.drc() if setting == "one-shot" else None
    for R, C in ((0, 1), (0.3, 0.8), (1, 0.2), (0, 0.5), (math.inf, 0.9)):
        s = shared.solve(R=R, C=C)
        assert s.status in ("optimal", "infeasible")
        assert s.lower <= alone(R=R, C=C) + 1e-9
        if exact is not None:
            assert exact(R=R, C=C) == pytest.approx(s.value, abs=1e-9)


def test_a_solution_reaches_what_it_says():
    for minimise, bounds in (("D", {"R": 0.3}), ("R", {"D": 0.75})):
        s = problem("asymptotic").solve(minimise=minimise, C=0.75, **bounds)
        assert sum(w for w, _ in s.mixture) == pytest.approx(1)
        assert sum(w * coupling for w, coupling in s.mixture) == pytest.approx(s.coupling)
        assert all(coupling.sum(axis=0) == pytest.approx([0.2, 0.8]) for _, coupling in s.mixture)
        assert s.coupling[0, 1] + s.coupling[1, 0] == pytest.approx(s.distortion)
        assert s.classification <= 0.75 + 1e-12
        assert {"D": s.distortion, "R": s.rate}[minimise] == pytest.approx(s.value)
        assert "H(S|Y,Q)" in repr(s)


def test_certificates_cannot_be_sharpened():
    s = problem("asymptotic").solve(R=0.3, C=0.75)
    c = s.certificate
    assert c.verify()
    for wrong in (
        {"lower": s.upper + 1e-9},
        {"upper": s.lower - 1e-9},
        {"lower": math.nan},
        {"primal": c.primal | {"parts": c.primal["parts"][:1]}},
        {"dual": c.dual | {"multipliers": {n: -v for n, v in c.dual["multipliers"].items()}}},
        {"lower": math.inf},
    ):
        assert not replace(c, **wrong).verify()
    none = problem("asymptotic").solve(R=0.1, C=0.8)
    assert none.status == "infeasible"
    assert none.certificate.verify()
    assert not replace(none.certificate, bounds=(("R", 1), ("C", 1))).verify()


def test_any_label_and_any_distortion_and_no_time():
    p_SX = [[0.2, 0.1], [0.1, 0.3], [0.25, 0.05]]
    f = drc.Finite(p_SX, distortion=[[0, 1], [3, 0]], p_Y=[0.5, 0.5], classifier_sees="Y", setting="asymptotic")
    s = solve_time_shared(f, R=0.5, C=1.55)
    assert s.status == "optimal"
    assert s.certificate.verify()
    assert s.upper <= drc.solvers.solve_bernoulli_y(f, R=0.5, C=1.55).upper + 1e-12
    late = solve_time_shared(f, R=0.5, C=1.45, time_limit=1e-9)
    assert late.lower <= late.upper


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_comparison_is_proved_but_for_a_few_claims(setting):
    report = comparison(setting).check(seed=3)
    assert report.verdict in (Verdict.PROVED, Verdict.SAMPLED)
    assert report.counts[Verdict.SAMPLED] <= {"one-shot": 0, "asymptotic": 1}[setting]


def test_every_reason_can_be_given():
    D, R = problem("one-shot").drc(), problem("one-shot").rdc()
    same_side = problem("one-shot", 0.3, 0.4)
    assert "gains nothing" in D.why(R=0.6, C=0.9)
    assert "gains nothing" in D.why(R=0.1, C=1)
    assert "and 0.18 in" not in D.why(R=0.6, C=0.75)
    assert "binds: covariance 0.06 in a share" in D.why(R=0.6, C=0.75)
    assert "both bind" in D.why(R=0.3, C=0.8)
    assert "independence in the others meets" in same_side.drc().why(R=0.3, C=0.84)
    assert "at any rate" in D.why(R=1, C=0.1)
    assert "more than any mix" in D.why(R=0.1, C=0.75)
    assert "neither D nor C binds" in R.why(D=1, C=1)
    assert "gains nothing" in R.why(D=0.55, C=1)
    assert "both bind" in R.why(D=0.6, C=0.85)
    assert "independence in the others." in R.why(D=1, C=0.85)
    assert "no rate undercuts" in R.why(D=0.05, C=1)
    assert "the target law allows" in R.why(D=1, C=0.1)
    assert "costs more distortion" in R.why(D=0.55, C=0.7)
    assert "independence in the others meets" in same_side.rdc().why(D=0.34, C=0.84)
    assert "requires" in same_side.rdc().why(D=0.6, C=0.84)


def test_what_there_is_no_time_sharing_for():
    with pytest.raises(drc.ProblemError, match="part of U"):
        drc.Bernoulli(0.3, 0.4, 0.1, time_sharing=True)
    with pytest.raises(drc.ProblemError, match="time_sharing must be True or False"):
        drc.Bernoulli(0.3, 0.4, 0.1, classifier_sees="Y", time_sharing="yes")
    with pytest.raises(drc.NotAvailableError, match="no closed form"):
        problem("asymptotic").drc()
    with pytest.raises(drc.ProblemError, match="must have two source letters"):
        solve_time_shared(drc.Finite(np.full((2, 3), 1 / 6), p_Y=[0.5, 0.5, 0], classifier_sees="Y"), R=1)
    with pytest.raises(drc.ProblemError, match="method"):
        problem("one-shot").solve(R=1, method="guess")
