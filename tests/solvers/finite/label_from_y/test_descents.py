"""Plans and bounds of long blocks of many labels or letters, whose classifier sees the output."""

import math

import numpy as np
import pytest
from random_sources import drawn

from drc.information import conditional_entropy, entropy, mutual_information
from drc.problems import Finite
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.label_from_y.channels import descended
from drc.solvers.outcome import Solution

#: What a classifier took for what.
COUNTS = [
    [4701, 0, 36, 17, 12, 81, 38, 11, 35, 1],
    [0, 5494, 36, 21, 3, 38, 7, 13, 59, 7],
    [64, 93, 4188, 103, 108, 17, 162, 80, 132, 21],
    [30, 48, 171, 4310, 2, 252, 22, 86, 128, 52],
    [17, 27, 35, 0, 4338, 11, 84, 9, 27, 311],
    [89, 57, 45, 235, 70, 3631, 123, 33, 163, 60],
    [47, 32, 87, 1, 64, 83, 4607, 0, 29, 1],
    [26, 95, 75, 7, 58, 18, 1, 4682, 13, 200],
    [31, 153, 82, 174, 27, 179, 64, 7, 4003, 122],
    [48, 37, 39, 71, 220, 49, 8, 244, 46, 4226],
]


@pytest.mark.parametrize("fixed", [False, True])
def test_descents_end_near_the_bounds_and_have_the_laws(fixed):
    data = Data.of(drawn(4, 20, 5, fixed, setting="asymptotic"))
    rng = np.random.default_rng(1)
    found = descended(
        data, {"D": 1.0, "R": 0.3, "C": 0.5}, rng.dirichlet(np.ones(4), size=(8, 5)), {"R": 0.8, "C": 1.1}
    )
    kept = found.feasible({"R": 0.8, "C": 1.1}, {"D": 1.0})
    assert len(kept) > 0
    assert (np.diff(found.reached["D"][kept]) >= 0).all()
    joint = found.joints[kept[0]]
    assert joint.sum(axis=1) == pytest.approx(data.source)
    assert mutual_information(joint, "nats") == pytest.approx(found.reached["R"][kept[0]])
    assert conditional_entropy(data.posterior @ joint, "nats") == pytest.approx(found.reached["C"][kept[0]])
    assert found.reached["R"][kept[0]] == pytest.approx(0.8, rel=0.02)
    if fixed:
        assert joint.sum(axis=0) == pytest.approx(data.target, abs=1e-6)


@pytest.mark.parametrize("n_Y", [3, 4])
def test_information_bottleneck_of_five_pairs(n_Y):
    # An example of the tests of dit, whose optimum is 0.8 bit.
    p_SX = np.zeros((3, 3))
    for x, s in ((0, 0), (0, 2), (1, 2), (2, 1), (2, 2)):
        p_SX[s, x] = 0.2
    f = Finite(p_SX, np.zeros((3, n_Y)), setting="asymptotic")
    label = float(-(p_SX.sum(axis=1) * np.log2(p_SX.sum(axis=1))).sum())
    found = f.solve(minimise="R", C=label - 0.4, time_limit=20)
    assert found.status == "optimal"
    assert found.value == pytest.approx(0.8, abs=1e-6)
    assert found.certificate.verify()


def test_counts_of_ten_labels_have_plans_near_their_bounds():
    f = Finite.from_counts(COUNTS, setting="asymptotic")
    assert f.solve(R=2, C=1.7, time_limit=10).status == "optimal"
    for C in (1.0, 1.6):
        assert f.solve(minimise="R", C=C, time_limit=20).relative_gap < 0.005


def test_eight_letters_and_three_labels_are_solved():
    f = drawn(3, 8, 8, True, setting="asymptotic")
    loose = f.solve(R=1.8)
    most = float(conditional_entropy(f.joint_law / f.source_law @ loose.coupling, "bits"))
    least = max(float(conditional_entropy(f.joint_law, "bits")), float(entropy(f.label_law, "bits")) - 1.8)
    found = f.solve(R=1.8, C=most - 0.3 * (most - least), time_limit=20)
    assert found.relative_gap < 1e-6
    assert found.certificate.verify()


def test_many_letters_and_labels_have_a_plan_soon():
    f = drawn(10, 40, 6, True, setting="asymptotic")
    found = f.solve(R=0.6 * math.log2(6), C=2.9, time_limit=8)
    assert isinstance(found, Solution)
    assert found.upper < math.inf
    assert found.relative_gap < 0.5
