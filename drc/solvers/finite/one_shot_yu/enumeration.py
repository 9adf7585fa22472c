"""Road one: HiGHS proposes which maps carry the optimum ([huangfu2018]).

Of many maps most are never needed: a master program over a few maps is solved, its multipliers price all maps at once
(they are enumerated, so that none is missed), and those that would improve it join ([dantzig1960]).
"""

from __future__ import annotations

import numpy as np

from drc.solvers.finite.one_shot_yu.program import BALLS, Program, reduced_costs
from drc.solvers.finite.one_shot_yu.vertex import Answer, solve_among
from drc.solvers.highs import Master, MasterSolution
from drc.solvers.request import Clock

#: How many maps join the master program in one round.
_JOIN = 24

#: What counts as an improvement when doubles price; the exact finish does not know this number.
_SLIGHT = 1e-10


def enumerated(program: Program, pool: list[int], clock: Clock) -> tuple[list[Answer], str]:
    """Solve exactly over the maps that HiGHS proposes; those of a pool are tried first. Return answers and the method."""
    indices, support, method = _proposed(program, pool, clock)
    return [solve_among(program, indices, support, clock, closed=False)], method


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


def _support(indices: list[int], solved: MasterSolution) -> list[int]:
    return [f for f, w in zip(indices, solved.weights, strict=False) if w > 1e-9]


def _generate(program: Program, indices: list[int], aim: str, clock: Clock) -> tuple[MasterSolution, np.ndarray]:
    """Add maps to `indices` until none would improve the master program; return its solution, and what all maps cost."""
    floats, target, names = program.maps.floats, program.maps.target, list(program.b)
    fixed = np.ones(1) if target is None else np.array([float(p) for p in target])
    master, fresh = Master(fixed, np.array([float(b) for b in program.b.values()])), indices
    while True:
        laws = np.ones((1, len(fresh))) if target is None else floats["law"][fresh].T
        master.add(np.vstack([laws, *(floats[name][fresh][None] for name in names)]), floats[program.minimise][fresh])
        solved = master.solve(aim, seconds=clock.left)
        y = solved.duals
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
