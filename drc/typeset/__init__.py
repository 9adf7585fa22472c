"""Documents: one model of their parts, and two writers, LaTeX and HTML; formulas come from `drc.expressions`."""

from drc.typeset.html import to_html
from drc.typeset.latex import to_latex
from drc.typeset.model import (
    Badge,
    Definitions,
    Formula,
    Html,
    Item,
    Latex,
    Paragraph,
    Part,
    Proof,
    Section,
    Statement,
    Steps,
    Table,
)

__all__ = [
    "Badge",
    "Definitions",
    "Formula",
    "Html",
    "Item",
    "Latex",
    "Paragraph",
    "Part",
    "Proof",
    "Section",
    "Statement",
    "Steps",
    "Table",
    "to_html",
    "to_latex",
]
