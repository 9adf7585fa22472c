"""Trade-offs compiled for large arrays: fused, in several threads, with the values of the numpy road.

A program evaluates one point at a time, with a bound on its error; a value that this does not settle comes back as NaN, and
is left to the numpy road.  Libraries are kept in a folder of the user, under names that say what they were made of and what
is in them: a damaged file is never loaded.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from sysconfig import get_platform
from threading import Lock

import numpy as np
import sympy as sp

from drc.expressions.forms import used_definitions
from drc.expressions.fused import Fused
from drc.expressions.pairs import Pair, Value
from drc.expressions.program import functions_of, needed
from drc.expressions.translate import LANGUAGES
from drc.files import beside, write_whole
from drc.processes import cores
from drc.tradeoff.regime import Regime

#: Arithmetic is that of IEEE: nothing is fused or reordered. That nothing traps or sets `errno` changes no value.
_FLAGS = ("-O3", "-std=gnu99", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC", "-w")

#: The most that a compiler may take, in seconds.
_PATIENCE = 120

#: Points that a thread evaluates at a time.
_PIECE = 32_768

#: Named functions of which `compiled.c` has the bounds alone.
_ROUTINES = ("KL_width", "KL_nearest", "KL_steepest", "W_0_below_branch_point", "W_m1_below_branch_point")

#: Numbers with their relative errors.
Numbers = list[tuple[float, float]]


# Programs ----------------------------------------------------------------------------------------------------------------


def program(
    regimes: Sequence[Regime],
    where: Sequence[tuple[sp.Symbol, sp.Expr]],
    given: Mapping[str, tuple[bool, bool]],
    known: Mapping[sp.Basic, sp.Expr],
) -> tuple[str, Numbers]:
    """Write the program of some regimes, of which the first one that holds counts; return it with its table of numbers.

    Parameters
    ----------
    where : the abbreviations, each of which needs only earlier ones
    given : the symbols whose values the caller has, by name, and whether their values, and their errors, are columns
    known : the abbreviations of numbers

    Raises
    ------
    UnknownFunctionError
        For a function that has no form in C.
    """
    cases = [(regime.expr, regime.condition) for regime in regimes if not regime.is_infeasible]
    symbols = set().union(*(part.free_symbols for case in cases for part in case))
    left = used_definitions(symbols, [(s, value) for s, value in where if s.name not in given and s not in known])
    symbols = symbols.union(*(value.free_symbols for _, value in left))
    names = {name: f"x{i}" for i, name in enumerate(given)} | {s.name: f"y{i}" for i, (s, _) in enumerate(left)}
    columns = {s for s in symbols if any(given.get(str(s), (True,)))}
    write = Fused(names, columns, known, dict(where))  # pyright: ignore[reportArgumentType] (sympy)
    lines = [f"const P {names[symbol.name]} = {write(value)};" for symbol, value in left]
    lines.append(f"out[j] = settled({write.cases(cases)});")
    before, loaded = _loaded(given, len(write.numbers))
    before = [*(f"const P k{i} = k[{i}];" for i in range(len(write.numbers))), *before, *write.before]
    texts = {"BEFORE": "\n    ".join(before), "POINT": "\n        ".join([*loaded, *lines])}
    return beside("drc.tradeoff", "compiled.c", ROUTINES=_routines(), **texts), write.numbers


def _loaded(given: Mapping[str, tuple[bool, bool]], place: int) -> tuple[list[str], list[str]]:
    """Write how symbols are read: from columns at each point, the others before all points from the table's end."""
    before, loaded, columns = [], [], 0
    for i, varies in enumerate(given.values()):
        parts = [f"k[{place + i}].v", f"k[{place + i}].e"]
        for j in (0, 1):
            if varies[j]:
                before.append(f"const double *restrict c{columns} = columns[{columns}];")
                parts[j], columns = f"c{columns}[j]", columns + 1
        (loaded if any(varies) else before).append(f"const P x{i} = pair({', '.join(parts)});")
    return before, loaded


@cache
def _routines() -> str:
    """Return the named functions that are too long for vectors, as generated code has them."""
    c, nodes = LANGUAGES["c"], needed(functions_of(f"def all(): return [{', '.join(_ROUTINES)}]"))
    return "\n\n".join(f"static {c.function(node)}" for node in nodes)


# Compilers and libraries -------------------------------------------------------------------------------------------------


def compiler() -> tuple[str, ...] | None:
    """Return the command of the C compiler to use; None where nothing is to be compiled.

    `DRC_COMPILED` says which: `0` none, `1` that of the system (`$CC`, or `cc`); left out, that of the extra `fast`.
    """
    wanted = os.environ.get("DRC_COMPILED", "")
    if wanted == "1":
        found = shutil.which(os.environ.get("CC", "cc"))
        return (found, *_level("-march=x86-64-")) if found else None
    if wanted or not _has_extra():
        return None
    return (sys.executable, "-m", "ziglang", "cc", *(_level("-mcpu=x86_64_") or ("-mcpu=baseline",)))


