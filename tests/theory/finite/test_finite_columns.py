"""The columns of the program of a finite problem: doubles against exact numbers."""

import math
from fractions import Fraction

import numpy as np
import pytest

from drc import Finite
from drc.theory.finite.columns import Columns


def _noisy(noise: Fraction, p_Y=(0.2, 0.3, 0.5), letters=5) -> Finite:
    """A label that is nearly a function of the source, so that little is unknown of it."""
    masses = [Fraction(n, 23) for n in (3, 7, 2, 5, 6)][:letters]
    masses[-1] += 1 - sum(masses)
    rows = [[p * (noise if (x + s) % 2 else 1 - noise) for x, p in enumerate(masses)] for s in (0, 1)]
    return Finite(rows, [[abs(x - 2 * y) for y in range(len(p_Y))] for x in range(letters)], p_Y=p_Y)


def test_rounding_is_a_part_of_the_sizes():
    columns = Columns(_noisy(Fraction(1, 10**13)))
    exact = np.array([[float(v) for v in columns.point(j)] for j in range(len(columns))])
    wrong = np.abs(columns.floats - exact)
    assert np.all(wrong <= 1e-14 * columns.sizes)
    # It is not a part of what is left of the label: where that is little, most of its digits are lost.
    told = exact[:, 2]
    assert np.any(wrong[:, 2] > 1e-5 * told)


@pytest.mark.parametrize("noise", [Fraction(1, 10**13), Fraction(1, 3)])
def test_rows_are_masses(noise):
    columns = Columns(_noisy(noise))
    rows = np.array([[float(v) for v in columns.row(j)] for j in range(len(columns))])
    np.testing.assert_allclose(columns.rows, rows, atol=1e-15)
    assert math.isclose(sum(map(float, columns.right)), 1.0)


@pytest.mark.parametrize("noise", [Fraction(1, 10**13), Fraction(1, 10**9)])
def test_little_that_is_unknown_is_still_proved(noise):
    formula = _noisy(noise, p_Y=(0.4, 0.6), letters=4).tradeoff(minimise="C")
    assert formula.derivation.check()
