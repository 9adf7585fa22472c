"""The least distortion or rate of a finite problem whose output nobody classifies, for long blocks."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.problems.finite import Finite
from drc.problems.validation import bounds_given, choice
from drc.solvers.entropic.corners import at_a_corner, with_the_reference, without_rate
from drc.solvers.entropic.exact_transport import answered_by_linear_program
from drc.solvers.entropic.free_law import answered_by_mixture, at_the_floor, start_of
from drc.solvers.entropic.general import answered_by_interior, repaired, shown_infeasible
from drc.solvers.entropic.given_law import answered_by_transport
from drc.solvers.entropic.packing import packed
from drc.solvers.entropic.question import Answer, Question, ask, proved_lower
from drc.solvers.request import Clock, clock_for
from drc.solvers.solution import Solution

#: At a lower rate a plan of rate zero is tried first: distortion falls with the square root of a small rate.
_LITTLE_RATE = 1e-9


def solve_entropic(
    problem: Finite,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    slope: Any = None,
    tolerance: float = 1e-9,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
    start: Solution | None = None,
) -> Solution:
    """Minimise distortion or rate over all channels.

    Parameters
    ----------
    problem : Finite
        Asymptotic; its output law is free, given, or within `P` of a reference.
    minimise : {"D", "R"}
    R, D, P : number, optional
        Bounds on `I(X;Y)`, `E d(X, Y)` and the perception measure; one left out is inactive.
    C : None
    slope : number, optional
        Minimise `D + slope R` instead.
    tolerance : float
        The gap that counts as optimal.
    time_limit : float, optional
        Seconds after which the best bounds so far are returned; Ctrl-C does the same.
    method : {"auto", "interior", "mixture", "transport", "linear program", "cvxpy"}, optional
        Who proposes the answer; it is proved alike.
    unit : {"bits", "nats"}
        The unit of `R`, and of `P` for KL.
    start : Solution, optional
        An answer to a similar question, to start from.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, or a bound on what is minimised.

    Notes
    -----
    Source: [cover2006], chapter 10; [csiszar1974] for the dual. The lower bound is that of the multipliers, the upper one
    what a coupling is proved to reach; neither trusts the method.

    Examples
    --------
    >>> f = Finite([[0.5, 0.5]], setting="asymptotic")
    >>> s = solve_entropic(f, D=0.11, minimise="R")
    >>> s.status, round(s.value, 8)
    ('optimal', 0.50008404)
    """
    if bounds_given({"C": C})["C"] != math.inf:
        raise ProblemError(f"C must be left out where nobody classifies, got {C}")
    choice("method", method or "auto", ("auto", "interior", "mixture", "transport", "linear program", "cvxpy"))
    question = ask(problem, minimise, R, D, P, slope, tolerance, unit)
    clock = clock_for(time_limit)
    answer = Answer(0.0, math.inf, None, None, False, "none: no time was left")
    # What overflows or is undefined proves nothing, and is left out where bounds are proved.
    with clock.watching(), np.errstate(all="ignore"):
        answer = answered(question, clock, method or "auto", start)
    return packed(question, answer, clock)


def answered(question: Question, clock: Clock, method: str = "auto", start: Solution | None = None) -> Answer:
    """Choose a method and answer by it; where its bounds are too far apart, ask the general one as well.

    Parameters
    ----------
    question : Question
    clock : Clock
    method : {"auto", "interior", "mixture", "transport", "linear program", "cvxpy"}
    start : Solution, optional

    Returns
    -------
    Answer
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
    easier = _answered(replace(question, bounds=question.bounds | {"R": Fraction(0)}), clock, method, None)
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
