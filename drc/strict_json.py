"""JSON in the strict sense: the numbers that it does not have are the strings "inf", "-inf" and "nan"."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drc.errors import ProblemError
from drc.reading import read_within

#: How JSON has the numbers that it does not know.
_NOT_FINITE = {text: float(text) for text in ("inf", "-inf", "nan")}


def to_json(value: object, *, indent: int | None = None, sort_keys: bool = False, ensure_ascii: bool = True) -> str:
    """Return a value as JSON, with the strings "inf", "-inf" and "nan" for the numbers that JSON does not have.

    Parameters
    ----------
    value : object
        Mappings, lists, tuples, arrays, words and numbers, exact ones included.
    indent, sort_keys, ensure_ascii
        As for `json.dumps`.

    Examples
    --------
    >>> to_json({"R": (1, float("inf"))})
    '{"R": [1, "inf"]}'
    """
    return json.dumps(_plain(value), allow_nan=False, indent=indent, sort_keys=sort_keys, ensure_ascii=ensure_ascii)


def from_json(text: str) -> object:
    """Read what `to_json` wrote: the strings "inf", "-inf" and "nan" are numbers.

    Examples
    --------
    >>> from_json('{"R": [1, "inf"]}')
    {'R': [1, inf]}
    """
    return _numbers(json.loads(text))


def read_json(path: str | os.PathLike[str]) -> object:
    """Read a file that `to_json` wrote.

    Raises
    ------
    ProblemError
        If it cannot be opened, is longer than `drc.reading.MOST_TEXT`, or is damaged.
    """
    content = read_within(path)
    try:
        return from_json(content.decode())
    except (ValueError, RecursionError) as error:
        raise ProblemError(
            f"{Path(path).name} must be JSON as it was written here, got a damaged file ({error})"
        ) from None


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value
