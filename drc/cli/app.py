"""The command line itself, and how commands are registered."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import Signature
from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.ending import Commands, prepare_streams
from drc.cli.options import opened
from drc.errors import ProblemError
from drc.version import __version__, commit

app = typer.Typer(
    cls=Commands,
    help="Trade-offs between distortion, rate and classification of cross-domain lossy compression.",
    epilog="An id is a name that `drc list` prints, such as bernoulli.one-shot.YU.drc.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line."""
    prepare_streams()
    app(prog_name="drc")


def command_of(group: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command of a group; what it is to read and to write is tried before it begins."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        options, together = opened(function)

        @wraps(function)
        def run(**given: Any) -> None:
            paths = [(name, path) for name, value in given.items() for path in _paths(value)]
            _check_inputs(paths)
            _check_outputs(paths)
            function(**together(given))

        run.__signature__ = Signature(options)  # pyright: ignore[reportAttributeAccessIssue] (what typer reads)
        run.__annotations__ = {option.name: option.annotation for option in options}
        return group.command(function.__name__.strip("_").replace("_", "-"))(run)

    return register


command = command_of(app)

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
    version: Annotated[bool, typer.Option("--version", help="Print the version, and in a clone the commit.")] = False,
) -> None:
    if version:
        found = commit()
        typer.echo(f"drc {__version__}{found and f' ({found})'}")
        raise typer.Exit
    show_help(context)


codec = typer.Typer(
    help="Code symbols into real bits, and decode them with the file alone.", invoke_without_command=True
)
codec.callback()(show_help)
app.add_typer(codec, name="codec")
