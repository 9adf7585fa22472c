"""How each claim of the catalogue was proved, so that it is not searched for again.

Theorems may share a claim and prove it in different ways, so a hint may name several, with commas between them.  One such as

    2 g001:aB3x_Z

says: the third form of the claim has three goals, of which the last needs the second stage, and of all facts and lemmas
those with the marks `aB3` and `x_Z` are enough, so no others are made (see `Way`).  Where they are not, all are, in the ways
that name none.

A hint is advice, not evidence: the claim is decided in that way again, and where the hint is missing or does not help all
ways are tried.  `benchmarks/hints.py` writes the file when a theorem has changed.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import sympy as sp

#: Stands for a claim that no way decides, and for one that only a cover by boxes does.
RESISTS, BOXES = "-", "boxes"

_AND = ", "

#: How long a mark is, and what comes before those of a way.
_MARK, _ONLY = 3, ":"

_WAY = re.compile(rf"(?:(\d+) )?([gpw])(\d+)(?:{_ONLY}([\w-]*))?")

_FILE = "hints.txt"

_advice: Mapping[str, str] | None = None
_found: dict[str, str] | None = None


class Way(NamedTuple):
    """A way in which a claim was proved.

    Attributes
    ----------
    number : which of the forms it had; None for a definition, which has one only
    goals : `g` for goals in which identities are seen already, `p` where none were sought, `w` for the claim as a whole
    shown : the stage in which each goal was shown
    only : the marks of the premises that were enough; None for all that there are
    """

    number: int | None
    goals: str
    shown: tuple[int, ...]
    only: frozenset[str] | None = None

    @classmethod
    def read(cls, text: str) -> Way | None:
        """Read a hint's words; None if they are not a way."""
        match = _WAY.fullmatch(text)
        if match is None:
            return None
        number, goals, shown, marks = match.groups()
        only = None if marks is None else frozenset(marks[i : i + _MARK] for i in range(0, len(marks), _MARK))
        return cls(None if number is None else int(number), goals, tuple(map(int, shown)), only)

    def __str__(self) -> str:
        marks = "" if self.only is None else _ONLY + "".join(sorted(self.only))
        form = "" if self.number is None else f"{self.number} "
        return f"{form}{self.goals}{''.join(map(str, self.shown))}{marks}"


def key(*parts: sp.Basic) -> str:
    """What a claim is known by: its words, in whichever order conditions are written."""
    words = sorted(word for part in parts for word in _words(part))
    return hashlib.blake2b(" ".join(words).encode(), digest_size=6).hexdigest()


def mark(*parts: object) -> str:
    """What a premise is known by. Two may have the same mark: then a proof that needs one gets both."""
    words = (" ".join(sorted(_words(part))) if isinstance(part, sp.Basic) else str(part) for part in parts)
    return urlsafe_b64encode(hashlib.blake2b("|".join(words).encode(), digest_size=3).digest()).decode()[:_MARK]


@cache
def _words(part: sp.Basic) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+|\S", str(part)))


def hint(of: str) -> str | None:
    """How a claim was proved; None if nothing is known."""
    return _stored().get(of) if _advice is None else _advice.get(of)


def resists(hint: str | None) -> bool:
    """Whether a hint says that real arithmetic does not decide a claim."""
    return hint in (RESISTS, BOXES)


def named(hint: str | None) -> list[Way]:
    """The ways that a hint names."""
    return [way for text in (hint or "").split(_AND) if (way := Way.read(text))]


def ways(hint: str | None) -> list[Way]:
    """The ways to try: first those that say which premises are enough, then others, or if there are none these with all."""
    read = named(hint)
    narrow = [way for way in read if way.only is not None]
    return narrow + ([way for way in read if way.only is None] or [way._replace(only=None) for way in narrow])


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
