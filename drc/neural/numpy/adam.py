"""Adam; all of its state is plain arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.errors import ProblemError

BLOCK = 1 << 14  # entries updated at a time, so that the arrays of an update stay in the cache


@dataclass(frozen=True)
class Adam:
    """First-order optimisation with moments of the gradient [kingma2015].

    Parameters
    ----------
    rate : float
        Step size.
    betas : tuple of float
        Decay of the mean of the gradient and of its square.
    epsilon : float
        What is added to the root of the second moment.

    Raises
    ------
    ProblemError
        For a rate or an epsilon that is not positive, and decays outside [0, 1).

    Examples
    --------
    >>> adam = Adam(rate=0.1)
    >>> w = [np.array([1.0])]
    >>> state = adam.initial(w)
    >>> for _ in range(200):
    ...     adam.update(w, [2 * w[0]], state)
    >>> bool(abs(w[0][0]) < 1e-3)
    True
    """

    rate: float = 1e-4
    betas: tuple[float, float] = (0.5, 0.999)
    epsilon: float = 1e-8

    def __post_init__(self):
        if not self.rate > 0 or not self.epsilon > 0:
            raise ProblemError(f"rate = {self.rate}, epsilon = {self.epsilon}: allowed are positive numbers")
        if not all(0 <= b < 1 for b in self.betas):
            raise ProblemError(f"betas = {self.betas}: allowed are two numbers, 0 <= beta < 1")

    def initial(self, weights: list[np.ndarray]) -> dict[str, Any]:
        """Return the state before the first step: `count`, and the moments `first` and `second` of each weight."""
        zeros = [np.zeros_like(w) for w in weights]
        return {"count": 0, "first": zeros, "second": [z.copy() for z in zeros]}

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], state: dict[str, Any], factor: float = 1.0
    ) -> None:
        """Make one step of size `factor * rate`: `weights` and `state` are changed in place.

        They are the one thing here that is: new arrays of this size at each step would cost more than the arithmetic.
        """
        state["count"] += 1
        b, c = self.betas
        correction = math.sqrt(1 - c ** state["count"])
        step = self.rate * factor * correction / (1 - b ** state["count"])
        epsilon = self.epsilon * correction  # so that the step is that of the corrected moments
        for arrays in zip(weights, gradients, state["first"], state["second"], strict=True):
            w, g, m, v = (a.reshape(-1) for a in arrays)
            for i in range(0, w.size, BLOCK):
                j = slice(i, i + BLOCK)
                slope = g[j]
                m[j] += (1 - b) * (slope - m[j])
                v[j] += (1 - c) * (slope * slope - v[j])
                root = np.sqrt(v[j])
                root += epsilon
                np.divide(m[j], root, out=root)
                root *= step
                w[j] -= root
