"""The convex program of a problem, written out for the interior-point method, and its multipliers read back.

The variables are the cells of the joint law, then (where there are any) the weights of the corners of boxes, what moves
mass from the output law to the reference, the slacks of the bounds, and what relaxes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, label_entropy
from drc.solvers.entropic.interior import ConvexProgram, Entropy, Point, minimise
from drc.solvers.request import Clock

#: Programs with more variables have sparse equations.
_DENSE = 1500

#: What is paid for relaxing a bound, in costs scaled to one: more than any multiplier that matters.
_PENALTY = 1e4


@dataclass(frozen=True)
class Goal:
    """What is minimised, and under which bounds, in nats.

    Attributes
    ----------
    objective : {"D", "R", "0"}
        "0": by how much the bounds must be relaxed.
    bounds : dict from "R", "C", "D", "P" to float
    slope : float or None
        With it, `D + slope R` is minimised.
    prices : dict from "D", "R", "C" to float, or None
        If given, the sum of prices times quantities is minimised, and `objective` plays no part.
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


@dataclass
class _Rows:
    """Equations and variables as they are added; an entry may be an array over the batch."""

    variables: int
    entries: list = field(default_factory=list)
    right: list = field(default_factory=list)

    def new(self, count: int) -> np.ndarray:
        self.variables += count
        return np.arange(self.variables - count, self.variables)

    def add(self, right, *entries: tuple) -> int:
        """Add one equation; each entry is (columns, coefficients)."""
        self.entries.append(entries)
        self.right.append(right)
        return len(self.right) - 1

    def equations(self, batch: int):
        """Return the equations, dense or (if there are many variables) sparse, and the right sides."""
        m = len(self.right)
        right = np.empty((batch, m))
        for i, value in enumerate(self.right):
            right[:, i] = value
        if batch == 1 and self.variables > _DENSE:
            parts = [
                (np.broadcast_to(np.squeeze(v), np.shape(c)), np.full(np.shape(c), i), c)
                for i, row in enumerate(self.entries)
                for c, v in row
            ]
            values, rows, columns = (np.concatenate([np.ravel(p[k]) for p in parts]) for k in range(3))
            return sparse.csr_array((values, (rows, columns)), shape=(m, self.variables)), right
        dense = np.zeros((batch, m, self.variables))
        for i, row in enumerate(self.entries):
            for columns, values in row:
                dense[:, i, columns] = values
        return dense, right


@dataclass(frozen=True, eq=False)
class Model:
    """A program with the places of its multipliers.

    Attributes
    ----------
    program : ConvexProgram
    start : Point
    scale : float
        A unit of the program's objective, in that of the problem.
    rows : dict from a name to the indices of its equations
    entropies : dict from "R" or "P" to the index of its entropy
    """

    data: Data
    goal: Goal
    program: ConvexProgram
    start: Point
    scale: float
    rows: dict
    entropies: dict

    def solve(self, *, gap: float, clock: Clock | None = None) -> Point:
        """Let the interior-point method solve it; `gap` is in the unit of the problem."""
        return minimise(self.program, self.start, gap=gap / self.scale, clock=clock)

    def multipliers(self, point: Point) -> Multipliers:
        """Return the multipliers of the problem, in its own costs."""
        B, data, goal = len(point.x), self.data, self.goal
        ds, scale = data.scale, self.scale
        zero = np.zeros(B)
        found = {"R": zero, "C": zero, "D": zero, "P": zero}
        for name, i in self.entropies.items():
            found[name] = scale * np.maximum(point.nu[:, i], 0.0)
        units = {"D": ds, "P": _unit_of_moving(data, goal) if "moved" in self.rows else 1.0}
        for name in ("C", "D", "P"):
            if name in self.rows:
                found[name] = scale * np.maximum(-point.y[:, self.rows[name][0]], 0.0) / units.get(name, 1.0)
        for name in ("D", "R", "C"):
            if goal.price(name) > 0:
                found[name] = np.full(B, goal.price(name))
        slopes = None
        if "box" in self.rows:
            slopes = -scale * point.y[:, self.rows["box"]]
        return Multipliers(**found, u=scale * point.y[:, self.rows["x"]], slopes=slopes)

    def couplings(self, point: Point) -> np.ndarray:
        """Return the joint laws, rows scaled to the source law, shape (B, n_X, n_Y)."""
        n_X, n_Y = self.data.d.low.shape
        xs, ys = self.program.cells
        joint = np.zeros((len(point.x), n_X, n_Y))
        joint[:, xs, ys] = point.x[:, : len(xs)]
        return joint * (self.data.source / joint.sum(axis=2))[:, :, None]

    def transports(self, point: Point) -> np.ndarray | None:
        """Return what moves the output law to the reference, shape (n_Y, n_j), of the first program; only for W2."""
        if "moved" not in self.rows or self.data.measure != "W2":
            return None
        return point.x[0, self.rows["moved"]]


