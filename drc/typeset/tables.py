"""Tables: booktabs LaTeX, CSV and HTML from the same rows."""

from __future__ import annotations

import csv
import io

from drc.typeset.words import words_html

FORMS = ("latex", "csv", "html")


def render(head: list[str], rows: list[list[str]], form: str) -> str:
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
    lines = [rf"\begin{{tabular}}{{{'l' * len(head)}}}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    lines += [" & ".join(row) + r" \\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _html_row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{words_html(cell)}</{tag}>" for cell in cells) + "</tr>"
