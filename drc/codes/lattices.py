"""Lattices whose nearest point is found in a few operations: `Z^n`, `D_n` and `E_8` ([conway1982]).

`D_n` are the integer points with an even sum; `E_8` is `D_8` together with `D_8` shifted by one half in every coordinate.
All three contain `s Z^n` with `s` 1 or 2, so that a point is one of few cosets and, in every coordinate, a whole number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from drc.errors import must


@dataclass(frozen=True)
class Lattice:
    """A lattice in `n` dimensions.

    Attributes
    ----------
    name : str
        "Z", "D4", "E8" and so on.
    n : int
        Its dimension.
    period : int
        `s`: the lattice contains `s Z^n`.
    shifts : tuple of Fraction
        The lattice is the union of a set of integer points, shifted by each of these in all coordinates.
    is_even : bool
        Whether only integer points with an even sum are in that set.

    Notes
    -----
    Source: [conway1982] for the nearest points and the second moments.

    Examples
    --------
    >>> E8 = lattice_named("E8")
    >>> E8.nearest([0.4, 0.6, 0.5, 0.5, 0.4, 0.5, 0.5, 0.6]).tolist()
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]
    >>> E8.volume, E8.second_moment
    (1.0, Fraction(929, 12960))
    """

    name: str
    n: int
    period: int
    shifts: tuple[Fraction, ...]
    is_even: bool

    @property
    def box(self) -> tuple[Fraction, ...]:
        """The sides of a box that tiles space by the lattice: the diagonal of a triangular basis."""
        last = (Fraction(1, len(self.shifts)),)
        return (Fraction(self.period),) + (Fraction(1),) * (self.n - 2) + last if self.n > 1 else last

    @property
    def volume(self) -> float:
        """The volume of a cell."""
        return float(math.prod(self.box))

    @property
    def second_moment(self) -> Fraction:
        """`E |N|^2 / n` of a point `N` that is uniform over the Voronoi cell of the origin."""
        if not self.is_even:
            return Fraction(1, 12)
        if len(self.shifts) == 2:
            return Fraction(929, 12960)
        return Fraction(1, 12) + Fraction(1, 2 * self.n * (self.n + 1))

    @property
    def G(self) -> float:
        """The second moment without a dimension: divided by `volume^(2/n)`; 1/12 for `Z`, 1/(2 pi e) for a ball at best."""
        return float(self.second_moment) / self.volume ** (2 / self.n)

    @property
    def gap(self) -> float:
        """`1/2 log2(2 pi e G)`: how many bits per sample a dithered quantiser may lie above the rate-distortion function."""
        return math.log2(2 * math.pi * math.e * self.G) / 2

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Return the lattice point nearest to each of the points, of shape (..., n); of two at one distance, either."""
        points = np.asarray(points, dtype=float)
        if points.ndim == 0 or points.shape[-1] != self.n:
            raise must("points", f"have the shape (..., {self.n}) for {self.name}", got=f"{points.shape}")
        best = self._nearest_in(points, self.shifts[0])
        for shift in self.shifts[1:]:
            other = self._nearest_in(points, shift)
            nearer = _distances(points, other) < _distances(points, best)
            best = np.where(nearer[..., None], other, best)
        return best

    def modulo(self, points: np.ndarray) -> np.ndarray:
        """Return what is left of the points when their nearest lattice points are taken away."""
        return np.asarray(points, dtype=float) - self.nearest(points)

    def dither(self, uniforms: np.ndarray) -> np.ndarray:
        """Return points that are uniform over the Voronoi cell of the origin, from uniforms on `[0, 1)` of shape (..., n).

        A point that is uniform over any region that tiles space by the lattice is so modulo the lattice.
        """
        return self.modulo(np.asarray(uniforms) * np.array(self.box, dtype=float))

    def _nearest_in(self, points: np.ndarray, shift: Fraction) -> np.ndarray:
        moved = points - float(shift)
        rounded = np.rint(moved)
        if self.is_even:
            # A point with an odd sum is left by the cheapest step: the coordinate farthest from its integer turns round.
            errors = moved - rounded
            worst = np.abs(errors).argmax(axis=-1)[..., None]
            step = np.where(np.take_along_axis(errors, worst, -1) < 0, -1.0, 1.0)
            step *= (rounded.sum(axis=-1) % 2)[..., None]
            np.put_along_axis(rounded, worst, np.take_along_axis(rounded, worst, -1) + step, -1)
        return rounded + float(shift)


def _distances(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    difference = points - others
    return np.einsum("...i,...i->...", difference, difference)


def lattice_named(name: str) -> Lattice:
    """Return the lattice called "Z" (or "Z2", "Z3", ...), "D2", "D3", ... or "E8".

    Examples
    --------
    >>> round(lattice_named("D4").G, 6)
    0.076603
    """
    found = re.fullmatch(r"(Z|D)([1-9]\d{0,2})?", name) if isinstance(name, str) else None
    if name == "E8":
        return Lattice("E8", 8, 2, (Fraction(0), Fraction(1, 2)), True)
    if found and found[1] == "Z":
        return Lattice(name, int(found[2] or 1), 1, (Fraction(0),), False)
    if found and found[2] and int(found[2]) > 1:
        return Lattice(name, int(found[2]), 2, (Fraction(0),), True)
    raise must("lattice", "be 'E8', or one of 'Z', 'Z2', ...; 'D2', 'D3', ...", name)
