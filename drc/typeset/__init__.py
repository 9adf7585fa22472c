"""Documents: one model of their parts, and two writers, LaTeX and HTML; formulas come from `drc.expressions`."""

from drc.typeset.html import to_html
from drc.typeset.latex import to_latex

__all__ = ["to_html", "to_latex"]
