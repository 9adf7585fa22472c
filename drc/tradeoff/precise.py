"""The value of a trade-off at one point, correctly rounded, where doubles do not suffice.

Arguments are exact doubles and parameters of the problem exact numbers.  Everything is evaluated in balls, at a precision
that is raised until the regime is certain and the value has all digits of a double.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import sympy as sp
from flint import arb, ctx

from drc.errors import ProblemError
from drc.expressions.balls import Balls
from drc.expressions.pairs import SLACK
from drc.tradeoff.regime import Regime

#: The first working precision in bits, the second one for numbers of the order of one, and the most.
_FIRST, _SECOND, _MOST = 96, 288, 2816

#: Bits of a value that is rounded to a double.
_ENOUGH = 64

#: A slope that grows so much nearer to a point is infinite there: one of a square root grows by 100.
_STEEPER = 30.0


class Abbreviations(dict):
    """A point in balls, where abbreviations are evaluated when they are requested; those of `known` are so already."""

    def __init__(
        self,
        point: Mapping[str, float],
        where: Mapping[str, sp.Expr],
        reader: Balls,
        known: Mapping[sp.Symbol, arb] = MappingProxyType({}),
    ) -> None:
        super().__init__(known)
        self._point, self._where, self._reader = point, where, reader

    def __missing__(self, symbol: sp.Symbol) -> arb:
        if symbol.name in self._where:
            self[symbol] = self._reader.value(self._where[symbol.name], self)
        else:
            self[symbol] = arb(self._point[symbol.name])
        return self[symbol]


class _OneSided(Balls):
    """Balls that decide definitions by cases at another point, a little beside the one where they are evaluated."""

    def __init__(self, decided_at: Abbreviations, lenient: bool) -> None:
        super().__init__(SLACK, lenient)
        self._decided_at, self._plain = decided_at, Balls(SLACK, lenient)

    def truth(self, condition: sp.Basic, point: Mapping[sp.Symbol, arb]) -> bool | None:
        return self._plain.truth(condition, self._decided_at)


class PreciseEvaluator:
    """Regimes in balls; the parameters are those of `Evaluator`."""

    def __init__(self, regimes: tuple[Regime, ...], where: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> None:
        self._regimes = [(i, regime) for i, regime in enumerate(regimes) if not regime.is_infeasible]
        self._nowhere = next((i for i, regime in enumerate(regimes) if regime.is_infeasible), len(regimes))
        self._where = {symbol.name: value for symbol, value in where}
        numbers = set().union(*(part.atoms(sp.Rational) for r in regimes for part in (r.condition, r.expr)))
        numbers |= set().union(*(value.atoms(sp.Rational) for _, value in where))
        self._extent = max((_extent(number) for number in numbers if number), default=0)
        self._constant: list[sp.Symbol] = []
        for symbol, value in where:
            if value.free_symbols <= set(self._constant):
                self._constant.append(symbol)
        self._known: dict[tuple[int, bool], dict[sp.Symbol, arb]] = {}

    def _at(self, point: Mapping[str, float], bits: int, last: bool, reader: Balls) -> Abbreviations:
        """Prepare a point; abbreviations that no point changes are evaluated once for each precision."""
        if (bits, last) not in self._known:
            env = Abbreviations({}, self._where, reader)
            self._known[bits, last] = {symbol: env[symbol] for symbol in self._constant}
        return Abbreviations(point, self._where, reader, self._known[bits, last])

    def index(self, point: Mapping[str, float], estimate: int) -> int:
        """Return the index of the regime that holds; an estimate where no precision tells."""
        index = self._decided(point)
        return estimate if index is None else index

    def value(self, point: Mapping[str, float], estimate: float = math.nan) -> float:
        """Return the value, correctly rounded to a double but for ties; an estimate where no precision is enough.

        Raises
        ------
        ProblemError
            If it is out of the range of a double.
        """
        index = self._decided(point)
        if index is None:
            return estimate
        if index == self._nowhere:
            return math.inf
        expr = next(regime.expr for i, regime in self._regimes if i == index)
        return rounded(expr, point, self._where, self._extent, estimate)

    def one_sided(self, point: Mapping[str, float], side: Mapping[str, float]) -> float:
        """Return a value at a point, all cases decided at another one beside it; `-inf` where that is infeasible.

        Where the formula has no value at the point, it is the limit from beside it, which may be infinite.
        """
        index = self._decided(side)
        if index is None or index == self._nowhere:
            return -math.inf
        expr = next(regime.expr for i, regime in self._regimes if i == index)
        try:
            found = rounded(expr, point, self._where, self._extent, side=side)
        except ProblemError:
            found = math.nan
        if math.isfinite(found):
            return found
        # A bound that is inactive, and infinite, is where it is.
        farther = {name: x if x == side[name] else x + 1e4 * (side[name] - x) for name, x in point.items()}
        beside, far = (rounded(expr, at, self._where, self._extent) for at in (side, farther))
        steep = math.isinf(found) or abs(beside) > _STEEPER * abs(far)
        return math.copysign(math.inf, beside) if steep else beside

    def _decided(self, point: Mapping[str, float]) -> int | None:
        """Find the regime; None if no precision tells."""
        for bits, last in precisions(point, self._extent):
            with ctx.workprec(bits):
                reader = Balls(SLACK, lenient=last)
                env = self._at(point, bits, last, reader)
                for i, regime in self._regimes:
                    truth = reader.truth(regime.condition, env)
                    if truth is None:
                        break
                    if truth:
                        return i
                else:
                    return self._nowhere
        return None


def precisions(point: Mapping[str, float], extent: float) -> Iterator[tuple[int, bool]]:
    """Yield working precisions in bits, and whether it is the last: sides equal to half of its bits count as equal.

    Numbers that differ at all differ by more than that, unless some are very large or small: those of the point, the
    powers of two of its rates, and those of the formula, whose size is `extent`.
    """
    sizes = [_extent(value) for value in point.values() if value and math.isfinite(value)]
    rates = sum(abs(value) for name, value in point.items() if name in ("R", "R_c", "C") and math.isfinite(value))
    last = min(_MOST, _SECOND + int(8 * max([extent, *sizes]) + 8 * rates))
    yield _FIRST, False
    if last > 2 * _SECOND:
        yield _SECOND, False
    yield last, True


def _extent(number: sp.Rational | float) -> float:
    """How many powers of two a number is away from one."""
    if isinstance(number, sp.Rational):
        return abs(abs(int(number.p)).bit_length() - int(number.q).bit_length())
    return abs(math.log2(abs(number)))


def rounded(
    expr: sp.Expr,
    point: Mapping[str, float],
    where: Mapping[str, sp.Expr],
    extent: float = 0,
    estimate: float = math.nan,
    side: Mapping[str, float] | None = None,
) -> float:
    """Evaluate an expression to a double; balls that tell nothing give way to an estimate.

    With a `side`, definitions by cases are decided there.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> rounded(1 - sp.sqrt(1 - x), {"x": 1e-20}, {})
    5e-21
    """
    value = arb(0)
    for bits, last in precisions(point, extent):
        with ctx.workprec(bits):
            reader = Balls(SLACK, lenient=last)
            if side is not None:
                reader = _OneSided(Abbreviations(side, where, reader), last)
            value = reader.value(expr, Abbreviations(point, where, reader))
            if value == 0 or value.rel_accuracy_bits() >= _ENOUGH or _is_infinite(value):
                break
    if not math.isnan(estimate) and not value.is_finite() and not _is_infinite(value):
        return estimate
    # What the last precision does not tell from zero is zero.
    known = value.is_finite() if side else not value.is_nan()
    return 0.0 if known and value.contains(0) else _double(value)


def _is_infinite(value: arb) -> bool:
    return not value.is_finite() and bool(value > 0 or value < 0)


def _double(value: arb) -> float:
    if not value.is_finite() and not _is_infinite(value):
        raise ProblemError("the value must be a number in the range of a double, got one that is lost at any precision")
    if abs(value) > 2 and (middle := value.mid()).is_finite() and abs(middle) > arb(2) ** 1024 * (1 - arb(2) ** -54):
        size = f"10^{float(abs(middle).log() / arb(10).log()):.4g}"
        raise ProblemError(f"the value must be in the range of a double, got about {'-' if middle < 0 else ''}{size}")
    return float(value.mid())
