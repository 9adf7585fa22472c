"""The least distortion or rate of a finite problem whose output nobody classifies, for long blocks: by which method.

There are corners: no rate, the least distortion, or a perception bound of zero, where no plan has room to spare.

With a tied output law they are answered by easier questions: without rate the source is one letter; at a perception of zero
the output law is the reference. What the easier answer proves is carried over, and the plan is put down in exact numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import cast

import numpy as np
from flint import fmpq

from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import Number
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.answer import (
    Answer,
    answered_by_interior,
    contradicted,
    objective,
    packed,
    proposed,
    proved_lower,
    proved_upper,
    shown_infeasible,
    steep,
)
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.mixture import Source, solve_mixture
from drc.solvers.finite.asymptotic.primal import Plan, measured
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.transport import solve_transport, transport
from drc.solvers.outcome import Solution

#: At a lower rate a plan of rate zero is tried first: distortion falls with the square root of a small rate.
_LITTLE_RATE = 1e-9

#: A perception bound below this part of the costs of moving leaves hardly any law but the reference.
_NEAR = 1e-8

#: Where a letter has nearer outputs than others, they are this much nearer in costs: below it they are equally near.
_TIE = 1e-12

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
    return easier if easier.is_enough(question) else better(easier, _by_method(question, method))


def _by_method(question: Question, method: str) -> Answer:
    """Choose a method and answer by it; where its bounds are too far apart, ask the general one as well."""
    data = question.data
    answer = at_a_corner(question) or without_rate(question)
    if answer is not None:
        return answer
    rate, bounded = question.rate_matters, bool(question.bounds or question.slope)
    if data.measure is None and data.p_Y is None and (not rate or (bounded and method in ("auto", "mixture"))):
        answer = at_the_floor(question) or (_by_mixture(question) if rate else None)
    elif data.p_Y is not None and not rate and method in ("auto", "linear program"):
        answer = _by_linear_program(question)
    elif data.p_Y is not None and rate and bounded and method in ("auto", "transport"):
        answer = _by_transport(question)
    if answer is not None and answer.is_enough(question):
        return answer
    answer = better(answer, answered_by_interior(question))
    exact = None if answer.is_enough(question) else with_the_reference(question)
    return answer if exact is None else better(answer, exact)


def _by_mixture(question: Question) -> Answer:
    """Answer a question about a free output law, with a bound on the rate, on the distortion, or a slope."""
    data = question.data
    source, targets = Source(data.source, data.distortion / data.scale), _targets(question)
    # In nats a unit of the objective is one (rate), or `s` (distortion); the least slope that matters is about one.
    gap = 0.1 * min(question.gap / (1.0 if question.minimise == "R" else data.scale), 1e-3)
    found = solve_mixture(source, **targets, gap=gap, clock=question.clock, start=_start(question))
    method = f"Newton on the mixture weights, {found.steps} steps"
    if not (np.isfinite(found.q).all() and math.isfinite(found.s) and np.isfinite(found.channel).all()):
        return Answer(method)
    return proposed(question, method, _multipliers(question, found.r, found.s), data.source[:, None] * found.channel)


def _targets(question: Question) -> dict[str, float | None]:
    """Return the slope, the distortion or the rate that is wanted, for costs scaled to one, in nats."""
    data, goal = question.data, question.goal
    return {
        "slope": None if goal.slope is None else data.scale / goal.slope,
        "distortion": goal.bounds["D"] / data.scale if "D" in goal.bounds else None,
        "rate": goal.bounds.get("R"),
    }


def _start(question: Question) -> tuple[np.ndarray, float] | None:
    """Return the output law and the slope of an answer to a similar question, for costs scaled to one, in nats."""
    start, data = question.start, question.data
    if start is None or start.coupling is None or start.coupling.shape != (data.problem.n_X, data.problem.n_Y):
        return None
    nat = 1.0 if start.unit == "nats" else math.log(2.0)
    by_rate, by_distortion = (cast("float | None", start.duals.get(name)) for name in ("R", "D"))
    slope = nat * by_distortion if by_distortion else (nat / by_rate if by_rate else None)
    if slope is None or not 0 < slope < math.inf:
        return None
    law = start.coupling.sum(axis=0)[data.ys]
    # A letter that had died may live again.
    return 0.99 * law + 0.01 / len(law), slope * data.scale


def _multipliers(question: Question, r: np.ndarray, s: float) -> Multipliers:
    """Read the multipliers off potentials `u = -r` and a slope for costs scaled to one, in the unit of the objective."""
    scale = question.data.scale
    if question.minimise == "R":
        R, D, u = 1.0, s / scale, -r
    else:
        R, D = (scale / s if question.goal.slope is None else question.goal.slope), 1.0
        u = -R * r
    return Multipliers.one(u, R=R, D=D)


def _by_transport(question: Question) -> Answer | None:
    """Answer with a given output law, and a bound or slope; None if Newton's iteration did not converge."""
    data = question.data
    source = Source(data.source, data.distortion / data.scale)
    found = solve_transport(source, data.target, **_targets(question), clock=question.clock)
    if found is None:
        return None
    r, s, channel, steps = found
    method = f"Newton on the transport potentials, {steps} steps"
    return proposed(question, method, _multipliers(question, r, s), data.source[:, None] * channel)


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


