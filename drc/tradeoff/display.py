"""A trade-off in LaTeX and as plain text."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from drc.expressions.forms import pieces
from drc.expressions.latex import cases, latex
from drc.expressions.layout import conditions, filled
from drc.expressions.width import LIMIT
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.regime import Regime

#: What stands between the conditions of a regime.
_AND = r" \text{ and } "


def tradeoff_latex(tradeoff: RegimeFunction, *, unit_note: bool = False) -> str:
    """Set the cases, then one line for every abbreviation they need, and perhaps one for the unit.

    Returns
    -------
    str
        An `aligned` environment, narrow enough for the text of an A4 page.
    """
    lines = [rf"{head(tradeoff)} ={{}}& {cases_latex(tradeoff)}"]
    lines += [rf"{name} ={{}}& {value}" for name, value in where_latex(tradeoff)]
    if unit_note:
        lines.append(
            rf"& \text{{({' and '.join(f'${name}$' for name in informations(tradeoff))} in {tradeoff.unit.name})}}"
        )
    body = " \\\\[4pt]\n".join(lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def informations(tradeoff: RegimeFunction) -> list[str]:
    """Name the value and the arguments that have the trade-off's unit.

    Examples
    --------
    >>> import drc
    >>> informations(drc.Bernoulli().drc()), informations(drc.Gaussian().rdpc(perception="KL"))
    (['R', 'C'], ['R', 'P', 'C'])
    """
    having = ("R", "C", "P") if getattr(tradeoff.problem, "perception", "") == "KL" else ("R", "C")
    return [symbol.name for symbol in (tradeoff.value, *tradeoff.arguments) if symbol.name in having]


def cases_latex(tradeoff: RegimeFunction, *, named: bool = True) -> str:
    """Set the cases alone: value and condition of every regime, and its name, or conditions of several lines without one."""
    rows = [
        (latex(r.expr, tradeoff.names), _condition(r, tradeoff, named)) for r in tradeoff.cases if not r.is_infeasible
    ]
    if named or len(rows) < len(tradeoff.cases):
        rows.append((r"\infty", r"\text{otherwise}" + (r"\quad\text{(infeasible)}" if named else "")))
    return cases(rows) if len(rows) > 1 else rows[0][0]


def where_latex(tradeoff: RegimeFunction) -> list[tuple[str, str]]:
    """Set what the abbreviations stand for: pairs of name and value."""
    return [(latex(symbol, tradeoff.names), latex(value, tradeoff.names)) for symbol, value in tradeoff.where]


def _condition(regime: Regime, tradeoff: RegimeFunction, named: bool) -> str:
    *texts, last = conditions(regime.condition, tradeoff.names) or [r"\text{always}"]
    parts = [*(f"{text}{_AND}" for text in texts), last]
    lines = filled([*parts, rf" \quad\text{{({regime.name})}}"] if named else parts, LIMIT - 8)
    start = "" if regime.condition == True else r"\text{if } "  # noqa: E712
    return start + " \\\\\n\\quad \\phantom{\\text{if }} ".join(lines)


def head(tradeoff: RegimeFunction) -> str:
    """Set the left-hand side: `D(R, C)`."""
    return rf"{latex(tradeoff.value, tradeoff.names)}({', '.join(s.name for s in tradeoff.arguments)})"


def tradeoff_text(tradeoff: RegimeFunction, write: Callable[[sp.Basic], str] | None = None) -> str:
    """Write the trade-off in plain text, a line for every regime, with expressions as `write` has them."""
    write = write or _text
    arguments = ", ".join(s.name for s in tradeoff.arguments)
    lines = [f"{tradeoff.value}({arguments})  [{tradeoff.id}, {tradeoff.form}, {tradeoff.unit.name}]"]
    width = max(len(regime.name) for regime in tradeoff.cases)
    for regime in tradeoff.cases:
        lines.append(f"  {regime.name:{width}}  {write(regime.expr)}   if {write(regime.condition)}")
    if tradeoff.where:
        lines.append("where")
        lines += [f"  {write(symbol)} = {write(value)}" for symbol, value in tradeoff.where]
    return "\n".join(lines)


def _text(expr: sp.Basic) -> str:
    if isinstance(expr, sp.Piecewise):
        return "; ".join(f"{v} if {c}" if c != True else f"{v} otherwise" for v, c in pieces(expr))  # noqa: E712
    return str(expr)
