"""A claim about random variables as a sympy condition, so that it can stand in a proof beside claims about numbers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Self

from sympy.core.symbol import Str
from sympy.logic.boolalg import And, Boolean, BooleanTrue

from drc.errors import must
from drc.proof.shannon.prove import prove_information
from drc.proof.shannon.statement import Statement, latex
from drc.proof.verdict import Check, Verdict


class InformationClaim(Boolean):
    """An inequality, an equation or a Markov chain of random variables; see `Statement`.

    Examples
    --------
    >>> InformationClaim("I(X;Z) <= I(X;Y)")
    I(X;Z) <= I(X;Y)
    """

    def __new__(cls, text: str | Str) -> Self:
        """Read a text; sympy makes a copy of its own part.

        Raises
        ------
        ProblemError
            If it is not such a statement.
        """
        name = text.name if isinstance(text, Str) else text
        Statement(name)
        return super().__new__(cls, Str(name))  # pyright: ignore[reportReturnType] (sympy says another class)

    @property
    def text(self) -> str:
        """The statement."""
        return self.args[0].name

    def _sympystr(self, printer: object) -> str:
        return self.text

    def _latex_in_a_paper(self, printer: object) -> str:
        return latex(self.text)


@cache
def about_information(claim: Boolean, given: Boolean) -> Check:
    """Decide a claim about random variables by Shannon's inequalities.

    Raises
    ------
    ProblemError
        If claim or assumption has a part that is about something else.
    """
    assumed = list(_texts(given))
    found = [prove_information(text, assumed) for text in _texts(claim)]
    for proof in found:
        if not proof:
            return Check(proof.verdict, "" if proof.witness is None else str(proof.witness))
    return Check(Verdict.PROVED, "Shannon's inequalities")


def _texts(condition: Boolean) -> Iterator[str]:
    for part in And.make_args(condition):
        if isinstance(part, InformationClaim):
            yield part.text
        elif not isinstance(part, BooleanTrue):
            raise must("a claim about random variables", "be about nothing else", part)
