"""Plans: laws hold exactly, and what they reach is enclosed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from drc.problems import Finite
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.primal import measured, spanning_tree


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(2, 6))
def test_determined_entries_restore_the_laws(seed, n_X, n_Y):
    rng = np.random.default_rng(seed)
    joint = rng.random((n_X, n_Y)) + 1e-3
    joint /= joint.sum()
    problem = Finite([joint.sum(axis=1)], rng.random((n_X, n_Y)), joint.sum(axis=0), setting="asymptotic")
    plan = measured(Data.of(problem), joint * (1 + 1e-12 * rng.random(joint.shape)))
    assert np.allclose(plan.joint.sum(axis=1), problem.source_law, atol=1e-15)
    assert np.allclose(plan.joint.sum(axis=0), problem.target_law, atol=1e-15)
    rate = float((joint * np.log(joint / np.outer(joint.sum(axis=1), joint.sum(axis=0)))).sum())
    assert plan.R.low <= rate + 1e-9
    assert rate - 1e-9 <= plan.R.high <= plan.R.low + 1e-11
    assert len(plan.tree) == n_X + n_Y - 1


@given(st.integers(0, 2**32 - 1))
def test_a_free_law_is_what_the_rows_make_of_it(seed):
    rng = np.random.default_rng(seed)
    d = rng.random((4, 3))
    problem = Finite([[0.1, 0.2, 0.3, 0.4]], d, setting="asymptotic")
    channel = rng.dirichlet(np.ones(3), size=4)
    plan = measured(Data.of(problem), channel)
    joint = np.array([0.1, 0.2, 0.3, 0.4])[:, None] * channel
    rate = float((joint * np.log(joint / np.outer(joint.sum(axis=1), joint.sum(axis=0)))).sum())
    assert plan.R.low - 1e-14 <= rate <= plan.R.high + 1e-14
    assert plan.D.low - 1e-14 <= (joint * d).sum() <= plan.D.high + 1e-14


def test_a_negative_determined_entry_is_no_plan():
    problem = Finite([[0.5, 0.5]], p_Y=[0.5, 0.5], setting="asymptotic")
    assert measured(Data.of(problem), np.full((2, 2), 0.6)) is None


def test_equal_rows_have_no_rate():
    problem = Finite([[0.3, 0.7]], setting="asymptotic")
    assert measured(Data.of(problem), np.array([[0.1, 0.3], [0.1, 0.3]])).R.high == 0


def test_zeros_separate_letters():
    assert spanning_tree(np.eye(2)) is None
    same = Finite([[0.3, 0.7]], p_Y=[0.3, 0.7], setting="asymptotic")
    assert measured(Data.of(same), np.diag([0.3, 0.7])).D.high == 0
    other = Finite([[0.3, 0.7]], p_Y=[0.4, 0.6], setting="asymptotic")
    assert measured(Data.of(other), np.diag([0.3, 0.7])) is None
