"""Formulas as MathML, which browsers set themselves: the pages need no script and no network."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

from drc.expressions.latex import mathml


def inline(translator, node: nodes.math) -> None:
    r"""A formula in a line; one that a notebook displays says so by `\displaystyle`, and stands alone."""
    formula, alone = re.subn(r"^\s*\\displaystyle\s*", "", node.astext())
    translator.body.append(_alone(formula) if alone else mathml(formula))
    raise nodes.SkipNode


def block(translator, node: nodes.math_block) -> None:
    translator.body.append(_alone(node.astext()))
    raise nodes.SkipNode


def _alone(formula: str) -> str:
    # The converter reads no commands within \text.
    formula = re.sub(r"\\text\{([^{}]*?)\s*\\quad\s*([^{}]*)\}", r"\\text{\1}\\quad\\text{\2}", formula)
    return f'<div class="math">{mathml(formula, display=True)}</div>\n'


def setup(app: Sphinx) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True}
