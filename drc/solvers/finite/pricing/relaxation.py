"""Lower bounds on the price of all maps whose statistics lie in a box, for many boxes at once.

For all slopes `g` ([horst1996], section IX: a concave function is least at a vertex)

    price >= L(g) = sum_x min_k [c(x, k) + g_k . p(., x)] + sum_y min over the vertices v of box y of [G(v) - g_y . v],

because the price equals the sum of the brackets at the map's own choices and statistics. `L` is concave; it is raised
from the slopes of chords by subgradient steps. The choices `k` are the cells and, where a letter may be left out, a last
one without a cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.pricing.cells import EPSILON, Cells, product

#: How many products the bounds of a batch of boxes take.
_WORK = 2_000_000


@dataclass(frozen=True, eq=False)
class Boxes:
    """Boxes of statistics, and the choices that letters have left in each.

    Attributes
    ----------
    low, high : array, shape (B, n_Y, n_S)
    allowed : bool array, shape (B, n_X, K)
    """

    low: np.ndarray
    high: np.ndarray
    allowed: np.ndarray

    @property
    def width(self) -> np.ndarray:
        """The lengths of the edges."""
        return self.high - self.low

    def __getitem__(self, index: int | np.integer | slice | np.ndarray) -> Boxes:
        return Boxes(self.low[index], self.high[index], self.allowed[index])


@dataclass(frozen=True, eq=False)
class Bounds:
    """What slopes prove on boxes.

    Attributes
    ----------
    slopes : array, shape (B, n_Y, n_S)
    value : array, shape (B,)
        Proved lower bounds.
    reduced : array, shape (B, n_X, K)
        How much more than its cheapest choice each choice of a letter costs; infinite where it is not allowed.
    residual : array, shape (B, n_Y, n_S)
        A supergradient of the bound: statistics of the cheapest choices, minus the vertex.
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
        wins = other.value > self.value
        pairs = ((self.slopes, other.slopes), (self.value, other.value), (self.reduced, other.reduced))
        pairs = (*pairs, (self.residual, other.residual))
        return Bounds(*(np.where(wins.reshape(-1, *[1] * (a.ndim - 1)), b, a) for a, b in pairs))

    def __getitem__(self, index: int | np.integer | slice | np.ndarray) -> Bounds:
        return Bounds(self.slopes[index], self.value[index], self.reduced[index], self.residual[index])


@dataclass(frozen=True, eq=False)
class Relaxation:
    """The bound of boxes for one pricing problem.

    Attributes
    ----------
    cells : Cells

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

        Parameters
        ----------
        slopes : array, shape (B, n_Y, n_S)
        terms : array, optional
            `vertex_terms(boxes)`.
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

        Parameters
        ----------
        start : array, shape (B, n_Y, n_S), or None
            Slopes to begin with, if they are better than the chords.
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
