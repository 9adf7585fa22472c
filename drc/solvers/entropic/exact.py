"""The laws of a problem in exact numbers or balls, and couplings that meet them exactly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from flint import arb, fmpq

from drc.information.entropy import entropy_term
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball
from drc.solvers.entropic.data import Data

#: How many entries of a plan are written down in exact numbers.
_MOST_EXACT = 4096


@dataclass(frozen=True, eq=False)
class Exact:
    """The laws of a problem in exact numbers or balls, for the letters kept; entropies are in nats.

    Attributes
    ----------
    data : Data
    """

    data: Data

    @property
    def problem(self) -> Finite:
        """The problem."""
        return self.data.problem

    @property
    def rational(self) -> bool:
        """Whether plans can be put down in exact numbers: all masses are rational, and there are not too many."""
        laws = [law for law in (self.problem.p_Y, self.problem.reference) if law is not None]
        rows = [*laws, *self.problem.p_SX]
        return self.data.d.low.size <= _MOST_EXACT and all(isinstance(v, Fraction) for row in rows for v in row)

    @cached_property
    def labels(self) -> list[list[Number]]:
        """`p(s, x)`: n_S rows."""
        return [[exact_or_ball(row[x]) for x in self.data.xs] for row in self.problem.p_SX]

    @cached_property
    def source(self) -> list[Number]:
        """`p(x)`."""
        return [sum(column, fmpq(0)) for column in zip(*self.labels, strict=True)]

    @cached_property
    def target(self) -> list[Number] | None:
        """`p_Y`."""
        return None if self.problem.p_Y is None else [exact_or_ball(self.problem.p_Y[y]) for y in self.data.ys]

    @cached_property
    def distortion(self) -> list[list[Number | float]]:
        """`d(x, y)`; infinite where a pair is forbidden."""
        rows = [[self.problem.exact_distortion[x][y] for y in self.data.ys] for x in self.data.xs]
        return [[math.inf if d == math.inf else exact_or_ball(d) for d in row] for row in rows]

    def cost(self, entries: list[list[Number]]) -> Number:
        """Return the distortion of a joint law."""
        pairs = (
            pair for row, costs in zip(entries, self.distortion, strict=True) for pair in zip(row, costs, strict=True)
        )
        return sum((w * d for w, d in pairs if d != math.inf), fmpq(0))

    def equivocation(self, cells: list[list[Number]]) -> Number:
        """`H(S|Y)` of the masses `P(Y=y, S=s)`, in nats."""
        # A letter that tells its label for certain leaves no doubt: balls alone would leave some.
        doubtful = [cell for cell in cells if sum(not (isinstance(t, fmpq) and t == 0) for t in cell) > 1]
        if not doubtful:
            return fmpq(0)
        terms = sum((entropy_term(arb(t)) for cell in doubtful for t in cell), arb(0))
        return terms - sum((entropy_term(arb(sum(cell, fmpq(0)))) for cell in doubtful), arb(0))

    def independent(self) -> list[list[Number]]:
        """Return the joint law of the source and an output with the target law that does not depend on it."""
        return [[p * q for q in self.target or ()] for p in self.source]

    def coupling(
        self, joint: np.ndarray, tree: list[tuple[int, int]] | None, number: Callable[[int, int], Number] = fmpq
    ) -> list[list[Number]] | None:
        """Return the coupling near doubles that has the laws exactly; None if an entry is not proved to be >= 0.

        Parameters
        ----------
        joint : array, shape (n_X, n_Y)
        tree : list of (x, y), or None
            The entries that a target law determines, parents first; without it, rows are scaled.
        number : callable
            What to make of the numerator and the denominator of a double.
        """
        entries = [[number(*w.as_integer_ratio()) if w else fmpq(0) for w in row] for row in joint.tolist()]
        if tree is None:
            sums = [sum(row, fmpq(0)) for row in entries]
            if not all(mass > 0 for mass in sums):
                return None
            return [[w * p / mass for w in row] for row, mass, p in zip(entries, sums, self.source, strict=True)]
        for x, y in tree:
            entries[x][y] = fmpq(0)
        left = [p - sum(row, fmpq(0)) for p, row in zip(self.source, entries, strict=True)]
        columns = zip(*entries, strict=True)
        left += [q - sum(column, fmpq(0)) for q, column in zip(self.target or (), columns, strict=True)]
        pairs = [(x, len(entries) + y) for x, y in tree]
        degree = np.bincount(np.ravel(pairs), minlength=len(left)).tolist()
        # From the end of the tree on, one node of each edge has no other left.
        for a, b in reversed(pairs):
            child, parent = (a, b) if degree[a] == 1 else (b, a)
            if not left[child] >= 0:
                return None
            entries[a][b - len(entries)] = left[child]
            left[parent] = left[parent] - left[child]
            degree[parent] -= 1
        return entries
