"""The convex program of a representation that serves several demands, and what its multipliers prove.

The message may be the tuple `Z = (Y_1, ..., Y_m)` of all reconstructions, each of which meets the constraints of its own
demand:

    minimise   I(X; Y_1, ..., Y_m)
    subject to E d(X, Y_i) <= D_i,   the law of Y_i within P_i of the reference,

a rate-distortion problem with the product of output alphabets. For prices `a_i >= 0` of distortion and potentials `b_i` of
the output laws, the least of `I + sum_i E [a_i d(X, Y_i) + b_i(Y_i)]` over free output laws, which Csiszar's inequality
bounds ([csiszar1974]), less the most that bounds and potentials allow, is a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers, law_term, lower_bounds
from drc.solvers.finite.asymptotic.interior import ConvexProgram, Point, minimise
from drc.solvers.finite.asymptotic.programs import first_point, first_transport
from drc.solvers.request import Clock
from drc.types import Exact

#: At a distortion of zero a pair that costs something has this price, in nats: its likelihood is then next to nothing.
_STEEP = 60.0

#: How many steps the interior-point method may take.
_STEPS = 1000


@dataclass(frozen=True, eq=False)
class Demand:
    """What one reconstruction must meet.

    Attributes
    ----------
    data : Data
        The problem for its letters, with a target law where `P` is zero.
    D : Interval
    P : Interval or None
        In nats for a divergence; None where the law is free or given.
    channel : array, shape (n_X, n_Y)
        One that meets the demand, with some mass everywhere.
    bounds : pair of exact number or None
        `D` and `P` as they were given.
    """

    data: Data
    D: Interval
    P: Interval | None
    channel: np.ndarray
    bounds: tuple[Exact | None, Exact | None]

    @property
    def is_lossless(self) -> bool:
        """Whether only pairs that cost nothing may be used."""
        return bool(self.D.high == 0)

    @property
    def usable(self) -> np.ndarray:
        """Which pairs may be used, shape (n_X, n_Y)."""
        return self.data.d.high == 0 if self.is_lossless else np.isfinite(self.data.d.high)


@dataclass(frozen=True, eq=False)
class Proposal:
    """A joint law of the source and all reconstructions, and multipliers, in nats.

    Attributes
    ----------
    joint : array, shape (n_X, n_Z)
    u : array, shape (n_X,)
    prices : array, shape (m,)
        Of the distortions.
    moving : array, shape (m,)
        Of the perception bounds.
    potentials : list of arrays, shape (n_Y_i,)
        Of the output laws.
    transports : list of arrays, shape (n_Y_i, n_j), or None
        What moves the output laws to the reference.
    """

    joint: np.ndarray
    u: np.ndarray
    prices: np.ndarray
    moving: np.ndarray
    potentials: list[np.ndarray]
    transports: list[np.ndarray | None]


def tuples(demands: Sequence[Demand]) -> np.ndarray:
    """Return the letters of all reconstructions for each letter of the message, shape (m, n_Z)."""
    return np.indices([len(demand.data.ys) for demand in demands]).reshape(len(demands), -1)


class _Rows:
    """Linear equations while they are written down."""

    def __init__(self, variables: int) -> None:
        self.variables, self.right = variables, []
        self._entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []

    def new(self, count: int) -> np.ndarray:
        """Return new variables."""
        self.variables += count
        return np.arange(self.variables - count, self.variables)

    def add(self, right: float, *entries: tuple[np.ndarray, np.ndarray | float]) -> int:
        """Add an equation; each entry is (variables, coefficients)."""
        for places, values in entries:
            row = np.full(len(places), len(self.right))
            self._entries.append((np.broadcast_to(values, len(places)), row, places))
        self.right.append(right)
        return len(self.right) - 1

    def matrix(self) -> sparse.csr_array:
        """Return the coefficients."""
        values, rows, columns = (np.concatenate([part[k] for part in self._entries]) for k in range(3))
        return sparse.csr_array((values, (rows, columns)), shape=(len(self.right), self.variables))


def propose(demands: Sequence[Demand], gap: float, clock: Clock) -> Proposal | None:
    """Let the interior-point method propose a joint law and multipliers; None if the constraints forbid every tuple."""
    letters, source = tuples(demands), demands[0].data.source
    allowed = np.logical_and.reduce([demand.usable[:, own] for demand, own in zip(demands, letters, strict=True)])
    if not allowed.any(axis=1).all():
        return None
    xs, zs = np.nonzero(allowed)
    cells = np.arange(len(xs))
    rows = _Rows(len(xs))
    masses = np.array([rows.add(mass, (cells[xs == x], 1.0)) for x, mass in enumerate(source)])
    ties = [_Tie.of(rows, demand, cells, xs, own[zs]) for demand, own in zip(demands, letters, strict=True)]
    n_Z = letters.shape[1]
    # Reconstructions that are independent given the source meet their demands.
    kernel = np.prod([demand.channel[:, own] for demand, own in zip(demands, letters, strict=True)], axis=0)
    first = np.full(rows.variables, 0.5)
    first[cells] = np.maximum(source[xs] * kernel[xs, zs], 1e-14)
    for tie in ties:
        if tie.moved is not None and tie.transport is not None:
            first[tie.moved] = tie.transport
    costs, right = np.zeros((1, rows.variables)), np.array([rows.right])
    program = ConvexProgram(costs, rows.matrix(), right, (xs, zs), source, n_Z, 1.0)
    point = minimise(program, first_point(program, first, []), gap=gap, most=_STEPS, clock=clock)
    joint = np.zeros((len(source), n_Z))
    joint[xs, zs] = point.x[0, cells]
    return Proposal(
        joint,
        point.y[0, masses],
        np.array([tie.price(point) for tie in ties]),
        np.array([tie.price_of_moving(point) for tie in ties]),
        [tie.potential(point) for tie in ties],
        [None if tie.moved is None else point.x[0, tie.moved] for tie in ties],
    )


@dataclass(frozen=True, eq=False)
class _Tie:
    """The equations of one demand: the places of its bounds, of its output law, and of what moves that to the reference."""

    law: np.ndarray
    D: int | None
    scale: float
    letters: list[int]
    moved: np.ndarray | None = None
    transport: np.ndarray | None = None
    P: int | None = None
    unit_of_moving: float = 1.0

    @classmethod
    def of(cls, rows: _Rows, demand: Demand, cells: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> _Tie:
        """Write down the equations for the cells, given their letters."""
        data, law = demand.data, demand.data.source @ demand.channel
        D, steep = None, 1.0
        if not demand.is_lossless:
            steep = max(float(demand.D.low), 1e-6 * data.scale)
            D = rows.add(float(demand.D.low) / steep, (cells, data.distortion[xs, ys] / steep), (rows.new(1), 1.0))
        elif data.d.high.any():
            steep = float(data.d.low[data.d.low > 0].min(initial=np.inf))
        here = [cells[ys == y] for y in range(len(law))]
        if demand.P is None:
            # The last letter's equation follows from the others.
            given = [] if data.p_Y is None else list(zip(data.target[:-1], here[:-1], strict=True))
            return cls(law, D, steep, [rows.add(mass, (places, 1.0)) for mass, places in given])
        bound = max(float(demand.P.low), 1e-9 * data.ground_scale)
        moved = rows.new(data.ground.high.size).reshape(data.ground.high.shape)
        letters = [rows.add(0.0, (places, 1.0), (moved[y], -1.0)) for y, places in enumerate(here)]
        for j, mass in enumerate(data.reference.middle[:-1]):
            rows.add(mass, (moved[:, j], 1.0))
        P = rows.add(float(demand.P.low) / bound, (moved.ravel(), data.ground.high.ravel() / bound), (rows.new(1), 1.0))
        return cls(law, D, steep, letters, moved, first_transport(data, law, bound), P, bound)

    def price(self, point: Point) -> float:
        """Return the price of the distortion."""
        return _STEEP / self.scale if self.D is None else max(0.0, -float(point.y[0, self.D])) / self.scale

    def price_of_moving(self, point: Point) -> float:
        """Return the price of the perception bound."""
        return 0.0 if self.P is None else max(0.0, -float(point.y[0, self.P])) / self.unit_of_moving

    def potential(self, point: Point) -> np.ndarray:
        """Return the potential of each output letter; of one without an equation it is zero."""
        found = np.zeros(len(self.law))
        found[: len(self.letters)] = -point.y[0, self.letters]
        return found


def proved_rate(demands: Sequence[Demand], at: Proposal) -> float:
    """Return the lower bound on the rate that multipliers prove, in nats, never below zero."""
    letters, terms = tuples(demands), []
    costs = Interval.of(np.zeros(at.joint.shape))
    forbidden = np.zeros(at.joint.shape, dtype=bool)
    for k, (demand, own) in enumerate(zip(demands, letters, strict=True)):
        data, price, potential = demand.data, Interval.of(at.prices[k]), at.potentials[k]
        never = np.isinf(data.d.high)
        finite = Interval(np.where(never, 0.0, data.d.low), np.where(never, 0.0, data.d.high))
        costs = costs + price * finite[:, own] + Interval.of(potential[own])
        forbidden |= never[:, own]
        terms.append(-(price * demand.D))
        moving = Multipliers.one(at.u, P=at.moving[k])
        terms.append(Interval.of(law_term(data, moving, -potential[None])[0]))
        if demand.P is not None:
            terms.append(-(Interval.of(at.moving[k]) * demand.P))
    low, high = (np.where(forbidden, np.inf, end) for end in (costs.low, costs.high))
    free = replace(demands[0].data, ys=np.arange(letters.shape[1]), d=Interval(low, high), p_Y=None, measure=None)
    total = Interval.of(lower_bounds(free, {}, Multipliers.one(at.u, R=1.0, D=1.0))[0][0])
    for term in terms:
        total = total + term
    return max(0.0, float(total.low)) if np.isfinite(total.low) else 0.0
