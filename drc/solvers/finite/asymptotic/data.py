"""A finite problem, letters without mass left out: in doubles with what is known of the rounding, and in exact numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from flint import arb, fmpq

from drc.information.entropy import entropy_term
from drc.problems.arrays import read_only
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, is_zero, total
from drc.solvers.arithmetic.rounding import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: No masses, and no costs.
_NONE = Interval.of(np.zeros((0, 0)))

#: How many entries of a plan are written down in exact numbers.
_MOST_EXACT = 4096


@dataclass(frozen=True, eq=False)
class Data:
    """The arrays of a problem, for the letters that matter.

    `xs` and `ys` are the letters kept: those of `X` that have mass, and those of `Y` that may have mass. `d`, of shape
    (n_X, n_Y), is infinite where a pair is forbidden; `p_SX` has the shape (n_S, n_X). `measure` is the perception
    measure, if its bound is active; `reference`, of shape (n_j,), has then the letters of the reference that have mass,
    and `ground`, of shape (n_Y, n_j), the cost of moving mass to them: 0 and 1 for total variation, empty for KL.
    """

    problem: Finite
    xs: np.ndarray
    ys: np.ndarray
    d: Interval
    p_SX: Interval
    p: Interval
    p_Y: Interval | None = None
    measure: str | None = None
    reference: Interval = _NONE
    ground: Interval = _NONE

    @classmethod
    def of(cls, problem: Finite, *, perception: bool = False) -> Data:
        """Take a problem.

        `perception` says whether its bound is active.

        Examples
        --------
        >>> data = Data.of(Finite([[0.5, 0, 0.5]], p_Y=[0.25, 0, 0.75]))
        >>> data.xs.tolist(), data.ys.tolist(), data.distortion.tolist()
        ([0, 2], [0, 2], [[0.0, 1.0], [1.0, 0.0]])
        """
        p_SX, p = Interval.around(problem.joint_law), Interval.around(problem.source_law)
        xs = np.flatnonzero(problem.source_law > 0)
        d = _around(problem.distortions)
        # Where its law is free, an output letter that no source letter may go to has no mass.
        used = np.isfinite(problem.distortions[xs]).any(axis=0)
        ys = np.flatnonzero(used) if used.any() else np.arange(problem.n_Y)
        p_Y, measure, reference, ground = None, None, _NONE, _NONE
        target, likely = problem.target_law, problem.reference_law
        if target is not None:
            ys = np.flatnonzero(target > 0)
            p_Y = Interval.around(target[ys])
        elif perception and problem.perception is not None and likely is not None:
            measure = problem.perception
            law = Interval.around(likely)
            js = np.flatnonzero(likely > 0)
            if measure == "KL":
                ys = js = np.intersect1d(ys, js)
            reference, ground = law[js], _ground(problem, measure, ys, js)
        return cls(problem, xs, ys, d[np.ix_(xs, ys)], p_SX[:, xs], p[xs], p_Y, measure, reference, ground)

    def spread(self, joint: ArrayLike | list[list[Number]]) -> np.ndarray:
        """Return a joint law, or exact entries of one, over all letters; read-only."""
        rows = np.asarray(joint)
        full = np.zeros((self.problem.n_X, self.problem.n_Y), dtype=rows.dtype)
        full[np.ix_(self.xs, self.ys)] = rows
        return read_only(full)

    def padded(self, gamma: np.ndarray) -> np.ndarray:
        """Return what moves the output law to the reference, over all letters."""
        full = np.zeros((self.problem.n_Y, self.problem.n_Y))
        full[np.ix_(self.ys, self.reference_letters)] = gamma
        return full

    def primal(
        self, joint: ArrayLike | list[list[Number]], tree: list | None = None, gamma: np.ndarray | None = None
    ) -> dict[str, object]:
        """Return a coupling as a certificate has it, with the pairs that laws determine and what moves its output law."""
        found: dict[str, object] = {"kind": "coupling", "joint": self.spread(joint)}
        if tree is not None:
            found["tree"] = [[int(self.xs[x]), int(self.ys[y])] for x, y in tree]
        return found if gamma is None else found | {"gamma": self.padded(gamma)}

    @cached_property
    def distortion(self) -> np.ndarray:
        """`d(x, y)` in doubles."""
        return np.where(np.isinf(self.d.high), np.inf, self.d.middle)

    @cached_property
    def source(self) -> np.ndarray:
        """`p_X` in doubles, of sum one."""
        return self.p.middle

    @cached_property
    def target(self) -> np.ndarray:
        """`p_Y` in doubles; only with a target law."""
        assert self.p_Y is not None
        return self.p_Y.middle

    @cached_property
    def posterior(self) -> np.ndarray:
        """`p(s|x)` in doubles, shape (n_S, n_X)."""
        return self.p_SX.middle / self.source

    @cached_property
    def scale(self) -> float:
        """The largest finite distortion; one if all are zero."""
        finite = self.distortion[np.isfinite(self.distortion)]
        return float(finite.max(initial=0.0)) or 1.0

    @cached_property
    def ground_scale(self) -> float:
        """The largest ground cost; one if there is none."""
        return float(self.ground.high.max(initial=0.0)) or 1.0

    @property
    def reference_letters(self) -> np.ndarray:
        """The output letters of the problem that have mass in its reference."""
        law = self.problem.reference_law
        return np.arange(0) if law is None else np.flatnonzero(law > 0)

    @property
    def law_at_rest(self) -> np.ndarray:
        """The output law that is nearest to the reference: that to which it moves at the least cost."""
        reference = self.reference.middle
        if self.ground.high.size:
            reference = np.bincount(self.ground.high.argmin(axis=0), weights=reference, minlength=len(self.ys))
        return reference / reference.sum()

    @property
    def must_be_reference(self) -> bool:
        """Whether a perception of zero leaves no law but the reference."""
        off = self.problem.ground_costs
        if self.measure != "W2" or off is None:
            return True
        return bool((off + np.eye(len(off)) > 0).all() and not np.diag(off).any())

    @property
    def whole_reference(self) -> bool:
        """Whether the letters of the reference kept here have all of its mass."""
        return len(self.reference.low) == len(self.reference_letters)


def _around(values: np.ndarray) -> Interval:
    around = Interval.around(values)
    # Small integers, and zero above all, are what they are.
    whole = np.isinf(values) | ((values == np.rint(values)) & (np.abs(values) < 2.0**52))
    return Interval(np.where(whole, values, around.low), np.where(whole, values, around.high))


def _ground(problem: Finite, measure: str, ys: np.ndarray, js: np.ndarray) -> Interval:
    if measure == "TV":
        return Interval.of((ys[:, None] != js[None]).astype(float))
    costs = problem.ground_costs
    return _NONE if measure == "KL" or costs is None else _around(costs)[np.ix_(ys, js)]


@dataclass(frozen=True, eq=False)
class ExactLaws:
    """The laws of a problem in exact numbers or balls, for the letters kept; entropies are in nats."""

    data: Data

    @property
    def rational(self) -> bool:
        """Whether plans can be put down in exact numbers: all masses are rational, and there are not too many."""
        problem = self.data.problem
        rows = [*problem.p_SX, *(law for law in (problem.p_Y, problem.reference) if law is not None)]
        return self.data.d.low.size <= _MOST_EXACT and all(isinstance(v, Fraction) for row in rows for v in row)

    @cached_property
    def labels(self) -> list[list[Number]]:
        """`p(s, x)`: n_S rows."""
        return [[exact_or_ball(row[x]) for x in self.data.xs] for row in self.data.problem.p_SX]

    @cached_property
    def source(self) -> list[Number]:
        """`p(x)`."""
        return [total(column) for column in zip(*self.labels, strict=True)]

    @cached_property
    def target(self) -> list[Number] | None:
        """`p_Y`."""
        return (
            None if self.data.problem.p_Y is None else [exact_or_ball(self.data.problem.p_Y[y]) for y in self.data.ys]
        )

    @cached_property
    def distortion(self) -> list[list[Number | float]]:
        """`d(x, y)`; infinite where a pair is forbidden."""
        rows = [[self.data.problem.exact_distortion[x][y] for y in self.data.ys] for x in self.data.xs]
        return [[math.inf if d == math.inf else exact_or_ball(d) for d in row] for row in rows]

    def cost(self, entries: list[list[Number]]) -> Number:
        """Return the distortion of a joint law."""
        pairs = (
            pair for row, costs in zip(entries, self.distortion, strict=True) for pair in zip(row, costs, strict=True)
        )
        # What is left is not a float, which flint would not multiply.
        return total(w * d for w, d in pairs if d != math.inf)  # pyright: ignore[reportOperatorIssue]

    def equivocation(self, cells: list[list[Number]]) -> Number:
        """`H(S|Y)` of the masses `P(Y=y, S=s)`, in nats."""
        # A letter that tells its label for certain leaves no doubt: balls alone would leave some.
        doubtful = [cell for cell in cells if sum(not is_zero(t) for t in cell) > 1]
        if not doubtful:
            return fmpq(0)
        terms = sum((entropy_term(arb(t)) for cell in doubtful for t in cell), arb(0))
        return terms - sum((entropy_term(arb(total(cell))) for cell in doubtful), arb(0))

    def told(self, joint: list[list[Number]]) -> dict[str, Number]:
        """Return "R" and "C" in nats: what is told of the source, given their joint law, and what is left of the label."""
        law = [total(column) for column in zip(*joint, strict=True)]
        rate = sum((entropy_term(arb(p)) for p in (*self.source, *law)), arb(0))
        rate -= sum((entropy_term(arb(w)) for row in joint for w in row), arb(0))
        rows = [[w / p for w in row] for row, p in zip(joint, self.source, strict=True)]
        cells = [
            [total(label[x] * row[j] for x, row in enumerate(rows)) for label in self.labels] for j in range(len(law))
        ]
        # Independence, whose rate is zero, is not seen by balls.
        if all(w == p * q for row, p in zip(joint, self.source, strict=True) for w, q in zip(row, law, strict=True)):
            rate = fmpq(0)
        return {"R": rate, "C": self.equivocation(cells)}

    def independent(self) -> list[list[Number]]:
        """Return the joint law of the source and an output with the target law that does not depend on it."""
        return [[p * q for q in self.target or ()] for p in self.source]

    def coupling(
        self, joint: np.ndarray, tree: list[tuple[int, int]] | None, number: Callable[[int, int], Number] = fmpq
    ) -> list[list[Number]] | None:
        """Return the coupling near doubles that has the laws exactly; None if an entry is not proved to be >= 0.

        `joint` has the shape (n_X, n_Y). `tree` has the entries (x, y) that a target law determines, parents first;
        without it, rows are scaled. `number` makes a number of the numerator and the denominator of a double.
        """
        entries = [[number(*w.as_integer_ratio()) if w else fmpq(0) for w in row] for row in joint.tolist()]
        return self.completed(entries, tree)

    def completed(self, entries: list[list[Number]], tree: list[tuple[int, int]] | None) -> list[list[Number]] | None:
        """Return the coupling near another one that has the laws exactly; None if an entry is not proved to be >= 0.

        Entries on the tree are changed in place; the tree is as in `coupling`.
        """
        if tree is None:
            sums = [total(row) for row in entries]
            if not all(mass > 0 for mass in sums):
                return None
            return [[w * p / mass for w in row] for row, mass, p in zip(entries, sums, self.source, strict=True)]
        for x, y in tree:
            entries[x][y] = fmpq(0)
        left = [p - total(row) for p, row in zip(self.source, entries, strict=True)]
        columns = zip(*entries, strict=True)
        left += [q - total(column) for q, column in zip(self.target or (), columns, strict=True)]
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
