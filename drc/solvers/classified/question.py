"""How a search over what a classifier sees is asked, and how its answer is given back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import float_below, precision
from drc.solvers.borders import label_entropy
from drc.solvers.classified.search import Limits
from drc.solvers.entropic.answer import staying
from drc.solvers.entropic.question import Question
from drc.solvers.solution import Solution

#: Without a time limit a search ends after this many boxes of a problem with three letters and labels, which take about ten
#: seconds, or after a number of larger ones that takes as long: the answer does not depend on the machine.
BOXES, _WORK = 6_000, 2e4

#: What the certificate claims less than was proved here, relative: numbers are rounded when they change their unit.
_MARGIN = 1e-12


def limits_of(question: Question, work: float) -> Limits:
    """Return when to stop, in nats, if a box takes about this many products in each step."""
    boxes = max(16, int(BOXES * min(1.0, _WORK / work))) if question.clock.deadline == math.inf else 10**9
    return Limits(0.5 * question.tolerance, question.scale * question.objective_nat, question.clock, boxes)


def searched(
    question: Question, answered: Callable[[Question], Answer], *, sees: str = "Y", method: str = "branch and bound"
) -> Solution:
    """Ask a search, and prove its answer.

    Parameters
    ----------
    sees : str
        What the classifier sees, as published.
    method : str
        The one there is.
    """
    choice("method", question.method or method, (method,))
    question = with_target(question)
    answer = Answer(*NOTHING, "none: no time was left")
    with precision(), question.clock.watching():
        answer = answered(question)
    return packed(question, answer, sees)


def with_target(question: Question) -> Question:
    """Return the same question about a target law, where a perception bound of zero leaves no law but the reference."""
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
    lower : float
    dual : dict
        What proves it, as a certificate says it.
    method : str
    upper : float
    stopped : str
        Why a search ended early, or "".
    primal : dict or None
        What proves `upper`.
    reached : dict from "R", "C", "D", "P" to number, in nats
    extras : dict
        Further fields of the solution: `coupling`, `plan`, `mixture`, `duals`.
    """

    lower: float
    dual: dict[str, Any]
    method: str
    upper: float = math.inf
    stopped: str = ""
    primal: dict | None = None
    reached: dict[str, float] = field(default_factory=dict)
    extras: dict[str, Any] = field(default_factory=dict)

    def at_least(self, lower: float, dual: dict) -> Answer:
        """Return the answer with the bound of an easier problem, if that is the better one."""
        return self if self.lower >= lower else replace(self, lower=lower, dual=dual)

    def with_plan(self, question: Question, plan: Any) -> Answer:
        """Return the answer with a plan that costs `upper`, if there is one."""
        if plan is None:
            return self
        reached = {name: float(value) for name, value in plan.reached.items()}
        return replace(self, primal=plan.primal(question), reached=reached, extras=plan.extras(question.data))


#: A lower bound that needs no work, and its proof.
NOTHING: tuple[float, dict[str, Any]] = (0.0, {"kind": "trivial"})


def rate_of_the_label(question: Question) -> tuple[float, dict[str, Any]]:
    """Return the rate `H(S) - C` that a classifier needs, in nats, and its proof, if the rate is minimised."""
    if question.minimise != "R" or "C" not in question.bounds:
        return NOTHING
    with precision():
        rate = label_entropy(question.problem, "nats") - question.exact_nats["C"]
        return max(float_below(rate), 0.0), {"kind": "data processing"}


def packed(question: Question, answer: Answer, sees: str) -> Solution:
    """Return the solution: bounds in the unit that was requested, a status, and a certificate."""
    answer = answer.at_least(*rate_of_the_label(question))
    if answer.primal is None:
        answer = replace(answer, upper=math.inf if answer.lower < math.inf else answer.upper, reached={}, extras={})
    lower, upper = _in_unit(question, answer.lower, answer.upper)
    dual = answer.dual if lower > 0 else {"kind": "trivial"}
    method = answer.method
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
    measure = (asked.problem.perception or "") if "P" in asked.bounds else ""
    value, scale = lower if math.isinf(upper) else upper, question.scale
    more = {"value": value, "sees": sees, "measure": measure, "scale": scale, "primal": answer.primal}
    return asked.answered(lower, upper, dual, method, **more, **reached, **answer.extras)


def at_rest(question: Question) -> dict[str, Any]:
    """Return the part of a plan that says that no mass moves from the output law to the reference, for W2."""
    asked = question.asked
    return {"gamma": staying(asked.problem)} if asked is not None and asked.problem.perception == "W2" else {}


def _in_unit(question: Question, lower: float, upper: float) -> tuple[float, float]:
    if math.isinf(lower):
        return (math.inf, math.inf) if lower > 0 else (0.0, upper)
    nat = question.objective_nat
    if math.isfinite(upper) and nat != 1.0:
        upper = float(np.nextafter(np.nextafter(upper / nat, math.inf), math.inf))
    lower = lower / nat
    lower -= _MARGIN * max(question.scale, abs(lower))
    return max(0.0, min(lower, upper)), upper
