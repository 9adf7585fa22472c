"""Expressions without symbols as floats, and what these have lost to rounding."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from drc.errors import UnknownFunctionError

if TYPE_CHECKING:
    from flint import arb


@cache
def constant(expr: sp.Expr) -> float:
    """Fold an expression without symbols to a float.

    Examples
    --------
    >>> constant(sp.sqrt(2))
    1.4142135623730951
    """
    # Balls are a hundred times as fast where an expression is long; sympy raises its precision until digits are right.
    found = _in_balls(expr)
    return float(expr.evalf(25)) if found is None else float(found.mid())


@cache
def _in_balls(expr: sp.Expr) -> arb | None:
    """Enclose a number to 160 bits, of which 120 are right; None where balls do not tell as much."""
    from flint import ctx

    from drc.expressions.balls import ball

    with ctx.workprec(160), suppress(UnknownFunctionError):
        found = ball(expr, {})
        return found if found.is_finite() and found.rel_accuracy_bits() >= 120 else None
    return None


@cache
def remainder(expr: sp.Expr) -> float:
    """Return what a folded constant has lost to rounding.

    Examples
    --------
    >>> remainder(sp.Rational(1, 2)), remainder(sp.Rational(1, 10))
    (0.0, -5.551115123125783e-18)
    """
    rounded = constant(expr)
    if not np.isfinite(rounded):
        return 0.0
    # 40 digits leave 23 of the remainder.
    if not expr.is_Rational and (found := _in_balls(expr)) is not None:
        return float((found - rounded).mid())
    more = expr if expr.is_Rational else expr.evalf(40)
    return float(sp.Rational(more) - sp.Rational(rounded))
