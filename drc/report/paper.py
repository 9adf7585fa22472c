"""`formulas.tex`: all theorems with their regimes, printed forms and proofs, and what the audit found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drc.derivation.render import proof_latex
from drc.expressions.latex import cases, latex
from drc.expressions.layout import conditions
from drc.expressions.words import capitalised, prose_latex
from drc.tradeoff.display import head, where_latex
from drc.tradeoff.table import render

if TYPE_CHECKING:
    from drc.audit import AuditReport, Finding
    from drc.report.write import Chapter, Report
    from drc.tradeoff import Tradeoff

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb,amsthm}
\usepackage{booktabs}
\usepackage{array}
\allowdisplaybreaks
\title{Trade-offs of cross-domain lossy compression}
\author{Derived, checked and typeset by \texttt{drc}}
\date{}
\begin{document}
\maketitle
"""


def paper(report: Report) -> str:
    """Write the whole document."""
    parts = [_PREAMBLE, _introduction(report)]
    parts += [_chapter(chapter) for chapter in report.chapters]
    parts += [_audit(report.audit), _cases(report), r"\end{document}", ""]
    return "\n".join(parts)


def _introduction(report: Report) -> str:
    steps = sum(len(c.check.checks) for c in report.chapters)
    return (
        r"\noindent $D$ is distortion, $R$ rate and $C$ a bound on what is left unknown of the label; $R$ and $C$ are in"
        r" bits. Outside the feasible set a value is $\infty$. Every formula is derived from its optimisation problem;"
        rf" the {steps} steps of the proofs were checked again when this document was made, with seed {report.seed}."
    )


def _chapter(chapter: Chapter) -> str:
    tradeoff = chapter.tradeoff
    parts = [
        rf"\section{{{_title(tradeoff)}}}",
        rf"\noindent {prose_latex(tradeoff.statement)} Source: {prose_latex(tradeoff.source)}. Name in the catalogue:"
        rf" \texttt{{{tradeoff.id}}}.",
        prose_latex(chapter.proof.setting, tradeoff.names),
        formula(tradeoff),
        _centred(tradeoff.table(form="latex")),
    ]
    if chapter.printed:
        parts += [
            r"\paragraph{As printed.} In the same letters, the published statement is the following; the audit below says"
            r" where it holds.",
            formula(chapter.printed),
        ]
    return "\n\n".join([*parts, proof_latex(chapter.proof, setting=False)])


def _title(tradeoff: Tradeoff) -> str:
    kind = f"{tradeoff.id.split('.')[0].capitalize()} source"
    return rf"{kind}: ${head(tradeoff)}$"


def formula(tradeoff: Tradeoff) -> str:
    """Set the cases of a trade-off, and where its abbreviations are short, several in a line."""
    lines = [rf"\[ {head(tradeoff)} = {narrow_cases(tradeoff)} \]"]
    if tradeoff.where:
        body = " \\\\[3pt]\n".join(rf"{name} &= {value}" for name, value in where_latex(tradeoff))
        lines += ["where", rf"\begin{{align*}}{chr(10)}{body}{chr(10)}\end{{align*}}"]
    return "\n".join(lines)


def narrow_cases(tradeoff: Tradeoff) -> str:
    """Set the cases without the names of the regimes, which the table below gives."""
    rows = [
        (
            latex(r.expr, tradeoff.names),
            r"\text{if } " + r",\; ".join(conditions(r.condition, tradeoff.names)),
        )
        for r in tradeoff.cases
        if not r.is_infeasible
    ]
    return cases([*rows, (r"\infty", r"\text{otherwise}")])


def formula_file(chapter: Chapter) -> str:
    """Return the formula as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath\n\\[\n{chapter.tradeoff.latex()}\n\\]\n"


def proof_file(chapter: Chapter) -> str:
    """Return the proof as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath, amssymb and amsthm\n{chapter.proof.latex()}"


def _centred(table: str) -> str:
    return f"\\begin{{center}}\\small\n{table}\\end{{center}}"


