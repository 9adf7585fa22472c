"""Laws and matrices as a user writes them, made exact and checked: which entry, which value, what is allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence, Set, Sized
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from drc.errors import ProblemError, must
from drc.numbers import brief, finite, product, real
from drc.problems.validation import number

#: How far from one the sum of a law may be: the rounding of a thousand printed digits, and no more.
SUM_TOLERANCE = Fraction(1, 10**9)

#: How far it may be at most where the entries are floats of less than 64 bits.
SHORT_TOLERANCE = Fraction(1, 100)

#: What is iterable and has no order, or another one than that of numbers in a row.
_NO_ROWS = str | bytes | Mapping | Set

#: What arrays of numbers hold: whole numbers, floats, or objects and texts that are read one by one.
_KINDS = "iufOU"

#: Entries of the largest matrix: as exact numbers they take some hundred megabytes.
MOST_ENTRIES = 2**20

#: The largest difference of letters whose square is a cost.
_FARTHEST = 10**150

#: Up to this whole number every one is a double.
_EXACT_DOUBLES = 2**53

#: More than any number that is read.
_LARGEST = 10**400

Exact = Fraction | sp.Expr | float


def exact_number(name: str, value: object) -> Fraction | sp.Expr:
    """Return a number exactly: a `Fraction` where it is rational, else a sympy number.

    A float means the decimal that it prints as; `name` is for the message.

    Raises `ProblemError` if it is not a finite real number.

    Examples
    --------
    >>> exact_number("R", 0.3)
    Fraction(3, 10)
    """
    if isinstance(value, Fraction | sp.Rational):
        return product(name, value)
    if not isinstance(value, str | sp.Expr):
        return finite(name, value)
    value = number(name, value)
    if value.is_Rational:
        return Fraction(int(value.p), int(value.q))
    if value.is_infinite:
        raise ProblemError(f"{name} must be finite, got {value}")
    return value


def probability(name: str, value: object) -> Fraction | sp.Expr:
    """Return a probability exactly.

    Raises `ProblemError` if it is not a number, or outside [0, 1].
    """
    return _within(name, exact_number(name, value), 1, "be in [0, 1]")


def _within(name: str, value: Fraction | sp.Expr, most: float, needs: str) -> Fraction | sp.Expr:
    """Return an exact number that is not known to be negative, or larger than another."""
    if isinstance(value, Fraction) and 0 <= value.numerator <= most * value.denominator:
        return value
    if (value < 0) == True or (value > most) == True:  # noqa: E712 (a sympy relation is not a bool)
        raise must(name, needs, got=f"{float(value):.12g}")
    return value


def cost(name: str, value: object) -> Fraction | sp.Expr:
    """Return a cost exactly.

    Raises `ProblemError` if it is not a number, or negative.
    """
    return _within(name, exact_number(name, value), _LARGEST, "be at least 0")


def distortion(name: str, value: object) -> Exact:
    """Return a distortion exactly; the infinite one, of a pair that is forbidden, as the float `inf`.

    Raises `ProblemError` if it is not a number, or negative.

    Examples
    --------
    >>> distortion("d", 0.5), distortion("d", sp.oo)
    (Fraction(1, 2), inf)
    """
    if isinstance(value, str | sp.Expr):
        value = number(name, value)
    if value is sp.oo or (isinstance(value, float) and value == math.inf):
        return math.inf
    return _within(name, exact_number(name, value), _LARGEST, "be at least 0 (inf forbids a pair)")


def listed(name: str, value: object) -> list:
    """Return a sequence or an array as a list.

    Raises `ProblemError` if it is neither.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise must(name, "be an array without a mask", value)
    if isinstance(value, np.ndarray) and value.ndim and value.dtype.kind == "f" and value.dtype != np.float64:
        # As they are: in double precision np.float32(0.3) would no longer be the float that prints as 0.3.
        return list(value)
    if isinstance(value, sp.MatrixBase) or (isinstance(value, np.ndarray) and value.ndim):
        return value.tolist()
    if isinstance(value, _NO_ROWS | np.ndarray) or not isinstance(value, Iterable):
        raise must(name, "be a list or an array", value)
    return list(value)


