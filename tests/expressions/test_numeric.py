import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from drc.expressions import compile_expression, pairs
from drc.expressions.balls import ball, holds
from drc.expressions.numeric import Compiler
from drc.expressions.pairs import Environment
from drc.information import H_b, H_b_inv

x, y, z = sp.symbols("x y z", real=True)

EXPRESSIONS = [
    x + y,
    x - 2 * y / 3,
    x * y / (1 + x),
    sp.sqrt(x),
    x**2 - x**3,
    x ** sp.Rational(3, 2),
    sp.exp(-x) + 2 ** (-2 * y),
    sp.log(1 + x) / sp.log(2),
    sp.log(x + 2 * y),
    H_b(x / 2),
    H_b(x / 2, sp.E),
    sp.Abs(x - y),
    sp.Min(x, y, 1 - x),
    sp.Max(x, y),
    sp.pi * x + sp.E,
    sp.Piecewise((x, x < y), (y, x >= 2 * y), (sp.oo, True)),
]


@pytest.mark.parametrize("expr", EXPRESSIONS, ids=str)
@given(a=st.integers(1, 999), b=st.integers(1, 999))
def test_floats_and_balls_agree(expr, a, b):
    with ctx.workprec(120):
        exact = ball(expr, {x: arb(fmpq(a, 1000)), y: arb(fmpq(b, 1000))})
        value = compile_expression(expr)({"x": a / 1000, "y": b / 1000})
        if np.isinf(value):
            assert not exact.is_finite()
        else:
            assert abs(arb(float(value)) - exact) <= arb("2e-15") * (1 + abs(exact))


@pytest.mark.parametrize(
    ("expr", "at", "value"),
    [
        (1 - sp.exp(x), -1e-18, 1e-18),
        (1 - 2 ** (2 * x), -1e-18, 2e-18 * np.log(2)),
        (sp.log(1 + x), 1e-18, 1e-18),
        (H_b(x, sp.E), 1e-300, 1e-300 * (1 - np.log(1e-300))),
    ],
)
def test_small_arguments_keep_their_digits(expr, at, value):
    assert compile_expression(expr)({"x": at}) == pytest.approx(value, rel=1e-15)


def test_branches_that_a_mask_discards_do_not_matter():
    expr = sp.Piecewise((sp.log(x), x > 0), (0, True))
    with np.errstate(all="ignore"):
        assert compile_expression(expr)({"x": np.array([-1.0, 0.0, 1.0])}).tolist() == [0, 0, 0]


def test_a_closed_border_survives_rounding_and_an_open_one_is_sharp():
    above = np.nextafter(0.1, 1)
    assert compile_expression(sp.Le(x, sp.Rational(1, 10)))({"x": above})
    assert not compile_expression(sp.Le(x, sp.Rational(1, 10)))({"x": 0.1 + 1e-15})
    assert not compile_expression(sp.Lt(x, sp.Rational(1, 10)))({"x": 0.1})


@pytest.mark.parametrize(
    "expr", [1 / (x * y + x**2), 1 / sp.log(x * y), 2 ** (-x * y), 1 / sp.sqrt(x**2 * y - x)], ids=str
)
def test_what_has_left_the_range_of_doubles_is_known_to_be_lost(expr):
    env = Environment(x=(np.float64(1e200), 0.0), y=(np.float64(1e200), 0.0))
    with env.watching():
        value, error = Compiler()(expr)(env)
    assert value == 0
    assert not error < np.inf


def test_a_quotient_of_exact_numbers_that_is_exact_has_no_radius():
    a, b = 0.3, 1.7
    with ctx.workprec(300):
        assert ball(z**2 / (x**2 * y**2), {x: arb(a), y: arb(b), z: arb(a) * arb(b)}) == 1


def test_unknown_functions_are_refused():
    with pytest.raises(TypeError, match="no numeric reading"):
        compile_expression(sp.gamma(x))
    with pytest.raises(TypeError, match="no ball reading"):
        ball(sp.gamma(x), {x: arb(1)})


THIRD = {x: arb(1) / 3, y: arb(2) / 3}


@pytest.mark.parametrize(
    ("claim", "truth"),
    [
        (sp.Eq(3 * x, 1), True),
        (sp.Eq(x, y), False),
        (sp.Ne(x, y), True),
        (sp.Le(3 * x, 1), True),
        (sp.Lt(3 * x, 1), False),
        (sp.Ge(x, y), False),
        (sp.And(x < y, y < x), False),
        (sp.Or(x > y, x < y), True),
        (sp.Not(sp.Eq(x, 2)), True),
        (sp.Implies(x > y, sp.Eq(x, 5)), True),
        (sp.Equivalent(x < y, y < x), False),
        (sp.true, True),
    ],
    ids=str,
)
def test_conditions_in_balls(claim, truth):
    with ctx.workprec(100):
        assert holds(claim, THIRD) is truth


def test_what_balls_cannot_tell_is_none():
    wide = {x: arb("0.5", "0.1"), y: arb("0.55")}
    assert holds(x < y, wide) is None
    assert holds(sp.And(x < y, y < 0), wide) is False
    assert holds(sp.Or(x < y, y > 0), wide) is True
    assert holds(sp.Equivalent(x < y, y > 0), wide) is None


def test_an_undecided_piecewise_is_the_union_of_its_branches():
    value = ball(sp.Piecewise((1, x < sp.S.Half), (2, True)), {x: arb("0.5", "0.1")})
    assert value.contains(1)
    assert value.contains(2)


def test_what_is_only_subtracted_does_not_make_a_maximum_with_zero_doubtful():
    evaluate = Compiler()(sp.Max(0, sp.Abs(x - y) - sp.Symbol("width", nonnegative=True)))
    # The width is known not at all: at the first point that does not matter.
    env = Environment(x=(np.array([1.0, 2.0]), 0.0), y=(1.0, 0.0), width=(0.5, np.inf))
    with env.watching():
        value, error = evaluate(env)
    assert value.tolist() == [0, 0.5]
    assert error.tolist() == [0, np.inf]
    env = Environment(x=(1.0, np.inf), y=(1.0, 0.0), width=(0.5, np.inf))
    with env.watching():
        assert evaluate(env)[1] == np.inf


def test_the_error_of_a_logarithm_near_one_is_that_of_its_distance():
    x, error = np.array([0.0, 1e-300, 1e-9, -0.95, -1.0]), np.full(5, 1e-13)
    with Environment().watching():
        bound = pairs.of_log1p(x, error, np.log1p(x))
    assert bound[:3] == pytest.approx(1e-13)
    assert bound[3] == pytest.approx(1e-13 * 0.95 / (0.05 * -np.log(0.05)))
    assert not np.isfinite(bound[4])


def test_an_inverse_at_the_value_of_its_function_is_exact():
    p, R = sp.symbols("p R")
    inverse = Compiler()(H_b_inv(H_b(p) - R))
    env = Environment({"p": (np.array([0.3, 0.3, 0.5, 0.7]), 0.0), "R": (np.array([0.0, 0.1, 0.0, 0.0]), 0.0)})
    with env.watching():
        value, error = inverse(env)
    assert value == pytest.approx([0.3, H_b_inv.numeric(H_b.numeric(0.3) - 0.1), 0.5, 0.3], rel=1e-12)
    assert error[[0, 2]].tolist() == [0.0, 0.0]
    assert (error[[1, 3]] > 0).all()
