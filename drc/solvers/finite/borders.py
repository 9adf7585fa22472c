"""Bounds at the border of what is feasible: one that misses it by rounding is taken for the border itself.

`H(S|X)` as a user computes it is a double, which lies below the entropy as often as above. Where the feasible set ends at
such a number, the feasible side counts within a few units in the last place, as in the formulas, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from flint import fmpq

from drc.expressions.pairs import SLACK
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    logarithm,
    precision,
    rational_above,
    to_fraction,
    total,
    uncertainty,
)
from drc.types import Exact

#: A few units in the last place, as a part of a bound.
_SLACK = fmpq(*float(SLACK).as_integer_ratio())

#: A bound on the border of a ball lies above it by this part: what reaches the border is then proved to meet the bound.
_ROOM = fmpq(1, 2**100)


def snapped(name: str, bound: Exact, border: Number, what: str, size: Exact | None = None) -> tuple[Exact, str]:
    """Move a bound up to a border that it misses by a few units in the last place.

    `border` is the least bound that something meets, and `what` is how it is called. `size` is the number whose units
    in the last place count: left out, the bound; else the largest that the border is computed from.

    Returns the bound, and a sentence that says that it was rounded, empty if it was not.

    Examples
    --------
    >>> snapped("C", Fraction(1, 3) - Fraction(1, 10**16), fmpq(1, 3), "H(S|X)")
    (Fraction(1, 3), 'C rounded up by 1e-16 to H(S|X)')
    >>> snapped("C", Fraction(1, 4), fmpq(1, 3), "H(S|X)")
    (Fraction(1, 4), '')
    """
    with precision():
        given = exact_or_ball(bound)
        if given >= border or is_below(bound, border, size):
            return bound, ""
        # Where balls cannot tell them apart, that is near enough.
        moved = rational_above(border if isinstance(border, fmpq) else border + _ROOM * abs(border))
        return to_fraction(moved), f"{name} rounded up by {float(moved - given):.2g} to {what}"


def is_below(bound: Exact, border: Number, size: Exact | None = None) -> bool:
    """Whether a bound is proved to miss a border by more than rounding.

    `size` is as in `snapped`.
    """
    with precision():
        given = exact_or_ball(bound)
        return bool(given + _SLACK * abs(given if size is None else exact_or_ball(size)) < border)


def reaches(bound: Exact, border: Number) -> bool:
    """Whether a bound is proved to be at or above a border."""
    with precision():
        return bool(exact_or_ball(bound) >= border)


def label_entropy(problem: Finite, unit: str) -> Number:
    """Return `H(S)`, or another uncertainty of the label: no classifier knows less.

    Examples
    --------
    >>> label_entropy(Finite([[0.25, 0.25], [0.25, 0.25]]), "bits")
    1
    """
    with precision():
        masses = [exact_or_ball(sum(row, Fraction(0))) for row in problem.p_SX]
        return uncertainty(problem.uncertainty, masses, unit == "bits")


def source_entropy(problem: Finite, unit: str) -> Number:
    """Return `H(X)`: no code needs a larger rate.

    Examples
    --------
    >>> source_entropy(Finite([[0.25, 0.25, 0.5]]), "bits")
    3/2
    """
    return _entropy((sum(column, Fraction(0)) for column in zip(*problem.p_SX, strict=True)), unit)


def known_at_most(problem: Finite, unit: str) -> Number:
    """Return `H(S|X)`, or another uncertainty: by data processing no classifier of the output knows more.

    Examples
    --------
    >>> known_at_most(Finite([[0.5, 0], [0, 0.5]]), "bits"), known_at_most(Finite([[0.25, 0.25], [0.25, 0.25]]), "bits")
    (0, 1)
    """
    with precision():
        columns = ([exact_or_ball(p) for p in column] for column in zip(*problem.p_SX, strict=True))
        return total(uncertainty(problem.uncertainty, masses, unit == "bits") for masses in columns)


def _entropy(masses: Iterable[Exact], unit: str) -> Number:
    with precision():
        law = [exact_or_ball(p) for p in masses if p != 0]
        return -total(p * logarithm(p, unit == "bits") for p in law)
