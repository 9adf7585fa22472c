"""Results of a sweep in SQLite: one row per point, under a digest of all that the point depends on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from drc.errors import ProblemError
from drc.strict_json import from_json, to_json

# A kill loses no row that was written; only a loss of power could lose the last ones.
_SET_UP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS points (
    key TEXT PRIMARY KEY,             -- SHA-256 of what the point depends on
    settings TEXT NOT NULL,           -- JSON, as the sweep has them
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'failed')),
    result TEXT,                      -- JSON; of a failed point the message
    seconds REAL,
    starts INTEGER NOT NULL DEFAULT 0 -- how often the point was begun
) WITHOUT ROWID;
"""


class Row(NamedTuple):
    """A point as the store has it.

    Attributes
    ----------
    status : {"open", "done", "failed"}
    result : mapping
        Of a failed point, `{"error": message}`.
    starts : int
        How often it was begun: more than once only if a kill met it.
    """

    settings: Mapping[str, object]
    status: str
    result: Mapping[str, object]
    seconds: float
    starts: int


class Store:
    """The results in one folder, made if need be; only one process at a time writes to it, and any number may read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
    ...     store.add([("k", {"R": 1})])
    ...     store.begin("k")
    ...     store.end("k", "done", {"value": float("inf")}, 0.5)
    ...     store.rows(["k"])[0].result
    {'value': inf}
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # A transaction that is held for good: the system gives it back when the process ends, however it ends.
        self._lock = sqlite3.connect(folder / "lock.sqlite", timeout=0, isolation_level=None)
        try:
            self._lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            self._lock.close()
            raise ProblemError(f"{folder.name} must not be in use by another sweep") from None
        self._points = sqlite3.connect(folder / "points.sqlite", isolation_level=None)
        self._name = f"points.sqlite in {folder.name}"
        with self._damage_named():
            self._points.executescript(_SET_UP)

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as error:
            self.close()
            raise ProblemError(f"{self._name} cannot be read ({error})") from None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and give the folder back."""
        self._points.close()
        self._lock.close()

    def add(self, points: Iterable[tuple[str, Mapping[str, object]]]) -> None:
        """Add points, each a key with its settings; those that are there keep what they have, failures are open again."""
        rows = [(key, to_json(settings)) for key, settings in points]
        with self._damage_named():
            self._points.execute("BEGIN")
            self._points.executemany("INSERT OR IGNORE INTO points (key, settings) VALUES (?, ?)", rows)
            again = "UPDATE points SET status = 'open', result = NULL WHERE key = ? AND status = 'failed'"
            self._points.executemany(again, [(key,) for key, _ in rows])
            self._points.execute("COMMIT")

    def begin(self, key: str) -> None:
        """Note that a point is begun."""
        self._points.execute("UPDATE points SET starts = starts + 1 WHERE key = ?", (key,))

    def end(self, key: str, status: str, result: Mapping[str, object], seconds: float) -> None:
        """Note the result of a point, once."""
        changed = self._points.execute(
            "UPDATE points SET status = ?, result = ?, seconds = ? WHERE key = ? AND status = 'open'",
            (status, to_json(result), seconds, key),
        )
        assert changed.rowcount == 1, key

    def rows(self, keys: Iterable[str]) -> list[Row]:
        """Return the points of these keys, in their order."""
        query = (
            "SELECT settings, status, coalesce(result, '{}'), coalesce(seconds, 0.0), starts FROM points WHERE key = ?"
        )
        with self._damage_named():
            return [_row(*self._points.execute(query, (key,)).fetchone()) for key in keys]


def _row(settings: str, status: str, result: str, seconds: float, starts: int) -> Row:
    given, found = (cast(Mapping[str, object], from_json(text)) for text in (settings, result))
    return Row(given, status, found, seconds, starts)
