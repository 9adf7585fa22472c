r"""Reading a claim that somebody has typed, as plain text or as LaTeX.

    x*(1 - x) <= 1/4        0 <= q < 1/2 and H_b(q) < 1        \frac{x}{1+x} \le \log(1+x)        2^{-2R} \le 1

A claim is a chain of comparisons, or several joined by "and", "or" or commas.  Nothing is run: the text is read by the
grammar below, in which a product may be written without a sign.  In LaTeX every letter is a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Or

from drc.errors import ProblemError, must
from drc.information import H_b, H_b_inv, I_b, I_b_inv
from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min

#: A longer text is refused.
_LONGEST = 10_000

_RELATIONS: Mapping[str, type[Relational]] = {
    "<=": sp.Le,
    ">=": sp.Ge,
    "<": sp.Lt,
    ">": sp.Gt,
    "=": sp.Eq,
    "!=": sp.Ne,
}
_SPELLINGS = {
    "==": "=",
    "**": "^",
    "\\le": "<=",
    "\\leq": "<=",
    "≤": "<=",
    "\\ge": ">=",
    "\\geq": ">=",
    "≥": ">=",
    "\\lt": "<",
    "\\gt": ">",
    "\\ne": "!=",
    "\\neq": "!=",
    "≠": "!=",
    "\\cdot": "*",
    "\\times": "*",
    "\\land": "and",
    "\\wedge": "and",
    "\\lor": "or",
    "\\vee": "or",
    "\\lvert": "|",
    "\\rvert": "|",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
}
_CONSTANTS = {"pi": sp.pi, "oo": sp.oo, "infty": sp.oo}
_FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "log": sp.log,
    "ln": sp.log,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log_2": lambda x: sp.log(x) / sp.log(2),
    "exp": sp.exp,
    "sqrt": sp.sqrt,
    "min": sp.Min,
    "max": sp.Max,
    "abs": sp.Abs,
    "H_b": H_b,
    "I_b": I_b,
    "H_b_inv": H_b_inv,
    "I_b_inv": I_b_inv,
    "KL_b": KL_b,
    "KL_b_min": KL_b_min,
    "KL_b_max": KL_b_max,
}
_SKIPPED = r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|,|;|!|:|quad|qquad)(?![A-Za-z])|\\ |[$&~\s]"
_TOKEN = re.compile(
    rf"(?:{_SKIPPED})+|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<word>\\?[A-Za-z]+)"
    r"|(?P<sign><=|>=|!=|==|\*\*|[-+*/^_(){}\[\]|,<>=≤≥≠])"
)


def read_claim(text: str, symbols: Mapping[str, sp.Symbol]) -> Boolean:
    r"""Read a claim.

    Parameters
    ----------
    text : str
    symbols : mapping from name to symbol
        Names that are symbols already; all others become real symbols.

    Raises
    ------
    ProblemError
        Where the text is not a claim; the message says where it stops.

    Examples
    --------
    >>> read_claim(r"\frac{x}{1+x} \le \log(1+x)", {})
    x/(x + 1) <= log(x + 1)
    >>> read_claim("0 <= q <= 1 and 4q(1-q) <= H_b(q)", {})
    (0 <= q) & (q <= 1) & (4*q*(1 - q) <= H_b(q))
    """
    if len(text) > _LONGEST:
        raise must("claim", f"have at most {_LONGEST} characters", got=f"{len(text)}")
    return _Reader(text, symbols).claim()


class _Reader:
    """Recursive descent: each method reads what it is named for."""

    def __init__(self, text: str, symbols: Mapping[str, sp.Symbol]) -> None:
        self._text, self._symbols = text, symbols
        self._letters = "\\" in text or "{" in text
        self._tokens, self._at = list(self._split()), 0

    def claim(self) -> Boolean:
        """Read the whole text."""
        found = self._joined("or", lambda: self._joined("and", self._condition, ","))
        if self._next[0]:
            raise self._stops()
        return found

    def _split(self):
        at = 0
        while at < len(self._text):
            match = _TOKEN.match(self._text, at)
            if match is None:
                raise must("claim", 'be a condition such as "x*(1 - x) <= 1/4"', got=f"{self._text[at:][:20]!r}")
            if match.lastgroup:
                token = _SPELLINGS.get(match[0], match[0])
                yield token, match.lastgroup if token == match[0] or token[0] == "\\" else "sign", at
            at = match.end()

    @property
    def _next(self) -> tuple[str, str, int]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "end", len(self._text))

    def _take(self, *wanted: str) -> str:
        token = self._next[0]
        if token not in wanted or not token:
            return ""
        self._at += 1
        return token

    def _need(self, wanted: str) -> None:
        if not self._take(wanted):
            raise self._stops(f", where {wanted} is missing")

    def _stops(self, why: str = "") -> ProblemError:
        rest = self._text[self._next[2] :][:20]
        return must(
            "claim", 'be a condition such as "x*(1 - x) <= 1/4"', got=f"{rest!r}{why}" if rest else f"its end{why}"
        )

    def _joined(self, word: str, part: Callable[[], Boolean], also: str = "") -> Boolean:
        parts = [part()]
        while self._take(word, also):
            parts.append(part())
        return (And if word == "and" else Or)(*parts) if len(parts) > 1 else parts[0]

    def _condition(self) -> Boolean:
        sides, relations = [self._sum()], []
        while sign := self._take(*_RELATIONS):
            relations.append(_RELATIONS[sign])
            sides.append(self._sum())
        if not relations:
            raise self._stops()
        links = [relation(*pair) for relation, pair in zip(relations, pairwise(sides), strict=True)]
        return And(*links) if len(links) > 1 else links[0]

    def _sum(self) -> sp.Expr:
        total = self._product()
        while sign := self._take("+", "-"):
            total = total + self._product() if sign == "+" else total - self._product()
        return total

    def _product(self) -> sp.Expr:
        result = self._signed()
        while True:
            if sign := self._take("*", "/"):
                result = result * self._signed() if sign == "*" else result / self._signed()
            elif (self._next[1] in ("number", "word") and self._next[0] not in ("and", "or")) or self._next[0] in (
                "(",
                "{",
            ):
                result = result * self._power()
            else:
                return result

    def _signed(self) -> sp.Expr:
        if sign := self._take("-", "+"):
            return -self._signed() if sign == "-" else self._signed()
        return self._power()

    def _power(self) -> sp.Expr:
        base = self._atom()
        return base ** self._signed() if self._take("^") else base

    def _atom(self) -> sp.Expr:
        token, kind, _ = self._next
        if kind == "number":
            self._at += 1
            return sp.Rational(token)
        for opening, closing in (("(", ")"), ("[", "]"), ("{", "}"), ("|", "|")):
            if self._take(opening):
                inner = self._sum()
                self._need(closing)
                return sp.Abs(inner) if opening == "|" else inner
        if self._take("\\frac"):
            return self._atom() / self._atom()
        if kind == "word":
            return self._named()
        raise self._stops()

    def _named(self) -> sp.Expr:
        word, _, place = self._next
        plain = word.removeprefix("\\")
        if self._letters and not word.startswith("\\") and len(word) > 1 and self._split_word(word, place):
            word = plain = word[0]
        self._at += 1
        name = plain + self._subscript(plain)
        function = _FUNCTIONS.get(name) or _FUNCTIONS.get(name.lower())
        if function is not None and (self._next[0] in ("(", "{", "[") or plain in ("log", "ln", "exp", "sqrt")):
            return self._applied(name, function)
        if name in self._symbols:
            return self._symbols[name]
        if len(word) > 1 and not word.startswith("\\") and name == word and self._next[0] == "(":
            raise must("claim", f"use functions such as {', '.join(_FUNCTIONS)}", got=f"{name}(...)")
        return _CONSTANTS[name] if name in _CONSTANTS else sp.Symbol(name, real=True)

    def _split_word(self, word: str, place: int) -> bool:
        """Take a word of LaTeX apart into its letters; names of functions and "and" stay whole."""
        if word.lower() in _FUNCTIONS or word in ("and", "or", "KL"):
            return False
        letters = [(letter, "word", place + i) for i, letter in enumerate(word)]
        self._tokens[self._at : self._at + 1] = letters
        return True

    def _subscript(self, plain: str) -> str:
        """The rest of a name: `_X`, `_{min}`, or of a plain text `_b_inv`."""
        parts = ""
        while self._take("_"):
            braced = bool(self._take("{"))
            part = ""
            while self._next[1] in ("word", "number") and (braced or not part):
                part += self._next[0].removeprefix("\\")
                self._at += 1
            if braced:
                self._need("}")
            if not part:
                raise self._stops()
            parts += f"_{part}"
        return parts

    def _applied(self, name: str, function: Callable[..., sp.Expr]) -> sp.Expr:
        for opening, closing in (("(", ")"), ("{", "}"), ("[", "]")):
            if self._take(opening):
                args = [self._sum()]
                while self._take(","):
                    args.append(self._sum())
                self._need(closing)
                break
        else:
            args = [self._power()]
        try:
            return function(*args)
        except TypeError:
            raise must("claim", f"give {name} the right number of arguments", got=f"{len(args)}") from None


def real(value: object) -> sp.Basic:
    """Read floats as the decimals that they print as."""
    expr = sp.sympify(value, strict=True)
    if not isinstance(expr, sp.Basic):
        raise TypeError(f"not an expression: {value!r}")
    floats = {number: sp.Rational(str(float(number))) for number in expr.atoms(sp.Float)}
    return expr.xreplace(floats) if floats else expr
