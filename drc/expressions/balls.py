"""From a sympy expression to a ball that certainly contains its value (python-flint's `arb`).

A float stands for the decimal that it prints as. A condition is True, False, or None where the balls cannot tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import TypeAlias

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions.forms import in_and_or, pieces, upwards
from drc.numbers import finite

Point = Mapping[sp.Symbol, arb]

_Value: TypeAlias = Callable[[Point], arb]
_Truth: TypeAlias = "Callable[[Point], bool | None]"


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
    return _reader(type(expr), expr, True).value(expr, point)


def holds(condition: sp.Basic, point: Point, *, lenient: bool = True) -> bool | None:
    """Decide a condition at a point: True, False, or None if the balls cannot tell.

    Two sides of an equation or of a closed inequality that agree to half of the working precision count as equal, unless
    this is not to be lenient.
    """
    return _reader(type(condition), condition, lenient).truth(condition, point)


@lru_cache(maxsize=512)
def _reader(_: type, of: sp.Basic, lenient: bool) -> Balls:
    # Most claims are tried at many points. The type tells numbers and truth values apart that are equal.
    return Balls(lenient=lenient)


class Balls:
    """How expressions and conditions are read in balls: each is made into closures once, for all points.

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
        self._values: dict[sp.Expr, _Value] = {}
        self._truths: dict[sp.Basic, _Truth] = {}

    def value(self, expr: sp.Expr, point: Point) -> arb:
        """Enclose an expression; see `ball`."""
        return self._value(expr)(point)

    def truth(self, condition: sp.Basic, point: Point) -> bool | None:
        """Decide a condition; see `holds`."""
        return self._truth(condition)(point)

    def _value(self, expr: sp.Expr) -> _Value:
        if expr not in self._values:
            self._values[expr] = self._value_of(expr)
        return self._values[expr]

    def _truth(self, condition: sp.Basic) -> _Truth:
        if condition not in self._truths:
            self._truths[condition] = self._truth_of(condition)
        return self._truths[condition]

    def _value_of(self, expr: sp.Expr) -> _Value:
        if isinstance(expr, sp.Symbol):
            return lambda point: point[expr]
        if isinstance(expr, sp.Rational):
            return _exactly(fmpq(int(expr.p), int(expr.q)))
        if isinstance(expr, sp.Float):
            return _exactly(fmpq(*finite("a number", expr).as_integer_ratio()))
        if expr in _CONSTANTS:
            constant = _CONSTANTS[expr]
            return lambda point: constant()
        if isinstance(expr, sp.Piecewise):
            return self._piecewise(expr)
        if isinstance(expr, sp.Pow):
            return self._power(expr)
        if isinstance(expr, sp.Mul):
            return self._product(expr)
        if enclose := getattr(type(expr), "enclose", None):
            args = [self._value(arg) for arg in expr.args]
            return lambda point: enclose(*(arg(point) for arg in args))
        if operation := _OF_ONE.get(type(expr)):
            (of,) = (self._value(arg) for arg in expr.args)
            if isinstance(expr, sp.log) and self._slack:
                return lambda point: self._log(of(point))
            return lambda point: operation(of(point))
        if operation := _OF_SEVERAL.get(type(expr)):
            args = [self._value(arg) for arg in expr.args]
            return lambda point: reduce(operation, [arg(point) for arg in args])
        raise UnknownFunctionError(f"{type(expr).__name__} has no ball reading: {expr}")

    def _log(self, x: arb) -> arb:
        x = x.nonnegative_part()
        return arb.neg_inf() if self._lenient and x.contains(0) else _log(x)

    def _piecewise(self, expr: sp.Piecewise) -> _Value:
        cases = tuple(pieces(expr))

        def value(point: Point) -> arb:
            union: arb | None = None
            for piece, condition in cases:
                truth = self.truth(condition, point)
                if truth is False:
                    continue
                here = self.value(piece, point)
                union = here if union is None else union.union(here)
                if truth:
                    return union
            raise ValueError(f"no branch of {expr} applies")

        return value

    def _product(self, expr: sp.Mul) -> _Value:
        """Divide once, so that a quotient of exact numbers that is exact has no radius."""
        factors: list[tuple[_Value, _Value | None, int]] = []
        for factor in expr.args:
            base, exponent = factor.as_base_exp()
            below = exponent.is_Integer and exponent.is_negative
            factors.append((self._value(factor), self._value(base) if below else None, -int(exponent) if below else 1))

        def product(point: Point) -> arb:
            above, below = arb(1), arb(1)
            for whole, base, power in factors:
                divisor = base and base(point)
                if divisor is not None and divisor.is_finite() and not divisor.contains(0):
                    below *= divisor**power
                else:
                    above *= whole(point)
            return above / below

        return product

    def _power(self, expr: sp.Pow) -> _Value:
        base, exponent = expr.args
        if base == sp.E:
            above = self._value(exponent)
            return lambda point: above(point).exp()
        of = self._value(base)
        if exponent == sp.S.Half:
            if self._slack:
                return lambda point: _sqrt(of(point).nonnegative_part())
            return lambda point: _sqrt(of(point))
        if exponent.is_Integer:
            return self._whole_power(of, int(exponent))
        above, constant = self._value(exponent), base.is_number

        def power(point: Point) -> arb:
            exponent = above(point)
            if not exponent.is_finite() and constant:
                # The power of an infinite exponent is 0 or infinite, which `arb` does not say.
                return (exponent * of(point).log()).exp()
            return of(point) ** exponent

        return power

    def _whole_power(self, of: _Value, exponent: int) -> _Value:
        if not self._slack or exponent > 0:
            return lambda point: _whole_power(of(point), exponent)

        def power(point: Point) -> arb:
            base = of(point)
            # Denominators that reach zero do so from above: they are variances, masses and rates.
            if base == 0:
                return arb.pos_inf()
            if base > 0 and not base.is_finite():
                return arb(0)
            return _whole_power(base, exponent)

        return power

    def _truth_of(self, condition: sp.Basic) -> _Truth:
        if isinstance(condition, BooleanAtom):
            known = bool(condition)
            return lambda point: known
        if isinstance(condition, Implies | Equivalent):
            return self._truth(in_and_or(condition))
        if isinstance(condition, Not):
            of = self._truth(condition.args[0])
            return lambda point: _not(of(point))
        if isinstance(condition, And | Or):
            return self._connective(condition.args, decisive=isinstance(condition, Or))
        if not isinstance(condition, Relational):
            raise UnknownFunctionError(f"{type(condition).__name__} has no ball reading: {condition}")
        return self._relation(upwards(condition))

    def _connective(self, parts: tuple[sp.Basic, ...], decisive: bool) -> _Truth:
        def truth(point: Point) -> bool | None:
            known: bool | None = not decisive
            for part in parts:
                truth = self.truth(part, point)
                if truth is decisive:
                    return truth
                known = None if truth is None else known
            return known

        return truth

    def _relation(self, relation: Relational) -> _Truth:
        compare = (
            _equal if isinstance(relation, sp.Eq | sp.Ne) else self._at_most if isinstance(relation, sp.Le) else _less
        )
        left_side, right_side, lenient = self._value(relation.lhs), self._value(relation.rhs), self._lenient

        def truth(point: Point) -> bool | None:
            left, right = left_side(point), right_side(point)
            return compare(left, right, lenient and _indistinguishable(left, right))

        return (lambda point: _not(truth(point))) if isinstance(relation, sp.Ne) else truth

    def _at_most(self, left: arb, right: arb, same: bool) -> bool | None:
        if self._slack and right.is_finite():
            right = right + self._slack * abs(right)
        return True if same or left <= right else (False if left > right else None)


def _less(left: arb, right: arb, same: bool) -> bool | None:
    return True if left < right and not same else (False if left >= right or same else None)


def _equal(left: arb, right: arb, same: bool) -> bool | None:
    return True if same or left == right else (None if left.overlaps(right) else False)


def _exactly(number: fmpq) -> _Value:
    # At each working precision anew.
    return lambda point: arb(number)


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

_OF_ONE: dict[type, Callable[[arb], arb]] = {sp.exp: arb.exp, sp.log: _log, sp.Abs: abs}
_OF_SEVERAL: dict[type, Callable[[arb, arb], arb]] = {sp.Add: arb.__add__, sp.Min: arb.min, sp.Max: arb.max}
