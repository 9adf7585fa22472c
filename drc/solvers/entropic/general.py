"""Any output law, answered by the interior-point method; plans are repaired, and infeasibility is proved."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from drc.solvers.entropic.answer import Answer, proved_lower, proved_upper
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.primal import Plan, measured
from drc.solvers.entropic.programs import Goal, build
from drc.solvers.entropic.question import Question
from drc.solvers.request import Clock


def answered_by_interior(question: Question, clock: Clock) -> Answer:
    """Answer a question by the interior-point method, for all kinds of output laws."""
    if clock.over:
        # To write the program down takes time as well.
        return Answer(0.0, math.inf, None, None, False, "none: no time was left")
    model = build(question.data, question.goal)
    point = model.solve(gap=0.3 * question.tolerance, clock=clock)
    lower, multipliers = proved_lower(question, model.multipliers(point))
    plan, upper = repaired(question, model.couplings(point)[0], model.transports(point), clock)
    method = f"interior point, {point.steps} steps"
    if plan is None and not clock.over:
        infeasible = _contradiction(question, multipliers) or shown_infeasible(question, clock)
        if infeasible is not None:
            return Answer(math.inf, math.inf, None, infeasible, True, method)
    return Answer(lower, upper, plan, multipliers, False, method)


def repaired(
    question: Question, joint: np.ndarray, gamma: np.ndarray | None, clock: Clock
) -> tuple[Plan | None, float]:
    """Return a plan that is proved to meet all bounds: the one given, with as little as possible of one well inside."""
    plan, upper = proved_upper(question, joint, gamma)
    if plan is not None:
        return plan, upper
    missed, best = measured(question.data, joint, gamma), (None, math.inf)
    for inside, inside_gamma in _well_inside(question, joint, gamma, clock):
        safe = measured(question.data, inside, inside_gamma)
        share = 0.0 if missed is None else _share(question, missed, safe)
        shares = [] if safe is None or share > 1 else [min(2**k * (share + 1e-16), 1.0) for k in range(1, 7)]
        for share in shares:
            mixed = None if gamma is None or inside_gamma is None else (1 - share) * gamma + share * inside_gamma
            plan, upper = proved_upper(question, (1 - share) * joint + share * inside, mixed)
            if plan is not None:
                return plan, upper
        # Where letters have one place to go, no mix comes near it; then the safe plan alone, until a better one comes.
        best = min(best, proved_upper(question, inside, inside_gamma), key=lambda found: found[1])
    return best


def _share(question: Question, missed: Plan, safe: Plan | None) -> float:
    """Return how much of a safe plan makes up for what another one misses; two if the safe one is not safe."""
    share = 0.0
    for name, limit in question.intervals.items():
        excess = float(getattr(missed, name).high - limit.low)
        room = -math.inf if safe is None else float(limit.low - getattr(safe, name).high)
        if room <= 0:
            return 2.0
        if excess > 0:
            share = max(share, excess / (excess + room))
    return share


def _well_inside(
    question: Question, joint: np.ndarray, gamma: np.ndarray | None, clock: Clock
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Propose plans that meet the bounds with something to spare."""
    data = question.data
    if np.isfinite(data.d.high).all():
        # The same output law, and no rate.
        law = (data.source / joint.sum(axis=1)) @ joint if data.p_Y is None else data.target
        yield data.source[:, None] * law, gamma
    everywhere = np.isfinite(data.d.high).all(axis=0)
    if data.p_Y is None and everywhere.any():
        # Letters that all may go to.
        yield data.source[:, None] * (everywhere / everywhere.sum()), None
    if data.p_Y is not None and not np.isfinite(data.d.high).all():
        from drc.solvers.entropic.exact_transport import transport

        found = transport(data.source, data.target, data.distortion / data.scale, clock)
        if found is not None:
            yield found[0], None
    for margin in (1e-4, 1e-7):
        if clock.over:
            return
        goal = question.goal
        bounds = {name: bound * (1 - margin) for name, bound in goal.bounds.items()}
        model = build(data, replace(goal, bounds=bounds))
        point = model.solve(gap=margin * question.data.scale, clock=clock)
        yield model.couplings(point)[0], model.transports(point)


def _contradiction(question: Question, at: Multipliers) -> Multipliers | None:
    """Return multipliers without the objective, if they contradict each other: where nothing is feasible, they grow."""
    zero = np.zeros(1)
    rate = at.R if "R" in question.bounds else zero
    cost = at.D if "D" in question.bounds else zero
    lower, at = lower_bounds(question.data, question.intervals, replace(at, R=rate, D=cost))
    return at if lower[0] > 0 else None


def shown_infeasible(question: Question, clock: Clock) -> Multipliers | None:
    """Return multipliers that prove that nothing meets the bounds; None if they were not found."""
    goal = question.goal
    model = build(question.data, Goal("0", goal.bounds), elastic=True)
    point = model.solve(gap=1e-12, clock=clock)
    lower, at = lower_bounds(question.data, question.intervals, model.multipliers(point))
    return at if lower[0] > 0 else None