def build(
    data: Data,
    goal: Goal,
    *,
    corners: np.ndarray | None = None,
    label_costs: np.ndarray | None = None,
    elastic: bool = False,
) -> Model:
    """Write out the program.

    Parameters
    ----------
    corners : array, shape (B, n_Y, K, n_S), optional
        The corners of boxes in which the joint law of the output and the label lies: B programs, with a bound on the
        label's entropy over the concave envelope on each box.
    label_costs : array, shape (B, n_X, n_Y), optional
        Instead of the label's entropy, the mean of these costs: B programs.
    elastic : bool
        Whether bounds and boxes may be missed, at a price.
    """
    xs, ys = np.nonzero(np.isfinite(data.d.high))
    rows, places, start = _Rows(len(xs)), {}, {}
    batch = next((len(many) for many in (corners, label_costs) if many is not None), 1)
    p, q = data.source, _first_law(data)
    places["x"] = np.array([rows.add(p[x], (np.flatnonzero(xs == x), 1.0)) for x in range(len(p))])
    relax = rows.new(1) if elastic or goal.objective == "0" else np.empty(0, dtype=int)
    entropies = _law_rows(data, goal, rows, places, ys, relax)
    d = data.distortion[xs, ys] / data.scale
    if "D" in goal.bounds:
        slack = rows.new(1)
        places["D"] = [rows.add(goal.bounds["D"] / data.scale, (np.arange(len(xs)), d), (slack, 1.0), (relax, -1.0))]
    if "R" in goal.bounds:
        entropies["R"] = (rows.new(1), goal.bounds["R"], None)
    missed = np.empty(0, dtype=int)
    if corners is not None:
        missed = _box_rows(data, goal, rows, places, (xs, ys), corners, relax)
    if label_costs is not None and "C" in goal.bounds:
        entries = (np.arange(len(xs)), label_costs[:, xs, ys]), (rows.new(1), 1.0), (relax, -1.0)
        places["C"] = [rows.add(goal.bounds["C"], *entries)]
    equations, right = rows.equations(batch)
    c = np.zeros((batch, rows.variables))
    scale = max(goal.price("D") * data.scale, goal.price("R"), goal.price("C")) if goal.prices else 0.0
    scale = scale or (data.scale if goal.objective == "D" else 1.0)
    c[:, : len(xs)] = goal.price("D") * data.scale / scale * d
    if goal.price("C") > 0 and label_costs is not None:
        c[:, : len(xs)] += goal.price("C") / scale * label_costs[:, xs, ys]
    if goal.price("C") > 0 and corners is not None:
        c[:, places["corners"].ravel()] = goal.price("C") / scale * _heights(corners)[0].reshape(batch, -1)
    c[:, relax] = c[:, missed] = 1.0 if goal.objective == "0" else _PENALTY
    rate_cost = goal.price("R") / scale
    listed = []
    for slack, bound, reference in entropies.values():
        linear = np.zeros(rows.variables)
        linear[slack], linear[relax] = 1.0, -1.0
        listed.append(Entropy(linear, np.full(batch, bound), reference))
    program = ConvexProgram(c, equations, right, (xs, ys), p, len(q), rate_cost, tuple(listed))
    first = np.full(rows.variables, 0.5)
    first[: len(xs)] = np.maximum(p[xs] * q[ys], 1e-14)
    if "moved" in places:
        first[places["moved"]] = _first_transport(data, q, max(goal.bounds["P"], 1e-9 * data.ground_scale))
    if corners is not None:
        first[places["corners"]] = 1.0 / corners.shape[2]
    start = _start(program, first, [slack for slack, _, _ in entropies.values()])
    return Model(data, goal, program, start, scale, places, {name: i for i, name in enumerate(entropies)})


