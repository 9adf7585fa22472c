r"""A claim with logarithms is proved where intervals or derivatives decide it, box by box.

What is shown is that a function `f` is at least zero, or positive, on a box.  It is if

* *interval*: an interval that holds its values says so;
* *factors*: it is a product, and the signs of its factors say so;
* *algebra*: it has no logarithms, and real arithmetic decides it;
* *slope*: it does not decrease (increase) in one variable, and has the sign at the lower (upper) end of that variable;
* *bend*: it is concave in one variable, and has the sign at both ends of it; or convex, and at some place, on which its
  derivative is zero, it has the sign;
* *halves*: it has the sign on two boxes that make up this one.

The signs of derivatives are shown in the same way, but for halves.  On a box `f` is continuous, as everything that it is
made of is defined there, which is shown first; inside of it derivatives exist but where a root is zero, nowhere dense.  A
variable without bounds has halves, too.  Ends of boxes are the simplest rational numbers near the middle, so that a point
where `f` is zero becomes one.  Effort is counted in boxes, not in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

import sympy as sp
from sympy.logic.boolalg import And, Boolean, BooleanAtom

from drc.errors import UnknownFunctionError
from drc.expressions.forms import difference, used_definitions
from drc.proof.cover.intervals import conditions, reading
from drc.proof.decide import Known, Question, decide

#: How many boxes and signs may be looked at for one claim, and how often real arithmetic may be asked.
_EFFORT, _QUERIES = 2_000, 30

#: Steps of z3 for each question of real arithmetic.
_STEPS = 100_000

#: How often a box may be cut in each of its variables.
_FINEST = 30

#: How many derivatives may be taken of one another.
_DEEPEST = 3

#: An expression with more parts is not differentiated.
_LONGEST = 300

_TRANSCENDENTAL = (sp.log, sp.exp, sp.Function)


@dataclass(frozen=True)
class _End:
    """An end of an interval: whether it belongs to the domain, and whether functions are continuous up to it."""

    at: sp.Expr
    belongs: bool = True
    reached: bool = True


@dataclass(frozen=True)
class _Side:
    """The interval of one variable."""

    low: _End
    high: _End

    @property
    def ends(self) -> tuple[float, float]:
        return _double(self.low.at, -math.inf), _double(self.high.at, math.inf)

    def reached(self) -> _Side:
        return _Side(replace(self.low, reached=True), replace(self.high, reached=True))

    @property
    def interval(self) -> sp.Set:
        return sp.Interval(self.low.at, self.high.at, not self.low.belongs, not self.high.belongs)

    def halves(self) -> tuple[_Side, _Side]:
        middle = _End(_simplest_between(*_middle(*self.ends)))
        return _Side(self.low, middle), _Side(middle, self.high)


_Box = Mapping[sp.Symbol, _Side]


class _SpentError(Exception):
    """The effort is spent."""


def covered(
    claim: Boolean,
    given: Boolean,
    definitions: tuple[tuple[sp.Symbol, sp.Expr], ...],
    domain: Mapping[sp.Symbol, sp.Set],
) -> bool:
    """Whether a cover proves a claim for all points of its domain at which what is given holds.

    Parameters
    ----------
    claim, given : conditions
    definitions : abbreviations, in the order in which they were made
    domain : an interval for each symbol

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> covered(sp.log(1 + x) >= 2 * x / (2 + x), sp.true, (), {x: sp.Interval(0, 10)})
    True
    """
    for symbol, value in reversed(used_definitions(claim.free_symbols | given.free_symbols, definitions)):
        claim, given = (condition.xreplace({symbol: value}) for condition in (claim, given))
    box = {}
    # In an order of their own, so that a verdict does not depend on the process.
    for symbol in sorted(claim.free_symbols | given.free_symbols, key=str):
        ends = domain.get(symbol)
        if isinstance(ends, sp.FiniteSet):
            (value,) = ends
            claim, given = (condition.xreplace({symbol: value}) for condition in (claim, given))
        elif isinstance(ends, sp.Interval) and all(end.is_Rational or end.is_infinite for end in ends.args[:2]):
            box[symbol] = _Side(_End(ends.start, not ends.left_open), _End(ends.end, not ends.right_open))
        else:
            return False
    parts = And.make_args(claim)
    # Simplifying, sympy may take the logarithm of too large a number.
    with suppress(UnknownFunctionError, _SpentError, OverflowError):
        return all(_Cover(given).shows(part, box) for part in parts)
    return False


@dataclass
class _Cover:
    """One claim's search for a cover."""

    given: Boolean
    effort: int = _EFFORT
    queries: int = _QUERIES
    slopes: dict[tuple[sp.Expr, sp.Symbol], sp.Expr | None] = field(default_factory=dict)
    asked: dict[tuple[Boolean, frozenset[tuple[sp.Symbol, _Side]]], bool] = field(default_factory=dict)

    def shows(self, claim: Boolean, box: _Box) -> bool:
        """Whether the claim holds on the box."""
        if isinstance(claim, BooleanAtom):
            return bool(claim)
        if isinstance(claim, sp.Ne):
            f = difference(claim)
            return self.shows(f > 0, box) or self.shows(f < 0, box)
        if not isinstance(claim, sp.Ge | sp.Gt | sp.Le | sp.Lt):
            return False
        f = difference(claim) if isinstance(claim, sp.Ge | sp.Gt) else -difference(claim)
        strict = isinstance(claim, sp.Gt | sp.Lt)
        needed = list(conditions(f))
        if not self._defined(needed, box):
            return False
        box = self._with_ends(needed, box)
        ends = [end for side in box.values() for end in (side.low, side.high)]
        above, below = sp.fraction(sp.together(f))
        if below.free_symbols and not all(end.reached for end in ends if end.at.is_finite):
            # A quotient may have no value at an end where what is above the line has one.
            sign = next((sign for sign in (1, -1) if self.shows(sign * below > 0, box)), 0)
            return bool(sign) and self.shows(sign * above > 0 if strict else sign * above >= 0, box)
        return self._halved(f, box, strict, _FINEST * len(box))

    def _with_ends(self, needed: list[Boolean], box: _Box) -> _Box:
        """Find out up to which ends outside of the domain everything is defined."""
        closed = box = {symbol: side.reached() for symbol, side in box.items()}
        for symbol, name in product(box, ("low", "high")):
            end = getattr(box[symbol], name)
            if end.belongs:
                continue
            trial = {**closed, symbol: replace(closed[symbol], **{name: _End(end.at)})}
            if end.at.is_finite and self._defined(needed, trial):
                closed = trial
            else:
                box = {**box, symbol: replace(box[symbol], **{name: replace(end, reached=False)})}
        return box

    def _defined(self, needed: list[Boolean], box: _Box) -> bool:
        """Whether all arguments are where functions are defined."""
        return all(
            self.shows(condition, box) if condition.has(*_TRANSCENDENTAL) else self._algebraic(condition, box)
            for condition in needed
        )

    def _halved(self, f: sp.Expr, box: _Box, strict: bool, cuts: int) -> bool:
        if self._outside(box) or self._signed(f, box, strict, _DEEPEST):
            return True
        if not cuts:
            return False
        symbol = max(box, key=lambda s: _width(box[s]))
        return all(self._halved(f, {**box, symbol: half}, strict, cuts - 1) for half in box[symbol].halves())

    def _outside(self, box: _Box) -> bool:
        """Whether nothing in the box satisfies what is given."""
        ends = {symbol: side.ends for symbol, side in box.items()}
        for condition in And.make_args(self.given):
            if isinstance(condition, sp.Ge | sp.Gt | sp.Le | sp.Lt):
                low, high = reading(difference(condition))(ends)
                if low > 0 if isinstance(condition, sp.Le | sp.Lt) else high < 0:
                    return True
        return False

    def _signed(self, f: sp.Expr, box: _Box, strict: bool, depth: int) -> bool:
        """Whether `f` is at least zero on the box, or positive."""
        if self.effort <= 0:
            raise _SpentError
        self.effort -= 1
        inside = {symbol: side for symbol, side in box.items() if symbol in f.free_symbols}
        if not inside:
            return _is_signed_number(f, strict)
        low, high = reading(f)({symbol: side.ends for symbol, side in inside.items()})
        if low > 0 or (low == 0 and not strict):
            return True
        if high <= 0:
            return False
        if not f.has(*_TRANSCENDENTAL) and self._algebraic(f > 0 if strict else f >= 0, inside):
            return True
        if not depth:
            return False
        several = sum(1 for factor in sp.Mul.make_args(f) if factor.free_symbols) > 1
        if several and self._product(f, inside, strict, depth):
            return True
        return any(self._along(f, symbol, inside, strict, depth) for symbol in inside)

    def _product(self, f: sp.Expr, box: _Box, strict: bool, depth: int) -> bool:
        sign = 1
        for factor in f.args:
            up = self._sign(factor, box, strict, depth)
            if up == 0:
                return False
            sign *= up
        return sign > 0

    def _sign(self, f: sp.Expr, box: _Box, strict: bool, depth: int) -> int:
        """1 or -1 if a function has this sign on a box, else 0."""
        likely = _sign_in_the_middle(f, box)
        return likely if self._signed(likely * f, box, strict, depth) else 0

    def _along(self, f: sp.Expr, symbol: sp.Symbol, box: _Box, strict: bool, depth: int) -> bool:
        """Whether slope or bend in one variable decide."""
        side, slope = box[symbol], self._slope(f, symbol)
        if slope is None:
            return False
        rest = {other: one for other, one in box.items() if other != symbol}

        def at(place: sp.Expr, strictly: bool) -> bool:
            there = _at(f, symbol, place)
            return there is not None and self._signed(there, rest, strictly, depth)

        def at_end(end: _End, strictly: bool) -> bool:
            return end.reached and at(end.at, strictly)

        if up := self._sign(slope, box, False, depth - 1):
            end = side.low if up > 0 else side.high
            return at_end(end, strict and (end.belongs or not self._signed(up * slope, box, True, depth - 1)))
        bend = self._slope(slope, symbol)
        convex = self._sign(bend, box, False, depth - 2) if bend is not None and depth > 1 else 0
        if convex < 0:
            return at_end(side.low, strict) and at_end(side.high, strict)
        places = [place for place in rest if convex and _inside(place, side, rest)]
        return any(_vanishes(_at(slope, symbol, place)) and at(place, strict) for place in places)

    def _slope(self, f: sp.Expr, symbol: sp.Symbol) -> sp.Expr | None:
        """The derivative, in factors; None if there is none that can be written."""
        key = f, symbol
        if key not in self.slopes:
            plain = f.has(sp.Abs, sp.Min, sp.Max, sp.Piecewise) or len(f.args) > _LONGEST
            self.slopes[key] = None if plain else _factored(sp.diff(f, symbol))
        return self.slopes[key]

    def _algebraic(self, claim: Boolean, box: _Box) -> bool:
        """Ask real arithmetic."""
        if isinstance(claim, BooleanAtom):
            return bool(claim)
        key = claim, frozenset(box.items())
        if key not in self.asked and self.queries > 0:
            self.queries -= 1
            inside = tuple(side.interval.as_relational(symbol) for symbol, side in box.items())
            question = Question(claim, sp.true, inside, {}, Known(lemmas=()))
            self.asked[key] = bool(decide(question, _STEPS).by)
        return self.asked.get(key, False)


