"""The deterministic maps of a problem, all of them, with what each adds to the quantities of a mix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.errors import ProblemError
from drc.solvers.entropic.data import Data
from drc.solvers.rounding import Interval

#: How many maps are enumerated at most.
MOST_MAPS = 300_000

#: Half the distance from one to the next double.
_U = 2.0**-53


@dataclass(frozen=True, eq=False)
class Maps:
    """All maps without a forbidden pair, for the letters kept.

    Attributes
    ----------
    data : Data

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Data.of(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5], classifier_sees="Y")))
    >>> maps.functions.tolist(), maps.distortion.tolist()
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [0.5, 0.0, 1.0, 0.5])
    """

    data: Data

    @cached_property
    def functions(self) -> np.ndarray:
        """`f(x)` for each map: integers, shape (K, n_X)."""
        n_X, n_Y = self.data.d.low.shape
        if n_Y**n_X > MOST_MAPS:
            raise ProblemError(f"{n_Y}^{n_X} maps are more than can be enumerated: allowed are {MOST_MAPS}")
        places = n_Y ** np.arange(n_X - 1, -1, -1)
        functions = np.arange(n_Y**n_X)[:, None] // places % n_Y
        allowed = np.isfinite(self.data.d.high)
        return functions[allowed[np.arange(n_X), functions].all(axis=1)]

    @cached_property
    def _indicator(self) -> np.ndarray:
        """Which map sends which x to which y, shape (K, n_X, n_Y)."""
        return np.eye(self.data.d.low.shape[1])[self.functions]

    @cached_property
    def distortion(self) -> np.ndarray:
        """`E d(X, f(X))`, shape (K,)."""
        n_X = self.functions.shape[1]
        return self.data.distortion[np.arange(n_X), self.functions] @ self.data.source

    @cached_property
    def laws(self) -> np.ndarray:
        """The law of `f(X)`, shape (K, n_Y)."""
        return np.einsum("kxy,x->ky", self._indicator, self.data.source)

    @cached_property
    def label_laws(self) -> np.ndarray:
        """`P(f(X)=y, S=s)`, shape (K, n_Y, n_S)."""
        p_SX = self.data.posterior * self.data.source
        return np.einsum("kxy,sx->kys", self._indicator, p_SX)

    @cached_property
    def rate(self) -> Interval:
        """`H(f(X))` in nats, shape (K,)."""
        return Interval.around(self.laws, 4 + self.functions.shape[1]).entropy_terms().sum(axis=1)

    def prices(self, D: np.ndarray, R: np.ndarray, nu: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Bound `D E d + R H(f(X)) - sum nu P(f(X)=y) + sum g P(f(X)=y, S=s)` of every map from below.

        Parameters
        ----------
        D, R : array, shape (B,)
        nu : array, shape (B, n_Y)
        slopes : array, shape (B, n_Y, n_S)

        Returns
        -------
        array, shape (B, K)
        """
        K, batch = len(self.functions), len(D)
        features = np.concatenate(
            [self.distortion[:, None], self.rate.low[:, None], self.laws, self.label_laws.reshape(K, -1)], axis=1
        )
        weights = np.concatenate([D[:, None], R[:, None], -nu, slopes.reshape(batch, -1)], axis=1)
        # Features are sums of products of few numbers, each right to some units in the last place.
        error = (4 * (self.functions.shape[1] + features.shape[1]) + 16) * _U
        return weights @ features.T - error * (np.abs(weights) @ features.T) - 1e-300

    def coupling(self, weights: np.ndarray) -> np.ndarray:
        """Return the joint law of `X` and `Y` of mixes, shape (B, n_X, n_Y), for weights of shape (B, K)."""
        return np.einsum("bk,kxy,x->bxy", weights, self._indicator, self.data.source)
