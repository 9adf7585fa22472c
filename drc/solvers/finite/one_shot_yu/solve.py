"""Finite alphabets, one shot, the classifier sees (Y, U): a linear program over the maps, solved and proved."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import Any

from drc.errors import must
from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import FINER, PRECISION
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.one_shot_yu.columns import generated
from drc.solvers.finite.one_shot_yu.enumeration import enumerated
from drc.solvers.finite.one_shot_yu.maps import Maps
from drc.solvers.finite.one_shot_yu.program import Program
from drc.solvers.finite.one_shot_yu.proof import Enclosure, enclose, finite_certificate, packed
from drc.solvers.finite.pricing.subsets import MOST_LETTERS
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock

#: The methods that may be requested.
METHODS = ("auto", "enumeration", "column generation", "cvxpy", "highs")

#: At most this many seconds are spent on a lower bound from long blocks.
_RELAXATION = 5.0

#: A gap below this is left as it is: the relaxation is rarely so close.
_WORTH_A_TRY = 1e-4

#: About how many seconds it takes to measure a set of letters exactly.
_SECONDS = 1e-4

#: Up to this many maps are enumerated unless another method is requested.
FEW = 4096


def by_maps(question: Question) -> Solution:
    """Solve the linear program over all maps, and prove the answer."""
    problem, bounds = question.problem, question.bounds
    if problem.perception == "KL" and bounds.get("P") == 0:
        target = question.at_the_reference()
        return target.as_asked(by_maps(target))
    # A divergence from a law without some letter is infinite where that letter is used.
    support = problem.reference if "P" in bounds and problem.perception == "KL" else None
    method = choice("method", question.method or "auto", METHODS)
    for bits in (PRECISION, *FINER):
        # Closer to the border of the feasible set than the working precision: look closer.
        program = Program(Maps(problem, question.unit, bits, support), question.minimise, bounds)
        pool = [] if question.start is None else _maps_of(question.start, program.maps)
        found = solve_program(program, question.tolerance, question.clock, method, pool)
        if found.status != "undecided" or program.maps.count > FEW or question.clock.over:
            break
    return found


def _maps_of(start: Solution, maps: Maps) -> list[int]:
    """The maps of a plan that the problem knows, too."""
    known = []
    for _, full_map in start.plan or ():
        if len(full_map) == maps.problem.n_X:
            with contextlib.suppress(ValueError):
                known.append(maps.index_of(full_map))
    return known


def solve_program(program: Program, tolerance: float, clock: Clock, method: str, pool: list[int]) -> Solution:
    """Solve a linear program over maps that is set up already; the maps of a pool are tried first."""
    # Some of the time is kept for the relaxation.
    part = clock.part(clock.left - min(_RELAXATION, clock.left / 8))
    method = _chosen(program, method, part)
    if method == "column generation":
        answers, how = generated(program, pool, part, tolerance)
    elif method == "cvxpy":
        from drc.solvers.finite.one_shot_yu.convex import modelled

        answers, how = modelled(program, part)
    else:
        answers, how = enumerated(program, pool, part)
    enclosure = enclose(program, answers, tolerance, stopped=part.stopped)
    if method == "column generation" and not clock.over:
        enclosure = relaxed(enclosure, clock)
        how += "; long blocks prove more" if enclosure.relaxation else ""
    return packed(enclosure, finite_certificate(enclosure), how)


def _chosen(program: Program, method: str, clock: Clock) -> str:
    """Few maps are enumerated; of many, and under a perception bound, columns are generated."""
    if method not in ("auto", "highs"):
        if program.ball is not None and method != "column generation":
            raise must("method", "be 'column generation' under a perception bound", method)
        return method
    if program.ball is not None:
        return "column generation"
    # Each set of letters takes a while to measure, and so it does for whoever checks the proof.
    letters = len(program.maps.xs)
    quick = letters <= MOST_LETTERS and 2**letters * _SECONDS < clock.left
    return "enumeration" if program.maps.count <= FEW and quick else "column generation"


def relaxed(enclosure: Enclosure, clock: Clock) -> Enclosure:
    """Improve the lower bound of an enclosure by that of the asymptotic problem, if its gap is wide open.

    For every plan `I(X;Y) <= I(X;Y|U) <= H(Y|U)`, because `U` is independent of `X`; the output law and the distortion are
    those of the mean coupling. So the asymptotic problem without `C` has no larger optimum ([nguyen2026], section 3).

    Returns
    -------
    Enclosure
        With the proof under `relaxation`, if that is the better one.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from drc.problems import Finite
    >>> from drc.solvers.finite.one_shot_yu.maps import Maps
    >>> from drc.solvers.finite.one_shot_yu.program import Program
    >>> from drc.solvers.finite.one_shot_yu.proof import enclose
    >>> program = Program(Maps(Finite([[0.5, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": Fraction(1, 2)})
    >>> round(relaxed(enclose(program, [], 1e-9), Clock()).lower, 6)
    0.110028
    """
    gap = 0.0 if enclosure.status == "infeasible" else enclosure.upper - enclosure.lower
    if gap <= _WORTH_A_TRY * max(1.0, enclosure.lower):
        return enclosure
    program = enclosure.program
    problem: Any = replace(program.maps.problem, setting="asymptotic", classifier_sees="Y")
    bounds = {name: bound for name, bound in program.bounds.items() if name != "C"}
    found = problem.solve(minimise=program.minimise, unit=program.maps.unit, time_limit=clock, **bounds)
    if not found.lower > enclosure.lower:
        return enclosure
    proof = {"kind": "relaxation", "of": "asymptotic", "dual": found.certificate.dual}
    if found.lower == math.inf:
        return Enclosure(program, "infeasible", math.inf, math.inf, math.inf, None, None, proof)
    value = max(enclosure.value, found.lower)
    return replace(enclosure, lower=found.lower, value=value, relaxation=proof)
