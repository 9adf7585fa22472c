"""TOML as experiments and sweeps use it: read with the place of a mistake, and written by hand."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drc.errors import ProblemError
from drc.numbers import read
from drc.reading import read_within


def read_toml(path: Path) -> dict[str, Any]:
    """Read a file.

    Raises
    ------
    ProblemError
        If it cannot be opened, is not TOML, is longer than `drc.reading.MOST_TEXT`, or has a date; the message names file,
        and line and column, or the field.
    """

    def number(text: str) -> float:
        """Read a number, which TOML lets write with underscores and NaN; the latter is refused where it is used."""
        return math.nan if text.endswith("nan") else float(read(f"{path.name}: a value", text.replace("_", "")))

    try:
        table = tomllib.loads(read_within(path).decode("utf-8-sig"), parse_float=number)
    except ProblemError:
        raise
    except UnicodeDecodeError:
        raise ProblemError(f"{path.name} must be UTF-8 text") from None
    # Whole numbers of thousands of digits are a ValueError, too.
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"{path.name}: {error}") from None
    _judge_values(path.name, table)
    return table


def _judge_values(name: str, value: Any) -> None:
    """Refuse dates and times, which TOML has and nothing here takes."""
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        if isinstance(item, Mapping | list):
            _judge_values(f"{name}, {key}", item)
        elif not isinstance(item, str | bool | int | float):
            raise ProblemError(f"{name}, {key} must be a text, a number, true or false, got {item}")


def write_toml(table: Mapping[str, Any]) -> str:
    r"""Write texts, numbers, truth values and lists of them, then the tables in it.

    Examples
    --------
    >>> print(write_toml({"rate": {"dim": 4}, "name": "a \"b\"", "steps": [1, 0.5]}), end="")
    name = "a \"b\""
    steps = [1, 0.5]
    <BLANKLINE>
    [rate]
    dim = 4
    """
    return "\n".join(_table(table, ()))


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    lines = [f"[{'.'.join(map(_key, path))}]"] if path else []
    lines += [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, Mapping)]
    parts = ["\n".join(lines) + "\n"] if lines else []
    for name, value in table.items():
        if isinstance(value, Mapping):
            parts += _table(value, (*path, name))
    return parts


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return name if bare else _text(name)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        # TOML has words for what JSON has not.
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value)
    return f"[{', '.join(map(_value, value))}]"


def _text(value: str) -> str:
    # JSON escapes all that TOML wants escaped, but for the delete character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
