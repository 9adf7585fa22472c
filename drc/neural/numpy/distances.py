"""Distances between the law of reconstructions and the law of clean images, from a batch of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from drc.neural.numpy import tensor
from drc.neural.numpy.networks import Dense
from drc.neural.numpy.tensor import Operand, Tensor, gradient, mean, total


def critic_loss(
    critic: Dense,
    weights: Sequence[Operand],
    fake: np.ndarray,
    real: np.ndarray,
    mix: np.ndarray,
    penalty: float = 10.0,
) -> tuple[Operand, Operand]:
    """Return what a Wasserstein critic minimises, and the distance that it sees: [gulrajani2017], equation (3).

    That is `penalty * E (|slope| - 1)^2 - distance`, with `distance = E critic(real) - E critic(fake)` for images of shape
    (n, pixels); `mix`, of shape (n, 1) in [0, 1], says where between a fake and a real image the slope is checked. The
    slope is part of the graph, so its second-order terms are exact.
    """
    distance = mean(critic(weights, real)) - mean(critic(weights, fake))
    between = Tensor(mix * real + (1 - mix) * fake)
    (slope,) = gradient(total(critic(weights, between)), [between], graph=True)
    norm = tensor.sqrt(total(slope * slope, axis=1) + 1e-12)  # the root has no derivative at zero
    return mean((norm - 1.0) ** 2) * penalty - distance, distance


def directions(rng: np.random.Generator, pixels: int, count: int) -> np.ndarray:
    """Return directions uniform on the sphere, as columns: shape (pixels, count)."""
    drawn = rng.standard_normal((pixels, count))
    return drawn / np.linalg.norm(drawn, axis=0)


def sliced(fake: Operand, real: np.ndarray, along: np.ndarray) -> Operand:
    """Return the squared sliced Wasserstein-2 distance of two samples of equal size.

    On a line the best coupling sorts both samples; the distance is the mean over the directions.

    Parameters
    ----------
    fake : Tensor or array, shape (n, pixels)
    real : array, shape (n, pixels)
    along : array, shape (pixels, k)
        Unit vectors.

    Notes
    -----
    Source: [bonneel2015]. It is on the scale of a mean squared error per pixel: moving all images by `v` costs
    `|v|^2 / pixels` on average over all directions.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0]])
    >>> float(sliced(x + 0.5, x[::-1], np.ones((1, 1))))
    0.25
    """
    gap = tensor.sort(tensor.matmul(fake, along)) - np.sort(real @ along, axis=0)
    return mean(gap * gap)
