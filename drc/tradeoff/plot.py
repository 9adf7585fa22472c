"""Pictures of a trade-off: contours over its two arguments with the borders of the regimes, and curves over one.

Contours and curves, not surfaces in space: a surface hides its own far side, and an infeasible region tears holes in it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.errors import must
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.regions import Plane, borders, plane

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: The map of colours: evenly from light to dark in print too, and the same to all kinds of colour vision.
COLOURS = "cividis"
_POINTS = 301
_STYLES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.5, 1.2, 1.5)), (0, (3, 1.2, 1, 1.2, 1, 1.2)))
_GROUND = "0.88"
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


def contour(tradeoff: RegimeFunction, ax: Axes | None = None, *, points: int = _POINTS, **ranges: Any) -> Axes:
    """Draw contours of a trade-off over its two arguments, with the borders of the regimes.

    Parameters
    ----------
    tradeoff : RegimeFunction
    ax : matplotlib axes, optional
        Left out, a new figure is made.
    points : int
        Places along each axis at which the trade-off is evaluated.
    **ranges : (low, high) for an argument, or a number for a free parameter
        An argument left out gets the range in which the regimes change.

    Returns
    -------
    matplotlib axes

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
    _ground(ax, area)
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
        for line in found:
            if not edge:
                ax.plot(*line.T, color="white", linewidth=2.6, zorder=3)
            ax.plot(
                *line.T,
                color="black",
                linewidth=1.7 if edge else 1.2,
                linestyle="-" if edge else _STYLES[1],
                solid_capstyle="round",
                zorder=4 if edge else 3.5,
            )


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
            self.figure.savefig(picture, format="png", dpi=120)
            return picture.getvalue()

    return _new_figure(width, height).add_subplot(axes_class=Shown)


