"""Finite alphabets, one shot, the classifier sees Y: one search over mixes of maps, or over codes that share the time."""

from __future__ import annotations

from typing import Any

from drc.problems.finite import Finite
from drc.solvers.solution import Solution
from drc.solvers.stuck import letter_that_is_stuck, nothing_feasible


def solve_one_shot_seen(
    problem: Finite, *, slope: Any = None, start: Solution | None = None, **options: Any
) -> Solution:
    """Solve for the least distortion or rate over all mixes of maps.

    Parameters
    ----------
    problem : Finite
        One shot, the classifier sees Y.
    slope, start, **options
        As in `Finite.solve`; the search has no use for a start.

    Returns
    -------
    Solution

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7], classifier_sees="Y")
    >>> solve_one_shot_seen(f, R=0.4, C=0.9).status
    'optimal'
    """
    stuck = letter_that_is_stuck(problem, options.get("P"))
    if stuck is not None:
        return nothing_feasible(problem, stuck, options)
    if problem.time_sharing:
        from drc.solvers.classified.sharing import solve_time_shared

        return solve_time_shared(problem, slope=slope, **options)
    from drc.solvers.classified.one_shot import solve_one_shot_y

    return solve_one_shot_y(problem, slope=slope, **options)
