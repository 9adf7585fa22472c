"""The range of an expression over a box, in intervals of doubles whose ends are rounded outwards and may be infinite.

An interval holds the value at every point of the box at which the expression has one.  Whether it has one everywhere is a
question of its own: `conditions` lists what that needs.  An infinite end belongs to no value, so zero times it is zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce

import sympy as sp
from flint import arb
from sympy.core.relational import Relational

from drc.errors import UnknownFunctionError
from drc.expressions.balls import ball
from drc.information import H_b

Ends = tuple[float, float]
Box = Mapping[sp.Symbol, Ends]
_Reading = Callable[[Box], Ends]

_INF = math.inf
_ALL = (-_INF, _INF)


@lru_cache(maxsize=20_000)
def reading(expr: sp.Expr) -> _Reading:
    """Return the function from a box to an interval that holds all values of an expression there.

    Raises
    ------
    UnknownFunctionError
        For a function that has no such reading.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> reading(x * sp.log(x) - 1)({x: (0.0, 1.0)})
    (-inf, -1.0)
    """
    if isinstance(expr, sp.Symbol):
        return lambda box: box[expr]
    if not expr.free_symbols:
        constant = _of_ball(ball(expr, {}))
        return lambda box: constant
    operation, args = _operation(expr)
    readings = [reading(arg) for arg in args]
    if len(readings) == 1:
        (only,) = readings
        return lambda box: operation(only(box))
    return lambda box: reduce(operation, [read(box) for read in readings])


def conditions(expr: sp.Basic) -> Iterator[Relational]:
    """Yield what must hold wherever an expression, or a condition, is to have a value; and an expression be continuous.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> list(conditions(sp.sqrt(x) / (x - 1)))
    [x >= 0, Ne(x - 1, 0)]
    """
    for part in sp.preorder_traversal(expr):
        if not part.free_symbols:
            continue
        if isinstance(part, sp.log):
            yield part.args[0] > 0
        elif isinstance(part, H_b):
            yield from (part.args[0] >= 0, part.args[0] <= 1)
        elif isinstance(part, sp.Pow) and part.exp.is_negative and part.exp.is_Integer:
            yield sp.Ne(part.base, 0)
        elif isinstance(part, sp.Pow) and not part.exp.is_Integer and part.base != sp.E:
            yield part.base >= 0 if part.exp.is_positive else part.base > 0


def _operation(expr: sp.Expr) -> tuple[Callable[..., Ends], tuple[sp.Expr, ...]]:
    if type(expr) in _OPERATIONS:
        return _OPERATIONS[type(expr)], expr.args
    if isinstance(expr, H_b):
        return _entropy(expr.base), expr.args[:1]
    if isinstance(expr, sp.Pow):
        base, exponent = expr.args
        if exponent.is_Integer:
            power = int(exponent)
            return (lambda a: _whole_power(a, power)), (base,)
        if base == sp.E:
            return _exp, (exponent,)
        # A power of a number that is not negative.
        fixed = reading(exponent) if not exponent.free_symbols else None
        if fixed is not None:
            times = fixed({})
            return (lambda a: _exp(_times(times, _log(a)))), (base,)
        return (lambda a, b: _exp(_times(_log(a), b))), (base, exponent)
    raise UnknownFunctionError(f"{type(expr).__name__} has no reading in intervals: {expr}")


def _plus(a: Ends, b: Ends) -> Ends:
    return _sum(a[0], b[0], -_INF), _sum(a[1], b[1], _INF)


def _sum(a: float, b: float, towards: float) -> float:
    """Round a sum towards an end, unless it is exact."""
    total = a + b
    if total in (_INF, -_INF):
        return total if _INF in (abs(a), abs(b)) else math.nextafter(total, towards)
    moved = total - a
    exact = (a - (total - moved)) + (b - moved) == 0
    return total if exact else math.nextafter(total, towards)


def _times(a: Ends, b: Ends) -> Ends:
    return min(_product(x, y, -_INF) for x in a for y in b), max(_product(x, y, _INF) for x in a for y in b)


def _product(a: float, b: float, towards: float) -> float:
    """Round a product towards an end, unless it is exact, as T. J. Dekker's splitting tells."""
    if not a or not b:
        return 0.0
    product = a * b
    if product in (_INF, -_INF):
        return product if _INF in (abs(a), abs(b)) else math.nextafter(product, towards)
    if max(abs(a), abs(b)) < 1e100 and abs(product) > 1e-200:
        (a, small_a), (b, small_b) = _halves(a), _halves(b)
        if ((a * b - product) + a * small_b + small_a * b) + small_a * small_b == 0:
            return product
    return math.nextafter(product, towards)


def _halves(x: float) -> tuple[float, float]:
    """Split a double into two of half its digits."""
    large = 134217729.0 * x
    top = large - (large - x)
    return top, x - top


def _whole_power(a: Ends, power: int) -> Ends:
    if power < 0:
        return _inverse(_whole_power(a, -power))
    if power % 2 == 0:
        a = _abs(a)
    low, high = (reduce(_times, [(x, x)] * power) for x in a)
    return low[0], high[1]


def _inverse(a: Ends) -> Ends:
    if a[0] < 0 < a[1] or a == (0.0, 0.0):
        return _ALL
    return _quotient(a[1], -_INF), _quotient(a[0], _INF)


def _quotient(x: float, towards: float) -> float:
    """One over a number, rounded towards an end, unless it is exact."""
    if not x:
        return towards
    if abs(x) == _INF or abs(math.frexp(x)[0]) == 0.5:
        return 1 / x
    return math.nextafter(1 / x, towards)


def _abs(a: Ends) -> Ends:
    if a[0] >= 0:
        return a
    return (-a[1], -a[0]) if a[1] <= 0 else (0.0, max(-a[0], a[1]))


def _log(a: Ends) -> Ends:
    low = _of_ball(arb(a[0]).log())[0] if 0 < a[0] < _INF else -_INF
    high = _of_ball(arb(a[1]).log())[1] if 0 < a[1] < _INF else (_INF if a[1] > 0 else -_INF)
    return low, high


def _exp(a: Ends) -> Ends:
    low = 0.0 if a[0] < -700 else (_of_ball(arb(a[0]).exp())[0] if a[0] < 700 else 1e300)
    high = _INF if a[1] > 700 else (_of_ball(arb(a[1]).exp())[1] if a[1] > -700 else 1e-300)
    return low, high


def _entropy(base: sp.Expr) -> Callable[[Ends], Ends]:
    """The binary entropy rises up to a half, and falls from there."""
    unit = ball(base, {})

    def at(x: float) -> Ends:
        return _of_ball(H_b.enclose(arb(min(max(x, 0.0), 1.0)), unit))

    def over(a: Ends) -> Ends:
        first, last = at(a[0]), at(a[1])
        highest = at(0.5)[1] if a[0] < 0.5 < a[1] else max(first[1], last[1])
        return max(0.0, min(first[0], last[0])), highest

    return over


def _of_ball(value: arb) -> Ends:
    """The narrowest interval of doubles around a ball."""
    if not value.is_finite():
        return _ALL
    if value.is_exact() and arb(float(value)) == value:
        return float(value), float(value)
    return math.nextafter(float(value.lower()), -_INF), math.nextafter(float(value.upper()), _INF)


_OPERATIONS: Mapping[type[sp.Basic], Callable[..., Ends]] = {
    sp.Add: _plus,
    sp.Mul: _times,
    sp.log: _log,
    sp.exp: _exp,
    sp.Abs: _abs,
    sp.Max: lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    sp.Min: lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
}
