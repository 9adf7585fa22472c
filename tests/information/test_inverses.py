"""Inverse functions: the same number from doubles, from balls and from mpmath, and derivatives by difference."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from drc.expressions import compile_expression
from drc.expressions.balls import ball
from drc.information import H_b, H_b_inv, I_b, I_b_inv, binary_entropy, mutual_information
from drc.information.bits import cells

i, p, r, u = sp.symbols("i p r u", positive=True)
probabilities = st.one_of(st.floats(0.01, 0.99), st.floats(1e-9, 1e-3), st.floats(0.999, 1 - 1e-9))
shares = st.one_of(st.floats(0, 1), st.floats(1e-15, 1e-6), st.floats(0.999999, 1))


def largest(p, r):
    return min(p * (1 - r), (1 - p) * r)


@given(probabilities, probabilities, st.floats(-1, 1))
def test_information_agrees_with_balls(p, r, share):
    u = share * (largest(p, r) if share > 0 else largest(p, 1 - r)) * (1 - 1e-9)
    with ctx.workprec(300):
        exact = I_b.enclose(arb(u), arb(p), arb(r))
        assert abs(arb(float(I_b.numeric(u, p, r))) - exact) <= arb("1e-14") * exact + arb("1e-60")


def test_information_is_that_of_the_joint_law():
    law = {cell: float(v) for cell, v in cells(sp.Rational(1, 10), sp.Rational(3, 10), sp.Rational(2, 5)).items()}
    joint = [[law[0, 0], law[0, 1]], [law[1, 0], law[1, 1]]]
    assert I_b.numeric(0.1, 0.3, 0.4) == pytest.approx(mutual_information(joint), abs=1e-15)
    assert I_b(sp.Rational(1, 10), sp.Rational(3, 10), sp.Rational(2, 5)).evalf(30) == pytest.approx(
        I_b(u, sp.Rational(3, 10), sp.Rational(2, 5)).rewrite(sp.log).subs(u, sp.Rational(1, 10)).evalf(30), abs=1e-29
    )


@given(probabilities, probabilities, shares)
def test_covariance_agrees_with_balls(p, r, share):
    most = float(I_b.numeric(largest(p, r), p, r))
    with ctx.workprec(300):
        exact = I_b_inv.enclose(arb(share * most), arb(p), arb(r))
        assert exact.rad() <= arb("1e-20") * (1 + exact.mid())
        assert abs(arb(float(I_b_inv.numeric(share * most, p, r))) - exact) <= arb("4e-15") * exact + arb("1e-300")


@given(st.one_of(st.floats(0, 1), st.floats(1e-300, 1e-5), st.floats(1 - 1e-9, 1)))
def test_probability_agrees_with_balls(h):
    with ctx.workprec(300):
        exact = H_b_inv.enclose(arb(h))
        assert abs(arb(float(H_b_inv.numeric(h))) - exact) <= arb("4e-15") * exact + arb("1e-300")


def test_ends_and_beyond():
    assert H_b_inv.numeric([-1, 0, 1, 2, np.inf]).tolist() == [0, 0, 0.5, 0.5, 0.5]
    assert I_b_inv.numeric([-1, 0, 5, np.inf], 0.3, 0.4).tolist() == [0, 0, 0.18, 0.18]
    assert I_b_inv.numeric(0.1, [0, 1, 0.5], [0.3, 0.3, 1]).tolist() == [0, 0, 0]
    assert H_b_inv(sp.Integer(2)) == sp.S.Half
    assert H_b_inv(sp.log(2), sp.E) == sp.S.Half
    assert I_b_inv(sp.oo, p, r) == sp.Min(p * (1 - r), r * (1 - p))
    assert I_b_inv(i, 1, r) == I_b(u, p, 0) == 0
    with ctx.workprec(128):
        assert I_b_inv.enclose(arb("inf"), arb(0.5), arb(0.5)) == arb(0.25)
        assert I_b_inv.enclose(arb(-1), arb(0.5), arb(0.5)) == 0
        assert I_b_inv.enclose(arb("nan"), arb(0.5), arb(0.5)).contains(arb(0.1))


def test_inputs_that_are_not_sharp():
    """A wide ball gives a wide answer that holds everything, also across both ends."""
    with ctx.workprec(128):
        wide = I_b_inv.enclose(arb("0.5", "0.6"), arb(0.5), arb(0.5))
        assert wide.contains(arb(0))
        assert wide.contains(arb(0.25))
        middle = I_b_inv.enclose(arb("0.3", "0.1"), arb(0.5), arb(0.5))
        assert all(middle.contains(arb(float(I_b_inv.numeric(x, 0.5, 0.5)))) for x in (0.21, 0.3, 0.39))


@pytest.mark.parametrize("base", [2, sp.E])
def test_as_many_digits_as_asked_for(base):
    at = {i: sp.Rational(1, 10**6), p: sp.Rational(3, 10), r: sp.Rational(2, 5)}
    root = I_b_inv.of(i, p, r, base).subs(at).evalf(60)
    back = I_b.of(root, at[p], at[r], base).evalf(50)
    assert abs(back / at[i] - 1) < sp.Float("1e-48", 50)
    h = sp.Rational(1, 3)
    assert abs(H_b.of(H_b_inv.of(h, base).evalf(60), base).evalf(50) - h) < sp.Float("1e-48", 50)
    assert H_b_inv(h).is_real
    assert I_b_inv(i, p, r).evalf() == I_b_inv(i, p, r)


@pytest.mark.parametrize("base", [2, sp.E])
def test_derivatives_by_difference(base):
    at = {i: sp.Rational(1, 5), p: sp.Rational(3, 10), r: sp.Rational(2, 5), u: sp.Rational(1, 12)}
    step = sp.Rational(1, 10**12)
    for f in (I_b_inv.of(i, p, r, base), I_b.of(u, p, r, base), H_b_inv.of(i, base)):
        for x in sorted(f.free_symbols, key=str):
            slope = (f.subs(at | {x: at[x] + step}) - f.subs(at | {x: at[x] - step})).evalf(40) / (2 * step)
            assert abs(f.diff(x).subs(at).evalf(30) / slope - 1) < 1e-18
    for f in (I_b(u, p, r), I_b_inv(i, p, r), H_b_inv(i)):
        with pytest.raises(sp.core.function.ArgumentIndexError):
            f.fdiff(4)


def test_compiled_and_in_balls():
    expr = I_b_inv(i, p, r, sp.E) + H_b_inv(i, sp.E)
    at = {"i": 0.05, "p": 0.3, "r": 0.4}
    with ctx.workprec(200):
        exact = ball(expr, {i: arb(0.05), p: arb(0.3), r: arb(0.4)})
        assert abs(exact - arb(float(compile_expression(expr)(at)))) < arb("1e-15")


def test_shapes_follow_numpy():
    assert I_b_inv.numeric(np.full((4, 1), 0.1), 0.3, np.full(5, 0.4)).shape == (4, 5)
    assert H_b_inv.numeric(np.zeros((2, 3))).shape == (2, 3)
    assert binary_entropy(H_b_inv.numeric(0.3)) == pytest.approx(0.3, abs=1e-15)


def test_near_the_largest_information_bisection_takes_over():
    """Where Newton's method leaves the range, the enclosure is still one."""
    with ctx.workprec(256):
        top = I_b.enclose(arb(fmpq(18, 100)), arb(fmpq(3, 10)), arb(fmpq(4, 10)))
        found = I_b_inv.enclose(top - arb(2) ** -200, arb(fmpq(3, 10)), arb(fmpq(4, 10)))
        assert found.overlaps(arb(fmpq(18, 100)) - arb(2) ** -206) or abs(found - arb(fmpq(18, 100))) < arb(2) ** -150


