import math
from dataclasses import FrozenInstanceError
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given

import drc
from drc.problems.validation import bounds_given, exact, shown
from drc.testing import bernoullis, bounds, finites, gaussians


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        (0.3, sp.Rational(3, 10)),
        (np.float64(0.1), sp.Rational(1, 10)),
        (1, sp.S.One),
        (np.int64(2), sp.Integer(2)),
        (Fraction(1, 3), sp.Rational(1, 3)),
        ("1/3", sp.Rational(1, 3)),
        ("0.25", sp.Rational(1, 4)),
        ("oo", sp.oo),
        (math.inf, sp.oo),
        (sp.Float(0.5), sp.S.Half),
        (np.array(0.5), sp.S.Half),
        (sp.sqrt(2) / 2, sp.sqrt(2) / 2),
    ],
)
def test_numbers_are_taken_for_what_they_say(given_, expected):
    assert exact("x", given_) == expected


@pytest.mark.parametrize(
    "bad", [None, True, "1/0", "a b", "__import__('os')", [0.1], {}, float("nan"), sp.nan, sp.I], ids=str
)
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(drc.ProblemError, match="^q_X must .*, got "):
        exact("q_X", bad)


def test_bernoulli_is_symbolic_by_default_and_immutable():
    b = drc.Bernoulli()
    assert str(b.q_X) == "q_X"
    with pytest.raises(FrozenInstanceError):
        b.q_X = 1
    assert hash(drc.Bernoulli(q_X=0.3)) == hash(drc.Bernoulli(q_X="3/10"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"q_X": 1.3}, r"q_X must be in \[0, 1\], got 1.3"),
        ({"q_Y": -1e-9}, r"q_Y must be in \[0, 1\], got -1e-09"),
        ({"q_S1": math.inf}, r"q_S1 must be in \[0, 1\], got oo"),
        ({"setting": "two-shot"}, "setting must be 'one-shot' or 'asymptotic', got 'two-shot'"),
        ({"classifier_sees": "U"}, "classifier_sees must be 'YU' or 'Y', got 'U'"),
        ({"classifier_sees": ""}, "classifier_sees must be 'YU' or 'Y', got ''"),
    ],
)
def test_wrong_bernoulli(parameters, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.Bernoulli(**parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"sigma_X": 0}, "sigma_X must be positive and finite, got 0"),
        ({"sigma_Y": -1}, "sigma_Y must be positive and finite, got -1"),
        ({"sigma_S": math.inf}, "sigma_S must be positive and finite, got oo"),
        ({"mu_X": math.inf}, "mu_X must be finite, got oo"),
        (
            {"sigma_X": 1, "sigma_S": 1, "theta": 1.4},
            r"theta must satisfy \|theta\| <= sigma_S \* sigma_X = 1, got 1.4",
        ),
        ({"R_c": -1}, "R_c must be at least 0, got -1"),
        (
            {"setting": "one-shot"},
            r"a Gaussian must have setting='asymptotic' and.*ilable yet\), got 'one-shot' and 'Y'",
        ),
    ],
)
def test_wrong_gaussian(parameters, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.Gaussian(**parameters)


def test_a_covariance_that_is_the_rounded_bound_is_the_bound():
    g = drc.Gaussian(sigma_S=1.1, sigma_X=1.3, theta=1.1 * 1.3)
    assert g.theta == sp.Rational(143, 100)


def test_defaults_of_what_the_classifier_sees():
    assert drc.Bernoulli().classifier_sees == "YU"
    assert drc.Bernoulli(setting="asymptotic").classifier_sees == "Y"
    assert drc.Gaussian().classifier_sees == "Y"


def test_solving_needs_numbers():
    with pytest.raises(drc.ProblemError, match="q_Y must be a number, got q_Y: q_Y still free"):
        drc.Bernoulli(q_X=0.1, q_S1=0.1).solve(R=1)
    with pytest.raises(drc.ProblemError, match="still free"):
        drc.Gaussian().solve(R=1)


def test_bounds_left_out_are_inactive():
    assert bounds_given({"R": None, "C": -1, "D": "1/2"}) == {"R": math.inf, "C": -1.0, "D": 0.5}
    with pytest.raises(drc.ProblemError, match="R must be at least 0, got -1"):
        bounds_given({"R": -1})


def test_gaussian_parameters_are_judged_together_at_evaluation():
    T = drc.Gaussian(mu_X=0, mu_Y=0, sigma_Y=1).drc()
    with pytest.raises(drc.ProblemError, match=r"theta must satisfy \|theta\| <= sigma_S \* sigma_X = 1, got 3"):
        T(R=1, sigma_X=1, sigma_S=[1, 2, 4], theta=3)
    with pytest.raises(drc.ProblemError, match="sigma_X must be positive and finite, got 0"):
        T(R=1, sigma_X=[1, 0], sigma_S=1, theta=0)


def test_shown_is_what_a_user_would_write():
    assert [shown(exact("x", v)) for v in (0.1, 3, "1/3", "a")] == ["0.1", "3", "0.333333333333", "a"]


@given(bernoullis(), gaussians(), finites(), bounds("R", "C"))
def test_the_public_strategies_make_valid_problems(bernoulli, gaussian, finite, at):
    assert not {s for v in bernoulli.parameters.values() for s in v.free_symbols}
    assert abs(gaussian.theta) <= gaussian.sigma_S * gaussian.sigma_X
    assert finite is not None
    assert at.keys() == {"R", "C"}
