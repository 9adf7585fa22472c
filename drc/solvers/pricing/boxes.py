"""Branch and bound over boxes of the cells' statistics.

A box is closed once its bound reaches the threshold. Pairs of a letter and a choice that no map below the threshold can
use in a box are excluded there, which shrinks the box to what the other choices can give: letters are decided, and few
boxes around the cheapest maps are left. The search writes down what the checker needs to follow it: its splits, slopes
and exclusions, as a tree that proves the bound at every moment.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from drc.solvers.pricing.cells import Cells
from drc.solvers.pricing.relaxation import Bounds, Boxes, Relaxation
from drc.solvers.request import Clock

#: Boxes bounded at once.
_BATCH = 128

#: Steps to better slopes.
_STEPS = 5

#: The choice of no cell, as the checker names it.
OUT = -1

#: A box is bounded again before it is split if exclusions have shrunk an edge to this share.
_SHRUNK = 0.7

#: What follows from the sum of the cells is cut off a box if that takes this share of an edge; a part of it is left.
_CUT, _LEFT = 0.05, 1e-3

#: An edge shorter than this share of the label's mass is not split.
_NARROW = 1e-13

#: How many maps are kept.
_KEPT = 32


@dataclass(frozen=True, eq=False)
class Search:
    """What the search has proved and found.

    Attributes
    ----------
    lower : float
        A proved lower bound on the price of every map.
    maps : int array, shape (K, n_X)
        Maps that were met, cheapest first; K may be zero. In a map `n_Y` stands for "left out".
    tree : dict
        The root of a tree that proves `lower`; its nodes are nested.
    nodes : int
        How many boxes were bounded.
    status : {"below", "proved", "time limit", "interrupted"}
    """

    lower: float
    maps: np.ndarray
    tree: dict
    nodes: int
    status: str


@dataclass(frozen=True, eq=False)
class _Open:
    """A box that is not closed: its place in the tree, and slopes that prove its bound."""

    node: dict
    low: np.ndarray
    high: np.ndarray
    allowed: np.ndarray
    slopes: np.ndarray


@dataclass(eq=False)
class _State:
    """The boxes that are open and the least bound of those that are closed."""

    heap: list[tuple[float, int, _Open]] = field(default_factory=list)
    batch: list[tuple[float, int, _Open]] = field(default_factory=list)
    closed: float = np.inf
    nodes: int = 0
    maps: dict[bytes, tuple[float, np.ndarray]] = field(default_factory=dict)

    @property
    def lower(self) -> float:
        """What is proved now; a batch counts until all its children are in the heap."""
        return min([self.closed, *(entry[0] for entry in self.batch), *(entry[0] for entry in self.heap[:1])])

    @property
    def best(self) -> float:
        """The least price that was met."""
        return min((price for price, _ in self.maps.values()), default=np.inf)


def search(
    cells: Cells,
    threshold: float,
    *,
    tolerance: float | None = None,
    clock: Clock | None = None,
    most_nodes: int = 1_000_000,
    optional: bool = False,
) -> Search:
    """Prove that no map costs less than the threshold, or find one that does.

    Parameters
    ----------
    tolerance : float, optional
        If given, the search does not stop at a map below the threshold, but lowers the threshold to this much below it.
    optional : bool
        Whether letters may be left out of all cells, at no cost.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> found = search(cells, 0.069)
    >>> found.status, round(found.lower, 6)
    ('proved', 0.069315)
    """
    run = _Run(Relaxation(cells, optional), threshold, tolerance)
    status = run.go(clock or Clock(), most_nodes)
    kept = [run.state.maps[key][1] for key in sorted(run.state.maps, key=lambda key: run.state.maps[key][0])]
    maps = np.array(kept, dtype=np.int64).reshape(-1, cells.n_X)
    return Search(run.state.lower, maps, run.tree, run.state.nodes, status)


class _Run:
    """One search; it keeps the tree valid from batch to batch, so that it can be stopped between any two."""

    def __init__(self, relaxation: Relaxation, threshold: float, tolerance: float | None) -> None:
        self.relaxation = relaxation
        self.threshold = threshold
        self.tolerance = tolerance
        self.state = _State()
        self.tree: dict[str, Any] = {}
        self._count = itertools.count()
        root = relaxation.root()
        bounds = relaxation.bound(root, np.zeros((1, relaxation.cells.n_Y, relaxation.cells.n_S)))
        self._push(self.tree, root[0], bounds.slopes[0], float(bounds.value[0]))

    def go(self, clock: Clock, most_nodes: int) -> str:
        """Work until the proof is complete, a map below the threshold is found, or time runs out."""
        state = self.state
        most = self.relaxation.most_boxes(_BATCH)
        while state.heap:
            if self.tolerance is None and state.best < self.threshold - self.relaxation.cells.slack:
                return "below"
            if clock.over or state.nodes >= most_nodes:
                return clock.stopped or "time limit"
            state.batch = [heapq.heappop(state.heap) for _ in range(min(most, len(state.heap)))]
            self._advance([entry[2] for entry in state.batch])
            state.batch = []
        if self.tolerance is None and state.best < self.threshold - self.relaxation.cells.slack:
            return "below"
        return "proved"

    def _push(self, node: dict, box: Boxes, slopes: np.ndarray, bound: float) -> None:
        """Open a box; its place in the tree is a leaf until more is known."""
        node["slopes"] = slopes.tolist()
        entry = _Open(node, box.low, box.high, box.allowed, slopes)
        heapq.heappush(self.state.heap, (bound, next(self._count), entry))

    def _advance(self, batch: list[_Open]) -> None:
        """Bound boxes, exclude pairs, and split what is left."""
        boxes = Boxes(*(np.array([getattr(entry, name) for entry in batch]) for name in ("low", "high", "allowed")))
        nodes = [entry.node for entry in batch]
        start = np.array([entry.slopes for entry in batch])
        bounds = self.relaxation.raised(boxes, start, self.threshold, _STEPS)
        self.state.nodes += len(nodes)
        self._meet(bounds)
        alive = self._close(bounds, nodes)
        boxes, bounds, nodes = boxes[alive], bounds[alive], [nodes[i] for i in np.flatnonzero(alive)]
        smaller, shrunk, left = self._exclude(boxes, bounds, nodes)
        for i in np.flatnonzero(left):
            if shrunk[i]:
                self._push(nodes[i], smaller[i], bounds.slopes[i], float(bounds.value[i]))
            else:
                self._split(smaller[i], bounds[i], nodes[i])

    def _meet(self, bounds: Bounds) -> None:
        """Price the maps of the cheapest choices."""
        maps = self.state.maps
        choices = np.unique(bounds.choice, axis=0)
        prices = self.relaxation.prices(choices)
        for i in np.argsort(prices)[:_KEPT]:
            if np.isfinite(prices[i]):
                maps[choices[i].tobytes()] = float(prices[i]), choices[i]
        if len(maps) > 4 * _KEPT:
            for key in sorted(maps, key=lambda key: maps[key][0])[_KEPT:]:
                del maps[key]
        if self.tolerance is not None:
            self.threshold = min(self.threshold, self.state.best - self.tolerance)

    def _close(self, bounds: Bounds, nodes: list[dict]) -> np.ndarray:
        """Close the boxes whose bound reaches the threshold; return which are left."""
        done = bounds.value >= self.threshold
        for i in np.flatnonzero(done):
            nodes[i]["slopes"] = bounds.slopes[i].tolist()
            self.state.closed = min(self.state.closed, float(bounds.value[i]))
        return ~done

    def _exclude(self, boxes: Boxes, bounds: Bounds, nodes: list[dict]) -> tuple[Boxes, np.ndarray, np.ndarray]:
        """Exclude pairs that no map below the threshold can use; move the nodes behind the exclusions.

        Returns smaller boxes, which of them shrank much, and which are not empty.
        """
        excess = bounds.value[:, None, None] + bounds.reduced * self.relaxation.cells.shares[:, None]
        gone = boxes.allowed & (excess >= self.threshold)
        smaller = self.relaxation.tightened(Boxes(boxes.low, boxes.high, boxes.allowed & ~gone))
        # Without an exclusion a box shrinks too if letters have had one choice only from the start.
        changed = (
            gone.any(axis=(1, 2))
            | (smaller.low > boxes.low).any(axis=(1, 2))
            | (smaller.high < boxes.high).any(axis=(1, 2))
        )
        for i in np.flatnonzero(changed):
            pairs = np.argwhere(gone[i])
            pairs[pairs[:, 1] == self.relaxation.cells.n_Y, 1] = OUT
            rest: dict[str, Any] = {"slopes": bounds.slopes[i].tolist()}
            nodes[i].update(exclude=pairs.tolist(), slopes=rest["slopes"], then=rest)
            nodes[i] = rest
            self.state.closed = min(self.state.closed, float(excess[i][gone[i]].min(initial=np.inf)))
        shrunk = (smaller.width < _SHRUNK * boxes.width).any(axis=(1, 2))
        # What is empty although it was rounded outwards, the checker finds empty.
        left = (smaller.low <= smaller.high).all(axis=(1, 2)) & smaller.allowed.any(axis=2).all(axis=1)
        return smaller, shrunk, left

    def _split(self, box: Boxes, bounds: Bounds, node: dict) -> None:
        """Split a box in two where the relaxation is weakest."""
        y, s = self._weakest(box)
        if box.width[y, s] <= _NARROW * self.relaxation.label_law[s]:
            self.state.closed = min(self.state.closed, float(bounds.value))
            node["slopes"] = bounds.slopes.tolist()
            return
        t = _apart(float(box.low[y, s]), float(box.high[y, s]))
        low, high = box.low.copy(), box.high.copy()
        low[y, s] = high[y, s] = t
        below, above = {}, {}
        for node_of, part in ((below, Boxes(box.low, high, box.allowed)), (above, Boxes(low, box.high, box.allowed))):
            inner, smaller = self._conserved(part, node_of, s, bounds)
            self._push(inner, smaller, bounds.slopes, float(bounds.value))
        node.update(split=[y, s, t], below=below, above=above)
        node.pop("slopes", None)

    def _weakest(self, box: Boxes) -> tuple[int, int]:
        """Return the coordinate along which `G` is most above its chord, through the middle of the box."""
        n_S = box.low.shape[1]
        middle = (box.low + box.high) / 2
        ends = np.repeat(middle[:, None, None], n_S, axis=1).repeat(2, axis=2)
        index = np.arange(n_S)
        ends[:, index, 0, index], ends[:, index, 1, index] = box.low, box.high
        gap = self.relaxation.cells.concave(middle)[:, None] - self.relaxation.cells.concave(ends).mean(axis=2)
        y, s = np.unravel_index(np.where(box.width > 0, gap, -np.inf).argmax(), gap.shape)
        return int(y), int(s)

    def _conserved(self, box: Boxes, node: dict, s: int, bounds: Bounds) -> tuple[dict, Boxes]:
        """Cut off what cannot be because the cells share the label's mass, as splits with one part that is closed.

        The closed part is empty. Slopes that are equal for all cells, and large, prove it: the bound grows with them by
        what the label's mass lacks.
        """
        if self.relaxation.optional:
            return node, box
        low, high = box.low.copy(), box.high.copy()
        law = float(self.relaxation.cells.joint[:, s].sum())
        size = 2 * (abs(self.threshold) + 2 * self.relaxation.cells.scale)
        for y, side in itertools.product(range(len(low)), ("below", "above")):
            width = high[y, s] - low[y, s]
            sign, own, others = (1, high, low) if side == "below" else (-1, low, high)
            end = law - (others[:, s].sum() - others[y, s])
            spare = _LEFT * width
            t = float(end + sign * spare)
            cut = sign * (own[y, s] - t)
            if not (_CUT * width < cut < width and spare > 1e-11 * law):
                continue
            own[y, s] = t
            slopes = np.zeros_like(low)
            slopes[:, s] = -sign * size / spare
            inner: dict[str, Any] = {"slopes": bounds.slopes.tolist()}
            other = "above" if side == "below" else "below"
            node.update({"split": [y, s, t], side: inner, other: {"slopes": slopes.tolist()}})
            node.pop("slopes", None)
            node = inner
        return node, Boxes(low, high, box.allowed)


def _apart(low: float, high: float) -> float:
    """Return where `-z log z` is farthest above its chord: the identric mean, which is below the middle."""
    if low > 0.99 * high:
        return (low + high) / 2
    chord = (high * math.log(high) - (low * math.log(low) if low > 0 else 0.0)) / (high - low)
    return min(max(math.exp(chord - 1), 0.9 * low + 0.1 * high), (low + high) / 2)
