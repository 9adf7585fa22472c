"""What one more bit is worth: the derivatives of a trade-off, on both sides where they differ.

The formulas of all regimes are differentiated, abbreviations and implicit functions included, and evaluated as the
trade-off itself is. On a border the conditions are decided a little beside the point, on either side, and the formulas that
hold there are evaluated at the point itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import sympy as sp

from drc.expressions.content import ByContent
from drc.expressions.derivative import derivative
from drc.expressions.latex import latex
from drc.tradeoff.display import informations
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.regime import Regime

Function = TypeVar("Function", bound=RegimeFunction)

#: A border this near, as a part of an argument (of one bit, for `C`), is where the point is.
_BESIDE = 1e-12

#: Derivatives that differ by no more are those of one smooth function, on two sides of a point so near.
_SMOOTH = 1e-6


@dataclass(frozen=True, eq=False)
class Gradient(ByContent, Mapping[str, "float | np.ndarray"]):
    """The derivatives of a trade-off by its arguments, as a mapping from the names of these.

    Its items are the derivatives from the right: what looser bounds gain. On a border between regimes those from the left,
    what tighter bounds cost, may differ.

    Attributes
    ----------
    left, right : mapping from the name of an argument to a number, or an array of the broadcast shape
        `+inf` where the point is infeasible, and `-inf` from the left where only tighter bounds are.

    Examples
    --------
    >>> import drc
    >>> T = drc.Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0).drc()
    >>> T.gradient(R=0.25, C=1)
    {'R': -0.5, 'C': 0.0}
    >>> T.gradient(R=1), T.gradient(R=1).left["R"]
    ({'R': (-0.5, 0.0), 'C': 0.0}, -0.5)
    """

    left: Mapping[str, float | np.ndarray]
    right: Mapping[str, float | np.ndarray]

    def __getitem__(self, name: str) -> float | np.ndarray:
        return self.right[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.right)

    def __len__(self) -> int:
        return len(self.right)

    def __repr__(self) -> str:
        both = ((name, self.left[name], self.right[name]) for name in self)
        return repr({name: b if np.array_equal(a, b) else (a, b) for name, a, b in both})


def differentiated(tradeoff: Function, letter: sp.Symbol) -> Function:
    """Differentiate every regime with respect to an argument or a parameter; see `Tradeoff.diff`."""
    name = letter.name
    rates: dict[sp.Symbol, sp.Expr] = {letter: sp.S.One}
    names, where = dict(tradeoff.names), []
    varying = set().union(*(regime.expr.free_symbols for regime in tradeoff.cases))
    for symbol, value in reversed(tradeoff.where):
        varying |= value.free_symbols if symbol in varying else set()
    for symbol, value in tradeoff.where:
        where.append((symbol, value))
        # What only decides between regimes need not be differentiated.
        rate = derivative(value, rates) if symbol in varying else sp.S.Zero
        if rate.args and rate.free_symbols:
            short = sp.Symbol(f"d{symbol.name}_d{name}", real=True)
            names[short] = _quotient(latex(symbol, names), name)
            where.append((short, rate))
            rate = short
        if rate != 0:
            rates[symbol] = rate
    cases = tuple(
        Regime(r.name, r.condition, sp.oo if r.is_infeasible else derivative(r.expr, rates)) for r in tradeoff.cases
    )
    value = sp.Symbol(f"d{tradeoff.value.name}_d{name}", real=True)
    names[value] = _quotient(latex(tradeoff.value, names), name)
    return replace(
        tradeoff,
        statement=f"The derivative of {tradeoff.value} with respect to {name}: {tradeoff.statement}",
        value=value,
        cases=cases,
        where=tuple(where),
        laws=(),
        derivation=None,
        names=names,
    )


def _quotient(above: str, below: str) -> str:
    return rf"\frac{{\partial {above}}}{{\partial {below}}}"


def gradient(
    tradeoff: RegimeFunction, diff: Callable[[str], RegimeFunction], inputs: Mapping[str, float | np.ndarray]
) -> Gradient:
    """Evaluate the derivatives with respect to all arguments, on both sides; see `Tradeoff.gradient`."""
    with np.errstate(all="ignore"):
        sides = {s.name: _both_sides(tradeoff, diff(s.name), s.name, inputs) for s in tradeoff.arguments}
    left, right = ({n: x[i] if np.ndim(x[i]) else float(x[i]) for n, x in sides.items()} for i in (0, 1))
    return Gradient(left, right)


def prices(tradeoff: RegimeFunction, slopes: Mapping[str, float | np.ndarray]) -> list[str]:
    """Say what a little more of each bound is worth at a point; nothing where none binds, or a slope is infinite."""
    value, unit = tradeoff.value.name, tradeoff.unit.short
    information = informations(tradeoff)
    gained = f" {unit}" if value in information else ""
    words = {name: unit if name in information else "unit" for name in slopes}
    binding = {name: -slope for name, slope in slopes.items() if -math.inf < slope < 0}
    parts = [
        f"one more {words[name]} of {name}{'' if i else f' lowers {value}'} by {gain:.3g}{gained}"
        for i, (name, gain) in enumerate(binding.items())
    ]
    return [f"At the margin, {' and '.join(parts)}."] if parts else []


def _both_sides(
    tradeoff: RegimeFunction, derived: RegimeFunction, name: str, inputs: Mapping[str, Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivatives with respect to one argument, from the left and from the right."""
    shape = np.broadcast_shapes(*(np.shape(x) for x in inputs.values()))
    given = {n: np.broadcast_to(np.asarray(x, dtype=float), shape).ravel() for n, x in inputs.items()}
    x, rate, regime = given[name], derived._evaluator, tradeoff._evaluator.indices
    feasible = np.isfinite(tradeoff._evaluator.values(given))
    # Where a bound is inactive nothing depends on it.
    left, right = (np.where(feasible, 0.0, np.inf) for _ in range(2))
    step = _BESIDE * (np.where(x == 0, 1.0, x) if name != "C" else 1 + np.abs(x))
    inside = feasible & np.isfinite(x) & ((x > 0) | (name == "C"))
    here, low, high = ({n: v[inside] for n, v in (given | {name: x + d}).items()} for d in (0, -step, step))
    (below, above), index = (regime(at) for at in (low, high)), regime(here)
    slopes = [rate.in_doubles(at) for at in (low, high)]
    smooth = inside.copy()
    smooth[inside] = (
        (below == index) & (above == index) & (np.abs(slopes[1] - slopes[0]) <= _SMOOTH * np.abs(slopes[0]))
    )
    left[smooth] = right[smooth] = rate.values({n: v[smooth] for n, v in given.items()})
    for i in np.flatnonzero(feasible & np.isfinite(x) & ~smooth):
        point = {n: float(v[i]) for n, v in given.items()}
        sides = [point | {name: float(x[i] + d)} for d in (-step[i], step[i])]
        left[i] = rate.one_sided(point, sides[0]) if inside[i] else -math.inf
        right[i] = rate.one_sided(point, sides[1])
    return left.reshape(shape), right.reshape(shape)
