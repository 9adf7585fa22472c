"""What the plans of a linear program reach: the upper hull of all their points, by its corners and its faces.

The set of points that some plan reaches or beats is a polyhedron: the convex hull of finitely many corners, and with each
point all that is larger. It is built from inside. Each face of the hull of the corners known so far is asked whether a plan
lies below it; one that does is a new corner ([motzkin1953] for the faces that it makes), and if none does the multipliers of
the optimal basis prove the face ([ehrgott2012]). Every decision is exact: in doubles where they leave no doubt, else in
numbers of `logarithms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from flint import ctx, fmpq, fmpq_mat

from drc.theory.finite.columns import Columns, Point
from drc.theory.finite.logarithms import BITS, Exact, total
from drc.types import Floats, Rational

#: Below this part of what it is made of, a sum in doubles has no sign.
_DOUBT = 1e-11

#: A corner by its number, or a direction in which the hull has no end, by minus one minus the number of its coordinate.
Generator = int


@dataclass(frozen=True, eq=False)
class Corner:
    """A plan that no mixture of others beats.

    Attributes
    ----------
    basis : tuple of int
        Columns of the program; the plan is the only one that uses no others.
    weights : tuple of fmpq
        Those of the basis.
    point : tuple of Exact
        Its coordinates.
    """

    basis: tuple[int, ...]
    weights: tuple[Rational, ...]
    point: Point


@dataclass(frozen=True, eq=False)
class Face:
    """A face of the hull: all points have `normal x >= offset`.

    Attributes
    ----------
    on : frozenset of int
        The corners and directions that it is made of.
    normal : tuple of Exact
        Not negative.
    offset : Exact
    span : tuple of int
        Corners that determine it, with the directions.
    base, steps : point, and tuple of points
        The first of these corners, and the way to the others.
    basis : tuple of int
        The basis of the program whose multipliers prove the inequality for all plans.
    """

    on: frozenset[Generator]
    normal: Point
    offset: Exact
    span: tuple[int, ...] = ()
    base: Point = ()
    steps: tuple[Point, ...] = ()
    basis: tuple[int, ...] = ()

    @cached_property
    def corners(self) -> tuple[int, ...]:
        """Its corners, in order."""
        return tuple(sorted(g for g in self.on if g >= 0))

    @cached_property
    def free(self) -> tuple[int, ...]:
        """The coordinates that it does not bound."""
        return tuple(sorted(-1 - g for g in self.on if g < 0))

    def slack(self, point: Point) -> int:
        """Return on which side of it a point is: 1 inside, 0 on it, -1 outside."""
        terms = np.append(self.doubles * [float(v) for v in point], -float(self.offset))
        if abs(terms.sum()) > _DOUBT * np.abs(terms).sum():
            return int(np.sign(terms.sum()))
        return self.side(tuple(a - b for a, b in zip(point, self.base, strict=True)))

    def side(self, step: Point) -> int:
        """Return the sign of `normal step`, exactly."""
        product = _dot(self.normal, step)
        # Zeros are mostly of steps that are rational combinations of those that span the face, which is seen at once.
        if product.ball.contains(0) and self._rank([*self.steps, step]) < len(self._bounded):
            return 0
        return product.sign

    @cached_property
    def doubles(self) -> Floats:
        """The normal, rounded."""
        return np.array([float(v) for v in self.normal])

    @property
    def _bounded(self) -> list[int]:
        return [i for i in range(len(self.normal)) if i not in self.free]

    def _rank(self, steps: list[Point]) -> int:
        """Return how many of some steps are independent over the fractions, in the coordinates that the face bounds."""
        rows = [{(i, primes): v for i in self._bounded for primes, v in step[i].terms.items()} for step in steps]
        letters = sorted(set().union(*rows))
        return fmpq_mat([[row.get(letter, fmpq(0)) for letter in letters] for row in rows]).rank() if letters else 0


@dataclass(frozen=True, eq=False)
class Hull:
    """The upper hull of the points of all plans; it is empty if no plan exists.

    Attributes
    ----------
    columns : Columns
    corners : tuple of Corner
    faces : tuple of Face
    """

    columns: Columns
    corners: tuple[Corner, ...]
    faces: tuple[Face, ...]

    def neighbours(self, face: Face) -> tuple[Face, ...]:
        """The faces that share a side with it: what they have in common is in no third face."""
        return tuple(other for other in self.faces if other is not face and _adjacent(face, other, self.faces))


def hull(columns: Columns) -> Hull:
    """Find all corners and faces, and prove that there are no others.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> found = hull(Columns(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])))
    >>> len(found.corners), len(found.faces)
    (2, 5)
    """
    with ctx.workprec(BITS):
        return _hull(Program(columns))


def _hull(program: Program) -> Hull:
    columns = program.columns
    basis = program.start()
    if basis is None:
        return Hull(columns, (), ())
    size = len(columns.names)
    corners = [program.corner(basis)]
    faces = _first(corners[0], size)
    while (todo := next((face for face in faces if face.corners and not face.basis), None)) is not None:
        found = program.minimise(todo, corners[todo.corners[0]].basis)
        corner = program.corner(found)
        if todo.slack(corner.point) < 0:
            corners.append(corner)
            faces = _joined(faces, corners)
        else:
            faces = [replace(todo, basis=found) if face is todo else face for face in faces]
    return _pruned(columns, corners, [face for face in faces if face.corners])


@dataclass(frozen=True, eq=False)
class Program:
    """The linear program, solved for any cost that weighs the coordinates: the simplex method by Bland's rule."""

    columns: Columns

    def start(self) -> tuple[int, ...] | None:
        """Return a feasible basis; None if there is none."""
        # Not at the start, as in `columns`.
        from drc.solvers.arithmetic.simplex import optimum

        rows = [list(self.columns.row(j)) for j in range(len(self.columns))]
        found = optimum(rows, [fmpq(0)] * len(rows), list(self.columns.right))
        if found.missed > 0:
            return None
        return tuple(found.basis)

    def corner(self, basis: tuple[int, ...]) -> Corner:
        """Return the plan of a basis."""
        weights = (self._inverse(basis) * _column(self.columns.right)).entries()
        return Corner(basis, tuple(weights), self._mixture(basis, weights))

    def minimise(self, face: Face, basis: tuple[int, ...]) -> tuple[int, ...]:
        """Return a basis that is optimal for the cost `normal x` of a face, and whose multipliers prove it."""
        while True:
            entering = self.entering(face, basis)
            if entering is None:
                return basis
            inverse = self._inverse(basis)
            direction = (inverse * _column(self.columns.row(entering))).entries()
            weights = (inverse * _column(self.columns.right)).entries()
            ratios = [(w / d, basis[i], i) for i, (w, d) in enumerate(zip(weights, direction, strict=True)) if d > 0]
            place = min(ratios)[2]
            basis = (*basis[:place], entering, *basis[place + 1 :])

    def entering(self, face: Face, basis: tuple[int, ...]) -> int | None:
        """Return the first column that costs less than the mixture of a basis with the same rows; None if none does."""
        inverse = self._inverse(basis)
        n = face.doubles
        own = np.array([[float(v) for v in row] for row in inverse.tolist()])
        shares = self.columns.rows @ own.T
        costs = self.columns.floats @ n
        base = self.columns.floats[list(basis)] @ n
        reduced = costs - shares @ base
        # What the sums are made of, not what is left of it: a share of zero has terms, too.
        size = (n @ self.columns.sizes) * (1 + (np.abs(self.columns.rows) @ np.abs(own).T).sum(axis=1))
        doubtful = np.abs(reduced) <= _DOUBT * size
        doubtful[list(basis)] = False
        for j in np.flatnonzero(doubtful | (reduced < 0)).tolist():
            if j in basis:
                continue
            if not doubtful[j] or face.side(self._excess(j, basis, inverse)) < 0:
                return j
        return None

    def _excess(self, j: int, basis: tuple[int, ...], inverse: fmpq_mat) -> Point:
        """Return the point of a column less that of the mixture of a basis with the same rows."""
        shares = (inverse * _column(self.columns.row(j))).entries()
        mixture = self._mixture(basis, shares)
        return tuple(a - b for a, b in zip(self.columns.point(j), mixture, strict=True))

    def _mixture(self, basis: Sequence[int], weights: Sequence[Rational]) -> Point:
        parts = [
            [coordinate.times(w) for coordinate in self.columns.point(j)]
            for j, w in zip(basis, weights, strict=True)
            if w != 0
        ]
        return tuple(total(list(values)) for values in zip(*parts, strict=True))

    def _inverse(self, basis: tuple[int, ...]) -> fmpq_mat:
        return fmpq_mat([list(row) for row in zip(*(self.columns.row(j) for j in basis), strict=True)]).inv()


