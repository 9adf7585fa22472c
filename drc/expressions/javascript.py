"""From a sympy expression to a JavaScript expression, as `drc.expressions.numeric` reads it in numpy.

A symbol is a property of the object `e`; the named functions are those of `functions.js` in `drc.information`, under the
names of their classes.  The order of operations, the care near lost digits and the slack of closed borders are those of
numpy, so that both readings agree to a few ulp.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.expressions.constants import constant
from drc.expressions.forms import (
    above_and_below,
    below_branch_point,
    divergence_from_uniform,
    exponent_below_one,
    in_and_or,
    mean_of_exponentials,
    pieces,
    upwards,
)
from drc.files import beside

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@cache
def library() -> str:
    """Return the named functions in JavaScript, which compiled expressions call.

    Examples
    --------
    >>> "function H_b(" in library()
    True
    """
    return beside("drc.information", "functions.js")


def javascript(expr: sp.Basic) -> str:
    """Write an expression or a condition in JavaScript, of an object `e` whose properties are the symbols.

    Parameters
    ----------
    expr : sympy expression or boolean

    Returns
    -------
    str
        It evaluates to a number or a boolean where `library()` stands before it.

    Raises
    ------
    TypeError
        For a function that has no reading in JavaScript.

    Examples
    --------
    >>> x, q = sp.symbols("x q")
    >>> javascript(1 - sp.exp(x)), javascript(sp.Piecewise((x / 3, x < q), (sp.oo, True)))
    ('(-Math.expm1(e.x))', '((e.x < e.q) ? (0.3333333333333333 * e.x) : Infinity)')
    """
    if isinstance(expr, sp.Symbol):
        return f"e.{expr.name}" if _IDENTIFIER.fullmatch(expr.name) else f"e[{json.dumps(expr.name)}]"
    if isinstance(expr, BooleanAtom):
        return "true" if expr else "false"
    if not expr.free_symbols and isinstance(expr, sp.Expr):
        return literal(constant(expr))
    if hasattr(type(expr), "numeric"):
        return _named(expr)
    for kinds, write in _WRITERS:
        if isinstance(expr, kinds):
            return write(expr)
    raise TypeError(f"{type(expr).__name__} has no reading in JavaScript: {expr}")


def literal(value: float) -> str:
    """Write a number so that JavaScript reads the same double.

    Examples
    --------
    >>> literal(2.0), literal(0.1), literal(float("-inf"))
    ('2', '0.1', '-Infinity')
    """
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value)).removesuffix(".0")


@cache
def _readings() -> frozenset[str]:
    return frozenset(re.findall(r"^(?:function|const) (\w+)", library(), re.MULTILINE))


def _joined(sign: str, parts: Iterable[str]) -> str:
    first, *others = parts
    return f"({f' {sign} '.join([first, *others])})" if others else first


def _add(expr: sp.Add) -> str:
    if (exponent := exponent_below_one(expr)) is not None:
        return f"(-Math.expm1({javascript(exponent)}))"
    if (divergence := divergence_from_uniform(expr)) is not None:
        return javascript(divergence)
    if (mean := mean_of_exponentials(expr)) is not None:
        factor, parts = mean
        terms = " + ".join(f"{javascript(weight)} * Math.expm1({javascript(exponent)})" for weight, exponent in parts)
        return f"(-{javascript(factor)} * Math.log1p({terms}))"
    return _joined("+", map(javascript, expr.args))


def _mul(expr: sp.Mul) -> str:
    top, bottom = above_and_below(expr)
    number = sp.Mul(*(f for f in top if not f.free_symbols))
    factors = [javascript(f) for f in top if f.free_symbols]
    if number != 1 or not factors:
        factors.insert(0, javascript(number))
    product = _joined("*", factors)
    return f"({product} / {javascript(sp.Mul(*bottom))})" if bottom else product


def _pow(expr: sp.Pow) -> str:
    base, power = javascript(expr.base), expr.exp
    known = {sp.S.Half: f"Math.sqrt({base})", -1: f"(1 / {base})", 2: f"square({base})"}
    return known.get(power) or f"Math.pow({base}, {javascript(power)})"


def _log(expr: sp.log) -> str:
    (arg,) = expr.args
    if isinstance(arg, sp.Add) and sp.S.One in arg.args:
        # On a closed border the argument is zero, and rounding may take it below.
        return f"Math.log1p(Math.max({javascript(arg - 1)}, -1))"
    return f"Math.log({javascript(arg)})"


def _named(expr: sp.Basic) -> str:
    name, args = type(expr).__name__, expr.args
    if (v := below_branch_point(expr)) is not None:
        name, args = f"{name}_below_branch_point", (v,)
    if name not in _readings():
        raise TypeError(f"{name} has no reading in JavaScript: {expr}")
    return _called(name, args)


def _called(function: str, args: Any) -> str:
    return f"{function}({', '.join(javascript(arg) for arg in args)})"


def _piecewise(expr: sp.Piecewise) -> str:
    cases = "".join(f"{javascript(cond)} ? {javascript(value)} : " for value, cond in pieces(expr) if cond != True)  # noqa: E712
    last, otherwise = pieces(expr)[-1]
    return f"({cases}{javascript(last) if otherwise == True else 'Infinity'})"  # noqa: E712


def _relation(expr: sp.core.relational.Relational) -> str:
    expr = upwards(expr)
    if isinstance(expr, sp.Le):
        return _called("at_most", expr.args)
    sign = {sp.Lt: "<", sp.Eq: "===", sp.Ne: "!=="}[expr.func]
    return _joined(sign, map(javascript, expr.args))


_WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.log, _log),
    ((sp.exp, sp.Abs, sp.Min, sp.Max), lambda x: _called(f"Math.{type(x).__name__.lower()}", x.args)),
    (sp.Piecewise, _piecewise),
    (sp.core.relational.Relational, _relation),
    ((And, Or), lambda x: _joined("&&" if isinstance(x, And) else "||", map(javascript, x.args))),
    (Not, lambda x: f"(!{javascript(x.args[0])})"),
    ((Implies, Equivalent), lambda x: javascript(in_and_or(x))),
)
