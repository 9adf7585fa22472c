"""How each claim of the catalogue was proved, so that it is not searched for again.

A hint is advice, not evidence: the claim is decided in that way again, and where the hint is missing or does not help all
ways are tried.  `benchmarks/hints.py` writes the file when a theorem has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import sympy as sp

#: Stands for a claim that no way decides.
RESISTS = "-"

_FILE = "hints.txt"

_found: dict[str, str] | None = None


def key(*parts: sp.Basic) -> str:
    """What a claim is known by: the same for the same text."""
    return hashlib.blake2b(" | ".join(map(str, parts)).encode(), digest_size=6).hexdigest()


def hint(of: str) -> str | None:
    """How a claim was proved; None if nothing is known, and in a search also if it resisted."""
    stored = _stored().get(of)
    return None if stored == RESISTS and _found is not None else stored


def found(of: str, how: str) -> None:
    """Remember how a claim was proved, if somebody wants to know."""
    if _found is not None:
        _found[of] = how


@contextmanager
def search() -> Iterator[Mapping[str, str]]:
    """Try what resisted again, and collect how each claim is proved."""
    global _found
    _found = {}
    try:
        yield _found
    finally:
        _found = None


@cache
def _stored() -> Mapping[str, str]:
    lines = files(__package__).joinpath(_FILE).read_text().splitlines()
    return dict(line.split(" ", 1) for line in lines)
