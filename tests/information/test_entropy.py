import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from drc.information import (
    H_b,
    binary_entropy,
    conditional_entropy,
    entropy,
    gaussian_entropy,
    gaussian_mutual_information,
    mutual_information,
)
from drc.information.entropy import binary_entropy_ball, entropy_term
from drc.testing import laws

p = sp.Symbol("p", positive=True)

# [cover2006], example 2.1.1: H(1/2, 1/4, 1/8, 1/8) = 7/4 bits; example 2.2.1: H(X|Y) = 11/8, H(Y|X) = 13/8, I = 3/8.
COVER_JOINT = np.array([[4, 2, 1, 1], [2, 4, 1, 1], [2, 2, 2, 2], [8, 0, 0, 0]]) / 32


def test_table_of_cover_and_thomas():
    assert entropy([0.5, 0.25, 0.125, 0.125]) == 1.75
    assert conditional_entropy(COVER_JOINT.T) == pytest.approx(11 / 8, abs=1e-15)
    assert conditional_entropy(COVER_JOINT) == pytest.approx(13 / 8, abs=1e-15)
    assert mutual_information(COVER_JOINT) == pytest.approx(3 / 8, abs=1e-15)


@pytest.mark.parametrize(("at", "value"), [(0, 0), (1, 0), (sp.S.Half, 1)])
def test_closed_values(at, value):
    assert H_b(sp.sympify(at)) == value


def test_nats():
    assert H_b(sp.S.Half, sp.E) == sp.log(2)
    assert sp.N(H_b(sp.Rational(3, 10), sp.E) / H_b(sp.Rational(3, 10)) - sp.log(2), 30) == pytest.approx(0, abs=1e-28)


def test_symmetric_for_numbers():
    assert H_b(sp.Rational(7, 10)) == H_b(sp.Rational(3, 10))


def test_derivative_and_log_form_agree():
    # The derivative is declared, the logarithms are the definition.
    gap = H_b(p).diff(p) - H_b(p).rewrite(sp.log).diff(p)
    for x in (0.1, 0.4, 0.9):
        assert abs(sp.N(gap.subs(p, sp.Rational(str(x))), 30)) < 1e-25


def test_mpmath_has_all_the_digits_asked_for():
    with sp.evaluate(True):
        value = H_b(sp.Rational(1, 10**8)).evalf(50)
    definition = H_b(p).rewrite(sp.log).subs(p, sp.Rational(1, 10**8)).evalf(50)
    assert abs(value - definition) < sp.Float("1e-55", 60)


@given(st.floats(0, 1))
def test_numpy_agrees_with_balls(x):
    with ctx.workprec(200):
        ball = binary_entropy_ball(arb(x)) / arb(2).log()
        gap = abs(arb(float(binary_entropy(x))) - ball)
        assert gap < arb("1e-15") * abs(ball) + arb("1e-300")


def test_shapes_follow_numpy():
    assert binary_entropy(np.zeros((2, 3))).shape == (2, 3)
    assert conditional_entropy(np.full((5, 2, 2), 0.25)).tolist() == [1.0] * 5


@given(laws(4))
def test_conditioning_lowers_entropy(law):
    joint = np.array(law).reshape(2, 2)
    assert conditional_entropy(joint) <= entropy(joint.sum(axis=1)) + 1e-12
    assert mutual_information(joint) >= 0


def test_a_ball_around_zero_is_enclosed():
    term = entropy_term(arb("0", "1e-10"))
    assert term.contains(0)
    assert term.contains(arb("1e-11") * -arb("1e-11").log())
    assert entropy_term(arb("0.3", "0.3")).contains(arb(-1).exp())
    assert entropy_term(arb("-1", "0.5")) == 0


def test_gaussian_entropies():
    s, c = sp.symbols("s c", positive=True)
    assert sp.simplify(gaussian_entropy(s**2, "nats") - sp.log(2 * sp.pi * sp.E * s**2) / 2) == 0
    # [cover2006], section 8.5: I = -1/2 log(1 - rho^2), infinite for full correlation.
    covariance = sp.Matrix([[s**2, c * s], [c * s, 1]])
    assert sp.simplify(gaussian_mutual_information(covariance, "bits") + sp.log(1 - c**2) / (2 * sp.log(2))) == 0
