"""A linear program whose data are polynomials in parameters: its bases, as determinants of its columns.

The program is to minimise `c w` over `w >= 0` with `A w = b`. All that is to be known of a basis `B` is a quotient of two
determinants, the lower one that of `B` (Cramer's rule): the weights, the shares of the other columns in its own, and what
these cost more than their shares. Minors are computed once for all bases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import sympy as sp
from sympy.polys.rings import PolyElement, PolyRing

from drc.types import Floats

#: A cost in doubles that is less than this is zero.
_ZERO = 1e-9

Basis = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SymbolicProgram:
    """A program with polynomials for data.

    Attributes
    ----------
    ring : PolyRing
    columns : tuple of tuples
        For each column its entries in the rows, then its cost.
    right : tuple
        The right sides; its letters may be others than those of the columns.
    """

    ring: PolyRing
    columns: tuple[tuple[PolyElement, ...], ...]
    right: tuple[PolyElement, ...]
    _minors: dict[tuple[Basis, Basis], PolyElement] = field(init=False, repr=False, default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows, and so how many columns a basis has."""
        return len(self.right)

    def determinant(self, basis: Sequence[int]) -> PolyElement:
        """Return the determinant of some columns; -1 stands for the right side."""
        return self._signed(tuple(range(self.size)), basis)

    def share(self, basis: Basis, place: int, column: int) -> PolyElement:
        """Return the share of a column in one of a basis, times the determinant of the basis; -1 has the weights."""
        return self.determinant((*basis[:place], column, *basis[place + 1 :]))

    def excess(self, basis: Basis, column: int) -> PolyElement:
        """Return what a column costs more than its shares, times the determinant; -1 has the value with a minus."""
        return self._signed((self.size, *range(self.size)), (column, *basis))

    def _signed(self, rows: Basis, columns: Sequence[int]) -> PolyElement:
        if len(set(columns)) < len(columns):
            return self.ring.zero
        swaps = sum(a > b for a, b in combinations(columns, 2))
        return (-1) ** swaps * self._minor(rows, tuple(sorted(columns)))

    def _minor(self, rows: Basis, columns: Basis) -> PolyElement:
        """Return a minor by its first row; the rows may begin with the cost."""
        if not rows:
            return self.ring.one
        if (rows, columns) not in self._minors:
            first, rest = rows[0], rows[1:]
            terms = (
                (-1) ** place * self._entry(first, column) * self._minor(rest, columns[:place] + columns[place + 1 :])
                for place, column in enumerate(columns)
                if self._entry(first, column)
            )
            self._minors[rows, columns] = sum(terms, self.ring.zero)  # pyright: ignore[reportArgumentType] (polynomials)
        return self._minors[rows, columns]

    def _entry(self, row: int, column: int) -> PolyElement:
        if column >= 0:
            return self.columns[column][row]
        return self.right[row] if row < self.size else self.ring.zero

    def best(self, points: Floats) -> tuple[Basis, ...]:
        """Return the bases that are optimal, for some right side, at one of some points: rows of values for all letters."""
        bases = np.array(list(combinations(range(len(self.columns)), self.size)))
        entries = sp.lambdify(self.ring.symbols, [entry.as_expr() for column in self.columns for entry in column])
        found = np.zeros(len(bases), dtype=bool)
        for point in points:
            found |= _optimal(np.array(entries(*point), dtype=float).reshape(len(self.columns), -1), bases)
        return tuple(tuple(basis) for basis in bases[found].tolist())


def _optimal(columns: Floats, bases: np.ndarray) -> np.ndarray:
    """Mark the bases that price no column at more than it costs; where others cost the same, a second cost decides."""
    entries = columns[:, :-1]
    # Without rational relations, so that no two bases cost the same.
    costs = np.stack([columns[:, -1], np.sqrt(np.arange(2.0, len(columns) + 2))], axis=1)
    chosen = entries[bases]
    usable = np.abs(np.linalg.det(chosen)) > _ZERO
    found = np.zeros(len(bases), dtype=bool)
    prices = np.linalg.solve(chosen[usable], costs[bases[usable]])
    first, second = np.moveaxis(costs - np.einsum("jr,brk->bjk", entries, prices), 2, 0)
    found[usable] = ((first > _ZERO) | ((first >= -_ZERO) & (second >= -_ZERO))).all(axis=1)
    return found
