"""Where the regimes of a trade-off lie in the plane of its two arguments: ranges to look at, and borders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.numbers import brief, finite
from drc.tradeoff.tradeoff import Tradeoff

#: Changes of the value below this share of its range do not count when a range is chosen.
_SHARE = 0.01
_BISECTIONS = 40


@dataclass(frozen=True)
class Plane:
    """A trade-off with numbers for all parameters, as a function of its two arguments.

    Attributes
    ----------
    tradeoff : Tradeoff
    x, y : str
        Names of the arguments on the axes.
    x_range, y_range : (low, high)
    fixed : mapping
        Numbers for parameters that the trade-off has as symbols.
    """

    tradeoff: Tradeoff
    x: str
    y: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    fixed: Mapping[str, float]

    def value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate at points that broadcast."""
        return np.asarray(self.tradeoff(**{self.x: x, self.y: y}, **self.fixed))

    def regime(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the place of each point's regime in `names`."""
        found = np.asarray(self.tradeoff.regime(**{self.x: x, self.y: y}, **self.fixed))
        return np.searchsorted(np.array(sorted(self.names)), found)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the regimes, sorted."""
        return tuple(sorted({regime.name for regime in self.tradeoff.cases} | {"infeasible"}))

    def grid(self, points: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `points` places along each axis."""
        return np.linspace(*self.x_range, points), np.linspace(*self.y_range, points)


def plane(tradeoff: Tradeoff, ranges: Mapping[str, Any]) -> Plane:
    """Check the ranges given, and choose those left out from where the regimes change.

    Parameters
    ----------
    tradeoff : Tradeoff
    ranges : mapping from an argument to (low, high), or from a free parameter to a number
        Of three arguments one is given as a number.

    Raises
    ------
    ProblemError
        For an unknown name, a range that is none, or a parameter left free.

    Examples
    --------
    >>> import drc
    >>> p = plane(drc.Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0).drc(), {"R": (0, 1)})
    >>> p.x, p.x_range, tuple(round(y, 2) for y in p.y_range)
    ('R', (0.0, 1.0), (-0.1, 1.1))
    """
    names = [symbol.name for symbol in tradeoff.arguments]
    free = {symbol.name for symbol in tradeoff.parameters}
    if unknown := sorted(set(ranges) - {*names} - free):
        raise ProblemError(f"{unknown[0]} is no argument to plot: allowed are {', '.join([*names, *sorted(free)])}")
    held = [name for name in names if len(names) > 2 and np.ndim(ranges.get(name, ())) == 0]
    if len(names) - len(held) != 2:
        raise ProblemError(f"a plane has two axes, and {tradeoff.id} {', '.join(names)}: give a number for one of them")
    x, y = (name for name in names if name not in held)
    if missing := sorted(free - set(ranges)):
        raise ProblemError(f"{', '.join(missing)} still free in {tradeoff.id}: give numbers, or use `given()`")
    fixed = {name: ranges[name] for name in [*sorted(free), *held]}
    given = {name: _pair(name, ranges[name]) for name in (x, y) if name in ranges}
    return Plane(tradeoff, x, y, *_ranges(tradeoff, x, y, fixed, given), fixed)


def _pair(name: str, value: Any) -> tuple[float, float]:
    try:
        first, last = value
    except (TypeError, ValueError):
        raise ProblemError(f"{name} must be a pair (low, high), got {brief(value)}") from None
    low, high = (float(finite(name, end)) for end in (first, last))
    if not low < high or (name != "C" and low < 0):
        floor = "" if name == "C" else ", not negative"
        raise ProblemError(f"{name} must be a pair (low, high) with low < high{floor}, got ({low:g}, {high:g})")
    return low, high


def _ranges(tradeoff: Tradeoff, x: str, y: str, fixed: Mapping, given: Mapping) -> tuple:
    """Scan each argument, first with the other inactive, then with the other at several places of its range."""
    found = dict(given)
    others = {name: np.append(np.linspace(*given[name], 25), np.inf) if name in given else [np.inf] for name in (x, y)}
    for _ in range(2):
        for name, other in ((y, x), (x, y)):
            if name not in given:
                found[name] = _scan(tradeoff, name, other, others[other], fixed)
                others[name] = np.append(np.linspace(*found[name], 25), np.inf)
    return tuple(_padded(name, *found[name]) if name not in given else found[name] for name in (x, y))


def _scan(tradeoff: Tradeoff, name: str, other: str, places: np.ndarray, fixed: Mapping) -> tuple[float, float]:
    """Return the least interval outside which neither the regime nor, to the eye, the value changes."""
    axis = np.sinh(np.linspace(0, 14, 6000)) * 1e-2
    axis = np.concatenate([-axis[:0:-1], axis]) if name == "C" else axis
    arguments = {name: axis[:, None], other: np.maximum(places, 0) if other != "C" else places, **fixed}
    values, regimes = (found.reshape(len(axis), -1) for found in tradeoff.for_the_eye(**arguments))
    changes = regimes[1:] != regimes[:-1]
    finite = np.isfinite(values)
    last = np.where(finite[-1], values[-1], 0.0)
    top = np.where(finite, values, -np.inf).max(axis=0)
    spread = np.where(finite[-1], np.minimum(top - last, 10.0 * (1.0 + np.abs(last))), 0.0).max()
    with np.errstate(invalid="ignore"):
        moving = (finite & (np.abs(values - last) > _SHARE * spread))[1:]
    return _extent(axis, changes | moving, {"R": 0.96, "P": 0.7}.get(name, 1.0))


def _extent(axis: np.ndarray, changing: np.ndarray, share: float) -> tuple[float, float]:
    """Cover the changes along the axis at most places: the last few may lie far out on an infinite tail."""
    changing = changing[:, changing.any(axis=0)]
    if changing.shape[1] == 0:
        return (0.0, 1.0)
    first = changing.argmax(axis=0)
    last = len(changing) - changing[::-1].argmax(axis=0)
    return float(axis[first.min()]), float(axis[int(np.quantile(last, share, method="lower"))])


def _padded(name: str, low: float, high: float) -> tuple[float, float]:
    margin = 0.1 * (high - low)
    if name == "R":
        return 0.0, high + margin
    return (low - margin if name == "C" else max(0.0, low - margin)), high + margin


def borders(area: Plane, points: int = 161) -> dict[tuple[str, str], list[np.ndarray]]:
    """Trace the borders between regimes, each point of them bisected.

    Parameters
    ----------
    area : Plane
    points : int
        Places of the grid along each axis between which borders are looked for.

    Returns
    -------
    dict
        For each pair of neighbouring regimes, polylines of shape (n, 2).
    """
    xs, ys = area.grid(points)
    index = area.regime(*np.meshgrid(xs, ys, indexing="ij"))
    crossing: dict[tuple, tuple[np.ndarray, tuple[int, int]]] = {}
    for axis in (0, 1):
        lows = np.argwhere(np.diff(index, axis=axis) != 0)
        highs = lows + np.eye(2, dtype=int)[axis]
        places = _bisected(area, xs, ys, lows, highs, index[tuple(lows.T)])
        for low, high, place in zip(lows, highs, places, strict=True):
            pair = tuple(sorted((int(index[tuple(low)]), int(index[tuple(high)]))))
            crossing[(axis, *low.tolist())] = (place, pair)
    return _joined(area, crossing, points)


def _bisected(area: Plane, xs, ys, lows, highs, regime_low) -> np.ndarray:
    """Halve the edges at which the regime changes."""
    a = np.column_stack([xs[lows[:, 0]], ys[lows[:, 1]]])
    b = np.column_stack([xs[highs[:, 0]], ys[highs[:, 1]]])
    for _ in range(_BISECTIONS if len(a) else 0):
        middle = (a + b) / 2
        here = area.regime(middle[:, 0], middle[:, 1]) == regime_low
        a, b = np.where(here[:, None], middle, a), np.where(here[:, None], b, middle)
    return (a + b) / 2


def _joined(area: Plane, crossing: dict, points: int) -> dict[tuple[str, str], list[np.ndarray]]:
    """Connect the crossings of every cell of the grid, and chain the pieces of each pair of regimes."""
    pieces: dict[tuple[int, int], list[tuple[np.ndarray, np.ndarray]]] = {}
    for i in range(points - 1):
        for j in range(points - 1):
            edges = [(0, i, j), (0, i, j + 1), (1, i, j), (1, i + 1, j)]
            found = [crossing[e] for e in edges if e in crossing]
            if len(found) == 2 and found[0][1] == found[1][1]:
                pieces.setdefault(found[0][1], []).append((found[0][0], found[1][0]))
            elif found:
                middle = np.mean([place for place, _ in found], axis=0)
                for place, pair in found:
                    pieces.setdefault(pair, []).append((place, middle))
    names = area.names
    return {(names[a], names[b]): _chained(found) for (a, b), found in sorted(pieces.items())}


def _chained(pieces: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Put pieces that share an end into one line, and leave out points on a straight one."""
    ends: dict[tuple, list[int]] = {}
    for k, piece in enumerate(pieces):
        for end in piece:
            ends.setdefault(tuple(end), []).append(k)
    unused, lines = set(range(len(pieces))), []
    starts = sorted(unused, key=lambda k: min(len(ends[tuple(end)]) for end in pieces[k]))
    for start in starts:
        if start not in unused:
            continue
        unused.discard(start)
        line = list(pieces[start])
        for backwards in (False, True):
            line = line[::-1] if backwards else line
            while (k := next((k for k in ends[tuple(line[-1])] if k in unused), None)) is not None:
                unused.discard(k)
                a, b = pieces[k]
                line.append(b if tuple(a) == tuple(line[-1]) else a)
        lines.append(_straightened(np.array(line)))
    return lines


def _straightened(line: np.ndarray) -> np.ndarray:
    if len(line) < 3:
        return line
    scale = np.ptp(line, axis=0)
    scaled = (line - line[0]) / np.where(scale > 0, scale, 1)
    before, after = np.diff(scaled[:-1], axis=0), np.diff(scaled[1:], axis=0)
    turn = np.abs(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0])
    lengths = np.hypot(*before.T) * np.hypot(*after.T)
    keep = np.concatenate([[True], turn > 1e-4 * np.where(lengths > 0, lengths, 1), [True]])
    return line[keep]
