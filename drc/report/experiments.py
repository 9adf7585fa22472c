"""A study as pictures and tables: the measured trade-off beside the theory, and what the images look like."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from drc.files import csv_of, write_whole
from drc.neural.baselines import CONSTANT, UNCODED, Baseline, baselines
from drc.neural.data import load
from drc.neural.experiment import Experiment
from drc.neural.study import Cell, Study, study, sweep_of
from drc.report.pictures import Picture
from drc.tradeoff.style import COLOURS, hatch, new_figure, ordered, ruled, word
from drc.types import Progress
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

#: How the name of a line looks, at its right end.
_NAME: dict[str, Any] = {"fontsize": 7.5, "color": _GREY, "ha": "right", "va": "bottom"}


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
        shown = [(measure, form, words) for measure, _, form, words in _columns(found) if words]
        lines = [(_said(cell.weights), cell.mean) for weights in found.weightings for cell in found.of(weights)]
        lines += [(baseline.name, baseline.measures) for baseline in found.baselines]
        table = Table(
            ("weights of law, label", *(words for _, _, words in shown)),
            tuple((name, *(shown_value(mean, measure, form) for measure, form, _ in shown)) for name, mean in lines),
        )
        return Trained(_pictures(found), latex_table(found), table)


def _columns(study: Study) -> list[tuple[str, str, str, str]]:
    """Return the columns that say something for a study: none on labels where there are none to learn."""
    return [column for column in _COLUMNS if column[0] in study.cells[0].mean]


def shown_value(measures: Mapping[str, float], name: str, form: str) -> str:
    """Return what is shown of a measure: nothing if it is not there, and of a distance at its floor only the floor.

    Clean test images have the distance that is the floor. What lies below it cannot be told from the clean law.

    Examples
    --------
    >>> [shown_value({"sliced_W2": d, "sliced_W2_floor": 0.01}, "sliced_W2", ".3f") for d in (0.02, 0.004)]
    ['0.020', '≤ 0.010']
    >>> shown_value({}, "accuracy", ".3f")
    ''
    """
    if name not in measures:
        return ""
    floor = measures.get(f"{name}_floor", -math.inf)
    return f"{measures[name]:{form}}" if measures[name] > floor else f"≤ {floor:{form}}"


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
    """Return a line for each weighting and rate, with means, standard errors and limits, and one for each baseline."""
    found: list[dict[str, object]] = []
    for weights in study.weightings:
        for cell in study.of(weights):
            line: dict[str, Any] = {"what": "codec"}
            line |= {"perception_weight": weights[0], "classification_weight": weights[1]}
            for name, mean in cell.mean.items():
                line |= {name: mean, f"{name}_error": cell.error[name]}
            found.append(line | {"seeds": len(cell.runs)} | _limits(study, cell))
    names = list(found[0])
    return found + [{n: _line(baseline).get(n, "") for n in names} for baseline in study.baselines]


def _line(baseline: Baseline) -> dict[str, object]:
    return {"what": baseline.name, **baseline.measures}


def _limits(study: Study, cell: Cell) -> dict[str, Any]:
    i = int(np.abs(np.array(study.limits.rates) - cell.mean["rate"]).argmin())
    names = ("least_distortion", "least_entropy", "gaussian", "gaussian_transport")
    values = {name: getattr(study.limits, name) for name in names}
    return {f"limit_{name}": value[i] if value else "" for name, value in values.items()}


def baseline_table(name: str, data_folder: Path | None) -> str:
    """Return as CSV what a codec of a study has to beat; nothing is trained but classifiers."""
    experiment = Experiment.of(sweep_of(name).points()[0].arguments)
    found = baselines(experiment, load(experiment, data_folder), data_folder)
    names = dict.fromkeys(["what", *(measure for each in reversed(found) for measure in each.measures)])
    return csv_of([{n: _line(each).get(n, "") for n in names} for each in found])


def tradeoff_picture(study: Study) -> Picture:
    """Draw what was measured over the rate, beside the theory and what needs no codec, and the surface that it spans."""
    labelled = "cross_entropy" in study.cells[0].mean
    panels = [_distortion, _perception, *([_entropy] if labelled else [])]
    if labelled and len(study.cells) > 1:
        panels.append(_surface)
    rows_of, columns = (2, 2) if len(panels) == 4 else (1, len(panels))
    figure = new_figure(4.6 * columns, 3.9 * rows_of)
    for draw, ax in zip(panels, figure.subplots(rows_of, columns).flat, strict=True):
        draw(ax, study)
    caption = (
        "Means over the seeds, with standard errors; the rate is the payload of bitstreams that another process decoded."
        " No codec for these test images lies in the grey: that is proved. The dashed line is for Gaussian images with the"
        " same covariance, the hardest there are: what long blocks reach at least, and no bound for these images. Dotted"
        " lines are what the uncoded input and a constant image have."
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
    at = study.curves
    _errors(ax, study, lambda cell: (cell.mean[study.distortion], cell.error[study.distortion]))
    # The limits are those of the distortion to the degraded image.
    to_degraded = study.distortion == "distortion"
    if at.least_distortion and to_degraded:
        # Between two rates, what is proved at the larger one holds; a straight line would claim a little more.
        hatch(ax, at.rates, 0, at.least_distortion, step="pre")
        word(ax, 0.02 * at.rates[-1], 0.1 * at.least_distortion[0], "no codec, proved", ha="left")
    if to_degraded:
        ax.plot(at.rates, at.gaussian, "--", color=_GREY, linewidth=1.2, label="Gaussian, any law")
    ax.set(
        xlabel="rate $R$ (bit per image)",
        ylabel=f"distortion $D$ to the {'degraded' if to_degraded else 'clean'} image",
        ylim=(0, None),
    )
    _beside(ax, study, study.distortion)
    ax.legend(fontsize=7.5, edgecolor="none", title="weights of law, label", title_fontsize=7.5)


def _entropy(ax: Any, study: Study) -> None:
    _errors(ax, study, lambda cell: (cell.entropy_bits, cell.error["cross_entropy"] / math.log(2)))
    hatch(ax, study.curves.rates, 0, study.curves.least_entropy, step="pre")
    _beside(ax, study, "cross_entropy", 1 / math.log(2))
    ax.set(xlabel="rate $R$ (bit per image)", ylabel="cross-entropy of the joint classifier (bit)")
    ax.margins(y=0.1)
    ax.set_ylim(0, None)


def _perception(ax: Any, study: Study) -> None:
    _errors(ax, study, lambda cell: (cell.mean["sliced_W2"], cell.error["sliced_W2"]))
    floor = study.cells[0].mean["sliced_W2_floor"]
    ax.axhline(floor, color=_GREY, linewidth=1.2, linestyle="--")
    ax.text(0, floor, " clean test images", fontsize=7.5, color=_GREY, va="bottom")
    _beside(ax, study, "sliced_W2")
    ax.set(xlabel="rate $R$ (bit per image)", ylabel="sliced $W_2^2$ to the clean images", yscale="log", xlim=(0, None))


def _beside(ax: Any, study: Study, measure: str, unit: float = 1.0) -> None:
    """Mark what the uncoded input and a constant image have."""
    for baseline in study.baselines:
        if baseline.name in (UNCODED, CONSTANT) and (value := baseline.measures.get(measure, 0.0)):
            ax.axhline(value * unit, color=_GREY, linewidth=1, linestyle=":")
            ax.text(1, value * unit, f"{baseline.name} ", transform=ax.get_yaxis_transform(), **_NAME)


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
    columns = _columns(study)
    head = latex_row(["weights", *(head for _, head, *_ in columns), r"$D \ge$"])
    lines: list[str] = []
    for k, weights in enumerate(study.weightings):
        lines += [r"\midrule"] if k else []
        for i, cell in enumerate(study.of(weights)):
            name = "" if i else _said(weights)
            values = [_value(cell, measure, form) for measure, _, form, _ in columns]
            bound = _limits(study, cell)["limit_least_distortion"]
            lines.append(latex_row([name, *values, "" if bound == "" else f"{bound:.4f}"]))
    lines.append(r"\midrule")
    for baseline in study.baselines:
        values = [_in_latex(shown_value(baseline.measures, measure, form)) for measure, _, form, _ in columns]
        lines.append(latex_row([baseline.name, *values, ""]))
    return tabular("l" + "r" * (len(columns) + 1), [head], lines)


def _value(cell: Cell, measure: str, form: str) -> str:
    value, error = shown_value(cell.mean, measure, form), cell.error[measure]
    return _in_latex(value) + (rf" $\pm$ {error:{form}}" if error and value[0] != "≤" else "")


def _in_latex(value: str) -> str:
    return value.replace("≤", r"$\le$")
