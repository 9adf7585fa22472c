"""The least distortion or rate under `H(S|Y) <= C`: against the closed case of bits, against the checker, and its laws."""

import math
from dataclasses import replace

import numpy as np
import pytest

from drc.checker import check_certificate
from drc.errors import ProblemError
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y.mixes import Mixes
from drc.solvers.scalar.bernoulli_y import solve_bernoulli_y

SETTINGS = ("asymptotic", "one-shot")

BITS = {"p_SX": [[0.27, 0.07], [0.03, 0.63]], "p_Y": [0.3, 0.7], "classifier_sees": "Y"}


def drawn(seed, setting, shape=(2, 3, 3), **options):
    """Draw a problem, and bounds that bind."""
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = shape
    p = rng.dirichlet(np.full(n_S * n_X, 0.7)).reshape(n_S, n_X).round(4)
    options.setdefault("p_Y", rng.dirichlet(np.full(n_Y, 2.0)).round(6))
    problem = Finite(p / p.sum(), rng.random((n_X, n_Y)).round(3), setting=setting, classifier_sees="Y", **options)
    entropies = [-np.sum(law * np.log2(np.maximum(law, 1e-300))) for law in (problem.joint_law, problem.source_law)]
    least = entropies[0] - entropies[1]
    most = -np.sum(problem.label_law * np.log2(problem.label_law))
    return problem, {"R": round(0.6 * entropies[1], 6), "C": round(least + 0.55 * (most - least), 6)}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "question",
    [
        {"R": 0.4, "C": 0.9},
        {"R": 0.4, "C": 0.7},
        {"C": 0.65},
        {"C": 0.65, "unit": "nats"},
        {"R": 0.2, "C": 0.75},
        {"minimise": "R", "D": 0.2, "C": 0.7},
        {"minimise": "R", "C": 0.6, "unit": "bits"},
    ],
)
def test_bits_agree_with_the_channel_of_one_parameter(setting, question):
    problem = Finite(**BITS, setting=setting)
    found, known = problem.solve(**question), solve_bernoulli_y(problem, **question)
    assert found.status == known.status
    assert found.lower <= known.upper + 1e-15
    assert known.lower <= found.upper + 1e-15
    assert found.gap <= 1e-9
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(("seed", "shape"), [(0, (2, 3, 2)), (1, (2, 2, 3)), (1, (2, 3, 3)), (2, (3, 3, 3))])
def test_small_alphabets_are_certified(setting, seed, shape):
    problem, bounds = drawn(seed, setting, shape)
    found = problem.solve(**bounds)
    assert found.status in ("optimal", "infeasible")
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("setting", SETTINGS)
def test_what_is_claimed_beyond_the_proof_is_refused(setting):
    problem, bounds = drawn(1, setting)
    certificate = problem.solve(**bounds).certificate
    assert not check_certificate(replace(certificate, lower=certificate.upper + 1e-8, upper=math.inf).to_dict())
    assert not check_certificate(replace(certificate, upper=certificate.lower - 1e-8, lower=0.0).to_dict())


@pytest.mark.parametrize("setting", SETTINGS)
def test_free_output_law_is_no_worse_than_a_fixed_one(setting):
    problem, bounds = drawn(1, setting)
    free, _ = drawn(1, setting, p_Y=None)
    fixed = problem.solve(**bounds)
    found = free.solve(**bounds, tolerance=1e-6)
    assert found.lower <= fixed.upper
    assert found.status == "optimal"
    assert check_certificate(found.certificate.to_dict())


def test_one_shot_is_no_better_than_long_blocks():
    for seed in range(3):
        one_shot, bounds = drawn(seed, "one-shot", (2, 3, 2))
        asymptotic, _ = drawn(seed, "asymptotic", (2, 3, 2))
        assert asymptotic.solve(**bounds).lower <= one_shot.solve(**bounds).upper


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("measure", ["TV", "W2"])
def test_perception_bounds_are_met_and_proved(setting, measure):
    options = {"p_Y": None, "perception": measure, "reference": [0.2, 0.3, 0.5]}
    problem, bounds = drawn(1, setting, letters_Y=(0, 1, 2), **options)
    found = problem.solve(**bounds, P=0.05, tolerance=1e-6)
    assert found.status == "optimal"
    assert found.perception <= 0.05
    assert check_certificate(found.certificate.to_dict())
    loose = problem.solve(**bounds, P=0.5, tolerance=1e-6)
    assert loose.lower <= found.upper


def test_time_limit_gives_an_honest_gap():
    problem, bounds = drawn(3, "asymptotic", (4, 8, 6))
    found = problem.solve(**bounds, time_limit=0.5)
    assert found.status in ("time limit", "optimal")
    assert found.lower <= found.upper
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("setting", SETTINGS)
def test_forbidden_pairs_are_not_used(setting):
    problem = Finite(BITS["p_SX"], [[0, math.inf], [1, 0]], BITS["p_Y"], setting=setting, classifier_sees="Y")
    found = problem.solve(C=0.95)
    assert found.coupling[0, 1] == 0
    assert check_certificate(found.certificate.to_dict())


@pytest.mark.parametrize("setting", SETTINGS)
def test_bounds_on_what_is_minimised_are_refused(setting):
    problem = Finite(**BITS, setting=setting)
    with pytest.raises(ProblemError, match="D must be left out"):
        problem.solve(D=0.2, C=0.9)
    with pytest.raises(ProblemError, match="tolerance"):
        problem.solve(C=0.9, tolerance=0)


def test_a_mix_without_maps_is_no_plan():
    """Where no map is found that meets the bounds, nothing is claimed of the upper bound."""
    problem = Finite([[0.5, 0.0], [0.0, 0.5]], classifier_sees="Y")
    question = read(problem, C=0, unit="nats", time_limit=1)
    assert Mixes.of(question).exactly(np.zeros(4), 0.0) is None
