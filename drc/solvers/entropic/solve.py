"""The least distortion or rate of a finite problem whose output nobody classifies, for long blocks."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.problems.arrays import exact_number
from drc.problems.finite import Finite
from drc.problems.validation import bounds_given, choice
from drc.solvers.certificates import FiniteCertificate
from drc.solvers.entropic.clock import Clock
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.primal import Plan, measured
from drc.solvers.entropic.programs import Goal, build
from drc.solvers.rounding import Interval
from drc.solvers.solution import Solution
from drc.units import unit_named

#: By how much bounds are tightened, beside their size, so that rounding does not spoil a plan.
_MARGIN = 4e-14


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked, exactly and in nats.

    Attributes
    ----------
    data : Data
    minimise : {"D", "R"}
    bounds : dict from "R", "D", "P" to an exact number
        In the unit.
    slope : exact number or None
    unit : {"bits", "nats"}
    tolerance : float
    """

    data: Data
    minimise: str
    bounds: dict
    slope: Any
    unit: str
    tolerance: float

    @property
    def nat(self) -> Interval:
        """One nat, in the unit: 1 / ln 2 bits."""
        return Interval.of(1.0) if self.unit == "nats" else Interval.of(1.0) / Interval.of(2.0).log()

    def in_nats(self, name: str, value: Any) -> Interval:
        """Enclose a bound in nats; distortions and transport costs have no unit."""
        found = Interval.of(float(value)) if float(value) == value else Interval.around(float(value))
        return found / self.nat if name == "R" or (name == "P" and self.data.measure == "KL") else found

    @property
    def goal(self) -> Goal:
        """The bounds in doubles, a trifle tighter than they are."""
        bounds = {name: float(self.in_nats(name, value).low) for name, value in self.bounds.items()}
        sizes = {"R": 1.0, "D": self.data.scale, "P": self.data.ground_scale}
        tight = {name: max(b - _MARGIN * min(sizes[name], 1e3 * b), 0.5 * b) for name, b in bounds.items()}
        slope = None if self.slope is None else float(self.slope) * float(self.nat.low)
        return Goal(self.minimise, tight, slope)

    @property
    def limits(self) -> dict[str, Interval]:
        """The bounds, enclosed, in nats."""
        return {name: self.in_nats(name, value) for name, value in self.bounds.items()}


