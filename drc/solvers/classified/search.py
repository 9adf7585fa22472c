"""Branch and bound over boxes of joint laws of the output and the label, best first, many boxes at a time."""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from drc.solvers.classified.boxes import Marginals, halves, where_to_split
from drc.solvers.request import Clock, OutOfTime

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
    proof: Any
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


def tree_of(root: Node, leaf: Any, ys: np.ndarray) -> dict:
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
