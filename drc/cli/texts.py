"""What the command line reads and writes: numbers, ranges, problems; JSON, pictures, a bar of progress."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from drc.errors import ProblemError


def pairs(assignments: list[str] | None) -> Iterator[tuple[str, str]]:
    """Take NAME=VALUE apart."""
    for text in assignments or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise ProblemError(f"{text!r} is no assignment: allowed is NAME=VALUE, such as R=0.4")
        yield name.strip(), value.strip()


def read_assignments(assignments: list[str] | None) -> dict[str, Any]:
    """Read NAME=VALUE into exact numbers; a name given twice is refused."""
    numbers: dict[str, Any] = {}
    for name, text in pairs(assignments):
        if name in numbers:
            raise ProblemError(f"{name} is given twice: allowed is one value")
        numbers[name] = read_number(name, text)
    return numbers


def read_number(name: str, text: str) -> Any:
    """Read a number exactly; `name` is for the message."""
    from drc.problems.validation import number

    return number(name, text)


def read_range(name: str, text: str) -> tuple[float, float]:
    """Read LOW:HIGH."""
    low, _, high = text.partition(":")
    return float(read_number(name, low)), float(read_number(name, high))


def tradeoff_at(name: str, given: Mapping[str, Any], form: str, unit: str) -> tuple[Any, dict[str, Any]]:
    """Return the trade-off with its parameters put in, and what is left: the bounds on its arguments."""
    from drc.theory import entry

    found = entry(name)
    arguments = {symbol.name for symbol in found.tradeoff(form=form, unit=unit).arguments}
    bounds = {key: value for key, value in given.items() if key in arguments}
    parameters = {key: value for key, value in given.items() if key not in arguments}
    return found.tradeoff(form=form, unit=unit, **parameters), bounds


def read_bounds(name: str, text: str) -> Any:
    """Read one bound, a range of them, or a list."""
    if ":" in text:
        return read_range(name, text)
    values = [float(read_number(name, part)) for part in text.split(",")]
    return values if "," in text else values[0]


def read_given(**given: str | None) -> dict[str, Any]:
    """Read the numbers that were given; those left out are None."""
    return {name: read_number(name, text) for name, text in given.items() if text is not None}


def read_problem(
    file: Path,
    cost: str | None,
    target: str | None,
    perception: str | None,
    reference: str | None,
    setting: str | None,
    sees: str | None,
    time_sharing: bool | None,
    samples: bool = False,
) -> Any:
    """Read a problem; the options given go before what the file has, and laws are numbers with commas."""
    from drc.problems.files import read_problem as read

    p_Y, other = (
        None if text is None else [read_number(name, part) for part in text.split(",")]
        for name, text in (("p_Y", target), ("reference", reference))
    )
    laws = {"p_Y": p_Y, "perception": perception, "reference": other}
    options = {"distortion": cost, "setting": setting, "classifier_sees": sees, "time_sharing": time_sharing}
    return read(file, samples=samples, **options, **laws)


def draw(tradeoff: Any, ranges: Mapping[str, Any], out: Path) -> str:
    """Draw a trade-off and save the picture; return its path."""
    return save_picture(lambda: tradeoff.plot(**ranges), out)


def picture_kind(out: Path) -> str:
    """Return the kind of a picture by its name: svg, png or pdf."""
    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in ("svg", "png", "pdf"):
        raise ProblemError(f"out = {str(out)!r} is no picture: allowed is a name that ends in .svg, .png or .pdf")
    return suffix


def save_picture(plot: Callable[[], Any], out: Path) -> str:
    """Save what `plot` draws; return the path."""
    import io

    import matplotlib

    matplotlib.use("Agg")
    from drc.files import write_whole

    suffix, picture = picture_kind(out), io.BytesIO()
    plot().figure.savefig(picture, format=suffix, bbox_inches="tight")
    return str(write_whole(out, picture.getvalue()))


def solution_fields(solution: Any) -> dict[str, Any]:
    """Return what JSON shows of a solution."""
    names = ("status", "minimise", "value", "lower", "upper", "gap", "relative_gap", "unit", "bounds", "slope")
    reached = ("rate", "classification", "distortion", "perception", "measure", "plan", "coupling", "duals", "method")
    return {name: getattr(solution, name) for name in (*names, *reached)}


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    """Turn arrays, exact numbers and infinities into what JSON knows."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else str(number)


@contextmanager
def progress_bar(quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar on a terminal; yield the function that moves it, or None where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def move(description: str, done: int, total: int) -> None:
            bar.update(task, description=description, completed=done, total=total)

        yield move
