"""The special cases in the documents: what the literature prints, where it comes from, and how it was verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from drc.expressions.forms import pieces, replaced
from drc.expressions.latex import LatexNames, cases, latex
from drc.expressions.layout import conditions, display, rows
from drc.problems import VectorGaussian
from drc.proof import Check, Verdict
from drc.theory.identities import Identity, Special, identities
from drc.theory.proofs import check_identities
from drc.types import Progress
from drc.typeset.model import reference


class _Term(sp.Function):
    """A term of an entropy, which is zero where its letter has no mass."""

    nargs = 1
    latex_name = r"\eta"


#: What is said before the list.
SPECIAL_WORDS = (
    "With limits and substitutions put in, the theorems are what the literature has already. Each formula below was typed"
    " as its source prints it, and compared with the theorem: equal, equal on a region with a witness beyond it, or a bound;"
    " proved for all parameters, or sampled at random points in ball"
    r" arithmetic, corners included. In them $\eta(p) = -p \log_2 p$, and $\eta(p) = 0$ for $p \le 0$."
)

#: The widest line of a case, in digits.
_NARROW = 54.0


#: How a theorem, and several, stand to a print.
_VERBS = {sp.Eq: ("is", "are"), sp.Le: ("is at most", "are at most"), sp.Ge: ("is at least", "are at least")}


@dataclass(frozen=True, eq=False)
class SpecialCase:
    """A special case as it is printed: identities with the same words, print and source are one.

    Attributes
    ----------
    identities : tuple of Identity
        With one statement and one source.
    checks : tuple of Check
        One for each.
    """

    identities: tuple[Identity, ...]
    checks: tuple[Check, ...]

    @property
    def first(self) -> Identity:
        """The one whose words are printed."""
        return self.identities[0]

    @property
    def formula(self) -> str:
        """The published formula, in LaTeX; empty where the print is another theorem."""
        printed = self.first.printed
        if isinstance(printed, Special):
            return ""
        tradeoff = self.first.general.tradeoff()
        return f"{tradeoff.value} {self.first.sign} {_set(printed, tradeoff.names)}"

    @property
    def where(self) -> list[str]:
        """Where the print holds, in LaTeX."""
        return conditions(self.first.region, self.first.general.tradeoff().names)

    @property
    def standing(self) -> str:
        """How the theorem stands to the print, in words, with a witness where they differ."""
        return "; beyond it, ".join(filter(None, (self.first.standing, self.first.difference)))

    @property
    def proved(self) -> str:
        """How it was proved, in words."""
        ways = dict.fromkeys(_in_words(check) for check in self.checks)
        return "; ".join(ways)

    @property
    def origin(self) -> str:
        """What it comes from, in words."""
        texts = []
        for printed in dict.fromkeys(str(case.printed) for case in self.identities):
            these = [case for case in self.identities if str(case.printed) == printed]
            text = _origins([case.general for case in these])
            if isinstance(these[0].printed, Special):
                text += _beside(these[0], len(these) > 1)
            texts.append(text)
        words = "; ".join(texts)
        if not isinstance(self.first.printed, Special):
            words = f"From {words}"
        if free := list(self.first.best):
            words += f", least over {', '.join(f'${latex(sp.Symbol(name, real=True))}$' for name in free)}"
        # The document is in bits, but some sources are not.
        units = dict.fromkeys(case.general.unit for case in self.identities)
        return f"{words}, in {' and '.join(units)}."


def special_cases(
    *, seed: int = 0, workers: int | None = 1, progress: Progress | None = None
) -> tuple[SpecialCase, ...]:
    """Check every special case, and put those together that a reader would not tell apart.

    Parameters are those of `drc.theory.check_proofs`.
    """
    names = (case.id for case in identities())
    checks = check_identities(names, seed=seed, workers=workers, progress=progress)
    families: dict[tuple, list[tuple[Identity, Check]]] = {}
    for case in identities():
        # Two that say that one theorem is another may be about two pairs of theorems.
        printed = "" if isinstance(case.printed, Special) else str(case.printed)
        families.setdefault((case.statement, case.source, printed), []).append((case, checks[case.id]))
    return tuple(SpecialCase(*map(tuple, zip(*members, strict=True))) for members in families.values())


def _in_words(check: Check) -> str:
    word = check.verdict.value.lower()
    if check.verdict is Verdict.PROVED:
        return f"{word} by {check.method}"
    return f"{word} at {check.method}" if check.verdict is Verdict.SAMPLED else word


def _beside(identity: Identity, several: bool) -> str:
    """Say which theorem, or published form, stands beside some theorems."""
    assert isinstance(identity.printed, Special)
    if identity.printed.form == "published":
        return " and its published form"
    verb = _VERBS[identity.relation][several]
    return f" {verb} {_origins([identity.printed], identity.general.tradeoff().names)}"


def _origins(found: list[Special], names: LatexNames | None = None) -> str:
    """Name some theorems and what is put into them, once where it is the same."""
    by_given: dict[str, list[str]] = {}
    for special in found:
        by_given.setdefault(_given(special, names or {}), []).append(special.theorem)
    texts = []
    for given, theorems in by_given.items():
        named = [reference(theorem.replace(".", "-"), "Theorem", f"`{theorem}`") for theorem in theorems]
        texts.append(" and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named) + given)
    return " and ".join(texts)


def _given(special: Special, names: LatexNames) -> str:
    tradeoff = special.tradeoff()
    names = {**names, **tradeoff.names}
    symbols = {symbol.name: symbol for symbol in (*tradeoff.arguments, *tradeoff.parameters)}
    given = [
        latex(sp.Eq(symbols[name], sp.sympify(value), evaluate=False), names) for name, value in special.given.items()
    ]
    words = ""
    if isinstance(special.problem, VectorGaussian) and special.problem.n == 1:
        words = " for one component"
        if special.problem.R_c != sp.oo:
            words += f" and $R_c = {latex(sp.sympify(special.problem.R_c))}$"
    return f"{words} at {', '.join(f'${g}$' for g in given)}" if given else words


def _set(printed: sp.Expr, names: Any) -> str:
    """Set a published formula in lines that fit."""
    if not isinstance(printed, sp.Piecewise):
        return display(rows(printed, names, limit=_NARROW))
    lines = []
    for value, condition in pieces(printed):
        at = r"\text{otherwise}"
        if condition != True:  # noqa: E712 (sympy's true, not Python's)
            at = r"\text{if } " + r" \text{ and } ".join(conditions(condition, names))
        lines.append((display(rows(_short(value), names, limit=_NARROW)), at))
    return cases(lines)


def _short(value: sp.Expr) -> sp.Expr:
    """Give the terms of an entropy, which are definitions by cases, a name."""
    terms = {}
    for term in value.atoms(sp.Piecewise):
        found = [log.args[0] for log in term.atoms(sp.log) if not log.args[0].is_number]
        if len(found) == 1 and sp.expand(pieces(term)[-1][0] + found[0] * sp.log(found[0], 2)) == 0:
            terms[term] = _Term(found[0])
    return replaced(value, terms)
