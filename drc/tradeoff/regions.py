"""Where the regimes of a trade-off lie in the plane of its two arguments: ranges to look at, and borders."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.errors import ProblemError, must
from drc.numbers import finite
from drc.tradeoff.function import RegimeFunction

if TYPE_CHECKING:
    from drc.types import Range

#: Changes of the value below this share of its range do not count when a range is chosen.
_SHARE = 0.01
_BISECTIONS = 40

#: Places of the grid along each axis between which borders are looked for.
_PLACES = 161


@dataclass(frozen=True)
class Plane:
    """A trade-off with numbers for all parameters, as a function of its two arguments.

    Attributes
    ----------
    x, y : str
        Names of the arguments on the axes.
    x_range, y_range : (low, high)
    fixed : mapping
        Numbers for parameters that the trade-off has as symbols.
    """

    tradeoff: RegimeFunction
    x: str
    y: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    fixed: Mapping[str, float]

    def value(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Evaluate at points that broadcast, for a picture."""
        return self._seen(x, y)[0]

    def regime(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return the place of each point's regime in `names`."""
        return np.searchsorted(np.array(self.names), self._seen(x, y)[1])

    def _seen(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.tradeoff.for_the_eye(**{self.x: x, self.y: y}, **self.fixed)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the regimes, sorted."""
        return tuple(sorted({regime.name for regime in self.tradeoff.cases} | {"infeasible"}))

    def grid(self, points: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `points` places along each axis."""
        return np.linspace(*self.x_range, points), np.linspace(*self.y_range, points)


def plane(tradeoff: RegimeFunction, ranges: Mapping[str, Range]) -> Plane:
    """Check the ranges given, and choose those left out from where the regimes change.

    Parameters
    ----------
    ranges : mapping from an argument to (low, high), or from a free parameter to a number
        Of three arguments one is given as a number.

    Raises
    ------
    ProblemError
        For an unknown name, an invalid range, or a parameter left free.

    Examples
    --------
    >>> import drc
    >>> p = plane(drc.Bernoulli(q_X=0.5, q_Y=0.5, q_S1=0).drc(), {"R": (0, 1)})
    >>> p.x, p.x_range, tuple(round(y, 2) for y in p.y_range)
    ('R', (0.0, 1.0), (-0.1, 1.1))
    """
    names = [symbol.name for symbol in tradeoff.arguments]
    free = _free(tradeoff, ranges)
    held = [name for name in names if len(names) > 2 and np.ndim(ranges.get(name, ())) == 0]  # pyright: ignore[reportArgumentType] (sympy)
    if len(names) - len(held) != 2:
        raise ProblemError(
            f"a plane must have two axes, got {', '.join(names)} of {tradeoff.id}: give a number for one of them"
        )
    x, y = (name for name in names if name not in held)
    fixed = {name: ranges[name] for name in [*free, *held]}
    given = {name: _pair(name, ranges[name]) for name in (x, y) if name in ranges}
    return Plane(tradeoff, x, y, *_ranges(tradeoff, x, y, fixed, given), fixed)  # pyright: ignore[reportArgumentType] (numbers)


def stretch(
    tradeoff: RegimeFunction, over: str, held: Mapping[str, Range | Sequence[float]], ranges: Mapping[str, object]
) -> tuple[float, float]:
    """Check the range given for an argument, or choose one within which the regimes change.

    Parameters
    ----------
    held : mapping from each other argument, and each free parameter, to numbers that broadcast to one dimension
    ranges : mapping
        With (low, high) for `over`, or without it.

    Raises
    ------
    ProblemError
        As for `plane`.
    """
    _free(tradeoff, {**held, **ranges})
    if over in ranges:
        return _pair(over, ranges[over])
    low, high = _scan(tradeoff, over, held, share=1.0)
    low = low if over == "C" else 0.0
    margin = 0.2 * max(high - low, 0.1 * max(abs(low), abs(high))) or 1.0
    return low - margin if over == "C" else 0.0, high + margin


def _free(tradeoff: RegimeFunction, given: Mapping[str, object]) -> list[str]:
    """Return the parameters that are symbols, all of which must have a number."""
    names = [symbol.name for symbol in tradeoff.arguments]
    free = sorted(symbol.name for symbol in tradeoff.parameters)
    if unknown := sorted({*given} - {*names, *free}):
        raise must("the arguments of a plot", f"be among {', '.join([*names, *free])}", got=unknown[0])
    if missing := sorted({*free} - {*given}):
        raise ProblemError(f"{', '.join(missing)} must be numbers in {tradeoff.id}: give them here, or use `given()`")
    return free


def _pair(name: str, value: Any) -> tuple[float, float]:
    try:
        first, last = value
    except (TypeError, ValueError):
        raise must(name, "be a pair (low, high)", value) from None
    low, high = (float(finite(name, end)) for end in (first, last))
    if not low < high or (name != "C" and low < 0):
        floor = "" if name == "C" else ", not negative"
        raise ProblemError(f"{name} must be a pair (low, high) with low < high{floor}, got ({low:g}, {high:g})")
    return low, high


def _ranges(
    tradeoff: RegimeFunction, x: str, y: str, fixed: Mapping, given: Mapping
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Scan each argument, first with the other inactive, then with the other at several places of its range."""
    found = dict(given)
    others = {name: _places(given[name]) if name in given else np.array([np.inf]) for name in (x, y)}
    for _ in range(2):
        for name, other in ((y, x), (x, y)):
            if name not in given:
                places = others[other] if other == "C" else np.maximum(others[other], 0)
                found[name] = _scan(tradeoff, name, {other: places, **fixed})
                others[name] = _places(found[name])
    first, second = (_padded(name, *found[name]) if name not in given else found[name] for name in (x, y))
    return first, second


def _places(ends: tuple[float, float]) -> np.ndarray:
    """Places of a range, and where the argument is inactive."""
    low, high = ends
    return np.append(np.linspace(low, high, 25), np.inf)


def _scan(
    tradeoff: RegimeFunction, name: str, held: Mapping[str, Any], share: float | None = None
) -> tuple[float, float]:
    """Return the least interval outside which neither the regime nor, to the eye, the value changes."""
    axis = np.sinh(np.linspace(0, 14, 6000)) * 1e-2
    axis = np.concatenate([-axis[:0:-1], axis]) if name == "C" else axis
    values, regimes = (found.reshape(len(axis), -1) for found in tradeoff.for_the_eye(**{name: axis[:, None], **held}))
    changes = regimes[1:] != regimes[:-1]
    finite = np.isfinite(values)
    last = np.where(finite[-1], values[-1], 0.0)
    top = np.where(finite, values, -np.inf).max(axis=0)
    spread = np.where(finite[-1], np.minimum(top - last, 10.0 * (1.0 + np.abs(last))), 0.0).max()
    with np.errstate(invalid="ignore"):
        moving = (finite & (np.abs(values - last) > _SHARE * spread))[1:]
    return _extent(axis, changes | moving, {"R": 0.96, "P": 0.7}.get(name, 1.0) if share is None else share)


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


@dataclass(frozen=True)
class Border:
    """Where two regimes meet.

    Attributes
    ----------
    lines : tuple of arrays of shape (n, 2)
        Each point of them is bisected.
    step : float
        How far the value jumps there; infinite at the edge of the feasible set, and nearly zero where it is continuous.
    """

    lines: tuple[np.ndarray, ...]
    step: float


def borders(area: Plane) -> dict[tuple[str, str], Border]:
    """Trace the borders between regimes, for each pair of neighbours."""
    from contourpy import contour_generator

    xs, ys = area.grid(_PLACES)
    index = area.regime(*np.meshgrid(xs, ys, indexing="ij"))
    lines: list[tuple[int, np.ndarray, np.ndarray, np.ndarray]] = []
    for kind in np.unique(index)[:-1].tolist():
        for line in contour_generator(z=(index == kind).astype(float)).lines(0.5):
            # Each vertex is the middle of an edge of the grid, with the regime at one end and its neighbour at the other.
            low, high = (end(np.asarray(line)[::-1, ::-1]).astype(int).T for end in (np.floor, np.ceil))
            neighbours = index[tuple(low)] + index[tuple(high)] - kind
            first, last = (np.column_stack([xs[i], ys[j]]) for i, j in (low, high))
            lines.append((kind, neighbours, first, last))
    if not lines:
        return {}
    # All at once: an evaluation costs about the same for one point and for a thousand.
    a, b = bisected(area.regime, *(np.concatenate(ends) for ends in list(zip(*lines, strict=True))[2:]))
    steps = _steps(area, a, b)
    cuts = np.cumsum([len(neighbours) for _, neighbours, *_ in lines])[:-1]
    found: dict[tuple[str, str], tuple[list[np.ndarray], list[float]]] = {}
    for (kind, neighbours, *_), places, step in zip(
        lines, np.split((a + b) / 2, cuts), np.split(steps, cuts), strict=True
    ):
        for other in np.unique(neighbours[neighbours > kind]).tolist():
            pieces, known = found.setdefault((area.names[kind], area.names[other]), ([], []))
            pieces += [stretch for near, stretch in _stretches(places, neighbours) if near == other]
            known += step[neighbours == other].tolist()
    return {pair: Border(tuple(pieces), float(np.median(known))) for pair, (pieces, known) in found.items()}


def _steps(area: Plane, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return how far the value jumps between points on both sides of a border."""
    first, second = (area.value(*side.T) for side in (a, b))
    feasible = np.isfinite(first) & np.isfinite(second)
    return np.abs(np.subtract(first, second, out=np.full(len(a), np.inf), where=feasible))


def outlines(xs: np.ndarray, ys: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """Trace where values on a grid, of shape (n, m), stop being finite: lines of shape (k, 2)."""
    from contourpy import contour_generator

    # Colours too are drawn only between finite values, cut across the corners.
    inside = np.where(np.isfinite(values), 1.0, 0.0).T
    return [np.asarray(line) for line in contour_generator(xs, ys, inside).lines(1.0 - 1e-9)]


def bisected(regime: Callable[..., np.ndarray], a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Halve segments between points of different regimes, of shape (n, k); return the ends of what is left of them."""
    first = regime(*a.T)
    for _ in range(_BISECTIONS if len(a) else 0):
        middle = (a + b) / 2
        here = (regime(*middle.T) == first)[:, None]
        a, b = np.where(here, middle, a), np.where(here, b, middle)
    return a, b


def _stretches(places: np.ndarray, kinds: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Cut a line where the kind of its points changes; both sides go on to the middle between the two points."""
    cuts = np.flatnonzero(np.diff(kinds)) + 1
    middles = (places[cuts - 1] + places[cuts]) / 2
    for k, part in enumerate(np.split(places, cuts)):
        yield (
            int(kinds[cuts[k - 1] if k else 0]),
            np.concatenate([middles[max(k - 1, 0) : k], part, middles[k : k + 1]]),
        )
