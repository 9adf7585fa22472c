"""Lower bounds on what a message costs, proved by branch and bound over the posterior of the label.

For a letter `y`, prices as in `posteriors`, `mu_1 = min(lambda, mu)` and `mu_2 = mu - mu_1`, the cost of a message is
`mu_2 H(S|p)` and a part that is convex in `p`.  Let `r = W p` lie in a box `[l, h]`.  For any vector `t` of numbers let

    F = sum_x p(x) exp((u_x - a d(x, y)) / lambda + <W_x, t>),    r' the law of the label that its terms have,
    g = mu_1 log r' - lambda t.

Then the cost of every message whose label has a posterior in the box is at least

    -lambda log F + sum_s min over e in {l_s, h_s} of [mu_2 (-e log e) - g_s e].

Proof.  Add and subtract `<g, r>`.  `mu_2 (-r log r) - g r` is concave in each `r_s`, so that an end of the interval has its
least value.  What is left is `min over r of -lambda log sum_x p(x) exp(... + <W_x, mu_1 log r - g> / lambda)`, because the
entropy is the least cross-entropy.  The sum is concave in `r` and homogeneous of degree `mu_1 / lambda <= 1`, and its
tangent at `r'` is at most `F` on the simplex, because its gradient there is `F mu_1 / lambda` in each direction.

So a box needs no more than a vector `t`, and every vector is right; a good one has `g_s` equal to the slope of the chord of
`mu_2 (-r log r)`, unless `r'` lies outside the box.  With `mu <= lambda` there is nothing to split.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.arithmetic.rounding import ROUNDOFF, Interval, matrix_product
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.certificates import PackedTree
from drc.solvers.finite.messages.posteriors import Prices, exponents
from drc.solvers.request import Clock

#: Steps towards the best vector of a box, and for the first boxes.
_STEPS, _FIRST_STEPS = 7, 300

#: Boxes that are narrower get this many of Newton's steps besides: there the other steps take long.
_NARROW, _NEWTON = 0.05, 4

#: Newton's step is cut off here, where label and rate have one price; it is longer where the label has a larger one.
_FAR = 3.0

#: How many boxes are bounded at a time, and which part of the open ones is split before the worst are sought again.
_BATCH, _PART = 128, 8

#: How many nodes the tree of a certificate may have, and how many numbers of open boxes are kept in memory.
MOST_NODES, _MOST_NUMBERS = 420_000, 50_000_000

#: How many seconds it takes to prove a product of a label and a source letter, until it has been measured.
_PROVING = 1e-7

#: A box on which the concave part exceeds its chords by less than this part of the room is not split.
_FLAT = 0.05

#: How much the gap at its largest counts in the choice of a label, beside the gap where the bound is reached.
_ANYWHERE = 1e-3

#: What stands in for a probability of zero.
_TINY = 1e-300


def _h(r: np.ndarray) -> np.ndarray:
    return -r * np.log(np.maximum(r, _TINY))


@dataclass(frozen=True, eq=False)
class Inner:
    """The cost of messages at given prices, in doubles and with what is known of the rounding.

    `used` are the labels that have mass, and `W`, of shape (n_L, n_X), is `p(s|x)` for those. `alike` is the first
    output letter with the same costs, whose proof is that of the letter; `concave` is by how much the price of the
    label exceeds that of rate, or zero.
    """

    data: Data
    prices: Prices
    used: np.ndarray
    W: Interval
    alike: np.ndarray

    @classmethod
    def of(cls, data: Data, prices: Prices) -> Inner:
        """Take prices."""
        used = np.flatnonzero(data.p_SX.high.max(axis=1) > 0)
        given = data.p_SX[used] / data.p[None]
        W = Interval(np.maximum(given.low, 0.0), np.minimum(given.high, 1.0))
        return cls(data, prices, used, W, _alike(data, prices))

    def __post_init__(self) -> None:
        prices = self.prices
        self._set("_middle", self.W.middle)
        self._set("_base", exponents(self.data, prices))
        self._set("_convex", min(prices.R, prices.C))
        self._set("concave", max(prices.C - prices.R, 0.0))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    _middle: np.ndarray = field(init=False, repr=False)
    _base: np.ndarray = field(init=False, repr=False)
    _convex: float = field(init=False, repr=False)
    concave: float = field(init=False, repr=False)

    @property
    def splits(self) -> bool:
        """Whether smaller boxes have better bounds."""
        return self.concave > 0

    def root(self) -> Boxes:
        """Return a box for each output letter with costs of its own, which holds all posteriors of the label."""
        letters = np.unique(self.alike)
        low, high = (np.tile(end, (len(letters), 1)) for end in (self.W.low.min(axis=1), self.W.high.max(axis=1)))
        low, high = tightened(low, high)
        none = np.full(len(letters), -np.inf)
        start = np.log(np.maximum(0.5 * (low.astype(float) + high), 1e-12))
        return Boxes(letters, low, high, start, none, np.arange(len(letters)))

    def bounded(self, boxes: Boxes, enough: np.ndarray, steps: int) -> Boxes:
        """Improve the vectors of boxes, and their bounds, in doubles.

        Bounds need not exceed `enough`, of shape (B,).
        """
        found = self._ascended(boxes, enough, steps, newton=False)
        narrow = (found.lower < enough) & ((found.high - found.low).max(axis=1) < _NARROW)
        if self.splits and narrow.any():
            finer = self._ascended(found[narrow], enough[narrow], _NEWTON + 1, newton=True)
            found.vectors[narrow], found.lower[narrow] = finer.vectors, finer.lower
        return found

    def _ascended(self, boxes: Boxes, enough: np.ndarray, steps: int, *, newton: bool) -> Boxes:
        """Take steps towards the best vector of each box, by fixed-point iteration or Newton's method."""
        base, W, price = self._base[boxes.letters], self._middle, self.prices.R
        low, high = boxes.low.astype(float), boxes.high.astype(float)
        bottom, top = self.concave * _h(low), self.concave * _h(high)
        slope = (top - bottom) / np.maximum(high - low, _TINY)
        log_low, log_high = np.log(np.maximum(low, 1e-12)), np.log(np.maximum(high, _TINY))
        t, best, kept = boxes.vectors, np.full(len(boxes), -np.inf), boxes.vectors.copy()
        for step in range(steps):
            logits = base + t @ W
            most = logits.max(axis=1, keepdims=True)
            terms = np.exp(logits - most)
            mass = terms.sum(axis=1, keepdims=True)
            r = (terms @ W.T) / mass
            log_r = np.log(np.maximum(r, _TINY))
            g = self._convex * log_r - price * t
            ends = np.minimum(bottom - g * low, top - g * high).sum(axis=1)
            value = ends - price * (np.log(mass) + most)[:, 0]
            better = value > best
            best[better], kept[better] = value[better], t[better]
            if (best >= enough).all():
                break
            # The multiplier of a side of the box grows as long as the posterior lies beyond it.
            above, below = g + price * (log_r - log_high), g + price * (log_r - log_low)
            if newton:
                side = np.where(slope < above, log_high, np.where(slope > below, log_low, np.nan))
                if step == 0:
                    # First without the box: which sides it misses then are likely to be those that matter.
                    side[:] = np.nan
                t = t + self._newton(terms / mass, r, side - log_r, slope - g, high - low)
            else:
                t = (self._convex * log_r - np.clip(slope, above, below)) / price
        return replace(boxes, vectors=kept, lower=np.maximum(best, boxes.lower))

    def _newton(
        self, p: np.ndarray, r: np.ndarray, missed: np.ndarray, slopes: np.ndarray, widths: np.ndarray
    ) -> np.ndarray:
        """Return Newton's step to where each posterior lies on the side of its box, or its multiplier is the slope.

        `missed` is what each posterior misses of the logarithm of the side, NaN where the multiplier is to be the slope of
        the chord; `slopes` is what the multiplier misses of that slope. Both have the shape (B, n_L).
        """
        W, price, n = self._middle, self.prices.R, r.shape[1]
        active = np.isfinite(missed)
        # All sides cannot be met, because a law sums to one: the widest is left free.
        active[np.arange(len(r)), widths.argmax(axis=1)] &= ~active.all(axis=1)
        change = (p[:, None, :] * W) @ W.T
        change = change / np.maximum(r, _TINY)[:, :, None] - r[:, None, :]
        eye = np.eye(n)
        matrix = np.where(active[:, :, None], -price * change, self._convex * change - price * eye) - 1e-9 * price * eye
        right = np.where(active, -price * np.where(active, missed, 0.0), slopes)
        try:
            step = np.linalg.solve(matrix, right[:, :, None])[:, :, 0]
        except np.linalg.LinAlgError:
            return np.zeros(r.shape)
        far = _FAR * (1.0 + self.concave / price)
        return np.where(np.isfinite(step), np.clip(step, -far, far), 0.0)

    def proved(self, boxes: Boxes) -> np.ndarray:
        """Bound from below what messages cost whose label has a posterior in a box.

        The result has the shape (B,), and is never NaN.

        Examples
        --------
        >>> from drc.problems.finite import Finite
        >>> data = Data.of(Finite([[0.5, 0], [0, 0.5]]))
        >>> inner = Inner.of(data, Prices(1.0, 1.0, 0.5, np.zeros(2)))
        >>> boxes = inner.bounded(inner.root(), np.full(2, np.inf), 50)
        >>> inner.proved(boxes).round(3).tolist()
        [0.63, 0.63]
        """
        parts = [slice(i, i + _BATCH) for i in range(0, len(boxes), _BATCH)]
        return np.concatenate([self._proved(boxes[part]) for part in parts]) if parts else np.zeros(0)

    def _proved(self, boxes: Boxes) -> np.ndarray:
        prices, data, t = self.prices, self.data, boxes.vectors
        price, convex = Interval.of(prices.R), Interval.of(self._convex)
        costs = Interval(data.d.low.T, data.d.high.T)[boxes.letters]
        allowed = np.isfinite(costs.high)
        costs = Interval(np.where(allowed, costs.low, 0.0), np.where(allowed, costs.high, 0.0))
        exponent = (Interval.of(prices.u) - Interval.of(prices.D) * costs) / price + data.p.log()[None]
        exponent = exponent + self._products(t)
        exponent = Interval(np.where(allowed, exponent.low, -np.inf), np.where(allowed, exponent.high, -np.inf))
        most = exponent.high.max(axis=1)[:, None]
        with np.errstate(all="ignore"):
            terms = (exponent - Interval.of(most)).exp()
            terms = Interval(np.where(allowed, terms.low, 0.0), np.where(allowed, terms.high, 0.0))
            mass = terms.sum(axis=1)
            r = Interval(
                np.maximum(matrix_product(terms.low, self.W.low.T).low, 0.0),
                matrix_product(terms.high, self.W.high.T).high,
            )
            g = convex * (r / mass[:, None]).log() - price * Interval.of(t)
            concave = Interval.of(prices.C) - convex
            ends = []
            for end in (boxes.low, boxes.high):
                e = Interval.of(end.astype(float))
                ends.append((concave * e.entropy_terms() - g * e).low)
            least = Interval.of(np.minimum(*ends)).sum(axis=1)
            found = (least - price * (mass.log() + Interval.of(most[:, 0]))).low
        return np.where(np.isnan(found), -np.inf, found)

    def labels(self, boxes: Boxes) -> np.ndarray:
        """Return the posterior of the label at which the bound of each box is reached, if that lies in the box."""
        logits = self._base[boxes.letters] + boxes.vectors @ self._middle
        terms = np.exp(logits - logits.max(axis=1, keepdims=True))
        return (terms @ self._middle.T) / terms.sum(axis=1, keepdims=True)

    def _products(self, t: np.ndarray) -> Interval:
        """Enclose `<W_x, t>`."""
        middle = self._middle
        near = matrix_product(t, middle)
        error = (np.abs(t) @ (self.W.high - self.W.low)) * (1 + 64 * ROUNDOFF) + 1e-300
        return near + Interval(-error, error)


