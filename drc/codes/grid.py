"""The law of one coordinate of `a X + N`, in whole numbers that every platform finds alike.

`X` is normal, `N` uniform over the Voronoi cell of a lattice, and `s = a sigma_X` is the scale: lengths are in units of the
lattice. Reconstructions before scaling lie on the grid `Z / LEVELS`, because the dither does; `weights` says with which
weight on which point. A weight is a sum of correctly rounded probabilities, proved by ball arithmetic, times counts of exact
lattice operations. So tables made of it depend on no mathematical library and on no order of additions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from flint import arb, fmpq
from scipy.special import ndtr

from drc.codes.lattices import Lattice
from drc.codes.sources import REACH
from drc.codes.tables import rounded_down

#: Points of the grid in a unit of length. The rate and the error do not depend on it, up to `exp(-2 (pi s LEVELS)^2)`: the
#: law of `a X + N` is smooth, and sampling it loses nothing (Poisson's summation formula).
LEVELS = 128

#: The probabilities of `a X` are rounded to multiples of 2**-_BITS.
_BITS = 40

#: Points of a cell that are counted for the law of a coordinate, and the generator of the rule that spreads them evenly.
_CELLS, _GENERATOR = 2**17, 17797


@dataclass(frozen=True)
class GridLaw:
    """The law of a coordinate of `a X + N` on the grid.

    Attributes
    ----------
    lattice : Lattice
        Of volume 1.
    scale : float
        `s`, the standard deviation of `a X`.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> law = GridLaw(lattice_named("Z"), 1.0)
    >>> int(law.weights.sum()) == law.total, len(law.weights) == 2 * law.half + 1
    (True, True)
    """

    lattice: Lattice
    scale: float

    @cached_property
    def reach(self) -> int:
        """How many bins of width `1 / LEVELS` lie between the mean of `a X` and its farthest value."""
        return math.ceil(REACH * self.scale * LEVELS)

    @property
    def half(self) -> int:
        """The farthest point of the grid, as a multiple of `1 / LEVELS`."""
        return self.reach + len(noise(self.lattice)) // 2 - 1

    @cached_property
    def weights(self) -> np.ndarray:
        """The weight of each point `-half, ..., half`, int64; none is 0, and they are symmetric."""
        return np.convolve(self._masses, noise(self.lattice)) + 1

    @cached_property
    def total(self) -> int:
        """The sum of the weights."""
        return int(self.weights.sum())

    @cached_property
    def _masses(self) -> np.ndarray:
        # P(l <= LEVELS a X < l + 1) for the bins from -reach: rounded differences of the distribution function.
        below = [_rounded_half_erf(bins, self.scale) for bins in range(self.reach + 1)]
        upper = np.diff(np.array(below, dtype=np.int64))
        return np.concatenate([upper[::-1], upper])


@lru_cache(maxsize=8)
def noise(lattice: Lattice) -> np.ndarray:
    """Return how often a coordinate of `N` lies in each bin of width `1 / LEVELS`, symmetric about 0; int64.

    Notes
    -----
    For "Z" the law is uniform. For other lattices 2**17 points of a cell, spread by the rule of [korobov1959], are counted,
    each under the symmetries that permute the coordinates and change their signs.
    """
    if lattice.n == 1:
        return np.ones(LEVELS, dtype=np.int64)
    steps = np.array([pow(_GENERATOR, i, _CELLS) for i in range(lattice.n)])
    spread = np.arange(_CELLS)[:, None] * steps % _CELLS
    # Odd multiples of a fine power of two: exact doubles, none of which lies on the border of a bin.
    cells = lattice.dither((2 * spread + 1) / (2 * _CELLS))
    bins = np.floor(cells * LEVELS).astype(np.int64).ravel()
    counts = np.bincount(bins + LEVELS, minlength=2 * LEVELS)
    found = counts + counts[::-1]
    found.setflags(write=False)
    return found


def _rounded_half_erf(bins: int, scale: float) -> int:
    """Round `2**_BITS P(0 <= LEVELS a X < bins)` down, proved."""
    if not bins:
        return 0
    numerator, denominator = scale.as_integer_ratio()
    argument = fmpq(bins * denominator, LEVELS * numerator)
    return rounded_down(lambda: (arb(argument) / arb(2).sqrt()).erf() * 2 ** (_BITS - 1))


def probabilities(lattice: Lattice, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the same law in doubles, for theory: its points, in units of the lattice, and their probabilities."""
    reach = max(1, math.ceil(REACH * scale * LEVELS))
    # The lower half, whose differences lose no digits.
    bins = np.diff(ndtr(np.arange(-reach, 1) / (LEVELS * scale)))
    counts = noise(lattice)
    found = np.convolve(np.concatenate([bins, bins[::-1]]), counts / counts.sum())
    half = len(found) // 2
    return np.arange(-half, half + 1) / LEVELS, found / found.sum()
