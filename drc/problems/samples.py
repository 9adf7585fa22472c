"""Samples as a user has them, and the letters they are made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.problems.arrays import listed


def samples(name: str, values: Any) -> list:
    """Return samples as a list.

    Raises
    ------
    ProblemError
        For none, for more than one dimension, and for values that cannot be letters.

    Examples
    --------
    >>> samples("labels", ("a", "b", "a"))
    ['a', 'b', 'a']
    """
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise ProblemError(f"{name} has shape {values.shape}: allowed is one value a sample, shape (n,)")
    values = listed(name, values)
    if not values:
        raise ProblemError(f"{name} is empty: allowed is at least one sample")
    for i, value in enumerate(values):
        try:
            hash(value)
        except TypeError:
            raise ProblemError(f"{name}[{i}] = {value!r} is no letter: allowed are hashable values") from None
        if value != value:
            raise ProblemError(f"{name}[{i}] = {value!r} is no letter: leave out what is not known")
    return values


def in_order(values: Iterable) -> tuple:
    """Return the distinct values, sorted.

    Examples
    --------
    >>> in_order([3, 1, 3])
    (1, 3)
    """
    letters = set(values)
    try:
        return tuple(sorted(letters))
    except TypeError:
        # Letters of several types have no order of their own; any fixed one will do.
        return tuple(sorted(letters, key=lambda v: (type(v).__name__, str(v))))
