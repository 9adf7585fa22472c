"""The `drc` command: every command is one call of the library.

The library is imported inside the commands, so that `drc --help` answers at once.  Exit codes: 0 done, 1 a
check found a disagreement, 2 wrong input, 130 interrupted.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from drc import __version__
from drc.errors import ProblemError

DISAGREEMENT, WRONG_INPUT, INTERRUPTED = 1, 2, 130

app = typer.Typer(
    help="Trade-offs between distortion, rate and classification of cross-domain lossy compression.",
    epilog="An id is a name that `drc list` prints, such as bernoulli.one-shot.YU.drc.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Id = Annotated[str, typer.Argument(metavar="ID", help="A theorem, as `drc list` names it.")]
Assignments = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE...", help="Parameters and bounds: q_X=.3 R=0.4 C=3/4"),
]
Form = Annotated[str, typer.Option(help="exact: as derived here. published: as the paper prints it.")]
UnitName = Annotated[str, typer.Option("--unit", help="bits or nats, for R and C.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON; infinite values are the string 'inf'.")]
Samples = Annotated[int | None, typer.Option(min=1, help="Random points for each theorem.")]
Seed = Annotated[int, typer.Option(help="Seed of the random points.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A joint law of label and source: CSV, JSON or NPZ.")]
Cost = Annotated[str | None, typer.Option(help="The distortion measure: hamming or squared.")]
Target = Annotated[str | None, typer.Option(help="The law of Y, as numbers with commas: .6,.4")]
Perception = Annotated[str | None, typer.Option(help="TV, W2 or KL, in the place of a law of Y.")]
Reference = Annotated[str | None, typer.Option(help="The law it compares with, as numbers with commas; or that of X.")]
Setting = Annotated[str | None, typer.Option(help="one-shot or asymptotic.")]
Sees = Annotated[str | None, typer.Option(help="What the classifier sees: YU or Y.")]
TimeSharing = Annotated[bool | None, typer.Option("--time-sharing", help="Blocks may use different codes.")]
Minimise = Annotated[str, typer.Option(help="D or R.")]
Method = Annotated[str, typer.Option(help="Which solver; auto chooses, and says which and why.")]
Tolerance = Annotated[float, typer.Option(help="The gap that counts as optimal.")]
Seconds = Annotated[float | None, typer.Option("--time-limit", help="Seconds, after which the best so far is given.")]


def main() -> None:
    """Run the command line."""
    app(prog_name="drc")


def _command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command whose expected errors are one line on stderr, never a traceback."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except BrokenPipeError:
            raise  # `drc list | head` closes the pipe: typer ends quietly
        except (ProblemError, OSError) as error:
            typer.echo(f"error: {_said(error)}", err=True)
            raise typer.Exit(WRONG_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("\ninterrupted: stopped on your request, and no file was left half written.", err=True)
            raise typer.Exit(INTERRUPTED) from None

    name = function.__name__.removesuffix("_").removeprefix("_")
    return app.command(name.replace("_", "-"))(run)


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@app.callback(invoke_without_command=True)
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"drc {__version__}")
        raise typer.Exit


# Theorems -------------------------------------------------------------------------------------------------


@_command
def list_(
    as_json: AsJson = False,
    check: Annotated[int | None, typer.Option(min=1, help="Audit each theorem at so many random points.")] = None,
) -> None:
    """List every theorem (id, forms, status) and the special cases that the literature has.

    With --check, also how each theorem was verified and how it relates to the print.
    """
    from drc.theory import catalogue, identities

    entries, cases = catalogue(), identities()
    records = _records([e.id for e in entries], check) if check else {}
    if as_json:
        rows = [{"id": e.id, "forms": list(e.forms), "status": e.status} for e in entries]
        found = [records[e.id].summary if e.id in records else {} for e in entries]
        special = [{"id": i.id, "special_case_of": i.general.theorem, "source": i.source} for i in cases]
        _print_json([row | more for row, more in zip(rows, found, strict=True)] + special)
        return
    width = max(len(row.id) for row in (*entries, *cases))
    for e in entries:
        typer.echo(f"{e.id:{width}}  {records[e.id].verification if e.id in records else e.status}")
        if e.id in records:
            typer.echo(f"{'':{width}}  printed form: {records[e.id].relation_in_words}")
    typer.echo("\nSpecial cases, as the literature has them:")
    for i in cases:
        typer.echo(f"{i.id:{width}}  {i.source}: {i.general}")


def _records(ids: list[str], samples: int) -> dict[str, Any]:
    from drc.audit import audit as run
    from drc.audit import records

    return {record.id: record for record in records(run(ids, samples=samples))}


@_command
def show(
    name: Id,
    form: Form = "exact",
    unit: UnitName = "bits",
    proof: Annotated[bool, typer.Option("--proof", help="Print every step of the derivation.")] = False,
) -> None:
    """Show a theorem (statement, regimes, source, laws, and what was checked), or a special case."""
    from drc.theory import entry, identities

    if case := next((i for i in identities() if i.id == name), None):
        typer.echo(f"{case.statement.replace('$', '')}\n\n{case}\n")
        typer.echo(f"source   {case.source}\nchecked  {case.check()}")
        return
    found = entry(name)
    tradeoff = found.tradeoff(form=form, unit=unit)
    typer.echo(f"{tradeoff.statement.replace('$', '')}\n\n{tradeoff}\n")
    typer.echo(f"assumes  {', '.join(_said_of(a) for a in found.assumptions)}")
    typer.echo(f"source   {tradeoff.source}\nstatus   {found.status}")
    for word, law in zip(("laws", *[""] * len(tradeoff.laws)), tradeoff.laws, strict=False):
        typer.echo(f"{word:7}  {law}")
    if tradeoff.derivation is None:
        typer.echo("checked  a printed formula has no derivation; `drc audit` compares it with the exact one")
        return
    typer.echo(f"checked  derivation, {tradeoff.derivation.check()}")
    if proof:
        typer.echo(f"\n{tradeoff.derivation}")


def _said_of(assumption: Any) -> str:
    """Write a relation; `0 <= q` and `q <= 1` together."""
    if assumption.is_Relational:
        return re.sub(r"Abs\(([^()]*)\)", r"|\1|", str(assumption))
    low, high = assumption.args
    return f"{low.lhs} <= {high.lhs} <= {high.rhs}" if low.rhs == high.lhs else f"{high.lhs} <= {low.lhs} <= {low.rhs}"


@_command
def eval_(
    name: Id,
    assignments: Assignments = None,
    form: Form = "exact",
    unit: UnitName = "bits",
    as_json: AsJson = False,
) -> None:
    """Evaluate a trade-off at one point: value, regime, and why.

    A bound that is left out is inactive.
    """
    given = _read_assignments(assignments)
    tradeoff, bounds = _tradeoff(name, given, form, unit)
    value, regime, why = float(tradeoff(**bounds)), tradeoff.regime(**bounds), tradeoff.why(**bounds)
    if as_json:
        point = {key: float(number) for key, number in given.items()}
        _print_json(
            {"id": name, "form": form, "unit": unit, "given": point, "minimise": str(tradeoff.value)}
            | {"value": value, "regime": regime, "why": why}
        )
        return
    short = "" if str(tradeoff.value) == "D" else f" {tradeoff.unit.short}"
    typer.echo(f"{tradeoff.value} = {value:.12g}{short}\n{why}")


@_command
def table(
    name: Id,
    assignments: Assignments = None,
    form: Form = "exact",
    unit: UnitName = "bits",
    as_: Annotated[str, typer.Option("--as", help="latex, csv or html.")] = "latex",
) -> None:
    """Print the regimes as a table: booktabs LaTeX, CSV or HTML."""
    tradeoff, bounds = _tradeoff(name, _read_assignments(assignments), form, unit)
    points = [{key: float(number) for key, number in bounds.items()}] if bounds else None
    typer.echo(tradeoff.table(points, form=as_), nl=False)


@_command
def plot(
    name: Id,
    out: Annotated[Path, typer.Option(help="The picture: .svg, .png or .pdf.")],
    assignments: Assignments = None,
    form: Form = "exact",
    unit: UnitName = "bits",
) -> None:
    """Draw contours of a trade-off with the borders of its regimes; ranges are R=0:1, one of three arguments a number."""
    ranges = {key: _range(key, text) for key, text in _pairs(assignments) if ":" in text}
    numbers = _read_assignments([text for text in assignments or () if ":" not in text])
    tradeoff, free = _tradeoff(name, numbers, form, unit)
    if len(tradeoff.arguments) > 2:
        # Of three arguments one is held.
        ranges, free = {**ranges, **{key: float(number) for key, number in free.items()}}, {}
    if free:
        raise ProblemError(f"{next(iter(free))} is drawn over a range: write it as {next(iter(free))}=low:high")
    typer.echo(_draw(tradeoff, ranges, out))


# Problems of one's own ------------------------------------------------------------------------------------


@_command
def solve(
    file: File,
    rate: Annotated[str | None, typer.Option("--rate", "-R", help="Bound on the rate.")] = None,
    classification: Annotated[str | None, typer.Option("--classification", "-C", help="Bound on H(S|Y,U).")] = None,
    distortion: Annotated[str | None, typer.Option("--distortion", "-D", help="Bound on E d(X, Y).")] = None,
    perception_bound: Annotated[str | None, typer.Option("--perception-bound", "-P", help="Bound on it.")] = None,
    minimise: Minimise = "D",
    slope: Annotated[str | None, typer.Option(help="Minimise D + slope R instead.")] = None,
    cost: Cost = None,
    target: Target = None,
    perception: Perception = None,
    reference: Reference = None,
    setting: Setting = None,
    sees: Sees = None,
    time_sharing: TimeSharing = None,
    unit: UnitName = "bits",
    tolerance: Tolerance = 1e-9,
    time_limit: Seconds = None,
    method: Method = "auto",
    certificate: Annotated[Path | None, typer.Option(help="Save the proof there, for `drc check-certificate`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Solve a problem from a file, with proved bounds on the answer; Ctrl-C gives the best so far."""
    problem = _problem(
        file,
        distortion=cost,
        p_Y=target,
        perception=perception,
        reference=reference,
        setting=setting,
        classifier_sees=sees,
        time_sharing=time_sharing,
    )
    given = {"R": rate, "C": classification, "D": distortion, "P": perception_bound, "slope": slope}
    bounds = {name: _number(name, text) for name, text in given.items() if text is not None}
    limits: dict[str, Any] = {"tolerance": tolerance, "time_limit": time_limit, "method": method}
    solution = problem.solve(minimise=minimise, unit=unit, **limits, **bounds)
    if as_json:
        _print_json(_solution(solution))
    else:
        typer.echo(str(solution))
    if certificate is not None:
        solution.certificate.save(certificate)


