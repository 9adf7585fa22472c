"""Which solver answers a question about a problem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import signature

from drc.errors import NotAvailableError, ProblemError, brief, must
from drc.problems import Finite, Problem
from drc.problems.bounds import names_of
from drc.solvers.finite.solve import solve_finite
from drc.solvers.outcome import Solution
from drc.solvers.scalar import bernoulli_asymptotic, gaussian_perception
from drc.solvers.scalar.bernoulli_y import solve_bernoulli_y
from drc.solvers.scalar.gaussian import solve_gaussian
from drc.solvers.scalar.gaussian_process import solve_process
from drc.solvers.scalar.laplace import solve_laplace
from drc.solvers.scalar.limited import solve_limited
from drc.solvers.scalar.time_shared import solve_time_shared
from drc.solvers.scalar.vector import solve_vector_gaussian

Solver = Callable[..., Solution]

#: What a solver may be asked.
_QUESTION = ("R", "C", "D", "P", "minimise", "tolerance", "time_limit", "method", "unit", "slope", "start")

#: By the id of the problem; ".perception" is for those whose output law is free within a bound of a reference.
_SOLVERS: Mapping[str, Solver] = {
    "bernoulli.one-shot.YU": solve_finite,
    "bernoulli.one-shot.Y": solve_bernoulli_y,
    "bernoulli.asymptotic.Y": solve_bernoulli_y,
    "bernoulli.asymptotic.Y.perception": bernoulli_asymptotic.solve_asymptotic,
    "bernoulli.one-shot.Y.time-shared": solve_time_shared,
    "bernoulli.asymptotic.Y.time-shared": solve_time_shared,
    "finite.one-shot.YU": solve_finite,
    "finite.one-shot.Y": solve_finite,
    "finite.one-shot.Y.time-shared": solve_finite,
    "finite.asymptotic.Y": solve_finite,
    "finite.asymptotic.Z": solve_finite,
    "finite.asymptotic.Y.time-shared": solve_finite,
    "gaussian.asymptotic": solve_gaussian,
    "gaussian.asymptotic.limited": solve_limited,
    "gaussian.asymptotic.remote": solve_gaussian,
    "gaussian.asymptotic.limited.remote": solve_limited,
    "gaussian.asymptotic.remote.perception": gaussian_perception.solve_perception,
    "gaussian.asymptotic.perception": gaussian_perception.solve_perception,
    "gaussian.process": solve_process,
    "gaussian.vector": solve_vector_gaussian,
    "laplace": solve_laplace,
}


def solve(name: str, problem: Problem, **question: object) -> Solution:
    """Ask the solver of this name; the words that mean "nothing special" are taken out of the question.

    `method="auto"` leaves the choice to the solver, `slope=None` means no slope, and `start` is an answer to the same
    question with other bounds.

    Raises `ProblemError` for an argument that no solver has, and `NotAvailableError` for a problem without a solver, or a
    slope or a perception constraint that its solver cannot handle.
    """
    if given := [word for word in ("perception", "reference") if word in question]:
        raise NotAvailableError(f"{given[0]} must be left out for {name}: a perception bound is not available yet")
    several = sum(names_of(problem), ()) if isinstance(problem, Finite) else ()
    if unknown := [word for word in question if word not in (*_QUESTION, *several)]:
        raise must("the arguments of solve", f"be among {', '.join(_QUESTION)}", got=unknown[0])
    if name not in _SOLVERS:
        raise NotAvailableError(f"solver {name} is not available yet: {', '.join(_SOLVERS)} are")
    solver = _SOLVERS[name]
    if isinstance(question.get("method"), str) and not question["method"]:
        raise ProblemError("method must be 'auto' or the name of a method, got ''")
    if isinstance(question.get("method"), str) and question["method"] == "auto":
        del question["method"]
    known = _parameters(solver)
    if question.get("slope") is not None and "slope" not in known:
        slope = question["slope"]
        raise NotAvailableError(
            f"slope must be left out for {name}, which has no solver for it, got {brief(slope)}; bound R or D instead"
        )
    for name in ("slope", "start"):
        # A start only helps: a solver that cannot use one goes without.
        if name not in known or question.get(name) is None:
            question.pop(name, None)
    return solver(problem, **question)


@cache
def _parameters(solver: Solver) -> frozenset[str]:
    return frozenset(signature(solver).parameters)
