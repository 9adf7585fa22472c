"""The image side of `drc codec`: a model file and a PNG to a bitstream, and back; it needs the extra `drc[torch]`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from drc.cli.app import Quiet, command_of
from drc.cli.codes import codec
from drc.cli.texts import progress_bar


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder of an experiment.")],
    out: Annotated[Path, typer.Argument(metavar="MODEL.safetensors", help="The model file.")],
) -> None:
    """Write the codec of a run folder as one file, which codes images: weights and settings, no code."""
    from drc.neural.run import Run

    models = _models()
    models.save_model(Run.read(run), out)
    typer.echo(f"{out}: {out.stat().st_size} bytes")


def compare(
    model: Annotated[Path, typer.Argument(metavar="MODEL.safetensors", help="The model file.")],
    pictures: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Clean pictures; they are degraded as in training.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for table and samples.")] = Path("compare"),
    quiet: Quiet = False,
) -> None:
    """Compare a codec with JPEG, JPEG-2000 and WebP at equal bytes, and with a classical denoiser, on pictures."""
    models = _models()
    from drc.images.compare import TABLE
    from drc.images.compare import compare as compared

    with progress_bar(quiet) as progress:
        rows = compared(models.load_model(model), pictures, out, progress)
    for row in rows:
        said = ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name not in ("method", "pictures"))
        typer.echo(f"{row['method']}: {said}")
    typer.echo(f"{out / TABLE}")


def encode_image(model: Path, image: Path, out: Path, seed: int, other: dict[str, Any]) -> None:
    """Code one image; `other` are options of `drc codec encode` that mean nothing here, and were given if not None."""
    from drc.cli.symbols import binary_output
    from drc.errors import ProblemError

    for name, value in other.items():
        if value is not None:
            raise ProblemError(
                f"{name} = {value} means nothing for an image: the model has its rate; allowed is --seed"
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
    from drc.errors import ProblemError

    try:
        from drc.images import model
    except ModuleNotFoundError as error:
        raise ProblemError(f'images need {error.name}: pip install "drc[torch]"') from None
    return model


for function in (export, compare):
    command_of(codec, function)
