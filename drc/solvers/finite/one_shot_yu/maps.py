"""All maps from source letters to output letters, and what each of them costs ([nguyen2026], section 3).

A map `f` splits the source letters into cells, one for each output letter `y`; with `A = f^{-1}(y)`

    D_f = sum_y sum_{x in A} p(x) d(x, y),   R_f = H(f(X)) = sum_y -P(A) log P(A),
    C_f = H(S | f(X)) = sum_y sum_s -p(s, A) log(p(s, A) / P(A)),

sums of functions of cells: each cell is evaluated once for a problem. A map's index is the number whose digits, to the
base `|Y|`, say where each letter goes; it may be larger than any machine word.

Letters that cannot matter are left out. A source letter of mass zero is never seen; letters that cannot be told apart are
one. A map that uses an output letter to which the target law gives no mass has weight zero, because each of its letters
has positive mass. A map that uses a forbidden pair (of infinite distortion) is not used.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import fmpq

from drc.errors import ProblemError
from drc.problems.arrays import read_only
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import (
    PRECISION,
    Number,
    exact_or_ball,
    is_zero,
    logarithm,
    precision,
    total,
    uncertainty,
)

#: How many maps are enumerated at most. Beyond it memory goes first: a map takes some hundred bytes.
MOST_MAPS = 1_000_000


@dataclass(frozen=True, eq=False)
class Column:
    """What one map contributes to the linear program, exactly or as balls: `D_f`, `R_f`, `C_f`, law of `f(X)`."""

    D: Number
    R: Number
    C: Number
    law: tuple

    def quantity(self, name: str) -> Number:
        """Return `D`, `R` or `C` by its letter."""
        return getattr(self, name)


@dataclass(frozen=True, eq=False)
class Maps:
    """The deterministic maps of a finite problem.

    `unit` is that of `R_f` and `C_f`, `bits` the precision of balls. The output has no mass outside of the support of
    the law `support`, which, left out, is the target law.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]))
    >>> maps.count, maps.floats["R"].tolist()
    (4, [0.0, 1.0, 1.0, 0.0])
    """

    problem: Finite
    unit: str = "bits"
    bits: int = PRECISION
    support: tuple | None = None
    _cells: dict[int, tuple] = field(init=False, repr=False, default_factory=dict)
    _columns: dict[int, Column] = field(init=False, repr=False, default_factory=dict)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The source letters that have mass; those that cannot be told apart are one group.

        Letters with the same posterior of the label and the same distortions go to the same output letter in some optimal
        map: what is minimised over maps is concave in how their joint mass is split.
        """
        d, columns = self.problem.exact_distortion, list(zip(*self.problem.p_SX, strict=True))
        # Most letters differ in the doubles already; only the others are compared exactly.
        rows = [row.tobytes() for row in self.problem.distortions]
        shared = Counter(rows)
        found: dict[Any, list[int]] = {}
        for x, column in enumerate(columns):
            if any(column):
                alike = (_posterior(column), d[x]) if shared[rows[x]] > 1 else x
                found.setdefault(alike, []).append(x)
        return tuple(map(tuple, found.values()))

    @cached_property
    def xs(self) -> tuple[int, ...]:
        """The first source letter of each group."""
        return tuple(group[0] for group in self.groups)

    @cached_property
    def ys(self) -> tuple[int, ...]:
        """The output letters that may be used: by their law, and by some letter where that law is free."""
        law = self.problem.p_Y if self.support is None else self.support
        used = np.asarray(np.isfinite(self.problem.distortions[list(self.xs)]).any(axis=0)) | (
            self.problem.p_Y is not None
        )
        return tuple(y for y in range(self.problem.n_Y) if used[y] and (law is None or law[y] != 0))

    @cached_property
    def count(self) -> int:
        """How many maps there are, forbidden ones among them."""
        return len(self.ys) ** len(self.xs)

    @cached_property
    def target(self) -> tuple | None:
        """The target law over `ys`; None if it is free."""
        p_Y = self.problem.p_Y
        with precision(self.bits):
            return None if p_Y is None else tuple(exact_or_ball(p_Y[y]) for y in self.ys)

    @cached_property
    def allowed(self) -> np.ndarray:
        """Which pairs have a finite distortion; shape (len(xs), len(ys))."""
        d = self.problem.exact_distortion
        return np.array([[not is_infinite(d[x][y]) for y in self.ys] for x in self.xs])

    @cached_property
    def constants(self) -> dict[int, int]:
        """For each place in `ys` whose constant map is allowed: the index of that map."""
        return {int(y): self.constant(int(y)) for y in np.flatnonzero(self.allowed.all(axis=0))}

    @cached_property
    def masses(self) -> tuple:
        """For each group, its masses with each label, exactly or as balls; labels of mass zero are dropped."""
        with precision(self.bits):
            rows = [
                [total(exact_or_ball(row[x]) for x in group) for group in self.groups]
                for row in self.problem.p_SX
                if any(p != 0 for p in row)
            ]
        return tuple(zip(*rows, strict=True))

    @cached_property
    def _whole(self) -> tuple[int, list]:
        """A common denominator of all masses, and the numerators; zero and the masses if one is not a fraction."""
        rows = [[*masses] for masses in self.masses]
        if not all(isinstance(p, fmpq) for masses in rows for p in masses):
            return 0, rows
        one = math.lcm(*(int(p.q) for masses in rows for p in masses))
        return one, [[int(p.p) * (one // int(p.q)) for p in masses] for masses in rows]

    def cell(self, mask: int) -> tuple[Number, Number, Number]:
        """Return `P(A)`, `-P(A) log P(A)` and `P(A) H(S|A)` of a set of groups, given as a bit mask.

        To be called within the working precision.
        """
        if mask not in self._cells:
            one, rows = self._whole
            inside = [masses for i, masses in enumerate(rows) if mask >> i & 1]
            labels = [sum(column) for column in zip(*inside, strict=True)]
            # All letters together have mass one exactly, also where the single masses are irrational.
            P = fmpq(1) if len(inside) == len(rows) else fmpq(sum(labels), one) if one else total(labels)
            self._cells[mask] = self._cell([fmpq(p, one) for p in labels] if one else labels, P)
        return self._cells[mask]

    def _cell(self, masses: list, P: Number) -> tuple[Number, Number, Number]:
        in_bits = self.unit == "bits"
        if is_zero(P):
            return P, P, P
        return P, -P * logarithm(P, in_bits), uncertainty(self.problem.uncertainty, masses, in_bits)

    @cached_property
    def weighted_distortion(self) -> list:
        """`p(x) d(x, y)` for each letter of `ys` and each group; infinite for a forbidden pair."""
        d = self.problem.exact_distortion
        with precision(self.bits):
            p = [total(masses) for masses in self.masses]
            return [
                [
                    q * exact_or_ball(d[x][y]) if not is_infinite(d[x][y]) else math.inf
                    for q, x in zip(p, self.xs, strict=True)
                ]
                for y in self.ys
            ]

    @cached_property
    def assignments(self) -> np.ndarray:
        """Each map as a row: for each group, which letter of `ys` it goes to; shape (count, len(xs)).

        Raises `ProblemError` if there are more than MOST_MAPS.
        """
        n_x, n_y = len(self.xs), len(self.ys)
        if self.count > MOST_MAPS:
            raise ProblemError(
                f"the maps from {n_x} source letters to {n_y} output letters must be at most {MOST_MAPS}, got {n_y}^{n_x} ="
                f" {self.count:.3g}; method='column generation' takes more"
            )
        index = np.arange(self.count)
        return np.stack([(index // n_y**i % n_y).astype(np.int16) for i in reversed(range(n_x))], axis=1)

    @cached_property
    def forbidden(self) -> np.ndarray:
        """Which of all maps use a forbidden pair; shape (count,)."""
        return np.asarray(~self.allowed[np.arange(len(self.xs)), self.assignments].all(axis=1))

    @cached_property
    def floats(self) -> dict[str, np.ndarray]:
        """`D`, `R`, `C` (shape (count,)) and `law` (shape (count, len(ys))) of all maps, in doubles.

        Each is a sum of at most `len(xs)` terms, none negative and each right to two units in the last place, so that its
        relative error is at most `(len(xs) + 2) 2^-52`. Forbidden pairs add nothing to `D` here.
        """
        assignments = self.assignments
        # One output letter has one set of letters, not all that there are.
        masks = [2 ** len(self.xs) - 1] if len(self.ys) == 1 else range(2 ** len(self.xs))
        P, ent, cond = (np.zeros(2 ** len(self.xs)) for _ in range(3))
        with precision(self.bits):
            for mask in masks:
                P[mask], ent[mask], cond[mask] = map(float, self.cell(mask))
        D = np.zeros(self.count)
        R, C, law = np.zeros(self.count), np.zeros(self.count), np.zeros((self.count, len(self.ys)))
        powers = 1 << np.arange(len(self.xs))
        for y, row in enumerate(self.weighted_distortion):
            here = assignments == y
            masks = here @ powers
            D += here @ np.array([0.0 if v == math.inf else float(v) for v in row])
            # A ball around zero may have a middle below it; the quantities have none.
            R += np.maximum(ent, 0.0)[masks]
            C += np.maximum(cond, 0.0)[masks]
            law[:, y] = P[masks]
        return {"D": D, "R": R, "C": C, "law": law}

    def column(self, index: int) -> Column:
        """Return the map of this index, exactly or as balls."""
        if index not in self._columns:
            with precision(self.bits):
                self._columns[index] = self._column(index)
        return self._columns[index]

    def _column(self, index: int) -> Column:
        cells = [0] * len(self.ys)
        D = fmpq(0)
        for i, y in enumerate(self.assignment(index)):
            cells[y] |= 1 << i
            D = D + self.weighted_distortion[y][i]
        found = [self.cell(mask) for mask in cells]
        R, C = (total(cell[i] for cell in found) for i in (1, 2))
        return Column(D, R, C, tuple(cell[0] for cell in found))

    def assignment(self, index: int) -> list[int]:
        """Return where a map sends each group, as places in `ys`: the digits of its index."""
        digits, n_Y = [], len(self.ys)
        for _ in self.groups:
            index, digit = divmod(index, n_Y)
            digits.append(digit)
        return digits[::-1]

    def index(self, assignment: Iterable[int]) -> int:
        """Return the index of the map that sends each group to a place in `ys`.

        Examples
        --------
        >>> from drc.problems import Finite
        >>> maps = Maps(Finite([[0.25, 0.25, 0.5]], p_Y=[0.5, 0.25, 0.25]))
        >>> maps.index([2, 0, 1]), maps.assignment(19)
        (19, [2, 0, 1])
        """
        index = 0
        for y in assignment:
            index = index * len(self.ys) + int(y)
        return index

    def constant(self, y: int) -> int:
        """Return the index of the map that sends everything to `ys[y]`."""
        return self.index([y] * len(self.xs))

    def full_map(self, index: int) -> tuple[int, ...]:
        """Return the map over all source letters, as indices into the output letters.

        A letter of mass zero is never seen; it goes where the first one that is seen goes.
        """
        used = [self.ys[y] for y in self.assignment(index)]
        full = [used[0]] * self.problem.n_X
        for group, y in zip(self.groups, used, strict=True):
            for x in group:
                full[x] = y
        return tuple(full)

    def index_of(self, full_map: tuple[int, ...]) -> int:
        """Return the index of a map over all source letters.

        Raises `ValueError` if it uses an output letter that the target law gives no mass, or splits a group.
        """
        if any(full_map[x] != full_map[group[0]] for group in self.groups for x in group):
            raise ValueError("the map treats letters differently that cannot be told apart")
        return self.index(self.ys.index(full_map[x]) for x in self.xs)


def coupling_of(problem: Finite, plan: Iterable[tuple[float, tuple[int, ...]]]) -> np.ndarray:
    """Return the joint law of `X` and `Y` of weights and maps over all letters, read-only."""
    joint, letters = np.zeros((problem.n_X, problem.n_Y)), np.arange(problem.n_X)
    for weight, full_map in plan:
        joint[letters, full_map] += weight * problem.source_law
    return read_only(joint)


def _posterior(column: tuple) -> tuple:
    """The law of the label given a letter, if it is rational; else the masses themselves, which only merges equal ones."""
    total = sum(column, Fraction(0))
    return tuple(p / total for p in column) if isinstance(total, Fraction) else column


def is_infinite(value: object) -> bool:
    """Tell whether a distortion forbids its pair.

    Examples
    --------
    >>> is_infinite(float("inf")), is_infinite(Fraction(1, 2))
    (True, False)
    """
    # Only floats are infinite; an exact number would be turned into one to be compared.
    return isinstance(value, float) and value == math.inf
