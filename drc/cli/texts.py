"""What the command line reads and writes: numbers, ranges, problems; JSON, pictures, a bar of progress."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

import typer

from drc.errors import ProblemError, must
from drc.files import write_whole
from drc.strict_json import to_json

if TYPE_CHECKING:
    import sympy as sp
    from matplotlib.axes import Axes

    from drc.solvers import Solution
    from drc.tradeoff import Tradeoff

Value = TypeVar("Value")


def read_assignments(assignments: list[str] | None, read: Callable[[str, str], Value]) -> dict[str, Value]:
    """Read NAME=VALUE, each value by a function of name and text; a name given twice is refused."""
    given: dict[str, Value] = {}
    for assignment in assignments or ():
        name, _, text = (part.strip() for part in assignment.partition("="))
        if not name or not text:
            raise must("an argument", "be NAME=VALUE, such as R=0.4", assignment)
        if name in given:
            raise ProblemError(f"{name} must be given once, got it twice")
        given[name] = read(name, text)
    return given


def read_number(name: str, text: str) -> sp.Expr:
    """Read a number exactly; `name` is for the message."""
    from drc.problems.validation import number

    return number(name, text)


def read_values(name: str, text: str) -> sp.Expr | tuple[float, float] | list[float]:
    """Read a number exactly, a range LOW:HIGH as a pair of floats, or numbers with commas as a list of floats."""
    for sign, kind in ((":", tuple), (",", list)):
        if sign in text:
            return kind(float(read_number(name, part)) for part in text.split(sign))
    return read_number(name, text)


def read_grid(name: str, text: str) -> sp.Expr | tuple[float, float] | list[float]:
    """Read a number exactly, or numbers with commas or LOW:HIGH:STEP as a list of floats."""
    return _steps(name, text) if ":" in text else read_values(name, text)


#: Longer ranges are slips of the pen.
_LONGEST = 1000


def _steps(name: str, text: str) -> list[float]:
    """Read LOW:HIGH:STEP in exact numbers, so that 0:1:0.1 ends at 1."""
    parts = [read_number(name, part) for part in text.split(":")]
    if len(parts) != 3 or not all(part.is_finite for part in parts):
        raise must(name, "be LOW:HIGH:STEP, such as 0:1:0.25, or numbers with commas", text)
    low, high, step = parts
    if step <= 0 or high < low:
        raise must(name, "have LOW <= HIGH and STEP > 0", text)
    count = int((high - low) // step) + 1
    if count > _LONGEST:
        raise must(name, f"have at most {_LONGEST} points", got=f"{text!r} with {count}")
    return [float(low + i * step) for i in range(count)]


#: What a table is, by the name of its file.
_TABLES = {".tex": "latex", ".pdf": "latex", ".csv": "csv", ".html": "html"}


def table_kind(as_: str | None, out: Path | None) -> str:
    """Return the form of a table: as it is requested, or as the file is named."""
    if out is None:
        return as_ or "latex"
    suffix = out.suffix.lower()
    if suffix not in _TABLES or as_ not in (None, _TABLES[suffix]):
        named = "" if as_ is None else f" as {as_}"
        raise must("out", f"be a name that ends in {', '.join(_TABLES)}{named}", str(out))
    return _TABLES[suffix]


def save_table(text: str, out: Path) -> str:
    """Save a table, set by LaTeX if it is to be a PDF; return the path."""
    if out.suffix.lower() != ".pdf":
        return str(write_whole(out, text))
    from drc.report.engine import typeset

    made = typeset(text)
    if made.pdf is None:
        raise ProblemError(
            f"out = {str(out)!r} cannot be typeset: {made.message}; a name that ends in .tex needs no LaTeX"
        )
    return str(write_whole(out, made.pdf))


def tradeoff_at(name: str, given: Mapping[str, Value], form: str, unit: str) -> tuple[Tradeoff, dict[str, Value]]:
    """Return the trade-off with its parameters put in, and what is left: the bounds on its arguments."""
    from drc.theory import entry

    bounds = {key: value for key, value in given.items() if key in ("R", "D", "D2", "P", "C")}
    parameters = {key: value for key, value in given.items() if key not in bounds}
    return entry(name).tradeoff(form=form, unit=unit, **parameters), bounds


def picture_kind(out: Path) -> str:
    """Return the kind of a picture by its name: svg, png or pdf."""
    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in ("svg", "png", "pdf"):
        raise must("out", "be a name that ends in .svg, .png or .pdf", str(out))
    return suffix


def save_picture(plot: Callable[[], Axes], out: Path) -> str:
    """Save what `plot` draws; return the path."""
    import io

    import matplotlib

    from drc.tradeoff.style import figure_of

    matplotlib.use("Agg")

    suffix, picture = picture_kind(out), io.BytesIO()
    figure_of(plot()).savefig(picture, format=suffix)
    return str(write_whole(out, picture.getvalue()))


def solution_fields(solution: Solution) -> dict[str, object]:
    """Return what JSON shows of a solution."""
    names = ("status", "minimise", "value", "lower", "upper", "gap", "relative_gap", "unit", "bounds", "slope")
    reached = ("rate", "classification", "distortion", "perception", "measure", "further")
    names += (*reached, "plan", "coupling", "duals", "method")
    found: dict[str, object] = {name: getattr(solution, name) for name in names}
    if solution.estimate is not None:
        found["sampled"] = solution.estimate.interval()
    return found


def print_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(to_json(value, indent=2, ensure_ascii=False))


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
            """Show what is being done, and how far it is."""
            bar.update(task, description=description, completed=done, total=total)

        yield move


@contextmanager
def progress_lines(quiet: bool, *, parts: bool = False) -> Iterator[Callable[[str, int, int], None] | None]:
    """Show a bar on a terminal; elsewhere (in a log, say) a line for each step, with the time left, at most one a second.

    With `parts` there is a line only when a part of the work begins, which is the first word of what is being done.
    """
    if quiet or sys.stderr.isatty():
        with progress_bar(quiet) as move:
            yield move
        return
    began: tuple[float, int] | None = None
    last, parts_told = -math.inf, set[str]()

    def tell_part(description: str, done: int, total: int) -> None:
        """Name a part of the work once: parts may take turns."""
        part = description.split(maxsplit=1)[0].removesuffix(":")
        if part not in parts_told and (done < total or total == 1):
            parts_told.add(part)
            typer.echo(part, err=True)

    def tell_step(description: str, done: int, total: int) -> None:
        """Write what is being done, how far it is, and how long the rest takes at the speed so far."""
        nonlocal began, last
        now = monotonic()
        if now - last < 1 and done < total:
            return
        began, last = began or (now, done), now
        seconds, steps = now - began[0], done - began[1]
        left = f", {duration(seconds * (total - done) / steps)} left" if steps and done < total else ""
        typer.echo(f"{description} ({done} of {total}{left})", err=True)

    yield tell_part if parts else tell_step


def duration(seconds: float) -> str:
    """Return a time in the largest unit of which it has two or more.

    Examples
    --------
    >>> [duration(seconds) for seconds in (0.4, 119, 300, 9000)]
    ['0 s', '119 s', '5 min', '2.5 h']
    """
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
