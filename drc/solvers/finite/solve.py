"""Finite alphabets: which solver answers, by who sees what, in one shot or in long blocks."""

from __future__ import annotations

import math
from dataclasses import replace

from drc.errors import NotAvailableError, brief
from drc.problems.finite import Finite
from drc.solvers.finite import door
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.solve import solve_entropic
from drc.solvers.finite.certificates import of_easier
from drc.solvers.finite.label_from_y import search, sharing
from drc.solvers.finite.label_from_y.boxes import MOST_LABELS
from drc.solvers.finite.label_from_y.channels import Channels
from drc.solvers.finite.label_from_y.mixes import Mixes
from drc.solvers.finite.label_from_y.question import searched
from drc.solvers.finite.messages.solve import by_messages
from drc.solvers.finite.one_shot_yu.maps import coupling_of
from drc.solvers.finite.one_shot_yu.solve import by_maps
from drc.solvers.finite.sampling import with_estimate
from drc.solvers.finite.several.balls import DIVERGENCES
from drc.solvers.finite.several.solve import by_weights
from drc.solvers.outcome import Solution
from drc.solvers.request import clock_for
from drc.types import Real

#: Which part of a time limit the bound of a classifier that sees the message may take; more where boxes are not searched.
_ENVELOPE = (0.5, 0.75)

#: With at most this many pairs of an output letter and a label, and this many source letters, boxes need no help.
_TINY = (8, 8)


def solve_finite(
    problem: Finite, *, slope: Real | None = None, start: Solution | None = None, **question: object
) -> Solution:
    """Solve for the least distortion, rate or uncertainty of the label, and prove the answer.

    Parameters
    ----------
    problem : Finite
    slope, start, **question
        As in `Finite.solve`. One shot, the classifier sees (Y, U): `method` may be "enumeration", which lists all maps,
        "column generation", which finds those that would improve the program, or "cvxpy", an independent model of it;
        "auto" takes the first for few maps and the second for many. Long blocks without `C`: it may be "interior",
        "mixture", "transport", "linear program" or "cvxpy".

    Notes
    -----
    Source: [nguyen2026], section 3. The lower bound is that of the multipliers, the upper one the cost of a plan that is
    proved feasible: neither depends on what a solver says of itself. In one shot, where the classifier sees (Y, U), a linear
    program over maps is solved; where it sees Y, boxes of joint laws are searched. For long blocks the program is convex
    without a classifier, and with one there is a search; where it sees the message, messages are columns of a linear
    program.

    Examples
    --------
    >>> s = solve_finite(Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7]), R=0.4)
    >>> s.status, round(s.value, 9), s.gap < 1e-12
    ('optimal', 0.229370549, True)
    >>> solve_finite(Finite([[0.5, 0.5]], setting="asymptotic"), R=1.0).status
    'optimal'
    """
    if slope is not None and problem.id == "finite.one-shot.YU":
        raise NotAvailableError(
            f"slope must be left out for {problem.id}, which has no solver for it, got {brief(slope)}; bound R or D instead"
        )
    told = question.get("C") is not None or question.get("minimise") == "C"
    if problem.uncertainty != "entropy" and told and not (problem.classifier_sees == "YU" or _needs_no_index(problem)):
        raise NotAvailableError(
            f"uncertainty must be 'entropy' for {problem.id}, got {problem.uncertainty!r}; other measures are available for"
            " finite.one-shot.YU"
        )
    clock = clock_for(question.get("time_limit"))
    found = _answered(problem, slope=slope, start=start, **question)
    found = replace(found, rounded=(*problem.normalised, *found.rounded)) if problem.normalised else found
    if problem.sample_size is None or found.status == "interrupted":
        return found

    def again(**bounds: float) -> Solution:
        return _answered(problem, **{**question, **bounds, "time_limit": clock})

    return with_estimate(problem, found, again)


def _answered(
    problem: Finite, *, slope: Real | None = None, start: Solution | None = None, **question: object
) -> Solution:
    by_cuts = problem.perception in DIVERGENCES and question.get("P") is not None
    if problem.costs is not None or problem.labels is not None or by_cuts:
        return _with_several(problem, slope=slope, **question)
    return door.asked(solved, problem, slope=slope, start=start, **question)