def _alike(data: Data, prices: Prices) -> np.ndarray:
    """Return for each output letter the first one with the same costs: where distortion has no price, the same pairs."""
    costs = np.where(np.isfinite(data.distortion), prices.D * data.distortion, np.inf)
    _, first, same = np.unique(costs, axis=1, return_index=True, return_inverse=True)
    found = first[same.ravel()]
    if prices.D == 0:
        return found
    # Doubles may be equal where numbers are not.
    columns = [[data.problem.exact_distortion[x][y] for x in data.xs] for y in data.ys]
    return np.array([z if columns[y] == columns[z] else y for y, z in enumerate(found.tolist())])


@dataclass(frozen=True, eq=False)
class Boxes(Batch):
    """Boxes of posteriors of the label.

    The ends `low` and `high`, of shape (B, n_L), are numbers of single precision, because there are millions of boxes;
    they are taken as exact. `vectors`, of the same shape, are the proofs, in double precision; `lower` is what messages
    cost at least, in doubles, and `nodes` are the places in the tree.
    """

    letters: np.ndarray
    low: np.ndarray
    high: np.ndarray
    vectors: np.ndarray
    lower: np.ndarray
    nodes: np.ndarray

    def __len__(self) -> int:
        return len(self.letters)


def tightened(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tighten boxes by the fact that a law sums to one; ends are rounded outwards to single precision.

    `low` and `high` have the shape (B, n_L).

    Examples
    --------
    >>> low, high = tightened(np.array([[0.0, 0.25]]), np.array([[1.0, 0.5]]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([[0.5, 0.25]], [[0.75, 0.5]])
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    room = 4 * (low.shape[1] + 2) * ROUNDOFF
    rest = 1 - (low.sum(axis=1, keepdims=True) - low) + room
    new_high = np.maximum(np.minimum(high, rest), low)
    rest = 1 - (high.sum(axis=1, keepdims=True) - high) - room
    new_low = np.minimum(np.maximum(low, rest), new_high)
    single_low, single_high = new_low.astype(np.float32), new_high.astype(np.float32)
    single_low = np.where(single_low > new_low, np.nextafter(single_low, np.float32(0)), single_low)
    single_high = np.where(single_high < new_high, np.nextafter(single_high, np.float32(2)), single_high)
    return np.maximum(single_low, np.float32(0)), np.minimum(single_high, np.float32(1))


@dataclass(eq=False)
class Search:
    """A search for the least cost of messages of each output letter; the worst boxes are split first.

    `aim` is what the cheapest messages of each letter cost that are known, and boxes that come as near as `room` are
    not split; `weights` is how much a loss at each letter counts.
    """

    inner: Inner
    aim: np.ndarray
    weights: np.ndarray
    room: float
    boxes: int = 0
    _spent: float = 0.0
    _proved: int = 0
    _done: list[Boxes] = field(default_factory=list)
    _splits: list[tuple[np.ndarray, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        root, alike = self.inner.root(), self.inner.alike
        aim = np.full(len(alike), np.inf)
        np.minimum.at(aim, alike, self.aim)
        self.aim, self.weights = aim, np.bincount(alike, self.weights, minlength=len(alike))
        self._open = self.inner.bounded(root, np.full(len(root), np.inf), _FIRST_STEPS)
        self.boxes = len(root)
        self._flat = root[:0]
        self._least = np.full(len(alike), np.inf)
        if not self.inner.splits:
            self._settle()

    @property
    def worth(self) -> np.ndarray:
        """The least cost of the messages of each letter, by the bounds of all boxes, in doubles."""
        found = self._least.copy()
        np.minimum.at(found, self._open.letters, self._open.lower)
        return found[self.inner.alike]

    @property
    def is_done(self) -> bool:
        """Whether no box is left to split."""
        return len(self._open) == 0

    def worst(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the letters of the worst boxes, and the posteriors of the label where their bounds are reached.

        Boxes that are not worth splitting are among them, if they were given up lately.
        """
        boxes = Boxes.joined([self._open[np.argsort(self._keys())[:count]], self._flat[-count:]])
        labels = np.zeros((len(boxes), self.inner.data.posterior.shape[0]))
        labels[:, self.inner.used] = self.inner.labels(boxes)
        places, letters = np.nonzero(boxes.letters[:, None] == self.inner.alike)
        return letters, labels[places]

    def _keys(self) -> np.ndarray:
        letters = self._open.letters
        return self.weights[letters] * (self._open.lower - self.aim[letters])

    def _settle(self) -> None:
        """Put boxes aside that are near enough to the aim."""
        near: Any = self._open.lower >= self.aim[self._open.letters] - self.room if self.inner.splits else slice(None)
        done = self._open[near]
        if len(done):
            self._retire(done)
            self._open = self._open[~near if self.inner.splits else slice(0, 0)]

    def _retire(self, boxes: Boxes) -> None:
        """Prove boxes, and keep them as long as the tree may be written down."""
        began = time.monotonic()
        proved = self.inner.proved(boxes)
        if len(boxes) >= _BATCH // 2:
            # Of few boxes at a time each takes longer.
            self._spent, self._proved = self._spent + time.monotonic() - began, self._proved + len(boxes)
        np.minimum.at(self._least, boxes.letters, proved)
        if self.boxes <= MOST_NODES:
            self._done.append(boxes)

    def run(self, clock: Clock, most: int) -> bool:
        """Split the worst boxes, about an eighth of all; tell whether it may go on.

        At most `most` boxes are bounded in all.
        """
        self._settle()
        keys = self._keys()
        size = self._open.low.shape[1]
        if not len(keys) or clock.over or self.boxes >= most or keys.size * size * 4 > _MOST_NUMBERS:
            return False
        count = min(len(keys), max(_BATCH // 2, len(keys) // _PART))
        chosen = np.argpartition(keys, count - 1)[:count]
        rest = np.ones(len(keys), dtype=bool)
        rest[chosen] = False
        news = [self._open[rest]]
        for first in range(0, count, _BATCH // 2):
            boxes = self._open[chosen[first : first + _BATCH // 2]]
            if clock.over:
                # What is left stays as it is.
                news.append(boxes)
                continue
            curved = self._gaps(boxes).sum(axis=1) > _FLAT * self.room
            self._retire(boxes[~curved])
            self._flat = Boxes.joined([self._flat, boxes[~curved]])
            news.append(self._split(boxes[curved]))
        self._open = Boxes.joined(news)
        return True

    def _gaps(self, boxes: Boxes, at: np.ndarray | None = None) -> np.ndarray:
        """Return by how much the concave part exceeds its chords, at some posteriors or at most, shape (B, n_L)."""
        low, high = boxes.low.astype(float), boxes.high.astype(float)
        slope = (_h(high) - _h(low)) / np.maximum(high - low, _TINY)
        place = np.clip(np.exp(-1.0 - slope) if at is None else at, low, high)
        return self.inner.concave * (_h(place) - _h(low) - slope * (place - low))

    def _split(self, boxes: Boxes) -> Boxes:
        low, high = boxes.low.astype(float), boxes.high.astype(float)
        places, rows = np.arange(len(boxes)), np.arange(2 * len(boxes)) // 2
        # Where the entropy is farthest above its chord, between there and the place at which the bound is reached.
        reached = np.clip(self.inner.labels(boxes), low, high)
        s = (self._gaps(boxes, reached) + _ANYWHERE * self._gaps(boxes)).argmax(axis=1)
        left, right = low[places, s], high[places, s]
        top = np.exp(-1.0 - (_h(right) - _h(left)) / np.maximum(right - left, _TINY))
        margin = 0.05 * (right - left)
        cut = np.clip(0.5 * top + 0.5 * reached[places, s], left + margin, right - margin)
        cut = cut.astype(np.float32).astype(float)
        lows, highs = low[rows], high[rows]
        highs[2 * places, s], lows[2 * places + 1, s] = cut, cut
        nodes = np.arange(self.boxes, self.boxes + len(rows))
        if self.boxes <= MOST_NODES:
            self._splits.append((boxes.nodes, boxes.letters, self.inner.used[s], cut, nodes[::2]))
        parts = Boxes(boxes.letters[rows], *tightened(lows, highs), boxes.vectors[rows], boxes.lower[rows], nodes)
        enough = self.aim[parts.letters] - self.room
        self.boxes += len(rows)
        return self.inner.bounded(parts, enough, _STEPS)

    @property
    def seconds(self) -> float:
        """About how long it takes to prove the open boxes."""
        if self._proved < _BATCH <= len(self._open):
            # Measured once, on boxes that may yet be split.
            began = time.monotonic()
            self.inner.proved(self._open[:_BATCH])
            self._spent, self._proved = self._spent + time.monotonic() - began, self._proved + _BATCH
        if self._proved >= _BATCH:
            return 1.2 * len(self._open) * self._spent / self._proved
        return _PROVING * len(self._open) * self._open.low.shape[1] * (len(self.inner.data.xs) + 8)

    def finish(self) -> Proved:
        """Prove the boxes that are left."""
        self._retire(self._open)
        self._open = self._open[:0]
        trees = self._trees() if self.boxes <= MOST_NODES else None
        return Proved(self._least[self.inner.alike], trees)

    def _trees(self) -> list[PackedTree | int]:
        """Return the tree of each letter, or the number of another one with the same tree."""
        done, count = Boxes.joined(self._done), self.boxes
        letters, children = np.zeros(count, dtype=int), np.zeros(count, dtype=int)
        labels, cuts = np.full(count, -1), np.zeros(count)
        vectors = np.zeros((count, self.inner.data.posterior.shape[0]))
        letters[done.nodes] = done.letters
        vectors[np.ix_(done.nodes, self.inner.used)] = done.vectors
        for nodes, ys, split, cut, child in self._splits:
            letters[nodes], labels[nodes], cuts[nodes], children[nodes] = ys, split, cut, child
        trees: list[PackedTree | int] = []
        for y, first in enumerate(self.inner.alike.tolist()):
            if first != y:
                trees.append(first)
                continue
            own = np.flatnonzero(letters == y)
            places = np.where(labels[own] >= 0, np.searchsorted(own, children[own]), 0)
            trees.append(PackedTree(labels[own], cuts[own], places, vectors[own]))
        return trees


@dataclass(frozen=True, eq=False)
class Proved:
    """What was proved.

    The messages of each letter cost at least its `worth`. `trees` has the boxes of each letter with their vectors, or
    the place of another letter with the same boxes; it is None if there are too many.
    """

    worth: np.ndarray
    trees: list[PackedTree | int] | None