@dataclass(frozen=True, eq=False)
class Answer:
    """What was found and proved: a plan, multipliers, and the bounds in the unit of the question."""

    lower: float
    upper: float
    plan: Plan | None
    multipliers: Multipliers | None
    infeasible: bool
    method: str


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
    method : {"auto", "interior", "mixture", "cvxpy"}, optional
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
    ('optimal', 0.50008409)
    """
    if C is not None and float(C) != math.inf:
        raise ProblemError(f"C = {C} bounds what a classifier does not know: allowed is no bound here")
    choice("method", method or "auto", ("auto", "interior", "mixture", "cvxpy"))
    question = ask(problem, minimise, R, D, P, slope, tolerance, unit)
    if time_limit is not None and not time_limit > 0:
        raise ProblemError(f"time_limit = {time_limit} is no limit: allowed is time_limit > 0")
    clock = Clock(math.inf if time_limit is None else time.monotonic() + time_limit)
    answer = Answer(0.0, math.inf, None, None, False, "none: no time was left")
    with clock.watching():
        answer = answered(question, clock)
    return packed(question, answer, clock)


def ask(problem: Finite, minimise: str, R: Any, D: Any, P: Any, slope: Any, tolerance: float, unit: str) -> Question:
    """Judge what is asked.

    Raises
    ------
    ProblemError
    """
    choice("minimise", minimise, ("D", "R"))
    given = {"R": R, "D": D, "P": P}
    bounds = {name: bound for name, bound in bounds_given(given).items() if bound != math.inf}
    if minimise in bounds or (slope is not None and len(bounds.keys() & {"R", "D"})):
        name = minimise if minimise in bounds else min(bounds.keys() & {"R", "D"})
        raise ProblemError(f"{name} = {given[name]} bounds what is minimised: allowed is no bound on {name}")
    if "P" in bounds and problem.perception is None:
        raise ProblemError(f"P = {P} bounds a perception measure that the problem does not name: give perception=")
    if not tolerance > 0:
        raise ProblemError(f"tolerance = {tolerance} is no limit: allowed is tolerance > 0")
    if slope is not None:
        choice("minimise", minimise, ("D",))
        slope = exact_number("slope", slope)
        if slope < 0:
            raise ProblemError(f"slope = {float(slope):.12g} is no slope: allowed is slope >= 0")
    exact = {name: exact_number(name, given[name]) for name in bounds}
    data = Data.of(problem, perception="P" in bounds)
    return Question(data, minimise, exact, slope, unit_named(unit).name, tolerance)


def answered(question: Question, clock: Clock) -> Answer:
    """Answer a question by the interior-point method, for all kinds of output laws."""
    model = build(question.data, question.goal)
    point = model.solve(gap=0.3 * question.tolerance, deadline=clock.deadline)
    lower, multipliers = proved_lower(question, model.multipliers(point))
    plan, upper = repaired(question, model.couplings(point)[0], model.transports(point), clock)
    method = f"interior point, {point.steps} steps"
    if plan is None:
        infeasible = shown_infeasible(question, clock)
        if infeasible is not None:
            return Answer(math.inf, math.inf, None, infeasible, True, method)
    return Answer(lower, upper, plan, multipliers, False, method)


def proved_lower(question: Question, at: Multipliers) -> tuple[float, Multipliers]:
    """Return what multipliers prove, in the unit of the question, never below zero."""
    # The slope as it is, not as it was rounded.
    limits = dict(question.limits)
    if question.minimise == "R":
        limits.pop("R", None)
    lower, at = lower_bounds(question.data, limits, at)
    value = Interval.of(lower)
    if question.minimise == "R":
        value = value * question.nat
    return max(float(value.low[0]), 0.0), at


def proved_upper(question: Question, joint: np.ndarray, gamma: np.ndarray | None) -> tuple[Plan | None, float]:
    """Return the plan if it is proved to meet all bounds, and what it costs."""
    plan = measured(question.data, joint, gamma)
    if plan is None or any(not getattr(plan, name).high <= limit.low for name, limit in question.limits.items()):
        return None, math.inf
    return plan, float(_objective(question, plan).high)


def repaired(
    question: Question, joint: np.ndarray, gamma: np.ndarray | None, clock: Clock
) -> tuple[Plan | None, float]:
    """Return a plan that is proved to meet all bounds: the one given, with as little as possible of one well inside."""
    plan, upper = proved_upper(question, joint, gamma)
    if plan is not None:
        return plan, upper
    missed = measured(question.data, joint, gamma)
    for inside, inside_gamma in _well_inside(question, clock):
        safe = measured(question.data, inside, inside_gamma)
        share = 0.0 if missed is None else _share(question, missed, safe)
        for _ in range(6):
            if safe is None or share > 1:
                break
            share = min(2 * share + 1e-16, 1.0)
            mixed = None if gamma is None or inside_gamma is None else (1 - share) * gamma + share * inside_gamma
            plan, upper = proved_upper(question, (1 - share) * joint + share * inside, mixed)
            if plan is not None:
                return plan, upper
    return None, math.inf


def _share(question: Question, missed: Plan, safe: Plan | None) -> float:
    """Return how much of a safe plan makes up for what another one misses; two if the safe one is not safe."""
    share = 0.0
    for name, limit in question.limits.items():
        excess = float(getattr(missed, name).high - limit.low)
        room = -math.inf if safe is None else float(limit.low - getattr(safe, name).high)
        if room <= 0:
            return 2.0
        if excess > 0:
            share = max(share, excess / (excess + room))
    return share


def _well_inside(question: Question, clock: Clock) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    """Propose plans that meet the bounds with something to spare."""
    data = question.data
    if data.measure is None and np.isfinite(data.d.high).all():
        law = np.full(len(data.ys), 1 / len(data.ys)) if data.p_Y is None else data.target
        yield np.outer(data.source, law), None
    for margin in (1e-4, 1e-7):
        goal = question.goal
        bounds = {name: bound * (1 - margin) for name, bound in goal.bounds.items()}
        model = build(data, replace(goal, bounds=bounds))
        point = model.solve(gap=margin * question.data.scale, deadline=clock.deadline)
        yield model.couplings(point)[0], model.transports(point)


def _objective(question: Question, plan: Plan) -> Interval:
    if question.minimise == "R":
        return plan.R * question.nat
    if question.slope is None:
        return plan.D
    return plan.D + Interval.around(float(question.slope)) * plan.R * question.nat


def shown_infeasible(question: Question, clock: Clock) -> Multipliers | None:
    """Return multipliers that prove that nothing meets the bounds; None if they were not found."""
    goal = question.goal
    model = build(question.data, Goal("0", goal.bounds), elastic=True)
    point = model.solve(gap=1e-12, deadline=clock.deadline)
    lower, at = lower_bounds(question.data, question.limits, model.multipliers(point))
    return at if lower[0] > 0 else None


# Packing ---------------------------------------------------------------------------------------------------


def packed(question: Question, answer: Answer, clock: Clock) -> Solution:
    """Return the answer as users see it, with its certificate."""
    data, problem, plan = question.data, question.data.problem, answer.plan
    gap = 0.0 if answer.infeasible else answer.upper - answer.lower
    if answer.infeasible:
        status = "infeasible"
    elif gap <= question.tolerance:
        status = "optimal"
    elif clock.over:
        status = "interrupted" if clock.interrupted else "time limit"
    else:
        status = "bounded" if math.isfinite(gap) else "undecided"
    reached: dict[str, Any] = {}
    value = answer.lower
    if plan is not None:
        nat = float(question.nat.low)
        middle = _objective(question, plan)
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
    joint = np.zeros((data.problem.n_X, data.problem.n_Y))
    joint[np.ix_(data.xs, data.ys)] = plan.joint
    found: dict[str, Any] = {"kind": "coupling", "joint": joint}
    if plan.tree is not None:
        found["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in plan.tree]
    if plan.gamma is not None:
        gamma = np.zeros((data.problem.n_Y, data.problem.n_Y))
        js = np.flatnonzero(data.problem.reference_law > 0)
        gamma[np.ix_(data.ys, js)] = plan.gamma
        found["gamma"] = gamma
    return found
