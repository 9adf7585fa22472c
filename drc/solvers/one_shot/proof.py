"""From answers to what is proved: an enclosure, its certificate, and the solution that a user sees."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import Number, float_above, float_below, to_fraction
from drc.solvers.certificates import FiniteCertificate
from drc.solvers.one_shot.program import Program, dual_bound, primal_bound
from drc.solvers.one_shot.vertex import Answer
from drc.solvers.solution import Solution, status_of


@dataclass(frozen=True, eq=False)
class Enclosure:
    """What is proved of a program.

    Attributes
    ----------
    program : Program
    status : str
        As in `Solution`.
    lower, upper, value : float
    primal : Answer or None
        Its weights prove `upper`.
    dual : Answer or None
        Its multipliers prove `lower`; None if that is zero because nothing is negative.
    relaxation : dict or None
        The proof of `lower` by an easier problem, as a certificate says it.
    """

    program: Program
    status: str
    lower: float
    upper: float
    value: float
    primal: Answer | None
    dual: Answer | None
    relaxation: dict[str, Any] | None = None


def enclose(
    program: Program,
    answers: list[Answer],
    tolerance: float,
    *,
    stopped: str = "",
    relaxed: Program | None = None,
) -> Enclosure:
    """Find out what some answers prove together.

    Parameters
    ----------
    program : Program
        Weights are proved feasible for it.
    answers : list of Answer
    tolerance : float
    stopped : {"", "time limit", "interrupted"}
        Why the search ended before it was done.
    relaxed : Program, optional
        A program with no less room, for the lower bound; left out, the same.

    Returns
    -------
    Enclosure
    """
    relaxed = relaxed or program
    for answer in answers:
        if answer.weights is None:
            bound = dual_bound(relaxed, None, answer.duals, answer.target_duals, answer.price)
            if bound is not None and bound > 0:
                return Enclosure(program, "infeasible", math.inf, math.inf, math.inf, None, answer)
    useful = [answer for answer in answers if answer.weights is not None or (len(answers) > 1 and answer.price is None)]
    lower, dual = max(((lower_bound(relaxed, a), a) for a in useful), key=lambda p: p[0], default=(0.0, None))
    costs = [(cost_proved(program, answer), answer) for answer in answers]
    costs = [(cost, answer) for cost, answer in costs if cost is not None]
    cost, primal = min(costs, key=lambda pair: float(pair[0]), default=(None, None))
    upper = math.inf if cost is None else float_above(cost)
    value = lower if cost is None else min(max(float(cost), lower), upper)
    status = status_of(lower, upper, tolerance, stopped=stopped)
    return Enclosure(program, status, lower, upper, value, primal, dual if lower > 0 else None)


def is_closed(lower: float, upper: float, tolerance: float) -> bool:
    """Tell whether the gap is within the tolerance, which is absolute, or relative to an optimum above one.

    Examples
    --------
    >>> is_closed(1e6, 1e6 + 1e-4, 1e-9), is_closed(0.0, 1e-4, 1e-9)
    (True, False)
    """
    return upper - lower <= tolerance * max(1.0, abs(lower))


def cost_proved(program: Program, answer: Answer) -> Number | None:
    """Return the cost of an answer's weights; None if they are not proved feasible, or there are none.

    Parameters
    ----------
    program : Program
    answer : Answer
    """
    if answer.weights is None:
        return None
    if answer not in program.costs:
        program.costs[answer] = primal_bound(program, answer.weights, answer.transport)
    return program.costs[answer]


def lower_bound(program: Program, answer: Answer) -> float:
    """Return what the multipliers of an answer prove, as a double; zero if it is nothing.

    Parameters
    ----------
    program : Program
    answer : Answer
    """
    bound = dual_bound(program, program.minimise, answer.duals, answer.target_duals, answer.price)
    return 0.0 if bound is None else max(0.0, float_below(bound))


def finite_certificate(enclosure: Enclosure) -> FiniteCertificate:
    """Write down what proves an enclosure.

    Parameters
    ----------
    enclosure : Enclosure
    """
    program, maps = enclosure.program, enclosure.program.maps
    weights: dict = {} if enclosure.primal is None else enclosure.primal.weights or {}
    listed = [[to_fraction(w), list(maps.full_map(f))] for f, w in weights.items() if w]
    return FiniteCertificate(
        problem=maps.problem,
        minimise=program.minimise,
        unit=maps.unit,
        bounds=tuple(program.bounds.items()),
        lower=enclosure.lower,
        upper=enclosure.upper,
        primal={"kind": "maps", "weights": listed} | _gamma(enclosure) if listed else None,
        dual=enclosure.relaxation or _dual(enclosure),
    )


def _gamma(enclosure: Enclosure) -> dict[str, Any]:
    """The transport of the output law to the reference, over all letters, if W2 is bounded."""
    program = enclosure.program
    if program.ball is None or program.ball.measure != "W2" or enclosure.primal is None:
        return {}
    n_Y, transport = program.maps.problem.n_Y, enclosure.primal.transport or ()
    gamma = [[Fraction(0)] * n_Y for _ in range(n_Y)]
    for i, row in zip(program.maps.ys, transport, strict=True):
        for j, mass in zip(program.maps.ys, row, strict=True):
            gamma[i][j] = to_fraction(mass)
    return {"gamma": gamma}


def _dual(enclosure: Enclosure) -> dict[str, Any]:
    program, answer = enclosure.program, enclosure.dual
    if answer is None:
        return {"kind": "trivial"}
    by_letter = dict(zip(program.maps.ys, answer.target_duals, strict=False))
    pricing = answer.proof or {"kind": "subsets"}
    # The checker finds the least price over subsets itself; a claim of ours could only be lower.
    price = {} if pricing["kind"] == "subsets" or answer.price is None else {"price": to_fraction(answer.price)}
    return {
        "kind": "maps",
        "objective": int(enclosure.status != "infeasible"),
        "multipliers": {name: to_fraction(v) for name, v in answer.duals.items() if v},
        "nu": [to_fraction(by_letter.get(y, fmpq(0))) for y in range(program.maps.problem.n_Y)],
        **price,
        "pricing": pricing,
    }


def packed(enclosure: Enclosure, certificate: Any, method: str) -> Solution:
    """Return the solution that a user sees.

    Parameters
    ----------
    enclosure : Enclosure
    certificate : object
    method : str
    """
    program, maps, problem = enclosure.program, enclosure.program.maps, enclosure.program.maps.problem
    dual = enclosure.dual
    duals: dict[str, Any] = {} if dual is None else {name: float(v) for name, v in dual.duals.items()}
    if dual is not None and dual.target_duals:
        by_letter = dict(zip(maps.ys, dual.target_duals, strict=True))
        duals["p_Y"] = tuple(float(by_letter.get(y, 0)) for y in range(problem.n_Y))
    return Solution(
        value=enclosure.value,
        lower=enclosure.lower,
        upper=enclosure.upper,
        status=enclosure.status,
        minimise=program.minimise,
        unit=maps.unit,
        bounds={name: float(bound) for name, bound in program.bounds.items()},
        duals=duals,
        certificate=certificate,
        method=method,
        **_reached(enclosure),
    )


def _reached(enclosure: Enclosure) -> dict[str, Any]:
    """The plan, its coupling, and what it reaches."""
    program, maps, problem = enclosure.program, enclosure.program.maps, enclosure.program.maps.problem
    if enclosure.primal is None:
        return {}
    weights = [(float(w), f) for f, w in (enclosure.primal.weights or {}).items() if w]
    plan = sorted(((w, maps.full_map(f)) for w, f in weights), reverse=True)
    coupling = np.zeros((problem.n_X, problem.n_Y))
    letters, p_X = np.arange(problem.n_X), problem.source_law
    for weight, full_map in plan:
        coupling[letters, full_map] += weight * p_X
    coupling.setflags(write=False)
    columns = [(w, program.column(f)) for w, f in weights]
    names = {"distortion": "D", "rate": "R", "classification": "C"}
    reached = {word: sum(w * float(c.quantity(name)) for w, c in columns) for word, name in names.items()}
    return reached | {"plan": tuple(plan), "coupling": coupling} | _perception(enclosure, coupling.sum(axis=0))


def _perception(enclosure: Enclosure, law: np.ndarray) -> dict[str, Any]:
    """The perception measure, and what the plan reaches of it; of W2 what its transport reaches."""
    ball = enclosure.program.ball
    if ball is None or enclosure.primal is None:
        return {}
    reached = ball.measured(law[list(enclosure.program.maps.ys)], enclosure.primal.transport)
    return {"measure": ball.measure, "perception": reached}
