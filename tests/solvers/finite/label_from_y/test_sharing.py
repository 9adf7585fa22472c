"""Time sharing between codes: against the solver for bits, against single codes, and against the checker."""

from dataclasses import replace

import numpy as np
import pytest

from drc.checker import check_certificate
from drc.information.discrete import entropy
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y.channels import Channels
from drc.solvers.finite.label_from_y.question import NOTHING
from drc.solvers.finite.label_from_y.sharing import _Shared
from drc.solvers.scalar.time_shared import solve_time_shared as solve_bits
from drc.units import unit_named

BITS = {"p_SX": [[0.63, 0.03], [0.07, 0.27]], "p_Y": [0.2, 0.8], "classifier_sees": "Y", "time_sharing": True}


@pytest.mark.parametrize("setting", ["asymptotic", "one-shot"])
@pytest.mark.parametrize(
    "question",
    [
        {"R": 0.3, "C": 0.75},
        {"R": 0.6, "C": 0.7},
        {"C": 0.5},
        {"R": 0.5, "C": 0.8, "unit": "bits"},
        {"minimise": "R", "D": 0.82, "C": 0.75},
    ],
)
def test_bits_agree_with_their_solver(setting, question):
    problem = Finite(**BITS, setting=setting)
    found, known = problem.solve(**question), solve_bits(problem, **question)
    assert found.status == known.status
    assert found.lower <= known.upper
    assert known.lower <= found.upper
    assert found.gap <= 1e-9
    assert check_certificate(found.certificate.to_dict())
    for solution in (found, known):
        assert_plans_are_those_of_the_mixture(problem, solution)


def assert_plans_are_those_of_the_mixture(problem, solution):
    """In one shot each joint law has a plan, and all of them together have the rate."""
    if solution.mixture is None or problem.setting == "asymptotic":
        assert solution.plans is None
        return
    rate = 0.0
    for (share, joint), plan in zip(solution.mixture, solution.plans, strict=True):
        made = sum(w * problem.source_law[:, None] * np.eye(problem.n_Y)[list(f)] for w, f in plan)
        assert made == pytest.approx(joint, abs=1e-9)
        rate += share * sum(w * entropy(np.bincount(f, problem.source_law)) for w, f in plan)
    assert rate * unit_named("bits").in_nats == pytest.approx(
        solution.rate * unit_named(solution.unit).in_nats, abs=1e-9
    )


@pytest.mark.parametrize("setting", ["asymptotic", "one-shot"])
def test_sharing_is_no_worse_than_one_code(setting):
    p_SX = [[0.3, 0.1, 0.05], [0.05, 0.2, 0.3]]
    options = {"p_Y": [0.5, 0.3, 0.2], "setting": setting, "classifier_sees": "Y"}
    single = Finite(p_SX, **options).solve(R=0.5, C=0.85, tolerance=1e-6)
    problem = Finite(p_SX, **options, time_sharing=True)
    shared = problem.solve(R=0.5, C=0.85, tolerance=1e-6)
    assert shared.status == "optimal"
    assert shared.lower <= single.upper
    assert sum(weight for weight, _ in shared.mixture) == pytest.approx(1)
    for _, joint in shared.mixture:
        assert np.allclose(joint.sum(axis=0), options["p_Y"])
    assert_plans_are_those_of_the_mixture(problem, shared)
    assert check_certificate(shared.certificate.to_dict())
    assert not check_certificate(replace(shared.certificate, lower=shared.upper + 1e-4, upper=np.inf).to_dict())


def test_each_code_meets_the_perception_bound_by_itself():
    # The identity needs no search, and is further from the reference than the bound allows.
    joint, reference = [[0.3, 0.05, 0.1], [0.1, 0.3, 0.15]], np.array([0.1, 0.3, 0.6])
    problem = Finite(joint, setting="asymptotic", time_sharing=True, perception="TV", reference=reference)
    question = read(problem, C=0.9, P=0.1, time_limit=0.5)
    shared = _Shared(question, Channels(question), NOTHING)
    shared.solve()
    assert shared.codes
    for code in shared.codes:
        assert 0.5 * np.abs(code.point.sum(axis=0) - reference).sum() < 0.1 + 1e-7
