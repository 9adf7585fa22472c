"""Joint laws of output and label, and boxes `low <= P(Y=y, S=s) <= high` of them: how these are tightened and split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from drc.solvers.arithmetic.rounding import ROUNDOFF, Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.request import Clock

#: How often the marginals tighten a box; the checker does it as often.
ROUNDS = 2

#: With more labels the corners of a box, two to the number of labels, are too many.
MOST_LABELS = 6

#: A posterior is not taken to be smaller.
_LEAST = 1e-12

#: What proves the bound of a box: whether it is one on the objective ("1"), or that nothing is feasible ("0").
Proof = tuple[str, Multipliers]


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

    `laws` has the shape (B, n_Y, n_S).
    """
    mass = laws.sum(axis=2, keepdims=True)
    prior = data.posterior @ data.source
    return np.where(mass > 1e-12, np.maximum(laws, 0.0) / np.maximum(mass, 1e-12), prior)


@dataclass(frozen=True, eq=False)
class Marginals:
    """What is known of every joint law: the law of the label, and that of the output if it is fixed.

    The laws have the shapes (n_S,) and (n_Y,); that of the outputs may be free.

    Examples
    --------
    >>> known = Marginals(Interval.of([0.5, 0.5]), Interval.of([0.25, 0.75]), 2)
    >>> low, high = known.root()
    >>> high[0].tolist()
    [[0.25, 0.25], [0.5, 0.5]]
    >>> low, high = known.tightened(low, np.minimum(high, [[0.125, 1], [1, 1]]))
    >>> low[0].round(12).tolist()
    [[0.0, 0.125], [0.375, 0.25]]
    """

    labels: Interval
    outputs: Interval | None
    n_Y: int

    @classmethod
    def of(cls, data: Data) -> Marginals:
        """Take those of a problem, for the letters kept."""
        return cls(data.p_SX.sum(axis=1), data.p_Y, len(data.ys))

    def root(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the box of all laws; arrays of shape (1, n_Y, n_S)."""
        high = np.tile(self.labels.high, (self.n_Y, 1))
        if self.outputs is not None:
            high = np.minimum(high, self.outputs.high[:, None])
        return self.tightened(np.zeros((1, *high.shape)), high[None])

    def tightened(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cut off what the marginals forbid, rounded outwards.

        `low` and `high` have the shape (B, n_Y, n_S).

        Some `low` exceeds its `high` only if the box is empty.
        """
        for _ in range(ROUNDS):
            ends = [_rest(self.labels.low[None, None], high, axis=1, up=False)]
            tops = [_rest(self.labels.high[None, None], low, axis=1, up=True)]
            if self.outputs is not None:
                ends.append(_rest(self.outputs.low[None, :, None], high, axis=2, up=False))
                tops.append(_rest(self.outputs.high[None, :, None], low, axis=2, up=True))
            low, high = np.maximum.reduce([low, *ends]), np.minimum.reduce([high, *tops])
        return low, high


def _rest(mass: np.ndarray, parts: np.ndarray, *, axis: int, up: bool) -> np.ndarray:
    """Return what the other parts along an axis leave of a mass, rounded up or down."""
    total = parts.sum(axis=axis, keepdims=True)
    error = 4 * (parts.shape[axis] + 2) * ROUNDOFF * (total + mass)
    return mass - (total - parts) + (error if up else -error)


def where_to_split(low: np.ndarray, high: np.ndarray, law: np.ndarray) -> tuple[int, int, float]:
    """Choose the coordinate along which the chord is furthest below the entropy, and a point near the law proposed.

    `low`, `high` and `law` have the shape (n_Y, n_S).

    Returns
    -------
    (y, s, t)
    """
    width = high - low
    at = np.maximum(np.clip(law, low, high), 0.25 * width)
    total = at.sum(axis=1, keepdims=True)
    bend = width**2 * (1 / np.maximum(at, 1e-300) - 1 / np.maximum(total, 1e-300))
    y, s = np.unravel_index(int(np.argmax(np.where(width > 0, bend + 1e-6 * width**2, -1.0))), width.shape)
    w = width[y, s]
    return int(y), int(s), float(np.clip(law[y, s], low[y, s] + 0.25 * w, high[y, s] - 0.25 * w))


@dataclass(eq=False)
class Node:
    """A box, what is proved of it, and how it was split; without a proof it is known to be empty, or nothing is known.

    `law` is where the relaxation has its optimum: a joint law of output and label.
    """

    low: np.ndarray
    high: np.ndarray
    lower: float
    law: np.ndarray
    proof: Proof | None = None
    split: tuple[int, int, float] | None = None
    parts: tuple[Node, ...] = ()

    def tree(self, leaf: Callable[[Proof | None], dict[str, object]], ys: np.ndarray) -> dict:
        """Return the tree below this node as a certificate has it: nested nodes.

        `leaf` turns the proof of a leaf into its fields, None being that of a box that is empty; `ys` are the output letters
        kept.
        """
        top: dict = {}
        stack = [(self, top)]
        while stack:
            node, entry = stack.pop()
            if node.split is None:
                entry.update(leaf(node.proof))
                continue
            y, s, t = node.split
            entry.update(split=[int(ys[y]), s, t], below={}, above={})
            stack.extend(zip(node.parts, (entry["below"], entry["above"]), strict=True))
        return top


@dataclass(frozen=True)
class Limits:
    """When to stop.

    `share` is the gap at which to stop, as a part of `scale`, the size of the costs.
    """

    share: float
    scale: float = 1.0
    clock: Clock = field(default_factory=Clock)
    boxes: int = 100_000

    @property
    def tolerance(self) -> float:
        """The gap at which to stop."""
        return self.share * self.scale
