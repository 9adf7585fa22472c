"""The steps of a derivation as an entry of a numbered list: what is claimed, where, and why."""

from __future__ import annotations

from functools import lru_cache

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And

from drc.expressions.forms import all_of
from drc.expressions.latex import LatexNames, latex
from drc.expressions.layout import conditions, display, rows
from drc.expressions.width import LIMIT, width
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict
from drc.typeset.model import Badge, Formula, Item
from drc.typeset.words import sentence


def item(step: Step, names: LatexNames, check: Check | None = None) -> Item:
    """Set a step.

    Parameters
    ----------
    step : Step
    names : mapping from symbol to LaTeX
    check : Check, optional
        Its outcome, to be shown beside the step.
    """
    return Item(_parts(step, names), None if check is None else _badge(check))


def _parts(step: Step, names: LatexNames) -> tuple[str | Formula, ...]:
    formula, alone = _formula(step.claim, names)
    if step.defines:
        return ("Let", _closed(formula, ","), f"{step.defines}.") if alone else (f"Let ${formula}$: {step.defines}.",)
    because = sentence(step.because)
    if _says_nothing(step.claim):
        return (because,)
    said = conditions(step.given, names)
    if width(", ".join(said)) > LIMIT:
        # Text could not be broken well between them.
        return ("For", _closed(display(rows(step.given, names)), ","), _closed(formula, "."), because)
    given = ", ".join(f"${c}$" for c in said)
    if not alone:
        return (f"${formula}${f' for {given}' if given else ''}. {because}",)
    closed = _closed(formula, ".")
    return (f"For {given}:", closed, because) if given else (f"{because[:-1]}:", closed)


def _closed(formula: str, mark: str) -> Formula:
    """Put a mark behind a displayed formula: in its last line."""
    end = "\n\\end{aligned}"
    return Formula(formula.removesuffix(end) + mark + end if formula.endswith(end) else formula + mark)


def _badge(check: Check) -> Badge:
    if check.verdict is Verdict.DEFINED:
        return Badge(check.method)
    word = check.verdict.value
    return Badge(f"{word}: {check.method}", word.lower(), str(check))


def _formula(claim: sp.Basic, names: LatexNames) -> tuple[str, bool]:
    """Set a claim, and say whether it is to stand on a line of its own."""
    return _set(claim, tuple(names.items()))


@lru_cache(maxsize=4096)
def _set(claim: sp.Basic, pairs: tuple[tuple[sp.Symbol, str], ...]) -> tuple[str, bool]:
    claim, names = _informative(claim), dict(pairs)
    whole = latex(claim, names)
    tall = any(word in whole for word in (r"\frac", r"\begin", r"\text{ and }", r"\text{ or }", r"\Leftrightarrow"))
    if not tall and width(whole) <= LIMIT / 2:
        return whole, False
    return display(rows(claim, names)), True


def _informative(claim: sp.Basic) -> sp.Basic:
    """Leave the parts of a conjunction out that say `a = a`."""
    if not isinstance(claim, And):
        return claim
    return all_of(*(part for part in claim.args if not _says_nothing(part)))


def _says_nothing(claim: sp.Basic) -> bool:
    """Whether a claim is set as `a = a`: its two sides were made equal when they were written down."""
    if claim == True:  # noqa: E712 (sympy's true, not Python's)
        return True
    if isinstance(claim, And):
        return all(_says_nothing(part) for part in claim.args)
    return isinstance(claim, Relational) and claim.lhs == claim.rhs
