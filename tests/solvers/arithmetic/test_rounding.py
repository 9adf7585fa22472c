"""Every operation of the interval arithmetic holds the result in balls of many more digits."""

import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from drc.solvers.arithmetic.rounding import Interval, matrix_product

FINE = 200


def holds(interval, exact):
    """Tell for each place whether the ball lies within the interval, and how wide that is beside it."""
    with ctx.workprec(FINE):
        low, high = np.atleast_1d(interval.low).ravel(), np.atleast_1d(interval.high).ravel()
        return all(arb(float(a)) <= e and e <= arb(float(b)) for a, b, e in zip(low, high, exact, strict=True))


def balls(values):
    return [arb(float(v)) for v in np.ravel(values)]


@pytest.fixture(autouse=True)
def _fine():
    with ctx.workprec(FINE):
        yield


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=20))
def test_the_exponential_is_held(values):
    with ctx.workprec(FINE):
        found = Interval.of(values).exp()
        assert holds(found, [v.exp() for v in balls(values)])
        assert np.all(found.high <= found.low * (1 + 1e-13))


def test_beyond_doubles_the_exponential_is_still_held():
    found = Interval.of([-1e4, -701.0, 701.0, 1e4, -np.inf]).exp()
    assert found.low[[0, 1, 4]].tolist() == [0, 0, 0]
    assert np.all(found.high[[0, 1, 4]] < 1e-300)
    assert np.all(found.high[2:4] == np.inf)
    assert np.all(found.low[2:4] > 1e303)


@given(st.lists(st.floats(5e-324, 1e308), min_size=1, max_size=20))
def test_the_logarithm_is_held(values):
    with ctx.workprec(FINE):
        found = Interval.of(values).log()
        assert holds(found, [v.log() for v in balls(values)])
        assert np.all(found.high - found.low <= 1e-12)


def test_the_logarithm_is_sharp_near_one():
    x = 1 + np.array([-1e-9, 1e-9, 1e-13])
    found = Interval.of(x).log()
    assert holds(found, [v.log() for v in balls(x)])
    assert np.all(found.high - found.low <= 1e-15)
    assert Interval.of([0.0]).log().low.tolist() == [-np.inf]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_entropy_terms_are_held_wherever_the_number_is(a, b, share):
    with ctx.workprec(FINE):
        low, high = min(a, b), max(a, b)
        inside = min(max(low + share * (high - low), low), high)
        found = Interval.of([low], [high]).entropy_terms()
        ball = arb(inside)
        assert holds(found, [-ball * ball.log() if inside > 0 else arb(0)])


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4), st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=4))
def test_sums_and_products_are_held(a, b):
    with ctx.workprec(FINE):
        x, y = Interval.around(a), Interval.of(b)
        assert holds(x + y, [u + v for u, v in zip(balls(a), balls(b), strict=True)])
        assert holds(x - y, [u - v for u, v in zip(balls(a), balls(b), strict=True)])
        assert holds(x * y, [u * v for u, v in zip(balls(a), balls(b), strict=True)])
        assert holds((x * y).sum(), [sum((u * v for u, v in zip(balls(a), balls(b), strict=True)), arb(0))])
        product = matrix_product(np.array([a]), np.array(b)[:, None])
        assert holds(product, [sum((u * v for u, v in zip(balls(a), balls(b), strict=True)), arb(0))])


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_quotients_are_held(a, b):
    with ctx.workprec(FINE):
        assert holds(Interval.of([a]) / Interval.of([b]), [arb(a) / arb(b)])


def test_a_mass_of_zero_stays_zero():
    assert (Interval.of([0.0]) * Interval.of([np.inf])).high[0] <= 5e-324
    assert Interval.of([1.0, -np.inf]).sum().low == -np.inf
