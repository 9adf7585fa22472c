"""Derivatives of every theorem: against differences of its values, in doubles and with 50 digits, and against duals."""

import math

import in_mpmath
import mpmath
import numpy as np
import pytest
import sympy as sp
from representatives import ENTRIES

import drc
from drc.audit.instances import instances
from drc.theory import entry

IDS = [e.id for e in ENTRIES]
BIT = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1)


def drawn(tradeoff, count, seed):
    letters = {s.name for s in (*tradeoff.arguments, *tradeoff.parameters)}
    arguments = tuple(s.name for s in tradeoff.arguments)
    points = [{k: v for k, v in at.items() if k in letters} for at in instances(tradeoff.id, arguments, count, seed)]
    return {letter: np.array([point[letter] for point in points]) for letter in points[0]}


def interior(tradeoff, columns, name, step):
    """Mark the points around which an argument may move twice a step within one regime."""
    here = tradeoff.regime(**columns)
    inside = np.isfinite(tradeoff(**columns)) & ((name == "C") | (columns[name] > 2e-3))
    for moved in (-2, -1, 1, 2):
        there = columns[name] + moved * step
        inside &= tradeoff.regime(**{**columns, name: there if name == "C" else np.maximum(there, 0)}) == here
    return inside


@pytest.mark.parametrize("name", IDS)
def test_gradients_are_differences_of_values(name):
    tradeoff = entry(name).tradeoff()
    columns = drawn(tradeoff, 25 if "vector" in name or "KL" in name else 100, 3)
    found = tradeoff.gradient(**columns)
    value = tradeoff(**columns)
    for letter in (s.name for s in tradeoff.arguments):
        left, right = found.left[letter], found.right[letter]
        assert not np.isnan(left + right)[np.isfinite(left)].any()
        # A looser bound never costs more; where nothing is feasible there is nothing to differentiate.
        assert (np.isposinf(left) == np.isposinf(value)).all()
        assert (right[np.isfinite(value)] <= 1e-9).all()
        step = 3e-6 * np.maximum(np.abs(columns[letter]), 1e-2)
        inside = interior(tradeoff, columns, letter, step) & (left == right)
        at = {k: v[inside] for k, v in columns.items()}
        a, b, c, d = (tradeoff(**{**at, letter: at[letter] + k * step[inside]}) for k in (-2, -1, 1, 2))
        difference = (8 * (c - b) - (d - a)) / (12 * step[inside])
        # Where the fourth difference is not small, the step is too wide for the border nearby.
        smooth = np.abs(d - 2 * c + 2 * b - a) <= 1e-7 * np.abs(c - b) + 1e-13
        assert smooth.sum() > 0.2 * len(smooth) > 0
        np.testing.assert_allclose(right[inside][smooth], difference[smooth], rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", IDS)
def test_gradients_have_all_digits(name):
    """Differences of numbers with 60 digits, a step of 1e-18 apart."""
    tradeoff = entry(name).tradeoff()
    columns = drawn(tradeoff, 30, 11)
    step = sp.Rational(1, 10**18)
    compared = 0
    for letter in (s.name for s in tradeoff.arguments):
        inside = interior(tradeoff, columns, letter, np.full(30, 1e-6))
        for i in np.flatnonzero(inside)[:2]:
            at = {k: float(v[i]) for k, v in columns.items()}
            slopes = tradeoff.gradient(**at)
            found = slopes[letter]
            if found != slopes.left[letter]:
                continue
            beside = [{**at, letter: sp.Rational(at[letter]) + sign * step} for sign in (-1, 1)]
            with mpmath.workdps(50):
                (_, low), (_, high) = (in_mpmath.evaluate(tradeoff, point) for point in beside)
                exact = float((high - low) / (2 * mpmath.mpf(10) ** -18))
            assert found == pytest.approx(exact, rel=1e-11, abs=1e-13), (at, letter)
            compared += 1
    assert compared >= len(tradeoff.arguments)


ON_BORDERS = [
    (BIT.drc(), "R", {"C": 0.9}),
    (BIT.drc(), "C", {"R": 0.88}),
    (BIT.rdc(), "D", {"C": 0.9}),
    (drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, setting="asymptotic").rdc(), "D", {"C": 0.8}),
    (drc.Bernoulli(q_X=0.3, q_S1=0.1).drpc(reference=0.45), "P", {"R": 0.6, "C": 0.95}),
    (drc.Bernoulli(q_X=0.3, q_S1=0.1).drpc(reference=0.45, perception="KL"), "P", {"R": 0.6, "C": 0.95}),
    (drc.Gaussian(0, 1, 0.5, 1.5, 0, 0.8, 0.6).rdc(), "D", {"C": 1.5}),
    (drc.Gaussian(0, 1, mu_S=0, sigma_S=0.8, theta=0.6).rdpc(perception="W2", reference=(0.5, 1.5)), "P", {"D": 0.3}),
    (drc.VectorGaussian([1, 1], [1, 0.5], [1, 1], [0.5, 0.8]).drc(), "C", {"R": 2}),
]


