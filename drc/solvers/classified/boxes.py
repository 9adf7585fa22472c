"""Boxes of joint laws of the output and the label: `low <= P(Y=y, S=s) <= high`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.entropic.data import Data

#: Half the distance from one to the next double.
_U = 2.0**-53

#: How often the marginals tighten a box; the checker does it as often.
ROUNDS = 2


@dataclass(frozen=True, eq=False)
class Marginals:
    """What is known of every joint law: the law of the label, and that of the output if it is fixed.

    Attributes
    ----------
    labels : Interval, shape (n_S,)
    outputs : Interval, shape (n_Y,), or None
    n_Y : int

    Examples
    --------
    >>> known = Marginals(Interval.of([0.5, 0.5]), Interval.of([0.25, 0.75]), 2)
    >>> low, high = known.root()
    >>> high[0].tolist()
    [[0.25, 0.25], [0.5, 0.5]]
    >>> low, high = known.tightened(low, np.minimum(high, [[0.125, 1], [1, 1]]))
    >>> low[0].round(12).tolist()
    [[0.0, 0.125], [0.375, 0.25]]
    """

    labels: Interval
    outputs: Interval | None
    n_Y: int

    @classmethod
    def of(cls, data: Data) -> Marginals:
        """Take those of a problem, for the letters kept."""
        return cls(data.p_SX.sum(axis=1), data.p_Y, len(data.ys))

    def root(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the box of all laws; arrays of shape (1, n_Y, n_S)."""
        high = np.tile(self.labels.high, (self.n_Y, 1))
        if self.outputs is not None:
            high = np.minimum(high, self.outputs.high[:, None])
        return self.tightened(np.zeros((1, *high.shape)), high[None])

    def tightened(self, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cut off what the marginals forbid, rounded outwards.

        Parameters
        ----------
        low, high : array, shape (B, n_Y, n_S)

        Returns
        -------
        low, high : array, shape (B, n_Y, n_S)
            Some `low` exceeds its `high` only if the box is empty.
        """
        for _ in range(ROUNDS):
            ends = [_rest(self.labels.low[None, None], high, axis=1, up=False)]
            tops = [_rest(self.labels.high[None, None], low, axis=1, up=True)]
            if self.outputs is not None:
                ends.append(_rest(self.outputs.low[None, :, None], high, axis=2, up=False))
                tops.append(_rest(self.outputs.high[None, :, None], low, axis=2, up=True))
            low, high = np.maximum.reduce([low, *ends]), np.minimum.reduce([high, *tops])
        return low, high


def _rest(mass: np.ndarray, parts: np.ndarray, *, axis: int, up: bool) -> np.ndarray:
    """Return what the other parts along an axis leave of a mass, rounded up or down."""
    total = parts.sum(axis=axis, keepdims=True)
    error = 4 * (parts.shape[axis] + 2) * _U * (total + mass)
    return mass - (total - parts) + (error if up else -error)


def halves(low: np.ndarray, high: np.ndarray, splits: list[tuple[int, int, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Split each box at one coordinate; the two parts of a box follow each other.

    Parameters
    ----------
    low, high : array, shape (B, n_Y, n_S)
    splits : list of (y, s, t)

    Returns
    -------
    low, high : array, shape (2 B, n_Y, n_S)
    """
    low, high = np.repeat(low, 2, axis=0), np.repeat(high, 2, axis=0)
    for i, (y, s, t) in enumerate(splits):
        high[2 * i, y, s] = t
        low[2 * i + 1, y, s] = t
    return low, high


def where_to_split(low: np.ndarray, high: np.ndarray, law: np.ndarray) -> tuple[int, int, float]:
    """Choose the coordinate along which the chord is furthest below the entropy, and a point near the law proposed.

    Parameters
    ----------
    low, high, law : array, shape (n_Y, n_S)

    Returns
    -------
    (y, s, t)
    """
    width = high - low
    at = np.maximum(np.clip(law, low, high), 0.25 * width)
    total = at.sum(axis=1, keepdims=True)
    bend = width**2 * (1 / np.maximum(at, 1e-300) - 1 / np.maximum(total, 1e-300))
    y, s = np.unravel_index(int(np.argmax(np.where(width > 0, bend + 1e-6 * width**2, -1.0))), width.shape)
    w = width[y, s]
    return int(y), int(s), float(np.clip(law[y, s], low[y, s] + 0.25 * w, high[y, s] - 0.25 * w))
