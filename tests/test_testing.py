"""Strategies for tests: what they draw is in the domain, corners included; without hypothesis there is a kind message."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import drc
from drc import testing

QUICK = settings(max_examples=25, deadline=None)
TRADEOFFS = {
    "bits": drc.Bernoulli().drc(),
    "one given": drc.Bernoulli(q_X=0.3, setting="asymptotic").rdc(),
    "Gaussian": drc.Gaussian().drc(),
    "two given": drc.Gaussian(sigma_X=0.2, sigma_S=3).rdc(),
    "perception": drc.Gaussian().drpc(perception="KL"),
    "numbers": drc.Finite([[0.3, 0.2], [0.1, 0.4]], p_Y=[0.5, 0.5]).tradeoff(),
    "nats": drc.MarySymmetric().rdc(unit="nats"),
}


@pytest.mark.parametrize("tradeoff", TRADEOFFS.values(), ids=TRADEOFFS)
def test_points_are_in_the_domain(tradeoff):
    letters = {s.name for s in (*tradeoff.arguments, *tradeoff.parameters)}

    @QUICK
    @given(testing.points(tradeoff), testing.feasible_points(tradeoff))
    def check(at, feasible):
        assert at.keys() == feasible.keys() == letters
        parameters = {name: at[name] for name in letters - {s.name for s in tradeoff.arguments}}
        assert not (parameters and np.any(tradeoff.problem.out_of_range(parameters)))
        assert not math.isnan(tradeoff(**at))
        assert tradeoff(**feasible) < math.inf

    check()


def test_every_regime_is_drawn():
    T = TRADEOFFS["bits"]
    for name in (*(regime.name for regime in T.cases), "infeasible"):
        assert find(testing.points(T), lambda at, name=name: T.regime(**at) == name)


def test_letters_of_ones_own_are_refused():
    with pytest.raises(drc.ProblemError, match="tradeoff must have the letters of its theorem, .* got 'alpha'"):
        find(testing.points(drc.Bernoulli().drc().rename(q_X="alpha")), lambda at: True)


@QUICK
@given(st.data())
def test_joint_laws_and_problems(data):
    n_S, n_X = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    for uneven in (False, True):
        law = np.array(data.draw(testing.joint_laws(n_S, n_X, uneven=uneven)))
        assert law.shape == (n_S, n_X)
        assert (law >= 0).all()
        assert law.sum() == pytest.approx(1)
    assert data.draw(testing.problems()).solve(R=1).lower < math.inf


def test_without_hypothesis_the_message_is_kind():
    text = "import sys; sys.modules['hypothesis'] = None; import drc.testing"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: drc.testing needs hypothesis, which is not installed: pip install hypothesis"
    )