def _column(values: Iterable[Rational]) -> fmpq_mat:
    return fmpq_mat([[v] for v in values])


def _dot(a: Point, b: Point) -> Exact:
    return total([x * y for x, y in zip(a, b, strict=True)])


def _first(corner: Corner, size: int) -> list[Face]:
    """The faces of one corner with all that is larger, and the one far away that has the directions alone."""
    faces = [
        Face(
            frozenset({0, *(-1 - j for j in range(size) if j != i)}),
            _unit(i, size),
            corner.point[i],
            (0,),
            corner.point,
        )
        for i in range(size)
    ]
    return [*faces, Face(frozenset(-1 - j for j in range(size)), (Exact.of(0),) * size, Exact.of(-1))]


def _unit(i: int, size: int) -> Point:
    return tuple(Exact.of(int(i == j)) for j in range(size))


def _joined(faces: list[Face], corners: Sequence[Corner]) -> list[Face]:
    """Return the faces of the hull with its last corner: the double description method."""
    new, point = len(corners) - 1, corners[-1].point
    side = [face.slack(point) for face in faces]
    inside = [face for face, s in zip(faces, side, strict=True) if s > 0]
    outside = [face for face, s in zip(faces, side, strict=True) if s < 0]
    touching = [replace(face, on=face.on | {new}) for face, s in zip(faces, side, strict=True) if s == 0]
    made = [through(a.on & b.on | {new}, corners) for a in inside for b in outside if _adjacent(a, b, faces)]
    return [*inside, *touching, *made]


