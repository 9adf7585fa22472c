"""TOML as experiments and sweeps have it, read with the place of a mistake."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drc.errors import ProblemError
from drc.numbers import read
from drc.reading import read_within


def read_toml(path: Path) -> dict[str, object]:
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
