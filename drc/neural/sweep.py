"""A sweep: a grid over a task, such as `solve` or `experiment`, computed in parallel, once a point, whatever is killed.

A sweep is a TOML file:

    task = "solve"                        # or "eval", "check", "audit", "experiment", "module:function"

    [fixed]                               # the same at every point
    problem = "Bernoulli"                 # or file = "joint.csv", "normal.json"
    q_X = 0.3
    q_Y = 0.4
    q_S1 = 0.1

    [grid]                                # every combination
    R = { from = 0, to = 1, points = 25 }
    C = [0.6, 0.8]

Results are kept under a digest of all that a point depends on: a sweep that was stopped goes on, and one whose grid grew
computes the new points only. A grid is never in memory as a whole: a point is made when its turn comes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from drc.errors import ProblemError, must
from drc.neural.experiment import digest
from drc.neural.fields import read_toml, real, text
from drc.neural.results import Results, formats_given
from drc.neural.store import Store
from drc.neural.tasks import Point, task_named
from drc.neural.watch import Watch
from drc.neural.workers import compute_all
from drc.numbers import whole
from drc.types import Progress

#: No sweep has more points: a misplaced zero in a range is to be an error and not a full disk.
_MOST = 1_000_000


@dataclass(frozen=True)
class Sweep:
    """A grid over a task.

    Attributes
    ----------
    task : {"solve", "eval", "check", "audit", "experiment"} or "module:function"
    fixed : mapping
        Settings that are the same at every point.
    grid : mapping from a setting to its values
    folder : Path
        Where files that the settings name are looked up.

    Raises
    ------
    ProblemError
        For an unknown task, a setting that is both fixed and in the grid, and a grid without points or with too many.

    Examples
    --------
    >>> fixed = {"problem": "Bernoulli", "q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}
    >>> sweep = Sweep("solve", fixed, {"R": [0.2, 0.4], "C": [0.7, 0.9]})
    >>> [(p.settings["R"], p.settings["C"]) for p in sweep.points()]
    [(0.2, 0.7), (0.2, 0.9), (0.4, 0.7), (0.4, 0.9)]
    """

    task: str
    fixed: Mapping[str, object]
    grid: Mapping[str, list[object]]
    folder: Path = Path()

    def __post_init__(self) -> None:
        task_named(self.task)
        for name, values in self.grid.items():
            if name in self.fixed:
                raise ProblemError(f"{name} must be fixed or in the grid, got both")
            if not isinstance(values, list | tuple) or not values:
                raise must(name, "be a list of one or more values", values)
        if self._count > _MOST:
            raise must("the grid", f"have at most {_MOST} points", got=f"{self._count}")

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Sweep:
        """Read a sweep from a TOML file.

        Raises
        ------
        ProblemError
            If the file cannot be read, or has an unknown or bad field: the message names file and field.
        """
        path = Path(path)
        return cls.of(read_toml(path), path.name, path.parent)

    @classmethod
    def of(cls, table: Mapping[str, object], where: str, folder: Path) -> Sweep:
        """Make a sweep of tables, as TOML has them; `where` is a file, for messages."""
        for name in table:
            if name not in ("task", "fixed", "grid"):
                raise must(f"{where}: the fields", "be among task, fixed, grid", got=f"{name}")
        tables: dict[str, Any] = {name: table.get(name, {}) for name in ("fixed", "grid")}
        for name, given in tables.items():
            if not isinstance(given, Mapping):
                raise must(f"{where}: {name}", "be a table", given)
        try:
            grid = {name: _values(name, given) for name, given in _flat(tables["grid"]).items()}
            return cls(text("task", table.get("task", "")), _flat(tables["fixed"]), grid, folder)
        except ProblemError as error:
            raise ProblemError(f"{where}: {error}") from None

    def points(self) -> list[Point]:
        """Return the points, the last setting of the grid varying fastest; a point that occurs twice is there once."""
        found: dict[str, Point] = {}
        for point in self._all():
            found.setdefault(point.key, point)
        return list(found.values())

    @property
    def _count(self) -> int:
        return math.prod(len(values) for values in self.grid.values())

    def _all(self) -> _Places:
        return _Places(self, np.arange(self._count))

    def _point(self, place: int) -> Point:
        """Make the point at a place of the grid."""
        index = np.unravel_index(place, [len(values) for values in self.grid.values()])
        settings = {**self.fixed, **{n: values[i] for (n, values), i in zip(self.grid.items(), index, strict=True)}}
        arguments, depends_on = task_named(self.task).prepare(settings, self.folder)
        words = ", ".join(f"{name} = {_in_words(settings[name])}" for name in self.grid) or self.task
        return Point(digest({"task": self.task, **depends_on}), settings, arguments, words)


@dataclass(frozen=True)
class _Places(Sequence[Point]):
    """Points by their places in the grid of a sweep, each made when it is used."""

    sweep: Sweep
    places: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, i: int) -> Point:  # pyright: ignore[reportIncompatibleMethodOverride] (no slices)
        return self.sweep._point(int(self.places[i]))


def _in_words(value: object) -> str:
    """Return a value for a line of text; of a table the values of its fields."""
    return " ".join(map(_in_words, value.values())) if isinstance(value, Mapping) else f"{value}"


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Name what lies in tables with points, `rate.dim`; a range, and a table that says of which kind it is, are values."""
    flat: dict[str, Any] = {}
    for name, value in table.items():
        if isinstance(value, Mapping) and "kind" not in value and "points" not in value:
            flat |= _flat(value, f"{before}{name}.")
        else:
            flat[before + name] = value
    return flat


def _values(name: str, given: Any) -> list[Any]:
    if not isinstance(given, Mapping):
        return given
    if set(given) != {"from", "to", "points"}:
        raise must(name, "be { from = .., to = .., points = .. }", given)
    low, high = (real(f"{name}.{end}", given[end]) for end in ("from", "to"))
    points = whole(f"{name}.points", given["points"], 1, _MOST)
    # The decimals that are meant, 0.3 and not 0.30000000000000004: the steps are taken in fractions.
    first, last = Fraction(repr(low)), Fraction(repr(high))
    return [float(first + (last - first) * i / max(points - 1, 1)) for i in range(points)]


def run(
    sweep: Sweep,
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    data_folder: Path | None = None,
    formats: Sequence[str] = ("csv", "json"),
    progress: Progress | None = None,
) -> Results:
    """Compute the points that have no result yet, and write them all as `results.csv` and `results.json`.

    Parameters
    ----------
    folder : path
        Where the results are kept, `points.sqlite`; it is made if need be.
    workers : int, optional
        Processes on this machine; left out, one for each core that this process may use.
    scheduler : str, optional
        The address of a Dask scheduler, whose workers compute instead of processes here.
    data_folder : path, optional
        Where the images of an experiment are.
    formats : sequence of {"csv", "json", "parquet"}
        What is written at the end; the last needs pyarrow.
    progress : function of (description, done, total), optional
        Trainings are counted in epochs, and told epoch by epoch, at most every second.

    Returns
    -------
    Results
        A point that failed is there with its message; it is tried again when the sweep is run again. Rows are read from
        the folder when they are used.

    Raises
    ------
    ProblemError
        For settings that the task does not have, and if another sweep works in the folder.
    """
    folder, formats = Path(folder), formats_given(formats)
    with Store(folder) as store:
        added = store.add((point.key, point.settings) for point in sweep._all())
        results = Results(sweep.task, store.rows(added.ids))
        opened = _Places(sweep, added.places[added.is_open])
        watch = Watch(sweep.task, str(folder.resolve()), progress)
        watch.begin(_Places(sweep, added.places[~added.is_open]), opened)
        try:
            call = sweep.task, str(folder.resolve()), data_folder and str(data_folder.resolve())
            compute_all(opened, call, store, watch, workers, scheduler)
        finally:
            results.write(folder, formats)
    return results