def _first_law(data: Data) -> np.ndarray:
    """Return a law of the output to start from: the one it must have, or is near to, with a little of all letters."""
    if data.p_Y is not None:
        return data.target
    law = np.full(data.d.low.shape[1], 1.0 / data.d.low.shape[1])
    if data.measure is not None:
        nearest = np.bincount(
            data.ground.high.argmin(axis=0) if data.ground is not None else np.arange(len(law)),
            weights=data.reference.high,
            minlength=len(law),
        )
        law = 0.1 * law + 0.9 * nearest / nearest.sum()
    return law


def _first_transport(data: Data, q: np.ndarray, bound: float) -> np.ndarray:
    """Return a plan from `q` to about the reference that moves little at high cost."""
    near = 1.0 / (1.0 + len(q) * data.ground.high / bound) ** 2
    plan = near * data.reference.high[None]
    return plan * (q / plan.sum(axis=1))[:, None]


def _law_rows(data: Data, goal: Goal, rows: _Rows, places: dict, ys: np.ndarray, relax: np.ndarray) -> dict:
    """Add what ties the output law: to the target, or to the reference."""
    n_Y = data.d.low.shape[1]
    columns = [np.flatnonzero(ys == y) for y in range(n_Y)]
    if data.p_Y is not None:
        # The last column's equation follows from the others.
        places["y"] = [rows.add(mass, (cells, 1.0)) for mass, cells in zip(data.target[:-1], columns, strict=False)]
    if data.measure is None or "P" not in goal.bounds:
        return {}
    reference, bound = 0.5 * (data.reference.low + data.reference.high), goal.bounds["P"]
    if data.measure == "KL":
        return {"P": (rows.new(1), bound, reference)}
    unit = _unit_of_moving(data, goal)
    cost = data.ground.high / unit
    places["moved"] = moved = rows.new(cost.size).reshape(cost.shape)
    for i, cells in enumerate(columns):
        rows.add(0.0, (cells, 1.0), (moved[i], -1.0))
    for j, mass in enumerate(reference[:-1]):
        rows.add(mass, (moved[:, j], 1.0))
    entries = (moved.ravel(), cost.ravel()), (rows.new(1), 1.0), (relax, -1.0)
    places["P"] = [rows.add(bound / unit, *entries)]
    return {}


def _unit_of_moving(data: Data, goal: Goal) -> float:
    """The unit of transport costs: what may be spent, if that is not next to nothing."""
    return max(goal.bounds["P"], 1e-6 * data.ground_scale)


def _box_rows(
    data: Data, goal: Goal, rows: _Rows, places: dict, cells: tuple, corners: np.ndarray, relax
) -> np.ndarray:
    """Add that each output's joint law with the label is a mean of corners, and the bound on the label's entropy."""
    _, n_Y, K, n_S = corners.shape
    xs, ys = cells
    places["corners"] = weights = rows.new(n_Y * K).reshape(n_Y, K)
    misses = rows.new(2 * n_Y * n_S).reshape(2, n_Y, n_S) if len(relax) else None
    box = np.empty((n_Y, n_S), dtype=int)
    # Corners are taken from the middle of their box: those of a narrow one would look all alike.
    middle = corners.mean(axis=2)
    offsets = corners - middle[:, :, None, :]
    for y in range(n_Y):
        here = np.flatnonzero(ys == y)
        for s in range(n_S):
            entries = [(here, data.posterior[s, xs[here]]), (weights[y], -offsets[:, y, :, s])]
            if misses is not None:
                entries += [(misses[:1, y, s], 1.0), (misses[1:, y, s], -1.0)]
            box[y, s] = rows.add(middle[:, y, s], *entries)
        rows.add(1.0, (weights[y], 1.0))
    places["box"] = box
    if "C" in goal.bounds:
        h, at_middle = _heights(corners)
        room = goal.bounds["C"] - at_middle.sum(axis=1)
        entries = (weights.ravel(), h.reshape(len(h), -1)), (rows.new(1), 1.0), (relax, -1.0)
        places["C"] = [rows.add(room, *entries)]
    return np.empty(0, dtype=int) if misses is None else misses.ravel()


def _heights(corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much the label's entropy at the corners is above that in the middle, and the latter."""
    at_middle = label_entropy(corners.mean(axis=2))
    return label_entropy(corners) - at_middle[:, :, None], at_middle


def _start(program: ConvexProgram, first: np.ndarray, slacks: list) -> Point:
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
