"""What a trained codec does on test images: bits of a file, both distortions, two classifiers, distance to the clean law.

All numbers are of the images that a separate process decodes from the file, with the run folder and the seed alone.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from drc.errors import ProblemError, must
from drc.files import write_whole
from drc.neural.backend import backend
from drc.neural.data import Data, load, read_images
from drc.neural.experiment import Experiment, Source
from drc.neural.run import Model, Run
from drc.strict_json import read_json, to_json

#: From images to log-probabilities of the classes.
Classifier = Callable[[np.ndarray], np.ndarray]

RESULT, BITSTREAM = "result.json", "test.drc"

#: Directions of the sliced distance; they are the same for every codec.
_DIRECTIONS = 1000

#: Below this an image that was decoded apart counts as the one that was meant: rounding of single precision.
_ROUNDING = 1e-5


def evaluate(run: Run, data: Data | None = None, data_folder: Path | None = None) -> dict[str, float]:
    """Evaluate a run that is done, and keep the result in its folder; one that is there already is returned.

    Parameters
    ----------
    data : Data, optional
        What `load` gives for the experiment; left out, it is loaded.
    data_folder : path, optional
        Where the files of the source are.

    Returns
    -------
    dict
        `rate`: payload in bits per image; `file_rate` counts headers and checks as well.

        `distortion`, `distortion_clean`: mean squared error per pixel, to the degraded input and to the clean image.

        `accuracy`, `cross_entropy`: of the classifier that was trained jointly, in nats; `accuracy_frozen`,
        `cross_entropy_frozen`: of one trained on clean images, and on them alone.

        `H_S_given_guess`: plug-in `H(S|Shat)` in bits, of the guess of the joint classifier.

        What classifiers say is left out where images have no labels that could be learned.

        `sliced_W2`, `gaussian_W2`: squared distances to the clean law, a pixel: sliced Wasserstein-2, and Wasserstein-2 of
        fitted Gaussians. The images that they compare with are other ones than those that were coded; `sliced_W2_floor`
        and `gaussian_W2_floor` are what clean test images have.

        What the backend measures beside: with torch, that of `drc.images.quality.measured`.

        `distortion_clean_teacher` and what the backend measures, with `_teacher`: of the estimates of a teacher.

        `training_seconds`: of all epochs together.

    Raises
    ------
    ProblemError
        If the run is not done, or another process decodes something else.
    """
    path = run.folder / RESULT
    if path.exists():
        found = read_json(path)
        assert isinstance(found, dict), path  # as it was written below
        return found
    if not run.done:
        needs = f"be trained to epoch {run.experiment.epochs}"
        raise must(f"the run in {run.folder.name}", needs, got=f"{run.epoch}")
    data = data or load(run.experiment, data_folder)
    model = run.model()
    encoded = model.encode(data.x_test)
    write_whole(run.folder / BITSTREAM, encoded.data)
    y = decoded_apart(run.folder)
    meant = model.reconstruct(data.x_test)
    if y.shape != meant.shape or np.abs(y - meant).max() > _ROUNDING:
        raise ProblemError(f"{run.folder.name}: another process decoded images other than the coded ones")
    bits = 8 / len(y)
    result = {
        "rate": encoded.payload * bits,
        "file_rate": len(encoded.data) * bits,
        **measured(run.experiment, data, y, model.classify(y), data_folder),
        **(_of_teacher(model, data) if run.experiment.teacher else {}),
        "training_seconds": sum(line["seconds"] for line in run.metrics()),
    }
    write_whole(path, to_json(result, indent=1) + "\n")
    return result


def measured(
    experiment: Experiment, data: Data, y: np.ndarray, guesses: np.ndarray | None, data_folder: Path | None
) -> dict[str, float]:
    """Return what is measured of images that stand for the test images, whatever made them; see `evaluate`.

    Parameters
    ----------
    y : array, shape of `data.x_test`
    guesses : array or None
        Log-probabilities of the classes by a classifier that was trained for such images, shape (n, classes). Without it,
        and where images have no labels to learn, what it would say is left out.
    """
    found = {"distortion": _error(y, data.x_test), "distortion_clean": _error(y, data.y_test)}
    if data.labelled:
        frozen = scores(frozen_classifier(experiment.data, data_folder)(y), data.s_test)
        found |= scores(guesses, data.s_test) if guesses is not None else {}
        found |= {f"{name}_frozen": value for name, value in frozen.items()}
        found |= {} if guesses is None else {"H_S_given_guess": plug_in_entropy(data.s_test, guesses.argmax(axis=1))}
    found |= {"sliced_W2": sliced_W2(y, data.y), "gaussian_W2": gaussian_W2(y, data.y)}
    return found | floors(experiment.data, data_folder) | backend(experiment.backend).measure(data, y)


def _of_teacher(model: Model, data: Data) -> dict[str, float]:
    y = model.estimated(data.x_test)
    found = {"distortion_clean": _error(y, data.y_test), **model.backend.measure(data, y)}
    # A floor is the same for all images that are measured.
    return {f"{name}_teacher": value for name, value in found.items() if not name.endswith("_floor")}


def decoded_apart(folder: Path) -> np.ndarray:
    """Return the test images of a run folder, decoded by a process of its own; a `ProblemError` has its message."""
    # Where the project runs from its sources, the other process is to find it as this one did, and nowhere else.
    paths = os.pathsep.join(part or os.getcwd() for part in sys.path)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "drc.neural.decode", str(folder)],
        capture_output=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    if done.returncode:
        message = done.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise ProblemError(f"{folder.name}: the process that decodes failed: {message[-1]}")
    return np.load(io.BytesIO(done.stdout), allow_pickle=False)


@lru_cache(maxsize=2)
def frozen_classifier(source: Source, folder: Path | None) -> Classifier:
    """Return a function from images to log-probabilities, of a classifier that saw clean images only.

    It is the same for every codec on a source: one hidden layer, trained with a fixed seed on every second training image.
    """
    images = read_images(source, folder)
    return classifier_of(images.train[1::2], images.train_labels[1::2], len(images.classes))


def classifier_of(y: np.ndarray, s: np.ndarray, classes: int) -> Classifier:
    """Return a classifier of one hidden layer, trained with a fixed seed on images and their labels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    if classes == 1:
        return lambda images: np.zeros((len(images), 1))  # there is nothing to tell apart
    many = len(y) > 5000
    network = MLPClassifier(
        256,
        alpha=1e-4,
        batch_size=64,  # pyright: ignore[reportArgumentType] (its stub knows "auto")
        max_iter=15 if many else 60,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # this many epochs are intended
        network.fit(y.reshape(len(y), -1), s)

    def log_probabilities(images: np.ndarray) -> np.ndarray:
        """Return a column for each class; one that it has not seen is never guessed."""
        found = np.full((len(images), classes), -np.inf)
        found[:, network.classes_] = network.predict_log_proba(images.reshape(len(images), -1))
        return found

    return log_probabilities


@lru_cache(maxsize=2)
def floors(source: Source, folder: Path | None) -> dict[str, float]:
    """Return the distances of clean test images to the clean draw; they are the same for every codec on a source."""
    images = read_images(source, folder)
    y = images.train[1::2]
    return {"sliced_W2_floor": sliced_W2(images.test, y), "gaussian_W2_floor": gaussian_W2(images.test, y)}


def _error(a: np.ndarray, b: np.ndarray) -> float:
    return float(((a.astype(float) - b) ** 2).mean())


def scores(log_p: np.ndarray, s: np.ndarray) -> dict[str, float]:
    """Return accuracy and cross-entropy, in nats, of log-probabilities of shape (n, classes) for labels of shape (n,).

    Examples
    --------
    >>> scores(np.log([[0.5, 0.5], [0.25, 0.75]]), np.array([0, 1]))["accuracy"]
    1.0
    """
    # A classifier that excludes the truth pays as if it had given it the least positive float.
    losses = -np.maximum(log_p[np.arange(len(s)), s].astype(float), np.log(np.finfo(np.float32).tiny))
    return {"accuracy": float((log_p.argmax(axis=1) == s).mean()), "cross_entropy": float(losses.mean())}


def plug_in_entropy(s: np.ndarray, guess: np.ndarray) -> float:
    """Return `H(S|Shat)` in bits of the relative frequencies.

    Examples
    --------
    >>> plug_in_entropy(np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1]))
    1.0
    """
    pairs, guesses = (np.unique(part, axis=0, return_counts=True)[1] for part in (np.stack([s, guess], 1), guess))
    p, q = pairs / len(s), guesses / len(s)
    return float((q * np.log2(q)).sum() - (p * np.log2(p)).sum())


def sliced_W2(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared sliced Wasserstein-2 distance of two samples of images, a pixel ([bonneel2015]).

    It is the mean over 1000 fixed directions `t` of `W_2^2` between `<t, a>` and `<t, b>`; images that are all moved by `v`
    have the distance `|v|^2 / pixels`, on average over directions. Sample quantiles are compared where both samples have
    steps, exactly.

    Notes
    -----
    Source: [bonneel2015]. Sample quantiles are compared where both samples have steps, exactly.

    Examples
    --------
    >>> x = np.arange(6.0).reshape(3, 2)
    >>> sliced_W2(x, x[::-1]), sliced_W2(x, np.repeat(x, 2, axis=0))
    (0.0, 0.0)
    """
    a, b = (images.reshape(len(images), -1).astype(float) for images in (a, b))
    along = np.random.default_rng(0).normal(size=(a.shape[1], _DIRECTIONS))
    along /= np.linalg.norm(along, axis=0)
    # Between two steps of either sample both quantile functions are constant.
    ends = np.union1d(np.arange(1, len(a) + 1) * len(b), np.arange(1, len(b) + 1) * len(a))
    starts = np.concatenate([[0], ends[:-1]])
    weights = (ends - starts) / (len(a) * len(b))
    total = 0.0
    for part in np.array_split(along, _DIRECTIONS // 50, axis=1):
        u, v = np.sort(a @ part, axis=0), np.sort(b @ part, axis=0)
        total += float((weights @ (u[starts // len(b)] - v[starts // len(a)]) ** 2).sum())
    return total / _DIRECTIONS


def gaussian_W2(a: np.ndarray, b: np.ndarray) -> float:
    """Return the squared Wasserstein-2 distance of Gaussians with the means and covariances of two samples, a pixel.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> round(gaussian_W2(x, x + 2), 9), round(gaussian_W2(x, 3 * (x - x.mean(0)) + x.mean(0)) / float(x.var(0).mean()), 9)
    (4.0, 4.0)
    """
    a, b = (images.reshape(len(images), -1).astype(float) for images in (a, b))
    moved = ((a.mean(axis=0) - b.mean(axis=0)) ** 2).sum()
    A, B = (_factor(x) for x in (a, b))
    # The trace of the root is this sum whatever factors F of the covariances F'F are taken.
    overlap = np.linalg.svd(A @ B.T, compute_uv=False).sum()
    return float(max(0.0, moved + (A**2).sum() + (B**2).sum() - 2 * overlap) / a.shape[1])


def _factor(x: np.ndarray) -> np.ndarray:
    """Return `F` with the covariance `F'F`, of as many rows as there are images, or numbers in one if these are fewer."""
    centred = (x - x.mean(axis=0)) / np.sqrt(len(x))
    return np.asarray(np.linalg.qr(centred, mode="r")) if len(x) > x.shape[1] else centred
