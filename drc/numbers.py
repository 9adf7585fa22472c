"""The one reader of plain numbers: from text, files and Python, exactly, and at no risk to time or memory.

A number is text in ASCII (a decimal or a fraction), or a Python, NumPy, mpmath or SymPy number.

* A float means the shortest decimal that prints it, in its own precision: `0.3` and `np.float32(0.3)` both mean 3/10.
* A number that is not zero must round to a finite, nonzero double.
* Text has at most 1,000 characters and exponents up to 400; fractions have at most 1,000 digits above and below the line.
* Truth values, complex numbers, masked arrays, NaN and missing values are refused.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, SupportsFloat

import numpy as np

from drc.errors import ProblemError, must
from drc.errors import brief as brief

#: Limits that keep exact arithmetic cheap. The range of doubles needs 309 digits and exponents up to 324.
MOST_DIGITS, MOST_EXPONENT = 1000, 400

#: Bits of the longest numerator or denominator: `MOST_DIGITS` digits, moved by `MOST_EXPONENT` places.
_MOST_BITS = math.ceil((MOST_DIGITS + MOST_EXPONENT) * math.log2(10))

_DECIMAL = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER = re.compile(rf"({_DECIMAL})(?:/({_DECIMAL}))?")
_INFINITE = re.compile(r"([+-]?)(?:inf|infinity|oo)", re.IGNORECASE)
_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)")


def read(name: str, value: object) -> Fraction | float:
    """Read a number exactly.

    Parameters
    ----------
    name : str
        The parameter, for the message.

    Returns
    -------
    Fraction, or the float `inf` or `-inf`

    Raises
    ------
    ProblemError
        Naming the parameter, what it must be, and what was given.

    Examples
    --------
    >>> read("R", 0.3), read("R", np.float32(0.3)), read("R", "1/3"), read("R", "inf")
    (Fraction(3, 10), Fraction(3, 10), Fraction(1, 3), inf)
    >>> read("R", "1e-999999999")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: R must have an exponent from -400 to 400, got '1e-999999999'
    """
    if isinstance(value, float):
        return _finite_or_infinite(name, float(value))
    if isinstance(value, bool | np.bool_ | np.timedelta64) or value is None:
        raise _not_a_number(name, value)
    if isinstance(value, str):
        return _from_text(name, value)
    if isinstance(value, Decimal):
        return _from_decimal(name, value)
    if isinstance(value, numbers.Rational):
        return _checked(name, value, int(value.numerator), int(value.denominator))
    if isinstance(value, np.floating):
        return _from_decimal(name, Decimal(str(value)))
    if hasattr(value, "_mpf_"):
        return _from_mpf(name, value)
    if (item := _item(name, value)) is not value:
        return read(name, item)
    if isinstance(value, numbers.Real):
        return _from_other(name, value)
    raise _not_a_number(name, value)


def _finite_or_infinite(name: str, value: float) -> Fraction | float:
    if math.isnan(value):
        raise _not_a_number(name, value)
    # What `Fraction` reads from the printed text, without the pattern that it reads by.
    return value if math.isinf(value) else Fraction(*Decimal(repr(value)).as_integer_ratio())


def _from_text(name: str, text: str) -> Fraction | float:
    if len(text) > MOST_DIGITS:
        raise ProblemError(f"{name} must have at most {MOST_DIGITS} characters, got {brief(text)} with {len(text)}")
    if sign := _INFINITE.fullmatch(text.strip()):
        return -math.inf if sign[1] == "-" else math.inf
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        raise must(name, "be a number, such as 0.25 or 1/4", text)
    # Compared as text first: nothing may build a number with a huge exponent.
    for exponent in _EXPONENT.findall(text):
        if abs(int(exponent)) > MOST_EXPONENT:
            raise must(name, f"have an exponent from -{MOST_EXPONENT} to {MOST_EXPONENT}", text)
    above, below = (Fraction(*Decimal(part or "1").as_integer_ratio()) for part in found.groups())
    if not below:
        raise must(name, "have a denominator other than zero", text)
    quotient = above / below
    return _checked(name, text, quotient.numerator, quotient.denominator)


def _from_decimal(name: str, value: Decimal) -> Fraction | float:
    if value.is_nan():
        raise _not_a_number(name, value)
    if value.is_infinite():
        return math.copysign(math.inf, value)
    if len(value.as_tuple().digits) > MOST_DIGITS:
        raise _too_long(name, value)
    if not value:
        return Fraction(0)
    if abs(value.adjusted()) > MOST_EXPONENT:
        raise _out_of_range(name, value)
    return _checked(name, value, *value.as_integer_ratio())


def _from_mpf(name: str, value: Any) -> Fraction | float:
    """Read a binary float of mpmath or SymPy, of any precision, as the decimal that it prints as."""
    _, mantissa, exponent, bits = value._mpf_
    if mantissa and abs(exponent + bits) > 4 * MOST_EXPONENT:
        raise _out_of_range(name, value)
    if bits > 53 or getattr(value, "_prec", 53) != 53:
        return _from_decimal(name, Decimal(str(value)))
    return _from_other(name, value)


def _from_other(name: str, value: Any) -> Fraction | float:
    """Read a real number of a type that is not known here as the double that it becomes."""
    try:
        found = _finite_or_infinite(name, float(value))
    except OverflowError:
        raise _out_of_range(name, value) from None
    if found == 0 and value != 0:
        raise _out_of_range(name, value)
    return found


def _item(name: str, value: Any) -> Any:
    """Return what an array without a dimension holds, and everything else as it is."""
    if not isinstance(value, np.ndarray) or value.ndim or isinstance(value, np.ma.MaskedArray):
        return value
    if isinstance(value[()], np.ndarray):
        raise _not_a_number(name, value)
    return value[()]


def _checked(name: str, value: Any, above: int, below: int, *, tiny: bool = False) -> Fraction:
    """Return a fraction if its parts are of a decent length and it rounds to a finite double, and to zero only if it is."""
    if max(above.bit_length(), below.bit_length()) > _MOST_BITS:
        raise _too_long(name, value) if below > 1 else _out_of_range(name, value)
    try:
        double = above / below
    except OverflowError:
        raise _out_of_range(name, value) from None
    if above and not double and not tiny:
        raise _out_of_range(name, value)
    return value if type(value) is Fraction else Fraction(above, below)


def product(name: str, value: numbers.Rational) -> Fraction:
    """Read a fraction that may be closer to zero than any double, as products of probabilities are.

    Raises
    ------
    ProblemError
        If it is too large, or has too many digits.

    Examples
    --------
    >>> product("p_SX", Fraction(1, 10**400)) > 0
    True
    """
    return _checked(name, value, int(value.numerator), int(value.denominator), tiny=True)


def _not_a_number(name: str, value: Any) -> ProblemError:
    return must(name, "be one real number", value)


def _out_of_range(name: str, value: Any) -> ProblemError:
    return must(name, "be within the range of a double, 5e-324 to 1.8e308 or zero", value)


def _too_long(name: str, value: Any) -> ProblemError:
    return must(name, f"have at most {MOST_DIGITS} digits", value)


def finite(name: str, value: object) -> Fraction:
    """Read a number exactly, and refuse an infinite one.

    Raises
    ------
    ProblemError
        If it is not a finite real number.

    Examples
    --------
    >>> finite("weight", np.float32(0.1))
    Fraction(1, 10)
    """
    found = read(name, value)
    if isinstance(found, float):
        raise must(name, "be finite", value)
    return Fraction(found)


def real(name: str, value: object, low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> float:
    """Read a finite number within a range, as a float.

    Parameters
    ----------
    low, high : float
        The ends of the range, which belong to it.
    above : bool
        Whether the number must be larger than `low`.

    Raises
    ------
    ProblemError
        If it is not a finite real number in that range.

    Examples
    --------
    >>> real("weight", "1/4", 0, 1)
    0.25
    """
    found = finite(name, value)
    if not low <= found <= high or (above and found == low):
        raise must(name, f"be {_range_in_words(low, high, above)}", value)
    return float(found)


def _range_in_words(low: float, high: float, above: bool) -> str:
    first, last = (f"{end:g}" if float(f"{end:g}") == end else repr(end) for end in (low, high))
    if high < math.inf:
        return f"in {'(' if above else '['}{first}, {last}]"
    return "positive" if above and low == 0 else f"{'above' if above else 'at least'} {first}"


def whole(name: str, value: object, low: int = 0, high: int | None = None) -> int:
    """Read a whole number within a range: a seed, a count, an index.

    Parameters
    ----------
    value : int, or a NumPy or SymPy integer
        Floats and texts are refused, whatever their value.
    low, high : int
        The ends of the range, which belong to it; without `high` it has no upper end.

    Raises
    ------
    ProblemError
        If it is not a whole number in that range.

    Examples
    --------
    >>> whole("seed", np.int64(5))
    5
    >>> whole("seed", -1)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: seed must be a whole number, at least 0, got -1
    """
    value = _item(name, value)
    if isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_ | np.timedelta64):
        found = int(value)
        if found >= low and (high is None or found <= high):
            return found
    allowed = f"at least {low}" if high is None else f"from {low} to {high}"
    raise must(name, f"be a whole number, {allowed}", value)


def seed_given(seed: object) -> int:
    """Read a seed: a whole number below 2**64.

    Raises
    ------
    ProblemError
        If it is not.

    Examples
    --------
    >>> seed_given(np.uint8(5))
    5
    """
    return whole("seed", seed, 0, 2**64 - 1)


def reals(name: str, value: object, entry: Callable[[str, object], SupportsFloat] = read) -> float | np.ndarray:
    """Read a number, or an array or nested list of numbers, as a float or an array of floats.

    Parameters
    ----------
    value : number, text, array or sequence
    entry : callable
        Reads one number; each entry of a list is read by it. The default allows infinite numbers.

    Returns
    -------
    float, or array of floats of the shape given

    Raises
    ------
    ProblemError
        Naming the first entry that is not a number.

    Examples
    --------
    >>> reals("R", [0, "1/2", np.float32(0.3)])
    array([0. , 0.5, 0.3])
    """
    if isinstance(value, np.ma.MaskedArray):
        raise must(name, "be an array without a mask", value)
    if isinstance(value, float) and type(value) in (float, np.float64) and not math.isnan(value):
        # What a float means rounds to that float.
        return float(value)
    listed = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if not listed and not hasattr(value, "__array__"):
        return float(entry(name, value))
    try:
        array = np.array(value, dtype=object) if listed else np.asarray(value)
    except (TypeError, ValueError, RuntimeError):
        raise must(name, "be a number or an array of numbers", value) from None
    if array.ndim == 0:
        return float(entry(name, array))
    if array.dtype in (np.float16, np.float32):
        # Its shortest decimal is what a short float means.
        array = array.astype(str).astype(float)
    if array.dtype.kind in "iu" or array.dtype == np.float64 or set(map(type, array.flat)) <= {float}:
        array = array.astype(float, copy=False)
        # The least number is NaN if any is.
        if array.size and np.isnan(array.min()):
            index = ", ".join(map(str, np.argwhere(np.isnan(array))[0]))
            raise ProblemError(f"{name}[{index}] must be a real number, got nan")
        return array
    found = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        found[index] = float(entry(f"{name}[{', '.join(map(str, index))}]", array[index]))
    return found


def nonnegative(name: str, value: object) -> np.ndarray:
    """Read numbers as an array of floats, none of them negative.

    Raises
    ------
    ProblemError
        If one is, or is not a number.

    Examples
    --------
    >>> nonnegative("P", [0, "inf"])
    array([ 0., inf])
    """
    array = np.asarray(reals(name, value))
    if not (array >= 0).all():
        raise must(name, "be at least 0", array.tolist())
    return array
