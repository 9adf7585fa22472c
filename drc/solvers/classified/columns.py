"""Linear programs with one column for each map, solved over few of them at a time ([dantzig1960])."""

from __future__ import annotations

from collections.abc import MutableSet
from dataclasses import dataclass, field

import numpy as np

from drc.solvers.classified.linear import Vertex, linear_program
from drc.solvers.classified.maps import Maps
from drc.solvers.classified.plans import moving
from drc.solvers.entropic.dual import Multipliers, label_entropy
from drc.solvers.entropic.programs import Goal
from drc.solvers.request import Clock

#: What is paid for missing a bound: more than any multiplier that matters.
_PENALTY = 1e4

#: How many maps join in one round, how many are all taken at once, and how many rounds there are.
_JOIN, _FEW, _ROUNDS = 40, 300, 60

#: What counts as an improvement when doubles price.
_SLIGHT = 1e-11


@dataclass(frozen=True, eq=False)
class Solved:
    """A mix of maps in doubles, by how much it misses bounds, and multipliers.

    Attributes
    ----------
    weights : array, shape (K,)
    excess : float
    multipliers : Multipliers
        Without a batch.
    """

    weights: np.ndarray
    excess: float
    multipliers: Multipliers


@dataclass
class _Rows:
    """Rows as they are added: coefficients of all maps, and of the other columns."""

    costs: list[float] = field(default_factory=list)
    maps: list = field(default_factory=list)
    others: list = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def column(self, cost: float = 0.0) -> int:
        self.costs.append(cost)
        return len(self.costs) - 1

    def add(self, maps: np.ndarray, others: dict[int, float], low: float, high: float) -> int:
        self.maps.append(maps)
        self.others.append(others)
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def other_columns(self) -> np.ndarray:
        found = np.zeros((len(self.low), len(self.costs)))
        for row, entries in enumerate(self.others):
            for column, value in entries.items():
                found[row, column] = value
        return found


