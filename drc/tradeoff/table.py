"""Tables: booktabs LaTeX, CSV and HTML from the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from drc.expressions.latex import latex
from drc.problems.validation import choice

if TYPE_CHECKING:
    from drc.tradeoff.tradeoff import Tradeoff

FORMS = ("latex", "csv", "html")


def regimes_table(tradeoff: Tradeoff, form: str) -> str:
    """List the regimes: name, value, condition."""
    choice("form", form, FORMS)
    head = ["regime", str(tradeoff.value), "condition"]
    if form == "csv":
        return render(head, [[r.name, str(r.expr), str(r.condition)] for r in tradeoff.cases], form)
    rows = [
        [r.name, f"${latex(r.expr, tradeoff.names)}$", f"${latex(r.condition, tradeoff.names)}$"]
        for r in tradeoff.cases
    ]
    return render(head, rows, form)


def points_table(tradeoff: Tradeoff, points: Iterable[Mapping[str, float]], form: str) -> str:
    """List values and regimes at some points."""
    choice("form", form, FORMS)
    points = list(points)
    names = list(dict.fromkeys(name for point in points for name in point))
    rows = [
        [*(_number(point[n]) if n in point else "" for n in names), _number(tradeoff(**point)), tradeoff.regime(**point)]
        for point in points
    ]
    return render([*names, str(tradeoff.value), "regime"], rows, form)


def render(head: list[str], rows: list[list[str]], form: str) -> str:
    """Write a table of strings in one of the forms."""
    if form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([head, *rows])
        return buffer.getvalue()
    if form == "html":
        lines = ["<table>", "<thead>", _html_row(head, "th"), "</thead>", "<tbody>"]
        return "\n".join([*lines, *(_html_row(row, "td") for row in rows), "</tbody>", "</table>"]) + "\n"
    lines = [rf"\begin{{tabular}}{{{'l' * len(head)}}}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    lines += [" & ".join(cell.replace("inf", r"$\infty$") if cell == "inf" else cell for cell in row) + r" \\" for row in rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"


def _html_row(cells: list[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"


def _number(value: float) -> str:
    return f"{float(value):.6g}"
