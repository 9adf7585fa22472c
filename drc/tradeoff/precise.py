"""The value of a trade-off at one point, correctly rounded, where doubles do not suffice.

Arguments are exact doubles and parameters of the problem exact numbers.  Everything is evaluated in balls, at a precision
that is raised until the regime is certain and the value has all digits of a double.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import sympy as sp
from flint import arb, ctx

from drc.errors import ProblemError
from drc.expressions.balls import Balls
from drc.expressions.numeric import SLACK
from drc.tradeoff.regime import Regime

#: Working precisions in bits.  Differences of numbers at the ends of the range of doubles need the last ones.
_PRECISIONS = (96, 256, 768, 2304, 6912)

#: Bits of a value that is rounded to a double.
_ENOUGH = 64


class Abbreviations(dict):
    """A point in balls, where abbreviations are evaluated when they are asked for."""

    def __init__(self, point: Mapping[str, float], where: Mapping[str, sp.Expr], reader: Balls) -> None:
        super().__init__()
        self._point, self._where, self._reader = point, where, reader

    def __missing__(self, symbol: sp.Symbol) -> arb:
        if symbol.name in self._where:
            self[symbol] = self._reader.value(self._where[symbol.name], self)
        else:
            self[symbol] = arb(self._point[symbol.name])
        return self[symbol]


class PreciseEvaluator:
    """Regimes in balls; the parameters are those of `Evaluator`."""

    def __init__(self, regimes: tuple[Regime, ...], where: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> None:
        self._regimes = [(i, regime) for i, regime in enumerate(regimes) if not regime.is_infeasible]
        self._nowhere = next((i for i, regime in enumerate(regimes) if regime.is_infeasible), len(regimes))
        self._where = {symbol.name: value for symbol, value in where}

    def index(self, point: Mapping[str, float]) -> int:
        """Return the index of the regime that holds."""
        return self._decided(point)[0]

    def value(self, point: Mapping[str, float]) -> float:
        """Return the value, correctly rounded to a double but for ties.

        Raises
        ------
        ProblemError
            If it is out of the range of a double.
        """
        index, bits = self._decided(point)
        if index == self._nowhere:
            return math.inf
        expr = next(regime.expr for i, regime in self._regimes if i == index)
        return rounded(expr, point, self._where, bits)

    def _decided(self, point: Mapping[str, float]) -> tuple[int, int]:
        """Find the regime, and a precision that tells it from the others."""
        for bits in _PRECISIONS:
            last = bits == _PRECISIONS[-1]
            with ctx.workprec(bits):
                reader = Balls(SLACK, lenient=last)
                env = Abbreviations(point, self._where, reader)
                for i, regime in self._regimes:
                    truth = reader.truth(regime.condition, env)
                    if truth is None and not last:
                        break
                    if truth:
                        return i, bits
                else:
                    return self._nowhere, bits
        raise AssertionError("the last precision decides")


def rounded(expr: sp.Expr, point: Mapping[str, float], where: Mapping[str, sp.Expr], start: int = 0) -> float:
    """Evaluate an expression to a double.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> rounded(1 - sp.sqrt(1 - x), {"x": 1e-20}, {})
    5e-21
    """
    value = arb(0)
    for bits in _PRECISIONS:
        if bits < start:
            continue
        with ctx.workprec(bits):
            reader = Balls(SLACK, lenient=bits == _PRECISIONS[-1])
            value = reader.value(expr, Abbreviations(point, where, reader))
            if value == 0 or value.rel_accuracy_bits() >= _ENOUGH or not value.is_finite() and not value.is_nan():
                break
    return _double(value)


def _double(value: arb) -> float:
    if value.is_nan():
        raise ProblemError("the value must be a number in the range of a double, got one that is lost at any precision")
    if abs(value) > 2 and (middle := value.mid()).is_finite() and abs(middle) > arb(2) ** 1024 * (1 - arb(2) ** -54):
        size = f"10^{float(abs(middle).log() / arb(10).log()):.4g}"
        raise ProblemError(f"the value must be in the range of a double, got about {'-' if middle < 0 else ''}{size}")
    return float(value.mid())
