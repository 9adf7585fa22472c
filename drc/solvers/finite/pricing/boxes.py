"""Branch and bound over boxes of the cells' statistics, with lower bounds on the price of all maps in many boxes at once.

For all slopes `g` ([horst1996], section IX: a concave function is least at a vertex)

    price >= L(g) = sum_x min_k [c(x, k) + g_k . p(., x)] + sum_y min over the vertices v of box y of [G(v) - g_y . v],

because the price equals the sum of the brackets at the map's own choices and statistics. `L` is concave; it is raised
from the slopes of chords by subgradient steps. The choices `k` are the cells and, where a letter may be left out, a last
one without a cell.

A box is closed once its bound reaches the threshold. Pairs of a letter and a choice that no map below the threshold can
use in a box are excluded there, which shrinks the box to what the other choices can give: letters are decided, and few
boxes around the cheapest maps are left. The search writes down what the checker needs to follow it: its splits, slopes
and exclusions, as a tree that proves the bound at every moment.
"""

from __future__ import annotations

import heapq
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.arithmetic.rounding import EPSILON, Interval
from drc.solvers.finite.pricing.cells import Cells, product
from drc.solvers.request import Clock

#: How many products the bounds of a batch of boxes take.
_WORK = 2_000_000

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
class Boxes(Batch):
    """Boxes of statistics, and the choices that letters have left in each.

    The ends have the shape (B, n_Y, n_S), and what is `allowed` (B, n_X, K).
    """

    low: np.ndarray
    high: np.ndarray
    allowed: np.ndarray

    @property
    def width(self) -> np.ndarray:
        """The lengths of the edges."""
        return self.high - self.low


