"""Messages as letters of a convex program: its bounds meet where a linear program over posteriors takes long."""

import math

import numpy as np
import pytest

from drc.information import entropy
from drc.problems import Finite
from drc.solvers.arithmetic.balls import precision
from drc.solvers.finite.door import read
from drc.solvers.finite.messages.alphabet import Alphabet
from drc.solvers.finite.messages.columns import Generation, simple_messages
from drc.solvers.finite.messages.plans import message_plan


def large(fixed, n_S=6):
    rng = np.random.default_rng(0)
    posterior, p_X = rng.dirichlet(np.full(n_S, 0.3), 40), rng.dirichlet(np.full(40, 3.0))
    law = rng.dirichlet(np.full(6, 3.0)) if fixed else None
    f = Finite((p_X[:, None] * posterior).T, rng.exponential(size=(40, 6)), law, "asymptotic", "Z")
    return read(f, R=0.6 * math.log2(6), C=2.1)


@pytest.mark.parametrize("fixed", [False, True])
def test_value_and_bound_meet_and_the_plan_meets_the_bounds(fixed):
    question = large(fixed)
    generation = Generation(question, simple_messages(question, None))
    letters = Alphabet.of(generation, None)
    letters.run(1.0)
    assert letters.meets
    assert generation.value - 1e-6 < generation.bound <= generation.value + 1e-9
    with precision():
        plan = message_plan(question.exact, *letters.weighted(1e-9))
        assert question.is_met(plan.reached)
        assert float(plan.reached["D"]) == pytest.approx(generation.value, abs=1e-6)


def test_pairs_that_are_alike_do_not_join_together():
    question = large(True)
    generation = Generation(question, simple_messages(question, None))
    letters = Alphabet.of(generation, None)
    before = len(letters.letters)
    letters.run(1.0)
    assert before == 6 * 7
    assert len(letters.letters) < 120


@pytest.mark.parametrize("fixed", [False, True])
def test_bounds_that_no_message_meets_are_proved_to_be_infeasible(fixed):
    f = large(fixed, n_S=3).problem
    label = float(entropy(f.label_law, "bits"))
    found = f.solve(R=0.6, C=label - 0.595, time_limit=20)
    assert found.status == "infeasible"
    assert found.certificate.verify()


def test_messages_are_found_where_nothing_bounds_the_rate():
    """Where the rate is minimised, it has no price of its own in the search for messages that meet the other bounds."""
    question = read(large(False).problem, C=1.6, D=0.4, minimise="R")
    generation = Generation(question, simple_messages(question, None)[:1])
    generation.restart("feasible")
    generation.run(1.0)
    assert generation.rounds > 1
    assert generation.best.R > 0
