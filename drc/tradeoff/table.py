"""Tables: booktabs LaTeX, CSV and HTML from the same rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from drc.errors import must
from drc.expressions.latex import latex
from drc.expressions.layout import conditions
from drc.numbers import whole
from drc.problems.validation import choice, numbers_given
from drc.tradeoff.function import RegimeFunction
from drc.typeset.tables import FORMS, latex_row, render, tabular, wrapped

#: More decimals than doubles have would be invented ones.
_MOST_DIGITS = 12

_NEEDS = "% needs booktabs and siunitx\n"


def regimes_table(tradeoff: RegimeFunction, form: str, *, narrow: bool = False) -> str:
    """List the regimes: name, value, condition; narrowly, with the condition below the value."""
    choice("form", form, FORMS)
    value, names = str(tradeoff.value), tradeoff.names
    if form == "csv":
        rows = [[r.name, str(r.expr), str(r.condition)] for r in tradeoff.cases]
        return render(["regime", value, "condition"], rows, form)
    where = [" and ".join(f"${c}$" for c in conditions(r.condition, names)) or "always" for r in tradeoff.cases]
    if narrow and form == "latex":
        values = [_narrow(latex(r.expr, names)) for r in tradeoff.cases]
        cells = [
            rf"{value}\newline {'' if at == 'always' else 'if '}{at}" for value, at in zip(values, where, strict=True)
        ]
        rows = [
            latex_row([wrapped(r"0.27\linewidth", r.name), wrapped(r"0.66\linewidth", cell)])
            for r, cell in zip(tradeoff.cases, cells, strict=True)
        ]
        return tabular("@{}ll@{}", [latex_row(["regime", f"${value}$"])], ["\n\\addlinespace\n".join(rows)])
    rows = [[r.name, f"${latex(r.expr, names)}$", at] for r, at in zip(tradeoff.cases, where, strict=True)]
    return render(["regime", f"${value}$", "condition"], rows, form)


def _narrow(tex: str) -> str:
    """Set a formula in a narrow cell: TeX breaks its lines, but not within tall brackets, which are scaled down."""
    if r"\left" not in tex and r"\begin" not in tex:
        return f"${tex}$"
    return rf"\sbox2{{${tex}$}}\ifdim\wd2>\linewidth\resizebox{{\linewidth}}{{!}}{{\usebox2}}\else\usebox2\fi"


def points_table(tradeoff: RegimeFunction, points: Iterable[Mapping[str, float]], form: str) -> str:
    """List values and regimes at some points."""
    choice("form", form, FORMS)
    points = list(points)
    names = list(dict.fromkeys(name for point in points for name in point))
    number = "{:.6g}".format
    rows = _values(tradeoff, points, names, number, number)
    head = [*names, str(tradeoff.value)]
    if form != "csv":
        rows = [[_set(cell) for cell in row] for row in rows]
        head = [_with_unit(name, tradeoff) for name in head]
    return render([*head, "regime"], rows, form)


def _values(
    tradeoff: RegimeFunction,
    points: Iterable[Mapping[str, float]],
    names: Iterable[str],
    number: Callable[[float], str],
    result: Callable[[float], str],
) -> list[list[str]]:
    """Evaluate at some points: what is given, the value, the regime."""
    return [
        [
            *(number(float(p[n])) if n in p else "" for n in names),
            result(float(tradeoff(**p))),
            str(tradeoff.regime(**p)),
        ]
        for p in points
    ]


def grid_table(tradeoff: RegimeFunction, grid: Mapping[str, object], form: str, digits: int = 4) -> str:
    """Tabulate values over a grid: two names with several numbers make rows and columns, other grids a list.

    CSV is always a list, with all digits; in LaTeX, columns align at the decimal point.
    """
    choice("form", form, FORMS)
    whole("digits", digits, 0, _MOST_DIGITS)
    axes = {name: _axis(name, values) for name, values in grid.items()}
    varying = [name for name in axes if np.ndim(grid[name])]  # pyright: ignore[reportArgumentType] (as `_axis` has checked)
    if len(varying) == 2 and form != "csv":
        return _matrix(tradeoff, axes, (varying[0], varying[1]), form, digits)
    points = [dict(zip(axes, point, strict=True)) for point in itertools.product(*axes.values())]
    if form == "csv":
        return render([*axes, str(tradeoff.value), "regime"], _values(tradeoff, points, axes, repr, repr), form)
    rows = _values(tradeoff, points, axes, _short, lambda value: _decimal(value, digits))
    head = [*(_with_unit(name, tradeoff) for name in axes), _value(tradeoff, {}), "regime"]
    if form == "html":
        return render(head, [[_set(cell) for cell in row] for row in rows], form)
    columns = "".join(_column(cells) for cells in list(zip(*rows, strict=True))[:-1])
    top = [latex_row([*(f"{{{cell}}}" for cell in head[:-1]), head[-1]])]
    return _NEEDS + tabular(f"{columns}l", top, [latex_row([*map(_cell, row[:-1]), row[-1]]) for row in rows])


def _axis(name: str, values: Any) -> list[float]:
    found = numbers_given(name, values)
    if np.ndim(found) > 1 or np.size(found) == 0:
        raise must(name, "be a number or a row of numbers", got=f"shape {np.shape(found)}")
    return np.ravel(found).tolist()


def _matrix(
    tradeoff: RegimeFunction, axes: Mapping[str, list[float]], names: tuple[str, str], form: str, digits: int
) -> str:
    down, across = (axes[name] for name in names)
    held = {name: values[0] for name, values in axes.items() if name not in names}
    values = np.asarray(tradeoff(**held, **{names[0]: np.array(down)[:, None], names[1]: np.array(across)[None, :]}))
    head, side = (_with_unit(name, tradeoff) for name in reversed(names))
    title = f"{_value(tradeoff, held)} at {head}"
    rows = [[_short(x), *(_decimal(v, digits) for v in row)] for x, row in zip(down, values, strict=True)]
    if form == "html":
        return render([f"{side}; {title}", *map(_short, across)], rows, form)
    count = len(across)
    top = [
        rf"& \multicolumn{{{count}}}{{c}}{{{title}}} \\",
        rf"\cmidrule(lr){{2-{count + 1}}}",
        latex_row([f"{{{side}}}", *(f"{{{_set(_short(x))}}}" for x in across)]),
    ]
    columns = "".join(map(_column, zip(*rows, strict=True)))
    return _NEEDS + tabular(columns, top, [latex_row(map(_cell, row)) for row in rows])


def _value(tradeoff: RegimeFunction, held: Mapping[str, float]) -> str:
    """Set what is tabulated, with what is held."""
    unit = "" if str(tradeoff.value) == "D" else f" ({tradeoff.unit.short})"
    at = ", ".join(rf"${latex_name(n, tradeoff)} = {_set(_short(x)).strip('$')}$" for n, x in held.items())
    return f"${tradeoff.value}${unit}" + (f" with {at}," if at else "")


def _column(cells: Iterable[str]) -> str:
    """Return a column of siunitx, as wide as the numbers in it."""
    parts = [cell.lstrip("-").partition(".") for cell in cells if _is_decimal(cell)]
    before, after = (max((len(part[i]) for part in parts), default=0) for i in (0, 2))
    return f"S[table-format={max(before, 1)}.{after}]"


def _cell(cell: str) -> str:
    """Set a number as siunitx takes it; what is not a decimal is put in braces."""
    if _is_decimal(cell):
        return cell
    return f"{{{_set(cell)}}}" if "inf" in cell else rf"{{\num{{{cell}}}}}"


def _is_decimal(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdigit()


def _decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if math.isfinite(value) else str(float(value))


def _short(value: float) -> str:
    return f"{float(value):.10g}"


def _with_unit(name: str, tradeoff: RegimeFunction) -> str:
    return f"${latex_name(name, tradeoff)}$" + (f" ({tradeoff.unit.short})" if name in ("R", "C") else "")


def latex_name(name: str, tradeoff: RegimeFunction) -> str:
    """Set the name of an argument, a parameter or the value."""
    symbols = {s.name: s for s in (*tradeoff.arguments, *tradeoff.parameters, tradeoff.value)}
    return latex(symbols[name], tradeoff.names) if name in symbols else name


def _set(cell: str) -> str:
    return {"inf": r"$\infty$", "-inf": r"$-\infty$"}.get(cell, cell)
