"""Random bad command lines, built from the commands and options that `drc` has, with bad and extreme values and files."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
from typer.testing import CliRunner

from drc import cli

#: Seconds of the processor that wrong input may take to be refused.
SECONDS = 2.0

WORDS = (
    *("", " ", "-", "--", "=", ":", ",", "é", "\udce9", "\x00", "\x1b[2J", "\n", "a\nb", "💥", "x" * 5000, "9" * 5000),
    *("nan", "inf", "-inf", "NaN", "Infinity", "1e400", "-1e400", "1e-999999999", "1e999999999", "1_0", "１", "0x10"),
    *("0", "-0", "-1", "1", "2", ".5", "1/3", "1/0", "0/0", "1//2", "1e-300", "1e300", "1e15", "99999999999999999999"),
    *("1,2", ",", ",,", "1,", ".5,.5", ".5,.6", "-1,2", "nan,1", "1,x", "0:1", "1:0", "0:1:0", "1:0:.1", "0:1:1e-12"),
    *("0:1:-1", "0:inf:1", "nan:1:1", ":", "::", "0:1:.1:2", "0:1e300:1", "True", "None", "[]", "{}", "[1,2]", "()"),
    *("__import__('os')", "$(id)", "*", "../..", "/", "~", "bits", "nats", "dits", "D", "R", "C", "P", "YU", "Y", "TV"),
    *("W2", "KL", "hamming", "squared", "one-shot", "asymptotic", "exact", "published", "auto", "latex", "csv", "html"),
    *("audit", "bernoulli.one-shot.YU.drc", "gaussian.asymptotic.drc", "gaussian.vector.drc", "transport.gaussian"),
    *("bernoulli.one-shot.yu.drc", "bernoulli", "toy-sr", "tcp://127.0.0.1:1", "E8", "Z", "dithered-lattice"),
)

NAMES = (
    "R",
    "C",
    "D",
    "P",
    "q_X",
    "q_Y",
    "q_S1",
    "sigma_X",
    "sigma_S",
    "mu_X",
    "theta",
    "R_c",
    "r",
    "",
    "é",
    "x" * 300,
)

#: Files by name, each with bytes that some reader could stumble over.
FILES: dict[str, bytes] = {
    "empty.csv": b"",
    "commas.csv": b",,,\n,,\n,\n",
    "words.csv": b"a,b\nc,d\n",
    "ragged.csv": b"0.5,0.5\n0.1\n",
    "nan.csv": b"nan,1\n0,0\n",
    "huge.csv": b"1e400,1\n0,0\n",
    "negative.csv": b"-1,2\n0,0\n",
    "sum.csv": b"0.5,0.6\n0.5,0.6\n",
    "nul.csv": b"0.5,\x000.5\n",
    "latin.csv": b"S,X,p\n\xe9,0,1\n",
    "utf16.csv": "S,X,p\na,0,1\n".encode("utf-16"),
    "quote.csv": b'S,X,p\n"a,0,1\n',
    "twice.csv": b"S,X,p\na,0,.5\na,0,.5\n",
    "head.csv": b"S,X,p\n",
    "samples.csv": b"S,X,Y\ncat,3,2\ndog,1,1\n",
    "big.csv": b"S,X,p\n0,1e200,.5\n1,0,.5\n",
    "good.csv": b"0.27,0.07\n0.03,0.63\n",
    "exponent.csv": b"1e-999999999,1\n0,0\n",
    "empty.json": b"",
    "list.json": b"[]",
    "number.json": b"1",
    "nan.json": b'{"sigma_X": NaN}',
    "deep.json": b"[" * 100_000,
    "gaussian.json": b'{"mu_X": 0, "sigma_X": 1, "sigma_S": 0.8, "theta": 0.6}',
    "sigma.json": b'{"sigma_X": "9' + b"9" * 5000 + b'"}',
    "object.json": b'{"p_SX": {"a": 1}}',
    "null.json": b'{"p_SX": null}',
    "unknown.json": b'{"p_SX": [[0.5, 0.5]], "colour": 1}',
    "certificate.json": b'{"format": "drc-certificate"}',
    "broken.json": b'{"p_SX": [[0.5',
    "zip.npz": b"PK\x03\x04broken",
    "empty.npz": b"",
    "array.npy": b"\x93NUMPY\x01\x00v\x00",
    "object.npy": b"\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    + b" " * 12
    + b"\n",
    "symbols.txt": b"0 1 1 0 x\n",
    "symbols0.txt": b"0 1 1 0 0 0 1\n",
    "coded.drc": b"DRC\x00broken",
    "sweep.toml": b'task = "solve"\n[grid]\nR = 1\n',
    "date.toml": b'task = "solve"\n[fixed]\nproblem = "Bernoulli"\n[grid]\nR = [1979-05-27]\n',
    "many.toml": b'task = "solve"\n[grid]\nR = { from = 0, to = 1, points = 100000000000000000000 }\n',
    "unknown.toml": b'task = "dance"\n',
    "broken.toml": b"task = \n",
    "name.toml": b'name = "x"\nbackend = "y"\n',
    "model.safetensors": b"\xff\xff\xff\xff\xff\xff\xff\x7f{}",
    "noise.bin": bytes(range(256)) * 40,
    "picture.png": b"\x89PNG\r\n\x1a\nbroken",
}

NORMAL = ["mu_X=0", "sigma_X=1", "mu_Y=0", "sigma_Y=1", "mu_S=0", "sigma_S=1"]
POINT = ["q_X=.3", "q_Y=.4", "q_S1=.1", "R=.4", "C=.75"]

SOON = ["--time-limit", "0.2"]

#: Command lines that are right, of which a word or two are made wrong.
RIGHT = (
    ["eval", "bernoulli.one-shot.YU.drc", *POINT, "--form", "exact", "--unit", "bits", "--json"],
    [
        "eval",
        "gaussian.asymptotic.rdc",
        "mu_X=0",
        "sigma_X=1",
        "mu_Y=0",
        "sigma_Y=1",
        "mu_S=0",
        "sigma_S=1",
        "theta=1/2",
        "D=1",
    ],
    ["show", "gaussian.asymptotic.drc", "--unit", "nats"],
    ["table", "bernoulli.one-shot.YU.drc", *POINT[:3], "--R", "0:1:.5", "--C", ".5,.9", "--as", "csv", "--digits", "3"],
    ["table", "bernoulli.one-shot.YU.drc", *POINT, "--out", "new.csv"],
    ["plot", "bernoulli.one-shot.YU.drc", *POINT[:3], "R=0:1", "C=0:1", "--out", "new.svg"],
    ["constraints", "--accuracy", ".9", "--labels", "4", "--rms", ".1", "--detected", ".55", "--shift", ".1", "--json"],
    ["solve", "good.csv", "--target", ".6,.4", "-R", ".4", "-C", ".8", "--json", "--certificate", "new.json"],
    ["solve", "good.csv", "--target", ".6,.4", "-D", ".4", "--minimise", "R", "--tolerance", "1e-6", "--unit", "nats"],
    ["solve", "good.csv", "--setting", "asymptotic", "--sees", "Y", "-R", ".4", "-C", ".8", "--method", "auto"],
    ["solve", "good.csv", "--perception", "TV", "--reference", ".6,.4", "-R", ".4", "-P", ".1", "--slope", "1"],
    ["solve", "samples.csv", "--samples", "--cost", "hamming", "-R", ".4"],
    ["solve", "gaussian.json", "-R", "1", "-C", "1", "--perception", "W2", "--reference", "0,1", "-P", ".1"],
    ["curve", "good.csv", "--target", ".6,.4", "-R", "0:1", "-C", ".8", "--points", "3", "--csv", "new.csv"],
    ["curve", "good.csv", "--target", ".6,.4", "--along", "C", "-R", ".4", "--points", "3", "--plot", "new.svg"],
    ["codec", "encode", "good.csv", "symbols0.txt", "new.drc", "-R", ".4", "--seed", "5", "--block", "64", "--quiet"],
    [
        "codec",
        "encode",
        "gaussian.json",
        "symbols0.txt",
        "new.drc",
        "-R",
        "1",
        "--lattice",
        "E8",
        "--scheme",
        "dithered-lattice",
    ],
    ["codec", "decode", "right.drc", "new.txt", "--start", "1", "--stop", "3", "--seed", "5"],
    ["codec", "measure", "good.csv", "-R", ".4", "-n", "200", "--seed", "5", "--json"],
    ["codec", "export", "folder", "new.safetensors"],
    ["check", "transport.gaussian", "--seed", "1", "--samples", "2"],
    ["audit", "gaussian.asymptotic.drc", "--samples", "2", "--seed", "1", "--json"],
    ["check-certificate", "certificate.json"],
    ["sweep", "unknown.toml", "--out", "new", "--workers", "1"],
    ["explore", "gaussian.asymptotic.drc", "--out", "new.html", "--no-open"],
    ["list", "--json"],
)

#: Commands that compute for long when nothing is wrong with what they are asked: they are always asked something wrong.
LONG = {
    ("report",): ["--samples", "0"],
    ("catalogue",): ["--samples", "0"],
    ("audit",): ["no-such-theorem"],
    ("check",): ["no-such-theorem"],
    ("experiment",): ["no-such-experiment"],
    ("explore",): ["no-such-theorem", "--no-open"],
    ("list",): ["--check", "0"],
    ("codec", "compare"): [],
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a command; an argument has no option."""

    option: str
    is_path: bool
    is_flag: bool
    is_list: bool


