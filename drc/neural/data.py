"""Images for an experiment: where they come from, how they are split, and what the encoder sees of them.

The split is fixed: it depends on the source alone, not on a seed.  Of the training images one part is degraded, and the
other, disjoint part is the clean draw: no clean image has a degraded copy in training.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from drc.codes.randomness import CommonRandomness
from drc.errors import ProblemError, must
from drc.neural.sources import KINDS, Found, checksum

if TYPE_CHECKING:
    from drc.neural.experiment import Experiment, Source

#: One image, or group of images, in this many goes to the test where the source has no test of its own.
_TEST_SHARE = 5


@dataclass(frozen=True, eq=False)
class Data:
    """The draws of an experiment; images are float32 of shape (n, height, width, channels).

    Attributes
    ----------
    x, s : arrays
        Degraded training images, in the range of the degradation, and their labels 0, 1, ...
    x_clean : array
        The clean images behind `x`; a training sees them where its loss has the clean reference, and not otherwise.
    y, s_y : arrays
        Clean training images in [0, 1], other ones than those behind `x`, and their labels.
    x_test, s_test, y_test : arrays
        Degraded test images, their labels, and the same images clean.
    classes : tuple of str
        The names of the labels.
    """

    x: np.ndarray
    s: np.ndarray
    x_clean: np.ndarray
    y: np.ndarray
    s_y: np.ndarray
    x_test: np.ndarray
    s_test: np.ndarray
    y_test: np.ndarray
    classes: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of an image."""
        return self.x.shape[1:]

    @property
    def labelled(self) -> bool:
        """Whether a classifier can be right: there are several classes, and some test image has one that was trained."""
        return len(self.classes) > 1 and bool(np.isin(self.s_test, self.s).any())


class Images(NamedTuple):
    """Clean images as a source has them, split into training and test."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    classes: tuple[str, ...]


def load(experiment: Experiment, folder: Path | None = None) -> Data:
    """Return the data of an experiment: of its source, degradation and seed; the files of the source lie in the folder.

    `ProblemError` for a file or field that is missing or damaged, and for a degradation that does not fit the images.

    Examples
    --------
    >>> from drc.neural import named
    >>> data = load(named("toy-sr"))
    >>> data.x.shape, data.y.shape, data.x_test.shape
    ((719, 8, 8, 1), (719, 8, 8, 1), (359, 8, 8, 1))
    """
    images = read_images(experiment.data, folder)
    degrade, seed = experiment.degradation.degrade, experiment.seed
    every = experiment.data.clean_every
    clean = np.arange(len(images.train)) % every == every - 1
    if not clean.any():
        raise must("clean_every", f"be at most {len(images.train)}, so that this source has a clean image", every)
    (x, s), (y, s_y) = ((images.train[part], images.train_labels[part]) for part in (~clean, clean))
    test = degrade(images.test, seed, "test"), images.test_labels, images.test
    return Data(degrade(x, seed, "train"), s, x, y, s_y, *test, images.classes)


def order(draw: np.random.Generator, count: int, wanted: int) -> np.ndarray:
    """Return this many numbers of images of `count`: all in a random order, and all again while more are wanted.

    Examples
    --------
    >>> found = order(np.random.default_rng(0), 3, 7)
    >>> sorted(found[:3].tolist()), sorted(found[3:6].tolist()), len(found)
    ([0, 1, 2], [0, 1, 2], 7)
    """
    return np.concatenate([draw.permutation(count) for _ in range(-(-wanted // count))])[:wanted]


def for_epoch(data: Data, experiment: Experiment, number: int) -> Data:
    """Return what an epoch sees: the degraded images are moved and degraded anew where the schedule has a shift.

    The clean draw stays: it is of the law that is to be reached. An epoch moves images alike, whatever was drawn before.

    Examples
    --------
    >>> from drc.neural import named
    >>> toy = named("toy-sr").changed({"schedule.shift": 1})
    >>> data = load(toy)
    >>> moved = for_epoch(data, toy, 0)
    >>> moved.x.shape == data.x.shape, bool((moved.x == data.x).all()), moved.y is data.y
    (True, False, True)
    """
    most, seed = experiment.schedule.shift, experiment.seed
    if not most:
        return data
    by = CommonRandomness(seed, f"shift {number}").uniforms(0, len(data.x), 2)
    down, right = np.floor(by * (2 * most + 1)).astype(int).T
    height, width, _ = data.shape
    wide = np.pad(data.x_clean, ((0, 0), (most, most), (most, most), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(wide, (height, width), axis=(1, 2))
    clean = np.moveaxis(windows[np.arange(len(wide)), down, right], 1, 3)
    return replace(data, x=experiment.degradation.degrade(clean, seed, f"train {number}"), x_clean=clean)


def read_images(source: Source, folder: Path | None = None) -> Images:
    """Return the clean images of a source, whose files lie in the folder; the digits need none.

    `ProblemError` for a file or field that is missing or damaged; the message names both.
    """
    if folder is None and source.kind != "digits":
        raise ProblemError(f"the source {source.kind!r} is read from files: a folder must be given")
    kind, folder = KINDS[source.kind], folder or Path()
    paths = kind.find(source, folder)
    if source.sha256 and paths and (found := checksum(paths)) != source.sha256:
        raise must(f"the files of {source.kind!r}", f"have the SHA-256 {source.sha256}", got=found)
    return _split(kind.read(source, folder, paths))


def _split(found: Found) -> Images:
    """Put training images in a random, fixed order; where there is no test, send each fifth group to it.

    As they come they may not be of one law: files are sorted by label, and every second image of MNIST is by one of two
    groups of writers, with other strokes.
    """
    (images, labels), test = found.train, found.test
    order = _shuffled(len(images), "images")
    if test is None:
        groups = np.arange(len(images)) if found.groups is None else found.groups
        _, place = np.unique(groups, return_inverse=True)
        rank = _shuffled(int(place.max()) + 1, "groups")
        apart = (rank[place.reshape(-1)] % _TEST_SHARE == _TEST_SHARE - 1)[order]
        test, order = (images[order[apart]], labels[order[apart]]), order[~apart]
    return Images(images[order], labels[order], *test, found.classes)


def _shuffled(count: int, stream: str) -> np.ndarray:
    return np.argsort(CommonRandomness(0, f"split {stream}").words(0, count)[:, 0])
