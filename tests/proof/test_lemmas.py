"""Every lemma is proved from definitions and earlier ones, holds at random points, and is not proved if it is changed."""

import random
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
import sympy as sp
from attacks.claims import EFFORT
from flint import arb, ctx, fmpq
from sympy.logic.boolalg import Implies

from drc.expressions.balls import holds
from drc.information.bits import I_b
from drc.information.function import OfNumbers
from drc.information.lemmas import known
from drc.information.lemmas.letters import x, y
from drc.information.water_filling import least_rate
from drc.proof import Check, Verdict, step
from drc.proof.decide import decide
from drc.proof.lemmas import lemma_proofs
from drc.proof.lemmas.calculus import Pen
from drc.proof.step import Step

PROOFS = lemma_proofs()
BASES = (sp.Integer(2), sp.E)
CORNERS = [Fraction(*pair) for pair in ((0, 1), (1, 2), (1, 1), (-1, 1), (1, 4), (-1, 4), (1, 10**9), (2, 1), (-1, 3))]


def name(proof):
    return f"{proof.lemma.name} ({getattr(proof.function, '__name__', 'log')}, {proof.base})"


def functions(of=OfNumbers):
    return {of}.union(*(functions(child) for child in of.__subclasses__()))


@pytest.mark.parametrize("proof", PROOFS, ids=name)
def test_every_lemma_is_proved(proof):
    checks = proof.check()
    left = [str(step.claim) for step, check in zip(proof.steps, checks, strict=True) if check.verdict != Verdict.PROVED]
    assert not left
    assert checks


def test_every_lemma_has_a_proof():
    proved = {(proof.function, proof.base, proof.lemma.claim) for proof in PROOFS}
    for function in functions():
        for base in BASES if known(function, BASES[0]) is not known(function, sp.E) else BASES[:1]:
            for lemma in known(function, base).lemmas if known(function, base) else ():
                alike = {(f, lemma.claim) for f, _, claim in proved if claim == lemma.claim}
                assert (function, lemma.claim) in alike, lemma.name


def test_a_lemma_speaks_of_one_value_unless_it_says_more():
    facts = known(I_b, BASES[0])
    assert facts.lemmas[0].at == (facts.args,)
    assert [len(lemma.at) for lemma in facts.lemmas] == [1, 2, 2, 2, 3, 2, 2, 1]


def test_no_lemma_is_proved_by_a_later_one():
    done = set()
    for proof in PROOFS:
        assert {lemma.claim for *_, lemma in proof.earlier} <= done
        here = set()
        for part in proof.parts:
            assert part.used is None or part.used in done | here, f"{proof.lemma.name}: {part.used}"
            here |= {step.claim for step in part.premises if step.given == True}  # noqa: E712 (sympy's true)
        done.add(proof.lemma.claim)


def test_lemmas_of_the_logarithm_use_real_arithmetic_only():
    for proof in PROOFS[:4]:
        assert {check.method for check in proof.check()} == {"real arithmetic"}


@pytest.mark.parametrize(("f", "where"), [(x, sp.Ge(x, 0)), (1 / (x - 1), sp.And(sp.Ge(x, 0), sp.Le(x, 2)))])
def test_a_largest_value_needs_a_bounded_set_and_a_continuous_function(f, where):
    pen = Pen(least_rate, sp.Integer(2))
    pen.best(least_rate(x, y), f, where, {x: (sp.S.Zero, sp.Integer(2))}, sp.true, most=True)
    assert not pen.conclusion("unbounded", sp.true).proved


@pytest.mark.parametrize(
    ("ends", "points"),
    [((sp.S.Zero, sp.Integer(2)), (sp.Integer(-1),)), ((sp.S.Zero, sp.S.Half), (sp.S.Zero,)), ((sp.S.Half, sp.oo), ())],
    ids=["no point", "too low an end", "too high an end"],
)
def test_a_value_lies_between_bounds_of_all_points_of_a_set_that_has_one(ends, points):
    pen, unit = Pen(least_rate, sp.Integer(2)), sp.And(sp.Ge(x, 0), sp.Le(x, 1))
    pen.between(least_rate(x, y), x, x, unit, ends, sp.true, points)
    assert not pen.conclusion("beyond", sp.true).proved