# Corners


def at_a_corner(question: Question) -> Answer | None:
    """Answer a question whose rate or perception must be zero; None if it is another one, or is not answered here."""
    data = question.data
    if data.p_Y is not None:
        return _with_independence(question) or _without_distortion(question)
    if data.measure is None:
        return _with_one_letter(question)
    if question.bounds["P"] == 0:
        found = with_the_reference(question)
        if found is not None or data.must_be_reference:
            return found
    return _without_rate(question) if question.bounds.get("R") == 0 else None


def with_stranded_letters(question: Question) -> Answer | None:
    """Prove that nothing is feasible where a letter that has mass has no pair that is allowed: no other solver looks."""
    data = question.data
    if data.measure is not None:
        # What the reference has where nobody may go must be moved, whatever it is to cost.
        moved = Multipliers.one(np.zeros(len(data.xs)), P=1.0)
        found = contradicted(question, moved, "the reference has too much mass where nobody may go")
        if found is not None:
            return found
    allowed = np.isfinite(data.d.high)
    rows, columns = ~allowed.any(axis=1), ~allowed.any(axis=0)
    if not rows.any() and not (data.p_Y is not None and columns.any()):
        return None
    return contradicted(question, Multipliers.one(rows.astype(float)), "a letter has no pair that is allowed")


def _with_independence(question: Question) -> Answer | None:
    """Answer with a given output law where it may be, or must be, independent of the source."""
    data = question.data
    if question.slope is not None or not np.isfinite(data.d.high).all():
        return None
    cost = float(data.source @ data.distortion @ data.target)
    wanted = question.bounds.get("R") == 0 or cost <= 1.001 * question.most_distortion
    if not wanted or not question.exact.rational:
        return None
    exact = question.exact.independent()
    plan = measured(data, np.array([[float(v) for v in row] for row in exact]))
    if plan is None:
        return None
    plan = replace(plan, R=Interval.of(0.0), exact=exact)
    if not plan.meets(question.intervals):
        return None
    method = "independent of the source"
    if question.minimise == "R":
        return Answer(method, 0.0, 0.0, plan)
    lower, at = proved_lower(question, steep(data, data.source @ data.distortion))
    return Answer(method, lower, float(objective(question, plan).high), plan, at)


def without_rate(question: Question) -> Answer | None:
    """Answer, if the rate is minimised, by an output that is independent of the source: one letter, or the reference."""
    data, d = question.data, question.data.distortion
    if question.minimise != "R" or data.p_Y is not None:
        return None
    shape, gamma = d.shape, None
    if data.measure is None:
        law = np.eye(shape[1])[int((data.source @ d).argmin())]
    else:
        law = np.zeros(shape[1])
        places = np.flatnonzero(np.isin(data.ys, data.reference_letters))
        if len(places) < len(data.reference.low):
            # The reference has mass where nobody may go.
            return None
        law[places] = data.reference.middle
        if data.measure == "W2":
            gamma = np.zeros(data.ground.low.shape)
            gamma[places, np.arange(len(places))] = law[places]
    joint = np.tile(law, (shape[0], 1))
    spent = float(data.source @ np.where(law > 0, d, 0.0) @ law)
    if not spent <= min(1.001 * question.most_distortion, 1e300):
        return None
    plan, upper = proved_upper(question, joint, gamma)
    return None if plan is None else Answer("an output that is independent of the source", 0.0, upper, plan)