class MapProgram:
    """A program over all maps, with chords over a box or with tangents instead of the label's entropy.

    Parameters
    ----------
    maps : Maps
    goal : Goal
    corners : array, shape (n_Y, V, n_S), optional
        The corners of a box: chords.
    slopes : array, shape (n_Y, n_S), optional
        Tangents; one of the two must be given.
    """

    def __init__(
        self, maps: Maps, goal: Goal, *, corners: np.ndarray | None = None, slopes: np.ndarray | None = None
    ) -> None:
        self.maps, self.goal, self.slopes = maps, goal, slopes
        data, rows = maps.data, _Rows()
        self.rows, self.places, self.unit = rows, {}, 1.0
        scale = data.scale if goal.price("D") > 0 else 1.0
        self.price = 1.0 if goal.objective == "0" and goal.prices is None else _PENALTY * scale
        self.relax = rows.column(self.price)
        self._laws()
        rate, costs = maps.rate.low, goal.price("D") * maps.distortion
        label = None if slopes is None else self._labels @ slopes.ravel()
        costs = costs + goal.price("R") * rate + (0.0 if label is None else goal.price("C") * label)
        self.costs = costs
        self._bound("R", rate, {}, 1.0)
        self._bound("D", maps.distortion, {}, data.scale)
        if label is not None:
            self._bound("C", label, {}, 1.0)
        if corners is not None:
            self._chords(corners)

    def _bound(self, name: str, of_maps: np.ndarray, others: dict, unit: float, shift: float = 0.0) -> None:
        if name in self.goal.bounds:
            high = self.goal.bounds[name] - shift
            self.places[name] = self.rows.add(of_maps, others | {self.relax: -unit}, -np.inf, high)

    def _laws(self) -> None:
        """Tie the output law: to the target, to the reference, or to be a law."""
        data, rows, laws = self.maps.data, self.rows, self.maps.laws
        none = np.zeros(len(laws))
        if data.target is not None:
            self.places["nu"] = [rows.add(law, {}, q, q) for law, q in zip(laws.T, data.target, strict=True)]
        elif data.measure is None or "P" not in self.goal.bounds:
            self.places["nu"] = [rows.add(none + 1.0, {}, 1.0, 1.0)] * laws.shape[1]
        else:
            cost, reference = moving(data)
            moved = np.array([[rows.column() for _ in row] for row in cost])
            self.places["nu"] = [
                rows.add(law, dict.fromkeys(row.tolist(), -1.0), 0.0, 0.0)
                for law, row in zip(laws.T, moved, strict=True)
            ]
            for column, q in zip(moved.T, reference, strict=True):
                rows.add(none, dict.fromkeys(column.tolist(), 1.0), q, q)
            paid = dict(zip(moved.ravel().tolist(), cost.ravel().tolist(), strict=True))
            # A small bound is met as well as a large one.
            self.unit = max(self.goal.bounds["P"], 1e-6 * data.ground_scale)
            paid = {column: cost / self.unit for column, cost in paid.items()}
            self.places["P"] = rows.add(none, paid | {self.relax: -1.0}, -np.inf, self.goal.bounds["P"] / self.unit)

    def _chords(self, corners: np.ndarray) -> None:
        """Let each output's joint law with the label be a mean of corners, seen from the middle of the box."""
        rows, laws, none = self.rows, self.maps.label_laws, np.zeros(len(self.maps.laws))
        middle = corners.mean(axis=1)
        at_middle = label_entropy(middle)
        heights = label_entropy(corners) - at_middle[:, None]
        price, entropies = self.goal.price("C"), {}
        self.places["box"] = np.empty(middle.shape, dtype=int)
        for y, vertices in enumerate(corners):
            weights = [rows.column(price * h) for h in heights[y].tolist()]
            entropies |= dict(zip(weights, heights[y].tolist(), strict=True))
            for s in range(middle.shape[1]):
                offsets = dict(zip(weights, (middle[y, s] - vertices[:, s]).tolist(), strict=True))
                misses = {rows.column(self.price): 1.0, rows.column(self.price): -1.0}
                at = float(middle[y, s])
                self.places["box"][y, s] = rows.add(laws[:, y, s], offsets | misses, at, at)
            rows.add(none, dict.fromkeys(weights, 1.0), 1.0, 1.0)
        self._bound("C", none, entropies, 1.0, float(at_middle.sum()))

    @property
    def _labels(self) -> np.ndarray:
        return self.maps.label_laws.reshape(len(self.maps.functions), -1)

    def solve(self, pool: MutableSet[int], clock: Clock) -> Solved:
        """Solve over the maps of a pool, and those that join it, until none would improve the answer."""
        K, rows = len(self.costs), self.rows
        of_maps, others = np.stack(rows.maps), rows.other_columns()
        low, high, extra = np.array(rows.low), np.array(rows.high), np.array(rows.costs)
        if K <= _FEW:
            indices = list(range(K))
        else:
            indices = list(dict.fromkeys([*self.maps.constants.tolist(), int(np.argmin(self.costs)), *sorted(pool)]))
        for turn in range(_ROUNDS):
            found = linear_program(
                np.r_[self.costs[indices], extra], np.hstack([of_maps[:, indices], others]), low, high
            )
            reduced = self.costs - found.y @ of_maps
            best = np.argpartition(reduced, min(_JOIN, K - 1))[:_JOIN]
            best = best[np.argsort(reduced[best])]
            joining = best[reduced[best] < -_SLIGHT * (1.0 + np.abs(found.y).max())]
            new = [k for k in joining.tolist() if k not in set(indices)]
            if not new or not found.optimal or clock.over or turn == _ROUNDS - 1:
                break
            indices += new
        weights = np.zeros(K)
        weights[indices] = np.maximum(found.x[: len(indices)], 0.0)
        pool |= {k for k in indices if weights[k] > 0}
        return Solved(weights, float(found.x[len(indices) + self.relax]), self._multipliers(found))

    def _multipliers(self, found: Vertex) -> Multipliers:
        goal, data = self.goal, self.maps.data
        values = {}
        for name in ("R", "C", "D", "P"):
            place = self.places.get(name)
            unit = self.unit if name == "P" else 1.0
            values[name] = np.array(goal.price(name) if place is None else max(-found.y[place], 0.0) / unit)
        slopes = values["C"] * self.slopes if self.slopes is not None else -found.y[self.places["box"]]
        return Multipliers(**values, u=np.zeros(len(data.xs)), slopes=slopes, v=found.y[self.places["nu"]])
