r"""The references of the documents: from `references.bib`, in LaTeX and in HTML.

Sources are cited by key, as in `[nguyen2026], Theorem 2`. The documents number what they cite, in the order of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from drc.files import beside
from drc.typeset.words import words_html

if TYPE_CHECKING:
    from pybtex.database import Entry, Person

_KEY = re.compile(r"\[([a-z]+\d{4}[a-z]*)\]")


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography; each field is in LaTeX, and empty where it is not known.

    Attributes
    ----------
    author, title, place, year, note : str
        `place` is the journal with its volume, the conference, or the publisher.
    """

    author: str
    title: str
    place: str
    year: str
    note: str

    def latex(self) -> str:
        """Set the entry in LaTeX."""
        return self._joined(rf"\emph{{{self.title}}}")

    def html(self) -> str:
        """Set the entry in HTML."""
        from pybtex.richtext import Text

        return words_html(str(Text.from_latex(self._joined(f"*{self.title}*"))))

    def _joined(self, title: str) -> str:
        parts = [self.author, title, ", ".join(p for p in (self.place, self.year) if p), self.note]
        return ". ".join(part for part in parts if part) + "."


@cache
def references() -> dict[str, Reference]:
    """Read the bibliography: references by their key, in the order of the file.

    Examples
    --------
    >>> print(references()["blau2019"].html())
    Blau and Michaeli. <i>Rethinking Lossy Compression: The Rate-Distortion-Perception Tradeoff</i>. ICML, 2019.
    >>> references()["huangfu2018"].author, references()["li2018"].author
    ('Q. Huangfu and J. A. J. Hall', 'Li and {El Gamal}')
    """
    from pybtex.database import parse_string

    entries = parse_string(beside("drc.report", "references.bib"), "bibtex").entries
    return {key: _reference(entry) for key, entry in entries.items()}


def _reference(entry: Entry) -> Reference:
    of: Mapping[str, str] = entry.fields or {}
    place = of.get("journal") or of.get("booktitle") or of.get("publisher", "")
    if volume := of.get("volume"):
        place += f" {volume}"
    people = [_name(person) for person in (entry.persons or {}).get("author", ())]
    author = " and ".join(part for part in (", ".join(people[:-1]), *people[-1:]) if part)
    return Reference(author, of["title"], place, of.get("year", ""), of.get("note", ""))


def _name(person: Person) -> str:
    parts = (person.first_names, person.middle_names, person.prelast_names, person.last_names)
    return " ".join(name for names in parts for name in names or ())


def cited(text: str) -> dict[str, int]:
    """Number the references that a document cites.

    Examples
    --------
    >>> cited("by [blau2019], see [nguyen2026] and [nobody]")
    {'nguyen2026': 1, 'blau2019': 2}
    """
    found = set(_KEY.findall(text))
    return {key: number for number, key in enumerate((k for k in references() if k in found), 1)}


def with_references_latex(text: str) -> str:
    r"""Turn the keys in a LaTeX document into citations, and put the references behind it.

    Examples
    --------
    >>> with_references_latex("see [blau2019]")[:36]
    'see \\cite{blau2019}\n\n\\begin{thebibli'
    """
    numbers = cited(text)
    if not numbers:
        return text
    items = "\n".join(rf"\bibitem{{{key}}} {references()[key].latex()}" for key in numbers)
    body = _replaced(text, numbers, lambda key: rf"\cite{{{key}}}")
    return f"{body}\n\n\\begin{{thebibliography}}{{99}}\n{items}\n\\end{{thebibliography}}"


def with_references_html(text: str) -> tuple[str, str]:
    """Turn the keys in a page into links, and return a section with the references too.

    Examples
    --------
    >>> with_references_html("see [blau2019]")[0]
    'see <a href="#blau2019">[1]</a>'
    """
    numbers = cited(text)
    items = "\n".join(f'<li id="{key}">{references()[key].html()}</li>' for key in numbers)
    section = f'<section id="references">\n<h2>References</h2>\n<ol class="references">\n{items}\n</ol>\n</section>'
    body = _replaced(text, numbers, lambda key: f'<a href="#{key}">[{numbers[key]}]</a>')
    return body, section if numbers else ""


def _replaced(text: str, numbers: dict[str, int], cite: Callable[[str], str]) -> str:
    return _KEY.sub(lambda found: cite(found[1]) if found[1] in numbers else found[0], text)
