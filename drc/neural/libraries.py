"""Images that torchvision and Hugging Face's datasets fetch, kept as one NPZ file that needs neither afterwards.

The libraries are asked once: what they give is written to the folder of the data, and read from there from then on. The file
can be made on one machine and copied to another, and its checksum can stand in an experiment.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from drc.errors import ProblemError, must
from drc.files import written_aside
from drc.neural.experiment import TORCHVISION, Source

#: Arrays of the file.
FIELDS = ("train", "train_labels", "test", "test_labels", "classes")


def fetched(source: Source, folder: Path) -> Path:
    """Return the file of a source in the folder of the data; a library makes it if it is not there.

    `ProblemError` if that library is not installed, does not know the set, or cannot fetch it.
    """
    path = path_of(source, folder)
    if path.is_file():
        return path
    make = _torchvision if source.kind == "torchvision" else _huggingface
    try:
        with tempfile.TemporaryDirectory() as apart:
            arrays = make(source.dataset, apart)
    except ModuleNotFoundError as error:
        needs = f"the folder must have {path.name}, or {error.name} must be installed, which fetches it"
        raise ProblemError(f"{needs}; a machine that has the library and a network makes such a folder") from None
    except ProblemError:
        raise
    except Exception as error:  # both libraries raise whatever a network or a damaged file makes them stumble over
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        needs = f"the machine must have a network, or the folder {path.name}, which another machine can make"
        raise ProblemError(f"{source.dataset} of {source.kind} cannot be fetched ({reason}): {needs}") from None
    with written_aside(path) as file:
        np.savez(file, **arrays)  # pyright: ignore[reportArgumentType] (no array has the name of an option)
    return path


def path_of(source: Source, folder: Path) -> Path:
    """Return where the file of a source is, or will be."""
    return folder / f"{source.kind}-{source.dataset.replace('/', '-')}.npz"


def _torchvision(name: str, apart: str) -> dict[str, np.ndarray]:
    from torchvision import datasets  # pyright: ignore[reportMissingImports]

    parts = [getattr(datasets, name)(apart, download=True, **options) for options in TORCHVISION[name]]
    return _arrays(name, parts, getattr(parts[0], "classes", None))


def _huggingface(name: str, apart: str) -> dict[str, np.ndarray]:
    from datasets import ClassLabel, Image, load_dataset  # pyright: ignore[reportMissingImports]

    found = load_dataset(name, cache_dir=apart)
    splits = [found[part] for part in ("train", "test") if part in found]
    if not splits or "train" not in found:
        raise must(name, "have the split train", got=", ".join(found))
    features = splits[0].features
    images, labels = (
        next((column for column, kind in features.items() if isinstance(kind, wanted)), None)
        for wanted in (Image, ClassLabel)
    )
    if images is None or labels is None:
        raise must(name, "have a column of images and one of class labels", got=", ".join(features))
    pairs = [[(row[images], row[labels]) for row in split] for split in splits]
    return _arrays(name, pairs, features[labels].names)


def _arrays(name: str, parts: Sequence[Iterable[Any]], classes: Iterable[str] | None) -> dict[str, np.ndarray]:
    """Return the arrays of the file; a set without a test has empty ones for it."""
    found: dict[str, np.ndarray] = {}
    for part, pairs in zip(("train", "test"), parts, strict=False):
        images, labels = zip(*pairs, strict=True)
        plain = [np.asarray(image) for image in images]
        sizes = {image.shape for image in plain}
        if len(sizes) > 1 or plain[0].dtype != np.uint8:
            raise must(name, "have images of one size, in bytes", got=f"{sorted(sizes)[:3]} and {plain[0].dtype}")
        found[part], found[f"{part}_labels"] = np.stack(plain), np.array(labels, np.int64)
    if "test" not in found:
        found["test"], found["test_labels"] = found["train"][:0], found["train_labels"][:0]
    names = classes or [str(k) for k in range(int(found["train_labels"].max()) + 1)]
    return {**found, "classes": np.array([str(one) for one in names])}
