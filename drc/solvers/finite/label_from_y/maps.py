"""The deterministic maps of a problem, all of them, with what each adds to the quantities of a mix.

Linear programs with one column for each map are solved over few of them at a time ([dantzig1960]).
"""

from __future__ import annotations

from collections.abc import Callable, MutableSet
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from drc.errors import ProblemError
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.programs import Columns, Goal, Table
from drc.solvers.highs import linear_program
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

    @cached_property
    def columns(self) -> Columns:
        """What the weights of the maps add to, as the variables of a program."""
        every = np.arange(len(self.functions))
        outputs = [(every, law) for law in self.laws.T]
        return Columns([(1.0, every)], outputs, lambda y, s: self.label_laws[:, y, s], self.distortion, self.rate.low)


#: How many maps join in one round, how many are all taken at once, and how many rounds there are.
_JOIN, _FEW, _ROUNDS = 40, 300, 60

#: What counts as an improvement when doubles price.
_SLIGHT = 1e-11


def solve_mix(
    maps: Maps,
    goal: Goal,
    pool: MutableSet[int],
    clock: Clock,
    *,
    corners: np.ndarray | None = None,
    slopes: np.ndarray | None = None,
) -> tuple[np.ndarray, float, Multipliers]:
    """Solve a program over all maps: over those of a pool, and those that join it, until none would improve the answer.

    Parameters
    ----------
    corners : array, shape (n_Y, V, n_S), optional
        The corners of a box: chords instead of the label's entropy.
    slopes : array, shape (n_Y, n_S), optional
        Tangents; one of the two must be given.

    Returns
    -------
    (array of shape (K,), float, Multipliers)
        A mix of maps in doubles, by how much it misses bounds, and the multipliers of its program.
    """
    K = len(maps.functions)
    label_costs = None if slopes is None else (maps.label_laws.reshape(K, -1) @ slopes.ravel())[None]
    boxes = None if corners is None else corners[None]
    table = Table(maps.data, goal, maps.columns, corners=boxes, label_costs=label_costs, elastic=True)
    (rows,), (right,) = map(np.asarray, table.equations())
    of_maps, others, costs, extra = rows[:, :K], rows[:, K:], table.costs[0, :K], table.costs[0, K:]
    if K <= _FEW:
        indices = list(range(K))
    else:
        indices = list(dict.fromkeys([*maps.constants.tolist(), int(np.argmin(costs)), *sorted(pool)]))
    for turn in range(_ROUNDS):
        found = linear_program(np.r_[costs[indices], extra], np.hstack([of_maps[:, indices], others]), right, right)
        reduced = costs - found.y @ of_maps
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
    at = table.multipliers(found.y[None], np.empty((1, 0)))[0]
    if slopes is not None:
        at = replace(at, slopes=at.C * slopes)
    # The one equation of all weights has a share in the multiplier of every output letter.
    v = np.full(len(maps.data.ys), float(at.u[0]))
    own = table.places.get("y", [])
    v[: len(own)] += table.scale * found.y[own]
    excess = float(found.x[len(indices) + table.relax[0] - K])
    return weights, excess, replace(at, u=np.zeros(len(maps.data.xs)), v=v)
