"""Finite alphabets, one shot, the classifier sees (Y, U): a linear program over the maps, solved and proved."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np
from flint import fmpq

from drc.errors import NotAvailableError, ProblemError
from drc.problems.finite import Finite, exact_number
from drc.problems.validation import bounds_given, choice
from drc.solvers.balls import FINER, float_above, float_below, to_fraction
from drc.solvers.one_shot.certificate import Certificate
from drc.solvers.one_shot.maps import Maps
from drc.solvers.one_shot.program import Program, dual_bound, primal_bound, reduced_costs
from drc.solvers.one_shot.vertex import Answer, solve_exactly
from drc.solvers.solution import Solution
from drc.units import unit_named

#: How often maps may join the exact program before it is left as it is.
_ROUNDS = 40


def solve_finite(
    problem: Finite,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    tolerance: float = 1e-9,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Solve the linear program over all maps, and prove the answer.

    Parameters
    ----------
    problem : Finite
        One shot, the classifier sees (Y, U).
    minimise : {"D", "R"}
    R, C, D : number, optional
        Bounds on `H(Y|U)`, `H(S|Y,U)` and the distortion; one left out, or infinite, is inactive.
    P : None
    tolerance : float
        The gap that counts as optimal.
    time_limit : float, optional
        Seconds.
    method : {"highs", "cvxpy"}, optional
        Which solver proposes the answer. The default is "highs"; "cvxpy" is an independent model of the same program.
    unit : {"bits", "nats"}
        The unit of `R` and `C`.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, a bound on what is minimised, or more maps than can be enumerated.
    NotAvailableError
        For a perception bound.

    Notes
    -----
    Source: [nguyen2026], section 3. The lower bound is that of the multipliers, the upper one the cost of weights that
    are proved feasible, both in exact or ball arithmetic: neither depends on what a solver says of itself.

    Examples
    --------
    >>> s = solve_finite(Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7]), R=0.4)
    >>> s.status, round(s.value, 9), s.gap < 1e-12
    ('optimal', 0.229370549, True)
    """
    bounds = active_bounds(minimise, R=R, C=C, D=D, P=P)
    choice("method", method or "highs", ("highs", "cvxpy"))
    program = Program(Maps(problem, unit_named(unit).name), minimise, bounds)
    options = {"tolerance": tolerance, "time_limit": time_limit, "method": method or "highs"}
    found = solve_program(program, **options)
    for bits in FINER:
        if found.status != "undecided":
            break
        # Closer to the border of the feasible set than the working precision: look closer.
        program = Program(Maps(problem, program.maps.unit, bits), minimise, bounds)
        found = solve_program(program, **options)
    return found


def active_bounds(minimise: str, *, R: Any = None, C: Any = None, D: Any = None, P: Any = None) -> dict:
    """Return the bounds that are active, exactly.

    Parameters
    ----------
    minimise : {"D", "R"}
    R, C, D, P : number, optional

    Raises
    ------
    ProblemError
        For a bound on what is minimised, NaN, or a negative rate or distortion.
    NotAvailableError
        For a perception bound.

    Examples
    --------
    >>> active_bounds("D", R=0.4, C=float("inf"))
    {'R': Fraction(2, 5)}
    """
    choice("minimise", minimise, ("D", "R"))
    if P is not None:
        raise NotAvailableError(f"P = {P}: a perception bound is not available yet; leave P out")
    given = {"R": R, "C": C, "D": D}
    checked = bounds_given(given)
    if given[minimise] is not None:
        raise ProblemError(
            f"{minimise} = {given[minimise]} bounds what is minimised: allowed is no bound on {minimise}, or"
            f" minimise={'R' if minimise == 'D' else 'D'!r}"
        )
    return {name: exact_number(name, given[name]) for name, bound in checked.items() if bound != math.inf}


def solve_program(
    program: Program,
    *,
    tolerance: float,
    time_limit: float | None,
    method: str,
    pool: list[int] | None = None,
) -> Solution:
    """Solve a linear program over maps that is set up already.

    Parameters
    ----------
    program : Program
    tolerance, time_limit, method
        As in `solve_finite`.
    pool : list of int, optional
        Maps to start from; those found useful are added to it, for the next problem of a series.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a tolerance or a time limit that is not positive.
    """
    limits = {"tolerance": tolerance, "time_limit": math.inf if time_limit is None else time_limit}
    for name, value in limits.items():
        if not value > 0:
            raise ProblemError(f"{name} = {value} is no limit: allowed is {name} > 0")
    deadline = time.monotonic() + limits["time_limit"]
    pool = [] if pool is None else pool
    if method == "cvxpy":
        from drc.solvers.one_shot.convex import propose

        proposal = propose(program, deadline)
    else:
        from drc.solvers.one_shot.enumeration import propose

        proposal = propose(program, pool, deadline)
    answers = [*getattr(proposal, "answers", ())]
    answers.append(_finish(program, proposal.indices, proposal.support, deadline, closed=method == "cvxpy"))
    pool.extend(f for f in answers[-1].weights or {} if f not in set(pool))
    return proved(program, answers, tolerance, proposal.method, late=time.monotonic() > deadline)


def _finish(program: Program, indices: list[int], support: list[int], deadline: float, *, closed: bool) -> Answer:
    """Solve exactly over the maps proposed, and price all others until none would improve the answer.

    With `closed`, no other map joins: the answer is then that of the solver that proposed.
    """
    indices = list(indices)
    for _ in range(_ROUNDS):
        answer = _certain(program, indices, support)
        if closed or len(indices) == program.maps.count or time.monotonic() > deadline:
            break
        objective = None if answer.weights is None else program.minimise
        values, errors = reduced_costs(program, objective, answer.duals, answer.target_duals)
        known = [program.maps.constant(y) for y in range(len(program.maps.ys))] + indices
        better = np.flatnonzero(values < values[known].min() - 2 * errors)
        if len(better) == 0:
            break
        indices.extend(better[np.argsort(values[better])][:8].tolist())
        support = list(answer.weights or support)
    return answer


