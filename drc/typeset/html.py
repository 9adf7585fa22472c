"""Documents in HTML, with formulas in MathML: no script, nothing to load."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from drc.expressions.latex import mathml
from drc.typeset import model
from drc.typeset.tables import render
from drc.typeset.words import words_html

_HEADINGS = {1: "h2", 2: "h3", 3: "h5"}


def to_html(parts: Iterable[model.Part]) -> str:
    """Write some parts of a document in HTML.

    Examples
    --------
    >>> to_html([model.Paragraph("*where*")])
    '<p><i>where</i></p>'
    """
    return "\n".join(text for part in parts if (text := _part(part)))


def _part(part: model.Part) -> str:
    match part:
        case model.Paragraph(words, style):
            return f"<p{_class('files' if style == 'note' else '')}>{words_html(words)}</p>"
        case model.Formula(tex):
            # A formula that is wider than the screen scrolls by itself, and the page does not.
            return f'<div class="formula" style="overflow-x:auto">{mathml(tex, display=True)}</div>'
        case model.Definitions(pairs):
            body = "\\\\\n".join(f"{name} &= {value}" for name, value in pairs)
            return _part(model.Formula(rf"\begin{{aligned}}{body}\end{{aligned}}"))
        case model.Steps(items, after):
            start = f' start="{after + 1}"' if after else ""
            return "\n".join([f"<ol{start}>", *map(_item, items), "</ol>"])
        case model.Table(head, rows, counts):
            return f"<div{_class('scroll audit' if counts else 'scroll')}>{render(head, rows, 'html')}</div>"
        case model.Statement(kind, body, title, anchors):
            if kind == "setting":
                return to_html(body)
            first, *others = anchors
            spans = "".join(f'<span id="{anchor}"></span>' for anchor in others)
            heading = f"<h4>{kind.capitalize()}: {words_html(title)}</h4>"
            return f'<article id="{first}">{spans}\n{heading}\n{to_html(body)}\n</article>'
        case model.Proof(body, _, summary):
            text = f'<div class="proof">\n{to_html(body)}\n</div>'
            return _fold(summary, text) if summary else text
        case model.Fold(summary, body, is_open):
            return _fold(summary, to_html(body), is_open)
        case model.Section(title, body, level, anchor, kind):
            heading = _HEADINGS[level]
            text = f"<{heading}>{words_html(title)}</{heading}>\n{to_html(body)}"
            at = f' id="{anchor}"' if anchor else ""
            return f"<section{at}{_class(kind)}>\n{text}\n</section>" if level == 1 or at or kind else text
        case model.Html(text):
            return text
        case model.Latex():
            return ""


def _fold(summary: str, text: str, is_open: bool = False) -> str:
    return f"<details{' open' if is_open else ''}><summary>{words_html(summary)}</summary>\n{text}</details>"


def _item(item: model.Item) -> str:
    texts = (words_html(part) if isinstance(part, str) else _part(part) for part in item.parts)
    return f"<li>{_badge(item.badge) if item.badge else ''}{' '.join(texts)}</li>"


def _badge(badge: model.Badge) -> str:
    title = f' title="{escape(badge.title)}"' if badge.title else ""
    return f"<span{_class(f'verdict {badge.kind}'.strip())}{title}>{escape(badge.words)}</span> "


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""
