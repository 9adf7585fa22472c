"""Images for an experiment: where they come from, how they are split, and what the encoder sees of them.

The split is fixed: it depends on the source alone, not on a seed.  Of the training images one part is degraded, and the
other, disjoint part is the clean draw: no clean image has a degraded copy in training.
"""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from drc.codes.randomness import CommonRandomness
from drc.errors import ProblemError, must
from drc.neural import libraries, sources
from drc.reading import DAMAGE, arrays_of, most_unpacked

if TYPE_CHECKING:
    from drc.neural.experiment import Experiment, Source

_IDX_NAMES = tuple(f"{part}-{what}-ubyte" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))

#: How many channels images have: grey, colours, colours and another.
_CHANNELS = (1, 3, 4)

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


@dataclass(frozen=True, eq=False)
class Images:
    """Clean images as a source has them, split into training and test."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    classes: tuple[str, ...]


def load(experiment: Experiment, folder: Path | None = None) -> Data:
    """Return the data of an experiment.

    Parameters
    ----------
    experiment : Experiment
        Its source, degradation and seed count.
    folder : path, optional
        Where the files of the source are.

    Returns
    -------
    Data

    Raises
    ------
    ProblemError
        For a file or field that is missing or damaged, and for a degradation that does not fit the images.

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
    return Data(
        degrade(images.train[~clean], seed, "train"),
        images.train_labels[~clean],
        images.train[~clean],
        images.train[clean],
        images.train_labels[clean],
        degrade(images.test, seed, "test"),
        images.test_labels,
        images.test,
        images.classes,
    )


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

    The clean draw stays: it is of the law that is to be reached.

    Parameters
    ----------
    data : Data
    experiment : Experiment
    number : int
        Of the epoch; the same one moves images alike, whatever was drawn before.

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
    """Return the clean images of a source.

    Parameters
    ----------
    source : Source
    folder : path, optional
        Where its files are; the digits need none.

    Raises
    ------
    ProblemError
        For a file or field that is missing or damaged; the message names both.
    """
    if source.kind == "digits":
        return _digits()
    if folder is None:
        raise ProblemError(f"the source {source.kind!r} is read from files: a folder must be given")
    path = libraries.fetched(source, folder) if source.dataset else None
    if source.sha256:
        _compare(source, folder)
    if source.kind == "folder":
        images, labels, pictures, classes = sources.pictures(folder, source.crop)
        return _split(images, labels, pictures, classes)
    if source.kind in ("cifar10", "svhn"):
        train, test, classes = sources.cifar10(folder) if source.kind == "cifar10" else sources.svhn(folder)
        return _mixed(Images(*train, *test, classes))
    if path is not None:
        return _from_library(path)
    return _mixed(_from_idx(folder)) if source.kind == "idx" else _from_npz(source, folder)


def _compare(source: Source, folder: Path) -> None:
    if source.dataset:
        paths = [libraries.path_of(source, folder)]
    elif source.kind in ("npz", "digits"):
        paths = [folder / source.file]
    elif source.kind == "idx":
        paths = [_idx_path(folder, name) for name in _IDX_NAMES]
    else:
        files_of = {"folder": sources.picture_files, "cifar10": sources.cifar10_files, "svhn": sources.svhn_files}
        paths = files_of[source.kind](folder)
    try:
        found = sources.checksum(paths)
    except OSError as error:
        raise ProblemError(f"{paths[0].name} cannot be read: {error.strerror}") from None
    if found != source.sha256:
        raise must(f"the files of {source.kind!r}", f"have the SHA-256 {source.sha256}", got=found)


def _digits() -> Images:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = (digits.images[..., None] / 16).astype(np.float32)
    return _split(images, digits.target.astype(np.int64), np.arange(len(images)), tuple("0123456789"))


def _split(images: np.ndarray, labels: np.ndarray, groups: np.ndarray, classes: tuple[str, ...]) -> Images:
    """Send each fifth group, in one fixed random order, to the test; the order of the images is random too."""
    _, place = np.unique(groups, return_inverse=True)
    rank = _shuffled(int(place.max()) + 1, "groups")
    test = rank[place.reshape(-1)] % _TEST_SHARE == _TEST_SHARE - 1
    # Sources may be sorted by label, and every second image is to be of any label.
    order = _shuffled(len(images), "images")
    train, test = order[~test[order]], order[test[order]]
    return Images(images[train], labels[train], images[test], labels[test], classes)


def _mixed(images: Images) -> Images:
    """Put training images in a random, fixed order, so that both halves of them are draws of one law.

    As they come they may not be: every second image of MNIST is by one of two groups of writers, with other strokes.
    """
    order = _shuffled(len(images.train), "images")
    return replace(images, train=images.train[order], train_labels=images.train_labels[order])


def _shuffled(count: int, stream: str) -> np.ndarray:
    return np.argsort(CommonRandomness(0, f"split {stream}").words(0, count)[:, 0])


def _from_idx(folder: Path) -> Images:
    parts = []
    for part, i in (("train", 0), ("t10k", 2)):
        images, labels = _idx(folder, _IDX_NAMES[i], 3), _idx(folder, _IDX_NAMES[i + 1], 1)
        if len(images) != len(labels):
            raise must(part, "have one label per image", got=f"{len(images)} images and {len(labels)} labels")
        parts += [(images[..., None] / np.float32(255)).astype(np.float32), labels.astype(np.int64)]
    classes = tuple(str(k) for k in range(int(max(parts[1].max(), parts[3].max())) + 1))
    return Images(*parts, classes)


