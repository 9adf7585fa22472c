"""Tables as TOML has them, and dataclasses made of these: their fields are checked by their types, in the user's words."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Self, get_args, get_origin, get_type_hints

from drc import numbers
from drc.errors import ProblemError, choice, must
from drc.reading import read_within


def real(name: str, value: object, low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> float:
    """Read a finite number within a range, as `drc.numbers.real` does, but no text: TOML has numbers.

    Examples
    --------
    >>> real("weight", 1, 0)
    1.0
    """
    if isinstance(value, str):
        raise must(name, "be a number without quotation marks", value)
    return numbers.real(name, value, low, high, above=above)


def text(name: str, value: object, *, empty: bool = False) -> str:
    """Return `value` if it is a text, and not an empty one unless `empty`, or raise a `ProblemError`."""
    if not isinstance(value, str) or not (value or empty):
        raise must(name, "be a text", value)
    return value


class Within(NamedTuple):
    """The range of a number, or of the length of a text; with `above` its lower end does not belong to it."""

    low: int = 0
    high: float | None = None
    above: bool = False


_ANY = Within()

Whole = Annotated[int, _ANY]
Count = Annotated[int, Within(1)]
Weight = Annotated[float, _ANY]
Positive = Annotated[float, Within(above=True)]
Text = Annotated[str, Within(1)]


class Fields:
    """A dataclass whose fields are checked by their types, and that is made of a table.

    Types are numbers, texts and truth values, words (`Literal`), tuples of these, and other classes of this kind. Where a
    field may be of several classes, each has a word for itself, which is `kind` in the table.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Cut(Fields, kind="cut"):
    ...     sizes: tuple[Count, ...]
    ...     share: Weight = 0.5
    >>> Cut.of({"sizes": [3, 4]}).table()
    {'kind': 'cut', 'sizes': [3, 4], 'share': 0.5}
    >>> Cut.of({"sizes": [3, 0]}, "a.toml")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: a.toml: sizes[1] must be a whole number, at least 1, got 0
    """

    _kind: ClassVar[str] = ""
    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    def __init_subclass__(cls, kind: str = "") -> None:
        cls._kind = kind

    def __post_init__(self) -> None:
        for name, hint in _hints(type(self)).items():
            object.__setattr__(self, name, _checked(name, getattr(self, name), hint))

    @classmethod
    def of(cls, table: Mapping[str, object], where: str = "") -> Self:
        """Make an object of tables, as TOML has them; `where` is a file, for messages.

        A `ProblemError` names file, table and field of what is unknown, missing or bad.
        """
        return cls._of(table, where, ())

    @classmethod
    def _of(cls, table: Any, where: str, path: tuple[str, ...]) -> Self:
        place = ": ".join(part for part in (where, f"[{'.'.join(path)}]" if path else "") if part)
        place = f"{place}: " if place else ""
        if not isinstance(table, Mapping):
            raise must(place.removesuffix(": ") or "an experiment", "be a table", table)
        hints, made = _hints(cls), dict(table)
        for name in table:
            if name not in hints:
                raise must(f"{place}the fields", f"be among {', '.join(hints)}", got=name)
        for f in fields(cls):
            if f.name not in table:
                if f.default is MISSING and f.default_factory is MISSING:
                    raise ProblemError(f"{place}{f.name} must be given")
            elif classes := _classes(hints[f.name]):
                inner = (*path, f.name)
                kind, rest = _chosen(classes, table[f.name], f"{where}: " if where else "", inner)
                made[f.name] = kind._of(rest, where, inner)
        try:
            return cls(**made)
        except ProblemError as error:
            raise ProblemError(f"{place}{error}") from None

    def table(self) -> dict[str, object]:
        """Return the object as tables; every field is there, whether it has its default or not, unless it is None."""
        kind: dict[str, object] = {"kind": self._kind} if self._kind else {}
        values = {name: getattr(self, name) for name in _hints(type(self))}
        return kind | {name: _plain(value) for name, value in values.items() if value is not None}


@cache
def _hints(cls: type[Fields]) -> dict[str, Any]:
    hints = get_type_hints(cls, include_extras=True)
    return {f.name: hints[f.name] for f in fields(cls)}


def _checked(name: str, value: Any, hint: Any, within: Within = _ANY) -> Any:
    kind, parts = get_origin(hint), get_args(hint)
    if kind is Annotated:
        return _checked(name, value, *parts)
    if kind is Literal:
        return choice(name, value, parts)
    if kind is tuple:
        several = parts[-1] is ...
        if not isinstance(value, list | tuple) or (not several and len(value) != len(parts)):
            raise must(name, "be a list" if several else "be two numbers", value)
        each = parts[:1] * len(value) if several else parts
        return tuple(
            _checked(f"{name}[{i}]", item, part) for i, (item, part) in enumerate(zip(value, each, strict=True))
        )
    if hint is bool and not isinstance(value, bool):
        raise must(name, "be true or false", value)
    low, high, above = within
    if hint is int:
        return numbers.whole(name, value, low, high if high is None else int(high))
    if hint is float:
        return real(name, value, low, math.inf if high is None else high, above=above)
    return text(name, value, empty=not low) if hint is str else value


def _classes(hint: Any) -> tuple[type[Fields], ...]:
    options = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(option for option in options if isinstance(option, type) and issubclass(option, Fields))


def _chosen(
    classes: tuple[type[Fields], ...], table: Any, place: str, path: tuple[str, ...]
) -> tuple[type[Fields], Any]:
    if len(classes) == 1 or not isinstance(table, Mapping):
        return classes[0], table
    words = {cls._kind: cls for cls in classes}
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in words:
        raise must(f"{place}[{'.'.join(path)}]: kind", f"be {' or '.join(words)}", kind)
    return words[kind], {name: value for name, value in table.items() if name != "kind"}


def _plain(value: Any) -> Any:
    if isinstance(value, Fields):
        return value.table()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


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
        return math.nan if text.endswith("nan") else float(numbers.read(f"{path.name}: a value", text.replace("_", "")))

    try:
        table = tomllib.loads(read_within(path).decode("utf-8-sig"), parse_float=number)
    except ProblemError:
        raise
    except UnicodeDecodeError:
        raise ProblemError(f"{path.name} must be UTF-8 text") from None
    # Whole numbers of thousands of digits are a ValueError, too.
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"{path.name}: {error}") from None
    _refuse_dates(path.name, table)
    return table


def _refuse_dates(name: str, value: Any) -> None:
    """Refuse dates and times, which TOML has and nothing here takes."""
    for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
        if isinstance(item, Mapping | list):
            _refuse_dates(f"{name}, {key}", item)
        elif not isinstance(item, str | bool | int | float):
            raise ProblemError(f"{name}, {key} must be a text, a number, true or false, got {item}")