def _with_several(problem: Finite, **question: object) -> Solution:
    """Answer where there are several costs or labels."""
    if _needs_no_index(problem):
        return _shared(problem, by_weights(solve_finite, seeing_u(problem), **question))
    return by_weights(solve_finite, problem, **question)


def solved(question: Question) -> Solution:
    """Choose the solver of a question."""
    problem = question.problem
    asymptotically = problem.setting == "asymptotic"
    if asymptotically and "C" not in question.bounds and question.minimise != "C":
        # Without a classifier everything is convex, and time sharing gains nothing.
        found = solve_entropic(question)
        return replace(found, sees="Z") if problem.classifier_sees == "Z" else found
    if problem.classifier_sees == "Z":
        return by_messages(question)
    if problem.classifier_sees == "YU":
        return by_maps(question)
    if _needs_no_index(problem) and question.slope is None:
        return _shared(problem, by_maps(replace(question, problem=seeing_u(problem))))
    if asymptotically and "P" not in question.bounds and not _is_tiny(problem):
        return _beside_messages(question)
    return _searched(question)


def _searched(question: Question) -> Solution:
    """Search for the best code whose output is classified."""
    if question.problem.time_sharing:
        return searched(question, sharing.answered, sees="Y,Q", method="column generation")
    family = Channels if question.problem.setting == "asymptotic" else Mixes.of
    return searched(question, lambda asked: search.answered(family(asked)))


def _beside_messages(question: Question) -> Solution:
    """Answer with the help of a classifier that sees the message, which gives a bound.

    Its plan, merged to one posterior for each output letter, is where the search for plans begins.
    """
    clock, problem = question.clock, replace(question.problem, classifier_sees="Z", time_sharing=False)
    part = clock.part(_ENVELOPE[problem.n_S > MOST_LABELS] * clock.left)
    told = by_messages(replace(question, problem=problem, clock=part, method=None, kept=None, start=None))
    dual = of_easier(told.certificate.dual, "relaxation", of="message")
    if told.lower == math.inf:
        return question.answered(math.inf, math.inf, dual, told.method)
    start = told if question.start is None or told.duals else question.start
    found = _searched(replace(question, start=start, known=(told.lower * question.objective_nat, dual)))
    if found.certificate.dual is not dual:
        return found
    return replace(found, method=f"bound where the classifier sees the message ({told.method}); {found.method}")


def _is_tiny(problem: Finite) -> bool:
    """Whether a search of boxes ends at once: of a single code, not of time sharing."""
    return not problem.time_sharing and problem.n_Y * problem.n_S <= _TINY[0] and problem.n_X <= _TINY[1]


def _needs_no_index(problem: Finite) -> bool:
    """Whether U can be the block index of time-shared codes: in one shot, where nothing ties the output law."""
    tied = problem.p_Y is not None or problem.perception is not None
    return problem.time_sharing and problem.setting == "one-shot" and not tied


def seeing_u(problem: Finite) -> Finite:
    """Return the problem in which the classifier sees U as well; with time sharing and a free law it has the same optimum.

    Whatever the time-shared codes, the block index may say U too: the classifier knows more then, rate and distortion stay,
    and there is no law to be missed. And where the classifier sees U, U is a block index.

    The problem is time-shared and one-shot, with neither a target law nor a perception bound.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], classifier_sees="Y", time_sharing=True)
    >>> seeing_u(f).classifier_sees, f.solve(R=0.4, C=0.8).sees
    ('YU', 'Y,Q')
    """
    return replace(problem, classifier_sees="YU", time_sharing=False)


def _shared(problem: Finite, solution: Solution) -> Solution:
    """Return the answer to `seeing_u(problem)` with U as the block index: each map is a code of its own."""
    if solution.plan is None:
        return replace(solution, sees="Y,Q")
    mixture = tuple((weight, coupling_of(problem, [(1.0, f)])) for weight, f in solution.plan)
    plans = tuple(((1.0, f),) for _, f in solution.plan)
    return replace(solution, plan=None, mixture=mixture, plans=plans, sees="Y,Q")
