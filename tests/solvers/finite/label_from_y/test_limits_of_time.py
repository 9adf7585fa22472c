"""Time, Ctrl-C and sizes: the answer comes in time, whatever the problem is, and is an enclosure."""

import time

import numpy as np
import pytest
from attacks import defaults, limits

from drc.checker import check_certificate
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y.question import BOXES, limits_of

SHARED = pytest.mark.parametrize("time_sharing", [False, True])


@pytest.mark.parametrize("first", range(0, 40, 10))
def test_limits_of_time_and_size_are_kept(first):
    faults = {i: limits.attack(0, i) for i in range(first, first + 10)}
    assert not {i: fault for i, fault in faults.items() if fault}


def entropy(law):
    return float(-np.sum(law * np.log2(law)))


def drawn(n_S, n_X, n_Y, **fields):
    rng = np.random.default_rng(1)
    joint = rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X)
    return Finite(joint, rng.random((n_X, n_Y)), **fields)


@SHARED
@pytest.mark.parametrize("size", [(6, 6, 25), (4, 60, 25), (8, 4, 3), (12, 8, 8)])
def test_large_alphabets_are_answered(size, time_sharing):
    problem = drawn(*size, setting="asymptotic", time_sharing=time_sharing)
    known = entropy(problem.label_law)
    least = entropy(problem.joint_law) - entropy(problem.source_law)
    s = problem.solve(R=0.5, C=0.3 * least + 0.7 * known, time_limit=0.3)
    assert 0 <= s.lower <= s.upper
    assert s.lower <= problem.distortions.max()
    assert s.certificate.verify()


@SHARED
@pytest.mark.parametrize("size", [(2, 30, 4), (9, 4, 3)])
def test_one_shot_problems_beyond_a_search_are_bounded(size, time_sharing):
    problem = drawn(*size, classifier_sees="Y", time_sharing=time_sharing, p_Y=np.full(size[2], 1 / size[2]))
    s = problem.solve(R=0.5, C=3.2 if size[0] > 2 else 1.0, time_limit=0.5)
    assert 0 < s.lower <= s.upper < np.inf
    assert check_certificate(s.certificate.to_dict())


def test_hundreds_of_letters_have_a_plan_in_time():
    rng = np.random.default_rng(0)
    posterior, p_X = rng.dirichlet(np.full(4, 0.3), 1000), rng.dirichlet(np.full(1000, 3.0))
    problem = Finite((p_X[:, None] * posterior).T, rng.exponential(size=(1000, 8)), setting="asymptotic")
    began = time.process_time()
    s = problem.solve(R=1.8, C=1.55, time_limit=6)
    assert time.process_time() - began < 8
    assert s.lower < s.upper < 0.6
    assert s.classification <= 1.55


def test_the_case_that_took_seventy_times_its_limit():
    problem = drawn(3, 6, 6, classifier_sees="Y", time_sharing=True, perception="TV", reference=np.full(6, 1 / 6))
    began = time.process_time()
    s = problem.solve(R=0.8, C=1.3, P=0.05, time_limit=0.2)
    assert time.process_time() - began < 0.8
    assert s.certificate.verify()


@pytest.mark.parametrize("sees", ["Y", "YU"])
def test_that_a_letter_has_no_output_is_proved_for_many_letters(sees):
    costs = np.random.default_rng(0).random((40, 3))
    costs[7] = np.inf
    problem = Finite(np.full((2, 40), 1 / 80), costs, classifier_sees=sees)
    s = problem.solve(R=0.5)
    assert s.status == "infeasible"
    assert check_certificate(s.certificate.to_dict())


def test_without_a_limit_the_work_is_limited():
    question = read(drawn(3, 3, 3), C=1)
    assert limits_of(question, 1.0).boxes == BOXES
    assert limits_of(question, 1e9).boxes < BOXES / 100


def test_tiny_problems_at_the_ends_of_what_is_feasible_end_by_themselves():
    for i in range(3):
        assert not defaults.attack(3, i)
