"""Files are written whole or not at all, places are tried before the work begins, and JSON has one form."""

from __future__ import annotations

import json
import math
import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from drc.errors import ProblemError

#: How JSON has the numbers that it does not know.
_NOT_FINITE = {text: float(text) for text in ("inf", "-inf", "nan")}


def to_json(value: Any, **layout: Any) -> str:
    """Return a value as JSON, with the strings "inf", "-inf" and "nan" for the numbers that JSON does not have.

    Parameters
    ----------
    value : object
        Mappings, lists, tuples, arrays, words and numbers, exact ones included.
    **layout
        `indent`, `sort_keys` and the like, as for `json.dumps`.

    Examples
    --------
    >>> to_json({"R": (1, float("inf"))})
    '{"R": [1, "inf"]}'
    """
    return json.dumps(_plain(value), allow_nan=False, **layout)


def from_json(text: str) -> Any:
    """Read what `to_json` wrote: the strings "inf", "-inf" and "nan" are numbers.

    Examples
    --------
    >>> from_json('{"R": [1, "inf"]}')
    {'R': [1, inf]}
    """
    return _numbers(json.loads(text))


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return _NOT_FINITE.get(value, value) if isinstance(value, str) else value


def writable(path: str | os.PathLike[str], *, folder: bool = False, name: str = "out") -> Path:
    """Return a path if a file, or a folder of files, can be written there; nothing is left behind by the test.

    Parameters
    ----------
    path : path
        Missing folders are no fault: they are made when the file is written.
    folder : bool
        Whether it is to be a folder.
    name : str
        Of the argument, for the message.

    Raises
    ------
    ProblemError
        With the path as it was given, and the reason.

    Examples
    --------
    >>> writable("/dev/null/proof.json")
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: out must be a file that can be written, got '/dev/null/proof.json' (Not a directory)
    """
    kind = "folder" if folder else "file"
    try:
        _try(Path(path), folder)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ProblemError(f"{name} must be a {kind} that can be written, got {str(path)!r} ({reason})") from None
    return Path(path)


def _try(place: Path, folder: bool) -> None:
    """Raise an error if nothing can be written there."""
    try:
        there = stat.S_ISDIR(place.stat().st_mode)
    except FileNotFoundError:
        near = next(parent for parent in place.resolve().parents if parent.exists())
    else:
        if there != folder:
            raise OSError(f"it is a {'folder' if there else 'file'}")
        if _special(place):
            return
        near = place if folder else place.resolve().parent
    tempfile.TemporaryFile(dir=near).close()


def _special(path: Path) -> bool:
    """Whether it is a pipe or a device, which is written to and never replaced."""
    return path.exists() and not path.is_file() and not path.is_dir()


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> Path:
    """Write `content` beside `path`, then rename it there, so that no reader ever sees half a file.

    Parameters
    ----------
    path : path
        Where the file goes; missing folders are made.
    content : str or bytes
        The whole content; text is written as UTF-8.

    Returns
    -------
    Path
        The path written.
    """
    with written_aside(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
    return Path(path)


@contextmanager
def written_aside(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Give a file to write to beside `path`, and rename it there at the end; after an error nothing is left of it.

    Parameters
    ----------
    path : path
        Where the file goes; missing folders are made.

    Yields
    ------
    binary file
    """
    target = Path(path)
    if _special(target):
        with open(target, "wb") as file:
            yield file
        return
    target = target.resolve()  # a link goes on to point at the file
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(aside, 0o666 & ~_umask())
        os.replace(aside, target)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def _umask() -> int:
    # mkstemp makes private files; a report is meant to be read by others, as any other new file is.
    mask = os.umask(0)
    os.umask(mask)
    return mask
