"""Error rates against entropies: both bounds hold for random laws, are attained, and invert one another."""

import json
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_node import needs_node, run

from drc.errors import ProblemError
from drc.information import (
    classification_bound_of_rms,
    classification_bounds,
    conditional_entropy,
    entropy,
    largest_error,
    least_entropy,
    least_error,
    least_rms_error,
    most_entropy,
    perception_bound,
)

sizes = st.integers(2, 12)
LABELS = (2, 3, 10, 1000)


@given(sizes, sizes, st.integers(0, 10**6))
def test_the_best_classifier_errs_as_often_as_the_bounds_allow(n, m, seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(n * m, rng.choice([0.05, 0.3, 1.0]))).reshape(n, m)
    error = max(0.0, 1 - joint.max(axis=0).sum())
    h = float(conditional_entropy(joint))
    assert least_error(h, n) <= error + 1e-12
    assert error <= largest_error(h, n) + 1e-12
    assert least_entropy(error, n) - 1e-12 <= h <= most_entropy(error, n) + 1e-12


@pytest.mark.parametrize("n", LABELS)
def test_fano_is_attained_by_errors_that_are_alike(n):
    for error in (1e-9, 0.01, 0.3, 1 - 1 / n):
        law = np.r_[1 - error, np.full(n - 1, error / (n - 1))]
        assert most_entropy(error, n) == pytest.approx(entropy(law), rel=1e-9)


@pytest.mark.parametrize("n", LABELS)
def test_the_converse_is_attained_by_equally_likely_labels_and_their_mixtures(n):
    for k in range(1, min(n, 6)):
        for share in (0.0, 0.25, 1.0):
            # A guess among k labels, or with some probability among k + 1.
            error = (1 - share) * (1 - 1 / k) + share * (1 - 1 / (k + 1))
            h = (1 - share) * np.log2(k) + share * np.log2(k + 1)
            assert least_entropy(error, n) == pytest.approx(h, abs=1e-12)
            assert largest_error(h, n) == pytest.approx(error, abs=1e-12)


@pytest.mark.parametrize("unit", ["bits", "nats"])
@pytest.mark.parametrize("n", LABELS)
def test_inverses(n, unit):
    error = np.r_[0, 10.0 ** np.arange(-200, -1, 20), np.linspace(0.01, 1 - 1.1 / n, 30)]
    np.testing.assert_allclose(least_error(most_entropy(error, n, unit), n, unit), error, rtol=1e-10, atol=0)
    np.testing.assert_allclose(largest_error(least_entropy(error, n, unit), n, unit), error, rtol=1e-12, atol=1e-16)
    # Near the top the inverse is a square root, which keeps half of the digits.
    assert least_error(np.log2(n), n) == pytest.approx(1 - 1 / n, abs=1e-7)
    assert largest_error(np.log2(n) + 1, n) == pytest.approx(1 - 1 / n)


def test_an_accuracy_becomes_two_bounds():
    bounds = classification_bounds(0.95, 10)
    assert bounds.guarantees == pytest.approx(0.1)  # 2 e for e <= 1/2 [feder1994]
    assert bounds.necessary == pytest.approx(0.05 * np.log2(9) + entropy([0.05, 0.95]))
    assert classification_bounds(1, 7) == (0, 0)
    assert classification_bounds(0.95, 10, "nats").guarantees == pytest.approx(0.1 * np.log(2))


def test_a_real_label_has_a_mean_squared_error():
    assert classification_bound_of_rms(1.0, "nats") == pytest.approx(0.5 * np.log(2 * np.pi * np.e))
    errors = np.array([1e-3, 0.2, 5.0])
    np.testing.assert_allclose([least_rms_error(classification_bound_of_rms(e)) for e in errors], errors, rtol=1e-14)


@needs_node
def test_javascript_has_the_same_numbers():
    calls = {}
    errors = [0.0, 1e-12, 0.05, 0.3, 0.49]
    nats = [0.0, 1e-12, 0.05, 0.5, 0.69, 3.0]
    calls["most_entropy"] = calls["least_entropy"] = [[e, n] for n in LABELS for e in errors]
    calls["least_error"] = calls["largest_error"] = [[h, n] for n in LABELS for h in nats]
    goals = files("drc.explorer").joinpath("goals.js").read_text(encoding="utf-8")
    found = run(
        "Object.entries(CALLS).map(([name, points]) => points.map((p) => FUNCTIONS[name](...p)))",
        goals,
        f"const CALLS = {json.dumps(calls)}; const FUNCTIONS = {{{', '.join(calls)}}};",
    )
    functions = most_entropy, least_entropy, least_error, largest_error
    for function, points, values in zip(functions, calls.values(), found, strict=True):
        np.testing.assert_allclose(values, [float(function(x, n, "nats")) for x, n in points], rtol=1e-12)
    variations = [0.0, 0.1, 0.95]
    np.testing.assert_allclose(
        run(f"{variations}.map(divergence_of_variation)", goals),
        [perception_bound((1 + t) / 2, "KL", "nats") for t in variations],
        rtol=1e-12,
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: most_entropy(0.6, 2), r"error must be in \[0, 1 - 1/2\], the least error rates of 2 labels, got 0.6"),
        (
            lambda: most_entropy(-0.1, 2),
            r"error must be in \[0, 1 - 1/2\], the least error rates of 2 labels, got -0.1",
        ),
        (lambda: least_error(-1, 2), "C must be at least 0, got -1.0"),
        (lambda: classification_bounds(0.05, 10), r"accuracy must be in \[1/\d+, 1\] .*, got 0.05"),
        (lambda: classification_bounds(0.9, 1), "labels must be a whole number, .*, got 1"),
        (lambda: classification_bounds(0.9, 2.5), "labels must be a whole number, .*, got 2.5"),
        (lambda: classification_bound_of_rms(0.0), "error must be positive, got 0.0"),
    ],
)
def test_wrong_input(call, words):
    with pytest.raises(ProblemError, match=words):
        call()