@dataclass(frozen=True, eq=False)
class Bounds(Batch):
    """What slopes prove on boxes.

    `value` are the proved lower bounds. `reduced`, of shape (B, n_X, K), is how much more than its cheapest choice each
    choice of a letter costs, infinite where it is not allowed. `residual`, of the shape (B, n_Y, n_S) of the slopes, is
    a supergradient of the bound: statistics of the cheapest choices, minus the vertex.
    """

    slopes: np.ndarray
    value: np.ndarray
    reduced: np.ndarray
    residual: np.ndarray

    @property
    def choice(self) -> np.ndarray:
        """The cheapest choice of each letter, shape (B, n_X)."""
        return self.reduced.argmin(axis=2)

    def better(self, other: Bounds) -> Bounds:
        """Take the greater bound of each box."""
        wins, pairs = other.value > self.value, zip(self._parts.values(), other._parts.values(), strict=True)
        return Bounds(*(np.where(wins.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in pairs))


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The bound of boxes for one pricing problem.

    Examples
    --------
    >>> relaxation = Relaxation(Cells(np.zeros((2, 2)), np.eye(2) / 2, rate=1.0, classification=0.0))
    >>> relaxation.bound(relaxation.root(), np.zeros((1, 2, 2))).value.round(6).tolist()
    [-0.0]
    """

    cells: Cells

    @cached_property
    def label_law(self) -> np.ndarray:
        """The masses of the labels, rounded up; shape (n_S,)."""
        return self.cells.joint.sum(axis=0) * (1 + self._rounding)

    @cached_property
    def _rounding(self) -> float:
        return (self.cells.n_X + 4) * EPSILON

    @cached_property
    def _corners(self) -> np.ndarray:
        """The vertices of the unit cube, shape (2^n_S, n_S)."""
        n_S = self.cells.n_S
        return (np.arange(2**n_S)[:, None] >> np.arange(n_S) & 1).astype(float)

    def most_boxes(self, most: int) -> int:
        """Return how many boxes to bound at once, no more than a number: a batch takes some hundredths of a second."""
        n_X, K = self.cells.choices.shape
        work = self.cells.n_S * (n_X * K + self.cells.n_Y * 2**self.cells.n_S)
        return max(1, min(most, _WORK // work))

    def root(self) -> Boxes:
        """Return the box of all maps."""
        high = np.broadcast_to(self.label_law, (1, self.cells.n_Y, self.cells.n_S)).copy()
        return Boxes(np.zeros_like(high), high, np.isfinite(self.cells.choices)[None])

    def tightened(self, boxes: Boxes) -> Boxes:
        """Cut boxes to what the choices that are left can give, rounded outwards."""
        may = np.swapaxes(boxes.allowed, 1, 2)[:, : self.cells.n_Y].astype(float)
        must = may * (boxes.allowed.sum(axis=2) == 1)[:, None]
        low, high = must @ self.cells.joint * (1 - self._rounding), may @ self.cells.joint * (1 + self._rounding)
        return Boxes(np.maximum(boxes.low, low), np.minimum(boxes.high, high), boxes.allowed)

    def vertex_terms(self, boxes: Boxes) -> np.ndarray:
        """Return proved lower bounds on `G` at the vertices, shape (B, n_Y, 2^n_S)."""
        rate, classification = self.cells.rate, self.cells.classification
        weight = classification - rate
        z = boxes.low.sum(axis=2)[:, :, None] + boxes.width @ self._corners.T
        log_z = Interval.of(z).log()
        terms = weight * product(z, log_z.low if weight >= 0 else log_z.high)
        if classification:
            low, high = (product(t, Interval.of(t).log().high) for t in (boxes.low, boxes.high))
            terms = terms - classification * (low.sum(axis=2)[:, :, None] + (high - low) @ self._corners.T)
        return terms

    def chords(self, boxes: Boxes, terms: np.ndarray) -> np.ndarray:
        """Return the mean slopes of `G` over the edges of boxes; along an edge without length, the slope at its end."""
        rise = terms @ (2 * self._corners - 1) / (len(self._corners) / 2)
        width = boxes.width
        middle = np.maximum((boxes.low + boxes.high) / 2, 1e-30)
        z = middle.sum(axis=2, keepdims=True)
        tangent = self.cells.classification * np.log(z / middle) - self.cells.rate * (np.log(z) + 1)
        wide = width > 1e-12 * self.label_law
        return np.where(wide, rise / np.where(wide, width, 1.0), tangent)

    def bound(self, boxes: Boxes, slopes: np.ndarray, terms: np.ndarray | None = None) -> Bounds:
        """Evaluate the bound of slopes, with its rounding taken off.

        `slopes` has the shape (B, n_Y, n_S); `terms` are `vertex_terms(boxes)`, if these are known.
        """
        cells = self.cells
        terms = self.vertex_terms(boxes) if terms is None else terms
        tilt = cells.joint @ np.swapaxes(slopes, 1, 2)
        if cells.optional:
            tilt = np.concatenate([tilt, np.zeros((*tilt.shape[:2], 1))], axis=2)
        scores = np.where(boxes.allowed, cells.choices + tilt, np.inf)
        least = scores.min(axis=2)
        at_vertices = terms - ((slopes * boxes.low).sum(axis=2)[:, :, None] + slopes * boxes.width @ self._corners.T)
        vertex = at_vertices.argmin(axis=2)
        value = least.sum(axis=1) + np.take_along_axis(at_vertices, vertex[:, :, None], axis=2).sum(axis=(1, 2))
        reduced = scores - np.where(np.isfinite(least), least, 0.0)[:, :, None]
        chosen = np.swapaxes(reduced.argmin(axis=2)[:, :, None] == np.arange(cells.n_Y), 1, 2)
        residual = chosen.astype(float) @ cells.joint - (boxes.low + self._corners[vertex] * boxes.width)
        return Bounds(slopes, value - self._error(slopes, boxes), reduced, residual)

    def _error(self, slopes: np.ndarray, boxes: Boxes) -> np.ndarray:
        """Bound the rounding of the bound: of each term, and of their sums in any order ([higham2002], section 4.2)."""
        size = np.abs(slopes)
        terms = (
            self.cells.scale + (size.max(axis=1) * self.label_law).sum(axis=1) + (size * boxes.high).sum(axis=(1, 2))
        )
        roundings = 2 * self.cells.n_X + 2 * self.cells.n_S + 4 * self.cells.n_Y + 16
        return self.cells.slack + roundings * EPSILON * terms

    def raised(self, boxes: Boxes, start: np.ndarray | None, target: float, steps: int) -> Bounds:
        """Raise the bound by subgradient steps of Polyak's length towards a target ([polyak1969]).

        `start`, of shape (B, n_Y, n_S), are slopes to begin with, if they are better than the chords.
        """
        terms = self.vertex_terms(boxes)
        best = now = self.bound(boxes, self.chords(boxes, terms), terms)
        if start is not None:
            best = now = best.better(self.bound(boxes, start, terms))
        # A coordinate is measured in the width of its box.
        metric = 1 / np.maximum(boxes.width, 1e-3 * self.label_law + 1e-30) ** 2
        for step in range(steps):
            if np.all(best.value >= target):
                break
            norm = (now.residual**2 * metric).sum(axis=(1, 2))
            aim = target - now.value
            length = np.where(norm > 0, np.maximum(aim, 0.0) * 0.9**step / np.where(norm > 0, norm, 1.0), 0.0)
            length = np.where(np.isfinite(length), length, 0.0)
            now = self.bound(boxes, now.slopes + length[:, None, None] * metric * now.residual, terms)
            best = best.better(now)
        return best


# Branch and bound


@dataclass(frozen=True, eq=False)
class Search:
    """What the search has proved and found.

    No map costs less than `lower`, which is what the `tree` of nested nodes proves; `maps`, of shape (K, n_X), were
    met, cheapest first, and `nodes` is how many boxes were bounded. The status is "below", "proved", "time limit" or
    "interrupted".
    """

    lower: float
    maps: np.ndarray
    tree: dict
    nodes: int
    status: str


def search(
    cells: Cells,
    threshold: float,
    *,
    tolerance: float | None = None,
    clock: Clock | None = None,
    most_nodes: int = 1_000_000,
) -> Search:
    """Prove that no map costs less than the threshold, or find one that does.

    With a tolerance the search does not stop at a map below the threshold, but lowers the threshold to this much below it.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> found = search(cells, 0.069)
    >>> found.status, round(found.lower, 6)
    ('proved', 0.069315)
    """
    run = _Run(Relaxation(cells), threshold, tolerance)
    status = run.go(clock or Clock(), most_nodes)
    kept = [choices for _, choices in sorted(run.maps.values(), key=lambda met: met[0])]
    maps = np.array(kept, dtype=np.int64).reshape(-1, cells.n_X)
    return Search(run.lower, maps, run.tree, run.nodes, status)


class _Run:
    """One search; it keeps the tree valid from batch to batch, so that it can be stopped between any two.

    An entry of the heap is a box that is not closed: its bound, a number, its place in the tree, the box, and slopes that
    prove the bound.
    """

    def __init__(self, relaxation: Relaxation, threshold: float, tolerance: float | None) -> None:
        self.relaxation, self.threshold, self.tolerance = relaxation, threshold, tolerance
        self.heap: list[tuple[float, int, dict, Boxes, np.ndarray]] = []
        self.batch: list[tuple[float, int, dict, Boxes, np.ndarray]] = []
        #: The least bound of the boxes that are closed.
        self.closed, self.nodes = np.inf, 0
        self.maps: dict[bytes, tuple[float, np.ndarray]] = {}
        self.tree: dict[str, Any] = {}
        self._count = itertools.count()
        root = relaxation.root()
        bounds = relaxation.bound(root, np.zeros((1, relaxation.cells.n_Y, relaxation.cells.n_S)))
        self._push(self.tree, root[0], bounds.slopes[0], float(bounds.value[0]))

    @property
    def lower(self) -> float:
        """What is proved now; a batch counts until all its children are in the heap."""
        return min([self.closed, *(entry[0] for entry in self.batch), *(entry[0] for entry in self.heap[:1])])

    @property
    def best(self) -> float:
        """The least price that was met."""
        return min((price for price, _ in self.maps.values()), default=np.inf)

    def go(self, clock: Clock, most_nodes: int) -> str:
        """Work until the proof is complete, a map below the threshold is found, or time runs out."""
        most = self.relaxation.most_boxes(_BATCH)
        while self.heap:
            if self.tolerance is None and self.best < self.threshold - self.relaxation.cells.slack:
                return "below"
            if clock.over or self.nodes >= most_nodes:
                return clock.stopped or "time limit"
            self.batch = [heapq.heappop(self.heap) for _ in range(min(most, len(self.heap)))]
            self._advance()
            self.batch = []
        if self.tolerance is None and self.best < self.threshold - self.relaxation.cells.slack:
            return "below"
        return "proved"

    def _push(self, node: dict, box: Boxes, slopes: np.ndarray, bound: float) -> None:
        """Open a box; its place in the tree is a leaf until more is known."""
        node["slopes"] = slopes.tolist()
        heapq.heappush(self.heap, (bound, next(self._count), node, box, slopes))

    def _advance(self) -> None:
        """Bound the boxes of a batch, exclude pairs, and split what is left."""
        _, _, nodes, opened, slopes = (list(parts) for parts in zip(*self.batch, strict=True))
        boxes = Boxes(*(np.array([getattr(box, name) for box in opened]) for name in ("low", "high", "allowed")))
        start = np.array(slopes)
        bounds = self.relaxation.raised(boxes, start, self.threshold, _STEPS)
        self.nodes += len(nodes)
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
        choices = np.unique(bounds.choice, axis=0)
        prices = self.relaxation.cells.prices(choices)
        for i in np.argsort(prices)[:_KEPT]:
            if np.isfinite(prices[i]):
                self.maps[choices[i].tobytes()] = float(prices[i]), choices[i]
        if len(self.maps) > 4 * _KEPT:
            for key in sorted(self.maps, key=lambda key: self.maps[key][0])[_KEPT:]:
                del self.maps[key]
        if self.tolerance is not None:
            self.threshold = min(self.threshold, self.best - self.tolerance)

    def _close(self, bounds: Bounds, nodes: list[dict]) -> np.ndarray:
        """Close the boxes whose bound reaches the threshold; return which are left."""
        done = bounds.value >= self.threshold
        for i in np.flatnonzero(done):
            nodes[i]["slopes"] = bounds.slopes[i].tolist()
            self.closed = min(self.closed, float(bounds.value[i]))
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
            self.closed = min(self.closed, float(excess[i][gone[i]].min(initial=np.inf)))
        shrunk = np.any(smaller.width < _SHRUNK * boxes.width, axis=(1, 2))
        # What is empty although it was rounded outwards, the checker finds empty.
        left = np.all(smaller.low <= smaller.high, axis=(1, 2)) & np.all(np.any(smaller.allowed, axis=2), axis=1)
        return smaller, shrunk, left

    def _split(self, box: Boxes, bounds: Bounds, node: dict) -> None:
        """Split a box in two where the relaxation is weakest."""
        y, s = self._weakest(box)
        if box.width[y, s] <= _NARROW * self.relaxation.label_law[s]:
            self.closed = min(self.closed, float(bounds.value))
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
        if self.relaxation.cells.optional:
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