def _factored(f: sp.Expr) -> sp.Expr | None:
    if sum(1 for _ in sp.preorder_traversal(f)) > _LONGEST:
        return None
    return sp.factor(sp.together(f))


def _at(f: sp.Expr, symbol: sp.Symbol, place: sp.Expr) -> sp.Expr | None:
    """What a function is at a place, None if it has no value there."""
    if place in (sp.oo, -sp.oo):
        return None
    there = f.subs(symbol, place)
    return None if there.has(sp.nan, sp.zoo, sp.oo, -sp.oo) else there


def _sign_in_the_middle(f: sp.Expr, box: _Box) -> int:
    """The sign that a function has at one point of a box."""
    middle = {symbol: float(_simplest_between(*_middle(*side.ends))) for symbol, side in box.items()}
    return 1 if reading(f)({symbol: (x, x) for symbol, x in middle.items()})[1] > 0 else -1


def _is_signed_number(f: sp.Expr, strict: bool) -> bool:
    low, high = reading(f)({})
    if low > 0:
        return True
    return not strict and (low == 0 or (high >= 0 and _vanishes(f)))


def _vanishes(f: sp.Expr | None) -> bool:
    return f is not None and sp.simplify(f) == 0


def _double(x: sp.Expr, towards: float) -> float:
    if x in (sp.oo, -sp.oo):
        return float(x)
    near = float(x)
    return near if Fraction(int(x.p), int(x.q)) == Fraction(near) else math.nextafter(near, towards)


