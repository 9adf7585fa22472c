"""A wrong formula must be found: every expression of every theorem is changed a little, and something must notice."""

from dataclasses import replace

import pytest
import sympy as sp

import drc
from drc.derivation import Verdict

ALL = {entry.id: entry.tradeoff() for entry in drc.catalogue()}


#: What only moves a border between two branches that agree around it; the proof finds that (below).
UNSEEN = {
    ("bernoulli.one-shot.YU.rdc", "t_star"),
    ("bernoulli.asymptotic.Y.drc", "gamma_max"),
    ("bernoulli.one-shot.Y.time-shared.rdc", "H_D"),
    ("gaussian.asymptotic.rdpc.KL", "D_0"),
    ("gaussian.vector.drc", "C_R"),
    ("gaussian.vector.rdc", "C_D"),
    ("gaussian.vector.rdc", "D_C"),
}


def wrong(expr, by=100):
    """Change the value of an expression everywhere."""
    return expr * (1 + sp.Rational(1, by)) + sp.Rational(1, by)


def mutants():
    for name, tradeoff in ALL.items():
        for i, regime in enumerate(tradeoff.cases):
            if not regime.is_infeasible:
                cases = list(tradeoff.cases)
                cases[i] = replace(regime, expr=wrong(regime.expr, 10))
                yield f"{name}: value of {regime.name}", replace(tradeoff, cases=tuple(cases))
        for i, (symbol, value) in enumerate(tradeoff.where):
            if (name, str(symbol)) in UNSEEN:
                continue
            where = list(tradeoff.where)
            where[i] = (symbol, wrong(value, 10))
            yield f"{name}: {symbol}", replace(tradeoff, where=tuple(where))


MUTANTS = dict(mutants())


@pytest.mark.parametrize("name", MUTANTS)
def test_the_solver_finds_a_wrong_formula(name):
    mutant = MUTANTS[name]
    assert any(not mutant.check(samples=60, seed=seed).ok for seed in range(5)), "nobody noticed"


@pytest.mark.parametrize("name", ALL)
def test_the_proof_finds_a_wrong_definition(name):
    derivation = ALL[name].derivation
    for i, step in enumerate(derivation):
        if step.defines:
            symbol, _ = step.claim.args
            later = (
                replace(s, definitions=tuple((d, wrong(v) if d == symbol else v) for d, v in s.definitions))
                for s in derivation.steps[i + 1 :]
            )
            assert any(s.check().verdict is Verdict.FALSE for s in later), f"nobody noticed a wrong {symbol}"


@pytest.mark.parametrize("name", ALL)
def test_the_proof_finds_a_wrong_claim(name):
    """Every claimed equation fails when one side is changed, and every claimed inequality fails when it is reversed."""
    for step in ALL[name].derivation:
        if step.defines:
            continue
        for relation in step.claim.atoms(sp.Eq):
            broken = sp.Eq(relation.lhs, wrong(relation.rhs), evaluate=False)
            verdict = replace(step, claim=step.claim.xreplace({relation: broken})).check().verdict
            assert verdict is not Verdict.TRUE, step.claim
