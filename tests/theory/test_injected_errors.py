"""A wrong formula must be found: every expression of every theorem is changed a little, and something must notice."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp
from representatives import TRADEOFFS as ALL

from drc.audit.instances import instances
from drc.errors import ProblemError
from drc.proof import Verdict

#: What only moves a border between two branches that agree around it; the proof finds that (below).
UNSEEN = {
    ("bernoulli.one-shot.YU.rdc", "t_star"),
    *((f"bernoulli.one-shot.YU.rdpc.{perception}", "t_star") for perception in ("TV", "W2", "KL")),
    ("bernoulli.asymptotic.Y.drc", "gamma_max"),
    ("bernoulli.one-shot.Y.time-shared.rdc", "H_D"),
    *((f"gaussian.asymptotic.{name}", "D_0") for name in ("rdpc.W2", "rdpc.KL")),
    ("gaussian.asymptotic.rdpc.KL", "s_0"),
    ("group.cost.rdc", "rho_mean"),
    ("group.cost.rdpc", "rho_mean"),
    # With perception the solver leaves the least cost undecided; without, it finds all of these.
    ("group.cost.rdpc", "least-cost"),
    ("group.cost.rdpc", "m"),
    ("gaussian.vector.drc", "C_R"),
    ("gaussian.vector.rdc", "C_D"),
    ("gaussian.vector.rdc", "D_C"),
}


def wrong(expr, by=100):
    """Change the value of an expression everywhere."""
    return expr * (1 + sp.Rational(1, by)) + sp.Rational(1, by)


def swapped(tradeoff, expr):
    """Exchange the first two letters of a formula; the formula itself if it has not two."""
    known = {*tradeoff.parameters, *tradeoff.arguments, *(symbol for symbol, _ in tradeoff.where)}
    letters = sorted(expr.free_symbols & known, key=str)[:2]
    return expr.subs(dict(zip(letters, letters[::-1], strict=True)), simultaneous=True) if len(letters) == 2 else expr


def mutants():
    for name, tradeoff in ALL.items():
        # What a remote source has from the theorem about one that is seen is changed there.
        known = ALL[name.replace(".remote", "")] if ".remote" in name else None
        for i, regime in enumerate(tradeoff.cases):
            if regime.is_infeasible or (name, regime.name) in UNSEEN:
                continue
            changes = {
                "value": replace(regime, expr=wrong(regime.expr, 10)),
                "sign": replace(regime, expr=-regime.expr),
                "letters": replace(regime, expr=swapped(tradeoff, regime.expr)),
                "absence": replace(regime, condition=sp.false),
            }
            for kind, changed_regime in changes.items() if known is None else [("value", changes["value"])]:
                same = changed_regime == regime or (kind == "sign" and regime.expr == 0)
                if not same:
                    cases = (*tradeoff.cases[:i], changed_regime, *tradeoff.cases[i + 1 :])
                    yield f"{name}: {kind} of {regime.name}", replace(tradeoff, cases=cases)
        for i, (symbol, value) in enumerate(tradeoff.where):
            if (name, str(symbol)) in UNSEEN or (known is not None and symbol in dict(known.where)):
                continue
            where = list(tradeoff.where)
            where[i] = (symbol, wrong(value, 10))
            yield f"{name}: {symbol}", replace(tradeoff, where=tuple(where))


MUTANTS = dict(mutants())


@cache
def solved(name, seed):
    """Points of a theorem, and what the solver proves there; once for all mutants of it."""
    tradeoff = ALL[name]
    bounds = [s.name for s in tradeoff.arguments]
    known = {s.name for s in tradeoff.parameters} | set(bounds)
    points = [{k: v for k, v in drawn.items() if k in known} for drawn in instances(name, tuple(bounds), 200, seed)]
    solutions = [
        tradeoff.problem.changed(**{k: v for k, v in point.items() if k not in bounds}).solve(
            minimise=tradeoff.value.name, **{k: point[k] for k in bounds}
        )
        for point in points
    ]
    certified = [s.status in ("optimal", "infeasible") for s in solutions]
    at = {k: np.array([p[k] for p in points])[certified] for k in points[0]}
    lower, upper = (np.array([getattr(s, end) for s in solutions])[certified] for end in ("lower", "upper"))
    return at, lower, upper


def disagreements(name, tradeoff, seed):
    """How often a formula is far from the enclosure, or finds feasible what is not."""
    at, lower, upper = solved(name, seed)
    try:
        value = tradeoff(**{s.name: at[s.name] for s in (*tradeoff.parameters, *tradeoff.arguments)})
    except ProblemError:
        # Somewhere the formula is no number at all.
        return len(lower)
    with np.errstate(invalid="ignore"):
        off = (value < lower - 1e-6) | (value > upper + 1e-6) | np.isnan(value)
    return int(off.sum())


@cache
def at_rest(name, seed):
    """How often the theorem itself disagrees: a point on the border of the feasible set may differ, by rounding."""
    return disagreements(name, ALL[name], seed)


@pytest.mark.parametrize("name", MUTANTS)
def test_the_solver_finds_a_wrong_formula(name):
    theorem = name.partition(":")[0]
    noticed = (disagreements(theorem, MUTANTS[name], n) > at_rest(theorem, n) for n in range(5))
    assert any(noticed), "nobody noticed"


def used(step):
    """The symbols that a claim stands on, directly or through abbreviations."""
    symbols = step.claim.free_symbols | step.given.free_symbols
    for symbol, value in reversed(step.definitions):
        if symbol in symbols:
            symbols |= value.free_symbols
    return symbols


@pytest.mark.parametrize("name", ALL)
def test_the_proof_finds_a_wrong_definition(name):
    derivation = ALL[name].derivation
    for i, step in enumerate(derivation):
        if step.defines:
            symbol, _ = step.claim.args
            later = [
                replace(s, definitions=tuple((d, wrong(v) if d == symbol else v) for d, v in s.definitions))
                for s in derivation.steps[i + 1 :]
                if symbol in used(s)
            ]
            # The few points are the first of the many: most faults are seen there, by one step or another.
            noticed = (s.sample(points=points).verdict is Verdict.REFUTED for points in (10, 150) for s in later)
            assert any(noticed), f"nobody noticed a wrong {symbol}"


@pytest.mark.parametrize("name", ALL)
def test_the_proof_finds_a_wrong_claim(name):
    """Every claimed equation fails when one side is changed; one under a condition may have no point to fail at."""
    for step in ALL[name].derivation:
        if step.defines:
            continue
        for relation in (part for part in sp.And.make_args(step.claim) if isinstance(part, sp.Eq)):
            broken = sp.Eq(relation.lhs, wrong(relation.rhs), evaluate=False)
            verdict = replace(step, claim=step.claim.xreplace({relation: broken})).sample().verdict
            assert verdict is not Verdict.SAMPLED, step.claim
