"""What answers a question about an output that nobody classifies, and what of it is proved.

Whoever proposes a plan and multipliers, the plan is repaired until it is proved to meet all bounds, and the multipliers are
proved to be worth what they claim. For all kinds of output laws the interior-point method proposes both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import exact_or_ball
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers, lower_bounds
from drc.solvers.finite.asymptotic.primal import Plan, measured
from drc.solvers.finite.asymptotic.programs import Goal, build
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.transport import transport
from drc.solvers.outcome import Solution


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found and proved: the bounds in the unit of the question, a plan, and multipliers."""

    method: str
    lower: float = 0.0
    upper: float = math.inf
    plan: Plan | None = None
    multipliers: Multipliers | None = None

    @property
    def infeasible(self) -> bool:
        """Whether the multipliers prove that nothing meets the bounds."""
        return self.lower == math.inf

    def is_enough(self, question: Question) -> bool:
        """Whether nothing is left to be found, or no time to find it."""
        return self.infeasible or self.upper - self.lower <= question.tolerance * question.scale or question.clock.over


# Proofs


def proposed(
    question: Question, method: str, at: Multipliers, joint: np.ndarray, gamma: np.ndarray | None = None
) -> Answer:
    """Return what is proved of multipliers and of a plan, which is repaired."""
    lower, at = proved_lower(question, at)
    plan, upper = repaired(question, joint, gamma)
    return Answer(method, lower, upper, plan, at)


def proved_lower(question: Question, at: Multipliers) -> tuple[float, Multipliers]:
    """Return what multipliers prove, in the unit of the question, never below zero."""
    # The slope as it is, not as it was rounded.
    limits = dict(question.intervals)
    if question.minimise == "R":
        limits.pop("R", None)
    lower, at = lower_bounds(question.data, limits, at)
    value = Interval.of(lower)
    if question.minimise == "R":
        value = value * question.per_nat
    return max(float(value.low[0]), 0.0), at


def contradicted(question: Question, at: Multipliers, method: str) -> Answer | None:
    """Return the answer that nothing meets the bounds, if multipliers prove it."""
    lower, at = lower_bounds(question.data, question.intervals, at)
    return Answer(method, math.inf, math.inf, None, at) if lower[0] > 0 else None


def proved_upper(question: Question, joint: np.ndarray, gamma: np.ndarray | None = None) -> tuple[Plan | None, float]:
    """Return the plan if it is proved to meet all bounds, and what it costs."""
    plan = measured(question.data, joint, gamma)
    if plan is not None and "D" in question.intervals:
        plan = _at_the_border(question, plan)
    if plan is None or not plan.meets(question.intervals):
        return None, math.inf
    upper = float(objective(question, plan).high)
    return (plan, upper) if math.isfinite(upper) else (None, math.inf)


def _at_the_border(question: Question, plan: Plan) -> Plan:
    """Decide in exact numbers whether a plan meets the bound on distortion, where doubles cannot."""
    limit, bound, exact = question.intervals["D"], question.bounds["D"], question.exact
    undecided = plan.D.low <= limit.high and not plan.D.high <= limit.low
    if not (undecided and isinstance(bound, Fraction) and exact.rational):
        return plan
    joint = plan.exact or exact.coupling(plan.joint, plan.tree)
    if joint is None or not exact.cost(joint) <= exact_or_ball(bound):
        return plan
    return replace(plan, D=Interval(np.minimum(plan.D.low, limit.low), limit.low))


def steep(data: Data, mean_costs: np.ndarray, kappa: float = 0.0) -> Multipliers:
    """Return multipliers of a rate of zero: so large a price that the soft minimum is a mean."""
    return Multipliers.one(np.full(len(data.xs), float(mean_costs.min())), R=3e9 * data.scale, D=1.0, P=kappa)


def objective(question: Question, plan: Plan) -> Interval:
    """Enclose what a plan costs, in the unit of the question."""
    if question.minimise == "R":
        # Zero stays zero, whatever the unit.
        return plan.R * question.per_nat if plan.R.high > 0 else plan.R
    if question.slope is None:
        return plan.D
    return plan.D + Interval.around(float(question.slope)) * plan.R * question.per_nat


# The general method


def answered_by_interior(question: Question) -> Answer:
    """Answer a question by the interior-point method, for all kinds of output laws."""
    if question.clock.over:
        # To write the program down takes time as well.
        return Answer("none: no time was left")
    model = build(question.data, question.goal)
    point = model.solve(gap=0.3 * question.gap, clock=question.clock)
    method = f"interior point, {point.steps} steps"
    answer = proposed(question, method, model.multipliers(point), model.couplings(point)[0], model.transports(point))
    if answer.plan is not None or question.clock.over:
        return answer
    # Where nothing is feasible the multipliers grow: without the objective they contradict each other.
    at: Any = answer.multipliers
    own = {name: getattr(at, name) if name in question.bounds else np.zeros(1) for name in ("R", "D")}
    return contradicted(question, replace(at, **own), method) or shown_infeasible(question, method) or answer