def _new_figure(width: float, height: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def filled(
    ax: Axes,
    xs: np.ndarray,
    ys: np.ndarray,
    values: np.ndarray,
    label: str,
    *,
    avoid: Sequence[tuple[float, float]] = (),
) -> Any:
    """Fill contours, draw and label their lines, and add the scale of colours.

    Parameters
    ----------
    ax : matplotlib axes
    xs, ys : array, shapes (n,) and (m,), or both (n, m)
    values : array, shape (n, m)
        `inf` is left out.
    label : str
        Of the scale.
    avoid : sequence of (x, y)
        Places where something is written already.

    Returns
    -------
    The filled contours, or None if nothing is finite.
    """
    shown = np.ma.masked_invalid(np.asarray(values, dtype=float))
    shown = shown.T if np.ndim(xs) == 1 else shown
    if not shown.count():
        return None
    levels, extend = _levels(shown.compressed())
    drawn = ax.contourf(xs, ys, shown, levels=levels, cmap=_shades(), extend=extend, zorder=1)
    # A line at the height of a plateau would follow its rounding errors.
    above = levels[levels > shown.min() + 1e-6 * np.ptp(levels)]
    lines = ax.contour(xs, ys, shown, levels=above, colors="0.15", linewidths=0.5, zorder=2)
    _label_lines(ax, lines, xs, ys, avoid)
    bar = ax.figure.colorbar(drawn, ax=ax, label=label)
    bar.outline.set_linewidth(0.6)
    return drawn


def _shades() -> Any:
    """Return the light part of the map, light for little: text remains legible on all of it."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps[COLOURS](np.linspace(1.0, 0.22, 256)), name="light")


def _label_lines(ax: Axes, lines: Any, xs: np.ndarray, ys: np.ndarray, avoid: Sequence) -> None:
    """Label the pieces of the lines a little past their middle, where there is room."""
    origin, span = np.array([np.min(xs), np.min(ys)]), np.array([np.ptp(xs), np.ptp(ys)])
    size = _size(ax)
    names = [(np.array(place) - origin) / span * size for place in avoid]
    taken: list[np.ndarray] = []
    for points in _pieces(lines):
        points = (points - origin) / span * size
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
    return ax.figure.get_size_inches() * 72 * np.array([0.88 * box.width, box.height])


def _pieces(lines: Any) -> list[np.ndarray]:
    """Return the connected pieces of contour lines, each of shape (n, 2)."""
    found = []
    for path in lines.get_paths():
        starts = np.flatnonzero(path.codes == path.MOVETO) if path.codes is not None else []
        found += [piece for piece in np.split(path.vertices, starts[1:]) if len(piece) > 1]
    return found


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


def _ground(ax: Axes, area: Plane) -> None:
    """Hatch the ground, which shows where nothing is feasible."""
    from matplotlib.patches import Rectangle

    (x, right), (y, top) = area.x_range, area.y_range
    ax.add_patch(
        Rectangle(
            (x, y),
            right - x,
            top - y,
            facecolor=_GROUND,
            edgecolor="0.62",
            hatch="////",
            linewidth=0,
            zorder=0,
        )
    )


def _name_regimes(ax: Axes, area: Plane) -> list[tuple[float, float]]:
    """Write each regime's name into the roomiest place of its region, or a letter if there is no room."""
    xs, ys = area.grid(161)
    index = area.regime(*np.meshgrid(xs, ys, indexing="ij"))
    small: list[str] = []
    places = []
    size = _size(ax)
    for i, name in enumerate(area.names):
        place, room = _roomiest(index == i, size)
        if place is None:
            continue
        words = name.replace("-limited", "-\nlimited") if "classification" in name else name
        longest = max(len(line) for line in words.split("\n"))
        fits = room[0] > 4.6 * longest and room[1] > 11 * len(words.split("\n"))
        if not fits:
            small.append(name)
            words = "abcdefgh"[len(small) - 1]
        places.append((float(xs[place[0]]), float(ys[place[1]])))
        ax.text(
            *places[-1],
            words,
            ha="center",
            va="center",
            fontsize=8.5,
            zorder=5,
            color="black",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.82},
        )
    if small:
        ax.set_title("   ".join(f"{'abcdefgh'[k]}: {name}" for k, name in enumerate(small)), fontsize=8.5, loc="left")
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
    **ranges: Any,
) -> Axes:
    """Draw a trade-off over one argument, a curve for each of several values of the other.

    Parameters
    ----------
    tradeoff : RegimeFunction
    over : str
        The argument on the axis.
    at : mapping from the other argument to its values
        Left out, five values spread over its range.
    ax : matplotlib axes, optional
    **ranges : (low, high) for an argument, or a number for a free parameter

    Returns
    -------
    matplotlib axes
        Colour tells the curves apart, the style of the line the regimes.  A curve begins where it becomes feasible.

    Raises
    ------
    ProblemError
        For an unknown name, or a parameter left free.

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
    other = area.y if over == area.x else area.x
    if at is not None and set(at) != {other}:
        raise must("at", f"be {{{other!r}: [values]}}", at)
    low, high = area.x_range if over == area.x else area.y_range
    values = _spread(area, other) if at is None else [float(v) for v in at[other]]
    ax = new_axes() if ax is None else ax
    _draw_curves(ax, area, over, other, values, (low, high))
    ax.set(xlim=(low, high), xlabel=quantity(over, tradeoff), ylabel=quantity(tradeoff.value.name, tradeoff))
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    return ax


def _spread(area: Plane, other: str) -> list[float]:
    low, high = area.x_range if other == area.x else area.y_range
    return np.linspace(low, high, 7)[1:-1].round(3).tolist()


def _draw_curves(ax: Axes, area: Plane, over: str, other: str, values: list[float], ends: tuple[float, float]) -> None:
    from matplotlib import colormaps

    names = [name for name in (r.name for r in area.tradeoff.cases) if name != "infeasible"]
    shades = colormaps[COLOURS](np.linspace(0.0, 0.86, max(len(values), 2)))
    used: set[str] = set()
    for k, fixed in enumerate(values):
        points = _with_changes(area, over, fixed, np.linspace(*ends, 1501))
        x, y = (points, fixed) if over == area.x else (fixed, points)
        heights, found = area.value(x, y), np.array(area.names)[area.regime(x, y)]
        finite = np.flatnonzero(np.isfinite(heights))
        if len(finite) == 0:
            continue
        width = 3.4 - 2.0 * k / max(1, len(values) - 1)
        cuts = np.flatnonzero(found[1:] != found[:-1]) + 1
        for piece in np.split(np.arange(len(points)), cuts):
            name = str(found[piece[0]])
            if name == "infeasible":
                continue
            used.add(name)
            # One point of the next piece closes the gap, where the curve goes on.
            after = piece[-1] + 1
            joined = np.append(piece, after) if after < len(points) and np.isfinite(heights[after]) else piece
            ax.plot(
                points[joined],
                heights[joined],
                color=shades[k],
                linewidth=width,
                zorder=2 + k,
                linestyle=_STYLES[names.index(name) % len(_STYLES)],
                dash_capstyle="butt",
            )
        ax.plot(
            points[finite[0]],
            heights[finite[0]],
            "o",
            color=shades[k],
            markersize=5.5,
            zorder=20,
            markeredgecolor="white",
            markeredgewidth=0.8,
            clip_on=False,
        )
    _keys(ax, area, other, values, shades, [name for name in names if name in used], names)


def _with_changes(area: Plane, over: str, fixed: float, points: np.ndarray) -> np.ndarray:
    """Add the places, bisected, between which the regime changes."""

    def regime(at: np.ndarray) -> np.ndarray:
        """Return the numbers of the regimes at these places."""
        return area.regime(at, fixed) if over == area.x else area.regime(fixed, at)

    found = regime(points)
    changes = np.flatnonzero(found[1:] != found[:-1])
    a, b, first = points[changes], points[changes + 1], found[changes]
    for _ in range(50 if len(changes) else 0):
        middle = (a + b) / 2
        here = regime(middle) == first
        a, b = np.where(here, middle, a), np.where(here, b, middle)
    return np.unique(np.concatenate([points, a, b]))


def _keys(ax: Axes, area: Plane, other: str, values, shades, used: list[str], names: list[str]) -> None:
    from matplotlib.lines import Line2D

    unit = quantity(other, area.tradeoff).partition(" (")[2].rstrip(")")
    by_value = [
        Line2D(
            [],
            [],
            color=shades[k],
            linewidth=2.4,
            marker="o",
            markersize=5,
            markeredgecolor="white",
            label=f"{other} = {value:g} {unit}".rstrip(),
        )
        for k, value in enumerate(values)
    ]
    by_value.append(
        Line2D(
            [],
            [],
            color="none",
            marker="o",
            markersize=5,
            markerfacecolor="0.4",
            markeredgecolor="white",
            label="first feasible point",
        )
    )
    by_regime = [
        Line2D([], [], color="0.25", linewidth=1.6, linestyle=_STYLES[names.index(n) % len(_STYLES)], label=n)
        for n in used
    ]
    ax.legend(
        handles=[*by_value, *by_regime],
        fontsize=8.5,
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        handlelength=2.8,
    )
