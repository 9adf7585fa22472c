"""Linear programs over maps, with multipliers, by HiGHS ([huangfu2018])."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np


@dataclass(frozen=True, eq=False)
class Vertex:
    """A solution in doubles.

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


def linear_program(costs: np.ndarray, rows: np.ndarray, low: np.ndarray, high: np.ndarray) -> Vertex:
    """Minimise `costs x` subject to `low <= rows x <= high` and `x >= 0`.

    Parameters
    ----------
    costs : array, shape (n,)
    rows : array, shape (m, n)
    low, high : array, shape (m,)

    Returns
    -------
    Vertex

    Examples
    --------
    >>> linear_program(np.array([1.0, 2.0]), np.ones((1, 2)), np.ones(1), np.ones(1)).x.tolist()
    [1.0, 0.0]
    """
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = rows.shape
    lp.col_cost_, lp.col_lower_ = costs, np.zeros(len(costs))
    lp.col_upper_ = np.full(len(costs), highspy.kHighsInf)
    lp.row_lower_, lp.row_upper_ = low, high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.arange(rows.shape[0] + 1) * rows.shape[1]
    lp.a_matrix_.index_ = np.tile(np.arange(rows.shape[1]), rows.shape[0])
    lp.a_matrix_.value_ = rows.ravel()
    # The plain class: the one around it installs callbacks, and prints a banner when it does.
    solver = highspy._Highs()
    options = {"output_flag": False, "presolve": "off", "threads": 1}
    tolerances = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    for option, value in (options | tolerances).items():
        solver.setOptionValue(option, value)
    solver.passModel(lp)
    solver.run()
    found = solver.getSolution()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal or not found.value_valid:
        return Vertex(False, np.zeros(len(costs)), np.zeros(len(low)), np.inf)
    x = np.array(found.col_value)
    return Vertex(True, x, np.array(found.row_dual), float(costs @ x))
