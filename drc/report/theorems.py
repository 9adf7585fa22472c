"""The theorems of the catalogue as parts of a document: statement, regimes, proof, and how each was verified."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import sympy as sp

from drc.audit import Finding, Record
from drc.audit.record import NONE
from drc.expressions.latex import latex
from drc.expressions.layout import conditions, display, rows
from drc.expressions.width import LIMIT, width
from drc.problems.perception import MEASURES
from drc.proof import Derivation
from drc.report.chapters import Book, Chapter, Group, Run
from drc.report.notation import claim, regimes
from drc.report.pictures import Picture
from drc.report.special_cases import SPECIAL_WORDS, SpecialCase
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import cases_latex, head
from drc.typeset import model
from drc.typeset.model import (
    Definitions,
    Fold,
    Formula,
    Html,
    Item,
    Paragraph,
    Part,
    Proof,
    Statement,
    Steps,
    reference,
)
from drc.typeset.words import plain, words_html

#: The theorem that a page shows at once.
CENTRAL = "bernoulli.one-shot.YU.drc"

#: The files of a theorem's table and formulas, beside the page of a report.
_FILES = ("regimes.tex", "regimes.csv", "formula.tex", "proof.tex")


def sections(book: Book, *, files: bool = False) -> list[Part]:
    """Set all theorems.

    Parameters
    ----------
    files : bool
        Whether the files of a report lie beside the page, and are to be linked.
    """
    return [
        model.Section(s.title, tuple(p for g in s.groups for p in _group(g, book, files)), 1, s.slug)
        for s in book.sections
    ]


def _group(group: Group, book: Book, files: bool) -> tuple[Part, ...]:
    parts = (*beginning(group), *(p for chapter in group.chapters for p in _chapter(chapter, group, book, files)))
    return (model.Section(group.title, parts, 2),) if group.title else parts


def _chapter(chapter: Chapter, group: Group, book: Book, files: bool) -> list[Part]:
    """Set a theorem with its proof; a page shows its name until a reader opens it, or follows a link into it."""
    record, alike = book.records.get(chapter.entry.id), group.alike(chapter)
    parts: list[Part] = [
        Statement(
            "theorem", claimed(chapter, group), title(*(c.tradeoff for c in alike)), tuple(c.slug for c in alike)
        ),
        proof(chapter, group),
    ]
    if chapter.printed:
        links_ = [links("tables", [f"{chapter.slug}-printed.{e}" for e in ("tex", "csv")])] if files else []
        parts.append(model.Section("As published", (*printed(chapter, record), *links_), 3))
    parts += [status(c, book.records.get(c.entry.id)) for c in alike]
    if files:
        parts.append(links("tables", [f"{c.slug}-{name}" for c in alike for name in _FILES]))
    parts += [Paragraph(f"Picture: {reference(p.name, '', p.title)}.", "note") for p in chapter.pictures]
    named = " ".join(f"`{c.entry.id}`" for c in alike)
    return [Fold(f"{title(*(c.tradeoff for c in alike))} {named}", tuple(parts), chapter.entry.id == CENTRAL)]


def beginning(group: Group) -> list[Part]:
    """Set what the theorems of a group have in common: what the letters stand for, and the first steps of the proofs."""
    parts: list[Part] = [setting(group)]
    if group.shared:
        words = "In this setting, with the abbreviations made on the way, the following hold."
        summary = f"The {group.shared} steps with which these proofs begin"
        steps = (Paragraph("Each claim stands with its reason."), *_steps(group.chapters[0], group.runs[group.slug]))
        parts.append(Statement("lemma", (Paragraph(words),), "Reduction", (group.slug,)))
        parts.append(Proof(steps, summary=summary))
    if group.twins:
        words = "The theorems hold for either measure; where the divergence is ${}$ the proofs begin with these steps:"
        of_one = MEASURES[_measure(group.twins[0].tradeoff)].sign
        parts.append(Paragraph(words.format(of_one), "lead"))
        parts.append(Derivation("", group.twin_steps, group.twins[0].proof.names).typeset())
    return parts


def setting(group: Group) -> Statement:
    """Set what the letters stand for."""
    return Statement("setting", (Paragraph(group.setting),))


def _steps(chapter: Chapter, runs: Iterable[Run]) -> Iterable[Part]:
    """Set the steps that are to be printed, and refer to the others."""
    for run in runs:
        if not run.of:
            yield chapter.proof.typeset(run.first, run.last, report=chapter.check)
            continue
        before, after = run.words
        is_lemma = run.of.endswith("-reduction")
        kind, words = ("Lemma", "this reduction") if is_lemma else ("the proof of Theorem", "this theorem")
        yield Paragraph(f"{before}{reference(run.of, kind, words)}{after}")


def title(tradeoff: Tradeoff, *twins: Tradeoff) -> str:
    """Say what a theorem is about in a few signs: the value, and the perception measure or the measures that are one."""
    signs = [MEASURES[m].sign for t in (tradeoff, *twins) if (m := _measure(t)) in MEASURES]
    return f"${head(tradeoff)}$" + (f" with ${' = '.join(signs)}$" if signs else "")


def _measure(tradeoff: Tradeoff) -> str:
    return tradeoff.id.split(".")[-1]


def claimed(chapter: Chapter, group: Group) -> tuple[Part, ...]:
    """Set what a theorem says: assumptions, formula, regimes."""
    tradeoff, alike = chapter.tradeoff, group.alike(chapter)
    sentence, beside = claim(tradeoff, *(c.tradeoff for c in alike[1:]))
    assumed = [f"${c}$" for a in chapter.entry.assumptions for c in conditions(a, tradeoff.names)]
    let = f"Let {' and '.join(part for part in (', '.join(assumed[:-1]), assumed[-1]) if part)}. " if assumed else ""
    words = [beside, regimes(tradeoff)] if beside else [regimes(tradeoff)]
    return Paragraph(let + sentence), *formula(tradeoff), *map(Paragraph, words)


def proof(chapter: Chapter, group: Group) -> Proof:
    """Set the steps of a proof; on a page it is folded."""
    begin = "Each claim stands with its reason."
    if group.shared:
        begin = f"Steps 1 to {group.shared} are those of {reference(group.slug, 'Lemma', 'the reduction')}."
    summary = f"Proof in {len(chapter.proof)} steps ({chapter.check})"
    return Proof((Paragraph(begin), *_steps(chapter, group.runs[chapter.slug])), summary=summary)


def printed(chapter: Chapter, record: Record | None) -> tuple[Part, ...]:
    """Set a theorem as a paper prints it, and how that relates to the derived one."""
    assert chapter.printed is not None
    words = [relation(record)] if record and record.relation != NONE else []
    statement = Paragraph("In the same letters, the published statement is")
    return statement, *formula(chapter.printed), *map(Paragraph, words)


def relation(record: Record) -> str:
    """Say how the published form relates to the derived one, and where the simplest witness is."""
    text = {
        "equal": "It equals the derived one at every instance that was drawn.",
        "equal on a region": f"It equals the derived one in these branches: {'; '.join(record.region)}.",
        "differs": "It differs from the derived one.",
    }[record.relation]
    found = record.witness
    if found is None:
        return text
    values = f"the published formula gives {number(found.printed)}, and the value is {number(found.true)}"
    return f"{text} At {witness(found)} {values}: {found.title}."


def status(chapter: Chapter, record: Record | None) -> Paragraph:
    """Write the name of a theorem in the catalogue, where it comes from, and how it was verified."""
    verified = f" Verified: {record.verification}." if record else ""
    return Paragraph(
        f"Name in the catalogue: `{chapter.entry.id}`. Source: {chapter.tradeoff.source}.{verified}", "note"
    )


def special_section(found: Sequence[SpecialCase]) -> list[Part]:
    """Set the special cases as a section; nothing if there are none."""
    if not found:
        return []
    words, steps = special_list(found)
    return [model.Section("Special cases", (words, Fold(f"All {len(found)}", (steps,))), 1, "special-cases")]


def special_list(found: Sequence[SpecialCase]) -> tuple[Part, ...]:
    """Set the special cases, each with its formula and its source."""
    items = []
    for case in found:
        where = f"For {', '.join(f'${c}$' for c in case.where)}. " if case.formula and case.where else ""
        shown = (Formula(case.formula),) if case.formula else ()
        words = f"{where}{case.origin} Source: {case.first.source}; {case.standing}; {case.proved}."
        items.append(Item((case.first.statement, *shown, words)))
    return Paragraph(SPECIAL_WORDS), Steps(tuple(items))


def formula(tradeoff: Tradeoff) -> tuple[Part, ...]:
    """Set the cases of a trade-off, and what its abbreviations stand for."""
    whole = Formula(f"{head(tradeoff)} = {cases_latex(tradeoff, named=False)}")
    if not tradeoff.where:
        return (whole,)
    pairs = tuple(_defined(symbol, value, tradeoff) for symbol, value in tradeoff.where)
    return whole, Paragraph("where"), Definitions(pairs)


def _defined(symbol: sp.Symbol, value: sp.Expr, tradeoff: Tradeoff) -> tuple[str, str]:
    """Set an abbreviation, in several lines if it is wide."""
    name, whole = latex(symbol, tradeoff.names), latex(value, tradeoff.names)
    if width(f"{name} = {whole}") > LIMIT and r"\begin" not in whole:
        whole = display(rows(value, tradeoff.names, limit=LIMIT - 8)).replace(r"\begin{aligned}", r"\begin{aligned}[t]")
    return name, whole


def witness(finding: Finding) -> str:
    """Set the numbers of a witness."""
    letters = {"t": sp.Symbol("t")}
    return ", ".join(
        f"${latex(letters.get(name, sp.Symbol(name, real=True)))} = {number(value).strip('$')}$"
        for name, value in finding.witness.items()
    )


def number(value: float) -> str:
    """Set a number."""
    text = {float("inf"): r"\infty", float("-inf"): r"-\infty"}.get(value, f"{value:.4g}")
    return f"${text}$"


def picture(shown: Picture, of: str = "") -> Html:
    """Put a picture into a page, with links to its files and to its theorem, where an anchor is given."""
    data = base64.b64encode(shown.svg().encode()).decode()
    files = links("figures", [f"{shown.name}.{e}" for e in ("svg", "pdf", "png", "csv", "json")]).text
    theorem = f' <a href="#{of}">The theorem</a>.' if of else ""
    return Html(
        f'<figure id="{shown.name}"><img alt="{escape(plain(shown.title))}" src="data:image/svg+xml;base64,{data}">\n'
        f"<figcaption><b>{words_html(shown.title)}.</b> {words_html(shown.caption)}{theorem}{files}</figcaption></figure>"
    )


def links(folder: str, names: Iterable[str]) -> Html:
    """Link files of a folder."""
    return Html(f'<div class="files">{" ".join(link(name, folder) for name in names)}</div>')


def link(name: str, folder: str = "") -> str:
    """Link a file."""
    return f'<a href="{f"{folder}/" if folder else ""}{name}">{name}</a>'
