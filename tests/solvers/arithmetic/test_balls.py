"""Exact numbers and balls: what is rounded is rounded outwards."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.problems import Finite
from drc.solvers.arithmetic.balls import exact_or_ball, float_above, float_below, logarithm, precision, smallest
from drc.solvers.arithmetic.simplex import simplex
from drc.solvers.finite.one_shot_yu.maps import Maps
from drc.solvers.finite.one_shot_yu.program import Program, least_reduced_cost, reduced_costs


@settings(deadline=None)
@given(st.fractions())
def test_floats_enclose(x):
    low, high = float_below(exact_or_ball(x)), float_above(exact_or_ball(x))
    assert Fraction(low) <= x <= Fraction(high)
    assert high <= math.nextafter(low, math.inf)


def test_floats_of_balls_enclose():
    with precision():
        root = arb(2).sqrt()
        assert Fraction(float_below(root)) ** 2 < 2 < Fraction(float_above(root)) ** 2
        assert float_below(arb.nan()) == -math.inf


def test_logarithms_are_exact_where_they_can_be():
    assert logarithm(fmpq(1, 4), True) == -2
    assert logarithm(fmpq(1), False) == 0
    with precision():
        assert logarithm(fmpq(1, 4), False) + 2 * arb(2).log() < arb("1e-50")


def test_irrational_numbers_are_enclosed():
    with precision():
        ball = exact_or_ball(sp.sqrt(2) / 2)
        assert (ball * ball * 2 - 1).contains(0)
        assert ball.rad() < arb("1e-50")


def test_smallest():
    with precision():
        third = arb(1) / 3
        assert smallest([fmpq(1, 2), third]).overlaps(third)
        assert smallest([third, arb(1) / 3]).contains(fmpq(1, 3))


@pytest.mark.parametrize("seed", range(5))
def test_rounding_errors_of_reduced_costs_are_bounded(seed):
    rng = np.random.default_rng(seed)
    maps = Maps(Finite(rng.dirichlet(np.ones(16)).reshape(4, 4), "squared", p_Y=rng.dirichlet(np.ones(4))))
    program = Program(maps, "D", {"R": Fraction(1), "C": Fraction(1)})
    duals = {name: exact_or_ball(float(rng.exponential(1e3))) for name in "RC"}
    target_duals = tuple(exact_or_ball(float(v)) for v in rng.normal(size=4) * 1e3)
    values, errors = reduced_costs(program, "D", duals, target_duals)
    with precision():
        exact = []
        for f in range(maps.count):
            c = maps.column(f)
            cost = c.D + duals["R"] * c.R + duals["C"] * c.C
            exact.append(cost - sum((n * p for n, p in zip(target_duals, c.law, strict=True)), fmpq(0)))
            assert abs(exact[-1] - exact_or_ball(float(values[f]))) <= exact_or_ball(float(errors[f]))
        bound = least_reduced_cost(program, "D", duals, target_duals)
        assert all(not cost < bound for cost in exact)


def test_simplex_ends_on_a_program_that_cycles():
    # [beale1955]: Dantzig's rule cycles here; Bland's does not.
    q = fmpq
    rows = [[q(1, 4), q(-60), q(-1, 25), q(9)], [q(1, 2), q(-90), q(-1, 50), q(3)], [q(0), q(0), q(1), q(0)]]
    columns = [list(column) for column in zip(*rows, strict=True)]
    columns += [[q(int(i == j)) for j in range(3)] for i in range(3)]
    costs = [q(-3, 4), q(150), q(-1, 50), q(6), q(0), q(0), q(0)]
    assert simplex(columns, costs, [q(0), q(0), q(1)], [4, 5, 6]).cost == q(-1, 20)
