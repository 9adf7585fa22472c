r"""Tables for papers: what the audit found in published forms, and a whole document around any table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from drc.errors import choice
from drc.files import beside
from drc.report.theorems import number, witness
from drc.tradeoff.display import where_latex
from drc.typeset.tables import FORMS, fitting, render, wrapped
from drc.typeset.words import plain, words_latex

if TYPE_CHECKING:
    from drc.audit import Finding
    from drc.tradeoff import Tradeoff


def findings_table(findings: Iterable[Finding], form: str = "latex") -> str:
    """Tabulate where published forms differ from derived ones: source, what differs, witness, both values.

    Parameters
    ----------
    findings : iterable of Finding
        Such as `drc.audit().findings`, or those that `drc.audit.published_findings()` looks for alone.
    form : {"latex", "csv", "html"}
        LaTeX needs booktabs and amsmath.

    Raises
    ------
    ProblemError
        For an unknown form.
    """
    choice("form", form, FORMS)
    if form == "csv":
        rows = [[f.id, f.source, plain(f.title), _plainly(f.witness), repr(f.printed), repr(f.true)] for f in findings]
        return render(["id", "source", "title", "witness", "printed", "true"], rows, form)
    head = ["source", "what differs", "witness", "printed", "true"]
    rows = [[_short(f.source), f.title, witness(f), number(f.printed), number(f.true)] for f in findings]
    if form == "html":
        return render(head, rows, form)
    rows = [
        [words_latex(source), wrapped("50mm", words_latex(title)), wrapped("46mm", at), *values]
        for source, title, at, *values in rows
    ]
    return render(head, rows, form).replace(r" \\", r" \\[2pt]")


def _plainly(witness: Mapping[str, float]) -> str:
    return "; ".join(f"{name} = {value:g}" for name, value in witness.items())


def document(table: str, tradeoff: Tradeoff | None = None) -> str:
    r"""Put a LaTeX table into a document of one page, which compiles as it is.

    Parameters
    ----------
    tradeoff : Tradeoff, optional
        What its abbreviations stand for is said below the table.

    Examples
    --------
    >>> import drc
    >>> T = drc.Gaussian().drc()
    >>> print(document(T.table(), T).splitlines()[0])
    \documentclass[11pt,a4paper]{article}
    """
    below = ""
    if tradeoff is not None and tradeoff.where:
        lines = " \\\\[4pt]\n".join(rf"{name} ={{}}& {value}" for name, value in where_latex(tradeoff))
        below = f"\\noindent where\n\\[\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n\\]\n"
    return beside("drc.report", "table.tex", TABLE=fitting(table), BELOW=below)


def _short(source: str) -> str:
    return source.partition("], ")[2] or source
