"""A trained codec beside JPEG, JPEG-2000 and WebP at equal bytes, and beside a classical denoiser, on pictures.

All see the same degraded picture, and are compared with the clean one. Bits are those of files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from drc.errors import ProblemError
from drc.files import csv_of, write_whole
from drc.images.quality import Judge, compared
from drc.neural.degradations import Noise
from drc.neural.formats import at_most, denoised, formats
from drc.neural.pictures import read_image, tiles, write_image
from drc.neural.run import Model
from drc.neural.sources import picture_files
from drc.types import Progress

TABLE, MEANS = "compare.csv", "means.csv"


def compare(
    model: Model,
    pictures: str | os.PathLike[str],
    out: str | os.PathLike[str],
    progress: Progress | None = None,
    judge: Judge | None = None,
) -> list[dict[str, object]]:
    """Code the pictures of a folder, and write a table and a sheet of samples.

    Parameters
    ----------
    model : Model
        Of a model file.
    pictures : path
        A folder of clean pictures; they are degraded as the experiment says, with the noise of its seed.
    out : path
        A folder for `compare.csv`, a line for each picture and method, `means.csv`, which is what is returned, and
        `PICTURE.png`: clean, degraded, and what each method makes of it, from left to right.
    progress : function of (description, done, total), optional
    judge : Judge, optional
        It compares the law of all that a method makes with that of the clean pictures, square by square of the size of the
        training images.

    Returns
    -------
    list of dict
        For each method the means over the pictures: `bpp` (8 times the bytes of a file over the pixels), `mse`, `psnr`,
        `ssim` and so on to the clean picture, `mse_degraded` to the degraded one, and how many `pictures` there were; with
        a judge, its distances.

    Raises
    ------
    ProblemError
        For a folder without pictures, or a picture that the model does not take.
    """
    paths, rows = picture_files(Path(pictures)), []
    names = [path.stem for path in paths]
    if repeated := [name for name in names if names.count(name) > 1]:
        raise ProblemError(f"pictures must have distinct names, got {repeated[0]} {names.count(repeated[0])} times")
    (*side, channels), out = model.state.codec.shape, Path(out)  # pyright: ignore[reportAttributeAccessIssue] (a state of this backend)
    squares: dict[str, list[np.ndarray]] = {}
    for done, path in enumerate(paths):
        clean = read_image(path, channels)
        x = model.experiment.degradation.degrade(clean[None], model.experiment.seed, f"compare {path.name}")[0]
        shown = [clean, x]
        # Pictures smaller than the training images are taken whole.
        cut = [min(pair) for pair in zip(side, clean.shape[:2], strict=True)]
        squares.setdefault("clean", []).append(tiles(clean, *cut))
        for method, size, y in _methods(model, x):
            bpp = {} if size is None else {"bytes": size, "bpp": 8 * size / (x.shape[0] * x.shape[1])}
            error = {"mse_degraded": float(((y - x) ** 2).mean())}
            rows.append({"picture": path.name, "method": method, **bpp, **compared(y, clean), **error})
            squares.setdefault(method, []).append(tiles(y, *cut))
            if method != "degraded":
                shown.append(y)
        write_image(out / f"{path.stem}.png", np.concatenate(shown, axis=1))
        if progress is not None:
            progress(path.name, done + 1, len(paths))
    means = _means(rows)
    if judge is not None:
        clean = np.concatenate(squares["clean"])
        for row in means:
            row |= judge.distances(np.concatenate(squares[row["method"]]), clean)
    write_whole(out / TABLE, csv_of(rows))
    write_whole(out / MEANS, csv_of(means))
    return means


def _methods(model: Model, x: np.ndarray) -> Iterator[tuple[str, int | None, np.ndarray]]:
    """Yield what each method makes of a degraded picture, and how many bytes it takes; None takes no file."""
    seed = model.experiment.seed
    data = model.backend.encode(model.state, x[None], seed).data
    yield "drc", len(data), model.backend.decode(model.state, data, seed)[0]
    yield "degraded", None, x
    for name in formats():
        yield name, *at_most(x, name, len(data))
    for denoiser, y in _denoised(model, x):
        yield denoiser, None, y
        for name in formats():
            yield f"{denoiser}, then {name}", *at_most(y, name, len(data))


def _denoised(model: Model, x: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield what denoisers make of a picture, if noise is what it has: non-local means, and the teacher of the codec."""
    if isinstance(model.experiment.degradation, Noise):
        yield "nl-means", denoised(x, model.experiment.degradation.deviation)
    if model.experiment.teacher:
        yield "teacher", model.estimated(x[None])[0]


def _means(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for method in dict.fromkeys(row["method"] for row in rows):
        of = [row for row in rows if row["method"] == method]
        # A measure that some pictures are too small for has no mean over all.
        names = [n for n in of[0] if n not in ("picture", "method", "bytes") and all(n in row for row in of)]
        found.append(
            {"method": method, "pictures": len(of)} | {n: float(np.mean([row[n] for row in of])) for n in names}
        )
    return found
