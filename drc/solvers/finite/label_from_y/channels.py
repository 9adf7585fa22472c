"""Long blocks, the classifier sees Y: couplings, whose convex programs bound the label's entropy by chords or tangents."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drc.information import mutual_information
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers, label_entropy, lower_bounds
from drc.solvers.finite.asymptotic.programs import BoxBounds, Relaxed, build, dual_of_boxes
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.solve import solve_entropic
from drc.solvers.finite.label_from_y.boxes import MOST_LABELS, posteriors_of, tangent_slopes
from drc.solvers.finite.label_from_y.maps import candidate_laws, candidate_maps
from drc.solvers.finite.label_from_y.plans import Coupling, coupling, independent
from drc.solvers.finite.label_from_y.question import NOTHING
from drc.solvers.request import Clock

#: How many products the programs of one round of starts take.
_ROUND = 1e7

#: How many channels are drawn at least and at most for a descent, how many products it takes, and how many steps.
_DRAWN, _PRODUCTS, _DESCENT = (12, 96), 3e8, 240

#: By how much more than asked bounds are to be met there, how fast prices move, and how many of the best plans are proved.
_NEARLY, _PUSH, _KEPT = 1e-3, 1.0, 3

#: Of more entries a plan is measured in doubles before it is in exact numbers; programs of more products are large, and how
#: many rounds of descents there are instead.
_SMALL, _LARGE, _DESCENTS = 400, 2e9, 2

#: The least price of rate at which there is one.
_LEAST_PRICE = 1e-6

#: How many products a step of the interior-point method takes on a batch.
_WORK = 1e8


@dataclass(frozen=True, eq=False)
class Channels:
    """The couplings of a problem: their convex programs, and proofs about them.

    Out of time, a program is left as far as it is solved, or unsolved: with a plan that misses its bounds, and multipliers
    that prove nothing.

    `kind` is that of its certificates, `hopeless` what it means that even the easier problem is infeasible, and
    `number` how many codes there are, to be said of the method.
    """

    question: Question
    kind = "channels"
    hopeless = "not even feasible without C"
    number = ""

    @property
    def work(self) -> float:
        """About how many products a box takes in each step of the interior-point method."""
        (n_X, n_Y), n_S = self.question.data.d.low.shape, self.question.problem.n_S
        return _products(n_Y * (n_X + 2.0**n_S + 2 * n_S), n_X + n_Y * (n_S + 1))

    @property
    def most_starts(self) -> int:
        """How many starts may be followed at once: a round of their programs takes about a second."""
        n_X, n_Y = self.question.data.d.low.shape
        return int(np.clip(_ROUND / _products(n_X * n_Y, n_X + n_Y), 3, 32))

    @property
    def searchable(self) -> bool:
        """Whether branch and bound comes to an end: there are few labels."""
        return self.question.problem.n_S <= MOST_LABELS

    def easier(self, share: float) -> tuple[float, dict[str, object]]:
        """Return the bound of an easier problem, in nats, and its proof: the known one, or that of the problem without C."""
        question = self.question
        if question.known is not None:
            return question.known
        clock = question.clock.part(share * question.clock.left)
        if clock.over or question.minimise == "C":
            return NOTHING
        bounds = {name: bound for name, bound in question.bounds.items() if name != "C"}
        # Without it nothing is gained by sharing the time.
        single = replace(question.problem, time_sharing=False)
        own = {"problem": single, "bounds": bounds, "clock": clock}
        relaxed = solve_entropic(replace(question, **own, method=None, start=None, asked=None))
        return float(relaxed.lower) * question.objective_nat, relaxed.certificate.dual

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """Solve with chords instead of the label's entropy, over boxes."""
        q = self.question
        goal = q.minimise if objective == "1" else "0"
        prices = q.prices if objective == "1" else None
        options = {"slope": q.slope_nats, "prices": prices, "gap": gap, "clock": q.clock}
        parts = _parts(len(low), self.work)
        # A letter with forbidden pairs only has an infinite potential; what is not a number then proves nothing.
        with np.errstate(invalid="ignore", divide="ignore"):
            found = [dual_of_boxes(q.data, q.intervals, low[i], high[i], objective=goal, **options) for i in parts]
        return BoxBounds.joined(found)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Relaxed:
        """Solve with tangents instead of the label's entropy, bounds tightened by a margin."""
        n_X, n_Y = self.question.data.d.low.shape
        parts = _parts(len(posteriors), _products(n_X * n_Y, n_X + n_Y))
        return Relaxed.joined([self._tangents(posteriors[i], margin, gap) for i in parts])

    def _tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Relaxed:
        data, goal = self.question.data, self.question.tightened(margin)
        slopes = tangent_slopes(posteriors)
        model = build(data, goal, linear=self.question.linear(slopes), elastic=True)
        point = model.solve(gap=gap, clock=self.question.clock)
        couplings, at = model.couplings(point), model.multipliers(point)
        uniform = np.outer(data.source, np.ones(len(data.ys)) / len(data.ys))
        couplings = np.where(np.isfinite(couplings), couplings, uniform)
        return Relaxed(replace(at, slopes=at.C[:, None, None] * slopes), couplings, model.excess(point))

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """Prove what multipliers prove about boxes."""
        with np.errstate(invalid="ignore"):
            return lower_bounds(self.question.data, self.question.intervals, at, corners)

    def plain(self) -> Iterator[Coupling | None]:
        """Yield plans that need no search, the simplest first; see `candidate_maps`."""
        data, exact = self.question.data, self.question.exact
        if data.p_Y is not None:
            yield independent(exact)
        joints = [data.source[:, None] * np.eye(len(data.ys))[f] for f in candidate_maps(self.question)]
        if data.p_Y is None:
            # A channel whose rows are equal carries no information.
            joints = [np.outer(data.source, law) for law in candidate_laws(self.question)] + joints
        for joint in joints:
            # Of many letters the exact look takes long.
            if joint.size <= _SMALL or self._seems_to_meet(joint):
                yield coupling(exact, joint)
        prices, goal = self._prices(), self.question.goal
        if prices is None:
            return
        objective = {name: goal.price(name) for name in "DRC"}
        for seed in range(_DESCENTS if self.is_large else 1):
            found = self._descended(prices, np.random.default_rng(seed))
            for i in found.feasible(goal.bounds, objective)[:_KEPT]:
                yield coupling(exact, found.joints[i])
            if self.question.clock.over:
                return

    @property
    def is_large(self) -> bool:
        """Whether a step of a convex program takes some tenths of a second, so that descents have to do."""
        n_X, n_Y = self.question.data.d.low.shape
        return _products(n_X * n_Y, n_X + n_Y) > _LARGE

    def _seems_to_meet(self, joint: np.ndarray) -> bool:
        """Whether a plan meets the bounds on D, R and C in doubles."""
        reached, goal = self.measured(joint[None], self.laws(joint[None])), self.question.goal
        return all(float(reached[name][0]) <= (1 + 1e-9) * goal.bounds.get(name, math.inf) for name in reached)

    def point(self, plan: Coupling) -> np.ndarray:
        """Return a plan in doubles."""
        return plan.joint

    def laws(self, points: np.ndarray) -> np.ndarray:
        """Return the joint laws of output and label of plans, shape (B, n_Y, n_S)."""
        return np.einsum("bxy,sx->bys", points, self.question.data.posterior)

    def measured(self, points: np.ndarray, laws: np.ndarray) -> dict[str, np.ndarray]:
        """Return "D", "R" and "C" of plans, in nats and doubles."""
        costs = self.question.data.distortion
        return {
            "D": (points * np.where(np.isfinite(costs), costs, 0.0)).sum(axis=(1, 2)),
            "R": mutual_information(points, "nats"),
            "C": self.question.unknown(laws),
        }

    def starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw posteriors of random maps, of random channels, of no channel at all, and of the plan to start from.

        Where the start has multipliers, many more are drawn, and those count whose descent at these prices ends lowest.
        """
        data, prices = self.question.data, self._prices()
        if prices is None:
            return self._drawn(count, rng)
        found = self._descended(prices, rng)
        return posteriors_of(data, found.laws[found.cheapest(prices)[:count]])

    def _descended(self, prices: dict[str, float], rng: np.random.Generator) -> Descents:
        """Descend from as many starts as take about a second."""
        work = self.question.data.d.low.size * self.question.problem.n_S * _DESCENT
        # Of many letters most starts end at the same place, and a plan must come soon.
        drawn = _DRAWN[0] // 2 if self.is_large else int(np.clip(_PRODUCTS / work, *_DRAWN))
        return descended(
            self.question.data,
            prices,
            self._drawn(drawn, rng),
            self.question.goal.bounds,
            self.question.clock,
        )

    def _drawn(self, drawn: int, rng: np.random.Generator) -> np.ndarray:
        data = self.question.data
        n_X, n_Y = data.d.low.shape
        maps = np.eye(n_Y)[rng.integers(n_Y, size=(drawn // 2, n_X))]
        channels = np.concatenate([maps, rng.dirichlet(np.full(n_Y, 0.5), size=(drawn - len(maps), n_X))])
        channels[-1] = 1.0 / n_Y
        start = self.question.start
        if start is not None and start.coupling is not None and start.coupling.shape == data.problem.distortions.shape:
            # The answer to a similar question.
            channels[0] = start.coupling[np.ix_(data.xs, data.ys)] / data.source[:, None]
        return posteriors_of(data, np.einsum("bxy,x,sx->bys", channels, data.source, data.posterior))

    def _prices(self) -> dict[str, float] | None:
        """Return the multipliers of the start as prices in nats, the objective included; None without a price of rate."""
        question, start = self.question, self.question.start
        if start is None or start.minimise != question.minimise or not start.duals or question.prices is not None:
            return None
        goal, prices = question.goal, {}
        for name in "DRC":
            own: Any = start.duals.get(name, 0.0) if name in question.bounds else 0.0
            prices[name] = goal.price(name) + float(own) * question.objective_nat / question.unit_of(name)
        if not prices["R"] > _LEAST_PRICE:
            return None
        # A price of nothing never moves; a bound that is slack is to lose its price.
        units = {"D": question.data.scale, "R": 1.0, "C": 1.0}
        lost = {name: prices["R"] / units[name] for name in "DC" if name in question.bounds and prices[name] <= 0}
        return prices | lost

    def exactly(self, point: np.ndarray, share: float) -> Coupling | None:
        """Make a plan exact, with a share of one that has all letters mixed in; None if that fails."""
        data = self.question.data
        law = data.target if data.p_Y is not None else point.sum(axis=0)
        if data.measure is not None:
            # That brings the law nearer to the reference, too.
            law = data.law_at_rest
        return coupling(self.question.exact, (1 - share) * point + share * np.outer(data.source, law))


@dataclass(frozen=True, eq=False)
class Descents:
    """Where alternations between channels and posteriors of the label ended: joint laws, and "R", "C", "D", in nats."""

    joints: np.ndarray
    laws: np.ndarray
    reached: dict[str, np.ndarray]

    def cheapest(self, prices: dict[str, float]) -> np.ndarray:
        """Return the order of what they cost at prices."""
        costs = sum((price * self.reached[name] for name, price in prices.items()), np.zeros(len(self.laws)))
        return np.argsort(costs, kind="stable")

    def feasible(self, bounds: dict[str, float], objective: dict[str, float]) -> np.ndarray:
        """Return those that meet the bounds, the best first."""
        meets = np.ones(len(self.laws), dtype=bool)
        for name, bound in bounds.items():
            meets &= self.reached[name] <= bound
        order = self.cheapest(objective)
        return order[meets[order]]


def descended(
    data: Data, prices: dict[str, float], labels: np.ndarray, bounds: dict[str, float], clock: Clock | None = None
) -> Descents:
    """Alternate between channels and posteriors of the label, at prices that move until the bounds are nearly met.

    `prices` are those to begin with, `labels` have the shape (B, n_Y, n_S), and `bounds` are in nats. When the clock is
    over the descent ends where it is.
    """
    W = data.posterior
    costs = np.where(np.isfinite(data.distortion), data.distortion, np.inf)
    finite = np.where(np.isfinite(costs), costs, 0.0)
    law = np.full(len(data.ys), 1.0 / len(data.ys)) if data.p_Y is None else data.target
    logs = np.tile(np.log(law), (len(labels), 1))
    own = {name: np.full((len(labels), 1, 1), price) for name, price in prices.items()}
    sizes = {"D": data.scale, "R": 1.0, "C": 1.0}
    for step in range(_DESCENT):
        unknown = np.einsum("bys,sx->bxy", tangent_slopes(labels), W)
        with np.errstate(invalid="ignore"):
            paid = np.where(np.isfinite(costs), own["D"] * finite, np.inf) + own["C"] * unknown
        joint = logs[:, None, :] - paid / own["R"]
        joint = np.exp(joint - joint.max(axis=2, keepdims=True))
        joint *= data.source[:, None] / joint.sum(axis=2, keepdims=True)
        output = joint.sum(axis=1)
        # With a target law the weights of the letters are those that meet it.
        logs = np.log(np.maximum(output, 1e-30)) if data.p_Y is None else logs + np.log(law / np.maximum(output, 1e-30))
        laws = np.einsum("bxy,sx->bys", joint, W)
        labels = posteriors_of(data, laws)
        reached = {"R": mutual_information(joint, "nats"), "C": label_entropy(laws).sum(axis=1)}
        reached["D"] = (joint * finite).sum(axis=(1, 2))
        if clock is not None and clock.over:
            break
        if step >= _DESCENT // 4:
            for name, bound in bounds.items():
                missed = (reached[name] - bound * (1 - _NEARLY)) / min(sizes[name], max(bound, 1e-3 * sizes[name]))
                own[name] = own[name] * np.exp(np.clip(_PUSH * missed, -0.1, 0.1))[:, None, None]
    return Descents(joint, laws, reached)


def _products(variables: float, rows: int) -> float:
    return variables * (rows + 4.0) ** 2


def _parts(count: int, work: float) -> list[slice]:
    """Divide programs into batches of which a step takes some hundredths of a second."""
    size = max(1, int(_WORK / work))
    return [slice(i, i + size) for i in range(0, count, size)]