@cache
def commands() -> dict[tuple[str, ...], list[Parameter]]:
    """Return the parameters of every command, by its words."""
    groups = {(): cli.app} | {(group.name,): group.typer_instance for group in cli.app.registered_groups}
    return {
        (*words, command.name): [
            _parameter(*item)
            for item in get_type_hints(command.callback, include_extras=True).items()
            if item[0] != "return"
        ]
        for words, group in groups.items()
        for command in group.registered_commands
    }


def _hints(function: Any) -> list[tuple[str, Any]]:
    return list(get_type_hints(function, include_extras=True).items())


def _parameter(name: str, hint: Any) -> Parameter:
    said = str(get_args(hint)[0])
    (info,) = (part for part in get_args(hint) if hasattr(part, "param_decls"))
    names = (info.default, *(info.param_decls or ()), f"--{name.replace('_', '-')}")
    declared = [text for text in names if str(text).startswith("-")]
    option = declared[0].split("/")[0] if type(info).__name__ == "OptionInfo" else ""
    return Parameter(option, "Path" in said, "bool" in said, "list" in said)


def command_line(rng: np.random.Generator) -> list[str]:
    """Return a command line that is probably wrong."""
    if rng.random() < 0.05:
        return [_word(rng) for _ in range(rng.integers(4))]
    if rng.random() < 0.6:
        return _made_wrong(rng, RIGHT[rng.integers(len(RIGHT))])
    every = commands()
    words = list(every)[rng.integers(len(every))]
    line: list[str] = []
    for parameter in every[words]:
        if parameter.option and rng.random() < 0.15:
            line += [parameter.option] if parameter.is_flag else [parameter.option, _value(rng, parameter)]
        elif not parameter.option and rng.random() < 0.9:
            line += [_value(rng, parameter) for _ in range(rng.integers(1, 5) if parameter.is_list else 1)]
    if words in LONG:
        line = LONG[words] if rng.random() < 0.5 else [*line, *LONG[words]]
    elif words in (("solve",), ("curve",), ("codec", "encode"), ("codec", "measure")):
        # What happens to be right is answered soon.
        line += SOON
        line += {("curve",): ["--points", "3"], ("codec", "measure"): ["-n", "200"]}.get(words, [])
    return [*words, *line]


