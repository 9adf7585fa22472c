"""The exact minimum for few letters, by dynamic programming over subsets of letters.

With `psi_y(A) = sum_{x in A} c(x, y) + G(t(A))` the cheapest map is the cheapest ordered partition of the letters into
cells, a min-plus subset convolution ([bellman1962]):

    (psi * psi')(A) = min_{B subset of A} psi(B) + psi'(A minus B).

A convolution over all subsets takes `3^n` sums; the last one is needed for the full set only, which takes `2^n`. The
entropies of the subsets are tabulated once, for all multipliers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from drc.errors import must
from drc.problems.arrays import read_only
from drc.solvers.arithmetic.rounding import EPSILON
from drc.solvers.finite.pricing.cells import Cells, entropies_lower

#: Most letters: for two output letters, and for more.
MOST_LETTERS_TWO, MOST_LETTERS = 22, 16

#: How many of the cheapest maps are returned.
_KEPT = 16

#: Letters that a table of disjoint pairs of subsets covers at once: 3^8 pairs stay in the cache.
_TABLE = 8

#: Up to this many numbers are sorted, of more only the least.
_FEW = 2**12

#: Subsets whose entropies are computed at once.
_BLOCK = 2**15


def fits(cells: Cells) -> bool:
    """Tell whether the problem is small enough.

    Examples
    --------
    >>> fits(Cells(np.zeros((17, 2)), np.full((17, 1), 1 / 17), 1.0, 1.0))
    True
    """
    return cells.n_X <= (MOST_LETTERS_TWO if cells.n_Y == 2 else MOST_LETTERS)


def seconds(cells: Cells) -> float:
    """Return about how long the work takes, which cannot be interrupted.

    Examples
    --------
    >>> seconds(Cells(np.zeros((10, 3)), np.full((10, 1), 0.1), 1.0, 1.0)) < 0.1
    True
    """
    n, convolutions = cells.n_X, max(0, cells.n_Y - 2)
    return 2**n * (5e-7 * (cells.n_S + 1) + 1e-8 * cells.n_Y) + 3**n * 3e-9 * convolutions


def minimise(cells: Cells) -> tuple[float, np.ndarray]:
    """Find the cheapest map.

    Returned are a proved lower bound on the price of every map, infinite if no map is allowed, and maps, of shape (K,
    n_X): the cheapest first, and some of the cheapest others.

    Raises `ProblemError` if there are too many letters.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> lower, maps = minimise(cells)
    >>> maps[0].tolist(), round(lower, 6)
    ([0, 1], 0.069315)
    """
    if not fits(cells):
        raise must(
            "the number of letters",
            f"be at most {MOST_LETTERS_TWO} for two output letters, {MOST_LETTERS} for more",
            cells.n_X,
        )
    table = Subsets.of(cells.joint)
    maps, prices = table.cheapest(cells.costs, cells.rate, cells.classification, _KEPT)
    return table.proved(cells, float(prices[0])) if len(prices) else np.inf, maps


@dataclass(frozen=True, eq=False)
class Subsets:
    """All subsets of some letters, by bit mask, with proved lower bounds on their entropies in nats.

    For the 2^n subsets of the letters, `rate` is `-P(A) log P(A)`, and `classification` is `P(A) H(S|A)`.
    """

    n: int
    labels: int
    rate: np.ndarray
    classification: np.ndarray

    @classmethod
    def of(cls, joint: np.ndarray) -> Subsets:
        """Tabulate the subsets, in blocks that share the higher letters.

        `joint`, of shape (n, n_S), has the masses `p(s, x)`.

        Examples
        --------
        >>> Subsets.of(np.full((2, 1), 0.5)).rate.round(6)[1:3].tolist()
        [0.346574, 0.346574]
        """
        low = min(len(joint), _BLOCK.bit_length() - 1)
        inner, outer = _subset_sums(joint[:low]), _subset_sums(joint[low:])
        bounds = [entropies_lower(inner + t) for t in outer]
        rate, classification = (np.concatenate([bound[i] for bound in bounds]) for i in (0, 1))
        return cls(len(joint), joint.shape[1], rate, classification)

    def cheapest(
        self, costs: np.ndarray, rate: float, classification: float, best: int, below: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return cheap maps, the cheapest first, and their prices in doubles.

        `costs` has the shape (n, n_Y), `rate` and `classification` are those of `Cells`; the labels play no part if the
        latter is zero. At most `best` maps are returned, without those that cost `below` or more, but for the cheapest
        of all.
        """
        maps, prices = self.cheapest_of_each([(costs, rate, classification)], best, below)
        count = max(1, int((prices[0] < below).sum())) if prices[0, 0] < np.inf else 0
        return maps[0, :count], prices[0, :count]

    def cheapest_of_each(self, terms: Sequence, best: int, below: float = np.inf) -> tuple[np.ndarray, np.ndarray]:
        """Return cheap maps for several problems at once, the cheapest first, and their prices in doubles.

        `terms` are as in `cheapest`, B of them. Places at which all maps cost `below` or more are left out.

        The maps have the shape (B, K, n_X).
        """
        cells = np.empty((len(terms), terms[0][0].shape[1], 2**self.n))
        for own, (costs, rate, classification) in zip(cells, terms, strict=True):
            np.add(_subset_sums(costs).T, rate * self.rate + classification * self.classification, out=own)
        tree = _Tree.of(cells, self.n)
        totals, rows = tree.totals(), np.arange(len(terms))[:, None]
        sets = _smallest(totals, best)
        sets = sets[:, : max(1, int((totals[rows, sets] < below).sum(axis=1).max()))]
        return tree.maps_of(sets), totals[rows, sets]

    def proved(self, cells: Cells, least: float) -> float:
        """Return a lower bound on all prices, if `cheapest` found the least one."""
        # What is added up there in doubles is right to the slack; so are at most n_Y further sums, and those over labels.
        return least - cells.slack - 2 * EPSILON * (cells.n_Y * abs(least) + self.labels * cells.scale)


