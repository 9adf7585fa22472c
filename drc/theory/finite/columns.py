"""The linear program of a finite one-shot problem: a column for each map from source to output, with its exact entropies.

With common randomness a code is a random deterministic map, so that distortion, rate, what the classifier does not know,
and the law of the output are linear in the weights of the maps ([liu2022]). A bound on perception has further columns,
which move mass from the law of the output to the reference.
"""

# pyright: reportIndexIssue=false, reportGeneralTypeIssues=false, reportReturnType=false, reportOperatorIssue=false
# pyright: reportOptionalIterable=false, reportOptionalSubscript=false
# A problem's fields are declared as what a caller may give, and flint ships no types.

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product

import numpy as np
from flint import fmpq

from drc.errors import NotAvailableError, must
from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.theory.finite.logarithms import Exact, exact_fraction, total
from drc.types import Floats, Integers, Rational

#: More maps than this are not listed.
MOST_MAPS = 1 << 20

Point = tuple[Exact, ...]
Row = tuple[Rational, ...]


@dataclass(frozen=True, eq=False)
class Columns:
    """The program: minimise over weights `w >= 0` of the columns, subject to `rows w = right`.

    Attributes
    ----------
    problem : Finite
        One-shot, the classifier sees `(Y, U)`, all masses and costs fractions.

    Raises
    ------
    NotAvailableError
        For another setting, a perception measure that is not linear, or numbers that are not fractions.
    ProblemError
        For more than 1,048,576 maps.

    Examples
    --------
    >>> columns = Columns(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]))
    >>> columns.names, len(columns)
    (('D', 'R', 'C'), 4)
    >>> [float(x) for x in columns.point(1)]
    [0.0, 0.6931471805599453, 0.0]
    """

    problem: Finite
    _points: dict[int, Point] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.problem.id != "finite.one-shot.YU":
            raise NotAvailableError(
                f"exact surfaces of {self.problem.id} are not available: in one shot, when the classifier sees (Y, U), the"
                " problem is a linear program"
            )
        if self.problem.perception not in (None, "TV", "W2"):
            raise NotAvailableError(
                f"exact surfaces with perception {self.problem.perception!r} are not available: 'TV' and 'W2' are linear"
            )
        if (count := len(self.letters_Y) ** len(self.letters_X)) > MOST_MAPS:
            raise must("the number of maps", f"be at most {MOST_MAPS:,}", got=f"{count:,}")

    def __len__(self) -> int:
        return len(self.floats)

    @property
    def names(self) -> tuple[str, ...]:
        """What a plan has as a point: distortions, rate, what it leaves unknown of labels, distance in perception."""
        costs, labels = names_of(self.problem)
        return (*costs, "R", *labels, *(["P"] if self.problem.perception else []))

    @cached_property
    def laws(self) -> tuple[tuple[Row, ...], ...]:
        """The joint laws of each label and the source, exactly."""
        laws = self.problem.labels or (self.problem.p_SX,)
        return tuple(tuple(tuple(exact_fraction("p_SX", p) for p in row) for row in law) for law in laws)

    @cached_property
    def masses(self) -> Row:
        """The law of the source, exactly."""
        return tuple(map(sum, zip(*self.laws[0], strict=True)))

    @cached_property
    def letters_X(self) -> tuple[int, ...]:
        """The source letters that have mass."""
        return tuple(x for x in range(self.problem.n_X) if self.masses[x] != 0)

    @cached_property
    def letters_Y(self) -> tuple[int, ...]:
        """The output letters that may have mass."""
        law = self.problem.p_Y
        return tuple(y for y in range(self.problem.n_Y) if law is None or law[y] != 0)

    @cached_property
    def maps(self) -> Integers:
        """Each map as a row: for each letter of `letters_X` the output letter. Maps of infinite cost are left out."""
        maps = np.array(list(product(self.letters_Y, repeat=len(self.letters_X))), dtype=np.int64)
        allowed = [
            np.isfinite(each.distortions[list(self.letters_X), maps]).all(axis=1) for each in self.problem.each_cost
        ]
        return maps[np.all(allowed, axis=0)]

    @cached_property
    def moves(self) -> tuple[tuple[int, int], ...]:
        """The pairs of output letters between which mass may move on the way to the reference."""
        if not self.problem.perception:
            return ()
        ends = range(self.problem.n_Y)
        return tuple(product(ends, ends))

    @cached_property
    def floats(self) -> Floats:
        """The points of all columns, shape (count, number of coordinates); information in nats."""
        from scipy.special import entr

        problem, letters = self.problem, list(self.letters_X)
        p, place = problem.source_law[letters], np.arange(len(letters))
        values = [(p * each.distortions[letters][place, self.maps]).sum(axis=1) for each in self.problem.each_cost]
        to = np.stack([self.maps == y for y in range(problem.n_Y)])
        values.append(entr(to @ p).sum(axis=0))
        for each in problem.each_label:
            values.append(_unknown(problem.uncertainty, to @ each.joint_law[:, letters].T))
        if not problem.perception:
            return np.stack(values, axis=1)
        ground = np.array([float(_ground(problem, *move)) for move in self.moves])
        maps = np.stack([*values, np.zeros(len(self.maps))], axis=1)
        return np.concatenate([maps, np.stack([*[0 * ground] * len(values), ground], axis=1)])

    @cached_property
    def sizes(self) -> Floats:
        """For each coordinate the size of the terms of which it is the sum or the difference, and rounding a part."""
        largest = np.abs(self.floats).max(axis=0, initial=0.0)
        # What is unknown of a label is what is left of an entropy, or of one, and may be much less.
        left = [1.0 + largest[self.names.index("R")] if name[0] == "C" else 0.0 for name in self.names]
        return largest + left

    @cached_property
    def rows(self) -> Floats:
        """The columns of the equations, shape (count, number of equations)."""
        n_Y, letters = self.problem.n_Y, list(self.letters_X)
        p = self.problem.source_law[letters]
        masses = np.stack([(self.maps == y) @ p for y in range(n_Y)], axis=1)
        if self.problem.perception:
            moving = np.array([[float(v) for v in self._moving(*move)] for move in self.moves])
            return np.concatenate([np.concatenate([masses, np.zeros_like(masses)], axis=1), moving])
        return np.ones((len(masses), 1)) if self.problem.p_Y is None else masses[:, list(self.letters_Y)]

    @cached_property
    def right(self) -> Row:
        """The right sides of the equations: the target law, or that the weights are a law; else the reference."""
        if self.problem.perception:
            reference = [exact_fraction("reference", p) for p in self.problem.reference]
            return (*[fmpq(0)] * self.problem.n_Y, *reference)
        if self.problem.p_Y is None:
            return (fmpq(1),)
        return tuple(exact_fraction("p_Y", self.problem.p_Y[y]) for y in self.letters_Y)

    def row(self, j: int) -> Row:
        """Return the exact column of the equations."""
        if j >= len(self.maps):
            return self._moving(*self.moves[j - len(self.maps)])
        masses = [fmpq(0)] * self.problem.n_Y
        for x, y in zip(self.letters_X, self.maps[j], strict=True):
            masses[y] += self.masses[x]
        if self.problem.perception:
            return (*masses, *[fmpq(0)] * self.problem.n_Y)
        return (fmpq(1),) if self.problem.p_Y is None else tuple(masses[y] for y in self.letters_Y)

    def point(self, j: int) -> Point:
        """Return the exact coordinates of a column; information in nats."""
        if j not in self._points:
            self._points[j] = self._point(j)
        return self._points[j]

    def _point(self, j: int) -> Point:
        if j >= len(self.maps):
            ground = _ground(self.problem, *self.moves[j - len(self.maps)])
            return (*[Exact.of(0)] * (len(self.names) - 1), Exact.of(ground))
        pairs = list(zip(self.letters_X, self.maps[j].tolist(), strict=True))
        tables = (each.exact_distortion for each in self.problem.each_cost)
        costs = (sum(self.masses[x] * exact_fraction("distortion", table[x][y]) for x, y in pairs) for table in tables)
        values = [*map(Exact.of, costs), _entropy([sum(cell) for cell in self.cells(j)])]
        values += [total([self._left(cell) for cell in self.cells(j, k)]) for k in range(len(self.laws))]
        return (*values, Exact.of(0)) if self.problem.perception else tuple(values)

    def cells(self, j: int, label: int = 0) -> list[Row]:
        """Return the masses of a label in each block of a map."""
        law = self.laws[label]
        return [tuple(sum(row[x] for x in block) for row in law) for block in self.blocks(j)]

    def _left(self, cell: Row) -> Exact:
        """What is unknown of the label in a block, times its mass."""
        kind = self.problem.uncertainty
        if kind == "entropy":
            return _entropy(list(cell)) - _entropy([sum(cell)])
        return Exact.of(unknown(kind, cell))

    def blocks(self, j: int) -> tuple[tuple[int, ...], ...]:
        """Which source letters a map sends to one output letter."""
        image = self.maps[j].tolist()
        found = {y: tuple(x for x, z in zip(self.letters_X, image, strict=True) if z == y) for y in image}
        return tuple(sorted(found.values()))

    def _moving(self, y: int, z: int) -> Row:
        """Mass of a weight that goes from letter `y` of the output to letter `z` of the reference."""
        n_Y = self.problem.n_Y
        return tuple(fmpq(-1) if i == y else fmpq(1) if i == n_Y + z else fmpq(0) for i in range(2 * n_Y))


def _ground(problem: Finite, y: int, z: int) -> Rational:
    """What it costs to move mass: of total variation, one for any other letter."""
    if problem.perception == "TV":
        return fmpq(int(y != z))
    return exact_fraction("ground", problem.exact_ground[y][z])


def unknown(kind: str, cell: Row) -> Rational:
    """Return the error of the best guess of a label, or its Gini index, times the mass of the block."""
    # The catalogue looks into this folder, and is not to wait for the solvers.
    from drc.solvers.arithmetic.balls import uncertainty

    return uncertainty(kind, cell, in_bits=False)


def _unknown(kind: str, joint: Floats) -> Floats:
    """The same in doubles, entropies too, summed over the blocks in the first axis."""
    from scipy.special import entr

    mass = joint.sum(axis=2)
    if kind == "entropy":
        return (entr(joint).sum(axis=2) - entr(mass)).sum(axis=0)
    known = joint.max(axis=2) if kind == "error" else (joint**2).sum(axis=2) / np.where(mass > 0, mass, 1.0)
    return (mass - known).sum(axis=0)


def _entropy(masses: Sequence[Rational | int]) -> Exact:
    return total([Exact.log(fmpq(p)).times(-p) for p in masses if p != 0])
