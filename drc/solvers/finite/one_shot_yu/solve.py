"""Finite alphabets, one shot, the classifier sees (Y, U): a linear program over the maps, solved and proved.

Few maps are enumerated. HiGHS proposes which of them carry the optimum ([huangfu2018]). Of many maps most are never needed:
a master program over a few maps is solved, its multipliers price all maps at once (they are enumerated, so that none is
missed), and those that would improve it join ([dantzig1960]). Where there are too many for that, see `columns`.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import Any

import numpy as np

from drc.errors import NotAvailableError, must
from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import FINER, PRECISION
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.certificates import of_easier
from drc.solvers.finite.one_shot_yu.columns import generated, searched
from drc.solvers.finite.one_shot_yu.maps import MOST_MAPS, Maps
from drc.solvers.finite.one_shot_yu.program import BALLS, Program, reduced_costs
from drc.solvers.finite.one_shot_yu.proof import Enclosure, enclose, packed
from drc.solvers.finite.one_shot_yu.sets import priced_by_sets
from drc.solvers.finite.one_shot_yu.vertex import Answer, solve_certainly
from drc.solvers.finite.pricing import is_quick
from drc.solvers.finite.pricing.subsets import MOST_LETTERS, MOST_LETTERS_TWO
from drc.solvers.highs import Master, Optimum
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock

#: The methods that may be requested.
METHODS = ("auto", "enumeration", "column generation", "cvxpy", "highs")

#: At most this many seconds are spent on a lower bound from long blocks.
_RELAXATION = 5.0

#: Which part of the time is kept for it where a label has a price, and maps are too many for a quick proof.
_SHARE = 0.6

#: Which part of the time is for the plan where sets of letters are priced.
_PLANNING = 0.3

#: Up to this many pairs of letters sets are priced: of more, long blocks prove as much in a minute.
_MOST_PAIRS = 1500

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
    # Some of the time is kept for the relaxation: more where a label has a price, and maps are too many for a proof.
    many = "C" in program.bounds and len(program.maps.xs) > MOST_LETTERS
    kept = _SHARE * clock.left if many else min(_RELAXATION, clock.left / 8)
    part = clock.part(clock.left - kept, (1 - _SHARE) * clock.looks)
    method = _chosen(program, method, part)
    if method == "column generation" and _by_sets(program):
        return packed(*_with_sets(program, pool, clock, tolerance))
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
        if many and math.isfinite(clock.left) and not clock.over and _is_open(enclosure):
            # There is time for another proof.
            pool = list((enclosure.primal.weights or {}) if enclosure.primal else pool)
            more, again = generated(program, pool, clock, tolerance)
            other = enclose(program, [*answers, *more], tolerance, stopped=clock.stopped)
            how = again if other.lower >= enclosure.lower else how
            enclosure = _better(enclosure, other)
        how += _more(enclosure)
    return packed(enclosure, how)


def _by_sets(program: Program) -> bool:
    """Whether sets of letters are priced instead of maps: the label has a price, and no proof for maps ends soon."""
    maps = program.maps
    n_X, n_Y = len(maps.groups), len(maps.ys)
    in_reach = n_X * n_Y <= _MOST_PAIRS and not is_quick(n_X, n_Y, len(maps.masses[0]))
    return "C" in program.bounds and program.ball is None and in_reach


def _with_sets(program: Program, pool: list[int], clock: Clock, tolerance: float) -> tuple[Enclosure, str]:
    """Look for a plan among maps, and prove a bound by sets of letters, or by long blocks if that proves more."""
    part = clock.part(_PLANNING * clock.left, _PLANNING * clock.looks)
    answers, how, maps = searched(program, pool, part, tolerance)
    enclosure = enclose(program, answers, tolerance, stopped=part.stopped)
    if not clock.over and not answers[-1].duals.get("C"):
        # The label has no price after all, and then maps are priced by their masses alone.
        more, how = generated(program, list(answers[-1].weights or {}), clock, tolerance)
        answers += more
    elif enclosure.primal is not None:
        part = clock.part(clock.left - min(_RELAXATION, clock.left / 8))
        for answer, by in priced_by_sets(program, enclosure.primal, enclosure.upper, maps, part):
            answers.append(answer)
            how = f"{how.partition(', proved')[0]}, proved by {by}"
    # With a limit it is time that ends the proofs, even where it leaves too little for the next one.
    limit = "time limit" if math.isfinite(clock.deadline) else ""
    enclosure = enclose(program, answers, tolerance, stopped=clock.stopped or limit)
    if not clock.over:
        enclosure = relaxed(enclosure, clock)
    return enclosure, how + _more(enclosure)


def _more(enclosure: Enclosure) -> str:
    return "; long blocks whose classifier sees the message prove more" if enclosure.relaxation else ""


def _chosen(program: Program, method: str, clock: Clock) -> str:
    """Few maps are enumerated; of many, and under a perception bound, columns are generated."""
    told = "C" in program.bounds or program.minimise == "C"
    if told and program.maps.problem.uncertainty != "entropy":
        return _of_other_uncertainty(program, method)
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


def _of_other_uncertainty(program: Program, method: str) -> str:
    """All maps are enumerated: nothing else knows other measures than the entropy.

    Raises `NotAvailableError` if there are too many maps, or there is a perception bound.
    """
    maps, kind = program.maps, program.maps.problem.uncertainty
    letters = MOST_LETTERS_TWO if len(maps.ys) <= 2 else MOST_LETTERS
    if program.ball is not None or maps.count > MOST_MAPS or len(maps.xs) > letters:
        raise NotAvailableError(
            f"uncertainty must be 'entropy' with a perception bound, or more than {MOST_MAPS} maps or {letters} letters, got"
            f" {kind!r}"
        )
    if method not in ("auto", "highs", "enumeration"):
        raise must("method", f"be 'enumeration' for the uncertainty {kind!r}", method)
    return "enumeration"


def relaxed(enclosure: Enclosure, clock: Clock) -> Enclosure:
    """Improve the lower bound of an enclosure by that of the asymptotic problem, if its gap is wide open.

    For every plan `I(X;Y,U) = I(X;Y|U) <= H(Y|U)`, because `U` is independent of `X`, and a classifier of `Y` and `U` sees a
    message, `Z = (Y, U)`; the output law and the distortion are those of the mean coupling. So the asymptotic problem whose
    classifier sees the message has no larger optimum ([nguyen2026], section 3, has it without `C`).

    The proof is then under `relaxation`.

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
    program = enclosure.program
    if not _is_open(enclosure):
        return enclosure
    bounds = program.bounds
    if "P" in bounds and program.minimise == "C":
        return enclosure
    if "P" in bounds:
        bounds = {name: bound for name, bound in bounds.items() if name != "C"}
    problem: Any = replace(program.maps.problem, setting="asymptotic", classifier_sees="Y" if "P" in bounds else "Z")
    found = problem.solve(minimise=program.minimise, unit=program.maps.unit, time_limit=clock, **bounds)
    if not found.lower > enclosure.lower:
        return enclosure
    proof = of_easier(found.certificate.dual, "relaxation", of="asymptotic" if "P" in bounds else "message")
    if found.lower == math.inf:
        return Enclosure(program, math.inf, math.inf, math.inf, None, None, proof)
    value = max(enclosure.value, found.lower)
    return replace(enclosure, lower=found.lower, value=value, relaxation=proof)


