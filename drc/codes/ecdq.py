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
from scipy.optimize import root_scalar
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
    """Return points of the grid in the box of a lattice, int64 multiples of `1 / LEVELS`, shape (blocks, n).

    The uniforms are multiples of `2**-53` in `[0, 1)` and the sides of the box powers of two, so all is exact.
    """
    sides = np.array([float(side * LEVELS) for side in lattice.box])
    return np.floor(uniforms * sides).astype(np.int64)


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
    found = root_scalar(lambda t: rising(2.0**t), bracket=(math.log2(SMALLEST), math.log2(LARGEST)), xtol=1e-9)
    return 2.0**found.root
