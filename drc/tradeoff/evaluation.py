"""Fast, masked evaluation of a trade-off on arrays, in doubles where they suffice.

Abbreviations are evaluated in order, each as small as its arguments allow: what depends on scalars alone is a scalar,
what depends on `C` alone has the shape of `C`.  Large arrays are worked through in pieces that stay in the cache.
Elements whose digits, or regimes, doubles do not settle are evaluated again in balls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc.errors import UnknownFunctionError
from drc.expressions.numeric import Compiler
from drc.expressions.pairs import Environment, Evaluate, select
from drc.tradeoff.regime import Regime

if TYPE_CHECKING:
    from drc.tradeoff.compiled import Numbers
    from drc.tradeoff.precise import PreciseEvaluator

#: Elements worked on at a time: a few dozen arrays of this size stay in a third-level cache.
_PIECE = 32_768

#: From this many points on, a compiled program is worth while.
_MANY = 10_000

#: The largest relative error that a value in doubles may have; beyond it, balls are used.
_TOLERANCE = 8e-13


class Evaluator:
    """Compiled regimes.

    Parameters
    ----------
    regimes : the regimes, in abbreviations; where several hold, the first one counts
    where : the abbreviations, in an order in which each needs only earlier ones
    """

    def __init__(self, regimes: tuple[Regime, ...], where: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> None:
        self._regimes, self._definitions = regimes, where
        self._programs: dict[tuple[tuple[str, tuple[bool, bool]], ...], tuple[str, Numbers] | None] = {}
        known: dict[sp.Basic, sp.Expr] = {}
        for symbol, value in where:
            if value.free_symbols <= known.keys() and not value.has(sp.Piecewise):
                known[symbol] = value.xreplace(known)
        self._known, self._numbers = known, {str(symbol) for symbol in known}
        self._build = build = Compiler(known, dict(where))
        self._where = [(symbol.name, frozenset(s.name for s in v.free_symbols), build(v)) for symbol, v in where]
        cases = [(i, build(regime.condition), regime) for i, regime in enumerate(regimes) if not regime.is_infeasible]
        nowhere = next((i for i, regime in enumerate(regimes) if regime.is_infeasible), len(regimes))
        self._value = select([(condition, build(r.expr)) for _, condition, r in cases], np.inf, _TOLERANCE)
        indices = [(condition, _constant(float(i))) for i, condition, _ in cases]
        self._index = select(indices, float(nowhere), _TOLERANCE)

    def values(self, arguments: Mapping[str, object]) -> np.ndarray:
        """Evaluate the trade-off; `+inf` where no regime, or the infeasible one, holds.

        Raises
        ------
        ProblemError
            If a value is out of the range of a double.
        """
        found = self._compiled(arguments)
        return self._by_numpy(arguments) if found is None else self._completed(found, arguments)

    def _completed(self, found: np.ndarray, arguments: Mapping[str, Any]) -> np.ndarray:
        """Let numpy find what is missing."""
        if (left := np.isnan(found)).any():
            at = {k: np.broadcast_to(v, left.shape)[left] if np.ndim(v) else v for k, v in arguments.items()}
            found[left] = self._by_numpy(at)
        return found

    def _by_numpy(self, arguments: Mapping[str, Any]) -> np.ndarray:
        return self._over_pieces(self._value, arguments, lambda point, value: self._precise.value(point, value))

    def _compiled(self, arguments: Mapping[str, Any]) -> np.ndarray | None:
        """Evaluate by a compiled program: NaN where it does not settle the value, None where nothing can be compiled."""
        shape = np.broadcast_shapes(*(np.shape(v) for v in arguments.values()))
        size = int(np.prod(shape, dtype=np.int64))
        if size < _MANY:
            return None
        from drc.tradeoff import compiled

        command = compiled.compiler()
        if command is None:
            return None
        # What has few values is evaluated once for each of them.
        fixed, _ = self._first(arguments, lambda few: 8 * int(np.prod(few, dtype=np.int64)) <= size)
        given = {name: pair for name, pair in fixed.items() if name not in self._numbers}
        kinds = {name: (np.ndim(value) > 0, np.ndim(error) > 0) for name, (value, error) in given.items()}
        if (key := tuple(kinds.items())) not in self._programs:
            try:
                self._programs[key] = compiled.program(self._regimes, self._definitions, kinds, self._known)
            except UnknownFunctionError:
                self._programs[key] = None
        written = self._programs[key]
        program = written and compiled.compiled(*written, command)
        return program and program([*given.values()], shape)

    def indices(self, arguments: Mapping[str, object]) -> np.ndarray:
        """Return the index of the regime that holds."""
        return self._over_pieces(
            self._index, arguments, lambda point, index: self._precise.index(point, int(index))
        ).astype(int)

    def for_the_eye(self, arguments: Mapping[str, object]) -> tuple[np.ndarray, np.ndarray]:
        """Return values and indices of regimes as doubles have them, which is enough for a picture; balls for no number."""
        values = self._over_pieces(
            self._value, arguments, lambda p, v: self._precise.value(p, v) if math.isnan(v) else v
        )
        return values, self._over_pieces(self._index, arguments, lambda p, index: index).astype(int)

    def settled(self, arguments: Mapping[str, object]) -> np.ndarray:
        """Return where doubles suffice, for the regime and for the digits of the value."""
        settled = ~np.isnan(self._over_pieces(self._value, arguments, lambda point, value: math.nan))
        return settled & ~np.isnan(self._over_pieces(self._index, arguments, lambda point, index: math.nan))

    def in_doubles(self, arguments: Mapping[str, object]) -> np.ndarray:
        """Evaluate in doubles alone; NaN where all digits are lost."""
        return self._over_pieces(self._value, arguments, lambda point, value: value)

    def one_sided(self, point: Mapping[str, float], side: Mapping[str, float]) -> float:
        """Evaluate a derivative at a point by the formulas that hold on one side of it; `-inf` where none does."""
        return self._precise.one_sided(point, side)

    def number(self, expr: sp.Basic, arguments: Mapping[str, float]) -> float:
        """Evaluate an expression in the abbreviations, or a condition, at one point: in balls where it must be."""
        env = self._environment(arguments)
        with env.watching():
            value, error = self._build(expr)(env)
            if not (isinstance(expr, sp.Expr) and error > _TOLERANCE) or not _has_balls(expr):
                return float(value)
        return self._precise.number(expr, arguments, float(value))

    @cached_property
    def _precise(self) -> PreciseEvaluator:
        from drc.tradeoff.precise import PreciseEvaluator

        return PreciseEvaluator(self._regimes, self._definitions)

    def _environment(self, arguments: Mapping[str, Any]) -> Environment:
        """Evaluate all abbreviations in doubles."""
        env = self._pairs(arguments)
        with env.watching():
            for name, _, value in self._where:
                env[name] = value(env)
        return env

    @staticmethod
    def _pairs(arguments: Mapping[str, Any]) -> Environment:
        return Environment({name: (value, 0.0) for name, value in arguments.items()})

    def _over_pieces(
        self, evaluate: Evaluate, arguments: Mapping[str, Any], precise: Callable[[dict[str, float], float], float]
    ) -> np.ndarray:
        shape = np.broadcast_shapes(*(np.shape(v) for v in arguments.values()))
        size = int(np.prod(shape, dtype=np.int64))
        fixed, rest = self._first(arguments, lambda shape: shape == ())
        if size <= _PIECE:
            found, wrong = self._run(evaluate, fixed, rest, shape)
            out = np.array(found)
        else:
            if all(np.shape(v) in ((), shape) for v in arguments.values()):
                fixed = {k: (np.reshape(v, -1), e) if np.shape(v) else (v, e) for k, (v, e) in fixed.items()}
                pieces, step = size, _PIECE
            else:
                pieces, step = shape[0], max(1, _PIECE * shape[0] // size)
            out = np.empty(size if pieces == size else shape)
            wrong = np.zeros(out.shape, dtype=bool)
            for start in range(0, pieces, step):
                piece = slice(start, start + step)
                env = {k: tuple(_cut(x, piece, pieces, out.ndim) for x in pair) for k, pair in fixed.items()}
                out[piece], missed = self._run(evaluate, env, rest, out[piece].shape)
                if missed.any():
                    wrong[piece] = missed
            out, wrong = out.reshape(shape), wrong.reshape(shape)
        if wrong.any():
            with np.errstate(all="ignore"):
                out[wrong] = [
                    precise(*pair) for pair in zip(_points(arguments, wrong), out[wrong].tolist(), strict=True)
                ]
        return out

    def _first(self, arguments: Mapping[str, Any], small: Callable[[tuple[int, ...]], bool]):
        """Evaluate the abbreviations of a small shape, as of scalars only; return the environment and what is left to do."""
        env, left = self._pairs(arguments), []
        with env.watching():
            for name, needs, value in self._where:
                if needs <= env.keys() and small(np.broadcast_shapes(*(np.shape(env[need][0]) for need in needs))):
                    env[name] = value(env)
                else:
                    left.append((name, value))
        return env, left

    @staticmethod
    def _run(evaluate: Evaluate, known: Mapping[str, Any], rest, shape: tuple[int, ...]):
        """Return values, and where they are not known well enough."""
        env = Environment(known)
        # Branches that a mask discards may divide by zero or overflow; what a mask keeps does not.
        with env.watching():
            for name, value in rest:
                env[name] = value(env)
            value, wrong = evaluate(env)
            if np.size(value) and np.isnan(np.min(value)):
                wrong = wrong | np.isnan(value)
        return np.broadcast_to(np.asarray(value, dtype=float), shape), np.broadcast_to(wrong, shape)


def _constant(value: float) -> Evaluate:
    return lambda env: (value, 0.0)


def _has_balls(expr: sp.Expr) -> bool:
    return all(hasattr(type(f), "enclose") for f in expr.atoms(sp.Function) if hasattr(type(f), "numeric"))


def _points(arguments: Mapping[str, Any], wanted: np.ndarray) -> Iterator[dict[str, float]]:
    """Yield the points of a mask."""
    columns = {name: np.broadcast_to(value, wanted.shape)[wanted].tolist() for name, value in arguments.items()}
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _cut(value: Any, piece: slice, length: int, dimensions: int) -> Any:
    """Take a piece of the first axis of the common shape, if the array has that axis in full."""
    if np.ndim(value) == dimensions and np.shape(value)[0] == length:
        return value[piece]
    return value
