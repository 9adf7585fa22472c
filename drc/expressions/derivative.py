"""Derivatives of what trade-offs are made of: definitions by cases, extrema and named functions included.

Sympy differentiates `Min`, `Max` and `Abs` to step functions and signs, which no other reading knows; here they are cases.
"""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from drc.expressions.forms import by_cases


def derivative(expr: sp.Expr, of: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Differentiate an expression, given the derivatives of the symbols in it; all other symbols are constants.

    Where two branches meet, it is the derivative of the first one that holds.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> derivative(x * sp.exp(y), {x: sp.S.One}), derivative(x * y, {x: sp.S.One, y: 2 * x})
    (exp(y), 2*x**2 + y)
    >>> derivative(sp.Min(x, y), {x: sp.S.One})
    Piecewise((1, x <= y), (0, True))
    """
    if not expr.free_symbols & of.keys():
        return sp.S.Zero
    if isinstance(expr, sp.Symbol):
        return of[expr]
    parts = [derivative(arg, of) if isinstance(arg, sp.Expr) else sp.S.Zero for arg in expr.args]
    if isinstance(expr, sp.Add):
        return sp.Add(*parts)
    if isinstance(expr, sp.Mul):
        return sp.Add(*(sp.Mul(*expr.args[:i], part, *expr.args[i + 1 :]) for i, part in enumerate(parts) if part != 0))
    if isinstance(expr, sp.Piecewise):
        return _cases([(derivative(value, of), condition) for value, condition in expr.args])  # pyright: ignore[reportGeneralTypeIssues] (sympy)
    if isinstance(expr, sp.Min | sp.Max):
        return _of_extremum(expr, parts)
    if isinstance(expr, sp.Abs):
        return _cases([(parts[0], sp.Ge(expr.args[0], 0, evaluate=False)), (-parts[0], sp.true)])
    if isinstance(expr, sp.Pow):
        by_base = _of_power(expr, parts[0], of) if parts[0] != 0 else sp.S.Zero
        return by_base + (expr * sp.log(expr.base) * parts[1] if parts[1] != 0 else sp.S.Zero)
    rule = sp.Add(*(expr.fdiff(i) * part for i, part in enumerate(parts, 1) if part != 0))
    return _cases([*((derivative(v, of), beyond) for v, beyond in getattr(expr, "ends", ())), (rule, sp.true)])


def _of_power(expr: sp.Pow, by_base: sp.Expr, of: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Differentiate by the base; where a constant factor of that is zero, the root of it stays zero."""
    constant, _ = expr.base.as_independent(*of, as_Add=False)
    rule = expr.exp * expr.base ** (expr.exp - 1) * by_base
    if expr.exp == sp.S.Half and constant.free_symbols:
        return _cases([(sp.S.Zero, sp.Eq(constant, 0, evaluate=False)), (rule, sp.true)])
    return rule


def _of_extremum(expr: sp.Min | sp.Max, parts: list[sp.Expr]) -> sp.Expr:
    """Take the derivative of the argument that is the extremum."""
    wins = sp.Le if isinstance(expr, sp.Min) else sp.Ge
    others = [[other for other in expr.args if other != arg] for arg in expr.args]
    conditions = [
        sp.And(*(wins(a, b, evaluate=False) for b in rest)) for a, rest in zip(expr.args, others, strict=True)
    ]
    return _cases([*zip(parts[:-1], conditions[:-1], strict=True), (parts[-1], sp.true)])


def _cases(pairs: list[tuple[sp.Expr, sp.Basic]]) -> sp.Expr:
    """Define by cases, unless they all agree."""
    return pairs[0][0] if all(value == pairs[0][0] for value, _ in pairs) else by_cases(pairs)
