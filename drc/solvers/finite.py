"""Finite alphabets, one shot, the classifier sees (Y, U): a linear program over the maps, solved and proved."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from drc.errors import NotAvailableError
from drc.problems.finite import Finite
from drc.problems.validation import choice
from drc.solvers import door
from drc.solvers.balls import FINER, PRECISION
from drc.solvers.one_shot.maps import Maps
from drc.solvers.one_shot.program import Program
from drc.solvers.one_shot.solve import FEW, METHODS, solve_program
from drc.solvers.request import Clock, clock_for
from drc.solvers.solution import Solution
from drc.units import unit_named


@door.through_the_door
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
    start: Solution | None = None,
) -> Solution:
    """Solve the linear program over all maps, and prove the answer.

    Parameters
    ----------
    problem : Finite
        One shot, the classifier sees (Y, U).
    minimise : {"D", "R"}
    R, C, D, P : number, optional
        Bounds on `H(Y|U)`, `H(S|Y,U)`, the distortion and the perception measure of the problem; one left out, or
        infinite, is inactive.
    tolerance : float
        The gap that counts as optimal: absolute, or relative to an optimum above one.
    time_limit : float, optional
        Seconds; when they are over, or at Ctrl-C, the best enclosure so far is returned.
    method : {"auto", "enumeration", "column generation", "cvxpy"}, optional
        How the answer is found. "enumeration" lists all maps, "column generation" only those that would improve the
        program; "auto", the default, takes the one for few maps and the other for many. "cvxpy" is an independent model
        of the program over all maps. "highs" is another word for "auto".
    unit : {"bits", "nats"}
        The unit of `R` and `C`.
    start : Solution, optional
        An answer with other bounds: the maps of its plan are tried first.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, a bound on what is minimised, or more maps than the method that is requested can take.

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
    options = {"tolerance": tolerance, "method": method, "unit": unit, "start": start}
    bounds = {"R": R, "C": C, "D": D, "P": P}
    return by_maps(problem, minimise, bounds, clock=clock_for(time_limit), **options)


def by_maps(
    problem: Finite,
    minimise: str,
    bounds: dict[str, Any],
    *,
    tolerance: float,
    clock: Clock,
    method: str | None = None,
    unit: str = "bits",
    start: Solution | None = None,
) -> Solution:
    """Solve the linear program over all maps for a question that has been read.

    Parameters
    ----------
    problem : Finite
    minimise : {"D", "R"}
    bounds : dict from "R", "C", "D", "P" to exact number or None
    tolerance, clock, method, unit, start
        As in `solve_finite`.
    """
    bounds = {name: bound for name, bound in bounds.items() if bound is not None}
    if problem.perception == "KL" and bounds.get("P") == 0:
        fixed = replace(problem, perception=None, reference=None, p_Y=problem.reference)
        asked = {name: bound for name, bound in bounds.items() if name != "P"}
        options = {"tolerance": tolerance, "clock": clock, "method": method, "unit": unit, "start": start}
        return _at_the_reference(by_maps(fixed, minimise, asked, **options), problem, bounds)
    # A divergence from a law without some letter is infinite where that letter is used.
    support = problem.reference if "P" in bounds and problem.perception == "KL" else None
    method = choice("method", method or "auto", METHODS)
    for bits in (PRECISION, *FINER):
        # Closer to the border of the feasible set than the working precision: look closer.
        program = Program(Maps(problem, unit_named(unit).name, bits, support), minimise, bounds)
        pool = [] if start is None else _maps_of(start, program.maps)
        found = solve_program(program, tolerance=tolerance, clock=clock, method=method, pool=pool)
        if found.status != "undecided" or program.maps.count > FEW or clock.over:
            break
    return found


def _at_the_reference(found: Solution, problem: Finite, bounds: dict[str, Any]) -> Solution:
    """Say of a target law that it is the reference: a divergence of zero has no multiplier."""
    given = found.certificate
    dual = {"kind": "reference", "dual": given.dual} if found.lower > 0 else given.dual
    certificate = replace(given, problem=problem, bounds=tuple(bounds.items()), dual=dual)
    method, reached = f"the output law is the reference; {found.method}", 0.0 if found.plan else found.perception
    return replace(found, certificate=certificate, method=method, perception=reached)


def _maps_of(start: Solution, maps: Maps) -> list[int]:
    """The maps of a plan that the problem knows, too."""
    known = []
    for _, full_map in start.plan or ():
        if len(full_map) == maps.problem.n_X:
            with contextlib.suppress(ValueError):
                known.append(maps.index_of(full_map))
    return known


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
        raise NotAvailableError(f"P must be left out here, got {P}: a perception bound is not available yet")
    return door.active_bounds(minimise, R=R, C=C, D=D)
