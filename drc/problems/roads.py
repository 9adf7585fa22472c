"""Which theorem, solver or audit answers a question about a problem.

A problem is at the bottom of the house and theorems are above it, so a problem names its roads and never imports
them: the module is looked up when the question is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any

from drc.errors import NotAvailableError, ProblemError, brief
from drc.problems.validation import choice
from drc.units import unit_named

#: For each road, where the function lives: "module:function".
_ROADS = {
    ("exact", "bernoulli.one-shot.YU.drc"): "drc.theory.bernoulli_drc:bernoulli_drc",
    ("exact", "bernoulli.one-shot.YU.rdc"): "drc.theory.bernoulli_rdc:bernoulli_rdc",
    ("exact", "bernoulli.one-shot.YU.drpc.TV"): "drc.theory.bernoulli_drpc:bernoulli_drpc",
    ("exact", "bernoulli.one-shot.YU.drpc.W2"): "drc.theory.bernoulli_drpc:bernoulli_drpc",
    ("exact", "bernoulli.one-shot.YU.drpc.KL"): "drc.theory.bernoulli_drpc:bernoulli_drpc",
    ("exact", "bernoulli.one-shot.YU.rdpc.TV"): "drc.theory.bernoulli_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.one-shot.YU.rdpc.W2"): "drc.theory.bernoulli_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.one-shot.YU.rdpc.KL"): "drc.theory.bernoulli_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.one-shot.Y.drc"): "drc.theory.bernoulli_y_drc:bernoulli_y_drc",
    ("exact", "bernoulli.one-shot.Y.rdc"): "drc.theory.bernoulli_y_rdc:bernoulli_y_rdc",
    ("exact", "bernoulli.asymptotic.Y.drc"): "drc.theory.bernoulli_y_drc:bernoulli_y_drc",
    ("exact", "bernoulli.asymptotic.Y.rdc"): "drc.theory.bernoulli_y_rdc:bernoulli_y_rdc",
    ("exact", "bernoulli.asymptotic.Y.drpc.TV"): "drc.theory.bernoulli_asymptotic_drpc:bernoulli_drpc",
    ("exact", "bernoulli.asymptotic.Y.drpc.W2"): "drc.theory.bernoulli_asymptotic_drpc:bernoulli_drpc",
    ("exact", "bernoulli.asymptotic.Y.drpc.KL"): "drc.theory.bernoulli_asymptotic_drpc:bernoulli_drpc",
    ("exact", "bernoulli.asymptotic.Y.rdpc.TV"): "drc.theory.bernoulli_asymptotic_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.asymptotic.Y.rdpc.W2"): "drc.theory.bernoulli_asymptotic_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.asymptotic.Y.rdpc.KL"): "drc.theory.bernoulli_asymptotic_rdpc:bernoulli_rdpc",
    ("exact", "bernoulli.one-shot.Y.time-shared.drc"): "drc.theory.bernoulli_time_shared_drc:time_shared_drc",
    ("exact", "bernoulli.one-shot.Y.time-shared.rdc"): "drc.theory.bernoulli_time_shared_rdc:time_shared_rdc",
    ("exact", "gaussian.asymptotic.drc"): "drc.theory.gaussian_drc:gaussian_drc",
    ("exact", "gaussian.asymptotic.rdc"): "drc.theory.gaussian_rdc:gaussian_rdc",
    ("exact", "gaussian.asymptotic.limited.drc"): "drc.theory.gaussian_limited_drc:gaussian_drc",
    ("exact", "gaussian.asymptotic.drpc.W2"): "drc.theory.gaussian_drpc:gaussian_drpc",
    ("exact", "gaussian.asymptotic.drpc.KL"): "drc.theory.gaussian_drpc:gaussian_drpc",
    ("exact", "gaussian.asymptotic.rdpc.W2"): "drc.theory.gaussian_rdpc:gaussian_rdpc",
    ("exact", "gaussian.asymptotic.rdpc.KL"): "drc.theory.gaussian_rdpc:gaussian_rdpc",
    ("exact", "gaussian.vector.drc"): "drc.theory.gaussian_vector_drc:gaussian_vector_drc",
    ("exact", "gaussian.vector.rdc"): "drc.theory.gaussian_vector_rdc:gaussian_vector_rdc",
    ("published", "bernoulli.one-shot.YU.drc"): "drc.published.theorem_2:bernoulli_drc",
    ("published", "gaussian.asymptotic.drc"): "drc.published.theorem_4:gaussian_drc",
    ("published", "gaussian.asymptotic.drpc.W2"): "drc.published.theorem_7:gaussian_drpc",
    ("published", "gaussian.asymptotic.drpc.KL"): "drc.published.theorem_7:gaussian_drpc",
    ("solver", "bernoulli.one-shot.YU"): "drc.solvers:solve_finite",
    ("solver", "bernoulli.one-shot.YU.perception"): "drc.solvers.bernoulli_perception:solve_perception",
    ("solver", "bernoulli.one-shot.Y"): "drc.solvers:solve_bernoulli_y",
    ("solver", "bernoulli.asymptotic.Y"): "drc.solvers:solve_bernoulli_y",
    ("solver", "bernoulli.asymptotic.Y.perception"): "drc.solvers.bernoulli_asymptotic:solve_asymptotic",
    ("solver", "bernoulli.one-shot.Y.time-shared"): "drc.solvers.time_shared:solve_time_shared",
    ("solver", "bernoulli.asymptotic.Y.time-shared"): "drc.solvers.time_shared:solve_time_shared",
    ("solver", "finite.one-shot.YU"): "drc.solvers:solve_finite",
    ("solver", "finite.one-shot.Y"): "drc.solvers.one_shot_y:solve_one_shot_seen",
    ("solver", "finite.one-shot.Y.time-shared"): "drc.solvers.one_shot_y:solve_one_shot_seen",
    ("solver", "finite.asymptotic.Y"): "drc.solvers.asymptotic:solve_asymptotic",
    ("solver", "finite.asymptotic.Y.time-shared"): "drc.solvers.asymptotic:solve_asymptotic",
    ("solver", "gaussian.asymptotic"): "drc.solvers:solve_gaussian",
    ("solver", "gaussian.asymptotic.limited"): "drc.solvers.gaussian_limited:solve_limited",
    ("solver", "gaussian.asymptotic.perception"): "drc.solvers.gaussian_perception:solve_perception",
    ("solver", "gaussian.vector"): "drc.solvers:solve_vector_gaussian",
    ("codes", "bernoulli.one-shot.YU"): "drc.codes.achieved:achieved",
    ("codes", "bernoulli.one-shot.Y"): "drc.codes.achieved:achieved",
    ("codes", "bernoulli.one-shot.Y.time-shared"): "drc.codes.achieved:achieved",
    ("codes", "bernoulli.asymptotic.Y"): "drc.codes.achieved:achieved",
    ("codes", "gaussian.asymptotic"): "drc.codes.achieved:achieved",
    ("curve", "problem"): "drc.solvers:curve",
    ("surface", "problem"): "drc.solvers:surface",
    ("check", "tradeoff"): "drc.audit:check_tradeoff",
}


def road(kind: str, name: str) -> Any:
    """Return the function that answers questions of this kind under this name.

    Raises
    ------
    NotAvailableError
        If there is none yet.
    """
    place = _ROADS.get((kind, name))
    if place is None:
        raise NotAvailableError(f"{kind} {name} is not available yet: {', '.join(names(kind))} are")
    module, function = place.split(":")
    return getattr(import_module(module), function)


def solved(name: str, problem: Any, **question: Any) -> Any:
    """Ask the solver of this name; the words that mean "nothing special" are taken out of the question.

    Parameters
    ----------
    name : str
        Such as "finite.one-shot.YU".
    problem : object
    **question
        What `solve` takes: `method="auto"` leaves the choice to the solver, `slope=None` means no slope, and `start` is
        an answer to the same question with other bounds.

    Returns
    -------
    Solution

    Raises
    ------
    NotAvailableError
        If there is no solver, or it takes no slope.
    """
    solver = road("solver", name)
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
def _parameters(solver: Callable) -> frozenset[str]:
    return frozenset(signature(solver).parameters)


def changed(problem: Any, **parameters: Any) -> Any:
    """Return a problem with other values of some parameters; one whose fields are lists says itself how."""
    return problem.changed(**parameters) if hasattr(problem, "changed") else replace(problem, **parameters)


def names(kind: str) -> list[str]:
    """List the names that have a road of this kind."""
    return [name for its_kind, name in _ROADS if its_kind == kind]


def tradeoff(problem: Any, name: str, form: str, unit: str) -> Any:
    """Return the trade-off called `name` of a problem, in the form and unit wanted."""
    return road(choice("form", form, ("exact", "published")), f"{problem.id}.{name}")(problem, unit_named(unit))
