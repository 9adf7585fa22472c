"""The information measures that a certificate is about, in exact numbers and balls.

Every logarithm is that of a ratio, so that what vanishes (the information in equal laws, the entropy of a certain
letter) is exactly zero, and what is a whole number of bits is known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from flint import arb, fmpq

from drc.checker.numerals import is_zero
from drc.types import Number


def nats(bits: bool) -> Number:
    """Return how many nats the unit has: `ln 2` for bits, 1 for nats.

    Examples
    --------
    >>> nats(False)
    1
    """
    return arb.const_log2() if bits else fmpq(1)


def logarithm(x: Number, bits: bool) -> Number:
    """Return the logarithm in bits or nats; exact at 1, and at powers of two in bits.

    Examples
    --------
    >>> logarithm(fmpq(1, 8), True), logarithm(fmpq(4), True), logarithm(fmpq(1), False)
    (-3, 2, 0)
    """
    if isinstance(x, fmpq):
        if x == 1:
            return fmpq(0)
        p, q = int(x.p), int(x.q)
        if bits and p > 0 and p & (p - 1) == 0 and q & (q - 1) == 0:
            return fmpq(p.bit_length() - q.bit_length())
        if x > fmpq(1, 2):
            # Near one the digits are in the difference.
            return arb(x - 1).log1p() / nats(bits)
    return arb(x).log() / nats(bits)


def relative(t: Number, r: Number, bits: bool) -> Number:
    """Return `t log(t / r)`, which is 0 at `t = 0`.

    Examples
    --------
    >>> relative(fmpq(1, 4), fmpq(1, 2), True), relative(fmpq(0), fmpq(0), True)
    (-1/4, 0)
    """
    return fmpq(0) if is_zero(t) else t * logarithm(t / r, bits)


def entropy(law: Iterable[Number], bits: bool) -> Number:
    """Return `-sum q log q`.

    Examples
    --------
    >>> entropy([fmpq(1, 2), fmpq(1, 4), fmpq(1, 4)], True)
    3/2
    """
    return -total(relative(q, fmpq(1), bits) for q in law)


def equivocation(cell: list[Number], bits: bool) -> Number:
    """Return `|t| log |t| - sum t_s log t_s`, the label's entropy in a cell of masses `t_s`, times the cell's mass.

    Examples
    --------
    >>> equivocation([fmpq(1, 4), fmpq(1, 4)], True), equivocation([fmpq(1, 3), fmpq(0)], True)
    (1/2, 0)
    """
    mass = total(cell)
    return -total(relative(t, mass, bits) for t in cell)


def unknown(kind: str, cell: list[Number], bits: bool) -> Number:
    """Return what is not known of a label in a cell of masses `t_s`, times the cell's mass: concave in the masses.

    It is the entropy, the error of the best guess, or `|t| - sum t_s^2 / |t|` ("gini").

    Examples
    --------
    >>> [unknown(kind, [fmpq(1, 4), fmpq(1, 2)], True) for kind in ("error", "gini")]
    [1/4, 1/3]
    """
    if kind == "entropy":
        return equivocation(cell, bits)
    mass = total(cell)
    if is_zero(mass):
        return fmpq(0)
    if kind == "error":
        return mass + least(-t for t in cell)
    return mass - total(t * t for t in cell) / mass


def total(values: Iterable[Number]) -> Number:
    """Return the sum, 0 of none.

    Examples
    --------
    >>> total([fmpq(1, 2), fmpq(1, 3)])
    5/6
    """
    return sum(values, fmpq(0))


def dot(left: Iterable[Number], right: Iterable[Number]) -> Number:
    """Return the sum of the products; what meets an exact zero plays no part, be it as large as it may.

    Examples
    --------
    >>> dot([fmpq(1, 2), fmpq(0)], [fmpq(3), fmpq(7)])
    3/2
    """
    return total(a * b for a, b in zip(left, right, strict=True) if not is_zero(a))


#: Infinity, which compares with exact numbers and balls; their types do not say so.
INFINITY: Number = math.inf  # pyright: ignore[reportAssignmentType] (flint ships no complete types)


def least(values: Iterable[Number]) -> Number:
    """Return the least of some numbers, or a ball that holds it where the order is not proved; infinity of none.

    Examples
    --------
    >>> least([fmpq(1, 2), math.inf, fmpq(1, 3)])
    1/3
    """
    found = INFINITY
    for value in values:
        if found == math.inf or value == -math.inf:
            found = value
        elif value == math.inf or found == -math.inf:
            continue
        elif isinstance(value, fmpq) and isinstance(found, fmpq):
            found = min(found, value)
        else:
            found = arb(found).min(arb(value))
    return found
