"""Dense networks: shapes, the variance at the start, wrong input."""

import numpy as np
import pytest

from drc.errors import ProblemError
from drc.neural.numpy.networks import Dense


def test_a_network_is_the_composition_of_its_layers():
    network = Dense((3, 4, 2), "tanh", "sigmoid")
    W, b, V, c = network.initial(np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(5, 3))
    assert np.allclose(network([W, b, V, c], x), 1 / (1 + np.exp(-(np.tanh(x @ W + b) @ V + c))))


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "swish", "softplus"])
def test_the_scale_of_the_input_survives_deep_networks(activation):
    network = Dense((256,) * 6, activation)
    weights = network.initial(np.random.default_rng(0), np.float32)
    y = network(weights, np.random.default_rng(1).normal(size=(64, 256)).astype(np.float32))
    assert y.dtype == np.float32
    assert 0.3 < y.std() < 3


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sizes": (3,)}, "sizes"),
        ({"sizes": (3, 0)}, "sizes"),
        ({"activation": "gelu"}, "activation"),
        ({"last": "no"}, "last"),
    ],
)
def test_wrong_settings_are_named(wrong, said):
    with pytest.raises(ProblemError, match=f"{said} must be"):
        Dense(**{"sizes": (3, 2), **wrong})
