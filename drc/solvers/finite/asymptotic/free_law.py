"""A free output law, answered by the weights of a mixture: Shannon's rate-distortion function, with its corners."""

from __future__ import annotations

import math

import numpy as np

from drc.solvers.finite.asymptotic.answer import Answer, contradicted, proved_lower, proved_upper, steep
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.mixture import Mixture, Source, solve_mixture
from drc.solvers.finite.asymptotic.primal import measured
from drc.solvers.finite.asymptotic.question import Question

#: How often the slope is moved to repair a plan.
_REPAIRS = 4

#: Where a letter has nearer outputs than others, they are this much nearer in costs: below it they are equally near.
_TIE = 1e-12


def answered_by_mixture(question: Question) -> Answer:
    """Answer a question about a free output law, with a bound on the rate, on the distortion, or a slope."""
    found = _at_a_corner(question)
    if found is not None:
        return found
    data = question.data
    source, targets = Source(data.source, data.distortion / data.scale), targets_of(question)
    # In nats a unit of the objective is one (rate), or `s` (distortion); the least slope that matters is about one.
    gap = 0.1 * min(question.tolerance / (1.0 if question.minimise == "R" else data.scale), 1e-3)
    with np.errstate(all="ignore"):
        found = solve_mixture(source, **targets, gap=gap, clock=question.clock, start=_start(question))
        return _proved(question, source, found)


def targets_of(question: Question) -> dict[str, float | None]:
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
    by_rate, by_distortion = start.duals.get("R"), start.duals.get("D")
    slope = nat * by_distortion if by_distortion else (nat / by_rate if by_rate else None)
    if slope is None or not 0 < slope < math.inf:
        return None
    law = start.coupling.sum(axis=0)[data.ys]
    # A letter that had died may live again.
    return 0.99 * law + 0.01 / len(law), slope * data.scale


def _proved(question: Question, source: Source, found: Mixture) -> Answer:
    """Prove the bounds of a mixture; where the plan misses its bound by rounding, the slope is moved a little."""
    data = question.data
    method = f"Newton on the mixture weights, {found.steps} steps"
    if not (np.isfinite(found.q).all() and math.isfinite(found.s) and np.isfinite(found.channel).all()):
        return Answer(method)
    lower, multipliers = proved_lower(question, multipliers_of(question, found.r, found.s))
    s, channel = found.s, found.channel
    plan, upper = None, math.inf
    for _ in range(_REPAIRS):
        plan, upper = proved_upper(question, data.source[:, None] * channel)
        if plan is not None:
            break
        missed = _excess(question, data.source[:, None] * channel)
        if missed is None:
            break
        look = source.look(found.q, s)
        change = 2.0 * missed / max(-look.F_ss, 1e-300)
        s = s + change / data.scale if "D" in question.bounds else s - change / s
        if not s > 0 or not abs(s - found.s) < 0.1 * found.s:
            break
        channel = source.look(found.q, s).ratio * found.q
    return Answer(method, lower, upper, plan, multipliers)


def _excess(question: Question, joint: np.ndarray) -> float | None:
    """Return by how much a coupling misses its bound."""
    plan = measured(question.data, joint)
    if plan is None:
        return None
    misses = [float(getattr(plan, name).high - limit.low) for name, limit in question.intervals.items()]
    return max(misses, default=0.0)


def multipliers_of(question: Question, r: np.ndarray, s: float) -> Multipliers:
    """Read the multipliers off potentials `u = -r` and a slope for costs scaled to one, in the unit of the objective."""
    scale = question.data.scale
    if question.minimise == "R":
        R, D, u = 1.0, s / scale, -r
    else:
        R, D = (scale / s if question.goal.slope is None else question.goal.slope), 1.0
        u = -R * r
    return Multipliers.one(u, R=R, D=D)


# Corners ---------------------------------------------------------------------------------------------------


def _at_a_corner(question: Question) -> Answer | None:
    """Answer where the optimum is at an end of the curve: no rate at all, or the least distortion there is."""
    data, d = question.data, question.data.distortion
    reached = data.source @ d
    flat = float(reached.min()) <= 1.001 * question.most_distortion or question.goal.bounds.get("R", 1.0) == 0
    if flat and np.isfinite(reached).any():
        one = np.zeros(d.shape)
        one[:, int(reached.argmin())] = 1.0
        plan, upper = proved_upper(question, one)
        if plan is not None and question.minimise == "R":
            return Answer("one output letter for all, at rate zero", 0.0, 0.0, plan)
        if plan is not None and question.slope is None and float(question.intervals["R"].high) == 0:
            lower, at = proved_lower(question, steep(data, reached))
            return Answer("one output letter for all, the only plan of rate zero", lower, upper, plan, at)
    return at_the_floor(question)


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
    with np.errstate(all="ignore"):
        found = solve_mixture(source, slope=1.0, gap=0.1 * min(question.tolerance, 1e-3), clock=question.clock)
    # So steep that the other outputs play no part.
    steep = 60.0 / max(ahead, 1e-300)
    lower, at = proved_lower(question, Multipliers.one(steep * least - found.r, R=1.0, D=steep))
    plan, upper = proved_upper(question, data.source[:, None] * found.channel)
    return Answer("mixture weights over nearest outputs", lower, upper, plan, at)
