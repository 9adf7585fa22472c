"""The deterministic maps of a problem, all of them, with what each adds to the quantities of a mix.

Linear programs with one column for each map are solved over few of them at a time ([dantzig1960]).
"""

from __future__ import annotations

from collections.abc import Callable, MutableSet
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from drc.errors import ProblemError
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.classified.plans import moving
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, label_entropy
from drc.solvers.entropic.programs import Goal
from drc.solvers.highs import Vertex, linear_program
from drc.solvers.request import Clock

#: How many maps are enumerated at most.
MOST_MAPS = 300_000

#: How many maps are set up between two looks at the clock.
_BLOCK = 2**15

#: Half the distance from one to the next double.
_U = 2.0**-53


@dataclass(frozen=True, eq=False)
class Maps:
    """All maps without a forbidden pair, for the letters kept.

    Attributes
    ----------
    data : Data
    clock : Clock, optional
        Many maps take a while to set up: `OutOfTime` is raised there.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Data.of(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5], classifier_sees="Y")))
    >>> maps.functions.tolist(), maps.distortion.tolist()
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [0.5, 0.0, 1.0, 0.5])
    """

    data: Data
    clock: Clock = field(default_factory=Clock)

    @cached_property
    def functions(self) -> np.ndarray:
        """`f(x)` for each map: integers, shape (K, n_X).

        Raises
        ------
        ProblemError
            If there are more than MOST_MAPS.
        OutOfTime
        """
        n_X, n_Y = self.data.d.low.shape
        if n_Y**n_X > MOST_MAPS:
            raise ProblemError(f"the number of maps must be at most {MOST_MAPS}, got {n_Y}^{n_X}")
        places = n_Y ** np.arange(n_X - 1, -1, -1)
        allowed, letters = np.isfinite(self.data.d.high), np.arange(n_X)
        blocks = []
        for first in range(0, n_Y**n_X, _BLOCK):
            self.clock.check()
            block = np.arange(first, min(first + _BLOCK, n_Y**n_X))[:, None] // places % n_Y
            blocks.append(block[allowed[letters, block].all(axis=1)].astype(np.int16))
        return np.concatenate(blocks)

    @cached_property
    def constants(self) -> np.ndarray:
        """Which maps send all letters to the same place."""
        return np.flatnonzero((self.functions == self.functions[:, :1]).all(axis=1))

    @cached_property
    def distortion(self) -> np.ndarray:
        """`E d(X, f(X))`, shape (K,)."""
        letters = np.arange(self.functions.shape[1])
        return self._by_blocks(lambda f: self.data.distortion[letters, f] @ self.data.source)

    @cached_property
    def laws(self) -> np.ndarray:
        """The law of `f(X)`, shape (K, n_Y)."""
        return self._by_blocks(lambda f: self._masses(f, self.data.source[:, None])[:, :, 0])

    @cached_property
    def label_laws(self) -> np.ndarray:
        """`P(f(X)=y, S=s)`, shape (K, n_Y, n_S)."""
        p_XS = (self.data.posterior * self.data.source).T
        return self._by_blocks(lambda f: self._masses(f, p_XS))

    @cached_property
    def rate(self) -> Interval:
        """`H(f(X))` in nats, shape (K,)."""
        laws, roundings = self.laws, 4 + self.functions.shape[1]
        rates = []
        for first in range(0, max(1, len(laws)), _BLOCK):
            self.clock.check()
            rates.append(Interval.around(laws[first : first + _BLOCK], roundings).entropy_terms().sum(axis=1))
        return Interval(*(np.concatenate([getattr(part, end) for part in rates]) for end in ("low", "high")))

    def _masses(self, functions: np.ndarray, masses: np.ndarray) -> np.ndarray:
        """Return what each output letter gets of the masses of the source letters, shape (K, n_Y, n)."""
        n_Y = self.data.d.low.shape[1]
        return np.stack([(functions == y).astype(float) @ masses for y in range(n_Y)], axis=1)

    def _by_blocks(self, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        found = []
        for first in range(0, max(1, len(self.functions)), _BLOCK):
            self.clock.check()
            found.append(function(self.functions[first : first + _BLOCK]))
        return np.concatenate(found)

    @cached_property
    def features(self) -> np.ndarray:
        """Distortion, rate, law and joint law with the label of each map, shape (K, 2 + n_Y + n_Y n_S)."""
        K = len(self.functions)
        parts = [self.distortion[:, None], self.rate.low[:, None], self.laws, self.label_laws.reshape(K, -1)]
        return np.concatenate(parts, axis=1)

    def prices(self, D: np.ndarray, R: np.ndarray, nu: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Bound the least of `D E d + R H(f(X)) - sum nu P(f(X)=y) + sum g P(f(X)=y, S=s)` over all maps from below.

        Parameters
        ----------
        D, R : array, shape (B,)
        nu : array, shape (B, n_Y)
        slopes : array, shape (B, n_Y, n_S)

        Returns
        -------
        array, shape (B,)
        """
        features = self.features
        weights = np.concatenate([D[:, None], R[:, None], -nu, slopes.reshape(len(D), -1)], axis=1)
        # Features are sums of products of few numbers, each right to some units in the last place.
        error = (4 * (self.functions.shape[1] + features.shape[1]) + 16) * _U
        least = np.full(len(D), np.inf)
        for first in range(0, len(features), _BLOCK):
            block = features[first : first + _BLOCK].T
            least = np.minimum(least, (weights @ block - error * (np.abs(weights) @ block)).min(axis=1))
        return least - 1e-300

    def coupling(self, weights: np.ndarray) -> np.ndarray:
        """Return the joint law of `X` and `Y` of mixes, shape (B, n_X, n_Y), for weights of shape (B, K)."""
        used = np.flatnonzero((weights > 0).any(axis=0))
        places = np.eye(self.data.d.low.shape[1])[self.functions[used]]
        return np.einsum("bk,kxy,x->bxy", weights[:, used], places, self.data.source)


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
