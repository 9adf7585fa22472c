"""Commands about problems of one's own: solve, curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import (
    AsJson,
    Classification,
    Cost,
    Distortion,
    File,
    FromSamples,
    Method,
    Minimise,
    Perception,
    PerceptionBound,
    Quiet,
    Rate,
    Reference,
    Seconds,
    Sees,
    Setting,
    Target,
    TimeSharing,
    Tolerance,
    UnitName,
    command,
)
from drc.cli.ending import INTERRUPTED
from drc.cli.texts import (
    picture_kind,
    print_json,
    progress_bar,
    read_bounds,
    read_given,
    read_problem,
    save_picture,
    solution_fields,
)
from drc.errors import ProblemError


@command
def solve(
    file: File,
    samples: FromSamples = False,
    rate: Rate = None,
    classification: Classification = None,
    distortion: Distortion = None,
    perception_bound: PerceptionBound = None,
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
    problem = read_problem(file, cost, target, perception, reference, setting, sees, time_sharing, samples)
    if certificate is not None and not hasattr(problem, "p_SX"):
        raise ProblemError(
            f"certificate must be left out for a {type(problem).__name__}, got {str(certificate)!r} "
            "(only the proof for a finite alphabet is a file)"
        )
    bounds = read_given(R=rate, C=classification, D=distortion, P=perception_bound, slope=slope)
    limits: dict[str, Any] = {"tolerance": tolerance, "time_limit": time_limit, "method": method}
    solution = problem.solve(minimise=minimise, unit=unit, **limits, **bounds)
    if as_json:
        print_json(solution_fields(solution))
    else:
        typer.echo(str(solution))
    if certificate is not None:
        solution.certificate.save(certificate)


@command
def curve(
    file: File,
    samples: FromSamples = False,
    rate: Annotated[str | None, typer.Option("--rate", "-R", help="A bound, a range 0:2, or values 0,.5,1")] = None,
    classification: Annotated[str | None, typer.Option("--classification", "-C", help="The same.")] = None,
    distortion: Annotated[str | None, typer.Option("--distortion", "-D", help="The same.")] = None,
    perception_bound: Annotated[str | None, typer.Option("--perception-bound", "-P", help="The same.")] = None,
    along: Annotated[
        str | None, typer.Option(help="R, D, P or C: the bound that varies, over its whole range.")
    ] = None,
    minimise: Minimise = "D",
    points: Annotated[int, typer.Option(help="At most this many points in a range.")] = 25,
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
    problem = read_problem(file, cost, target, perception, reference, setting, sees, time_sharing, samples)
    given = {"R": rate, "C": classification, "D": distortion, "P": perception_bound}
    bounds = {name: read_bounds(name, text) for name, text in given.items() if text is not None}
    limits: dict[str, Any] = {"tolerance": tolerance, "time_limit": time_limit, "method": method, "points": points}
    if picture is not None:
        picture_kind(picture)
    with progress_bar(quiet) as progress:
        found = problem.curve(minimise=minimise, along=along, unit=unit, progress=progress, **limits, **bounds)
    if to_csv is None and picture is None:
        typer.echo(found.to_csv(), nl=False)
    if to_csv is not None:
        from drc.files import write_whole

        typer.echo(str(write_whole(to_csv, found.to_csv())))
    if picture is not None:
        typer.echo(save_picture(found.plot, picture))
    if found.stopped:
        typer.echo(f"stopped: {found.stopped}, after {len(found.x)} points", err=True)
    if found.stopped == "interrupted":
        raise typer.Exit(INTERRUPTED)
