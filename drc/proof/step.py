"""A step of a proof: a claim, why it holds, and a check that decides it.

A claim is decided for all parameters by `drc.proof.decide`.  One that resists is tried at random points of its domain in
ball arithmetic: false at a point, it is refuted.  True at all of them, it may be proved by `drc.proof.cover`; if it is not,
it is sampled, and no more.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import sympy as sp
from sympy.logic.boolalg import And, Boolean

from drc.errors import must
from drc.expressions.content import ByContent
from drc.numbers import seed_given, whole
from drc.proof.computed import ComputedClaim
from drc.proof.cover import covered
from drc.proof.decide import Known, Question, decide, hints, is_real
from drc.proof.sampling import Definitions, Domain, interval, refuted_at, sample
from drc.proof.shannon import InformationClaim, about_information
from drc.proof.verdict import Check, Verdict


@dataclass(frozen=True, eq=False)
class Step(ByContent):
    """A claim and the reason for it.

    Attributes
    ----------
    claim : sympy boolean
    because : str
        The reason, in the words of a proof.
    given : sympy boolean
        What the claim assumes, beyond the domain.
    definitions : pairs of symbol and expression
        The abbreviations in force, in the order they were made.
    domain : mapping from symbol to an interval
        Where the free symbols live: `sympy.Interval`, or a pair of ends that belong to it.
    assumed : sympy boolean
        What else holds of several of them, throughout a proof.
    defines : str
        For a definition, what it means in words; else empty.
    cites : str
        For a fact of the literature, its key in the bibliography; else empty.
    free : mapping from name to expression
        What letters stand for that lemmas leave free.

    Raises
    ------
    ProblemError
        If claim or assumption is not a condition, or the domain of a symbol is not an interval.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> print(Step(sp.Le(2 * x - x**2, 1), "it is a square", domain={x: (-5, 5)}).check())
    Proved (real arithmetic)
    >>> print(Step(x * (x - sp.Rational(1, 1000)) >= 0, "it seems so", domain={x: (0, 1)}).check())
    Refuted (real arithmetic) at x = 0.000976562
    """

    claim: Boolean
    because: str
    given: Boolean = sp.true
    definitions: Definitions = ()
    domain: Domain = field(default_factory=dict)
    assumed: Boolean = sp.true
    defines: str = ""
    cites: str = ""
    free: Mapping[str, sp.Expr] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("claim", "given", "assumed"):
            condition = sp.sympify(getattr(self, name))
            if not isinstance(condition, Boolean) or isinstance(condition, sp.Symbol):
                raise must(name, "be a condition, such as x <= 1", condition)
            object.__setattr__(self, name, condition)
        object.__setattr__(self, "domain", {symbol: interval(symbol, ends) for symbol, ends in self.domain.items()})

    def key(self, known: Known | None = None) -> Hashable:
        """What the outcome of a check depends on: equal for steps that say the same, of whichever proofs."""
        question = self.question(known)
        domain = frozenset((letter, self.domain[letter]) for letter in question.symbols if letter in self.domain)
        return question.content, self.assumed, domain, bool(self.defines), self.cites

    @property
    def assumptions(self) -> tuple[Boolean, ...]:
        """What holds of the symbols everywhere."""
        inside = [_inside(symbol, ends) for symbol, ends in self.domain.items()]
        return tuple(a for a in (*inside, self.assumed) if a != True)  # noqa: E712 (sympy's true)

    def question(self, known: Known | None = None) -> Question:
        """What is to be decided: the claim, or of a definition that its value is equal to itself, and so a real number."""
        known = (known or Known()).under(self.assumptions, self.definitions)
        if self.defines:
            itself = sp.Eq(self.claim.rhs, self.claim.rhs, evaluate=False)
            return Question(itself, sp.true, self.assumptions, dict(self.definitions[:-1]), Known())
        return Question(self.claim, self.given, self.assumptions, dict(self.definitions), known, self.free)

    def check(self, *, points: int = 24, seed: int = 0, known: Known | None = None) -> Check:
        """Decide the claim, or try it at random points.

        Parameters
        ----------
        points : int
            How many random points to try when the claim is not decided.
        seed : int
            Seed of those points.
        known : Known, optional
            What the steps before have established.

        Raises
        ------
        ProblemError
            For a function that cannot be evaluated here, such as `sin`, and for points or a seed that are not whole numbers.
        """
        points, seed = whole("points", points, 1), seed_given(seed)
        if self.defines:
            return Check(
                Verdict.DEFINED,
                "definition" if is_real(self.question()) else "definition, not of a real number everywhere",
            )
        if self.cites:
            return Check(Verdict.CITED, self.cites)
        if self.claim.has(InformationClaim):
            return about_information(self.claim, self.given)
        if isinstance(self.claim, ComputedClaim):
            return self.claim.decided()
        question = self.question(known)
        # A search ends late where the claim is false.
        tried = None if question.has_hints else self._tried(question, points, seed)
        if tried is not None and tried.verdict is Verdict.REFUTED:
            return tried
        answer = decide(question)
        if answer.by:
            return Check(Verdict.PROVED, answer.by, query=answer.query)
        if answer.witness:
            given = And(self.given, self.assumed)
            found = refuted_at(answer.witness, self.claim, given, self.definitions, self.domain)
            if found is not None:
                return found
        if answer.undefined is not None:
            at = ", ".join(f"{symbol} = {float(value):g}" for symbol, value in answer.undefined.items())
            return Check(Verdict.UNKNOWN, f"undefined at {at}" if at else "undefined")
        tried = self._tried(question, points, seed) if tried is None else tried
        if tried.verdict is Verdict.SAMPLED and self._covered(question):
            return Check(Verdict.PROVED, "cover by boxes")
        return tried

    def _covered(self, question: Question) -> bool:
        """Whether a cover proves the claim. The proof of a lemma must not rest on what a cover takes for known."""
        if hints.hint(question.key) == hints.RESISTS or question.known.lemmas is not None:
            return False
        found = covered(self.claim, And(self.given, self.assumed), self.definitions, self.domain)
        if found:
            hints.found(question.key, hints.BOXES)
        return found

    def _tried(self, question: Question, points: int, seed: int) -> Check:
        """Try the claim at random points. One that an earlier step excludes, such as a cited fact, refutes nothing."""
        tried = self.sample(points=points, seed=seed)
        if tried.witness is None:
            return tried
        at = {symbol: sp.Rational(tried.witness[symbol.name]) for symbol in self.domain if symbol.name in tried.witness}
        for given, claim in question.known.facts:
            if refuted_at(at, claim, given, self.definitions, self.domain) is not None:
                return Check(Verdict.UNKNOWN, "false only where an earlier step excludes it")
        return tried

    def sample(self, *, points: int = 24, seed: int = 0) -> Check:
        """Try the claim at random points of its domain, in ball arithmetic, and no more.

        Examples
        --------
        >>> x = sp.Symbol("x", real=True)
        >>> print(Step(sp.Le(x**2, x), "it seems so", domain={x: (0, 1)}).sample())
        Sampled (24 points)
        """
        given = And(self.given, self.assumed)
        return sample(self.claim, given, self.definitions, self.domain, points=points, seed=seed)

    def added_to(self, known: Known, check: Check) -> Known:
        """Add what a check of this step has established."""
        known = known.under(self.assumptions, self.definitions)
        if check.verdict is Verdict.DEFINED and check.method == "definition":
            return replace(known, real=known.real | {self.claim.lhs})
        if check and not self.claim.has(InformationClaim, ComputedClaim):
            return replace(known, facts=(*known.facts, (self.given, self.claim)))
        undecided = check.verdict in (Verdict.SAMPLED, Verdict.UNKNOWN)
        return replace(known, patience=known.patience - undecided)


@cache
def _inside(symbol: sp.Symbol, ends: sp.Set) -> Boolean:
    return ends.as_relational(symbol)
