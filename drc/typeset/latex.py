r"""Documents in LaTeX, with the AMS packages, booktabs, graphicx, and the environments and `\room` of `drc.report`."""

from __future__ import annotations

from collections.abc import Iterable

from drc.expressions.width import LIMIT, width
from drc.typeset import model
from drc.typeset.tables import SCALED, fitting, render, wrapped
from drc.typeset.words import words_latex

_NEXT_LINE = "\n"
_HEADINGS = {1: "section", 2: "subsection", 3: "paragraph"}
_END_OF_LIST = "\n\\end{enumerate}"

#: Rows of a table on a page: a table is not broken.
_ROWS = 40

#: Displayed formulas of this estimated width may be wider than a line.
_LINE = 1.05 * LIMIT

#: A last column with more letters than this is set in several lines.
_WORDS = 30


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
            return rf"\[ \sbox0{{$\displaystyle {tex}$}}{SCALED} \]" if width(tex) > _LINE else rf"\[ {tex} \]"
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
        case model.Fold(_, body):
            return to_latex(body)
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
    # Only the last column has sentences.
    long = any(len(row[-1]) > _WORDS for row in rows)
    body = [
        [*map(words_latex, row[:-1]), wrapped("40mm", words_latex(row[-1])) if long else words_latex(row[-1])]
        for row in rows
    ]
    return centred(render([*map(words_latex, head)], body, "latex"))


def centred(table: str) -> str:
    """Centre a table, in small type, and within the line."""
    return f"\\begin{{center}}\\footnotesize\\setlength{{\\tabcolsep}}{{4pt}}\n{fitting(table)}\\end{{center}}"


def _with_sign(text: str) -> str:
    """Put the sign for the end of a proof into the last line of a list that ends it."""
    body = text.removesuffix(_END_OF_LIST)
    return text if body == text or body.endswith(r"\]") else rf"{body} \qedhere{_END_OF_LIST}"
