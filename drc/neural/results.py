"""What came of a sweep: rows are read from its store and written as CSV, JSON or Parquet, a few at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from drc.errors import ProblemError, must
from drc.files import written_aside
from drc.neural.store import Row, Rows, batches
from drc.strict_json import to_json

#: Rows that are written in one go; each is a row group of a Parquet file.
_MANY = 20_000

Line = dict[str, object]

#: Writes some more lines.
Pen = Callable[[list[Line]], object]


@dataclass(frozen=True)
class Results:
    """The rows of a sweep, in the order of its points."""

    task: str
    rows: Rows

    def count(self, status: str) -> int:
        """Return how many points are "done", "failed" or "open"."""
        return sum(found == status for found in self.rows.statuses())

    def table(self) -> list[Line]:
        """Return settings, status, results and seconds of every point, all with the same columns."""
        return list(self._lines(self._columns()))

    def csv(self) -> str:
        """Return the table as CSV."""
        return self._text("csv")

    def json(self) -> str:
        """Return the table as JSON; an infinite number is the string "inf"."""
        return self._text("json")

    def write(self, folder: Path, formats: Sequence[str]) -> None:
        """Write `results.csv`, `results.json` and `results.parquet`, or some of them, into a folder."""
        with ExitStack() as stack:
            self._write({name: stack.enter_context(written_aside(folder / f"results.{name}")) for name in formats})

    def _text(self, name: str) -> str:
        file = io.BytesIO()
        self._write({name: file})
        return file.getvalue().decode()

    def _write(self, files: Mapping[str, BinaryIO]) -> None:
        columns = self._columns()
        with ExitStack() as stack:
            pens = [stack.enter_context(_FORMATS[name](file, self.task, columns)) for name, file in files.items()]
            for lines in batches(self._lines(columns), _MANY):
                for pen in pens:
                    pen(lines)

    def _columns(self) -> Mapping[str, set[type]]:
        """Return the types of the values in each column."""
        columns: dict[str, set[type]] = {}
        for row in self.rows:
            for name, value in _line(row).items():
                columns.setdefault(name, set()).add(type(value))
        seconds = columns.pop("seconds", {float})
        return columns | {"seconds": seconds}

    def _lines(self, columns: Mapping[str, set[type]]) -> Iterator[Line]:
        for row in self.rows:
            line = _line(row)
            yield {name: line.get(name, "") for name in columns}


def _line(row: Row) -> Line:
    # A solver has a status of its own, which says more than that the point is done.
    return {**row.settings, "status": row.status, **row.result, "seconds": row.seconds}


def _flat(lines: list[Line]) -> list[Line]:
    """Write what is nested as JSON."""
    return [{k: to_json(v) if isinstance(v, dict | list) else v for k, v in line.items()} for line in lines]


@contextmanager
def _csv(file: BinaryIO, task: str, columns: Mapping[str, set[type]]) -> Iterator[Pen]:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    yield lambda lines: writer.writerows(_flat(lines))
    text.detach()


@contextmanager
def _json(file: BinaryIO, task: str, columns: Mapping[str, set[type]]) -> Iterator[Pen]:
    between = b"\n"

    def write(lines: list[Line]) -> None:
        nonlocal between
        for line in lines:
            file.write(between + to_json(line).encode())
            between = b",\n"

    file.write(f'{{"task": {to_json(task)}, "rows": ['.encode())
    yield write
    file.write(b"\n]}\n")


@contextmanager
def _parquet(file: BinaryIO, task: str, columns: Mapping[str, set[type]]) -> Iterator[Pen]:
    arrow, parquet = _pyarrow()
    # A column of several types is one of texts.
    kinds = {float: arrow.float64(), int: arrow.int64(), bool: arrow.bool_()}
    known = {name: types - {type(None)} for name, types in columns.items()}
    known = {name: {float} if types == {float, int} else types for name, types in known.items()}
    kind = {name: kinds.get(*types) if len(types) == 1 else None for name, types in known.items()}
    schema = arrow.schema([(name, kind[name] or arrow.string()) for name in columns])

    def write(lines: list[Line]) -> None:
        rows = [
            {n: None if v is None or v == "" else v if kind[n] else f"{v}" for n, v in line.items()}
            for line in _flat(lines)
        ]
        writer.write_table(arrow.Table.from_pylist(rows, schema))

    with parquet.ParquetWriter(file, schema) as writer:
        yield write


def _pyarrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise ProblemError('the format parquet needs pyarrow: pip install "drc-theory[parquet]"') from None


_FORMATS = {"csv": _csv, "json": _json, "parquet": _parquet}


def formats_given(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of formats, each once.

    Raises
    ------
    ProblemError
        For an unknown one, and for Parquet without pyarrow.
    """
    for name in names:
        if name not in _FORMATS:
            raise must("formats", f"be among {', '.join(_FORMATS)}", name)
    if "parquet" in names:
        _pyarrow()
    return tuple(dict.fromkeys(names))
