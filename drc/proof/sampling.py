"""Trying a claim at random points of its domain, in ball arithmetic: evidence, not proof, and a way to find a witness."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.logic.boolalg import And, Boolean

from drc.errors import must
from drc.expressions.balls import ball, holds
from drc.expressions.forms import all_of, replaced, used_definitions
from drc.information.function import OfNumbers
from drc.numbers import read
from drc.proof.cover.intervals import conditions
from drc.proof.decide.real import known_of, letters
from drc.proof.verdict import Check, Verdict

Domain = Mapping[sp.Symbol, sp.Set]
Definitions = tuple[tuple[sp.Symbol, sp.Expr], ...]

#: An assumption, and the definitions that it needs.
_Assumption = tuple[sp.Basic, Definitions]

#: Whether it is an upper bound, the bound, and the definitions that it needs.
_Bound = tuple[bool, sp.Expr, Definitions]

#: What symbols live in.
REALS = sp.Interval(-sp.oo, sp.oo)
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
UNIT = sp.Interval(0, 1)

_INFINITE = {"oo": sp.oo, "inf": sp.oo, "-oo": -sp.oo, "-inf": -sp.oo}

_PRECISION = 256

#: A claim that balls of the usual precision do not decide is tried in finer ones, as points far out need.
_PRECISIONS = (_PRECISION, 16 * _PRECISION)
_GRID = 2**20

#: Most random points fail the assumptions: this many are drawn for each that is wanted.
_TRIES = 200

#: A claim counts as sampled if at least this many points satisfy its assumptions.
_FEWEST = 8


def interval(symbol: sp.Symbol, given: object) -> sp.Set:
    """Read the domain of a symbol: an interval of sympy, or a pair of its ends.

    Raises
    ------
    ProblemError
        If it is neither.
    """
    if given == sp.S.Reals:
        return REALS
    if isinstance(given, sp.Interval):
        return given
    if isinstance(given, sp.FiniteSet) and len(given) == 1:
        return given
    try:
        ends: Any = given
        low, high = (_end(f"an end of the domain of {symbol}", end) for end in ends)
    except (TypeError, ValueError):
        low, high = sp.S.One, sp.S.Zero
    if not low <= high:
        raise must(f"the domain of {symbol}", "be an interval, or (low, high) with low <= high", given)
    return sp.Interval(low, high)


def _end(name: str, end: object) -> sp.Expr:
    infinite = _INFINITE.get(str(end))
    if infinite is None:
        # Of a text the exponent may be too large to be written out.
        return sp.Rational(read(name, end) if isinstance(end, str) else str(end))
    return infinite


def sample(
    claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain, *, points: int, seed: int
) -> Check:
    """Try a claim at points that satisfy its assumptions.

    Parameters
    ----------
    claim, given : conditions
    definitions : abbreviations, in the order they were made
    domain : where points are drawn from
    points : how many
    seed : of the points
    """
    known = {*domain, *(symbol for symbol, _ in definitions)}
    if unknown := (claim.free_symbols | given.free_symbols) - known:
        return Check(Verdict.UNKNOWN, f"no domain for {', '.join(sorted(map(str, unknown)))}")
    given, domain = _drawn(given, definitions, domain)
    found, undecided = 0, 0
    needed = used_definitions(letters(all_of(given, claim)), definitions)
    for exact in _points(claim, given, definitions, domain, random.Random(seed), _TRIES * points):
        truth = None
        for precision in _PRECISIONS:
            with ctx.workprec(precision):
                truth = _truth(claim, _evaluated(exact, needed)) if truth is None else truth
        if truth is False:
            return Check(Verdict.REFUTED, "balls", {s.name: float(x) for s, x in exact.items()})
        found, undecided = found + 1, undecided + (truth is None)
        if found == points:
            break
    if found < min(points, _FEWEST) or undecided:
        return Check(Verdict.UNKNOWN, f"{undecided} of {found} points undecided")
    return Check(Verdict.SAMPLED, f"{found} points")


def values_at(point: Mapping[sp.Symbol, str], definitions: Definitions) -> dict[sp.Symbol, arb]:
    """Evaluate abbreviations at one point, given by decimals."""
    exact = {symbol: Fraction(value) for symbol, value in point.items()}
    with ctx.workprec(_PRECISION):
        return _evaluated(exact, definitions)


def refuted_at(
    witness: Mapping[sp.Symbol, sp.Rational], claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain
) -> Check | None:
    """Try a claim at one point; None if it is not false there."""
    given, domain = _drawn(given, definitions, domain)
    exact = {s: Fraction(int(x.p), int(x.q)) for s, x in witness.items() if s in domain}
    if any(witness[s] not in domain[s] for s in exact):
        return None
    with ctx.workprec(_PRECISION):
        try:
            point = _evaluated(exact, used_definitions(letters(all_of(given, claim)), definitions))
            if _is_met(given, point) and _truth(claim, point) is False:
                return Check(Verdict.REFUTED, "real arithmetic", {s.name: float(x) for s, x in exact.items()})
        except (ValueError, KeyError):
            return None
    return None


def _drawn(given: Boolean, definitions: Definitions, domain: Domain) -> tuple[Boolean, Domain]:
    """Where symbols are drawn from; an abbreviation is not drawn, and its domain is an assumption on what it stands for."""
    defined = {symbol for symbol, _ in definitions}
    inside = (ends.as_relational(symbol) for symbol, ends in domain.items() if symbol in defined)
    return And(given, *inside), {symbol: ends for symbol, ends in domain.items() if symbol not in defined}


def _is_met(given: Boolean, point: Mapping[sp.Symbol, arb]) -> bool:
    """Whether an assumption holds at a point; one without a meaning there does not."""
    return bool(holds(given, point)) and _has_meaning(given, point)


def _truth(claim: Boolean, point: Mapping[sp.Symbol, arb]) -> bool | None:
    """Whether a claim holds at a point, up to rounding; it is false only where balls that overlap do not hide its truth."""
    truth = holds(claim, point)
    return None if truth is False and not _is_false(claim, point) else truth


def _is_false(claim: Boolean, point: Mapping[sp.Symbol, arb]) -> bool:
    """Whether a claim is certainly false at a point, where it has a meaning."""
    return holds(claim, point, lenient=False) is False and _has_meaning(claim, point)


def _has_meaning(condition: Boolean, point: Mapping[sp.Symbol, arb]) -> bool:
    """Whether all parts of a condition have a value; balls have one also where an entropy, or an information, has none."""
    return condition.has(sp.Piecewise) or all(holds(needed, point) is not False for needed in _needed(condition))


@lru_cache(maxsize=512)
def _needed(condition: Boolean) -> tuple[Boolean, ...]:
    """What must hold wherever a condition is to have a meaning."""
    defined = []
    for part in condition.atoms(OfNumbers):
        if (facts := known_of(type(part), part.args)) is not None:
            # The base of logarithms may come last.
            defined.append(replaced(facts.defined, dict(zip(facts.args, part.args, strict=False))))
    return (*conditions(condition), *defined)


def _points(
    claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain, rng: random.Random, tries: int
) -> Iterator[dict[sp.Symbol, Fraction]]:
    """Yield random points of the domain that satisfy the assumptions."""
    plan = _Plan.of(claim, given, definitions, domain)
    left = iter(range(tries))
    for _ in left:
        with ctx.workprec(_PRECISION):
            exact = plan.draw(rng, left)
            # What an assumption does not need is evaluated only where it holds.
            point = _evaluated(exact or {}, ())
            fits = exact is not None and all(_is_met(part, _with(point, needs)) for part, needs in plan.checked)
        if exact is not None and fits:
            yield exact


@dataclass(frozen=True)
class _Plan:
    """In which order symbols are drawn, so that most points satisfy the assumptions.

    Attributes
    ----------
    groups : symbols that are drawn together, with assumptions that only speak of them
    between : symbols that are drawn last, each between values that depend on the others
    checked : the assumptions, each with the definitions that it needs, those first that need little
    domain : where each symbol lives
    """

    groups: tuple[tuple[tuple[sp.Symbol, ...], tuple[_Assumption, ...]], ...]
    between: Mapping[sp.Symbol, tuple[_Bound, ...]]
    checked: tuple[_Assumption, ...]
    domain: Domain

    @classmethod
    def of(cls, claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain) -> _Plan:
        """Plan for the symbols that a claim and its assumptions use."""

        def used(by: sp.Basic) -> frozenset[sp.Symbol]:
            needs = used_definitions(letters(by), definitions)
            return letters(by).union(*(letters(value) for _, value in needs)).intersection(domain)

        parts = given.args if isinstance(given, And) else (given,)
        assumptions = sorted(
            ((part, used_definitions(letters(part), definitions)) for part in parts),
            key=lambda a: (len(a[1]), len(used(a[0])), sp.default_sort_key(a[0])),
        )
        between = _between(assumptions, used, domain)
        groups = _groups(assumptions, used, between)
        grouped = frozenset().union(*groups)
        alone = used(all_of(claim, given)) - between.keys() - grouped
        groups |= {frozenset([symbol]): [] for symbol in alone}
        drawn = [(tuple(s for s in domain if s in symbols), tuple(own)) for symbols, own in groups.items()]
        places = {symbol: place for place, symbol in enumerate(domain)}
        return cls(tuple(sorted(drawn, key=lambda g: places[g[0][0]])), between, tuple(assumptions), domain)

    def draw(self, rng: random.Random, left: Iterator[int]) -> dict[sp.Symbol, Fraction] | None:
        """Draw a point; None if no try is left, or a symbol has no room."""
        exact: dict[sp.Symbol, Fraction] = {}
        for symbols, assumptions in self.groups:
            while True:
                mine = {symbol: _draw(rng, self.domain[symbol]) for symbol in symbols}
                point = _evaluated(mine, ())
                if all(holds(part, _with(point, needs)) for part, needs in assumptions):
                    break
                if next(left, None) is None:
                    return None
            exact |= mine
        point = _evaluated(exact, ())
        for symbol, bounds in self.between.items():
            room = self._room(symbol, bounds, point)
            if room is None:
                return None
            exact[symbol] = _draw(rng, room)
        return exact

    def _room(self, symbol: sp.Symbol, bounds: tuple[_Bound, ...], point: dict[sp.Symbol, arb]) -> sp.Set | None:
        """Where a symbol may be, given the others."""
        low, high = self.domain[symbol].inf, self.domain[symbol].sup
        for above, bound, needs in bounds:
            end = ball(bound, _with(point, needs))
            if end.is_finite():
                man, exp = end.mid().man_exp()
                value = sp.Integer(int(man)) * sp.Integer(2) ** int(exp)
                low, high = (low, sp.Min(high, value)) if above else (sp.Max(low, value), high)
        # An end that is open in the domain does not belong to it.
        room = sp.Interval(low, high).intersect(self.domain[symbol]) if low <= high else sp.S.EmptySet
        return None if room.is_empty else room


def _between(
    assumptions: Sequence[_Assumption], used: Callable[[sp.Basic], frozenset[sp.Symbol]], domain: Domain
) -> dict[sp.Symbol, tuple[_Bound, ...]]:
    """The symbols that assumptions bound by others, none of which is bounded like this itself."""
    found: dict[sp.Symbol, tuple[_Bound, ...]] = {}
    others: frozenset[sp.Symbol] = frozenset()
    for part, needs in assumptions:
        for symbol, above, bound in _bounded(part):
            ties = used(bound)
            if symbol in domain and ties and symbol not in ties | others and not ties & found.keys():
                found[symbol] = (*found.get(symbol, ()), (above, bound, needs))
                others |= ties
    return found


def _groups(
    assumptions: Sequence[_Assumption],
    used: Callable[[sp.Basic], frozenset[sp.Symbol]],
    between: Mapping[sp.Symbol, tuple[_Bound, ...]],
) -> dict[frozenset[sp.Symbol], list[_Assumption]]:
    """Groups of symbols, with the assumptions on each; assumptions that tie groups together are left out."""
    groups: dict[frozenset[sp.Symbol], list[_Assumption]] = {}
    for part, needs in sorted(assumptions, key=lambda a: len(used(a[0]))):
        symbols = used(part)
        near = [group for group in groups if group & symbols]
        if symbols and len(near) <= 1 and not symbols & between.keys():
            own = groups.pop(near[0]) if near else []
            groups[symbols.union(*near)] = [*own, (part, needs)]
    return groups


def _bounded(part: sp.Basic) -> Iterator[tuple[sp.Symbol, bool, sp.Basic]]:
    """Yield the symbols that an assumption bounds, each with whether it does from above, and the bound."""
    if isinstance(part, sp.Lt | sp.Le | sp.Gt | sp.Ge):
        low, high = part.lts, part.gts
        if isinstance(low, sp.Symbol):
            yield low, True, high
        if isinstance(high, sp.Symbol):
            yield high, False, low
    if isinstance(part, sp.Eq):
        left, right = part.lhs, part.rhs
        if isinstance(left, sp.Symbol) and isinstance(right, sp.Symbol):
            yield from ((left, above, right) for above in (True, False))


def _evaluated(
    exact: Mapping[sp.Symbol, Fraction], definitions: Sequence[tuple[sp.Symbol, sp.Expr]]
) -> dict[sp.Symbol, arb]:
    return _with({s: arb(fmpq(x.numerator, x.denominator)) for s, x in exact.items()}, definitions)


def _with(point: dict[sp.Symbol, arb], definitions: Sequence[tuple[sp.Symbol, sp.Expr]]) -> dict[sp.Symbol, arb]:
    for symbol, value in definitions:
        if symbol not in point and value.free_symbols <= point.keys():
            point[symbol] = ball(value, point)
    return point


def _draw(rng: random.Random, ends: sp.Set) -> Fraction:
    """Draw from an interval: often from its corners, rarely from far out."""
    low, high = (None if end.is_infinite else _fraction(end) for end in (ends.inf, ends.sup))
    while True:
        corner = rng.choice((Fraction(0), Fraction(1, 2), Fraction(1)))
        share = corner if rng.random() < 0.15 else Fraction(rng.randrange(1, _GRID), _GRID)
        width = Fraction(2)
        if rng.random() < 0.2 and share < 1 and (low is None or high is None):
            width = 4 / (1 - share)
        if low is not None and high is not None:
            value = low * (1 - share) + high * share
        elif low is not None:
            value = low + width * share
        elif high is not None:
            value = high - width * share
        else:
            value = width * (2 * share - 1)
        # Inside of its ends a point needs no sympy.
        if (low is None or low < value) and (high is None or value < high):
            return value
        if ends.contains(sp.Rational(value.numerator, value.denominator)) == True:  # noqa: E712 (sympy's true)
            return value


def _fraction(number: sp.Expr) -> Fraction:
    # What a domain does not contain is drawn again, so an end that is not rational may be met by a point beside it.
    number = number if number.is_Rational else sp.Rational(str(number.evalf(30)))
    return Fraction(int(number.p), int(number.q))
