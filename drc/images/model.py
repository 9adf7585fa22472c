"""A trained codec as one file, and images to bytes and back with it.

A model file is safetensors with the experiment as JSON in its metadata: arrays and text. Loading one executes nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from drc.codes.container import Reader
from drc.errors import ProblemError, must
from drc.files import write_whole
from drc.neural.backend import backend
from drc.neural.experiment import Experiment
from drc.neural.pictures import read_image, write_image
from drc.neural.run import Model, Run
from drc.reading import MOST_MODEL, read_within
from drc.strict_json import to_json

FORMAT = "drc model 1"

#: Arrays that only training needs.
_TRAINING = ("adam/", "critic/")


def save_model(run: Run, path: str | os.PathLike[str]) -> Path:
    """Write the codec of a run folder of the backend torch as a model file, whose name ends in `.safetensors`.

    `ProblemError` for a run without a checkpoint, or of another backend.
    """
    if Path(path).suffix != ".safetensors":
        raise must("a model file", "have a name that ends in .safetensors", got=Path(path).name)
    if run.experiment.backend != "torch":
        raise must("backend", "be 'torch' for a model file", run.experiment.backend)
    model = run.model()
    arrays = model.backend.save(model.state)
    kept = {n: np.ascontiguousarray(a).reshape(a.shape) for n, a in arrays.items() if not n.startswith(_TRAINING)}
    metadata = {"format": FORMAT, "experiment": to_json(run.experiment.table(), sort_keys=True)}
    return write_whole(path, save(kept, metadata))


def load_model(path: str | os.PathLike[str]) -> Model:
    """Read a model file.

    Raises
    ------
    ProblemError
        For a file that is not a model file, is damaged, or longer than `drc.reading.MOST_MODEL`.
    """
    path = Path(path)
    content = read_within(path, MOST_MODEL)
    try:
        arrays, metadata = load(content), _metadata(content)
        if metadata.get("format") != FORMAT:
            raise must(f"{path.name}, field format,", f"be {FORMAT!r}", metadata.get("format"))
        experiment = Experiment.of(json.loads(metadata["experiment"]), path.name)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        if isinstance(error, ProblemError):
            raise
        raise ProblemError(f"{path.name} must be a model file, got a damaged file or another one ({error})") from None
    if experiment.backend != "torch":
        raise must(f"{path.name}: backend", "be 'torch'", experiment.backend)
    used = backend("torch")
    return Model(experiment, used, used.load(experiment, None, arrays))


def _metadata(content: bytes) -> dict[str, Any]:
    """Return the texts of a file whose arrays were read already; the library reads them from files only."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]).get("__metadata__", {})


def encode_image(model: Model, image: str | os.PathLike[str], seed: int = 0) -> bytes:
    """Return the bitstream of an image file; it says the size and the seed of the common randomness.

    Parameters
    ----------
    image : path
        PNG, or whatever Pillow reads, with 8 bits a channel and as many channels as the model has.
    """
    x = read_image(image, model.state.codec.shape[2])  # pyright: ignore[reportAttributeAccessIssue] (a state of this backend)
    return model.backend.encode(model.state, x[None], seed).data


def decode_image(model: Model, data: bytes, image: str | os.PathLike[str], seed: int | None = None) -> tuple[int, int]:
    """Write the image of a bitstream as PNG, and return its height and width.

    A seed is compared with the one of the file, which is used. `CodeError` for a file that is damaged, or of another model
    or seed.
    """
    header = Reader(data).header
    header.expect(seed=seed)
    y = model.backend.decode(model.state, data, header.seed)
    if len(y) != 1:
        raise must("the file", "hold one image", got=f"{len(y)}")
    write_image(image, y[0])
    return y.shape[1], y.shape[2]