def _certain(program: Program, indices: list[int], support: list[int]) -> Answer:
    """Solve exactly; where the target law is irrational, leave room to repair it."""
    answer = solve_exactly(program, indices, support)
    target = program.maps.target or ()
    if all(isinstance(p, fmpq) for p in target) or answer.weights is None:
        return answer
    if primal_bound(program, answer.weights) is not None:
        return answer
    # A little of every constant map, in the proportions of the target law, can absorb what the weights miss.
    inner = solve_exactly(program, indices, support, fmpq(1, 2 ** (program.maps.bits // 2)))
    if inner.weights is None:
        return answer
    share = fmpq(1, 2 ** (program.maps.bits // 2 + 16))
    weights = {f: (1 - share) * w for f, w in inner.weights.items()}
    for y, mass in enumerate(target):
        constant = program.maps.constant(y)
        weights[constant] = weights.get(constant, fmpq(0)) + share * (
            mass if isinstance(mass, fmpq) else mass.mid().fmpq()
        )
    return Answer(weights, answer.duals, answer.target_duals)


def proved(
    program: Program,
    answers: list[Answer],
    tolerance: float,
    method: str,
    *,
    late: bool,
    relaxed: Program | None = None,
) -> Solution:
    """Prove what the answers prove, and pack it.

    Parameters
    ----------
    program : Program
        Weights are proved feasible for it.
    answers : list of Answer
    tolerance : float
    method : str
    late : bool
        Whether time is up.
    relaxed : Program, optional
        A program with no less room, for the lower bound; left out, the same.

    Returns
    -------
    Solution
    """
    relaxed = relaxed or program
    for answer in answers:
        if answer.weights is None:
            bound = dual_bound(relaxed, None, answer.duals, answer.target_duals)
            if bound is not None and bound > 0:
                certificate = _certificate(program, None, answer, math.inf, math.inf)
                return _packed(program, "infeasible", certificate, math.inf, method)
    lowers = [(_lower(relaxed, answer), answer) for answer in answers if answer.weights is not None or len(answers) > 1]
    lower, dual = max(lowers, key=lambda pair: pair[0], default=(0.0, None))
    costs = [(primal_bound(program, answer.weights), answer) for answer in answers if answer.weights is not None]
    costs = [(cost, answer) for cost, answer in costs if cost is not None]
    cost, primal = min(costs, key=lambda pair: float(pair[0]), default=(None, None))
    upper = math.inf if cost is None else float_above(cost)
    value = lower if cost is None else min(max(float(cost), lower), upper)
    certificate = _certificate(program, primal, dual, lower, upper)
    gap = upper - lower
    if gap <= tolerance:
        status = "optimal"
    elif late:
        status = "time limit"
    else:
        status = "bounded" if math.isfinite(gap) else "undecided"
    return _packed(program, status, certificate, value, method)


def _lower(program: Program, answer: Answer) -> float:
    bound = dual_bound(program, program.minimise, answer.duals, answer.target_duals)
    return 0.0 if bound is None else max(0.0, float_below(bound))


def _certificate(
    program: Program, primal: Answer | None, dual: Answer | None, lower: float, upper: float
) -> Certificate:
    maps = program.maps
    weights: dict = {} if primal is None else primal.weights or {}
    multipliers = {} if dual is None else dual.duals
    return Certificate(
        problem=maps.problem,
        minimise=program.minimise,
        unit=maps.unit,
        bounds=tuple(program.bounds.items()),
        weights=tuple((maps.full_map(f), to_fraction(w)) for f, w in weights.items() if w),
        duals=tuple((name, to_fraction(v)) for name, v in multipliers.items()),
        target_duals=() if dual is None else tuple(to_fraction(v) for v in dual.target_duals),
        lower=lower,
        upper=upper,
        bits=maps.bits,
    )


def _packed(program: Program, status: str, certificate: Certificate, value: float, method: str) -> Solution:
    maps, problem = program.maps, program.maps.problem
    duals: dict[str, Any] = {name: float(v) for name, v in certificate.duals}
    if certificate.target_duals:
        by_letter = dict(zip(maps.ys, certificate.target_duals, strict=True))
        duals["p_Y"] = tuple(float(by_letter.get(y, 0)) for y in range(problem.n_Y))
    reached: dict[str, Any] = {}
    if certificate.weights:
        plan = sorted(((float(w), f) for f, w in certificate.weights), reverse=True)
        coupling = np.zeros((problem.n_X, problem.n_Y))
        for weight, f in plan:
            coupling[np.arange(problem.n_X), f] += weight * problem.source_law
        coupling.setflags(write=False)
        columns = [(float(w), program.column(maps.index_of(f))) for f, w in certificate.weights]
        names = {"distortion": "D", "rate": "R", "classification": "C"}
        reached = {word: sum(w * float(c.quantity(name)) for w, c in columns) for word, name in names.items()}
        reached |= {"plan": tuple(plan), "coupling": coupling}
    return Solution(
        value=value,
        lower=certificate.lower,
        upper=certificate.upper,
        status=status,
        minimise=program.minimise,
        unit=maps.unit,
        bounds={name: float(bound) for name, bound in program.bounds.items()},
        duals=duals,
        certificate=certificate,
        method=method,
        **reached,
    )
