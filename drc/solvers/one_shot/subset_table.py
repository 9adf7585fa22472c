"""The cheapest maps of a few letters, in doubles: all subsets are tabulated once, and searched in every round.

The cheapest map is the cheapest way to deal the letters out to cells: with a cost `psi_y(A)` of each cell and subset,

    (psi * psi')(A) = min_{B subset of A} psi(B) + psi'(A minus B)

is computed for all subsets at once from a list of all pairs of disjoint ones ([bellman1962]).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drc.solvers.one_shot.letters import Letters, xlogx
from drc.solvers.pricing import Cells

#: Most letters: there are `3^n` pairs of disjoint subsets.
MOST = 9


@dataclass(frozen=True, eq=False)
class SubsetTable:
    """What depends on a subset of the letters alone.

    Attributes
    ----------
    masses : array, shape (2^n,)
        `-P(A) log P(A)`, in nats.
    labels : array, shape (2^n,)
        `P(A) H(S|A)`, in nats.
    members : array, shape (2^n, n)
        Whether a letter is in a subset.
    parts : array of int, shape (3^n, 2)
        All pairs of disjoint subsets, sorted by their union.
    starts : array of int, shape (2^n + 1,)
        Where the pairs of each union begin.
    """

    masses: np.ndarray
    labels: np.ndarray
    members: np.ndarray
    parts: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, letters: Letters) -> SubsetTable:
        """Tabulate the subsets.

        Examples
        --------
        >>> letters = Letters(np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.5], [0.5, 0.0]]), 1.0)
        >>> SubsetTable.of(letters).parts.shape
        (9, 2)
        """
        n = len(letters.masses)
        members = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        cells = members @ letters.masses
        terms = xlogx(cells.sum(axis=1))
        left, right = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        for bit in 1 << np.arange(n):
            left, right = np.concatenate([left, left + bit, left]), np.concatenate([right, right, right + bit])
        order = np.argsort(left + right, kind="stable")
        union = (left + right)[order]
        return cls(
            -terms,
            terms - xlogx(cells).sum(axis=1),
            members.astype(float),
            np.stack([left[order], right[order]], axis=1),
            np.searchsorted(union, np.arange(2**n + 1)),
        )

    def cheapest(self, cells: Cells, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return cheap maps, the cheapest of all first, and their prices.

        Parameters
        ----------
        cells : Cells
            Of the letters that are tabulated.
        count : int
            How many maps at most.

        Examples
        --------
        >>> letters = Letters(np.array([[0.5, 0.0], [0.0, 0.5]]), np.array([[0.0, 0.5], [0.5, 0.0]]), 1.0)
        >>> cells = Cells(letters.distortion, letters.masses, 0.0, 0.0)
        >>> maps, prices = SubsetTable.of(letters).cheapest(cells, 1)
        >>> maps.tolist(), prices.tolist()
        ([[0, 1]], [0.0])
        """
        entropies = cells.rate * self.masses + cells.classification * self.labels
        finite = np.isfinite(cells.costs)
        sums = self.members @ np.where(finite, cells.costs, 0.0)
        if not finite.all():
            sums = np.where(self.members @ ~finite > 0, np.inf, sums)
        tables = [sums[:, y] + entropies for y in range(cells.n_Y)]
        # Chains of cells: the last table says what the best map of a subset to all letters costs.
        chains = [tables[0]]
        for table in tables[1:-1]:
            chains.append(self._joined(chains[-1], table))
        if len(tables) == 1:
            return np.zeros((1, cells.n_X), dtype=np.int64), tables[0][-1:]
        totals = chains[-1] + tables[-1][::-1]
        best = np.argsort(totals, kind="stable")[:count]
        best = best[np.isfinite(totals[best])]
        maps = np.array([self._map(chains, tables, int(A)) for A in best], dtype=np.int64).reshape(-1, cells.n_X)
        return maps, totals[best]

    def _joined(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.minimum.reduceat(first[self.parts[:, 0]] + second[self.parts[:, 1]], self.starts[:-1])

    def _map(self, chains: list, tables: list, subset: int) -> np.ndarray:
        """Go back through the chains: which letters the cells took, the last one all outside of `subset`."""
        found = np.full(self.members.shape[1], len(tables) - 1)
        for y in range(len(chains) - 1, 0, -1):
            pairs = self.parts[self.starts[subset] : self.starts[subset + 1]]
            rest, taken = pairs[(chains[y - 1][pairs[:, 0]] + tables[y][pairs[:, 1]]).argmin()]
            found[self.members[taken] > 0] = y
            subset = int(rest)
        found[self.members[subset] > 0] = 0
        return found
