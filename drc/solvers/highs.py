"""HiGHS, which proposes the optima of linear programs ([huangfu2018]); what it proposes is proved elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from scipy.sparse import csc_array

#: What it costs to miss a row by one, beside an objective of about one.
_PRICE = 1e3


@dataclass(frozen=True, eq=False)
class Optimum:
    """A solution in doubles; zeros, and an infinite value, if HiGHS does not call it optimal.

    `x` are the variables, `reduced` their reduced costs, and `y` by how much the optimum grows with the right side of
    each row. `missed` is by how much the rows of a `Master` are missed.
    """

    optimal: bool
    x: np.ndarray
    reduced: np.ndarray
    y: np.ndarray
    value: float
    missed: float = 0.0


class _Model:
    """Minimise `c x` subject to `A x = equal` in the first rows, `A x <= below` in the others, and `x >= 0`.

    Columns join, and each run begins at the last basis.
    """

    def __init__(self, equal: np.ndarray, below: np.ndarray, presolve: str = "off") -> None:
        lp = highspy.HighsLp()
        lp.num_row_, lp.num_col_ = len(equal) + len(below), 0
        lp.row_lower_, lp.row_upper_ = np.r_[equal, np.full(len(below), -math.inf)], np.r_[equal, below]
        # The plain class: the one around it installs callbacks, and prints a banner when it does.
        self.highs: Any = highspy._Highs()
        tolerances = dict.fromkeys(("primal_feasibility_tolerance", "dual_feasibility_tolerance"), 1e-10)
        for option, value in ({"output_flag": False, "presolve": presolve, "threads": 1} | tolerances).items():
            self.highs.setOptionValue(option, value)
        self.highs.passModel(lp)
        self.costs = np.zeros(0)

    def add(self, columns: object, costs: np.ndarray) -> None:
        """Let columns join: an array or sparse array of shape (m, n), and costs of shape (n,)."""
        table, n = csc_array(columns), len(costs)
        self.costs = np.concatenate([self.costs, costs])
        free = np.zeros(n), np.full(n, math.inf)
        self.highs.addCols(n, costs, *free, table.nnz, table.indptr[:-1], table.indices, table.data)

    def change(self, costs: np.ndarray) -> None:
        """Change the costs of the first columns."""
        self.highs.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    def solve(self, seconds: float) -> Optimum:
        """Solve over the columns that have joined."""
        # HiGHS counts the time of all runs of a model.
        self.highs.setOptionValue("time_limit", float(min(self.highs.getRunTime() + max(seconds, 0.01), 1e9)))
        self.highs.run()
        found = self.highs.getSolution()
        if self.highs.getModelStatus() != highspy.HighsModelStatus.kOptimal or not found.value_valid:
            zeros = np.zeros(len(self.costs))
            return Optimum(False, zeros, zeros, np.zeros(self.highs.getNumRow()), math.inf, math.inf)
        x = np.array(found.col_value)
        return Optimum(True, x, np.array(found.col_dual), np.array(found.row_dual), float(self.costs @ x))


def linear_program(
    costs: np.ndarray,
    rows: object,
    equal: np.ndarray,
    below: np.ndarray | None = None,
    *,
    seconds: float = math.inf,
    presolve: str = "off",
) -> Optimum:
    """Minimise `costs x` subject to `rows x = equal` in the first rows, `rows x <= below` in the others, and `x >= 0`.

    `rows` may be a sparse array; `equal` and `below` together have one entry for each row. `presolve` is "off", or
    "choose", which large sparse programs are worth.

    Examples
    --------
    >>> linear_program(np.array([1.0, 2.0]), np.ones((1, 2)), np.ones(1)).x.tolist()
    [1.0, 0.0]
    """
    model = _Model(equal, np.zeros(0) if below is None else below, presolve)
    model.add(rows, costs)
    return model.solve(seconds)


class Master:
    """Minimise `c w` subject to `A w = b` in the first rows, `A w <= b` in the others, `w >= 0`; columns join.

    Artificial columns, one or two a row, make it feasible from the start: they have a price, or their sum alone is
    minimised, until they can be fixed at zero.

    `equal` has the right sides of the equations, and `below` those of the bounds.

    Examples
    --------
    >>> master = Master(np.array([1.0]), np.array([0.25]))
    >>> master.add(np.array([[1.0, 1.0], [0.0, 1.0]]), np.array([1.0, 0.0]))
    >>> master.solve("feasible").missed
    0.0
    >>> master.solve("best").x.tolist()
    [0.75, 0.25]
    """

    def __init__(self, equal: np.ndarray, below: np.ndarray) -> None:
        eye = np.eye(len(equal) + len(below))
        artificial = np.concatenate([eye[:, : len(equal)], -eye], axis=1)
        self._artificial, self._aim = artificial.shape[1], "both"
        self._model = _Model(equal, below)
        self._model.add(artificial, np.full(self._artificial, _PRICE))

    def add(self, columns: np.ndarray, costs: np.ndarray) -> None:
        """Let columns join, of shape (rows, count); costs of shape (count,)."""
        self._model.add(columns, costs)
        if self._aim == "feasible":
            self._aim_at(self._aim)

    def _aim_at(self, aim: str) -> None:
        """Give a price to the artificial columns, minimise them alone, or forbid them."""
        self._aim = aim
        places = np.arange(self._artificial, dtype=np.int32)
        own = np.full(self._artificial, {"both": _PRICE, "feasible": 1.0, "best": 0.0}[aim])
        self._model.change(np.r_[own, self._model.costs[self._artificial :] * (aim != "feasible")])
        high = np.full(self._artificial, 0.0 if aim == "best" else math.inf)
        self._model.highs.changeColsBounds(self._artificial, places, np.zeros(self._artificial), high)

    def solve(self, aim: str, *, seconds: float = math.inf) -> Optimum:
        """Solve over the columns that have joined, from the basis of the last time.

        The aim is the least miss of the rows ("feasible"), the objective ("best"), or the objective with a price on what is
        missed ("both"): where nothing is, that is the best, too.
        """
        if aim != self._aim:
            self._aim_at(aim)
        found, own = self._model.solve(seconds), slice(self._artificial, None)
        missed = float(found.x[: self._artificial].sum()) if found.optimal else math.inf
        return replace(found, x=found.x[own], reduced=found.reduced[own], missed=missed)

    def basic(self) -> list[int]:
        """Return which columns are in the basis of the last time."""
        status = self._model.highs.getBasis().col_status[self._artificial :]
        return [j for j, s in enumerate(status) if s == highspy.HighsBasisStatus.kBasic]
