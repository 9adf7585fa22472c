"""Images in the files that their authors publish: folders of pictures, CIFAR-10, SVHN; and whether files are the right ones.

Nothing here runs what a file says: CIFAR-10 is read in its binary version, and its Python pickles are refused.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from drc.errors import ProblemError, must
from drc.neural.pictures import read_picture
from drc.reading import MOST_ARRAYS, most_unpacked, read_within

_PICTURES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".ppm", ".pgm")

#: Endings of pictures that are not read: leaving them out would make another set of images without a word.
_OTHER_PICTURES = (
    *(
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
        ".j2k",
        ".jpf",
        ".tga",
        ".pbm",
        ".pnm",
        ".svg",
        ".psd",
        ".ico",
        ".exr",
        ".hdr",
    ),
    *(".dng", ".raw", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".apng", ".mng", ".dcm", ".nii"),
)

#: A folder in which macOS keeps what its archives know of other files.
_MACOS = "__MACOSX"

#: A record of CIFAR-10: its label, then three planes of 32 x 32.
_RECORD = 1 + 3 * 32 * 32

_CIFAR = tuple(f"data_batch_{i}.bin" for i in range(1, 6))


def pictures(folder: Path, crop: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """Read the pictures of a folder, or of its folders, whose names are the labels then.

    Parameters
    ----------
    folder : Path
    crop : int
        Cut into squares of this side, from the upper left on; what is left at the border is not used. 0 takes pictures
        whole: they have one size then.

    Returns
    -------
    images : array of float32, shape (n, height, width, channels)
        In [0, 1]; grey if all are.
    labels, pictures : arrays of int, shape (n,)
        The label, and the picture that each image is of.
    classes : tuple of str

    Raises
    ------
    ProblemError
        If there are none, one cannot be read, or they do not have one size.
    """
    found = picture_files(folder)
    names = [path.parent.name if path.parent != folder else "" for path in found]
    classes = tuple(sorted(set(names)))
    parts = [read_picture(path) for path in found]
    if len({part.shape[2] for part in parts}) > 1:
        # Grey pictures among coloured ones have three equal channels.
        parts = [np.broadcast_to(part, (*part.shape[:2], 3)) for part in parts]
    cut = [_cut(path, part, crop) for path, part in zip(found, parts, strict=True)]
    for path, part in zip(found, cut, strict=True):
        if part.shape[1:] != cut[0].shape[1:]:
            sizes = [f"{each.shape[1]} x {each.shape[2]}" for each in (part, cut[0])]
            raise ProblemError(
                f"the images must have one size, got {found[0].name} with {sizes[1]} and {path.name} with {sizes[0]}; crop ="
                " a side cuts them"
            )
    counts = [len(part) for part in cut]
    labels = np.repeat([classes.index(name) for name in names], counts)
    images = np.concatenate(cut).astype(np.float32) / np.float32(255)
    return images, labels, np.repeat(np.arange(len(found)), counts), tuple(name or "all" for name in classes)


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures in a folder, or in its folders, in the order of their names.

    Files that are hidden, and those of other kinds (text, tables, `Thumbs.db`, `desktop.ini`), are not looked at.

    Raises
    ------
    ProblemError
        If there are none, if they lie at several depths or deeper, and for pictures of a kind that is not read.
    """
    if not folder.is_dir():
        raise ProblemError(f"{folder.name} must be a folder of pictures, got no folder")
    levels = [_pictures_at(folder, "/".join("*" * depth)) for depth in (1, 2, 3)]
    if levels[2]:
        raise ProblemError(
            f"{levels[2][0].relative_to(folder)} in {folder.name} lies too deep: pictures must be in the folder or in its"
            " folders, whose names are the labels; give the folder of one part, such as train"
        )
    if levels[0] and levels[1]:
        raise ProblemError(
            f"{folder.name} must have its pictures in it or in its folders, got both: {levels[0][0].name} and"
            f" {levels[1][0].relative_to(folder)}"
        )
    found = levels[0] or levels[1]
    if not found:
        raise ProblemError(f"{folder.name} has no pictures: must be a folder of them, or of folders of {_PICTURES}")
    return found


def _pictures_at(folder: Path, pattern: str) -> list[Path]:
    found = []
    for path in sorted(folder.glob(pattern)):
        parts = path.relative_to(folder).parts
        kind = path.suffix.lower()
        # Hidden files (.DS_Store, ._x.jpg) and folders (.ipynb_checkpoints) are the business of systems and programs.
        if any(part.startswith(".") for part in parts) or _MACOS in parts or path.is_dir():
            continue
        if kind in _OTHER_PICTURES:
            raise ProblemError(
                f"{path.name} must be one of {', '.join(_PICTURES)}, got {kind}: convert it, or take it out"
            )
        if kind in _PICTURES:
            found.append(path)
    return found


