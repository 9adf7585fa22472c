"""Finite alphabets, long blocks, the classifier sees Y: convex without it, and not with it."""

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


def solve_asymptotic(
    problem: Finite, *, C: Any = None, slope: Any = None, start: Solution | None = None, **options: Any
) -> Solution:
    """Solve for the least distortion or rate over all channels.

    Parameters
    ----------
    problem : Finite
        Asymptotic, the classifier sees Y.
    C : number, optional
        The bound on `H(S|Y)`. Without it the program is convex; with it a search over boxes is needed.
    slope, start, **options
        As in `Finite.solve`; the search over boxes has no use for a start.

    Returns
    -------
    Solution

    Examples
    --------
    >>> solve_asymptotic(Finite([[0.5, 0.5]], setting="asymptotic"), R=1.0).status
    'optimal'
    """
    stuck = _letter_that_is_stuck(problem)
    if stuck is not None:
        return _infeasible(problem, stuck, {"C": C, **options})
    if bounds_given({"C": C})["C"] == math.inf:
        from drc.solvers.entropic.solve import solve_entropic

        # Without a classifier everything is convex, and time sharing gains nothing.
        return solve_entropic(problem, slope=slope, start=start, **options)
    if problem.time_sharing:
        from drc.solvers.classified.sharing import solve_time_shared

        return solve_time_shared(problem, C=C, slope=slope, **options)
    from drc.solvers.classified.asymptotic import solve_classified

    return solve_classified(problem, C=C, slope=slope, **options)


def _letter_that_is_stuck(problem: Finite) -> int | None:
    """A source letter of positive mass that may go nowhere, if there is one: nothing is feasible then."""
    allowed = np.isfinite(problem.distortions)
    if problem.p_Y is not None:
        allowed = allowed & np.array([p != 0 for p in problem.p_Y])
    mass = [any(p != 0 for p in column) for column in zip(*problem.p_SX, strict=True)]
    stuck = np.flatnonzero(np.array(mass) & ~allowed.any(axis=1))
    return int(stuck[0]) if stuck.size else None


def _infeasible(problem: Finite, stuck: int, given: dict[str, Any]) -> Solution:
    """Say so: a positive potential of the letter, and none of all others, contradict any plan."""
    minimise, unit = given.get("minimise", "D"), unit_named(given.get("unit", "bits")).name
    bounds = {
        name: bound for name, bound in bounds_given({n: given.get(n) for n in "RCDP"}).items() if bound != math.inf
    }
    potentials = [int(x == stuck) for x in range(problem.n_X)]
    leaf = {"objective": 0, "multipliers": {}, "u": potentials, "v": [0] * problem.n_Y}
    certificate = FiniteCertificate(
        problem=problem,
        minimise=minimise,
        unit=unit,
        bounds=tuple((name, exact_number(name, given[name])) for name in bounds),
        lower=math.inf,
        upper=math.inf,
        dual={"kind": "channels", "shared": None, "tree": leaf},
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
