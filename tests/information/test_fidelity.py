"""Perception bounds against what a judge can tell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drc.errors import ProblemError
from drc.information import gaussian_w2, most_detected, perception_bound, wasserstein_bound


@given(st.integers(2, 9), st.integers(0, 10**6))
def test_no_judge_is_right_more_often(n, seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.full(n, rng.choice([0.2, 1.0, 20.0])), 2) + 1e-12
    variation, divergence = np.abs(p - q).sum() / 2, float(np.sum(p * np.log2(p / q)))
    right = np.maximum(p, q).sum() / 2
    assert right == pytest.approx(most_detected(variation), abs=1e-9)
    assert right <= most_detected(max(divergence, 0.0), "KL") + 1e-9


@pytest.mark.parametrize("unit", ["bits", "nats"])
@pytest.mark.parametrize("measure", ["TV", "KL"])
def test_a_wanted_fidelity_is_guaranteed(measure, unit):
    for right in (0.5, 0.51, 0.75, 0.97, 1.0):
        assert most_detected(perception_bound(right, measure, unit), measure, unit) == pytest.approx(right, abs=1e-12)


def test_a_shift_within_its_share_is_allowed_and_a_larger_one_is_not():
    P = wasserstein_bound(0.1, 2.0)
    assert float(gaussian_w2(1.2, 2, 1, 2)) <= P + 1e-12
    assert float(gaussian_w2(1, 1.79, 1, 2)) > P


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: perception_bound(0.4), r"detected must be in \[0.5, 1\], got 0.4"),
        (lambda: perception_bound(0.6, "W2"), "measure must be 'TV' or 'KL', got 'W2'"),
        (lambda: most_detected(-1), "P must be at least 0, got -1.0"),
        (lambda: wasserstein_bound(-1, 1), "share must be at least 0, got -1"),
        (lambda: wasserstein_bound(1, 0), "sigma_ref must be positive, got 0"),
    ],
)
def test_wrong_input(call, words):
    with pytest.raises(ProblemError, match=words):
        call()
