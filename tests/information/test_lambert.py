"""The real branches of Lambert's W: all digits, also where half of them are lost in the argument."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from drc.expressions import compile_expression, latex
from drc.information import W_0, W_m1
from drc.information.lambert import excess

BRANCHES = [(W_0, 0), (W_m1, -1)]
P = sp.Symbol("P", real=True)


@pytest.mark.parametrize(("W", "branch"), BRANCHES)
@given(st.floats(-200, 2.5).map(lambda x: 10.0**x))
def test_below_the_branch_point(W, branch, v):
    with mpmath.workdps(450):
        exact = mpmath.lambertw(-mpmath.exp(-1 - mpmath.mpf(v)), branch).real
        assert abs(float(W.numeric_below_branch_point(v)) / exact - 1) < 2e-15


@pytest.mark.parametrize(("W", "branch"), BRANCHES)
@given(st.floats(-0.3678, -1e-12))
def test_numbers_evalf_and_balls_agree(W, branch, x):
    with ctx.workprec(200):
        ball = W.enclose(arb(x))
        assert ball.rad() < arb("1e-45") * abs(ball)
    with mpmath.workdps(50):
        exact = mpmath.lambertw(x, branch).real
        assert float(W.numeric(x)) == pytest.approx(float(exact), rel=1e-12)
        assert abs(sp.N(W(sp.Float(x, 60)), 30) - sp.Float(exact, 40)) < 1e-27 * abs(exact)


def test_corners():
    assert W_0.numeric([0.0, -1 / math.e]).tolist() == [0, -1]
    assert W_m1.numeric([0.0, -1 / math.e]).tolist() == [-math.inf, -1]
    assert np.isnan(W_0.numeric([0.1, -0.4])).all()
    assert W_0.numeric_below_branch_point(np.inf) == 0
    assert W_m1.numeric_below_branch_point(1e300) == pytest.approx(-1e300)
    assert W_0(sp.S.Zero) == 0
    assert W_m1(-sp.exp(-1)) == -1
    assert W_0.enclose(arb(0)) == 0
    assert (-W_m1.enclose(arb(0))) == arb("inf")


@pytest.mark.parametrize("W", [W_0, W_m1])
@pytest.mark.parametrize("unit", [sp.Integer(1), sp.log(2)])
def test_formulas_keep_the_digits(W, unit):
    """A formula is evaluated from its exponent: at P = 1e-20 its argument is -1/e to the last bit."""
    value = compile_expression(1 + W(-sp.exp(-1 - 2 * P * unit)))({"P": 1e-10})
    with mpmath.workdps(60):
        branch = 0 if W is W_0 else -1
        v = 2 * mpmath.mpf(1e-10) * (mpmath.log(2) if unit != 1 else 1)
        exact = 1 + mpmath.lambertw(-mpmath.exp(-1 - v), branch).real
    assert value == pytest.approx(float(exact), rel=1e-10)


@pytest.mark.parametrize("W", [W_0, W_m1])
def test_derivative(W):
    x = sp.Symbol("x")
    here, step = sp.Rational(-1, 5), sp.Rational(1, 10**12)
    difference = (W(here + step).evalf(60) - W(here - step).evalf(60)) / (2 * step)
    assert abs(W(x).diff(x).subs(x, here).evalf(40) - difference) < 1e-20


@given(st.floats(-0.9, 5))
def test_excess(t):
    with mpmath.workdps(400):
        exact = mpmath.mpf(t) - mpmath.log1p(mpmath.mpf(t))
    assert float(excess(t)) == pytest.approx(float(exact), rel=3e-15, abs=1e-300)


def test_latex():
    assert latex(W_m1(P)) == "W_{-1}(P)"
    assert latex(W_0(P / 2)) == r"W_0\left(\frac{P}{2}\right)"
    assert str(W_0(P)) == "W_0(P)"
