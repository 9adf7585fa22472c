"""A picture and the numbers it shows: always kept together, always written together."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from drc.expressions.latex import latex
from drc.files import csv_of, write_whole
from drc.strict_json import to_json
from drc.typeset.words import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row = Mapping[str, Any]


def in_words(parameters: Mapping[str, float]) -> str:
    r"""List parameters with their numbers.

    Examples
    --------
    >>> in_words({"q_X": 0.3, "sigma_Y": 1})
    '$q_X = 0.3$, $\\sigma_Y = 1$'
    """
    return ", ".join(f"${latex(sp.Symbol(name, real=True))} = {value:g}$" for name, value in parameters.items())


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure with its numbers.

    Attributes
    ----------
    name : str
        Of its files, without an ending.
    title, caption : str
        Words, with formulas between dollar signs.
    about : mapping
        What the numbers belong to: the theorem, its parameters, the unit.
    rows : sequence of mappings
        The numbers, a mapping from column to value for each point.
    """

    name: str
    title: str
    caption: str
    about: Mapping[str, object]
    rows: Sequence[Row]
    figure: Figure

    #: Dots an inch of the PNG.
    dpi: ClassVar[int] = 160

    def svg(self) -> str:
        """Return the picture as SVG, the same text on every run."""
        return re.sub(r"(\d\.\d{3})\d+", r"\1", self._drawn("svg").decode())

    def png(self) -> bytes:
        """Return the picture as PNG at 160 dots an inch."""
        return self._drawn("png")

    def pdf(self) -> bytes:
        """Return the picture as PDF with TrueType letters."""
        return self._drawn("pdf")

    def _drawn(self, form: str) -> bytes:
        from matplotlib import rc_context

        # A fixed salt and no date: the same numbers give the same file.
        metadata = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}, "pdf": {"CreationDate": None}}[
            form
        ]
        buffer = io.BytesIO()
        with rc_context({"svg.hashsalt": self.name, "svg.fonttype": "path"}):
            self.figure.savefig(buffer, format=form, dpi=self.dpi, metadata=metadata)
        return buffer.getvalue()

    def csv(self) -> str:
        """Return the numbers as CSV, in full."""
        return csv_of(self.rows)

    def json(self) -> str:
        """Return the numbers as JSON; an infinite one is the string "inf"."""
        columns = list(self.rows[0])
        table = [[row[column] for column in columns] for row in self.rows]
        head = {"title": plain(self.title), **self.about, "columns": columns}
        lines = ",\n".join(to_json(row) for row in table)
        return to_json(head, indent=1)[:-2] + f',\n "rows": [\n{lines}\n]}}\n'

    def write(self, folder: Path) -> None:
        """Write the picture, three times, and its numbers, twice."""
        for ending in ("svg", "png", "pdf", "csv", "json"):
            write_whole(folder / f"{self.name}.{ending}", getattr(self, ending)())
