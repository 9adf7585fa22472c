"""A sweep: a grid over `solve`, `check` or `experiment`, computed in parallel, once a point, whatever is killed.

A sweep is a TOML file:

    task = "solve"                        # or "check", "experiment"

    [fixed]                               # the same at every point
    problem = "Bernoulli"                 # or file = "joint.csv", "normal.json"
    q_X = 0.3
    q_Y = 0.4
    q_S1 = 0.1

    [grid]                                # every combination
    R = { from = 0, to = 1, points = 25 }
    C = [0.6, 0.8]

Results are kept under a digest of all that a point depends on: a sweep that was stopped goes on, and one whose grid grew
computes the new points only.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress, product
from operator import not_
from pathlib import Path
from typing import Any

from drc.errors import ProblemError, choice, must
from drc.files import csv_of, write_whole
from drc.neural.experiment import digest
from drc.neural.fields import read_toml, real, text
from drc.neural.run import Progress
from drc.neural.store import Row, Store
from drc.neural.tasks import TASKS, Point
from drc.neural.watch import Watch
from drc.neural.workers import compute_all
from drc.numbers import whole
from drc.strict_json import to_json

#: No sweep has more points: a misplaced zero in a range is to be an error and not a full disk.
_MOST = 1_000_000


@dataclass(frozen=True)
class Sweep:
    """A grid over a task.

    Attributes
    ----------
    task : {"solve", "check", "experiment"}
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
        choice("task", self.task, tuple(TASKS))
        for name, values in self.grid.items():
            if name in self.fixed:
                raise ProblemError(f"{name} must be fixed or in the grid, got both")
            if not isinstance(values, list | tuple) or not values:
                raise must(name, "be a list of one or more values", values)
        count = math.prod(len(values) for values in self.grid.values())
        if count > _MOST:
            raise must("the grid", f"have at most {_MOST} points", got=f"{count}")

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
        for values in product(*self.grid.values()):
            settings = {**self.fixed, **dict(zip(self.grid, values, strict=True))}
            arguments, depends_on = TASKS[self.task].prepare(settings, self.folder)
            key = digest({"task": self.task, **depends_on})
            words = ", ".join(f"{name} = {_in_words(settings[name])}" for name in self.grid) or self.task
            found.setdefault(key, Point(key, settings, arguments, words))
        return list(found.values())


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


@dataclass(frozen=True)
class Results:
    """The rows of a sweep, in the order of its points."""

    task: str
    rows: tuple[Row, ...]

    def count(self, status: str) -> int:
        """Return how many points are "done", "failed" or "open"."""
        return sum(row.status == status for row in self.rows)

    def table(self) -> list[dict[str, object]]:
        """Return settings, status, results and seconds of every point, all with the same columns."""
        # A solver has a status of its own, which says more than that the point is done.
        lines = [{**row.settings, "status": row.status, **row.result, "seconds": row.seconds} for row in self.rows]
        names = list(dict.fromkeys(name for line in lines for name in line if name != "seconds"))
        return [{name: line.get(name, "") for name in (*names, "seconds")} for line in lines]

    def csv(self) -> str:
        """Return the table as CSV."""
        nested = (dict, list)
        return csv_of(
            [{k: to_json(v) if isinstance(v, nested) else v for k, v in line.items()} for line in self.table()]
        )

    def json(self) -> str:
        """Return the table as JSON; an infinite number is the string "inf"."""
        return to_json({"task": self.task, "rows": self.table()}, indent=1) + "\n"


def run(
    sweep: Sweep,
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    data_folder: Path | None = None,
    progress: Progress | None = None,
) -> Results:
    """Compute the points that have no result yet, and write `results.csv` and `results.json`.

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
    progress : function of (description, done, total), optional
        Trainings are counted in epochs, and told epoch by epoch, at most every second.

    Returns
    -------
    Results
        A point that failed is there with its message; it is tried again when the sweep is run again.

    Raises
    ------
    ProblemError
        For settings that the task does not have, and if another sweep works in the folder.
    """
    folder, points = Path(folder), sweep.points()
    keys = [point.key for point in points]
    with Store(folder) as store:
        store.add((point.key, point.settings) for point in points)
        is_open = [row.status == "open" for row in store.rows(keys)]
        opened = list(compress(points, is_open))
        watch = Watch(sweep.task, points, str(folder.resolve()), progress)
        watch.begin(compress(points, map(not_, is_open)))
        try:
            call = sweep.task, str(folder.resolve()), data_folder and str(data_folder.resolve())
            compute_all(opened, call, store, watch, workers, scheduler)
        finally:
            results = Results(sweep.task, tuple(store.rows(keys)))
            write_whole(folder / "results.csv", results.csv())
            write_whole(folder / "results.json", results.json())
    return results