def matrix(name: str, value: object, axes: tuple[str, str], entry: Callable[[str, object], object]) -> tuple:
    """Return a matrix as a tuple of rows, each entry checked and made exact by `entry(name, value)`.

    `axes` says what its two sizes are called.

    Raises `ProblemError` if it is not a matrix, or an entry is refused.

    Examples
    --------
    >>> matrix("p_SX", [[0.5, 0.5]], ("n_S", "n_X"), probability)
    ((Fraction(1, 2), Fraction(1, 2)),)
    """
    if isinstance(value, np.ndarray) and value.ndim != 2:
        raise must(name, f"have the shape ({axes[0]}, {axes[1]})", got=f"{value.shape}")
    if isinstance(value, np.ndarray) and value.dtype.kind not in _KINDS:
        raise ProblemError(f"{name} must be an array of real numbers, got one of type {value.dtype}")
    if (size := np.size(value) if isinstance(value, np.ndarray) else _size(value)) > MOST_ENTRIES:
        raise ProblemError(f"{name} must have at most {MOST_ENTRIES} entries, got {size}")
    rows = listed(name, value)
    for row in rows:
        if isinstance(row, _NO_ROWS) or not isinstance(row, Iterable):
            raise ProblemError(
                f"{name} must have two dimensions, of shape ({axes[0]}, {axes[1]}), got {brief(row)} where a row is expected"
            )
    rows = [listed(f"{name}[{i}]", row) for i, row in enumerate(rows)]
    if not rows or not rows[0]:
        raise must(name, f"have the shape ({axes[0]}, {axes[1]}), each at least 1", got="an empty array")
    lengths = sorted({len(row) for row in rows})
    if len(lengths) > 1:
        raise must(name, "have rows of one length", got=f"rows of {lengths[0]} and of {lengths[-1]} entries")
    try:
        return tuple(tuple(entry(name, v) for v in row) for row in rows)
    except ProblemError:
        # Only now the place of the entry has to be written down.
        for i, row in enumerate(rows):
            for j, v in enumerate(row):
                entry(f"{name}[{j}]" if axes[0] == "1" else f"{name}[{i}, {j}]", v)
        raise


def _size(rows: Any) -> int:
    # An array without a dimension says that it has a length, and has none.
    rows = (
        [row for row in rows if isinstance(row, Sized) and getattr(row, "ndim", 1)]
        if isinstance(rows, Sequence)
        else []
    )
    return sum(map(len, rows))


def law(name: str, value: object, size: str = "n_Y") -> tuple:
    """Return a probability vector exactly.

    Raises `ProblemError` if its entries are not probabilities, or do not sum to one.

    Examples
    --------
    >>> law("p_Y", [0.25, 0.75])
    (Fraction(1, 4), Fraction(3, 4))
    """
    if isinstance(value, np.ndarray) and value.ndim != 1:
        raise ProblemError(f"{name} must have the shape ({size},), got {value.shape}")
    rows = matrix(name, [listed(name, value)], ("1", size), probability)
    return normalised(name, rows, rounding([value]))[0]


def rounding(rows: Sequence | np.ndarray) -> Fraction:
    """Return how far from one the sum of entries may be: n roundings of their type, if it is a short float.

    Examples
    --------
    >>> float(rounding([[0.5, 0.5]])), float(rounding(np.full((2, 2), 0.25, np.float32)))
    (1e-09, 4.76837158203125e-07)
    """
    dtypes = {rows.dtype} if isinstance(rows, np.ndarray) else {getattr(v, "dtype", None) for row in rows for v in row}
    short = [float(np.finfo(dtype).eps) for dtype in dtypes if dtype in (np.float16, np.float32)]
    count = sum(np.size(row) for row in rows)
    return min(max(SUM_TOLERANCE, Fraction(max(short, default=0)) * count), SHORT_TOLERANCE)


def normalised(name: str, rows: tuple, tolerance: Fraction = SUM_TOLERANCE) -> tuple:
    """Make the entries sum to one exactly, if they nearly do.

    Raises `ProblemError` if they miss one by more than the tolerance.
    """
    one, whole = _whole(rows)
    mass = sum(map(sum, whole))
    total = Fraction(mass, one) if one else sp.expand(sum((p for row in rows for p in row), Fraction(0)))
    if total == 1:
        return rows
    miss = abs(total - 1) if isinstance(total, Fraction) else abs(float(total - 1))
    if miss > tolerance:
        raise ProblemError(
            f"{name} must sum to 1 within {float(tolerance):.3g}, got {float(total):.12g}, which misses 1 by"
            f" {float(miss):.3g}"
        )
    if one:
        return tuple(tuple(Fraction(p, mass) for p in row) for row in whole)
    return tuple(tuple(p / total for p in row) for row in rows)


