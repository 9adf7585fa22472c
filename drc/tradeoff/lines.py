"""Curves of a trade-off over one argument, for several values of another, with what no code reaches shaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.errors import must
from drc.tradeoff.function import RegimeFunction
from drc.tradeoff.plot import contour
from drc.tradeoff.regions import bisected, plane, stretch
from drc.tradeoff.style import drawing, hatch, hatched_key, line_width, ordered, quantity, ruled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from drc.types import Range, Ranges

#: On and off, in widths of the line: the dashes of the regimes, in the order of their names.
_DASHES = ((8.0, 0.0), (3.5, 1.4), (1.0, 1.3), (5.0, 1.3, 1.0, 1.3), (3.0, 1.0, 1.0, 1.0, 1.0, 1.0))
_DOT: dict[str, Any] = {"marker": "o", "markeredgecolor": "white", "markeredgewidth": 0.7}
_POINTS = 1501

#: Curves nearer to each other than this share of the height of the picture are one to the eye.
_NEAR = 0.004

#: A step between neighbouring points that is higher than this share of the height is a jump.
_JUMP = 0.02


def plot(tradeoff: RegimeFunction, ax: Axes | None = None, *, style: str | None = None, **ranges: Ranges) -> Axes:
    """Draw a map over two arguments, or curves over the only one without numbers; see `Tradeoff.plot`."""
    names = [symbol.name for symbol in tradeoff.arguments]
    shown: dict[str, Any] = {**ranges}
    given = {name: value for name, value in shown.items() if name in names and not _is_range(value)}
    if len(given) == len(names):
        raise must(f"a plot of {tradeoff.id}", "have an argument that varies", got=f"numbers for {', '.join(names)}")
    if len(names) - len(given) > 1:
        return contour(tradeoff, ax, style=style, **shown)
    (over,) = set(names) - set(given)
    # The last that has several values, or else the last.
    other = next(iter([name for name in reversed(given) if np.ndim(given[name])] or reversed(given)), None)
    at = None if other is None else {other: np.atleast_1d(given[other]).tolist()}
    rest = {name: value for name, value in shown.items() if name != other}
    return curves(tradeoff, over, at, ax, style=style, **rest)


def _is_range(given: object) -> bool:
    return isinstance(given, tuple) and len(given) == 2


@dataclass(frozen=True)
class _Curve:
    """A curve at points that all curves of a picture share; its height is infinite where the bounds are infeasible."""

    words: str
    colour: Any
    heights: np.ndarray
    regimes: np.ndarray


def curves(
    tradeoff: RegimeFunction,
    over: str = "R",
    at: Mapping[str, Sequence[float]] | None = None,
    ax: Axes | None = None,
    *,
    style: str | None = None,
    **ranges: Range,
) -> Axes:
    """Draw a trade-off over one argument, a curve for each of several values of another.

    Colour tells the curves apart, the style of the line the regimes; where curves coincide, their colours take turns.
    A curve begins where it becomes feasible.  What no code reaches is shaded, for each curve, and hatched for all of them.
    Errors, and parameters that are not said here, are those of `contour`.

    Parameters
    ----------
    over : str
        The argument on the axis.
    at : mapping from another argument to its values
        Left out, five values spread over its range.

    Examples
    --------
    >>> import drc
    >>> T = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1).drc()
    >>> curves(T, at={"C": [0.6, 0.9]}).get_ylabel()
    'distortion $D$'
    """
    names = [symbol.name for symbol in tradeoff.arguments]
    if over not in names:
        raise must("over", f"be {' or '.join(repr(name) for name in names)} for {tradeoff.id}", over)
    others = [name for name in names if name != over]
    if at is None and len(others) == 1:
        area = plane(tradeoff, ranges)
        ends = area.y_range if over == area.x else area.x_range
        at = {others[0]: np.linspace(*ends, 7)[1:-1].round(3).tolist()}
    at = at or {}
    if len(at) > 1 or not set(at) <= set(others):
        raise must("at", f"be {{{others[-1]!r}: [values]}}", at)
    held = {name: value for name, value in ranges.items() if name != over}
    if missing := sorted(set(others) - {*at, *held}):
        raise must(f"a plot of {tradeoff.id} over {over}", f"have numbers for {', '.join(missing)}", got="none")
    with drawing(ax, style) as ax:
        _draw(ax, tradeoff, (over, *stretch(tradeoff, over, {**held, **at}, ranges)), at, held)
    return ax


def _draw(
    ax: Axes,
    tradeoff: RegimeFunction,
    axis: tuple[str, float, float],
    at: Mapping[str, Sequence[float]],
    held: Mapping[str, Any],
) -> None:
    over, *ends = axis
    x, found = _curves(tradeoff, axis, at, held)
    ax.set(xlim=ends, xlabel=quantity(over, tradeoff), ylabel=quantity(tradeoff.value.name, tradeoff))
    ruled(ax)
    if not found:
        return
    low, high = _heights(found)
    names = [regime.name for regime in tradeoff.cases if regime.name != "infeasible"]
    dashes = dict(zip(names, cycle(_DASHES), strict=False))
    _shade(ax, x, found, (low, high))
    for one, piece, turn, turns in _pieces(found, (high - low)):
        on = list(dashes[str(one.regimes[piece[0]])])
        period = sum(on)
        on[-1] += (turns - 1) * period
        style: dict[str, Any] = {"linestyle": (-turn * period, on) if on[-1] else "-", "dash_capstyle": "butt"}
        ax.plot(x[piece], one.heights[piece], color=one.colour, linewidth=line_width(1.1), zorder=3, **style)
    for one in found:
        first = int(np.flatnonzero(np.isfinite(one.heights))[0])
        if first and one.heights[first] < high:
            ax.plot(x[first], one.heights[first], color=one.colour, markersize=line_width(3.4), zorder=20, **_DOT)
    ax.set_ylim(low, high)
    used = {str(name) for one in found for name in np.unique(one.regimes)}
    _keys(ax, found, {name: dashes[name] for name in names if name in used})


def _curves(
    tradeoff: RegimeFunction,
    axis: tuple[str, float, float],
    at: Mapping[str, Sequence[float]],
    held: Mapping[str, Any],
) -> tuple[np.ndarray, list[_Curve]]:
    """Evaluate all curves at the same points, between which no regime changes; leave out those that are never feasible."""
    over, low, high = axis
    (name, values), *_ = [*at.items()] or [("", [np.nan])]
    fixed = [{**held, name: value} if name else dict(held) for value in values]
    regimes = [lambda x, one=one: tradeoff.for_the_eye(**{over: x}, **one)[1] for one in fixed]
    x = np.linspace(low, high, _POINTS)
    x = np.unique(np.concatenate([x, *(_changes(regime, x) for regime in regimes)]))
    unit = quantity(name, tradeoff).partition(" (")[2].rstrip(")")
    found = [
        _Curve(
            f"${name} = {value:g}$ {unit}".rstrip(),
            colour,
            np.asarray(tradeoff(**{over: x}, **one)),
            regime(x),
        )
        for value, one, regime, colour in zip(values, fixed, regimes, _colours(values), strict=True)
    ]
    return x, [one for one in found if np.isfinite(one.heights).any()]


def _colours(values: Sequence[float]) -> list[Any]:
    """Return a colour for each value: the least, the tightest bound, has the darkest."""
    shades = ordered(len(values))
    return [shades[k] for k in np.argsort(np.argsort(values, kind="stable"), kind="stable")]


def _changes(regime: Any, x: np.ndarray) -> np.ndarray:
    """Return the places, bisected, between which the regime changes."""
    found = regime(x)
    changes = np.flatnonzero(found[1:] != found[:-1])
    return np.ravel(bisected(regime, x[changes, None], x[changes + 1, None]))


def _heights(found: Sequence[_Curve]) -> tuple[float, float]:
    """Return the ends of the upright axis: with some room above, and where a curve grows beyond all bounds, cut."""
    values = np.concatenate([one.heights[np.isfinite(one.heights)] for one in found])
    low, high = float(values.min()), float(values.max())
    cut = float(np.quantile(values, 0.985))
    high = cut if high - low > 3 * (cut - low) > 0 else high
    margin = 0.07 * (high - low) if high - low > 1e-6 * abs(high) else 0.1 * max(abs(high), 1e-3)
    return (max(0.0, low - 1.5 * margin) if low >= 0 else low - 1.5 * margin), high + margin


def _shade(ax: Axes, x: np.ndarray, found: Sequence[_Curve], ends: tuple[float, float]) -> None:
    """Shade what no code reaches: lightly for each curve, hatched for all of them."""
    tops = [np.where(np.isfinite(one.heights), one.heights, ends[1]) for one in found]
    least = np.min(tops, axis=0)
    for top in tops if len(tops) > 1 else ():
        ax.fill_between(x, least, top, color="0.3", alpha=0.3 / len(tops), linewidth=0, zorder=0.5)
    hatch(ax, x, ends[0], least)


def _pieces(found: Sequence[_Curve], height: float) -> Iterator[tuple[_Curve, np.ndarray, int, int]]:
    """Cut curves where a regime changes, the value jumps, or others join; yield each piece with its turn among these."""
    heights = np.array([one.heights for one in found])
    regimes = np.array([np.unique(one.regimes, return_inverse=True)[1] for one in found])
    with np.errstate(invalid="ignore"):
        near = np.abs(heights[:, None] - heights[None]) <= _NEAR * height
        steep = np.abs(np.diff(heights)) > _JUMP * height
    changes = np.diff(regimes) != 0
    # The value may jump a rounding error beside the place where the regime was seen to change.
    changes[:, :-1] |= changes[:, 1:]
    changes[:, 1:] |= changes[:, :-1]
    jumps = steep & changes
    near |= np.eye(len(found), dtype=bool)[..., None]
    for i, one in enumerate(found):
        # Others count with their regimes, so that all have the same pieces where they coincide.
        kind = np.where(near[i], np.where(np.isfinite(heights), regimes, -2), -1)
        cuts = np.flatnonzero((kind[:, 1:] != kind[:, :-1]).any(axis=0) | jumps[i]) + 1
        for piece in np.split(np.arange(heights.shape[1]), cuts):
            if not np.isfinite(heights[i, piece[0]]):
                continue
            # One point of the next piece closes the gap, unless the curve jumps there.
            after = piece[-1] + 1
            joined = after < heights.shape[1] and np.isfinite(heights[i, after]) and not jumps[i, after - 1]
            turn = int(near[i, :i, piece[0]].sum())
            yield one, np.append(piece, after) if joined else piece, turn, int(near[i, :, piece[0]].sum())


def _keys(ax: Axes, found: Sequence[_Curve], dashes: Mapping[str, Sequence[float]]) -> None:
    """Explain the colours of the values, what is shaded, and the styles of the regimes if there are several."""
    from matplotlib.lines import Line2D

    wide = line_width(1.4)
    handles: list[Any] = [Line2D([], [], color=one.colour, linewidth=wide, label=one.words) for one in found]
    handles = handles if found[0].words[1:3] != " =" else []
    if len(dashes) > 1:
        for name, on in dashes.items():
            style = (0, list(on)) if on[-1] else "-"
            handles.append(Line2D([], [], color="0.25", linewidth=line_width(), linestyle=style, label=name))
    handles.append(hatched_key("infeasible" if len(found) < 2 else "infeasible for all"))
    ax.legend(handles=handles, fontsize="small", frameon=True, framealpha=0.9, edgecolor="none", handlelength=2.4)