def _width(side: _Side) -> float:
    low, high = side.ends
    return high - low


def _middle(low: float, high: float) -> tuple[float, float]:
    """The middle half of an interval."""
    if low == -math.inf:
        return (-1.0, 1.0) if high > 1 else (4 * min(high, -1.0), 2 * min(high, -1.0))
    if high == math.inf:
        return 2 * max(low, 1.0), 4 * max(low, 1.0)
    quarter = (high - low) / 4
    return low + quarter, high - quarter


def _simplest_between(low: float, high: float) -> sp.Expr:
    """The rational number with the smallest denominator between two others."""
    a, b = Fraction(low), Fraction(high)
    if a <= 0 <= b:
        return sp.S.Zero
    if b < 0:
        return -_simplest_between(-high, -low)
    found = _simplest(a, b)
    return sp.Rational(found.numerator, found.denominator)


def _simplest(a: Fraction, b: Fraction) -> Fraction:
    whole = math.ceil(a)
    if whole <= b:
        return Fraction(whole)
    floor = math.floor(a)
    return floor + 1 / _simplest(1 / (b - floor), 1 / (a - floor))


def _inside(place: sp.Expr, side: _Side, box: _Box) -> bool:
    """Whether a variable stays within the interval of another one."""
    other = box[place]
    return bool(side.low.at <= other.low.at) and bool(other.high.at <= side.high.at)