def _smallest(totals: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the least numbers of each row, in order."""
    count = min(count, totals.shape[1])
    if totals.shape[1] <= _FEW:
        return totals.argsort(axis=1, kind="stable")[:, :count]
    found = totals.argpartition(count - 1, axis=1)[:, :count]
    rows = np.arange(len(totals))[:, None]
    return found[rows, totals[rows, found].argsort(axis=1, kind="stable")]


def _subset_sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of values over all subsets, by bit mask; values of shape (n, ...)."""
    sums = np.zeros((2 ** len(values), *values.shape[1:]))
    for i, value in enumerate(values):
        np.add(sums[: 2**i], value, out=sums[2**i : 2 ** (i + 1)])
    return sums


@dataclass(frozen=True, eq=False)
class _Tree:
    """Costs of subsets for the cells, then for pairs of cells, then for pairs of pairs, until one or two are left.

    `levels`, of shape (B, nodes, 2^n), have the least cost of dividing a subset among the cells below a node; one
    without a partner goes up as it is.
    """

    n: int
    levels: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, cells: np.ndarray, n: int) -> _Tree:
        """Build the tree over the costs of the cells, shape (B, n_Y, 2^n)."""
        levels = [cells]
        while (nodes := levels[-1].shape[1]) > 2:
            paired = nodes - nodes % 2
            values = _each(_convolve, n, levels[-1][:, 0:paired:2], levels[-1][:, 1:paired:2])
            levels.append(values if paired == nodes else np.concatenate([values, levels[-1][:, paired:]], axis=1))
        return cls(n, tuple(levels))

    def totals(self) -> np.ndarray:
        """Return, for each subset that the first node takes, the least cost of the full set; shape (B, 2^n)."""
        top = self.levels[-1]
        return top[:, 0, -1:] if top.shape[1] == 1 else top[:, 0] + top[:, 1, ::-1]

    def maps_of(self, taken: np.ndarray) -> np.ndarray:
        """Return the cheapest maps in which the first node takes these subsets of the full set; shape (B, K, n)."""
        rest = 2**self.n - 1 - taken
        subsets = np.stack([taken, rest], axis=1) if self.levels[-1].shape[1] == 2 else (taken + rest)[:, None]
        for values in self.levels[-2::-1]:
            paired = values.shape[1] - values.shape[1] % 2
            outer, single = subsets[:, : paired // 2], subsets[:, paired // 2 :]
            left = _each(_divided, self.n, values[:, 0:paired:2], values[:, 1:paired:2], outer)
            both = np.stack([left, outer ^ left], axis=2).reshape(len(subsets), paired, -1)
            subsets = np.concatenate([both, single], axis=1) if single.size else both
        inside = (subsets[..., None] >> np.arange(self.n)) & 1
        return inside.argmax(axis=1)


def _each(function: Callable, n: int, *arrays: np.ndarray) -> np.ndarray:
    """Apply a function to all nodes at once, or of many subsets to one after the other: memory is short."""
    if n <= _TABLE:
        return function(n, *arrays)
    nodes = zip(*(array.reshape(-1, array.shape[-1]) for array in arrays), strict=True)
    return np.stack([function(n, *node) for node in nodes]).reshape(*arrays[0].shape[:2], -1)


def _divided(n: int, left: np.ndarray, right: np.ndarray, outer: np.ndarray) -> np.ndarray:
    """Return which part of each subset the left cells take, where the cost is least."""
    within, outer = np.arange(2**n), outer[..., None]
    rest = outer ^ within
    # The right cells take the rest; the sums of sets that are not parts are not looked at.
    places = rest + 2**n * np.arange(right[..., 0].size).reshape(*right.shape[:-1], 1, 1)
    costs = right.ravel().take(places)
    costs += left[..., None, :]
    costs[outer | within != outer] = np.inf
    return costs.argmin(axis=-1)


def _convolve(n: int, f: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return `min_{B subset of A} f(B) + g(A minus B)` for all A; subsets are along the last axis.

    The lower letters are expanded once into all pairs of disjoint subsets; over the higher letters the pairs are
    enumerated one by one, each a sum of two rows.
    """
    low = min(n, _TABLE)
    B, C, starts = _disjoint_pairs(low)
    shape = (*f.shape[:-1], -1, 2**low)
    F, G = f.reshape(shape).take(B, axis=-1), g.reshape(shape).take(C, axis=-1)
    rows, total = np.empty_like(F), np.empty_like(F[..., 0, :])
    for A in range(2 ** (n - low)):
        row, part = rows[..., A, :], A
        np.add(F[..., A, :], G[..., 0, :], out=row)
        while part:
            part = (part - 1) & A
            np.add(F[..., part, :], G[..., A ^ part, :], out=total)
            np.minimum(row, total, out=row)
    return np.minimum.reduceat(rows, starts, axis=-1).reshape(f.shape)


@cache
def _disjoint_pairs(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of disjoint subsets sorted by their union, and where each union begins."""
    B, C = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for bit in 1 << np.arange(n):
        B, C = np.concatenate([B, B + bit, B]), np.concatenate([C, C, C + bit])
    order = np.argsort(B + C, kind="stable")
    B, C = B[order], C[order]
    starts = np.searchsorted(B + C, np.arange(2**n))
    return read_only(B), read_only(C), read_only(starts)