def test_the_least_doubles_and_no_number():
    h = np.array([5e-324, 1e-310, 1e-300, 1e-280])
    p = H_b_inv.numeric(h)
    assert (np.diff(p) > 0).all()
    assert p[2:] == pytest.approx([float(H_b_inv(sp.Float(x)).evalf(20)) for x in h[2:]], rel=1e-5, abs=0)
    assert np.isnan(H_b_inv.numeric(np.nan))
    assert np.isnan(I_b_inv.numeric(np.nan, 0.3, 0.4))


def test_the_tools_of_sympy_can_use_them():
    array = sp.lambdify((i, p, r), I_b_inv(i, p, r), "numpy")(np.array([0, 0.1]), 0.3, 0.4)
    assert array == pytest.approx(I_b_inv.numeric([0, 0.1], 0.3, 0.4))
    with mpmath.workdps(50):
        at = (mpmath.mpf(1) / 10, mpmath.mpf(3) / 10, mpmath.mpf(2) / 5)
        found = sp.lambdify((i, p, r), I_b_inv(i, p, r), "mpmath")(*at)
        assert abs(found - mpmath.mpf("0.083664327035756808762049000899728357690995567152803")) < 1e-48
    assert sp.latex(I_b_inv(i, p, r) ** 2) == r"\left(I_b^{-1}\left(i; p, r\right)\right)^{2}"
