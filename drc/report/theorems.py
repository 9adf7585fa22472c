r"""The theorems of the catalogue in LaTeX: statement, regimes, proof, and how each was verified."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sympy as sp

from drc.audit import Finding, Record
from drc.audit.record import NONE
from drc.derivation import Derivation
from drc.derivation.render import steps_latex
from drc.expressions.latex import cases, latex
from drc.expressions.layout import LIMIT, conditions, display, filled, rows, width
from drc.expressions.words import prose_latex
from drc.report.chapters import Chapter, Group, Run, Section
from drc.report.notation import INTRODUCTION, claim, counts, meanings, regimes
from drc.report.special_cases import SPECIAL_WORDS, SpecialCase
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import head

TITLE = "Trade-offs of cross-domain lossy compression"

#: Fonts are optional: a small TeX installation has a page too.
PREAMBLE = rf"""\documentclass[11pt,a4paper]{{article}}
\usepackage[T1]{{fontenc}}
\IfFileExists{{lmodern.sty}}{{\usepackage{{lmodern}}}}{{}}
\IfFileExists{{microtype.sty}}{{\usepackage{{microtype}}}}{{}}
\usepackage[margin=25mm]{{geometry}}
\usepackage{{amsmath,amssymb,amsthm}}
\usepackage{{booktabs}}
\usepackage{{array}}
\allowdisplaybreaks
\newtheorem{{theorem}}{{Theorem}}[section]
\newtheorem{{lemma}}[theorem]{{Lemma}}
\theoremstyle{{definition}}
\newtheorem*{{setting}}{{Setting}}
\numberwithin{{equation}}{{section}}
\makeatletter\@endparpenalty=1000\makeatother
\newcommand{{\room}}[1]{{\par\vskip 0pt plus #1\penalty-250\vskip 0pt plus -#1\relax}}
\title{{{TITLE}}}
\author{{Derived, checked and typeset by \texttt{{drc}}}}
\date{{}}
\begin{{document}}
\maketitle
"""


def front(chapters: Sequence[Chapter], *, seed: int, samples: int) -> str:
    """Write the contents and the introduction, which fixes the notation."""
    steps, proved = counts(c.check for c in chapters)
    verified = (
        f"Every formula is derived from its optimisation problem. The {steps} steps of the proofs were checked again when"
        f" this document was made: {proved} are proved, by symbolic identity, over all orderings of the quantities in them,"
        f" or in ball arithmetic at random points. Each theorem was also compared with a certified solver, which shares"
        f" no formula with it, at {samples} random instances (seed {seed}), corners included."
    )
    named = "; ".join(meanings(chapters))
    paragraphs = [*INTRODUCTION, *([f"Some functions have names. {named}."] if named else []), verified]
    return "\n\n".join(
        [r"\tableofcontents", r"\section{Notation}", *(p if "$" in p else prose_latex(p) for p in paragraphs)]
    )


def theorems(sections: Sequence[Section], records: Mapping[str, Record]) -> str:
    """Write all sections.

    Parameters
    ----------
    sections : sequence of Section
    records : mapping from an id to the outcome of the audit
    """
    return "\n\n".join(_section(section, records) for section in sections)


def _section(section: Section, records: Mapping[str, Record]) -> str:
    parts = [rf"\section{{{section.title}}}"]
    for group in section.groups:
        parts += [rf"\subsection{{{group.title}}}"] if group.title else []
        parts.append(_setting(group))
        parts += [_reduction(group)] if group.shared else []
        parts += [_same_measure(group)] if group.twins else []
        parts += [_chapter(chapter, group, records) for chapter in group.chapters]
    return "\n\n".join(parts)


def _setting(group: Group) -> str:
    words = prose_latex(group.setting, group.chapters[0].tradeoff.names)
    return f"\\begin{{setting}}\n{words}\n\\end{{setting}}"


def _reduction(group: Group) -> str:
    """Set the steps that several proofs begin with, once."""
    return "\n".join(
        [
            rf"\begin{{lemma}}[Reduction]\label{{{group.slug}}}",
            r"In this setting, with the abbreviations made on the way, the following hold.",
            r"\end{lemma}",
            r"\begin{proof} Each claim stands with its reason.",
            _steps(group.chapters[0], group.runs[group.slug]),
            r"\end{proof}",
        ]
    )


def _same_measure(group: Group) -> str:
    """Say why another perception measure gives the same theorems."""
    words, steps = same_measure(group)
    return "\n".join([r"\room{30mm}", words, steps_latex(steps)])


def same_measure(group: Group) -> tuple[str, Derivation]:
    """Return words on the twins of a group, and the steps that only their proofs have."""
    twin = group.twins[0].proof
    words = "The theorems hold for either measure; where the divergence is $W_2^2$ the proofs begin with these steps:"
    return words, replace(twin, steps=group.twin_steps)


def _steps(chapter: Chapter, runs: Sequence[Run]) -> str:
    """Set the steps that are to be printed, and point to the others; the sign for the end stands in the last line."""
    parts = []
    for run in runs:
        before, after = run.words
        kind = "Lemma" if run.of.endswith("-reduction") else "the proof of Theorem"
        pointed = rf"\noindent {before}{kind}~\ref{{{run.of}}}{after}"
        parts.append(pointed if run.of else steps_latex(chapter.proof, run.first, run.last))
    text = "\n\n".join(parts).replace("\n\n\\noindent Steps", "\nSteps").removeprefix("\\noindent ")
    end = "\n\\end{enumerate}"
    if text.endswith(end) and not text.removesuffix(end).endswith(r"\]"):
        text = text.removesuffix(end) + r" \qedhere" + end
    return text


def _chapter(chapter: Chapter, group: Group, records: Mapping[str, Record]) -> str:
    tradeoff, shared = chapter.tradeoff, group.shared
    alike = group.alike(chapter)
    sentence, beside = claim(tradeoff, *(c.tradeoff for c in alike[1:]))
    assumed = assumptions(chapter)
    statement = (f"Let {assumed}. " if assumed else "") + prose_latex(sentence, tradeoff.names)
    labels = "".join(rf"\label{{{c.slug}}}" for c in alike)
    lines = [
        # Not at the foot of a page.
        r"\room{45mm}",
        rf"\begin{{theorem}}[${head(tradeoff)}$]{labels}",
        statement,
        formula(tradeoff),
        *([prose_latex(beside, tradeoff.names)] if beside else []),
        regimes(tradeoff),
        r"\end{theorem}",
    ]
    begin = (
        rf"Steps 1 to {shared} are those of Lemma~\ref{{{group.slug}}}."
        if shared
        else "Each claim stands with its reason."
    )
    proof = [r"\begin{proof}", begin, _steps(chapter, group.runs[chapter.slug]), r"\end{proof}"]
    status = [_status(c, records.get(c.entry.id)) for c in alike]
    return "\n\n".join(["\n".join(lines), "\n".join(proof), _printed(chapter, records.get(chapter.entry.id)), *status])


def special_section(found: Sequence[SpecialCase]) -> str:
    """Write the special cases as a list; nothing if there are none."""
    if not found:
        return ""
    items = []
    for case in found:
        lines = [rf"\item {prose_latex(case.first.statement)}"]
        if case.formula:
            where = f" for {', '.join(f'${c}$' for c in case.where)}" if case.where else ""
            lines += [rf"\[ {case.formula} \]", rf"\noindent{where[:2].upper()}{where[2:]}{'.' if where else ''}"]
        origin = case.origin(lambda name: rf"Theorem~\ref{{{name.replace('.', '-')}}}", lambda tex: f"${tex}$")
        lines.append(rf"{origin} Source: {prose_latex(case.first.source)}; {case.proved}.")
        items.append("\n".join(line for line in lines if line != r"\noindent"))
    words = prose_latex(SPECIAL_WORDS) if "$" not in SPECIAL_WORDS else SPECIAL_WORDS
    listed = "\n".join(items)
    return "\n\n".join(
        [r"\section{Special cases}", words, f"\\begin{{enumerate}}\\emergencystretch=3em\n{listed}\n\\end{{enumerate}}"]
    )


def assumptions(chapter: Chapter) -> str:
    """Set what a theorem assumes of its parameters and bounds, in a line."""
    names = chapter.tradeoff.names
    found = [f"${c}$" for a in chapter.entry.assumptions for c in conditions(a, names)]
    return ", ".join(found[:-1]) + (f" and {found[-1]}" if len(found) > 1 else "".join(found))


def _status(chapter: Chapter, record: Record | None) -> str:
    words = [
        rf"Name in the catalogue: \texttt{{{chapter.entry.id}}}.",
        f"Source: {prose_latex(chapter.tradeoff.source)}.",
    ]
    if record:
        words.append(f"Verified: {record.verification}.")
    return rf"\nopagebreak\smallskip\noindent{{\small {' '.join(words)}\par}}\medskip"


def _printed(chapter: Chapter, record: Record | None) -> str:
    if chapter.printed is None:
        return ""
    relation = f" {relation_in_words(record)}" if record and record.relation != NONE else ""
    return "\n".join(
        [
            r"\paragraph{As printed.} In the same letters, the published statement is",
            formula(chapter.printed),
            rf"\noindent{relation}",
        ]
    )


def relation_in_words(record: Record) -> str:
    """Say how the published form relates to the derived one, and where the simplest witness is, in LaTeX."""
    text = {
        "equal": "It equals the derived one at every instance that was drawn.",
        "equal on a region": f"It equals the derived one in these branches: {'; '.join(record.region)}.",
        "differs": "It differs from the derived one.",
    }[record.relation]
    if record.witness is None:
        return text
    where = ", ".join(f"${x}$" for x in witness(record.witness))
    values = (
        f"the published formula gives {_math(record.witness.printed)}, and the value is {_math(record.witness.true)}"
    )
    return f"{text} At {where} {values}: {prose_latex(record.witness.title)}."


def _math(value: float) -> str:
    return f"${number(value, plain=True)}$"


def formula(tradeoff: Tradeoff) -> str:
    """Set the cases of a trade-off, and what its abbreviations stand for."""
    lines = [rf"\[ {head(tradeoff)} = {narrow_cases(tradeoff)} \]"]
    if tradeoff.where:
        body = " \\\\[3pt]\n".join(_defined(symbol, value, tradeoff) for symbol, value in tradeoff.where)
        lines += ["where", rf"\begin{{align*}}{chr(10)}{body}{chr(10)}\end{{align*}}"]
    return "\n".join(lines)


def _defined(symbol, value, tradeoff: Tradeoff) -> str:
    """Set an abbreviation, in several lines if it is wide."""
    name, whole = latex(symbol, tradeoff.names), latex(value, tradeoff.names)
    if width(f"{name} = {whole}") > LIMIT and r"\begin" not in whole:
        whole = display(rows(value, tradeoff.names, limit=LIMIT - 8)).replace(r"\begin{aligned}", r"\begin{aligned}[t]")
    return f"{name} &= {whole}"


def narrow_cases(tradeoff: Tradeoff) -> str:
    """Set the cases without the names of the regimes, which are told after them."""
    found = [(latex(r.expr, tradeoff.names), _if(r.condition, tradeoff)) for r in tradeoff.cases if not r.is_infeasible]
    ends = any(r.is_infeasible for r in tradeoff.cases)
    if len(found) == 1 and not ends:
        return found[0][0]
    return cases([*found, (r"\infty", r"\text{otherwise}")] if ends else found)


def _if(condition, tradeoff: Tradeoff) -> str:
    lines = filled([rf"{c},\; " for c in conditions(condition, tradeoff.names)], LIMIT - 8)
    return r"\text{if } " + " \\\\\n\\quad \\phantom{\\text{if }} ".join(lines).removesuffix(r",\; ")


def witness(finding: Finding) -> list[str]:
    """Set the numbers of a witness in LaTeX."""
    letters = {"t": sp.Symbol("t")}
    return [
        rf"{latex(letters.get(name, sp.Symbol(name, real=True)))} = {number(value, plain=True)}"
        for name, value in finding.witness.items()
    ]


def number(value: float, *, plain: bool = False) -> str:
    """Set a number of a table; infinity is a sign."""
    text = {float("inf"): r"\infty", float("-inf"): r"-\infty"}.get(value, f"{value:.4g}")
    return text if plain or "infty" not in text else f"${text}$"
