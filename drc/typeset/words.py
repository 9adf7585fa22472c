r"""Sentences with marks in them, for each writer: formulas are LaTeX between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from drc.expressions.latex import mathml

_MARKS = re.compile(
    r"\$(?P<math>[^$]*)\$|`(?P<code>[^`]*)`|\*(?P<emph>[^\s*][^*]*[^\s*])\*|\[\[(?P<at>[\w-]+)\|(?P<kind>[^|]*)\|(?P<link>[^]]*)\]\]"
)


#: What stands in braces, which may have braces within.
_ARGUMENT = r"\{((?:[^{}]|\{[^{}]*\})*)\}"


def _quotient(found: re.Match[str]) -> str:
    return "/".join(side if re.fullmatch(r"[\w\\{}]+", side) else f"({side})" for side in found.groups())


#: For plain text: LaTeX on the left, and what takes its place.
_PLAIN = tuple(
    (re.compile(pattern), plain)
    for pattern, plain in (
        (r"\\t?frac(\d)(\d)", r"\1/\2"),
        (rf"\\t?frac{_ARGUMENT}{_ARGUMENT}", _quotient),
        (r"\s*\\mid\s*", "|"),
        (r"\s*\\Vert\s*", "||"),
        (r"_\{([A-Z])_(\d)\}", r"_\1\2"),
        (r"\\ne\b", "!="),
        (r"\\times\b", "x"),
        (r"\\lvert\s?|\s?\\rvert", "|"),
        (r"\\le\b", "<="),
        (r"\\ge\b", ">="),
        (r"\\sim\b", "~"),
        (r"\\infty\b", "oo"),
        (r"\\oplus\b", "xor"),
        (r"\\[dl]?dots\b", "..."),
        (r"\^\\star", "*"),
        (r"\\(?:mathrm|mathbb|operatorname|text|left|right)\b", ""),
        (r"\\[,;]", " "),
        (r"\\(?=[A-Za-z])|[{}]", ""),
        (r" \|$|(?<=\() | (?=\))", ""),
    )
)


def sentence(words: str) -> str:
    """Begin with a capital, and end with a stop.

    Examples
    --------
    >>> sentence("a bound"), sentence("$t$ binds")
    ('A bound.', '$t$ binds.')
    """
    return f"{capitalised(words)}."


def capitalised(words: str) -> str:
    """Begin with a capital."""
    return words[:1].upper() + words[1:]


def words_latex(words: str) -> str:
    r"""Set words in LaTeX.

    Examples
    --------
    >>> print(words_latex(r"100% of $t_{\max}$ & *more*"))
    100\% of $t_{\max}$ \& \emph{more}
    """
    return _set(
        words,
        text=_escaped,
        math=lambda tex: f"${tex}$",
        code=lambda name: rf"\texttt{{{_escaped(name)}}}",
        emph=lambda inner: rf"\emph{{{words_latex(inner)}}}",
        link=lambda at, kind, _: rf"{kind}~\ref{{{at}}}",
    )


def words_html(words: str) -> str:
    """Set words in HTML, with formulas in MathML.

    Examples
    --------
    >>> words_html("a < b is *text*")
    'a &lt; b is <i>text</i>'
    """
    return _set(
        words,
        text=lambda text: escape(text, quote=False),
        math=mathml,
        code=lambda name: f'<span class="id">{escape(name)}</span>',
        emph=lambda inner: f"<i>{words_html(inner)}</i>",
        link=lambda at, _, name: f'<a href="#{at}">{words_html(name)}</a>',
    )


def plain(words: str) -> str:
    r"""Write words without marks, for a terminal or a CSV file: formulas as one would type them.

    Examples
    --------
    >>> plain(r"so $\gamma \le \frac{r_{\max}}{m}$ and $H(S \mid Y, U) \le C$ at $t^\star$")
    'so gamma <= r_max/m and H(S|Y, U) <= C at t*'
    """
    return _set(words, text=str, math=_plain, code=str, emph=plain, link=lambda _, __, name: plain(name))


def _set(
    words: str,
    *,
    text: Callable[[str], str],
    math: Callable[[str], str],
    code: Callable[[str], str],
    emph: Callable[[str], str],
    link: Callable[[str, str, str], str],
) -> str:
    parts, at, writers = [], 0, {"math": math, "code": code, "emph": emph}
    for found in _MARKS.finditer(words):
        parts.append(text(words[at : found.start()]))
        at, mark = found.end(), str(found.lastgroup)
        parts.append(writers[mark](found[mark]) if mark in writers else link(*found.group("at", "kind", "link")))
    return "".join([*parts, text(words[at:])])


def _plain(tex: str) -> str:
    for pattern, better in _PLAIN:
        tex = pattern.sub(better, tex)
    return tex.strip()


def _escaped(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {c: rf"\{c}" for c in "&%$#_{}"} | {"<": "$<$", ">": "$>$"}
    text = "".join(special.get(c, c) for c in text)
    return re.sub(r'"([^"]*)"', r"``\1''", text)
