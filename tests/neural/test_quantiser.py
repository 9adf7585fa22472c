"""Quantisers: the law of the error under dither, its gradients, wrong input."""

import numpy as np
import pytest
from gradients import assert_close, by_complex_step, ours
from scipy import stats

from drc.codes.randomness import CommonRandomness
from drc.errors import ProblemError
from drc.neural.numpy.codec import quantised
from drc.neural.numpy.tensor import Tensor, exp, gradient, log_softmax, reshape, total
from drc.neural.quantiser import REACH, Quantiser


@pytest.mark.parametrize("levels", [2, 3, 4, 16])
@pytest.mark.parametrize("at", [-1.0, -0.31, 0.0, 0.5, 1.0])
def test_the_error_of_a_dithered_quantiser_is_uniform_whatever_is_quantised(levels, at):
    q = Quantiser.of_levels(levels)
    u = q.dither(CommonRandomness(3).uniforms(0, 20_000))
    error = q.value(q.index(at, u), u) - at
    assert np.abs(error).max() <= q.step / 2 * (1 + 1e-12)
    assert stats.kstest(error.ravel() / q.step + 0.5, "uniform").pvalue > 1e-4


def test_without_dither_the_error_is_known_from_what_is_quantised():
    q = Quantiser.of_levels(4)
    assert np.ptp(q.value(q.index(np.full(100, 0.2), 0.0), 0.0)) == 0


def test_centres_are_quantised_to_themselves():
    for q in (Quantiser.of_levels(5), Quantiser.of_integers()):
        assert np.array_equal(q.index(q.centres, 0.0), np.arange(q.count))
        assert np.array_equal(q.value(np.arange(q.count), 0.0), q.centres)


def test_what_is_out_of_reach_gets_the_last_centre():
    q = Quantiser.of_integers()
    assert q.value(q.index(np.array([-1e9, 1e9]), 0.0), 0.0).tolist() == [-REACH, REACH]


def test_phases_are_values_of_the_dither():
    q, w = Quantiser.of_integers(), CommonRandomness(1).uniforms(0, 1000)
    assert len(np.unique(q.dither(w))) == q.phases == len(np.unique(q.phase(w)))
    assert np.abs(q.dither(w)).max() < q.step / 2
    assert np.isclose(np.unique(q.dither(w)).mean(), 0)


def test_straight_through_is_the_gradient_of_the_identity():
    z = Tensor(np.linspace(-1, 1, 7)[None])
    (slope,) = gradient(total(quantised(Quantiser.of_levels(4), z, np.zeros((1, 7))) * np.arange(7.0)), [z])
    assert np.array_equal(slope[0], np.arange(7.0))


def test_the_dithered_gradient_is_that_of_the_mean():
    """E h(Q(z + u) - u) = E h(z + e) with e independent of z: its derivative is E h'(Q(z + u) - u)."""
    q, z = Quantiser.of_levels(4), 0.37
    u = q.dither((np.arange(100_000)[:, None] + 0.5) / 100_000)

    def mean_cube(z):
        return (q.value(q.index(z, u), u) ** 3).mean()

    x = Tensor(np.full_like(u, z))
    (slope,) = gradient(total(quantised(q, x, u) ** 3.0), [x])
    assert np.isclose(slope.mean(), (mean_cube(z + 0.01) - mean_cube(z - 0.01)) / 0.02, rtol=1e-3)


def test_soft_to_hard_has_the_value_of_the_hard_and_the_gradient_of_the_soft():
    q = Quantiser.of_levels(4, softness=0.7)
    z = np.random.default_rng(0).uniform(-1, 1, (5, 3))
    u = q.dither(np.random.default_rng(1).random((5, 3)))

    def soft(z):
        away = (reshape(z, (5, 3, 1)) + u[..., None] - q.centres) * (1 / (0.7 * q.step))
        return total(total(exp(log_softmax(-(away * away))) * q.centres, axis=-1) * np.arange(3.0))

    x = Tensor(z)
    y = quantised(q, x, u)
    assert np.array_equal(y.value, q.value(q.index(z, u), u))
    assert_close(gradient(total(y * np.arange(3.0)), [x]), by_complex_step(soft, [z]))
    assert_close(ours(soft, [z]), by_complex_step(soft, [z]))


def test_narrow_soft_assignments_are_hard():
    q, z = Quantiser.of_levels(4, softness=0.05), Tensor(np.linspace(-1, 1, 11)[None])
    (slope,) = gradient(total(quantised(q, z, np.zeros((1, 11)))), [z])
    assert slope[0, 0] < 1e-6


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Quantiser.of_levels(1), "levels must be at least 2, got 1"),
        (lambda: Quantiser(0.0, 0.0, 3), "count and step must be at least 2 and positive, got 3 and 0.0"),
        (lambda: Quantiser(0.0, 1.0, 1), "count and step must be at least 2 and positive, got 1 and 1.0"),
        (lambda: Quantiser.of_levels(4, softness=-1), "softness must be at least 0, got -1"),
    ],
)
def test_wrong_settings_are_named(wrong, said):
    with pytest.raises(ProblemError, match=said):
        wrong()
