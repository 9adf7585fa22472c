"""Trying a claim at random points of its domain, in ball arithmetic: evidence, not proof, and a way to find a witness."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import sympy as sp
from flint import arb, ctx, fmpq
from sympy.logic.boolalg import And, Boolean

from drc.errors import must
from drc.expressions.balls import Balls, ball, holds
from drc.proof.verdict import Check, Verdict

Domain = Mapping[sp.Symbol, sp.Set]
Definitions = tuple[tuple[sp.Symbol, sp.Expr], ...]

#: What symbols live in.
REALS = sp.Interval(-sp.oo, sp.oo)
POSITIVE = sp.Interval.open(0, sp.oo)
NONNEGATIVE = sp.Interval(0, sp.oo)
UNIT = sp.Interval(0, 1)

_INFINITE = {"oo": sp.oo, "inf": sp.oo, "-oo": -sp.oo, "-inf": -sp.oo}

_PRECISION = 256
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
    if isinstance(given, sp.Interval) or given == sp.S.Reals:
        return REALS if given == sp.S.Reals else given
    if isinstance(given, sp.FiniteSet) and len(given) == 1:
        return given
    try:
        low, high = (_INFINITE.get(str(end)) or sp.Rational(str(end)) for end in given)
    except (TypeError, ValueError):
        low, high = sp.S.One, sp.S.Zero
    if not low <= high:
        raise must(f"the domain of {symbol}", "be an interval, or (low, high) with low <= high", given)
    return sp.Interval(low, high)


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
    found, undecided = 0, 0
    for where, point in _points(claim, given, definitions, domain, random.Random(seed), _TRIES * points):
        truth = _truth(claim, point)
        if truth is False:
            return Check(Verdict.REFUTED, "balls", where)
        found, undecided = found + 1, undecided + (truth is None)
        if found == points:
            break
    if found < min(points, _FEWEST) or undecided:
        return Check(Verdict.UNKNOWN, f"{undecided} of {found} points undecided")
    return Check(Verdict.SAMPLED, f"{found} points")


def refuted_at(
    witness: Mapping[sp.Symbol, sp.Rational], claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain
) -> Check | None:
    """Try a claim at one point; None if it is not false there."""
    exact = {s: Fraction(int(x.p), int(x.q)) for s, x in witness.items() if s in domain}
    if any(witness[s] not in domain[s] for s in exact):
        return None
    with ctx.workprec(_PRECISION):
        try:
            point = _evaluated(exact, _needed(And(given, claim, evaluate=False), definitions))
            if holds(given, point) and _truth(claim, point) is False:
                return Check(Verdict.REFUTED, "real arithmetic", {s.name: float(x) for s, x in exact.items()})
        except (ValueError, KeyError):
            return None
    return None


def _truth(claim: Boolean, point: Mapping[sp.Symbol, arb]) -> bool | None:
    """Whether a claim holds at a point, up to rounding; it is false only where balls that overlap do not hide its truth."""
    truth = holds(claim, point)
    return None if truth is False and Balls(lenient=False).truth(claim, point) is not False else truth


def _points(
    claim: Boolean, given: Boolean, definitions: Definitions, domain: Domain, rng: random.Random, tries: int
) -> Iterator[tuple[dict[str, float], dict[sp.Symbol, arb]]]:
    """Yield random points of the domain that satisfy the assumptions, with all abbreviations evaluated."""
    # What the assumptions do not need is evaluated only where they hold.
    first = _needed(given, definitions)
    rest = [d for d in _needed(And(given, claim, evaluate=False), definitions) if d not in first]
    with ctx.workprec(_PRECISION):
        for _ in range(tries):
            exact = {symbol: _draw(rng, ends) for symbol, ends in domain.items()}
            point = _evaluated(exact, first)
            if holds(given, point):
                yield {s.name: float(x) for s, x in exact.items()}, _with(point, rest)


def _evaluated(
    exact: Mapping[sp.Symbol, Fraction], definitions: Sequence[tuple[sp.Symbol, sp.Expr]]
) -> dict[sp.Symbol, arb]:
    return _with({s: arb(fmpq(x.numerator, x.denominator)) for s, x in exact.items()}, definitions)


def _with(point: dict[sp.Symbol, arb], definitions: Sequence[tuple[sp.Symbol, sp.Expr]]) -> dict[sp.Symbol, arb]:
    for symbol, value in definitions:
        if value.free_symbols <= point.keys():
            point[symbol] = ball(value, point)
    return point


def _needed(condition: sp.Basic, definitions: Definitions) -> list[tuple[sp.Symbol, sp.Expr]]:
    """The definitions that a condition uses, directly or through others, in order."""
    needed, kept = set(condition.free_symbols), []
    for symbol, value in reversed(definitions):
        if symbol in needed:
            kept.append((symbol, value))
            needed |= value.free_symbols
    return kept[::-1]


def _draw(rng: random.Random, ends: sp.Set) -> Fraction:
    """Draw from an interval: often from its corners, rarely from far out."""
    low, high = ends.inf, ends.sup
    corner = rng.choice((Fraction(0), Fraction(1, 2), Fraction(1)))
    share = corner if rng.random() < 0.15 else Fraction(rng.randrange(1, _GRID), _GRID)
    width = Fraction(2)
    if rng.random() < 0.2 and share < 1 and (low.is_infinite or high.is_infinite):
        width = 4 / (1 - share)
    if low.is_finite and high.is_finite:
        value = _fraction(low) * (1 - share) + _fraction(high) * share
    elif low.is_finite:
        value = _fraction(low) + width * share
    elif high.is_finite:
        value = _fraction(high) - width * share
    else:
        value = width * (2 * share - 1)
    inside = ends.contains(sp.Rational(value.numerator, value.denominator))
    return value if inside == True else _draw(rng, ends)  # noqa: E712 (sympy's true)


def _fraction(number: sp.Expr) -> Fraction:
    # What a domain does not contain is drawn again, so an end that is not rational may be met by a point beside it.
    number = number if number.is_Rational else sp.Rational(str(number.evalf(30)))
    return Fraction(int(number.p), int(number.q))
