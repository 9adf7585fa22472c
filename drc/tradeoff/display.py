"""A trade-off in LaTeX and as plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from drc.expressions.latex import cases, latex

if TYPE_CHECKING:
    from drc.tradeoff.tradeoff import Tradeoff


def tradeoff_latex(tradeoff: Tradeoff) -> str:
    """Set the cases, then one line for every abbreviation they need."""
    rows = [
        (latex(r.expr, tradeoff.names), rf"\text{{if }} {latex(r.condition, tradeoff.names)} \quad\text{{({r.name})}}")
        for r in tradeoff.cases
        if not r.is_infeasible
    ]
    rows.append((r"\infty", r"\text{otherwise \quad(infeasible)}"))
    lines = [rf"{head(tradeoff)} ={{}}& {cases(rows)}"]
    for symbol, value in tradeoff.where:
        lines.append(rf"{latex(symbol, tradeoff.names)} ={{}}& {latex(value, tradeoff.names)}")
    body = " \\\\[4pt]\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def head(tradeoff: Tradeoff) -> str:
    """Set the left-hand side: `D(R, C)`."""
    return rf"{tradeoff.value}\left({', '.join(s.name for s in tradeoff.arguments)}\right)"


def tradeoff_text(tradeoff: Tradeoff) -> str:
    """Write the trade-off in plain text, a line for every regime."""
    arguments = ", ".join(s.name for s in tradeoff.arguments)
    lines = [f"{tradeoff.value}({arguments})  [{tradeoff.id}, {tradeoff.form}, {tradeoff.unit.name}]"]
    width = max(len(regime.name) for regime in tradeoff.cases)
    for regime in tradeoff.cases:
        lines.append(f"  {regime.name:{width}}  {_text(regime.expr)}   if {_text(regime.condition)}")
    if tradeoff.where:
        lines.append("where")
        lines += [f"  {symbol} = {_text(value)}" for symbol, value in tradeoff.where]
    return "\n".join(lines)


def _text(expr: sp.Basic) -> str:
    if isinstance(expr, sp.Piecewise):
        return "; ".join(f"{v} if {c}" if c != True else f"{v} otherwise" for v, c in expr.args)  # noqa: E712
    return str(expr)
