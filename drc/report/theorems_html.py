"""The theorems of the catalogue in HTML with MathML: statement, regimes, proof, and how each was verified."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

from drc.audit import Record
from drc.audit.record import NONE
from drc.derivation.render import steps_html
from drc.expressions.latex import mathml
from drc.expressions.layout import conditions
from drc.expressions.words import prose_html
from drc.report.chapters import Book, Chapter, Group, Section
from drc.report.notation import INTRODUCTION, claim, meanings, regimes
from drc.report.pictures import Picture
from drc.report.theorems import narrow_cases, number, witness
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import head, where_latex


def notation(chapters: Sequence[Chapter]) -> str:
    """Write what the letters and the named functions mean."""
    named = "; ".join(meanings(chapters))
    paragraphs = [*INTRODUCTION, *([f"Some functions have names. {named}."] if named else [])]
    body = "\n".join(f"<p>{prose_html(p)}</p>" for p in paragraphs)
    return f'<section id="notation">\n<h2>Notation</h2>\n{body}\n</section>'


def contents(sections: Sequence[Section]) -> str:
    """Write the list of contents: a line for each section, and its theorems."""
    items = []
    for section in sections:
        theorems = "".join(
            f'<li><a href="#{c.slug}">{_title(c.tradeoff)}</a> <span class="id">{c.entry.id}</span></li>'
            for group in section.groups
            for c in group.chapters
        )
        items.append(f'<li><a href="#{section.slug}">{escape(section.title)}</a><ul>{theorems}</ul></li>')
    return f'<ul class="contents">{"".join(items)}</ul>'


def theorems(book: Book, *, files: bool) -> str:
    """Write all sections.

    Parameters
    ----------
    book : Book
    files : bool
        Whether the files of a report lie beside the page, and are to be linked.
    """
    return "\n".join(_section(section, book, files) for section in book.sections)


def _section(section: Section, book: Book, files: bool) -> str:
    parts = [f'<section id="{section.slug}">', f"<h2>{escape(section.title)}</h2>"]
    for group in section.groups:
        parts += [f"<h3>{prose_html(group.title)}</h3>"] if group.title else []
        parts.append(f"<p>{prose_html(group.setting, group.chapters[0].tradeoff.names)}</p>")
        parts += [_reduction(group)] if group.shared else []
        parts += [_chapter(c, group, book.records.get(c.entry.id), files) for c in group.chapters]
    return "\n".join([*parts, "</section>"])


def _reduction(group: Group) -> str:
    first = group.chapters[0]
    steps = steps_html(first.proof, first.check, 0, group.shared)
    summary = f"<summary>Reduction: the {group.shared} steps with which these proofs begin</summary>"
    return f'<details id="{group.slug}">{summary}\n<div class="proof">{steps}</div></details>'


def _chapter(chapter: Chapter, group: Group, record: Record | None, files: bool) -> str:
    tradeoff = chapter.tradeoff
    sentence, beside = claim(tradeoff)
    names = tradeoff.names
    assumed = [mathml(c) for a in chapter.entry.assumptions for c in conditions(a, names)]
    let = f"Let {', '.join(assumed)}. " if assumed else ""
    parts = [
        f'<article id="{chapter.slug}">',
        f"<h4>Theorem: {_title(tradeoff)}</h4>",
        f"<p>{let}{prose_html(sentence, names)}</p>",
        _formula(tradeoff),
        *([f"<p>{prose_html(beside, names)}</p>"] if beside else []),
        f"<p>{regimes(tradeoff)}</p>",
        _proof(chapter, group),
        *([_printed(chapter, record, files)] if chapter.printed else []),
        _status(chapter, record),
        *([links("tables", [f"{chapter.slug}-{n}" for n in _FILES])] if files else []),
        *(picture(p) for p in chapter.pictures),
    ]
    return "\n".join([*parts, "</article>"])


_FILES = ("regimes.tex", "regimes.csv", "formula.tex", "proof.tex")


def _title(tradeoff: Tradeoff) -> str:
    measure = tradeoff.id.split(".")[-1]
    by = {"W2": "W_2^2", "KL": r"\mathrm{KL}", "TV": r"\mathrm{TV}"}.get(measure)
    return mathml(head(tradeoff)) + (f" with {mathml(by)}" if by else "")


def _formula(tradeoff: Tradeoff) -> str:
    whole = mathml(f"{head(tradeoff)} = {narrow_cases(tradeoff)}", display=True)
    where = "\\\\\n".join(rf"{name} &= {value}" for name, value in where_latex(tradeoff))
    lines = ['<div class="formula">', whole]
    if where:
        aligned = rf"\begin{{aligned}}{where}\end{{aligned}}"
        lines += ["<p>where</p>", mathml(aligned, display=True)]
    return "\n".join([*lines, "</div>"])


def _proof(chapter: Chapter, group: Group) -> str:
    start = f'Steps 1 to {group.shared} are those of the <a href="#{group.slug}">reduction</a>.' if group.shared else ""
    steps = steps_html(chapter.proof, chapter.check, group.shared)
    summary = f"<summary>Proof in {len(chapter.proof)} steps, each checked again ({chapter.check})</summary>"
    return f'<details>{summary}\n<div class="proof"><p>{start}</p>{steps}</div></details>'


def _printed(chapter: Chapter, record: Record | None, files: bool) -> str:
    assert chapter.printed is not None
    parts = ["<h5>As printed</h5>", "<p>In the same letters, the published statement is</p>", _formula(chapter.printed)]
    if record and record.relation != NONE:
        parts.append(f"<p>{_relation(record)}</p>")
    if files:
        parts.append(links("tables", [f"{chapter.slug}-printed.tex", f"{chapter.slug}-printed.csv"]))
    return "\n".join(parts)


def _relation(record: Record) -> str:
    text = {
        "equal": "It equals the derived one at every instance that was drawn.",
        "equal on a region": f"It equals the derived one in these branches: {'; '.join(record.region)}.",
        "differs": "It differs from the derived one.",
    }[record.relation]
    found = record.witness
    if found is None:
        return text
    where = ", ".join(mathml(x) for x in witness(found))
    printed, true = (mathml(number(value, plain=True)) for value in (found.printed, found.true))
    return f"{text} At {where} the print gives {printed}, and the value is {true}: {prose_html(found.title)}."


def _status(chapter: Chapter, record: Record | None) -> str:
    verified = f" Verified: {escape(record.verification)}." if record else ""
    return (
        f'<p class="files"><span class="id">{chapter.entry.id}</span> &middot; {escape(chapter.tradeoff.source)}.'
        f"{verified}</p>"
    )


def picture(shown: Picture) -> str:
    """Put a picture into the page, with links to its files."""
    data = base64.b64encode(shown.svg().encode()).decode()
    return (
        f'<figure id="{shown.name}"><img alt="{escape(shown.title)}" src="data:image/svg+xml;base64,{data}">\n'
        f"<figcaption><b>{prose_html(shown.title)}.</b> {prose_html(shown.caption)}"
        f"{links('figures', [f'{shown.name}.{e}' for e in ('svg', 'png', 'csv', 'json')])}</figcaption></figure>"
    )


def links(folder: str, names: list[str]) -> str:
    """Link files of a folder."""
    return f'<div class="files">{" ".join(link(name, folder) for name in names)}</div>'


def link(name: str, folder: str = "") -> str:
    """Link a file."""
    return f'<a href="{f"{folder}/" if folder else ""}{name}">{name}</a>'
