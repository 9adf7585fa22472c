import numpy as np
import pytest
import sympy as sp
from sympy.polys.rings import ring

from drc.theory.finite.signs import Signs

_, p, q, b = ring("p q b", sp.QQ)
P, Q, B = sp.symbols("p q b")


@pytest.fixture
def signs():
    points = np.random.default_rng(0).random((50, 3))
    # `p` is never zero, `q` may be.
    return Signs(points, {B: False}, is_positive=lambda factor: factor == P)


@pytest.mark.parametrize(
    ("above", "below", "said"),
    [
        (p * (2 * q - 1), -p, sp.Le(Q, sp.S.Half)),
        (q * b, q * p, B >= 0),
        (q * (p - q), p, P * Q >= Q**2),
        (-q, p, sp.Eq(Q, 0)),
        (q, p, sp.true),
        (0 * q, p, sp.true),
    ],
)
def test_a_quotient_is_not_negative_where_its_factors_say_so(signs, above, below, said):
    found = signs.quotient(above, below).at_least_zero({}, frozenset())
    assert found == said


def test_what_is_known_of_other_factors_is_used(signs):
    quotient = signs.quotient((2 * q - 1) * b, p)
    assert quotient.at_least_zero({2 * q - 1: -1}, frozenset()) == (B <= 0)
    assert quotient.below_zero({2 * q - 1: -1, b: 1}) == True  # noqa: E712 (sympy's true)


def test_signs_that_were_used_are_to_be_shown(signs):
    signs.quotient(p * q, p + 1)
    # Of what has both signs, or stands for a bound, nothing is claimed.
    signs.quotient(b * (2 * q - 1), p)
    assert set(signs.used) == {P > 0, Q >= 0, P + 1 >= 0}
