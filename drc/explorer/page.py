"""The page itself: one HTML file with style, formulas and scripts inside, which asks nothing of any network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from os import PathLike
from pathlib import Path

from drc.explorer.formulas import library
from drc.explorer.theorems import theorem
from drc.files import beside, write_whole
from drc.theory import catalogue, entry
from drc.types import Progress
from drc.version import __version__

_file = partial(beside, "drc.explorer")

_SCRIPTS = ("goals.js", "engine.js", "pictures.js", "page.js")


def explorer(ids: Sequence[str] | None = None, *, progress: Progress | None = None) -> str:
    """Write the explorer as the text of an HTML page.

    Parameters
    ----------
    ids : sequence of str, optional
        Theorems; left out, all of the catalogue, whose derivation takes some twenty seconds.
    progress : function of (description, done, total), optional

    Raises
    ------
    ProblemError
        For an id that is in no catalogue.

    Examples
    --------
    >>> explorer(["gaussian.asymptotic.limited.drc"]).startswith("<!DOCTYPE html>")
    True
    """
    entries = catalogue() if not ids else [entry(name) for name in ids]
    compiled = []
    for done, found in enumerate(entries):
        if progress:
            progress(found.id, done, len(entries))
        compiled.append(theorem(found))
    scripts = [library(), *(_file(name) for name in _SCRIPTS[:-1])]
    scripts += ["const THEOREMS = [\n" + ",\n".join(compiled) + "\n];", _file(_SCRIPTS[-1])]
    return _file("page.html", STYLE=_file("style.css"), SCRIPT="\n".join(scripts), VERSION=__version__)


def write_explorer(
    out: str | PathLike[str] = "explorer.html", ids: Sequence[str] | None = None, *, progress: Progress | None = None
) -> Path:
    """Write the explorer to a file, whose folder is made if it is missing, and return its path; see `explorer`."""
    return write_whole(out, explorer(ids, progress=progress))
