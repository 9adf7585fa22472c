"""The theorems of the catalogue in HTML with MathML: statement, regimes, proof, and how each was verified."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape

from drc.audit import Record
from drc.audit.record import NONE
from drc.derivation.render import steps_html
from drc.expressions.latex import mathml
from drc.expressions.layout import conditions
from drc.expressions.words import prose_html
from drc.report.chapters import Book, Chapter, Group, Run, Section
from drc.report.notation import INTRODUCTION, claim, meanings, regimes
from drc.report.pictures import Picture
from drc.report.special_cases import SPECIAL_WORDS, SpecialCase
from drc.report.theorems import narrow_cases, number, same_measure, witness
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import head, where_latex


def notation(chapters: Sequence[Chapter]) -> str:
    """Write what the letters and the named functions mean."""
    named = "; ".join(meanings(chapters))
    paragraphs = [*INTRODUCTION, *([f"Some functions have names. {named}."] if named else [])]
    body = "\n".join(f"<p>{prose_html(p)}</p>" for p in paragraphs)
    return f'<section id="notation">\n<h2>Notation</h2>\n{body}\n</section>'


def contents(sections: Sequence[Section], more: Sequence[tuple[str, str]] = ()) -> str:
    """Write the list of contents: a line for each section, and its theorems; then other anchors with their titles."""
    items = []
    for section in sections:
        theorems = "".join(
            f'<li><a href="#{c.slug}">{title(c.tradeoff)}</a> <span class="id">{c.entry.id}</span></li>'
            for group in section.groups
            for chapter in group.chapters
            for c in group.alike(chapter)
        )
        items.append(f'<li><a href="#{section.slug}">{escape(section.title)}</a><ul>{theorems}</ul></li>')
    for anchor, words in more:
        items.append(f'<li><a href="#{anchor}">{words}</a></li>')
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
        parts.append(beginning(group))
        parts += [_chapter(c, group, book.records, files) for c in group.chapters]
    return "\n".join([*parts, "</section>"])


def beginning(group: Group) -> str:
    """Write what the theorems of a group have in common: what the letters stand for, and the first steps of the proofs."""
    parts = [setting(group)]
    parts += [_reduction(group)] if group.shared else []
    parts += [_same_measure(group)] if group.twins else []
    return "\n".join(parts)


def setting(group: Group) -> str:
    """Write what the letters stand for."""
    return f"<p>{prose_html(group.setting, group.chapters[0].tradeoff.names)}</p>"


def _reduction(group: Group) -> str:
    first = group.chapters[0]
    steps = _steps(first, group.runs[group.slug])
    summary = f"<summary>Reduction: the {group.shared} steps with which these proofs begin</summary>"
    return f'<details id="{group.slug}">{summary}\n<div class="proof">{steps}</div></details>'


def _same_measure(group: Group) -> str:
    words, steps = same_measure(group)
    return f'<p>{prose_html(words)}</p>\n<div class="proof">{steps_html(steps)}</div>'


def _steps(chapter: Chapter, runs: Sequence[Run]) -> str:
    """Set the steps that are to be printed, and link to the others."""
    parts = []
    for run in runs:
        before, after = run.words
        kind = "this reduction" if run.of.endswith("-reduction") else "this theorem"
        link_ = f'<p>{before}<a href="#{run.of}">{kind}</a>{prose_html(after)}</p>'
        parts.append(link_ if run.of else steps_html(chapter.proof, chapter.check, run.first, run.last))
    return "\n".join(parts)


def _chapter(chapter: Chapter, group: Group, records: Mapping[str, Record], files: bool) -> str:
    record, alike = records.get(chapter.entry.id), group.alike(chapter)
    parts = [
        f'<article id="{chapter.slug}">',
        *(f'<span id="{c.slug}"></span>' for c in alike[1:]),
        f"<h4>Theorem: {title(*(c.tradeoff for c in alike))}</h4>",
        claimed(chapter, group),
        proof(chapter, group),
        *(["<h5>As published</h5>", printed(chapter, record)] if chapter.printed else []),
        *(
            [links("tables", [f"{chapter.slug}-printed.{e}" for e in ("tex", "csv")])]
            if files and chapter.printed
            else []
        ),
        *(status(c, records.get(c.entry.id)) for c in alike),
        *([links("tables", [f"{c.slug}-{n}" for c in alike for n in _FILES])] if files else []),
        *(picture(p) for p in chapter.pictures),
    ]
    return "\n".join([*parts, "</article>"])


def claimed(chapter: Chapter, group: Group) -> str:
    """Write what a theorem says: assumptions, formula, regimes."""
    tradeoff, alike = chapter.tradeoff, group.alike(chapter)
    names = tradeoff.names
    sentence, beside = claim(tradeoff, *(c.tradeoff for c in alike[1:]))
    assumed = [mathml(c) for a in chapter.entry.assumptions for c in conditions(a, names)]
    let = f"Let {', '.join(assumed)}. " if assumed else ""
    parts = [
        f"<p>{let}{prose_html(sentence, names)}</p>",
        _formula(tradeoff),
        *([f"<p>{prose_html(beside, names)}</p>"] if beside else []),
        f"<p>{regimes(tradeoff)}</p>",
    ]
    return "\n".join(parts)


_MEASURES = {"W2": "W_2^2", "KL": r"\mathrm{KL}", "TV": r"\mathrm{TV}"}
_FILES = ("regimes.tex", "regimes.csv", "formula.tex", "proof.tex")


def title(tradeoff: Tradeoff, *twins: Tradeoff) -> str:
    """Say what a theorem is about in a few signs: the value, and the perception measure or the measures that are one."""
    measures = [_MEASURES[m] for t in (tradeoff, *twins) if (m := t.id.split(".")[-1]) in _MEASURES]
    return mathml(head(tradeoff)) + (f" with {mathml(' = '.join(measures))}" if measures else "")


def _formula(tradeoff: Tradeoff) -> str:
    whole = mathml(f"{head(tradeoff)} = {narrow_cases(tradeoff)}", display=True)
    where = "\\\\\n".join(rf"{name} &= {value}" for name, value in where_latex(tradeoff))
    lines = ['<div class="formula">', whole]
    if where:
        aligned = rf"\begin{{aligned}}{where}\end{{aligned}}"
        lines += ["<p>where</p>", mathml(aligned, display=True)]
    return "\n".join([*lines, "</div>"])


def proof(chapter: Chapter, group: Group) -> str:
    """Write the steps of a proof, folded."""
    start = f'Steps 1 to {group.shared} are those of the <a href="#{group.slug}">reduction</a>.' if group.shared else ""
    steps = _steps(chapter, group.runs[chapter.slug])
    summary = f"<summary>Proof in {len(chapter.proof)} steps, each checked again ({chapter.check})</summary>"
    return f'<details>{summary}\n<div class="proof"><p>{start}</p>{steps}</div></details>'


def printed(chapter: Chapter, record: Record | None) -> str:
    """Write a theorem as a paper prints it, and how that relates to the derived one."""
    assert chapter.printed is not None
    parts = ["<p>In the same letters, the published statement is</p>", _formula(chapter.printed)]
    if record and record.relation != NONE:
        parts.append(f"<p>{relation(record)}</p>")
    return "\n".join(parts)


def relation(record: Record) -> str:
    """Say how a published form relates to the derived one, and where the simplest witness is."""
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
    return (
        f"{text} At {where} the published formula gives {printed}, and the value is {true}: {prose_html(found.title)}."
    )


def status(chapter: Chapter, record: Record | None) -> str:
    """Write the name of a theorem in the catalogue, where it comes from, and how it was verified."""
    verified = f" Verified: {escape(record.verification)}." if record else ""
    return (
        f'<p class="files"><span class="id">{chapter.entry.id}</span> &middot; {escape(chapter.tradeoff.source)}.'
        f"{verified}</p>"
    )


def special_section(found: Sequence[SpecialCase]) -> str:
    """Write the special cases as a list; nothing if there are none."""
    if not found:
        return ""
    return (
        f'<section id="special-cases">\n<h2>Special cases</h2>\n<p>{prose_html(SPECIAL_WORDS)}</p>\n'
        f"{special_list(found)}\n</section>"
    )


def special_list(found: Sequence[SpecialCase]) -> str:
    """Write the special cases, each with its formula and its source."""
    items = []
    for case in found:
        parts = [f"<li><p>{prose_html(case.first.statement)}</p>"]
        if case.formula:
            parts.append(f'<div class="formula">{mathml(case.formula, display=True)}</div>')
        where = f"For {', '.join(map(mathml, case.where))}. " if case.formula and case.where else ""
        origin = case.origin(_link_to, mathml)
        parts.append(f"<p>{where}{origin} Source: {escape(case.first.source)}; {case.proved}.</p></li>")
        items.append("\n".join(parts))
    listed = "\n".join(items)
    return f'<ol class="special">\n{listed}\n</ol>'


def _link_to(name: str) -> str:
    return f'<a class="id" href="#{name.replace(".", "-")}">{name}</a>'


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
