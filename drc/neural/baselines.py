"""What a codec has to beat: the degraded images as they are, one constant image, and denoised images in common formats.

A codec that cannot be told from one of these in some column has done nothing for it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from drc.neural.backend import backend
from drc.neural.data import Data
from drc.neural.degradations import Noise
from drc.neural.evaluate import classifier_of, measured, scores
from drc.neural.experiment import Experiment
from drc.neural.formats import denoised, formats, sheets_at_most

UNCODED, CONSTANT, DENOISED = "uncoded input", "constant image", "nl-means"

#: Bits per pixel of denoised images in a format, where no codec says which rates to compare.
BITS_PER_PIXEL = (0.25, 0.5, 1.0, 2.0)


@dataclass(frozen=True)
class Baseline:
    """What is measured of images that no trained codec made.

    Attributes
    ----------
    name : str
        "uncoded input", "constant image", "nl-means", or "nl-means, then FORMAT".
    measures : mapping
        By name, as in `drc.neural.evaluate.evaluate`; what does not apply is left out. Where there is a file, its bits per
        image, headers and all, are `rate` and `file_rate`.
    """

    name: str
    measures: Mapping[str, float]


def baselines(
    experiment: Experiment, data: Data, data_folder: Path | None = None, file_rates: Sequence[float] = ()
) -> tuple[Baseline, ...]:
    """Measure what a codec of an experiment has to beat, on the same test images and in the same way.

    Parameters
    ----------
    data : Data
        What `load` gives for the experiment.
    data_folder : path, optional
        Where the files of the source are.
    file_rates : sequence of float
        Bits per image that denoised images may take in each format, all test images in one file as those of a codec are;
        left out, 0.25, 0.5, 1 and 2 per pixel.

    Returns
    -------
    tuple of Baseline
        The uncoded input, read by a classifier that was trained on the degraded training images: for the backend torch
        the network of `drc.images.quality.Judge`, otherwise one hidden layer.

        A constant image, the mean of the training images that the loss compares with; the classifier that reads it knows
        how frequent each class is in training.

        Where the degradation is noise and scikit-image is installed: non-local means, and what formats make of them.

    Examples
    --------
    >>> from drc.neural import named
    >>> from drc.neural.data import load
    >>> [found.name for found in baselines(named("toy-sr"), load(named("toy-sr")))]
    ['uncoded input', 'constant image']
    """
    x, (n, height, width, _) = data.x_test, data.x_test.shape

    def baseline(name: str, y: np.ndarray, more: dict[str, float], guesses: np.ndarray | None = None) -> Baseline:
        """Measure one."""
        return Baseline(name, more | measured(experiment, data, y, guesses, data_folder))

    found = [
        baseline(UNCODED, x, _read_uncoded(experiment, data)),
        baseline(CONSTANT, _constant(experiment, data), _sized(0.0), _frequencies(data)),
    ]
    if isinstance(experiment.degradation, Noise) and find_spec("skimage"):
        clean = np.stack([denoised(image, experiment.degradation.deviation) for image in x])
        rates = file_rates or [bits * height * width for bits in BITS_PER_PIXEL]
        found.append(baseline(DENOISED, clean, {}))
        for name, rate, y in _coded(clean, [int(rate * n / 8) for rate in rates]):
            found.append(baseline(f"{DENOISED}, then {name}", y, _sized(rate)))
    return tuple(found)


def _sized(rate: float) -> dict[str, float]:
    """Return the rates of a file whose headers are not told apart."""
    return {"rate": rate, "file_rate": rate}


def _coded(images: np.ndarray, sizes: Sequence[int]) -> Iterator[tuple[str, float, np.ndarray]]:
    """Yield what each format makes of images in files of at most these bytes, and the bits per image that they take."""
    for size in sizes:
        for name in formats():
            used, y = sheets_at_most(images, name, size)
            yield name, 8 * used / len(images), y


def _constant(experiment: Experiment, data: Data) -> np.ndarray:
    compared = data.x_clean if experiment.loss.reference == "clean" else data.x
    return np.broadcast_to(compared.mean(axis=0), data.x_test.shape).astype(np.float32)


def _frequencies(data: Data) -> np.ndarray:
    """Return, for each test image, the logarithms of how frequent the classes are in training."""
    counts = np.bincount(data.s, minlength=len(data.classes))
    with np.errstate(divide="ignore"):
        return np.broadcast_to(np.log(counts / len(data.s)), (len(data.s_test), len(counts)))


def _read_uncoded(experiment: Experiment, data: Data) -> dict[str, float]:
    """Return what a classifier of degraded images, trained on them, says of the test images."""
    if not data.labelled:
        return {}
    # A backend with a classifier of its own trains it on the clean draw: here the degraded images are that draw.
    found = backend(experiment.backend).measure(replace(data, y=data.x, s_y=data.s), data.x_test)
    if "accuracy_judge" in found:
        return {name: found[f"{name}_judge"] for name in ("accuracy", "cross_entropy")}
    return scores(classifier_of(data.x, data.s, len(data.classes))(data.x_test), data.s_test)
