"""What a point of a sweep computes: solve, check, or experiment.

A task has two functions: `prepare` turns the settings of a point into arguments, on the machine that has the files, and
`compute` answers them, in any process.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from drc.errors import ProblemError, must
from drc.neural.fields import text
from drc.reading import read_within

if TYPE_CHECKING:
    from drc.neural.experiment import Experiment

Settings = Mapping[str, Any]

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
    watch : function of (arguments, folder)
        How far a point is while another process computes it.
    """

    prepare: Callable[[Settings, Path], tuple[Settings, Settings]]
    compute: Callable[[Settings, str, str | None], dict[str, object]]
    watch: Callable[[Settings, str], Reached] = lambda arguments, folder: Reached(0, 1, "")


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


def _prepare_check(settings: Settings, folder: Path) -> tuple[Settings, Settings]:
    from drc.theory import entry

    for name in settings:
        if name not in ("theorem", "samples", "seed"):
            raise must("the settings of check", "be among theorem, samples, seed", got=name)
    if "theorem" not in settings:
        raise ProblemError("check must have a theorem: theorem = an id from `drc list`")
    entry(settings["theorem"])
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
    "check": Task(_prepare_check, _check),
    "experiment": Task(_prepare_experiment, _experiment, _watch_experiment),
}