@_command
def curve(
    file: File,
    rate: Annotated[str | None, typer.Option("--rate", "-R", help="A bound, a range 0:2, or values 0,.5,1")] = None,
    classification: Annotated[str | None, typer.Option("--classification", "-C", help="The same.")] = None,
    distortion: Annotated[str | None, typer.Option("--distortion", "-D", help="The same.")] = None,
    perception_bound: Annotated[str | None, typer.Option("--perception-bound", "-P", help="The same.")] = None,
    along: Annotated[
        str | None, typer.Option(help="R, D, P or C: the bound that varies, over its whole range.")
    ] = None,
    minimise: Minimise = "D",
    points: Annotated[int, typer.Option(help="At most so many points in a range.")] = 25,
    cost: Cost = None,
    target: Target = None,
    perception: Perception = None,
    reference: Reference = None,
    setting: Setting = None,
    sees: Sees = None,
    time_sharing: TimeSharing = None,
    unit: UnitName = "bits",
    tolerance: Tolerance = 1e-9,
    time_limit: Seconds = None,
    method: Method = "auto",
    to_csv: Annotated[Path | None, typer.Option("--csv", help="Write the points there; left out, print them.")] = None,
    picture: Annotated[Path | None, typer.Option("--plot", help="Draw the curve: .svg, .png or .pdf.")] = None,
    quiet: Quiet = False,
) -> None:
    """Trace a trade-off of a problem from a file, with proved bounds; Ctrl-C gives the points so far."""
    problem = _problem(
        file,
        distortion=cost,
        p_Y=target,
        perception=perception,
        reference=reference,
        setting=setting,
        classifier_sees=sees,
        time_sharing=time_sharing,
    )
    given = {"R": rate, "C": classification, "D": distortion, "P": perception_bound}
    bounds = {name: _bounds(name, text) for name, text in given.items() if text is not None}
    limits: dict[str, Any] = {"tolerance": tolerance, "time_limit": time_limit, "method": method, "points": points}
    if picture is not None:
        _picture_kind(picture)
    with _progress(quiet) as progress:
        found = problem.curve(minimise=minimise, along=along, unit=unit, progress=progress, **limits, **bounds)
    if to_csv is None and picture is None:
        typer.echo(found.to_csv(), nl=False)
    if to_csv is not None:
        from drc.files import write_whole

        typer.echo(str(write_whole(to_csv, found.to_csv())))
    if picture is not None:
        typer.echo(_save_picture(found.plot, picture))
    if found.stopped:
        typer.echo(f"stopped: {found.stopped}, after {len(found.x)} points", err=True)
    if found.stopped == "interrupted":
        raise typer.Exit(INTERRUPTED)


