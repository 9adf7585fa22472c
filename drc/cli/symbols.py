"""Sequences of symbols on the command line: text, NPY files, standard input and output."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO

import numpy as np

from drc.errors import ProblemError, must
from drc.files import written_aside
from drc.reading import mapped

if TYPE_CHECKING:
    from drc.codes import Codec

#: How many symbols or characters are read at once.
_CHUNK = 2**20

Move = Callable[[str, int, int], None]


def read_symbols(path: Path, code: Codec, move: Move | None) -> Iterator[np.ndarray]:
    """Read a sequence part by part, and yield it as the code takes it: indices of letters, or numbers.

    Parameters
    ----------
    path : Path
        "-" is standard input, a name that ends in .npy an array of symbols, anything else text: symbols with commas,
        spaces or line ends between.
    move : callable, optional
        Moves a bar of progress.

    Raises
    ------
    ProblemError
        For a file that cannot be read, or a symbol that the source does not have, with its position.
    """
    if str(path) == "-":
        parts = _texts(sys.stdin, 0, None)
    elif path.suffix == ".npy":
        parts = _rows(path, move)
    else:
        parts = _text_file(path, move)
    letters = getattr(code.problem, "letters_X", None)
    known = {str(letter): letter for letter in letters or ()}
    first = 0
    for part in parts:
        if letters is None:
            yield code.symbols([_number(item, first + i) for i, item in enumerate(part)], first)
        else:
            yield code.indices([_letter(known, item) for item in part], first)
        first += len(part)


def _number(item: Any, at: int) -> float:
    try:
        return float(item)
    except ValueError:
        raise must(f"x[{at}]", "be a number, for a Gaussian source", item) from None


def _letter(known: dict[str, Any], item: Any) -> Any:
    """Return the letter that is written so, and remember it; a number is one already."""
    if not isinstance(item, str):
        return item
    if item not in known:
        from drc.problems.samples import read_letter

        known[item] = read_letter(item)
    return known[item]


def _rows(path: Path, move: Move | None) -> Iterator[list]:
    array = mapped(path)
    if array.dtype.kind not in "biufUS":
        raise ProblemError(f"{path}: letters must be numbers or words, got an array of type {array.dtype}")
    if array.ndim != 1:
        raise must(f"{path}", "be one row of letters", array)
    for start in range(0, len(array), _CHUNK):
        yield array[start : start + _CHUNK].tolist()
        if move is not None:
            move("encoding", min(start + _CHUNK, len(array)), len(array))


def _text_file(path: Path, move: Move | None) -> Iterator[list[str]]:
    with open(path, encoding="utf-8") as file:
        yield from _texts(file, os.fstat(file.fileno()).st_size, move)


def _texts(file: TextIO, size: int, move: Move | None) -> Iterator[list[str]]:
    """Cut a text into words, the last of which may go on in the next part."""
    begun, done = "", 0
    while True:
        try:
            text = file.read(_CHUNK)
        except UnicodeDecodeError:
            raise ProblemError(
                f"{file.name} must be UTF-8 text, or an array of letters with a name that ends in .npy"
            ) from None
        *words, begun = re.split(r"[\s,]+", begun + text)
        if not text:
            words = [begun]
        yield [word for word in words if word]
        done += len(text)
        if move is not None:
            move("encoding", done, size)
        if not text:
            return


@contextmanager
def binary_output(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to, which is there whole or not at all; "-" is standard output."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with written_aside(path) as file:
        yield file


@contextmanager
def binary_input(path: Path) -> Iterator[BinaryIO]:
    """Give a file to read; "-" is standard input."""
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    with open(path, "rb") as file:
        yield file


def write_symbols(path: Path, code: Codec, parts: Iterable[np.ndarray]) -> int:
    """Write decoded symbols part by part, as the problem names them; return how many.

    Parameters
    ----------
    path : Path
        "-" is standard output, a name that ends in .npy an array, anything else text with one symbol a line.
    parts : iterable of arrays, one row per symbol

    Raises
    ------
    ProblemError
        For letters that no array of one type can hold.
    """
    with binary_output(path) as file:
        if path.suffix == ".npy":
            return _write_npy(file, code, parts)
        return _write_text(file, code, parts)


def _write_text(file: BinaryIO, code: Any, parts: Iterable[np.ndarray]) -> int:
    count = 0
    for part in parts:
        rows = code.letters(part).tolist()
        lines = [",".join(map(str, row)) if isinstance(row, list) else str(row) for row in rows]
        file.write("".join(f"{line}\n" for line in lines).encode())
        count += len(rows)
    return count


def _write_npy(file: BinaryIO, code: Any, parts: Iterable[np.ndarray]) -> int:
    count, head = 0, b""
    for part in parts:
        letters = code.letters(part)
        if letters.dtype == object:
            raise ProblemError("the letters must be all words or all numbers in an NPY file, got both: write text")
        # How many rows there will be is not known yet; numpy leaves room for any number of them.
        head = head or _npy_head(letters, 0)
        file.write(letters.tobytes() if count else head + letters.tobytes())
        count += len(letters)
    if not head:
        file.write(_npy_head(code.letters(code.no_symbols), 0))
        return 0
    file.seek(0)
    file.write(_npy_head(letters, count))
    return count


def _npy_head(rows: np.ndarray, count: int) -> bytes:
    stream = io.BytesIO()
    said = {"descr": rows.dtype.str, "fortran_order": False, "shape": (count, *rows.shape[1:])}
    np.lib.format.write_array_header_1_0(stream, said)
    return stream.getvalue()
