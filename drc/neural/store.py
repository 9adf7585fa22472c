"""Results of a sweep in SQLite: one row per point, under a digest of all that the point depends on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeVar, cast, overload

import numpy as np

from drc.errors import ProblemError
from drc.strict_json import from_json, to_json

# A kill loses no row that was written; only a loss of power could lose the last ones.
_SET_UP = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
CREATE TABLE IF NOT EXISTS points (
    id INTEGER PRIMARY KEY,           -- rows lie in the order in which points came, and are written in about this order
    key TEXT NOT NULL UNIQUE,         -- SHA-256 of what the point depends on
    settings TEXT NOT NULL,           -- JSON, as the sweep has them
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'failed')),
    result TEXT,                      -- JSON; of a failed point the message
    seconds REAL,
    starts INTEGER NOT NULL DEFAULT 0 -- how often the point was handed out
);
"""

#: Points that are added in one go.
_MANY = 1000

_FILE = "points.sqlite"

_T = TypeVar("_T")

#: What came of a point: its status, its result as JSON, and seconds.
Outcome = tuple[str, str, float]


class Row(NamedTuple):
    """A point as the store has it.

    Attributes
    ----------
    status : {"open", "done", "failed"}
    result : mapping
        Of a failed point, `{"error": message}`.
    starts : int
        How often it was handed out: more than once if a kill met it, or if others in its block took long.
    """

    settings: Mapping[str, object]
    status: str
    result: Mapping[str, object]
    seconds: float
    starts: int


class Added(NamedTuple):
    """Points that were added to the store, each once, as arrays of one length.

    Attributes
    ----------
    places : array of int
        Which of the points that were given it is; of several with one key, the first.
    ids : array of int
        The rows.
    is_open : array of bool
    """

    places: np.ndarray
    ids: np.ndarray
    is_open: np.ndarray


class Rows(Sequence[Row]):
    """Rows of the store in a folder, each read when it is used: there may be a million."""

    def __init__(self, folder: Path, ids: np.ndarray) -> None:
        self._folder, self._ids = folder, ids

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> Rows: ...
    def __getitem__(self, place: int | slice) -> Row | Rows:
        if isinstance(place, slice):
            return Rows(self._folder, self._ids[place])
        return next(iter(Rows(self._folder, self._ids[[place]])))

    def __iter__(self) -> Iterator[Row]:
        columns = "settings, status, coalesce(result, '{}'), coalesce(seconds, 0.0), starts"
        with _damage_named(self._folder):
            yield from (_row(*values) for values in self._read(columns))

    def statuses(self) -> Iterator[str]:
        """Read the status of each row, which is faster than the rows."""
        with _damage_named(self._folder):
            yield from (status for (status,) in self._read("status"))

    def _read(self, columns: str) -> Iterator[tuple]:
        place = f"{(self._folder / _FILE).resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(place, uri=True)) as points:
            for row in self._ids.tolist():
                yield points.execute(f"SELECT {columns} FROM points WHERE id = ?", (row,)).fetchone()


class Store:
    """The results in one folder, made if need be; only one process at a time writes to it, and any number may read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
    ...     added = store.add([("k", {"R": 1})])
    ...     store.begin(["k"])
    ...     store.end([("k", ("done", '{"value": "inf"}', 0.5))])
    ...     store.rows(added.ids)[0].result
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
        self._points = sqlite3.connect(folder / _FILE, isolation_level=None)
        self._folder = folder
        try:
            with _damage_named(folder):
                self._points.executescript(_SET_UP)
        except ProblemError:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the store and give the folder back."""
        self._points.close()
        self._lock.close()

    def add(self, points: Iterable[tuple[str, Mapping[str, object]]]) -> Added:
        """Add points, each a key with its settings; those that are there keep what they have, failures are open again.

        Either all are added or, if the points end with an error, none.
        """
        found: list[np.ndarray] = [np.empty((0, 2), int)]
        self._points.execute("BEGIN")
        for some in batches(points, _MANY):
            keys = [(key,) for key, _ in some]
            rows = [(key, to_json(settings)) for key, settings in some]
            with _damage_named(self._folder):
                self._points.executemany("INSERT OR IGNORE INTO points (key, settings) VALUES (?, ?)", rows)
                again = "UPDATE points SET status = 'open', result = NULL WHERE key = ? AND status = 'failed'"
                self._points.executemany(again, keys)
                query = "SELECT id, status = 'open' FROM points WHERE key = ?"
                found.append(np.array([self._points.execute(query, key).fetchone() for key in keys]))
        with _damage_named(self._folder):
            self._points.execute("COMMIT")
        together = np.concatenate(found)
        first = np.sort(np.unique(together[:, 0], return_index=True)[1])
        return Added(first, together[first, 0], together[first, 1].astype(bool))

    def begin(self, keys: Iterable[str]) -> None:
        """Note that points are begun."""
        self._points.execute("BEGIN")
        self._points.executemany("UPDATE points SET starts = starts + 1 WHERE key = ?", ((key,) for key in keys))
        self._points.execute("COMMIT")

    def end(self, outcomes: Iterable[tuple[str, Outcome]]) -> None:
        """Note the results of points, all or none of them, and each once."""
        rows = [(status, result, seconds, key) for key, (status, result, seconds) in outcomes]
        query = "UPDATE points SET status = ?, result = ?, seconds = ? WHERE key = ? AND status = 'open'"
        self._points.execute("BEGIN")
        changed = self._points.executemany(query, rows).rowcount
        assert changed == len(rows), f"{len(rows) - changed} of {len(rows)} results were there"
        self._points.execute("COMMIT")

    def rows(self, ids: np.ndarray) -> Rows:
        """Return these rows, in their order."""
        return Rows(self._folder, ids)


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Cut items into lists of this many; the last may be shorter.

    Examples
    --------
    >>> list(batches("abc", 2))
    [['a', 'b'], ['c']]
    """
    left = iter(items)
    return iter(lambda: list(islice(left, size)), [])


@contextmanager
def _damage_named(folder: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.DatabaseError, ValueError, TypeError, RecursionError) as error:
        raise ProblemError(f"{_FILE} in {folder.name} cannot be read ({error})") from None


def _row(settings: str, status: str, result: str, seconds: float, starts: int) -> Row:
    given, found = (cast(Mapping[str, object], from_json(text)) for text in (settings, result))
    return Row(given, status, found, seconds, starts)
