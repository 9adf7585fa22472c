"""The third road: codes meet the theorems, and a wrong formula is noticed."""

from dataclasses import replace

import pytest
import sympy as sp

import drc
from drc.codes.achieved import achieved

ONE_SHOT = [
    e
    for e in drc.catalogue()
    if e.id in ("bernoulli.one-shot.YU.drc", "bernoulli.one-shot.Y.rdc", "bernoulli.one-shot.Y.time-shared.rdc")
]


@pytest.mark.parametrize("entry", ONE_SHOT, ids=lambda e: e.id)
def test_codes_meet_the_theorem(entry):
    found = achieved(entry.tradeoff(), samples=50_000)
    assert (found.agreements, found.disagreements, found.block) == (2, 0, 1)
    assert abs(found.excess) < 0.02
    assert all(m.ok for m in found.measurements)
    assert found.witness is None


def test_dithered_codes_come_as_near_as_their_cell_allows():
    g = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
    for tradeoff in (g.drc(), g.rdc()):
        found = achieved(tradeoff, points=2, samples=20_000)
        assert (found.agreements, found.disagreements, found.block) == (2, 0, 1)
        # 1/2 log2(2 pi e / 12), and what 20000 samples wander.
        assert 0.2 < found.excess < 0.2546 + 0.02


@pytest.mark.parametrize("name", ["drc", "rdpc"])
def test_channel_simulation_comes_as_near_as_its_block_allows(name):
    b = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1, setting="asymptotic")
    found = achieved(b.drc() if name == "drc" else b.rdpc(perception="TV", reference=0.6), samples=1600)
    assert (found.agreements, found.disagreements) == (2, 0)
    assert found.block > 1
    assert 0 < found.excess < 1


def test_where_nothing_needs_bits():
    with pytest.raises(drc.ProblemError, match="no operating point"):
        achieved(drc.Bernoulli(q_X=0, q_Y=0.6, q_S1=0.1).drc())


def test_with_perception():
    found = achieved(drc.Bernoulli(q_X=0.3, q_S1=0.1).drpc(perception="KL"), points=2, samples=50_000)
    assert (found.agreements, found.disagreements) == (2, 0)


@pytest.mark.parametrize("change", [-0.05, 0.05])
def test_a_wrong_formula_is_noticed(change):
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    wrong = replace(T, cases=tuple(replace(r, expr=r.expr + sp.Rational(str(change))) for r in T.cases))
    found = achieved(wrong, samples=20_000)
    assert found.disagreements == 2
    assert found.witness is not None


def test_a_wrong_rate_is_noticed():
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).rdc()
    wrong = replace(T, cases=tuple(replace(r, expr=r.expr + sp.Rational("1e-5")) for r in T.cases))
    assert achieved(T, samples=1000).disagreements == 0
    assert achieved(wrong, samples=1000).disagreements == 2


def test_progress_and_seed():
    seen = []
    T = drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()
    found = achieved(T, points=2, samples=1000, progress=lambda *at: seen.append(at))
    assert seen == [(f"code {T.id}", 1, 2), (f"code {T.id}", 2, 2)]
    assert [m.rows() for m in achieved(T, points=2, samples=1000).measurements] == [
        m.rows() for m in found.measurements
    ]