def _made_wrong(rng: np.random.Generator, right: list[str]) -> list[str]:
    """Change a word or two: replaced, left out, said twice, or cut into."""
    line = list(right)
    first = 2 if (line[0],) in LONG else 1  # of all theorems they would take long
    for _ in range(rng.integers(1, 3)):
        at = int(rng.integers(first, max(first + 1, len(line))))
        old = line[at] if at < len(line) else ""
        name, sign, _ = old.rpartition("=")
        kind = rng.random()
        if kind < 0.6:
            line[at : at + 1] = [name + sign + _word(rng) if "." not in old or rng.random() < 0.5 else _path(rng)]
        elif kind < 0.7:
            del line[at : at + 1]
        elif kind < 0.8:
            line.insert(at, old)
        else:
            line.insert(at, _word(rng) if rng.random() < 0.5 else f"{rng.choice(NAMES)}={_word(rng)}")
    return line + (SOON if line[0] in ("solve", "curve", "codec") and "-R" in line else [])


def _value(rng: np.random.Generator, parameter: Parameter) -> str:
    """Draw a value for a parameter: often a file where a path is meant, and NAME=VALUE where that is."""
    kind = rng.random()
    if parameter.is_path and kind < 0.8:
        return _path(rng)
    if parameter.is_list and kind < 0.6:
        return f"{rng.choice(NAMES)}{rng.choice(['=', '=', '=', '', '=='])}{_word(rng)}"
    return _path(rng) if kind < 0.1 else _word(rng)


