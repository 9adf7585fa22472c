"""Arrays of other libraries (frames and series of pandas, tensors) as numpy's, with the letters that their axes name.

Nothing is imported for it: what has the method `__array__` is an array, and what has an index names its letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from drc.errors import ProblemError


def plain(name: str, value: Any) -> Any:
    """Return an array of another library as one of numpy, and everything else as it is.

    Raises
    ------
    ProblemError
        If the library cannot turn it into one.

    Examples
    --------
    >>> plain("p_Y", [0.5, 0.5])
    [0.5, 0.5]
    """
    if isinstance(value, np.ndarray | np.generic) or not hasattr(value, "__array__"):
        return value
    try:
        return np.asarray(value)
    except Exception as error:  # libraries raise whatever they like, such as torch for tensors with gradients
        raise ProblemError(
            f"{name} must be an array that numpy can read, got {type(value).__name__} ({error})"
        ) from None


def axes(value: Any) -> list[list | None]:
    """Return the letters that a series or a frame names along its one or two axes; None where they are only counted.

    Examples
    --------
    >>> axes([[0.5, 0.5]])
    []
    """
    index = getattr(value, "index", None)
    if index is None or callable(index) or not hasattr(value, "__array__"):
        return []
    both = (index, value.columns) if hasattr(value, "columns") else (index,)
    return [
        None if type(one).__name__ == "RangeIndex" and list(one) == list(range(len(one))) else list(one) for one in both
    ]


def sequence(name: str, value: Any) -> list:
    """Return a sequence of single values as a list; numpy's scalars become Python's.

    Raises
    ------
    ProblemError
        For another shape than `(n,)`, and for what has no order.

    Examples
    --------
    >>> sequence("labels", np.array([1, 2])), sequence("labels", ("a", np.float64(0.5)))
    ([1, 2], ['a', 0.5])
    """
    value = plain(name, value)
    if isinstance(value, np.ndarray):
        if value.ndim != 1 or value.dtype.names:
            of = f" of records {value.dtype.names}" if value.dtype.names else ""
            raise ProblemError(f"{name} must have the shape (n,), one value for each, got {value.shape}{of}")
        # `tolist` would make whole numbers of dates in nanoseconds, and long decimals of short floats.
        if value.dtype.kind in "mM":
            return list(value)
        short = value.dtype.type if value.dtype in (np.float16, np.float32) else None
        return [_scalar(item if short is None or item is None else short(item)) for item in value.tolist()]
    if isinstance(value, str | bytes | Mapping | Set) or not isinstance(value, Iterable):
        raise ProblemError(f"{name} must be a sequence such as a list or an array, got {value!r}")
    return [_scalar(item) for item in value]


def _scalar(value: Any) -> Any:
    if isinstance(value, np.float16 | np.float32):
        # A float means the decimal that prints it.
        return float(str(value))
    return value.item() if isinstance(value, np.bool_ | np.integer | np.float64 | np.str_ | np.bytes_) else value
