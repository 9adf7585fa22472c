"""Families of finite problems: formulas with parameters against theorems, exact surfaces, and their own proofs."""

import numpy as np
import pytest
import sympy as sp

import drc
from drc.proof import Verdict

q, r, e = sp.symbols("q r e", real=True)
BITS = [[(1 - q) * (1 - e), q * e], [(1 - q) * e, q * (1 - e)]]
THIRD = sp.Rational(1, 3)

FAMILIES = {
    "bits": drc.Family(BITS, p_Y=[1 - r, r]),
    "free law": drc.Family(BITS),
    "an erasure": drc.Family(BITS, [[0, 1, THIRD], [1, 0, THIRD]]),
    "three letters to two": drc.Family(
        [[(1 - q) / 2, 0, q], [0, (1 - q) / 2, 0]], [[0, 1], [1, 0], [sp.S.Half, sp.Rational(1, 4)]], [1 - r, r]
    ),
    "a cost that varies": drc.Family([[1 - q, 0], [0, q]], [[0, 1], [r, 0]]),
}


def mixed(rng, low, high, corners, count):
    return np.where(rng.random(count) < 0.3, rng.choice(corners, count), rng.uniform(low, high, count))


@pytest.mark.parametrize(("minimise", "name", "bounds"), [("D", "drc", "RC"), ("R", "rdc", "DC")])
def test_the_family_of_bits_gives_back_theorem_2(minimise, name, bounds):
    found = FAMILIES["bits"].tradeoff(minimise=minimise)
    rng, count = np.random.default_rng(5), 4000
    at = {bound: mixed(rng, 0, 1.1, [0, 0.5, 1, np.inf], count) for bound in bounds}
    Q, Y, E = (
        mixed(rng, low, 1 - low, corners, count)
        for low, corners in ((0.001, [0.5, 0.25]), (0, [0, 1, 0.5]), (0, [0, 1, 0.5]))
    )
    theorem = getattr(drc.Bernoulli(), name)()
    np.testing.assert_allclose(found(**at, q=Q, r=Y, e=E), theorem(**at, q_X=Q, q_Y=Y, q_S1=E), rtol=0, atol=1e-10)


def test_the_regimes_of_bits_are_those_of_theorem_2():
    names = [regime.name for regime in FAMILIES["bits"].tradeoff().regimes]
    # Two for each sign of q - 1/2, or of q - r.
    assert sorted(names) == [
        "classification-limited 1",
        "classification-limited 2",
        "infeasible",
        "rate-limited",
        "unconstrained 1",
        "unconstrained 2",
    ]


@pytest.mark.parametrize("minimise", "DC")
@pytest.mark.parametrize("name", FAMILIES)
def test_a_formula_is_the_exact_surface_of_every_member(name, minimise):
    family = FAMILIES[name]
    found = family.tradeoff(minimise=minimise)
    rng = np.random.default_rng(8)
    for _ in range(4):
        values = {symbol.name: sp.Rational(int(rng.integers(1, 40)), 40) for symbol in family.symbols}
        member = family.at(**values).tradeoff(minimise=minimise)
        at = {s.name: mixed(rng, 0, 1.3, [0, 1, np.inf], 25) for s in found.arguments}
        given = {name: float(value) for name, value in values.items()}
        np.testing.assert_allclose(found(**at, **given), member(**at), rtol=0, atol=1e-9)


@pytest.mark.parametrize("name", ["bits", "free law", "an erasure"])
def test_a_formula_is_proved_for_all_parameters(name):
    counts = FAMILIES[name].tradeoff().derivation.check().counts
    assert {verdict for verdict, count in counts.items() if count} == {Verdict.PROVED, Verdict.CITED}
    assert counts[Verdict.CITED] == 1


def test_a_basis_that_is_missing_is_noticed(monkeypatch):
    from drc.theory.finite.bases import SymbolicProgram

    best = SymbolicProgram.best
    monkeypatch.setattr(SymbolicProgram, "best", lambda self, points: best(self, points)[1:])
    report = FAMILIES["free law"].tradeoff(unit="nats").derivation.check()
    assert report.counts[Verdict.REFUTED]


def test_parameters_that_are_given_are_put_in():
    family = FAMILIES["bits"].changed(e=0)
    expected = drc.Bernoulli(0.3, 0.4, 0).drc()(R=0.4, C=0.7)
    assert family.tradeoff()(R=0.4, C=0.7, q=0.3, r=0.4) == pytest.approx(expected, abs=1e-14)
    with pytest.raises(drc.ProblemError, match="the parameters must give a law in the domain, got e = 0, q = 2"):
        family.tradeoff()(R=0.4, q=2, r=0.4)


def test_programs_with_too_many_bases_are_refused():
    many = drc.Family([[(1 - q) / 3] * 3 + [q]], p_Y=[0.25] * 4)
    with pytest.raises(
        drc.NotAvailableError, match=r"formulas of families with [0-9,]+ bases are not available, 200,000"
    ):
        many.tradeoff()
