"""From a sympy expression to a ball that certainly contains its value (python-flint's `arb`).

A float stands for the decimal that it prints as. A condition is True, False, or None where the balls cannot tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.numbers import finite

Point = Mapping[sp.Symbol, arb]


def ball(expr: sp.Expr, point: Point) -> arb:
    """Enclose the value of an expression at a point, at the working precision of `flint.ctx`.

    Raises
    ------
    UnknownFunctionError
        For a function that has no ball reading.
    KeyError
        For a symbol that the point lacks.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> bool(ball(sp.exp(x) - 1, {x: arb(0)}) == 0)
    True
    """
    if isinstance(expr, sp.Symbol):
        return point[expr]
    if isinstance(expr, sp.Rational):
        return arb(fmpq(int(expr.p), int(expr.q)))
    if isinstance(expr, sp.Float):
        return arb(fmpq(*finite("a number", expr).as_integer_ratio()))
    if expr in _CONSTANTS:
        return _CONSTANTS[expr]()
    if isinstance(expr, sp.Piecewise):
        return _piecewise(expr, point)
    if hasattr(type(expr), "enclose"):
        return type(expr).enclose(*(ball(arg, point) for arg in expr.args))
    if isinstance(expr, sp.Pow):
        return _power(expr, point)
    operation = _OPERATIONS.get(type(expr))
    if operation is None:
        raise UnknownFunctionError(f"{type(expr).__name__} has no ball reading: {expr}")
    return operation([ball(arg, point) for arg in expr.args])


def holds(condition: sp.Basic, point: Point) -> bool | None:
    """Decide a condition at a point: True, False, or None if the balls cannot tell.

    Two sides of an equation or of a closed inequality that agree to half of the working precision count as equal.
    """
    if isinstance(condition, BooleanAtom):
        return bool(condition)
    if isinstance(condition, Implies):
        return _or(holds(Not(condition.args[0]), point), lambda: holds(condition.args[1], point))
    if isinstance(condition, Equivalent):
        left, right = (holds(side, point) for side in condition.args)
        return None if left is None or right is None else left == right
    if isinstance(condition, Not):
        inner = holds(condition.args[0], point)
        return None if inner is None else not inner
    if isinstance(condition, And):
        return _not(reduce(lambda known, c: _or(known, lambda: _not(holds(c, point))), condition.args, False))
    if isinstance(condition, Or):
        return reduce(lambda known, c: _or(known, lambda: holds(c, point)), condition.args, False)
    if not isinstance(condition, Relational):
        raise UnknownFunctionError(f"{type(condition).__name__} has no ball reading: {condition}")
    return _relation(condition, point)


def _or(known: bool | None, other) -> bool | None:
    if known:
        return True
    answer = other()
    return True if answer else (None if known is None or answer is None else False)


def _not(known: bool | None) -> bool | None:
    return None if known is None else not known


def _relation(relation: Relational, point: Point) -> bool | None:
    if isinstance(relation, sp.Ge | sp.Gt):
        relation = relation.reversed
    left, right = ball(relation.lhs, point), ball(relation.rhs, point)
    same = _indistinguishable(left, right)
    if isinstance(relation, sp.Eq | sp.Ne):
        equal = True if same else (None if left.overlaps(right) else False)
        return equal if isinstance(relation, sp.Eq) else _not(equal)
    if isinstance(relation, sp.Le):
        return True if same or left <= right else (False if left > right else None)
    return True if left < right else (False if left >= right or same else None)


def _indistinguishable(left: arb, right: arb) -> bool:
    if not (left.is_finite() and right.is_finite()):
        return bool(left == right)
    scale = arb(1) + abs(right)
    return bool(abs(left - right).upper() < scale.lower() * arb(2) ** (-ctx.prec // 2))


def _piecewise(expr: sp.Piecewise, point: Point) -> arb:
    union: arb | None = None
    for value, condition in expr.args:
        truth = holds(condition, point)
        if truth is False:
            continue
        here = ball(value, point)
        union = here if union is None else union.union(here)
        if truth:
            return union
    raise ValueError(f"no branch of {expr} applies")


def _power(expr: sp.Pow, point: Point) -> arb:
    base, exponent = expr.args
    if base == sp.E:
        return ball(exponent, point).exp()
    if exponent == sp.S.Half:
        return _sqrt(ball(base, point))
    if exponent.is_Integer:
        return ball(base, point) ** int(exponent)
    return ball(base, point) ** ball(exponent, point)


def _sqrt(x: arb) -> arb:
    # A radicand that is zero up to rounding has a root that is; a negative one has none, and says NaN.
    if x.contains(0) and x.upper() >= 0:
        return arb(0).union(x.upper().sqrt())
    return x.sqrt()


_CONSTANTS = {
    sp.pi: arb.pi,
    sp.E: lambda: arb(1).exp(),
    sp.oo: lambda: arb("inf"),
    -sp.oo: lambda: arb("-inf"),
}

_OPERATIONS = {
    sp.Add: lambda args: reduce(lambda a, b: a + b, args),
    sp.Mul: lambda args: reduce(lambda a, b: a * b, args),
    sp.exp: lambda args: args[0].exp(),
    # The logarithm of an exact zero is its limit, so that a divergence from a law without deviation is infinite.
    sp.log: lambda args: arb.neg_inf() if args[0] == 0 else args[0].log(),
    sp.Abs: lambda args: abs(args[0]),
    sp.Min: lambda args: reduce(lambda a, b: a.min(b), args),
    sp.Max: lambda args: reduce(lambda a, b: a.max(b), args),
}
