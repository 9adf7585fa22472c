"""Images in the files that their authors publish, or that a library fetched: how each kind is found and read.

Nothing here runs what a file says: CIFAR-10 is read in its binary version, and its Python pickles are refused.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from drc.errors import ProblemError, must
from drc.neural.libraries import FIELDS, fetched
from drc.neural.pictures import read_picture, tiles, unit
from drc.reading import DAMAGE, MOST_ARRAYS, arrays_of, most_unpacked, read_within

if TYPE_CHECKING:
    from drc.neural.experiment import Source

_PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".ppm", ".pgm")

#: Endings of pictures that are not read: leaving them out would make another set of images without a word.
_OTHER_PICTURES = re.compile(
    r"\.(heic|heif|avif|jxl|jp2|j2k|jpf|tga|pbm|pnm|svg|psd|ico|exr|hdr|dng|raw|cr2|cr3|nef|arw|orf|rw2|raf|apng|mng|dcm|nii)"
)

#: A folder in which macOS keeps what its archives know of other files.
_MACOS = "__MACOSX"

#: A record of CIFAR-10: its label, then three planes of 32 x 32.
_RECORD = 1 + 3 * 32 * 32

_CIFAR = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")

_CIFAR_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

_SVHN = ("train_32x32.mat", "test_32x32.mat")

_DIGITS = tuple("0123456789")

_IDX = tuple(f"{part}-{what}-ubyte" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))

#: How many channels images have: grey, colours, colours and another.
_CHANNELS = (1, 3, 4)

#: Images as float32 in [0, 1], shape (n, height, width, channels), and their labels 0, 1, ...
Part: TypeAlias = tuple[np.ndarray, np.ndarray]


class Found(NamedTuple):
    """What a source has.

    Attributes
    ----------
    classes : tuple of str
        The names of the labels.
    test : Part or None
        None where the source has no test of its own.
    groups : array or None
        For each image the group that stays together in a split; None where each is its own.
    """

    classes: tuple[str, ...]
    train: Part
    test: Part | None = None
    groups: np.ndarray | None = None


class Kind(NamedTuple):
    """A kind of source: what finds its files in a folder, and what reads these."""

    find: Callable[[Source, Path], list[Path]]
    read: Callable[[Source, Path, list[Path]], Found]


def _pictures(source: Source, folder: Path, paths: list[Path]) -> Found:
    """Read the pictures of a folder, or of its folders, whose names are the labels then; whole or cut into squares."""
    names = [path.parent.name if path.parent != folder else "all" for path in paths]
    classes = tuple(sorted(set(names)))
    parts = [read_picture(path) for path in paths]
    if len({part.shape[2] for part in parts}) > 1:
        # Grey pictures among coloured ones have three equal channels.
        parts = [np.broadcast_to(part, (*part.shape[:2], 3)) for part in parts]
    for path, part in zip(paths, parts, strict=True):
        (height, width), (first, second) = part.shape[:2], parts[0].shape[:2]
        if source.crop > min(height, width):
            raise must(path.name, f"be at least as large as crop = {source.crop}", got=f"{height} x {width}")
        if not source.crop and (height, width) != (first, second):
            two = f"{paths[0].name} with {first} x {second} and {path.name} with {height} x {width}"
            raise must("the images", "have one size", got=f"{two}; crop = a side cuts them")
    cut = [tiles(part, source.crop, source.crop) if source.crop else part[None] for part in parts]
    counts = [len(part) for part in cut]
    labels = np.repeat([classes.index(name) for name in names], counts)
    return Found(classes, (unit(np.concatenate(cut)), labels), groups=np.repeat(np.arange(len(paths)), counts))


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures in a folder, or in its folders, in the order of their names.

    Files that are hidden, and those of other kinds (text, tables, `Thumbs.db`, `desktop.ini`), are not looked at;
    `ProblemError` for none, for several depths or deeper ones, and for pictures of a kind that is not read.
    """
    if not folder.is_dir():
        raise ProblemError(f"{folder.name} must be a folder of pictures, got no folder")
    levels = [_pictures_at(folder, "/".join("*" * depth)) for depth in (1, 2, 3)]
    if levels[2]:
        where = "pictures must be in the folder or in its folders, whose names are the labels"
        deep = f"{levels[2][0].relative_to(folder)} in {folder.name}"
        raise ProblemError(f"{deep} lies too deep: {where}; give the folder of one part, such as train")
    if levels[0] and levels[1]:
        both = f"both: {levels[0][0].name} and {levels[1][0].relative_to(folder)}"
        raise must(folder.name, "have its pictures in it or in its folders", got=both)
    found = levels[0] or levels[1]
    if not found:
        raise ProblemError(f"{folder.name} has no pictures: must be a folder of them, or of folders of {_PICTURES}")
    return found


