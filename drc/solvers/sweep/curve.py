"""The least distortion or rate along one bound, with points where they are needed."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from drc.errors import must
from drc.numbers import real, whole
from drc.problems.validation import choice, number
from drc.solvers.arithmetic.balls import exact_or_ball, float_above, float_below
from drc.solvers.outcome import Solution
from drc.solvers.sweep.trace import (
    Asking,
    Sweep,
    Trace,
    arrays_of,
    ends_of,
    is_convex,
    is_range,
    sampled,
    values_of,
    varies,
    whole_range,
)
from drc.tradeoff.style import drawing, hatch_span, ordered, ruled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drc.problems import Problem


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve(Trace):
    """The least `D` or `R` along one bound.

    Between its points too the optimum is proved to lie in a band: it falls as the bound grows, and where time can be
    shared it is convex, so that chords bound it from above and, prolonged, from below.

    Attributes
    ----------
    along : {"R", "D", "P", "C"}
        The bound that varies; "D2", "C2", ... are those of further costs and labels.
    convex : bool
        Whether the optimum is known to be convex along it.
    solutions : tuple of Solution
        One for each point, with plans and certificates.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> c = Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5]).curve(R=[0, 0.5, 1])
    >>> c.value.round(9).tolist(), c.lower_at(0.25), c.upper_at(0.25)
    ([0.5, 0.25, 0.0], 0.375, 0.375)
    >>> print(c.to_csv())
    R,D,lower,upper,status
    0.0,0.5,0.5,0.5,optimal
    0.5,0.25,0.25,0.25,optimal
    1.0,0.0,0.0,0.0,optimal
    <BLANKLINE>
    """

    along: str
    convex: bool
    solutions: tuple[Solution, ...]

    @property
    def x(self) -> np.ndarray:
        """The values of the bound that varies, in increasing order."""
        return self.axes[self.along]

    def upper_at(self, x: float) -> float:
        """Bound the optimum at any value of the bound from above; proved, as at the points."""
        return _above(self, _exactly(x))

    def lower_at(self, x: float) -> float:
        """Bound the optimum at any value of the bound from below; proved, as at the points."""
        return _below(self, _exactly(x))

    def __repr__(self) -> str:
        stopped = f", stopped: {self.stopped}" if self.stopped else ""
        held = self._said_of_held()
        return (
            f"Curve of {self.minimise} along {self.along}, {len(self.x)} points in [{self.x[0]:g}, {self.x[-1]:g}]"
            f"{' at ' + held if held else ''}{stopped}"
        )

    def plot(self, ax: Axes | None = None, *, style: str | None = None) -> Axes:
        """Draw the curve with the band in which the optimum is proved to lie.

        Parameters
        ----------
        ax, style
            As in `Tradeoff.plot`.

        Returns
        -------
        matplotlib axes
            Hatched where the problem is infeasible; lightly shaded where that is not known.
        """
        with drawing(ax, style) as ax:
            self._draw(ax)
        return ax

    def _draw(self, ax: Axes) -> None:
        at = np.union1d(self.x, np.linspace(self.x[0], self.x[-1], 201))
        lower = np.array([self.lower_at(x) for x in at])
        upper = np.array([self.upper_at(x) for x in at])
        known = np.isfinite(upper)
        (colour,) = ordered(1)
        ax.fill_between(
            at[known], lower[known], upper[known], color=colour, alpha=0.3, linewidth=0, label="proved band"
        )
        if self.sampled is not None:
            low, high = np.where(np.isfinite(self.sampled), self.sampled, np.nan)
            ax.fill_between(self.x, low, high, color="0.85", linewidth=0, label="95 % of samples", zorder=0)
        shown = np.isfinite(self.upper)
        style: dict[str, Any] = {"linestyle": "-" if self.convex else "none", "color": colour}
        ax.plot(self.x[shown], self.value[shown], marker=".", **style)
        edge = at[known][0] if known.any() else at[-1]
        proved = at[lower == np.inf]
        border = proved[-1] if proved.size else at[0]
        if border > at[0] or not known.any():
            hatch_span(ax, at[0], border, label="infeasible")
        if edge > border:
            ax.axvspan(border, edge, color="0.9", linewidth=0, label="not known")
        ax.set(xlabel=self.label(self.along), ylabel=self.label(self.minimise), xlim=(at[0], at[-1]))
        ruled(ax)
        title = f"at {self._said_of_held()}" if self.held else None
        ax.legend(fontsize="small", framealpha=0.9, edgecolor="none", title=title, title_fontsize="small")


def _exactly(x: float) -> Fraction:
    """A bound as `solve` takes it: the decimal that it prints as."""
    return Fraction(repr(float(x)))


def _above(curve: Curve, x: Fraction) -> float:
    uppers, points = curve.upper, [_exactly(point) for point in curve.x]
    right = bisect.bisect_right(points, x)
    if right == 0:
        return math.inf
    best = float(uppers[:right].min())
    if curve.convex and right < len(curve.x) and math.isfinite(uppers[right]) and math.isfinite(uppers[right - 1]):
        (a, u), (b, v) = ((points[i], Fraction(float(uppers[i]))) for i in (right - 1, right))
        best = min(best, float_above(exact_or_ball(u + (v - u) * (x - a) / (b - a))))
    return best


def _below(curve: Curve, x: Fraction) -> float:
    points = [_exactly(point) for point in curve.x]
    left, right = bisect.bisect_right(points, x), bisect.bisect_left(points, x)
    # Neither a rate nor a distortion is negative, and a larger bound never costs more.
    best = max([0.0, *curve.lower[right:].tolist()])
    if not curve.convex or best == math.inf:
        return best
    # The chord of a far and a near point of one side lies below a convex function beyond the near one.
    ends = ([Fraction(v) if math.isfinite(v) else v for v in side.tolist()] for side in (curve.upper, curve.lower))
    uppers, lowers = ends
    chords = (_line(points, far, near, uppers, lowers, x) for far, near in ((left - 2, left - 1), (right + 1, right)))
    return max([best, *(float_below(exact_or_ball(chord)) for chord in chords if chord > -math.inf)])


def curve(
    problem: Problem,
    *,
    along: str | None = None,
    points: int = 25,
    resolution: float = 1e-3,
    **question: Unpack[Sweep],
) -> Curve:
    """Trace the optimum along one bound, and put the points where it is least known.

    Parameters
    ----------
    problem : Finite, Bernoulli, Gaussian or VectorGaussian
        With numbers for all parameters.
    R, C, D, P : number, (low, high), or array
        Bounds. One of them varies: a pair is a range to be traced, any other list its points. If none does, it is the one
        named by `along`, over the whole range in which the optimum changes. Of several costs or labels, `D` or `C` is a
        list of such bounds, with None where there is none.
    minimise : {"D", "R"}
    along : {"R", "D", "P", "C"}, or "D2", "C2", ..., optional
        The bound that varies; left out, the one with a range or a list, or else `R` (`D` if the rate is minimised).
    points : int
        At most this many points in a range.
    resolution : float
        No more points are added when the band between them is narrower than this part of the curve's height.
    tolerance, method, unit, perception, reference
        As in `solve`, for each point.
    time_limit : float, optional
        Seconds for the whole curve. When they are over, or at Ctrl-C, the points so far are returned.
    progress : function of (description, done, total), optional

    Returns
    -------
    Curve

    Raises
    ------
    ProblemError
        For invalid bounds, several that vary, or a range that has no end.

    Notes
    -----
    A new point goes where the proved band is widest: under a convex function between chords, at the corner of the chords
    prolonged from both sides; otherwise, where only the fall is known, into the largest step.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> c = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7]).curve(R=(0, 1), points=9)
    >>> len(c.x), c.upper_at(0.33) - c.lower_at(0.33) < 1e-9
    (4, True)
    """
    asking, bounds = Asking.of(problem, question)
    minimise = str(asking.options["minimise"])
    along = _varying(asking.names, bounds, minimise, along)
    given = bounds.pop(along, None)
    held = {name: float(number(name, bound)) for name, bound in bounds.items()}
    traced = given is None or is_range(given)
    points, resolution = whole("points", points, 2 if traced else 0), real("resolution", resolution, 0)
    found: Points = {}
    with asking.clock.watching():
        if traced:
            asking.wanted = points
            ends = whole_range(along, minimise, held, asking) if given is None else ends_of(along, given)
            asking.done = 0
            found = _refined(asking, along, held, ends, points, resolution)
        else:
            values = np.unique(values_of(along, given)).tolist()
            asking.wanted = len(values)
            found = _listed(asking, along, held, values)
    if not found:
        raise KeyboardInterrupt
    xs = sorted(found)
    solutions = tuple(found[x] for x in xs)
    return Curve(
        **asking.described(),
        **arrays_of(((s.value, s.lower, s.upper, s.status) for s in solutions), (len(xs),)),
        axes={along: np.array(xs, float)},
        held=held,
        along=along,
        convex=is_convex(problem, (along, *held)),
        solutions=solutions,
        sampled=sampled(solutions, (len(xs),)),
    )


def _varying(names: tuple[str, ...], bounds: dict[str, Any], minimise: str, along: str | None) -> str:
    """Which bound varies."""
    varying = [name for name, bound in bounds.items() if varies(bound)]
    if len(varying) > 1:
        raise must("a curve", "have one bound that varies (surface(...) takes more)", got=" and ".join(varying))
    if along is None:
        along = varying[0] if varying else ("R" if minimise == "D" else "D")
    choice("along", along, tuple(name for name in names if name != minimise))
    if varying and varying != [along]:
        raise must("along", f"be {varying[0]!r}, the bound that varies", along)
    if along in bounds and not varying:
        raise must(along, f"be {along}=(low, high), a list, or left out", bounds[along])
    return along


Points = dict[float, Solution]


def _listed(asking: Asking, along: str, held: dict[str, float], values: Iterable[float]) -> Points:
    found: Points = {}
    for x in values:
        solution = asking.at({**held, along: x})
        if solution is None:
            break
        found[x] = solution
    return found


def _refined(
    asking: Asking, along: str, held: dict[str, float], ends: tuple[float, float], points: int, resolution: float
) -> Points:
    """Solve at the ends, and then wherever the band between two points is widest."""
    convex = is_convex(asking.problem, (along, *held))
    found = _listed(asking, along, held, reversed(ends))
    while len(found) < points and not asking.stopped and len(found) > 1:
        xs = sorted(found)
        widths, places = zip(*(_widest(xs, i, found, convex) for i in range(len(xs) - 1)), strict=True)
        worst = int(np.argmax(widths))
        if widths[worst] <= resolution:
            break
        x = places[worst]
        nearest = min((xs[worst], xs[worst + 1]), key=lambda end: abs(end - x))
        solution = asking.at({**held, along: x}, start=found[nearest])
        if solution is None:
            break
        found[x] = solution
    return found


def _widest(xs: list[float], i: int, found: Points, convex: bool) -> tuple[float, float]:
    """How wide the band is between two points, as a part of the curve's height, and where to put the next one."""
    a, b = xs[i], xs[i + 1]
    middle, width = (a + b) / 2, (b - a) / (xs[-1] - xs[0])
    uppers, lowers = ([getattr(found[x], side) for x in xs] for side in ("upper", "lower"))
    known = [u for u in uppers if math.isfinite(u)]
    if not a < middle < b or not math.isfinite(uppers[i + 1]):
        return 0.0, middle
    if not math.isfinite(uppers[i]):
        # The border of the feasible set lies between them.
        return width, middle
    height = max(known) - min(lowers) or 1.0
    if not convex:
        return max(0.0, uppers[i] - lowers[i + 1]) / height * width, middle
    x = _corner(xs, i, uppers, lowers)
    chord = uppers[i] + (uppers[i + 1] - uppers[i]) * (x - a) / (b - a)
    below = max(lowers[i + 1], _line(xs, i - 1, i, uppers, lowers, x), _line(xs, i + 2, i + 1, uppers, lowers, x))
    # What the solver itself left open no new point will close.
    own = max(uppers[i] - lowers[i], uppers[i + 1] - lowers[i + 1])
    return max(0.0, chord - below - own) / height, x


def _corner(xs: list[float], i: int, uppers: list[float], lowers: list[float]) -> float:
    """Where the chords prolonged from both sides meet between two points, or the middle if they do not."""
    a, b = xs[i], xs[i + 1]
    left = [_line(xs, i - 1, i, uppers, lowers, x) for x in (a, b)]
    right = [max(lowers[i + 1], _line(xs, i + 2, i + 1, uppers, lowers, x)) for x in (a, b)]
    if not np.isfinite([*left, *right]).all():
        return (a + b) / 2
    rise = (left[1] - left[0]) - (right[1] - right[0])
    share = (right[0] - left[0]) / rise if rise else 0.5
    return a + min(max(share, 0.1), 0.9) * (b - a)


def _line(xs: list[Any], far: int, near: int, uppers: list[Any], lowers: list[Any], x: Any) -> Any:
    """The chord from the upper bound at one point to the lower one at the next, prolonged; -inf if there is none."""
    if not (0 <= far < len(xs) and math.isfinite(uppers[far]) and math.isfinite(lowers[near])):
        return -math.inf
    return lowers[near] + (lowers[near] - uppers[far]) * (x - xs[near]) / (xs[near] - xs[far])
