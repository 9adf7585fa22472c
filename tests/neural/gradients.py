"""Derivatives by two independent roads: the complex step, and central differences."""

import numpy as np

from drc.neural.numpy.tensor import Tensor, gradient, value

TOLERANCE = 1e-6


def by_complex_step(function, at):
    slopes = [np.empty(x.shape) for x in at]
    for k, x in enumerate(at):
        for i in np.ndindex(x.shape):
            moved = [z.astype(complex) for z in at]
            moved[k][i] += 1e-30j
            slopes[k][i] = np.imag(value(function(*moved))) / 1e-30
    return slopes


def by_differences(function, at, h=1e-3):
    """Of fourth order."""
    slopes = [np.empty(x.shape) for x in at]
    for k, x in enumerate(at):
        for i in np.ndindex(x.shape):

            def moved(by, k=k, i=i):
                z = [x.copy() for x in at]
                z[k][i] += by * h
                return value(function(*z))

            slopes[k][i] = (8 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12 * h)
    return slopes


def ours(function, at):
    x = [Tensor(z) for z in at]
    return gradient(function(*x), x)


def assert_close(these, those):
    for a, b in zip(these, those, strict=True):
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= TOLERANCE * max(np.abs(b).max(), 1e-3)