def _cut(path: Path, picture: np.ndarray, crop: int) -> np.ndarray:
    if not crop:
        return picture[None]
    rows, columns = picture.shape[0] // crop, picture.shape[1] // crop
    if not rows or not columns:
        raise must(path.name, f"be at least as large as crop = {crop}", got=f"{picture.shape[0]} x {picture.shape[1]}")
    squares = picture[: rows * crop, : columns * crop].reshape(rows, crop, columns, crop, -1)
    return squares.swapaxes(1, 2).reshape(rows * columns, crop, crop, -1)


def cifar10_files(folder: Path) -> list[Path]:
    """Return the six files of the binary version, in the folder or in `cifar-10-batches-bin`.

    Raises
    ------
    ProblemError
        Naming the file that is missing.
    """
    inner = folder / "cifar-10-batches-bin"
    place = inner if inner.is_dir() else folder
    for name in (*_CIFAR, "test_batch.bin"):
        if not (place / name).is_file():
            pickles = any((one / "data_batch_1").exists() for one in (folder, folder / "cifar-10-batches-py"))
            hint = ", got Python pickles, which can run code and are not read" if pickles else ""
            raise ProblemError(
                f"{name} is missing: {folder.name} must have CIFAR-10 in its binary version{hint}; the kind torchvision"
                " fetches it as an archive of arrays"
            )
    return [place / name for name in (*_CIFAR, "test_batch.bin")]


def cifar10(folder: Path) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], tuple[str, ...]]:
    """Read CIFAR-10 ([krizhevsky2009]): images and labels of training and of test, and the names of the labels.

    Raises
    ------
    ProblemError
        For a file that is missing or damaged.
    """
    *train, test = [_records(path) for path in cifar10_files(folder)]
    images, labels = (np.concatenate(parts) for parts in zip(*train, strict=True))
    names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    return (images, labels), test, names


def _records(path: Path) -> tuple[np.ndarray, np.ndarray]:
    content = np.frombuffer(read_within(path, MOST_ARRAYS), np.uint8)
    if not content.size or content.size % _RECORD:
        raise must(path.name, f"have a multiple of {_RECORD} bytes", got=f"{content.size}")
    rows = content.reshape(-1, _RECORD)
    if rows[:, 0].max() > 9:
        raise must(f"{path.name}, field label,", "be in [0, 9]", got=f"{rows[:, 0].max()}")
    images = np.moveaxis(rows[:, 1:].reshape(-1, 3, 32, 32), 1, 3)
    return images.astype(np.float32) / np.float32(255), rows[:, 0].astype(np.int64)


def svhn_files(folder: Path) -> list[Path]:
    """Return the two files of cropped digits.

    Raises
    ------
    ProblemError
        Naming the file that is missing.
    """
    found = [folder / f"{part}_32x32.mat" for part in ("train", "test")]
    for path in found:
        if not path.is_file():
            raise ProblemError(f"the folder must have both files of SVHN's cropped digits, got none named {path.name}")
    return found


def svhn(folder: Path) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], tuple[str, ...]]:
    """Read SVHN's cropped digits ([netzer2011]): images and labels of training and of test, and the names of the labels.

    Raises
    ------
    ProblemError
        For a file that is missing or damaged.
    """
    train, test = [_digits_of(path) for path in svhn_files(folder)]
    return train, test, tuple("0123456789")


def _digits_of(path: Path) -> tuple[np.ndarray, np.ndarray]:
    from scipy.io import loadmat, whosmat

    try:
        if any(math.prod(shape) > most_unpacked(path) for _, shape, _ in whosmat(path)):
            raise ProblemError(f"arrays must have at most {most_unpacked(path)} entries")
        content: dict[str, Any] = loadmat(path, variable_names=["X", "y"])
        images, labels = np.asarray(content["X"]), np.asarray(content["y"]).reshape(-1)
    except Exception as error:  # scipy raises whatever a damaged file makes it stumble over
        raise ProblemError(
            f"{path.name} must be a MATLAB file with X and y, got a damaged or another file ({error})"
        ) from None
    if (
        images.ndim != 4
        or images.shape[:3] != (32, 32, 3)
        or images.dtype != np.uint8
        or labels.shape != images.shape[3:]
    ):
        raise must(
            f"{path.name}, field X,",
            f"be bytes of shape (32, 32, 3, {len(labels)})",
            got=f"{images.dtype} of shape {images.shape}",
        )
    if not labels.size or labels.min() < 1 or labels.max() > 10:
        raise ProblemError(f"{path.name}, field y, must hold labels from 1 to 10, where 10 is the digit 0")
    return np.moveaxis(images, 3, 0).astype(np.float32) / np.float32(255), labels.astype(np.int64) % 10


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
