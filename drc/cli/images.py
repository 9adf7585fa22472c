"""The image side of `drc codec`: a model file and a PNG to a bitstream, and back; it needs the extra `torch`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from drc.cli.app import codec, command_of
from drc.cli.options import Quiet
from drc.cli.texts import progress_bar
from drc.errors import ProblemError

ModelFile = Annotated[Path, typer.Argument(metavar="MODEL.safetensors", help="The model file.")]


@command_of(codec)
def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder of an experiment.")],
    out: ModelFile,
) -> None:
    """Write the codec of a run folder as one file, which codes images: weights and settings, no code."""
    from drc.neural.run import Run

    models = _models()
    models.save_model(Run.read(run), out)
    typer.echo(f"{out}: {out.stat().st_size} bytes")


@command_of(codec)
def compare(
    model: ModelFile,
    pictures: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Clean pictures; they are degraded as in training.")
    ],
    folder: Annotated[Path, typer.Option("--out", help="Folder for tables and samples.")] = Path("compare"),
    data: Annotated[
        Path | None, typer.Option("--data", help="The data of the training, which trains a judge of laws of images.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Compare a codec with JPEG, JPEG-2000 and WebP at equal bytes, and with a classical denoiser, on pictures."""
    models = _models()
    from drc.images.compare import MEANS, TABLE
    from drc.images.compare import compare as compared
    from drc.images.quality import Judge
    from drc.neural.data import load

    loaded = models.load_model(model)
    judge = None if data is None else Judge.of(load(loaded.experiment, data))
    with progress_bar(quiet) as progress:
        rows = compared(loaded, pictures, folder, progress, judge)
    for row in rows:
        said = ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in ("method", "pictures"))
        typer.echo(f"{row['method']}: {said}")
    if judge is None:
        typer.echo("left out: distances in a feature space: say --data FOLDER, the data of the training", err=True)
    say_what_is_left_out()
    typer.echo(f"{folder / TABLE}\n{folder / MEANS}")


def say_what_is_left_out() -> None:
    """Say which measures of images this machine cannot make."""
    from drc.images.quality import left_out

    for name, reason in left_out().items():
        typer.echo(f"left out: {name}: {reason}", err=True)


def encode_image(model: Path, image: Path, out: Path, seed: int, other: dict[str, object]) -> None:
    """Code one image; `other` are options of `drc codec encode` that mean nothing here, and were given if not None."""
    from drc.cli.symbols import binary_output

    for name, value in other.items():
        if value is not None:
            raise ProblemError(
                f"{name} must be left out for an image (the model has its rate; only --seed has a meaning), got {value}"
            )
    models = _models()
    data = models.encode_image(models.load_model(model), image, seed)
    with binary_output(out) as stream:
        stream.write(data)
    typer.echo(f"{len(data)} bytes", err=str(out) == "-")


def decode_image(model: Path, file: Path, out: Path, seed: int | None) -> None:
    """Decode one image."""
    from drc.cli.symbols import binary_input

    models = _models()
    with binary_input(file) as stream:
        height, width = models.decode_image(models.load_model(model), stream.read(), out, seed)
    typer.echo(f"{height} x {width} pixels")


def _models() -> ModuleType:

    try:
        from drc.images import model
    except ModuleNotFoundError as error:
        raise ProblemError(f'images need {error.name}: pip install "drc-theory[torch]"') from None
    return model
