"""A step of a proof: a claim, why it holds, and a check that proves it again.

Three ways of checking are tried, from the strongest to the weakest:

* *symbolic*: both sides are the same rational function (of logarithms, entropies and roots taken as atoms), or the sign
  follows from the assumptions;
* *orderings*: a claim about which of finitely many quantities is larger is tried on every ordering of them;
* *balls*: the claim is evaluated in ball arithmetic at random points that satisfy the assumptions.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from functools import cached_property

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Implies

from drc.errors import must
from drc.expressions import compile_expression
from drc.expressions.content import ByContent
from drc.numbers import finite, seed_given, whole

Domain = Mapping[sp.Symbol, tuple[sp.Rational, sp.Rational]]
Definitions = tuple[tuple[sp.Symbol, sp.Expr], ...]

_PRECISION = 256
_GRID = 2**20


class Verdict(Enum):
    """What a check found."""

    TRUE = "True"
    UNKNOWN = "Unknown"
    FALSE = "False"


@dataclass(frozen=True)
class Check:
    """The outcome of checking one claim: the verdict, the method, and a witness if it is false."""

    verdict: Verdict
    method: str
    witness: Mapping[str, float] | None = None

    def __str__(self) -> str:
        where = "" if self.witness is None else f" at {', '.join(f'{k} = {v:g}' for k, v in self.witness.items())}"
        return f"{self.verdict.value} ({self.method}){where}"


@dataclass(frozen=True, eq=False)
class Step(ByContent):
    """A claim and the reason for it.

    Attributes
    ----------
    claim : sympy boolean
    because : str
        The reason, in the words of a proof.
    given : sympy boolean
        What the claim assumes, beyond the domain.
    definitions : pairs of symbol and expression
        The abbreviations in force, in the order they were made.
    domain : mapping from symbol to an interval
        Where the free symbols live, for sampling.
    defines : str
        For a definition, what it means in words; else empty.

    Raises
    ------
    ProblemError
        If claim or assumption is not a condition, or the domain of a symbol is not an interval.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> Step(sp.Le(2 * x - x**2, 1), "it is a square", domain={x: (sp.Integer(-5), sp.Integer(5))}).check().verdict
    <Verdict.TRUE: 'True'>
    """

    claim: Boolean
    because: str
    given: Boolean = sp.true
    definitions: Definitions = ()
    domain: Domain = field(default_factory=dict)
    defines: str = ""

    def __post_init__(self) -> None:
        for name in ("claim", "given"):
            condition = sp.sympify(getattr(self, name))
            if not isinstance(condition, Boolean) or isinstance(condition, sp.Symbol):
                raise must(name, "be a condition, such as x <= 1", condition)
            object.__setattr__(self, name, condition)
        for symbol, ends in self.domain.items():
            if not finite(f"{symbol}", ends[0]) <= finite(f"{symbol}", ends[1]):
                raise must(f"the domain of {symbol}", "be (low, high) with low <= high", ends)

    @cached_property
    def key(self) -> Hashable:
        """What the outcome of a check depends on: equal for steps that say the same."""
        letters = {*self.claim.free_symbols, *self.given.free_symbols}
        needed = []
        for symbol, value in reversed(self.definitions):
            if symbol in letters:
                letters |= value.free_symbols
                needed.append((symbol, value))
        domain = frozenset((letter, self.domain[letter]) for letter in letters if letter in self.domain)
        return self.claim, self.given, tuple(needed), domain, bool(self.defines)

    def check(self, *, points: int = 24, seed: int = 0) -> Check:
        """Prove the claim again.

        Parameters
        ----------
        points : int
            How many random points to try when nothing stronger applies.
        seed : int
            Seed of those points.

        Raises
        ------
        ProblemError
            For a function that cannot be evaluated here, such as `sin`, and for points or a seed that are not whole numbers.
        """
        points, seed = whole("points", points, 1), seed_given(seed)
        if self.defines:
            return Check(Verdict.TRUE, "definition")
        if self._holds_symbolically(self.claim):
            return Check(Verdict.TRUE, "symbolic")
        return self._over_orderings() or self._at_points(points, seed)

    def _holds_symbolically(self, claim: Boolean) -> bool:
        if claim == True:  # noqa: E712 (sympy's true, not Python's)
            return True
        if isinstance(claim, And):
            return all(self._holds_symbolically(part) for part in claim.args)
        if isinstance(claim, Implies):
            return self._holds_symbolically(claim.args[1])
        if isinstance(claim, sp.Eq):
            return self._is_zero(claim.lhs - claim.rhs)
        return False

    def _is_zero(self, difference: sp.Expr) -> bool:
        if difference.has(sp.oo, sp.nan):
            return False
        if sp.cancel(difference) == 0:
            return True
        opened = difference
        for symbol, value in reversed(self.definitions):
            if value.is_rational_function():
                opened = opened.subs(symbol, value)
        return opened != difference and sp.cancel(opened) == 0

    def _over_orderings(self) -> Check | None:
        relations = self.claim.atoms(Relational) | self.given.atoms(Relational)
        sides = {side for relation in relations for side in relation.args}
        if not relations or len(sides) > 7 or not all(s.is_Symbol or s.is_number for s in sides):
            return None
        given, claim, tried = compile_expression(self.given), compile_expression(self.claim), 0
        for values in weak_orderings(sides):
            if not given(values):
                continue
            tried += 1
            if not claim(values):
                return None  # the quantities may not be free: leave the verdict to the balls
        return Check(Verdict.TRUE, f"all {tried} orderings") if tried else None

    def _at_points(self, points: int, seed: int) -> Check:
        from drc.expressions.balls import holds

        known = {*self.domain, *(symbol for symbol, _ in self.definitions)}
        if unknown_symbols := (self.claim.free_symbols | self.given.free_symbols) - known:
            return Check(Verdict.UNKNOWN, f"balls: no domain for {', '.join(sorted(map(str, unknown_symbols)))}")
        found, unknown = 0, 0
        for where, point in self._points(seed, tries=200 * points):
            truth = holds(self.claim, point)
            if truth is False:
                return Check(Verdict.FALSE, "balls", where)
            found, unknown = found + 1, unknown + (truth is None)
            if found == points:
                break
        if found < min(points, 8) or unknown:
            return Check(Verdict.UNKNOWN, f"balls: {unknown} of {found} points undecided")
        return Check(Verdict.TRUE, f"balls at {found} points")

    def _points(self, seed: int, tries: int) -> Iterator[tuple[dict[str, float], dict]]:
        """Yield random points of the domain that satisfy the assumptions, with all abbreviations evaluated."""
        from flint import arb, ctx, fmpq

        from drc.expressions.balls import ball, holds

        rng = random.Random(seed)
        # Most points fail the assumptions: what these do not need is evaluated for the others only.
        first = self._needed(self.given)
        rest = [d for d in self._needed(And(self.given, self.claim, evaluate=False)) if d not in first]
        with ctx.workprec(_PRECISION):
            for _ in range(tries):
                exact = {s: _draw(rng, low, high) for s, (low, high) in self.domain.items()}
                point = {s: arb(fmpq(x.numerator, x.denominator)) for s, x in exact.items()}
                for symbol, value, needs in first:
                    if needs <= point.keys():
                        point[symbol] = ball(value, point)
                if holds(self.given, point):
                    for symbol, value, needs in rest:
                        if needs <= point.keys():
                            point[symbol] = ball(value, point)
                    yield {s.name: float(x) for s, x in exact.items()}, point

    def _needed(self, condition: sp.Basic) -> list[tuple[sp.Symbol, sp.Expr, set[sp.Basic]]]:
        """The definitions that a condition uses, directly or through others, in order, with what each needs."""
        needed, kept = set(condition.free_symbols), []
        for symbol, value in reversed(self.definitions):
            if symbol in needed:
                kept.append((symbol, value, value.free_symbols))
                needed |= value.free_symbols
        return kept[::-1]


def _draw(rng: random.Random, low: sp.Rational, high: sp.Rational) -> Fraction:
    # The ends and the middle of the interval are the corners of a theorem, so they are tried often.
    corner = rng.choice((Fraction(0), Fraction(1, 2), Fraction(1)))
    share = corner if rng.random() < 0.15 else Fraction(rng.randrange(1, _GRID), _GRID)
    return finite("low", low) * (1 - share) + finite("high", high) * share


def weak_orderings(quantities: set[sp.Expr]) -> Iterator[dict[str, float]]:
    """Yield one assignment of values for every ordering, with ties, of some quantities; numbers keep theirs.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> len(list(weak_orderings({x, y}))), len(list(weak_orderings({x, sp.Integer(0)})))
    (3, 3)
    """
    numbers = sorted(float(q) for q in quantities if q.is_number)
    symbols = sorted(str(q) for q in quantities if not q.is_number)

    def insert(rest: list[str], groups: list[tuple[float | None, tuple[str, ...]]]):
        if not rest:
            yield _spread(groups)
            return
        name, *others = rest
        for i, (value, members) in enumerate(groups):
            yield from insert(others, [*groups[:i], (value, (*members, name)), *groups[i + 1 :]])
        for i in range(len(groups) + 1):
            yield from insert(others, [*groups[:i], (None, (name,)), *groups[i:]])

    yield from insert(symbols, [(number, ()) for number in numbers])


def _spread(groups: list[tuple[float | None, tuple[str, ...]]]) -> dict[str, float]:
    """Give every group of ties a value: numbers have theirs, the others lie evenly between them."""
    fixed = [(i, value) for i, (value, _) in enumerate(groups) if value is not None] or [(-1, 0.0)]
    (first, low), (last, high) = fixed[0], fixed[-1]
    places = [i for i, _ in fixed]
    values = [v for _, v in fixed]
    result = {}
    for i, (_, members) in enumerate(groups):
        inside = float(np.interp(i, places, values))
        value = low - (first - i) if i < first else high + (i - last) if i > last else inside
        result.update(dict.fromkeys(members, value))
    return result
