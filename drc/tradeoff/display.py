"""A trade-off in LaTeX and as plain text."""

from __future__ import annotations

import sympy as sp

from drc.expressions.latex import cases, latex
from drc.expressions.layout import conditions
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.regime import Regime


def tradeoff_latex(tradeoff: RegimeFunction) -> str:
    """Set the cases, then one line for every abbreviation they need.

    Parameters
    ----------
    tradeoff : RegimeFunction

    Returns
    -------
    str
        An `aligned` environment, narrow enough for the text of an A4 page.
    """
    lines = [rf"{head(tradeoff)} ={{}}& {cases_latex(tradeoff)}"]
    lines += [rf"{name} ={{}}& {value}" for name, value in where_latex(tradeoff)]
    body = " \\\\[4pt]\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def cases_latex(tradeoff: RegimeFunction) -> str:
    """Set the cases alone: value, condition and name of every regime."""
    rows = [
        (latex(r.expr, tradeoff.names), rf"\text{{if }} {_condition(r, tradeoff)} \quad\text{{({r.name})}}")
        for r in tradeoff.cases
        if not r.is_infeasible
    ]
    return cases([*rows, (r"\infty", r"\text{otherwise}\quad\text{(infeasible)}")])


def where_latex(tradeoff: RegimeFunction) -> list[tuple[str, str]]:
    """Set what the abbreviations stand for: pairs of name and value."""
    return [(latex(symbol, tradeoff.names), latex(value, tradeoff.names)) for symbol, value in tradeoff.where]


def _condition(regime: Regime, tradeoff: RegimeFunction) -> str:
    return r",\; ".join(conditions(regime.condition, tradeoff.names)) or r"\text{always}"


def head(tradeoff: RegimeFunction) -> str:
    """Set the left-hand side: `D(R, C)`."""
    return rf"{tradeoff.value}({', '.join(s.name for s in tradeoff.arguments)})"


def tradeoff_text(tradeoff: RegimeFunction) -> str:
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
