"""Maps of a trade-off: contours over its two arguments, with the borders of the regimes.

Contours and curves, not surfaces in space: a surface hides its own far side, and an infeasible region tears holes in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.names import Named, name_regimes, points_of
from drc.tradeoff.regions import Border, Plane, borders, plane
from drc.tradeoff.style import drawing, figure_of, filling, hatch, line_width, quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.contour import ContourSet

    from drc.types import Range

POINTS = 301

#: A jump counts if it is larger than this share of the range of values.
_JUMP = 0.01

#: If the lower 85 % of the values lie within this share of their range, and the least is smaller than this share of the
#: largest, evenly spaced levels would crowd at one border.
_FLAT, _WIDE = 0.45, 0.2

#: Half of the room that the label of a line takes, and how near to a border it may come, in points.
_LABEL, _CLEAR = (11.0, 5.0), 9.0

#: Digits that round levels begin with, for values that spread over several sizes: many, some, few.
_LEADING = ((1.0, 1.5, 2.0, 3.0, 5.0, 7.0), (1.0, 2.0, 5.0), (1.0,))


def contour(
    tradeoff: RegimeFunction,
    ax: Axes | None = None,
    *,
    style: str | None = None,
    points: int = POINTS,
    **ranges: Range,
) -> Axes:
    """Draw contours of a trade-off over its two arguments, with the borders of the regimes.

    Parameters
    ----------
    ax : matplotlib axes, optional
        Left out, the current ones of pyplot if they are empty, or those of a new figure.
    style : {"ieee", "neurips", "slides"}, optional
        Of a new figure; left out, the user's rcParams hold.
    points : int
        Places along each axis at which the trade-off is evaluated.
    **ranges : (low, high) for an argument, or a number for a free parameter
        An argument left out gets the range in which the regimes change.

    Raises
    ------
    ProblemError
        For an unknown name or style, an invalid range, or a parameter left free.

    Examples
    --------
    >>> import drc
    >>> contour(drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()).get_xlabel()
    'rate $R$ (bit)'
    """
    area = plane(tradeoff, ranges)
    with drawing(ax, style) as ax:
        _draw(ax, area, points)
    return ax


def _draw(ax: Axes, area: Plane, points: int) -> None:
    xs, ys = area.grid(points)
    x, y = np.meshgrid(xs, ys, indexing="ij")
    values, found = area.value(x, y), borders(area)
    hatch(ax, area.x_range, *area.y_range)
    ax.set(xlim=area.x_range, ylim=area.y_range)
    ax.set(xlabel=quantity(area.x, area.tradeoff), ylabel=quantity(area.y, area.tradeoff))
    finite = values[np.isfinite(values)]
    tallest = _JUMP * float(np.ptp(finite)) if finite.size else 0.0
    parts = _parts(area, x, y, found, tallest)
    lines = filled(ax, xs, ys, values, quantity(area.tradeoff.value.name, area.tradeoff), parts=parts)
    _draw_borders(ax, found, tallest)
    # From here on the axes have their place.
    figure_of(ax).draw_without_rendering()
    names = name_regimes(ax, area)
    edges = [line for border in found.values() for line in border.lines]
    label_lines(ax, lines, names, np.concatenate([np.empty((0, 2)), *edges]))


def _parts(
    area: Plane, x: np.ndarray, y: np.ndarray, found: Mapping[tuple[str, str], Border], tallest: float
) -> np.ndarray:
    """Number the parts of the plane within which the value is continuous: those of regimes that no jump separates."""
    part = {name: k for k, name in enumerate(area.names)}
    for (first, second), border in found.items():
        if border.step <= tallest:
            part = {name: part[first] if k == part[second] else k for name, k in part.items()}
    return np.array([part[name] for name in area.names])[area.regime(x, y)]


def _draw_borders(ax: Axes, found: Mapping[tuple[str, str], Border], tallest: float) -> None:
    """Draw where the regimes meet, on white: full lines at the edge and at jumps, dashed ones elsewhere."""
    for pair, border in found.items():
        edge = "infeasible" in pair
        # A line that is full without being the edge: there the value jumps.
        dashes = "-" if border.step > tallest else (0, (5, 1.6))
        width, height = (line_width(1.1), 4) if edge else (line_width(0.8), 3.5)
        for line in border.lines:
            if not edge:
                ax.plot(*line.T, color="white", linewidth=2.2 * width, zorder=3)
            ax.plot(*line.T, color="black", linewidth=width, linestyle=dashes, zorder=height, solid_capstyle="round")


def filled(
    ax: Axes,
    xs: np.ndarray,
    ys: np.ndarray,
    values: np.ndarray,
    label: str,
    *,
    parts: np.ndarray | None = None,
) -> list[ContourSet]:
    """Fill contours, draw their lines, and add the scale of colours; return the lines, as `label_lines` takes them.

    Parameters
    ----------
    xs, ys : array, shapes (n,) and (m,), or both (n, m)
    values : array, shape (n, m)
        `inf` is left out.
    label : str
        Of the scale.
    parts : array of int, shape (n, m), optional
        Between two parts the value jumps: no line and no colour in between is drawn there.
    """
    from matplotlib.colors import BoundaryNorm

    turned = np.ndim(xs) == 1
    shown = np.ma.masked_invalid(np.asarray(values, dtype=float))
    if not shown.count():
        return []
    levels, extend = _levels(shown.compressed())
    shades = filling()
    norm = BoundaryNorm(levels, shades.N, extend=extend)
    # A line at the height of a plateau would follow its rounding errors.
    above = levels[levels > shown.min() + 1e-6 * np.ptp(levels)]
    parts = np.zeros(shown.shape, int) if parts is None else parts
    lines, fills = [], []
    for part in np.unique(parts[~np.ma.getmaskarray(shown)]):
        one = np.ma.masked_where(parts != part, shown)
        one = one.T if turned else one
        fills.append(ax.contourf(xs, ys, one, levels=levels, cmap=shades, norm=norm, extend=extend, zorder=1))
        if one.min() < above[-1] and (above <= one.max()).any():
            width = line_width(0.35)
            lines.append(ax.contour(xs, ys, one, levels=above, colors="0.2", linewidths=width, zorder=2))
    scale = figure_of(ax).colorbar(fills[-1], ax=ax, label=label, ticks=levels[:: 1 + len(levels) // 13], format="%g")
    scale.minorticks_off()
    scale.outline.set_linewidth(0.6)
    return lines


def label_lines(
    ax: Axes, lines: Sequence[ContourSet], names: Sequence[Named] = (), edges: np.ndarray | None = None
) -> None:
    """Label the pieces of contour lines a little past their middle, where there is room; the axes have their place by now.

    Parameters
    ----------
    names : sequence of Named
        What is written already.
    edges : array, shape (n, 2), optional
        Points of lines that no label may touch.
    """
    from matplotlib.patheffects import withStroke

    origin = np.array([ax.get_xlim()[0], ax.get_ylim()[0]])
    scale = points_of(ax) / np.array([np.ptp(ax.get_xlim()), np.ptp(ax.get_ylim())])
    taken = [((np.array(one.at) - origin) * scale, np.array(one.half)) for one in names]
    clear = (np.empty((0, 2)) if edges is None else edges - origin) * scale
    for drawn in lines:
        places = []
        for points in (piece for level in drawn.allsegs for piece in level if len(piece) > 1):
            at = _place((np.asarray(points) - origin) * scale, taken, clear, points_of(ax))
            if at is not None:
                taken.append((at, np.array(_LABEL)))
                places.append(tuple(at / scale + origin))
        texts = ax.clabel(drawn, fmt="%g", fontsize="x-small", inline=True, inline_spacing=2, manual=places)
        for text in texts if places else ():
            # On light and on dark.
            text.set(color="black", path_effects=[withStroke(linewidth=1.8, foreground="white", alpha=0.85)])


def _place(points: np.ndarray, taken: list, clear: np.ndarray, size: np.ndarray) -> np.ndarray | None:
    """Find where on a line, in points, a label has room."""
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    for share in (0.6, 0.4, 0.75, 0.25, 0.85, 0.15) if steps[-1] > 40 else ():
        at = np.array([np.interp(share * steps[-1], steps, points[:, k]) for k in (0, 1)])
        free = all((np.abs(at - other) > half + _LABEL).any() for other, half in taken)
        inside = ((at > _CLEAR) & (at < size - _CLEAR)).all()
        if free and inside and (not len(clear) or np.hypot(*(clear - at).T).min() > _CLEAR):
            return at
    return None


def _levels(values: np.ndarray) -> tuple[np.ndarray, Literal["neither", "max"]]:
    """Choose round levels: evenly, or as a growing sequence where a value grows beyond all bounds."""
    from matplotlib.ticker import MaxNLocator

    low, high = float(values.min()), float(values.max())
    small, most, cut = (float(np.quantile(values, share)) for share in (0.1, 0.85, 0.985))
    if high - low <= 1e-12 * max(1.0, abs(high)):
        return np.array([low - 0.5, low + 0.5]), "neither"
    if most == low or most - low > _FLAT * (high - low) or low > _WIDE * high:
        return np.round(MaxNLocator(14, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high), 12), "neither"
    return _growing(low, cut, small), "max"


def _growing(low: float, high: float, small: float) -> np.ndarray:
    """Return round levels that grow: from the least value, or from one that few are below, to `high`."""
    start = low if low > 0.02 * high else max(small, 0.02 * high)
    sizes = 10.0 ** np.arange(np.floor(np.log10(start)), np.ceil(np.log10(high)) + 1)
    levels = np.empty(0)
    for leading in _LEADING:
        levels = np.sort(np.outer(sizes, leading).ravel()).round(12)
        first = int(np.searchsorted(levels, start, side="right")) - 1
        levels = levels[max(first, 0) : int(np.searchsorted(levels, high)) + 1]
        if len(levels) <= 13:
            break
    return levels if low >= levels[0] else np.concatenate([[0.0], levels])
