"""The ball around a normal law: floats against balls, and against plain minimisation."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from drc.information import gaussian_kl, gaussian_w2
from drc.information.kl_ball import KL_nearest, KL_steepest, KL_width

ALPHA = st.sampled_from([0.0, 1.0]) | st.floats(0, 4)
KAPPA = st.floats(-2, 6)
DELTA = st.sampled_from([0.0]) | st.floats(-3, 3) | st.floats(-1e-5, 1e-5)
BOUND = st.floats(-9, 0.7).map(lambda x: 10**x)


def miss(s, delta, p):
    return np.maximum(0.0, abs(delta) - KL_width.numeric(s, p))


@pytest.mark.parametrize(("function", "first"), [(KL_nearest, ALPHA), (KL_steepest, KAPPA)])
@given(data=st.data(), delta=DELTA, p=BOUND)
def test_floats_are_near_the_balls(function, first, data, delta, p):
    x = data.draw(first)
    with ctx.workprec(200):
        ball = function.enclose(arb(x), arb(delta), arb(p))
        assert ball.rad() < arb("1e-25")
        assert abs(arb(float(function.numeric(x, delta, p))) - ball) < arb("1e-11")


@given(alpha=ALPHA, kappa=KAPPA, delta=DELTA, p=BOUND)
def test_nothing_on_a_grid_is_better(alpha, kappa, delta, p):
    s = np.exp(np.linspace(-12, 3, 4001))
    s = s[s * s - 1 - 2 * np.log(s) <= 2 * p]
    nearest, steepest = KL_nearest.numeric(alpha, delta, p), KL_steepest.numeric(kappa, delta, p)
    distance = lambda x: (x - alpha) ** 2 + miss(x, delta, p) ** 2  # noqa: E731
    ratio = lambda x: (kappa + x * x + miss(x, delta, p) ** 2) / x  # noqa: E731
    assert (distance(nearest) <= distance(s) + 1e-9).all()
    assert (ratio(steepest) <= ratio(s) + 1e-9 * (1 + abs(ratio(steepest)))).all()


def test_the_nearest_point_by_a_general_method():
    """scipy's SLSQP on the two-dimensional problem, which knows nothing of the reduction to one variable."""
    inside = {"type": "ineq", "fun": lambda y: 0.3 - (y[0] ** 2 + y[1] ** 2 - 1 - 2 * np.log(y[1])) / 2}
    cost = lambda y: (y[0] - 1.5) ** 2 + (y[1] - 0.2) ** 2  # noqa: E731
    found = minimize(cost, (0, 1), constraints=inside, bounds=((-3, 3), (0.01, 3)), tol=1e-13)
    assert KL_nearest.numeric(0.2, 1.5, 0.3) == pytest.approx(found.x[1], abs=1e-6)


def test_shapes_and_corners():
    assert KL_nearest.numeric(np.ones((3, 1)), [0.1, 0.2], 0.1).shape == (3, 2)
    assert KL_nearest.numeric([0.0, 2.0], 1.0, 0.0).tolist() == [1, 1]
    assert KL_nearest.numeric([0.0, 2.0], 1.0, np.inf).tolist() == [0, 2]
    assert KL_width.numeric([0.0, 1.0, 9.0], 0.5).tolist() == [0, 1, 0]
    x = sp.Symbol("x", real=True)
    assert KL_nearest(x, x, 0) == KL_steepest(x, x, 0) == 1
    assert KL_width(x, 0) == 0


def test_evalf_has_the_digits_asked_for():
    a = KL_nearest(sp.Rational(3, 10), sp.Rational(1, 5), sp.Rational(1, 100)).evalf(60)
    q = KL_width(a, sp.Rational(1, 100)).evalf(60)
    assert abs((a**2 - 1) / 5 - q * (sp.Rational(3, 10) * a - 1)) < sp.Float("1e-50", 60)


def test_divergences_of_normal_laws():
    """[cover2006], section 8.5: against numerical integration."""
    m, s = 0.3, 1.7
    x = np.linspace(-25, 25, 200_001)
    p = np.exp(-((x - m) ** 2) / (2 * s * s)) / (s * np.sqrt(2 * np.pi))
    log_ratio = np.log(2.0 / s) - (x - m) ** 2 / (2 * s * s) + (x + 1) ** 2 / 8
    assert float(gaussian_kl(m, s, -1, 2, "nats")) == pytest.approx(np.trapezoid(p * log_ratio, x), abs=1e-9)
    assert gaussian_kl(0, 1, 0, 1) == 0
    assert gaussian_w2(1, 2, 0, 1) == 2
