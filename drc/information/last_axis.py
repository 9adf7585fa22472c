"""Sums, extremes and truths over the last axis.

Vectors have two or three components. For rows as short as that, numpy's own reductions take several logarithms a row; what
folds the columns takes an addition for each.
"""

from __future__ import annotations

from functools import reduce

import numpy as np

from drc.types import Booleans, Floats

#: Up to this many components, columns are folded one by one.
_FEW = 8


def _folded(operation: np.ufunc, x: np.ndarray) -> np.ndarray:
    n = x.shape[-1]
    if not 1 < n <= _FEW:
        return operation.reduce(x, axis=-1)
    return reduce(operation, (x[..., i] for i in range(n)))


def total(x: Floats) -> Floats:
    """Sum over the last axis.

    Examples
    --------
    >>> total(np.array([[1.0, 2.0, 4.0], [0.0, 0.5, 0.0]])).tolist()
    [7.0, 0.5]
    """
    return _folded(np.add, x)


def mean(x: Floats) -> Floats:
    """Mean over the last axis."""
    return total(x) / x.shape[-1]


def highest(x: Floats) -> Floats:
    """Largest number of the last axis."""
    return _folded(np.maximum, x)


def lowest(x: Floats) -> Floats:
    """Smallest number of the last axis."""
    return _folded(np.minimum, x)


def every(x: Booleans) -> Booleans:
    """Whether all of the last axis is true."""
    return _folded(np.logical_and, x)


def some(x: Booleans) -> Booleans:
    """Whether any of the last axis is true."""
    return _folded(np.logical_or, x)
