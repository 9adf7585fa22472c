"""Exact numbers and balls, side by side.

A quantity is an `fmpq` when it is rational and known exactly, else an `arb`: a ball that holds it. Python's arithmetic
mixes the two, and a comparison is true only if it is proved. Where everything that enters is rational (target laws, or
entropies of laws like (1/2, 1/2) in bits), comparisons on the border are decided too.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, overload

import sympy as sp
from flint import arb, ctx, fmpq

from drc.types import Number as Number

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

#: Working precision in bits. Certificates are a hundred bits finer than a double, so that borders are decided.
PRECISION = 192

#: The precision of a second and third try, where the first leaves a question undecided.
FINER = (768, 2304)


def precision(bits: int = PRECISION) -> AbstractContextManager[object]:
    """Return a context in which balls have the working precision."""
    return ctx.workprec(bits)


def _margin(value: arb) -> fmpq:
    """Far more than the rounding of the working precision, far less than that of a double, for a number of this size."""
    return abs(value).upper().fmpq() / 2 ** (ctx.prec - 52)


@overload
def exact_or_ball(value: Fraction | float) -> fmpq: ...
@overload
def exact_or_ball(value: Fraction | sp.Expr | float) -> Number: ...
def exact_or_ball(value: Fraction | sp.Expr | float) -> Number:
    """Return an exact number of `Finite` as `fmpq`, or as a ball if it is irrational.

    Examples
    --------
    >>> exact_or_ball(Fraction(3, 10))
    3/10
    """
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, sp.Expr):
        if value.is_Rational:
            return fmpq(int(value.p), int(value.q))
        # sympy's evalf raises its working precision until the requested digits are right; five are given away.
        digits = int(ctx.prec * 0.302) + 5
        middle = arb(str(sp.N(value, digits)))
        # The digits are relative; a number that is zero, or hidden by cancellation, has absolute ones only.
        size = abs(middle).upper() if middle != 0 else arb(1)
        return middle + arb(0, size * arb(10) ** (5 - digits))
    return fmpq(*float(value).as_integer_ratio())


def to_fraction(value: fmpq) -> Fraction:
    """Return an `fmpq` as a `Fraction`, which can be hashed, pickled and printed.

    Examples
    --------
    >>> to_fraction(fmpq(1, 2))
    Fraction(1, 2)
    """
    return Fraction(int(value.p), int(value.q))


def rational_middle(value: Number) -> fmpq:
    """Return the number, or the middle of its ball.

    Examples
    --------
    >>> rational_middle(fmpq(1, 3))
    1/3
    """
    return value if isinstance(value, fmpq) else value.mid().fmpq()


def rational_above(value: Number) -> fmpq:
    """Return the number itself if it is rational, else a rational surely above it.

    Examples
    --------
    >>> with precision():
    ...     rational_above(fmpq(1, 3)), rational_above(arb(2).sqrt()) > arb(2).sqrt()
    (1/3, True)
    """
    return value if isinstance(value, fmpq) else value.upper().fmpq() + _margin(value)


def rational_below(value: Number) -> fmpq:
    """Return the number itself if it is rational, else a rational surely below it.

    Examples
    --------
    >>> with precision():
    ...     rational_below(arb(2).sqrt()) < arb(2).sqrt()
    True
    """
    return value if isinstance(value, fmpq) else value.lower().fmpq() - _margin(value)


def nearest(value: Number) -> float:
    """Return a double near the number or the middle of its ball, infinite where that is beyond the largest double.

    Examples
    --------
    >>> nearest(fmpq(1, 2)), nearest(-fmpq(10) ** 400), nearest(arb(10) ** -400)
    (0.5, -inf, 0.0)
    """
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def float_below(value: Number) -> float:
    """Return a double that is surely not above the number; `-inf` if nothing is known.

    Examples
    --------
    >>> float_below(fmpq(1, 10)) <= Fraction(1, 10)
    True
    """
    if not arb(value).is_finite():
        return -math.inf
    end = value if isinstance(value, fmpq) else value.lower().fmpq()
    x = min(nearest(end), sys.float_info.max)
    # The nearest double to the lower end of the ball is one step away at most.
    while math.isfinite(x) and exact_or_ball(x) > end:
        x = math.nextafter(x, -math.inf)
    return x


def float_above(value: Number) -> float:
    """Return a double that is surely not below the number; `inf` if nothing is known.

    Examples
    --------
    >>> float_above(fmpq(1, 10)) >= Fraction(1, 10)
    True
    """
    # Adding zero turns -0.0 into 0.0.
    return -float_below(-value) + 0.0


@overload
def total(values: Iterable[fmpq]) -> fmpq: ...
@overload
def total(values: Iterable[Number]) -> Number: ...
def total(values: Iterable[Number]) -> Number:
    """Return the sum, an exact zero of none.

    Examples
    --------
    >>> total([fmpq(1, 2), fmpq(1, 3)])
    5/6
    """
    return sum(values, fmpq(0))


def is_zero(value: Number) -> bool:
    """Whether a number is known to be exactly zero; of a ball around zero that is not known."""
    return bool(value == 0)


def smallest(values: list[Number]) -> Number:
    """Return the least of some numbers; a ball that holds it if that is undecided.

    Examples
    --------
    >>> smallest([fmpq(1, 2), fmpq(1, 3)])
    1/3
    """
    least = values[0]
    for value in values[1:]:
        if isinstance(value, fmpq) and isinstance(least, fmpq):
            least = min(least, value)
        elif not least <= value:
            least = value if value <= least else arb(least).min(arb(value))
    return least


def logarithm(x: Number, in_bits: bool) -> Number:
    """Logarithm in bits or nats; exact for powers of two in bits, and at 1.

    Examples
    --------
    >>> logarithm(fmpq(1, 8), True)
    -3
    """
    if isinstance(x, fmpq):
        if x == 1:
            return fmpq(0)
        if in_bits and x.p == 1 and (q := int(x.q)) & (q - 1) == 0:
            return fmpq(1 - q.bit_length())
    # Near one the digits are in the difference.
    log = arb(x - 1).log1p() if isinstance(x, fmpq) and x > fmpq(1, 2) else arb(x).log()
    return log / arb.const_log2() if in_bits else log


def uncertainty(kind: str, masses: Sequence[Number], in_bits: bool) -> Number:
    """Return the uncertainty of a label, times its mass.

    `kind` is "entropy", "error" (of the best guess) or "gini" (the probability that two independent labels differ). The
    masses are not negative, and need not sum to one; `in_bits` is the unit of an entropy.

    Examples
    --------
    >>> half = [fmpq(1, 4), fmpq(1, 4)]
    >>> uncertainty("entropy", half, True), uncertainty("error", half, True), uncertainty("gini", half, True)
    (1/2, 1/4, 1/4)
    >>> uncertainty("entropy", [fmpq(1), fmpq(0)], True)
    0
    """
    used = [p for p in masses if not is_zero(p)]
    whole = total(used)
    # Of a single label nothing is unknown: balls alone would leave some.
    if len(used) <= 1:
        return fmpq(0)
    if kind == "error":
        return whole + smallest([-p for p in used])
    if kind == "gini":
        return whole - total(p * p for p in used) / whole
    return -total(p * logarithm(p / whole, in_bits) for p in used)
