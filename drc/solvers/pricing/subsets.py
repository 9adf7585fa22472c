"""The exact minimum for few letters, by dynamic programming over subsets of letters.

With `psi_y(A) = sum_{x in A} c(x, y) + G(t(A))` the cheapest map is the cheapest ordered partition of the letters into
cells, a min-plus subset convolution ([bellman1962]):

    (psi * psi')(A) = min_{B subset of A} psi(B) + psi'(A minus B).

A convolution over all subsets takes `3^n` sums; the last one is needed for the full set only, which takes `2^n`. The
entropies of the subsets are tabulated once, for all multipliers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from drc.errors import ProblemError
from drc.problems.arrays import read_only
from drc.solvers.pricing.cells import EPSILON, Cells, entropies_lower

#: Most letters: for two output letters, and for more.
MOST_LETTERS_TWO, MOST_LETTERS = 22, 16

#: Letters that a table of disjoint pairs of subsets covers at once: 3^8 pairs stay in the cache.
_TABLE = 8

#: Subsets whose entropies are computed at once.
_BLOCK = 2**15


@dataclass(frozen=True, eq=False)
class Minimum:
    """The least price and cheap maps.

    Attributes
    ----------
    lower : float
        A proved lower bound on the price of every map; infinite if no map is allowed.
    maps : int array, shape (K, n_X)
        The cheapest map first, and some of the cheapest others.
    prices : array, shape (K,)
        In doubles.
    """

    lower: float
    maps: np.ndarray
    prices: np.ndarray


def fits(cells: Cells) -> bool:
    """Tell whether the problem is small enough.

    Parameters
    ----------
    cells : Cells

    Examples
    --------
    >>> fits(Cells(np.zeros((17, 2)), np.full((17, 1), 1 / 17), 1.0, 1.0))
    True
    """
    return cells.n_X <= (MOST_LETTERS_TWO if cells.n_Y == 2 else MOST_LETTERS)


def minimise(cells: Cells, *, best: int = 16) -> Minimum:
    """Find the cheapest map.

    Parameters
    ----------
    cells : Cells
    best : int
        How many maps are returned at most.

    Raises
    ------
    ProblemError
        If there are too many letters.

    Examples
    --------
    >>> cells = Cells(np.array([[0.0, 0.5], [0.5, 0.0]]), np.eye(2) / 2, rate=0.1, classification=1.0)
    >>> found = minimise(cells)
    >>> found.maps[0].tolist(), round(found.lower, 6)
    ([0, 1], 0.069315)
    """
    if not fits(cells):
        raise ProblemError(
            f"{cells.n_X} letters: allowed are {MOST_LETTERS_TWO} for two output letters, {MOST_LETTERS} for more"
        )
    return Subsets.of(cells.joint).minimise(cells, best=best)


@dataclass(frozen=True, eq=False)
class Subsets:
    """All subsets of some letters, by bit mask, with proved lower bounds on their entropies in nats.

    Attributes
    ----------
    n, labels : int
        How many letters, and labels, there are.
    rate : array, shape (2^n,)
        Of `-P(A) log P(A)`.
    classification : array, shape (2^n,)
        Of `P(A) H(S|A)`.
    """

    n: int
    labels: int
    rate: np.ndarray
    classification: np.ndarray

    @classmethod
    def of(cls, joint: np.ndarray) -> Subsets:
        """Tabulate the subsets, in blocks that share the higher letters.

        Parameters
        ----------
        joint : array, shape (n, n_S)
            Masses `p(s, x)`.

        Examples
        --------
        >>> Subsets.of(np.full((2, 1), 0.5)).rate.round(6)[1:3].tolist()
        [0.346574, 0.346574]
        """
        low = min(len(joint), _BLOCK.bit_length() - 1)
        inner, outer = _subset_sums(joint[:low]), _subset_sums(joint[low:])
        bounds = [entropies_lower(inner + t) for t in outer]
        rate, classification = (np.concatenate([bound[i] for bound in bounds]) for i in (0, 1))
        return cls(*joint.shape, rate, classification)

    def cheapest(
        self, costs: np.ndarray, rate: float, classification: float, best: int, below: float = np.inf
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return cheap maps, the cheapest first, and their prices in doubles.

        Parameters
        ----------
        costs : array, shape (n, n_Y)
        rate, classification : float
            As `Cells` has them; the labels play no part if the latter is zero.
        best : int
            How many maps at most.
        below : float
            Maps that cost so much or more are left out, but for the cheapest of all.

        Returns
        -------
        int array, shape (K, n_X)
        array, shape (K,)
        """
        G = rate * self.rate + classification * self.classification
        chain = _Chain.of([sums + G for sums in np.ascontiguousarray(_subset_sums(costs).T)], self.n)
        totals = chain.totals()
        sets = _smallest(totals, best)
        prices = totals[sets]
        count = max(1, int((prices < below).sum())) if prices[0] < np.inf else 0
        return chain.maps_of(sets[:count]), prices[:count]

    def minimise(self, cells: Cells, *, best: int, below: float = np.inf) -> Minimum:
        """Find the cheapest map of a problem with these letters, and prove it; see `cheapest`."""
        maps, prices = self.cheapest(cells.costs, cells.rate, cells.classification, best, below)
        if not len(prices):
            return Minimum(np.inf, maps, prices)
        # What is added up here in doubles is right to the slack, and so are at most n_Y further sums, and those over labels.
        lower = float(prices[0])
        rounding = 2 * EPSILON * (cells.n_Y * abs(lower) + self.labels * cells.scale)
        return Minimum(lower - cells.slack - rounding, maps, prices)


