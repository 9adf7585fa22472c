"""A number that was estimated from samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

from drc.errors import must


@dataclass(frozen=True)
class Estimate:
    """A number that was measured, and how far it may be from the truth.

    Attributes
    ----------
    value : float
        With the bias taken out.
    error : float
        The standard error.
    plug_in : float
        The value before the bias was taken out.
    step : float
        What one sample more could change: a rare event that never happened has an error that no sample shows.
    """

    value: float
    error: float
    plug_in: float
    step: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the ends between which the truth lies with this probability.

        Examples
        --------
        >>> low, high = Estimate(value=0.5, error=0.05, plug_in=0.5, step=0.01).interval()
        >>> round(low, 3), round(high, 3)
        (0.402, 0.598)
        """
        from scipy.special import ndtri

        if not 0 < level < 1:
            raise must("level", "be in (0, 1)", level)
        reach = float(ndtri(0.5 + level / 2)) * self.error
        return self.value - reach, self.value + reach

    def z(self, truth: float) -> float:
        """Return how many standard errors the value lies above a number; the error counts no less than one sample."""
        return (self.value - truth) / math.hypot(self.error, self.step)
