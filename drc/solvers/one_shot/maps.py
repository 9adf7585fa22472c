"""All maps from source letters to output letters, and what each of them costs ([nguyen2026], section 3).

A map `f` splits the source letters into cells, one for each output letter `y`; with `A = f^{-1}(y)`

    D_f = sum_y sum_{x in A} p(x) d(x, y),   R_f = H(f(X)) = sum_y -P(A) log P(A),
    C_f = H(S | f(X)) = sum_y sum_s -p(s, A) log(p(s, A) / P(A)),

sums of functions of cells: they are tabulated for each subset of the source letters, once for a problem.

Letters that cannot matter are left out. A source letter of mass zero is never seen. A map that uses an output letter
to which the target law gives no mass has weight zero, because each of its letters has positive mass.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import arb, fmpq

from drc.errors import ProblemError
from drc.problems.finite import Finite
from drc.solvers.balls import PRECISION, Number, exact_or_ball, logarithm, precision

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

    Attributes
    ----------
    problem : Finite
    unit : {"bits", "nats"}
        The unit of `R_f` and `C_f`.
    bits : int
        The precision of balls.

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

    @cached_property
    def xs(self) -> tuple[int, ...]:
        """The source letters that have mass."""
        columns = zip(*self.problem.p_SX, strict=True)
        return tuple(x for x, column in enumerate(columns) if any(p != 0 for p in column))

    @cached_property
    def ys(self) -> tuple[int, ...]:
        """The output letters that may be used."""
        p_Y = self.problem.p_Y
        return tuple(y for y in range(self.problem.n_Y) if p_Y is None or p_Y[y] != 0)

    @property
    def count(self) -> int:
        """How many maps there are."""
        return len(self.ys) ** len(self.xs)

    @cached_property
    def target(self) -> tuple | None:
        """The target law over `ys`; None if it is free."""
        p_Y = self.problem.p_Y
        with precision(self.bits):
            return None if p_Y is None else tuple(exact_or_ball(p_Y[y]) for y in self.ys)

    @cached_property
    def _joint(self) -> tuple:
        """For each letter of `xs`, its masses with each label; labels of mass zero are dropped."""
        rows = [[exact_or_ball(row[x]) for x in self.xs] for row in self.problem.p_SX if any(p != 0 for p in row)]
        return tuple(zip(*rows, strict=True))

    @cached_property
    def _cells(self) -> list:
        """For each subset of `xs` as a bit mask: `P(A)`, `-P log P`, and `P(A) H(S|A)`."""
        with precision(self.bits):
            masses = [None] * 2 ** len(self.xs)
            masses[0] = (fmpq(0),) * len(self._joint[0])
            for mask in range(1, len(masses)):
                top = mask.bit_length() - 1
                rest = masses[mask ^ (1 << top)]
                masses[mask] = tuple(a + b for a, b in zip(rest, self._joint[top], strict=True))
            # All letters together have mass one exactly, also where the single masses are irrational.
            return [
                *(self._cell(mass, sum(mass, fmpq(0))) for mass in masses[:-1]),
                self._cell(masses[-1], fmpq(1)),
            ]

    def _cell(self, masses: tuple, P: Number) -> tuple[Number, Number, Number]:
        in_bits = self.unit == "bits"
        if isinstance(P, fmpq) and P == 0:
            return P, P, P
        labels = (p for p in masses if not (isinstance(p, fmpq) and p == 0))
        spread = (p * logarithm(p / P, in_bits) for p in labels)
        return P, -P * logarithm(P, in_bits), -sum(spread, fmpq(0))

    @cached_property
    def _distortion(self) -> list:
        """`p(x) d(x, y)` for each letter of `ys` and `xs`."""
        d = self.problem.exact_distortion
        with precision(self.bits):
            p = [sum(masses, fmpq(0)) for masses in self._joint]
            return [[q * exact_or_ball(d[x][y]) for q, x in zip(p, self.xs, strict=True)] for y in self.ys]

    @cached_property
    def assignments(self) -> np.ndarray:
        """Each map as a row: for each letter of `xs`, which letter of `ys` it goes to; shape (count, len(xs)).

        Raises
        ------
        ProblemError
            If there are more than MOST_MAPS.
        """
        n_x, n_y = len(self.xs), len(self.ys)
        if self.count > MOST_MAPS:
            raise ProblemError(
                f"{n_y} output letters for {n_x} source letters make {n_y}^{n_x} = {self.count:.3g} maps:"
                f" allowed are {MOST_MAPS} at most; merge letters"
            )
        index = np.arange(self.count)
        return np.stack([(index // n_y**i % n_y).astype(np.int16) for i in reversed(range(n_x))], axis=1)

    @cached_property
    def floats(self) -> dict[str, np.ndarray]:
        """`D`, `R`, `C` (shape (count,)) and `law` (shape (count, len(ys))) of all maps, in doubles.

        Each is a sum of at most `len(xs)` terms, none negative and each right to two units in the last place, so that its
        relative error is at most `(len(xs) + 2) 2^-52`.
        """
        assignments = self.assignments
        P, ent, cond = (np.array([float(cell[i]) for cell in self._cells]) for i in range(3))
        D = np.zeros(self.count)
        R, C, law = np.zeros(self.count), np.zeros(self.count), np.zeros((self.count, len(self.ys)))
        powers = 1 << np.arange(len(self.xs))
        for y, row in enumerate(self._distortion):
            here = assignments == y
            masks = here @ powers
            D += here @ np.array([float(v) for v in row])
            # A ball around zero may have a middle below it; the quantities have none.
            R += np.maximum(ent, 0.0)[masks]
            C += np.maximum(cond, 0.0)[masks]
            law[:, y] = P[masks]
        return {"D": D, "R": R, "C": C, "law": law}

    @cached_property
    def _columns(self) -> dict[int, Column]:
        return {}

    def column(self, index: int) -> Column:
        """Return the map of this index, exactly or as balls."""
        if index not in self._columns:
            with precision(self.bits):
                self._columns[index] = self._column(index)
        return self._columns[index]

    def _column(self, index: int) -> Column:
        assignment = self.assignments[index].tolist()
        cells = [0] * len(self.ys)
        D = fmpq(0)
        for i, y in enumerate(assignment):
            cells[y] |= 1 << i
            D = D + self._distortion[y][i]
        found = [self._cells[mask] for mask in cells]
        R, C = (sum((cell[i] for cell in found), fmpq(0)) for i in (1, 2))
        return Column(D, R, C, tuple(cell[0] for cell in found))

    def constant(self, y: int) -> int:
        """Return the index of the map that sends everything to `ys[y]`."""
        return sum(y * len(self.ys) ** i for i in range(len(self.xs)))

    def full_map(self, index: int) -> tuple[int, ...]:
        """Return the map over all source letters, as indices into the output letters.

        A letter of mass zero is never seen; it goes where the first one that is seen goes.
        """
        assignment = self.assignments[index].tolist()
        seen = {x: self.ys[y] for x, y in zip(self.xs, assignment, strict=True)}
        return tuple(seen.get(x, self.ys[assignment[0]]) for x in range(self.problem.n_X))

    def index_of(self, full_map: tuple[int, ...]) -> int:
        """Return the index of a map over all source letters.

        Raises
        ------
        ValueError
            If it uses an output letter that the target law gives no mass.
        """
        index = 0
        for x in self.xs:
            index = index * len(self.ys) + self.ys.index(full_map[x])
        return index


def is_zero(value: Number) -> bool:
    """Tell whether a number is proved to be zero."""
    return value == 0 if isinstance(value, fmpq) else bool(arb(value) == 0)
