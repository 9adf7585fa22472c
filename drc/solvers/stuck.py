"""Source letters that may go nowhere: no plan is feasible, and no solver need be asked."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from drc.problems.arrays import exact_number
from drc.problems.finite import Finite
from drc.problems.validation import bounds_given
from drc.solvers.certificates import FiniteCertificate
from drc.solvers.solution import Solution
from drc.units import unit_named


def letter_that_is_stuck(problem: Finite, P: Any) -> int | None:
    """Return a source letter of positive mass that may go nowhere, if there is one.

    Parameters
    ----------
    problem : Finite
    P : number or None
        The bound on its perception measure.

    Examples
    --------
    >>> forbidden = Finite([[0.5, 0.5]], [[0, 1], ["inf", "inf"]])
    >>> letter_that_is_stuck(forbidden, None)
    1
    """
    allowed = np.isfinite(problem.distortions)
    # A letter that the target law, or the reference of a bounded divergence, does without has no mass.
    law = problem.p_Y
    if problem.perception == "KL" and bounds_given({"P": P})["P"] < math.inf:
        law = problem.reference
    if law is not None:
        allowed = allowed & np.array([p != 0 for p in law])
    mass = [any(p != 0 for p in column) for column in zip(*problem.p_SX, strict=True)]
    stuck = np.flatnonzero(np.array(mass) & ~allowed.any(axis=1))
    return int(stuck[0]) if stuck.size else None


def nothing_feasible(problem: Finite, stuck: int, given: dict[str, Any]) -> Solution:
    """Say that nothing is feasible, and prove it.

    Parameters
    ----------
    problem : Finite
    stuck : int
        A source letter that may go nowhere.
    given : dict
        The question: bounds, `minimise` and `unit`.

    Notes
    -----
    A positive potential of the letter, and none of all others, contradict any channel; what no channel can do, no map can.
    """
    minimise, unit = given.get("minimise", "D"), unit_named(given.get("unit", "bits")).name
    bounds = {
        name: bound for name, bound in bounds_given({n: given.get(n) for n in "RCDP"}).items() if bound != math.inf
    }
    leaf: dict[str, Any] = {"objective": 0, "multipliers": {}}
    leaf |= {"u": [int(x == stuck) for x in range(problem.n_X)], "v": [0] * problem.n_Y}
    dual: dict[str, Any] = {"kind": "channels", "objective": 0, "shared": None, "tree": leaf}
    if problem.setting != "asymptotic":
        dual = {"kind": "relaxation", "of": "asymptotic", "dual": dual}
    certificate = FiniteCertificate(
        problem=problem,
        minimise=minimise,
        unit=unit,
        bounds=tuple((name, exact_number(name, given[name])) for name in bounds),
        lower=math.inf,
        upper=math.inf,
        dual=dual,
    )
    return Solution(
        value=math.inf,
        lower=math.inf,
        upper=math.inf,
        status="infeasible",
        minimise=minimise,
        unit=unit,
        bounds=bounds,
        certificate=certificate,
        method=f"none: the letter {problem.letters_X[stuck]} may go nowhere",
        sees="Y",
        measure=problem.perception or "",
    )
