"""What answers a question about an output that nobody classifies, and what of it is proved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import exact_or_ball
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.exact import Exact
from drc.solvers.entropic.primal import Plan, measured
from drc.solvers.entropic.question import Question
from drc.solvers.solution import Solution


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found and proved: a plan, multipliers, and the bounds in the unit of the question."""

    lower: float
    upper: float
    plan: Plan | None
    multipliers: Multipliers | None
    infeasible: bool
    method: str


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


def proved_upper(question: Question, joint: np.ndarray, gamma: np.ndarray | None) -> tuple[Plan | None, float]:
    """Return the plan if it is proved to meet all bounds, and what it costs."""
    plan = measured(question.data, joint, gamma)
    if plan is not None and "D" in question.intervals:
        plan = _at_the_border(question, plan)
    if plan is None or any(not getattr(plan, name).high <= limit.low for name, limit in question.intervals.items()):
        return None, math.inf
    upper = float(objective(question, plan).high)
    return (plan, upper) if math.isfinite(upper) else (None, math.inf)


def _at_the_border(question: Question, plan: Plan) -> Plan:
    """Decide in exact numbers whether a plan meets the bound on distortion, where doubles cannot."""
    limit, bound, exact = question.intervals["D"], question.bounds["D"], Exact(question.data)
    if (
        plan.D.high <= limit.low
        or not plan.D.low <= limit.high
        or not isinstance(bound, Fraction)
        or not exact.rational
    ):
        return plan
    joint = plan.exact or exact.coupling(plan.joint, plan.tree)
    if joint is None or not exact.cost(joint) <= exact_or_ball(bound):
        return plan
    return replace(plan, D=Interval(np.minimum(plan.D.low, limit.low), limit.low))


def steep(data: Data, kappa: np.ndarray, mean_costs: np.ndarray) -> Multipliers:
    """Return multipliers of a rate of zero: so large a price that the soft minimum is a mean."""
    zero = np.zeros(1)
    level = np.full((1, len(data.xs)), float(mean_costs.min()))
    return Multipliers(np.array([3e9 * data.scale]), zero, np.ones(1), kappa, level)


def objective(question: Question, plan: Plan) -> Interval:
    """Enclose what a plan costs, in the unit of the question."""
    if question.minimise == "R":
        # Zero stays zero, whatever the unit.
        return plan.R * question.per_nat if plan.R.high > 0 else plan.R
    if question.slope is None:
        return plan.D
    return plan.D + Interval.around(float(question.slope)) * plan.R * question.per_nat


def packed(question: Question, answer: Answer) -> Solution:
    """Return the answer as users see it, with its certificate."""
    data, plan, at = question.data, answer.plan, None if answer.multipliers is None else answer.multipliers[0]
    scale = math.log(2) if question.minimise == "R" and question.unit == "nats" else 1.0
    reached: dict[str, Any] = {}
    if plan is not None:
        middle = _middle(objective(question, plan))
        rows = plan.joint
        if plan.tree is None:
            rows = rows * (data.source / rows.sum(axis=1))[:, None]
        # Of a perception measure only the upper end is tight.
        ends = {"R": _middle(plan.R), "D": _middle(plan.D), "P": float(plan.P.high)}
        rate, distortion, perception = (
            value / (question.nat if question.in_nats(name) else 1.0) for name, value in ends.items()
        )
        reached = {"value": min(max(middle, answer.lower), answer.upper)}
        reached |= {
            "rate": rate,
            "distortion": distortion,
            "coupling": data.spread(rows),
            "primal": _primal(data, plan),
        }
        if data.measure is not None:
            reached |= {"perception": perception, "measure": data.measure}
    dual: dict[str, Any] = {"kind": "trivial"}
    if at is not None:
        leaf = question.leaf(at, of_objective=not answer.infeasible)
        reached["duals"] = dict(leaf["multipliers"])
        if data.p_Y is not None:
            reached["duals"]["p_Y"] = tuple(leaf["v"])
        if answer.infeasible or answer.lower > 0:
            dual = {"kind": "channels", "shared": None, "tree": leaf}
    return question.answered(answer.lower, answer.upper, dual, answer.method, scale=scale, sees="Y", **reached)


def _middle(value: Interval) -> float:
    return float(0.5 * (value.low + value.high))


def _primal(data: Data, plan: Plan) -> dict[str, Any]:
    exact = plan.exact is not None
    found: dict[str, Any] = {"kind": "coupling", "joint": data.spread(plan.exact if exact else plan.joint)}
    if plan.tree is not None:
        found["tree"] = data.named(plan.tree)
    if plan.gamma is not None:
        found["gamma"] = staying(data.problem) if exact else data.padded(plan.gamma)
    return found


def staying(problem: Finite) -> list:
    """Return the transport plan that leaves the reference as it is, in exact numbers."""
    return [[mass if i == j else 0 for j in range(problem.n_Y)] for i, mass in enumerate(problem.reference)]
