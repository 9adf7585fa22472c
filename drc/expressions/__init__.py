"""One expression, three readings: fast floats (numpy), rigorous balls (flint) and LaTeX."""

from drc.expressions.latex import LatexNames, latex
from drc.expressions.numeric import compile_expression

__all__ = ["LatexNames", "compile_expression", "latex"]
