"""Files are written whole or not at all, and places are tried before the work begins."""

from __future__ import annotations

import csv
import io
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from drc.errors import ProblemError


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


def beside(room: str, name: str, **texts: str) -> str:
    r"""Return a text file of a room, such as a style or a template, in which `@NAME@` stands for the text of this name.

    Examples
    --------
    >>> beside("drc.report", "table.tex", TABLE="a", BELOW="b")[:23]
    '\\documentclass[11pt,a4p'
    """
    text = files(room).joinpath(name).read_text(encoding="utf-8")
    return re.sub("@([A-Z]+)@", lambda found: texts[found[1]], text) if texts else text


def csv_of(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows of values by name as CSV, with all the columns that any row has.

    Examples
    --------
    >>> csv_of([{"R": 1}, {"R": 2, "D": 0.5}]).splitlines()
    ['R,D', '1,', '2,0.5']
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


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


def writable(path: str | os.PathLike[str], *, folder: bool = False, name: str = "out") -> Path:
    """Return a path if a file, or a folder of files, can be written there; nothing is left behind by the test.

    Parameters
    ----------
    path : path
        Missing folders are not an error: they are made when the file is written.
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
    >>> writable(f"{__file__}/proof.json")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: out must be a file that can be written, got '...files.py/proof.json' (...)
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
