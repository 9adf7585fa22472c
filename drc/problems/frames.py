"""Arrays of other libraries as numpy's, with the letters that their axes name: pandas, scipy, torch, JAX, dit.

Nothing is imported for it: what has the method `__array__` is an array, what has an index names its letters, and what has
outcomes and their probabilities is a distribution.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

import numpy as np

from drc.errors import ProblemError, must


def plain(name: str, value: object) -> object:
    """Return an array of another library as one of numpy, and everything else as it is.

    Raises `ProblemError` if the library cannot turn it into one.

    Examples
    --------
    >>> plain("p_Y", [0.5, 0.5])
    [0.5, 0.5]
    """
    if isinstance(value, np.ndarray | np.generic):
        return value
    if _is_distribution(value):
        return _masses(name, value)
    if hasattr(value, "toarray"):
        # A sparse matrix of scipy.
        return value.toarray()
    if not hasattr(value, "__array__"):
        return value
    try:
        return np.asarray(value)
    except Exception as error:  # libraries raise whatever they like, such as torch for tensors with gradients
        raise ProblemError(
            f"{name} must be an array that numpy can read, got {type(value).__name__} ({error})"
        ) from None


def axes(field: str, value: object, names: str) -> list[tuple[str, list]]:
    """Return the letters that a series or a frame names along its axes, those left out that only count.

    `names` says whose letters belong to each axis, as in "SX", "XY", "Y". What comes back is a list of alphabets' names,
    each with its letters.

    Raises `ProblemError` if an axis is called like the alphabet of the other: then the frame lies on its side; or if it has
    several levels.

    Examples
    --------
    >>> axes("p_SX", [[0.5, 0.5]], "SX")
    []
    """
    if _is_distribution(value):
        return [(name, list(letters)) for name, letters in zip(names, _alphabets(value), strict=False)]
    index = getattr(value, "index", None)
    if index is None or callable(index) or not hasattr(value, "__array__"):
        return []
    both = (index, value.columns) if hasattr(value, "columns") else (index,)
    for axis in both:
        if getattr(axis, "nlevels", 1) > 1:
            raise ProblemError(
                f"{field} must have one letter for each row and column, got a MultiIndex of {axis.nlevels} levels: join its"
                " levels, as in frame.index.map(str), or give its values by to_numpy()"
            )
    called = [getattr(axis, "name", None) for axis in both]
    crossed = len(both) == len(names) == 2 and (called[0] == names[1] or called[1] == names[0])
    if crossed and called[0] != called[1] and names[0] != names[1]:
        raise ProblemError(
            f"{field} must have the letters of {names[0]} as its index, got the axes {called}: transpose it"
        )
    # An index of pandas' that nobody chose counts from 0.
    return [
        (name, list(axis))
        for name, axis in zip(names, both, strict=False)
        if type(axis).__name__ != "RangeIndex" or list(axis) != list(range(len(axis)))
    ]


def _is_distribution(value: object) -> bool:
    """Whether a value is a distribution of dit: outcomes, their probabilities, and the alphabets of its variables."""
    return all(hasattr(value, word) for word in ("outcomes", "pmf", "alphabet", "is_log"))


def _alphabets(value: Any) -> tuple:
    """The letters of each variable; an alphabet of one variable alone is a tuple of letters."""
    joint = bool(value.is_joint()) if hasattr(value, "is_joint") else isinstance(value.alphabet[0], tuple)
    return tuple(value.alphabet) if joint else (tuple(value.alphabet),)


def _masses(name: str, value: Any) -> np.ndarray:
    """The probabilities of a distribution, one axis for each variable."""
    alphabets = _alphabets(value)
    if len(alphabets) > 2:
        raise must(name, "be a distribution of at most two variables, the label first", got=f"one of {len(alphabets)}")
    if value.is_log():
        value = value.copy(base="linear")
    masses = np.zeros([len(letters) for letters in alphabets])
    for outcome, mass in zip(value.outcomes, value.pmf, strict=True):
        each = outcome if len(alphabets) > 1 or isinstance(outcome, tuple) else (outcome,)
        masses[tuple(letters.index(letter) for letters, letter in zip(alphabets, each, strict=True))] += mass
    return masses


def sequence(name: str, value: object) -> list:
    """Return a sequence of single values as a list; numpy's scalars become Python's.

    Raises `ProblemError` for another shape than `(n,)`, and for what has no order.

    Examples
    --------
    >>> sequence("labels", np.array([1, 2])), sequence("labels", ("a", np.float64(0.5)))
    ([1, 2], ['a', 0.5])
    """
    if hasattr(value, "isna") and len(value.shape) == 1 and not isinstance(value.dtype, np.dtype):
        # As an array of numpy, whole numbers of pandas would be floats if one is missing: some would be equal.
        value = list(value)
    if len(getattr(value, "columns", ())) == 1 and hasattr(value, "iloc"):
        return sequence(name, value.iloc[:, 0])
    value = plain(name, value)
    if isinstance(value, np.ndarray):
        if value.ndim != 1 or value.dtype.names:
            of = f" of records {value.dtype.names}" if value.dtype.names else ""
            raise ProblemError(f"{name} must have the shape (n,), one value for each, got {value.shape}{of}")
        # `tolist` would make whole numbers of dates in nanoseconds, and long decimals of short floats.
        if value.dtype.kind in "mM":
            return list(value)
        items = value.tolist()
        if value.dtype in (np.float16, np.float32):
            items = [None if item is None else value.dtype.type(item) for item in items]
    elif isinstance(value, str | bytes | Mapping | Set) or not isinstance(value, Iterable):
        raise must(name, "be a list or an array", value)
    else:
        items = list(value)
    return [_scalar(item) if isinstance(item, np.generic) else item for item in items]


def _scalar(value: np.generic) -> Any:
    if isinstance(value, np.float16 | np.float32):
        # A float means the decimal that prints it.
        return float(str(value))
    return value.item() if isinstance(value, np.bool_ | np.integer | np.float64 | np.str_ | np.bytes_) else value
