"""The Bernoulli problem with a perception constraint: what is taken, and what is refused."""

import pytest
import sympy as sp

import drc
from drc.problems.bernoulli import PerceivedBernoulli, q_ref


def test_the_reference():
    b = drc.Bernoulli(q_X=0.3, q_S1=0.1, setting="asymptotic")
    assert b.perceived("TV", None).q_ref == sp.Rational(3, 10)
    assert b.perceived("KL(p_Y||p_ref)", 0.4).parameters["q_ref"] == sp.Rational(2, 5)
    assert b.perceived("KL(p_Y||p_ref)", "r").q_ref == sp.Symbol("r", real=True)
    assert b.perceived("W2", 1).id == b.id
    assert PerceivedBernoulli().q_ref == q_ref


def test_the_target_law_is_not_needed():
    assert sorted(PerceivedBernoulli(q_X=0.3, q_S1=0.1, q_ref=0.5).numbers) == ["q_S1", "q_X", "q_ref"]
    with pytest.raises(drc.ProblemError, match="q_ref must be a number, got q_ref"):
        _ = PerceivedBernoulli(q_X=0.3, q_S1=0.1).numbers


def test_errors():
    b = drc.Bernoulli(q_X=0.3, q_S1=0.1)
    with pytest.raises(drc.ProblemError, match=r"perception must be 'TV' or 'W2' or 'KL'.*got 'tv'"):
        b.perceived("tv", None)
    with pytest.raises(drc.NotAvailableError, match=r"perception must be 'TV', 'W2' or 'KL'.*got 'KL\(p_ref\|\|p_Y\)'"):
        b.perceived("KL(p_ref||p_Y)", None)
    with pytest.raises(drc.ProblemError, match=r"q_ref must be in \[0, 1\], got 1.2"):
        b.perceived("TV", 1.2)
    with pytest.raises(drc.ProblemError, match=r"reference must be one probability, P\(Y =.*source, got \(0.3, 0.7\)"):
        b.perceived("TV", (0.3, 0.7))
    with pytest.raises(
        drc.ProblemError, match="P must come with a perception measure,.*perception='TV' or 'W2' or 'KL'"
    ):
        drc.Bernoulli(q_X=0.3, q_Y=0.3, q_S1=0.1).solve(R=1, P=0.1)
