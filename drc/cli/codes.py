"""Commands about codes in real bits: codec encode, codec decode."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from drc.cli.app import (
    Cost,
    File,
    Method,
    Minimise,
    Perception,
    Quiet,
    Reference,
    Seconds,
    Sees,
    Setting,
    Target,
    Tolerance,
    UnitName,
    app,
    command_of,
)
from drc.cli.texts import progress_bar, read_number, read_problem

codec = typer.Typer(help="Code symbols into real bits, and decode them with the file alone.", no_args_is_help=True)
app.add_typer(codec, name="codec")

SharedSeed = Annotated[int, typer.Option(help="Seed of the common randomness, 0 to 2**64 - 1; the file has it.")]


def encode(
    file: File,
    symbols: Annotated[
        Path, typer.Argument(metavar="SYMBOLS", help="Letters of X: text, an array (.npy), or - for standard input.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The coded file, or - for standard output.")],
    rate: Annotated[str | None, typer.Option("--rate", "-R", help="Bound on the rate.")] = None,
    classification: Annotated[str | None, typer.Option("--classification", "-C", help="Bound on H(S|Y,U).")] = None,
    distortion: Annotated[str | None, typer.Option("--distortion", "-D", help="Bound on E d(X, Y).")] = None,
    perception_bound: Annotated[str | None, typer.Option("--perception-bound", "-P", help="Bound on it.")] = None,
    seed: SharedSeed = 0,
    block: Annotated[int | None, typer.Option(help="So many symbols are coded together.")] = None,
    minimise: Minimise = "D",
    cost: Cost = None,
    target: Target = None,
    perception: Perception = None,
    reference: Reference = None,
    setting: Setting = None,
    sees: Sees = None,
    unit: UnitName = "bits",
    tolerance: Tolerance = 1e-9,
    time_limit: Seconds = None,
    method: Method = "auto",
    quiet: Quiet = False,
) -> None:
    """Solve a problem from a file, and code symbols with the plan found; the file has all that decoding needs."""
    from drc.cli.symbols import binary_output, read_symbols
    from drc.codes.codec import codec as make

    fields = {"distortion": cost, "p_Y": target, "perception": perception, "reference": reference}
    problem = read_problem(file, setting=setting, classifier_sees=sees, **fields)
    given = {"R": rate, "C": classification, "D": distortion, "P": perception_bound}
    bounds: dict[str, Any] = {name: read_number(name, text) for name, text in given.items() if text is not None}
    limits: dict[str, Any] = {"tolerance": tolerance, "time_limit": time_limit, "method": method}
    options = {} if block is None else {"block": block}
    code = make(problem, minimise=minimise, unit=unit, **bounds, **limits, **options)
    with progress_bar(quiet) as move, binary_output(out) as stream:
        sizes = code.encode_file(read_symbols(symbols, code, move), stream, seed=seed)
    typer.echo(
        f"{sizes.symbols} symbols: {sizes.payload_rate:.6g} bit a symbol ({code.theory.rate_is} is {code.rate:.6g});"
        f" {sizes.file_bytes} bytes, of which {sizes.header_bytes} are the header",
        err=str(out) == "-",
    )


def decode(
    file: Annotated[Path, typer.Argument(metavar="IN", help="A coded file, or - for standard input.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Text, an array (.npy), or - for standard output.")],
    start: Annotated[int, typer.Option(help="The number of the first symbol wanted, from 0.")] = 0,
    stop: Annotated[int | None, typer.Option(help="The number after the last one; left out, all that follow.")] = None,
    seed: Annotated[int | None, typer.Option(help="Compared with the seed of the file, which is used.")] = None,
    quiet: Quiet = False,
) -> None:
    """Decode a file, or a part of it; what is damaged is refused, and the part before it is not kept."""
    from drc.cli.symbols import binary_input, write_symbols
    from drc.codes.codec import read
    from drc.codes.container import Reader

    with progress_bar(quiet) as move, binary_input(file) as stream:
        reader = Reader(stream)
        code = read(reader)
        count = write_symbols(out, code, _moving(code.decode_file(reader, start, stop, seed=seed), move))
    typer.echo(f"{count} symbols", err=str(out) == "-")


def _moving(parts: Any, move: Any) -> Any:
    """Pass parts on; how many symbols a file has stands at its end, so that the bar has none."""
    done = 0
    for part in parts:
        done += len(part)
        if move is not None:
            move(f"decoded {done} symbols", done, None)
        yield part


for function in (encode, decode):
    command_of(codec, function)
