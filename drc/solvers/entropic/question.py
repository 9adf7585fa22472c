"""What is asked of a finite problem, what answers it, and what of it is proved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from drc.errors import ProblemError, must
from drc.problems.arrays import exact_number
from drc.problems.finite import Finite
from drc.problems.validation import bounds_given, choice
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.primal import Plan, exact_distortion, measured
from drc.solvers.entropic.programs import Goal
from drc.solvers.rounding import Interval
from drc.units import unit_named

#: By how much bounds are tightened, beside their size, so that rounding does not spoil a plan.
_MARGIN = 4e-14


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, exactly and in nats.

    Attributes
    ----------
    data : Data
    minimise : {"D", "R"}
    bounds : dict from "R", "D", "P" to an exact number
        In the unit.
    slope : exact number or None
    unit : {"bits", "nats"}
    tolerance : float
    """

    data: Data
    minimise: str
    bounds: dict
    slope: Any
    unit: str
    tolerance: float

    @property
    def rate_matters(self) -> bool:
        """Whether the rate is minimised, has a price, or is bounded."""
        return self.minimise == "R" or "R" in self.bounds or bool(self.slope)

    @property
    def most_distortion(self) -> float:
        """How much distortion may be spent to lower the rate: without a bound any; none if it is what is minimised."""
        return self.goal.bounds.get("D", math.inf if self.minimise == "R" else -1.0)

    @cached_property
    def nat(self) -> Interval:
        """One nat, in the unit: 1 / ln 2 bits."""
        return Interval.of(1.0) if self.unit == "nats" else Interval.of(1.0) / Interval.of(2.0).log()

    def in_nats(self, name: str, value: Any) -> Interval:
        """Enclose a bound in nats; distortions and transport costs have no unit."""
        found = Interval.of(float(value)) if float(value) == value else Interval.around(float(value))
        rate = name == "R" or (name == "P" and self.data.measure == "KL")
        return found / self.nat if rate and value != 0 else found

    @cached_property
    def goal(self) -> Goal:
        """The bounds in doubles, a trifle tighter than they are."""
        bounds = {name: float(self.in_nats(name, value).low) for name, value in self.bounds.items()}
        sizes = {"R": 1.0, "D": self.data.scale, "P": self.data.ground_scale}
        tight = {name: max(b - _MARGIN * min(sizes[name], 1e3 * b), 0.5 * b) for name, b in bounds.items()}
        slope = None if self.slope is None else float(self.slope) * float(self.nat.low)
        return Goal(self.minimise, tight, slope)

    @cached_property
    def limits(self) -> dict[str, Interval]:
        """The bounds, enclosed, in nats."""
        return {name: self.in_nats(name, value) for name, value in self.bounds.items()}


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found and proved: a plan, multipliers, and the bounds in the unit of the question."""

    lower: float
    upper: float
    plan: Plan | None
    multipliers: Multipliers | None
    infeasible: bool
    method: str


def ask(problem: Finite, minimise: str, R: Any, D: Any, P: Any, slope: Any, tolerance: float, unit: str) -> Question:
    """Check what is asked.

    Raises
    ------
    ProblemError
    """
    choice("minimise", minimise, ("D", "R"))
    given = {"R": R, "D": D, "P": P}
    bounds = {name: bound for name, bound in bounds_given(given).items() if bound != math.inf}
    if minimise in bounds or (slope is not None and len(bounds.keys() & {"R", "D"})):
        name = minimise if minimise in bounds else min(bounds.keys() & {"R", "D"})
        raise must(name, "be left out: it is minimised", given[name])
    if "P" in bounds and problem.perception is None:
        raise ProblemError(f"P must come with a perception measure, got P = {P} alone: give perception=")
    if not tolerance > 0:
        raise must("tolerance", "be positive", tolerance)
    if slope is not None:
        choice("minimise", minimise, ("D",))
        slope = exact_number("slope", slope)
        if slope < 0:
            raise must("slope", "be at least 0", got=f"{float(slope):.12g}")
    exact = {name: exact_number(name, given[name]) for name in bounds}
    data = Data.of(problem, perception="P" in bounds).without_stranded_outputs()
    return Question(data, minimise, exact, slope, unit_named(unit).name, tolerance)


def proved_lower(question: Question, at: Multipliers) -> tuple[float, Multipliers]:
    """Return what multipliers prove, in the unit of the question, never below zero."""
    # The slope as it is, not as it was rounded.
    limits = dict(question.limits)
    if question.minimise == "R":
        limits.pop("R", None)
    lower, at = lower_bounds(question.data, limits, at)
    value = Interval.of(lower)
    if question.minimise == "R":
        value = value * question.nat
    return max(float(value.low[0]), 0.0), at


def proved_upper(question: Question, joint: np.ndarray, gamma: np.ndarray | None) -> tuple[Plan | None, float]:
    """Return the plan if it is proved to meet all bounds, and what it costs."""
    plan = measured(question.data, joint, gamma)
    if plan is not None and "D" in question.limits:
        plan = _at_the_border(question, plan)
    if plan is None or any(not getattr(plan, name).high <= limit.low for name, limit in question.limits.items()):
        return None, math.inf
    upper = float(objective(question, plan).high)
    return (plan, upper) if math.isfinite(upper) else (None, math.inf)


def _at_the_border(question: Question, plan: Plan) -> Plan:
    """Decide in exact numbers whether a plan meets the bound on distortion, where doubles cannot."""
    limit, bound = question.limits["D"], question.bounds["D"]
    if plan.D.high <= limit.low or not plan.D.low <= limit.high or not isinstance(bound, Fraction):
        return plan
    exact = exact_distortion(question.data, plan)
    if exact is None or exact > bound:
        return plan
    return replace(plan, D=Interval(np.minimum(plan.D.low, limit.low), limit.low))


def objective(question: Question, plan: Plan) -> Interval:
    """Enclose what a plan costs, in the unit of the question."""
    if question.minimise == "R":
        # Zero stays zero, whatever the unit.
        return plan.R * question.nat if plan.R.high > 0 else plan.R
    if question.slope is None:
        return plan.D
    return plan.D + Interval.around(float(question.slope)) * plan.R * question.nat
