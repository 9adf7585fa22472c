"""Files are read within limits, which are checked before memory is taken."""

from __future__ import annotations

import io
import lzma
import math
import os
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from drc.errors import ProblemError, must

if TYPE_CHECKING:
    import numpy as np

#: Bytes of the longest text (CSV, JSON, TOML) that is read, and of the arrays of a problem: what is made of them in exact
#: numbers takes some twenty times as much.
MOST_TEXT = 2**25

#: Bytes of the longest archive that is read whole, and of its arrays together.
MOST_ARRAYS = 2**28

#: Bytes of the longest model file, and of the images or weights in any file.
MOST_MODEL, MOST_DATA = 2**30, 2**33

#: How many times its own length a packed file may have when it is unpacked, beyond `MOST_ARRAYS`. Images have some ten
#: times; a bomb has a thousand times.
_MOST_PACKED = 64

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
    most : int
        Bytes.

    Raises
    ------
    ProblemError
        If the file cannot be opened, or has more bytes; never more than this many are read.

    Examples
    --------
    >>> read_within(__file__, most=10)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: reading.py must be at most 10 bytes long
    """
    path = Path(path)
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size > most:
                raise ProblemError(f"{path.name} must be at most {most} bytes long")
            content = file.read(most + 1)
    except ProblemError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProblemError(f"{path.name or path} cannot be opened: {reason}") from None
    if len(content) > most:
        raise ProblemError(f"{path.name} must be at most {most} bytes long")
    return content


def arrays_within(name: str, content: bytes, most: int = MOST_ARRAYS) -> dict[str, np.ndarray]:
    """Read the arrays of an NPZ archive; sizes are compared with the limit before anything is decompressed.

    Parameters
    ----------
    name : str
        The file, for messages.
    most : int
        Bytes of all arrays together.

    Raises
    ------
    ProblemError
        Naming file and field, for an archive that is damaged or too large, and for arrays of objects: pickles can run code.

    Examples
    --------
    >>> import numpy as np
    >>> stream = io.BytesIO()
    >>> np.savez(stream, a=np.arange(3))
    >>> arrays_within("x.npz", stream.getvalue())
    {'a': array([0, 1, 2])}
    """
    return _arrays(name, io.BytesIO(content), most)


def arrays_of(path: Path, *names: str) -> dict[str, np.ndarray]:
    """Read arrays from an NPZ file of images or weights, as long as such files are.

    Parameters
    ----------
    *names : str
        The arrays to read; left out, all.

    Raises
    ------
    ProblemError
        As `arrays_within`, and for a field that is missing.
    """
    try:
        with open(path, "rb") as file:
            return _arrays(path.name, file, most_unpacked(path), names)
    except OSError as error:
        raise ProblemError(f"{path.name} cannot be opened: {error.strerror}") from None


def most_unpacked(path: Path) -> int:
    """Return how many bytes of images or weights a packed file may hold: it must not be a bomb."""
    return max(MOST_ARRAYS, min(MOST_DATA, _MOST_PACKED * path.stat().st_size))


def _arrays(name: str, stream: BinaryIO, most: int, wanted: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    arrays: dict[str, np.ndarray] = {}
    where = name
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
            fields = [member.filename.removesuffix(".npy") for member in members]
            for field in wanted:
                if field not in fields:
                    raise must(name, f"have the field {field}", got=", ".join(fields))
            if sum(member.file_size for member in members) > most:
                raise ProblemError(f"{name} must have arrays of at most {most} bytes together")
            for field, member in zip(fields, members, strict=True):
                where = f"{name}, field {field}"
                if field in arrays:
                    raise ProblemError(f"{where} must occur once, got it twice")
                if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise ProblemError(f"{where} must be stored or deflated, as numpy writes it")
                if wanted and field not in wanted:
                    continue
                with archive.open(member) as file:
                    arrays[field] = _array(where, file.read(member.file_size))
    except ProblemError:
        raise
    except DAMAGE as error:
        raise ProblemError(f"{where} must be a plain array, got a damaged file or another type ({error})") from None
    return arrays


def mapped(path: str | os.PathLike[str]) -> np.ndarray:
    """Map a file in the NPY format into memory; numpy's own function crashes for some headers.

    Raises
    ------
    ProblemError
        If it cannot be opened, is damaged, or has Python objects.
    """
    import numpy as np

    where = Path(path).name
    try:
        with open(path, "rb") as file:
            shape, order, dtype = _header(where, file, os.fstat(file.fileno()).st_size)
            if not math.prod(shape):
                return np.zeros(shape, dtype)
            return np.memmap(file, dtype, "r", file.tell(), shape, order)
    except ProblemError:
        raise
    except DAMAGE as error:
        raise ProblemError(f"{where} must be an array in the NPY format ({error})") from None


def _array(where: str, content: bytes) -> np.ndarray:
    """Read an array in the NPY format."""
    import numpy as np

    stream = io.BytesIO(content)
    shape, order, dtype = _header(where, stream, len(content))
    if not math.prod(shape):
        return np.zeros(shape, dtype)
    return np.frombuffer(bytearray(content), dtype, offset=stream.tell()).reshape(shape, order=order)


def _header(where: str, stream: BinaryIO, size: int) -> tuple[tuple[int, ...], Literal["C", "F"], np.dtype]:
    """Read the header of an array, whose shape must fit the bytes that there are."""
    import numpy as np

    version = np.lib.format.read_magic(stream)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, columns_first, dtype = readers[version](stream)
    left = size - stream.tell()
    if dtype.hasobject:
        raise ProblemError(f"{where} must be a plain array, got one of Python objects")
    if not dtype.itemsize or min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != left:
        raise must(where, f"have the bytes of an array of shape {shape} and type {dtype}", got=f"{left} bytes")
    return shape, "F" if columns_first else "C", dtype