def _smallest(totals: np.ndarray, count: int) -> np.ndarray:
    count = min(count, len(totals))
    found = np.argpartition(totals, count - 1)[:count]
    return found[np.argsort(totals[found], kind="stable")]


def _subset_sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of values over all subsets, by bit mask; values of shape (n, ...)."""
    sums = np.zeros((2 ** len(values), *values.shape[1:]))
    for i, value in enumerate(values):
        np.add(sums[: 2**i], value, out=sums[2**i : 2 ** (i + 1)])
    return sums


@dataclass(frozen=True, eq=False)
class _Chain:
    """Cost of subsets for cells `y = first .. last`: a pair of smaller chains, or a single cell.

    Attributes
    ----------
    n : int
        How many letters.
    values : array, shape (2^n,)
        The least cost of dividing a subset among the cells; empty at the top of the chain, where it is not needed.
    parts : tuple of two _Chain, or a label `y`
    """

    n: int
    values: np.ndarray
    parts: tuple[_Chain, _Chain] | int

    @classmethod
    def of(cls, tables: list[np.ndarray], n: int, first: int = 0, top: bool = True) -> _Chain:
        if len(tables) == 1:
            return cls(n, tables[0], first)
        half = len(tables) // 2
        left = cls.of(tables[:half], n, first, top=False)
        right = cls.of(tables[half:], n, first + half, top=False)
        return cls(n, np.zeros(0) if top else _convolve(left.values, right.values, n), (left, right))

    def totals(self) -> np.ndarray:
        """Return, for each subset that the first part takes, the least cost of the full set."""
        if isinstance(self.parts, int):
            return self.values[-1:]
        left, right = self.parts
        return left.values + right.values[::-1]

    def maps_of(self, taken: np.ndarray) -> np.ndarray:
        """Return the cheapest maps in which the first part takes these subsets of the full set; shape (K, n)."""
        maps = np.zeros((len(taken), self.n), dtype=np.int64)
        if not isinstance(self.parts, int):
            self.parts[0]._assign(taken, maps)
            self.parts[1]._assign(2**self.n - 1 - taken, maps)
        return maps

    def _assign(self, subsets: np.ndarray, maps: np.ndarray) -> None:
        """Divide a subset of each map among the cells."""
        if isinstance(self.parts, int):
            maps[(subsets[:, None] >> np.arange(self.n)) & 1 == 1] = self.parts
            return
        (left, right), within, outer = self.parts, _masks(self.n), subsets[:, None]
        costs = np.where(within & ~outer == 0, left.values + right.values[outer & ~within], np.inf)
        taken = costs.argmin(axis=1)
        left._assign(taken, maps)
        right._assign(subsets ^ taken, maps)


def _convolve(f: np.ndarray, g: np.ndarray, n: int) -> np.ndarray:
    """Return `min_{B subset of A} f(B) + g(A minus B)` for all A.

    The lower letters are expanded once into all pairs of disjoint subsets; over the higher letters the pairs are
    enumerated one by one, each a sum of two rows.
    """
    low = min(n, _TABLE)
    B, C, starts = _disjoint_pairs(low)
    F, G = f.reshape(-1, 2**low).take(B, axis=1), g.reshape(-1, 2**low).take(C, axis=1)
    rows, total = np.empty_like(F), np.empty(len(B))
    for A in range(2 ** (n - low)):
        row, part = rows[A], A
        np.add(F[A], G[0], out=row)
        while part:
            part = (part - 1) & A
            np.add(F[part], G[A ^ part], out=total)
            np.minimum(row, total, out=row)
    return np.minimum.reduceat(rows, starts, axis=1).ravel()


@cache
def _masks(n: int) -> np.ndarray:
    """Return all subsets of n letters."""
    return read_only(np.arange(2**n))


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