def shown_infeasible(question: Question, method: str) -> Answer | None:
    """Return the answer that nothing meets the bounds, if the interior-point method proves it."""
    model = build(question.data, Goal("0", question.goal.bounds), elastic=True)
    return contradicted(question, model.multipliers(model.solve(gap=1e-12, clock=question.clock)), method)


def repaired(question: Question, joint: np.ndarray, gamma: np.ndarray | None) -> tuple[Plan | None, float]:
    """Return a plan that is proved to meet all bounds: the one given, with as little as possible of one well inside."""
    plan, upper = proved_upper(question, joint, gamma)
    if plan is not None:
        return plan, upper
    missed, best = measured(question.data, joint, gamma), (None, math.inf)
    for inside, inside_gamma in _well_inside(question, joint, gamma):
        safe = measured(question.data, inside, inside_gamma)
        share = 0.0 if missed is None else _share(question, missed, safe)
        shares = [] if safe is None or share > 1 else [min(2**k * (share + 1e-16), 1.0) for k in range(1, 7)]
        for share in shares:
            mixed = None if gamma is None or inside_gamma is None else (1 - share) * gamma + share * inside_gamma
            plan, upper = proved_upper(question, (1 - share) * joint + share * inside, mixed)
            if plan is not None:
                return plan, upper
        # Where letters have one place to go, no mix comes near it; then the safe plan alone, until a better one comes.
        best = min(best, proved_upper(question, inside, inside_gamma), key=lambda found: found[1])
    return best


def _share(question: Question, missed: Plan, safe: Plan | None) -> float:
    """Return how much of a safe plan makes up for what another one misses; two if the safe one is not safe."""
    share = 0.0
    for name, limit in question.intervals.items():
        excess = float(getattr(missed, name).high - limit.low)
        room = -math.inf if safe is None else float(limit.low - getattr(safe, name).high)
        if room <= 0:
            return 2.0
        if excess > 0:
            share = max(share, excess / (excess + room))
    return share


def _well_inside(
    question: Question, joint: np.ndarray, gamma: np.ndarray | None
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Propose plans that meet the bounds with something to spare."""
    data, clock = question.data, question.clock
    allowed = np.isfinite(data.d.high)
    if allowed.all():
        # The same output law, and no rate.
        law = (data.source / joint.sum(axis=1)) @ joint if data.p_Y is None else data.target
        yield data.source[:, None] * law, gamma
    everywhere = allowed.all(axis=0)
    if data.p_Y is None and everywhere.any():
        # Letters that all may go to.
        yield data.source[:, None] * (everywhere / everywhere.sum()), None
    if data.p_Y is not None and not allowed.all():
        found = transport(data.source, data.target, data.distortion / data.scale, clock)
        if found is not None:
            yield found[0], None
    for margin in (1e-4, 1e-7):
        if clock.over:
            return
        bounds = {name: bound * (1 - margin) for name, bound in question.goal.bounds.items()}
        model = build(data, replace(question.goal, bounds=bounds))
        point = model.solve(gap=margin * data.scale, clock=clock)
        yield model.couplings(point)[0], model.transports(point)


# The answer as users see it


def packed(question: Question, answer: Answer) -> Solution:
    """Return the answer as users see it, with its certificate."""
    data, plan, at = question.data, answer.plan, None if answer.multipliers is None else answer.multipliers[0]
    reached: dict[str, Any] = {}
    if plan is not None:
        middle = float(objective(question, plan).middle)
        rows = plan.joint
        if plan.tree is None:
            rows = rows * (data.source / rows.sum(axis=1))[:, None]
        # Of a perception measure only the upper end is tight.
        ends = {"R": float(plan.R.middle), "D": float(plan.D.middle), "P": float(plan.P.high)}
        primal = data.primal(plan.joint if plan.exact is None else plan.exact, plan.tree, plan.gamma)
        if plan.exact is not None and plan.gamma is not None:
            primal["gamma"] = staying(data.problem)
        reached = question.in_words(ends if data.measure is not None else ends | {"P": math.inf})
        reached |= {
            "value": min(max(middle, answer.lower), answer.upper),
            "coupling": data.spread(rows),
            "primal": primal,
            "measure": data.measure or "",
        }
    dual: dict[str, Any] = {"kind": "trivial"}
    if at is not None:
        leaf: dict[str, Any] = question.leaf(at, of_objective=not answer.infeasible)
        reached["duals"] = dict(leaf["multipliers"])
        if data.p_Y is not None:
            reached["duals"]["p_Y"] = tuple(leaf["v"])
        if answer.lower > 0:
            dual = {"kind": "channels", "shared": None, "tree": leaf}
    return question.answered(answer.lower, answer.upper, dual, answer.method, sees="Y", **reached)


def staying(problem: Finite) -> list:
    """Return the transport plan that leaves the reference as it is, in exact numbers."""
    return [[mass if i == j else 0 for j in range(problem.n_Y)] for i, mass in enumerate(problem.reference)]
