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
from drc.expressions.forms import in_and_or, pieces, upwards
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
    return Balls().value(expr, point)


def holds(condition: sp.Basic, point: Point) -> bool | None:
    """Decide a condition at a point: True, False, or None if the balls cannot tell.

    Two sides of an equation or of a closed inequality that agree to half of the working precision count as equal.
    """
    return Balls().truth(condition, point)


class Balls:
    """How expressions and conditions are read in balls.

    Parameters
    ----------
    slack : float
        A closed inequality `a <= b` holds up to this many times `|b|`; if there is any slack, roots and logarithms of
        negative numbers are those of zero, as beyond such a border.
    lenient : bool
        Whether sides that agree to half of the working precision count as equal.
    """

    def __init__(self, slack: float = 0.0, lenient: bool = True) -> None:
        self._slack, self._lenient = slack, lenient

    def value(self, expr: sp.Expr, point: Point) -> arb:
        """Enclose an expression; see `ball`."""
        if isinstance(expr, sp.Symbol):
            return point[expr]
        if isinstance(expr, sp.Rational):
            return arb(fmpq(int(expr.p), int(expr.q)))
        if isinstance(expr, sp.Float):
            return arb(fmpq(*finite("a number", expr).as_integer_ratio()))
        if expr in _CONSTANTS:
            return _CONSTANTS[expr]()
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr, point)
        if enclose := getattr(type(expr), "enclose", None):
            return enclose(*(self.value(arg, point) for arg in expr.args))
        if isinstance(expr, sp.Pow):
            return self._power(expr, point)
        if isinstance(expr, sp.Mul):
            return self._product(expr, point)
        operation = _OPERATIONS.get(type(expr))
        if operation is None:
            raise UnknownFunctionError(f"{type(expr).__name__} has no ball reading: {expr}")
        if self._slack and isinstance(expr, sp.log):
            arg = self.value(expr.args[0], point).nonnegative_part()
            return arb.neg_inf() if self._lenient and arg.contains(0) else _log(arg)
        return operation([self.value(arg, point) for arg in expr.args])

    def truth(self, condition: sp.Basic, point: Point) -> bool | None:
        """Decide a condition; see `holds`."""
        if isinstance(condition, BooleanAtom):
            return bool(condition)
        if isinstance(condition, Implies | Equivalent):
            return self.truth(in_and_or(condition), point)
        if isinstance(condition, Not):
            return _not(self.truth(condition.args[0], point))
        if isinstance(condition, And | Or):
            decisive = isinstance(condition, Or)
            known: bool | None = not decisive
            for part in condition.args:
                truth = self.truth(part, point)
                if truth is decisive:
                    return truth
                known = None if truth is None else known
            return known
        if not isinstance(condition, Relational):
            raise UnknownFunctionError(f"{type(condition).__name__} has no ball reading: {condition}")
        return self._relation(condition, point)

    def _relation(self, relation: Relational, point: Point) -> bool | None:
        relation = upwards(relation)
        left, right = self.value(relation.lhs, point), self.value(relation.rhs, point)
        same = self._lenient and _indistinguishable(left, right)
        if isinstance(relation, sp.Eq | sp.Ne):
            equal = True if same or left == right else (None if left.overlaps(right) else False)
            return equal if isinstance(relation, sp.Eq) else _not(equal)
        if isinstance(relation, sp.Le):
            if self._slack and right.is_finite():
                right = right + self._slack * abs(right)
            return True if same or left <= right else (False if left > right else None)
        return True if left < right and not same else (False if left >= right or same else None)

    def _piecewise(self, expr: sp.Piecewise, point: Point) -> arb:
        union: arb | None = None
        for value, condition in pieces(expr):
            truth = self.truth(condition, point)
            if truth is False:
                continue
            here = self.value(value, point)
            union = here if union is None else union.union(here)
            if truth:
                return union
        raise ValueError(f"no branch of {expr} applies")

    def _product(self, expr: sp.Mul, point: Point) -> arb:
        """Divide once, so that a quotient of exact numbers that is exact has no radius."""
        above, below = arb(1), arb(1)
        for factor in expr.args:
            base, exponent = factor.as_base_exp()
            divisor = self.value(base, point) if exponent.is_Integer and exponent.is_negative else arb(0)
            if divisor.is_finite() and not divisor.contains(0):
                below *= divisor ** -int(exponent)
            else:
                above *= self.value(factor, point)
        return above / below

    def _power(self, expr: sp.Pow, point: Point) -> arb:
        base, exponent = expr.args
        if base == sp.E:
            return self.value(exponent, point).exp()
        if exponent == sp.S.Half:
            radicand = self.value(base, point)
            return _sqrt(radicand.nonnegative_part() if self._slack else radicand)
        if exponent.is_Integer:
            of = self.value(base, point)
            # Denominators that reach zero do so from above: they are variances, masses and rates.
            if self._slack and exponent < 0 and of == 0:
                return arb.pos_inf()
            if self._slack and exponent < 0 and of > 0 and not of.is_finite():
                return arb(0)
            return _whole_power(of, int(exponent))
        power = self.value(exponent, point)
        if not power.is_finite() and base.is_number:
            # The power of an infinite exponent is 0 or infinite, which `arb` does not say.
            return (power * self.value(base, point).log()).exp()
        return self.value(base, point) ** power


def _not(known: bool | None) -> bool | None:
    return None if known is None else not known


def _whole_power(base: arb, exponent: int) -> arb:
    """Return a power; `arb`'s own is NaN for a ball that holds zero."""
    if exponent < 0:
        return 1 / _whole_power(base, -exponent)
    if not base.contains(0):
        return base**exponent
    half = _whole_power(base, exponent // 2) if exponent > 1 else arb(1)
    return half * half * base if exponent % 2 else half * half


def _indistinguishable(left: arb, right: arb) -> bool:
    if not (left.is_finite() and right.is_finite()):
        return bool(left == right)
    scale = arb(1) + abs(right)
    return bool(abs(left - right).upper() < scale.lower() * arb(2) ** (16 - ctx.prec // 2))


def _sqrt(x: arb) -> arb:
    # A radicand that is zero up to rounding has a root that is; a negative one has none, and says NaN.
    if x.contains(0) and x.upper() >= 0:
        return arb(0).union(x.upper().sqrt())
    return x.sqrt()


def _log(x: arb) -> arb:
    # The logarithm of an exact zero is its limit, so that a divergence from a law with standard deviation zero is infinite.
    return arb.neg_inf() if x == 0 else x.log()


_CONSTANTS = {
    sp.pi: arb.pi,
    sp.E: lambda: arb(1).exp(),
    sp.oo: lambda: arb("inf"),
    -sp.oo: lambda: arb("-inf"),
}

_OPERATIONS = {
    sp.Add: lambda args: reduce(lambda a, b: a + b, args),
    sp.exp: lambda args: args[0].exp(),
    sp.log: lambda args: _log(args[0]),
    sp.Abs: lambda args: abs(args[0]),
    sp.Min: lambda args: reduce(lambda a, b: a.min(b), args),
    sp.Max: lambda args: reduce(lambda a, b: a.max(b), args),
}