def _idx_path(folder: Path, name: str) -> Path:
    """The one file of this name, plain or gzipped, in the folder or where torchvision puts it (`MNIST/raw`)."""
    names = [f"{one}{ending}" for one in (name, name.replace("-idx", ".idx")) for ending in ("", ".gz")]
    found = {}
    for place in (folder, folder / "raw", *sorted(folder.glob("*/raw"))):
        if path := next((place / one for one in names if (place / one).is_file()), None):
            found[place] = path
    if not found:
        raise ProblemError(
            f"{name} is missing: {folder.name} must have it, plain or as .gz, with - or . before idx, also in a folder raw"
        )
    if len(found) > 1:
        several = ", ".join(str(path.relative_to(folder)) for path in found.values())
        raise ProblemError(f"{name} must be there once, got {several}: give the folder of one of them")
    return next(iter(found.values()))


def _idx(folder: Path, name: str, dimensions: int) -> np.ndarray:
    """Read an IDX file of bytes, gzipped or not; no more of it than its head declares is unpacked."""
    path = _idx_path(folder, name)
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            head = file.read(4 + 4 * dimensions)
            if len(head) < 4 + 4 * dimensions or head[:4] != bytes((0, 0, 8, dimensions)):
                raise ProblemError(f"{path.name}, field magic: must be an IDX file of bytes in {dimensions} dimensions")
            sizes = np.frombuffer(head, ">u4", dimensions, 4).astype(int).tolist()
            count = math.prod(sizes)
            most = most_unpacked(path)
            if not 0 < count <= most:
                raise ProblemError(f"{path.name}, field sizes: must have 1 to {most} bytes of data, got {sizes}")
            body = np.frombuffer(file.read(count + 1), np.uint8)
    except ProblemError:
        raise
    except DAMAGE as error:
        raise ProblemError(f"{path.name} cannot be read ({error})") from None
    if body.size != count:
        more = "more" if body.size > count else str(body.size)
        raise ProblemError(f"{path.name}, field sizes: must fit the bytes of data, got {sizes} and {more} bytes")
    return body.reshape(sizes)


def _from_npz(source: Source, folder: Path) -> Images:
    # SymPy comes with it, and a process that only decodes is to start without.
    from drc.problems.samples import is_missing

    path = folder / source.file
    wanted = {"images": source.images, "labels": source.labels, "group": source.group or source.labels}
    arrays = _arrays(path, *wanted.values())
    found = {role: arrays[name] for role, name in wanted.items()}
    images = _unit(path.name, source.images, found["images"])
    for role in ("labels", "group"):
        if found[role].shape != (len(images),):
            shape = found[role].shape
            raise must(f"{path.name}, field {wanted[role]},", f"have the shape ({len(images)},)", got=f"{shape}")

        absent = [i for i, value in enumerate(found[role].tolist()) if is_missing(value)]
        if absent:
            raise ProblemError(
                f"{path.name}, field {wanted[role]}: must not have missing values, got {len(absent)}, the first for image"
                f" {absent[0]} (counted from 0)"
            )
    names, labels = np.unique(found["labels"], return_inverse=True)
    groups = found["group"] if source.group else np.arange(len(images))
    return _split(images, labels.reshape(-1).astype(np.int64), groups, tuple(map(str, names.tolist())))


def _arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Read plain arrays of an NPZ file."""
    if not path.is_file():
        raise ProblemError(f"the folder of the data must have {path.name}")
    return arrays_of(path, *names)


def _from_library(path: Path) -> Images:
    train, train_labels, test, test_labels, classes = _arrays(path, *libraries.FIELDS).values()
    names = tuple(map(str, classes.tolist()))
    parts = []
    for part, images, labels in (("train", train, train_labels), ("test", test, test_labels)):
        if part == "test" and not len(images):
            continue
        if (
            labels.shape != (len(images),)
            or labels.dtype.kind != "i"
            or not 0 <= labels.min() <= labels.max() < len(names)
        ):
            raise ProblemError(
                f"{path.name}, field {part}_labels, must hold a number below {len(names)} for each image"
            )
        parts.append((_unit(path.name, part, images), labels))
    if len(parts) == 1:
        return _split(*parts[0], np.arange(len(train)), names)
    return _mixed(Images(*parts[0], *parts[1], names))


def _unit(file: str, name: str, images: np.ndarray) -> np.ndarray:
    """Return images as float32 in [0, 1] with a last axis for the channels."""
    what = f"{file}, field {name}"
    if images.ndim not in (3, 4) or not images.size:
        raise ProblemError(f"{what}: must have the shape (n, height, width[, channels]), got {images.shape}")
    if images.ndim == 4 and images.shape[3] not in _CHANNELS and images.shape[1] in _CHANNELS:
        raise ProblemError(
            f"{what}: must have the shape (n, height, width, channels), got {images.shape}, with the channels in front: move"
            " them by numpy.moveaxis(x, 1, 3)"
        )
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ProblemError(f"{what}: must be of type uint8 or of floats in [0, 1], got {images.dtype}")
    low, high = images.min(), images.max()
    if images.dtype == np.uint8 and high == 1:
        raise ProblemError(
            f"{what}: must be bytes from 0 to 255, got none above 1: make them floats, or multiply by 255"
        )
    if not 0 <= low <= high <= (255 if images.dtype == np.uint8 else 1):
        remedy = ": divide by 255" if low >= 0 and high <= 255 else ""
        raise ProblemError(f"{what}: must be uint8 or floats in [0, 1], got floats from {low:g} to {high:g}{remedy}")
    scaled = images / np.float32(255) if images.dtype == np.uint8 else images
    return scaled.astype(np.float32).reshape(*scaled.shape[:3], -1)
