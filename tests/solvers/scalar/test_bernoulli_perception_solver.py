"""Bits with perception in one shot: enclosures and certificates; and the interval of laws within a bound."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import drc
from drc.information import binary_entropy
from drc.problems.bernoulli import PerceivedBernoulli
from drc.solvers.arithmetic.balls import exact_or_ball, precision
from drc.solvers.scalar.laws import laws_within

B = drc.Bernoulli(q_X=0.3, q_S1=0.1)
probabilities = st.sampled_from([0.0, 0.5, 1.0]) | st.floats(0.01, 0.99).map(lambda x: round(x, 6))
bounds = st.sampled_from([0.0, 1e-30, 1e-12]) | st.floats(0, 1.2)


def by_scipy(q, e, ref, R, C, P):
    """The same linear program in doubles, written out by hand; total variation."""
    mix, noise = binary_entropy(q * (1 - e) + (1 - q) * e), binary_entropy(e)
    rate, label = np.array([0, 0, 1, 1]) * binary_entropy(q), np.array([mix, mix, noise, noise])
    ones = np.array([0, 1, q, 1 - q])
    found = linprog(
        [q, 1 - q, 0, 1],
        A_ub=[rate, label, ones, -ones],
        b_ub=[R, C, min(1, ref + P), -max(0, ref - P)],
        A_eq=[[1, 1, 1, 1]],
        b_eq=[1],
    )
    return found.fun if found.status == 0 else math.inf


@settings(max_examples=40)
@given(q=probabilities, e=probabilities, ref=probabilities, R=st.floats(0, 1), C=st.floats(0, 1), P=st.floats(0, 1))
def test_agrees_with_a_plain_linear_program(q, e, ref, R, C, P):
    solved = drc.Bernoulli(q_X=q, q_S1=e).solve(R=R, C=C + 1e-6, P=P, perception="TV", reference=ref)
    assert solved.value == pytest.approx(by_scipy(q, e, ref, R, C + 1e-6, P), abs=1e-7)
    assert solved.gap <= 1e-12


@pytest.mark.parametrize("perception", ["TV", "W2", "KL"])
def test_certificates(perception):
    for options in ({"R": 0.2, "P": 0.1, "C": 0.95}, {"D": 0.3, "P": 0.01, "minimise": "R"}, {"R": 1, "P": 0}):
        s = B.solve(**options, perception=perception, reference=0.5)
        assert s.status == "optimal"
        assert s.certificate.verify()
        assert not replace(s.certificate, lower=s.lower + 1e-8).verify()
        assert not replace(s.certificate, upper=s.upper - 1e-8).verify()
        other = PerceivedBernoulli(q_X=0.3, q_S1=0.1, perception=perception, q_ref=0.45)
        assert not replace(s.certificate, problem=other.finite()).verify()
    infeasible = B.solve(R=0.1, P=0.1, C=0.5, perception=perception)
    assert infeasible.status == "infeasible"
    assert infeasible.certificate.verify()
    assert "P = 0.1" in repr(infeasible)


@settings(max_examples=60)
@given(ref=probabilities, P=bounds, unit=st.sampled_from(["bits", "nats"]))
def test_a_divergence_ball_lies_between_two_intervals(ref, P, unit):
    problem = PerceivedBernoulli(perception="KL", q_ref=ref)
    room = Fraction(P)
    with precision():
        inner, outer = laws_within(problem, room, unit)
    # Near a reference of one half, Pinsker's inequality is an equality but for twice the digits of a small bound.
    with precision(4000):
        nats = arb(exact_or_ball(room)) * (arb(2).log() if unit == "bits" else 1)
        q = exact_or_ball(Fraction(repr(ref)))
        assert outer[0] <= inner[0] <= q <= inner[1] <= outer[1]
        for y, within in ((inner[0], True), (inner[1], True), (outer[0], False), (outer[1], False)):
            if y in (0, 1, q):
                continue
            divergence = y * (y / arb(q)).log() + (1 - y) * ((1 - y) / (1 - arb(q))).log()
            assert divergence <= nats if within else divergence >= nats
        assert float(outer[1] - outer[0] - inner[1] + inner[0]) < 1e-15


def test_a_reference_that_is_irrational():
    third = sp.sqrt(2) / 2
    for perception in ("TV", "KL"):
        s = B.solve(R=0.3, P=0.05, perception=perception, reference=third)
        near = B.solve(R=0.3, P=0.05, perception=perception, reference=0.70710678)
        assert s.status == "optimal"
        assert s.value == pytest.approx(near.value, abs=1e-8)
        assert s.certificate.verify()


def test_what_the_plan_reaches_is_told():
    s = B.solve(R=0.2, P=0.1, perception="KL", reference=0.5)
    assert "KL 0.100 of 0.1 bit (binding)" in repr(s)
    assert s.coupling.sum() == pytest.approx(1)
    assert sum(w for w, _ in s.plan) == pytest.approx(1)
    assert B.solve(R=0.2, P=0.1, perception="W2", reference=0.5).perception == pytest.approx(0.1, abs=1e-12)
    free = {measure: B.solve(R=0.2, perception=measure, reference=0.5) for measure in ("TV", "W2", "KL")}
    ones = free["TV"].coupling[:, 1].sum()
    assert free["TV"].perception == pytest.approx(abs(ones - 0.5))
    assert free["W2"].perception == pytest.approx(abs(ones - 0.5))
    assert free["KL"].perception == pytest.approx(1 - binary_entropy(ones))


def test_a_bound_left_out_is_inactive():
    for perception in ("TV", "KL"):
        for P in (None, math.inf):
            assert B.solve(R=0.2, P=P, perception=perception).value == pytest.approx(
                0.3 * (1 - 0.2 / binary_entropy(0.3))
            )
    assert B.solve(reference=0.5, P=0.1).value == pytest.approx(0.1, abs=1e-12)


def test_errors():
    with pytest.raises(drc.ProblemError, match="P must be at least 0, got -1"):
        B.solve(R=1, P=-1, perception="TV")
    with pytest.raises(drc.ProblemError, match="q_S1 must be a number, got q_S1"):
        drc.Bernoulli(q_X=0.3).solve(R=1, P=0.1, perception="TV")
    with pytest.raises(drc.ProblemError, match="tolerance must be positive, got 0"):
        B.solve(R=1, perception="TV", tolerance=0)
    with pytest.raises(drc.ProblemError, match="method must be .*, got 'simplex'"):
        B.solve(R=1, perception="TV", method="simplex")
    with pytest.raises(drc.ProblemError, match="must be left out: it is minimised"):
        B.solve(D=0.1, perception="TV")
