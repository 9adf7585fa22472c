r"""The references of the documents: from `references.bib`, in LaTeX and in HTML.

Sources are cited by key, as in `[nguyen2026], Theorem 2`. The documents number what they cite, in the order of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib.resources import files

_KEY = re.compile(r"\[([a-z]+\d{4}[a-z]*)\]")
_ENTRY = re.compile(r"^@\w+\{(\w+),\n(.*?)^\}", re.MULTILINE | re.DOTALL)
#: A field may go on in further lines; the next one, or nothing, follows it.
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*?)\},?$(?=\s*(?:\w+\s*=|\Z))", re.MULTILINE | re.DOTALL)
_ACCENTS = {r"{\'a}": "á", r"{\'e}": "é"}


@dataclass(frozen=True)
class Reference:
    """An entry of the bibliography; each field is in LaTeX, and empty where it is not known.

    Attributes
    ----------
    key, author, title, place, year, note : str
        `place` is the journal with its volume, the conference, or the publisher.
    """

    key: str
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
        return _plain(escape(self._joined("\0"), quote=False)).replace("\0", f"<i>{_plain(escape(self.title))}</i>")

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
    """
    text = files("drc.report").joinpath("references.bib").read_text(encoding="utf-8")
    return {key: _reference(key, _fields(body)) for key, body in _ENTRY.findall(text)}


def _fields(body: str) -> dict[str, str]:
    return {name: " ".join(value.split()) for name, value in _FIELD.findall(body)}


def _reference(key: str, of: dict[str, str]) -> Reference:
    place = of.get("journal") or of.get("booktitle") or of.get("publisher", "")
    if volume := of.get("volume"):
        place += f" {volume}"
    return Reference(key, _authors(of.get("author", "")), of["title"], place, of.get("year", ""), of.get("note", ""))


def _authors(names: str) -> str:
    """Turn `Last, First and Last, First` into a list with the first names in front.

    Examples
    --------
    >>> _authors("Huangfu, Q. and Hall, J. A. J."), _authors("Li and {El Gamal}"), _authors("Theis and Wu and Ma")
    ('Q. Huangfu and J. A. J. Hall', 'Li and El Gamal', 'Theis, Wu and Ma')
    """
    people = [" ".join(reversed(name.strip("{}").split(", "))) for name in names.split(" and ")]
    return " and ".join(part for part in (", ".join(people[:-1]), people[-1]) if part)


def _plain(text: str) -> str:
    for accent, letter in _ACCENTS.items():
        text = text.replace(accent.replace("'", "&#x27;"), letter).replace(accent, letter)
    return text.replace("$L^2$", "L<sup>2</sup>").replace("{", "").replace("}", "")


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
