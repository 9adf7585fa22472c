"""Algebra in coordinates: where a symbol is an expression of positive ones, sympy decides what it cannot otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import sympy as sp
from sympy.core.relational import Relational

from drc.expressions.forms import difference, replaced

#: Outcomes that are kept: charts that differ in a sign only often ask the same.
_KEPT = 512

Definitions = tuple[tuple[sp.Symbol, sp.Expr], ...]

#: Each symbol as an expression of positive or non-negative ones.
Chart = Mapping[sp.Symbol, sp.Expr]


def opened(where: Definitions, value: sp.Expr, chart: Chart) -> sp.Expr:
    """Open all abbreviations in the coordinates of a chart, and decide the conditions that have a sign there.

    Parameters
    ----------
    where : pairs of symbol and expression
        The abbreviations, in order.
    value : expression
    chart : mapping from symbol to expression

    Examples
    --------
    >>> a, b = sp.symbols("a b", real=True)
    >>> x = sp.Symbol("x", nonnegative=True)
    >>> opened(((b, sp.Max(0, a)),), sp.Piecewise((b**2, b >= 0), (0, True)), {a: x})
    x**2
    """
    known: dict[sp.Basic, sp.Basic] = {**chart}
    for symbol, meaning in where:
        known[symbol] = _decided(meaning.xreplace(known))
    return _decided(value.xreplace(known))


@lru_cache(maxsize=_KEPT)
def _decided(expr: sp.Expr) -> sp.Expr:
    """Bring an expression to one fraction, without the conditions and maxima whose outcome the coordinates tell."""
    # sympy does not say that the factors of an expression make one.
    expr = sp.factor(expr.replace(sp.Max, _largest), deep=True)  # pyright: ignore[reportAssignmentType]
    found = {relation: _truth(relation) for relation in expr.atoms(Relational)}
    known = {relation: sp.sympify(truth) for relation, truth in found.items() if truth is not None}
    return sp.factor(replaced(expr, known))  # pyright: ignore[reportReturnType]


@lru_cache(maxsize=_KEPT)
def _truth(relation: Relational) -> bool | None:
    """Decide a relation by the sign of the difference of its sides; None if the assumptions do not tell it."""
    if isinstance(relation, sp.Eq | sp.Ne):
        zero = sp.factor(difference(relation)).is_zero
        return None if zero is None else zero is isinstance(relation, sp.Eq)
    above, below = sp.fraction(sp.together(relation.gts - relation.lts))
    above = sp.logcombine(sp.expand_log(above))
    # Sympy knows the sign of log(a) only where it sees that of a - 1.
    logs = {log: known for log in above.atoms(sp.log) if (known := _signed(log))}
    excess = sp.factor(above.xreplace(logs) / below)
    strict = isinstance(relation, sp.Gt | sp.Lt)
    return excess.is_extended_positive if strict else excess.is_extended_nonnegative


def _largest(*args: sp.Expr) -> sp.Expr:
    """Return the one argument that is known to be at least all others, if there is one."""
    for one in args:
        if all(_truth(sp.Ge(one, other, evaluate=False)) == True for other in args):  # noqa: E712
            return one
    return sp.Max(*args)


def _signed(log: sp.Expr) -> sp.Dummy | None:
    """Return a letter of the same sign as a logarithm; None if the assumptions do not tell it."""
    if log.is_number:
        return None
    excess = sp.factor(sp.Add(log.args[0], -1))
    signs = ("positive", "negative", "nonnegative", "nonpositive")
    known = (sp.Dummy(**{sign: True}) for sign in signs if getattr(excess, f"is_extended_{sign}"))
    return next(known, None)
