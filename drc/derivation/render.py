"""A derivation as a proof that can be read: in LaTeX, and in HTML with MathML."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And

from drc.expressions.latex import LatexNames, latex, mathml
from drc.expressions.layout import conditions, display, rows
from drc.expressions.width import LIMIT, width
from drc.expressions.words import prose_html, prose_latex, sentence

if TYPE_CHECKING:
    from drc.derivation.proof import Derivation, DerivationReport
    from drc.derivation.step import Check, Step


def proof_latex(derivation: Derivation, *, setting: bool = True) -> str:
    r"""Set a derivation as a LaTeX proof: the statement, then one numbered item for each step.

    Parameters
    ----------
    derivation : Derivation
    setting : bool
        Whether to say what the letters stand for.

    Returns
    -------
    str
        To be pasted into a document that loads amsmath, amssymb and amsthm.

    Examples
    --------
    >>> import drc
    >>> print(drc.Gaussian().drc().derivation.latex()[:28])
    \begin{proof}[Derivation] Th
    """
    names = derivation.names
    lines = [r"\begin{proof}[Derivation] The claim is this. " + prose_latex(derivation.statement, names)]
    if setting and derivation.setting:
        lines.append(prose_latex(derivation.setting, names))
    return "\n".join([*lines, steps_latex(derivation), r"\end{proof}"]) + "\n"


def steps_latex(derivation: Derivation, first: int = 0, last: int | None = None) -> str:
    r"""Set some steps of a derivation as a numbered list, which keeps their numbers.

    Parameters
    ----------
    derivation : Derivation
    first, last : int
        Places, counted from zero; the last one is left out.

    Examples
    --------
    >>> import drc
    >>> steps_latex(drc.Gaussian().drc().derivation, 2, 3).splitlines()[1]
    '\\setcounter{enumi}{2}'
    """
    items = [_item_latex(step, derivation.names) for step in derivation.steps[first:last]]
    start = [rf"\setcounter{{enumi}}{{{first}}}"] if first else []
    return "\n".join([r"\begin{enumerate}\emergencystretch=3em", *start, *items, r"\end{enumerate}"])


def steps_html(
    derivation: Derivation, report: DerivationReport | None = None, first: int = 0, last: int | None = None
) -> str:
    """Set some steps of a derivation as an HTML list, which keeps their numbers.

    Parameters
    ----------
    derivation : Derivation
    report : DerivationReport, optional
    first, last : int
        Places, counted from zero; the last one is left out.

    Examples
    --------
    >>> import drc
    >>> steps_html(drc.Gaussian().drc().derivation, None, 2, 3)[:14]
    '<ol start="3">'
    """
    checks = [None] * len(derivation) if report is None else list(report.checks)
    pairs = list(zip(derivation, checks, strict=True))[first:last]
    items = [_item_html(step, check, derivation.names) for step, check in pairs]
    start = f' start="{first + 1}"' if first else ""
    return "\n".join([f"<ol{start}>", *items, "</ol>"])


def proof_html(derivation: Derivation, report: DerivationReport | None = None, *, setting: bool = True) -> str:
    """Set a derivation as HTML with formulas in MathML: no script, nothing to load.

    Parameters
    ----------
    derivation : Derivation
    report : DerivationReport, optional
        The outcome of `derivation.check()`, to be shown beside each step.
    setting : bool
        Whether to say what the letters stand for.

    Returns
    -------
    str

    Examples
    --------
    >>> import drc
    >>> drc.Gaussian().drc().derivation.html().startswith('<div class="proof">')
    True
    """
    names = derivation.names
    words = [w for w in (derivation.statement, derivation.setting if setting else "") if w]
    statement = [f"<p>{prose_html(w, names)}</p>" for w in words]
    return "\n".join(['<div class="proof">', *statement, steps_html(derivation, report), "</div>"]) + "\n"


def _item_latex(step: Step, names: LatexNames) -> str:
    if step.defines:
        formula, stands_alone = _formula(step.claim, names)
        end = f"{prose_latex(step.defines, names)}."
        return rf"\item Let \[ {_closed(formula, ',')} \] {end}" if stands_alone else rf"\item Let ${formula}$: {end}"
    because = prose_latex(sentence(step.because), names)
    if _says_nothing(step.claim):
        return rf"\item {because}"
    formula, stands_alone = _formula(step.claim, names)
    given = ", ".join(f"${c}$" for c in conditions(step.given, names))
    if stands_alone and not given:
        return rf"\item {because[:-1]}: \[ {_closed(formula, '.')} \]"
    if stands_alone:
        return rf"\item For {given}: \[ {_closed(formula, '.')} \] {because}"
    return rf"\item ${formula}${f' for {given}' if given else ''}. {because}"


def _item_html(step: Step, check: Check | None, names: LatexNames) -> str:
    verdict = "" if check is None else _badge(check)
    if step.defines:
        formula, alone = _formula(step.claim, names)
        meaning = prose_html(step.defines, names)
        let = _display(_closed(formula, ",")) if alone else f"{mathml(formula)}: "
        return f"<li>{verdict}Let {let}{meaning}.</li>"
    because = prose_html(sentence(step.because), names)
    if _says_nothing(step.claim):
        return f"<li>{verdict}{because}</li>"
    formula, alone = _formula(step.claim, names)
    given = ", ".join(mathml(c) for c in conditions(step.given, names))
    if alone and not given:
        return f"<li>{verdict}{because[:-1]}:{_display(formula)}</li>"
    if alone:
        return f"<li>{verdict}For {given}:{_display(formula)}{because}</li>"
    return f"<li>{verdict}{mathml(formula)}{f' for {given}' if given else ''}. {because}</li>"


def _closed(formula: str, mark: str) -> str:
    """Put a mark behind a displayed formula: in its last line."""
    end = "\n\\end{aligned}"
    return formula.removesuffix(end) + mark + end if formula.endswith(end) else formula + mark


def _display(formula: str) -> str:
    # A formula that is wider than the screen scrolls by itself, and the page does not.
    return f'<div class="display" style="overflow-x:auto">{mathml(formula, display=True)}</div>'


def _badge(check: Check) -> str:
    word = check.verdict.value
    if check.method == "definition":
        return '<span class="verdict">definition</span> '
    return f'<span class="verdict {word.lower()}" title="{escape(str(check))}">{word}: {escape(check.method)}</span> '


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
    return And(*(part for part in claim.args if not _says_nothing(part)), evaluate=False)


def _says_nothing(claim: sp.Basic) -> bool:
    """Whether a claim is set as `a = a`: its two sides were made equal when they were written down."""
    if claim == True:  # noqa: E712 (sympy's true, not Python's)
        return True
    if isinstance(claim, And):
        return all(_says_nothing(part) for part in claim.args)
    return isinstance(claim, Relational) and claim.lhs == claim.rhs
