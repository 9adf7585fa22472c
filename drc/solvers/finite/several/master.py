"""The best mixture of plans in doubles: a linear program over what each of them costs and exceeds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drc.solvers.highs import linear_program

#: By how much a bound may be missed in doubles, relative to its size.
_MISSED = 1e-11


@dataclass(frozen=True)
class Master:
    """The best mixture of some plans.

    `value` is infinite if no mixture meets the bounds; `prices` are of each bound, at the optimum or in a
    contradiction. `order` has the plans, those in use first.
    """

    value: float
    prices: np.ndarray
    feasible: bool
    order: list[int]


def best_mixture(costs: np.ndarray, excess: np.ndarray) -> Master:
    """Find the best mixture, or why none meets the bounds.

    `costs`, of shape (n,), is what is minimised, and `excess`, of shape (m, n), by how much each plan exceeds each bound,
    relative to its size.

    Examples
    --------
    >>> found = best_mixture(np.array([0.0, 1.0]), np.array([[0.5, -0.5]]))
    >>> found.value, found.prices.tolist(), found.feasible
    (0.5, [1.0], True)
    """
    one, (m, n) = np.ones((1, len(costs))), excess.shape
    missed, contradiction = _least_excess(excess)
    if missed <= _MISSED:
        solved = linear_program(costs, np.vstack([one, excess]), np.ones(1), np.full(m, max(missed, 0.0)))
        if solved.optimal:
            order = np.lexsort((solved.reduced, -solved.x))
            return Master(solved.value, np.maximum(-solved.y[1:], 0.0), True, order.tolist())
    return Master(math.inf, np.maximum(contradiction, 0.0), False, [*range(n)])


def _least_excess(excess: np.ndarray) -> tuple[float, np.ndarray]:
    """Return by how much every mixture misses some bound, and the multipliers that say so."""
    m, n = excess.shape
    if m == 0:
        return 0.0, np.zeros(0)
    # The excess may be negative: it is the difference of two variables.
    rows = np.block([[np.ones((1, n)), np.zeros((1, 2))], [excess, np.tile([-1.0, 1.0], (m, 1))]])
    solved = linear_program(np.r_[np.zeros(n), 1.0, -1.0], rows, np.ones(1), np.zeros(m))
    return (solved.value, -solved.y[1:]) if solved.optimal else (math.inf, np.ones(m))
