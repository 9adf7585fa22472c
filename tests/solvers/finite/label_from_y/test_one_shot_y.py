"""One shot, the classifier sees Y: which search is asked, and the problem without a law that is told U."""

import numpy as np
import pytest

import drc
from drc.checker import check_certificate
from drc.solvers.finite.door import asked
from drc.solvers.finite.label_from_y import sharing
from drc.solvers.finite.label_from_y.question import searched


def random_problem(seed, n_X):
    p_SX = np.random.default_rng(seed).dirichlet(np.ones(2 * n_X)).reshape(2, n_X)
    return drc.Finite(p_SX, classifier_sees="Y", time_sharing=True)


def half_known(problem):
    """Return the middle of what no classifier and what a classifier of X does not know of the label, in bits."""
    p = problem.joint_law
    known = -(p * np.log2(p / p.sum(axis=0))).sum()
    return float(known - (problem.label_law * np.log2(problem.label_law)).sum()) / 2


@pytest.mark.parametrize("seed", range(3))
def test_without_a_law_sharing_the_time_is_telling_u(seed):
    problem = random_problem(seed, 2)
    question = {"R": 0.5, "C": half_known(problem)}
    found = problem.solve(**question)
    other = asked(lambda q: searched(q, sharing.answered, method="column generation"), problem, **question)
    assert found.status == other.status == "optimal"
    assert found.lower <= other.upper
    assert other.lower <= found.upper
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("seed", [2, 4])
def test_the_codes_that_share_the_time_reach_what_is_said(seed):
    problem = random_problem(seed, 3)
    found = problem.solve(R=0.5, C=half_known(problem))
    assert (found.status, found.sees, found.plan) == ("optimal", "Y,Q", None)
    reached = np.zeros(3)
    for (share, joint), ((one, f),) in zip(found.mixture, found.plans, strict=True):
        assert one == 1
        assert joint.sum(axis=1) == pytest.approx(problem.source_law)
        seen = problem.joint_law @ np.eye(problem.n_Y)[list(f)]
        rate = -sum(p * np.log2(p) for p in joint.sum(axis=0) if p)
        both = -sum(p * np.log2(p) for p in seen.ravel() if p)
        reached += share * np.array([(joint * problem.distortions).sum(), rate, both - rate])
    assert reached == pytest.approx([found.distortion, found.rate, found.classification], abs=1e-9)
    assert reached[0] == pytest.approx(found.value, abs=1e-9)


def test_they_are_coded_with_the_block_index_known():
    problem = random_problem(2, 3)
    C = half_known(problem)
    report = str(drc.codec(problem, R=0.5, C=C).measure(20_000, seed=1))
    (said,) = (line for line in report.splitlines() if line.startswith("H(S|Y,Q)"))
    assert abs(float(said.split()[-1])) < 4


def test_a_law_or_a_slope_is_searched_for():
    problem = random_problem(2, 2)
    given = drc.Finite(problem.p_SX, p_Y=problem.source_law, classifier_sees="Y", time_sharing=True)
    for found in (problem.solve(slope=0.3), given.solve(R=0.5, C=0.9)):
        assert "branch and bound" in found.method