def meet(point, named):
    """Move a point where it meets what a lemma on two covariances assumes."""
    for letter in {*"prs"} & named.keys() if {*"uv"} <= named.keys() else ():
        point[named[letter]] = abs(point[named[letter]]) / 2
    if {*"uvprxy"} <= named.keys():
        for one, other in ("vu", "xr", "yp"):
            point[named[one]] = point[named[other]]
    elif {*"uvprs"} <= named.keys():
        p, r, s, u = (point[named[letter]] for letter in "prsu")
        point[named["u"]] = abs(u) / 2
        point[named["v"]] = point[named["u"]] + (1 - 2 * p) * (s - r) / 2
    elif {*"uvpr"} <= named.keys():
        point[named["v"]] = -point[named["u"]]


def tried(claim, rng, times):
    """Try a claim at random points, corners above all; how often it is true."""
    letters, true = sorted(claim.free_symbols, key=str), 0
    with ctx.workprec(200):
        for _ in range(times):
            point = {}
            for letter in letters:
                exact = rng.choice(CORNERS) if rng.random() < 0.3 else Fraction(rng.randrange(-999, 1999), 1000)
                # Covariances are small.
                exact = exact / 8 if letter.name in "uvw" else exact
                if point and rng.random() < 0.4:
                    exact = rng.choice([way for v in point.values() for way in (v, 1 - v, -v)])
                point[letter] = exact
            if rng.random() < 0.2:
                meet(point, {letter.name: letter for letter in letters})
            balls = {letter: arb(fmpq(v.numerator, v.denominator)) for letter, v in point.items()}
            try:
                truth = holds(claim, balls, lenient=False)
            except (ValueError, ZeroDivisionError):
                continue
            assert truth is not False, point
            true += truth is True
    return true


@pytest.mark.parametrize("proof", PROOFS, ids=name)
def test_no_lemma_fails_at_a_point(proof):
    assert tried(proof.lemma.claim, random.Random(1), 150) >= 10


def changed(claim, rng):
    """Change one relation, or drop one, so that another claim is left."""
    relations = sorted(claim.atoms(sp.core.relational.Relational), key=str)
    one = rng.choice(relations)
    others = {
        sp.Le: (sp.Lt, sp.Ge, sp.Eq),
        sp.Lt: (sp.Gt, sp.Eq),
        sp.Ge: (sp.Gt, sp.Le),
        sp.Gt: (sp.Lt, sp.Eq),
        sp.Eq: (sp.Ne, sp.Lt),
        sp.Ne: (sp.Eq,),
    }
    with_other = rng.choice(others[next(kind for kind in others if isinstance(one, kind))])
    return claim.xreplace({one: with_other(*one.args)})


def asked(proof):
    """Whether the lemma is a claim that is asked, of any arguments, and not a conclusion."""
    claim = proof.lemma.claim
    of_values = proof.lemma.at or claim.has(I_b)
    return of_values and isinstance(claim, Implies) and proof.parts[-1].premises and proof.steps[-1].claim == claim


@pytest.fixture
def decided_only(monkeypatch):
    """What is changed is decided, with little effort, and not tried at points; the claims before it count as proved."""
    whole = Step.check
    proved = Check(Verdict.PROVED, "a step of a lemma that is proved above")
    monkeypatch.setattr(Step, "check", lambda s, **how: whole(s, **how) if s.because == "changed" else proved)
    monkeypatch.setattr(Step, "sample", lambda *_, **__: Check(Verdict.SAMPLED, "not tried"))
    monkeypatch.setattr(step, "decide", partial(decide, effort=EFFORT))


@pytest.mark.usefixtures("decided_only")
@pytest.mark.parametrize("proof", [p for p in PROOFS if p.base == 2 and asked(p)], ids=name)
def test_a_changed_lemma_is_not_proved(proof):
    """A change that is false at some point of the domain; others may be true, and may be proved."""
    rng, claim = random.Random(2), proof.lemma.claim
    for _ in range(20):
        wrong = Implies(claim.args[0], changed(claim.args[1], rng))
        try:
            tried(wrong, random.Random(3), 1000)
        except AssertionError:
            last = replace(proof.parts[-1], premises=(Step(wrong, "changed"),))
            assert not replace(proof, parts=(*proof.parts[:-1], last)).proved
            return
    # Random points rarely meet what this one assumes.
    assert "letters exchanged" in proof.lemma.name, "no change was false at a point"