def _audit(audit: AuditReport) -> str:
    head_ = ["theorem", "roads", "agree", "disagree", "unknown", "largest difference"]
    rows = [
        [
            rf"\texttt{{{e.id}}}",
            e.roads.replace(" x ", r" $\times$ "),
            str(e.agreements),
            str(e.disagreements),
            str(e.unknown),
            _power(e.largest_difference),
        ]
        for e in audit.entries
    ]
    verdict = "No exact form disagrees anywhere." if audit.ok else "An exact form disagrees: see the table."
    parts = [
        r"\section{Audit}",
        rf"\noindent {audit.samples} random instances for each comparison with the certified solver, corners included,"
        rf" with seed {audit.seed}. {verdict}",
        _centred(render(head_, rows, "latex")),
    ]
    if audit.findings:
        parts += [
            r"\subsection*{Where printed forms differ, with witnesses}",
            _centred(findings_table(audit)),
        ]
        parts += [
            rf"\paragraph{{{prose_latex(capitalised(f.title))}.}} {prose_latex(f.explanation)}" for f in audit.findings
        ]
    return "\n\n".join(parts)


def findings_table(audit: AuditReport) -> str:
    """Return the witnesses as a booktabs table."""
    rows = [
        [
            prose_latex(_short(f.source)),
            rf"\parbox[t]{{50mm}}{{\raggedright {prose_latex(f.title)}}}",
            rf"\parbox[t]{{46mm}}{{\raggedright {', '.join(f'${x}$' for x in witness(f))}}}",
            number(f.printed),
            number(f.true),
        ]
        for f in audit.findings
    ]
    return render(["source", "what differs", "witness", "printed", "true"], rows, "latex").replace(r" \\", r" \\[2pt]")


def findings_csv(audit: AuditReport) -> str:
    """Return the witnesses as CSV."""
    rows = [
        [
            f.id,
            f.source,
            f.title,
            "; ".join(f"{k} = {v:g}" for k, v in f.witness.items()),
            repr(f.printed),
            repr(f.true),
        ]
        for f in audit.findings
    ]
    return render(["id", "source", "title", "witness", "printed", "true"], rows, "csv")


def witness(finding: Finding) -> list[str]:
    """Set the numbers of a witness in LaTeX."""
    import sympy as sp

    letters = {"t": sp.Symbol("t")}
    return [
        rf"{latex(letters.get(name, sp.Symbol(name, real=True)))} = {number(value, plain=True)}"
        for name, value in finding.witness.items()
    ]


def number(value: float, *, plain: bool = False) -> str:
    """Set a number of a table; infinity is a sign."""
    text = {float("inf"): r"\infty", float("-inf"): r"-\infty"}.get(value, f"{value:.4g}")
    return text if plain or "infty" not in text else f"${text}$"


def _power(value: float) -> str:
    if value == 0:
        return "0"
    digits, _, power = f"{value:.1e}".partition("e")
    return rf"${digits} \cdot 10^{{{int(power)}}}$" if abs(int(power)) > 2 else f"{value:.3g}"


def _short(source: str) -> str:
    return source.partition("], ")[2] or source


def _cases(report: Report) -> str:
    head_ = ["label", "$H(S)$", "$I(S;X)$", "$H(X)$", "points", "certified", "widest enclosure"]
    rows = [
        [
            case.label,
            f"{case.H_S:.4f}",
            f"{case.I_SX:.4f}",
            f"{case.H_X:.4f}",
            str(len(case.rows)),
            str(case.certified),
            _power(case.widest),
        ]
        for case, _ in report.cases
    ]
    return "\n\n".join(
        [
            r"\section{A real case}",
            r"\noindent Handwritten digits of $8 \times 8$ pixels: $X$ is the ink of one patch, faded and noisy, in five"
            r" levels; the target is the law of the same feature on clean images; the distortion is squared. Each point of"
            r" $D(R, C)$ is an enclosure, proved in exact arithmetic; entropies are in bits.",
            _centred(render(head_, rows, "latex")),
        ]
    )
