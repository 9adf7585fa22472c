"""Statements about entropies and mutual informations, read from text.

A statement is a relation between two sums, such as `I(X;Y|U) <= H(Z|U)` or `H(X,Y) - 2/3 I(X;Z) = 0`, or a Markov chain,
such as `X -> Y -> Z`.  Whatever it is, it says that some linear forms in joint entropies are at least zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import chain, combinations

from drc.errors import ProblemError, brief, must
from drc.numbers import finite

Names = tuple[str, ...]

#: Exact arithmetic, and the linear program, stay small up to here.
MOST_VARIABLES = 7

_TOKEN = re.compile(r"\s*(->|<=|>=|==|[A-Za-z]\w*|[0-9]+(?:\.[0-9]+)?(?:/[0-9]+)?|\S|$)")
_NAME = re.compile(r"[A-Za-z]\w*")


@dataclass(frozen=True)
class Quantity:
    """An entropy `H(A|C)`, a mutual information `I(A;B|C)`, or, with more parts, an interaction information.

    Examples
    --------
    >>> print(Quantity((("X",), ("Y", "Z")), ("U",)))
    I(X;Y,Z|U)
    """

    parts: tuple[Names, ...]
    given: Names = ()

    @cached_property
    def entropies(self) -> dict[frozenset[str], int]:
        """The joint entropies that it is a sum of, by inclusion and exclusion over its parts."""
        found: dict[frozenset[str], int] = {}
        for count in range(len(self.parts) + 1):
            for some in combinations(self.parts, count):
                joint = frozenset(chain(self.given, *some))
                found[joint] = found.get(joint, 0) - (-1) ** count
        return found

    @property
    def is_nonnegative(self) -> bool:
        """Whether it is at least zero for every distribution: entropies and mutual informations are."""
        return len(self.parts) in (1, 2)

    def __str__(self) -> str:
        parts = ";".join(",".join(part) for part in self.parts)
        given = f"|{','.join(self.given)}" if self.given else ""
        return f"{'H' if len(self.parts) == 1 else 'I'}({parts}{given})"


@dataclass(frozen=True)
class Form:
    """A sum of quantities with rational coefficients.

    Examples
    --------
    >>> print(Form(((Fraction(1), Quantity((("X",),))), (Fraction(-1, 2), Quantity((("X",), ("Y",)))))))
    H(X) - 1/2 I(X;Y)
    """

    terms: tuple[tuple[Fraction, Quantity], ...]

    @cached_property
    def entropies(self) -> dict[frozenset[str], Fraction]:
        """The same sum in joint entropies, without those that cancel."""
        found: dict[frozenset[str], Fraction] = {}
        for coefficient, quantity in self.terms:
            for joint, count in quantity.entropies.items():
                found[joint] = found.get(joint, Fraction(0)) + Fraction(coefficient) * count
        return {joint: coefficient for joint, coefficient in found.items() if joint and coefficient}

    @cached_property
    def scaled(self) -> dict[frozenset[str], float]:
        """The same in doubles, times a positive number that makes the largest coefficient one."""
        largest = max(map(abs, self.entropies.values()), default=1)
        return {joint: float(coefficient / largest) for joint, coefficient in self.entropies.items()}

    @property
    def names(self) -> Names:
        """The variables, in the order in which they appear."""
        return tuple(dict.fromkeys(n for _, q in self.terms for n in chain(*q.parts, q.given)))

    def __neg__(self) -> Form:
        return Form(tuple((-coefficient, quantity) for coefficient, quantity in self.terms))

    def __str__(self) -> str:
        return written_sum((coefficient, str(quantity)) for coefficient, quantity in self.terms)


def written_sum(terms: Iterable[tuple[Fraction, str]]) -> str:
    """Write a sum.

    Examples
    --------
    >>> written_sum([(Fraction(-1), "H(X)"), (Fraction(3, 2), "H(Y)")])
    '-H(X) + 3/2 H(Y)'
    """
    text = " ".join(f"{'-' if c < 0 else '+'} {f'{abs(c)} ' if abs(c) != 1 else ''}{term}" for c, term in terms)
    return f"-{text[2:]}" if text.startswith("-") else text[2:] or "0"


def latex(text: str) -> str:
    r"""Set a statement, or a line of its proof, as a formula.

    Examples
    --------
    >>> print(latex("I(X_1;Y|U) <= 1/2 H(Z_12|U)"))
    I(X_1; Y \mid U) \le \tfrac{1}{2} H(Z_{12} \mid U)
    """
    text = re.sub(r"([0-9]+)/([0-9]+)", r"\\tfrac{\1}{\2}", re.sub(r"_(\w{2,})", r"_{\1}", text))
    signs = {"|": r" \mid ", ";": "; ", "*": "", "<=": r"\le", ">=": r"\ge", "==": "=", "->": r"\to"}
    return re.sub("|".join(map(re.escape, signs)), lambda sign: signs[sign[0]], text)


@dataclass(frozen=True)
class Statement:
    """An inequality, an equation or a Markov chain, read from text: it says that each of some forms is at least zero.

    Parameters
    ----------
    text : str
        Sums of entropies `H(A|C)` and mutual informations `I(A;B|C)`, where `A`, `B` and `C` are lists of variables such as
        `X,Y_1`, with rational coefficients, related by `<=`, `>=` or `=`; or variables, or lists of them, joined by `->`.
    name : str
        What to call it in messages.

    Attributes
    ----------
    bounds : tuple of Form
        What is at least zero; of an equation a form and its negative.

    Raises
    ------
    ProblemError
        If it is something else; the message says where it stops being a statement.

    Examples
    --------
    >>> [str(bound) for bound in Statement("X -> Y -> Z").bounds]
    ['I(X;Z|Y)', '-I(X;Z|Y)']
    >>> Statement("H(X;Y) = 0")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: claim must be an ... "I(X;Y) <= H(X)", got 'H(X;Y) = 0', which stops making sense at ';Y) = 0'
    """

    text: str
    name: InitVar[str] = "claim"
    bounds: tuple[Form, ...] = field(init=False, repr=False)

    def __post_init__(self, name: str) -> None:
        if not isinstance(self.text, str):
            raise must(name, _NEEDS, self.text)
        object.__setattr__(self, "bounds", _Reader(self.text, name).statement())

    def __str__(self) -> str:
        return self.text


_NEEDS = 'be an information inequality such as "I(X;Y) <= H(X)"'


class _Reader:
    """Reads a statement from left to right; one method for each part of its grammar."""

    def __init__(self, text: str, name: str) -> None:
        self.text, self.name = text, name
        self.tokens = [(found.start(1), found[1]) for found in _TOKEN.finditer(text)]
        self.place = 0

    @property
    def next(self) -> str:
        """The token that comes next; empty at the end."""
        return self.tokens[self.place][1]

    def take(self) -> str:
        """Read one token."""
        self.place += 1
        return self.tokens[self.place - 1][1]

    def fault(self, place: int | None = None) -> ProblemError:
        """The error that says from where on the text makes no sense: from the next token, or from an earlier one."""
        start, _ = self.tokens[self.place if place is None else place]
        rest = self.text[start:].strip()
        where = f"which stops making sense at {brief(rest)}" if rest else "which is cut short"
        return must(self.name, _NEEDS, got=f"{brief(self.text)}, {where}")

    def expect(self, *tokens: str) -> str:
        """Read one token, which must be one of these."""
        if self.next not in tokens:
            raise self.fault()
        return self.take()

    def statement(self) -> tuple[Form, ...]:
        """Read a whole text: the forms that it says are at least zero."""
        if "->" in self.text:
            forms, equal = self.markov_chain(), True
        else:
            left, relation, right = self.sum(), self.expect("<=", ">=", "=", "=="), self.sum()
            more, less = (right, left) if relation == "<=" else (left, right)
            forms, equal = [Form(more.terms + (-less).terms)], relation in ("=", "==")
        self.expect("")
        self.distinct({name for form in forms for name in form.names})
        return tuple(bound for form in forms for bound in ((form, -form) if equal else (form,)))

    def distinct(self, names: set[str]) -> None:
        """A name must not be a list of others that lacks its commas."""
        for name in sorted(names):
            if len(name) > 1 and names.issuperset(name):
                raise must(self.name, f"have commas between variables: {','.join(name)}", got=name)

    def markov_chain(self) -> list[Form]:
        """Given each variable, the next one is independent of all those before."""
        links = [self.names()]
        while len(links) < 3 or self.next == "->":
            self.expect("->")
            links.append(self.names())
        triples = ((sum(links[: i - 1], ()), links[i - 1], links[i]) for i in range(2, len(links)))
        return [Form(((Fraction(1), Quantity((past, future), now)),)) for past, now, future in triples]

    def sum(self) -> Form:
        """Read one side of a relation: a sum of quantities with factors."""
        terms, sign = [], self.take() if self.next in ("+", "-") else "+"
        while sign:
            place, factor = self.place, Fraction(1)
            if self.next[:1].isdigit():
                factor = finite(self.name, self.take())
                if self.next == "*":
                    self.take()
                # A zero may stand alone; any other number would need a unit.
                elif factor and self.next not in ("H", "I"):
                    raise self.fault(place)
            if factor or self.next in ("H", "I"):
                terms.append((-factor if sign == "-" else factor, self.quantity()))
            sign = self.take() if self.next in ("+", "-") else ""
        return Form(tuple(terms))

    def quantity(self) -> Quantity:
        """Read an entropy or a mutual information."""
        kind = self.expect("H", "I")
        self.expect("(")
        parts = [self.names()]
        while kind == "I" and (len(parts) < 2 or (self.next == ";" and len(parts) < MOST_VARIABLES)):
            self.expect(";")
            parts.append(self.names())
        given = self.names() if self.next == "|" and self.take() else ()
        self.expect(")")
        return Quantity(tuple(parts), given)

    def names(self) -> Names:
        """Read variables, with commas between them."""
        found = []
        while not found or (self.next == "," and self.take()):
            if not _NAME.fullmatch(self.next):
                raise self.fault()
            found.append(self.take())
        return tuple(found)
