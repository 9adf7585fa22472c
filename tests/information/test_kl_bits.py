"""The divergence of bits and the ends of its ball: doubles against balls, the border itself, derivatives and corners."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from drc.expressions import compile_expression
from drc.expressions.balls import ball
from drc.information import KL_b, KL_b_max, KL_b_min

q, y, P = sp.symbols("q y P", positive=True)
probabilities = st.one_of(st.floats(0.01, 0.99), st.floats(1e-12, 1e-3), st.floats(0.999, 1 - 1e-9))
bounds = st.one_of(st.floats(0, 2), st.floats(1e-16, 1e-6))


@given(probabilities, st.one_of(st.floats(0, 1), st.floats(0, 1e-6)))
def test_divergence_agrees_with_balls(q, y):
    with ctx.workprec(300):
        exact = KL_b.enclose(arb(y), arb(q))
        assert abs(arb(float(KL_b.numeric(y, q))) - exact) <= arb("2e-15") * exact + arb("1e-60")


@given(probabilities, bounds)
def test_the_distance_from_the_reference_has_all_digits(q, P):
    with ctx.workprec(300):
        for end in (KL_b_min, KL_b_max):
            exact = end.enclose(arb(q), arb(P))
            assert exact.rad() <= arb("1e-30")
            found = arb(float(end.numeric(q, P)))
            # One rounding of the difference, and a few of the distance itself.
            assert abs(found - exact) <= arb("2.3e-16") * exact + arb("6e-15") * abs(exact - q)


@given(probabilities, bounds)
def test_the_ends_are_on_the_border(q, P):
    with ctx.workprec(200):
        for end, last in ((KL_b_min, 0), (KL_b_max, 1)):
            here = end.enclose(arb(q), arb(P))
            value = KL_b.enclose(here, arb(q))
            assert value.overlaps(arb(P)) or (here == last and value <= P)


def test_corners_and_beyond():
    ends = [0, 0.1, 1, 50, np.inf]
    assert KL_b_min.numeric(0.5, ends).round(6).tolist() == [0.5, 0.316019, 0, 0, 0]
    assert KL_b_max.numeric(0.5, ends).round(6).tolist() == [0.5, 0.683981, 1, 1, 1]
    # A constant reference has no other law within a finite divergence.
    assert KL_b_min.numeric([[0.0], [1.0]], ends).tolist() == [[0] * 5, [1, 1, 1, 1, 0]]
    assert KL_b_max.numeric([[0.0], [1.0]], ends).tolist() == [[0, 0, 0, 0, 1], [1] * 5]
    assert KL_b.numeric([0, 1, 0, 1, 0.5], [0, 1, 1, 0, 0]).tolist() == [0, 0, np.inf, np.inf, np.inf]
    assert KL_b_max.numeric(1e-300, 1e-3) == pytest.approx(1e-3 * np.log(2) / (np.log(1e-3) - np.log(1e-300)), rel=0.02)
    assert KL_b_min(1, sp.Rational(1, 2)) == KL_b_max(1, P) == 1
    assert KL_b_min(1, P).subs(P, sp.oo) == 0
    assert KL_b_min(0, P) == KL_b_max(0, sp.Rational(1, 2)) == KL_b_min(q, sp.oo) == 0
    assert KL_b_min(q, 0) == KL_b_max(q, 0) == q
    assert KL_b(q, q) == 0
    assert KL_b(sp.S.Half, 0) == KL_b(0, 1) == sp.oo


def test_corners_in_balls():
    zero, one, half, inf = arb(0), arb(1), arb(0.5), arb("inf")
    with ctx.workprec(128):
        for reference in (zero, half, one):
            assert KL_b_min.enclose(reference, inf) == 0
            assert KL_b_max.enclose(reference, inf) == 1
            assert KL_b_min.enclose(reference, zero) == KL_b_max.enclose(reference, zero) == reference
        for reference in (zero, one):
            assert KL_b_min.enclose(reference, half) == KL_b_max.enclose(reference, half) == reference
        assert KL_b_min.enclose(half, arb(3)) == 0
        assert KL_b_max.enclose(half, arb(3)) == 1
        assert KL_b.enclose(half, zero) == KL_b.enclose(zero, one) == inf
        assert KL_b.enclose(zero, zero) == KL_b.enclose(one, one) == 0


def test_inputs_that_are_not_sharp():
    """A wide ball gives a wide answer that holds everything."""
    with ctx.workprec(128):
        for end in (KL_b_min, KL_b_max):
            wide = end.enclose(arb("0.4", "0.02"), arb("0.1", "0.01"))
            for reference in (0.38, 0.4, 0.42):
                assert all(wide.contains(arb(float(end.numeric(reference, x)))) for x in (0.0901, 0.1, 0.1099))


@pytest.mark.parametrize("base", [2, sp.E])
def test_as_many_digits_as_asked_for(base):
    for end in (KL_b_min, KL_b_max):
        root = end.of(sp.Rational(3, 10), sp.Rational(1, 50), base).evalf(60)
        assert abs(KL_b.of(root, sp.Rational(3, 10), base).evalf(50) * 50 - 1) < sp.Float("1e-48", 50)
        assert end(sp.Rational(3, 10), 4).evalf(20) in (0, sp.Float(1, 20))
        assert end(q, P).evalf() == end(q, P)
        assert end(q, P).is_real
    here = KL_b.of(y, q, base).subs({y: sp.Rational(1, 5), q: sp.Rational(3, 10)})
    assert abs(here.evalf(30) - here.rewrite(sp.log).evalf(30)) < 1e-28


@pytest.mark.parametrize("base", [2, sp.E])
def test_derivatives_by_difference(base):
    at = {P: sp.Rational(1, 20), q: sp.Rational(3, 10), y: sp.Rational(1, 12)}
    step = sp.Rational(1, 10**12)
    for f in (KL_b_min.of(q, P, base), KL_b_max.of(q, P, base), KL_b.of(y, q, base)):
        for x in sorted(f.free_symbols, key=str):
            slope = (f.subs(at | {x: at[x] + step}) - f.subs(at | {x: at[x] - step})).evalf(40) / (2 * step)
            assert abs(f.diff(x).subs(at).evalf(30) / slope - 1) < 1e-18
    for f in (KL_b(y, q), KL_b_min(q, P), KL_b_max(q, P)):
        with pytest.raises(sp.core.function.ArgumentIndexError):
            f.fdiff(4)


def test_compiled_and_in_balls():
    expr = KL_b_min(q, P, sp.E) + KL_b_max(q, P) + KL_b(y, q)
    with ctx.workprec(200):
        exact = ball(expr, {q: arb(0.3), P: arb(0.05), y: arb(0.4)})
        assert abs(exact - arb(float(compile_expression(expr)({"q": 0.3, "P": 0.05, "y": 0.4})))) < arb("1e-15")
    assert KL_b_min.numeric(np.full((4, 1), 0.1), np.full(5, 0.4)).shape == (4, 5)
    assert sp.latex(KL_b(y, q))
