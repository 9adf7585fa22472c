"""Finite alphabets, long blocks, the classifier sees Y: convex without it, and not with it."""

from __future__ import annotations

from typing import Any

from drc.problems.finite import Finite
from drc.solvers.classified.asymptotic import solve_classified
from drc.solvers.classified.sharing import solve_time_shared
from drc.solvers.door import through_the_door
from drc.solvers.entropic.solve import solve_entropic
from drc.solvers.solution import Solution
from drc.solvers.stuck import letter_that_is_stuck, nothing_feasible


@through_the_door
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
    stuck = letter_that_is_stuck(problem, options.get("P"))
    if stuck is not None:
        return nothing_feasible(problem, stuck, {"C": C, **options})
    if C is None:
        # Without a classifier everything is convex, and time sharing gains nothing.
        return solve_entropic(problem, slope=slope, start=start, **options)
    if problem.time_sharing:
        return solve_time_shared(problem, C=C, slope=slope, **options)
    return solve_classified(problem, C=C, slope=slope, **options)
