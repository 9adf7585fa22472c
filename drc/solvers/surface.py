"""The least distortion or rate over a grid of bounds."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.problems.finite import Finite
from drc.solvers.finite import active_bounds, solve_program
from drc.solvers.one_shot.maps import Maps
from drc.solvers.one_shot.program import Program
from drc.tradeoff.plot import COLOURS, new_axes
from drc.units import unit_named


@dataclass(frozen=True, eq=False)
class Surface:
    """`D(R, C)` or `R(D, C)` on a grid, each point with proved bounds.

    Attributes
    ----------
    problem : str
        The problem, described.
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    R, D, C : array or None
        The bounds; one of `R` and `D` is None: what is minimised.
    value, lower, upper : array, shape (len(R) or len(D), len(C))
        `inf` where infeasible.
    status : array of str, of the same shape

    Examples
    --------
    >>> s = surface(Finite([[0.5, 0], [0, 0.5]]), R=[0, 1], C=[0.5, 1])
    >>> print(s.to_csv())
    R,C,D,lower,upper,status
    0.0,0.5,inf,inf,inf,infeasible
    0.0,1.0,0.5,0.5,0.5,optimal
    1.0,0.5,0.0,0.0,0.0,optimal
    1.0,1.0,0.0,0.0,0.0,optimal
    <BLANKLINE>
    """

    problem: str
    minimise: str
    unit: str
    R: np.ndarray | None
    D: np.ndarray | None
    C: np.ndarray
    value: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    status: np.ndarray

    @property
    def first(self) -> tuple[str, np.ndarray]:
        """The bound along the first axis: its letter and values."""
        return ("R", self.R) if self.minimise == "D" else ("D", self.D)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a point: the two bounds, the value, its bounds, the status."""
        name, values = self.first
        return [
            {
                name: float(values[i]),
                "C": float(self.C[j]),
                self.minimise: float(self.value[i, j]),
                "lower": float(self.lower[i, j]),
                "upper": float(self.upper[i, j]),
                "status": str(self.status[i, j]),
            }
            for i, j in np.ndindex(self.value.shape)
        ]

    def to_csv(self) -> str:
        """Return the table as CSV, every number in full."""
        rows = self.table()
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def plot(self, ax: Any = None) -> Any:
        """Draw contours over the two bounds, or a curve if one of them has a single value.

        Parameters
        ----------
        ax : matplotlib axes, optional

        Returns
        -------
        matplotlib axes
            Where the problem is infeasible, the hatched ground shows.
        """
        ax = new_axes() if ax is None else ax
        name, values = self.first
        if 1 in self.value.shape:
            name, values = self.first if len(self.C) == 1 else ("C", self.C)
            finite = np.isfinite(self.value.ravel())
            ax.plot(values[finite], self.value.ravel()[finite], marker=".")
            ax.set(xlabel=self._label(name), ylabel=self._label(self.minimise))
            return ax
        ax.patch.set(hatch="///", edgecolor="0.7")
        shown = np.ma.masked_invalid(self.value.T)
        if shown.count():
            levels = 12 if np.ptp(shown.compressed()) > 0 else [shown.min(), shown.min() + 1]
            drawn = ax.contourf(values, self.C, shown, levels=levels, cmap=f"{COLOURS}_r")
            ax.figure.colorbar(drawn, ax=ax, label=self._label(self.minimise))
        ax.set(xlabel=self._label(name), ylabel=self._label("C"), title="hatched: infeasible")
        return ax

    def _label(self, name: str) -> str:
        unit = unit_named(self.unit).short
        words = {"D": "distortion D", "R": f"rate R ({unit})", "C": f"bound C on H(S|Y,U) ({unit})"}
        return words[name]


def surface(
    problem: Finite, *, R: Any = None, C: Any = None, D: Any = None, minimise: str = "D", unit: str = "bits"
) -> Surface:
    """Solve a problem on a grid of bounds.

    Parameters
    ----------
    problem : Finite
        One shot, the classifier sees (Y, U).
    R, C, D : array, one-dimensional
        `R` and `C` for minimise="D", `D` and `C` for minimise="R"; one left out is inactive.
    minimise : {"D", "R"}
    unit : {"bits", "nats"}

    Returns
    -------
    Surface

    Raises
    ------
    ProblemError
        For bounds that are no bounds, or arrays that are not one-dimensional.

    Notes
    -----
    The maps and their entropies are the same at all points, and maps found useful at one point start the next.

    Examples
    --------
    >>> surface(Finite([[0.5, 0], [0, 0.5]]), D=[0, 0.25], minimise="R").value.tolist()
    [[1.0], [0.5]]
    """
    name = "R" if minimise == "D" else "D"
    given = {"R": R, "C": C, "D": D}
    axes = {key: _axis(key, given[key]) for key in (name, "C")}
    if given.get(minimise) is not None:
        raise ProblemError(f"{minimise} bounds what is minimised: allowed are bounds on {name} and C")
    maps, pool = Maps(problem, unit_named(unit).name), []
    shape = len(axes[name]), len(axes["C"])
    value, lower, upper, status = (np.empty(shape, kind) for kind in (float, float, float, "<U10"))
    for i, j in np.ndindex(shape):
        bounds = active_bounds(minimise, **{name: axes[name][i], "C": axes["C"][j]})
        program = Program(maps, minimise, bounds)
        s = solve_program(program, tolerance=1e-9, time_limit=None, method="highs", pool=pool)
        value[i, j], lower[i, j], upper[i, j], status[i, j] = s.value, s.lower, s.upper, s.status
    arrays = {"R": None, "D": None, **axes}
    return Surface(repr(problem), minimise, maps.unit, **arrays, value=value, lower=lower, upper=upper, status=status)


def _axis(name: str, values: Any) -> np.ndarray:
    if values is None:
        return np.array([math.inf])
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise ProblemError(f"{name} = {values!r} is no array: allowed are numbers") from None
    if array.ndim != 1 or array.size == 0:
        raise ProblemError(f"{name} has shape {array.shape}: allowed is a list of bounds, shape (n,)")
    return array
