"""Prices of noise: floats against balls, and against the definitions."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from drc.information.noise import price_for_cost, price_for_rate

LEE = (0, 1, 2, 3, 4, 3, 2, 1)


@pytest.mark.parametrize("costs", [LEE, (0.3, 0.3, 2.0), (1.0, 1.1, 3.0), (0.0, 1.0)])
@pytest.mark.parametrize("share", [1e-9, 0.01, 0.4, 0.99])
def test_floats_lie_in_balls(costs, share):
    least, mean = min(costs), sum(costs) / len(costs)
    most = np.log(len(costs) / costs.count(least))
    for function, bound in ((price_for_cost, least + share * (mean - least)), (price_for_rate, share * most)):
        args = tuple(map(float, (bound, *costs)))
        with ctx.workprec(256):
            ball = function.enclose(*map(arb, args))
            assert float(ball.rad()) <= 1e-30 * float(ball)
        value = float(function.numeric(*args))
        error = float(function.spread([0.0] * len(args), value, *map(np.float64, args)))
        assert abs(value - float(ball)) <= error * value
        assert error < 1e-4
        exact = function(*map(sp.Rational, args))
        assert float(exact.evalf(20)) == pytest.approx(float(ball), rel=1e-14)


def test_the_noise_has_the_cost_and_the_rate():
    costs = np.array(LEE, dtype=float)
    for s in (price_for_cost.numeric(0.6, *LEE), price_for_rate.numeric(1.077261 * np.log(2), *LEE)):
        w = np.exp(-s * costs)
        w /= w.sum()
        assert w @ costs == pytest.approx(0.6, abs=1e-6)
        assert np.log(8) + w @ np.log(w) == pytest.approx(1.077261 * np.log(2), abs=1e-6)


def test_ends():
    assert price_for_cost.numeric([0.0, 2.0, 3.0], *LEE).tolist() == [np.inf, 0, 0]
    assert price_for_rate.numeric([0.0, np.log(8), 5.0], *LEE).tolist() == [0, np.inf, np.inf]
    assert price_for_rate.numeric(0.1, 1.0, 1.0).tolist() == np.inf


def test_derivatives_are_those_of_the_inverse():
    x, step = sp.Symbol("x"), 1e-6
    for function, at in ((price_for_cost, 0.6), (price_for_rate, 0.7)):
        slope = float(function(x, *LEE).diff(x).subs(x, sp.Rational(str(at))).evalf())
        rise = np.diff(function.numeric([at - step, at + step], *LEE))
        assert slope == pytest.approx(float(rise[0]) / (2 * step), rel=1e-6)
