"""Upper bounds by alternating minimisation, as in the information bottleneck ([tishby1999]), from many starts at once.

As `H(S|Y)` is concave in the joint law, it is at most the cross-entropy `-sum t_{y,s} log r(s|y)` with any posteriors
`r`, and equal to it for the true ones. With `r` fixed the problem is convex, and whatever meets the bound on the
cross-entropy meets that on the entropy; with the posteriors of its solution, the next problem is no worse.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers
from drc.solvers.request import Clock

#: A posterior is not taken to be smaller.
_LEAST = 1e-12

#: What is missed of bounds by less than this is left to the margins.
FEASIBLE = 1e-8

#: For this many rounds a start that misses the bounds is followed.
_HOPE = 12


@dataclass(frozen=True, eq=False)
class Tangent:
    """Solutions of B convex programs with a tangent instead of the label's entropy.

    Attributes
    ----------
    points : array, shape (B, ...)
        The plans: couplings, or weights of maps.
    laws : array, shape (B, n_Y, n_S)
        Joint laws of output and label.
    value : array, shape (B,)
        The objective, in nats.
    excess : array, shape (B,)
        By how much the bounds are missed.
    multipliers : Multipliers
    """

    points: np.ndarray
    laws: np.ndarray
    value: np.ndarray
    excess: np.ndarray
    multipliers: Multipliers


@dataclass(frozen=True, eq=False)
class Descent:
    """Where the alternation of each start ended: plans, their laws, and what they cost (infinite if they miss bounds)."""

    points: np.ndarray
    laws: np.ndarray
    value: np.ndarray


def tangent_slopes(posteriors: np.ndarray) -> np.ndarray:
    """Return the gradient `-log r(s|y)` of the entropy where the posteriors are these.

    Examples
    --------
    >>> tangent_slopes(np.array([1.0, 0.5])).round(3).tolist()
    [-0.0, 0.693]
    """
    return -np.log(np.maximum(posteriors, _LEAST))


def posteriors_of(data: Data, laws: np.ndarray) -> np.ndarray:
    """Return the posteriors `p(s|y)`; those of the label itself where a letter has no mass.

    Parameters
    ----------
    laws : array, shape (B, n_Y, n_S)
    """
    mass = laws.sum(axis=2, keepdims=True)
    prior = data.posterior @ data.source
    return np.where(mass > 1e-12, np.maximum(laws, 0.0) / np.maximum(mass, 1e-12), prior)


def alternate(
    solve: Callable[[np.ndarray, float, float], Tangent],
    posteriors: np.ndarray,
    data: Data,
    rounds: int,
    gap: float,
    clock: Clock,
    margin: float = 0.0,
) -> Descent:
    """Alternate between plans and posteriors.

    Parameters
    ----------
    solve : callable
        From posteriors, a margin and an accuracy to a `Tangent`.
    posteriors : array, shape (B, n_Y, n_S)
    rounds : int
        How many convex problems at most.
    gap : float
        Stop where the objective falls by less.
    margin : float
        By how much the bounds are tightened.
    """
    first = solve(posteriors, margin, 0.1 * gap)
    best = Descent(first.points, first.laws, np.where(first.excess < FEASIBLE, first.value, math.inf))
    live, laws, old = np.arange(len(posteriors)), first.laws, best.value.copy()
    for turn in range(1, rounds):
        if clock.over:
            break
        found = solve(posteriors_of(data, laws), margin, 0.1 * gap)
        value = np.where(found.excess < FEASIBLE, found.value, math.inf)
        better = value < best.value[live]
        for array, news in ((best.points, found.points), (best.laws, found.laws), (best.value, value)):
            array[live[better]] = news[better]
        # A start that misses the bounds comes nearer to them from round to round.
        hope = np.isinf(value) & (turn < _HOPE)
        kept = hope | (np.isfinite(value) & (value < old - gap))
        if not kept.any():
            break
        live, laws, old = live[kept], found.laws[kept], value[kept]
    return best
