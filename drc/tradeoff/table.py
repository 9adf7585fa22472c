"""Tables: booktabs LaTeX, CSV and HTML from the same rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from html import escape
from typing import TYPE_CHECKING

from drc.expressions.latex import latex, mathml
from drc.expressions.layout import conditions
from drc.problems.validation import choice

if TYPE_CHECKING:
    from drc.tradeoff.tradeoff import Tradeoff

FORMS = ("latex", "csv", "html")


def regimes_table(tradeoff: Tradeoff, form: str) -> str:
    """List the regimes: name, value, condition.

    Raises
    ------
    ProblemError
        For an unknown form.
    """
    choice("form", form, FORMS)
    value = str(tradeoff.value)
    if form == "csv":
        rows = [[r.name, str(r.expr), str(r.condition)] for r in tradeoff.cases]
        return render(["regime", value, "condition"], rows, form)
    rows = [
        [r.name, f"${latex(r.expr, tradeoff.names)}$", *[_listed(conditions(r.condition, tradeoff.names))]]
        for r in tradeoff.cases
    ]
    return render(["regime", f"${value}$", "condition"], rows, form)


def points_table(tradeoff: Tradeoff, points: Iterable[Mapping[str, float]], form: str) -> str:
    """List values and regimes at some points.

    Raises
    ------
    ProblemError
        For an unknown form or argument.
    """
    choice("form", form, FORMS)
    points = list(points)
    names = list(dict.fromkeys(name for point in points for name in point))
    rows = [
        [
            *(_number(point[n]) if n in point else "" for n in names),
            _number(tradeoff(**point)),
            tradeoff.regime(**point),
        ]
        for point in points
    ]
    head = [*names, str(tradeoff.value)]
    if form != "csv":
        rows = [[_set(cell) for cell in row] for row in rows]
        head = [_with_unit(name, tradeoff) for name in head]
    return render([*head, "regime"], rows, form)


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
    return "<tr>" + "".join(f"<{tag}>{_html_cell(cell)}</{tag}>" for cell in cells) + "</tr>"


def _html_cell(cell: str) -> str:
    parts = cell.split("$")
    return "".join(mathml(part) if i % 2 else escape(part, quote=False) for i, part in enumerate(parts))


def _listed(formulas: list[str]) -> str:
    return ", ".join(f"${formula}$" for formula in formulas) or "always"


def _with_unit(name: str, tradeoff: Tradeoff) -> str:
    return f"${latex_name(name, tradeoff)}$" + (f" ({tradeoff.unit.short})" if name in ("R", "C") else "")


def latex_name(name: str, tradeoff: Tradeoff) -> str:
    """Set the name of an argument, a parameter or the value."""
    symbols = {s.name: s for s in (*tradeoff.arguments, *tradeoff.parameters, tradeoff.value)}
    return latex(symbols[name], tradeoff.names) if name in symbols else name


def _set(cell: str) -> str:
    return {"inf": r"$\infty$", "-inf": r"$-\infty$"}.get(cell, cell)


def _number(value: float) -> str:
    return f"{float(value):.6g}"
