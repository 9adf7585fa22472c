"""How a search over what a classifier sees is asked, and how its answer is given back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import float_below, precision
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.borders import known_at_most, label_entropy
from drc.solvers.finite.label_from_y.boxes import Limits
from drc.solvers.finite.label_from_y.plans import Mixture, Plan
from drc.solvers.outcome import Solution

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

    `sees` says what the classifier sees, as published, and `method` is the one there is.
    """
    choice("method", question.method or method, (method,))
    if question.bounds.get("P") == 0 and question.data.must_be_reference:
        question = question.at_the_reference()
    answer = Answer(*NOTHING, "none: no time was left")
    with precision(), question.clock.watching():
        answer = answered(question)
    return packed(question, answer, sees)


@dataclass(frozen=True, eq=False)
class Answer:
    """What was proved, in nats, before it is packed.

    `dual` proves it, as a certificate says it, and `plan` proves `upper`. `stopped` says why a search ended early, if
    it did; `duals` are the multipliers of the bounds.
    """

    lower: float
    dual: dict[str, object]
    method: str
    upper: float = math.inf
    stopped: str = ""
    plan: Plan | Mixture | None = None
    duals: dict[str, float] = field(default_factory=dict)

    def at_least(self, lower: float, dual: dict) -> Answer:
        """Return the answer with the bound of an easier problem, if that is the better one."""
        return self if self.lower >= lower else replace(self, lower=lower, dual=dual)


#: A lower bound that needs no work, and its proof.
NOTHING: tuple[float, dict[str, object]] = (0.0, {"kind": "trivial"})


def data_processing(question: Question) -> tuple[float, dict[str, object]]:
    """Return what data processing says, in nats, and its proof: `R >= H(S) - C`, and `C >= H(S|X)`, if one is minimised."""
    bounds = question.exact_nats
    if question.minimise == "D" or (question.minimise == "R" and "C" not in bounds):
        return NOTHING
    with precision():
        known, other = label_entropy(question.problem, "nats"), "C" if question.minimise == "R" else "R"
        least = float_below(known - bounds[other]) if other in bounds else 0.0
        if question.minimise == "C":
            least = max(least, float_below(known_at_most(question.problem, "nats")))
        return max(least, 0.0), {"kind": "data processing"}


def packed(question: Question, answer: Answer, sees: str) -> Solution:
    """Return the solution: bounds in the unit that was requested, a status, and a certificate."""
    answer = answer.at_least(*data_processing(question))
    plan, more = answer.plan, {"sees": sees}
    primal = None if plan is None else plan.primal(question)
    if plan is not None and primal is not None:
        reached = {name: float(value) for name, value in plan.reached.items()}
        more |= {"primal": primal} | question.in_words(reached) | plan.extras(question.data)
    upper = answer.upper if primal is not None or answer.lower == math.inf else math.inf
    lower, upper = _in_unit(question, answer.lower, upper)
    dual: dict[str, object] = answer.dual if lower > 0 else {"kind": "trivial"}
    method = answer.method
    if answer.stopped == "boxes":
        method += "; with a time_limit it goes on for longer"
    more |= {"value": lower if math.isinf(upper) else upper}
    more |= {"measure": (question.problem.perception or "") if "P" in question.bounds else ""}
    unit = question.objective_nat
    more["duals"] = {name: price * question.unit_of(name) / unit for name, price in answer.duals.items()}
    found = question.answered(lower, upper, dual, method, **more)
    return question.as_asked(found)


def _in_unit(question: Question, lower: float, upper: float) -> tuple[float, float]:
    if math.isinf(lower):
        return (math.inf, math.inf) if lower > 0 else (0.0, upper)
    nat = question.objective_nat
    if math.isfinite(upper) and nat != 1.0:
        upper = float(np.nextafter(np.nextafter(upper / nat, math.inf), math.inf))
    lower = lower / nat
    lower -= _MARGIN * max(question.scale, abs(lower))
    return max(0.0, min(lower, upper)), upper
