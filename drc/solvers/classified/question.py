"""What a solver of this family was asked, checked and turned into nats; and how its answer is given back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.errors import ProblemError, must
from drc.problems.finite import Finite, exact_number
from drc.problems.validation import bounds_given, choice
from drc.solvers.balls import Number, exact_or_ball, float_above, float_below, precision
from drc.solvers.borders import label_entropy
from drc.solvers.certificates import FiniteCertificate
from drc.solvers.classified.search import Limits
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers
from drc.solvers.entropic.programs import Goal
from drc.solvers.request import Clock, clock_for, positive
from drc.solvers.rounding import Interval
from drc.solvers.solution import Solution, status_of
from drc.units import unit_named

#: Without a time limit a search ends after this many boxes of a problem with three letters and labels, which take about ten
#: seconds, or after a number of larger ones that takes as long: the answer does not depend on the machine.
BOXES, _WORK = 6_000, 2e4

#: What the certificate claims less than was proved here, relative: numbers are rounded when they change their unit.
_MARGIN = 1e-12


@dataclass(frozen=True, eq=False)
class Question:
    """A problem, what is minimised, and the active bounds.

    Attributes
    ----------
    problem : Finite
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : dict from "R", "C", "D", "P" to exact number
        In the unit.
    slope : exact number or None
        With it, `D + slope R` is minimised.
    tolerance : float
        In the unit of what is minimised.
    clock : Clock
    prices : dict from "D", "R", "C" to float, or None
        With time sharing, the sum of prices times quantities (in nats) is minimised for a single code.
    asked : Question, optional
        What was asked, if that had a perception bound of zero: here the reference is a target law instead.
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: dict
    slope: Any
    tolerance: float
    clock: Clock
    prices: dict[str, float] | None = None
    asked: Question | None = None

    @cached_property
    def data(self) -> Data:
        """The problem in doubles."""
        return Data.of(self.problem, perception="P" in self.bounds)

    @property
    def nat(self) -> float:
        """How many of the unit's logarithms a nat is: ln 2 for bits."""
        return math.log(2) if self.unit == "bits" else 1.0

    def in_nats(self, name: str) -> bool:
        """Whether a quantity is in the unit of entropies."""
        return name in ("R", "C") or (name == "P" and self.problem.perception == "KL")

    @property
    def objective_nat(self) -> float:
        """The same for what is minimised."""
        return self.nat if self.minimise == "R" else 1.0

    @cached_property
    def exact_nats(self) -> dict[str, Number]:
        """The bounds, exactly, in nats."""
        ln2 = arb.const_log2() if self.unit == "bits" else fmpq(1)
        found = {name: exact_or_ball(bound) for name, bound in self.bounds.items()}
        return {name: bound * ln2 if self.in_nats(name) else bound for name, bound in found.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The bounds in nats, enclosed in doubles."""
        return {name: Interval.of(float_below(b), float_above(b)) for name, b in self.exact_nats.items()}

    @cached_property
    def worst(self) -> float:
        """About the most that a plan can cost, in nats: whatever is proved to cost more is not a plan."""
        if self.prices is not None:
            return math.inf
        finite = np.where(np.isfinite(self.data.distortion), self.data.distortion, 0.0).max(axis=1)
        rate = math.log(len(self.data.xs)) if len(self.data.xs) > 1 else 0.0
        cost = float(self.data.source @ finite) + (self.slope_nats or 0.0) * rate
        return rate if self.minimise == "R" else cost

    @property
    def scale(self) -> float:
        """The size of what is minimised: the largest cost, or one unit of rate."""
        return 1.0 if self.minimise == "R" else self.data.scale

    @property
    def slope_nats(self) -> float | None:
        """The slope for a rate in nats, in doubles."""
        return None if self.slope is None else float(self.slope) / self.nat

    def goal(self, margin: float = 0.0) -> Goal:
        """Return the goal for the convex programs, bounds tightened by a margin, in scaled units."""
        units = {"D": self.data.scale, "P": self.data.ground_scale}
        bounds = {name: float(b.low) - margin * units.get(name, 1.0) for name, b in self.intervals.items()}
        return Goal(self.minimise, bounds, self.slope_nats, self.prices)

    def multipliers(self, at: Multipliers, of_objective: bool) -> dict[str, float]:
        """Return the multipliers of the bounds in the unit; that of what is minimised divides them all."""
        unit = self.objective_nat if of_objective else 1.0
        scale = {name: (self.nat if self.in_nats(name) else 1.0) / unit for name in self.bounds}
        return {name: float(getattr(at, name)) * scale[name] for name in self.bounds}

    def limits(self, work: float) -> Limits:
        """Return when to stop, in nats.

        Parameters
        ----------
        work : float
            About how many products a box takes in each step.
        """
        boxes = max(16, int(BOXES * min(1.0, _WORK / work))) if self.clock.deadline == math.inf else 10**9
        return Limits(0.5 * self.tolerance, self.scale * self.objective_nat, self.clock, boxes)

    def cost(self, reached: dict[str, Number]) -> Number:
        """Return what is minimised, in nats, of what a plan reaches."""
        if self.prices is not None:
            priced = ((exact_or_ball(price), reached[name]) for name, price in self.prices.items())
            return sum((price * value for price, value in priced), fmpq(0))
        if self.slope is None:
            return reached[self.minimise]
        slope = exact_or_ball(self.slope)
        return reached["D"] + (slope / arb.const_log2() if self.unit == "bits" else slope) * reached["R"]

    def is_met(self, reached: dict[str, Number]) -> bool:
        """Whether what a plan reaches is proved to meet all bounds."""
        return all(reached[name] <= bound for name, bound in self.exact_nats.items())


def ask(
    problem: Finite,
    minimise: str,
    bounds: dict,
    *,
    unit: str,
    limits: tuple[float, float | None],
    method: tuple[str | None, str],
    slope: Any = None,
) -> Question:
    """Check what was asked.

    Parameters
    ----------
    problem : Finite
    minimise : {"D", "R"}
    bounds : dict from "R", "C", "D", "P" to a number or None
    unit : {"bits", "nats"}
    limits : (tolerance, time limit or None)
    method : (what was requested or None, the one there is)
    slope : number, optional

    Raises
    ------
    ProblemError
        For a bad bound, a bound on what is minimised, or a bad limit.
    """
    choice("minimise", minimise, ("D", "R"))
    choice("method", method[0] or method[1], (method[1],))
    checked = bounds_given(bounds)
    fixed = [minimise] if slope is None else ["D", "R"]
    for name in fixed:
        if bounds.get(name) is not None:
            raise must(name, "be left out: it is minimised", bounds[name])
    tolerance, clock = positive("tolerance", limits[0]), clock_for(limits[1])
    if slope is not None:
        slope = exact_number("slope", slope)
        if minimise != "D" or not slope >= 0:
            raise ProblemError(f"slope must be at least 0, with minimise='D', got {slope} with minimise={minimise!r}")
    active = {name: exact_number(name, bounds[name]) for name, bound in checked.items() if bound != math.inf}
    return with_target(Question(problem, minimise, unit_named(unit).name, active, slope, tolerance, clock))


def with_target(question: Question) -> Question:
    """Return the same question about a target law, where a perception bound of zero leaves no law but the reference.

    Parameters
    ----------
    question : Question
    """
    problem = question.problem
    if problem.perception is None or question.bounds.get("P") != 0:
        return question
    ground = problem.exact_ground or ()
    if problem.perception == "W2" and not all(
        (d > 0) == (i != j) for i, row in enumerate(ground) for j, d in enumerate(row)
    ):
        return question
    fixed = replace(problem, perception=None, reference=None, ground=None, p_Y=problem.reference)
    bounds = {name: bound for name, bound in question.bounds.items() if name != "P"}
    return replace(question, problem=fixed, bounds=bounds, asked=question)


@dataclass(frozen=True, eq=False)
class Answer:
    """What was proved, in nats, before it is packed.

    Attributes
    ----------
    lower, upper : float
    stopped : str
        Why a search ended early, or "".
    primal, dual : dict or None
        For the certificate.
    reached : dict from "R", "C", "D", "P" to number, in nats
    extras : dict
        Further fields of the solution: `coupling`, `plan`, `mixture`, `duals`.
    method : str
    """

    lower: float
    upper: float
    stopped: str
    primal: dict | None
    dual: dict | None
    reached: dict[str, float]
    extras: dict[str, Any]
    method: str

    def at_least(self, lower: float, dual: dict) -> Answer:
        """Return the answer with the bound of an easier problem, if that is the better one."""
        return self if self.lower >= lower else replace(self, lower=lower, dual=dual)


#: A lower bound that needs no work, and its proof.
NOTHING: tuple[float, dict[str, Any]] = (0.0, {"kind": "trivial"})


def rate_of_the_label(question: Question) -> tuple[float, dict[str, Any]]:
    """Return the rate `H(S) - C` that a classifier needs, in nats, and its proof; nothing where the rate is not minimised.

    Parameters
    ----------
    question : Question
    """
    if question.minimise != "R" or "C" not in question.bounds:
        return NOTHING
    with precision():
        rate = label_entropy(question.problem, "nats") - question.exact_nats["C"]
        return max(float_below(rate), 0.0), {"kind": "data processing"}


def nothing_known() -> Answer:
    """Return what is known before anything is: that nothing is negative.

    Examples
    --------
    >>> nothing_known().lower
    0.0
    """
    return Answer(NOTHING[0], math.inf, "", None, NOTHING[1], {}, {}, "none: no time was left")


def without_plans(question: Question) -> Answer | None:
    """Return the answer where a letter has no pair that is allowed; None where there may be plans.

    Parameters
    ----------
    question : Question
    """
    blocked = ~np.isfinite(question.data.d.high).any(axis=1)
    if not blocked.any():
        return None
    n_Y, u = question.problem.n_Y, np.zeros(question.problem.n_X)
    u[question.data.xs[blocked]] = 1.0
    one = question.problem.setting == "one-shot"
    leaf = {"nu": [0.0] * n_Y} if one else {"u": u.tolist(), "v": [0.0] * n_Y}
    leaf |= {"objective": 0, "multipliers": {}}
    dual = {"kind": "plans" if one else "channels", "shared": {}, "objective": 0, "tree": leaf}
    return Answer(math.inf, math.inf, "", None, dual, {}, {}, "none needed: a letter has no pair that is allowed")


def packed(question: Question, answer: Answer, sees: str = "Y") -> Solution:
    """Return the solution: bounds in the unit that was requested, a status, and a certificate.

    Parameters
    ----------
    question : Question
    answer : Answer
    sees : str
        What the classifier sees, as published.
    """
    answer = answer.at_least(*rate_of_the_label(question))
    if answer.primal is None:
        answer = replace(answer, upper=math.inf if answer.lower < math.inf else answer.upper, reached={}, extras={})
    lower, upper = _in_unit(question, answer.lower, answer.upper)
    dual = answer.dual if lower > 0 else {"kind": "trivial"}
    stopped, method = question.clock.stopped, answer.method
    if answer.stopped == "boxes":
        method += "; with a time_limit it goes on for longer"
    scale = {name: question.nat if question.in_nats(name) else 1.0 for name in "RCDP"}
    words = {"R": "rate", "C": "classification", "D": "distortion", "P": "perception"}
    reached = {words[name]: float(value) / scale[name] for name, value in answer.reached.items()}
    asked = question.asked or question
    if question.asked is not None:
        dual = {"kind": "reference", "dual": dual} if lower > 0 else dual
        method = f"the output law is the reference; {method}"
        reached |= {"perception": 0.0} if reached else {}
    bounds = tuple(asked.bounds.items())
    certificate = FiniteCertificate(
        asked.problem, asked.minimise, asked.unit, bounds, lower, upper, answer.primal, dual, asked.slope
    )
    return Solution(
        value=lower if math.isinf(upper) else upper,
        lower=lower,
        upper=upper,
        status=status_of(lower, upper, question.tolerance, stopped=stopped, scale=question.scale),
        minimise=question.minimise,
        unit=question.unit,
        bounds={name: float(bound) for name, bound in bounds},
        certificate=certificate,
        method=method,
        sees=sees,
        scale=question.scale,
        measure=(asked.problem.perception or "") if "P" in asked.bounds else "",
        **reached,
        **answer.extras,
    )


def staying(question: Question) -> dict[str, Any]:
    """Return the part of a plan that says that no mass moves from the output law to the reference, for W2.

    Parameters
    ----------
    question : Question
    """
    if question.asked is None or question.asked.problem.perception != "W2":
        return {}
    law = question.asked.problem.reference or ()
    return {"gamma": [[mass if i == j else 0 for j in range(len(law))] for i, mass in enumerate(law)]}


def _in_unit(question: Question, lower: float, upper: float) -> tuple[float, float]:
    if math.isinf(lower):
        return (math.inf, math.inf) if lower > 0 else (0.0, upper)
    nat = question.objective_nat
    if math.isfinite(upper) and nat != 1.0:
        upper = float(np.nextafter(np.nextafter(upper / nat, math.inf), math.inf))
    lower = lower / nat
    lower -= _MARGIN * max(question.scale, abs(lower))
    return max(0.0, min(lower, upper)), upper
