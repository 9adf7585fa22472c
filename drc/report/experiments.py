"""A study as pictures and tables: the measured trade-off beside the theory, and what the images look like."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from drc.files import write_whole
from drc.neural.study import Cell, Progress, Study, study
from drc.report.pictures import Picture
from drc.tradeoff.style import COLOURS, hatch, new_figure, ordered, ruled
from drc.typeset.model import Table
from drc.typeset.tables import latex_row, tabular

#: Columns of the table: a measure, its head in LaTeX, its format, and its head on a page; some have none there.
_COLUMNS = (
    ("rate", "$R$ (bit)", ".2f", "$R$ (bit)"),
    ("distortion", "$D$", ".4f", "$D$"),
    ("distortion_clean", "$D$ to clean", ".4f", "$D$ to clean"),
    ("accuracy", "accuracy", ".3f", "accuracy"),
    ("cross_entropy", "CE (nat)", ".3f", ""),
    ("accuracy_frozen", "frozen", ".3f", "accuracy, frozen"),
    ("H_S_given_guess", r"$H(S|\hat S)$ (bit)", ".3f", ""),
    ("sliced_W2", "sliced $W_2^2$", ".4f", "sliced $W_2^2$"),
)

_GREY = "0.35"


@dataclass(frozen=True, eq=False)
class Trained:
    """The quick form of a study, as the report has it.

    Attributes
    ----------
    latex : str
        The table.
    table : Table
        The same for the page.
    """

    pictures: tuple[Picture, ...]
    latex: str
    table: Table


def quick(name: str = "toy-sr", progress: Progress | None = None) -> Trained:
    """Train the quick form of a study; the runs themselves are not kept."""
    with TemporaryDirectory() as room:
        found = study(name, room, quick=True, progress=progress)
        shown = [(measure, form, words) for measure, _, form, words in _COLUMNS if words]
        lines = tuple(
            (_said(weights), *(f"{cell.mean[measure]:{form}}" for measure, form, _ in shown))
            for weights in found.weightings
            for cell in found.of(weights)
        )
        table = Table(("weights of law, label", *(words for _, _, words in shown)), lines)
        return Trained(_pictures(found), latex_table(found), table)


def write_study(study: Study, folder: Path) -> list[Path]:
    """Write pictures with their numbers, and the table as LaTeX and CSV; return the paths of pictures and table."""
    drawn = _pictures(study)
    for picture in drawn:
        picture.write(folder)
    table = write_whole(folder / f"{study.name}.tex", latex_table(study))
    return [*(folder / f"{picture.name}.png" for picture in drawn), table]


def _pictures(study: Study) -> tuple[Picture, ...]:
    return tradeoff_picture(study), sample_sheet(study)


def _said(weights: tuple[float, float]) -> str:
    return f"{weights[0]:g}, {weights[1]:g}"


def rows(study: Study) -> list[dict[str, object]]:
    """Return a line for each weighting and rate: means, standard errors, and the limits at that rate."""
    found = []
    for weights in study.weightings:
        for cell in study.of(weights):
            line: dict[str, Any] = {"perception_weight": weights[0], "classification_weight": weights[1]}
            for name, mean in cell.mean.items():
                line |= {name: mean, f"{name}_error": cell.error[name]}
            found.append(line | {"seeds": len(cell.runs)} | _limits(study, cell))
    return found


def _limits(study: Study, cell: Cell) -> dict[str, Any]:
    i = int(np.abs(np.array(study.limits.rates) - cell.mean["rate"]).argmin())
    names = ("least_distortion", "least_entropy", "gaussian", "gaussian_transport")
    values = {name: getattr(study.limits, name) for name in names}
    return {f"limit_{name}": value[i] if value else "" for name, value in values.items()}


def tradeoff_picture(study: Study) -> Picture:
    """Draw distortion and what is left open of the label over the rate, and the surface that both span."""
    figure = new_figure(12.6, 3.9)
    for draw, ax in zip((_distortion, _entropy, _surface), figure.subplots(1, 3), strict=True):
        draw(ax, study)
    caption = (
        "Means over the seeds, with standard errors; the rate is the payload of bitstreams that another process decoded."
        " No codec for these test images lies in the grey: that is proved. The dashed line is for Gaussian images with the"
        " same covariance, the hardest there are: what long blocks reach at least, and no bound for these images."
    )
    about = {
        "experiment": study.name,
        "unit": "mean squared error per pixel; bits per image; cross-entropy in nats",
        "H_S": study.label_entropy,
        "test images": len(study.data.x_test),
    }
    return Picture(
        f"{study.name}-tradeoff", f"{study.name}: measured beside theory", caption, about, rows(study), figure
    )


def _distortion(ax: Any, study: Study) -> None:
    at = study.limits
    _errors(ax, study, lambda cell: (cell.mean[study.distortion], cell.error[study.distortion]))
    # The limits are those of the distortion to the degraded image.
    to_degraded = study.distortion == "distortion"
    if at.least_distortion and to_degraded:
        # Between two rates, what is proved at the larger one holds; a straight line would claim more.
        hatch(ax, at.rates, 0, at.least_distortion, step="pre")
        ax.text(at.rates[0], at.least_distortion[0], " no codec, proved", fontsize=7.5, color=_GREY, va="bottom")
    if len(at.rates) > 1 and to_degraded:
        ax.plot(at.rates, at.gaussian, "--", color=_GREY, linewidth=1.2, label="Gaussian, any law")
    ax.set(
        xlabel="rate $R$ (bit per image)",
        ylabel=f"distortion $D$ to the {'degraded' if to_degraded else 'clean'} image",
        ylim=(0, None),
    )
    ax.legend(fontsize=7.5, frameon=False, title="weights of law, label", title_fontsize=7.5)


def _entropy(ax: Any, study: Study) -> None:
    _errors(ax, study, lambda cell: (cell.entropy_bits, cell.error["cross_entropy"] / math.log(2)))
    hatch(ax, study.limits.rates, 0, study.limits.least_entropy, step="pre")
    ax.set(xlabel="rate $R$ (bit per image)", ylabel="cross-entropy of the joint classifier (bit)", ylim=(0, None))


def _surface(ax: Any, study: Study) -> None:
    R = np.array([cell.mean["rate"] for cell in study.cells])
    C = np.array([cell.entropy_bits for cell in study.cells])
    D = np.array([cell.mean[study.distortion] for cell in study.cells])
    # No contours: between a few codecs nothing is known.
    drawn = ax.scatter(R, C, c=D, cmap=COLOURS, edgecolor="0.3", linewidth=0.6, s=42, zorder=3, clip_on=False)
    if len(set(D)) > 1:
        ax.figure.colorbar(drawn, ax=ax, label="distortion $D$")
    ax.set(xlabel="rate $R$ (bit per image)", ylabel="cross-entropy $C$ (bit)", title="$D$ at each codec, as measured")
    ruled(ax)


def _errors(ax: Any, study: Study, measured: Callable[[Cell], tuple[float, float]]) -> None:
    """Draw what was measured over the rate, with its standard errors, a curve for each weighting."""
    style: dict[str, Any] = {"fmt": "o-", "markersize": 4, "capsize": 2.5, "linewidth": 1.3}
    shades = ordered(len(study.weightings))
    for weights, colour in zip(study.weightings, shades, strict=True):
        cells = study.of(weights)
        values, errors = zip(*map(measured, cells), strict=True)
        ax.errorbar([c.mean["rate"] for c in cells], values, errors, color=colour, label=_said(weights), **style)
    ruled(ax)


def sample_sheet(study: Study) -> Picture:
    """Draw one test image of each class: clean, degraded, and its reconstructions by weighting and rate."""
    data = study.data
    shown = [int(np.flatnonzero(data.s_test == s)[0]) for s in np.unique(data.s_test)[:10]]
    lines = [("clean", data.y_test[shown]), ("degraded", data.x_test[shown])]
    numbers: list[dict[str, Any]] = []
    for weights in study.weightings:
        for cell in study.of(weights):
            model = study.first_run(cell).model()
            # Each image has the common randomness of its place in the test, as in the bitstream.
            y = model.reconstruct(data.x_test)[shown]
            lines.append((f"{cell.mean['rate']:{'.0f' if cell.mean['rate'] >= 100 else '.3g'}} bit", y))
            guesses = model.classify(y).argmax(axis=1)
            numbers += [
                {
                    "perception_weight": weights[0],
                    "classification_weight": weights[1],
                    "rate": cell.mean["rate"],
                    "image": i,
                    "label": data.classes[data.s_test[i]],
                    "guess": data.classes[guess],
                    "distortion": float(((image.astype(float) - data.x_test[i]) ** 2).mean()),
                }
                for i, image, guess in zip(shown, y, guesses, strict=True)
            ]
    figure = _sheet(lines, [(2 + k * len(study.of(w)), w) for k, w in enumerate(study.weightings)])
    caption = "One test image of each class: clean, degraded, and reconstructed by the codecs of the first seed."
    about = {"experiment": study.name, "unit": "mean squared error per pixel; bits per image"}
    return Picture(f"{study.name}-samples", f"{study.name}: samples", caption, about, numbers, figure)


def _sheet(lines: list[tuple[str, np.ndarray]], groups: list[tuple[int, tuple[float, float]]]) -> Any:
    count = len(lines[0][1])
    high, wide = lines[0][1].shape[1:3]
    figure, heads = new_figure(0.62 * count + 1.9, 0.62 * len(lines)), dict(groups)
    axes = figure.subplots(len(lines), 1, squeeze=False)[:, 0]
    for k, (ax, (name, images)) in enumerate(zip(axes, lines, strict=True)):
        # One picture per row, with a white column between its images: a hundred axes take long to lay out.
        row = np.ones((high, count, wide + 1, images.shape[3]))
        row[:, :, :wide] = np.clip(images, 0, 1).transpose(1, 0, 2, 3)
        row = row.reshape(high, count * (wide + 1), -1).squeeze()
        ax.imshow(row, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        ax.set_axis_off()
        words = name if k not in heads else f"{_said(heads[k])}:  {name}"
        ax.text(-0.01, 0.5, words, transform=ax.transAxes, ha="right", va="center", fontsize=8)
    return figure


def latex_table(study: Study) -> str:
    """Return the table of all codecs as booktabs LaTeX: means, standard errors where there are several seeds."""
    head = latex_row(["weights", *(head for _, head, *_ in _COLUMNS), r"$D \ge$"])
    lines: list[str] = []
    for k, weights in enumerate(study.weightings):
        lines += [r"\midrule"] if k else []
        for i, cell in enumerate(study.of(weights)):
            name = "" if i else _said(weights)
            values = [_value(cell, measure, form) for measure, _, form, _ in _COLUMNS]
            bound = _limits(study, cell)["limit_least_distortion"]
            lines.append(latex_row([name, *values, "" if bound == "" else f"{bound:.4f}"]))
    return tabular("l" + "r" * (len(_COLUMNS) + 1), [head], lines)


def _value(cell: Cell, measure: str, form: str) -> str:
    error = cell.error[measure]
    return f"{cell.mean[measure]:{form}}" + (rf" $\pm$ {error:{form}}" if error else "")