# Checks ---------------------------------------------------------------------------------------------------


@_command
def check(
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="A theorem; left out, all of them.")] = None,
    samples: Samples = None,
    seed: Seed = 0,
) -> None:
    """Prove derivation and special cases again, and compare with the certified solver at random points."""
    from drc.derivation import Verdict
    from drc.theory import catalogue, entry, identities

    options: dict[str, Any] = {} if samples is None else {"samples": samples}
    agreed = True
    cases = [case for case in identities() if name in (None, case.id)]
    for found in catalogue() if name is None else [] if cases else [entry(name)]:
        tradeoff = found.tradeoff()
        assert tradeoff.derivation is not None  # an exact form always has one
        proof, report = tradeoff.derivation.check(seed=seed), tradeoff.check(seed=seed, **options)
        typer.echo(f"{report}\n{'':{len(found.id)}}  derivation: {proof}")
        agreed = agreed and bool(proof) and report.ok
    for case in cases:
        checked = case.check(seed=seed)
        typer.echo(f"{case.id}: {checked}")
        agreed = agreed and checked.verdict is Verdict.TRUE
    if not agreed:
        raise typer.Exit(DISAGREEMENT)


@_command
def check_certificate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Certificates, as `drc solve` saves them.")],
) -> None:
    """Prove saved enclosures again, in ball arithmetic and without the solvers; the exit code is 1 if one is not proved."""
    from time import perf_counter

    from drc.checker import check_certificate as check

    proved = True
    for file in files:
        start = perf_counter()
        verdict = check(file)
        lines = [f"{file}", *verdict.said, f"{'proved' if verdict else 'NOT proved'} in {perf_counter() - start:.2f} s"]
        typer.echo("\n  ".join(lines))
        proved = proved and bool(verdict)
    if not proved:
        raise typer.Exit(DISAGREEMENT)


