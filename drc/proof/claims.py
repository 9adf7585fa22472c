r"""Reading a claim that somebody has typed, as plain text or as LaTeX.

    x*(1 - x) <= 1/4        0 <= q < 1/2 and H_b(q) < 1        \frac{x}{1+x} \le \log(1+x)        2^{-2R} \le 1

A claim is a chain of comparisons, or several joined by "and", "or" or commas.  Nothing is run: the text is read by the
grammar below, in which a product may be written without a sign.  In a plain text `x1` and `q_S1` are names; in LaTeX, which
a backslash or a brace makes of it, every letter is a name of its own.  What could be meant in two ways is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

import sympy as sp
from sympy.core.alphabets import greeks
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Or

from drc.errors import ProblemError, brief, must
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
    "\\{": "{",
    "\\}": "}",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
}
_CONSTANTS = {"pi": sp.pi, "oo": sp.oo, "infty": sp.oo}
_FUNCTIONS: Mapping[str, Callable[..., sp.Expr]] = {
    "log": sp.log,
    "ln": sp.log,
    "log2": lambda x: sp.log(x) / sp.log(2),
    "log_2": lambda x: sp.log(x) / sp.log(2),
    "log10": lambda x: sp.log(x) / sp.log(10),
    "log_10": lambda x: sp.log(x) / sp.log(10),
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
#: Functions that may stand before one factor, without parentheses.
_BARE = ("log", "ln", "exp", "sqrt")
#: Words that claims do not have, and that a product without a sign would take for names.
_FOREIGN = re.compile(
    "sin|cos|tan|sinh|cosh|tanh|arcsin|arccos|arctan|erf|sign|mod|floor|ceil|sum|int|lim|inf|sup|arg"
    "|not|implies|iff|if|then|else|for|all|exists|where|with|such|that|given"
)
_GREEK = frozenset({*greeks, "varepsilon", "vartheta", "varpi", "varrho", "varsigma", "varphi", "ell"})
#: Commands that set a name upright.
_UPRIGHT = ("\\mathrm", "\\operatorname", "\\text", "\\mathsf")
_SKIPPED = r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|,|;|!|:|quad|qquad)(?![A-Za-z])|\\ |[$&~\s]"


def _tokens(word: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:{_SKIPPED})+|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?P<word>{word})"
        r"|(?P<sign><=|>=|!=|==|\*\*|\\[{}]|[-+*/^_(){}\[\]|,<>=≤≥≠])"
    )


_PLAIN, _LATEX = _tokens("[A-Za-z][A-Za-z0-9]*"), _tokens(r"log2(?![A-Za-z0-9])|\\?[A-Za-z]+")


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
        #: Names that no symbol had before, and those of them that only ever stand before a parenthesis.
        self._new: set[str] = set()
        self._called: set[str] = set()

    def claim(self) -> Boolean:
        """Read the whole text."""
        found = self._joined("or", lambda: self._joined("and", self._condition, ","))
        if self._next[0]:
            raise self._stops()
        known = self._new.union(self._symbols)
        for name in sorted(self._called - self._new):
            raise must("claim", f"be clear: {name}*(...), or {name} with a domain", got=f"{name}(...)")
        for name in sorted(self._new - _GREEK):
            if len(name) > 1 and known.issuperset(name):
                raise must("claim", f"be clear: {'*'.join(name)}, or {name} with a domain", got=name)
        return found

    def _split(self):
        at, tokens = 0, _LATEX if self._letters else _PLAIN
        while at < len(self._text):
            match = tokens.match(self._text, at)
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
        # Evaluated, `H_b(2 x) >= 0` would be true even where it has no value.
        links = [relation(*pair, evaluate=False) for relation, pair in zip(relations, pairwise(sides), strict=True)]
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
            elif self._factor_follows():
                result = result * self._power()
            else:
                return result

    def _factor_follows(self) -> bool:
        """Whether a product goes on without a sign; before a number it needs one."""
        token, kind, _ = self._next
        return token in ("(", "{") or (kind == "word" and token not in ("and", "or"))

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
        if self._take("\\sqrt"):
            degree = self._bracketed() if self._next[0] == "[" else sp.Integer(2)
            return self._atom() ** (1 / degree)
        if kind == "word":
            return self._named()
        raise self._stops()

    def _named(self) -> sp.Expr:
        word, _, place = self._next
        if self._letters and not word.startswith("\\") and len(word) > 1 and self._split_word(word, place):
            word = word[0]
        self._at += 1
        plain = self._braced() if word in _UPRIGHT else word.removeprefix("\\")
        name = plain + self._subscript(plain)
        function = _FUNCTIONS.get(name) or _FUNCTIONS.get(name.lower())
        if function is not None and (self._next[0] in ("(", "{", "[") or plain.lower() in _BARE):
            return self._applied(name, function)
        if name in self._symbols:
            return self._symbols[name]
        return self._constant(word, name) or self._symbol(word, plain, name)

    def _constant(self, word: str, name: str) -> sp.Expr | None:
        if name == "e" and word in _UPRIGHT:
            return sp.E
        if name == "e":
            raise must("claim", "write exp(x) for a power of Euler's number, or give e a domain", got="e")
        return _CONSTANTS.get(name)

    def _symbol(self, word: str, plain: str, name: str) -> sp.Symbol:
        """Make a symbol of a name, unless it is that of something else."""
        called = self._next[0] == "("
        if name in _FUNCTIONS or plain in _FUNCTIONS:
            raise must("claim", f"give {name} its argument in parentheses", got=f"{name}{self._rest()}")
        if _FOREIGN.fullmatch(plain) or (called and len(name) > 1 and "\\" not in word and name == word):
            raise must("claim", f"use functions such as {', '.join(_FUNCTIONS)}", got=f"{name}{'(...)' * called}")
        if word.startswith("\\") and word not in _UPRIGHT and plain not in _GREEK:
            raise must("claim", "use Greek letters and other LaTeX that is read here", got=word)
        (self._called if called else self._new).add(name)
        return sp.Symbol(name, real=True)

    def _split_word(self, word: str, place: int) -> bool:
        """Take a word of LaTeX apart into its letters; names of functions and "and" stay whole."""
        if word.lower() in _FUNCTIONS or word in ("and", "or", "KL"):
            return False
        letters = [(letter, "word", place + i) for i, letter in enumerate(word)]
        self._tokens[self._at : self._at + 1] = letters
        return True

    def _subscript(self, plain: str) -> str:
        """The rest of a name: `_X`, `_{min}`, `_{S_1}`, or of a plain text `_b_inv`."""
        parts = ""
        while self._take("_"):
            part = self._braced().replace("_", "") if self._next[0] == "{" else self._one_part(plain + parts)
            if not part.isalnum():
                raise self._stops()
            parts += f"_{part}"
        return parts

    def _braced(self) -> str:
        """A name within braces, such as `H_b` or `S_1`."""
        self._need("{")
        name = ""
        while not self._take("}"):
            word, kind, _ = self._next
            if kind not in ("word", "number") and word != "_":
                raise self._stops(", where } is missing")
            self._at += 1
            name += self._braced() if word in _UPRIGHT else word.removeprefix("\\")
        return name

    def _one_part(self, before: str) -> str:
        """A subscript without braces, which in LaTeX is one letter or digit only."""
        part, kind, _ = self._next
        if kind not in ("word", "number"):
            raise self._stops()
        self._at += 1
        if part in _UPRIGHT:
            return self._braced()
        of_function = any(name.startswith(f"{before}_{part}") for name in _FUNCTIONS)
        if self._letters and len(part) > 1 and part[0] != "\\" and not of_function:
            raise must("claim", f"have braces: {before}_{{{part}}}", got=f"{before}_{part}")
        return part.removeprefix("\\")

    def _rest(self) -> str:
        return brief(self._text[self._next[2] :][:20])[1:-1]

    def _bracketed(self) -> sp.Expr:
        self._need("[")
        inner = self._sum()
        self._need("]")
        return inner

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
            if self._factor_follows() and self._next[0].removeprefix("\\") not in _FUNCTIONS:
                raise self._stops(f", where the argument of {name} needs parentheses")
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
