"""The documents in LaTeX: `catalogue.tex`, and `formulas.tex`, which has the audit and a real case as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drc.expressions.words import capitalised, prose_latex
from drc.report import digits
from drc.report.bibliography import with_references_latex
from drc.report.tables import findings_table
from drc.report.theorems import PREAMBLE, front, special_section, theorems
from drc.tradeoff.table import render

if TYPE_CHECKING:
    from drc.audit import AuditReport
    from drc.report.chapters import Book, Chapter
    from drc.report.write import Report

#: Rows of the table of the audit on a page.
_ROWS = 40

END = "\\end{document}\n"


def paper(report: Report) -> str:
    """Write the whole document of the report: the catalogue, the audit and the real case."""
    book = report.book
    return _whole([*catalogue_body(book), _audit(book.audit), _cases(report)])


def catalogue_paper(book: Book) -> str:
    """Write the catalogue alone."""
    return _whole(catalogue_body(book))


def catalogue_body(book: Book) -> list[str]:
    """Write what the two documents have in common, from the contents to the special cases."""
    opening = front(book.chapters, seed=book.audit.seed, samples=book.audit.samples)
    return [opening, theorems(book.sections, book.records), special_section(book.special_cases)]


def _whole(parts: list[str]) -> str:
    body = "\n\n".join(part for part in parts if part)
    return "\n\n".join([PREAMBLE, with_references_latex(body), END])


def formula_file(chapter: Chapter) -> str:
    """Return the formula as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath\n\\[\n{chapter.tradeoff.latex()}\n\\]\n"


def proof_file(chapter: Chapter) -> str:
    """Return the proof as a file to be read into a paper."""
    return f"% {chapter.entry.id}: needs amsmath, amssymb and amsthm\n{chapter.proof.latex()}"


def _centred(table: str) -> str:
    return f"\\begin{{center}}\\footnotesize\\setlength{{\\tabcolsep}}{{4pt}}\n{table}\\end{{center}}"


def _audit(audit: AuditReport) -> str:
    head_ = ["theorem", "roads", "agree", "disagree", "unknown", "largest difference", "achieved"]
    rows = [
        [
            rf"\texttt{{{e.id}}}",
            e.roads.replace(" x ", r" $\times$ "),
            str(e.agreements),
            str(e.disagreements),
            str(e.unknown),
            _power(e.largest_difference),
            e.achieved.removeprefix("achieved "),
        ]
        for e in audit.entries
    ]
    verdict = "No exact form disagrees anywhere." if audit.ok else "An exact form disagrees: see the table."
    parts = [
        r"\section{Audit}",
        rf"{audit.samples} random instances for each comparison with the certified solver, corners included,"
        rf" with seed {audit.seed}. {verdict}",
        # A table is on one page.
        *(_centred(render(head_, rows[at : at + _ROWS], "latex")) for at in range(0, len(rows), _ROWS)),
    ]
    if audit.findings:
        parts += [
            r"\subsection*{Where printed forms differ, with witnesses}",
            _centred(findings_table(audit.findings)),
        ]
        parts += [
            rf"\paragraph{{{prose_latex(capitalised(f.title))}.}} {prose_latex(f.explanation)}" for f in audit.findings
        ]
    return "\n\n".join(parts)


def _power(value: float) -> str:
    if value == 0:
        return "0"
    factor, _, power = f"{value:.1e}".partition("e")
    return rf"${factor} \cdot 10^{{{int(power)}}}$" if abs(int(power)) > 2 else f"{value:.3g}"


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
            r"Handwritten digits of $8 \times 8$ pixels: $X$ is the ink of one patch, faded and noisy, in five"
            r" levels; the target is the law of the same feature on clean images; the distortion is squared. Each point of"
            r" $D(R, C)$ is an enclosure, proved in exact arithmetic; entropies are in bits.",
            _centred(render(head_, rows, "latex")),
            prose_latex(digits.CODED),
            _centred(coded_table(report)),
        ]
    )


def coded_table(report: Report) -> str:
    """Return the points that were coded for real as a booktabs table."""
    head_, rows = digits.coded_table(case for case, _ in report.cases)
    return render([cell.replace("|", r"\mid ") for cell in head_], rows, "latex")
