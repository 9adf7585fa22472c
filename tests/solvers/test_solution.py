"""Printed solutions: what is proved, how far it is from an answer, what the plan reaches."""

import math

import numpy as np
import pytest

from drc.problems import Finite
from drc.solvers import Solution

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
    s = solution(0.5, 0.5, plan=((1.0, (0,) * 10_000),), coupling=np.zeros((1000, 1000)), certificate=large)
    assert len(repr(s)) < 200
