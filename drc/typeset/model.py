"""The parts of a document.

Words are strings with four marks: `$...$` for a formula in LaTeX, `*...*` for emphasis, backticks for a name in code, and
what `reference` returns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Paragraph:
    """Some sentences; a note is set small, and a lead stays on the page of what follows."""

    words: str
    style: Literal["", "note", "lead"] = ""


@dataclass(frozen=True)
class Formula:
    """A formula on a line of its own."""

    tex: str


@dataclass(frozen=True)
class Definitions:
    """What abbreviations stand for: pairs of LaTeX, one line for each pair."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Badge:
    """A verdict beside a step: its words, its kind (a CSS class), and what a tooltip adds."""

    words: str
    kind: str = ""
    title: str = ""


@dataclass(frozen=True)
class Item:
    """An entry of a numbered list: sentences and formulas in their order."""

    parts: tuple[str | Formula | Html, ...]
    badge: Badge | None = None


@dataclass(frozen=True)
class Steps:
    """A numbered list, which begins after the number `after`."""

    items: tuple[Item, ...]
    after: int = 0


@dataclass(frozen=True)
class Table:
    """A table of words; on a page its numbers are aligned to the right if it counts."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    counts: bool = False


@dataclass(frozen=True)
class Statement:
    """A theorem, a lemma, or the setting of some theorems; references lead to its anchors."""

    kind: Literal["theorem", "lemma", "setting"]
    body: tuple[Part, ...]
    title: str = ""
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """A proof. With a summary a page shows only that until a reader opens it."""

    body: tuple[Part, ...]
    title: str = ""
    summary: str = ""


@dataclass(frozen=True)
class Fold:
    """Parts of which a page shows one line until a reader opens it; on paper they are as if there were no fold."""

    summary: str
    body: tuple[Part, ...]
    #: Whether a page shows them from the beginning.
    is_open: bool = False


@dataclass(frozen=True)
class Section:
    """A heading of level 1, 2 or 3, and what stands under it."""

    title: str
    body: tuple[Part, ...]
    level: Literal[1, 2, 3] = 1
    anchor: str = ""
    #: A CSS class.
    kind: str = ""


@dataclass(frozen=True)
class Html:
    """HTML as it is, left out of LaTeX: pictures and links to files."""

    text: str


@dataclass(frozen=True)
class Latex:
    """LaTeX as it is, left out of HTML."""

    text: str


Part = Paragraph | Formula | Definitions | Steps | Table | Statement | Proof | Fold | Section | Html | Latex


def reference(anchor: str, kind: str, words: str) -> str:
    """Refer to a statement: by its kind and number where statements have numbers, by words that are a link elsewhere."""
    return f"[[{anchor}|{kind}|{words}]]"
