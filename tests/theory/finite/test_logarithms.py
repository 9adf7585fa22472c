"""Signs of polynomials in logarithms."""

import math
from fractions import Fraction

import pytest
from flint import fmpq
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.theory.finite.logarithms import Exact, exact_fraction, total

fractions = st.fractions(min_value=Fraction(1, 50), max_value=50, max_denominator=50)


def _q(value: Fraction) -> fmpq:
    return fmpq(value.numerator, value.denominator)


@given(fractions, fractions)
def test_logarithm_of_a_product_is_the_sum(a, b):
    assert (Exact.log(_q(a * b)) - Exact.log(_q(a)) - Exact.log(_q(b))).sign == 0


@given(fractions, fractions, fractions)
def test_distributive_law_is_seen(a, b, c):
    x, y, z = (Exact.log(_q(v)) for v in (a, b, c))
    assert (x * (y + z) - x * y - x * z).sign == 0


@given(fractions, fractions)
def test_sign_is_that_of_the_number(a, b):
    value = math.log(a) * math.log(b) - float(a)
    if abs(value) > 1e-9:
        assert (Exact.log(_q(a)) * Exact.log(_q(b)) - Exact.of(_q(a))).sign == math.copysign(1, value)


def test_a_difference_beyond_the_first_precision_has_a_sign():
    tiny = fmpq(1, 2**900)
    one = Exact.log(fmpq(3))
    assert (one + Exact.of(tiny) - one).sign == 1
    # log(1 + x) < x, by x^2/2: 10^-400 below what the balls of the first precision tell.
    x = fmpq(1, 10**200)
    assert (Exact.log(1 + x) - Exact.of(x)).sign == -1


def test_sums_and_fractions():
    assert total([]).sign == 0
    assert total([Exact.of(fmpq(1, 3))] * 3).fraction == 1
    with pytest.raises(drc.NotAvailableError, match=r"exact surfaces need fractions in p_Y, got 0\.3"):
        exact_fraction("p_Y", 0.3)
