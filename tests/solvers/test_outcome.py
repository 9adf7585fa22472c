"""Printed solutions: what is proved, how far it is from an answer, what the plan reaches."""

import math

import numpy as np
import pytest

from drc.errors import ContradictionError, ProblemError
from drc.problems import Finite
from drc.solvers import Solution
from drc.solvers.outcome import STATUSES, is_closed, status_of

EXAMPLE = {"minimise": "D", "unit": "bits", "bounds": {"R": 0.5}, "method": "branch and bound"}


def solution(lower, upper, status="bounded", **more):
    return Solution(value=lower, lower=lower, upper=upper, status=status, **{**EXAMPLE, **more})


@pytest.mark.parametrize("status", ["bounded", "time limit", "interrupted"])
def test_a_gap_is_said_in_percent(status):
    s = solution(0.19, 0.2, status)
    assert s.relative_gap == pytest.approx(0.05)
    assert repr(s).splitlines() == [f"{status}  D in [0.19000000, 0.20000000] (gap 5.0%)", "method branch and bound"]


def test_gaps_of_all_sizes():
    assert solution(0.2, 0.2).relative_gap == 0
    assert solution(0, math.inf, "time limit").relative_gap == 1
    assert "[0, inf] (no plan found)" in repr(solution(0, math.inf, "time limit"))
    assert "(gap 2.0e-05)" in repr(solution(0.99998, 1))
    assert "gap" not in repr(solution(0.2, 0.2 + 1e-12, "optimal"))


@pytest.mark.parametrize("size", [1e-12, 1e-5, 0.3, 7e9, 1e300])
def test_small_and_large_enclosures_are_rounded_outwards(size):
    lower, upper = size / 3, size / 3 * (1 + 1e-5)
    inner = repr(solution(lower, upper)).partition("[")[2].partition("]")[0]
    low, high = map(float, inner.split(","))
    assert low <= lower < upper <= high
    assert high - low <= 1e-5 * size


def test_a_slope_is_part_of_the_objective():
    s = solution(0.5, 0.5, "optimal", slope=0.25, bounds={}, rate=0.4, distortion=0.4)
    assert "D + 0.25 R in [0.5" in repr(s)
    assert "distortion 0.400  rate 0.400 bit" in repr(s)


def test_perception_is_said():
    s = solution(0.5, 0.5, "optimal", measure="TV", perception=0.1, bounds={"P": 0.1})
    assert "TV 0.100 of 0.1 (binding)" in repr(s)
    assert repr(s).endswith("method branch and bound")
    infeasible = solution(math.inf, math.inf, "infeasible", measure="KL", bounds={"P": 0.1, "R": 0})
    assert "no plan meets P = 0.1 bit, R = 0 bit" in repr(infeasible)


def test_large_plans_are_not_printed():
    large = Finite(np.full((1, 12), 1 / 12), p_Y=[0.5, 0.25, 0.25], distortion=np.ones((12, 3)))
    s = solution(0.5, 0.5, plan=((1.0, (0,) * 10_000),), coupling=np.full((1000, 1000), 1e-6), certificate=large)
    assert len(repr(s)) < 200


NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"value": NAN}, "does not hold"),
        ({"lower": NAN}, "does not hold"),
        ({"upper": NAN}, "does not hold"),
        ({"lower": 0.6, "upper": 0.4}, "does not hold"),
        ({"value": 0.7}, "0.5 <= 0.7 <= 0.6 does not hold"),
        ({"value": -1.0, "lower": -1.0}, "not seen to be >= 0"),
        ({"status": "optimal"}, "optimal with the bounds [0.5, 0.6]"),
        ({"status": "optimal", "upper": INF}, "optimal with the bounds [0.5, inf]"),
        ({"status": "infeasible"}, "infeasible with D >= 0.5"),
        ({"value": INF, "lower": INF, "upper": INF}, "bounded with D >= inf"),
        ({"upper": INF}, "bounded with D <= inf"),
        ({"status": "undecided"}, "undecided with D <= 0.6"),
        ({"status": "solved"}, "its status is 'solved'"),
        ({"rate": 0.51}, "reaches R = 0.51, bounded by 0.5"),
        ({"plan": ((0.5, (0, 1)), (0.4, (0, 0)))}, "the plan has masses from 0.4 on, of the sum 0.9"),
        ({"coupling": np.array([[1.5, -0.5]])}, "the coupling has masses from -0.5 on"),
        ({"coupling": np.array([0.5, 0.5])}, "the coupling has shape (2,)"),
        ({"mixture": ((0.9, np.ones((1, 1))),)}, "the mixture has masses"),
    ],
)
def test_an_answer_that_contradicts_itself_is_refused(numbers, said):
    claims = {"value": 0.55, "lower": 0.5, "upper": 0.6, "status": "bounded", **EXAMPLE}
    assert Solution(**claims).gap == pytest.approx(0.1)
    with pytest.raises(ContradictionError) as caught:
        Solution(**claims | numbers)
    assert said in str(caught.value)
    # A fault of ours is never taken for one of the user.
    assert not isinstance(caught.value, ProblemError | ValueError)


def test_an_optimal_answer_has_digits_in_every_unit():
    for unit in (1e-12, 1.0, 1e12):
        claims = {**EXAMPLE, "value": 0.2 * unit, "lower": 0.2 * unit, "bounds": {}, "scale": unit}
        assert Solution(**claims, upper=(0.2 + 1e-10) * unit, status="optimal").gap > 0
        assert Solution(**claims, upper=(0.2 + 1e-3) * unit, status="optimal", tolerance=0.01).gap > 0
        with pytest.raises(ContradictionError):
            Solution(**claims, upper=(0.2 + 1e-8) * unit, status="optimal")


@pytest.mark.parametrize("lower", [0.0, 1e-12, 0.3, 5.0, 1e9])
@pytest.mark.parametrize("tolerance", [1e-12, 1e-9, 1e-6, 1e-2, 1e3])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_closed_is_within_the_tolerance_of_the_scale(lower, tolerance, scale):
    for gap in 10.0 ** np.arange(-30, 30):
        upper = lower + gap
        most = tolerance * scale + (4 * math.ulp(upper) if upper > lower else 0)
        assert is_closed(lower, upper, tolerance, scale) == (upper - lower <= most)
        # Closed does not depend on the unit.
        assert is_closed(lower, upper, tolerance, scale) == is_closed(8 * lower, 8 * upper, tolerance, 8 * scale)


def test_one_ladder_of_statuses():
    assert status_of(INF, INF, 1e-9, stopped="interrupted") == "infeasible"
    assert status_of(0.5, 0.5, 1e-9, stopped="interrupted") == "optimal"
    assert status_of(0.5, 0.6, 1e-9, stopped="interrupted") == "interrupted"
    assert status_of(0.5, INF, 1e-9) == "undecided"
    assert status_of(0.5, 0.6, 1e9) == "optimal"
    assert {"optimal", "bounded", "undecided", "infeasible", "time limit", "interrupted"} == set(STATUSES)


def test_what_was_rounded_is_said():
    s = solution(0.5, 0.5, "optimal", rounded=("C rounded up by 2.2e-16 to H(S|X)",))
    assert repr(s).splitlines()[1] == "C rounded up by 2.2e-16 to H(S|X)"
