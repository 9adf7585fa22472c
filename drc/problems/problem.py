"""What every problem can be asked; theorems and solvers, which are above it, answer through `drc.doors`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from drc import doors
from drc.problems.validation import choice
from drc.units import unit_named

if TYPE_CHECKING:
    from drc.doors import Curve, Surface, Tradeoff


class Problem(ABC):
    """Base of the problems, which are frozen dataclasses."""

    @property
    @abstractmethod
    def id(self) -> str:
        """The setting's name in the catalogue."""

    def changed(self, **parameters: Any) -> Self:
        """Return the problem with other values of some parameters."""
        return replace(self, **parameters)  # pyright: ignore[reportArgumentType]

    def _tradeoff(self, name: str, form: str, unit: str) -> Tradeoff:
        """Return the trade-off of this name, derived or as a paper prints it."""
        formula = {"exact": doors.theorem, "published": doors.published}[choice("form", form, ("exact", "published"))]
        return formula(f"{self.id}.{name}")(self, unit_named(unit))

    def curve(self, **options: Any) -> Curve:
        """Trace the least distortion or rate along one bound; see `drc.solvers.curve`.

        Parameters
        ----------
        R, C, D, P : number, (low, high), or array
            Bounds. A pair is a range in which points are put where they are needed; a list holds the points.
        minimise : {"D", "R"}
        along : {"R", "D", "P", "C"}, optional
            A bound that varies over the whole range in which the optimum changes; the default is the rate.
        points : int
            At most this many.
        resolution, tolerance, time_limit, method, unit, progress
            As in `drc.solvers.curve`.

        Returns
        -------
        Curve
            With `table()`, `to_csv()`, `frame()`, `plot()`, `lower_at(x)` and `upper_at(x)`.

        Raises
        ------
        ProblemError
            For invalid bounds, or a range that has no end.

        Examples
        --------
        >>> import drc
        >>> c = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).curve(R=[0, 0.4, 0.8], C=0.95)
        >>> c.value.round(4).tolist()
        [0.46, 0.2694, 0.1]
        """
        return doors.curve(self, **options)

    def surface(self, **options: Any) -> Surface:
        """Solve on a grid of bounds; see `drc.solvers.surface`.

        Parameters
        ----------
        R, C, D, P : array, (low, high) or "all"
            Bounds: values, or a range that is filled with `points` values where they are needed.
        minimise : {"D", "R"}
        points : int
            How many values a range gets.
        tolerance, time_limit, method, unit, progress
            As in `drc.solvers.surface`.

        Returns
        -------
        Surface
            With `table()`, `to_csv()`, `frame()` and `plot()`.

        Raises
        ------
        ProblemError
            For invalid bounds.

        Examples
        --------
        >>> import drc
        >>> drc.Finite([[0.5, 0], [0, 0.5]]).surface(R=[0, 1], C=[0.5, 1]).value.round(9).tolist()
        [[inf, 0.5], [0.0, 0.0]]
        """
        return doors.surface(self, **options)