@cache
def _has_extra() -> bool:
    return find_spec("ziglang") is not None


@cache
def _level(flag: str) -> tuple[str, ...]:
    """Return the flag for the level of an x86 processor, so that none is given a library that it cannot run."""
    found = (np.show_config(mode="dicts") or {}).get("SIMD Extensions", {}).get("found", [])
    for level, names in {"v4": {"X86_V4", "AVX512_SKX"}, "v3": {"X86_V3", "AVX2"}}.items():
        if not names.isdisjoint(found):
            return (flag + level,)
    return ()


@cache
def _identity(command: tuple[str, ...]) -> str:
    """Return what changes when another compiler answers to the same command."""
    if "ziglang" in command:
        return version("ziglang")
    found = Path(command[0]).stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def cache_folder() -> Path:
    """Return the folder in which libraries are kept; it may be deleted at any time."""
    usual = {"win32": ("LOCALAPPDATA", "AppData/Local"), "darwin": ("", "Library/Caches")}
    variable, folder = usual.get(sys.platform, ("XDG_CACHE_HOME", ".cache"))
    return Path(os.environ.get(variable) or Path.home() / folder) / "drc"


def _library(source: str, command: tuple[str, ...]) -> ctypes.CDLL | None:
    """Load the library of a program, from the cache folder if a sound one is there; None if that fails."""
    try:
        key = _digest("\0".join([source, *command, *_FLAGS, _identity(command), get_platform()]).encode())
        for path in cache_folder().glob(f"{key}-*.so"):
            if _is_sound(path):
                return ctypes.CDLL(str(path))
        return _built(source, command, key)
    except (OSError, RuntimeError, subprocess.SubprocessError):
        return None


def _is_sound(path: Path) -> bool:
    """Whether a file is one's own, and has in it what its name says: loading a damaged library would end the process."""
    with suppress(OSError):
        own = not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()
        return own and path.stem.endswith(f"-{_digest(path.read_bytes())}")
    return False


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:32]


def _built(source: str, command: tuple[str, ...], key: str) -> ctypes.CDLL:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Path(folder, "program.so")
        Path(folder, "program.c").write_text(source, encoding="utf-8")
        line = [*command, *_FLAGS, "program.c", "-o", made.name, *(() if sys.platform == "win32" else ("-lm",))]
        subprocess.run(line, cwd=folder, check=True, capture_output=True, timeout=_PATIENCE)
        content = made.read_bytes()
        with suppress(OSError):  # without a place to be kept, it serves this process
            made = write_whole(cache_folder() / f"{key}-{_digest(content)}.so", content)
        return ctypes.CDLL(str(made))


_lock = Lock()
_libraries: dict[tuple[str, tuple[str, ...]], ctypes.CDLL | None] = {}


def compiled(source: str, numbers: Numbers, command: tuple[str, ...]) -> Program | None:
    """Compile a program, once per process; None if the compiler fails."""
    with _lock:
        if (source, command) not in _libraries:
            _libraries[source, command] = _library(source, command)
        library = _libraries[source, command]
    return library and Program(library, numbers)


# Evaluation --------------------------------------------------------------------------------------------------------------


class Program:
    """A compiled program, with its table of numbers."""

    def __init__(self, library: ctypes.CDLL, numbers: Numbers) -> None:
        self._evaluate, self._numbers = library.evaluate, numbers
        self._evaluate.restype = None
        self._evaluate.argtypes = [ctypes.c_longlong, *[ctypes.c_void_p] * 3]

    def __call__(self, given: Sequence[Pair], shape: tuple[int, ...]) -> np.ndarray:
        """Evaluate from values and errors, which broadcast to a shape; NaN where a value is not settled."""
        table = np.array([*self._numbers, *([0.0 if np.ndim(x) else x for x in pair] for pair in given)], dtype=float)
        columns = [x for pair in given for x in pair if np.ndim(x)]
        if all(np.shape(x) == shape for x in columns):
            columns, out = [np.reshape(x, -1) for x in columns], np.empty(int(np.prod(shape)))
        else:
            out = np.empty(shape)
        step = max(1, _PIECE * len(out) // out.size)
        pieces = [slice(start, start + step) for start in range(0, len(out), step)]
        with ThreadPoolExecutor(_threads(len(pieces))) as pool:
            list(pool.map(lambda piece: self._fill(out[piece], piece, columns, table, out.shape), pieces))
        return out.reshape(shape)

    def _fill(
        self, out: np.ndarray, piece: slice, columns: Sequence[Value], table: np.ndarray, shape: tuple[int, ...]
    ) -> None:
        parts = [np.ascontiguousarray(np.broadcast_to(x, shape)[piece], dtype=float) for x in columns]
        places = (ctypes.c_void_p * len(parts))(*(part.ctypes.data for part in parts))
        self._evaluate(out.size, places, table.ctypes.data, out.ctypes.data)


def _threads(most: int) -> int:
    """Return how many threads to use: one per core, or as many as `OMP_NUM_THREADS` says."""
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    return min(most, int(wanted) if wanted.isdecimal() and int(wanted) else cores())
