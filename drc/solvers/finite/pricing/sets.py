"""The cheapest set of letters that one output letter may stand for, proved by boxes of its masses.

Let `t_s = p(s, A)` be the masses of a set A and `z` their sum. With `phi(t) = -t log t` its price is

    sum over x in A of e_x + mu sum_s phi(t_s) + (lambda - mu) phi(z).

Take a box `low <= t <= high`, any slopes `g`, and any number `c`. No set in the box costs less than

    sum_x min(0, e_x + sum_s (g_s + c) p(s, x))
        + sum_s min over e in {low_s, high_s} of [mu phi(e) - g_s e]
        + min over |low| <= z <= |high| of [(lambda - mu) phi(z) - c z].

Proof. Add and subtract `<g, t>` and `c z`; `mu phi` is concave, so that an end of an interval has its least value.

The vertices of a box, 2^n of n labels, have a slightly better bound (`boxes`), but these are 2n numbers: with ten labels
a box takes a hundredth of the time.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.arithmetic.rounding import EPSILON, Interval
from drc.solvers.finite.certificates import PackedTree
from drc.solvers.finite.pricing.cells import Cells, product
from drc.solvers.request import Clock

#: Steps towards the best slopes of a box; its half begins with what it had.
_STEPS = 10

#: By how much, in units of the prices, steps aim beyond what is enough.
_BEYOND = 1e-3

#: How many products the bounds of a batch of boxes take, and which part of the open ones is split in one round.
_WORK, _PART = 400_000, 8

#: Boxes split in one round: at least and at most.
_FEWEST, _MOST = 64, 4096

#: How much the gap at its largest counts in the choice of a label, beside the gap where the bound is reached.
_ANYWHERE = 0.2

#: Numbers of open boxes that are kept in memory.
_MOST_NUMBERS = 20_000_000

#: Decimals of vectors and digits of splits: a short certificate has short numbers.
_DECIMALS, _DIGITS = 4, 5

#: Seconds that a proof of a box takes, until it has been measured.
_PROVING = 3e-5

#: What stands in for a mass of zero.
_TINY = 1e-300


def _phi(t: np.ndarray) -> np.ndarray:
    return -t * np.log(np.maximum(t, _TINY))


@dataclass(frozen=True, eq=False)
class Boxes(Batch):
    """Boxes of masses, of shape (B, n_S), and what is known of each.

    `slopes` and `tilt` are the `g` and `c` of its bound, `lower` the bound in doubles, `reached` the masses at which it is
    reached, and `nodes` its place in the tree.
    """

    low: np.ndarray
    high: np.ndarray
    slopes: np.ndarray
    tilt: np.ndarray
    lower: np.ndarray
    reached: np.ndarray
    nodes: np.ndarray

    def __len__(self) -> int:
        return len(self.nodes)


@dataclass(eq=False)
class SetSearch:
    """A search for the cheapest set; the box with the least bound is split first.

    `cell` is a problem with one output letter and optional letters. Boxes whose bound reaches `enough` are not split.

    Examples
    --------
    >>> cell = Cells([[-1.0], [2.0], [-0.5]], np.full((3, 1), 1 / 3), 0.1, 0.0, optional=True)
    >>> search = SetSearch(cell, -1.474)
    >>> search.run(Clock(), 100)
    >>> round(search.finish(), 2)
    -1.47
    """

    cell: Cells
    enough: float
    boxes: int = 1
    _least: float = math.inf
    _spent: float = 0.0
    _proved: int = 0
    _leaves: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    _splits: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        cell = self.cell
        self._excess, self._joint = cell.costs[:, 0], cell.joint
        # A pair that is forbidden never helps; infinity would make the products undefined.
        self._excess = np.where(np.isfinite(self._excess), self._excess, 1e6 * (1 + cell.scale))
        self._law = self._joint.sum(axis=0) * (1 + (cell.n_X + 4) * EPSILON)
        self._convex = cell.classification - cell.rate
        self._unit = cell.rate + cell.classification
        none = np.zeros((1, len(self._law)))
        root = Boxes(
            none, self._law[None], none, np.array([self._convex]), np.array([-math.inf]), none, np.zeros(1, dtype=int)
        )
        self._open = self._bounded(root, none)

    @property
    def lower(self) -> float:
        """The least bound of all boxes, in doubles."""
        return min(self._least, float(self._open.lower.min(initial=math.inf)))

    def run(self, clock: Clock, most: int) -> None:
        """Split boxes until all bounds are good enough, there are `most` boxes, or time is over."""
        while len(self._open) and self.boxes < most and clock.left > self._seconds:
            if self._open.low.size > _MOST_NUMBERS:
                break
            self._round()

    def finish(self) -> float:
        """Prove all boxes as they are; return a number that no set costs less than."""
        self._retire(self._open)
        self._open = self._open[:0]
        return self._least

    def tree(self) -> PackedTree:
        """Return the tree of all boxes. To be called when it is finished.

        The vector of a leaf is its slopes and its tilt, in units of `lambda + mu`, so that it holds in any unit of costs.
        """
        labels, cuts = np.full(self.boxes, -1), np.zeros(self.boxes)
        children, vectors = np.zeros(self.boxes, dtype=int), np.zeros((self.boxes, len(self._law) + 1))
        for nodes, found in self._leaves:
            vectors[nodes] = found
        for nodes, s, cut, child in self._splits:
            labels[nodes], cuts[nodes], children[nodes] = s, cut, child
        return PackedTree(labels, cuts, children, vectors)

    @property
    def _seconds(self) -> float:
        """About how long it takes to prove the open boxes."""
        each = self._spent / self._proved if self._proved > 1000 else _PROVING
        return 1.2 * len(self._open) * each

    # Bounds in doubles

    def _round(self) -> None:
        count = min(max(_FEWEST, len(self._open) // _PART), _MOST, len(self._open))
        chosen = np.argpartition(self._open.lower, count - 1)[:count]
        rest = np.ones(len(self._open), dtype=bool)
        rest[chosen] = False
        parts, offsets = self._split(self._open[chosen])
        size = max(16, _WORK // self._joint.size)
        found = [self._bounded(parts[i : i + size], offsets[i : i + size]) for i in range(0, len(parts), size)]
        news = Boxes.joined(found)
        good = news.lower >= self.enough
        self._retire(news[good])
        self._open = Boxes.joined([self._open[rest], news[~good]])

    def _bounded(self, boxes: Boxes, offsets: np.ndarray) -> Boxes:
        """Raise bounds by subgradient steps ([polyak1969]), from slopes that differ by the offsets from those of chords."""
        low, high, mu = boxes.low, boxes.high, self.cell.classification
        width, ends = high - low, (low.sum(axis=1), high.sum(axis=1))
        chords = mu * (_phi(high) - _phi(low)) / np.maximum(width, _TINY)
        base = (mu * _phi(low) - chords * low).sum(axis=1)
        # A coordinate is measured in the width of its box.
        metric = 1 / np.maximum(width, 1e-3 * self._law) ** 2
        of_mass = 1 / np.maximum(ends[1] - ends[0], 1e-3 * self._law.sum()) ** 2
        # What proved the bound of the whole proves it of its half.
        g, c = boxes.slopes, boxes.tilt
        slopes, tilt, best, reached = g, c, np.full(len(boxes), -math.inf), boxes.reached
        near = self.enough + _BEYOND * self._unit
        for step in range(_STEPS + 2):
            reduced = self._excess + (g + c[:, None]) @ self._joint.T
            taken = reduced < 0
            t = taken.astype(float) @ self._joint
            end = np.where(chords > g, low, high)
            z, of_z = self._of_mass(c, *ends)
            value = np.where(taken, reduced, 0.0).sum(axis=1) + base + ((chords - g) * end).sum(axis=1) + of_z
            wins = value > best
            best, tilt = np.where(wins, value, best), np.where(wins, c, tilt)
            slopes, reached = np.where(wins[:, None], g, slopes), np.where(wins[:, None], t, reached)
            if step > _STEPS or np.all(best >= self.enough):
                break
            if step == 0:
                g = chords + offsets
                continue
            missed, missed_z = t - end, t.sum(axis=1) - z
            norm = (missed**2 * metric).sum(axis=1) + missed_z**2 * of_mass
            length = np.maximum(near - value, 0.0) * 0.9**step / np.maximum(norm, _TINY)
            g, c = g + length[:, None] * metric * missed, c + length * of_mass * missed_z
        return Boxes(low, high, slopes, tilt, best, reached, boxes.nodes)

    def _of_mass(self, c: np.ndarray, least: np.ndarray, most: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return where `(lambda - mu) phi(z) - c z` is least in an interval, and its value there."""
        if self._convex > 0:
            z = np.clip(np.exp(np.clip(c / self._convex - 1, -700.0, 10.0)), least, most)
        else:
            value = [-self._convex * _phi(z) - c * z for z in (least, most)]
            z = np.where(value[0] < value[1], least, most)
        return z, -self._convex * _phi(z) - c * z

    def _split(self, boxes: Boxes) -> tuple[Boxes, np.ndarray]:
        """Split boxes where `phi` is far above its chord; return the halves, and the offsets of their slopes."""
        low, high, mu = boxes.low, boxes.high, self.cell.classification
        chords = (_phi(high) - _phi(low)) / np.maximum(high - low, _TINY)

        def gaps(t: np.ndarray) -> np.ndarray:
            return _phi(t) - _phi(low) - chords * (t - low)

        top = np.clip(np.exp(-1 - chords), low, high)
        s = (gaps(np.clip(boxes.reached, low, high)) + _ANYWHERE * gaps(top)).argmax(axis=1)
        places, rows = np.arange(len(boxes)), np.arange(2 * len(boxes)) // 2
        left, right = low[places, s], high[places, s]
        margin = 0.05 * (right - left)
        cut = _short(np.clip(top[places, s], left + margin, right - margin), left, right)
        lows, highs = low[rows], high[rows]
        highs[2 * places, s], lows[2 * places + 1, s] = cut, cut
        nodes = np.arange(self.boxes, self.boxes + len(rows))
        self._splits.append((boxes.nodes, s, cut, nodes[::2]))
        self.boxes += len(rows)
        parts = Boxes(lows, highs, *(a[rows] for a in (boxes.slopes, boxes.tilt, boxes.lower, boxes.reached)), nodes)
        return parts, (boxes.slopes - mu * chords)[rows]

    # Proofs

    def _retire(self, boxes: Boxes) -> None:
        """Prove boxes, and keep what proves them."""
        began = time.monotonic()
        size = max(16, _WORK // self._joint.size)
        for first in range(0, len(boxes), size):
            part = boxes[first : first + size]
            vectors = np.column_stack([part.slopes, part.tilt]) / (self._unit or 1.0)
            vectors = np.round(vectors, _DECIMALS)
            g = self._unit * vectors
            self._least = min(self._least, float(self._certain(part, g[:, :-1], g[:, -1]).min()))
            self._leaves.append((part.nodes, vectors))
        self._spent, self._proved = self._spent + time.monotonic() - began, self._proved + len(boxes)

    def _certain(self, boxes: Boxes, g: np.ndarray, c: np.ndarray) -> np.ndarray:
        """Return proved bounds: logarithms are enclosed, and the roundings of all sums taken off ([higham2002], 4.2)."""
        mu, convex = self.cell.classification, self._convex
        paid = g + c[:, None]
        value = np.minimum(self._excess + paid @ self._joint.T, 0.0).sum(axis=1)
        ends = []
        for end in (boxes.low, boxes.high):
            ends.append(-mu * product(end, Interval.of(end).log().high) - g * end)
        value = value + np.minimum(*ends).sum(axis=1)
        masses = [end.sum(axis=1) for end in (boxes.low, boxes.high)]
        if convex > 0:
            # A convex function is above its tangent.
            z = np.maximum(self._of_mass(c, *masses)[0], 1e-290)
            log = Interval.of(z).log().low
            mass_terms = [convex * ((1 + log) * m - z) - c * m for m in masses]
        else:
            mass_terms = [convex * product(m, Interval.of(m).log().high) - c * m for m in masses]
        value = value + np.minimum(*mass_terms)
        size = np.abs(g) + np.abs(paid) + np.abs(c)[:, None]
        terms = self.cell.scale + 2 * (size * self._law).sum(axis=1)
        roundings = 2 * self.cell.n_X + 8 * len(self._law) + 32
        return value - self.cell.slack - roundings * EPSILON * terms


def _short(values: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Round numbers to a few digits, as long as they stay between others."""
    digits = np.clip(_DIGITS - 1 - np.floor(np.log10(np.maximum(values, 1e-15))), 0, 20)
    rounded = np.rint(values * 10.0**digits) / 10.0**digits
    return np.where((rounded > low) & (rounded < high), rounded, values)
