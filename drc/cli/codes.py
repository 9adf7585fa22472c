"""Commands about codes in real bits: codec encode, codec decode, codec measure."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import (
    AsJson,
    Classification,
    Cost,
    Distortion,
    File,
    Method,
    Minimise,
    Perception,
    PerceptionBound,
    Quiet,
    Rate,
    Reference,
    Seconds,
    Sees,
    Setting,
    Target,
    TimeSharing,
    Tolerance,
    UnitName,
    app,
    command_of,
    show_help,
)
from drc.cli.texts import picture_kind, print_json, progress_bar, read_given, read_problem, save_picture
from drc.errors import ProblemError

codec = typer.Typer(
    help="Code symbols into real bits, and decode them with the file alone.", invoke_without_command=True
)
codec.callback()(show_help)
app.add_typer(codec, name="codec")

Block = Annotated[int | None, typer.Option(help="The number of symbols that are coded together.")]
LatticeName = Annotated[str | None, typer.Option("--lattice", help="Z or E8, for a Gaussian.")]
Scheme = Annotated[
    str | None, typer.Option(help="dithered-lattice or channel-simulation, for a Gaussian; the first is taken.")
]
SharedSeed = Annotated[int, typer.Option(help="Seed of the common randomness, 0 to 2**64 - 1; the file has it.")]


def encode(
    file: File,
    symbols: Annotated[
        Path, typer.Argument(metavar="SYMBOLS", help="Symbols of X: text, an array (.npy), or - for standard input.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The coded file, or - for standard output.")],
    rate: Rate = None,
    classification: Classification = None,
    distortion: Distortion = None,
    perception_bound: PerceptionBound = None,
    seed: SharedSeed = 0,
    block: Block = None,
    lattice: LatticeName = None,
    scheme: Scheme = None,
    minimise: Minimise = "D",
    cost: Cost = None,
    target: Target = None,
    perception: Perception = None,
    reference: Reference = None,
    setting: Setting = None,
    sees: Sees = None,
    time_sharing: TimeSharing = None,
    unit: UnitName = "bits",
    tolerance: Tolerance = 1e-9,
    time_limit: Seconds = None,
    method: Method = "auto",
    quiet: Quiet = False,
) -> None:
    """Solve a problem from a file, and code symbols with the plan found; the file has all that decoding needs.

    With a model file (.safetensors) instead of a joint law, and a PNG instead of symbols: code an image.
    """
    from drc.cli.symbols import binary_output, read_symbols

    if file.suffix == ".safetensors":
        from drc.cli.images import encode_image

        bounds = {"rate": rate, "classification": classification, "distortion": distortion, "block": block}
        shaped = {"cost": cost, "target": target, "perception": perception, "setting": setting, "sees": sees}
        shaped |= {"lattice": lattice, "scheme": scheme}
        encode_image(file, symbols, out, seed, bounds | shaped)
        return
    problem = read_problem(file, cost, target, perception, reference, setting, sees, time_sharing)
    bounds = read_given(R=rate, C=classification, D=distortion, P=perception_bound)
    limits = {"tolerance": tolerance, "time_limit": time_limit, "method": method}
    code = _made(problem, bounds | limits, minimise=minimise, unit=unit, block=block, lattice=lattice, scheme=scheme)
    with progress_bar(quiet) as move, binary_output(out) as stream:
        sizes = code.encode_file(read_symbols(symbols, code, move), stream, seed=seed)
    typer.echo(
        f"{sizes.symbols} symbols: {sizes.payload_rate:.6g} bit per symbol ({code.theory.rate_is} is {code.rate:.6g});"
        f" {sizes.file_bytes} bytes, of which {sizes.header_bytes} are the header",
        err=str(out) == "-",
    )


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
    from drc.codes.codec import read
    from drc.codes.container import Reader

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


def measure(
    file: File,
    rate: Rate = None,
    classification: Classification = None,
    distortion: Distortion = None,
    perception_bound: PerceptionBound = None,
    n: Annotated[int, typer.Option("-n", help="The number of samples that are drawn, coded and decoded.")] = 100_000,
    seed: SharedSeed = 0,
    block: Block = None,
    lattice: LatticeName = None,
    scheme: Scheme = None,
    minimise: Minimise = "D",
    cost: Cost = None,
    target: Target = None,
    perception: Perception = None,
    reference: Reference = None,
    setting: Setting = None,
    sees: Sees = None,
    time_sharing: TimeSharing = None,
    unit: UnitName = "bits",
    tolerance: Tolerance = 1e-9,
    time_limit: Seconds = None,
    method: Method = "auto",
    picture: Annotated[
        Path | None, typer.Option("--plot", help="Draw the point on the trade-off curve: .svg, .png or .pdf.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Code samples of a problem from a file, and measure bits, distortion and what is left unknown of the label."""
    problem = read_problem(file, cost, target, perception, reference, setting, sees, time_sharing)
    bounds = read_given(R=rate, C=classification, D=distortion, P=perception_bound)
    limits = {"tolerance": tolerance, "time_limit": time_limit, "method": method}
    if picture is not None:
        picture_kind(picture)
    code = _made(problem, bounds | limits, minimise=minimise, unit=unit, block=block, lattice=lattice, scheme=scheme)
    found = code.measure(n, seed=seed)
    if as_json:
        print_json(found.to_dict())
    else:
        typer.echo(str(found))
    if picture is not None:
        held = {name: bound for name, bound in found.bounds.items() if name in ("C", "P")}
        curve = problem.curve(R=(0, 1.1 * found.sizes.file_rate), **limits, **held)
        typer.echo(save_picture(lambda: found.plot(curve), picture), err=as_json)


def _made(problem: Any, bounds: dict[str, Any], **options: Any) -> Any:
    """Solve a problem, and make the code; options that are None were not given."""
    from drc.codes.codec import codec as make

    return make(problem, **bounds, **{name: value for name, value in options.items() if value is not None})


def _moving(parts: Any, move: Any) -> Any:
    """Pass parts on; how many symbols a file has stands at its end, so that the bar has none."""
    done = 0
    for part in parts:
        done += len(part)
        if move is not None:
            move(f"decoded {done} symbols", done, None)
        yield part


for function in (encode, decode, measure):
    command_of(codec, function)
