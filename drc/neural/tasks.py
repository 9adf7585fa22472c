"""What a point of a sweep computes: solve, eval, check, audit, experiment, or a function of yours.

A task has two functions: `prepare` turns the settings of a point into arguments, on the machine that has the files, and
`compute` answers them, in any process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from drc.errors import ProblemError, must
from drc.neural.fields import text
from drc.reading import read_within

if TYPE_CHECKING:
    from drc.neural.experiment import Experiment
    from drc.tradeoff import Tradeoff

Settings = Mapping[str, Any]
Words = tuple[tuple[str, str], ...]

_BOUNDS = ("R", "C", "D", "P", "slope", "minimise", "unit", "tolerance", "time_limit", "method")
_PROBLEMS = ("Bernoulli", "Gaussian", "VectorGaussian", "Finite")
_SHOWN = ("status", "value", "lower", "upper", "gap", "rate", "classification", "distortion", "perception", "method")

#: What is told of an epoch.
_TERMS = ("distortion", "bits", "risk")


class Point(NamedTuple):
    """One combination of a sweep's grid.

    Attributes
    ----------
    key : str
        Digest of the task and all that the result depends on.
    settings : mapping
        As the sweep has them.
    arguments : mapping
        What `compute` is given; plain data.
    words : str
        What tells the point from others of its sweep, to be read.
    """

    key: str
    settings: Settings
    arguments: Settings
    words: str = ""


class Reached(NamedTuple):
    """How far a point is: steps that are done, of how many, and what the last one says of itself."""

    done: int
    total: int
    words: str


class Task(NamedTuple):
    """One kind of point.

    Attributes
    ----------
    prepare : function of (settings, folder)
        The folder is that of the sweep's file; relative names of files are looked up there. Returns the arguments of
        `compute`, and what the result depends on, which names no path.
    compute : function of (arguments, folder, data_folder)
        The folder is for what the point leaves behind; returns plain data by name.
    watch : function of (arguments, folder), optional
        How far a point is while another process computes it; left out, a point is one step.
    together : function of a list of arguments, optional
        Computes many points at once, where this is faster.
    """

    prepare: Callable[[Settings, Path], tuple[Settings, Settings]]
    compute: Callable[[Settings, str, str | None], dict[str, object]]
    watch: Callable[[Settings, str], Reached] | None = None
    together: Callable[[Sequence[Settings]], list[dict[str, object]]] | None = None


def _prepare_solve(settings: Settings, folder: Path) -> tuple[Settings, Settings]:
    if ("file" in settings) == ("problem" in settings):
        raise ProblemError("solve must have a problem: file = a problem, or problem = the name of a setting")
    if "problem" in settings and settings["problem"] not in _PROBLEMS:
        raise must("problem", f"be {' or '.join(_PROBLEMS)}", settings["problem"])
    if "file" not in settings:
        _check_fields(settings)
        return settings, settings
    path = folder / text("file", settings["file"])
    content = hashlib.sha256(read_within(path)).hexdigest()
    return {**settings, "file": str(path.resolve())}, {**settings, "file": content}


def _check_fields(settings: Settings) -> None:
    """Refuse settings that the named problem does not have, and their lack; files say themselves what is wrong."""
    from drc import problems

    known = fields(getattr(problems, settings["problem"]))
    allowed = ("problem", *(field.name for field in known), *_BOUNDS)
    for name in settings:
        if name not in allowed:
            raise ProblemError(f"a setting must be one of {', '.join(allowed)}, got {name!r}")
    for field in known:
        is_needed = field.default is MISSING or (field.name == "p_SX" and "labels" not in settings)
        if is_needed and field.name not in settings:
            raise ProblemError(f"{field.name} must be given for problem = {settings['problem']!r}, got nothing")


def _solve(arguments: Settings, folder: str, data_folder: str | None) -> dict[str, Any]:
    from drc import problems
    from drc.problems import read_problem

    parameters = dict(arguments)
    bounds = {name: parameters.pop(name) for name in _BOUNDS if name in parameters}
    if "file" in parameters:
        problem = read_problem(parameters.pop("file"), **parameters)
    else:
        problem = getattr(problems, parameters.pop("problem"))(**parameters)
    solution = problem.solve(**bounds)
    return {name: _number(getattr(solution, name)) for name in _SHOWN}


def _prepare_eval(settings: Settings, folder: Path) -> tuple[Settings, Settings]:
    words, numbers = _split(settings)
    if "theorem" in numbers or "theorem" not in settings:
        _known_theorem("eval", settings)  # says what is wrong; a look into the catalogue for each point would take long
    tradeoff = _tradeoff(words)
    allowed = [s.name for s in (*tradeoff.arguments, *tradeoff.parameters)]
    for name, value in numbers.items():
        if name not in allowed:
            raise must("the settings of eval", f"be among theorem, form, unit, {', '.join(allowed)}", got=name)
        if not isinstance(value, int | float):
            raise must(name, "be a number or a text", value)
    return settings, settings


def _eval(points: Sequence[Settings]) -> list[dict[str, Any]]:
    """Evaluate a trade-off on arrays of all points that have the same words among their settings."""
    groups: dict[Words, list[int]] = {}
    for i, settings in enumerate(points):
        groups.setdefault(_split(settings)[0], []).append(i)
    found: list[dict[str, Any]] = [{}] * len(points)
    for words, places in groups.items():
        names = _split(points[places[0]])[1]
        numbers = {name: np.array([points[i][name] for i in places]) for name in names}
        tradeoff = _tradeoff(words)
        columns = (np.broadcast_to(f(**numbers), len(places)).tolist() for f in (tradeoff, tradeoff.regime))
        for i, value, regime in zip(places, *columns, strict=True):
            found[i] = {"value": value, "regime": regime}
    return found


def _split(settings: Settings) -> tuple[Words, Settings]:
    """Return the words among settings, which say what to derive, and the rest, which is evaluated there."""
    words = tuple((name, value) for name, value in settings.items() if isinstance(value, str))
    return words, {name: value for name, value in settings.items() if not isinstance(value, str)}


@lru_cache(maxsize=64)
def _tradeoff(words: Words) -> Tradeoff:
    from drc.theory import entry

    options: dict[str, Any] = dict(words)
    return entry(options.pop("theorem")).tradeoff(**options)


def _known_theorem(task: str, settings: Settings) -> None:
    from drc.theory import entry

    if "theorem" not in settings:
        raise ProblemError(f"{task} must have a theorem: theorem = an id from `drc list`")
    entry(settings["theorem"])


def _prepare_check(task: str, settings: Settings, folder: Path) -> tuple[Settings, Settings]:
    for name in settings:
        if name not in ("theorem", "samples", "seed"):
            raise must(f"the settings of {task}", "be among theorem, samples, seed", got=name)
    _known_theorem(task, settings)
    return settings, settings


def _check(arguments: Settings, folder: str, data_folder: str | None) -> dict[str, Any]:
    from drc.theory import entry

    tradeoff = entry(arguments["theorem"]).tradeoff()
    options = {name: arguments[name] for name in ("samples", "seed") if name in arguments}
    assert tradeoff.derivation is not None  # an exact form always has one
    proof = tradeoff.derivation.check(seed=arguments.get("seed", 0))
    report = tradeoff.check(**options)
    return {
        "ok": bool(proof) and report.ok,
        "steps": len(proof.checks),
        "proved": sum(bool(check) for check in proof.checks),
        "agreements": report.agreements,
        "disagreements": report.disagreements,
        "unknown": report.unknown,
    }


def _audit(arguments: Settings, folder: str, data_folder: str | None) -> dict[str, Any]:
    from drc.audit import audit

    options = {name: arguments[name] for name in ("samples", "seed") if name in arguments}
    report = audit([arguments["theorem"]], **options)
    counts = ("agreements", "disagreements", "unknown")
    exact = [entry for entry in report.entries if not entry.roads.startswith("published")]
    sums = {name: sum(getattr(entry, name) for entry in exact) for name in counts}
    return {"ok": report.ok, **sums, "findings": len(report.findings)}


def _prepare_experiment(settings: Settings, folder: Path) -> tuple[Settings, Settings]:
    from drc.neural.experiment import named

    changes = dict(settings)
    if "experiment" not in changes:
        raise ProblemError("experiment must have a start: experiment = a name, or a file that ends in .toml")
    name = text("experiment", changes.pop("experiment"))
    table = named(str(folder / name) if name.endswith(".toml") else name).changed(changes).table()
    return table, table


def _experiment(arguments: Settings, folder: str, data_folder: str | None) -> dict[str, Any]:
    from drc.neural.evaluate import evaluate
    from drc.neural.experiment import Experiment
    from drc.neural.run import train

    experiment = Experiment.of(arguments)
    files = None if data_folder is None else Path(data_folder)
    return evaluate(train(experiment, _run_folder(experiment, folder), data_folder=files), data_folder=files)


def _watch_experiment(arguments: Settings, folder: str) -> Reached:
    """Count epochs: a training writes a line for each into its folder, wherever it runs."""
    from drc.neural.experiment import Experiment
    from drc.neural.run import metrics_of

    experiment = Experiment.of(arguments)
    epochs = experiment.epochs
    lines = metrics_of(_run_folder(experiment, folder), epochs)
    terms = "".join(f", {name} {value:.4g}" for name, value in lines[-1].items() if name in _TERMS) if lines else ""
    return Reached(len(lines), epochs, f"epoch {len(lines)} of {epochs}{terms}")


def _run_folder(experiment: Experiment, folder: str) -> Path:
    return Path(folder) / "runs" / experiment.digest[:16]


def _number(value: Any) -> Any:
    return value if value is None or isinstance(value, str | bool | int) else float(value)


#: The tasks by name.
TASKS = {
    "solve": Task(_prepare_solve, _solve),
    "eval": Task(_prepare_eval, lambda arguments, folder, data_folder: _eval([arguments])[0], together=_eval),
    "check": Task(partial(_prepare_check, "check"), _check),
    "audit": Task(partial(_prepare_check, "audit"), _audit),
    "experiment": Task(_prepare_experiment, _experiment, _watch_experiment),
}


def task_named(name: str) -> Task:
    """Return a task: one of `TASKS`, or `module:function`, any function, whose arguments are the settings.

    Raises
    ------
    ProblemError
        For another name, and if there is no such function.

    Examples
    --------
    >>> task_named("statistics:mean").compute({"data": [1, 4]}, "", None)
    {'value': 2.5}
    """
    module, colon, function = name.partition(":")
    if name in TASKS:
        return TASKS[name]
    if not colon:
        raise must("task", f"be one of {', '.join(TASKS)}, or module:function", name)
    try:
        called = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ProblemError(f"task must be module:function, both to be found, got {name!r} ({error})") from None
    return Task(lambda settings, folder: (settings, settings), lambda settings, *_: _named(called(**settings)))


def _named(found: Any) -> dict[str, object]:
    """Return what a function found by name; a value alone is the value."""
    return dict(found) if isinstance(found, Mapping) else {"value": found}
