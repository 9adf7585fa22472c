"""Plans that are obvious are found: at borders of the feasible set, and where there is no room."""

import numpy as np
import pytest

from drc.checker import check_certificate
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y.maps import candidate_maps, classes

LAW = np.random.default_rng(0).dirichlet(np.ones(9)).reshape(3, 3)
SETTINGS = {
    "asymptotic": {"setting": "asymptotic"},
    "one-shot": {"classifier_sees": "Y"},
    "one-shot YU": {},
    "shared": {"setting": "asymptotic", "time_sharing": True},
    "one-shot shared": {"classifier_sees": "Y", "time_sharing": True},
}


def entropy(law):
    mass = law[law > 0]
    return float(-(mass * np.log2(mass)).sum())


LEAST = entropy(LAW) - entropy(LAW.sum(axis=0))


def certain(solution):
    assert check_certificate(solution.certificate.to_dict())
    return solution.status


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_identity_tells_a_label_that_is_the_source(setting):
    s = Finite(np.diag([0.5, 0.3, 0.2]), **SETTINGS[setting]).solve(C=0)
    assert (certain(s), s.value) == ("optimal", 0)
    assert s.classification == 0


@pytest.mark.parametrize("setting", SETTINGS)
def test_all_that_is_known_of_the_label_is_kept_by_the_identity(setting):
    s = Finite(LAW, **SETTINGS[setting]).solve(C=LEAST)
    assert (certain(s), s.value) == ("optimal", 0)


@pytest.mark.parametrize("setting", SETTINGS)
def test_less_doubt_than_the_source_leaves_is_infeasible(setting):
    s = Finite(LAW, **SETTINGS[setting]).solve(C=LEAST - 0.05)
    assert certain(s) == "infeasible"


@pytest.mark.parametrize("setting", ["asymptotic", "one-shot"])
def test_what_keeps_the_label_is_found_in_another_alphabet(setting):
    costs = np.array([[0.0, 0.2, 0.9], [0.1, 0.5, 0.4], [0.8, 0.3, 0.7]])
    best = min(
        float(LAW.sum(axis=0) @ costs[np.arange(3), list(f)])
        for f in [(0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    )
    s = Finite(LAW, costs, **SETTINGS[setting]).solve(C=LEAST, time_limit=20)
    assert s.upper == pytest.approx(best, abs=1e-9)
    assert certain(s) in ("optimal", "time limit")


@pytest.mark.parametrize("setting", ["asymptotic", "one-shot", "shared"])
@pytest.mark.parametrize("measure", ["TV", "W2", "KL"])
def test_a_perception_of_zero_is_a_target_law(setting, measure):
    law = [0.2, 0.3, 0.5]
    question = {"R": 0.9, "C": 0.5 * (LEAST + entropy(LAW.sum(axis=1)))}
    near = Finite(LAW, perception=measure, reference=law, **SETTINGS[setting]).solve(P=0, **question)
    given = Finite(LAW, p_Y=law, **SETTINGS[setting]).solve(**question)
    assert certain(near) == "optimal"
    assert near.value == pytest.approx(given.value, abs=1e-8)
    assert near.perception == 0


def test_that_perception_is_zero_is_tested():
    problem = Finite(LAW, perception="TV", reference=[0.2, 0.3, 0.5], setting="asymptotic")
    fields = problem.solve(P=0, R=0.9, C=1.3).certificate.to_dict()
    assert check_certificate(fields)
    fields["bounds"]["P"] = 0.1
    assert not check_certificate(fields)


@pytest.mark.parametrize("setting", ["one-shot", "one-shot YU", "one-shot shared"])
@pytest.mark.parametrize("R", [0, 1e-14])
def test_an_output_that_tells_nothing_needs_no_rate(setting, R):
    target = np.array([0.2, 0.3, 0.5])
    s = Finite(LAW, p_Y=target, **SETTINGS[setting]).solve(R=R, C=1.5)
    assert certain(s) == "optimal"
    assert s.value == pytest.approx(float(LAW.sum(axis=0) @ (1 - np.eye(3)) @ target), abs=1e-9)


def test_candidates_keep_posteriors_apart():
    problem = Finite([[0.1, 0.2, 0.3], [0.1, 0.2, 0.1]], [[0, 1], [0, 1], [0, 1]], setting="asymptotic")
    question = read(problem, C=0.925)
    assert classes(question.data).tolist() == [0, 0, 1]
    maps = candidate_maps(question)
    assert maps
    assert all(f[0] == f[1] != f[2] for f in maps)
