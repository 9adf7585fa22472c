"""The second road: the convex programs written down again in cvxpy, from the definitions, and solved by Clarabel.

Nothing of the other methods enters. The joint law is scaled to mass `n_X n_Y`, because relative entropies of tiny masses
stall the solver ([diamond2016], [goulart2024]).
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import cvxpy as cp
import numpy as np

from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.programs import Goal
from drc.solvers.request import Clock

#: The settings tried in turn: the mass of the joint law beside its size, and the solver's tolerance.
_TRIES = ((1.0, 1e-10), (1.0, 1e-8), (0.1, 1e-8), (1e-3, 1e-6))


def clarabel(problem: cp.Problem, tolerance: float, clock: Clock) -> None:
    """Let Clarabel solve a model while there is time; where it gives up, the variables have no values."""
    with warnings.catch_warnings(), contextlib.suppress(cp.SolverError, ArithmeticError, ValueError):
        # cvxpy warns when an answer may be inaccurate; here every answer is proved or not, whatever it says.
        warnings.simplefilter("ignore")
        seconds = max(0.01, min(clock.left, 1e9))
        options = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), tolerance)
        problem.solve(solver=cp.CLARABEL, time_limit=seconds, **options)


class CvxpyModel:
    """The program of a goal.

    The mass of the joint law is `mass` times the number of its entries.
    """

    def __init__(self, data: Data, goal: Goal, mass: float = 1.0) -> None:
        self.data, self.goal, self.mass = data, goal, mass * data.d.low.size
        self.units = {"R": 1.0, "D": data.scale, "P": data.ground_scale if data.measure == "W2" else 1.0}
        n_X, n_Y = data.d.low.shape
        allowed = np.isfinite(data.d.high)
        self.joint = cp.Variable((n_X, n_Y), nonneg=True)
        law: Any = cp.sum(self.joint, axis=0)
        product = cp.reshape(data.source, (n_X, 1), order="C") @ cp.reshape(law, (1, n_Y), order="C")
        rate = cp.sum(cp.rel_entr(self.joint, product)) / self.mass
        costs = np.where(allowed, data.distortion, 0.0) / data.scale
        distortion = cp.sum(cp.multiply(costs, self.joint)) / self.mass
        self.rows: Any = cp.sum(self.joint, axis=1) == self.mass * data.source
        constraints: list[Any] = [self.rows]
        if not allowed.all():
            constraints.append(cp.multiply(~allowed, self.joint) == 0)
        self.gamma, measure = self._law(law, constraints)
        reached = {"R": rate, "D": distortion, "P": measure}
        self.bounds = {name: reached[name] <= bound / self.units[name] for name, bound in goal.bounds.items()}
        objective = {"R": rate, "D": distortion}[goal.objective]
        if goal.slope is not None:
            objective = distortion + goal.slope / data.scale * rate
        self.problem = cp.Problem(cp.Minimize(objective), [*constraints, *self.bounds.values()])

    def _law(self, law: cp.Expression, constraints: list) -> tuple[Any, Any]:
        """Tie the output law to the target or to the reference."""
        data = self.data
        if data.p_Y is not None:
            constraints.append(law == self.mass * data.target)
        if data.measure is None or "P" not in self.goal.bounds:
            return None, None
        reference = self.mass * data.reference.middle
        if data.measure == "KL":
            return None, cp.sum(cp.rel_entr(law, reference)) / self.mass
        gamma = cp.Variable(data.ground.low.shape, nonneg=True)
        constraints += [cp.sum(gamma, axis=1) == law, cp.sum(gamma, axis=0) == reference]
        return gamma, cp.sum(cp.multiply(data.ground.high / data.ground_scale, gamma)) / self.mass

    def solve(self, tolerance: float, clock: Clock) -> bool:
        """Solve it; tell whether there is an answer."""
        clarabel(self.problem, tolerance, clock)
        return self.joint.value is not None and bool(np.isfinite(self.joint.value).all())

    def proposal(self) -> tuple[Multipliers, np.ndarray, np.ndarray | None]:
        """Return the multipliers in the problem's own costs, the plan, and for W2 what moves its output law."""
        data, goal = self.data, self.goal
        scale = self.units[goal.objective]
        joint = np.maximum(np.asarray(self.joint.value, dtype=float), 0.0)
        joint = np.where(np.isfinite(data.d.high), joint, 0.0)
        sums = joint.sum(axis=1, keepdims=True)
        joint = joint * (data.source[:, None] / np.where(sums > 0, sums, 1.0))
        found = {"R": np.zeros(1), "C": np.zeros(1), "D": np.zeros(1), "P": np.zeros(1)}
        for name, bound in self.bounds.items():
            found[name] = np.array([scale * max(float(bound.dual_value), 0.0) / self.units[name]])
        found[goal.objective] = np.ones(1)
        if goal.slope is not None:
            found["R"] = np.array([goal.slope])
        # cvxpy adds multiplier * (left - right) to the objective; for equations ours has the other sign.
        u = -scale * self.mass * np.atleast_1d(self.rows.dual_value)[None]
        gamma = None if self.gamma is None else np.maximum(self.gamma.value, 0.0) / self.mass
        return Multipliers(**found, u=u), joint, gamma


def propose(data: Data, goal: Goal, clock: Clock) -> tuple[str, Multipliers, np.ndarray, np.ndarray | None] | None:
    """Let Clarabel solve the program, with looser settings or another scaling where it gives up.

    Returns which settings succeeded, and what is proposed; see `CvxpyModel.proposal`.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> propose(Data.of(Finite([[0.5, 0.5]], setting="asymptotic")), Goal("D", {"R": 0.2}), Clock())[0]
    'cvxpy with Clarabel, mass 4, tolerance 1e-10'
    """
    for mass, tolerance in _TRIES:
        if clock.over:
            return None
        model = CvxpyModel(data, goal, mass)
        if model.solve(tolerance, clock):
            method = f"cvxpy with Clarabel, mass {mass * data.d.low.size:g}, tolerance {tolerance:g}"
            return method, *model.proposal()
    return None
