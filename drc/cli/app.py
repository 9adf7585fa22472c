"""The command line itself: how commands are registered, and the options that several of them have."""

from __future__ import annotations

from collections.abc import Callable
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


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Register a command whose expected errors are one line on stderr, never a traceback."""
    return command_of(app, function)


def command_of(group: typer.Typer, function: Callable[..., None]) -> Callable[..., None]:
    """Register a command of a group, such as `drc codec`, in the same way."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> None:
        """Run the command; what was asked wrongly is said in one line, with an exit code of its own."""
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
    return group.command(name.replace("_", "-"))(run)


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