@pytest.mark.parametrize(("tradeoff", "name", "held"), ON_BORDERS, ids=lambda x: getattr(x, "id", str(x)))
def test_both_sides_of_a_border(tradeoff, name, held):
    """At each change of the regime along one argument, the slopes are those of the values on either side."""
    axis = np.linspace(0.04, 6, 3000)
    regimes = tradeoff.regime(**held, **{name: axis})
    changes = np.flatnonzero(regimes[1:] != regimes[:-1])
    assert len(changes)
    for i in changes:
        low, high = float(axis[i]), float(axis[i + 1])
        while high - low > 2e-16 * high and low < (middle := (low + high) / 2) < high:
            low, high = (middle, high) if tradeoff.regime(**held, **{name: middle}) == regimes[i] else (low, middle)
        here = high
        found = tradeoff.gradient(**held, **{name: here})
        at = lambda x: tradeoff(**held, **{name: x})  # noqa: E731
        for side, slope in ((-1, found.left[name]), (1, found.right[name])):
            h = side * 1e-5
            if not math.isfinite(at(here) - at(here + h)):
                assert math.isinf(slope)
                continue
            if slope == -math.inf:
                assert (at(here + h / 1e3) - at(here)) / (h / 1e3) < 1.2 * (at(here + h) - at(here)) / h < 0
                continue
            expected = (-3 * at(here) + 4 * at(here + h) - at(here + 2 * h)) / (2 * h)
            assert slope == pytest.approx(expected, rel=2e-3, abs=1e-5), (here, side)


def test_what_is_infeasible_inactive_or_at_an_end():
    T = BIT.drc()
    assert T.gradient(R=0.4, C=0.4) == T.gradient(R=0.1, C=0.4)
    assert T.gradient(R=0.4, C=0.4).right == {"R": math.inf, "C": math.inf}
    assert T.gradient() == drc.tradeoff.Gradient({"R": 0.0, "C": 0.0}, {"R": 0.0, "C": 0.0})
    assert T.gradient(R=0).left["R"] == -math.inf
    normal = drc.Gaussian(0, 1, 0, 1, 0, 1, 0).drc()
    assert normal.gradient(R=0)["R"] == -math.inf
    assert normal.gradient(R=math.inf)["R"] == 0
    ball = drc.Gaussian(0, 1, mu_S=0, sigma_S=1, theta=0.5).drpc(perception="W2", reference=(0.5, 2))
    assert ball.gradient(P=0)["P"] == -math.inf


def test_arrays_broadcast():
    found = BIT.drc().gradient(R=np.linspace(0, 1, 4)[:, None], C=[0.55, 0.7, 0.9])
    assert found["R"].shape == found.left["C"].shape == (4, 3)
    assert found["C"][3, 1] == BIT.drc().gradient(R=1, C=0.7)["C"]
    assert len(found) == 2
    assert list(found) == ["R", "C"]


def test_derivatives_are_trade_offs():
    T = BIT.drc()
    by_R = T.diff("R")
    assert [r.name for r in by_R.cases] == [r.name for r in T.cases]
    assert by_R(R=0.3, C=0.9) == T.gradient(R=0.3, C=0.9)["R"]
    assert by_R(R=0.3, C=0.4) == math.inf
    assert r"\frac{\partial D}{\partial R}(R, C)" in by_R.latex()
    assert by_R == BIT.drc().diff("R") != T.diff("C")
    second = drc.Gaussian(0, 1, 0, 1, 0, 1, 0).drc(unit="nats").diff("R").diff("R")
    assert second(R=1) == pytest.approx(
        sp.diff(-2 * sp.sqrt(1 - sp.exp(-2 * sp.Symbol("r"))), "r", 2).subs("r", 1).evalf()
    )
    with pytest.raises(drc.ProblemError, match="must be one of R, C, got 'D'"):
        T.diff("D")


@pytest.mark.parametrize(
    ("problem", "bounds"),
    [
        (BIT, {"R": 0.3, "C": 0.9}),
        (BIT, {"R": 0.88, "C": 0.55}),
        (BIT, {"D": 0.5, "C": 0.7, "minimise": "R"}),
        (drc.VectorGaussian([1, 1], [1, 0.5], [1, 1], [0.5, 0.8]), {"R": 2, "C": 3.7}),
        (drc.Bernoulli(0.3, 0.8, 0.1, classifier_sees="Y", time_sharing=True), {"R": 0.3, "C": 0.84}),
    ],
)
def test_duals_of_the_solver_agree(problem, bounds):
    duals = problem.solve(**bounds).duals
    minimise = bounds.get("minimise", "D")
    tradeoff = problem.drc() if minimise == "D" else problem.rdc()
    found = tradeoff.gradient(**{k: v for k, v in bounds.items() if k != "minimise"})
    assert {name: duals[name] for name in found} == pytest.approx({k: -v for k, v in found.items()}, rel=1e-5, abs=1e-9)


def test_why_says_the_price():
    assert BIT.drc().why(R=0.3).endswith("\nAt the margin, one more bit of R lowers D by 0.477.")
    assert BIT.rdc(unit="nats").why(D=0.4).endswith("\nAt the margin, one more unit of D lowers R by 1.45 nat.")
    assert "margin" not in BIT.drc().why(R=1)
    kind = drc.Gaussian(0, 1, mu_S=0, sigma_S=1, theta=0.5).drpc(perception="KL", reference=(0.5, 1))
    assert kind.why(R=1, P=0.01).endswith("lowers D by 0.393 and one more bit of P by 4.63.")


def test_vectors_without_common_randomness():
    v = drc.VectorGaussian([2, 1, 0.3], [1, 1, 1], [1, 1, 1], [0, 0, 0], R_c=0).drc()
    for R in (0.1, 0.7, 2.0, 5.0):
        assert v.gradient(R=R)["R"] == pytest.approx((v(R=R + 1e-6) - v(R=R - 1e-6)) / 2e-6, rel=1e-6)
        exec(v.to_code("python"), place := {})
        assert place["D"](R) == pytest.approx(v(R=R), rel=1e-13)
