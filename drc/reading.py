"""Files are read within limits, which are checked before memory is taken."""

from __future__ import annotations

import io
import lzma
import math
import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from drc.errors import ProblemError

#: Bytes of the longest text (CSV, JSON, TOML) that is read; Python's lists of its numbers take some twenty times as much.
MOST_TEXT = 2**24

#: Bytes of the longest archive that is read whole, and of its arrays together.
MOST_ARRAYS = 2**28

#: What zipfile, its decompressors and numpy raise for archives that were cut short, altered or forged.
DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    LookupError,
    RuntimeError,
    MemoryError,
    TypeError,
    SyntaxError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def read_within(path: str | os.PathLike[str], most: int = MOST_TEXT) -> bytes:
    """Read a file whole, if it is not too long.

    Parameters
    ----------
    path : path
    most : int
        Bytes.

    Raises
    ------
    ProblemError
        If the file cannot be opened, or has more bytes; never more than so many are read.

    Examples
    --------
    >>> read_within("/dev/zero")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: zero must be at most 16777216 bytes long
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            content = file.read(most + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProblemError(f"{path.name} cannot be opened: {reason}") from None
    if len(content) > most:
        raise ProblemError(f"{path.name} must be at most {most} bytes long")
    return content


def arrays_within(name: str, content: bytes, most: int = MOST_ARRAYS) -> dict[str, np.ndarray]:
    """Read the arrays of an NPZ archive; sizes are compared with the limit before anything is decompressed.

    Parameters
    ----------
    name : str
        The file, for messages.
    content : bytes
    most : int
        Bytes of all arrays together.

    Raises
    ------
    ProblemError
        Naming file and field, for an archive that is damaged or too large, and for arrays of objects: pickles can run code.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> np.savez(stream, a=np.arange(3))
    >>> arrays_within("x.npz", stream.getvalue())
    {'a': array([0, 1, 2])}
    """
    arrays: dict[str, np.ndarray] = {}
    where = name
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > most:
                raise ProblemError(f"{name} must have arrays of at most {most} bytes together")
            for member in members:
                field = member.filename.removesuffix(".npy")
                where = f"{name}, field {field}"
                if field in arrays:
                    raise ProblemError(f"{where}: there twice")
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ProblemError(f"{where} must be stored or deflated, as numpy writes it")
                with archive.open(member) as file:
                    arrays[field] = _array(where, file.read(member.file_size))
    except ProblemError:
        raise
    except DAMAGE as error:
        raise ProblemError(f"{where}: damaged, or no plain array ({error})") from None
    return arrays


def _array(where: str, content: bytes) -> np.ndarray:
    """Read an array in the NPY format, whose shape must fit the bytes that there are."""
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, columns_first, dtype = readers[version](stream)
    body = content[stream.tell() :]
    if dtype.hasobject:
        raise ProblemError(f"{where} must be a plain array, got one of Python objects")
    if not dtype.itemsize or math.prod(shape) * dtype.itemsize != len(body):
        raise ProblemError(f"{where} has {len(body)} bytes, which do not fit the shape {shape} of {dtype}")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if columns_first else "C")