def _adjacent(a: Face, b: Face, faces: Iterable[Face]) -> bool:
    """Whether two faces share a side: of no third face is all that they share."""
    shared = a.on & b.on
    return not any(shared <= face.on for face in faces if face is not a and face is not b)


def through(on: frozenset[Generator], corners: Sequence[Corner]) -> Face:
    """Return the face through some corners and directions."""
    face = Face(on, (), Exact.of(0))
    size = len(corners[0].point)
    bounded = [i for i in range(size) if i not in face.free]
    base, *others = (corners[g].point for g in face.corners)
    steps = [tuple(a - b for a, b in zip(other, base, strict=True)) for other in others]
    for places in combinations(range(len(steps)), len(bounded) - 1):
        chosen = [[steps[place][i] for i in bounded] for place in places]
        minors = [
            _determinant([row[:k] + row[k + 1 :] for row in chosen]).times((-1) ** k) for k in range(len(bounded))
        ]
        sign = next((minor.sign for minor in minors if minor.sign), 0)
        if sign:
            by_place = dict(zip(bounded, minors, strict=True))
            normal = tuple(by_place.get(i, Exact.of(0)).times(sign) for i in range(size))
            span = (face.corners[0], *(face.corners[1 + place] for place in places))
            spanned_by = tuple(steps[place] for place in places)
            return replace(face, normal=normal, offset=_dot(normal, base), span=span, base=base, steps=spanned_by)
    raise ArithmeticError("corners that span no face")


def _determinant(rows: Sequence[Sequence[Exact]]) -> Exact:
    """Return a determinant, by the first row."""
    if not rows:
        return Exact.of(1)
    first, rest = rows[0], rows[1:]
    minors = (_determinant([[*row[:k], *row[k + 1 :]] for row in rest]).times((-1) ** k) for k in range(len(first)))
    return _dot(tuple(first), tuple(minors))


def _pruned(columns: Columns, corners: list[Corner], faces: list[Face]) -> Hull:
    """Leave out what lies inside a face, and number the corners by their coordinates."""

    def faces_of(g: Generator) -> frozenset[int]:
        return frozenset(i for i, face in enumerate(faces) if g in face.on)

    own = {g: faces_of(g) for g in range(len(corners))}
    # A corner is the only point of all its faces; one with those of another generator lies on an edge, or inside a face.
    kept = [g for g, at in own.items() if at and not any(at <= own[h] for h in own if h != g and at != own[h])]
    kept = [g for g in kept if len(own[g]) >= len(columns.names)]
    kept.sort(key=lambda g: [float(v) for v in corners[g].point])
    number = {g: i for i, g in enumerate(kept)}
    numbered = tuple(corners[g] for g in kept)
    faces = [
        replace(through(frozenset(number.get(g, g) for g in f.on if g < 0 or g in number), numbered), basis=f.basis)
        for f in faces
    ]
    faces.sort(key=lambda face: (face.free, face.corners))
    return Hull(columns, numbered, tuple(faces))


def spanned(corners: Sequence[Corner]) -> tuple[Face, ...]:
    """Return the faces of the hull of some corners, and of all that is larger."""
    faces = _first(corners[0], len(corners[0].point))
    for count in range(2, len(corners) + 1):
        faces = _joined(faces, corners[:count])
    return tuple(face for face in faces if face.corners)
