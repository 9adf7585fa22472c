"""Where the names of the regimes go in a map: inside, in one line or several, along a strip, or as a letter with a key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np

from drc.tradeoff.regions import Plane
from drc.tradeoff.style import figure_of, word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: More small regimes than this would need a key longer than the picture; they have no names then.
_MOST_LETTERS = 10
_PLACES = 161
_MARGIN = 3.0


@dataclass(frozen=True)
class Named:
    """Words in a map.

    Attributes
    ----------
    at : (x, y)
        Of their middle, in data.
    half : (width, height)
        Half of what they take, in points.
    """

    words: str
    at: tuple[float, float]
    half: tuple[float, float]
    angle: float = 0.0


def name_regimes(ax: Axes, area: Plane) -> list[Named]:
    """Write each regime's name into its region, or a letter where it does not fit; the axes must have their final layout."""
    xs, ys = area.grid(_PLACES)
    index = area.regime(*np.meshgrid(xs, ys, indexing="ij"))
    scale = points_of(ax) / _PLACES
    named: list[Named] = []
    letters: dict[str, str] = {}
    for i, name in enumerate(area.names):
        mask = index == i
        if mask.mean() < 2e-4:
            continue
        found = _fitted(name, mask, scale)
        if found is None and len(letters) < _MOST_LETTERS:
            letters[name] = ascii_lowercase[len(letters)]
            (x, y), *_ = _roomiest(mask, scale)
            found = letters[name], (x, y), size_of(letters[name]) / 2, 0.0
        if found is not None:
            words, (x, y), half, angle = found
            named.append(Named(words, (float(xs[x]), float(ys[y])), (float(half[0]), float(half[1])), angle))
    for one in named:
        word(ax, *one.at, one.words, ha="center", va="center", rotation=one.angle, zorder=5, color="black")
    if letters:
        ax.set_title(_key(letters, points_of(ax)[0]), fontsize="small", loc="left")
    return named


def points_of(ax: Axes) -> np.ndarray:
    """Return how wide and high axes are, in points."""
    box = ax.get_window_extent()
    return np.array([box.width, box.height]) * 72 / figure_of(ax).dpi


def size_of(words: str) -> np.ndarray:
    """Return how wide and high words are, in points."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    font = FontProperties(size="small")
    lines = words.split("\n")
    width = max(TextPath((0, 0), line, prop=font).get_extents().width for line in lines)
    return np.array([width, 1.25 * font.get_size_in_points() * len(lines)])


def _shapes(name: str, along: float) -> Iterator[tuple[str, float]]:
    """List how a name may be written, the best first: its lines, and their angle."""
    shapes = [name]
    for share in (2, 3):
        lines = wrap(name, max(len(name) // share + 2, 8), break_long_words=False)
        shapes += ["\n".join(lines)] if "\n".join(lines) not in shapes else []
    yield from ((words, 0.0) for words in shapes)
    yield from ((words, angle) for words in shapes[:2] for angle in (along, 90.0))


def _fitted(name: str, mask: np.ndarray, scale: np.ndarray) -> tuple[str, np.ndarray, np.ndarray, float] | None:
    """Return the words, their place, half their size and their angle, if they fit into a region in one of their shapes."""
    places = _roomiest(mask, scale)
    cells = np.argwhere(mask) * scale
    _, directions = np.linalg.eigh(np.cov(cells.T) + 1e-9 * np.eye(2))
    along = float(np.degrees(np.arctan(directions[1, 1] / (directions[0, 1] or 1e-9))))
    for words, angle in _shapes(name, along):
        half = size_of(words) / 2
        inside = _room(mask, places, half + _MARGIN, angle, scale)
        if inside.any():
            return words, places[int(np.argmax(inside))], half, angle
    return None


def _roomiest(mask: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return the places farthest from the border of a region, the best first."""
    from scipy.ndimage import distance_transform_edt

    # A name is wider than it is high, so room to the sides counts less.
    far = np.asarray(distance_transform_edt(np.pad(mask, 1), sampling=(scale[0] / 2.5, scale[1])))[1:-1, 1:-1]
    best = np.argsort(far, axis=None)[::-1][: min(int(mask.sum()), 1500)]
    return np.column_stack(np.unravel_index(best, far.shape))


def _room(mask: np.ndarray, places: np.ndarray, half: np.ndarray, angle: float, scale: np.ndarray) -> np.ndarray:
    """Say for each place whether a rectangle around it lies in a region."""
    x, y = np.meshgrid(np.linspace(-1, 1, 25) * half[0], np.linspace(-1, 1, 7) * half[1])
    turn = np.radians(angle)
    turned = np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=-1)
    cells = places[:, None, :] + (turned.reshape(-1, 2) / scale).round().astype(int)
    within = ((cells >= 0) & (cells < mask.shape)).all(axis=(1, 2))
    i, j = np.clip(cells, 0, np.array(mask.shape) - 1).transpose(2, 0, 1)
    return np.asarray(within & mask[i, j].all(axis=1))


def _key(letters: dict[str, str], width: float) -> str:
    """Explain letters in lines that are not wider than the axes."""
    lines: list[str] = []
    for name, letter in letters.items():
        entry = f"{letter}: {name}"
        longer = f"{lines[-1]}    {entry}" if lines else ""
        if longer and size_of(longer)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(entry)
    return "\n".join(lines)
