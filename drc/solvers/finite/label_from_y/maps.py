"""The deterministic maps of a problem: all of them with what each adds to the quantities of a mix, and those worth a look.

Linear programs with one column for each map are solved over few of them at a time ([dantzig1960]).

Some plans need no search. They are tried first, so that no answer lacks a plan where one is obvious: constant maps, the map
of least distortion, maps that keep all the information the source carries about the label (the identity, if there is one),
and outputs that do not depend on the source. For few letters all maps are tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableSet
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy.optimize import linear_sum_assignment

from drc.errors import ProblemError
from drc.solvers.arithmetic.rounding import ROUNDOFF, Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.programs import Columns, Goal, Table
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.label_from_y.boxes import posteriors_of, tangent_slopes
from drc.solvers.finite.pricing.subsets import MOST_LETTERS_TWO
from drc.solvers.highs import linear_program
from drc.solvers.request import Clock

#: How many maps are enumerated at most.
MOST_MAPS = 300_000

#: In the plane of `Maps._lines`, twice the area of a triangle below which its corners count as on one line.
_ON_LINE = 1e-13

#: How many maps are set up between two looks at the clock.
_BLOCK = 2**15


@dataclass(frozen=True, eq=False)
class Maps:
    """All maps without a forbidden pair, for the letters kept.

    Many maps take a while to set up: out of time by the clock, `OutOfTime` is raised there.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Data.of(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5], classifier_sees="Y")))
    >>> maps.functions.tolist(), maps.distortion.tolist()
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [0.5, 0.0, 1.0, 0.5])
    """

    data: Data
    clock: Clock = field(default_factory=Clock)

    @property
    def are_lines(self) -> bool:
        """Whether the maps are those that a line separates: of two labels and outputs, and many letters."""
        n_X, n_Y = self.data.d.low.shape
        return n_Y == 2 == self.data.posterior.shape[0] and n_Y**n_X > MOST_MAPS >= 2 * n_X**2

    @property
    def are_few(self) -> bool:
        """Whether they can be listed, and the proofs be checked."""
        n_X, n_Y = self.data.d.low.shape
        return (n_Y**n_X <= MOST_MAPS and n_X <= MOST_LETTERS_TWO) or self.are_lines

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
        if self.are_lines:
            return self._lines()
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

    def _lines(self) -> np.ndarray:
        """Return the maps whose cells a line separates in the plane of `d(x, 0) - d(x, 1)` and `p(s=0|x)`.

        With multipliers each letter has a cost per mass that is linear in both, and what a cell costs besides is concave in
        its mass: a cheapest cell holds the letters below a threshold.
        """
        low = np.where(np.isfinite(self.data.d.high), self.data.distortion, 0.0)
        free = np.flatnonzero(np.isfinite(self.data.d.high).all(axis=1))
        points = np.stack([(low[:, 0] - low[:, 1]) / self.data.scale, self.data.posterior[0]], axis=1)[free]
        cells = [np.packbits([[False] * len(free), [True] * len(free)], axis=1)]
        for point in points:
            self.clock.check()
            apart = points - point
            for along in (apart, -apart):
                # Below the line from this letter to another one, and on it up to this letter.
                above = along[:, :1] * apart[:, 1] - along[:, 1:] * apart[:, 0]
                inside = (above < -_ON_LINE) | ((above <= _ON_LINE) & (along @ apart.T <= _ON_LINE))
                cells.append(np.packbits(inside, axis=1))
        every = np.unique(np.concatenate(cells), axis=0)
        found = np.tile(np.where(np.isfinite(self.data.d.high[:, 0]), 0, 1), (len(every), 1)).astype(np.int16)
        found[:, free] = 1 - np.unpackbits(every, axis=1, count=len(free))
        return found

    @cached_property
    def constants(self) -> np.ndarray:
        """Which maps send all letters to the same place."""
        return np.flatnonzero((self.functions == self.functions[:, :1]).all(axis=1))

    @cached_property
    def distortion(self) -> np.ndarray:
        """`E d(X, f(X))`, shape (K,)."""
        letters = np.arange(self.functions.shape[1])
        return self._by_blocks(lambda f: self.data.distortion[letters, f] @ self.data.source)

    def means(self, costs: np.ndarray) -> np.ndarray:
        """Return the mean cost of each map, shape (K,), for costs of shape (n_X, n_Y)."""
        letters, source = np.arange(self.functions.shape[1]), self.data.source
        if self.are_lines:
            least, more = source @ costs[:, 0], source * (costs[:, 1] - costs[:, 0])
            return self._by_blocks(lambda f: least + f.astype(float) @ more)
        return self._by_blocks(lambda f: costs[letters, f] @ source)

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

        `D` and `R` have the shape (B,), `nu` (B, n_Y), `slopes` (B, n_Y, n_S).

        The result has the shape (B,).
        """
        if self.are_lines:
            return self._least_lines(D, R, nu, slopes)
        features = self.features
        weights = np.concatenate([D[:, None], R[:, None], -nu, slopes.reshape(len(D), -1)], axis=1)
        # Features are sums of products of few numbers, each right to some units in the last place.
        error = (4 * (self.functions.shape[1] + features.shape[1]) + 16) * ROUNDOFF
        least = np.full(len(D), np.inf)
        for first in range(0, len(features), _BLOCK):
            block = features[first : first + _BLOCK].T
            least = np.minimum(least, (weights @ block - error * (np.abs(weights) @ block)).min(axis=1))
        return least - 1e-300

    def _least_lines(self, D: np.ndarray, R: np.ndarray, nu: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Return the same for two outputs: a cheapest cell holds the letters of least cost per mass, see `_lines`.

        Costs per mass are rounded before they are sorted, which changes the cost of a map by no more than their rounding.
        """
        data, allowed = self.data, np.isfinite(self.data.d.high)
        d = np.where(allowed, data.distortion, 0.0)
        units = D[:, None, None] * d - nu[:, None, :] + np.einsum("bys,sx->bxy", slopes, data.posterior)
        difference = np.where(allowed[:, 0], np.where(allowed[:, 1], units[:, :, 0] - units[:, :, 1], -np.inf), np.inf)
        order = np.argsort(difference, axis=1, kind="stable")
        least = np.zeros((len(D), len(d) + 1))
        # The first letters in that order are in the cell of 0, the others in that of 1.
        for y, way in ((0, slice(None)), (1, slice(None, None, -1))):
            paid = data.source * np.where(allowed[:, y], units[:, :, y], np.inf)
            paid, mass = np.take_along_axis(paid, order, axis=1)[:, way], data.source[order][:, way]
            paid, mass = (np.pad(np.cumsum(part, axis=1), ((0, 0), (1, 0)))[:, way] for part in (paid, mass))
            least += paid - R[:, None] * mass * np.log(np.maximum(mass, 1e-300))
        size = D * np.abs(d).max() + R + np.abs(nu).max(axis=1) + np.abs(slopes).max(axis=(1, 2))
        return least.min(axis=1) - 8 * (len(d) + 16) * ROUNDOFF * size - 1e-300

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
    linear: Mapping[str, np.ndarray] | None = None,
) -> tuple[np.ndarray, float, Multipliers]:
    """Solve a program over all maps: over those of a pool, and those that join it, until none would improve the answer.

    One of two is given: `corners`, of shape (n_Y, V, n_S), those of a box for chords instead of the label's entropy; or
    `linear`, of shape (K,) for the name of a bound, what maps add to it by tangents.

    Returns a mix of maps in doubles, of shape (K,), by how much it misses bounds, and the multipliers of its program.
    """
    K = len(maps.functions)
    costs_of_maps = None if linear is None else {name: costs[None] for name, costs in linear.items()}
    boxes = None if corners is None else corners[None]
    table = Table(maps.data, goal, maps.columns, corners=boxes, linear=costs_of_maps, elastic=True)
    (rows,), (right,) = map(np.asarray, table.equations())
    of_maps, others, costs, extra = rows[:, :K], rows[:, K:], table.costs[0, :K], table.costs[0, K:]
    if K <= _FEW:
        indices = list(range(K))
    else:
        indices = list(dict.fromkeys([*maps.constants.tolist(), int(np.argmin(costs)), *sorted(pool)]))
    for turn in range(_ROUNDS):
        found = linear_program(np.r_[costs[indices], extra], np.hstack([of_maps[:, indices], others]), right)
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
    # The one equation of all weights has a share in the multiplier of every output letter.
    v = np.full(len(maps.data.ys), float(at.u[0]))
    own = table.places.get("y", [])
    v[: len(own)] += table.scale * found.y[own]
    excess = float(found.x[len(indices) + table.relax[0] - K])
    slopes = np.zeros(maps.label_laws.shape[1:]) if at.slopes is None else at.slopes
    return weights, excess, replace(at, slopes=slopes, u=np.zeros(len(maps.data.xs)), v=v)


# Plans without a search


#: Of up to this many maps all are tried, and of those this many are kept that seem to meet the bounds.
_ALL, _KEPT = 1024, 4

#: By how much a bound may seem to be missed, in scaled units: whether it is, exact arithmetic says.
_ROUNDING = 1e-9

#: Posteriors that are the same to this many decimals are taken for the same.
_ALIKE = 12


def candidate_maps(question: Question) -> list[np.ndarray]:
    """Return maps that are worth an exact look: integer arrays over the letters kept.

    With a target law, the maps must have it.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.door import read
    >>> f = Finite([[0.5, 0], [0, 0.5]], setting="asymptotic")
    >>> [f.tolist() for f in candidate_maps(read(f, C=0))]
    [[0, 1], [1, 0]]
    """
    data = question.data
    n_X, n_Y = data.d.low.shape
    if n_Y**n_X <= _ALL:
        return _best_of_all(question)
    if data.p_Y is not None:
        return []
    letters = np.arange(n_X)
    found = [data.distortion.argmin(axis=1)]
    found += [f for f in [_keeping_the_label(data)] if f is not None]
    if question.problem.setting == "one-shot":
        found += [np.full(n_X, y) for y in range(n_Y)]
    return [f for f in found if np.isfinite(data.distortion[letters, f]).all()]


def _best_of_all(question: Question) -> list[np.ndarray]:
    """Return the best of all maps that seem to meet the bounds."""
    data, maps = question.data, Maps(question.data)
    own = question.linear(tangent_slopes(posteriors_of(data, maps.label_laws)))
    letters, each = np.arange(len(data.source)), np.arange(len(maps.functions))[:, None]
    reached = {name: costs[each % len(costs), letters, maps.functions] @ data.source for name, costs in own.items()} | {
        "D": maps.distortion,
        "R": maps.rate.low,
    }
    meets = np.ones(len(maps.functions), dtype=bool)
    for name, bound in question.intervals.items():
        if name in reached:
            meets &= reached[name] <= float(bound.high) + _ROUNDING * (data.scale if name == "D" else 1.0)
    if data.p_Y is not None:
        meets &= np.abs(maps.laws - data.target).max(axis=1) < _ROUNDING
    if question.prices is not None:
        costs = sum((price * reached[name] for name, price in question.prices.items()), np.zeros(len(meets)))
    else:
        costs = reached[question.minimise] + (question.slope_nats or 0.0) * reached["R"]
    kept = np.flatnonzero(meets)
    kept = kept[np.argsort(costs[kept], kind="stable")]
    if data.measure is None:
        return [*maps.functions[kept[:_KEPT]].astype(int)]
    # Whether a law is near enough to the reference only an exact look says: those of different laws are taken.
    _, first = np.unique(maps.laws[kept].round(12), axis=0, return_index=True)
    return [*maps.functions[kept[np.sort(first)[: 4 * _KEPT]]].astype(int)]


def classes(data: Data) -> np.ndarray:
    """Return a number for each letter kept, the same for letters with the same posterior of the label.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> classes(Data.of(Finite([[0.1, 0.2, 0.3], [0.1, 0.2, 0.1]]))).tolist()
    [0, 0, 1]
    """
    _, first, same = np.unique(data.posterior.T.round(_ALIKE), axis=0, return_index=True, return_inverse=True)
    # In the order in which they come.
    return np.argsort(np.argsort(first))[same.ravel()]


def _keeping_the_label(data: Data) -> np.ndarray | None:
    """Return a map of low distortion under which letters of different posteriors never meet; None without one."""
    kind = classes(data)
    n_Y = len(data.ys)
    if kind.max() >= n_Y:
        return None
    large = 1e6 * data.scale
    costs = np.where(np.isfinite(data.distortion), data.distortion, large) * data.source[:, None]
    of_classes = np.array([costs[kind == k].sum(axis=0) for k in range(kind.max() + 1)])
    owner = np.full(n_Y, -1)
    rows, columns = linear_sum_assignment(of_classes)
    owner[columns] = rows
    # An output letter that nobody needs goes to the class that it helps most.
    for y in np.flatnonzero(owner < 0):
        own = [costs[kind == k] for k in range(len(of_classes))]
        gains = [
            float(np.maximum(mine[:, owner == k].min(axis=1) - mine[:, y], 0.0).sum()) for k, mine in enumerate(own)
        ]
        if max(gains) > 0:
            owner[y] = int(np.argmax(gains))
    allowed = np.where(owner[None] == kind[:, None], costs, math.inf)
    return allowed.argmin(axis=1)


def candidate_laws(question: Question) -> list[np.ndarray]:
    """Return laws of an output that is independent of the source: single letters, and those near the reference.

    There is no target law.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.door import read
    >>> f = Finite([[0.5, 0.5]], setting="asymptotic")
    >>> [law.tolist() for law in candidate_laws(read(f, C=1))]
    [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]
    """
    data = question.data
    n_Y = len(data.ys)
    laws = [*np.eye(n_Y), np.full(n_Y, 1.0 / n_Y)]
    if data.measure is None:
        return laws
    nearest = data.law_at_rest
    costs = np.where(np.isfinite(data.distortion), data.distortion, 1e6 * data.scale)
    cheapest = np.eye(n_Y)[(data.source @ costs).argmin()]
    # As far from the reference towards the cheapest letter as the bound allows, and not at all.
    room = float(question.intervals["P"].low) / data.ground_scale
    far = float(np.clip(room, 0.0, 1.0)) if data.measure != "KL" else 0.0
    return [nearest, (1 - far) * nearest + far * cheapest, *laws]
