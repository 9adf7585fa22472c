"""A question: a claim with all that it may use, and how it was answered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import sympy as sp
from sympy.logic.boolalg import And, Boolean

from drc.proof.decide import hints
from drc.proof.decide.lemmas import LemmaOf
from drc.proof.decide.real import closed, letters

Fact = tuple[Boolean, Boolean]


@dataclass(frozen=True)
class Known:
    """What has been established, under the same assumptions.

    Attributes
    ----------
    facts : pairs of a condition and of a claim that holds wherever the condition does
    real : abbreviations that stand for a real number, whatever the parameters are
    assumptions : what holds of the symbols everywhere, where all this was established
    definitions : the abbreviations with which it was
    lemmas : the lemmas that may be used, each with its function and base; None for all that the room of the functions has
    patience : how many claims that are not decided may cost the whole effort; later ones are tried briefly, since where a
        step is missing, those that rest on it cost much for nothing
    """

    facts: tuple[Fact, ...] = ()
    real: frozenset[sp.Symbol] = frozenset()
    assumptions: tuple[Boolean, ...] = ()
    definitions: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()
    lemmas: tuple[LemmaOf, ...] | None = None
    patience: int = 2

    def under(self, assumptions: tuple[Boolean, ...], definitions: tuple[tuple[sp.Symbol, sp.Expr], ...]) -> Known:
        """What of this is established under other assumptions and abbreviations: nothing, unless these only add to them."""
        same = set(self.assumptions) <= set(assumptions) and definitions[: len(self.definitions)] == self.definitions
        known = self if same else Known(lemmas=self.lemmas, patience=self.patience)
        return replace(known, assumptions=assumptions, definitions=definitions)


@dataclass(frozen=True)
class Question:
    """A claim, with all that it may use.

    Attributes
    ----------
    claim : the claim
    given : what it assumes
    assumptions : what holds of the symbols everywhere
    definitions : from an abbreviation to what it stands for
    known : what steps before have established
    free : what letters stand for that lemmas leave free, by their names
    """

    claim: Boolean
    given: Boolean
    assumptions: tuple[Boolean, ...]
    definitions: Mapping[sp.Symbol, sp.Expr]
    known: Known
    free: Mapping[str, sp.Expr] = field(default_factory=dict)

    @cached_property
    def parts(self) -> tuple[Question, ...]:
        """One question for each of the claims of which it is the conjunction."""
        return tuple(replace(self, claim=part) for part in self.claim.args) if isinstance(self.claim, And) else (self,)

    @cached_property
    def key(self) -> str:
        """What hints know it by: what it says, what its abbreviations stand for, and what is assumed of its symbols."""
        opened = (value for symbol, value in self.definitions.items() if symbol in self.symbols)
        assumed = (condition for condition in self.assumptions if letters(condition) <= self.symbols)
        return hints.key(self.claim, self.given, *opened, *assumed)

    @cached_property
    def content(self) -> Hashable:
        """All that an answer depends on: equal for questions of different proofs that have the same answer."""
        definitions = tuple(pair for pair in self.definitions.items() if pair[0] in self.symbols)
        assumptions = frozenset(a for a in self.assumptions if letters(a) <= self.symbols)
        known = (self.near_claims, self.known.real & self.symbols, self.known.lemmas, self.known.patience > 0)
        return self.claim, self.given, assumptions, definitions, known, frozenset(self.free.items())

    @property
    def has_hints(self) -> bool:
        """Whether it is known for each part how it was decided before."""
        return all(hints.hint(part.key) for part in self.parts)

    @cached_property
    def symbols(self) -> frozenset[sp.Symbol]:
        """The symbols of the claim, and those that they abbreviate."""
        return closed(letters(self.claim) | letters(self.given), self.definitions)

    @cached_property
    def near_claims(self) -> tuple[tuple[Fact, ...], ...]:
        """For each claim before, those of its parts that speak of these symbols only; claims without any are left out."""
        near = []
        for given, claim in self.known.facts:
            parts = claim.args if isinstance(claim, And) else (claim,)
            near.append(tuple((given, part) for part in parts if self._is_near(given, part)))
        return tuple(parts for parts in near if parts)

    @property
    def near_facts(self) -> tuple[Fact, ...]:
        """All of these parts."""
        return tuple(fact for parts in self.near_claims for fact in parts)

    def _is_near(self, given: Boolean, claim: Boolean) -> bool:
        symbols = closed(letters(given) | letters(claim), self.definitions)
        return bool(symbols) and symbols <= self.symbols


@dataclass(frozen=True)
class Answer:
    """How a claim was decided.

    Attributes
    ----------
    by : what proved it, in words; empty if it is not proved
    witness : where it may be false; None if nothing is known
    undefined : where it has no truth; None if nothing is known
    query : the assertions that have no solution, as an SMT-LIB file
    how : the way and the stages in which it was proved, as a hint for the next time
    """

    by: str = ""
    witness: Mapping[sp.Symbol, sp.Rational] | None = None
    undefined: Mapping[sp.Symbol, sp.Rational] | None = None
    query: str = ""
    how: str = hints.RESISTS
