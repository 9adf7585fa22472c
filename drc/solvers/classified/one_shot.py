"""One shot, the classifier sees Y: mixes of deterministic maps, by branch and bound over joint laws of output and label.

A mix of maps with weights `w_f` has the rate `sum w_f H(f(X))` and the joint law `sum w_f P(f(X)=y, S=s)`, both linear in
the weights: with chords or tangents instead of `H(S|Y)` the programs are linear, with one column for each map
([nguyen2026], sections 2 and 3, is the problem).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.information.entropy import entropy_term
from drc.solvers.arithmetic.balls import Number, float_above
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.classified.alternating import Tangent, posteriors_of, tangent_slopes
from drc.solvers.classified.asymptotic import EASIER, MOST_LABELS
from drc.solvers.classified.candidates import candidate_maps, law_at_rest
from drc.solvers.classified.codes import over_boxes, stacked
from drc.solvers.classified.maps import MOST_MAPS, MapProgram, Maps, Solved
from drc.solvers.classified.plans import perception
from drc.solvers.classified.question import NOTHING, Answer, at_rest
from drc.solvers.entropic.boxes import BoxBounds, box_corners
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, box_term, label_entropy, law_term
from drc.solvers.entropic.exact import Exact
from drc.solvers.entropic.programs import Goal
from drc.solvers.entropic.question import Question
from drc.solvers.one_shot.maps import coupling_of
from drc.solvers.one_shot.solve import by_maps
from drc.solvers.pricing.subsets import MOST_LETTERS_TWO
from drc.solvers.request import OutOfTime
from drc.solvers.solution import Solution

#: Without a time limit, how many seconds the classifier that sees U as well may take.
_SECONDS = 60.0


def answered(question: Question) -> Answer:
    """Search where all maps can be enumerated, and boxes have few corners; else bound."""
    plans = Plans(question)
    if question.problem.n_S > MOST_LABELS or not plans.enumerable:
        return bounded(plans)
    easier = seeing_more(question, EASIER)[:2] if question.clock.deadline < math.inf else NOTHING
    if easier[0] == math.inf:
        return Answer(*easier, "not even feasible if U is seen as well")
    return over_boxes(plans, easier, f", {len(plans.maps.functions)} maps")


def bounded(plans: Plans) -> Answer:
    """Bound a problem of too many maps or labels, or what there was no time for, by that whose classifier sees U as well."""
    question = plans.question
    mixes = [plans.mixed([])] if question.data.target is not None else []
    for f in candidate_maps(question):
        if not (mixes and question.clock.over):
            mixes.append(plans.mixed([(fmpq(1), f.tolist())]))
    lower, dual, relaxed = seeing_more(question, 1.0)
    method = "lower bound of a classifier that sees U as well; plans without a search"
    if relaxed is not None:
        mixes.append(plans.mixed(plans.exact_weights(relaxed.certificate)))
    costs = [
        (float_above(question.cost(m.reached)), i) for i, m in enumerate(mixes) if m and question.is_met(m.reached)
    ]
    if not costs or lower == math.inf:
        return Answer(lower, dual, method)
    upper, best = min(costs)
    return Answer(lower, dual, method, upper).with_plan(question, mixes[best])


def seeing_more(question: Question, share: float) -> tuple[float, dict[str, Any], Solution | None]:
    """Return what the linear problem proves whose classifier sees U as well, in nats, the proof, and its solution.

    Parameters
    ----------
    share : float
        Which part of the time it may take.
    """
    clock = question.clock.part(min(share * question.clock.left, _SECONDS))
    if clock.over or question.slope is not None:
        return *NOTHING, None
    problem = replace(question.problem, classifier_sees="YU", time_sharing=False)
    try:
        relaxed = by_maps(replace(question, problem=problem, clock=clock, method=None, start=None, asked=None))
    except OutOfTime:
        return *NOTHING, None
    dual = {"kind": "relaxation", "of": "one-shot YU", "dual": relaxed.certificate.dual}
    return float(relaxed.lower) * (question.objective_nat if math.isfinite(relaxed.lower) else 1.0), dual, relaxed


@dataclass(frozen=True, eq=False)
class Mix:
    """Weights of maps that were proved to be a mix, and what it reaches, in nats.

    Attributes
    ----------
    functions : list of (weight, map)
        For the letters kept.
    given : list of (weight, map)
        The doubles that the mix is made from.
    reached : dict from "R", "C", "D", "P" to a number or ball
    """

    functions: list
    given: list
    reached: dict[str, Number]
    gamma: np.ndarray | None = None

    def full(self, data: Data) -> list[tuple[float, tuple[int, ...]]]:
        """Return weights and maps for all letters; a source letter without mass goes with the first."""
        return self._spread(data, self.functions)

    def _spread(self, data: Data, functions: list) -> list[tuple[float, tuple[int, ...]]]:
        found = []
        for weight, f in functions:
            g = np.full(data.problem.n_X, data.ys[f[0]])
            g[data.xs] = data.ys[f]
            found.append((float(weight), tuple(g.tolist())))
        return found

    def extras(self, data: Data) -> dict[str, Any]:
        """Return the fields of a solution that say it."""
        return {"coupling": self.coupling(data), "plan": tuple(sorted(self.full(data), reverse=True))}

    def coupling(self, data: Data) -> np.ndarray:
        """Return the joint law of `X` and `Y`."""
        return coupling_of(data.problem, self.full(data))

    def primal(self, question: Question) -> dict[str, Any] | None:
        """Return the plan as a certificate has it; None if the output law is to be the reference, and has no fractions."""
        # A constant map that makes up for what is missing of a target law is found again by whoever checks.
        data, own = question.data, self.given if question.asked is None else self.functions
        given = [[_plain(w), list(f)] for (w, _), (_, f) in zip(own, self._spread(data, own), strict=True)]
        if question.asked is not None:
            exact = all(isinstance(w, fmpq) for w, _ in own)
            return {"kind": "maps", "weights": given} | at_rest(question) if exact else None
        found: dict[str, Any] = {"kind": "maps", "weights": given}
        return found if self.gamma is None else found | {"gamma": data.padded(self.gamma)}


def _plain(weight: Number) -> Any:
    """Return a weight as a double if it is one."""
    rounded = float(weight)
    return rounded if not isinstance(weight, fmpq) or fmpq(*rounded.as_integer_ratio()) == weight else weight


@dataclass(eq=False)
class Plans:
    """The mixes of maps of a problem; see `codes.Codes`.

    Attributes
    ----------
    question : Question
    pool : set of int
        Maps that were of use: linear programs start from them.
    """

    question: Question
    pool: set[int] = field(default_factory=set)
    kind: str = "plans"

    def __post_init__(self) -> None:
        if self.question.data.measure == "KL":
            raise NotAvailableError(
                "a KL perception bound is not available in the one-shot setting where the classifier sees Y"
            )

    @cached_property
    def maps(self) -> Maps:
        """All maps."""
        return Maps(self.question.data, self.question.clock)

    @property
    def work(self) -> float:
        """About how many products take as long as a box."""
        n_Y, n_S = len(self.question.data.ys), self.question.problem.n_S
        return 400.0 * (len(self.maps.functions) + n_Y * (2.0**n_S + 3 * n_S))

    @cached_property
    def exact(self) -> Exact:
        """The problem in exact numbers."""
        return Exact(self.question.data)

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """Solve with chords instead of the label's entropy."""
        goal, corners = self.question.tightened(), box_corners(low, high)
        goal = goal if objective == "1" else Goal("0", goal.bounds)
        solved = [self._solved(goal, {"corners": box}) for box in corners]
        at = stacked([s.multipliers for s in solved])
        lower, at = self.proved(at, corners)
        couplings = self.maps.coupling(np.stack([s.weights for s in solved]))
        return BoxBounds(lower, at, couplings, np.array([s.excess for s in solved]))

    def _solved(self, goal: Goal, entropy: dict[str, np.ndarray]) -> Solved:
        """Solve a program while there is time; its answer without any work proves nothing."""
        clock, data = self.question.clock, self.question.data
        if not clock.over:
            return MapProgram(self.maps, goal, **entropy).solve(self.pool, clock)
        n_X, n_Y, n_S = len(data.xs), len(data.ys), self.question.problem.n_S
        zero = np.zeros(())
        objective = {name: np.array(goal.price(name)) for name in ("R", "C", "D")}
        at = Multipliers(**objective, P=zero, u=np.zeros(n_X), slopes=np.zeros((n_Y, n_S)), v=np.zeros(n_Y))
        return Solved(np.zeros(len(self.maps.functions)), math.inf, at)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """Solve with tangents instead of the label's entropy."""
        goal, slopes = self.question.tightened(margin), tangent_slopes(posteriors)
        solved = [self._solved(goal, {"slopes": tangent}) for tangent in slopes]
        weights, at = np.stack([s.weights for s in solved]), stacked([s.multipliers for s in solved])
        laws = np.einsum("bk,kys->bys", weights, self.maps.label_laws)
        value = sum(goal.price(name) * self.measure(name, weights, laws) for name in ("D", "R", "C"))
        return Tangent(weights, laws, value, np.array([s.excess for s in solved]), at)

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """Prove what multipliers prove about boxes: every map is priced."""
        data = self.question.data
        price = self.maps.prices(at.D, at.R, at.v, at.slopes)
        total = Interval.of(price) + Interval.of(law_term(data, at, at.v)) + Interval.of(box_term(at, corners))
        for name, bound in self.question.intervals.items():
            total = total - Interval.of(getattr(at, name)) * bound
        return np.where(np.isnan(total.low), -np.inf, total.low), at

    def plain(self) -> Iterator[tuple[np.ndarray, Mix | None]]:
        """See `codes.Codes`."""
        maps, target = self.maps, self.question.data.target
        if target is not None:
            # Nothing: all of the target law is then made up for by constant maps.
            constant = np.zeros(len(maps.functions))
            constant[maps.constants] = target[maps.functions[maps.constants, 0]]
            yield constant, self.mixed([])
        for f in candidate_maps(self.question):
            yield (maps.functions == f).all(axis=1).astype(float), self.mixed([(fmpq(1), f.tolist())])

    @property
    def enumerable(self) -> bool:
        """Whether there are few maps, and time to set them up; they are, then."""
        n_X, n_Y = self.question.data.d.low.shape
        # Of one output letter there is one map, whose letters whoever checks the proof has to enumerate.
        if n_Y**n_X > MOST_MAPS or n_X > MOST_LETTERS_TWO:
            return False
        try:
            return len(self.maps.features) > 0
        except OutOfTime:
            return False

    def measure(self, name: str, points: np.ndarray, laws: np.ndarray) -> np.ndarray:
        """See `codes.Codes`."""
        if name == "C":
            return label_entropy(laws).sum(axis=1)
        return points @ (self.maps.distortion if name == "D" else self.maps.rate.low)

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
            point[constants] += share * law_at_rest(data)[self.maps.functions[constants, 0]]
        kept = np.flatnonzero(point > 1e-13)
        return self.mixed(
            [(fmpq(*((1 - share) * float(point[k])).as_integer_ratio()), self.maps.functions[k].tolist()) for k in kept]
        )

    def mixed(self, functions: list) -> Mix | None:
        """Measure maps with exact weights; what they miss of the target law goes on constant maps.

        Parameters
        ----------
        functions : list of (fmpq, list)
            Maps of the letters kept.
        """
        exact, given = self.exact, [(w, f) for w, f in functions if w != 0]
        functions = given
        if exact.target is None:
            if not given:
                return None
            mass = sum((w for w, _ in given), fmpq(0))
            functions = [(w / mass, f) for w, f in given]
        else:
            law = [fmpq(0)] * len(exact.target)
            for w, f in given:
                for x, y in enumerate(f):
                    law[y] = law[y] + w * exact.source[x]
            rest = [q - g for q, g in zip(exact.target, law, strict=True)]
            if not all(r >= 0 for r in rest):
                return None
            functions = given + [
                (r, [y] * len(exact.source)) for y, r in enumerate(rest) if not (isinstance(r, fmpq) and r == 0)
            ]
        reached = _reached(exact, functions)
        if reached is None:
            return None
        law, gamma = reached.pop("law"), None
        if self.question.data.measure is not None:
            reached["P"], gamma = perception(exact, law)
        return Mix(functions, given, reached, gamma)

    def exact_weights(self, certificate: Any) -> list:
        """Return the weights of a plan that a certificate has, and its maps on the letters kept."""
        data, places = self.question.data, {int(y): i for i, y in enumerate(self.question.data.ys)}
        listed = (certificate.primal or {}).get("weights", [])
        return [(fmpq(int(w.numerator), int(w.denominator)), [places[f[x]] for x in data.xs]) for w, f in listed]


def _reached(exact: Exact, functions: list) -> dict[str, Any] | None:
    """Return what a mix reaches, in nats; None if it uses a forbidden pair."""
    n_Y = len(exact.data.ys)
    cells = [[fmpq(0) for _ in exact.labels] for _ in range(n_Y)]
    rate, distortion = fmpq(0), fmpq(0)
    for w, f in functions:
        law = [fmpq(0)] * n_Y
        for x, y in enumerate(f):
            if isinstance(exact.distortion[x][y], float):
                return None
            law[y] = law[y] + exact.source[x]
            distortion = distortion + w * exact.source[x] * exact.distortion[x][y]
            for s, label in enumerate(exact.labels):
                cells[y][s] = cells[y][s] + w * label[x]
        # A constant map has rate zero, which balls would not say.
        if len(set(f)) > 1:
            rate = rate + arb(w) * sum((entropy_term(arb(q)) for q in law), arb(0))
    law = [sum(cell, fmpq(0)) for cell in cells]
    return {"R": rate, "C": exact.equivocation(cells), "D": distortion, "law": law}
