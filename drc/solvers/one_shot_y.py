"""Finite alphabets, one shot, the classifier sees Y: one search over mixes of maps, or over time-shared codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.classified.one_shot import solve_one_shot_y
from drc.solvers.classified.sharing import solve_time_shared
from drc.solvers.door import through_the_door
from drc.solvers.finite import by_maps
from drc.solvers.request import clock_for
from drc.solvers.solution import Solution
from drc.solvers.stuck import letter_that_is_stuck, nothing_feasible


@through_the_door
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
    if problem.time_sharing and problem.p_Y is None and problem.perception is None and slope is None:
        limits = {name: options[name] for name in ("tolerance", "unit", "method") if name in options}
        bounds = {name: options.get(name) for name in ("R", "C", "D")}
        clock = clock_for(options.get("time_limit"))
        found = by_maps(told(problem), options["minimise"], bounds, clock=clock, start=start, **limits)
        return _shared(problem, found)
    if problem.time_sharing:
        return solve_time_shared(problem, slope=slope, **options)
    return solve_one_shot_y(problem, slope=slope, **options)


def told(problem: Finite) -> Finite:
    """Return the problem in which the classifier sees U as well; with time sharing and a free law it has the same optimum.

    Whatever the time-shared codes, the block index may say U too: the classifier knows more then, rate and distortion stay,
    and there is no law to be missed. And where the classifier sees U, U is a block index.

    Parameters
    ----------
    problem : Finite
        Time-shared, one shot, with neither a target law nor a perception bound.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], classifier_sees="Y", time_sharing=True)
    >>> told(f).classifier_sees, f.solve(R=0.4, C=0.8).sees
    ('YU', 'Y,Q')
    """
    return replace(problem, classifier_sees="YU", time_sharing=False)


def _shared(problem: Finite, solution: Solution) -> Solution:
    """Return the answer to `told(problem)` with U as the block index: each map is a code of its own."""
    if solution.plan is None:
        return replace(solution, sees="Y,Q")
    letters, p_X = np.eye(problem.n_Y), problem.source_law[:, None]
    mixture = tuple((weight, p_X * letters[list(f)]) for weight, f in solution.plan)
    plans = tuple(((1.0, f),) for _, f in solution.plan)
    return replace(solution, plan=None, mixture=mixture, plans=plans, sees="Y,Q")