def _without_distortion(question: Question) -> Answer | None:
    """Answer with a given output law where only pairs that cost nothing may be used: the others are then forbidden."""
    data = question.data
    costly = data.d.high > 0
    if question.bounds.get("D") != 0 or not costly.any() or costly.all():
        return None
    free = replace(data, d=Interval.of(np.where(costly, math.inf, 0.0)))
    asked = replace(question, kept=free, bounds={})
    easier = with_stranded_letters(asked) or answered_by_interior(asked)
    if easier.multipliers is None:
        return None
    steep = np.array([60.0 / float(data.d.low[costly].min())])
    if easier.infeasible:
        # The multipliers of the law alone contradict it; distortion is charged what they require at most.
        assert easier.multipliers.v is not None
        sizes = np.abs(easier.multipliers.v)
        spread = float(np.abs(easier.multipliers.u).max() + sizes[np.isfinite(sizes)].max(initial=0.0))
        return contradicted(question, replace(easier.multipliers, D=steep * spread, R=np.zeros(1)), easier.method)
    lower, at = proved_lower(question, replace(easier.multipliers, D=steep))
    plan = None if easier.plan is None else measured(data, easier.plan.joint)
    if plan is None or plan.D.high > 0:
        return None
    return Answer(f"free pairs only; {easier.method}", lower, float(objective(question, plan).high), plan, at)


def _without_rate(question: Question) -> Answer | None:
    """Answer where all letters share one output law: the source is then a single letter of mean costs."""
    data = question.data
    if not np.isfinite(data.d.high).all():
        return None
    mean = Interval(data.source @ data.d.low, data.source @ data.d.high)
    single = replace(
        data,
        xs=np.zeros(1, dtype=int),
        d=mean[None],
        p=Interval.of(np.ones(1)),
        p_SX=Interval.of(np.ones((1, 1))),
    )
    bounds = {name: bound for name, bound in question.bounds.items() if name != "R"}
    asked = replace(question, kept=single, bounds=bounds)
    # Mean costs lie closer together, and the same precision is enough for them.
    easier = answered_by_interior(replace(asked, tolerance=question.gap / asked.scale))
    if easier.plan is None or easier.multipliers is None:
        return None
    joint = np.tile(easier.plan.joint[0] / easier.plan.joint[0].sum(), (len(data.xs), 1))
    plan, upper = proved_upper(question, joint, easier.plan.gamma)
    lower, at = proved_lower(question, steep(data, easier.multipliers.u[0], float(easier.multipliers.P[0])))
    return Answer(f"one output law for all letters; {easier.method}", lower, upper, plan, at)


def with_the_reference(question: Question) -> Answer | None:
    """Answer where the output law must be the reference, or nearly so: a target law. None where it may be another one."""
    data, problem = question.data, question.data.problem
    if data.measure is None or question.goal.bounds["P"] > _NEAR * data.ground_scale:
        return None
    if not data.must_be_reference or not question.exact.rational:
        return None
    kept = np.isin(data.ys, data.reference_letters)
    asked = question.at_the_reference()
    easier = with_stranded_letters(asked) or at_a_corner(asked) or answered_by_interior(asked)
    if easier.multipliers is None or easier.infeasible:
        return None
    assert easier.multipliers.v is not None
    spread = float(np.ptp(easier.multipliers.v[0]))
    # So dear that no mass moves.
    kappa = {"TV": spread, "KL": 1e9 * max(spread, 1e-9)}.get(data.measure)
    if kappa is None:
        costs = np.asarray(problem.ground_costs, dtype=float)
        kappa = spread / max(float(costs[costs > 0].min(initial=math.inf)), 1e-300)
    lower, at = proved_lower(question, replace(easier.multipliers, P=np.array([1.001 * kappa])))
    plan = None if easier.plan is None else _exactly(asked, easier.plan, data, kept)
    upper = easier.upper if plan is not None else math.inf
    return Answer(f"the output law is the reference; {easier.method}", lower, upper, plan, at)


