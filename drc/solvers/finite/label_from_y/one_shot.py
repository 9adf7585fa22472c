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
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.information.entropy import entropy_term
from drc.solvers.arithmetic.balls import Number, float_above
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data, Exact
from drc.solvers.finite.asymptotic.dual import Multipliers, box_term, label_entropy, law_term
from drc.solvers.finite.asymptotic.programs import BoxBounds, Goal, box_corners
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.finite.label_from_y.candidates import candidate_maps
from drc.solvers.finite.label_from_y.codes import MOST_LABELS, Codes, Tangent, posteriors_of, stacked, tangent_slopes
from drc.solvers.finite.label_from_y.maps import MOST_MAPS, Maps, solve_mix
from drc.solvers.finite.label_from_y.plans import perception
from drc.solvers.finite.label_from_y.question import NOTHING, Answer, at_rest
from drc.solvers.finite.one_shot_yu.maps import coupling_of
from drc.solvers.finite.one_shot_yu.solve import by_maps
from drc.solvers.finite.pricing.subsets import MOST_LETTERS_TWO
from drc.solvers.outcome import Solution
from drc.solvers.request import OutOfTime

#: Without a time limit, how many seconds the classifier that sees U as well may take.
_SECONDS = 60.0


def seeing_more(question: Question, share: float) -> tuple[float, dict[str, object], Solution | None]:
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

    def full(self, data: Data, functions: list | None = None) -> list[tuple[float, tuple[int, ...]]]:
        """Return weights and maps, its own or others, for all letters; a letter without mass goes with the first."""
        found = []
        for weight, f in self.functions if functions is None else functions:
            g = np.full(data.problem.n_X, data.ys[f[0]])
            g[data.xs] = data.ys[f]
            found.append((float(weight), tuple(g.tolist())))
        return found

    def extras(self, data: Data) -> dict[str, object]:
        """Return the fields of a solution that say it."""
        return {"coupling": self.coupling(data), "plan": tuple(sorted(self.full(data), reverse=True))}

    def coupling(self, data: Data) -> np.ndarray:
        """Return the joint law of `X` and `Y`."""
        return coupling_of(data.problem, self.full(data))

    def primal(self, question: Question) -> dict[str, object] | None:
        """Return the plan as a certificate has it; None if the output law is to be the reference, and has no fractions."""
        # A constant map that makes up for what is missing of a target law is found again by whoever checks.
        data, own = question.data, self.given if question.asked is None else self.functions
        given = [[_plain(w), list(f)] for (w, _), (_, f) in zip(own, self.full(data, own), strict=True)]
        if question.asked is not None:
            exact = all(isinstance(w, fmpq) for w, _ in own)
            return {"kind": "maps", "weights": given} | at_rest(question) if exact else None
        found: dict[str, object] = {"kind": "maps", "weights": given}
        return found if self.gamma is None else found | {"gamma": data.padded(self.gamma)}


def _plain(weight: Number) -> Any:
    """Return a weight as a double if it is one."""
    rounded = float(weight)
    return rounded if not isinstance(weight, fmpq) or fmpq(*rounded.as_integer_ratio()) == weight else weight