def _better(first: Enclosure, second: Enclosure) -> Enclosure:
    """Return the second enclosure, whose plan is at least as good, with the lower bound of the first if that is better."""
    if second.lower >= first.lower:
        return second
    value = max(second.value, first.lower)
    return replace(second, lower=first.lower, value=value, dual=first.dual, relaxation=first.relaxation)


def _is_open(enclosure: Enclosure) -> bool:
    """Whether the gap is worth another try."""
    gap = 0.0 if enclosure.status == "infeasible" else enclosure.upper - enclosure.lower
    return gap > _WORTH_A_TRY * enclosure.program.scale


# Enumeration


#: How many maps join the master program in one round.
_JOIN = 24

#: What counts as an improvement when doubles price; the exact finish does not know this number.
_SLIGHT = 1e-10


#: How often maps may join the exact program before it is left as it is.
_ROUNDS = 40


def enumerated(program: Program, pool: list[int], clock: Clock) -> tuple[list[Answer], str]:
    """Solve exactly over the maps that HiGHS proposes, and price all others until none would improve the answer.

    Maps of a pool are tried first. Returns answers and the method.
    """
    indices, support, method = _proposed(program, pool, clock)
    indices = [*dict.fromkeys([*program.maps.constants.values(), *indices])]
    for _ in range(_ROUNDS):
        answer = solve_certainly(program, indices, support, clock)
        if len(indices) == program.maps.count or clock.over:
            break
        objective = None if answer.weights is None else program.minimise
        values, errors = reduced_costs(program, objective, answer.duals, answer.target_duals)
        better = np.flatnonzero(values < values[indices].min(initial=np.inf) - 2 * errors)
        if len(better) == 0:
            break
        indices.extend(better[np.argsort(values[better])][:8].tolist())
        support = list(answer.weights or support)
    return [answer], method


