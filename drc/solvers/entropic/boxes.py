"""Lower bounds over boxes: the convex program that a branch and bound on the label's entropy solves at its nodes.

The entropy `H(S|Y)` is a concave function of the joint law `t_{y,s}` of output and label. On a box it is at least what
the chords through the corners say, which leaves a convex program for each box. Many boxes are solved at once: 32 cost
little more than one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.programs import Goal, build
from drc.solvers.request import Clock


@dataclass(frozen=True, eq=False)
class BoxBounds:
    """What was proved for each of B boxes, and what would be optimal if chords were the truth.

    Attributes
    ----------
    lower : array, shape (B,)
        Proved lower bounds of the objective over the couplings in the box; with objective "0" a positive number proves
        that there are none.
    multipliers : Multipliers
        In nats and in the problem's own costs, for the letters that `data.xs` and `data.ys` keep.
    couplings : array, shape (B, n_X, n_Y)
        Joint laws of the letters kept; they meet the relaxed bounds up to `excess` and rounding.
    excess : array, shape (B,)
        By how much the bounds are missed, in scaled units.
    """

    lower: np.ndarray
    multipliers: Multipliers
    couplings: np.ndarray
    excess: np.ndarray


def box_corners(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the corners of boxes.

    Parameters
    ----------
    low, high : array, shape (B, n_Y, n_S)

    Returns
    -------
    array, shape (B, n_Y, 2^n_S, n_S)

    Examples
    --------
    >>> box_corners(np.zeros((1, 1, 2)), np.ones((1, 1, 2)))[0, 0].tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    choices = np.array(list(itertools.product((False, True), repeat=low.shape[-1])))
    return np.where(choices, high[:, :, None, :], low[:, :, None, :])


def dual_of_boxes(
    data: Data,
    bounds: dict[str, Interval],
    low: np.ndarray,
    high: np.ndarray,
    *,
    objective: str = "D",
    slope: float | None = None,
    prices: dict[str, float] | None = None,
    gap: float = 1e-8,
    clock: Clock | None = None,
) -> BoxBounds:
    """Bound the objective over boxes of the joint law of output and label.

    Parameters
    ----------
    data : Data
        The problem; `Data.of(problem)`.
    bounds : dict from "R", "C", "D", "P" to Interval
        The active bounds, in nats; scalars.
    low, high : array, shape (B, n_Y, n_S)
        The boxes, for the letters that `data.ys` keeps: `low <= P(Y=y, S=s) <= high`.
    objective : {"D", "R", "0"}
        "0": prove that the boxes hold nothing feasible; the bounds are relaxed together, each in its own scale, and the
        multipliers have unit sum.
    slope : float, optional
        With objective "D": minimise `D + slope R`.
    prices : dict from "D", "R", "C" to float, optional
        If given, the sum of prices times quantities is minimised.
    gap : float
        How accurate, in the unit of the objective.
    clock : Clock, optional

    Returns
    -------
    BoxBounds

    Notes
    -----
    A box that holds nothing feasible has a large bound, not an infinite one: what relaxes the bounds has a price.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> problem = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.4, 0.6], setting="asymptotic")
    >>> low, high = np.zeros((1, 2, 2)), np.array([[[0.34, 0.4], [0.34, 0.6]]])
    >>> found = dual_of_boxes(Data.of(problem), {"R": Interval.of(0.2), "C": Interval.of(0.6)}, low, high)
    >>> found.lower.shape, bool(found.lower[0] >= 0.1)
    ((1,), True)
    """
    corners = box_corners(low, high)
    middle = {name: float(0.5 * bound.low + 0.5 * bound.high) for name, bound in bounds.items()}
    model = build(data, Goal(objective, middle, slope, prices), corners=corners, elastic=True)
    point = model.solve(gap=gap, clock=clock)
    lower, multipliers = lower_bounds(data, bounds, model.multipliers(point), corners)
    n = len(model.program.cells[0])
    return BoxBounds(lower, multipliers, model.couplings(point), point.x[:, n])
