"""Expressions in JSON: numbers and constants as text, symbols with their assumptions, functions as lists.

Nothing that is read is ever run: only functions that are listed here are built.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from drc import information
from drc.errors import must
from drc.numbers import read

_CONSTANTS = {"pi": sp.pi, "e": sp.E, "inf": sp.oo, "-inf": -sp.oo}

#: The functions that expressions of parameters are made of.
_SYMPY = (sp.Add, sp.Mul, sp.Pow, sp.log, sp.exp, sp.Abs, sp.Min, sp.Max)


@cache
def _functions() -> dict[str, Any]:
    own = (getattr(information, name) for name in information.__all__)
    return {f.__name__: f for f in (*_SYMPY, *(f for f in own if isinstance(f, type) and issubclass(f, sp.Function)))}


def written(expr: sp.Expr) -> object:
    """Write an expression as JSON has it.

    Raises
    ------
    ProblemError
        For a function that cannot be read again.

    Examples
    --------
    >>> q = sp.Symbol("q", real=True)
    >>> written(sp.Rational(3, 10)), written(1 - q)
    ('3/10', ['Add', '1', ['Mul', '-1', {'symbol': 'q', 'real': True}]])
    """
    if expr.is_Rational:
        return str(expr)
    if expr.is_Symbol:
        return {"symbol": expr.name, **assumed(expr)}
    for name, constant in _CONSTANTS.items():
        if expr == constant:
            return name
    kind = type(expr).__name__
    if _functions().get(kind) is not type(expr):
        raise must("an expression in a file", f"be made of {', '.join(_functions())}", expr)
    return [kind, *map(written, expr.args)]


def assumed(symbol: sp.Expr) -> dict[str, bool]:
    """Return what a symbol was made with, apart from that it commutes."""
    return {name: value for name, value in symbol._assumptions_orig.items() if name != "commutative"}


def read_expression(name: str, value: object) -> sp.Expr:
    """Read what `written` wrote.

    Raises
    ------
    ProblemError
        For anything else; `name` is the field.

    Examples
    --------
    >>> q = sp.Symbol("q", real=True)
    >>> read_expression("q_X", written(1 - q)) == 1 - q
    True
    """
    if isinstance(value, dict) and isinstance(value.get("symbol"), str):
        known = {key: on for key, on in value.items() if key != "symbol"}
        if not all(key in ("real", "positive", "nonnegative") and on is True for key, on in known.items()):
            raise must(name, "be a symbol that is real, nonnegative or positive", value)
        return sp.Symbol(value["symbol"], **known)
    if isinstance(value, list) and value and isinstance(value[0], str) and value[0] in _functions():
        args = [read_expression(name, part) for part in value[1:]]
        return _functions()[value[0]](*args)
    if isinstance(value, str) and value in _CONSTANTS:
        return _CONSTANTS[value]
    found = read(name, value)
    if isinstance(found, float):
        return sp.oo if found > 0 else -sp.oo
    return sp.Rational(found.numerator, found.denominator)
