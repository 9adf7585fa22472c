"""Input is judged here, in the words of the user: which parameter, which value, what is allowed."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from drc.errors import ProblemError
from drc.errors import choice as choice


def exact(name: str, value: Any) -> sp.Expr:
    """Return `value` as an exact sympy number or expression.

    A float means the decimal that it prints as: 0.3 is 3/10, so that the corners of a formula (say
    `D = |q_X - q_Y|` with `q_X = 0.3`, `q_Y = 0.4`) are exact.

    Raises
    ------
    ProblemError
        If `value` is not a real scalar.

    Examples
    --------
    >>> exact("q_X", 0.3), exact("q_X", "q")
    (3/10, q)
    """
    if isinstance(value, sp.Expr):
        return _exact_expression(name, value)
    if isinstance(value, bool | np.bool_) or value is None:
        raise ProblemError(f"{name} = {value!r} is no number: allowed is a real number or a sympy expression")
    if isinstance(value, str):
        return _read(name, value)
    if isinstance(value, numbers.Rational):
        return sp.Rational(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real) or (isinstance(value, np.ndarray) and value.ndim == 0):
        return _exact_float(name, float(value))
    raise ProblemError(
        f"{name} = {value!r} is no number: allowed is one real number or one sympy expression"
        " (curves over a parameter are evaluated from the symbolic trade-off)"
    )


def _read(name: str, text: str) -> sp.Expr:
    """Read a decimal, a fraction or a symbol; nothing is ever evaluated."""
    text = text.strip()
    if text in ("inf", "oo", "+inf", "+oo"):
        return sp.oo
    if text.isidentifier() and text.lower() != "nan":
        return sp.Symbol(text, real=True)
    try:
        return sp.Rational(text)
    except (TypeError, ValueError, ZeroDivisionError):
        raise ProblemError(
            f"{name} = {text!r} cannot be read: allowed is a decimal, a fraction or the name of a symbol"
        ) from None


def _exact_float(name: str, value: float) -> sp.Expr:
    if math.isnan(value):
        raise ProblemError(f"{name} = nan is no number: allowed is a real number")
    if math.isinf(value):
        return sp.oo if value > 0 else -sp.oo
    return sp.Rational(repr(value))


def _exact_expression(name: str, value: sp.Expr) -> sp.Expr:
    value = value.replace(lambda e: e.is_Float, lambda e: _exact_float(name, float(e)))
    if value is sp.nan or value.is_extended_real is False:
        raise ProblemError(f"{name} = {value} is no real number")
    return value


def in_range(name: str, value: sp.Expr, low: sp.Expr, high: sp.Expr, *, what: str, open_low: bool = False) -> sp.Expr:
    """Return `value` if it is not known to leave `[low, high]` (or `(low, high]`).

    Raises
    ------
    ProblemError
        Naming parameter, value and range.
    """
    below = (value <= low) if open_low else (value < low)
    above = value > high
    if below == True or above == True or (value in (sp.oo, -sp.oo) and high == sp.oo):  # noqa: E712
        left = "<" if open_low else "<="
        bounds = f"{name} > {low}" if high == sp.oo and open_low else f"{low} {left} {name} <= {high}"
        if low == -sp.oo:
            bounds = "a finite real number"
        elif high == sp.oo and not open_low:
            bounds = f"{name} >= {low}"
        raise ProblemError(f"{name} = {shown(value)} is no {what}: allowed is {bounds}")
    return value


def shown(value: sp.Expr) -> str:
    """Show a number the way a user would have written it."""
    if value.is_Integer or value.is_infinite:
        return str(value)
    return f"{float(value):.12g}" if value.is_number else str(value)


def number(name: str, value: Any, *, what: str = "number") -> sp.Expr:
    """Return `value` exactly, refusing free symbols.

    Raises
    ------
    ProblemError
        If symbols are still free; the message lists them.
    """
    value = exact(name, value)
    free = sorted(map(str, value.free_symbols))
    if free:
        raise ProblemError(f"{name} = {value} is no {what}: {', '.join(free)} still free; give numbers for them")
    return value


def bounds_given(values: Mapping[str, Any]) -> dict[str, float]:
    """Turn the constraints given to a solver into floats; `None` means inactive and becomes `+inf`.

    Parameters
    ----------
    values : mapping from "D", "R", "P" or "C" to a bound

    Raises
    ------
    ProblemError
        For NaN, symbols, or a negative rate, distortion or perception bound (a bound `C` may be negative: for
        continuous laws an entropy is, and for finite ones it is simply infeasible).
    """
    bounds = {}
    for name, value in values.items():
        if value is None:
            bounds[name] = math.inf
            continue
        bound = float(number(name, value))
        if bound < 0 and name != "C":
            raise ProblemError(f"{name} = {bound:g} is no bound: allowed is {name} >= 0")
        bounds[name] = bound
    return bounds
