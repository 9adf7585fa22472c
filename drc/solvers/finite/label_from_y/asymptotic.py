"""Long blocks, the classifier sees Y: the least `D` or `R` under `H(S|Y) <= C`, by branch and bound over joint laws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from drc.information import mutual_information
from drc.solvers.finite.asymptotic.dual import Multipliers, label_entropy, lower_bounds
from drc.solvers.finite.asymptotic.programs import BoxBounds, build, dual_of_boxes
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.solve import solve_entropic
from drc.solvers.finite.label_from_y.candidates import candidate_laws, candidate_maps
from drc.solvers.finite.label_from_y.codes import (
    MOST_LABELS,
    Codes,
    Family,
    Tangent,
    joined,
    posteriors_of,
    tangent_slopes,
)
from drc.solvers.finite.label_from_y.plans import Coupling, coupling, independent
from drc.solvers.finite.label_from_y.question import NOTHING, Answer, limits_of


def without_classifier(question: Question, share: float) -> tuple[float, dict[str, object]]:
    """Return what the convex problem without the bound C proves, in nats, and the proof.

    Parameters
    ----------
    share : float
        Which part of the time it may take.
    """
    clock = question.clock.part(share * question.clock.left)
    if clock.over:
        return NOTHING
    bounds = {name: bound for name, bound in question.bounds.items() if name != "C"}
    # Without it nothing is gained by sharing the time.
    single = replace(question.problem, time_sharing=False)
    relaxed = solve_entropic(
        replace(question, problem=single, bounds=bounds, clock=clock, method=None, start=None, asked=None)
    )
    nat = question.objective_nat if math.isfinite(relaxed.lower) else 1.0
    return float(relaxed.lower) * nat, relaxed.certificate.dual


#: How many products a step of the interior-point method takes on a batch.
_WORK = 1e8


@dataclass(frozen=True, eq=False)
class Channels(Codes):
    """The couplings of a problem; see `codes.Codes`."""

    question: Question
    kind = "channels"
    hopeless = "not even feasible without C"

    @property
    def work(self) -> float:
        """About how many products a box takes in each step of the interior-point method."""
        (n_X, n_Y), n_S = self.question.data.d.low.shape, self.question.problem.n_S
        return _products(n_Y * (n_X + 2.0**n_S + 2 * n_S), n_X + n_Y * (n_S + 1))

    @property
    def searchable(self) -> bool:
        """See `codes.Codes`."""
        return self.question.problem.n_S <= MOST_LABELS

    def easier(self, share: float) -> tuple[float, dict[str, object]]:
        """See `codes.Codes`."""
        return without_classifier(self.question, share)

    def bounded(self) -> Answer:
        """Bound from below without the classifier: boxes of this many labels have too many corners."""
        question = self.question
        lower, dual = without_classifier(question, 0.5)
        family = Family(self, limits_of(question, self.work))
        upper = family.first() if math.isfinite(lower) else math.inf
        method = f"lower bound without C, as there are {question.problem.n_S} labels; plans by alternating minimisation"
        return Answer(lower, dual, method, upper).with_plan(question, family.plan)

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """See `codes.Codes`."""
        q = self.question
        goal = q.minimise if objective == "1" else "0"
        prices = q.prices if objective == "1" else None
        options = {"slope": q.slope_nats, "prices": prices, "gap": gap, "clock": q.clock}
        parts = _parts(len(low), self.work)
        # A letter with forbidden pairs only has an infinite potential; what is not a number then proves nothing.
        with np.errstate(invalid="ignore", divide="ignore"):
            found = [dual_of_boxes(q.data, q.intervals, low[i], high[i], objective=goal, **options) for i in parts]
        return joined(found)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """See `codes.Codes`."""
        n_X, n_Y = self.question.data.d.low.shape
        parts = _parts(len(posteriors), _products(n_X * n_Y, n_X + n_Y))
        return joined([self._tangents(posteriors[i], margin, gap) for i in parts])

    def _tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        data, goal = self.question.data, self.question.tightened(margin)
        slopes = tangent_slopes(posteriors)
        model = build(data, goal, label_costs=np.einsum("bys,sx->bxy", slopes, data.posterior), elastic=True)
        point = model.solve(gap=gap, clock=self.question.clock)
        couplings, at = model.couplings(point), model.multipliers(point)
        couplings = np.where(
            np.isfinite(couplings), couplings, np.outer(data.source, np.ones(len(data.ys)) / len(data.ys))
        )
        at = replace(at, slopes=at.C[:, None, None] * slopes)
        return self.tangent(goal, couplings, model.excess(point), at)

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """See `codes.Codes`."""
        with np.errstate(invalid="ignore"):
            return lower_bounds(self.question.data, self.question.intervals, at, corners)

    def plain(self) -> Iterator[tuple[np.ndarray, Coupling | None]]:
        """See `codes.Codes`."""
        data, letters = self.question.data, np.eye(len(self.question.data.ys))
        if data.p_Y is not None:
            plan = independent(self.exact)
            yield plan.joint, plan
        else:
            for law in candidate_laws(self.question):
                # Rows that are the same are of a channel that tells nothing.
                yield np.outer(data.source, law), coupling(self.exact, np.tile(law, (len(data.xs), 1)))
        for f in candidate_maps(self.question):
            point = data.source[:, None] * letters[f]
            yield point, coupling(self.exact, point)

    def point(self, plan: Coupling) -> np.ndarray:
        """See `codes.Codes`."""
        return plan.joint

    def laws(self, points: np.ndarray) -> np.ndarray:
        """See `codes.Codes`."""
        return np.einsum("bxy,sx->bys", points, self.question.data.posterior)

    def measured(self, points: np.ndarray, laws: np.ndarray) -> dict[str, np.ndarray]:
        """See `codes.Codes`."""
        costs = self.question.data.distortion
        return {
            "D": (points * np.where(np.isfinite(costs), costs, 0.0)).sum(axis=(1, 2)),
            "R": mutual_information(points, "nats"),
            "C": label_entropy(laws).sum(axis=1),
        }

    def starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw posteriors of random maps, of random channels, and of no channel at all."""
        data = self.question.data
        n_X, n_Y = data.d.low.shape
        maps = np.eye(n_Y)[rng.integers(n_Y, size=(count // 2, n_X))]
        channels = np.concatenate([maps, rng.dirichlet(np.full(n_Y, 0.5), size=(count - len(maps), n_X))])
        channels[-1] = 1.0 / n_Y
        return posteriors_of(data, np.einsum("bxy,x,sx->bys", channels, data.source, data.posterior))

    def exactly(self, point: np.ndarray, share: float) -> Coupling | None:
        """See `codes.Codes`."""
        data = self.question.data
        law = data.target if data.p_Y is not None else point.sum(axis=0)
        if data.measure is not None:
            # That brings the law nearer to the reference, too.
            law = data.law_at_rest
        return coupling(self.exact, (1 - share) * point + share * np.outer(data.source, law))


def _products(variables: int, rows: int) -> float:
    return variables * (rows + 4.0) ** 2


def _parts(count: int, work: float) -> list[slice]:
    """Divide programs into batches of which a step takes some hundredths of a second."""
    size = max(1, int(_WORK / work))
    return [slice(i, i + size) for i in range(0, count, size)]