def _word(rng: np.random.Generator) -> str:
    return WORDS[rng.integers(len(WORDS))]


def _path(rng: np.random.Generator) -> str:
    places = [
        *FILES,
        *FILES,
        "missing.csv",
        "folder",
        "/dev/null",
        "/dev/full",
        "/proc/x",
        "good.csv/x",
        "-",
        "",
        "n" * 300,
    ]
    places += [f"new{ending}" for ending in (".svg", ".pdf", ".csv", ".json", ".tex", ".npy", ".drc", ".x", "")]
    return places[rng.integers(len(places))]


@contextlib.contextmanager
def folder_of_files() -> Iterator[None]:
    """Stand in a new folder that has all the files."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        try:
            for name, content in FILES.items():
                Path(name).write_bytes(content)
            Path("folder").mkdir()
            yield
        finally:
            os.chdir(before)


def fault_of(line: list[str]) -> str:
    """Run a command line in this process, in the folder of files; return what is wrong with the answer, in words."""
    began = time.process_time()
    result = CliRunner().invoke(cli.app, line, input=b"0 1 x \xff")
    took = time.process_time() - began
    fault = ""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        fault = "".join(traceback.format_exception(result.exception)[-3:])
    elif result.exit_code not in (0, 1, 2):
        fault = f"exit code {result.exit_code}"
    elif result.exit_code == 2 and not _is_one_error(result.stderr):
        fault = f"no single line that begins with `error: `, but {result.stderr[-300:]!r}"
    elif took > SECONDS and result.exit_code == 2:
        fault = f"{took:.1f} s, exit code {result.exit_code}"
    return f"drc {' '.join(ascii(word)[:80] for word in line)}\n  {fault}" if fault else ""


def _is_one_error(said: str) -> bool:
    """Whether all that was said is one error, perhaps after notes on how the letters of a table were read."""
    *notes, last = said.splitlines()
    return last.startswith("error: ") and all(note.endswith("all are read as names") for note in notes)


def attack(*seed: int) -> str:
    """Return what is wrong with the answer to the command line of this seed; empty if nothing is."""
    line = command_line(np.random.default_rng(seed))
    with folder_of_files():
        return fault_of(line)