@_command
def audit(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Theorems; left out, all.")] = None,
    samples: Samples = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare all roads of all theorems; printed forms that disagree are shown with a witness."""
    from drc.audit import audit as run

    options: dict[str, Any] = {} if samples is None else {"samples": samples}
    with _progress(quiet) as progress:
        report = run(ids or None, seed=seed, progress=progress, **options)
    typer.echo(report.to_json().rstrip() if as_json else str(report))
    if not report.ok:
        raise typer.Exit(DISAGREEMENT)


@_command
def catalogue(
    out: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder to write to.")] = Path("catalogue"),
    samples: Samples = None,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Write the catalogue as LaTeX, PDF and HTML: statements, regimes, proofs, and how each was verified."""
    from drc.report import write_catalogue

    options: dict[str, Any] = {} if samples is None else {"samples": samples}
    with _progress(quiet) as progress:
        paths = write_catalogue(out, seed=seed, progress=progress, **options)
    for path in paths:
        typer.echo(str(path))


@_command
def report(
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("report"),
    samples: Samples = None,
    seed: Seed = 0,
    quiet: Quiet = False,
) -> None:
    """Write the HTML report: every theorem, its proof, its pictures, the audit."""
    from drc.report import write_report

    options: dict[str, Any] = {} if samples is None else {"samples": samples}
    with _progress(quiet) as progress:
        page = write_report(out, seed=seed, progress=progress, **options)
    typer.echo(str(page))


# Reading and writing --------------------------------------------------------------------------------------


def _pairs(assignments: list[str] | None) -> Iterator[tuple[str, str]]:
    for text in assignments or ():
        name, sign, value = text.partition("=")
        if not sign or not name or not value:
            raise ProblemError(f"{text!r} is no assignment: allowed is NAME=VALUE, such as R=0.4")
        yield name.strip(), value.strip()


def _read_assignments(assignments: list[str] | None) -> dict[str, Any]:
    """Read NAME=VALUE into exact numbers; a name given twice is refused."""
    numbers: dict[str, Any] = {}
    for name, text in _pairs(assignments):
        if name in numbers:
            raise ProblemError(f"{name} is given twice: allowed is one value")
        numbers[name] = _number(name, text)
    return numbers


def _number(name: str, text: str) -> Any:
    from drc.problems.validation import number

    return number(name, text)


def _range(name: str, text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    return float(_number(name, low)), float(_number(name, high))


def _tradeoff(name: str, given: Mapping[str, Any], form: str, unit: str) -> tuple[Any, dict[str, Any]]:
    """Return the trade-off with its parameters put in, and what is left: the bounds on its arguments."""
    from drc.theory import entry

    found = entry(name)
    arguments = {symbol.name for symbol in found.tradeoff(form=form, unit=unit).arguments}
    bounds = {key: value for key, value in given.items() if key in arguments}
    parameters = {key: value for key, value in given.items() if key not in arguments}
    return found.tradeoff(form=form, unit=unit, **parameters), bounds


def _bounds(name: str, text: str) -> Any:
    """Read one bound, a range of them, or a list."""
    if ":" in text:
        return _range(name, text)
    values = [float(_number(name, part)) for part in text.split(",")]
    return values if "," in text else values[0]


def _problem(file: Path, **fields: Any) -> Any:
    """Read a problem; the fields given go before those of the file, and laws are numbers with commas."""
    from drc.problems import Finite

    for name in ("p_Y", "reference"):
        if fields[name] is not None:
            fields[name] = [_number(name, part) for part in fields[name].split(",")]
    return Finite.read(file, **fields)


def _draw(tradeoff: Any, ranges: Mapping[str, Any], out: Path) -> str:
    return _save_picture(lambda: tradeoff.plot(**ranges), out)


def _picture_kind(out: Path) -> str:
    suffix = out.suffix.removeprefix(".").lower()
    if suffix not in ("svg", "png", "pdf"):
        raise ProblemError(f"out = {str(out)!r} is no picture: allowed is a name that ends in .svg, .png or .pdf")
    return suffix


def _save_picture(plot: Callable[[], Any], out: Path) -> str:
    import io

    import matplotlib

    matplotlib.use("Agg")
    from drc.files import write_whole

    suffix, picture = _picture_kind(out), io.BytesIO()
    plot().figure.savefig(picture, format=suffix, bbox_inches="tight")
    return str(write_whole(out, picture.getvalue()))


def _solution(solution: Any) -> dict[str, Any]:
    names = ("status", "minimise", "value", "lower", "upper", "gap", "relative_gap", "unit", "bounds", "slope")
    reached = (
        "rate",
        "classification",
        "distortion",
        "perception",
        "measure",
        "plan",
        "coupling",
        "duals",
        "method",
        "reason",
    )
    return {name: getattr(solution, name) for name in (*names, *reached)}


def _print_json(value: Any) -> None:
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
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int], None] | None]:
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
