"""The restricted master program: the linear program over the maps known so far, kept in HiGHS between rounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import highspy
import numpy as np

_OPTIONS = (
    ("output_flag", False),
    ("presolve", "off"),
    ("threads", 1),
    ("primal_feasibility_tolerance", 1e-10),
    ("dual_feasibility_tolerance", 1e-10),
)

#: What it costs to miss a row by one, beside an objective of about one.
_PRICE = 1e3


@dataclass(frozen=True, eq=False)
class MasterSolution:
    """What HiGHS found: the objective, the weight and the reduced cost of each column, and the multiplier of each row.

    Attributes
    ----------
    optimal : bool
        Whether HiGHS says so; else the rest is zeros.
    value, missed : float
        The objective, and by how much the rows are missed.
    weights, reduced : array, shape (columns,)
    duals : array, shape (rows,)
        Of an equation any number, of a bound at most zero.
    """

    optimal: bool
    value: float
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
        lp.row_lower_ = np.concatenate([equal, np.full(m, -highspy.kHighsInf)])
        lp.row_upper_ = np.concatenate([equal, below])
        # The plain class: the one around it installs callbacks, and prints a banner when it does.
        self._highs = highspy._Highs()
        for option, value in _OPTIONS:
            self._highs.setOptionValue(option, value)
        self._highs.passModel(lp)
        self._aim = "both"
        self._costs = np.zeros(0)
        self._join(artificial, np.full(self._artificial, _PRICE))

    def _join(self, columns: np.ndarray, costs: np.ndarray) -> None:
        rows, count = columns.shape
        starts = np.arange(0, rows * count, rows, dtype=np.int32)
        index = np.arange(rows * count, dtype=np.int32) % rows
        low, high = np.zeros(count), np.full(count, highspy.kHighsInf)
        self._highs.addCols(count, costs, low, high, rows * count, starts, index, columns.T.ravel())

    def add(self, columns: np.ndarray, costs: np.ndarray) -> None:
        """Let columns join.

        Parameters
        ----------
        columns : array, shape (rows, count)
        costs : array, shape (count,)
        """
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
        high = np.full(len(places), 0.0 if aim == "best" else highspy.kHighsInf)
        self._highs.changeColsBounds(len(places), places, np.zeros(len(places)), high)
        self._aim = aim

    def solve(self, aim: str, *, seconds: float = 1e9) -> MasterSolution:
        """Solve over the columns that have joined, from the basis of the last time.

        Parameters
        ----------
        aim : {"both", "feasible", "best"}
            Minimise by how much the rows are missed ("feasible"), the objective ("best"), or the objective with a price on
            what is missed: where nothing is, that is the best, too.
        seconds : float
            The time limit.
        """
        self._turn(aim)
        # HiGHS counts the time of all runs of a model.
        self._highs.setOptionValue("time_limit", float(min(self._highs.getRunTime() + max(seconds, 0.01), 1e9)))
        self._highs.run()
        solution = self._highs.getSolution()
        optimal = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal and bool(solution.value_valid)
        count = self._columns - self._artificial
        if not optimal:
            zeros = np.zeros(count)
            return MasterSolution(False, 0.0, math.inf, zeros, zeros, np.zeros(self._highs.getNumRow()))
        weights, reduced = np.array(solution.col_value), np.array(solution.col_dual)[self._artificial :]
        missed = float(weights[: self._artificial].sum())
        value, duals = self._highs.getObjectiveValue(), np.array(solution.row_dual)
        return MasterSolution(True, value, missed, weights[self._artificial :], reduced, duals)

    def basic(self) -> list[int]:
        """Return which columns are in the basis of the last time."""
        status = self._highs.getBasis().col_status[self._artificial :]
        return [j for j, s in enumerate(status) if s == highspy.HighsBasisStatus.kBasic]
