"""Tables: booktabs LaTeX, CSV and HTML from the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from drc.typeset.words import words_html

FORMS = ("latex", "csv", "html")


def render(head: Sequence[str], rows: Iterable[Sequence[str]], form: str) -> str:
    r"""Write a table of strings in one of the forms; a cell between dollar signs is LaTeX.

    Examples
    --------
    >>> print(render(["a"], [["$x$"]], "latex"), end="")
    \begin{tabular}{l}
    \toprule
    a \\
    \midrule
    $x$ \\
    \bottomrule
    \end{tabular}
    """
    if form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([head, *rows])
        return buffer.getvalue()
    if form == "html":
        lines = ["<table>", "<thead>", _html_row(head, "th"), "</thead>", "<tbody>"]
        return "\n".join([*lines, *(_html_row(row, "td") for row in rows), "</tbody>", "</table>"]) + "\n"
    return tabular("l" * len(head), [latex_row(head)], map(latex_row, rows))


def tabular(columns: str, head: Iterable[str], body: Iterable[str]) -> str:
    """Put lines of LaTeX between the rules of booktabs."""
    lines = [
        rf"\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        *head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def latex_row(cells: Iterable[str]) -> str:
    """Join cells into a line of LaTeX."""
    return " & ".join(cells) + r" \\"


def _html_row(cells: Iterable[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{words_html(cell)}</{tag}>" for cell in cells) + "</tr>"
