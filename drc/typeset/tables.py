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


def wrapped(width: str, text: str) -> str:
    """Set a cell in lines of a width, such as "46mm"."""
    return rf"\parbox[t]{{{width}}}{{\raggedright {text}\strut}}"


#: What is in the box 0, scaled down to the line if it is wider; this needs graphicx.
SCALED = r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi"


def fitting(table: str) -> str:
    """Scale a table down to the line if it is wider; this needs graphicx."""
    return f"\\sbox0{{%\n{table}}}%\n{SCALED}\n"


def floating(table: str, caption: str, label: str) -> str:
    r"""Put a table into a float, with its caption above it, as journals have it; both are LaTeX, and may be empty.

    Examples
    --------
    >>> print(floating("...\n", "Regimes.", "tab:regimes"), end="")
    \begin{table}[t]
    \centering
    \caption{Regimes.}
    \label{tab:regimes}
    ...
    \end{table}
    """
    above = [rf"\caption{{{caption}}}"] if caption else []
    above += [rf"\label{{{label}}}"] if label else []
    return "\n".join([r"\begin{table}[t]", r"\centering", *above, f"{table.rstrip()}", r"\end{table}"]) + "\n"


def standing_alone(table: str) -> str:
    """Put a table into a document whose page is as large as the table; a line is as long as a column of IEEE."""
    return (
        "\\documentclass[border=2pt]{standalone}\n\\usepackage{amsmath,amssymb,booktabs,graphicx,siunitx}\n"
        f"\\begin{{document}}\n\\setlength{{\\linewidth}}{{252pt}}%\n{table.rstrip()}%\n\\end{{document}}\n"
    )


def latex_row(cells: Iterable[str]) -> str:
    """Join cells into a line of LaTeX."""
    return " & ".join(cells) + r" \\"


def _html_row(cells: Iterable[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{words_html(cell)}</{tag}>" for cell in cells) + "</tr>"
