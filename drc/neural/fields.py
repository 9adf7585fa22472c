"""Fields of an experiment, checked one by one in the words of the user."""

from __future__ import annotations

import math
from typing import Any

from drc import numbers
from drc.errors import must
from drc.numbers import whole as whole


def real(name: str, value: Any, low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> float:
    """Read a finite number within a range, as `drc.numbers.real` does, but no text: TOML has numbers.

    Raises
    ------
    ProblemError
        Naming field, value and range.

    Examples
    --------
    >>> real("weight", 1, 0)
    1.0
    """
    if isinstance(value, str):
        raise must(name, "be a number without quotation marks", value)
    return numbers.real(name, value, low, high, above=above)


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
        raise must(name, f"be a list of whole numbers of at least {low}", value)
    return tuple(whole(f"{name}[{i}]", item, low) for i, item in enumerate(value))


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is true or false.

    Raises
    ------
    ProblemError
        For anything else.
    """
    if not isinstance(value, bool):
        raise must(name, "be true or false", value)
    return value


def text(name: str, value: Any, *, empty: bool = False) -> str:
    """Return `value` if it is a text.

    Raises
    ------
    ProblemError
        For anything else, and for an empty text unless `empty`.
    """
    if not isinstance(value, str) or not (value or empty):
        raise must(name, "be a text", value)
    return value
