"""The least distortion or rate of a finite problem whose output nobody classifies, for long blocks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from drc.problems.validation import choice
from drc.solvers.finite.asymptotic.answer import (
    Answer,
    answered_by_interior,
    packed,
    proposed,
    proved_lower,
    shown_infeasible,
)
from drc.solvers.finite.asymptotic.corners import at_a_corner, with_the_reference, without_rate
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.free_law import answered_by_mixture, at_the_floor, multipliers_of, targets_of
from drc.solvers.finite.asymptotic.mixture import Source
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.transport import solve_transport, transport
from drc.solvers.outcome import Solution

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
    method = choice("method", question.method or "auto", METHODS)
    answer = Answer("none: no time was left")
    # What overflows or is undefined proves nothing, and is left out where bounds are proved.
    with question.clock.watching(), np.errstate(all="ignore"):
        answer = _by_cvxpy(question) if method == "cvxpy" else _answered(question, method)
    return packed(question, answer)


def _answered(question: Question, method: str) -> Answer:
    """Answer by a method; at next to no rate, with a plan of rate zero and what its multipliers prove, if that is better."""
    if not 0 < question.bounds.get("R", 0) <= _LITTLE_RATE:
        return _by_method(question, method)
    none = replace(question, bounds=question.bounds | {"R": Fraction(0)}, kept=question.data, start=None)
    easier = _by_method(none, method)
    if easier.plan is None or easier.multipliers is None:
        return _by_method(question, method)
    lower, at = proved_lower(question, easier.multipliers)
    easier = replace(easier, lower=lower, multipliers=at)
    return easier if easier.upper - lower <= question.tolerance else better(easier, _by_method(question, method))


def _by_method(question: Question, method: str) -> Answer:
    """Choose a method and answer by it; where its bounds are too far apart, ask the general one as well."""
    data = question.data
    answer = at_a_corner(question) or without_rate(question)
    if answer is not None:
        return answer
    if data.measure is None and not question.rate_matters:
        if data.p_Y is None:
            answer = at_the_floor(question)
        elif method in ("auto", "linear program"):
            answer = _by_linear_program(question)
    elif data.measure is None and (question.bounds or question.slope):
        if data.p_Y is not None and method in ("auto", "transport"):
            answer = _by_transport(question)
        elif data.p_Y is None and method in ("auto", "mixture"):
            answer = answered_by_mixture(question)
    if answer is not None and answer.is_enough(question):
        return answer
    answer = better(answer, answered_by_interior(question))
    exact = None if answer.is_enough(question) else with_the_reference(question)
    return answer if exact is None else better(answer, exact)


def _by_transport(question: Question) -> Answer | None:
    """Answer with a given output law, and a bound or slope; None if Newton's iteration did not converge."""
    data = question.data
    with np.errstate(all="ignore"):
        source = Source(data.source, data.distortion / data.scale)
        found = solve_transport(source, data.target, **targets_of(question), clock=question.clock)
    if found is None:
        return None
    r, s, channel, steps = found
    method = f"Newton on the transport potentials, {steps} steps"
    return proposed(question, method, multipliers_of(question, r, s), data.source[:, None] * channel)


def _by_linear_program(question: Question) -> Answer | None:
    """Answer with a given output law that nothing else bounds; None if no plan without forbidden pairs is found."""
    data = question.data
    found = transport(data.source, data.target, data.distortion / data.scale, question.clock)
    if found is None:
        return None
    joint, u, pairs = found
    method = f"linear program by HiGHS, {pairs} of {joint.size} pairs priced in"
    return proposed(question, method, Multipliers.one(data.scale * u, D=1.0), joint)


def _by_cvxpy(question: Question) -> Answer:
    """Let cvxpy and Clarabel propose; what they propose is proved like all else."""
    from drc.solvers.finite.asymptotic.cvxpy_models import propose

    found = propose(question.data, question.goal, question.clock)
    if found is None:
        method = "cvxpy with Clarabel gave no answer"
        return shown_infeasible(question, f"{method}; interior point") or Answer(method)
    return proposed(question, *found)


def better(first: Answer | None, second: Answer) -> Answer:
    """Return the better bound of two answers on either side."""
    if first is None or second.infeasible:
        return second
    low = first if first.lower >= second.lower else second
    high = first if first.upper <= second.upper else second
    return Answer(f"{first.method}; {second.method}", low.lower, high.upper, high.plan, low.multipliers)