def _pictures_at(folder: Path, pattern: str) -> list[Path]:
    found = []
    for path in sorted(folder.glob(pattern)):
        parts, kind = path.relative_to(folder).parts, path.suffix.lower()
        # Hidden files (.DS_Store, ._x.jpg) and folders (.ipynb_checkpoints) are the business of systems and programs.
        if any(part.startswith(".") for part in parts) or _MACOS in parts or path.is_dir():
            continue
        if _OTHER_PICTURES.fullmatch(kind):
            needs = f"be one of {', '.join(_PICTURES)}"
            raise must(path.name, needs, got=f"{kind}: convert it, or take it out")
        if kind in _PICTURES:
            found.append(path)
    return found


def cifar10_files(folder: Path) -> list[Path]:
    """Return the six files of the binary version, in the folder or in `cifar-10-batches-bin`."""
    inner = folder / "cifar-10-batches-bin"
    paths = [(inner if inner.is_dir() else folder) / name for name in _CIFAR]
    for path in paths:
        if not path.is_file():
            pickles = any((one / "data_batch_1").exists() for one in (folder, folder / "cifar-10-batches-py"))
            hint = ", got Python pickles, which can run code and are not read" if pickles else ""
            missing = f"{path.name} is missing: {folder.name} must have CIFAR-10 in its binary version{hint}"
            raise ProblemError(f"{missing}; the kind torchvision fetches it as an archive of arrays")
    return paths


def cifar10(paths: list[Path]) -> Found:
    """Read CIFAR-10 ([krizhevsky2009])."""
    *train, test = [_records(path) for path in paths]
    images, labels = (np.concatenate(parts) for parts in zip(*train, strict=True))
    return Found(_CIFAR_CLASSES, (images, labels), test)


def _records(path: Path) -> Part:
    content = np.frombuffer(read_within(path, MOST_ARRAYS), np.uint8)
    if not content.size or content.size % _RECORD:
        raise must(path.name, f"have a multiple of {_RECORD} bytes", got=f"{content.size}")
    rows = content.reshape(-1, _RECORD)
    images = np.moveaxis(rows[:, 1:].reshape(-1, 3, 32, 32), 1, 3)
    return unit(images), _labels(f"{path.name}, field label,", rows[:, 0], len(images), 10)


def svhn(paths: list[Path]) -> Found:
    """Read SVHN's cropped digits ([netzer2011])."""
    train, test = map(_digits_of, paths)
    return Found(_DIGITS, train, test)


def _digits_of(path: Path) -> Part:
    from scipy.io import loadmat, whosmat

    try:
        if any(math.prod(shape) > most_unpacked(path) for _, shape, _ in whosmat(path)):
            raise ProblemError(f"arrays must have at most {most_unpacked(path)} entries")
        content = loadmat(path, variable_names=["X", "y"])
        images, labels = np.asarray(content["X"]), np.asarray(content["y"]).reshape(-1)
    except Exception as error:  # scipy raises whatever a damaged file makes it stumble over
        other = f"a damaged or another file ({error})"
        raise must(path.name, "be a MATLAB file with X and y", got=other) from None
    wanted = (32, 32, 3, len(labels))
    if images.shape != wanted or images.dtype != np.uint8:
        what = f"{images.dtype} of shape {images.shape}"
        raise must(f"{path.name}, field X,", f"be bytes of shape {wanted}", got=what)
    # In the file 10 is the digit 0.
    labels = _labels(f"{path.name}, field y less one,", labels.astype(np.int64) - 1, len(labels), 10)
    return unit(np.moveaxis(images, 3, 0)), (labels + 1) % 10


