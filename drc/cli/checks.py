"""Commands that check and report: check, prove, check-certificate, audit, catalogue, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import command
from drc.cli.ending import DISAGREEMENT
from drc.cli.options import AsJson, Draws, Ids, Quiet, Workers
from drc.cli.texts import progress_bar, progress_lines
from drc.errors import must


@command
def check(
    *,
    name: Annotated[str | None, typer.Argument(metavar="[ID]", help="A theorem; left out, all of them.")] = None,
    draws: Draws,
    workers: Workers = None,
) -> None:
    """Decide every claim of a derivation, and of special cases, and compare with the certified solver at random points."""
    from drc.numbers import seed_given
    from drc.proof import Verdict
    from drc.theory import catalogue, check_proofs, entry, identities
    from drc.theory.proofs import check_identities

    # What is only sampled is said to be, and does not count as a disagreement.
    seed, agreed, fine = seed_given(draws.seed), True, (Verdict.PROVED, Verdict.CITED, Verdict.SAMPLED)
    cases = [case for case in identities() if name in (None, case.id)]
    theorems = catalogue() if name is None else [] if cases else [entry(name)]
    with progress_bar(name is not None) as progress:
        proofs = check_proofs((found.id for found in theorems), seed=seed, workers=workers, progress=progress)
        checks = check_identities((case.id for case in cases), seed=seed, workers=workers, progress=progress)
    for found in theorems:
        proof, report = proofs[found.id], found.tradeoff().check(**draws.given())
        typer.echo(f"{report}\n{'':{len(found.id)}}  derivation: {proof}")
        agreed = agreed and proof.verdict in fine and report.ok
    for case, checked in checks.items():
        typer.echo(f"{case}: {checked}")
        agreed = agreed and checked.verdict in fine
    if not agreed:
        raise typer.Exit(DISAGREEMENT)


@command
def prove(
    claim: Annotated[
        str, typer.Argument(metavar="CLAIM", help='Such as "x*(1 - x) <= 1/4", LaTeX, or "I(X;Z) <= I(X;Y)".')
    ],
    given: Annotated[list[str] | None, typer.Option(metavar="CLAIM", help="What it assumes; may be repeated.")] = None,
    domain: Annotated[
        list[str] | None, typer.Option(metavar="NAME=LOW:HIGH", help="Where a symbol lives: x=0:1.")
    ] = None,
) -> None:
    """Prove a claim of your own for all parameters, or find where it is false; the exit code is 1 if it is not proved."""
    from drc.proof import prove as run

    sets: Any = {name: _interval(name, ends) for name, _, ends in (text.partition("=") for text in domain or [])}
    found = run(claim, given=given or [], domain=sets or None)
    typer.echo(str(found))
    if not found:
        raise typer.Exit(DISAGREEMENT)


def _interval(name: str, ends: str) -> tuple[str, str]:
    low, colon, high = ends.partition(":")
    if not colon:
        raise must("--domain", "be NAME=LOW:HIGH, such as x=0:1", f"{name}={ends}")
    return low.strip(), high.strip()


@command
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


@command
def audit(
    *,
    ids: Ids = None,
    draws: Draws,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare all roads of all theorems; published forms that disagree are shown with a witness."""
    from drc.audit import audit as run

    with progress_bar(quiet) as progress:
        report = run(ids or None, workers=workers, progress=progress, proofs=None, **draws.given())
    typer.echo(report.to_json().rstrip() if as_json else str(report))
    if not report.ok:
        raise typer.Exit(DISAGREEMENT)


@command
def catalogue(
    *,
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="The folder to write to.")] = Path("catalogue"),
    draws: Draws,
    workers: Workers = None,
    quiet: Quiet = False,
) -> None:
    """Write the catalogue as LaTeX, PDF and HTML: statements, regimes, proofs, and how each was verified."""
    from drc.report import write_catalogue

    with progress_lines(quiet, parts=True) as progress:
        paths = write_catalogue(folder, workers=workers, progress=progress, **draws.given())
    for path in paths:
        typer.echo(str(path))


@command
def report(
    *,
    folder: Annotated[Path, typer.Option("--out", help="The folder to write to.")] = Path("report"),
    draws: Draws,
    workers: Workers = None,
    quiet: Quiet = False,
) -> None:
    """Write the HTML report: every theorem, its proof, its pictures, the audit."""
    from drc.report import write_report

    with progress_lines(quiet, parts=True) as progress:
        page = write_report(folder, workers=workers, progress=progress, **draws.given())
    typer.echo(str(page))
