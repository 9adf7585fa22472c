"""The restricted master program: the linear program over the maps known so far, kept in HiGHS between rounds."""

from __future__ import annotations

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


@dataclass(frozen=True, eq=False)
class MasterSolution:
    """What HiGHS found: the objective, the weight of each column, the multiplier of each row, and which are basic.

    Attributes
    ----------
    optimal : bool
        Whether HiGHS says so; else the rest is zeros.
    value : float
    weights : array, shape (columns,)
    duals : array, shape (rows,)
        Of an equation any number, of a bound at most zero.
    basic : array of bool, shape (columns,)
    """

    optimal: bool
    value: float
    weights: np.ndarray
    duals: np.ndarray
    basic: np.ndarray


class Master:
    """Minimise `c w` subject to `A w = b` in the first rows, `A w <= b` in the others, `w >= 0`; columns join.

    Artificial columns, one or two a row, make it feasible from the start: first their sum is minimised, then they are
    fixed at zero.

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
    >>> master.solve(feasibility=True).value
    0.0
    >>> master.solve().weights.tolist()
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
        self._feasibility: bool | None = None
        self._costs = np.zeros(0)
        self._join(artificial)

    def _join(self, columns: np.ndarray) -> None:
        rows, count = columns.shape
        starts = np.arange(count, dtype=np.int32) * rows
        index = np.tile(np.arange(rows, dtype=np.int32), count)
        low, high = np.zeros(count), np.full(count, highspy.kHighsInf)
        self._highs.addCols(
            count, np.zeros(count), low, high, rows * count, starts, index, np.ascontiguousarray(columns.T).ravel()
        )

    def add(self, columns: np.ndarray, costs: np.ndarray) -> None:
        """Let columns join.

        Parameters
        ----------
        columns : array, shape (rows, count)
        costs : array, shape (count,)
        """
        self._join(columns)
        if self._feasibility is False:
            self._set_costs(np.arange(self._columns, self._columns + len(costs)), costs)
        self._costs = np.concatenate([self._costs, costs])
        self._columns += len(costs)

    def _set_costs(self, places: np.ndarray, costs: np.ndarray) -> None:
        self._highs.changeColsCost(len(places), places.astype(np.int32), np.asarray(costs, dtype=float))

    def _turn(self, feasibility: bool) -> None:
        """Minimise the artificial columns, or forbid them."""
        if self._feasibility is feasibility:
            return
        places = np.arange(self._artificial, dtype=np.int32)
        self._set_costs(places, np.full(len(places), float(feasibility)))
        self._set_costs(np.arange(self._artificial, self._columns), self._costs * (not feasibility))
        high = np.full(len(places), highspy.kHighsInf if feasibility else 0.0)
        self._highs.changeColsBounds(len(places), places, np.zeros(len(places)), high)
        self._feasibility = feasibility

    def solve(self, *, feasibility: bool = False, seconds: float = 1e9) -> MasterSolution:
        """Solve over the columns that have joined, from the basis of the last time.

        Parameters
        ----------
        feasibility : bool
            Minimise by how much the rows are missed.
        seconds : float
            The time limit.
        """
        self._turn(feasibility)
        # HiGHS counts the time of all runs of a model.
        self._highs.setOptionValue("time_limit", float(min(self._highs.getRunTime() + max(seconds, 0.01), 1e9)))
        self._highs.run()
        solution = self._highs.getSolution()
        optimal = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal and bool(solution.value_valid)
        count = self._columns - self._artificial
        if not optimal:
            return MasterSolution(False, 0.0, np.zeros(count), np.zeros(self._highs.getNumRow()), np.zeros(count, bool))
        status = self._highs.getBasis().col_status[self._artificial :]
        basic = np.array([s == highspy.HighsBasisStatus.kBasic for s in status], dtype=bool)
        return MasterSolution(
            True,
            self._highs.getObjectiveValue(),
            np.array(solution.col_value)[self._artificial :],
            np.array(solution.row_dual),
            basic,
        )
