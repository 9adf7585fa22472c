r"""Documents in LaTeX: with amsmath, amssymb, amsthm and booktabs, and the environments and `\room` of `drc.report`."""

from __future__ import annotations

from collections.abc import Iterable

from drc.typeset import model
from drc.typeset.tables import render
from drc.typeset.words import words_latex

_NEXT_LINE = "\n"
_HEADINGS = {1: "section", 2: "subsection", 3: "paragraph"}
_END_OF_LIST = "\n\\end{enumerate}"

#: Rows of a table on a page: a table is not broken.
_ROWS = 40


def to_latex(parts: Iterable[model.Part], between: str = "\n\n") -> str:
    r"""Write some parts of a document in LaTeX.

    Examples
    --------
    >>> print(to_latex([model.Paragraph("where"), model.Formula("x = y")]))
    where
    <BLANKLINE>
    \[ x = y \]
    """
    return between.join(text for part in parts if (text := _part(part)))


def _part(part: model.Part) -> str:
    match part:
        case model.Paragraph(words, style):
            text = words_latex(words)
            if style == "note":
                return rf"\nopagebreak\smallskip\noindent{{\small {text}\par}}\medskip"
            return f"\\room{{30mm}}\n{text}" if style == "lead" else text
        case model.Formula(tex):
            return rf"\[ {tex} \]"
        case model.Definitions(pairs):
            body = " \\\\[3pt]\n".join(f"{name} &= {value}" for name, value in pairs)
            return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"
        case model.Steps(items, after):
            start = [rf"\setcounter{{enumi}}{{{after}}}"] if after else []
            return "\n".join([r"\begin{enumerate}\emergencystretch=3em", *start, *map(_item, items)]) + _END_OF_LIST
        case model.Table(head, rows):
            return "\n\n".join(_table(head, rows[at : at + _ROWS]) for at in range(0, len(rows), _ROWS))
        case model.Statement(kind, body, title, anchors):
            labels = "".join(rf"\label{{{anchor}}}" for anchor in anchors)
            # A theorem does not begin at the foot of a page.
            room = "\\room{45mm}\n" if kind == "theorem" else ""
            named = f"[{words_latex(title)}]" if title else ""
            return f"{room}\\begin{{{kind}}}{named}{labels}\n{to_latex(body, _NEXT_LINE)}\n\\end{{{kind}}}"
        case model.Proof(body, title):
            named = f"[{words_latex(title)}]" if title else ""
            return f"\\begin{{proof}}{named} {_with_sign(to_latex(body, _NEXT_LINE))}\n\\end{{proof}}"
        case model.Section(title, body, level):
            heading = rf"\{_HEADINGS[level]}{{{words_latex(title)}{'.' if level == 3 else ''}}}"
            text = to_latex(body, _NEXT_LINE if level == 3 else "\n\n")
            return f"{heading} {text}" if level == 3 else f"{heading}\n\n{text}"
        case model.Html():
            return ""
        case model.Latex(text):
            return text


def _item(item: model.Item) -> str:
    texts = (words_latex(part) if isinstance(part, str) else _part(part) for part in item.parts)
    return " ".join((r"\item", *texts))


def _table(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    return centred(render([*map(words_latex, head)], [[*map(words_latex, row)] for row in rows], "latex"))


def centred(table: str) -> str:
    """Centre a table, in small type."""
    return f"\\begin{{center}}\\footnotesize\\setlength{{\\tabcolsep}}{{4pt}}\n{table}\\end{{center}}"


def _with_sign(text: str) -> str:
    """Put the sign for the end of a proof into the last line of a list that ends it."""
    body = text.removesuffix(_END_OF_LIST)
    return text if body == text or body.endswith(r"\]") else rf"{body} \qedhere{_END_OF_LIST}"
