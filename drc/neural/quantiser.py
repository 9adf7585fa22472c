"""Scalar quantisation with subtractive dither."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.errors import must

#: A learned law gives its latents the integers from -REACH to REACH.
REACH = 63

#: How many values the dither has where an integer table is kept for each.
PHASES = 16


@dataclass(frozen=True)
class Quantiser:
    """Centres at equal distances; the dither is one cell wide.

    With dither the error `Q(z + u) - u - z` is uniform on a cell whatever `z` is, as long as `z` is within the centres: the
    gradient of a dithered quantiser is that of the identity, exactly.

    Parameters
    ----------
    first, step : float
        The lowest centre, and the distance between neighbours.
    count : int
        How many centres.
    phases : int
        The dither takes this many values; 0 for all of a cell.
    softness : float
        Width of the soft assignment that a training differentiates, in cells; 0 for the straight-through gradient.

    Examples
    --------
    >>> q = Quantiser.of_levels(4)
    >>> z, u = np.array([[0.2, -1.0]]), np.array([[0.3, -0.33]])
    >>> q.index(z, u), q.value(q.index(z, u), u).round(3)
    (array([[2, 0]]), array([[ 0.033, -0.67 ]]))
    """

    first: float
    step: float
    count: int
    phases: int = 0
    softness: float = 0.0

    def __post_init__(self) -> None:
        if self.count < 2 or not self.step > 0:
            raise must("count and step", "be at least 2 and positive", got=f"{self.count} and {self.step}")
        if not self.softness >= 0:
            raise must("softness", "be at least 0", self.softness)

    @classmethod
    def of_levels(cls, levels: int, softness: float = 0.0) -> Quantiser:
        """Return the quantiser of a fixed rate: centres from -1 to 1."""
        if levels < 2:
            raise must("levels", "be at least 2", levels)
        return cls(-1.0, 2.0 / (levels - 1), levels, softness=softness)

    @classmethod
    def of_integers(cls) -> Quantiser:
        """Return the quantiser of a variable rate."""
        return cls(-float(REACH), 1.0, 2 * REACH + 1, PHASES)

    @cached_property
    def centres(self) -> np.ndarray:
        """The centres, shape (count,)."""
        return self.first + self.step * np.arange(self.count)

    def phase(self, uniforms: np.ndarray) -> np.ndarray:
        """Return which value of the dither numbers in [0, 1) stand for: integers below `phases`."""
        return (uniforms * self.phases).astype(np.intp)

    def dither(self, uniforms: np.ndarray) -> np.ndarray:
        """Return the dither of numbers in [0, 1), from half a step below zero to half a step above."""
        if self.phases:
            uniforms = (self.phase(uniforms) + 0.5) / self.phases
        return (uniforms - 0.5) * self.step

    def index(self, z: np.ndarray, dither: np.ndarray) -> np.ndarray:
        """Return the number of the centre nearest to `z + dither`."""
        k = np.rint((z + dither - self.first) / self.step)
        return np.clip(k, 0, self.count - 1).astype(np.intp)

    def value(self, index: np.ndarray, dither: np.ndarray) -> np.ndarray:
        """Return what a decoder knows of `z`: the centre less the dither."""
        return self.first + self.step * index - dither
