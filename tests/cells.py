"""The rate of a dithered lattice quantiser by Monte Carlo: a road that takes no coordinates for independent."""

import math

import numpy as np

from drc.codes.ecdq import coordinate_entropy
from drc.codes.grid import LEVELS, probabilities


def mutual_information(lattice, scale, samples=1000):
    """Return `I(X; a X + N) / n`, and the standard error of this number.

    `h(a X + N)` is the entropy of independent coordinates less the divergence from them. The divergence is a mean over
    samples; the density at each is an integral over the cell, by importance sampling from a normal law near `N` given
    `a X + N`, and the bias of its logarithm, half its relative variance, is taken away.
    """
    exact = coordinate_entropy(lattice, scale) - math.log2(lattice.volume) / lattice.n
    if lattice.n == 1:
        return exact, 0.0
    rng = np.random.default_rng(0)
    points, p = probabilities(lattice, scale)
    density = np.maximum(p * LEVELS, 1e-300)
    found = np.empty(samples)
    cells = lattice.dither(rng.random((samples, lattice.n)))
    for i, y in enumerate(scale * rng.standard_normal((samples, lattice.n)) + cells):
        found[i] = _log_density(lattice, scale, y, rng) - np.log(np.interp(y, points, density)).sum()
    found /= lattice.n * math.log(2)
    return exact - float(found.mean()), float(found.std() / math.sqrt(samples))


def _log_density(lattice, scale, y, rng, draws=1024):
    """Estimate the logarithm of `f(y) = E phi_s(y - N)`."""
    G, n = float(lattice.second_moment), lattice.n
    shrink, spread = G / (G + scale**2), 1.2 * scale * math.sqrt(G / (G + scale**2))
    xi = rng.standard_normal((draws, n))
    cell = shrink * y + spread * xi
    inside = (lattice.nearest(cell) == 0).all(axis=1)
    log = ((xi**2).sum(axis=1) - (((y - cell) / scale) ** 2).sum(axis=1)) / 2 + n * math.log(spread / scale)
    weights = np.where(inside, np.exp(log), 0.0) / lattice.volume
    mean = weights.mean()
    return math.log(mean) + weights.var() / mean**2 / draws / 2
