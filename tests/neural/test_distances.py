"""The critic and the sliced distance: exact gradients, and what is known of the distances."""

import numpy as np
import pytest
from gradients import assert_close, by_complex_step, by_differences, ours

from drc.neural.numpy.adam import Adam
from drc.neural.numpy.distances import critic_loss, directions, sliced
from drc.neural.numpy.networks import Dense
from drc.neural.numpy.tensor import Tensor, gradient

rng = np.random.default_rng(11)
FAKE, REAL, MIX = rng.normal(size=(6, 3)), rng.normal(size=(6, 3)), rng.random((6, 1))
ALONG = directions(rng, 3, 5)


@pytest.mark.parametrize("activation", ["softplus", "swish", "leaky_relu"])
def test_gradients_of_the_critic_with_its_penalty(activation):
    critic = Dense((3, 5, 4, 1), activation)

    def loss(*weights):
        # The slope is asked for inside: it needs a tape even where the weights are plain arrays.
        weights = [w if isinstance(w, Tensor) else Tensor(w) for w in weights]
        return critic_loss(critic, weights, FAKE, REAL, MIX)[0]

    weights = critic.initial(rng)
    found = ours(loss, weights)
    assert_close(found, by_complex_step(loss, weights))
    assert_close(found, by_differences(loss, weights, h=1e-5 if activation == "leaky_relu" else 3e-4))


def test_gradients_of_the_sliced_distance():
    def distance(fake):
        return sliced(fake, REAL, ALONG)

    found = ours(distance, [FAKE])
    assert_close(found, by_complex_step(distance, [FAKE]))
    assert_close(found, by_differences(distance, [FAKE], h=1e-5))


def test_a_critic_learns_the_distance_that_a_shift_costs():
    critic, adam = Dense((2, 32, 1), "softplus"), Adam(rate=0.01)
    weights = critic.initial(np.random.default_rng(0))
    state, distance, shift = adam.initial(weights), None, np.array([1.2, 1.6])
    generator = np.random.default_rng(1)
    for _ in range(300):
        real, noise = generator.normal(size=(64, 2)), generator.random((64, 1))
        w = [Tensor(x) for x in weights]
        loss, distance = critic_loss(critic, w, real + shift, real, noise)
        adam.update(weights, gradient(loss, w), state)
    assert 1.8 < distance.value < 2.3  # W_1 is the length of the shift, 2; the penalty allows a little more


def test_a_shift_costs_its_mean_square_a_pixel():
    along = directions(np.random.default_rng(0), 4, 50_000)
    v = np.array([0.5, -1.0, 0.0, 2.0])
    x = rng.normal(size=(3, 4))
    assert np.isclose(sliced(x + v, rng.permutation(x), along), (v @ v) / 4, rtol=0.02)


def test_the_distance_of_a_sample_to_itself_in_another_order_is_zero():
    assert sliced(FAKE, FAKE[::-1], ALONG) <= 1e-30  # a product of matrices may round rows differently


def test_directions_are_unit_vectors():
    assert np.allclose((ALONG**2).sum(axis=0), 1)
