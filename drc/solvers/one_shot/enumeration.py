"""Road one: HiGHS proposes which maps carry the optimum ([huangfu2018]).

Of many maps most are never needed: a master program over a few maps is solved, its multipliers price all maps at once
(they are enumerated, so that none is missed), and those that would improve it join ([dantzig1960]).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np

from drc.solvers.one_shot.program import BALLS, Program, reduced_costs
from drc.solvers.one_shot.proposal import Proposal
from drc.solvers.request import Clock

#: How many maps join the master program in one round.
_JOIN = 24

#: What counts as an improvement when doubles price; the exact finish does not know this number.
_SLIGHT = 1e-10


@dataclass(frozen=True, eq=False)
class _Float:
    """A solution of a master program in doubles."""

    optimal: bool
    weights: np.ndarray
    duals: dict[str, float]
    target_duals: tuple
    relaxation: float


def propose(program: Program, pool: list[int], clock: Clock) -> Proposal:
    """Let HiGHS propose maps.

    Parameters
    ----------
    program : Program
    pool : list of int
        Maps to start from, for instance those of a neighbouring problem.
    clock : Clock

    Returns
    -------
    Proposal
    """
    count = program.maps.count
    if count <= BALLS:
        indices = np.flatnonzero(~program.maps.forbidden).tolist()
        solved = _master(program, indices, feasibility=False, clock=clock)
        support = [f for f, w in zip(indices, solved.weights, strict=False) if solved.optimal and w > 1e-9]
        return Proposal(indices, support, f"HiGHS, all {count} maps")
    if program.maps.forbidden.all():
        return Proposal([], [], f"all {count} maps are forbidden")
    nearest = int(np.where(program.maps.forbidden, np.inf, program.maps.floats["D"]).argmin())
    indices = list(dict.fromkeys([*program.maps.constants.values(), nearest, *pool]))
    for feasibility in (True, False):
        solved = _generate(program, indices, feasibility, clock)
        if feasibility and solved.relaxation > 1e-9:
            break
    support = [f for f, w in zip(indices, solved.weights, strict=False) if w > 1e-9]
    objective = None if feasibility else program.minimise
    values, _ = reduced_costs(program, objective, solved.duals, solved.target_duals)
    near = [f for f in indices if values[f] <= values[indices].min() + 1e-6]
    method = f"HiGHS, {len(indices)} of {count} maps priced in"
    return Proposal(list(dict.fromkeys([*support, *near]))[:BALLS], support, method)


def _generate(program: Program, indices: list[int], feasibility: bool, clock: Clock) -> _Float:
    """Add columns to `indices` until none would improve the master program."""
    objective = None if feasibility else program.minimise
    while True:
        solved = _master(program, indices, feasibility=feasibility, clock=clock)
        if feasibility and solved.optimal and solved.relaxation <= 0:
            return solved
        if clock.over or not solved.optimal:
            return solved
        values, _ = reduced_costs(program, objective, solved.duals, solved.target_duals)
        least = values[indices].min()
        best = np.argpartition(values, _JOIN)[:_JOIN]
        joining = [f for f in best[values[best] < least - _SLIGHT].tolist() if f not in set(indices)]
        if not joining:
            return solved
        indices.extend(joining)


def _master(program: Program, indices: list[int], *, feasibility: bool, clock: Clock) -> _Float:
    """Solve the program over some maps; for feasibility, minimise the amount by which all bounds must be relaxed."""
    floats, target, names = program.maps.floats, program.maps.target, list(program.b)
    K, bounds = len(indices), [float(program.b[name]) for name in names]
    laws = floats["law"][indices].T if target is not None else np.ones((1, K))
    fixed = np.array([float(p) for p in target]) if target is not None else np.ones(1)
    rows = np.vstack([laws, *(floats[name][indices][None] for name in names)])
    costs = np.zeros(K) if feasibility else floats[program.minimise][indices]
    if feasibility:
        relaxed = np.r_[np.zeros(len(fixed)), -np.ones(len(names))]
        rows, costs = np.column_stack([rows, relaxed]), np.r_[costs, 1.0]
    lower = np.r_[fixed, np.full(len(names), -highspy.kHighsInf)]
    optimal, x, y = _highs(costs, rows, lower, np.r_[fixed, bounds], max(clock.left, 0.01))
    duals = dict(zip(names, np.maximum(-y[len(fixed) :], 0.0).tolist(), strict=True))
    target_duals = () if target is None else tuple(y[: len(fixed)].tolist())
    return _Float(optimal, x[:K], duals, target_duals, float(x[K]) if feasibility else 0.0)


def _highs(
    costs: np.ndarray, rows: np.ndarray, lower: np.ndarray, upper: np.ndarray, seconds: float
) -> tuple[bool, np.ndarray, np.ndarray]:
    """Minimise `costs x` subject to `lower <= rows x <= upper`, `x >= 0`: whether solved, `x`, row multipliers."""
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = rows.shape
    lp.col_cost_, lp.col_lower_ = costs, np.zeros(len(costs))
    lp.col_upper_ = np.full(len(costs), highspy.kHighsInf)
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.arange(rows.shape[0] + 1) * rows.shape[1]
    lp.a_matrix_.index_ = np.tile(np.arange(rows.shape[1]), rows.shape[0])
    lp.a_matrix_.value_ = rows.ravel()
    # The plain class: the one around it installs callbacks, and prints a banner when it does.
    solver = highspy._Highs()
    for option, value in (
        ("output_flag", False),
        ("presolve", "off"),
        ("threads", 1),
        ("time_limit", float(min(seconds, 1e9))),
        ("primal_feasibility_tolerance", 1e-10),
        ("dual_feasibility_tolerance", 1e-10),
    ):
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    solver.run()
    solution = solver.getSolution()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal and bool(solution.value_valid)
    if not optimal:
        return False, np.zeros(len(costs)), np.zeros(len(lower))
    return True, np.array(solution.col_value), np.array(solution.row_dual)
