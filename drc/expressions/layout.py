r"""Long formulas in several lines: where to break them."""

from __future__ import annotations

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Equivalent, Implies, Not, Or

from drc.expressions.forms import all_of
from drc.expressions.latex import _RELATIONS, LatexNames, prepared, printer
from drc.expressions.width import LIMIT, width

#: A left-hand side that is no wider has the beginning of the right-hand side beside it.
_LEAD = 6.0

#: What stands before each further part of a condition, how far parts are indented, and their order.
_WORDS = (
    (Or, r"\text{or } ", 3, sp.default_sort_key),
    (Equivalent, r"\Leftrightarrow\; ", 4, lambda part: -len(str(part))),
    (Implies, r"\Rightarrow\; ", 4, None),
)


def rows(expr: sp.Basic, names: LatexNames | None = None, *, limit: float = LIMIT) -> list[str]:
    r"""Set an expression or a condition in as few lines as keep below a width.

    Parameters
    ----------
    expr : sympy expression or boolean
    names : mapping from symbol to LaTeX, optional
    limit : float
        Width in digits.

    Returns
    -------
    list of str
        LaTeX of each line, for an environment such as `aligned`.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> rows(sp.Eq(x, y)), rows(sp.Eq(1 + x + y, 2 * x * y), limit=9)
    (['x = y'], ['x + y', '\\quad {}+ 1', '\\quad = 2 x y'])
    """
    return _rows(prepared(expr), printer(names), limit)


def _rows(expr: sp.Basic, pen, limit: float) -> list[str]:
    whole = pen.doprint(expr)
    # Cases are not broken, but what stands on the other side of a relation may go to a line of its own.
    splits = isinstance(expr, Relational) and not expr.lhs.is_Symbol
    if width(whole) <= limit or (r"\begin" in whole and not splits):
        return [whole]
    if isinstance(expr, And):
        return _conjunction(expr, pen, limit)
    for kind, word, indent, order in _WORDS:
        if isinstance(expr, kind):
            parts = sorted(expr.args, key=order) if order else expr.args
            return _joined([_rows(part, pen, limit - indent) for part in parts], word)
    if isinstance(expr, Relational):
        lead = f"{pen.doprint(expr.lhs)} {_RELATIONS[expr.rel_op]} "
        if width(lead) <= _LEAD:
            first, *rest = _rows(expr.rhs, pen, limit - width(lead))
            return [f"{lead}{first}", *(rf"\quad {line}" for line in rest)]
        sides = [_rows(side, pen, limit - 4) for side in (expr.lhs, expr.rhs)]
        return _joined(sides, f"{_RELATIONS[expr.rel_op]} ")
    if isinstance(expr, sp.Add):
        return _sum(expr, pen, limit)
    if isinstance(expr, Not):
        first, *rest = _rows(expr.args[0], pen, limit - 5)
        lines = [rf"\text{{not }} ({first}", *rest]
        return [*lines[:-1], f"{lines[-1]})"]
    if isinstance(expr, sp.Mul) and any(isinstance(factor, sp.Add) for factor in expr.args):
        return _times_sum(expr, pen, limit)
    return [whole]


def _conjunction(expr: And, pen, limit: float) -> list[str]:
    short, long = [], []
    for part in expr.args:
        (short if width(pen.doprint(part)) <= limit else long).append(part)
    # A conjunction of one part is that part.
    texts = pen.conjuncts(all_of(*short)) if len(short) > 1 else [pen.doprint(part) for part in short]
    found = filled([f"{text}, " for text in texts], limit, between=r"\quad ")
    for part in long:
        lines = _rows(part, pen, limit)
        found += [*lines[:-1], f"{lines[-1]}, "]
    return [*(line.rstrip() for line in found[:-1]), found[-1].rstrip(", ")]


def _sum(expr: sp.Add, pen, limit: float) -> list[str]:
    lines: list[str] = []
    whole = {pen._signed(term)[1]: term for term in expr.args}
    for sign, body in pen.terms(expr):
        lead = (" + " if sign > 0 else " - ") if lines else ("" if sign > 0 else "-")
        if width(body) > limit and body in whole:
            # A term that is wider than a line is broken by itself.
            first, *rest = _rows(sign * whole[body], pen, limit - 2)
            lines += [f"{lead}{first}", *rest]
        elif lines and width(lines[-1] + lead + body) <= limit:
            lines[-1] += lead + body
        else:
            lines.append(lead + body)
    first, *rest = lines
    return [first, *(rf"\quad {{}}{line.strip()}" for line in rest)]


def _times_sum(expr: sp.Mul, pen, limit: float) -> list[str]:
    """Break a product within its widest factor that is a sum."""
    inner = max((f for f in expr.args if isinstance(f, sp.Add)), key=lambda f: (width(pen.doprint(f)), str(f)))
    outer = sp.Mul(*(factor for factor in expr.args if factor is not inner))
    if any(factor.is_Pow and factor.exp.is_negative and not factor.is_number for factor in sp.Mul.make_args(outer)):
        return [pen.doprint(expr)]
    if width(pen.doprint(inner)) < limit / 3:
        # What is wide is the other factor.
        return [rf"({pen.doprint(inner)})", rf"\quad {{}} \cdot {pen.doprint(outer)}"]
    lead = rf"{pen.doprint(outer)} \Bigl("
    first, *rest = _sum(inner, pen, limit - 4)
    # A first line that is too wide with what leads it begins below.
    lines = [f"{lead}{first}", *rest] if width(lead + first) <= limit + 4 else [lead, rf"\quad {first}", *rest]
    return [*lines[:-1], rf"{lines[-1]}\Bigr)"]


def filled(texts: list[str], limit: float, *, between: str = "") -> list[str]:
    """Fill lines with texts one after the other.

    Examples
    --------
    >>> filled(["a + ", "b + ", "c"], 7)
    ['a + ', 'b + c']
    """
    lines: list[str] = []
    for text in texts:
        if lines and width(lines[-1] + between + text) <= limit:
            lines[-1] += between + text
        else:
            lines.append(text)
    return lines


def _joined(blocks: list[list[str]], word: str) -> list[str]:
    """Put blocks of lines below each other, each but the first led by a word and indented."""
    first, *others = blocks
    found = list(first)
    for block in others:
        found.append(rf"\quad {word}{block[0]}")
        found += [rf"\qquad {line}" for line in block[1:]]
    return found


def conditions(expr: sp.Basic, names: LatexNames | None = None) -> list[str]:
    r"""Set a condition as a list of formulas, all of which are to hold; none for what always holds.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> conditions(sp.And(x < y, y < 1)), conditions(sp.true)
    (['x < y < 1'], [])
    """
    if expr == True:  # noqa: E712 (sympy's true, not Python's)
        return []
    pen = printer(names)
    expr = prepared(expr)
    return pen.conjuncts(expr) if isinstance(expr, And) else [pen.doprint(expr)]


def display(lines: list[str]) -> str:
    r"""Put lines into one formula: alone as they are, several in `aligned`.

    Examples
    --------
    >>> display(["x"])
    'x'
    """
    if len(lines) == 1:
        return lines[0]
    body = " \\\\\n".join(f"& {line}" for line in lines)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"
