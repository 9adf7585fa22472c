"""HiGHS, which proposes the optima of linear programs ([huangfu2018]); what it proposes is proved elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

#: What it costs to miss a row by one, beside an objective of about one.
_PRICE = 1e3


@dataclass(frozen=True, eq=False)
class Vertex:
    """A solution in doubles; zeros, and an infinite value, if HiGHS does not call it optimal.

    Attributes
    ----------
    optimal : bool
    x : array, shape (n,)
    y : array, shape (m,)
        By how much the optimum grows with the right side of each row.
    value : float
    """

    optimal: bool
    x: np.ndarray
    y: np.ndarray
    value: float


def _solver(**options: Any) -> Any:
    # The plain class: the one around it installs callbacks, and prints a banner when it does.
    solver = highspy._Highs()
    common = {"output_flag": False, "presolve": "off", "threads": 1}
    tolerances = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    for option, value in (common | tolerances | options).items():
        solver.setOptionValue(option, value)
    return solver


def _run(solver: Any, seconds: float) -> Any:
    """Return the solution, if there is an optimal one."""
    # HiGHS counts the time of all runs of a model.
    solver.setOptionValue("time_limit", float(min(solver.getRunTime() + max(seconds, 0.01), 1e9)))
    solver.run()
    solution = solver.getSolution()
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal and solution.value_valid
    return solution if optimal else None


def linear_program(
    costs: np.ndarray,
    rows: object,
    low: np.ndarray,
    high: np.ndarray,
    *,
    seconds: float = math.inf,
    presolve: str = "off",
) -> Vertex:
    """Minimise `costs x` subject to `low <= rows x <= high` and `x >= 0`.

    Parameters
    ----------
    costs : array, shape (n,)
    rows : array or sparse array in rows, shape (m, n)
    low, high : array, shape (m,)
    presolve : {"off", "choose"}
        Large sparse programs are worth it.

    Examples
    --------
    >>> linear_program(np.array([1.0, 2.0]), np.ones((1, 2)), np.ones(1), np.ones(1)).x.tolist()
    [1.0, 0.0]
    """
    m, n = rows.shape
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = m, n
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = costs, np.zeros(n), np.full(n, math.inf)
    lp.row_lower_, lp.row_upper_ = low, high
    table = lp.a_matrix_
    table.format_ = highspy.MatrixFormat.kRowwise
    if isinstance(rows, np.ndarray):
        table.start_, table.index_, table.value_ = np.arange(m + 1) * n, np.tile(np.arange(n), m), rows.ravel()
    else:
        table.start_, table.index_, table.value_ = rows.indptr, rows.indices, rows.data
    solver = _solver(presolve=presolve)
    solver.passModel(lp)
    found = _run(solver, seconds)
    if found is None:
        return Vertex(False, np.zeros(n), np.zeros(m), math.inf)
    x = np.array(found.col_value)
    return Vertex(True, x, np.array(found.row_dual), float(costs @ x))


@dataclass(frozen=True, eq=False)
class MasterSolution:
    """What HiGHS found: the weight and the reduced cost of each column, and the multiplier of each row.

    Attributes
    ----------
    optimal : bool
        Whether HiGHS says so; else the rest is zeros.
    missed : float
        By how much the rows are missed.
    weights, reduced : array, shape (columns,)
    duals : array, shape (rows,)
        Of an equation any number, of a bound at most zero.
    """

    optimal: bool
    missed: float
    weights: np.ndarray
    reduced: np.ndarray
    duals: np.ndarray


class Master:
    """Minimise `c w` subject to `A w = b` in the first rows, `A w <= b` in the others, `w >= 0`; columns join.

    Artificial columns, one or two a row, make it feasible from the start: they have a price, or their sum alone is
    minimised, until they can be fixed at zero.

    Parameters
    ----------
    equal : array
        Right sides of the equations.
    below : array
        Right sides of the bounds.

    Examples
    --------
    >>> master = Master(np.array([1.0]), np.array([0.25]))
    >>> master.add(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.0]))
    >>> master.solve("feasible").missed
    0.0
    >>> master.solve("best").weights.tolist()
    [0.75, 0.25]
    """

    def __init__(self, equal: np.ndarray, below: np.ndarray) -> None:
        n, m = len(equal), len(below)
        eye = np.eye(n + m)
        artificial = np.concatenate([eye[:, :n], -eye], axis=1)
        self._columns = self._artificial = artificial.shape[1]
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = n + m, 0
        lp.row_lower_ = np.concatenate([equal, np.full(m, -math.inf)])
        lp.row_upper_ = np.concatenate([equal, below])
        self._highs = _solver()
        self._highs.passModel(lp)
        self._aim = "both"
        self._costs = np.zeros(0)
        self._join(artificial, np.full(self._artificial, _PRICE))

    def _join(self, columns: np.ndarray, costs: np.ndarray) -> None:
        rows, count = columns.shape
        starts = np.arange(0, rows * count, rows, dtype=np.int32)
        index = np.arange(rows * count, dtype=np.int32) % rows
        low, high = np.zeros(count), np.full(count, math.inf)
        self._highs.addCols(count, costs, low, high, rows * count, starts, index, columns.T.ravel())

    def add(self, columns: np.ndarray, costs: np.ndarray) -> None:
        """Let columns join, of shape (rows, count); costs of shape (count,)."""
        self._join(columns, costs * (self._aim != "feasible"))
        self._costs = np.concatenate([self._costs, costs])
        self._columns += len(costs)

    def _set_costs(self, places: np.ndarray, costs: np.ndarray) -> None:
        self._highs.changeColsCost(len(places), places.astype(np.int32), np.asarray(costs, dtype=float))

    def _turn(self, aim: str) -> None:
        """Give a price to the artificial columns, minimise them alone, or forbid them."""
        if self._aim == aim:
            return
        places = np.arange(self._artificial, dtype=np.int32)
        self._set_costs(places, np.full(len(places), {"both": _PRICE, "feasible": 1.0, "best": 0.0}[aim]))
        if "feasible" in (self._aim, aim):
            self._set_costs(np.arange(self._artificial, self._columns), self._costs * (aim != "feasible"))
        high = np.full(len(places), 0.0 if aim == "best" else math.inf)
        self._highs.changeColsBounds(len(places), places, np.zeros(len(places)), high)
        self._aim = aim

    def solve(self, aim: str, *, seconds: float = math.inf) -> MasterSolution:
        """Solve over the columns that have joined, from the basis of the last time.

        Parameters
        ----------
        aim : {"both", "feasible", "best"}
            Minimise by how much the rows are missed ("feasible"), the objective ("best"), or the objective with a price on
            what is missed: where nothing is, that is the best, too.
        """
        self._turn(aim)
        found = _run(self._highs, seconds)
        if found is None:
            zeros = np.zeros(self._columns - self._artificial)
            return MasterSolution(False, math.inf, zeros, zeros, np.zeros(self._highs.getNumRow()))
        weights, reduced = np.array(found.col_value), np.array(found.col_dual)[self._artificial :]
        missed = float(weights[: self._artificial].sum())
        return MasterSolution(True, missed, weights[self._artificial :], reduced, np.array(found.row_dual))

    def basic(self) -> list[int]:
        """Return which columns are in the basis of the last time."""
        status = self._highs.getBasis().col_status[self._artificial :]
        return [j for j, s in enumerate(status) if s == highspy.HighsBasisStatus.kBasic]