def _exactly(inner: Question, plan: Plan, outer: Data, kept: np.ndarray) -> Plan | None:
    """Put a plan with a target law down in exact numbers, so that its output law is the reference without rounding."""
    exact = plan.exact or inner.exact.coupling(plan.joint, plan.tree)
    if exact is None:
        return None
    rows: list[list[Number]] = [[fmpq(0)] * len(kept) for _ in exact]
    columns = np.flatnonzero(kept)
    for row, entries in zip(rows, exact, strict=True):
        for y, value in zip(columns, entries, strict=True):
            row[int(y)] = value
    joint = np.array([[float(v) for v in row] for row in rows])
    gamma = None
    if outer.measure == "W2":
        law = [cast(tuple, outer.problem.reference)[y] for y in outer.ys]
        gamma = np.zeros(outer.ground.low.shape)
        gamma[columns, np.arange(len(columns))] = [float(law[y]) for y in columns]
    return Plan(joint, plan.R, plan.D, Interval.of(0.0), None, gamma, rows)


# A free output law


def _with_one_letter(question: Question) -> Answer | None:
    """Answer with a free output law where the rate must be zero."""
    data = question.data
    reached = data.source @ data.distortion
    if question.slope is not None or question.bounds.get("R") != 0 or not np.isfinite(reached).any():
        return None
    one = np.zeros(data.distortion.shape)
    one[:, int(reached.argmin())] = 1.0
    plan, upper = proved_upper(question, one)
    lower, at = proved_lower(question, steep(data, reached))
    return Answer("one output letter for all, the only plan of rate zero", lower, upper, plan, at) if plan else None


def at_the_floor(question: Question) -> Answer | None:
    """Answer where every letter can go to a nearest output, and where even that is too far."""
    data = question.data
    least = data.d.low.min(axis=1)
    at = Multipliers.one(least, D=1.0)
    if question.minimise == "R":
        short = float((least * data.p.low).sum()) - float(question.intervals["D"].high)
        found = contradicted(question, at, "no letter is near enough to an output") if short > 0 else None
        return found or (_with_nearest(question) if short > -_TIE * data.scale else None)
    if question.slope:
        return None
    nearest = data.distortion.argmin(axis=1)
    law = np.bincount(nearest, weights=data.source)
    if -float(law[law > 0] @ np.log(law[law > 0])) > 1.001 * question.goal.bounds.get("R", math.inf):
        return None
    joint = np.zeros(data.d.low.shape)
    joint[np.arange(len(joint)), nearest] = data.source
    plan, upper = proved_upper(question, joint)
    if plan is None:
        return None
    lower, at = proved_lower(question, at)
    return Answer("every letter at its nearest output: the rate does not bind", lower, upper, plan, at)


def _with_nearest(question: Question) -> Answer | None:
    """Find the least rate over plans that use nearest outputs only."""
    data = question.data
    d = data.distortion
    least = d.min(axis=1)
    near = d <= least[:, None] + _TIE * data.scale
    ahead = float((d - least[:, None])[~near & np.isfinite(d)].min(initial=data.scale))
    source = Source(data.source, np.where(near, 0.0, np.inf))
    found = solve_mixture(source, slope=1.0, gap=0.1 * min(question.tolerance, 1e-3), clock=question.clock)
    # So steep that the other outputs play no part.
    steep = 60.0 / max(ahead, 1e-300)
    lower, at = proved_lower(question, Multipliers.one(steep * least - found.r, R=1.0, D=steep))
    plan, upper = proved_upper(question, data.source[:, None] * found.channel)
    return Answer("mixture weights over nearest outputs", lower, upper, plan, at)
