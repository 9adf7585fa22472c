"""Upper bounds by alternating minimisation, as in the information bottleneck ([tishby1999]), from many starts at once.

As `H(S|Y)` is concave in the joint law, it is at most the cross-entropy `-sum t_{y,s} log r(s|y)` with any posteriors
`r`, and equal to it for the true ones. With `r` fixed the problem is convex, and whatever meets the bound on the
cross-entropy meets that on the entropy; with the posteriors of its solution, the next problem is no worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import label_entropy
from drc.solvers.entropic.programs import Goal, build

#: A posterior is not taken to be smaller.
_LEAST = 1e-12

#: What is missed of bounds by less than this is left to the margins.
FEASIBLE = 1e-8

#: For so many rounds a start that misses the bounds is followed.
_HOPE = 12


@dataclass(frozen=True, eq=False)
class Descent:
    """Where the alternation of each start ended.

    Attributes
    ----------
    couplings : array, shape (B, n_X, n_Y)
    value : array, shape (B,)
        The objective, in the unit of the problem and nats; infinite where the bounds are missed.
    """

    couplings: np.ndarray
    value: np.ndarray


def label_law(data: Data, couplings: np.ndarray) -> np.ndarray:
    """Return `P(Y=y, S=s)` of couplings: arrays of shape (B, n_Y, n_S)."""
    return np.einsum("bxy,sx->bys", couplings, data.posterior)


def label_costs(data: Data, posteriors: np.ndarray) -> np.ndarray:
    """Return the cross-entropies `-sum_s p(s|x) log r(s|y)`, shape (B, n_X, n_Y)."""
    return np.einsum("bys,sx->bxy", tangent_slopes(posteriors), data.posterior)


def tangent_slopes(posteriors: np.ndarray) -> np.ndarray:
    """Return the gradient `-log r(s|y)` of the entropy where the posteriors are these."""
    return -np.log(np.maximum(posteriors, _LEAST))


def starts(data: Data, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw posteriors `r(s|y)` to start from: of random maps, of random channels, and of no channel at all.

    Parameters
    ----------
    data : Data
    count : int
    rng : Generator

    Returns
    -------
    array, shape (count, n_Y, n_S)
    """
    n_X, n_Y = data.d.low.shape
    maps = rng.integers(n_Y, size=(count // 2, n_X))
    channels = np.concatenate([np.eye(n_Y)[maps], rng.dirichlet(np.full(n_Y, 0.5), size=(count - len(maps), n_X))])
    channels[-1] = 1.0 / n_Y
    return posteriors_of(data, channels * data.source[None, :, None])


def posteriors_of(data: Data, couplings: np.ndarray) -> np.ndarray:
    """Return the posteriors `p(s|y)` of couplings; those of the label itself where a letter has no mass."""
    law = label_law(data, couplings)
    mass = law.sum(axis=2, keepdims=True)
    prior = data.posterior @ data.source
    return np.where(mass > 1e-12, law / np.maximum(mass, 1e-12), prior)


def alternate(data: Data, goal: Goal, posteriors: np.ndarray, *, rounds: int, gap: float, deadline: float) -> Descent:
    """Alternate between couplings and posteriors.

    Parameters
    ----------
    data : Data
    goal : Goal
    posteriors : array, shape (B, n_Y, n_S)
    rounds : int
        How many convex problems at most.
    gap : float
        Stop where the objective falls by less.
    deadline : float

    Returns
    -------
    Descent
    """
    best, values = np.zeros((len(posteriors), *data.d.low.shape)), np.full(len(posteriors), math.inf)
    live = np.arange(len(posteriors))
    for turn in range(rounds):
        model = build(data, goal, label_costs=label_costs(data, posteriors), elastic=True)
        point = model.solve(gap=0.1 * gap, deadline=deadline)
        found = model.couplings(point)
        excess = point.x[:, len(model.program.cells[0])]
        value = np.where(excess < FEASIBLE, objective(data, goal, found), math.inf)
        with np.errstate(invalid="ignore"):
            gain = np.where(np.isinf(value) & (turn < _HOPE), math.inf, values[live] - value)
        better = value < values[live]
        best[live[better]], values[live[better]] = found[better], value[better]
        # A start that misses the bounds comes nearer to them from round to round.
        kept = gain > gap
        if not kept.any():
            break
        live, posteriors = live[kept], posteriors_of(data, found[kept])
    return Descent(best, values)


def objective(data: Data, goal: Goal, couplings: np.ndarray) -> np.ndarray:
    """Return what is minimised, shape (B,), in doubles."""
    total = np.zeros(len(couplings))
    if goal.price("D") > 0:
        costs = np.where(np.isfinite(data.distortion), data.distortion, 0.0)
        total += goal.price("D") * (couplings * costs).sum(axis=(1, 2))
    if goal.price("R") > 0:
        total += goal.price("R") * information(couplings)
    if goal.price("C") > 0:
        total += goal.price("C") * label_entropy(label_law(data, couplings)).sum(axis=1)
    return total


def information(couplings: np.ndarray) -> np.ndarray:
    """Return the mutual information of couplings in nats, shape (B,)."""

    def entropy(law: Any) -> np.ndarray:
        return -(law * np.log(np.maximum(law, 1e-300))).reshape(len(law), -1).sum(axis=1)

    return np.maximum(entropy(couplings.sum(axis=1)) + entropy(couplings.sum(axis=2)) - entropy(couplings), 0.0)