def _labels(where: str, labels: np.ndarray, count: int, classes: int) -> np.ndarray:
    """Return labels if each of this many images has one."""
    good = labels.shape == (count,) and count and labels.dtype.kind in "iu"
    if not good or not 0 <= labels.min() <= labels.max() < classes:
        raise ProblemError(f"{where} must hold a number below {classes} for each image")
    return labels.astype(np.int64)


def _digits(source: Source, folder: Path, paths: list[Path]) -> Found:
    from sklearn.datasets import load_digits

    digits: Any = load_digits()
    return Found(_DIGITS, ((digits.images[..., None] / 16).astype(np.float32), digits.target.astype(np.int64)))


def _idx_path(folder: Path, name: str) -> Path:
    """The one file of this name, plain or gzipped, in the folder or where torchvision puts it (`MNIST/raw`)."""
    names = [f"{one}{ending}" for one in (name, name.replace("-idx", ".idx")) for ending in ("", ".gz")]
    places = (folder, folder / "raw", *sorted(folder.glob("*/raw")))
    found = {place: place / one for place in places for one in reversed(names) if (place / one).is_file()}
    if not found:
        allowed = "plain or as .gz, with - or . before idx, also in a folder raw"
        raise ProblemError(f"{name} is missing: {folder.name} must have it, {allowed}")
    if len(found) > 1:
        several = ", ".join(str(path.relative_to(folder)) for path in found.values())
        raise ProblemError(f"{name} must be there once, got {several}: give the folder of one of them")
    return next(iter(found.values()))


def _from_idx(source: Source, folder: Path, paths: list[Path]) -> Found:
    parts = []
    for part, names in (("train", paths[:2]), ("t10k", paths[2:])):
        images, labels = (_idx(path, dimensions) for path, dimensions in zip(names, (3, 1), strict=True))
        if len(images) != len(labels):
            raise must(part, "have one label per image", got=f"{len(images)} images and {len(labels)} labels")
        parts.append((unit(images[..., None]), labels.astype(np.int64)))
    return Found(tuple(str(k) for k in range(max(int(labels.max()) for _, labels in parts) + 1)), *parts)


