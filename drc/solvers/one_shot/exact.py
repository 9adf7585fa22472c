"""The exact finish: a program over maps that were proposed is solved in rational arithmetic, and others may join it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq

from drc.solvers.one_shot.law_ball import Point
from drc.solvers.one_shot.program import Program, primal_bound, reduced_costs
from drc.solvers.one_shot.vertex import Answer, solve_exactly
from drc.solvers.request import Clock

#: How often maps may join the exact program before it is left as it is.
_ROUNDS = 40


def solve_among(program: Program, indices: list[int], support: list[int], clock: Clock, *, closed: bool) -> Answer:
    """Solve exactly over the maps proposed, and price all others until none would improve the answer.

    Parameters
    ----------
    program : Program
        Its maps are enumerated, unless `closed`.
    indices, support : list of int
        Maps to use, and those thought to carry the optimum.
    closed : bool
        No other map joins: the answer is then that of the solver that proposed.
    """
    indices = [*dict.fromkeys([*program.maps.constants.values(), *indices])]
    for _ in range(_ROUNDS):
        answer = solve_certainly(program, indices, support, clock)
        if closed or len(indices) == program.maps.count or clock.over:
            break
        objective = None if answer.weights is None else program.minimise
        values, errors = reduced_costs(program, objective, answer.duals, answer.target_duals)
        better = np.flatnonzero(values < values[indices].min(initial=np.inf) - 2 * errors)
        if len(better) == 0:
            break
        indices.extend(better[np.argsort(values[better])][:8].tolist())
        support = list(answer.weights or support)
    return answer


def solve_certainly(
    program: Program, indices: list[int], support: list[int], clock: Clock, points: Sequence[Point] = ()
) -> Answer:
    """Solve exactly over some maps; where the target law is irrational, leave room to repair it.

    Parameters
    ----------
    indices, support : list of int
        Maps to use, and those thought to carry the optimum.
    points : sequence of Point
        Under a perception bound: laws that the output may have.
    """
    answer = solve_exactly(program, indices, support, points=points, clock=clock)
    target = program.maps.target or ()
    if all(isinstance(p, fmpq) for p in target) or answer.weights is None:
        return answer
    # A little of every constant map, which is what the weights then miss of the target law, absorbs its rounding.
    share = fmpq(1, 2 ** (program.maps.bits // 2 + 16))
    # Where a bound is binding that constant maps violate, the answer must keep a distance from it.
    for tighten in (fmpq(0), fmpq(1, 2 ** (program.maps.bits // 2))):
        inner = answer if tighten == 0 else solve_exactly(program, indices, support, tighten)
        weights = {f: (1 - share) * w for f, w in (inner.weights or {}).items()}
        if weights and primal_bound(program, weights) is not None:
            return Answer(weights, answer.duals, answer.target_duals)
    return answer


@dataclass(frozen=True, eq=False)
class Proposal:
    """Maps worth an exact look.

    Attributes
    ----------
    indices, support : list of int
        The maps, and those that seem to carry the optimum.
    method : str
        What was done.
    answers : tuple of Answer
        Multipliers of the solver itself.
    """

    indices: list[int]
    support: list[int]
    method: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes
    ----------
    answers : list of Answer
    method : str
        What was done.
    stopped : str
        Why the search ended before it was done, as `Clock.stopped` says it.
    """

    answers: list[Answer]
    method: str
    stopped: str = ""
