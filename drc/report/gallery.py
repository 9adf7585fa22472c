"""The pictures of the theorems: contour maps, curves, the published form beside the exact one, and what codes reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.problems import Bernoulli
from drc.report import coded
from drc.report.pictures import Picture, Row, in_words
from drc.theory import Entry, entry
from drc.tradeoff import Tradeoff
from drc.tradeoff.display import head
from drc.tradeoff.lines import curves
from drc.tradeoff.plot import POINTS, contour
from drc.tradeoff.regions import plane
from drc.tradeoff.style import figure_of, hatch, new_axes, new_figure, ordered, quantity, ruled, subscripted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: One instance in which all four regimes of `D(R, C)` are seen, and one without much conflict.
CONFLICT = {"q_X": 0.3, "q_Y": 0.6, "q_S1": 0.1}
PLAIN = {"q_X": 0.3, "q_Y": 0.4, "q_S1": 0.1}
NORMAL = {"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "mu_S": 0, "sigma_S": 0.8, "theta": 0.6}

#: A number for each letter at which the regimes of every theorem are seen, and components that share the rate unequally.
_LETTERS = (
    CONFLICT
    | NORMAL
    | {
        "q_ref": 0.6,
        "mu_ref": 0.5,
        "sigma_ref": 1.5,
        "mu_T": 0.2,
        "sigma_T": 1.2,
        "rho_TX": 0.9,
        "q_T": 0.05,
        "q_T0": 0.05,
        "q_T1": 0.1,
        "M": 4,
        "lam": 1,
    }
    | {"rho_0": 0, "rho_1": 1, "rho_2": 2}
    | {"mu_X1": 0, "mu_Y1": 0, "sigma_X1": 1, "sigma_Y1": 1, "sigma_S1": 0.8, "theta1": 0.6}
    | {"mu_X2": 0, "mu_Y2": 0, "sigma_X2": 0.7, "sigma_Y2": 0.5, "sigma_S2": 1, "theta2": 0.65}
)

#: Where a map has two axes and the theorem three arguments, the bound that is held.
_HELD = {"bernoulli": 0.75, "gaussian": 1.5}

#: Places along each axis of the numbers beside a map.
_GRID = 41

#: For a vector each point is a search: fewer of them, and ranges that need not be looked for.
_VECTOR = {"R": (0.0, 6.0), "D": (0.0, 3.0), "C": (1.6, 4.2)}
_SEARCHED = 121


#: Maps, and curves for some C: name, theorem, parameters, and these C.
_DRAWN: tuple[tuple[str, str, Mapping[str, float], tuple[float, ...]], ...] = (
    ("bernoulli-drc-map-conflict", "bernoulli.one-shot.YU.drc", CONFLICT, ()),
    ("bernoulli-drc-map", "bernoulli.one-shot.YU.drc", PLAIN, ()),
    ("bernoulli-drc-curves", "bernoulli.one-shot.YU.drc", CONFLICT, (0.5, 0.55, 0.6, 0.7, 0.8, 0.9)),
    ("bernoulli-rdc-map", "bernoulli.one-shot.YU.rdc", CONFLICT, ()),
    ("gaussian-drc-map", "gaussian.asymptotic.drc", NORMAL, ()),
    ("gaussian-drc-curves", "gaussian.asymptotic.drc", NORMAL, (1.2, 1.3, 1.4, 1.5, 1.6, 1.8)),
    ("gaussian-rdc-map", "gaussian.asymptotic.rdc", NORMAL, ()),
)

_CAPTIONS = {
    "bernoulli-drc-map-conflict": "All four regimes: below the lower dashed line classification costs distortion.",
    "bernoulli-drc-map": "Source and target are alike, so transport limits only at high rate.",
    "bernoulli-drc-curves": "Each curve begins at the least rate for its $C$; below $C = 0.664$ bit $D$ no longer reaches"
    " the cost of optimal transport.",
    "bernoulli-rdc-map": "Either $D$ or $C$ determines the rate; where both require too much, no rate will do.",
    "gaussian-drc-map": "$C$ decides whether there is a plan, and $R$ alone what it costs.",
    "gaussian-drc-curves": "One curve for all $C$: a tighter $C$ only takes its beginning away. As $R$ grows, $D$ falls to"
    " the squared Wasserstein distance of the two laws.",
    "gaussian-rdc-map": "The larger of the two rates that $D$ and $C$ require.",
}


def pictures() -> list[tuple[str, Callable[[], Picture]]]:
    """List the pictures of the theorems, each with the id of its theorem and the function that draws it."""
    drawn: list[tuple[str, Callable[[], Picture]]] = [(row[1], partial(_drawn, *row)) for row in _DRAWN]
    drawn.insert(3, ("bernoulli.one-shot.YU.drc", printed_and_exact))
    drawn.append(("bernoulli.asymptotic.Y.drc", lambda: coded.overhead(CONFLICT)))
    return [*drawn, ("gaussian.asymptotic.drc", lambda: coded.lattices(NORMAL))]


def _drawn(name: str, theorem: str, parameters: Mapping[str, float], C: tuple[float, ...]) -> Picture:
    tradeoff, caption = entry(theorem).tradeoff(form="exact", unit="bits", **parameters), _CAPTIONS[name]
    return _curves(name, tradeoff, parameters, C, caption) if C else _map(name, tradeoff, parameters, caption)


def of_theorem(entry: Entry) -> Picture:
    """Draw a theorem at one instance: a map of two of its arguments, or curves over its only one.

    Examples
    --------
    >>> from drc.theory import entry
    >>> of_theorem(entry("gaussian.asymptotic.drc")).name
    'gaussian-asymptotic-drc-map'
    """
    symbolic = entry.tradeoff()
    names = [symbol.name for symbol in symbolic.parameters]
    parameters = {name: _LETTERS[name] for name in names if name in _LETTERS}
    if len(symbolic.arguments) > 1:
        # A letter that a new theorem brings has a number too.
        parameters = dict.fromkeys(names, 0.5) | parameters
    tradeoff = entry.tradeoff(form="exact", unit="bits", **parameters)
    if len(tradeoff.arguments) == 1:
        return _family(f"{entry.id.replace('.', '-')}-curves", tradeoff, parameters)
    held = {"C": _HELD.get(entry.id.split(".")[0], 1.0)} if len(tradeoff.arguments) > 2 else {}
    at = f" at {', '.join(f'${name} = {value:g}$ bit' for name, value in held.items())}" if held else ""
    words = (
        f"Contours of ${tradeoff.value}${at}. Dashed lines are where one regime ends and the next begins; beyond the full"
        " line, hatched, no code exists."
    )
    given: dict[str, Any] = {"held": held}
    if "vector" in entry.id:
        given |= {"points": _SEARCHED, "window": {a.name: _VECTOR[a.name] for a in tradeoff.arguments}}
    return _map(f"{entry.id.replace('.', '-')}-map", tradeoff, parameters, words, **given)


def _family(name: str, tradeoff: Tradeoff, parameters: Mapping[str, float]) -> Picture:
    """Draw a trade-off of one argument: a curve for each of some values of the parameter that is still a symbol, or one."""
    argument, *_ = (s.name for s in tradeoff.arguments)
    free = [s.name for s in tradeoff.parameters]
    ax = new_axes(6.6, 4.0)
    places, rows = np.linspace(0, 3, 121).round(6), []
    shades = ordered(4 if free else 1)
    for k, value in enumerate((0.0, 0.25, 1.0, np.inf) if free else (np.inf,)):
        held = dict.fromkeys(free, value)
        words = "\\infty" if np.isinf(value) else f"{value:g}"
        label = ", ".join(f"${name} = {words}$ bit" for name in free) or None
        heights = np.asarray(tradeoff(**{argument: places, **held}))
        ax.plot(places, heights, color=shades[k], linewidth=2, label=label)
        rows += [
            {**held, argument: float(x), tradeoff.value.name: float(y)} for x, y in zip(places, heights, strict=True)
        ]
    ax.set(xlabel=quantity(argument, tradeoff), ylabel=quantity(tradeoff.value.name, tradeoff), xlim=(0, 3))
    ruled(ax, legend=bool(free))
    shared = f"The more randomness encoder and decoder share, the less ${tradeoff.value}$."
    words = f"Each curve has its own ${free[0]}$. {shared}" if free else ""
    return _picture(name, tradeoff, parameters, words, rows, ax)


def _about(tradeoff: Tradeoff, parameters: Mapping[str, float]) -> dict[str, Any]:
    return {"theorem": tradeoff.id, "form": tradeoff.form, "parameters": dict(parameters), "unit": tradeoff.unit.name}


def _picture(
    name: str, tradeoff: Tradeoff, parameters: Mapping[str, float], caption: str, rows: Sequence[Row], ax: Axes
) -> Picture:
    title = f"${subscripted(head(tradeoff))}$ for {in_words(parameters)}"
    return Picture(name, title, caption, _about(tradeoff, parameters), rows, figure_of(ax))


def _map(
    name: str,
    tradeoff: Tradeoff,
    parameters: Mapping[str, float],
    caption: str,
    *,
    held: Mapping[str, float] | None = None,
    window: Mapping[str, tuple[float, float]] | None = None,
    points: int = POINTS,
) -> Picture:
    held = held or {}
    area = plane(tradeoff, {**held, **(window or {})})
    ranges: dict[str, Any] = {**held, area.x: area.x_range, area.y: area.y_range}
    ax = contour(tradeoff, new_axes(), points=points, **ranges)
    xs, ys = area.grid(_GRID)
    rows = table(tradeoff, *np.meshgrid(xs.round(6), ys.round(6), indexing="ij"), held)
    return _picture(name, tradeoff, parameters, caption, rows, ax)


def table(
    tradeoff: Tradeoff, x: np.ndarray, y: np.ndarray, held: Mapping[str, float] | None = None
) -> list[dict[str, object]]:
    """Evaluate a trade-off: one row for each point, with its regime.

    Parameters
    ----------
    tradeoff : Tradeoff
        Numbers for all parameters.
    x, y : arrays of one shape
        The two arguments.
    held : mapping, optional
        Numbers for other arguments.
    """
    held = held or {}
    first, second = (s.name for s in tradeoff.arguments if s.name not in held)
    points = {first: np.ravel(x), second: np.ravel(y)}
    values, regimes = (np.asarray(found(**points, **held)) for found in (tradeoff, tradeoff.regime))
    return [
        {first: float(a), second: float(b), **held, tradeoff.value.name: float(v), "regime": str(r)}
        for a, b, v, r in zip(*points.values(), values, regimes, strict=True)
    ]


def _curves(
    name: str, tradeoff: Tradeoff, parameters: Mapping[str, float], C: Sequence[float], caption: str
) -> Picture:
    ax = curves(tradeoff, "R", {"C": C}, new_axes(6.6, 4.0))
    rows = table(tradeoff, *np.meshgrid(np.linspace(*ax.get_xlim(), 101).round(6), np.array(C)))
    return _picture(name, tradeoff, parameters, caption, rows, ax)


def printed_and_exact() -> Picture:
    """Draw the published Theorem 2 beside the exact trade-off, over R for two values of C, and over C."""
    plain = Bernoulli().changed(**PLAIN)
    exact, printed = plain.drc(), plain.drc(form="published")
    figure = new_figure(7.4, 3.5)
    figure.set_layout_engine("constrained", wspace=0.06)
    left, right = figure.subplots(1, 2, sharey=True)
    rows = _compare(left, exact, printed, "R", np.linspace(0, 1, 401), {"C": 0.75})
    rows += _compare(right, exact, printed, "C", np.linspace(0.4, 1, 401), {"R": 0.4})
    left.set_ylabel(quantity("D", exact))
    left.legend(fontsize="small", framealpha=0.9, edgecolor="none", loc="upper right")
    caption = (
        "Left: where the exact curve has not begun the published one has a value that no code reaches, and beyond"
        " $R = 0.755$ bit it falls below the cost of optimal transport, 0.1. Right: as $C$ tightens, the printed $D$ falls."
    )
    title = "The published Theorem 2 and the exact $D(R, C)$"
    about = {**_about(exact, PLAIN), "form": "exact and published"}
    return Picture("bernoulli-printed-and-exact", title, caption, about, rows, figure)


def _compare(
    ax: Axes, exact: Tradeoff, printed: Tradeoff, over: str, places: np.ndarray, fixed: Mapping[str, float]
) -> list[Row]:
    values = [np.asarray(t(**{over: places}, **fixed)) for t in (exact, printed)]
    ((name, number),) = fixed.items()
    hatch(ax, places, -0.05, 0.5, where=np.isinf(values[0]), label="no plan exists")
    masked = [np.where(np.isfinite(v), v, np.nan) for v in values]
    ax.plot(places, masked[1], color="#c85200", linewidth=2.2, linestyle=(0, (4, 1.5)), label="as published")
    ax.plot(places, masked[0], color="#00204d", linewidth=2.2, label="exact")
    ax.set(xlim=(places[0], places[-1]), ylim=(0, 0.5), xlabel=quantity(over, exact))
    ax.set_title(f"${name} = {number:g}$ bit", fontsize="medium")
    columns = zip(places.round(6).tolist(), *(v.tolist() for v in values), np.isclose(*values, atol=1e-9), strict=True)
    return [
        {"R": float(number), "C": float(number), over: x, "exact": exact, "printed": printed, "agree": bool(agree)}
        for x, exact, printed, agree in columns
    ]
