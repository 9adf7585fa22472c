"""Commands that compute for long: experiment, sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import command
from drc.cli.ending import DISAGREEMENT
from drc.cli.options import Quiet, Workers
from drc.cli.texts import progress_lines
from drc.files import writable

Scheduler = Annotated[str | None, typer.Option(help="A Dask scheduler, tcp://HOST:PORT; its workers compute.")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="The folder with the files of the images.")]

#: What is said of a codec, if it was measured.
_SHOWN = ("rate", "distortion", "distortion_clean", "accuracy", "accuracy_frozen", "sliced_W2")


@command
def experiment(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="A study, an experiment, or a TOML file; left out, list them."),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for runs and pictures; left out, experiments/NAME.")
    ] = None,
    data: DataFolder = None,
    quick: Annotated[bool, typer.Option("--quick", help="One seed, and half of the rates and weightings.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Train nothing: measure what a codec has to beat, and print it as CSV.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Train codecs, measure what other processes decode, and draw it beside the theory; killed, it goes on."""
    from drc.neural import experiments
    from drc.neural.study import studies, study

    if name is None:
        for known in dict.fromkeys([*studies(), *experiments()]):
            typer.echo(known)
        return
    from drc.report.experiments import baseline_table, shown_value, write_study

    if baselines:
        typer.echo(baseline_table(name, data), nl=False)
        return
    if folder is None:
        folder = writable(Path("experiments") / Path(name).stem, folder=True)
    with progress_lines(quiet) as progress:
        found = study(
            name, folder, quick=quick, workers=workers, scheduler=scheduler, data_folder=data, progress=progress
        )
    lines = [(f"weights {cell.weights[0]:g}, {cell.weights[1]:g}", cell.mean) for cell in found.cells]
    for what, measures in [*lines, *((baseline.name, baseline.measures) for baseline in found.baselines)]:
        shown = (f"{m} {text}" for m in _SHOWN if (text := shown_value(measures, m, ".4g")))
        typer.echo(f"{what}: {', '.join(shown)}")
    for path in write_study(found, folder):
        typer.echo(str(path))
    if found.first_run(found.cells[0]).experiment.backend == "torch":
        from drc.cli.images import say_what_is_left_out

        say_what_is_left_out()


@command
def sweep(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="Task, fixed settings, and the grid.")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder for the results; left out, FILE without its ending.")
    ] = None,
    workers: Workers = None,
    scheduler: Scheduler = None,
    data: DataFolder = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="csv, json or parquet; may be repeated; left out, the first two."),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compute a grid over solve, eval, audit and others; stopped or killed, it goes on with the same command."""
    from drc.neural.sweep import Sweep, run

    planned = Sweep.read(file)
    if folder is None:
        folder = writable(file.with_suffix(""), folder=True)
    options: dict[str, Any] = {"workers": workers, "scheduler": scheduler, "data_folder": data}
    written = formats or ["csv", "json"]
    with progress_lines(quiet) as progress:
        results = run(planned, folder, **options, formats=written, progress=progress)
    failed = results.count("failed")
    typer.echo(f"{results.count('done')} points done, {failed} failed: {folder / f'results.{written[0]}'}")
    for row in results.rows if failed else ():
        if row.status == "failed":
            where = ", ".join(f"{name} = {value}" for name, value in row.settings.items())
            typer.echo(f"failed at {where}: {row.result['error']}", err=True)
    if failed:
        raise typer.Exit(DISAGREEMENT)
