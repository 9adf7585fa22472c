"""Adam; all of its state is plain arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from drc.errors import must

#: The state of the optimisation by name: `count`, `first` and `second`.
Moments: TypeAlias = dict[str, np.ndarray]

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

    def __post_init__(self) -> None:
        if not self.rate > 0 or not self.epsilon > 0:
            raise must("rate and epsilon", "be positive", got=f"{self.rate} and {self.epsilon}")
        if not all(0 <= b < 1 for b in self.betas):
            raise must("betas", "be two numbers in [0, 1)", self.betas)

    def initial(self, weights: list[np.ndarray]) -> Moments:
        """Return the state before the first step: `count`, and the moments `first` and `second` of all weights in a row."""
        size, dtype = sum(w.size for w in weights), weights[0].dtype
        return {"count": np.zeros((), int), "first": np.zeros(size, dtype), "second": np.zeros(size, dtype)}

    def update(
        self, weights: list[np.ndarray], gradients: list[np.ndarray], state: Moments, factor: float = 1.0
    ) -> None:
        """Make one step of size `factor * rate`: `weights` and `state` are changed in place.

        They are the one thing here that is: new arrays of this size at each step would cost more than the arithmetic.
        """
        state["count"] += 1
        b, c = self.betas
        count = int(state["count"])
        correction = math.sqrt(1 - c**count)
        step = self.rate * factor * correction / (1 - b**count)
        epsilon = self.epsilon * correction  # so that the step is that of the corrected moments
        # In a row, since many of the arrays are so small that to call numpy for each takes longest.
        row = np.concatenate([g.reshape(-1) for g in gradients])
        for i in range(0, row.size, BLOCK):
            g, m, v = (array[i : i + BLOCK] for array in (row, state["first"], state["second"]))
            m += (1 - b) * (g - m)
            v += (1 - c) * (g * g - v)
            root = np.sqrt(v)
            root += epsilon
            np.divide(m, root, out=g)
            g *= step
        i = 0
        for w in weights:
            w -= row[i : i + w.size].reshape(w.shape)
            i += w.size