def said_of_sum(name: str, rows: Iterable[Sequence]) -> list[str]:
    """Say that entries were made to sum to one, if they missed it by more than what is taken for granted.

    Examples
    --------
    >>> said_of_sum("p_Y", [np.array([0.5, 0.5], np.float32)]), said_of_sum("p_Y", [[0.25, 0.5]])
    ([], ['p_Y was normalised: its sum missed 1 by 0.25'])
    """
    miss = abs(float(sum(float(p) for row in rows for p in row)) - 1)
    return [f"{name} was normalised: its sum missed 1 by {miss:.2g}"] if miss > SUM_TOLERANCE else []


def sums(rows: Iterable) -> tuple:
    """Return the sum of each row, exactly.

    Examples
    --------
    >>> sums([(Fraction(1, 2), Fraction(1, 3)), (Fraction(1, 6), Fraction(0))])
    (Fraction(5, 6), Fraction(1, 6))
    """
    rows = tuple(rows)
    one, whole = _whole(rows)
    return tuple(Fraction(sum(row), one) for row in whole) if one else tuple(sum(row, Fraction(0)) for row in rows)


def _whole(rows: tuple) -> tuple[int, list]:
    """A common denominator of fractions and their numerators over it, which adds fast; zero if others are among them."""
    if not all(type(v) is Fraction for row in rows for v in row):
        return 0, []
    one = math.lcm(*(v.denominator for row in rows for v in row))
    return one, [[v.numerator * (one // v.denominator) for v in row] for row in rows]


def frozen(values: Sequence) -> np.ndarray:
    """Return exact numbers, in a tuple or a tuple of tuples, as a read-only float array; each is rounded to nearest."""
    nested = isinstance(values[0], tuple)
    return read_only(np.array([[float(v) for v in row] for row in values] if nested else [float(v) for v in values]))


def read_only(array: np.ndarray) -> np.ndarray:
    """Return an array that refuses to be changed."""
    array.setflags(write=False)
    return array


def hamming(letters_X: tuple, letters_Y: tuple) -> np.ndarray:
    """Return `[x != y]` as floats.

    Examples
    --------
    >>> hamming(("a", "b"), ("b", "c")).tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    d = np.ones((len(letters_X), len(letters_Y)))
    place = {x: i for i, x in enumerate(letters_X)}
    for j, y in enumerate(letters_Y):
        if y in place:
            d[place[y], j] = 0
    return d


def squares_within(name: str, values: tuple) -> None:
    """Refuse numbers whose squared differences leave the range of doubles.

    Raises `ProblemError` naming the smallest and the largest.
    """
    low, high = min(values), max(values)
    if high - low > _FARTHEST:
        raise ProblemError(
            f"{name} must differ by at most {float(_FARTHEST):g} where squared differences are costs, got {float(low):g} and"
            f" {float(high):g}"
        )


def squared(values_X: tuple, values_Y: tuple) -> np.ndarray:
    """Return `(x - y)^2` of exact numbers as floats, each rounded to nearest.

    Examples
    --------
    >>> squared((Fraction(0), Fraction(1, 10)), (Fraction(3, 10),)).tolist()
    [[0.09], [0.04]]
    """
    values = (*values_X, *values_Y)
    if not all(isinstance(v, Fraction) for v in values):
        return np.array(
            [[real("a squared difference of letters", float((x - y) ** 2)) for y in values_Y] for x in values_X]
        )
    # As whole numbers over one denominator: the quotient of two whole numbers is rounded only once.
    denominator = math.lcm(*(v.denominator for v in values))
    X, Y = ([int(v * denominator) for v in side] for side in (values_X, values_Y))
    largest = max((max(*X, *Y) - min(*X, *Y)) ** 2, denominator**2)
    kind = float if largest < _EXACT_DOUBLES and max(map(abs, (*X, *Y))) < _EXACT_DOUBLES else object
    differences = np.subtract.outer(np.array(X, kind), np.array(Y, kind))
    return (differences * differences / denominator**2).astype(float)
