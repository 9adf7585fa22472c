"""The least distortion or rate over a grid of bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from drc.errors import must
from drc.numbers import whole
from drc.solvers.outcome import Solution
from drc.solvers.sweep.trace import (
    NOT_REACHED,
    Asking,
    Sweep,
    Trace,
    arrays_of,
    ends_of,
    is_range,
    sampled,
    values_of,
    whole_range,
)
from drc.tradeoff.plot import filled, label_lines
from drc.tradeoff.regions import outlines
from drc.tradeoff.style import drawing, figure_of, hatch, line_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drc.problems import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Surface(Trace):
    """`D(R, C)`, `R(D, C)` and their like on a grid, each point with proved bounds.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> s = surface(Finite([[0.5, 0], [0, 0.5]]), R=[0, 1], C=[0.5, 1])
    >>> print(s.to_csv())
    R,C,D,lower,upper,status
    0.0,0.5,inf,inf,inf,infeasible
    0.0,1.0,0.5,0.5,0.5,optimal
    1.0,0.5,0.0,0.0,0.0,optimal
    1.0,1.0,0.0,0.0,0.0,optimal
    <BLANKLINE>
    """

    @property
    def R(self) -> np.ndarray | None:
        """The bounds on the rate; None if it is minimised."""
        return self.axes.get("R")

    @property
    def D(self) -> np.ndarray | None:
        """The bounds on the distortion; None if it is minimised."""
        return self.axes.get("D")

    @property
    def P(self) -> np.ndarray | None:
        """The bounds on the perception measure; None if there is none."""
        return self.axes.get("P")

    @property
    def C(self) -> np.ndarray:
        """The bounds on what the classifier does not know."""
        return self.axes["C"]

    def __repr__(self) -> str:
        stopped = f", stopped: {self.stopped}" if self.stopped else ""
        shape = " x ".join(f"{len(values)} values of {name}" for name, values in self.axes.items())
        return f"Surface of {self.minimise}, {shape}{stopped}"

    def plot(self, ax: Axes | None = None, *, style: str | None = None) -> Axes:
        """Draw contours over two bounds, or a band if only one of them has more than one value.

        Parameters
        ----------
        ax, style
            As in `Tradeoff.plot`.

        Returns
        -------
        matplotlib axes
            Hatched where the problem is infeasible, or no plan is known. The largest gap between the proved bounds is in
            the title.

        Raises
        ------
        ProblemError
            If three bounds vary.
        """
        varying = [name for name, values in self.axes.items() if len(values) > 1]
        if len(varying) > 2:
            raise must(
                "a surface",
                "have two bounds that vary; fix one, or draw a surface for each value",
                got=", ".join(varying),
            )
        with drawing(ax, style) as ax:
            if len(varying) < 2:
                self._line(ax, varying[0] if varying else next(iter(self.axes)))
            else:
                self._map(ax, *varying)
        return ax

    def _map(self, ax: Axes, x: str, y: str) -> None:
        """Draw contours, and the line beyond which no plan is known."""
        xs, ys = self.axes[x], self.axes[y]
        # Between the bounds the colour is that of the plan's cost.
        values = np.where(np.isfinite(self.upper), self.value, np.inf).reshape(len(xs), len(ys))
        hatch(ax, xs[[0, -1]], ys[0], ys[-1], label="infeasible")
        lines = filled(ax, xs, ys, values, self.label(self.minimise))
        for line in outlines(xs, ys, values):
            ax.plot(*line.T, color="black", linewidth=line_width(1.1), zorder=4)
        ax.set(
            xlim=xs[[0, -1]], ylim=ys[[0, -1]], xlabel=self.label(x), ylabel=self.label(y), title=self._said_of_gap()
        )
        if not np.isfinite(values).all():
            ax.legend(loc="lower left", fontsize="small", framealpha=0.9, edgecolor="none")
        # The axes must have their place before lines are labelled.
        figure_of(ax).draw_without_rendering()
        label_lines(ax, lines)

    def _said_of_gap(self) -> str:
        finite = np.isfinite(self.upper)
        gap = float((self.upper[finite] - self.lower[finite]).max()) if finite.any() else 0.0
        return f"within {gap:.2g}" if gap > 1e-6 else ""

    def _line(self, ax: Axes, name: str) -> None:
        values, upper, lower = self.axes[name], self.upper.ravel(), self.lower.ravel()
        finite = np.isfinite(upper)
        ax.plot(values[finite], self.value.ravel()[finite], marker=".")
        ax.fill_between(values[finite], lower[finite], upper[finite], alpha=0.3, linewidth=0)
        ax.set(xlabel=self.label(name), ylabel=self.label(self.minimise))


def surface(problem: Problem, *, points: int = 13, **question: Unpack[Sweep]) -> Surface:
    """Solve a problem on a grid of bounds.

    Parameters
    ----------
    problem : Finite, Bernoulli, Gaussian or VectorGaussian
        With numbers for all parameters.
    R, C, D, P : array, (low, high) or number
        `R` and `C` for minimise="D", `D` and `C` for minimise="R", and `P` with a perception measure. A pair is a range:
        values are put into it where the optimum changes most. `"all"` is the whole range in which it changes; a bound
        left out is inactive. Of several costs or labels, `D` or `C` is a list of such bounds, with None where there is none.
    minimise : {"D", "R"}
    points : int
        How many values a range gets.
    tolerance, method, unit, perception, reference
        As in `solve`, for each point.
    time_limit : float, optional
        Seconds for the whole surface. When they are over, or at Ctrl-C, the points so far are returned; the others have
        the bounds that follow from them, and the status "not reached".
    progress : function of (description, done, total), optional

    Returns
    -------
    Surface

    Raises
    ------
    ProblemError
        For invalid bounds, or arrays that are not one-dimensional.

    Notes
    -----
    Each point starts from the answer at a neighbour. A new value of a range goes where the step across it is largest.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> surface(Finite([[0.5, 0], [0, 0.5]]), D=[0, 0.25], minimise="R").value.tolist()
    [[1.0], [0.5]]
    """
    asking, given = Asking.of(problem, question)
    points = whole("points", points, 2)
    grid = None
    with asking.clock.watching():
        grid = _Grid(asking, *_axes(given, asking), points)
        grid.fill()
    if grid is None:
        raise KeyboardInterrupt
    return grid.packed()


def _axes(given: dict[str, Any], asking: Asking) -> tuple[dict[str, list[float]], set[str]]:
    """Return the first values of each bound, and which of them are ranges that may get more."""
    axes, ranges, minimise = {}, set(), str(asking.options["minimise"])
    for name in asking.names:
        if name == minimise:
            continue
        bound = given.get(name)
        if isinstance(bound, str) and bound == "all":
            bound = whole_range(name, minimise, {}, asking)
        if is_range(bound):
            axes[name] = list(ends_of(name, bound))
            ranges.add(name)
        elif bound is not None:
            axes[name] = values_of(name, bound).tolist()
        elif name in ("R", "D", "C"):
            axes[name] = [math.inf]
    return axes, ranges


class _Grid:
    """The points of a surface while it grows: lines of new values go where the optimum changes most."""

    def __init__(self, asking: Asking, axes: dict[str, list[float]], ranges: set[str], points: int) -> None:
        self.asking, self.axes, self.ranges, self.points = asking, axes, ranges, points
        self.found: dict[tuple[float, ...], Solution] = {}
        asking.done = 0
        asking.wanted = math.prod(points if name in ranges else len(values) for name, values in axes.items())

    def fill(self) -> None:
        """Solve at all points, and at those of new values, until each range has enough."""
        while self._solve():
            growing = [name for name in self.axes if name in self.ranges and len(self.axes[name]) < self.points]
            if not growing:
                break
            # The axis with the fewest values is the next.
            name = min(growing, key=lambda axis: len(self.axes[axis]))
            self.axes[name] = sorted({*self.axes[name], self._new_value(name)})

    def _solve(self) -> bool:
        for index in self._snake():
            at = tuple(values[i] for values, i in zip(self.axes.values(), index, strict=True))
            if at in self.found:
                continue
            solution = self.asking.at(dict(zip(self.axes, at, strict=True)), self._neighbour(at))
            if solution is None:
                return False
            self.found[at] = solution
        return not self.asking.stopped

    def _snake(self) -> list[tuple[int, ...]]:
        """The indices of all points, each next to the one before."""
        path: list[tuple[int, ...]] = [()]
        for values in self.axes.values():
            steps = range(len(values))
            path = [(*head, i) for k, head in enumerate(path) for i in (steps if k % 2 == 0 else reversed(steps))]
        return path

    def _neighbour(self, at: tuple[float, ...]) -> Solution | None:
        """The answer at the nearest point that differs in one bound only, if one is known."""
        near = [
            (abs(other[k] - at[k]), other)
            for other in self.found
            for k in [i for i in range(len(at)) if other[i] != at[i]][:1]
            if sum(a != b for a, b in zip(at, other, strict=True)) == 1
        ]
        return self.found[min(near)[1]] if near else None

    def _new_value(self, name: str) -> float:
        """Where the largest step of the optimum along this bound is halved."""
        axis, values = list(self.axes).index(name), self.axes[name]
        upper = np.array([self.found[at].upper for at in product(*self.axes.values())]).reshape(self._shape())
        known = upper[np.isfinite(upper)]
        # The border of the feasible set counts as a step over the whole height.
        height = float(np.ptp(known)) or 1.0 if known.size else 1.0
        top = known.max() + height if known.size else 1.0
        steps = -np.diff(np.minimum(upper, top), axis=axis)
        largest = np.moveaxis(steps, axis, 0).reshape(len(values) - 1, -1).max(axis=1)
        k = int(np.argmax(np.maximum(largest, 1e-9 * height) * np.diff(values)))
        return (values[k] + values[k + 1]) / 2

    def _shape(self) -> tuple[int, ...]:
        return tuple(len(values) for values in self.axes.values())

    def packed(self) -> Surface:
        reached = ((at, self.found.get(at)) for at in product(*self.axes.values()))
        points = (self._implied(at) if s is None else (s.value, s.lower, s.upper, s.status) for at, s in reached)
        axes = {name: np.array(values) for name, values in self.axes.items()}
        found = arrays_of(points, self._shape())
        ends = sampled((self.found.get(at) for at in product(*self.axes.values())), self._shape())
        return Surface(**self.asking.described(), **found, axes=axes, held={}, sampled=ends)

    def _implied(self, at: tuple[float, ...]) -> tuple[float, float, float, str]:
        """What the points that were reached prove of another one: larger bounds never cost more."""
        lower, upper = 0.0, math.inf
        for other, s in self.found.items():
            if all(a <= b for a, b in zip(at, other, strict=True)):
                lower = max(lower, s.lower)
            if all(a >= b for a, b in zip(at, other, strict=True)):
                upper = min(upper, s.upper)
        return lower, lower, upper, NOT_REACHED
