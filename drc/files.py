"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


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
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
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
