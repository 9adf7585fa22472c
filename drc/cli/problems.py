"""Commands about problems of one's own: solve, curve."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drc.cli.app import command
from drc.cli.ending import INTERRUPTED
from drc.cli.options import AsJson, Bounds, File, FromSamples, Limits, Minimise, ProblemOptions, Quiet, UnitName
from drc.cli.texts import (
    picture_kind,
    print_json,
    progress_bar,
    read_number,
    read_values,
    save_picture,
    solution_fields,
)
from drc.errors import NotAvailableError
from drc.files import write_whole

if TYPE_CHECKING:
    from drc.problems import Problem
    from drc.solvers import Solution


@command
def solve(
    file: File,
    *,
    samples: FromSamples = False,
    bounds: Bounds,
    minimise: Minimise = "D",
    slope: Annotated[str | None, typer.Option(help="Minimise D + slope R instead.")] = None,
    described: ProblemOptions,
    unit: UnitName = "bits",
    limits: Limits,
    certificate: Annotated[Path | None, typer.Option(help="Save the proof there, for `drc check-certificate`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Solve a problem from a file, with proved bounds on the answer; Ctrl-C gives the best so far.

    Of several costs or labels, -D or -C is given once for each, as `none` for those without a bound.
    """
    problem = described.read(file, samples)
    asked = bounds.read() | ({} if slope is None else {"slope": read_number("slope", slope)})
    solution = problem.solve(minimise=minimise, unit=unit, **asdict(limits), **asked)
    if as_json:
        print_json(solution_fields(solution))
    else:
        typer.echo(
            "\n".join([str(solution), *_least(problem, solution, asked, limits.time_limit), f"problem {problem}"])
        )
        if file.suffix != ".json" and (defaults := described.defaults()):
            typer.echo(f"defaults taken for {', '.join(defaults)}")
    if certificate is not None:
        solution.certificate.save(certificate)  # pyright: ignore[reportAttributeAccessIssue] (each kind has it)


def _least(problem: Problem, solution: Solution, asked: dict[str, Any], time_limit: float | None) -> list[str]:
    """Say which bounds would do, one at a time, where no plan meets all of them."""
    from drc.problems import Finite
    from drc.units import unit_named

    several = any(isinstance(bound, list) for bound in asked.values())
    if solution.status != "infeasible" or several or not isinstance(problem, Finite):
        return []
    units = dict.fromkeys("RC" if solution.uncertainty == "entropy" else "R", f" {unit_named(solution.unit).short}")
    said = []
    for name in [name for name in asked if name in "RDC"]:
        rest = {other: bound for other, bound in asked.items() if other != name}
        given = " and ".join(f"{other} = {float(bound):g}{units.get(other, '')}" for other, bound in rest.items())
        try:
            found = problem.solve(minimise=name, unit=solution.unit, time_limit=time_limit, **rest)
        except NotAvailableError:
            continue
        if found.status == "infeasible":
            said.append(f"no {name} will do with {given}")
        elif math.isfinite(found.upper):
            # Rounded up, so that it will do.
            said.append(f"least {name} with {given}: {math.ceil(found.upper * 1e6) / 1e6:g}{units.get(name, '')}")
    return said


@command
def curve(
    file: File,
    *,
    samples: FromSamples = False,
    bounds: Bounds,
    along: Annotated[
        str | None, typer.Option(help="R, D, P or C (D2, C2, ...): the bound that varies, over its whole range.")
    ] = None,
    minimise: Minimise = "D",
    points: Annotated[int, typer.Option(help="At most this many points in a range.")] = 25,
    described: ProblemOptions,
    unit: UnitName = "bits",
    limits: Limits,
    to_csv: Annotated[Path | None, typer.Option("--csv", help="Write the points there; left out, print them.")] = None,
    picture: Annotated[Path | None, typer.Option("--plot", help="Draw the curve: .svg, .png or .pdf.")] = None,
    quiet: Quiet = False,
) -> None:
    """Trace a trade-off of a problem from a file, with proved bounds; Ctrl-C gives the points so far.

    A bound is a number, a range (-R 0:2), or values (-R 0,.5,1). Of several costs or labels, -D or -C is given once for
    each, as `none` for those without a bound.
    """
    problem = described.read(file, samples)
    values = bounds.read(read_values)
    if picture is not None:
        picture_kind(picture)
    with progress_bar(quiet) as progress:
        asked = {"minimise": minimise, "along": along, "points": points, "unit": unit, **asdict(limits), **values}
        found = problem.curve(progress=progress, **asked)
    if to_csv is None and picture is None:
        typer.echo(found.to_csv(), nl=False)
    if to_csv is not None:
        typer.echo(str(write_whole(to_csv, found.to_csv())))
    if picture is not None:
        typer.echo(save_picture(found.plot, picture))
    if found.stopped:
        typer.echo(f"stopped: {found.stopped}, after {len(found.x)} points", err=True)
    if found.stopped == "interrupted":
        raise typer.Exit(INTERRUPTED)