@dataclass(frozen=True, eq=False)
class Plans(Codes):
    """The mixes of maps of a problem; see `codes.Codes`.

    Attributes
    ----------
    question : Question
    maps : Maps
        All maps.
    pool : set of int
        Maps that were of use: linear programs start from them.
    """

    question: Question
    maps: Maps
    pool: set[int] = field(default_factory=set)
    kind = "plans"
    hopeless = "not even feasible if U is seen as well"

    @classmethod
    def of(cls, question: Question) -> Plans:
        """Take those of a question."""
        if question.data.measure == "KL":
            raise NotAvailableError(
                "a KL perception bound is not available in the one-shot setting where the classifier sees Y"
            )
        return cls(question, Maps(question.data, question.clock))

    @property
    def number(self) -> str:
        """See `codes.Codes`."""
        return f", {len(self.maps.functions)} maps"

    @property
    def work(self) -> float:
        """About how many products take as long as a box."""
        n_Y, n_S = len(self.question.data.ys), self.question.problem.n_S
        return 400.0 * (len(self.maps.functions) + n_Y * (2.0**n_S + 3 * n_S))

    @property
    def searchable(self) -> bool:
        """Whether there are few labels and maps, and time to set these up; they are, then."""
        n_X, n_Y = self.question.data.d.low.shape
        # Of one output letter there is one map, whose letters whoever checks the proof has to enumerate.
        if self.question.problem.n_S > MOST_LABELS or n_Y**n_X > MOST_MAPS or n_X > MOST_LETTERS_TWO:
            return False
        try:
            return len(self.maps.features) > 0
        except OutOfTime:
            return False

    def easier(self, share: float) -> tuple[float, dict[str, object]]:
        """See `codes.Codes`."""
        return seeing_more(self.question, share)[:2]

    def bounded(self) -> Answer:
        """Bound by the problem whose classifier sees U as well; try plans without a search."""
        question = self.question
        mixes = [self.mixed([])] if question.data.p_Y is not None else []
        for f in candidate_maps(question):
            if not (mixes and question.clock.over):
                mixes.append(self.mixed([(fmpq(1), f.tolist())]))
        lower, dual, relaxed = seeing_more(question, 1.0)
        method = "lower bound of a classifier that sees U as well; plans without a search"
        if relaxed is not None:
            mixes.append(self.mixed(self.exact_weights(relaxed.certificate)))
        costs = [
            (float_above(question.cost(m.reached)), i) for i, m in enumerate(mixes) if m and question.is_met(m.reached)
        ]
        if not costs or lower == math.inf:
            return Answer(lower, dual, method)
        upper, best = min(costs)
        return Answer(lower, dual, method, upper).with_plan(question, mixes[best])

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """Solve with chords instead of the label's entropy."""
        goal, corners = self.question.tightened(), box_corners(low, high)
        goal = goal if objective == "1" else Goal("0", goal.bounds)
        weights, excess, at = self._solved(goal, "corners", corners)
        lower, at = self.proved(at, corners)
        return BoxBounds(lower, at, weights, excess)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """Solve with tangents instead of the label's entropy."""
        goal = self.question.tightened(margin)
        return self.tangent(goal, *self._solved(goal, "slopes", tangent_slopes(posteriors)))

    def _solved(self, goal: Goal, entropy: str, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray, Multipliers]:
        """Solve programs while there is time; an answer without any work proves nothing."""
        clock, data = self.question.clock, self.question.data
        zero, no_slopes = np.zeros(()), np.zeros((len(data.ys), self.question.problem.n_S))
        objective = {name: np.array(goal.price(name)) for name in ("R", "C", "D")}
        at = Multipliers(**objective, P=zero, u=np.zeros(len(data.xs)), slopes=no_slopes, v=no_slopes[:, 0])
        unsolved = np.zeros(len(self.maps.functions)), math.inf, at
        solved = [
            unsolved if clock.over else solve_mix(self.maps, goal, self.pool, clock, **{entropy: one}) for one in batch
        ]
        weights, excess, multipliers = (list(parts) for parts in zip(*solved, strict=True))
        return np.stack(weights), np.array(excess), stacked(multipliers)

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

    def plain(self) -> Iterator[tuple[np.ndarray, Mix | None]]:
        """See `codes.Codes`."""
        maps, data = self.maps, self.question.data
        if data.p_Y is not None:
            # Nothing: all of the target law is then made up for by constant maps.
            constant = np.zeros(len(maps.functions))
            constant[maps.constants] = data.target[maps.functions[maps.constants, 0]]
            yield constant, self.mixed([])
        for f in candidate_maps(self.question):
            yield (maps.functions == f).all(axis=1).astype(float), self.mixed([(fmpq(1), f.tolist())])

    def point(self, plan: Mix) -> np.ndarray:
        """See `codes.Codes`."""
        maps = self.maps.functions
        return sum((float(w) * (maps == f).all(axis=1) for w, f in plan.functions), np.zeros(len(maps)))

    def laws(self, points: np.ndarray) -> np.ndarray:
        """See `codes.Codes`."""
        used = np.flatnonzero((points > 0).any(axis=0))
        return np.einsum("bk,kys->bys", points[:, used], self.maps.label_laws[used])

    def measured(self, points: np.ndarray, laws: np.ndarray) -> dict[str, np.ndarray]:
        """See `codes.Codes`."""
        quantities = {"D": points @ self.maps.distortion, "R": points @ self.maps.rate.low}
        return quantities | {"C": label_entropy(laws).sum(axis=1)}

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

    def exact_weights(self, certificate: FiniteCertificate) -> list:
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
