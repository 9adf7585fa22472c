"""How each claim of the catalogue was proved, so that it is not searched for again.

Theorems may share a claim and prove it in different ways, so a hint may name several, with commas between them.

A hint is advice, not evidence: the claim is decided in that way again, and where the hint is missing or does not help all
ways are tried.  `benchmarks/hints.py` writes the file when a theorem has changed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

import sympy as sp

#: Stands for a claim that no way decides, and for one that only a cover by boxes does.
RESISTS, BOXES = "-", "boxes"

_AND = ", "

_FILE = "hints.txt"

_advice: Mapping[str, str] | None = None
_found: dict[str, str] | None = None


def key(*parts: sp.Basic) -> str:
    """What a claim is known by: its words, in whichever order conditions are written."""
    words = sorted(word for part in parts for word in _words(part))
    return hashlib.blake2b(" ".join(words).encode(), digest_size=6).hexdigest()


@cache
def _words(part: sp.Basic) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+|\S", str(part)))


def hint(of: str) -> str | None:
    """How a claim was proved; None if nothing is known."""
    return _stored().get(of) if _advice is None else _advice.get(of)


def resists(hint: str | None) -> bool:
    """Whether a hint says that real arithmetic does not decide a claim."""
    return hint in (RESISTS, BOXES)


def ways(hint: str | None) -> list[str]:
    """The ways that a hint names."""
    return [way for way in hint.split(_AND) if way != BOXES] if hint else []


def merged(hints: Iterable[str]) -> str:
    """One hint that names the ways of several, or that none is known."""
    known = dict.fromkeys(way for hint in hints for way in hint.split(_AND) if way not in ("", RESISTS))
    return _AND.join(known) or RESISTS


def found(of: str, how: str) -> None:
    """Remember how a claim was proved, if somebody wants to know."""
    if _found is not None:
        _found[of] = merged((_found.get(of, ""), how))


@contextmanager
def search(advice: Mapping[str, str] | None = None) -> Iterator[Mapping[str, str]]:
    """Collect hints; use no others than some that may be of help."""
    global _advice, _found
    _advice, _found = advice or {}, {}
    try:
        yield _found
    finally:
        _advice = _found = None


def stored() -> dict[str, str]:
    """All hints of the file."""
    return dict(_stored())


@cache
def _stored() -> Mapping[str, str]:
    lines = files(__package__).joinpath(_FILE).read_text(encoding="utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines)
