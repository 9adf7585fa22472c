"""The least distortion or rate of a finite problem whose output nobody classifies, for long blocks."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np

from drc.problems.validation import choice
from drc.solvers.entropic.answer import Answer, packed, proved_lower
from drc.solvers.entropic.corners import at_a_corner, with_the_reference, without_rate
from drc.solvers.entropic.exact_transport import answered_by_linear_program
from drc.solvers.entropic.free_law import answered_by_mixture, at_the_floor, start_of
from drc.solvers.entropic.general import answered_by_interior, repaired, shown_infeasible
from drc.solvers.entropic.question import Question
from drc.solvers.entropic.transport import answered_by_transport
from drc.solvers.request import Clock
from drc.solvers.solution import Solution

#: At a lower rate a plan of rate zero is tried first: distortion falls with the square root of a small rate.
_LITTLE_RATE = 1e-9


#: Who may propose the answer; it is proved alike.
METHODS = ("auto", "interior", "mixture", "transport", "linear program", "cvxpy")


def solve_entropic(question: Question) -> Solution:
    """Minimise distortion or rate over all channels.

    The output law is free, given, or within `P` of a reference; there is no bound `C`.

    Notes
    -----
    Source: [cover2006], chapter 10; [csiszar1974] for the dual. The lower bound is that of the multipliers, the upper one
    what a coupling is proved to reach; neither trusts the method.
    """
    method, clock = choice("method", question.method or "auto", METHODS), question.clock
    answer = Answer(0.0, math.inf, None, None, False, "none: no time was left")
    # What overflows or is undefined proves nothing, and is left out where bounds are proved.
    with clock.watching(), np.errstate(all="ignore"):
        answer = answered(question, clock, method, question.start)
    return packed(question, answer)


def answered(question: Question, clock: Clock, method: str = "auto", start: Solution | None = None) -> Answer:
    """Choose a method and answer by it; where its bounds are too far apart, ask the general one as well.

    Parameters
    ----------
    method : {"auto", "interior", "mixture", "transport", "linear program", "cvxpy"}
    """
    if method == "cvxpy":
        return answered_by_cvxpy(question, clock)
    if 0 < question.bounds.get("R", 0) <= _LITTLE_RATE:
        none = _without_rate(question, clock, method)
        if none is not None and none.upper - none.lower <= question.tolerance:
            return none
        return better(none, _answered(question, clock, method, start))
    return _answered(question, clock, method, start)


def _without_rate(question: Question, clock: Clock, method: str) -> Answer | None:
    """Answer with a plan of rate zero, and what its multipliers prove."""
    easier = _answered(
        replace(question, bounds=question.bounds | {"R": Fraction(0)}, kept=question.data), clock, method, None
    )
    if easier.plan is None or easier.multipliers is None:
        return None
    lower, at = proved_lower(question, easier.multipliers)
    return replace(easier, lower=lower, multipliers=at)


def _answered(question: Question, clock: Clock, method: str, start: Solution | None) -> Answer:
    data = question.data
    found = at_a_corner(question, clock)
    if found is not None:
        return found
    answer = without_rate(question)
    if answer is not None:
        return answer
    if data.measure is None and not question.rate_matters:
        if data.p_Y is None:
            answer = at_the_floor(question, clock)
        elif method in ("auto", "linear program"):
            answer = answered_by_linear_program(question, clock)
    elif data.measure is None and (question.bounds or question.slope):
        if data.p_Y is not None and method in ("auto", "transport"):
            answer = answered_by_transport(question, clock)
        elif data.p_Y is None and method in ("auto", "mixture"):
            answer = answered_by_mixture(question, clock, start_of(question, start))
    if answer is not None and (answer.infeasible or answer.upper - answer.lower <= question.tolerance or clock.over):
        return answer
    answer = better(answer, answered_by_interior(question, clock))
    if clock.over or answer.infeasible or answer.upper - answer.lower <= question.tolerance:
        return answer
    exact = with_the_reference(question, clock)
    return answer if exact is None else better(answer, exact)


def answered_by_cvxpy(question: Question, clock: Clock) -> Answer:
    """Let cvxpy and Clarabel propose; what they propose is proved like all else."""
    from drc.solvers.entropic.cvxpy_models import propose

    proposal = propose(question.data, question.goal, clock)
    if proposal is None:
        multipliers = shown_infeasible(question, clock)
        method = "cvxpy with Clarabel gave no answer"
        if multipliers is None:
            return Answer(0.0, math.inf, None, None, False, method)
        return Answer(math.inf, math.inf, None, multipliers, True, f"{method}; interior point")
    lower, multipliers = proved_lower(question, proposal.multipliers)
    plan, upper = repaired(question, proposal.joint, proposal.gamma, clock)
    return Answer(lower, upper, plan, multipliers, False, proposal.method)


def better(first: Answer | None, second: Answer) -> Answer:
    """Return the better bound of two answers on either side."""
    if first is None or second.infeasible:
        return second
    low = first if first.lower >= second.lower else second
    high = first if first.upper <= second.upper else second
    return Answer(low.lower, high.upper, high.plan, low.multipliers, False, f"{first.method}; {second.method}")
