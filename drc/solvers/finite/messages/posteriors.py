"""Posteriors of the source given a message: what they cost at given prices, and cheap ones by alternating minimisation.

A message that leaves the posterior `p` of the source and has the output letter `y` costs, in nats,

    a <d_y, p> + lambda D(p || p_X) + mu H(S|p) - <u, p>.

The label's entropy is the least cross-entropy: `H(S|p) = min over r of -<W p, log r>`, where `W` is the channel from the
source to the label.  For fixed `r` the best `p` is a softmax, and the best `r` is `W p`: neither step raises the cost
([tishby1999]).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drc.solvers.arithmetic.batch import Batch
from drc.solvers.finite.asymptotic.data import Data

#: How many of Newton's steps follow the alternation, which is slow near its end.
_NEWTON = 4

#: What stands in for a probability of zero.
_TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Prices:
    """Multipliers, in nats: of distortion, rate and the label's entropy, with the objective's share in them, and of a law.

    `R` is positive, `D` and `C` are not negative; `u`, of shape (n_X,), is of the law of the source. `objective` is 1,
    or 0 where it is to be shown that nothing is feasible.
    """

    D: float
    R: float
    C: float
    u: np.ndarray
    objective: int = 1

    def towards(self, other: Prices, share: float) -> Prices:
        """Return the prices this share of the way to others."""

        def mean(a: float, b: float) -> float:
            return (1 - share) * a + share * b

        u = (1 - share) * self.u + share * other.u
        return Prices(mean(self.D, other.D), mean(self.R, other.R), mean(self.C, other.C), u, self.objective)


@dataclass(frozen=True, eq=False)
class Messages(Batch):
    """Messages: the posterior of the source given each, and its output letter.

    `posteriors` has the shape (J, n_X), `letters` (J,).
    """

    posteriors: np.ndarray
    letters: np.ndarray

    @classmethod
    def of_plan(cls, joint: np.ndarray) -> tuple[np.ndarray, Messages]:
        """Return the masses of the output letters of a joint law, of shape (n_X, n_Y), and the letters as messages."""
        ys = np.flatnonzero(joint.sum(axis=0) > 0)
        mass = joint[:, ys].sum(axis=0)
        return mass, cls((joint[:, ys] / mass).T, ys)

    def __len__(self) -> int:
        return len(self.letters)

    def labels(self, data: Data) -> np.ndarray:
        """Return the posteriors of the label, shape (J, n_S)."""
        return self.posteriors @ data.posterior.T

    def measured(self, data: Data) -> dict[str, np.ndarray]:
        """Return what each contributes per unit of mass to "D", "R" and "C", in nats.

        Examples
        --------
        >>> from drc.problems.finite import Finite
        >>> data = Data.of(Finite([[0.5, 0], [0, 0.5]]))
        >>> found = Messages(np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([0, 0])).measured(data)
        >>> found["D"].tolist(), found["R"].round(3).tolist(), found["C"].round(3).tolist()
        ([0.0, 0.5], [0.693, 0.0], [0.0, 0.693])
        """
        p = self.posteriors
        costs = data.distortion[:, self.letters].T
        return {
            "D": (p * np.where(p > 0, costs, 0.0)).sum(axis=1),
            "R": (p * np.log(np.maximum(p, _TINY) / data.source)).sum(axis=1),
            "C": entropies(self.labels(data)),
        }

    def costs(self, data: Data, prices: Prices) -> np.ndarray:
        """Return what they cost at prices, shape (J,)."""
        found = self.measured(data)
        return prices.D * found["D"] + prices.R * found["R"] + prices.C * found["C"] - self.posteriors @ prices.u


def entropies(laws: np.ndarray) -> np.ndarray:
    """Return the entropy of each row, in nats.

    Examples
    --------
    >>> entropies(np.array([[1.0, 0.0], [0.5, 0.5]])).round(3).tolist()
    [0.0, 0.693]
    """
    return 0.0 - (laws * np.log(np.maximum(laws, _TINY))).sum(axis=1)


def exponents(data: Data, prices: Prices) -> np.ndarray:
    """Return `log p(x) + (u_x - a d(x, y)) / lambda`, shape (n_Y, n_X); minus infinity for a forbidden pair."""
    with np.errstate(invalid="ignore"):
        costs = np.where(np.isfinite(data.distortion), prices.D * data.distortion, np.inf)
    return np.log(data.source) + (prices.u - costs.T) / prices.R


def settled(data: Data, prices: Prices, letters: np.ndarray, labels: np.ndarray, rounds: int) -> Messages:
    """Alternate between posteriors of the source and of the label.

    `letters` has the shape (J,), and `labels`, of shape (J, n_S), are the posteriors of the label to begin with.

    Examples
    --------
    >>> from drc.problems.finite import Finite
    >>> data = Data.of(Finite([[0.5, 0], [0, 0.5]]))
    >>> prices = Prices(1.0, 0.1, 0.1, np.zeros(2))
    >>> settled(data, prices, np.array([0]), np.array([[0.5, 0.5]]), 40).posteriors.round(3).tolist()
    [[1.0, 0.0]]
    """
    base, W = exponents(data, prices)[letters], data.posterior
    found = Messages(np.zeros((len(letters), len(data.xs))), letters)
    for _ in range(rounds):
        found = Messages(_softmax(base + (prices.C / prices.R) * (np.log(np.maximum(labels, _TINY)) @ W)), letters)
        labels = found.posteriors @ W.T
    costs = found.costs(data, prices)
    for _ in range(_NEWTON):
        log = np.log(np.maximum(labels, _TINY)) + _newton(data, prices, found)
        news = Messages(_softmax(base + (prices.C / prices.R) * (log @ W)), letters)
        changed = news.costs(data, prices)
        better = changed < costs
        if not better.any():
            break
        found.posteriors[better], costs[better] = news.posteriors[better], changed[better]
        labels = found.posteriors @ W.T
    return found


def _softmax(logits: np.ndarray) -> np.ndarray:
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    return p / p.sum(axis=1, keepdims=True)


def _newton(data: Data, prices: Prices, messages: Messages) -> np.ndarray:
    """Return Newton's step of the logarithms of the label's posteriors to where the alternation stays, shape (J, n_S)."""
    base, W, ratio = exponents(data, prices)[messages.letters], data.posterior, prices.C / prices.R
    log = np.log(np.maximum(messages.labels(data), _TINY))
    p = _softmax(base + ratio * (log @ W))
    r = np.maximum(p @ W.T, _TINY)
    change = ((p[:, None, :] * W) @ W.T) / r[:, :, None] - r[:, None, :]
    matrix = ratio * change - np.eye(len(W))
    try:
        step = np.linalg.solve(matrix, (log - np.log(r))[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        return np.zeros(log.shape)
    return np.where(np.isfinite(step), np.clip(step, -1.0, 1.0), 0.0)
