"""Fast, masked evaluation of a trade-off on arrays.

Abbreviations are evaluated in order, each as small as its arguments allow: what depends on scalars alone is a scalar,
what depends on `C` alone has the shape of `C`.  Large arrays are worked through in pieces that stay in the cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from drc.expressions.numeric import Evaluate, compile_expression, select
from drc.tradeoff.regime import Regime

#: Elements worked on at a time: a few dozen arrays of this size stay in a second-level cache.
_PIECE = 16_384


class Evaluator:
    """Compiled regimes.

    Parameters
    ----------
    regimes : the regimes, in abbreviations; where several hold, the first one counts
    where : the abbreviations, in an order in which each needs only earlier ones
    """

    def __init__(self, regimes: tuple[Regime, ...], where: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> None:
        self._where = [
            (symbol.name, frozenset(s.name for s in value.free_symbols), compile_expression(value))
            for symbol, value in where
        ]
        cases = [
            (i, compile_expression(regime.condition), regime)
            for i, regime in enumerate(regimes)
            if not regime.is_infeasible
        ]
        nowhere = next((i for i, regime in enumerate(regimes) if regime.is_infeasible), len(regimes))
        self._value = select([(condition, compile_expression(r.expr)) for _, condition, r in cases])
        self._index = select([(condition, _constant(float(i))) for i, condition, _ in cases], float(nowhere))

    def values(self, arguments: Mapping[str, Any]) -> np.ndarray:
        """Evaluate the trade-off; `+inf` where no regime, or the infeasible one, holds."""
        return self._over_pieces(self._value, arguments)

    def indices(self, arguments: Mapping[str, Any]) -> np.ndarray:
        """Return the index of the regime that holds."""
        return self._over_pieces(self._index, arguments).astype(int)

    def environment(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments together with the values of all abbreviations."""
        env = dict(arguments)
        with np.errstate(all="ignore"):
            for name, _, value in self._where:
                env[name] = value(env)
        return env

    def _over_pieces(self, evaluate: Evaluate, arguments: Mapping[str, Any]) -> np.ndarray:
        shape = np.broadcast_shapes(*(np.shape(v) for v in arguments.values()))
        size = int(np.prod(shape, dtype=np.int64))
        # Branches that a mask discards may divide by zero or overflow; what a mask keeps does not.
        with np.errstate(all="ignore"):
            fixed, rest = self._scalars_first(arguments)
            if size <= _PIECE:
                return np.array(np.broadcast_to(self._run(evaluate, fixed, rest), shape))
            if all(np.shape(v) in ((), shape) for v in arguments.values()):
                fixed = {k: v.reshape(-1) if np.shape(v) else v for k, v in fixed.items()}
                pieces, step = size, _PIECE
            else:
                pieces, step = shape[0], max(1, _PIECE * shape[0] // size)
            out = np.empty(size if pieces == size else shape)
            for start in range(0, pieces, step):
                piece = slice(start, start + step)
                env = {k: _cut(v, piece, pieces, len(out.shape)) for k, v in fixed.items()}
                out[piece] = self._run(evaluate, env, rest)
            return out.reshape(shape)

    def _scalars_first(self, arguments: Mapping[str, Any]):
        """Evaluate the abbreviations that need scalars only; return the environment and what is left to do."""
        env, left = dict(arguments), []
        arrays = {name for name, value in env.items() if np.ndim(value)}
        for name, needs, value in self._where:
            if needs & arrays:
                arrays.add(name)
                left.append((name, value))
            else:
                env[name] = value(env)
        return env, left

    @staticmethod
    def _run(evaluate: Evaluate, env: dict[str, Any], rest) -> Any:
        for name, value in rest:
            env[name] = value(env)
        return evaluate(env)


def _constant(value: float) -> Evaluate:
    return lambda env: value


def _cut(value: Any, piece: slice, length: int, dimensions: int) -> Any:
    """Take a piece of the first axis of the common shape, if the array has that axis in full."""
    if np.ndim(value) == dimensions and np.shape(value)[0] == length:
        return value[piece]
    return value
