"""Branch and bound over the channel: right, certified, and honest on borders."""

import math
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.information import conditional_entropy, entropy, mutual_information
from drc.solvers import solve_bernoulli_y

SETTINGS = ("one-shot", "asymptotic")


def problem(setting="one-shot", q=0.3, r=0.8, e=0.1):
    return drc.Bernoulli(q, r, e, setting=setting, classifier_sees="Y")


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("minimise", ["D", "R"])
def test_a_solution_reaches_what_it_says(setting, minimise):
    bounds = {"C": 0.7, "R" if minimise == "D" else "D": 0.95}
    s = problem(setting).solve(minimise=minimise, **bounds)
    assert s.status == "optimal"
    assert s.gap <= 1e-11
    assert s.coupling.sum(axis=0) == pytest.approx([0.2, 0.8])
    assert s.coupling[0, 1] + s.coupling[1, 0] == pytest.approx(s.distortion)
    noise = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert conditional_entropy(noise @ s.coupling) == pytest.approx(s.classification)
    assert s.classification <= 0.7 + 1e-12
    if setting == "one-shot":
        assert sum(w for w, _ in s.plan) == pytest.approx(1)
        law = np.zeros((2, 2))
        for w, f in s.plan:
            law[[0, 1], list(f)] += w * np.array([0.7, 0.3])
        assert law == pytest.approx(s.coupling)
        assert sum(w for w, f in s.plan if f[0] != f[1]) * entropy([0.7, 0.3]) == pytest.approx(s.rate)
    else:
        assert s.plan is None
        assert mutual_information(s.coupling) == pytest.approx(s.rate)
    assert "H(S|Y)" in repr(s)


@given(st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.floats(0, 0.4), st.floats(0, 1), st.sampled_from(SETTINGS))
def test_certificates_hold_and_cannot_be_sharpened(q, r, e, C, setting):
    s = problem(setting, q, r, e).solve(R=0.5, C=C)
    assert s.status in ("optimal", "infeasible")
    assert s.certificate.verify()
    if s.status == "optimal":
        assert not replace(s.certificate, lower=s.upper + 1e-9).verify()
        assert not replace(s.certificate, upper=s.lower - 1e-9).verify()
        assert not replace(s.certificate, primal=None).verify()
        assert not replace(s.certificate, lower=math.nan).verify()
    else:
        assert not replace(s.certificate, bounds=()).verify()


@pytest.mark.parametrize("setting", SETTINGS)
def test_borders_are_decided(setting):
    fair = problem(setting, 0.5, 0.5, 0)
    assert fair.solve(R=0).value == 0.5
    assert fair.solve(R=0, C=1).value == 0.5
    assert fair.solve(R=1, C=0).value == 0.0
    assert fair.solve(D=0.5, C=1, minimise="R").value == 0.0
    assert fair.solve(D=1, C=0, minimise="R").value == 1.0
    assert problem(setting, 0.3, 0.3, 0.5).solve(C=1).value == 0.0
    assert problem(setting, 0.3, 0.3, 0.5).solve(C=0.999).status == "infeasible"
    assert problem(setting, 0, 0.3, 0.2).solve(R=0).value == pytest.approx(0.3)
    assert problem(setting, 0.3, 1, 0.2).solve(R=0, C=0.99).value == pytest.approx(0.7)


def test_irrational_parameters_and_nats():
    s = problem("asymptotic", sp.sqrt(2) / 4, sp.Rational(1, 3), 0).solve(R=0.1, unit="nats")
    T = problem("asymptotic", sp.sqrt(2) / 4, sp.Rational(1, 3), 0).drc(unit="nats")
    assert s.lower - 1e-12 <= T(R=0.1) <= s.upper + 1e-12
    assert s.unit == "nats"


def test_any_label_and_any_distortion():
    """The road takes what has one free parameter, not only the Bernoulli problem."""
    f = drc.Finite(
        [[0.2, 0.1], [0.1, 0.3], [0.25, 0.05]], distortion=[[0, 1], [3, 0]], p_Y=[0.5, 0.5], classifier_sees="Y"
    )
    s = solve_bernoulli_y(f, R=0.5, C=1.55)
    assert s.status == "optimal"
    assert s.certificate.verify()


def test_what_it_does_not_take():
    with pytest.raises(drc.ProblemError, match="must have two source letters"):
        solve_bernoulli_y(drc.Finite(np.full((2, 3), 1 / 6), p_Y=[0.5, 0.5, 0], classifier_sees="Y"), R=1)
    with pytest.raises(drc.ProblemError, match="tolerance must be positive, got 0"):
        problem().solve(R=1, tolerance=0)
    with pytest.raises(drc.ProblemError, match="method"):
        problem().solve(R=1, method="guess")


def test_out_of_time():
    s = problem().solve(R=0.5, C=0.8, time_limit=1e-9)
    assert s.status in ("time limit", "undecided", "bounded")
    assert s.lower <= s.upper
