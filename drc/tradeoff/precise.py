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
        self._point, self._where, self.reader = point, where, reader

    def __missing__(self, symbol: sp.Symbol) -> arb:
        if symbol.name in self._where:
            self[symbol] = self.reader.value(self._where[symbol.name], self)
        else:
            self[symbol] = arb(self._point[symbol.name])
        return self[symbol]

    def value(self, expr: sp.Expr) -> arb:
        """Enclose an expression here."""
        return self.reader.value(expr, self)


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
        self._conditions = {i: regime.condition for i, regime in enumerate(regimes) if not regime.is_infeasible}
        self._exprs = [regime.expr for regime in regimes]
        self._nowhere = next((i for i, regime in enumerate(regimes) if regime.is_infeasible), len(regimes))
        self._where = {symbol.name: value for symbol, value in where}
        numbers = set().union(*(part.atoms(sp.Rational) for r in regimes for part in (r.condition, r.expr)))
        numbers |= set().union(*(value.atoms(sp.Rational) for _, value in where))
        self._extent = max((_extent(number) for number in numbers if number), default=0)
        self._constant: list[sp.Symbol] = []
        for symbol, value in where:
            if value.free_symbols <= set(self._constant):
                self._constant.append(symbol)
        self._readers = {last: Balls(SLACK, lenient=last) for last in (False, True)}
        self._known: dict[tuple[int, bool], dict[sp.Symbol, arb]] = {}

    def _at(self, point: Mapping[str, float], bits: int, last: bool) -> Abbreviations:
        """Prepare a point; abbreviations that no point changes are evaluated once for each precision."""
        reader = self._readers[last]
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
        index, value = None, arb(0)
        for bits, last in precisions(point, self._extent):
            with ctx.workprec(bits):
                env = self._at(point, bits, last)
                index = self._holding(env) if index is None else index
                if index == self._nowhere:
                    return math.inf
                if index is not None and _is_enough(value := env.value(self._exprs[index])):
                    break
        return estimate if index is None else _rounded(value, estimate)

    def number(self, expr: sp.Expr, point: Mapping[str, float], estimate: float = math.nan) -> float:
        """Evaluate an expression in the abbreviations to a double; balls that tell nothing give way to an estimate.

        Examples
        --------
        >>> x = sp.Symbol("x")
        >>> PreciseEvaluator((), ()).number(1 - sp.sqrt(1 - x), {"x": 1e-20})
        5e-21
        """
        value = arb(0)
        for bits, last in precisions(point, self._extent):
            with ctx.workprec(bits):
                if _is_enough(value := self._at(point, bits, last).value(expr)):
                    break
        return _rounded(value, estimate)

    def one_sided(self, point: Mapping[str, float], side: Mapping[str, float]) -> float:
        """Return a value at a point, all cases decided at another one beside it; `-inf` where that is infeasible.

        Where the formula has no value at the point, it is the limit from beside it, which may be infinite.
        """
        index = self._decided(side)
        if index is None or index == self._nowhere:
            return -math.inf
        expr = self._exprs[index]
        try:
            found = self._beside(expr, point, side)
        except ProblemError:
            found = math.nan
        if math.isfinite(found):
            return found
        # A bound that is inactive, and infinite, is where it is.
        farther = {name: x if x == side[name] else x + 1e4 * (side[name] - x) for name, x in point.items()}
        beside, far = (self.number(expr, at) for at in (side, farther))
        steep = math.isinf(found) or abs(beside) > _STEEPER * abs(far)
        return math.copysign(math.inf, beside) if steep else beside

    def _beside(self, expr: sp.Expr, point: Mapping[str, float], side: Mapping[str, float]) -> float:
        value = arb(0)
        for bits, last in precisions(point, self._extent):
            with ctx.workprec(bits):
                reader = _OneSided(self._at(side, bits, last), last)
                if _is_enough(value := reader.value(expr, Abbreviations(point, self._where, reader))):
                    break
        # What the last precision does not tell from zero is zero.
        return 0.0 if value.is_finite() and value.contains(0) else _double(value)

    def _decided(self, point: Mapping[str, float]) -> int | None:
        """Find the regime; None if no precision tells."""
        for bits, last in precisions(point, self._extent):
            with ctx.workprec(bits):
                if (index := self._holding(self._at(point, bits, last))) is not None:
                    return index
        return None

    def _holding(self, env: Abbreviations) -> int | None:
        """Find the regime at one precision."""
        for i, condition in self._conditions.items():
            truth = env.reader.truth(condition, env)
            if truth is None:
                return None
            if truth:
                return i
        return self._nowhere


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


def _is_enough(value: arb) -> bool:
    # What is infinite may be a large number at a higher precision, which tells a denominator from zero.
    return bool(value == 0) or (value.is_finite() and value.rel_accuracy_bits() >= _ENOUGH)


def _rounded(value: arb, estimate: float) -> float:
    if not math.isnan(estimate) and not value.is_finite() and not _is_infinite(value):
        return estimate
    # What the last precision does not tell from zero is zero.
    return 0.0 if not value.is_nan() and value.contains(0) else _double(value)


def _is_infinite(value: arb) -> bool:
    return not value.is_finite() and bool(value > 0 or value < 0)


def _double(value: arb) -> float:
    if not value.is_finite() and not _is_infinite(value):
        raise ProblemError("the value must be a number in the range of a double, got one that is lost at any precision")
    if abs(value) > 2 and (middle := value.mid()).is_finite() and abs(middle) > arb(2) ** 1024 * (1 - arb(2) ** -54):
        size = f"10^{float(abs(middle).log() / arb(10).log()):.4g}"
        raise ProblemError(f"the value must be in the range of a double, got about {'-' if middle < 0 else ''}{size}")
    return float(value.mid())
