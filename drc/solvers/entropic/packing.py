"""Answers as users see them: solutions, and certificates that the independent checker can read."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.certificates import FiniteCertificate
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers
from drc.solvers.entropic.primal import Plan
from drc.solvers.entropic.question import Answer, Question, objective
from drc.solvers.request import Clock
from drc.solvers.solution import Solution, status_of


def packed(question: Question, answer: Answer, clock: Clock) -> Solution:
    """Return the answer as users see it, with its certificate."""
    data, plan = question.data, answer.plan
    scale = 1.0 if question.minimise == "D" or question.unit == "bits" else math.log(2.0)
    status = status_of(answer.lower, answer.upper, question.tolerance, stopped=clock.stopped, scale=scale)
    reached: dict[str, Any] = {}
    value = answer.lower
    if plan is not None:
        nat = float(question.nat.low)
        middle = objective(question, plan)
        value = min(max(float(0.5 * (middle.low + middle.high)), answer.lower), answer.upper)
        units = {"R": nat, "D": 1.0, "P": nat if data.measure == "KL" else 1.0}
        rate, distortion, perception = (units[name] * _middle(getattr(plan, name)) for name in ("R", "D", "P"))
        reached = {"rate": rate, "distortion": distortion, "coupling": _full(data, plan)}
        if data.measure is not None:
            reached |= {"perception": perception, "measure": data.measure}
    return Solution(
        value=value,
        lower=answer.lower,
        upper=answer.upper,
        status=status,
        minimise=question.minimise,
        unit=question.unit,
        bounds={name: float(bound) for name, bound in question.bounds.items()},
        duals=_duals(question, answer),
        certificate=certificate(question, answer),
        method=answer.method,
        sees="Y",
        scale=scale,
        **reached,
    )


def _middle(value: Interval) -> float:
    return float(0.5 * (value.low + value.high))


def _full(data: Data, plan: Plan) -> np.ndarray:
    joint = np.zeros((data.problem.n_X, data.problem.n_Y))
    rows = plan.joint if plan.tree is not None else plan.joint * (data.source / plan.joint.sum(axis=1))[:, None]
    joint[np.ix_(data.xs, data.ys)] = rows
    joint.setflags(write=False)
    return joint


def _in_unit(question: Question, at: Multipliers) -> dict[str, float]:
    """Return the multipliers of bounds and of the objective in the unit of the question."""
    nat = float(question.nat.low)
    rates = 1.0 if question.minimise == "R" else 1.0 / nat
    costs = nat if question.minimise == "R" else 1.0
    kinds = {"R": rates, "D": costs, "P": rates if question.data.measure == "KL" else costs}
    return {name: float(kinds[name] * getattr(at, name)[0]) for name in question.bounds}


def _duals(question: Question, answer: Answer) -> dict[str, Any]:
    if answer.multipliers is None:
        return {}
    found: dict[str, Any] = _in_unit(question, answer.multipliers)
    if question.data.p_Y is not None:
        found["p_Y"] = tuple(_spread(question, answer.multipliers)[1].tolist())
    return found


def _spread(question: Question, at: Multipliers) -> tuple[np.ndarray, np.ndarray]:
    """Return `u` and `v` for all letters, in the unit of the objective; letters without mass have zero."""
    data, factor = question.data, float(question.nat.low) if question.minimise == "R" else 1.0
    u, v = np.zeros(data.problem.n_X), np.zeros(data.problem.n_Y)
    most = 1e6 * (float(np.abs(at.u[0]).max()) + float(at.D[0]) * data.scale + 1.0)
    if data.problem.p_Y is None:
        # Nobody may go to the letters that are left out, whatever their multiplier: it is more than moving mass costs.
        v[:] = factor * (most + 2.0 * float(at.P[0]) * data.ground_scale)
    u[data.xs], v[data.ys] = factor * at.u[0], factor * np.clip(at.v[0], -most, most)
    return u, v


def certificate(question: Question, answer: Answer) -> FiniteCertificate:
    """Return the certificate of an answer."""
    data, dual, primal = question.data, {"kind": "trivial"}, None
    if answer.multipliers is not None and (answer.infeasible or answer.lower > 0):
        u, v = _spread(question, answer.multipliers)
        leaf = {
            "objective": 0 if answer.infeasible else 1,
            "multipliers": _in_unit(question, answer.multipliers),
            "u": u,
            "v": v,
        }
        dual = {"kind": "channels", "shared": None, "tree": leaf}
    if answer.plan is not None:
        primal = _primal(data, answer.plan)
    return FiniteCertificate(
        data.problem,
        question.minimise,
        question.unit,
        tuple(question.bounds.items()),
        answer.lower,
        answer.upper,
        primal,
        dual,
        question.slope,
    )


def _primal(data: Data, plan: Plan) -> dict:
    joint = np.zeros((data.problem.n_X, data.problem.n_Y), dtype=float if plan.exact is None else object)
    joint[np.ix_(data.xs, data.ys)] = plan.joint if plan.exact is None else plan.exact
    found: dict[str, Any] = {"kind": "coupling", "joint": joint}
    if plan.tree is not None:
        found["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in plan.tree]
    if plan.gamma is not None:
        gamma = np.zeros((data.problem.n_Y, data.problem.n_Y))
        js = np.flatnonzero(data.problem.reference_law > 0)
        gamma[np.ix_(data.ys, js)] = plan.gamma
        found["gamma"] = gamma if plan.exact is None else _staying(data)
    return found


def _staying(data: Data) -> list:
    """Return the transport plan that leaves the reference as it is, in exact numbers."""
    law = data.problem.reference
    return [[mass if i == j else 0 for j in range(len(law))] for i, mass in enumerate(law)]
