"""Dense networks: what they compute, and how their weights start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drc.errors import must
from drc.neural.numpy import tensor
from drc.neural.numpy.tensor import Operand

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

    from drc.neural.experiment import Networks

ACTIVATIONS = {
    "relu": tensor.relu,
    "leaky_relu": tensor.leaky_relu,
    "tanh": tensor.tanh,
    "softplus": tensor.softplus,
    "sigmoid": tensor.sigmoid,
    "swish": tensor.swish,
    "linear": lambda x: x,
}

# The variance that an activation keeps of a standard normal input is made up for in the weights.
GAINS = {"relu": math.sqrt(2), "leaky_relu": math.sqrt(2 / 1.04), "swish": 1.68, "softplus": math.sqrt(2)}


def dense_widths(n: Networks, dim: int, pixels: int, classes: int) -> dict[str, tuple[int, ...]]:
    """Return the widths of the dense networks of an experiment, from the input on, by name."""
    return {
        "encoder": (pixels, *n.encoder, dim),
        "decoder": (dim + n.noise, *n.decoder, pixels),
        "critic": (pixels, *n.critic, 1),
        "classifier": (pixels, *n.classifier, classes),
    }


@dataclass(frozen=True)
class Dense:
    """A dense network; its weights are not part of it but handed in.

    Parameters
    ----------
    sizes : tuple of int
        Widths from the input to the output, at least two.
    activation, last : str
        The function after each inner layer and after the last one, of `ACTIVATIONS`.

    Examples
    --------
    >>> network = Dense((64, 32, 10))
    >>> weights = network.initial(np.random.default_rng(0))
    >>> [w.shape for w in weights]
    [(64, 32), (32,), (32, 10), (10,)]
    >>> network(weights, np.zeros((5, 64))).shape
    (5, 10)
    """

    sizes: tuple[int, ...]
    activation: str = "leaky_relu"
    last: str = "linear"

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or min(self.sizes) < 1:
            raise must("sizes", "be at least two widths, each at least 1", self.sizes)
        for name in ("activation", "last"):
            if getattr(self, name) not in ACTIVATIONS:
                raise must(name, f"be one of {', '.join(ACTIVATIONS)}", getattr(self, name))

    def initial(self, rng: np.random.Generator, dtype: DTypeLike = np.float64) -> list[np.ndarray]:
        """Return normal weights that keep the variance of a layer's input [he2015], and biases of zero."""
        weights = []
        for i, (k, m) in enumerate(zip(self.sizes, self.sizes[1:], strict=False)):
            gain = GAINS.get(self.activation, 1.0) if i < len(self.sizes) - 2 else 1.0
            weights.append((rng.standard_normal((k, m)) * (gain / math.sqrt(k))).astype(dtype))
            weights.append(np.zeros(m, dtype))
        return weights

    def __call__(self, weights: Sequence[Operand], x: Operand) -> Operand:
        """Return the outputs, shape (n, sizes[-1]), for inputs of shape (n, sizes[0])."""
        inner, last = ACTIVATIONS[self.activation], ACTIVATIONS[self.last]
        for i in range(0, len(weights), 2):
            x = tensor.affine(x, weights[i], weights[i + 1])
            x = inner(x) if i + 2 < len(weights) else last(x)
        return x
