"""A slice of `benchmarks/stress.py`: random ill-conditioned problems, each answer judged by the independent checker."""

import math
import warnings

import pytest
from attacks import problems
from hypothesis import given, settings
from ill_conditioned import trial

from drc.checker import check_certificate
from drc.errors import NotAvailableError
from drc.problems import Finite
from drc.testing import finites


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_hard_problems_are_answered_and_every_answer_is_proved(first):
    faults = [(i, fault) for i in range(first, first + 20) if (fault := problems.attack(0, i, time_limit=0.1))]
    assert faults == []


@settings(deadline=None, max_examples=20, derandomize=True)
@given(finites(hard=True))
def test_problems_of_the_strategies_are_answered(problem):
    try:
        s = problem.solve(time_limit=0.2)
    except NotAvailableError:
        return
    assert 0 <= s.lower <= s.value <= s.upper
    assert check_certificate(s.certificate.to_dict())


def test_a_letter_without_a_letter_to_go_to_is_infeasible():
    for setting in ("one-shot", "asymptotic"):
        f = Finite([[0.5, 0.5]], [[0, 1], [math.inf, math.inf]], setting=setting)
        s = f.solve(R=1)
        assert (s.status, s.value) == ("infeasible", math.inf)
        assert check_certificate(s.certificate.to_dict())


@pytest.mark.parametrize(
    ("costs", "fields", "bounds"),
    [
        ([[math.inf, math.inf]] * 2, {"p_Y": [0.75, 0.25]}, {"R": 0.2, "C": 0}),
        # The letters that may be used have no mass in the reference.
        ([[0.5, math.inf], [0.5, math.inf]], {"perception": "KL", "reference": [0, 1]}, {"C": 1, "P": 0.2}),
    ],
)
@pytest.mark.parametrize(("setting", "sees"), [("one-shot", "YU"), ("one-shot", "Y"), ("asymptotic", "Y")])
def test_where_nobody_may_go_anywhere_nothing_is_feasible(costs, fields, bounds, setting, sees):
    s = Finite([[0.1, 0.9]], costs, setting=setting, classifier_sees=sees, **fields).solve(**bounds)
    assert s.status == "infeasible"
    assert check_certificate(s.certificate.to_dict())


def test_trials_can_be_drawn_again():
    assert trial(3, 14) == trial(3, 14)
    assert trial(3, 14).problem != trial(3, 15).problem


def test_warnings_are_not_hidden():
    # The attack runs under the filters of the tests: a warning of numpy is a fault.
    class Careless:
        id = "finite.one-shot.YU"

        def solve(self, **_):
            warnings.warn("invalid value", RuntimeWarning, stacklevel=1)

    drawn = trial(0, 1)
    object.__setattr__(drawn, "problem", Careless())
    assert problems.fault_of(drawn, 1.0) == "RuntimeWarning: invalid value"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [((math.nan, 0, 1), "value is nan"), ((0.5, 0.6, 1), "does not hold"), ((2.0, 1, 0.5), "does not hold")],
)
def test_faults_are_found(numbers, said):
    answer = Finite([[0.5, 0.5]]).solve(R=1)

    class Wrong:
        id = "finite.one-shot.YU"

        def solve(self, **_):
            for name, number in zip(("value", "lower", "upper"), numbers, strict=True):
                object.__setattr__(answer, name, number)
            return answer

    drawn = trial(0, 1)
    object.__setattr__(drawn, "problem", Wrong())
    assert said in problems.fault_of(drawn, 1.0)
