"""The command line itself: how commands are registered, and the options that several of them have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from drc import __version__
from drc.cli.ending import Commands, prepare_streams
from drc.errors import ProblemError

app = typer.Typer(
    cls=Commands,
    help="Trade-offs between distortion, rate and classification of cross-domain lossy compression.",
    epilog="An id is a name that `drc list` prints, such as bernoulli.one-shot.YU.drc.",
    invoke_without_command=True,
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
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="A joint law of label and source (CSV, JSON or NPZ), or a Gaussian (JSON)."),
]
FromSamples = Annotated[
    bool, typer.Option("--samples", help="FILE is a CSV of samples: columns S, X and, of the target, Y.")
]
Rate = Annotated[str | None, typer.Option("--rate", "-R", help="Bound on the rate.")]
Classification = Annotated[
    str | None, typer.Option("--classification", "-C", help="Bound on what is left unknown of the label.")
]
Distortion = Annotated[str | None, typer.Option("--distortion", "-D", help="Bound on E d(X, Y).")]
PerceptionBound = Annotated[
    str | None, typer.Option("--perception-bound", "-P", help="Bound on the perception measure.")
]
Cost = Annotated[str | None, typer.Option(help="The distortion measure: hamming or squared.")]
Target = Annotated[str | None, typer.Option(help="The law of Y, as numbers with commas: .6,.4")]
Perception = Annotated[str | None, typer.Option(help="TV, W2 or KL, instead of a law of Y.")]
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
    prepare_streams()
    app(prog_name="drc")


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command."""
    return command_of(app, function)


def command_of(group: typer.Typer, function: Callable[..., None]) -> Callable[..., None]:
    """Register a command of a group, such as `drc codec`; what it is to read and to write is tried before it begins."""

    @wraps(function)
    def run(**given: Any) -> None:
        """Try inputs and outputs, and run the command."""
        paths = [(name, path) for name, value in given.items() for path in _paths(value)]
        _check_inputs(paths)
        _check_outputs(paths)
        function(**given)

    return group.command(function.__name__.strip("_").replace("_", "-"))(run)


#: Which parameters of the commands are paths to write to, with the names of their options.
_OUTPUTS = {"out": "out", "folder": "out", "certificate": "certificate", "to_csv": "csv", "picture": "plot"}


def _paths(value: Any) -> list[Path]:
    return [path for path in (value if isinstance(value, list) else [value]) if isinstance(path, Path)]


def _check_inputs(paths: list[tuple[str, Path]]) -> None:
    """Refuse devices, which may have no end."""
    for name, path in paths:
        if name not in _OUTPUTS and (path.is_char_device() or path.is_block_device()):
            raise ProblemError(f"{name} must be a file, got {str(path)!r} (a device)")


def _check_outputs(paths: list[tuple[str, Path]]) -> None:
    """Refuse a path that cannot be written, or that is given twice: work would be lost, or an input overwritten."""
    from drc.files import writable

    for name, path in paths:
        if name not in _OUTPUTS or str(path) == "-":
            continue
        writable(path, folder=name == "folder", name=_OUTPUTS[name])
        for other, there in paths:
            if other != name and path.resolve() == there.resolve():
                also = _OUTPUTS.get(other, other)
                raise ProblemError(f"{_OUTPUTS[name]} must be another file than {also}, got {str(path)!r} for both")


def show_help(context: typer.Context) -> None:
    """Print the help of a group that was called without a command."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        typer.echo(f"drc {__version__}")
        raise typer.Exit
    show_help(context)
