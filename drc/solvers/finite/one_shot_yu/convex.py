"""Road two: the same program written down again in cvxpy, from the definitions, and solved by Clarabel.

Nothing of `maps` or `program` enters the model: the joint law of `S` and `f(X)` is formed for each map, and its entropies
are taken by `drc.information` ([diamond2016], [goulart2024]).
"""

from __future__ import annotations

from typing import Any

import cvxpy as cp
import numpy as np

from drc.errors import ProblemError
from drc.information import conditional_entropy, entropy
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import exact_or_ball
from drc.solvers.finite.asymptotic.cvxpy_models import clarabel
from drc.solvers.finite.one_shot_yu.program import Program
from drc.solvers.finite.one_shot_yu.vertex import Answer, solve_certainly
from drc.solvers.request import Clock

#: Interior-point methods keep every column in play; HiGHS takes over beyond this number.
_MOST_MAPS = 20_000

#: Weights that an interior-point method has not quite brought to zero.
_NOISE = 1e-7


def modelled(program: Program, clock: Clock) -> tuple[list[Answer], str]:
    """Let Clarabel solve the program, and solve it exactly over the maps in use; return answers and the method.

    Raises `ProblemError` if there are too many maps.
    """
    problem = program.maps.problem
    bounds = {name: float(bound) for name, bound in program.bounds.items()}
    maps, columns = _columns(program)
    weights, duals, nu = _solve(problem, columns, program.minimise, bounds, clock)
    if weights is None:
        weights, duals, nu = _solve(problem, columns, None, bounds, clock)
    used = sorted({program.maps.index_of(f) for f, w in zip(maps, weights, strict=True) if w > _NOISE})
    target = () if problem.p_Y is None else tuple(exact_or_ball(float(nu[y])) for y in program.maps.ys)
    raw = Answer(None, {name: exact_or_ball(max(float(v), 0.0)) for name, v in duals.items()}, target)
    answers = [raw, solve_certainly(program, used, used, clock)]
    return answers, f"cvxpy with Clarabel, all {len(maps)} maps"


def _columns(program: Program) -> tuple[list, dict[str, np.ndarray]]:
    """List all maps; of each, its distortion, rate, `H(S|f(X))` and output law, by definition."""
    problem, count = program.maps.problem, program.maps.count
    if count > _MOST_MAPS:
        raise ProblemError(
            f"method = 'cvxpy' must have at most {_MOST_MAPS} maps, got {len(program.maps.ys)}^{len(program.maps.xs)} ="
            f" {count:.3g}; method='column generation' takes more"
        )
    maps = [program.maps.full_map(f) for f in np.flatnonzero(~program.maps.forbidden).tolist()]
    reached = np.array(maps).reshape(-1, problem.n_X, 1) == np.arange(problem.n_Y)
    p_SY = np.einsum("sx,fxy->fsy", problem.joint_law, reached)
    p_Y = p_SY.sum(axis=1)
    # Of a pair that no map uses the distortion may be infinite.
    d = np.where(np.isfinite(problem.distortions), problem.distortions, 0.0)
    D = np.einsum("x,xy,fxy->f", problem.source_law, d, reached)
    return maps, {
        "D": D,
        "R": entropy(p_Y, program.maps.unit),
        "C": conditional_entropy(p_SY, program.maps.unit),
        "law": p_Y,
    }


def _solve(
    problem: Finite, columns: dict, minimise: str | None, bounds: dict[str, float], clock: Clock
) -> tuple[Any, dict[str, float], np.ndarray]:
    """Solve the program, or (without an objective) find how far all bounds must be relaxed; None if infeasible."""
    w = cp.Variable(len(columns["D"]), nonneg=True)
    relaxation = cp.Variable(nonneg=True)
    slack = relaxation if minimise is None else 0.0
    limits: dict[str, Any] = {name: columns[name] @ w <= bound + slack for name, bound in bounds.items()}
    total: Any = cp.sum(w) == 1 if problem.p_Y is None else columns["law"].T @ w == problem.target_law
    model = cp.Problem(
        cp.Minimize(relaxation if minimise is None else columns[minimise] @ w), [total, *limits.values()]
    )
    clarabel(model, 1e-12, clock)
    if w.value is None:
        return (None if minimise else np.zeros(w.size)), dict.fromkeys(bounds, 0.0), np.zeros(problem.n_Y)
    # cvxpy adds multiplier * (left - right) to the objective; for equations ours has the other sign.
    return (
        w.value,
        {name: float(limit.dual_value) for name, limit in limits.items()},
        -np.atleast_1d(total.dual_value),
    )
