"""Commands that compute for long: sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drc.cli.app import DISAGREEMENT, Quiet, command
from drc.cli.texts import progress_bar

Workers = Annotated[int | None, typer.Option(min=1, help="Processes; left out, one for each core.")]
Scheduler = Annotated[str | None, typer.Option(help="A Dask scheduler, tcp://HOST:PORT; its workers compute.")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="The folder with the files of the images.")]


@command
def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Task, fixed settings, and the grid.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the results; left out, FILE without its ending.")] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    data: DataFolder = None,
    quiet: Quiet = False,
) -> None:
    """Compute a grid over solve, check or experiment; stopped or killed, it goes on with the same command."""
    from drc.neural.sweep import Sweep, run

    folder = file.with_suffix("") if out is None else out
    with progress_bar(quiet) as progress:
        results = run(
            Sweep.read(file), folder, workers=workers, scheduler=scheduler, data_folder=data, progress=progress
        )
    typer.echo(f"{results.count('done')} points done, {results.count('failed')} failed: {folder / 'results.csv'}")
    for row in results.rows:
        if row.status == "failed":
            where = ", ".join(f"{name} = {value}" for name, value in row.settings.items())
            typer.echo(f"failed at {where}: {row.result['error']}", err=True)
    if results.count("failed"):
        raise typer.Exit(DISAGREEMENT)
