"""Multipliers of the bounds where a problem with one or two unknowns has its optimum: nothing is proved by them.

They are the derivatives of the optimum, less by their sign. At the optimum the gradient of what is minimised is balanced by
those of the bounds that are met there, each with a multiplier that is not negative ([boyd2004], section 5.5.3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from flint import arb, fmpq
from scipy.optimize import nnls

from drc.solvers.arithmetic.balls import Number

#: The step of a difference quotient: balls have many more digits.
STEP = fmpq(1, 2**45)

#: What grows more slowly is flat at the point, and grows with the square of the step.
_FLAT = 1e-9

#: A bound counts as met if its slack is at most this, relative to the bound where that is larger than one.
_MET = 1e-7

#: What is left of the objective's gradient by rounding, relative to it.
_UNBALANCED = 1e-6


def slope(of: Callable[[fmpq], Number], x: fmpq, side: int) -> float:
    """Return how fast a function grows to one side of a point; NaN if it is not finite there.

    Examples
    --------
    >>> round(slope(lambda x: x * x, fmpq(1, 2), 1), 9), slope(abs, fmpq(0), -1)
    (1.0, 1.0)
    """
    found = arb((arb(of(x + side * STEP)) - arb(of(x))) / STEP)
    return float(found.mid()) if found.is_finite() else math.nan


def blocking(objective: float, bounds: Mapping[str, tuple[float, float]]) -> dict[str, float] | None:
    """Return the multiplier of the bound that keeps the optimum from moving on in one direction.

    The objective grows this fast in that direction; of each bound there is what is left, and how fast what it bounds grows.

    Returns nothing by name if nothing is gained there. A multiplier is infinite where the optimum falls vertically with the
    bound; None if a number is not finite.

    Examples
    --------
    >>> blocking(-2.0, {"R": (0.0, 4.0), "C": (0.1, 1.0)}), blocking(1.0, {}), blocking(-2.0, {"R": (0.0, 0.0)})
    ({'R': 0.5}, {}, {'R': inf})
    """
    if not math.isfinite(objective) or any(math.isnan(rate) for _, rate in bounds.values()):
        return None
    growing = {name: (left / max(rate, _FLAT), rate) for name, (left, rate) in bounds.items() if rate > -_FLAT}
    if objective >= 0 or not growing:
        return {}
    name, (_, rate) = min(growing.items(), key=lambda item: item[1][0])
    return {name: -objective / rate if rate > _FLAT else math.inf}


def is_met(left: Number, bound: Number) -> bool:
    """Whether nothing is left of a bound, but for the tolerance of the search."""
    left = arb(left)
    return bool(left.is_finite()) and float(left) <= _MET * max(1.0, abs(float(arb(bound))))


def balanced(
    objective: Sequence[float], bounds: Mapping[str, Sequence[float]], walls: Sequence[Sequence[float]] = ()
) -> dict[str, float] | None:
    """Return the multipliers with which the gradients of bounds balance that of the objective best.

    Given are the gradients of the objective, of what is met with nothing to spare (each of a quantity that is bounded
    from above), and of other constraints, whose multipliers nobody wants to know.

    A multiplier is infinite for what is met where its gradient vanishes, if the others leave much unbalanced: the optimum
    falls vertically there. None if a gradient is not finite.

    Examples
    --------
    >>> balanced([-2.0, 0.0], {"R": [4.0, 1.0]}, [[0.0, -1.0]]), balanced([-2.0], {"R": [0.0]})
    ({'R': 0.5}, {'R': inf})
    """
    gradients = np.array([*bounds.values(), *walls], dtype=float).reshape(-1, len(objective))
    aim, sizes = -np.asarray(objective, dtype=float), np.linalg.norm(gradients, axis=1)
    if not np.isfinite([*aim, *sizes]).all():
        return None
    if not len(sizes):
        return {}
    units = np.where(sizes > 0, sizes, 1.0)
    found, left = nnls((gradients / units[:, None]).T, aim)
    found = found / units
    if left > _UNBALANCED * np.linalg.norm(aim):
        found = np.where(sizes == 0, math.inf, found)
    return dict(zip(bounds, found.tolist(), strict=False))
