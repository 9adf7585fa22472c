"""Draw the pictures of README, first page and paper, their numbers beside them: `python docs/make_figures.py`."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import drc
from drc.files import csv_of, write_whole
from drc.tradeoff.style import figure_of, new_figure

HERE = Path(__file__).parent

#: On a dark page, ink is light and the paper is the page.
_INK = "#d5d9de"
_DARK: dict[str, object] = dict.fromkeys(
    ("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor", "xtick.color", "ytick.color"), _INK
) | {"figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": "none"}

#: A scan is dark or bright, and one in four has a mark: its letters are pairs (bright, mark), and the mark is the label.
LETTERS = ((0, 0), (0, 1), (1, 0), (1, 1))
MARKED = 0.25

#: The rate of all codes of the example, and the classification bound of those that have one, in bits.
RATE, BOUND = 1.0, 0.2

#: Scans in a row of the picture, and seeds that draw and code them such that a quarter have a mark.
_SHOWN, _DRAWN, _CODED = 12, 5, 4


def scans(*, right_law: bool = False) -> drc.Finite:
    """Return the example of the first page; `right_law` requires the reconstructions to look like scans."""
    chances = np.array([[1 - MARKED, 0], [0, MARKED]])
    p_SX = np.hstack([chances, chances]) / 2
    errors = [[0.8 * (a != c) + 0.2 * (b != d) for c, d in LETTERS] for a, b in LETTERS]
    return drc.Finite(p_SX, errors, p_Y=p_SX.sum(axis=0) if right_law else None)


def four_regimes() -> Figure:
    """D(R, C) of a Bernoulli source that has all four regimes."""
    return figure_of(_regimes().plot(R=(0, 1), C=(0.4, 1)))


def _regimes() -> drc.Tradeoff:
    return drc.Bernoulli(q_X=0.3, q_Y=0.6, q_S1=0.1).drc()


def regime_numbers() -> str:
    """Return the numbers of the map, as CSV."""
    points = [{"R": R, "C": C} for R in np.linspace(0, 1, 21).round(3) for C in np.linspace(0.4, 1, 13).round(3)]
    return _regimes().table(points, form="csv")


def coded() -> dict[str, np.ndarray]:
    """Code some scans at one bit per scan, with and without a bound on the label and a law to keep; return the letters."""
    free, kept = scans(), scans(right_law=True)
    codes = {
        "least distortion": drc.codec(free, R=RATE),
        "label kept": drc.codec(free, R=RATE, C=BOUND),
        "distribution kept": drc.codec(kept, R=RATE),
        "both kept": drc.codec(kept, R=RATE, C=BOUND),
    }
    _, x = codes["both kept"].sample(_SHOWN, _DRAWN)
    return {"source": x} | {name: code.decode(code.encode(x, seed=_CODED)) for name, code in codes.items()}


def price_of_the_label() -> Mapping[str, np.ndarray]:
    """Return the least distortion at one bit for each C, of any reconstruction and of those that look like scans."""
    C = np.linspace(0, 0.9, 91).round(3)
    return {"C": C, **{name: scans(right_law=kept).tradeoff()(R=RATE, C=C) for name, kept in _CURVES.items()}}


_CURVES = {"any reconstruction": False, "distribution kept": True}


def opening() -> Figure:
    """Draw coded scans, and below them what the label and the distribution cost: letters can be read on a phone."""
    figure = new_figure(5.4, 4.9)
    above, below = figure.subplots(2, 1, height_ratios=(1, 1.25))
    _rows(above, coded())
    _prices(below)
    return figure


def _rows(ax: Axes, rows: Mapping[str, np.ndarray]) -> None:
    """Draw each scan as a square, bright or dark, with or without a mark; one whose mark is wrong has a frame."""
    from matplotlib.patches import Circle, Rectangle

    source = rows["source"]
    for height, letters in zip(range(len(rows))[::-1], rows.values(), strict=True):
        for place, letter in enumerate(letters):
            bright, mark = LETTERS[letter]
            wrong = mark != LETTERS[source[place]][1]
            frame = {"edgecolor": "#c85200" if wrong else "0.5", "linewidth": 2.4 if wrong else 0.6}
            ax.add_patch(Rectangle((place, height + 0.1), 0.86, 0.8, facecolor="0.86" if bright else "0.36", **frame))
            if mark:
                ax.add_patch(Circle((place + 0.43, height + 0.5), 0.17, color="#00204d" if bright else "#ffe082"))
    ax.set(xlim=(-0.1, len(source)), ylim=(-0.05, len(rows) + 0.05), aspect="equal", xticks=[])
    ax.set_yticks(np.arange(len(rows)) + 0.5, [*rows][::-1])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)


def _prices(ax: Axes) -> None:
    numbers = price_of_the_label()
    styles = zip(_CURVES, ("#2a9d8f", "#e9833a"), ("-", (0, (4, 1.5))), strict=True)
    for name, colour, dashes in styles:
        ax.plot(numbers["C"], numbers[name], color=colour, linestyle=dashes, linewidth=2, label=name)
        at = np.array([BOUND, numbers["C"][-1]])
        ax.plot(at, np.interp(at, numbers["C"], numbers[name]), "o", color=colour, markersize=5, clip_on=False)
    ax.set(xlim=(0, 0.9), ylim=(0, None), xlabel="label uncertainty allowed, $C$ (bit)", ylabel="distortion $D$")
    ax.legend(fontsize="small", frameon=False)
    ax.grid(visible=True, color="0.5", alpha=0.25, linewidth=0.6)


def opening_numbers() -> str:
    """Return the two curves of the first picture, as CSV."""
    numbers = price_of_the_label()
    return csv_of([dict(zip(numbers, map(float, row), strict=True)) for row in zip(*numbers.values(), strict=True)])


def _saved(draw: Callable[[], Figure], path: Path, **rc: object) -> None:
    """Draw, and write the file that the name ends in."""
    picture, form = io.BytesIO(), path.suffix[1:]
    # Without a date and with fixed ids, the same picture is the same file.
    metadata = {"Software": None} if form == "png" else {"Date": None}
    with mpl.rc_context({"svg.hashsalt": "drc", **rc}):
        draw().savefig(picture, format=form, dpi=200, metadata=metadata)
    write_whole(path, picture.getvalue())


def bibliography() -> str:
    """Return the entries that the paper cites, as the bibliography of the package has them."""
    cited = set(re.findall(r"@(\w+)", (HERE / "paper" / "paper.md").read_text(encoding="utf-8")))
    entries = re.split(r"\n(?=@)", (HERE.parent / "drc" / "report" / "references.bib").read_text(encoding="utf-8"))
    found = {key[1]: entry for entry in entries if (key := re.match(r"@\w+\{(\w+),", entry))}
    return "\n".join(f"{found[key].strip()}\n" for key in sorted(cited))


def write_all() -> None:
    """Write every picture, light and dark and for print, the numbers, and the bibliography of the paper."""
    write_whole(HERE / "paper" / "paper.bib", bibliography())
    for name, draw, numbers in (("drc-map", four_regimes, regime_numbers), ("opening", opening, opening_numbers)):
        _saved(draw, HERE / "_static" / f"{name}.svg")
        _saved(draw, HERE / "_static" / f"{name}-dark.svg", **_DARK)
        _saved(draw, HERE / "paper" / f"{name}.png")
        write_whole(HERE / "_static" / f"{name}.csv", numbers())


if __name__ == "__main__":
    write_all()
