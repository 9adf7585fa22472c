"""Commands about theorems: list, show, eval, table, code, plot."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drc.cli.app import command
from drc.cli.options import AsJson, Assignments, Bounds, Form, Id, UnitName
from drc.cli.texts import (
    print_json,
    read_assignments,
    read_grid,
    read_number,
    read_values,
    save_picture,
    save_table,
    table_kind,
    tradeoff_at,
)
from drc.errors import must, not_among

if TYPE_CHECKING:
    from drc.tradeoff import Tradeoff


@command
def list_(
    as_json: AsJson = False,
    check: Annotated[int | None, typer.Option(min=1, help="Audit each theorem at this many random points.")] = None,
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
        special = [
            {"id": i.id, "special_case_of": i.general.theorem, "relation": i.standing, "source": i.source}
            for i in cases
        ]
        print_json([row | more for row, more in zip(rows, found, strict=True)] + special)
        return
    width = max(len(row.id) for row in (*entries, *cases))
    for e in entries:
        typer.echo(f"{e.id:{width}}  {records[e.id].verification if e.id in records else e.status}")
        if e.id in records:
            typer.echo(f"{'':{width}}  published form: {records[e.id].relation_in_words}")
    typer.echo("\nSpecial cases, as the literature has them:")
    for i in cases:
        typer.echo(f"{i.id:{width}}  {i.standing}, {i.source}: {i.general}")


def _records(ids: list[str], samples: int) -> dict[str, Any]:
    from drc.audit import audit as run
    from drc.audit import records

    return {record.id: record for record in records(run(ids, samples=samples))}


@command
def show(
    name: Id,
    form: Form = "exact",
    unit: UnitName = "bits",
    proof: Annotated[bool, typer.Option("--proof", help="Print every step of the derivation.")] = False,
) -> None:
    """Show a theorem (statement, regimes, source, laws, and what was checked), or a special case."""
    from drc.audit import coded
    from drc.theory import catalogue, entry, identities
    from drc.tradeoff.display import tradeoff_text
    from drc.typeset.words import plain

    if case := next((i for i in identities() if i.id == name), None):
        typer.echo(f"{plain(case.statement)}\n\n{case}\n")
        typer.echo(f"source   {case.source}\nrelation {case.standing}\nchecked  {case.check()}")
        return
    ids = [known.id for known in (*catalogue(), *identities())]
    if name not in ids:
        raise not_among("id", name, ids)
    found = entry(name)
    tradeoff, write = found.tradeoff(form=form, unit=unit), _writer()
    typer.echo(f"{plain(tradeoff.statement)}\n\n{tradeoff_text(tradeoff, write)}\n")
    typer.echo(f"assumes  {', '.join(_said_of(a, write) for a in found.assumptions)}")
    typer.echo(f"source   {tradeoff.source}\nstatus   {found.status}")
    for word, law in zip(("laws", *[""] * len(tradeoff.laws)), tradeoff.laws, strict=False):
        typer.echo(f"{word:7}  {law.text(write)}")
    if tradeoff.derivation is None:
        typer.echo("checked  a published formula has no derivation; `drc audit` compares it with the exact one")
        return
    typer.echo(f"checked  derivation, {tradeoff.derivation.check()}")
    if codes := coded(found.tradeoff()):
        typer.echo(f"codes    {codes.achieved}, at {codes.agreements + codes.disagreements} operating points")
    if proof:
        typer.echo(f"\n{tradeoff.derivation.text(write)}")


def _said_of(assumption: Any, write: Callable[[Any], str]) -> str:
    """Write a relation; `0 <= q` and `q <= 1` together."""
    if assumption.is_Relational:
        return write(assumption)
    low, high = assumption.args
    chain = (low.lhs, high.lhs, high.rhs) if low.rhs == high.lhs else (high.lhs, low.lhs, low.rhs)
    return (" <= " if write is str else " ≤ ").join(map(write, chain))


def _writer() -> Callable[[Any], str]:
    """Return what writes expressions: in Unicode, if the output takes it."""
    from drc.expressions.unicode import unicode_text

    try:
        "ρ≤·⋆√⁻¹".encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return str
    return unicode_text


@command
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
    given = read_assignments(assignments, read_number)
    tradeoff, bounds = tradeoff_at(name, given, form, unit)
    point = tradeoff.at(**bounds)
    if as_json:
        numbers = {key: float(number) for key, number in given.items()}
        asked = {"id": name, "form": form, "unit": unit, "given": numbers, "minimise": str(tradeoff.value)}
        print_json(asked | point._asdict())
        return
    short = "" if str(tradeoff.value) == "D" else f" {tradeoff.unit.short}"
    typer.echo(f"{tradeoff.value} = {point.value:.12g}{short}\n{point.why}")


@command
def table(
    name: Annotated[str, typer.Argument(metavar="ID", help="A theorem, as `drc list` names it; or `audit`.")],
    assignments: Assignments = None,
    *,
    bounds: Bounds,
    form: Form = "exact",
    unit: UnitName = "bits",
    digits: Annotated[int, typer.Option(help="Decimals of the values over a grid.")] = 4,
    as_: Annotated[str | None, typer.Option("--as", help="latex, csv or html; left out, as --out is named.")] = None,
    document: Annotated[bool, typer.Option("--document", help="LaTeX that compiles as it is.")] = False,
    caption: Annotated[str, typer.Option(help="LaTeX: of a float.")] = "",
    label: Annotated[str, typer.Option(help="LaTeX: of a float.")] = "",
    narrow: Annotated[bool, typer.Option("--narrow", help="LaTeX for one of two columns.")] = False,
    standalone: Annotated[bool, typer.Option("--standalone", help="LaTeX: a page as large as the table.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write it there: .tex, .csv, .html, or .pdf with LaTeX.")] = None,
) -> None:
    """Tabulate the regimes of a theorem, its values over a grid (R=0:1:0.25 or --R 0:1:0.25), or the audit of papers.

    `drc table audit [ID...]` lists where published forms fail, with witnesses.
    """
    kind = table_kind(as_, out)
    given = [f"{name}={text}" for name, text in bounds.given().items()]
    look: dict[str, Any] = {"caption": caption, "label": label, "narrow": narrow, "standalone": standalone}
    whole = not standalone and (document or (out is not None and out.suffix.lower() == ".pdf"))
    if whole and kind != "latex":
        raise must("as", "be 'latex' with a document", kind)
    if name == "audit":
        text, tradeoff = _audit_table(assignments or [], given, kind), None
    else:
        look |= {"form": kind, "digits": digits}
        text, tradeoff = _theorem_table(name, [*(assignments or ()), *given], form, unit, look)
    if whole:
        from drc.report.tables import document as wrapped

        text = wrapped(text, tradeoff)
    if out is None:
        typer.echo(text, nl=False)
    else:
        typer.echo(save_table(text, out))


@command
def code(
    name: Id,
    assignments: Assignments = None,
    target: Annotated[
        str, typer.Option(help="python, numpy, jax, torch, c, javascript, julia, matlab, ...")
    ] = "python",
    form: Form = "exact",
    unit: UnitName = "bits",
    out: Annotated[Path | None, typer.Option(help="Write it there.")] = None,
) -> None:
    """Write a trade-off as a function in another language, parameters put in that are given."""
    from drc.files import write_whole

    tradeoff, bounds = tradeoff_at(name, read_assignments(assignments, read_number), form, unit)
    if bounds:
        raise must("the parameters put in", "be without bounds, which the function takes", got=", ".join(bounds))
    text = tradeoff.to_code(target)
    typer.echo(text if out is None else str(write_whole(out, text)), nl=out is not None)


def _audit_table(ids: list[str], bounds: list[str], kind: str) -> str:
    from drc.audit import published_findings
    from drc.report.tables import findings_table

    if bounds:
        raise must("arguments of the audit", "be ids of theorems with a published form", bounds[0])
    return findings_table(published_findings(ids or None), kind)


def _theorem_table(
    name: str, assignments: list[str], form: str, unit: str, look: dict[str, Any]
) -> tuple[str, Tradeoff | None]:
    """Return a table, and the trade-off whose abbreviations are in it."""
    grid = read_assignments(assignments, read_grid)
    single = {key: value for key, value in grid.items() if not isinstance(value, list | tuple)}
    ranges = {key: value for key, value in grid.items() if isinstance(value, list)}
    tradeoff, bounds = tradeoff_at(name, single, form, unit)
    if ranges:
        # In the order in which they were given: rows first.
        axes: dict[str, Any] = {k: v for k, v in grid.items() if k in ranges or k in bounds}
        return tradeoff.table(None, **look, **axes), None
    points = [{key: float(number) for key, number in bounds.items()}] if bounds else None
    return tradeoff.table(points, **look), None if points else tradeoff


@command
def plot(
    name: Id,
    out: Annotated[Path, typer.Option(help="The picture: .svg, .png or .pdf.")],
    assignments: Assignments = None,
    form: Form = "exact",
    unit: UnitName = "bits",
    style: Annotated[str | None, typer.Option(help="Size and letters: ieee, neurips or slides.")] = None,
) -> None:
    """Draw a trade-off: contours over ranges such as R=0:1, or a curve for each number of an argument, as C=.55,.7,.9."""
    tradeoff, bounds = tradeoff_at(name, read_assignments(assignments, read_values), form, unit)
    ranges = {key: value if isinstance(value, tuple | list) else float(value) for key, value in bounds.items()}
    typer.echo(save_picture(lambda: tradeoff.plot(style=style, **ranges), out))  # pyright: ignore[reportArgumentType] (names of arguments)
