"""The exact vertex: the linear program restricted to a few maps, solved in rational arithmetic.

Irrational entries (entropies, mostly) are replaced by rational ones on the safe side: a plan that is feasible here is
feasible in truth. The margin is 2^-140 or less, so that nothing is lost but the border itself; and on the border, rational
entries (laws, distortions, entropies like one bit) are still exact.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import Number, precision, rational_above, rational_below, rational_middle
from drc.solvers.arithmetic.simplex import Vertex, is_feasible, simplex
from drc.solvers.finite.one_shot_yu.law_ball import Point
from drc.solvers.finite.one_shot_yu.program import Program, primal_bound, reduced_costs
from drc.solvers.request import Clock


@dataclass(frozen=True, eq=False)
class Answer:
    """Weights and multipliers; without weights, the multipliers say why there are none.

    Attributes
    ----------
    weights : dict from the index of a map to fmpq, or None
    duals : dict from the names of bounds to fmpq
    target_duals : tuple of fmpq
        One for each output letter in use; empty if the law is free.
    price : fmpq, arb or None
        A proved lower bound on the price of every map under these multipliers; None if it is found by enumeration.
    proof : dict or None
        The proof of `price`, as a certificate says it.
    transport : rows of fmpq, or None
        Under a bound on TV or W2: from the output law to the reference.
    """

    weights: dict[int, fmpq] | None
    duals: dict[str, fmpq]
    target_duals: tuple
    price: Number | None = None
    proof: dict | None = None
    transport: tuple | None = None


@dataclass(frozen=True, eq=False)
class _Tableau:
    """The restricted program in standard form: maps, slacks, laws, and columns that only find a first basis.

    There is a slack for each bound. The laws are those of a ball under a perception bound. The last columns are a stand-in
    for each constant map that is not among the maps, and one that relaxes all bounds alike.
    """

    indices: tuple[int, ...]
    columns: list
    costs: list
    b: list
    first: tuple[int, ...]
    points: tuple[Point, ...]

    @cached_property
    def equalities(self) -> int:
        """How many rows are equations."""
        return len(self.first)

    @cached_property
    def slacks(self) -> range:
        """The columns of the slacks."""
        return range(len(self.indices), len(self.indices) + len(self.b) - self.equalities)

    @cached_property
    def laws(self) -> range:
        """The columns of the laws of a ball."""
        return range(self.slacks.stop, self.slacks.stop + len(self.points))

    @cached_property
    def artificial(self) -> range:
        """The columns that only find a first basis."""
        return range(self.laws.stop, len(self.columns))


def solve_exactly(
    program: Program,
    indices: list[int],
    support: Sequence[int] = (),
    tighten: fmpq | int = 0,
    points: Sequence[Point] = (),
    clock: Clock | None = None,
) -> Answer:
    """Solve the program over some of its maps.

    Parameters
    ----------
    indices : list of int
        The maps to use. The constant ones that are feasible are added if the support makes no feasible basis.
    support : list of int
        Maps that are thought to carry the optimum: a first guess at the basis.
    tighten : fmpq, optional
        Subtracted from each bound, as room for repairing an irrational target law.
    points : sequence of Point
        Under a perception bound: the laws whose means the output may have, the first ones thought to be in use.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.one_shot_yu.maps import Maps
    >>> program = Program(Maps(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": Fraction(1, 2)})
    >>> solve_exactly(program, [0, 1, 2, 3]).duals
    {'R': 1/2}
    """
    with precision(program.maps.bits):
        t = _tableau(program, [*dict.fromkeys(indices)], tighten, tuple(points))
    for basis in _guesses(t, support):
        with contextlib.suppress(ZeroDivisionError, ValueError):
            first = t.artificial.start
            return _answer(program, t, simplex(t.columns[:first], t.costs[:first], t.b, basis, clock), weights=True)
    with precision(program.maps.bits):
        with_constants = dict.fromkeys([*program.maps.constants.values(), *indices])
        t = _tableau(program, [*with_constants], tighten, tuple(points))
    basis = _first_basis(t)
    if any(j in t.artificial for j in basis):
        costs = [fmpq(int(j in t.artificial)) for j in range(len(t.columns))]
        vertex = simplex(t.columns, costs, t.b, basis, clock)
        if vertex.cost > 0:
            return _answer(program, t, vertex, weights=False)
        basis = _without_artificial(t, list(vertex.basis))
    # An artificial column stays only in a row that all others leave at zero.
    kept = [j for j in range(len(t.columns)) if j not in t.artificial or j in basis]
    columns, costs = [t.columns[j] for j in kept], [t.costs[j] for j in kept]
    vertex = simplex(columns, costs, t.b, [kept.index(j) for j in basis], clock)
    return _answer(program, t, replace(vertex, basis=tuple(kept[j] for j in vertex.basis)), weights=True)


def _tableau(program: Program, indices: list[int], tighten: fmpq | int, points: tuple[Point, ...]) -> _Tableau:
    names, masses = list(program.b), len(program.maps.ys)
    if points:
        # The law of the maps is a mean of points.
        b = [fmpq(0)] * masses + [fmpq(1)]
    else:
        b = [fmpq(1)] if program.maps.target is None else _rational_law(program.maps.target)
    equalities = len(b)
    b += [rational_below(bound) - tighten for bound in program.b.values()]
    columns, costs = [], []
    for f in indices:
        column = program.column(f)
        law = (
            [fmpq(1)]
            if equalities == 1 and not points
            else [*_rational_law(column.law), *([fmpq(0)] if points else [])]
        )
        columns.append(law + [rational_above(column.quantity(name)) for name in names])
        costs.append(rational_middle(column.quantity(program.minimise)))
    columns += [_unit(i, len(b)) for i in range(equalities, len(b))]
    places = {index: j for j, index in enumerate(indices)}
    laws = range(len(columns), len(columns) + len(points))
    columns += [[*(-q for q in point.law), fmpq(1), *[fmpq(0)] * len(names)] for point in points]
    first = []
    for i in range(equalities - bool(points)):
        constant = program.maps.constants.get(i, -1) if len(b) > len(names) + 1 else min(places, default=-1)
        first.append(places.get(constant, len(columns)))
        if constant not in places:
            columns.append(_unit(i, len(b)))
    first += laws[:1]
    columns.append([fmpq(-int(j >= equalities)) for j in range(len(b))])
    costs += [fmpq(0)] * (len(columns) - len(costs))
    return _Tableau(tuple(indices), columns, costs, b, tuple(first), points)


def _unit(i: int, size: int) -> list:
    return [fmpq(int(i == j)) for j in range(size)]


def _rational_law(law: tuple) -> list:
    # The last mass makes the sum one, exactly: the rows must agree with each other.
    masses = [rational_middle(p) for p in law[:-1]]
    return [*masses, 1 - sum(masses, fmpq(0))]


def _guesses(t: _Tableau, support: Sequence[int]) -> list[list[int]]:
    """Make bases of the maps thought to carry the optimum and of slacks, if any fit."""
    basis = [i for i, f in enumerate(t.indices) if f in set(support)]
    # Of the laws of a ball the first are thought to be in use; how many, the number of rows says.
    basis += t.laws[: max(0, t.equalities - len(basis))]
    missing = len(t.b) - len(basis)
    slacks = list(t.slacks)
    if missing < 0 or missing > len(slacks):
        return []
    # With as many slacks missing as there are, or none, there is one choice; else each single one is tried.
    choices = [slacks] if missing == len(slacks) else [[]] if missing == 0 else [[s] for s in slacks]
    return [basis + chosen for chosen in choices if len(chosen) == missing]


def _first_basis(t: _Tableau) -> list[int]:
    """Start from the constant maps; if a bound is violated there, the artificial column takes the place of its slack."""
    basis = [*t.first, *t.slacks]
    # Swapping with the most violated bound makes the others feasible.
    swapped = ([t.artificial[-1] if j == slack else j for j in basis] for slack in t.slacks)
    return next(start for start in itertools.chain([basis], swapped) if is_feasible(t.columns, t.b, start))


def _without_artificial(t: _Tableau, basis: list[int]) -> list[int]:
    """Replace the artificial columns, now at zero, by any columns that keep the basis independent."""
    for place, column in enumerate(basis):
        if column in t.artificial:
            others = (j for j in range(t.artificial.start) if j not in basis)
            swaps = ([*basis[:place], j, *basis[place + 1 :]] for j in others)
            basis = next((swap for swap in swaps if is_feasible(t.columns, t.b, swap)), basis)
    return basis


def _answer(program: Program, t: _Tableau, vertex: Vertex, *, weights: bool) -> Answer:
    y, bits = vertex.multipliers, program.maps.bits
    # Before the optimum the multiplier of a bound may be negative.
    prices = [max(fmpq(0), _rounded(-v, bits)) for v in y[t.equalities :]]
    duals = dict(zip(program.b, prices, strict=True))
    laws = 0 if program.maps.target is None and not t.points else len(program.maps.ys)
    target_duals = tuple(_rounded(v, bits) for v in y[:laws])
    values = dict(zip(vertex.basis, vertex.values, strict=True))
    found = {f: values[j] for j, f in enumerate(t.indices) if values.get(j, 0) > 0}
    shares = [(values.get(j, fmpq(0)), point) for j, point in zip(t.laws, t.points, strict=True)]
    return Answer(found if weights else None, duals, target_duals, transport=mean_transport(shares))


def mean_transport(shares: list[tuple[fmpq, Point]]) -> tuple | None:
    """Return the mean of the transports of some points, if they have any.

    Examples
    --------
    >>> mean_transport([(fmpq(1), Point((fmpq(1),), ((fmpq(1),),)))])
    ((1,),)
    """
    used = [(share, point.transport) for share, point in shares if share and point.transport is not None]
    if not used:
        return None
    rows = zip(*(transport for _, transport in used), strict=True)
    return tuple(
        tuple(
            sum((share * entries[k] for k, (share, _) in enumerate(used)), fmpq(0))
            for entries in zip(*row, strict=True)
        )
        for row in rows
    )


def _rounded(value: fmpq, bits: int) -> fmpq:
    # Any multipliers prove a bound; rounding keeps their sign, and keeps them short.
    return fmpq((value * 2**bits + fmpq(1, 2)).floor(), 2**bits)


#: How often maps may join the exact program before it is left as it is.
_ROUNDS = 40


def solve_among(program: Program, indices: list[int], support: list[int], clock: Clock, *, closed: bool) -> Answer:
    """Solve exactly over the maps proposed, and price all others until none would improve the answer.

    Parameters
    ----------
    program : Program
        Its maps are enumerated, unless `closed`.
    indices, support : list of int
        Maps to use, and those thought to carry the optimum.
    closed : bool
        No other map joins: the answer is then that of the solver that proposed.
    """
    indices = [*dict.fromkeys([*program.maps.constants.values(), *indices])]
    for _ in range(_ROUNDS):
        answer = solve_certainly(program, indices, support, clock)
        if closed or len(indices) == program.maps.count or clock.over:
            break
        objective = None if answer.weights is None else program.minimise
        values, errors = reduced_costs(program, objective, answer.duals, answer.target_duals)
        better = np.flatnonzero(values < values[indices].min(initial=np.inf) - 2 * errors)
        if len(better) == 0:
            break
        indices.extend(better[np.argsort(values[better])][:8].tolist())
        support = list(answer.weights or support)
    return answer


def solve_certainly(
    program: Program, indices: list[int], support: list[int], clock: Clock, points: Sequence[Point] = ()
) -> Answer:
    """Solve exactly over some maps; where the target law is irrational, leave room to repair it.

    Parameters
    ----------
    indices, support : list of int
        Maps to use, and those thought to carry the optimum.
    points : sequence of Point
        Under a perception bound: laws that the output may have.
    """
    answer = solve_exactly(program, indices, support, points=points, clock=clock)
    target = program.maps.target or ()
    if all(isinstance(p, fmpq) for p in target) or answer.weights is None:
        return answer
    # A little of every constant map, which is what the weights then miss of the target law, absorbs its rounding.
    share = fmpq(1, 2 ** (program.maps.bits // 2 + 16))
    # Where a bound is binding that constant maps violate, the answer must keep a distance from it.
    for tighten in (fmpq(0), fmpq(1, 2 ** (program.maps.bits // 2))):
        inner = answer if tighten == 0 else solve_exactly(program, indices, support, tighten)
        weights = {f: (1 - share) * w for f, w in (inner.weights or {}).items()}
        if weights and primal_bound(program, weights) is not None:
            return Answer(weights, answer.duals, answer.target_duals)
    return answer
