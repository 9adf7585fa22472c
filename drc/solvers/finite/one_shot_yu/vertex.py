"""The exact vertex: the linear program restricted to a few maps, solved in rational arithmetic.

Irrational entries (entropies, mostly) are replaced by rational ones on the safe side: a plan that is feasible here is
feasible in truth. The margin is 2^-140 or less, so that nothing is lost but the border itself; and on the border, rational
entries (laws, distortions, entropies like one bit) are still exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import fmpq

from drc.solvers.arithmetic.balls import Number, precision, rational_above, rational_below, rational_middle, total
from drc.solvers.arithmetic.simplex import optimum
from drc.solvers.finite.one_shot_yu.law_ball import Point
from drc.solvers.finite.one_shot_yu.program import Program, primal_bound
from drc.solvers.request import Clock


@dataclass(frozen=True, eq=False)
class Answer:
    """Weights and multipliers; without weights, the multipliers say why there are none.

    `target_duals` has one for each output letter in use, none if the law is free. `price` is a proved lower bound on
    the price of every map under these multipliers, and `proof` its proof, as a certificate says it; the price is None
    if it is found by enumeration. Under a bound on TV or W2, `transport` leads from the output law to the reference.
    """

    weights: dict[int, fmpq] | None
    duals: dict[str, fmpq]
    target_duals: tuple
    price: Number | None = None
    proof: dict | None = None
    transport: tuple | None = None


def solve_exactly(
    program: Program,
    indices: list[int],
    support: Sequence[int] = (),
    tighten: fmpq | int = 0,
    points: Sequence[Point] = (),
    clock: Clock | None = None,
) -> Answer:
    """Solve the program over some of its maps, the constant ones among them.

    `indices` are the maps to use, and `support` those that are thought to carry the optimum: a first guess at the
    basis. `tighten` is subtracted from each bound, as room for repairing an irrational target law. Under a perception
    bound, `points` have the laws whose means the output may have, the first ones thought to be in use.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.one_shot_yu.maps import Maps
    >>> program = Program(Maps(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": Fraction(1, 2)})
    >>> solve_exactly(program, [0, 1, 2, 3]).duals
    {'R': 1/2}
    """
    maps, names = program.maps, list(program.b)
    indices = [*dict.fromkeys([*indices, *maps.constants.values()])]
    with precision(maps.bits):
        columns, costs, b = _restricted(program, indices, points)
    equations, slacks = len(b) - len(names), [*range(len(indices), len(indices) + len(names))]
    b = [*b[:equations], *(bound - tighten for bound in b[equations:])]
    used = [i for i, f in enumerate(indices) if f in set(support)]
    # Of the laws of a ball the first are thought to be in use; how many, the number of equations says.
    laws = range(len(indices) + len(names), len(columns))
    used += laws[: max(0, equations - len(used))]
    vertex = optimum(columns, costs, b, _guesses(used, len(b) - len(used), slacks), clock)
    # Before the optimum the multiplier of a bound may be negative.
    prices = [max(fmpq(0), _rounded(-v, maps.bits)) for v in vertex.multipliers[equations:]]
    nu = vertex.multipliers[: 0 if maps.target is None and not points else len(maps.ys)]
    values = dict(zip(vertex.basis, vertex.values, strict=True))
    weights = {f: values[i] for i, f in enumerate(indices) if values.get(i, 0) > 0}
    shares = [(values.get(j, fmpq(0)), point) for j, point in zip(laws, points, strict=True)]
    return Answer(
        None if vertex.missed else weights,
        dict(zip(names, prices, strict=True)),
        tuple(_rounded(v, maps.bits) for v in nu),
        transport=mean_transport(shares),
    )


def _restricted(program: Program, indices: list[int], points: Sequence[Point]) -> tuple[list, list, list]:
    """Return the columns of maps, slacks and laws, their costs, and the right sides; the equations come first."""
    maps, names = program.maps, list(program.b)
    found = [program.maps.column(f) for f in indices]
    if points:
        # The law of the maps is a mean of points.
        b = [fmpq(0)] * len(maps.ys) + [fmpq(1)]
        laws = [[*_rational_law(column.law), fmpq(0)] for column in found]
    elif maps.target is not None:
        b, laws = _rational_law(maps.target), [_rational_law(column.law) for column in found]
    else:
        b, laws = [fmpq(1)], [[fmpq(1)]] * len(found)
    equations = len(b)
    b += [rational_below(bound) for bound in program.b.values()]
    rows = [[rational_above(column.quantity(name)) for name in names] for column in found]
    columns = [law + row for law, row in zip(laws, rows, strict=True)]
    columns += [[fmpq(int(i == j)) for j in range(len(b))] for i in range(equations, len(b))]
    columns += [[*(-q for q in point.law), fmpq(1), *[fmpq(0)] * len(names)] for point in points]
    costs = [rational_middle(column.quantity(program.minimise)) for column in found]
    return columns, costs + [fmpq(0)] * (len(columns) - len(costs)), b


def _rational_law(law: tuple) -> list:
    # The last mass makes the sum one, exactly: the rows must agree with each other.
    masses = [rational_middle(p) for p in law[:-1]]
    return [*masses, 1 - total(masses)]


def _guesses(used: list[int], missing: int, slacks: list[int]) -> list[list[int]]:
    """Make bases of the columns thought to carry the optimum and of slacks, if any fit."""
    # With as many slacks missing as there are, or none, there is one choice; else each single one is tried.
    choices = [slacks] if missing == len(slacks) else [[]] if missing == 0 else [[s] for s in slacks]
    return [used + chosen for chosen in choices if len(chosen) == missing]


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
        tuple(total(share * entries[k] for k, (share, _) in enumerate(used)) for entries in zip(*row, strict=True))
        for row in rows
    )


def _rounded(value: fmpq, bits: int) -> fmpq:
    # Any multipliers prove a bound; rounding keeps their sign, and keeps them short.
    return fmpq((value * 2**bits + fmpq(1, 2)).floor(), 2**bits)


def solve_certainly(
    program: Program, indices: list[int], support: list[int], clock: Clock, points: Sequence[Point] = ()
) -> Answer:
    """Solve exactly over some maps; where the target law is irrational, leave room to repair it.

    `support` has the maps thought to carry the optimum; under a perception bound, `points` are laws that the output may
    have.
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
