"""Long blocks, the classifier sees the message: the least distortion or rate over mixtures of posteriors, and its proof."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from drc.errors import NotAvailableError
from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import float_above, precision
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.solve import solve_entropic
from drc.solvers.finite.certificates import UNWRITTEN
from drc.solvers.finite.label_from_y.question import NOTHING, Answer, packed
from drc.solvers.finite.messages.alphabet import Alphabet
from drc.solvers.finite.messages.columns import Generation, mixed_plan, simple_messages
from drc.solvers.finite.messages.plans import MessagePlan, message_plan
from drc.solvers.finite.messages.posteriors import Messages, Prices, settled
from drc.solvers.finite.messages.proof import Inner, Proved, Search
from drc.solvers.outcome import Solution, is_closed
from drc.solvers.request import Clock

#: The name of the one method there is.
METHOD = "column generation"

#: Parts of the time that is left: for the problem without C, and for each round of column generation.
_EASIER, _GENERATING = 0.1, 0.5

#: By how much nearer than asked the bounds are met, so that a plan can be proved to meet them.
_MARGINS = (0.0, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7)

#: The same in the interior, where nothing is met exactly.
_INSIDE = (1e-11, 1e-9, 1e-7, 1e-6)

#: What is mixed in of messages that tell nothing, so that every pair of letters has mass.
_SHARES = (0.0, 1e-13, 1e-11, 1e-9)

#: Without a time limit the proof ends after about this many products: a quarter of a minute.
_WORK, _MOST_BOXES = 6e8, 400_000

#: How often messages that the proof finds go back to the linear program.
_MOST_RETURNS = 30

#: How many of the worst boxes are looked at for cheaper messages.
_WORST = 24

#: What is missed of the bounds by less than this is rounding.
_MISSED = 1e-9


def by_messages(question: Question) -> Solution:
    """Minimise distortion, rate or the label's uncertainty where the classifier sees the message.

    Notes
    -----
    `Y` is a function of the message `Z`, and the laws of `X` and `Y` are those of the problem. A message is a posterior of
    the source and an output letter; `I(X;Z)`, `H(S|Z)` and `E d(X, Y)` are means over messages, so that the problem is a
    linear program with infinitely many columns. Its lower bound is proved by branch and bound over the posterior of the
    label.

    Raises `NotAvailableError` if a perception bound and a bound on `C` are both active.
    """
    choice("method", question.method or METHOD, (METHOD,))
    if "P" in question.bounds:
        raise NotAvailableError(
            "P must be left out with C and classifier_sees='Z', which has no solver for both yet; give p_Y, or leave the"
            " output law free"
        )
    if question.minimise != "R" and "R" not in question.bounds and not question.slope:
        # The message may then say X itself: no classifier knows more, and no code has less distortion.
        return _with_all_told(question, solve_entropic(_without_label(question)))
    answer = Answer(*NOTHING, "none: no time was left")
    envelope = _Envelope(question)
    with precision(), question.clock.watching(), np.errstate(all="ignore"):
        answer = envelope.solve()
    return replace(packed(question, answer, sees="Z"), duals=envelope.duals)


def _without_label(question: Question, clock: Clock | None = None) -> Question:
    """Return the question without the label; where its uncertainty is minimised, it minimises the rate instead."""
    minimise = "D" if question.minimise == "D" else "R"
    bounds = {name: bound for name, bound in question.bounds.items() if name not in ("C", minimise)}
    clock = clock or question.clock
    return replace(question, minimise=minimise, bounds=bounds, clock=clock, method=None, start=None)


def _with_all_told(question: Question, found: Solution) -> Solution:
    """Return the answer of the problem without C with messages that say the source letter too."""
    plan = None
    if found.coupling is not None:
        data = question.data
        joint = found.coupling[np.ix_(data.xs, data.ys)]
        xs, ys = np.nonzero(joint)
        with precision():
            plan = message_plan(question.exact, joint[xs, ys], Messages(np.eye(len(data.xs))[xs], ys))
    known = question.minimise != "C" or found.lower == math.inf
    # Less distortion cannot make more known of the label than all: then no bound has a price.
    duals = {name: float(found.duals.get(name, 0.0)) if known else 0.0 for name in question.bounds}
    answer = Answer(*((found.lower, found.certificate.dual) if known else NOTHING), found.method, duals=duals)
    if plan is not None and question.is_met(plan.reached):
        answer = replace(answer, upper=float_above(question.cost(plan.reached)), plan=plan)
    return packed(question, answer, sees="Z")


@dataclass(eq=False)
class _Envelope:
    """A problem while it is solved: the best bound and the best plan so far, in nats."""

    question: Question
    lower: float = 0.0
    dual: dict = field(default_factory=lambda: dict(NOTHING[1]))
    upper: float = math.inf
    plan: MessagePlan | None = None
    boxes: int = 0
    spent: bool = False
    duals: dict[str, object] = field(default_factory=dict)

    def solve(self) -> Answer:
        """Generate messages, put a plan together, and prove a bound, until they meet."""
        question, clock = self.question, self.question.clock
        joint, method = self._without_label()
        if self.lower == math.inf or self._is_done() or clock.over:
            return self._answer(method)
        mixed = mixed_plan(question, joint)
        if mixed is not None:
            self._take(*mixed)
        generation = Generation(question, simple_messages(question, joint))
        letters = Alphabet.of(generation, joint)
        for _ in range(_MOST_RETURNS):
            letters.run(_GENERATING)
            if generation.is_small:
                self._generate(generation)
            elif not letters.meets:
                generation.restart("feasible")
                letters = Alphabet.of(generation, joint)
                letters.run(_GENERATING)
                if letters.meets:
                    generation.restart("both")
                    letters.run(_GENERATING)
            if generation.aim != "feasible":
                self._put_together(generation, letters)
            if generation.best is None or clock.over:
                break
            if generation.aim == "feasible":
                self._contradict(generation)
                break
            self.duals = self._multipliers(generation.best, generation.worth)
            cheaper = self._prove(generation)
            if not len(cheaper) or self._is_done():
                break
            letters.join(cheaper)
        method = (
            f"{len(generation.messages)} messages by column generation, bound proved by {self.boxes} boxes of labels"
        )
        return self._answer(method)

    def _answer(self, method: str) -> Answer:
        upper = self.upper if self.lower < math.inf else math.inf
        return Answer(min(self.lower, upper), self.dual, method, upper, "boxes" if self.spent else "", self.plan)

    def _is_done(self) -> bool:
        """Whether the bounds are as near as was asked; a third of the tolerance is left for rounding."""
        question, nat = self.question, self.question.objective_nat
        return is_closed(self.lower / nat, self.upper / nat, 0.6 * question.tolerance, question.scale)

    # The problem without C

    def _without_label(self) -> tuple[np.ndarray | None, str]:
        """Take the bound of the problem without C, and its plan if that meets C."""
        question = self.question
        clock = question.clock.part(_EASIER * question.clock.left)
        easier = solve_entropic(_without_label(question, clock))
        if question.minimise != "C" or easier.lower == math.inf:
            # What contradicts the other bounds does so whatever is minimised.
            self.lower = easier.lower * question.objective_nat
            self.dual = easier.certificate.dual
            self.duals = {"C": 0.0, **easier.duals} if easier.duals else {}
        if easier.coupling is None:
            return None, easier.method
        data = question.data
        joint = easier.coupling[np.ix_(data.xs, data.ys)]
        self._take(*Messages.of_plan(joint))
        return joint, f"{easier.method}; its plan meets the bound on C"

    # Messages

    def _generate(self, generation: Generation) -> None:
        """Generate messages; where they cannot meet the bounds, first those that miss them least."""
        generation.run(_GENERATING)
        clock = self.question.clock
        if generation.missed > _MISSED and generation.aim == "both" and not clock.over:
            generation.restart("feasible")
            generation.run(_GENERATING)
            if generation.missed <= _MISSED:
                generation.restart("best")
                generation.run(_GENERATING)

    def _put_together(self, generation: Generation, letters: Alphabet) -> None:
        """Prove the plan of the final program, with as little given away as is needed.

        Where a vertex of the linear program misses the laws by too much, the interior of the convex one does not.
        """
        for source in (generation, letters) if generation.is_small else (letters,):
            for margin in _MARGINS if source is generation else _INSIDE:
                weights, messages = source.weighted(margin)
                if len(weights) and self._take_any(weights, messages):
                    return
                if self.question.clock.over and (margin >= 1e-9 or self.plan is not None):
                    return

    def _take_any(self, weights: np.ndarray, messages: Messages) -> bool:
        return any(self._take(*self._mixed(weights, messages, share)) for share in _SHARES)

    def _mixed(self, weights: np.ndarray, messages: Messages, share: float) -> tuple[np.ndarray, Messages]:
        """Mix in a share of messages that tell nothing."""
        data = self.question.data
        if share == 0:
            return weights, messages
        law = np.bincount(messages.letters, weights=weights, minlength=len(data.ys))
        law = law if data.p_Y is None else data.target
        ys = np.flatnonzero((law > 0) & np.isfinite(data.distortion).all(axis=0))
        none = Messages(np.tile(data.source, (len(ys), 1)), ys)
        return np.concatenate([(1 - share) * weights, share * law[ys]]), Messages.joined([messages, none])

    def _take(self, weights: np.ndarray, messages: Messages) -> bool:
        """Tell whether a plan is proved to meet the bounds; keep it if it is the best so far."""
        plan = message_plan(self.question.exact, weights, messages)
        if plan is None or not self.question.is_met(plan.reached):
            return False
        cost = float_above(self.question.cost(plan.reached))
        if cost < self.upper:
            self.upper, self.plan = cost, plan
        return True

    # Proofs

    def _prove(self, generation: Generation) -> Messages:
        """Prove the bound of the best prices; return messages that were found on the way and are cheaper."""
        search, cheaper = self._searched(generation)
        self._keep(generation, search)
        return cheaper

    def _searched(self, generation: Generation) -> tuple[Search, Messages]:
        """Split boxes until the bound is near enough, cheaper messages are found, or a limit is reached."""
        question, prices = self.question, generation.best
        assert prices is not None
        data, clock = question.data, question.clock
        cheaper = generation.messages[:0]
        weights = np.ones(len(data.ys)) if data.p_Y is None else data.target
        aim = np.full(len(weights), generation.worth.min()) if data.p_Y is None else generation.worth
        search = Search(Inner.of(data, prices), aim, weights, generation.room)
        limit = clock.deadline < math.inf
        most = 10**9 if limit else max(64, self._most - self.boxes)
        while not search.is_done:
            if limit and clock.left < search.seconds + 0.02:
                break
            if not search.run(clock, most):
                self.spent = not limit and not search.is_done
                break
            if not search.is_done:
                cheaper = self._improved(generation, search)
            if len(cheaper):
                break
        self.boxes += search.boxes
        return search, cheaper

    @property
    def _most(self) -> int:
        """How many boxes are bounded without a time limit."""
        data = self.question.data
        return min(_MOST_BOXES, int(_WORK / (len(data.xs) * data.posterior.shape[0] + 20)))

    def _improved(self, generation: Generation, search: Search) -> Messages:
        """Look for cheaper messages near the worst boxes."""
        assert generation.best is not None
        letters, labels = search.worst(_WORST)
        found = settled(self.question.data, generation.best, letters, np.maximum(labels, 1e-12), 30)
        return generation.lowered(found, 0.5 * search.room)

    def _keep(self, generation: Generation, search: Search) -> None:
        prices = generation.best
        assert prices is not None
        proved = search.finish()
        lower = self._proved(prices, proved)
        if prices.objective and lower > self.lower:
            self.lower, self.dual = lower, self._written(prices, proved)
        elif not prices.objective and lower > 0:
            self.lower, self.dual = math.inf, self._written(prices, proved)

    def _contradict(self, generation: Generation) -> None:
        """Prove that nothing meets the bounds."""
        self._keep(generation, self._searched(generation)[0])

    def _proved(self, prices: Prices, proved: Proved) -> float:
        """Return what prices prove, in nats."""
        question, data = self.question, self.question.data
        if "R" not in question.bounds and prices.objective * question.goal.price("R") < prices.R:
            # A rate that nothing bounds has a price to find messages with, and proves nothing.
            return -math.inf
        worth = Interval.of(proved.worth)
        law = Interval.of(proved.worth.min()) if data.p_Y is None else (data.p_Y * worth).sum()
        total = (data.p * Interval.of(prices.u)).sum() + law
        for name, price in self._own(prices).items():
            total = total - Interval.of(price) * question.intervals[name]
        return float(total.low) if not math.isnan(float(total.low)) else -math.inf

    def _own(self, prices: Prices) -> dict[str, float]:
        """Return the multipliers of the bounds, without the objective's share."""
        goal = self.question.goal
        names = [name for name in "RCD" if name in self.question.bounds]
        return {name: getattr(prices, name) - prices.objective * goal.price(name) for name in names}

    def _in_unit(self, prices: Prices) -> dict[str, float]:
        """Return the multipliers of the bounds in the unit."""
        question = self.question
        unit = question.objective_nat if prices.objective else 1.0
        return {name: price * question.unit_of(name) / unit for name, price in self._own(prices).items()}

    def _multipliers(self, prices: Prices, worth: np.ndarray) -> dict[str, object]:
        """Return the multipliers as a solution has them."""
        found: dict[str, object] = dict(self._in_unit(prices))
        if self.question.data.p_Y is not None:
            law = np.zeros(self.question.problem.n_Y)
            law[self.question.data.ys] = worth / self.question.objective_nat
            found["p_Y"] = tuple(law.tolist())
        return found

    def _written(self, prices: Prices, proved: Proved) -> dict[str, object]:
        """Return the dual of a certificate, in the unit."""
        question, data = self.question, self.question.data
        if proved.trees is None:
            return {"kind": UNWRITTEN, "reason": "the proof has too many boxes to be written down"}
        unit = question.objective_nat if prices.objective else 1.0
        multipliers = self._in_unit(prices)
        u = np.zeros(question.problem.n_X)
        u[data.xs] = prices.u / unit
        trees: list[object] = [[] for _ in range(question.problem.n_Y)]
        for y, tree in zip(data.ys, proved.trees, strict=True):
            trees[y] = [{"like": int(data.ys[tree])}] if isinstance(tree, int) else tree
        found = {"kind": "messages", "objective": prices.objective, "multipliers": multipliers}
        return found | {"u": u.tolist(), "trees": trees}
