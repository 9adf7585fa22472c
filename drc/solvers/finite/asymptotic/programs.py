"""The convex program of a problem, written out for the interior-point method, and its multipliers read back.

The variables are the cells of the joint law, then (where there are any) the weights of the corners of boxes, what moves
mass from the output law to the reference, the slacks of the bounds, and what relaxes them.

The entropy `H(S|Y)` is a concave function of the joint law `t_{y,s}` of output and label. On a box of such laws it is at
least what the chords through the corners say, which leaves a convex program for each box. Many boxes are solved at once: 32
cost little more than one.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers, label_entropy, lower_bounds
from drc.solvers.finite.asymptotic.interior import ConvexProgram, Entropy, Point, minimise
from drc.solvers.request import Clock

#: Programs with more variables have sparse equations.
_DENSE = 1500

#: What is paid for relaxing a bound, in costs scaled to one: more than any multiplier that matters.
_PENALTY = 1e4


@dataclass(frozen=True)
class Goal:
    """What is minimised, and under which bounds, in nats.

    The objective "0" is by how much the bounds must be relaxed. With a slope `D + slope R` is minimised; with prices
    the sum of prices times quantities, and `objective` plays no part.
    """

    objective: str
    bounds: dict[str, float]
    slope: float | None = None
    prices: dict[str, float] | None = None

    def price(self, name: str) -> float:
        """Return the weight of D, R or C in the objective."""
        if self.prices is not None:
            return self.prices.get(name, 0.0)
        own = {"D": 1.0, "R": self.slope or 0.0} if self.objective == "D" else {self.objective: 1.0}
        return own.get(name, 0.0)


@dataclass(frozen=True, eq=False)
class Columns:
    """What the first variables of a program are: the cells of a joint law, or the weights of maps; n of them.

    `masses` says what the sums of some of them must be, as pairs of a mass and places; `outputs` what they add to the
    mass of each output letter, as pairs of places and values; `labels(y, s)` what they add to that of both letters; `d`
    and `rate` what they add to the distortion and the rate, or None if that is the mutual information of the cells.
    """

    masses: list[tuple[float, np.ndarray]]
    outputs: list[tuple[np.ndarray, np.ndarray | float]]
    labels: Callable[[int, int], np.ndarray]
    d: np.ndarray
    rate: np.ndarray | None = None

    @classmethod
    def of_cells(cls, data: Data, xs: np.ndarray, ys: np.ndarray) -> Columns:
        """Take the pairs of letters of a joint law."""
        here = [np.flatnonzero(ys == y) for y in range(len(data.ys))]
        return cls(
            [(mass, np.flatnonzero(xs == x)) for x, mass in enumerate(data.source)],
            [(cells, 1.0) for cells in here],
            lambda y, s: data.posterior[s, xs[here[y]]],
            data.distortion[xs, ys],
        )


class Table:
    """A program as it is written down: a batch of equations and costs, and the places of its multipliers.

    `corners`, of shape (B, n_Y, K, n_S), are those of boxes in which the joint law of the output and the label lies: B
    programs, with a bound on the label's entropy over the concave envelope on each box. `linear` has means of costs
    instead, under "C", and of further labels and costs, of shape (B, n) or (1, n). If it is `elastic`, bounds and boxes
    may be missed, at a price.
    """

    def __init__(
        self,
        data: Data,
        goal: Goal,
        columns: Columns,
        *,
        corners: np.ndarray | None = None,
        linear: Mapping[str, np.ndarray] | None = None,
        elastic: bool = False,
    ) -> None:
        linear = linear or {}
        self.data, self.goal, self.columns, self.n = data, goal, columns, len(columns.d)
        self.batch = max([1, *map(len, linear.values())]) if corners is None else len(corners)
        self.variables, self._entries, self._right = self.n, [], []
        #: By the name of a bound its equation; under "x", "y" and "box" those of the masses; also groups of variables.
        self.places: dict[str, Any] = {}
        #: Bounds that are not linear: the slack, the bound, and the reference of a divergence.
        self.entropies: dict[str, tuple] = {}
        self.places["x"] = np.array([self._add(mass, (cells, 1.0)) for mass, cells in columns.masses])
        self.relax = self._new(1) if elastic or goal.objective == "0" else np.empty(0, dtype=int)
        self.missed = np.empty(0, dtype=int)
        self._tie_the_law()
        everywhere, d = np.arange(self.n), columns.d / data.scale
        self._bound("D", goal.bounds.get("D", 0.0) / data.scale, (everywhere, d))
        if columns.rate is not None:
            self._bound("R", goal.bounds.get("R", 0.0), (everywhere, columns.rate))
        elif "R" in goal.bounds:
            self.entropies["R"] = (self._new(1), goal.bounds["R"], None)
        heights = None if corners is None else self._box(corners)
        for name, costs in linear.items():
            size = float(np.abs(costs).max(initial=0.0)) or 1.0 if name[0] == "D" else 1.0
            self._bound(name, goal.bounds.get(name, 0.0) / size, (everywhere, costs / size))
        price = {name: goal.price(name) for name in ("D", "R", "C")}
        scale = max(price["D"] * data.scale, price["R"], price["C"]) if goal.prices else 0.0
        #: A unit of the program's objective, in that of the problem.
        self.scale = scale or (data.scale if goal.objective == "D" else 1.0)
        self.rate_cost = price["R"] / self.scale
        self.costs = np.zeros((self.batch, self.variables))
        self.costs[:, : self.n] = price["D"] * data.scale / self.scale * d
        if columns.rate is not None:
            self.costs[:, : self.n] += self.rate_cost * columns.rate
        if price["C"] > 0 and "C" in linear:
            self.costs[:, : self.n] += price["C"] / self.scale * linear["C"]
        if price["C"] > 0 and heights is not None:
            self.costs[:, self.places["corners"].ravel()] = price["C"] / self.scale * heights
        self.costs[:, self.relax] = self.costs[:, self.missed] = 1.0 if goal.objective == "0" else _PENALTY

    def _new(self, count: int) -> np.ndarray:
        """Return new variables."""
        self.variables += count
        return np.arange(self.variables - count, self.variables)

    def _add(self, right: np.ndarray | float, *entries: tuple) -> int:
        """Add one equation; each entry is (variables, coefficients), which may be arrays over the batch."""
        self._entries.append(entries)
        self._right.append(right)
        return len(self._right) - 1

    def _bound(self, name: str, right: np.ndarray | float, *entries: tuple) -> None:
        """Add a bound, if there is one of this name, with a slack and what relaxes it."""
        if name in self.goal.bounds:
            self.places[name] = self._add(right, *entries, (self._new(1), 1.0), (self.relax, -1.0))

    def _tie_the_law(self) -> None:
        """Tie the output law: to the target, or to the reference."""
        data, outputs = self.data, self.columns.outputs
        if data.p_Y is not None:
            # The last letter's equation follows from the others.
            self.places["y"] = [self._add(mass, entry) for mass, entry in zip(data.target[:-1], outputs, strict=False)]
        if data.measure is None or "P" not in self.goal.bounds:
            return
        reference, bound = data.reference.middle, self.goal.bounds["P"]
        if data.measure == "KL":
            self.entropies["P"] = (self._new(1), bound, reference)
            return
        cost = data.ground.high / self.unit_of_moving
        self.places["moved"] = moved = self._new(cost.size).reshape(cost.shape)
        self.places["y"] = [self._add(0.0, entry, (moved[i], -1.0)) for i, entry in enumerate(outputs)]
        for j, mass in enumerate(reference[:-1]):
            self._add(mass, (moved[:, j], 1.0))
        self._bound("P", bound / self.unit_of_moving, (moved.ravel(), cost.ravel()))

    @property
    def unit_of_moving(self) -> float:
        """The unit of transport costs: what may be spent, if that is not next to nothing."""
        return max(self.goal.bounds["P"], 1e-6 * self.data.ground_scale)

    def _box(self, corners: np.ndarray) -> np.ndarray:
        """Let each output's joint law with the label be a mean of corners, and bound the label's entropy.

        Returns how much that is above the one in the middle, at all corners.
        """
        _, n_Y, K, n_S = corners.shape
        self.places["corners"] = weights = self._new(n_Y * K).reshape(n_Y, K)
        misses = self._new(2 * n_Y * n_S).reshape(2, n_Y, n_S) if len(self.relax) else None
        box = np.empty((n_Y, n_S), dtype=int)
        # Corners are taken from the middle of their box: those of a narrow one would look all alike.
        middle = corners.mean(axis=2)
        offsets = corners - middle[:, :, None, :]
        for y, (here, _) in enumerate(self.columns.outputs):
            for s in range(n_S):
                entries = [(here, self.columns.labels(y, s)), (weights[y], -offsets[:, y, :, s])]
                if misses is not None:
                    entries += [(misses[:1, y, s], 1.0), (misses[1:, y, s], -1.0)]
                box[y, s] = self._add(middle[:, y, s], *entries)
            self._add(1.0, (weights[y], 1.0))
        self.places["box"] = box
        if misses is not None:
            self.missed = misses.ravel()
        at_middle = label_entropy(middle)
        heights = (label_entropy(corners) - at_middle[:, :, None]).reshape(self.batch, -1)
        self._bound("C", self.goal.bounds.get("C", 0.0) - at_middle.sum(axis=1), (weights.ravel(), heights))
        return heights

    def equations(self) -> tuple[np.ndarray | sparse.csr_array, np.ndarray]:
        """Return the equations, dense or (if there are many cells) sparse, and the right sides."""
        m = len(self._right)
        right = np.empty((self.batch, m))
        for i, value in enumerate(self._right):
            right[:, i] = value
        if self.batch == 1 and self.variables > _DENSE and self.columns.rate is None:
            parts = [
                (np.broadcast_to(np.squeeze(v), np.shape(c)), np.full(np.shape(c), i), c)
                for i, row in enumerate(self._entries)
                for c, v in row
            ]
            values, rows, columns = (np.concatenate([np.ravel(p[k]) for p in parts]) for k in range(3))
            return sparse.csr_array((values, (rows, columns)), shape=(m, self.variables)), right
        dense = np.zeros((self.batch, m, self.variables))
        for i, row in enumerate(self._entries):
            for columns, values in row:
                dense[:, i, columns] = values
        return dense, right

    def multipliers(self, y: np.ndarray, nu: np.ndarray) -> Multipliers:
        """Return the multipliers of the problem, in its own costs, from those of the equations and of the entropies."""
        found: dict[str, np.ndarray] = dict.fromkeys("RCDP", np.zeros(len(y)))
        for k, name in enumerate(self.entropies):
            found[name] = self.scale * np.maximum(nu[:, k], 0.0)
        units = {"D": self.data.scale, "P": self.unit_of_moving if "moved" in self.places else 1.0}
        for name in found.keys() & self.places.keys():
            found[name] = self.scale * np.maximum(-y[:, self.places[name]], 0.0) / units.get(name, 1.0)
        for name in ("D", "R", "C"):
            if self.goal.price(name) > 0:
                found[name] = np.full(len(y), self.goal.price(name))
        slopes = -self.scale * y[:, self.places["box"]] if "box" in self.places else None
        return Multipliers(**found, u=self.scale * y[:, self.places["x"]], slopes=slopes)


@dataclass(frozen=True, eq=False)
class Model:
    """A program over the cells of joint laws, as the interior-point method takes it."""

    table: Table
    program: ConvexProgram
    start: Point

    def solve(self, *, gap: float, clock: Clock | None = None) -> Point:
        """Let the interior-point method solve it; `gap` is in the unit of the problem."""
        return minimise(self.program, self.start, gap=gap / self.table.scale, clock=clock)

    def multipliers(self, point: Point) -> Multipliers:
        """Return the multipliers of the problem, in its own costs."""
        return self.table.multipliers(point.y, point.nu)

    def excess(self, point: Point) -> np.ndarray:
        """Return by how much the bounds of an elastic program are missed, shape (B,)."""
        return point.x[:, self.table.relax[0]]

    def couplings(self, point: Point) -> np.ndarray:
        """Return the joint laws, rows scaled to the source law, shape (B, n_X, n_Y), or with a column for each message."""
        data, (xs, ys) = self.table.data, self.program.cells
        joint = np.zeros((len(point.x), len(data.source), self.program.n_Y))
        joint[:, xs, ys] = point.x[:, : len(xs)]
        return joint * (data.source / joint.sum(axis=2))[:, :, None]

    def transports(self, point: Point) -> np.ndarray | None:
        """Return what moves the output law to the reference, shape (n_Y, n_j), of the first program; only for W2."""
        moved = self.table.places.get("moved")
        return point.x[0, moved] if moved is not None and self.table.data.measure == "W2" else None


def build(
    data: Data,
    goal: Goal,
    *,
    corners: np.ndarray | None = None,
    linear: Mapping[str, np.ndarray] | None = None,
    elastic: bool = False,
    letters: np.ndarray | None = None,
) -> Model:
    """Write out the program over the cells of joint laws; `linear` has arrays of shape (B, n_X, n_Y), the rest as `Table`.

    With `letters`, the joint law is that of the source and a message, and these are the output letters of all messages: then
    `linear` has a column for each message.
    """
    letters = np.arange(len(data.ys)) if letters is None else letters
    xs, zs = np.nonzero(np.isfinite(data.d.high)[:, letters])
    means = {name: costs[:, xs, zs] for name, costs in (linear or {}).items()}
    columns = Columns.of_cells(data, xs, letters[zs])
    table = Table(data, goal, columns, corners=corners, linear=means, elastic=elastic)
    equations, right = table.equations()
    p, q = data.source, (first_law(data) / np.bincount(letters, minlength=len(data.ys)))[letters]
    listed = []
    for slack, bound, reference in table.entropies.values():
        row = np.zeros(table.variables)
        row[slack], row[table.relax] = 1.0, -1.0
        listed.append(Entropy(row, np.full(table.batch, bound), reference))
    program = ConvexProgram(table.costs, equations, right, (xs, zs), p, len(q), table.rate_cost, tuple(listed))
    first = np.full(table.variables, 0.5)
    first[: len(xs)] = np.maximum(p[xs] * q[zs], 1e-14)
    if "moved" in table.places:
        first[table.places["moved"]] = first_transport(data, q, max(goal.bounds["P"], 1e-9 * data.ground_scale))
    if corners is not None:
        first[table.places["corners"]] = 1.0 / corners.shape[2]
    return Model(table, program, first_point(program, first, [slack for slack, _, _ in table.entropies.values()]))


def first_law(data: Data) -> np.ndarray:
    """Return a law of the output to start from: the one it must have, or is near to, with a little of all letters."""
    if data.p_Y is not None:
        return data.target
    law = np.full(len(data.ys), 1.0 / len(data.ys))
    return law if data.measure is None else 0.1 * law + 0.9 * data.law_at_rest


def first_transport(data: Data, q: np.ndarray, bound: float) -> np.ndarray:
    """Return a plan from `q` to about the reference that moves little at high cost."""
    near = 1.0 / (1.0 + len(q) * data.ground.high / bound) ** 2
    plan = near * data.reference.high[None]
    return plan * (q / plan.sum(axis=1))[:, None]


def first_point(program: ConvexProgram, first: np.ndarray, slacks: list) -> Point:
    """Start from independence, all products of variables and multipliers alike."""
    batch, N = program.c.shape
    n = len(program.cells[0])
    x = np.tile(first, (batch, 1))
    for slack, entropy in zip(slacks, program.entropies, strict=True):
        x[:, slack] = np.clip(entropy.bound, 1e-6, 1e3)[:, None]
    level = 0.1 * max(float(program.c[:, :n].mean()), 0.1 * program.rate_cost, 1e-2) / N
    z = np.clip(level / x, None, 10.0)
    # What is dear starts with its price as multiplier, and as small as its fellows' products say.
    dear = program.c > 10
    z, x = np.where(dear, program.c, z), np.where(dear, level / np.maximum(program.c, 1.0), x)
    nu = np.stack([z[:, slack[0]] for slack in slacks], axis=1) if slacks else np.zeros((batch, 0))
    return Point(x, z, np.zeros((batch, program.b.shape[1])), nu)


@dataclass(frozen=True, eq=False)
class Relaxed(Batch):
    """Solutions of B convex programs with tangents or chords instead of the label's entropy.

    `multipliers` are in nats and in the problem's own costs, for the letters kept. `points`, of shape (B, ...), are
    their joint laws, or weights of maps; they meet the relaxed bounds up to `excess`, of shape (B,) and in scaled
    units, and rounding.
    """

    multipliers: Multipliers
    points: np.ndarray
    excess: np.ndarray


@dataclass(frozen=True, eq=False)
class BoxBounds(Relaxed):
    """What was proved for each of B boxes, and what would be optimal if chords were the truth.

    `lower`, of shape (B,), has proved lower bounds of the objective over the couplings in each box; with objective "0" a
    positive number proves that there are none.
    """

    lower: np.ndarray


def box_corners(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the corners of boxes.

    `low` and `high` have the shape (B, n_Y, n_S), and the corners the shape (B, n_Y, 2^n_S, n_S).

    Examples
    --------
    >>> box_corners(np.zeros((1, 1, 2)), np.ones((1, 1, 2)))[0, 0].tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    choices = np.array(list(itertools.product((False, True), repeat=low.shape[-1])))
    return np.where(choices, high[:, :, None, :], low[:, :, None, :])


def dual_of_boxes(
    data: Data,
    bounds: dict[str, Interval],
    low: np.ndarray,
    high: np.ndarray,
    *,
    objective: str = "D",
    slope: float | None = None,
    prices: dict[str, float] | None = None,
    gap: float = 1e-8,
    clock: Clock | None = None,
) -> BoxBounds:
    """Bound the objective over boxes of the joint law of output and label.

    The boxes are `low <= P(Y=y, S=s) <= high`, of shape (B, n_Y, n_S), for the letters that `data.ys` keeps. Bounds are
    scalars in nats; objective, slope and prices are those of `Goal`, and `gap` is how accurate, in the unit of the
    objective. With the objective "0", to prove that the boxes hold nothing feasible, the bounds are relaxed together,
    each in its own scale, and the multipliers have unit sum.

    Notes
    -----
    A box that holds nothing feasible has a large bound, not an infinite one: what relaxes the bounds has a price.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> problem = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.4, 0.6], setting="asymptotic")
    >>> low, high = np.zeros((1, 2, 2)), np.array([[[0.34, 0.4], [0.34, 0.6]]])
    >>> found = dual_of_boxes(Data.of(problem), {"R": Interval.of(0.2), "C": Interval.of(0.6)}, low, high)
    >>> found.lower.shape, bool(found.lower[0] >= 0.1)
    ((1,), True)
    """
    corners = box_corners(low, high)
    middle = {name: float(bound.middle) for name, bound in bounds.items()}
    model = build(data, Goal(objective, middle, slope, prices), corners=corners, elastic=True)
    point = model.solve(gap=gap, clock=clock)
    lower, multipliers = lower_bounds(data, bounds, model.multipliers(point), corners)
    return BoxBounds(multipliers, model.couplings(point), model.excess(point), lower)
