"""Fields of an experiment, judged one by one in the words of the user."""

from __future__ import annotations

import math
from typing import Any

from drc.errors import ProblemError


def whole(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Return `value` if it is a whole number within its range.

    Raises
    ------
    ProblemError
        Naming field, value and range.

    Examples
    --------
    >>> whole("epochs", 0, 1)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: epochs = 0 is not possible: allowed is a whole number >= 1
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < low or (high is not None and value > high):
        allowed = f">= {low}" if high is None else f"from {low} to {high}"
        raise ProblemError(f"{name} = {value!r} is not possible: allowed is a whole number {allowed}")
    return value


def real(name: str, value: Any, low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> float:
    """Return `value` as a float if it is a finite number within its range; `above` leaves the lower end out.

    Raises
    ------
    ProblemError
        Naming field, value and range.

    Examples
    --------
    >>> real("weight", 1, 0)
    1.0
    """
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not good or value < low or value > high or (above and value == low):
        sign = ">" if above else ">="
        bounds = [f"{sign} {low:g}"] if low > -math.inf else []
        bounds += [f"<= {high:g}"] if high < math.inf else []
        raise ProblemError(f"{name} = {value!r} is not possible: allowed is a number {' and '.join(bounds)}".rstrip())
    return float(value)


def wholes(name: str, value: Any, low: int) -> tuple[int, ...]:
    """Return a list of whole numbers as a tuple.

    Raises
    ------
    ProblemError
        Naming the entry.

    Examples
    --------
    >>> wholes("encoder", [128, 64], 1)
    (128, 64)
    """
    if not isinstance(value, list | tuple):
        raise ProblemError(f"{name} = {value!r} is no list: allowed is a list of whole numbers >= {low}")
    return tuple(whole(f"{name}[{i}]", item, low) for i, item in enumerate(value))


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is true or false.

    Raises
    ------
    ProblemError
        For anything else.
    """
    if not isinstance(value, bool):
        raise ProblemError(f"{name} = {value!r} is not possible: allowed is true or false")
    return value


def text(name: str, value: Any, *, empty: bool = False) -> str:
    """Return `value` if it is a text.

    Raises
    ------
    ProblemError
        For anything else, and for an empty text unless `empty`.
    """
    if not isinstance(value, str) or not (value or empty):
        raise ProblemError(f"{name} = {value!r} is not possible: allowed is a text")
    return value
