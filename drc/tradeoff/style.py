"""How every figure looks: sizes and letters of a paper, colours, the words of an axis.

Without a style the user's rcParams hold, `figure.figsize` included; sizes of letters and lines are relative to them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from drc.errors import ProblemError
from drc.problems.validation import choice
from drc.tradeoff.function import RegimeFunction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Style:
    """The size of a figure, and the rcParams that go with it.

    Attributes
    ----------
    width, height : float
        In inches: those of a column, a page or half a slide.
    rc : mapping
        What differs from matplotlib's defaults.
    """

    width: float
    height: float
    rc: Mapping[str, object]


def _printed(size: float, **more: object) -> dict[str, object]:
    """Return the rcParams of a page set in Times: letters of `size` points, fine lines."""
    fine = {"axes.linewidth": 0.6, "lines.linewidth": 1.0, "hatch.linewidth": 0.5}
    ticks = {
        f"{axis}tick.{part}": value for axis in "xy" for part, value in (("major.width", 0.6), ("major.size", 2.5))
    }
    # By its own name: what "serif" stands for would be looked up when the figure is drawn, outside the style.
    serif = {"font.family": "STIXGeneral", "mathtext.fontset": "stix", "font.size": size}
    return {**serif, **fine, **ticks, "axes.labelpad": 2.5, "figure.dpi": 200, **more}


#: A column of IEEE's journals and conferences, the text of NeurIPS and ICLR, and a slide.
STYLES: Final[dict[str, Style]] = {
    "ieee": Style(3.5, 2.5, _printed(8, **{"axes.labelsize": 8, "xtick.labelsize": 7, "ytick.labelsize": 7})),
    "neurips": Style(5.5, 3.3, _printed(9, **{"axes.labelsize": 9, "xtick.labelsize": 8, "ytick.labelsize": 8})),
    "slides": Style(9.0, 5.4, {"font.size": 16, "lines.linewidth": 2.5, "axes.linewidth": 1.2}),
}

#: The map of colours of areas, light for little, and the one of curves, light for loose: ordered in print, too, and to all
#: kinds of colour vision.
COLOURS: Final = "YlGnBu"
_CURVES = "viridis"

#: What is hatched: no code exists there.
_HATCHED: dict[str, Any] = {
    "facecolor": "0.93",
    "edgecolor": "0.72",
    "hatch": "////",
    "linewidth": 0,
    "zorder": 0,
}

#: A word within a picture.
_WORD: dict[str, Any] = {
    "fontsize": "small",
    "bbox": {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
}

_QUANTITIES = {"D": "distortion", "R": "rate", "C": "classification bound", "P": "perception bound"}


def quantity(name: str, tradeoff: RegimeFunction) -> str:
    """Name a quantity with its unit, as on an axis.

    Examples
    --------
    >>> import drc
    >>> quantity("R", drc.Gaussian().drc())
    'rate $R$ (bit)'
    """
    unit = f" ({tradeoff.unit.short})" if name in ("R", "C") else ""
    word = _QUANTITIES.get(name.rstrip("0123456789"), "")
    return f"{word} ${subscripted(name)}${unit}".strip()


def subscripted(names: str) -> str:
    """Write the numbers of bounds as TeX does.

    Examples
    --------
    >>> subscripted("R(D, D2)")
    'R(D, D_2)'
    """
    return re.sub(r"(?<=[A-Z])(?=\d)", "_", names)


def filling() -> ListedColormap:
    """Return the map of colours of an area: its light part, on which words in black can be read."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    return ListedColormap(colormaps[COLOURS](np.linspace(0.02, 0.72, 256)), name="light")


def ordered(count: int) -> list[tuple[float, ...]]:
    """Return colours of `count` curves in order, the darkest first: the tightest bound."""
    from matplotlib import colormaps

    return [tuple(colormaps[_CURVES](share)) for share in np.linspace(0.0, 0.86, max(count, 2))[:count]]


def line_width(factor: float = 1.0) -> float:
    """Return a width relative to that of the lines of the user or of the style, in points."""
    from matplotlib import rcParams

    return factor * float(rcParams["lines.linewidth"])


@contextmanager
def drawing(ax: Axes | None, style: str | None = None) -> Iterator[Axes]:
    """Draw into axes as pyplot does: those given, the current ones if they are still empty, or those of a new figure.

    Parameters
    ----------
    style : {"ieee", "neurips", "slides"}, optional
        Of a new figure; left out, the user's rcParams hold.

    Raises
    ------
    ProblemError
        For another style, or a style for axes that exist already.

    Examples
    --------
    >>> with drawing(None, "ieee") as ax:
    ...     lines = ax.plot([0, 1])
    >>> ax.figure.get_size_inches().tolist()
    [3.5, 2.5]
    """
    from matplotlib import rc_context

    if style is None:
        yield _current() if ax is None else ax
        return
    shape = STYLES[choice("style", style, tuple(STYLES))]
    if ax is not None:
        raise ProblemError("style must be left out with ax: axes that exist have a size and letters already")
    with rc_context(dict(shape.rc)):  # pyright: ignore[reportArgumentType] (names of rcParams)
        yield (made := _managed((shape.width, shape.height)))
        # Ticks are made when they are first drawn; they would have the letters of no style later.
        figure_of(made).draw_without_rendering()


def _current() -> Axes:
    from matplotlib import pyplot

    if pyplot.get_fignums():
        figure = pyplot.gcf()
        if not figure.axes or not figure.gca().has_data():
            return figure.gca()
    return _managed(None)


def _managed(size: tuple[float, float] | None) -> Axes:
    from matplotlib import pyplot

    from drc.tradeoff.figure import Embedding

    return pyplot.figure(FigureClass=Embedding, figsize=size, layout="constrained").add_subplot()


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


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure that belongs to nobody, for several axes; its size is in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from drc.tradeoff.figure import Embedding

    figure = Embedding(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that axes are in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


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


def hatch_span(ax: Axes, low: float, high: float, *, label: str | None = None) -> None:
    """Hatch a range of an axis, from the bottom of the picture to its top."""
    ax.axvspan(low, high, label=label, **_HATCHED)


def hatched_key(label: str) -> Patch:
    """Return what a legend shows of what is hatched."""
    from matplotlib.patches import Patch

    return Patch(label=label, **_HATCHED)


def word(ax: Axes, x: float, y: float, text: str, **look: object) -> None:
    """Write a word within a picture."""
    ax.text(x, y, text, **{**_WORD, **look})  # pyright: ignore[reportArgumentType] (options of matplotlib)


def ruled(ax: Axes, *, legend: bool = False) -> None:
    """Put light lines behind curves, and the key beside them."""
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    if legend:
        ax.legend(fontsize="small", frameon=False)
