"""Pictures of a trade-off: contours over its two arguments with the borders of the regimes, and curves over one.

Contours and curves, not surfaces in space: a surface hides its own far side, and an infeasible region tears holes in it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import cycle
from string import ascii_lowercase
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from drc.errors import must
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.regions import Plane, bisected, borders, plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import ContourSet
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

    from drc.types import Range

#: The map of colours: evenly from light to dark in print too, and the same to all kinds of colour vision.
COLOURS = "cividis"
POINTS = 301
_STYLES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1.2, 1, 1.2, 1, 1.2)))

_HATCHED: Final[dict[str, Any]] = {
    "facecolor": "0.88",
    "edgecolor": "0.62",
    "hatch": "////",
    "linewidth": 0,
    "zorder": 0,
}

#: A word within a picture, in this size on such a ground.
WORD_SIZE, WORD_BOX = 8.5, {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.82}
_DOT: Final[dict[str, Any]] = {"marker": "o", "markeredgecolor": "white"}
_QUANTITIES = {"D": "distortion D", "R": "rate R", "C": "classification bound C", "P": "perception bound P"}


def quantity(name: str, tradeoff: RegimeFunction) -> str:
    """Name a quantity with its unit, as on an axis.

    Examples
    --------
    >>> import drc
    >>> quantity("R", drc.Gaussian().drc())
    'rate R (bit)'
    """
    unit = f" ({tradeoff.unit.short})" if name in ("R", "C") else ""
    return f"{_QUANTITIES.get(name, name)}{unit}"


def contour(tradeoff: RegimeFunction, ax: Axes | None = None, *, points: int = POINTS, **ranges: Range) -> Axes:
    """Draw contours of a trade-off over its two arguments, with the borders of the regimes.

    Parameters
    ----------
    ax : matplotlib axes, optional
        Left out, a new figure is made.
    points : int
        Places along each axis at which the trade-off is evaluated.
    **ranges : (low, high) for an argument, or a number for a free parameter
        An argument left out gets the range in which the regimes change.

    Raises
    ------
    ProblemError
        For an unknown name, an invalid range, or a parameter left free.

    Examples
    --------
    >>> import drc
    >>> contour(drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()).get_xlabel()
    'rate R (bit)'
    """
    area = plane(tradeoff, ranges)
    ax = new_axes() if ax is None else ax
    xs, ys = area.grid(points)
    values = area.value(xs[:, None], ys[None, :])
    hatch(ax, area.x_range, *area.y_range)
    names = _name_regimes(ax, area)
    filled(ax, xs, ys, values, quantity(tradeoff.value.name, tradeoff), avoid=names)
    _draw_borders(ax, area)
    ax.set(xlim=area.x_range, ylim=area.y_range)
    ax.set(xlabel=quantity(area.x, tradeoff), ylabel=quantity(area.y, tradeoff))
    return ax


def _draw_borders(ax: Axes, area: Plane) -> None:
    """Draw where the regimes meet: a full line around the feasible set, dashed ones within, all on white."""
    for pair, found in borders(area).items():
        edge = "infeasible" in pair
        width, style, height = (1.7, "-", 4) if edge else (1.2, _STYLES[1], 3.5)
        for line in found:
            if not edge:
                ax.plot(*line.T, color="white", linewidth=2.6, zorder=3)
            ax.plot(*line.T, color="black", linewidth=width, linestyle=style, zorder=height, solid_capstyle="round")


def new_axes(width: float = 6.0, height: float = 4.2) -> Axes:
    """Return the axes of a new figure that belongs to nobody: no window, no global state.

    Parameters
    ----------
    width, height : float
        In inches.
    """
    from matplotlib.axes import Axes

    class Shown(Axes):
        """Axes that a notebook shows: no window owns their figure, so nothing else would draw it."""

        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            figure_of(self).savefig(picture, format="png", dpi=120)
            return picture.getvalue()

    return new_figure(width, height).add_subplot(axes_class=Shown)


def hatch(
    ax: Axes,
    x: ArrayLike,
    low: ArrayLike,
    high: ArrayLike,
    *,
    where: ArrayLike | None = None,
    step: Literal["pre"] | None = None,
    label: str = "",
) -> None:
    """Hatch what lies between two curves: no code exists there."""
    ax.fill_between(x, low, high, where=where, step=step, label=label, **_HATCHED)


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that axes are in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure that belongs to nobody, for several axes; its size is in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def ruled(ax: Axes, *, legend: bool = False) -> None:
    """Put light lines behind curves, and the key beside them."""
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    if legend:
        ax.legend(fontsize=8.5, frameon=False)


def filled(
    ax: Axes,
    xs: np.ndarray,
    ys: np.ndarray,
    values: np.ndarray,
    label: str,
    *,
    avoid: Sequence[tuple[float, float]] = (),
) -> None:
    """Fill contours, draw and label their lines, and add the scale of colours.

    Parameters
    ----------
    xs, ys : array, shapes (n,) and (m,), or both (n, m)
    values : array, shape (n, m)
        `inf` is left out.
    label : str
        Of the scale.
    avoid : sequence of (x, y)
        Places where something is written already.
    """
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    shown = np.ma.masked_invalid(np.asarray(values, dtype=float))
    shown = shown.T if np.ndim(xs) == 1 else shown
    if not shown.count():
        return
    levels, extend = _levels(shown.compressed())
    # The light part of the map, light for little: text remains legible on all of it.
    shades = ListedColormap(colormaps[COLOURS](np.linspace(1.0, 0.22, 256)), name="light")
    drawn = ax.contourf(xs, ys, shown, levels=levels, cmap=shades, extend=extend, zorder=1)
    # A line at the height of a plateau would follow its rounding errors.
    above = levels[levels > shown.min() + 1e-6 * np.ptp(levels)]
    lines = ax.contour(xs, ys, shown, levels=above, colors="0.15", linewidths=0.5, zorder=2)
    _label_lines(ax, lines, xs, ys, avoid)
    ax.figure.colorbar(drawn, ax=ax, label=label).outline.set_linewidth(0.6)


def _label_lines(ax: Axes, lines: ContourSet, xs: np.ndarray, ys: np.ndarray, avoid: Sequence) -> None:
    """Label the pieces of the lines a little past their middle, where there is room."""
    origin, span = np.array([np.min(xs), np.min(ys)]), np.array([np.ptp(xs), np.ptp(ys)])
    size = _size(ax)
    names = [(np.array(place) - origin) / span * size for place in avoid]
    taken: list[np.ndarray] = []
    for points in (piece for level in lines.allsegs for piece in level if len(piece) > 1):
        points = (np.asarray(points) - origin) / span * size
        steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        for share in (0.6, 0.4, 0.75, 0.25, 0.85, 0.15) if steps[-1] > 40 else ():
            at = np.array([np.interp(share * steps[-1], steps, points[:, k]) for k in (0, 1)])
            if _is_free(at, taken, 24, 11) and _is_free(at, names, 40, 19):
                taken.append(at)
                break
    if taken:
        places = [tuple(at / size * span + origin) for at in taken]
        ax.clabel(lines, fmt="%g", fontsize=7.5, inline=True, inline_spacing=3, manual=places)


def _is_free(at: np.ndarray, others: list[np.ndarray], wide: float, high: float) -> bool:
    return not any(abs(at[0] - x) < wide and abs(at[1] - y) < high for x, y in others)


def _size(ax: Axes) -> np.ndarray:
    """Return about how wide and high the axes will be, in points; the scale of colours takes its share."""
    box = ax.get_position()
    return figure_of(ax).get_size_inches() * 72 * np.array([0.88 * box.width, box.height])


def _levels(values: np.ndarray) -> tuple[np.ndarray, str]:
    """Choose round levels; a value that grows beyond all bounds is cut where few points are left."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(values.min()), float(values.max())
    cut = float(np.quantile(values, 0.985))
    unbounded = high - low > 1.6 * (cut - low) > 0
    high = cut if unbounded else high
    if high - low <= 1e-12 * max(1.0, abs(high)):
        return np.array([low - 0.5, low + 0.5]), "neither"
    levels = MaxNLocator(11, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return np.round(levels, 12), "max" if unbounded else "neither"


#: More small regimes than this would need a key longer than the picture; they have no names then.
_MOST_LETTERS = 10


def _name_regimes(ax: Axes, area: Plane) -> list[tuple[float, float]]:
    """Write each regime's name into the roomiest place of its region, or a letter if there is no room."""
    xs, ys = area.grid(161)
    index = area.regime(*np.meshgrid(xs, ys, indexing="ij"))
    size, found = _size(ax), []
    for i, name in enumerate(area.names):
        place, room = _roomiest(index == i, size)
        if place is not None:
            words = name.replace("-limited", "-\nlimited") if "classification" in name else name
            longest = max(len(line) for line in words.split("\n"))
            fits = room[0] > 4.6 * longest and room[1] > 11 * len(words.split("\n"))
            found.append((name, words if fits else "", (float(xs[place[0]]), float(ys[place[1]]))))
    small = [name for name, words, _ in found if not words]
    letters = dict(zip(small, ascii_lowercase, strict=False)) if len(small) <= _MOST_LETTERS else {}
    named = [(words or letters.get(name, ""), at) for name, words, at in found if words or name in letters]
    for words, at in named:
        ax.text(
            at[0], at[1], words, ha="center", va="center", zorder=5, color="black", fontsize=WORD_SIZE, bbox=WORD_BOX
        )
    if letters:
        key = [f"{letter}: {name}".replace(" ", "\xa0") for name, letter in letters.items()]
        ax.set_title(fill("   ".join(key), int(size[0] / 4.4)), fontsize=8.5, loc="left")
    places = [at for _, at in named]
    return places


def _roomiest(mask: np.ndarray, size: np.ndarray) -> tuple[tuple[int, int] | None, tuple[float, float]]:
    """Return the place farthest from the border of a region, and the width and height around it in points."""
    from scipy.ndimage import distance_transform_edt

    if mask.mean() < 2e-4:
        return None, (0.0, 0.0)
    scale = size / np.array(mask.shape)
    # A name is wider than it is high, so room to the sides counts less.
    far = np.asarray(distance_transform_edt(np.pad(mask, 1), sampling=(scale[0] / 2.5, scale[1])))[1:-1, 1:-1]
    i, j = (int(k) for k in np.unravel_index(np.argmax(far), far.shape))
    across, upwards = _run(mask[:, j], i), _run(mask[i, :], j)
    return (i, j), (across * scale[0], upwards * scale[1])


def _run(row: np.ndarray, at: int) -> int:
    """Twice the distance to the nearer end of the stretch of `True` around a place."""
    ends = np.flatnonzero(~np.concatenate([[False], row, [False]])) - 1
    return int(2 * np.abs(ends - at).min())


def curves(
    tradeoff: RegimeFunction,
    over: str = "R",
    at: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
    **ranges: Range,
) -> Axes:
    """Draw a trade-off over one argument, a curve for each of several values of the other.

    Colour tells the curves apart, the style of the line the regimes.  A curve begins where it becomes feasible.  Errors, and
    parameters that are not said here, are those of `contour`.

    Parameters
    ----------
    over : str
        The argument on the axis.
    at : mapping from the other argument to its values
        Left out, five values spread over its range.

    Examples
    --------
    >>> import drc
    >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    >>> curves(T, at={"C": [0.6, 0.9]}).get_ylabel()
    'distortion D'
    """
    area = plane(tradeoff, ranges)
    if over not in (area.x, area.y):
        raise must("over", f"be {area.x!r} or {area.y!r} for {tradeoff.id}", over)
    (other,) = {area.x, area.y} - {over}
    if at is not None and set(at) != {other}:
        raise must("at", f"be {{{other!r}: [values]}}", at)
    ranges_of = {area.x: area.x_range, area.y: area.y_range}
    values = np.linspace(*ranges_of[other], 7)[1:-1].round(3) if at is None else np.asarray(at[other], dtype=float)
    ax = new_axes() if ax is None else ax
    _draw_curves(ax, area, over, other, values.tolist(), ranges_of[over])
    ax.set(xlim=ranges_of[over], xlabel=quantity(over, tradeoff), ylabel=quantity(tradeoff.value.name, tradeoff))
    ruled(ax)
    return ax


def _draw_curves(ax: Axes, area: Plane, over: str, other: str, values: list[float], ends: tuple[float, float]) -> None:
    from matplotlib import colormaps

    names = [regime.name for regime in area.tradeoff.cases if regime.name != "infeasible"]
    styles = dict(zip(names, cycle(_STYLES), strict=False))
    shades = colormaps[COLOURS](np.linspace(0.0, 0.86, max(len(values), 2)))
    used: set[str] = set()
    for k, fixed in enumerate(values):
        # The place of the two arguments in a point of the plane.
        at = [0, 1] if over == area.x else [1, 0]
        x, y = _with_changes(area, np.column_stack([np.linspace(*ends, 1501), np.full(1501, fixed)])[:, at]).T
        points, heights, found = (x, y)[at[0]], area.value(x, y), np.array(area.names)[area.regime(x, y)]
        finite = np.flatnonzero(np.isfinite(heights))
        if len(finite) == 0:
            continue
        width = 3.4 - 2.0 * k / max(1, len(values) - 1)
        for piece in np.split(np.arange(len(points)), np.flatnonzero(found[1:] != found[:-1]) + 1):
            name = str(found[piece[0]])
            if name == "infeasible":
                continue
            used.add(name)
            # One point of the next piece closes the gap, where the curve goes on.
            after = piece[-1] + 1
            joined = np.append(piece, after) if after < len(points) and np.isfinite(heights[after]) else piece
            style: dict[str, Any] = {"linestyle": styles[name], "dash_capstyle": "butt", "zorder": 2 + k}
            ax.plot(points[joined], heights[joined], color=shades[k], linewidth=width, **style)
        first = points[finite[0]], heights[finite[0]]
        ax.plot(*first, color=shades[k], markersize=5.5, zorder=20, markeredgewidth=0.8, clip_on=False, **_DOT)
    unit = quantity(other, area.tradeoff).partition(" (")[2].rstrip(")")
    labels = [f"{other} = {value:g} {unit}".rstrip() for value in values]
    _keys(ax, dict(zip(labels, shades, strict=False)), {name: styles[name] for name in names if name in used})


def _with_changes(area: Plane, points: np.ndarray) -> np.ndarray:
    """Add the places, bisected, between which the regime changes, to points on a line along an axis."""
    found = area.regime(*points.T)
    changes = np.flatnonzero(found[1:] != found[:-1])
    sides = bisected(area, points[changes], points[changes + 1])
    return np.unique(np.concatenate([points, *sides]), axis=0)


def _keys(ax: Axes, shades: dict[str, Any], styles: dict[str, Any]) -> None:
    """Explain the colours of the values, and the styles of the regimes."""
    from matplotlib.lines import Line2D

    handles = [
        *(Line2D([], [], color=c, linewidth=2.4, markersize=5, label=words, **_DOT) for words, c in shades.items()),
        Line2D([], [], color="none", markersize=5, markerfacecolor="0.4", label="first feasible point", **_DOT),
        *(Line2D([], [], color="0.25", linewidth=1.6, linestyle=s, label=name) for name, s in styles.items()),
    ]
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "borderaxespad": 0.0}
    ax.legend(handles=handles, fontsize=8.5, frameon=False, handlelength=2.8, **place)
