"""The theory of entropy-coded dithered quantisation ([ziv1985], [zamir1992]).

The encoder sends the lattice point `Q(a X + U)`, the decoder takes the dither `U` away: `Y = Q(a X + U) - U` has the law of
`a X + N`, `N` uniform over the cell and independent of `X`. The rate is

    H(Q(a X + U) | U) = I(X; a X + N) = h(a X + N) - log V,

at most `1/2 log2(2 pi e G)` bits per sample above the rate-distortion function at the same error. All depends on the scale
`s = a sigma_X`. Rates are in bits per sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtri

from drc.codes.cosets import CosetCoder
from drc.codes.grid import LEVELS, GridLaw, noise, probabilities
from drc.codes.lattices import Lattice

#: Scales that a code may have: rates from a hundredth of a bit to about ten bits.
SMALLEST, LARGEST = 2.0**-7, 2.0**8

#: From this scale on every coset has the same weight, up to `exp(-2 (pi s)^2)`.
_SMOOTH = 1.0


def coordinate_entropy(lattice: Lattice, scale: float) -> float:
    """Return `h` of one coordinate of `a X + N`.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> round(coordinate_entropy(lattice_named("Z"), 0.5), 4)  # of a normal variable of this variance: 1.2548
    1.2544
    """
    p = probabilities(lattice, scale)[1]
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum() - math.log2(LEVELS))


def coded_rate(lattice: Lattice, scale: float) -> float:
    """Return the rate of the code with exact tables: `h` of independent coordinates, normalised on each coset.

    It is the mutual information for "Z". For other lattices it is above it by the divergence of the cell's law from that of
    independent coordinates.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> round(coded_rate(lattice_named("E8"), 1.0), 4)
    2.097
    """
    return coordinate_entropy(lattice, scale) + _mean_normaliser(lattice, scale)


def _mean_normaliser(lattice: Lattice, scale: float) -> float:
    if lattice.n == 1 or scale >= _SMOOTH:
        return -math.log2(lattice.volume) / lattice.n
    dither = grid_dither(lattice, np.random.default_rng(0).random((2**11, lattice.n)))
    return float(np.log2(CosetCoder(GridLaw(lattice, scale)).normaliser(dither)).mean()) / lattice.n


def grid_dither(lattice: Lattice, uniforms: np.ndarray) -> np.ndarray:
    """Return points of the grid in the box of a lattice, as multiples of `1 / LEVELS`.

    Parameters
    ----------
    lattice : Lattice
    uniforms : array of shape (blocks, n)
        Multiples of `2**-53` in `[0, 1)`; the sides of the box are powers of two, so all is exact.

    Returns
    -------
    array of int64, shape (blocks, n)
    """
    sides = np.array([float(side * LEVELS) for side in lattice.box])
    return np.floor(uniforms * sides).astype(np.int64)


def mutual_information(lattice: Lattice, scale: float, samples: int = 1000) -> tuple[float, float]:
    """Return `I(X; a X + N) / n`, and the standard error of this number.

    Parameters
    ----------
    lattice : Lattice
    scale : float
    samples : int
        Draws of `a X + N`, at a fixed seed; not used for "Z", where the density is known.

    Returns
    -------
    (float, float)

    Notes
    -----
    `h(a X + N)` is the entropy of independent coordinates less the divergence from them. The divergence is a mean over
    samples; the density at each is an integral over the cell, by importance sampling from a normal law near `N` given
    `a X + N`, and the bias of its logarithm, half its relative variance, is taken away.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> value, error = mutual_information(lattice_named("E8"), 0.5, samples=100)
    >>> 1.22 < value < 1.23 and error < 1e-3
    True
    """
    exact = coordinate_entropy(lattice, scale) - math.log2(lattice.volume) / lattice.n
    if lattice.n == 1:
        return exact, 0.0
    rng = np.random.default_rng(0)
    points, density = _density(lattice, scale)
    found = np.empty(samples)
    cells = lattice.dither(rng.random((samples, lattice.n)))
    for i, y in enumerate(scale * rng.standard_normal((samples, lattice.n)) + cells):
        found[i] = _log_density(lattice, scale, y, rng) - np.log(np.interp(y, points, density)).sum()
    found /= lattice.n * math.log(2)
    return exact - float(found.mean()), float(found.std() / math.sqrt(samples))


def _density(lattice: Lattice, scale: float) -> tuple[np.ndarray, np.ndarray]:
    points, p = probabilities(lattice, scale)
    return points, np.maximum(p * LEVELS, 1e-300)


def _log_density(lattice: Lattice, scale: float, y: np.ndarray, rng: np.random.Generator, draws: int = 1024) -> float:
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


def free_error(lattice: Lattice, scale: float) -> float:
    """Return the least mean squared error of a multiple of `Y`, as a part of the variance of `X`.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> free_error(lattice_named("Z"), 1.0)
    0.07692307692307693
    """
    G = float(lattice.second_moment)
    return G / (G + scale**2)


def correlation(lattice: Lattice, scale: float) -> float:
    """Return the correlation of `X` and `T(Y)`, `T` the rising function that makes `Y` normal.

    A point of the grid is spread over the interval of the normal law that has its weight.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> g = lattice_named("Z")
    >>> correlation(g, 1.0) ** 2 < 1 - free_error(g, 1.0)
    True
    """
    _, p = probabilities(lattice, scale)
    counts = noise(lattice)
    reach = (len(p) + 1 - len(counts)) // 2
    bins = np.arange(-reach, reach + 1) / (LEVELS * scale)
    # E[X; Y = k] and E[T; Y = k]: of a standard normal variable on an interval, the difference of the density at its ends.
    X = np.convolve(-np.diff(_normal(bins)), counts / counts.sum())
    lower = np.concatenate([[-np.inf], ndtri(np.cumsum(p)[: len(p) // 2])])
    T = -np.diff(_normal(np.concatenate([lower, -lower[::-1]])))
    likely = p > 1e-18
    return float((X * T)[likely] @ (1 / p[likely]))


def _normal(x: np.ndarray) -> np.ndarray:
    return np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def label_information(lattice: Lattice, scale: float, rho: float) -> float:
    """Return `I(S; Y)` of one coordinate, for a label whose correlation with `X` is `rho`.

    Given the label, `a X` is normal with the scale `s sqrt(1 - rho^2)`, so it is the difference of two entropies.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> round(label_information(lattice_named("Z"), 0.5, 0.5), 4)  # with normal noise of this variance: 0.1497
    0.15
    """
    left = scale * math.sqrt(max(0.0, 1 - rho**2))
    return max(0.0, coordinate_entropy(lattice, scale) - coordinate_entropy(lattice, max(left, 1 / LEVELS)))


@lru_cache(maxsize=64)
def scale_for_rate(lattice: Lattice, rate: float) -> float:
    """Return the scale at which the code has this rate; 0 or `inf` where none of the allowed ones has."""
    return _root(lambda s: coded_rate(lattice, s) - rate)


def scale_for_error(lattice: Lattice, error: Callable[[Lattice, float], float], value: float) -> float:
    """Return the scale at which an error that falls with the scale has this value; 0 or `inf` where none has."""
    return _root(lambda s: value - error(lattice, s))


def _root(rising: Callable[[float], float]) -> float:
    if rising(SMALLEST) > 0:
        return 0.0
    if rising(LARGEST) < 0:
        return math.inf
    return 2.0 ** brentq(lambda t: rising(2.0**t), math.log2(SMALLEST), math.log2(LARGEST), xtol=1e-9)
