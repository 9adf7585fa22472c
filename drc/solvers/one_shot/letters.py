"""The letters of a one-shot problem in doubles, and what many maps cost at once.

Nothing here proves anything: doubles propose, and what they propose is proved elsewhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drc.solvers.one_shot.maps import Maps
from drc.solvers.pricing.cells import concave_term


@dataclass(frozen=True, eq=False)
class Letters:
    """The groups of source letters of a problem.

    Attributes
    ----------
    masses : array, shape (n_X, n_S)
        `p(s, x)`.
    distortion : array, shape (n_X, n_Y)
        `p(x) d(x, y)`; infinite for a forbidden pair.
    nat : float
        How many nats the unit of entropy is: `log` is in nats, `log / nat` in the unit.
    """

    masses: np.ndarray
    distortion: np.ndarray
    nat: float

    @classmethod
    def of(cls, maps: Maps) -> Letters:
        """Round the letters of a problem.

        Examples
        --------
        >>> from drc.problems import Finite
        >>> Letters.of(Maps(Finite([[0.5, 0], [0, 0.5]]))).evaluate(np.array([[0, 1]])).rate.tolist()
        [1.0]
        """
        return cls(
            np.array([[float(p) for p in row] for row in maps.masses]),
            np.array([[float(v) for v in row] for row in maps.weighted_distortion]).T,
            math.log(2) if maps.unit == "bits" else 1.0,
        )

    @classmethod
    def one_by_one(cls, maps: Maps) -> Letters:
        """Round the letters of a problem, each on its own; the order is that of the groups.

        Examples
        --------
        >>> from drc.problems import Finite
        >>> Letters.one_by_one(Maps(Finite([[0.5, 0.5]], [[0, 1], [0, 1]]))).masses.tolist()
        [[0.5], [0.5]]
        """
        together = cls.of(maps)
        if len(together.masses) == sum(map(len, maps.groups)):
            return together
        labels = [row for row in maps.problem.p_SX if any(p != 0 for p in row)]
        masses = np.array([[float(row[x]) for row in labels] for group in maps.groups for x in group])
        # A forbidden pair stays forbidden, also where a mass is so small that its multiples vanish.
        d = maps.problem.distortions[np.ix_([x for group in maps.groups for x in group], maps.ys)]
        weighted = np.where(np.isfinite(d), masses.sum(axis=1)[:, None] * np.where(np.isfinite(d), d, 0.0), np.inf)
        return cls(masses, weighted, together.nat)

    @cached_property
    def law(self) -> np.ndarray:
        """`p(x)`."""
        return self.masses.sum(axis=1)

    @cached_property
    def forbidden(self) -> np.ndarray | None:
        """Which pairs have infinite distortion; None if no pair has."""
        infinite = np.isinf(self.distortion)
        return infinite if infinite.any() else None

    @cached_property
    def finite(self) -> np.ndarray:
        """The distortion, with zeros for forbidden pairs."""
        return self.distortion if self.forbidden is None else np.where(self.forbidden, 0.0, self.distortion)

    @cached_property
    def spread(self) -> float:
        """An upper bound on the distortion of any map that is allowed."""
        return float(self.finite.max(axis=1).sum())

    def allowed(self, assignments: np.ndarray) -> np.ndarray:
        """Return those maps, given as rows, that use no forbidden pair."""
        if self.forbidden is None:
            return assignments
        return assignments[~self.forbidden[np.arange(len(self.masses)), assignments].any(axis=1)]

    def cells(self, assignments: np.ndarray) -> np.ndarray:
        """Return `p(s, f^-1(y))` of maps given as rows; shape (count, n_Y, n_S)."""
        inside = assignments[:, None, :] == np.arange(self.distortion.shape[1])[:, None]
        return inside @ self.masses

    def evaluate(self, assignments: np.ndarray) -> Evaluated:
        """Return what maps, given as rows of places in `Maps.ys`, contribute to the linear program."""
        cells = self.cells(assignments)
        return Evaluated(
            self.distortion[np.arange(len(self.masses)), assignments].sum(axis=1),
            concave_term(cells, 1.0, 0.0).sum(axis=1) / self.nat,
            np.maximum(concave_term(cells, 0.0, 1.0).sum(axis=1), 0.0) / self.nat,
            cells.sum(axis=2),
        )


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Distortion, rate, `H(S|f(X))` (shape (count,)) and output law (shape (count, n_Y)) of maps."""

    distortion: np.ndarray
    rate: np.ndarray
    classification: np.ndarray
    law: np.ndarray

    def quantity(self, name: str) -> np.ndarray:
        """Return `D`, `R` or `C` by its letter."""
        return {"D": self.distortion, "R": self.rate, "C": self.classification}[name]
