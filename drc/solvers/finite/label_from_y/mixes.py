"""One shot, the classifier sees Y: mixes of deterministic maps, by branch and bound over joint laws of output and label.

A mix of maps with weights `w_f` has the rate `sum w_f H(f(X))` and the joint law `sum w_f P(f(X)=y, S=s)`, both linear in
the weights: with chords or tangents instead of `H(S|Y)` the programs are linear, with one column for each map
([nguyen2026], sections 2 and 3, is the problem).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flint import fmpq

from drc.errors import NotAvailableError
from drc.solvers.arithmetic.balls import exact_or_ball
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.dual import Multipliers, box_term, law_term
from drc.solvers.finite.asymptotic.programs import BoxBounds, Goal, Relaxed, box_corners
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.certificates import of_easier
from drc.solvers.finite.label_from_y.boxes import MOST_LABELS, posteriors_of, tangent_slopes
from drc.solvers.finite.label_from_y.channels import Channels
from drc.solvers.finite.label_from_y.columns import MapColumns
from drc.solvers.finite.label_from_y.maps import Maps, candidate_maps, solve_mix
from drc.solvers.finite.label_from_y.plans import Mix, mix
from drc.solvers.finite.label_from_y.question import NOTHING, Answer
from drc.solvers.finite.one_shot_yu.solve import by_maps
from drc.solvers.outcome import Solution
from drc.solvers.request import OutOfTime

#: Where maps are too many for a search, the part of the time for that classifier.
_EASIER = 0.5

#: How many starts are drawn at a time, and how often without a time limit.
_EACH, _SEEDS = 4, 2

#: Without a time limit, after how many looks at the clock the classifier that sees U as well is left as it is.
_LOOKS = 5_000


@dataclass(frozen=True, eq=False)
class Mixes:
    """The mixes of maps of a problem: their linear programs, and proofs about them; the fields are those of `Channels`.

    The `pool` has maps that were of use: linear programs start from them.
    """

    question: Question
    maps: Maps
    pool: set[int] = field(default_factory=set)
    kind = "plans"
    hopeless = "not even feasible if U is seen as well"

    @classmethod
    def of(cls, question: Question) -> Mixes:
        """Take those of a question."""
        if question.data.measure == "KL":
            raise NotAvailableError(
                "a KL perception bound is not available in the one-shot setting where the classifier sees Y"
            )
        return cls(question, Maps(question.data, question.clock))

    @property
    def number(self) -> str:
        """See `Channels`."""
        return f", {len(self.maps.functions)} maps"

    @property
    def work(self) -> float:
        """About how many products take as long as a box."""
        n_Y, n_S = len(self.question.data.ys), self.question.problem.n_S
        return 400.0 * (len(self.maps.functions) + n_Y * (2.0**n_S + 3 * n_S))

    @property
    def most_starts(self) -> int:
        """See `Channels`."""
        return 32

    @property
    def searchable(self) -> bool:
        """Whether there are few labels and maps, and time to set these up; they are, then."""
        # Of one output letter there is one map, whose letters whoever checks the proof has to enumerate.
        if self.question.problem.n_S > MOST_LABELS or not self.maps.are_few:
            return False
        try:
            return len(self.maps.features) > 0
        except OutOfTime:
            return False

    def easier(self, share: float) -> tuple[float, dict[str, object]]:
        """Return what the linear problem whose classifier sees U as well proves, in nats, and the proof."""
        return self._seeing_more(share)[:2]

    def _seeing_more(self, share: float) -> tuple[float, dict[str, object], Solution | None]:
        question = self.question
        looks = _LOOKS if math.isinf(question.clock.deadline) else math.inf
        clock = question.clock.part(share * question.clock.left, looks)
        if clock.over or question.slope is not None:
            return *NOTHING, None
        problem = replace(question.problem, classifier_sees="YU", time_sharing=False)
        try:
            relaxed = by_maps(replace(question, problem=problem, clock=clock, method=None, start=None, asked=None))
        except OutOfTime:
            return *NOTHING, None
        dual = of_easier(relaxed.certificate.dual, "relaxation", of="one-shot YU")
        return float(relaxed.lower) * question.objective_nat, dual, relaxed

    def bounded(self) -> Answer:
        """Bound by the problem whose classifier sees U as well; seek plans by column generation."""
        question = self.question
        candidates = [f.tolist() for f in candidate_maps(question)]
        found = MapColumns.of(question, candidates)
        if question.data.p_Y is not None:
            found.take([])
        for f in candidates:
            if found.best is None or not question.clock.over:
                found.take([(1.0, f)])
        lower, dual, relaxed = self._seeing_more(_EASIER)
        places = {int(y): i for i, y in enumerate(question.data.ys)}
        listed = [] if relaxed is None else (relaxed.certificate.primal or {}).get("weights", [])
        known = [(float(w), [places[f[x]] for x in question.data.xs]) for w, f in listed]
        if known:
            found.take(known)
            found.join(np.array([f for _, f in known]))
        if lower < math.inf and question.data.measure is None:
            follow_starts(found, lower, relaxed, known)
        method = f"lower bound of a classifier that sees U as well; plans by column generation, {len(found.maps)} maps"
        if found.best is None or lower == math.inf:
            return Answer(lower, dual, method)
        return Answer(lower, dual, method, found.upper, plan=found.best, duals=found.duals)

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """Solve with chords instead of the label's entropy."""
        goal, corners = self.question.tightened(), box_corners(low, high)
        goal = goal if objective == "1" else Goal("0", goal.bounds)
        found = self._solved(goal, [{"corners": one} for one in corners])
        lower, at = self.proved(found.multipliers, corners)
        return BoxBounds(at, found.points, found.excess, lower)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Relaxed:
        """Solve with tangents instead of the label's entropy."""
        goal, slopes = self.question.tightened(margin), tangent_slopes(posteriors)
        costs, maps = self.question.linear(slopes), self.maps
        batch = [{name: maps.means(many[i % len(many)]) for name, many in costs.items()} for i in range(len(slopes))]
        found = self._solved(goal, [{"linear": one} for one in batch])
        at = replace(found.multipliers, slopes=found.multipliers.C[:, None, None] * slopes)
        return replace(found, multipliers=at)

    def _solved(self, goal: Goal, batch: list[dict[str, Any]]) -> Relaxed:
        """Solve programs while there is time; an answer without any work proves nothing."""
        clock, data = self.question.clock, self.question.data
        zero, no_slopes = np.zeros(()), np.zeros((len(data.ys), self.question.problem.n_S))
        objective = {name: np.array(goal.price(name)) for name in ("R", "C", "D")}
        at = Multipliers(**objective, P=zero, u=np.zeros(len(data.xs)), slopes=no_slopes, v=no_slopes[:, 0])
        unsolved = np.zeros(len(self.maps.functions)), math.inf, at
        solved = [unsolved if clock.over else solve_mix(self.maps, goal, self.pool, clock, **one) for one in batch]
        weights, excess, multipliers = (list(parts) for parts in zip(*solved, strict=True))
        return Relaxed(Multipliers.stacked(multipliers), np.stack(weights), np.array(excess))

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """Prove what multipliers prove about boxes: every map is priced."""
        data = self.question.data
        assert at.v is not None
        assert at.slopes is not None
        price = self.maps.prices(at.D, at.R, at.v, at.slopes)
        total = Interval.of(price) + Interval.of(law_term(data, at, at.v)) + Interval.of(box_term(at, corners))
        for name, bound in self.question.intervals.items():
            total = total - Interval.of(getattr(at, name)) * bound
        return np.where(np.isnan(total.low), -np.inf, total.low), at

    def plain(self) -> Iterator[Mix | None]:
        """See `Channels`."""
        if self.question.data.p_Y is not None:
            # Nothing: all of the target law is then made up for by constant maps.
            yield mix(self.question.exact, [])
        for f in candidate_maps(self.question):
            yield mix(self.question.exact, [(fmpq(1), f.tolist())])

    def point(self, plan: Mix) -> np.ndarray:
        """See `Channels`."""
        maps = self.maps.functions
        return sum((float(w) * (maps == f).all(axis=1) for w, f in plan.functions), np.zeros(len(maps)))

    def laws(self, points: np.ndarray) -> np.ndarray:
        """See `Channels`."""
        used = np.flatnonzero((points > 0).any(axis=0))
        return np.einsum("bk,kys->bys", points[:, used], self.maps.label_laws[used])

    def measured(self, points: np.ndarray, laws: np.ndarray) -> dict[str, np.ndarray]:
        """See `Channels`."""
        quantities = {"D": points @ self.maps.distortion, "R": points @ self.maps.rate.low}
        return quantities | {"C": self.question.unknown(laws)}

    def starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw posteriors of random maps, of mixes of them, and of no map at all."""
        weights = rng.dirichlet(np.full(3, 0.5), size=count)
        weights[: count // 2] = (1.0, 0.0, 0.0)
        chosen = rng.integers(len(self.maps.functions), size=(count, 3))
        laws = np.einsum("bi,biys->bys", weights, self.maps.label_laws[chosen])
        prior = self.question.data.posterior @ self.question.data.source
        laws[-1] = prior / len(laws[-1])
        return posteriors_of(self.question.data, laws)

    def exactly(self, point: np.ndarray, share: float) -> Mix | None:
        """Measure a mix exactly; what it misses of the target law goes on constant maps."""
        data, constants = self.question.data, self.maps.constants
        if share > 0 and data.measure is not None and len(constants) == len(data.ys):
            # A little of the law that is nearest to the reference.
            point = point.copy()
            point[constants] += share * data.law_at_rest[self.maps.functions[constants, 0]]
        kept = np.flatnonzero(point > 1e-13)
        weights = [exact_or_ball((1 - share) * float(point[k])) for k in kept]
        return mix(self.question.exact, [*zip(weights, self.maps.functions[kept].tolist(), strict=True)])


def follow_starts(
    found: MapColumns,
    lower: float,
    relaxed: Solution | None = None,
    known: list[tuple[float, list[int]]] | None = None,
    first: int = 0,
) -> None:
    """Generate maps from the posteriors of an easier problem's plan, and from others, while there are a gap and time.

    `lower` is proved, in nats; `relaxed` is the answer to the easier problem, and `known` its plan. `first` is the
    number of the first random starts.
    """
    question = found.question
    if known:
        weights, maps = np.array([w for w, _ in known]), np.array([f for _, f in known])
        law = np.einsum("k,kys->ys", weights, found.laws(maps))
        found.follow(posteriors_of(question.data, law[None])[0])
    # Where the prices of the easier problem lead nowhere, starts that know nothing of them may.
    families, count = [Channels(replace(question, start=start)) for start in (relaxed, None)], first
    limit = math.inf if question.clock.deadline < math.inf else first + _SEEDS
    while count < limit:
        rng = np.random.default_rng(count)
        for labels in families[count % 2].starts(_EACH, rng):
            for start in (labels, found.shake(rng)):
                if question.clock.over or found.upper - lower <= question.gap:
                    return
                if start is not None:
                    found.follow(start)
        count += 1
