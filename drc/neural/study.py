"""A study: experiments over a grid of rates, weightings and seeds, brought together beside the theory."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

from drc.errors import ProblemError, must
from drc.neural import limits
from drc.neural.baselines import Baseline, baselines
from drc.neural.data import Data, load
from drc.neural.experiment import Experiment, named
from drc.neural.fields import read_toml
from drc.neural.run import Run
from drc.neural.sweep import Results, Sweep, run
from drc.types import Progress

#: What is reported of every codec.
MEASURES: tuple[str, ...] = (
    "rate",
    "file_rate",
    "distortion",
    "distortion_clean",
    "accuracy",
    "cross_entropy",
    "accuracy_frozen",
    "cross_entropy_frozen",
    "H_S_given_guess",
    "sliced_W2",
    "gaussian_W2",
    "sliced_W2_floor",
    "gaussian_W2_floor",
)

_STUDIES = Path(str(files("drc.neural") / "studies"))

#: Rates at which the curves of the theory are drawn.
_DENSE = 201

#: The water-filling over components has this many of them at most.
_PIXELS = 256


@dataclass(frozen=True)
class Cell:
    """The codecs of one weighting and rate, over the seeds.

    Attributes
    ----------
    weights : (float, float)
        Of the distance to the clean law, and of the cross-entropy.
    runs : tuple of str
        The folders, one a seed.
    mean, error : mappings
        By measure: the mean over the seeds, and its standard error (0 for one seed). Without labels that could be learned
        there are no measures of classifiers.
    """

    weights: tuple[float, float]
    runs: tuple[str, ...]
    mean: dict[str, float]
    error: dict[str, float]

    @property
    def entropy_bits(self) -> float:
        """The cross-entropy of the joint classifier in bits: an upper bound on what is left open of the label."""
        return self.mean["cross_entropy"] / math.log(2)


@dataclass(frozen=True)
class Limits:
    """Theory for the same data, at the rates that were measured or requested.

    Attributes
    ----------
    least_distortion, least_entropy : tuple of float
        Proved for the test images; the former is empty where it is zero at all rates.
    gaussian, gaussian_transport : tuple of float
        Gaussian images of the same covariance, with a free law of the reconstruction and with that of the clean images;
        the latter is empty for large images, and where it was not requested.
    """

    rates: tuple[float, ...]
    least_distortion: tuple[float, ...]
    least_entropy: tuple[float, ...]
    gaussian: tuple[float, ...]
    gaussian_transport: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Study:
    """What came of a study.

    Attributes
    ----------
    cells : tuple of Cell
        In the order of the weightings, then of the rates.
    limits, curves : Limits
        At the measured rates, and at rates close together for drawing.
    baselines : tuple of Baseline
        What the codecs have to beat, measured on the same test images.
    label_entropy : float
        `H(S)` of the test images, in bits.
    """

    name: str
    folder: Path
    cells: tuple[Cell, ...]
    limits: Limits
    curves: Limits
    baselines: tuple[Baseline, ...]
    data: Data
    label_entropy: float

    @property
    def weightings(self) -> list[tuple[float, float]]:
        """The weightings, in their order."""
        return list(dict.fromkeys(cell.weights for cell in self.cells))

    def of(self, weights: tuple[float, float]) -> list[Cell]:
        """Return the cells of one weighting, by rate."""
        return sorted((cell for cell in self.cells if cell.weights == weights), key=lambda cell: cell.mean["rate"])

    @property
    def distortion(self) -> str:
        """The measure that the loss has: "distortion", or "distortion_clean" where the reference is clean."""
        reference = self.first_run(self.cells[0]).experiment.loss.reference
        return "distortion" if reference == "degraded" else "distortion_clean"

    def first_run(self, cell: Cell) -> Run:
        """Return the run of the first seed."""
        return Run.read(self.folder / "runs" / cell.runs[0])


def studies() -> list[str]:
    """Return the names of the studies that the project brings along.

    Examples
    --------
    >>> studies()
    ['toy-sr']
    """
    return sorted(path.stem for path in _STUDIES.glob("*.toml"))


def sweep_of(name: str, *, quick: bool = False) -> Sweep:
    """Return the sweep of a study by its name, of a file that ends in `.toml`, or of one experiment alone.

    A quick one has one seed, the first and last of the weightings, and every second rate.

    Examples
    --------
    >>> len(sweep_of("toy-sr").points()), len(sweep_of("toy-sr", quick=True).points())
    (36, 4)
    """
    path = _STUDIES / f"{name}.toml" if name in studies() else Path(name)
    if name in studies() or (name.endswith(".toml") and "task" in read_toml(path)):
        found = Sweep.read(path)
    else:
        named(name)
        found = Sweep("experiment", {"experiment": path.name}, {}, path.parent)
    if found.task != "experiment":
        raise must(name, "be a sweep over experiments", got=f"one over {found.task!r}")
    if not quick:
        return found
    thin: dict[str, slice] = {"seed": slice(0, 1), "loss": slice(0, None, 2), "rate.dim": slice(0, None, 2)}
    grid: dict[str, list[object]] = {
        key: list(values)[thin.get(key, slice(None))] for key, values in found.grid.items()
    }
    return Sweep(found.task, found.fixed, grid, found.folder)


def study(
    name: str,
    folder: str | os.PathLike[str],
    *,
    quick: bool = False,
    workers: int | None = None,
    scheduler: str | None = None,
    data_folder: Path | None = None,
    progress: Progress | None = None,
) -> Study:
    """Train and evaluate what a study requires, and set the limits beside it.

    Parameters are those of `sweep_of` and `drc.neural.sweep.run`; the folder is for the runs and the results.

    Raises
    ------
    ProblemError
        If an experiment fails, with its own message, and for experiments on several data, degradations or references.
    """
    folder = Path(folder)
    sweep = sweep_of(name, quick=quick)
    points = [Experiment.of(point.arguments) for point in sweep.points()]
    for what, values in {
        "data": {e.data for e in points},
        "degradation": {e.degradation for e in points},
        "loss.reference": {e.loss.reference for e in points},
    }.items():
        if len(values) > 1:
            raise must(f"{name}: {what}", "have one value (drc sweep takes several)", got=f"{len(values)} values")
    results = run(sweep, folder, workers=workers, scheduler=scheduler, data_folder=data_folder, progress=progress)
    for row in results.rows:
        if row.status == "failed":
            raise ProblemError(f"{name}: an experiment failed: {row.result['error']}")
    cells, data = _cells(points, results), load(points[0], data_folder)
    rates = sorted({round(cell.mean["rate"], 9) for cell in cells})
    dense = np.linspace(0, 1.05 * rates[-1], _DENSE).tolist()
    theory = limits_of(data, rates), limits_of(data, dense, transport=False)
    beside = baselines(points[0], data, data_folder, sorted({round(cell.mean["file_rate"], 9) for cell in cells}))
    H_S = limits.least_entropy(data.s_test, [0.0])[0]
    return Study(points[0].name, folder, cells, *theory, beside, data, H_S)


def _cells(points: Sequence[Experiment], results: Results) -> tuple[Cell, ...]:
    groups: dict[str, list[int]] = {}
    for i, experiment in enumerate(points):
        groups.setdefault(experiment.changed({"seed": 0}).digest, []).append(i)
    cells = []
    for places in groups.values():
        loss, measures = points[places[0]].loss, [m for m in MEASURES if m in results.rows[places[0]].result]
        values = np.array([[results.rows[i].result[m] for m in measures] for i in places])
        means, errors = values.mean(axis=0), np.zeros(len(measures))
        if len(places) > 1:
            errors = values.std(axis=0, ddof=1) / math.sqrt(len(places))
        of_measures = (dict(zip(measures, found.tolist(), strict=True)) for found in (means, errors))
        runs = tuple(points[i].digest[:16] for i in places)
        cells.append(Cell((loss.perception, loss.classification), runs, *of_measures))
    return tuple(cells)


def limits_of(data: Data, rates: Sequence[float], transport: bool = True) -> Limits:
    """Return the limits for these data at these rates, in bits per image."""
    rates, small = list(rates), transport and np.prod(data.shape) <= _PIXELS
    # Beyond the rate that tells the images apart nothing is proved.
    least = min((rate for rate in rates if rate), default=0.0) < math.log2(min(len(data.x_test), limits.MOST_IMAGES))
    found = (
        limits.least_distortion(data.x_test, rates) if least else (),
        limits.least_entropy(data.s_test, rates),
        limits.gaussian_distortion(data.x_test, rates),
        limits.gaussian_transport(data.x_test, data.y, rates) if small else (),
    )
    return Limits(tuple(rates), *map(tuple, found))
