"""Adam against its definition, and its state as plain arrays."""

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural.numpy.adam import BLOCK, Adam


def test_steps_are_those_of_the_paper():
    rng = np.random.default_rng(0)
    adam = Adam(rate=0.01, betas=(0.5, 0.99))
    w = [rng.normal(size=(3, 2))]
    expected, m, v = w[0].copy(), 0.0, 0.0
    state = adam.initial(w)
    for k in range(1, 6):
        g = rng.normal(size=(3, 2))
        adam.update(w, [g], state, factor=1 / k)
        m, v = 0.5 * m + 0.5 * g, 0.99 * v + 0.01 * g * g
        expected = expected - 0.01 / k * (m / (1 - 0.5**k)) / (np.sqrt(v / (1 - 0.99**k)) + 1e-8)
        assert np.allclose(w[0], expected, rtol=1e-12, atol=0)


def test_blocks_change_nothing():
    g = np.random.default_rng(1).normal(size=2 * BLOCK + 5)
    whole, parts = [np.ones(g.size)], [np.ones(1) for _ in g[:3]]
    Adam().update(whole, [g], Adam().initial(whole))
    Adam().update(parts, [g[-3:][i : i + 1] for i in range(3)], Adam().initial(parts))
    assert np.array_equal(whole[0][-3:], np.concatenate(parts))


def test_gradients_that_are_not_contiguous_move_the_weights():
    w, g = [np.zeros((3, 2))], np.arange(6.0).reshape(2, 3).T
    Adam(rate=1.0).update(w, [g], Adam().initial(w))
    assert np.allclose(w[0], -np.sign(g))


def test_a_state_that_was_copied_goes_on_bit_for_bit():
    rng = np.random.default_rng(2)
    g = rng.normal(size=(6, 4, 4)).astype(np.float32)
    w = [np.ones((4, 4), np.float32)]
    state = Adam().initial(w)
    for k in range(3):
        Adam().update(w, [g[k]], state)
    other = [w[0].copy()]
    copy = {"count": int(state["count"]), **{name: state[name].copy() for name in ("first", "second")}}
    for k in range(3, 6):
        Adam().update(w, [g[k]], state)
        Adam().update(other, [g[k]], copy)
    assert w[0].dtype == np.float32
    assert np.array_equal(w[0], other[0])


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"betas": (1.0, 0.9)}, {"epsilon": -1}])
def test_wrong_settings_are_named(wrong):
    with pytest.raises(ProblemError, match="must be"):
        Adam(**wrong)
