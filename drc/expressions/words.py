r"""Plain words with formulas in them: `"so t <= r/m, because"` is set with `$t \le r/m$`.

A reason in a proof is written for people who read code as well as for those who read the paper, so its formulas are in
plain letters.  Here they are found, by a small grammar of what a formula can be, and set in LaTeX.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from drc.expressions.latex import LatexNames, latex

_GREEK = {
    "alpha", "beta", "gamma", "delta", "kappa", "lambda", "mu", "pi", "rho", "sigma", "tau", "theta", "phi",
}  # fmt: skip
_LETTERS = set("XYSUVZNDRCPIBWcemnrstvxy")
_FUNCTIONS = {
    "H": "H",
    "H_b": "H_b",
    "h": "h",
    "I": "I",
    "P": "P",
    "E": r"\mathbb{E}",
    "log": r"\log",
    "max": r"\max",
    "min": r"\min",
    "cov": r"\operatorname{cov}",
    "var": r"\operatorname{var}",
    "det": r"\det",
    "exp": r"\exp",
}
_OPERATORS = {
    "<=": r"\le",
    ">=": r"\ge",
    "**": "^",
    "->": r"\to",
    "=": "=",
    "<": "<",
    ">": ">",
    "+": "+",
    "-": "-",
    "*": " ",
    "/": "/",
}
_OPERATOR = re.compile(r"\s*(<=|>=|->|=|<|>|\+|-|\*(?!\*)|/)\s*")
_WORD = re.compile(r"\w+|\W")
_NAME = re.compile(r"[A-Za-z]+(_[A-Za-z0-9]+)*")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_FRACTION = re.compile(r"(\d+)/(\d+)(?![\w*^.])")
#: How names that many proofs have are set where no proof gives its own.
_KNOWN = {
    "t_max": r"t_{\max}",
    "t_star": r"t^\star",
    "D_ind": r"D_{\mathrm{ind}}",
    "D_min": r"D_{\min}",
    "p_X": "p_X",
    "p_Y": "p_Y",
    "p_ref": r"p_{\mathrm{ref}}",
    "oo": r"\infty",
}
_KNOWN |= {f"w_{name}": rf"w_{{\text{{{name}}}}}" for name in ("zero", "one", "same", "flip")}
_KNOWN |= {"w_0": "w_0", "w_max": r"w_{\max}", "w_min": r"w_{\min}"}
_STARRED = re.compile(r"\*(?![\w(*])")
#: The index of a component before the i-th, as in `X_(i-1)`.
_BEFORE = re.compile(r"\b([A-Z])_\(i-1\)")
_MAPS = re.compile(r"\b(zero|one|same|flip)(, (zero|one|same|flip))+\b")


@dataclass(frozen=True)
class Piece:
    """A stretch of prose: `kind` is "text", "math" (then `body` is LaTeX) or "name"."""

    kind: str
    body: str


def prose(text: str, names: LatexNames | None = None) -> list[Piece]:
    r"""Cut plain words into text and formulas.

    Parameters
    ----------
    text : str
        Words; what stands between dollar signs is LaTeX already.
    names : mapping from symbol to LaTeX, optional

    Examples
    --------
    >>> [piece.body for piece in prose("so t <= rho_R, because H(S|Y) is a bound")]
    ['so ', 't \\le \\rho_R', ', because ', 'H(S \\mid Y)', ' is a bound']
    """
    pieces: list[Piece] = []
    for i, part in enumerate(text.split("$")):
        pieces += [Piece("math", part)] if i % 2 else _cut(part, names or {})
    return [piece for piece in pieces if piece.body]


def _cut(text: str, names: LatexNames) -> list[Piece]:
    reader = _Reader(
        text, {**_KNOWN, **{symbol.name: tex for symbol, tex in names.items()}}, {s.name: s for s in names}
    )
    pieces, plain, at = [], 0, 0
    while at < len(text):
        if before := _BEFORE.match(text, at):
            piece, end = Piece("math", f"{before[1]}_{{i-1}}"), before.end()
        elif maps := _MAPS.match(text, at):
            piece, end = Piece("name", maps[0]), maps.end()
        elif found := reader.formula(at):
            piece, end = Piece("math", found[0]), found[1]
        else:
            word = _WORD.match(text, at)
            at = word.end() if word else at + 1
            continue
        pieces += [Piece("text", text[plain:at]), piece]
        plain = at = end
    return [*pieces, Piece("text", text[plain:])]


class _Reader:
    """A recursive-descent reader; every method returns LaTeX and the place after it, or None."""

    def __init__(self, text: str, names: Mapping[str, str], symbols: Mapping[str, sp.Symbol]) -> None:
        self.text, self.names, self.symbols = text, names, symbols

    def formula(self, at: int) -> tuple[str, int] | None:
        """Read the formula that begins at a place, if one does and is more than a number or a bracket."""
        if at and (self.text[at - 1].isalnum() or self.text[at - 1] in "_-'"):
            return None
        found = self._expression(at)
        if found is None:
            return None
        raw = self.text[at : found[1]]
        is_word_end = found[1] == len(self.text) or not re.match(r"[\w']", self.text[found[1] :])
        if not is_word_end or not re.search(r"[A-Za-z=<>]", raw):
            return None
        return self._as_sympy(raw) or found[0], found[1]

    def _as_sympy(self, raw: str) -> str | None:
        """Set a formula that is written as code with sympy, which turns signs and stacks fractions."""
        if not re.search(r"\*|/", raw) or _STARRED.search(raw) or re.search(r"[A-Za-z0-9)] +[A-Za-z(]|[;|^]", raw):
            return None
        known = {n: self.symbols.get(n, sp.Symbol(n, real=True)) for n in (m[0] for m in _NAME.finditer(raw))}
        known.pop("log", None)
        sides = re.split(r"\s*(<=|>=|=|<|>)\s*", raw)
        try:
            set_ = [
                latex(sp.sympify(s, locals=known), {known[n]: t for n, t in self.names.items() if n in known})
                for s in sides[::2]
            ]
        except (sp.SympifyError, SyntaxError, TypeError, AttributeError):
            return None
        return " ".join(
            x for pair in zip(set_, [_OPERATORS[o] for o in sides[1::2]] + [""], strict=True) for x in pair if x
        )

    def _expression(self, at: int) -> tuple[str, int] | None:
        found = self._term(at)
        while found:
            operator = _OPERATOR.match(self.text, found[1])
            following = self._term(operator.end()) if operator else None
            if operator is None or following is None:
                break
            found = f"{found[0]} {_OPERATORS[operator[1]]} {following[0]}", following[1]
        return found

    def _term(self, at: int) -> tuple[str, int] | None:
        if self.text.startswith("-", at):
            inner = self._term(at + 1)
            return (f"-{inner[0]}", inner[1]) if inner else None
        found = self._factor(at)
        while found:
            following = self._factor(found[1] + 1) if self.text.startswith(" ", found[1]) else None
            if following is None:
                break
            found = f"{found[0]} {following[0]}", following[1]
        return found

    def _factor(self, at: int) -> tuple[str, int] | None:
        found = self._atom(at)
        if found is None:
            return None
        power = re.compile(r"\^|\*\*(?=[\w(])").match(self.text, found[1])
        raised = self._atom(power.end()) if power else None
        if raised is None:
            return found
        base = f"{{{found[0]}}}" if "^" in found[0] else found[0]
        return f"{base}^{raised[0] if len(raised[0]) == 1 else f'{{{raised[0]}}}'}", raised[1]

    def _atom(self, at: int) -> tuple[str, int] | None:
        fraction = _FRACTION.match(self.text, at)
        if fraction:
            return rf"\tfrac{{{fraction[1]}}}{{{fraction[2]}}}", fraction.end()
        number = _NUMBER.match(self.text, at)
        if number:
            return number[0], number.end()
        if self.text.startswith("(", at):
            return self._bracket(at)
        if self.text.startswith("|", at):
            inner = self._expression(at + 1)
            if inner is None or not self.text.startswith("|", inner[1]):
                return None
            return rf"\lvert {inner[0]} \rvert", inner[1] + 1
        name = _NAME.match(self.text, at)
        return self._named(name[0], name.end()) if name else None

    def _named(self, name: str, end: int) -> tuple[str, int] | None:
        if name == "sqrt":
            body = self._bracket(end)
            return (rf"\sqrt{{{body[0][1:-1]}}}", body[1]) if body else None
        if name in _FUNCTIONS:
            body = self._bracket(end)
            if body:
                return f"{_FUNCTIONS[name]}{body[0]}", body[1]
            if name in ("E", "var", "det") and self.text.startswith(" ", end):
                body = self._factor(end + 1)
                return (rf"{_FUNCTIONS[name]} {body[0]}", body[1]) if body else None
        if name in self.names:
            return self.names[name], end
        head, _, index = name.partition("_")
        if head not in _GREEK and head not in _LETTERS and not (head in "qH" and index):
            return None
        symbol = latex(sp.Symbol(name, real=True))
        if starred := _STARRED.match(self.text, end):
            return rf"{symbol}^\star", starred.end()
        applied = self._bracket(end)
        return (symbol + applied[0], applied[1]) if applied else (symbol, end)

    def _bracket(self, at: int) -> tuple[str, int] | None:
        if not self.text.startswith("(", at):
            return None
        parts, here = [], at + 1
        while True:
            inner = self._expression(here)
            if inner is None:
                return None
            parts.append(inner[0])
            closing = re.compile(r"\)|,\s*|;\s*|\|").match(self.text, inner[1])
            if closing is None:
                return None
            if closing[0] == ")":
                return f"({''.join(parts)})", closing.end()
            parts.append({",": ", ", ";": ";", "|": r" \mid "}[closing[0].strip()])
            here = closing.end()


def sentence(words: str) -> str:
    """Begin with a capital, unless a formula begins; end with a stop.

    Examples
    --------
    >>> sentence("a bound"), sentence("t <= 1"), sentence("rho_R binds")
    ('A bound.', 't <= 1.', 'rho_R binds.')
    """
    return capitalised(words) + "."


def capitalised(words: str) -> str:
    """Begin with a capital, unless a formula begins."""
    head = words.split(maxsplit=1)[0].strip(",:") if words else ""
    is_word = head == "a" or (len(head) > 1 and head.replace("-", "").isalpha() and head not in _GREEK)
    return words[:1].upper() + words[1:] if is_word else words


def prose_latex(text: str, names: LatexNames | None = None) -> str:
    r"""Set plain words in LaTeX, formulas between dollar signs and special letters escaped.

    Examples
    --------
    >>> print(prose_latex("100% of t_max & more"))
    100\% of $t_{\max}$ \& more
    """
    wrap = {"text": _escaped, "math": lambda s: f"${s}$", "name": lambda s: rf"\emph{{{s}}}"}
    return "".join(wrap[piece.kind](piece.body) for piece in prose(text, names))


def prose_html(text: str, names: LatexNames | None = None) -> str:
    """Set plain words in HTML, with formulas in MathML.

    Examples
    --------
    >>> prose_html("a < b is text")
    'a &lt; b is text'
    """
    from html import escape

    from drc.expressions.latex import mathml

    wrap = {"text": lambda s: escape(s, quote=False), "math": mathml, "name": lambda s: f"<i>{s}</i>"}
    return "".join(wrap[piece.kind](piece.body) for piece in prose(text, names))


def _escaped(text: str) -> str:
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {c: rf"\{c}" for c in "&%$#_{}"} | {"<": "$<$", ">": "$>$"}
    text = "".join(special.get(c, c) for c in text)
    return re.sub(r'"([^"]*)"', r"``\1''", text)
