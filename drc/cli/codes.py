"""Commands about codes in real bits: codec encode, codec decode, codec measure."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import codec, command_of
from drc.cli.options import AsJson, Bounds, CodeOptions, File, Limits, ProblemOptions, Quiet, UnitName
from drc.cli.texts import picture_kind, print_json, progress_bar, save_picture
from drc.errors import ProblemError


@command_of(codec)
def encode(
    file: File,
    symbols: Annotated[
        Path, typer.Argument(metavar="SYMBOLS", help="Symbols of X: text, an array (.npy), or - for standard input.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The coded file, or - for standard output.")],
    *,
    bounds: Bounds,
    options: CodeOptions,
    described: ProblemOptions,
    unit: UnitName = "bits",
    limits: Limits,
    quiet: Quiet = False,
) -> None:
    """Solve a problem from a file, and code symbols with the plan found; the file has all that decoding needs.

    With a model file (.safetensors) instead of a joint law, and a PNG instead of symbols: code an image.
    """
    from drc.cli.symbols import binary_output, read_symbols

    if file.suffix == ".safetensors":
        from drc.cli.images import encode_image

        other: dict[str, Any] = asdict(bounds) | asdict(options) | asdict(described) | {"seed": None, "minimise": None}
        encode_image(file, symbols, out, options.seed, other)
        return
    code = _made(described.read(file), bounds, options, unit, limits)
    with progress_bar(quiet) as move, binary_output(out) as stream:
        sizes = code.encode_file(read_symbols(symbols, code, move), stream, seed=options.seed)
    typer.echo(
        f"{sizes.symbols} symbols: {sizes.payload_rate:.6g} bit per symbol ({code.theory.rate_is} is {code.rate:.6g});"
        f" {sizes.file_bytes} bytes, of which {sizes.header_bytes} are the header",
        err=str(out) == "-",
    )


@command_of(codec)
def decode(
    file: Annotated[Path, typer.Argument(metavar="IN", help="A coded file, or - for standard input.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Text, an array (.npy), or - for standard output.")],
    start: Annotated[int, typer.Option(help="The number of the first symbol wanted, from 0.")] = 0,
    stop: Annotated[int | None, typer.Option(help="The number after the last one; left out, all that follow.")] = None,
    seed: Annotated[int | None, typer.Option(help="Compared with the seed of the file, which is used.")] = None,
    model: Annotated[Path | None, typer.Option(help="The model file of a coded image; OUT is a PNG then.")] = None,
    quiet: Quiet = False,
) -> None:
    """Decode a file, or a part of it; what is damaged is refused, and the part before it is not kept."""
    from drc.cli.symbols import binary_input, write_symbols
    from drc.codes.container import Reader
    from drc.codes.schemes import read

    if model is not None:
        from drc.cli.images import decode_image

        decode_image(model, file, out, seed)
        return
    with progress_bar(quiet) as move, binary_input(file) as stream:
        reader = Reader(stream)
        if reader.header.kind == "neural":
            raise ProblemError(
                "--model must name the model that decodes the images of this file: --model FILE.safetensors"
            )
        code = read(reader)
        count = write_symbols(out, code, _moving(code.decode_file(reader, start, stop, seed=seed), move))
    typer.echo(f"{count} symbols", err=str(out) == "-")


@command_of(codec)
def measure(
    file: File,
    *,
    bounds: Bounds,
    n: Annotated[int, typer.Option("-n", help="The number of samples that are drawn, coded and decoded.")] = 100_000,
    options: CodeOptions,
    described: ProblemOptions,
    unit: UnitName = "bits",
    limits: Limits,
    picture: Annotated[
        Path | None, typer.Option("--plot", help="Draw the point on the trade-off curve: .svg, .png or .pdf.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Code samples of a problem from a file, and measure bits, distortion and what is left unknown of the label."""
    problem = described.read(file)
    if picture is not None:
        picture_kind(picture)
    found = _made(problem, bounds, options, unit, limits).measure(n, seed=options.seed)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(str(found))
    if picture is not None:
        held = {name: bound for name, bound in found.bounds.items() if name in ("C", "P")}
        curve = problem.curve(R=(0, 1.1 * found.sizes.file_rate), **asdict(limits), **held)
        typer.echo(save_picture(lambda: found.plot(curve), picture), err=as_json)


def _made(problem: Any, bounds: Bounds, options: CodeOptions, unit: str, limits: Limits) -> Any:
    """Solve a problem, and make the code."""
    from drc.codes.schemes import codec as make

    chosen = {name: value for name, value in asdict(options).items() if name != "seed" and value is not None}
    return make(problem, unit=unit, **bounds.read(), **asdict(limits), **chosen)


def _moving(parts: Any, move: Any) -> Any:
    """Pass parts on; how many symbols a file has stands at its end, so that the bar has none."""
    done = 0
    for part in parts:
        done += len(part)
        if move is not None:
            move(f"decoded {done} symbols", done, None)
        yield part