def _idx(path: Path, dimensions: int) -> np.ndarray:
    """Read an IDX file of bytes, gzipped or not; no more of it than its head declares is unpacked."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as file:
            head = file.read(4 + 4 * dimensions)
            if len(head) < 4 + 4 * dimensions or head[:4] != bytes((0, 0, 8, dimensions)):
                raise ProblemError(f"{path.name}, field magic: must be an IDX file of bytes in {dimensions} dimensions")
            sizes = np.frombuffer(head, ">u4", dimensions, 4).astype(int).tolist()
            count, most = math.prod(sizes), most_unpacked(path)
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


def _from_npz(source: Source, folder: Path, paths: list[Path]) -> Found:
    # SymPy comes with it, and a process that only decodes is to start without.
    from drc.problems.samples import is_missing

    (path,), group = paths, source.group or source.labels
    arrays = arrays_of(path, source.images, source.labels, group)
    images = _unit(f"{path.name}, field {source.images}", arrays[source.images])
    for name in (source.labels, group):
        if arrays[name].shape != (len(images),):
            raise must(f"{path.name}, field {name},", f"have the shape ({len(images)},)", got=f"{arrays[name].shape}")
        if absent := [i for i, value in enumerate(arrays[name].tolist()) if is_missing(value)]:
            first = f"the first for image {absent[0]} (counted from 0)"
            raise must(f"{path.name}, field {name}:", "not have missing values", got=f"{len(absent)}, {first}")
    names, labels = np.unique(arrays[source.labels], return_inverse=True)
    groups = arrays[group] if source.group else None
    return Found(tuple(map(str, names.tolist())), (images, labels.reshape(-1).astype(np.int64)), groups=groups)


def _from_library(source: Source, folder: Path, paths: list[Path]) -> Found:
    (path,) = paths
    arrays = arrays_of(path, *FIELDS)
    classes = tuple(map(str, arrays["classes"].tolist()))
    parts = []
    for part in ("train", "test"):
        images = arrays[part]
        if part == "train" or len(images):
            labels = _labels(f"{path.name}, field {part}_labels,", arrays[f"{part}_labels"], len(images), len(classes))
            parts.append((_unit(f"{path.name}, field {part}", images), labels))
    return Found(classes, *parts)


def _unit(what: str, images: np.ndarray) -> np.ndarray:
    """Return images as float32 in [0, 1] with a last axis for the channels."""
    if images.ndim not in (3, 4) or not images.size:
        raise ProblemError(f"{what}: must have the shape (n, height, width[, channels]), got {images.shape}")
    if images.ndim == 4 and images.shape[3] not in _CHANNELS and images.shape[1] in _CHANNELS:
        front = f"{images.shape}, with the channels in front: move them by numpy.moveaxis(x, 1, 3)"
        raise must(f"{what}:", "have the shape (n, height, width, channels)", got=front)
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise ProblemError(f"{what}: must be of type uint8 or of floats in [0, 1], got {images.dtype}")
    low, high = images.min(), images.max()
    if images.dtype == np.uint8 and high == 1:
        raise must(f"{what}:", "be bytes from 0 to 255", got="none above 1: make them floats, or multiply by 255")
    if not 0 <= low <= high <= (255 if images.dtype == np.uint8 else 1):
        remedy = ": divide by 255" if low >= 0 and high <= 255 else ""
        raise ProblemError(f"{what}: must be uint8 or floats in [0, 1], got floats from {low:g} to {high:g}{remedy}")
    scaled = unit(images) if images.dtype == np.uint8 else images.astype(np.float32)
    return scaled.reshape(*scaled.shape[:3], -1)


def _there(*names: str) -> Callable[[Source, Path], list[Path]]:
    """Return what finds the files of these names in a folder; without names, the one that the source has."""

    def find(source: Source, folder: Path) -> list[Path]:
        """Return the paths of the files."""
        paths = [folder / name for name in names or (source.file,)]
        for path in paths:
            if not path.is_file():
                raise ProblemError(f"the folder of the data must have {path.name}")
        return paths

    return find


_LIBRARY = Kind(lambda source, folder: [fetched(source, folder)], _from_library)

#: The kinds of sources by their names.
KINDS: dict[str, Kind] = {
    "digits": Kind(lambda source, folder: [], _digits),
    "idx": Kind(lambda source, folder: [_idx_path(folder, name) for name in _IDX], _from_idx),
    "npz": Kind(_there(), _from_npz),
    "folder": Kind(lambda source, folder: picture_files(folder), _pictures),
    "cifar10": Kind(lambda source, folder: cifar10_files(folder), lambda source, folder, paths: cifar10(paths)),
    "svhn": Kind(_there(*_SVHN), lambda source, folder, paths: svhn(paths)),
    "torchvision": _LIBRARY,
    "huggingface": _LIBRARY,
}


def checksum(paths: list[Path]) -> str:
    """Return the SHA-256 of a file; of several, that of the list that `sha256sum` prints of them by name.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "empty"
    ...     path.touch()
    ...     checksum([path])[:16]
    'e3b0c44298fc1c14'
    """
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append(hashlib.file_digest(file, "sha256").hexdigest())
    if len(found) == 1:
        return found[0]
    lines = "".join(f"{digest}  {path.name}\n" for digest, path in zip(found, paths, strict=True))
    return hashlib.sha256(lines.encode()).hexdigest()