def _proposed(program: Program, pool: list[int], clock: Clock) -> tuple[list[int], list[int], str]:
    """Return maps worth an exact look, those that seem to carry the optimum, and what was done."""
    maps = program.maps
    if maps.count <= BALLS:
        indices = np.flatnonzero(~maps.forbidden).tolist()
        solved, _ = _generate(program, indices, "best", clock)
        return indices, _support(indices, solved), f"HiGHS, all {maps.count} maps"
    nearest = int(np.where(maps.forbidden, np.inf, maps.floats["D"]).argmin())
    indices = list(dict.fromkeys([*maps.constants.values(), nearest, *pool]))
    for aim in ("feasible", "best"):
        solved, values = _generate(program, indices, aim, clock)
        if solved.missed > 1e-9:
            break
    support = _support(indices, solved)
    near = [f for f in indices if values[f] <= values[indices].min() + 1e-6]
    method = f"HiGHS, {len(indices)} of {maps.count} maps priced in"
    return list(dict.fromkeys([*support, *near]))[:BALLS], support, method


def _support(indices: list[int], solved: Optimum) -> list[int]:
    return [f for f, w in zip(indices, solved.x, strict=False) if w > 1e-9]


def _generate(program: Program, indices: list[int], aim: str, clock: Clock) -> tuple[Optimum, np.ndarray]:
    """Add maps to `indices` until none would improve the master program; return its solution, and what all maps cost."""
    floats, target, names = program.maps.floats, program.maps.target, list(program.b)
    fixed = np.ones(1) if target is None else np.array([float(p) for p in target])
    master, fresh = Master(fixed, np.array([float(b) for b in program.b.values()])), indices
    while True:
        laws = np.ones((1, len(fresh))) if target is None else floats["law"][fresh].T
        master.add(np.vstack([laws, *(floats[name][fresh][None] for name in names)]), floats[program.minimise][fresh])
        solved = master.solve(aim, seconds=clock.left)
        y = solved.y
        duals = dict(zip(names, np.maximum(-y[len(fixed) :], 0.0).tolist(), strict=True))
        target_duals = () if target is None else tuple(y[: len(fixed)].tolist())
        values, _ = reduced_costs(program, program.minimise if aim == "best" else None, duals, target_duals)
        found = aim == "feasible" and solved.missed <= 0
        if len(values) <= BALLS or found or clock.over or not solved.optimal:
            return solved, values
        best = np.argpartition(values, _JOIN)[:_JOIN]
        cheap = best[values[best] < values[indices].min() - _SLIGHT]
        fresh = [f for f in cheap.tolist() if f not in set(indices)]
        if not fresh:
            return solved, values
        indices.extend(fresh)
