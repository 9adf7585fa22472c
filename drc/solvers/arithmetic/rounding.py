"""Proved bounds in doubles, for arrays: the arithmetic of intervals, with logarithms and exponentials.

IEEE arithmetic rounds `+ - * /` correctly, and nothing is known of `numpy.exp`; so the exponential is computed here from
the four operations, with an error that can be bounded on paper, and the logarithm is checked against it ([moore2009]).
What takes a ball a microsecond takes a few nanoseconds; the enclosures are some 1e-14 wide, relative to the terms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: The distance from one to the next double, and half of it: by how much a result that is rounded may be off, as a part.
EPSILON, ROUNDOFF = 2.0**-52, 2.0**-53

#: ln 2 in two parts: multiples of the first by integers below 2^20 are exact; the sum misses ln 2 by less than 2^-85.
_LN2_HIGH, _LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")

#: Coefficients of the exponential's series; what is left out is below 2^-60 for |r| <= 0.35.
_SERIES = tuple(1.0 / math.factorial(k) for k in range(14, -1, -1))

#: Relative error of `_exp`: below 0.35 * 2 u for the reduced argument, and `2 * 15 u e^0.7` for Horner's rule and the
#: coefficients ([higham2002], section 5.1): together less than 63 u.
_EXP_ERROR = 2.0**-46

#: Doubles on either side of 1/e = 0.367879441171442321...
_TOP = (0.3678794411714422, 0.3678794411714425)

#: Beyond these the exponential is not a normal double.
_LEAST, _MOST = -700.0, 700.0


@dataclass(frozen=True, eq=False)
class Interval:
    """Arrays of real numbers between `low` and `high`; every operation holds all results.

    Both arrays have one shape; the numbers may be infinite, never NaN.

    Examples
    --------
    >>> third = Interval.of(1.0) / Interval.of(3.0)
    >>> bool(third.low < third.high), float((third * Interval.of(3.0)).high) >= 1
    (True, True)
    """

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, low: ArrayLike, high: ArrayLike | None = None) -> Interval:
        """Take doubles as they are: exact, or the two ends.

        Examples
        --------
        >>> Interval.of([1.0, 2.0]).high.tolist()
        [1.0, 2.0]
        """
        low = np.asarray(low, dtype=float)
        return cls(low, low if high is None else np.asarray(high, dtype=float))

    @classmethod
    def around(cls, values: ArrayLike, ulps: float = 1.0) -> Interval:
        """Take doubles that are right to this many units in the last place.

        Examples
        --------
        >>> tenth = Interval.around(0.1)
        >>> bool(tenth.low < 0.1 < tenth.high)
        True
        """
        values = np.asarray(values, dtype=float)
        error = np.where(np.isfinite(values), np.abs(values) * (2 * ROUNDOFF * ulps), 0.0)
        return cls(_below(values - error), _above(values + error))

    def __add__(self, other: Interval) -> Interval:
        return Interval(_below(self.low + other.low), _above(self.high + other.high))

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        pairs = [_times(a, b) for a in self._ends for b in other._ends]
        return Interval(_below(np.minimum.reduce(pairs)), _above(np.maximum.reduce(pairs)))

    def __truediv__(self, other: Interval) -> Interval:
        """Divide by an interval that does not hold zero."""
        ends = [_over(a, b) for a in self._ends for b in other._ends]
        return Interval(_below(np.minimum.reduce(ends)), _above(np.maximum.reduce(ends)))

    @property
    def _ends(self) -> tuple[np.ndarray, ...]:
        """Both ends, or one if they are the same array: doubles taken as they are."""
        return (self.low,) if self.high is self.low else (self.low, self.high)

    @property
    def middle(self) -> np.ndarray:
        """The middle, in doubles."""
        return 0.5 * self.low + 0.5 * self.high

    def __getitem__(self, index: object) -> Interval:
        at: Any = index  # numpy says what it may be
        low = self.low[at]
        return Interval(low, low if self.high is self.low else self.high[at])

    def sum(self, axis: int | None = None) -> Interval:
        """Add along an axis.

        In any order of summation the error is at most `(n - 1) u / (1 - (n - 1) u)` times the sum of absolute values
        ([higham2002], section 4.2).
        """
        n = self.low.size if axis is None else self.low.shape[axis]
        # A sum beyond the largest double is infinite, which is caught by its sign below.
        with np.errstate(invalid="ignore", over="ignore"):
            low, high = self.low.sum(axis=axis), self.high.sum(axis=axis)
            factor = 2 * n * ROUNDOFF
            error_low = factor * np.abs(self.low).sum(axis=axis)
            error_high = factor * np.abs(self.high).sum(axis=axis)
            low = np.where(np.isnan(low) | (low == np.inf) & np.isfinite(self.low).all(axis=axis), -np.inf, low)
            high = np.where(np.isnan(high) | (high == -np.inf) & np.isfinite(self.high).all(axis=axis), np.inf, high)
            return Interval(
                _below(np.where(np.isfinite(low), low - error_low, low)),
                _above(np.where(np.isfinite(high), high + error_high, high)),
            )

    def exp(self) -> Interval:
        """Return the exponential.

        Examples
        --------
        >>> e = Interval.of(1.0).exp()
        >>> bool(e.low < 2.718281828459045 < e.high), float(e.high - e.low) < 1e-13
        (True, True)
        """
        low = _exp(self.low)
        high = low if self.high is self.low else _exp(self.high)
        low = np.where(self.low < _LEAST, 0.0, low * (1 - _EXP_ERROR))
        high = np.where(self.high > _MOST, np.inf, high * (1 + _EXP_ERROR))
        return Interval(np.maximum(_below(low), 0.0), _above(high))

    def log(self) -> Interval:
        """Return the natural logarithm of numbers that are not negative; of zero it is minus infinity.

        Examples
        --------
        >>> half = Interval.of(0.5).log()
        >>> bool(half.low < -0.6931471805599453 < half.high), float(half.high - half.low) < 1e-13
        (True, True)
        """
        low = _log(self.low)
        return Interval(low[0], low[1] if self.high is self.low else _log(self.high)[1])

    def entropy_terms(self) -> Interval:
        """Return `-p log p` for numbers in [0, 1], zero for zero, in nats.

        Examples
        --------
        >>> Interval.of([0.0, 1.0]).entropy_terms().high.round(12).tolist()
        [0.0, 0.0]
        """
        # The curve is concave: least at an end, and greatest at an end or at its top 1/e.
        left = _entropy_term(self.low)
        if self.high is self.low:
            return Interval(*left)
        right = _entropy_term(self.high)
        top = np.where((self.low < _TOP[1]) & (self.high > _TOP[0]), _TOP[1], np.maximum(left[1], right[1]))
        return Interval(np.minimum(left[0], right[0]), np.where(self.low == self.high, left[1], top))


def matrix_product(a: np.ndarray, b: np.ndarray) -> Interval:
    """Multiply matrices of doubles, with the rounding of the sums of products accounted for.

    `a` has the shape (..., m, n), `b` the shape (..., n, k), and the product the shape (..., m, k).

    Examples
    --------
    >>> product = matrix_product(np.array([[0.1, 0.2]]), np.array([[3.0], [4.0]]))
    >>> bool((product.low < 1.1) & (1.1 < product.high))
    True
    """
    value = a @ b
    error = 2 * (a.shape[-1] + 1) * ROUNDOFF * (np.abs(a) @ np.abs(b)) + 1e-300
    return Interval(_below(value - error), _above(value + error))


def _below(x: np.ndarray) -> np.ndarray:
    # Beyond the largest double lies infinity, which is a bound as well.
    with np.errstate(over="ignore"):
        return np.nextafter(x, -np.inf)


def _above(x: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.nextafter(x, np.inf)


def _times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    # Zero times infinity is zero here: a mass of zero, whatever it is multiplied with.
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where((a == 0) | (b == 0), 0.0, a * b)


def _over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(a == 0, 0.0, a / b)


def _entropy_term(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    positive = np.where(p > 0, p, 1.0)
    low, high = _log(positive)
    return np.where(p > 0, _below(-positive * high), 0.0), np.where(p > 0, _above(-positive * low), 0.0)


def _exp(x: np.ndarray) -> np.ndarray:
    """Return the exponential of numbers from _LEAST to _MOST (others are moved there), to _EXP_ERROR."""
    x = np.clip(x, _LEAST, _MOST)
    k = np.rint(x * 1.4426950408889634)
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW
    total = np.full_like(r, _SERIES[0])
    for coefficient in _SERIES[1:]:
        total = total * r + coefficient
    return np.ldexp(total, k.astype(np.int32))


def _log(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bound the logarithm: any approximation `y` is corrected by `z = x exp(-y)`, with `1 - 1/z <= log z <= z - 1`."""
    x = np.asarray(x, dtype=float)
    mantissa, exponent = np.frexp(np.where((x > 0) & np.isfinite(x), x, 1.0))
    y = np.log(mantissa)
    z = mantissa * _exp(-y)
    z_low, z_high = z * (1 - 2 * _EXP_ERROR), z * (1 + 2 * _EXP_ERROR)
    # `exponent * ln 2` is right to three roundings.
    shift = exponent * 0.6931471805599453
    slack = 4 * ROUNDOFF * (np.abs(shift) + np.abs(y)) + 4 * ROUNDOFF
    low = _below(shift + y + (1 - 1 / z_low) - slack)
    high = _above(shift + y + (z_high - 1) + slack)
    # Near one the elementary bounds are better.
    safe = np.where((x > 0) & np.isfinite(x), x, 1.0)
    inverse = _above(1 / np.maximum(safe, 0.5))
    low = np.where(safe >= 0.5, np.maximum(low, _below(1 - inverse)), low)
    high = np.minimum(high, _above(safe - 1))
    return (
        np.where(x > 0, np.where(np.isinf(x), 709.0, low), -np.inf),
        np.where(x > 0, np.where(np.isinf(x), np.inf, high), -np.inf),
    )
