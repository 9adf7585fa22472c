"""The special cases in the documents: what the literature prints, where it comes from, and how it was proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from drc.derivation import Check
from drc.expressions.latex import cases, latex
from drc.expressions.layout import conditions, display, rows
from drc.theory.identities import Identity, Special, identities

#: A term of an entropy, which is zero where its letter has no mass.
_TERM = sp.Function("eta")

#: What is said before the list.
SPECIAL_WORDS = (
    "With limits and substitutions put in, the theorems are what the literature has already. Each formula below was typed"
    " as its source prints it, and proved from the theorem: by algebra, or at random points in ball arithmetic, corners"
    r" included. In them $\eta(p) = -p \log_2 p$, and $\eta(p) = 0$ for $p \le 0$."
)

#: The widest line of a case, in digits.
_NARROW = 54.0


@dataclass(frozen=True, eq=False)
class SpecialCase:
    """A special case as it is printed: identities with the same words, print and source are one.

    Attributes
    ----------
    identities : tuple of Identity
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
        """The printed formula, in LaTeX; empty where the print is another theorem."""
        printed = self.first.printed
        if isinstance(printed, Special):
            return ""
        tradeoff = self.first.general.tradeoff()
        return f"{tradeoff.value} = {_set(printed, tradeoff.names)}"

    @property
    def where(self) -> list[str]:
        """Where the print claims to hold, and which parameters are free at their best values, in LaTeX."""
        names = self.first.general.tradeoff().names
        return conditions(self.first.where, names)

    @property
    def best(self) -> list[str]:
        """The best values of free parameters, in LaTeX."""
        names = self.first.general.tradeoff().names
        return [latex(sp.Eq(sp.Symbol(n, real=True), v, evaluate=False), names) for n, v in self.first.best.items()]

    @property
    def proved(self) -> str:
        """How it was proved, in words."""
        ways = dict.fromkeys(_in_words(check) for check in self.checks)
        return "; ".join(ways)

    def origin(self, refer: Callable[[str], str], math: Callable[[str], str]) -> str:
        """Say what it comes from.

        Parameters
        ----------
        refer : function from an id to words
            How a theorem is named.
        math : function from LaTeX to words
            How a formula is set.
        """
        each = [_origin(identity.general, refer, math) for identity in self.identities]
        text = f"From {'; and from '.join(each)}"
        if isinstance(self.first.printed, Special):
            text += f": it is {_origin(self.first.printed, refer, math)}"
        if best := self.best:
            text += f"; least at {math(', '.join(best))}"
        return text + "."


def special_cases(*, points: int = 200, seed: int = 0) -> tuple[SpecialCase, ...]:
    """Prove every special case, and put those together that a reader would not tell apart.

    Parameters
    ----------
    points : int
        Random points for each that algebra does not decide.
    seed : int
    """
    families: dict[tuple, list[tuple[Identity, Check]]] = {}
    for identity in identities():
        key = (identity.statement, identity.source, str(identity.printed))
        families.setdefault(key, []).append((identity, identity.check(points=points, seed=seed)))
    return tuple(SpecialCase(*map(tuple, zip(*members, strict=True))) for members in families.values())


def _in_words(check: Check) -> str:
    if check.verdict.value != "True":
        return "not proved"
    if check.method == "symbolic":
        return "proved by algebra"
    return f"checked in {check.method.replace('balls', 'ball arithmetic')}"


def _origin(special: Special, refer: Callable[[str], str], math: Callable[[str], str]) -> str:
    tradeoff = special.tradeoff()
    symbols = {symbol.name: symbol for symbol in (*tradeoff.arguments, *tradeoff.parameters)}
    given = [
        latex(sp.Eq(symbols[name], sp.sympify(value), evaluate=False), tradeoff.names)
        for name, value in special.given.items()
    ]
    words = refer(special.theorem)
    if special.problem is not None and special.problem.n == 1:
        words += " for one component"
        if special.problem.R_c != sp.oo:
            words += f" and {math(f'R_c = {latex(sp.sympify(special.problem.R_c))}')}"
    return f"{words} at {', '.join(math(g) for g in given)}" if given else words


def _set(printed: sp.Expr, names: Any) -> str:
    """Set a printed formula in lines that fit."""
    if not isinstance(printed, sp.Piecewise):
        return display(rows(printed, names, limit=_NARROW))
    lines = []
    for value, condition in printed.args:
        at = r"\text{otherwise}"
        if condition != True:  # noqa: E712 (sympy's true, not Python's)
            at = r"\text{if } " + r",\; ".join(conditions(condition, names))
        lines.append((display(rows(_short(value), names, limit=_NARROW)), at))
    return cases(lines)


def _short(value: sp.Expr) -> sp.Expr:
    """Give the terms of an entropy, which are definitions by cases, a name."""
    terms = {}
    for term in value.atoms(sp.Piecewise):
        found = [log.args[0] for log in term.atoms(sp.log) if not log.args[0].is_number]
        if len(found) == 1 and sp.expand(term.args[-1][0] + found[0] * sp.log(found[0], 2)) == 0:
            terms[term] = _TERM(found[0])
    return value.xreplace(terms)
