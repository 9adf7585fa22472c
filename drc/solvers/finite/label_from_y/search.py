"""Branch and bound over boxes `low <= P(Y=y, S=s) <= high` of joint laws, best first, many boxes at a time."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.request import Clock, OutOfTime

#: Half the distance from one to the next double.
_U = 2.0**-53

#: How often the marginals tighten a box; the checker does it as often.
ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Marginals:
    """What is known of every joint law: the law of the label, and that of the output if it is fixed.

    Attributes
    ----------
    labels : Interval, shape (n_S,)
    outputs : Interval, shape (n_Y,), or None
    n_Y : int

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

        Parameters
        ----------
        low, high : array, shape (B, n_Y, n_S)

        Returns
        -------
        low, high : array, shape (B, n_Y, n_S)
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
    error = 4 * (parts.shape[axis] + 2) * _U * (total + mass)
    return mass - (total - parts) + (error if up else -error)


def halves(low: np.ndarray, high: np.ndarray, splits: list[tuple[int, int, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Split each box at one coordinate; the two parts of a box follow each other.

    Parameters
    ----------
    low, high : array, shape (B, n_Y, n_S)

    Returns
    -------
    low, high : array, shape (2 B, n_Y, n_S)
    """
    low, high = np.repeat(low, 2, axis=0), np.repeat(high, 2, axis=0)
    for i, (y, s, t) in enumerate(splits):
        high[2 * i, y, s] = t
        low[2 * i + 1, y, s] = t
    return low, high


def where_to_split(low: np.ndarray, high: np.ndarray, law: np.ndarray) -> tuple[int, int, float]:
    """Choose the coordinate along which the chord is furthest below the entropy, and a point near the law proposed.

    Parameters
    ----------
    low, high, law : array, shape (n_Y, n_S)

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


#: How many boxes are split at a time.
_BATCH = 16

#: A box that is narrower is not split: what is undecided there lies on the border.
_NARROW = 1e-13


@dataclass(frozen=True, eq=False)
class Bounds:
    """What was proved of B boxes.

    Attributes
    ----------
    lower : array, shape (B,)
        Proved; infinite if nothing in the box is feasible.
    proofs : list of object
        What proves each.
    laws : array, shape (B, n_Y, n_S)
        Where the relaxation has its optimum: joint laws of output and label.
    """

    lower: np.ndarray
    proofs: list
    laws: np.ndarray


class Oracle(Protocol):
    """A problem as branch and bound sees it.

    Both methods look at the clock: out of time, they return what they have, or raise `OutOfTime`. `programs` says how many
    boxes take as long as looking for plans did.
    """

    programs: int

    def bound(self, low: np.ndarray, high: np.ndarray, parents: list, upper: float) -> Bounds:
        """Bound the objective over boxes; the proofs of their parents hold in them, too."""
        ...

    def improve(self, found: Bounds, upper: float) -> float:
        """Look for better plans near where the relaxations have their optima; return the best upper bound."""
        ...


@dataclass(eq=False)
class Node:
    """A box, what is proved of it, and how it was split."""

    low: np.ndarray
    high: np.ndarray
    lower: float
    proof: tuple[str, Multipliers] | None
    law: np.ndarray
    split: tuple[int, int, float] | None = None
    parts: tuple = ()


@dataclass(eq=False)
class Search:
    """A tree of boxes, and what it proves.

    Attributes
    ----------
    root : Node
    upper : float
    boxes : int
        How many were bounded.
    stopped : str
        Why it ended before the bounds met: "", "time limit", "interrupted" or "boxes".
    """

    root: Node
    upper: float
    boxes: int = 1
    stopped: str = ""
    open: list = field(default_factory=list)
    stuck: list = field(default_factory=list)

    @property
    def lower(self) -> float:
        """The least of the bounds of all leaves."""
        return min([node.lower for _, _, node in self.open] + [node.lower for node in self.stuck], default=math.inf)


@dataclass(frozen=True)
class Limits:
    """When to stop.

    Attributes
    ----------
    share : float
        The gap at which to stop, as a part of the scale.
    scale : float
        The size of the costs.
    clock : Clock
    boxes : int
    """

    share: float
    scale: float = 1.0
    clock: Clock = field(default_factory=Clock)
    boxes: int = 100_000

    @property
    def tolerance(self) -> float:
        """The gap at which to stop, whatever the optimum is."""
        return self.share * self.scale

    def room(self, upper: float) -> float:
        """Return the gap at which to stop where the best plan costs so much."""
        # Whoever wants an optimum gets one in the sense of `is_closed`; whoever wants less waits for less.
        if self.share > 1e-6 or not math.isfinite(upper):
            return self.tolerance
        return min(self.tolerance, 0.5 * max(1e-6 * abs(upper), 1e-9 * self.scale))


def branch_and_bound(oracle: Oracle, known: Marginals, upper: float, limits: Limits) -> Search:
    """Split boxes until the bounds meet, or a limit is reached.

    Parameters
    ----------
    upper : float
        An upper bound that is known already, or `inf`.
    """
    low, high = known.root()
    root = Node(low[0], high[0], 0.0, None, 0.5 * (low[0] + high[0]))
    search, order = Search(root, upper), itertools.count()
    try:
        found = oracle.bound(low, high, [None], upper)
        root.lower, root.proof, root.law = float(found.lower[0]), found.proofs[0], found.laws[0]
        if root.lower < math.inf:
            heapq.heappush(search.open, (root.lower, next(order), root))
        search.upper = oracle.improve(found, upper)
        while search.open and search.open[0][0] < search.upper - limits.room(search.upper):
            limits.clock.check()
            if search.boxes + oracle.programs >= limits.boxes:
                search.stopped = "boxes"
                break
            _split_best(oracle, known, search, order, limits.room(search.upper))
    except OutOfTime:
        search.stopped = limits.clock.stopped
        if not search.open and root.split is None and root.lower < math.inf:
            search.open.append((root.lower, next(order), root))
    return search


def _split_best(oracle: Oracle, known: Marginals, search: Search, order: Any, tolerance: float) -> None:
    """Split the boxes with the least bounds. Until all is done the tree is as it was, so that time may run out."""
    chosen = []
    while search.open and len(chosen) < _BATCH and search.open[0][0] < search.upper - tolerance:
        entry = heapq.heappop(search.open)
        if (entry[2].high - entry[2].low).max() < _NARROW:
            search.stuck.append(entry[2])
        else:
            chosen.append(entry)
    if not chosen:
        return
    nodes = [node for _, _, node in chosen]
    try:
        splits = [where_to_split(node.low, node.high, node.law) for node in nodes]
        lows, highs = halves(np.stack([n.low for n in nodes]), np.stack([n.high for n in nodes]), splits)
        lows, highs = known.tightened(lows, highs)
        full = np.flatnonzero((lows <= highs).all(axis=(1, 2)))
        parents = [nodes[i // 2].proof for i in full]
        found = oracle.bound(lows[full], highs[full], parents, search.upper)
    except OutOfTime:
        for entry in chosen:
            heapq.heappush(search.open, entry)
        raise
    children = [Node(lows[i], highs[i], math.inf, None, np.zeros(0)) for i in range(len(lows))]
    for k, i in enumerate(full):
        child = children[i]
        child.lower, child.proof, child.law = float(found.lower[k]), found.proofs[k], found.laws[k]
        if child.lower < math.inf:
            heapq.heappush(search.open, (child.lower, next(order), child))
    for i, (node, split) in enumerate(zip(nodes, splits, strict=True)):
        node.split, node.parts = split, (children[2 * i], children[2 * i + 1])
    search.boxes += len(full)
    search.upper = oracle.improve(found, search.upper)


def tree_of(root: Node, leaf: Callable[[tuple[str, Multipliers] | None], dict[str, object]], ys: np.ndarray) -> dict:
    """Return the tree of a certificate: nested nodes.

    Parameters
    ----------
    leaf : callable
        Turns the proof of a leaf into its fields; None stands for a box that is empty.
    ys : array of int
        The output letters kept.
    """
    top: dict = {}
    stack = [(root, top)]
    while stack:
        node, entry = stack.pop()
        if node.split is None:
            entry.update(leaf(node.proof))
            continue
        y, s, t = node.split
        entry.update(split=[int(ys[y]), s, t], below={}, above={})
        stack += [(node.parts[0], entry["below"]), (node.parts[1], entry["above"])]
    return top
