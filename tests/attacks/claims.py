"""Claims of the catalogue, changed a little: one that is false at some point of its domain must not be proved."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean

import drc
from drc.proof import Step, Verdict
from drc.proof.decide import Known, Question, decide
from drc.proof.sampling import sample
from drc.proof.shannon import InformationClaim

#: Points at which a changed claim is tried, and steps of z3 for each way to prove it.
POINTS, EFFORT = 80, 20_000

STRICTNESS = {sp.Le: (sp.Lt, sp.Eq), sp.Lt: (sp.Gt, sp.Eq), sp.Ge: (sp.Gt, sp.Eq), sp.Gt: (sp.Lt, sp.Eq)}


def attack(*seed: int, only: str = "") -> str:
    """Return the changed claim of this seed if it is proved, and false at a point; empty if all is well."""
    rng = random.Random(repr(seed))
    step, known = rng.choice(claims(only))
    wrong = changed(step, rng)
    if wrong is None or wrong.claim in (sp.true, sp.false):
        return ""
    witness = false_at(wrong, rng.randrange(2**30))
    if witness is None:
        return ""
    answer = ask(wrong, known)
    return f"{wrong.claim} given {wrong.given}: proved by {answer}, false at {witness}" if answer else ""


def ask(step: Step, known: Known | None = None) -> str:
    """By what a claim is proved; empty if it is not."""
    known = (known or Known()).under(step.assumptions, step.definitions)
    return decide(Question(step.claim, step.given, step.assumptions, dict(step.definitions), known), EFFORT).by


def false_at(step: Step, seed: int) -> object:
    """Where a claim is false, if random points and corners tell."""
    given = And(step.given, step.assumed)
    try:
        check = sample(step.claim, given, step.definitions, step.domain, points=POINTS, seed=seed)
    except (TypeError, ValueError, ZeroDivisionError, RecursionError):
        return None
    return check.witness if check.verdict is Verdict.REFUTED else None


@cache
def claims(only: str = "") -> list[tuple[Step, Known]]:
    """All claims of the catalogue, each with those before it, which count as proved here."""
    found: list[tuple[Step, Known]] = []
    for entry in drc.catalogue():
        if only in entry.id:
            known = Known()
            for step in entry.tradeoff().derivation.steps:
                known = known.under(step.assumptions, step.definitions)
                if not (step.defines or step.claim.has(InformationClaim)):
                    found.append((step, known))
                    known = replace(known, facts=(*known.facts, (step.given, step.claim)))
    return found


def changed(step: Step, rng: random.Random) -> Step | None:
    """Change a coefficient, a sign, a strictness, an assumption or a domain; None if there is nothing to change."""
    kinds = (_coefficient, _sign, _strictness, _dropped, _widened)
    return rng.choice(kinds)(step, rng)


def _coefficient(step: Step, rng: random.Random) -> Step | None:
    numbers = [n for n in _parts(step.claim) if isinstance(n, sp.Rational) and n.is_finite]
    symbols = [s for s in _parts(step.claim) if isinstance(s, sp.Symbol)]
    parts = sorted({*numbers, *symbols}, key=str)
    if not parts:
        return None
    part = rng.choice(parts)
    nearly = rng.choice([sp.Rational(99, 100), sp.Rational(101, 100), sp.Rational(9, 10), sp.Integer(2)])
    other = part * nearly if part != 0 else sp.Rational(rng.choice([-1, 1]), 100)
    return _with(step, part, other, rng)


def _sign(step: Step, rng: random.Random) -> Step | None:
    terms = [t for s in _parts(step.claim) if isinstance(s, sp.Add) for t in s.args]
    terms += [s for s in _parts(step.claim) if isinstance(s, sp.Symbol)]
    if not terms:
        return None
    term = rng.choice(sorted(set(terms), key=str))
    return _with(step, term, -term, rng)


def _strictness(step: Step, rng: random.Random) -> Step | None:
    relations = sorted((r for r in step.claim.atoms(Relational)), key=str)
    if not relations:
        return None
    relation = rng.choice(relations)
    kinds = STRICTNESS.get(type(relation), (sp.Le, sp.Ge, sp.Ne, sp.Lt))
    return _with(step, relation, rng.choice(kinds)(*relation.args), rng)


def _dropped(step: Step, rng: random.Random) -> Step | None:
    if step.given == sp.true and step.assumed == sp.true:
        return None
    if step.given == sp.true:
        return replace(step, assumed=_without_one(step.assumed, rng))
    return replace(step, given=_without_one(step.given, rng))


def _without_one(condition: Boolean, rng: random.Random) -> Boolean:
    parts = list(condition.args) if isinstance(condition, And) else [condition]
    parts.pop(rng.randrange(len(parts)))
    return And(*parts)


def _widened(step: Step, rng: random.Random) -> Step | None:
    wide = {s: ends for s, ends in step.domain.items() if isinstance(ends, sp.Interval)}
    if not wide:
        return None
    symbol = rng.choice(sorted(wide, key=str))
    ends = wide[symbol]
    further = sp.Rational(rng.choice([1, 10, 100]), 10)
    other = sp.Interval(ends.inf - further, ends.sup + further)
    return replace(step, domain={**step.domain, symbol: rng.choice([other, sp.Interval(ends.inf, ends.sup)])})


def _with(step: Step, part: sp.Basic, other: sp.Basic, rng: random.Random) -> Step | None:
    """Put another part in one place of a claim, or in all."""
    try:
        claim = step.claim.xreplace({part: other}) if rng.random() < 0.3 else _once(step.claim, part, other, rng)
        return replace(step, claim=claim) if isinstance(claim, Boolean) else None
    except (TypeError, ValueError, AttributeError):
        return None


def _once(expr: sp.Basic, part: sp.Basic, other: sp.Basic, rng: random.Random) -> sp.Basic:
    if expr == part:
        return other
    places = [i for i, arg in enumerate(expr.args) if arg == part or arg.has(part)]
    if not places:
        return expr
    i = rng.choice(places)
    args = list(expr.args)
    args[i] = _once(args[i], part, other, rng)
    return expr.func(*args)


def _parts(expr: sp.Basic) -> Iterator[sp.Basic]:
    return sp.preorder_traversal(expr)
