"""Corners of questions about a tied output law: no rate, or a perception bound of zero, where no plan has room to spare.

They are answered by easier questions: without rate the source is one letter; at a perception of zero the output law is
the reference. What the easier answer proves is carried over, and the plan is put down in exact numbers.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.answer import (
    Answer,
    answered_by_interior,
    contradicted,
    objective,
    proved_lower,
    proved_upper,
    steep,
)
from drc.solvers.finite.asymptotic.data import Data, Exact
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.primal import Plan, measured
from drc.solvers.finite.asymptotic.question import Question

#: A perception bound below this part of the costs of moving leaves hardly any law but the reference.
_NEAR = 1e-8


def at_a_corner(question: Question) -> Answer | None:
    """Answer a question whose rate or perception must be zero; None if it is another one, or is not answered here."""
    data = question.data
    if data.p_Y is not None:
        return _with_independence(question) or _without_distortion(question)
    if data.measure is None:
        return None
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
    laws = Exact(data)
    if not wanted or not laws.rational:
        return None
    exact = laws.independent()
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
    if not spent <= min(question.most_distortion, 1e300):
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
    easier = answered_by_interior(replace(question, kept=single, bounds=bounds))
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
    if not data.must_be_reference or not Exact(data).rational:
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
    plan = None if easier.plan is None else _exactly(asked.data, easier.plan, data, kept)
    upper = easier.upper if plan is not None else math.inf
    return Answer(f"the output law is the reference; {easier.method}", lower, upper, plan, at)


def _exactly(inner: Data, plan: Plan, outer: Data, kept: np.ndarray) -> Plan | None:
    """Put a plan with a target law down in exact numbers, so that its output law is the reference without rounding."""
    exact = plan.exact or Exact(inner).coupling(plan.joint, plan.tree)
    if exact is None:
        return None
    rows = [[fmpq(0)] * len(kept) for _ in exact]
    columns = np.flatnonzero(kept)
    for row, entries in zip(rows, exact, strict=True):
        for y, value in zip(columns, entries, strict=True):
            row[y] = value
    joint = np.array([[float(v) for v in row] for row in rows])
    gamma = None
    if outer.measure == "W2":
        law = [outer.problem.reference[y] for y in outer.ys]
        gamma = np.zeros(outer.ground.low.shape)
        gamma[columns, np.arange(len(columns))] = [float(law[y]) for y in columns]
    return Plan(joint, plan.R, plan.D, Interval.of(0.0), None, gamma, rows)
