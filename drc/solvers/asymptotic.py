"""Finite alphabets, long blocks, the classifier sees Y: convex without it, and not with it."""

from __future__ import annotations

import math
from typing import Any

from drc.problems.finite import Finite
from drc.problems.validation import bounds_given
from drc.solvers.solution import Solution


def solve_asymptotic(problem: Finite, *, C: Any = None, **options: Any) -> Solution:
    """Solve for the least distortion or rate over all channels.

    Parameters
    ----------
    problem : Finite
        Asymptotic, the classifier sees Y.
    C : number, optional
        The bound on `H(S|Y)`. Without it the program is convex; with it a search over boxes is needed.
    **options
        As in `Finite.solve`.

    Returns
    -------
    Solution

    Examples
    --------
    >>> solve_asymptotic(Finite([[0.5, 0.5]], setting="asymptotic"), R=1.0).status
    'optimal'
    """
    if bounds_given({"C": C})["C"] == math.inf:
        from drc.solvers.entropic.solve import solve_entropic

        # Without a classifier everything is convex, and time sharing gains nothing.
        return solve_entropic(problem, **options)
    if problem.time_sharing:
        from drc.solvers.classified.sharing import solve_time_shared

        return solve_time_shared(problem, C=C, **options)
    from drc.solvers.classified.asymptotic import solve_classified

    return solve_classified(problem, C=C, **options)
