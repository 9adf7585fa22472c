"""The exact minimum for few letters, by dynamic programming over subsets of letters.

With `psi_y(A) = sum_{x in A} c(x, y) + G(t(A))` the cheapest map is the cheapest ordered partition of the letters into
cells, a min-plus subset convolution ([bellman1962]):

    (psi * psi')(A) = min_{B subset of A} psi(B) + psi'(A minus B).

A convolution over all subsets takes `3^n` sums; the last one is needed for the full set only, which takes `2^n`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drc.errors import ProblemError
from drc.solvers.pricing.cells import EPSILON, Cells, concave_lower

#: Most letters: for two output letters, and for more.
MOST_LETTERS_TWO, MOST_LETTERS = 22, 16

#: Letters that a table of disjoint pairs of subsets covers at once: 3^8 pairs stay in the cache.
_TABLE = 8

#: Subsets whose `G` is computed at once.
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
    """

    lower: float
    maps: np.ndarray


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
    G = _subset_terms(cells)
    chain = _Chain.of([_subset_sums(cells.costs[:, y]) + G for y in range(cells.n_Y)], cells.n_X)
    totals = chain.totals()
    sets = _smallest(totals, best)
    lower = float(totals[sets[0]])
    if lower == np.inf:
        return Minimum(np.inf, np.zeros((0, cells.n_X), dtype=np.int64))
    maps = [chain.map_of(int(A)) for A in sets if totals[A] < np.inf]
    # What is added up here in doubles is right to the slack, and so are at most n_Y further sums.
    return Minimum(lower - cells.slack - 2 * cells.n_Y * EPSILON * abs(lower), np.array(maps))


def _smallest(totals: np.ndarray, count: int) -> np.ndarray:
    count = min(count, len(totals))
    found = np.argpartition(totals, count - 1)[:count]
    return found[np.argsort(totals[found], kind="stable")]


def _subset_sums(values: np.ndarray) -> np.ndarray:
    """Return the sums of values over all subsets, by bit mask; values of shape (n, ...)."""
    sums = np.zeros((1, *values.shape[1:]))
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums


def _subset_terms(cells: Cells) -> np.ndarray:
    """Return proved lower bounds on `G(t(A))` for all subsets, in blocks that share the higher letters."""
    low = min(cells.n_X, _BLOCK.bit_length() - 1)
    inner, outer = _subset_sums(cells.joint[:low]), _subset_sums(cells.joint[low:])
    return np.concatenate([concave_lower(inner + t, cells.rate, cells.classification) for t in outer])


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

    def map_of(self, taken: int) -> np.ndarray:
        """Return the cheapest map in which the first part takes this subset of the full set."""
        map_ = np.zeros(self.n, dtype=np.int64)
        full = 2**self.n - 1
        if isinstance(self.parts, int):
            self._assign(full, map_)
        else:
            self.parts[0]._assign(taken, map_)
            self.parts[1]._assign(full ^ taken, map_)
        return map_

    def _assign(self, subset: int, map_: np.ndarray) -> None:
        if isinstance(self.parts, int):
            map_[(subset >> np.arange(self.n)) & 1 == 1] = self.parts
            return
        left, right = self.parts
        within = _subset_sums(np.array([1 << i for i in range(self.n) if subset >> i & 1], dtype=float)).astype(int)
        taken = int(within[np.argmin(left.values[within] + right.values[subset ^ within])])
        left._assign(taken, map_)
        right._assign(subset ^ taken, map_)


def _convolve(f: np.ndarray, g: np.ndarray, n: int) -> np.ndarray:
    """Return `min_{B subset of A} f(B) + g(A minus B)` for all A.

    The lower letters are expanded once into all pairs of disjoint subsets; over the higher letters the pairs are
    enumerated one by one, each a sum of two rows.
    """
    low = min(n, _TABLE)
    B, C, starts = _disjoint_pairs(low)
    F, G = f.reshape(-1, 2**low)[:, B], g.reshape(-1, 2**low)[:, C]
    rows, total = np.empty_like(F), np.empty(len(B))
    for A in range(2 ** (n - low)):
        row, part = rows[A], A
        np.add(F[A], G[0], out=row)
        while part:
            part = (part - 1) & A
            np.add(F[part], G[A ^ part], out=total)
            np.minimum(row, total, out=row)
    return np.minimum.reduceat(rows, starts, axis=1).ravel()


def _disjoint_pairs(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return all pairs of disjoint subsets sorted by their union, and where each union begins."""
    B, C = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for bit in 1 << np.arange(n):
        B, C = np.concatenate([B, B + bit, B]), np.concatenate([C, C, C + bit])
    order = np.argsort(B + C, kind="stable")
    B, C = B[order], C[order]
    return B, C, np.searchsorted(B + C, np.arange(2**n))
