"""Channels from a bit to a bit, the classifier sees Y: the checker cuts up what is left open, and needs no numbers.

Let `q = P(X = 1)`, `r = P(Y = 1)`, and `u = P(X = 1, Y = 1) - q r` be positive or not: `u = +-a`, where

    0 <= a <= q (1 - r), (1 - q) r    for the sign +,        0 <= a <= q r, (1 - q)(1 - r)    for the sign -.

A channel is a point (r, a) of one sign, and in this plane

* D is affine, and so is the law of (S, Y);
* `I(X;Y)` and `I(S;Y)` are convex, 0 at `a = 0`, and so do not fall as `a` grows; `I(X;Y) >= 8 a^2` nats (Pinsker);
* in one shot `H(Y|U) >= a H(X) / (q (1 - q))`, because only the identity and the negation carry information about X, and
  `u` is `q (1 - q)` times the difference of their weights. (A mix of one of them and constant maps attains it.)

Theorem ([cover2006], theorem 2.7.4, for convexity). Without time sharing, on an interval of `r` and for one sign, a code
that meets the bounds has its `a`

* below the two lines above; below `sqrt(R/8)`, R in nats, and below the line at which a tangent plane of `I(X;Y)` is R; in
  one shot below the constant at which `H(Y|U)` is R;
* above the chord of two points at the ends of the interval with `I(S;Y) < H(S) - C`: those between them, or below, have
  less as well. If that holds all the way up at both ends, and the same of the two lines is the lower one there, nothing is
  feasible;
* above or below the line on which D is met, as D falls or grows with `a`.

So D is at least the least, over both ends, of its value on any of the lines below which (above which) `a` is, if D falls
(grows) with `a`. R is at least the least of a tangent plane on any of the lines above which `a` is; and at least
`(H(S) - C) / (1 - B^2)`, where `B` is the sum over s of `sqrt(p(s|0) p(s|1))`. (The label keeps at most the largest
`1 - sum_s p(s|0) p(s|1) / (t p(s|0) + (1 - t) p(s|1))` of any information about X [polyanskiy2017], and Cauchy's inequality
bounds the sum by `B^2` from below; in one shot, where nothing is divided, data processing is enough.) An interval on which
a lower line is above an upper one holds nothing.

Theorem, with time sharing. Let the law of Y be given, and `d, lambda, mu >= 0` be the multipliers of D, R and C. The mean of
codes has at least the least value of `d D + lambda R + mu C` over all channels. On an interval of `a` the sum is at least
that at both ends, if its second derivative is proved not to be positive; at least a tangent, if it is not negative; and in
any case at least the sum of `d D`, of a tangent to `lambda R`, and of a chord of `mu C`, which is concave.

Side conditions, and where each is tested, whatever is bounded or minimised:

* there are two source letters and two output letters, no pair is forbidden, and the classifier does not see U: `bits_bound`;
* the law of Y is in the interval searched (all of [0, 1] if nothing bounds it): `_laws`;
* with time sharing the law of Y is given: `_shared`; its one set of multipliers is proved to be at least 0, and they are 0
  where nothing is bounded: `read_multipliers`;
* the intervals cover all laws, or all `a` of both signs: `_cover` begins with all, and leaves none out but what is proved.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from flint import arb, fmpq

from drc.checker.entropy import INFINITY, entropy, least, relative, total
from drc.checker.limits import MOST_INTERVALS
from drc.checker.multipliers import Multipliers, read_multipliers
from drc.checker.numerals import is_zero
from drc.checker.read import Claim, Problem, UnprovedError, shown
from drc.types import Number

#: How often an interval is halved to find where a bound is met, and when that is near enough.
_HALVINGS, _NEAR = 1200, 1 - fmpq(1, 2**80)

#: No interval is halved that is narrower, as a part of the range.
_NARROW = fmpq(1, 2**90)

#: How near to an end of its range `a` is taken: at the end tangents are vertical.
_SHORT = 1 - fmpq(1, 2**60)

#: An interval, and a number at both of its ends.
Ends = tuple[Number, Number]


def bits_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return the claimed bound if it is proved; see `lower_bound`.

    The dual, of kind "bits", has multipliers if there is time sharing, and nothing else; `at` is its field, for messages.
    """
    problem = claim.problem
    if (problem.n_X, problem.n_Y) != (2, 2) or problem.sees_U or problem.sees_message or claim.slope is not None:
        raise UnprovedError('a dual of kind "bits" is for two letters, a classifier that sees Y, and no slope')
    if any(cost == math.inf for row in problem.distortion for cost in row):
        raise UnprovedError('a dual of kind "bits" is for finite distortions')
    if problem.time_sharing:
        by = read_multipliers(claim, dual.get("multipliers") or {}, dual.get("objective", 1), at)
        return _shared(claim, by)
    if dual.keys() - {"kind"}:
        raise UnprovedError('without time sharing a dual of kind "bits" has no multipliers')
    if any(name in claim.bounds and claim.bounds[name] < 0 for name in ("R", "P")):
        return INFINITY
    first, last = _laws(problem, claim.bounds)
    for sign in (1, -1):
        side = _Side(problem, claim.bounds, sign)
        ends = [first, *(r for r in (side.kink,) if first < r < last), last]
        pieces = [(first, first)] if first is last or first == last else list(pairwise(ends))
        _cover(pieces, lambda low, high, side=side: side.bound(low, high, claim.minimise), claim.lower)
    return claim.lower


def _cover(pieces: list[Ends], bound: Callable[[Number, Number], Number], wanted: Number) -> None:
    """Halve the pieces until each is proved to hold nothing below what is wanted; infinity is the bound of nothing.

    Raises `UnprovedError` if a piece becomes too narrow, or there are too many.
    """
    left = [(low, high, _NARROW * (high - low)) for low, high in pieces]
    for _ in range(MOST_INTERVALS):
        if not left:
            return
        low, high, narrow = left.pop()
        found = bound(low, high)
        if found == math.inf or (wanted != math.inf and arb(found) >= wanted):
            continue
        if low is high or not high - low > narrow:
            break
        middle = _down((low + high) / 2)
        left += [(low, middle, narrow), (middle, high, narrow)]
    else:
        raise UnprovedError(f"more than {MOST_INTERVALS} intervals are needed")
    raise UnprovedError(f"near {shown(low)} a channel may do better, or the digits do not suffice")


def _laws(problem: Problem, bounds: dict) -> Ends:
    """Return an interval that holds `P(Y = 1)` for every law that Y may have; one number twice if that is given."""
    if problem.p_Y is not None:
        return problem.p_Y[1], problem.p_Y[1]
    reference, P = (problem.reference[1], bounds["P"]) if "P" in bounds else (fmpq(0), fmpq(1))
    low, high = fmpq(0), fmpq(1)
    if "P" in bounds and problem.measure == "KL":
        low, high = (_divergence_end(problem, P, fmpq(end)) for end in (0, 1))
    elif "P" in bounds:
        # What mass costs that is moved, from the law of Y to the reference; mass that stays may cost something too.
        costs = (fmpq(1), fmpq(1)) if problem.measure == "TV" else (problem.ground[0][1], problem.ground[1][0])
        low = low if is_zero(costs[0]) else reference - P / costs[0]
        high = high if is_zero(costs[1]) else reference + P / costs[1]
    return max(_down(low), fmpq(0)), min(_up(high), fmpq(1))


def _divergence_end(problem: Problem, P: Number, end: fmpq) -> Number:
    """Return a law beyond which the divergence, which is convex, is more than P; or the end if there is none."""
    law = problem.reference
    if is_zero(law[0]) or is_zero(law[1]) or is_zero(P):
        return law[1]

    def too_far(r: Number) -> bool:
        return bool(relative(r, law[1], problem.bits) + relative(1 - r, law[0], problem.bits) > P)

    if not too_far(end):
        return end
    near, far = arb(law[1]).mid().fmpq(), end
    for _ in range(_HALVINGS):
        if abs(far - near) <= abs(far - law[1]) * (1 - _NEAR):
            break
        middle = (near + far) / 2
        near, far = (near, middle) if too_far(middle) else (middle, far)
    return far


@dataclass(frozen=True)
class _Side:
    """The channels of one sign, by `r` and `a`; rates and entropies are in the unit of the problem."""

    problem: Problem
    bounds: dict
    sign: int

    @cached_property
    def q(self) -> Number:
        """`P(X = 1)`."""
        return self.problem.p_X[1]

    @cached_property
    def kink(self) -> fmpq:
        """Where the two lines that bound `a` meet, or near it."""
        return arb(self.q if self.sign > 0 else 1 - self.q).mid().fmpq()

    @cached_property
    def slope(self) -> Number:
        """How much D grows with `a`."""
        (d00, d01), (d10, d11) = self.problem.distortion
        return self.sign * (d00 + d11 - d01 - d10)

    @cached_property
    def needed(self) -> Number:
        """The information about the label that Y must have; 0 if C is not bounded, or met by any Y."""
        if "C" not in self.bounds:
            return fmpq(0)
        needed = entropy(self.problem.p_S, self.problem.bits) - self.bounds["C"]
        return needed if needed > 0 else fmpq(0)

    @cached_property
    def _passed(self) -> Number:
        """The largest part of an information about X that the label keeps, or more."""
        p, q = ([arb(row[x]) / self.problem.p_X[x] for row in self.problem.p_SX] for x in (0, 1))
        alike = total((a * b).sqrt() for a, b in zip(p, q, strict=True))
        found = 1 - alike * alike
        return found if self.problem.asymptotic and found > 0 else fmpq(1)

    def lines(self, r: Number) -> Ends:
        """Return the two lines below which `a` is."""
        q = self.q
        return (q * (1 - r), (1 - q) * r) if self.sign > 0 else (q * r, (1 - q) * (1 - r))

    def masses(self, r: Number, a: Number) -> list[list[Number]]:
        """Return the joint law of X and Y."""
        q, u = self.q, self.sign * a
        return [[(1 - q) * (1 - r) + u, (1 - q) * r - u], [q * (1 - r) - u, q * r + u]]

    def D(self, r: Number, a: Number) -> Number:
        """The distortion."""
        rows = zip(self.masses(r, a), self.problem.distortion, strict=True)
        return total(p * d for row, costs in rows for p, d in zip(row, costs, strict=True))

    def R(self, r: Number, a: Number) -> Number:
        """The least rate."""
        if is_zero(a):
            return fmpq(0)
        if not self.problem.asymptotic:
            return a * self.per_rate
        law = (1 - r, r)
        rows = zip(self.masses(r, a), (1 - self.q, self.q), strict=True)
        return total(self._relative(t, p * law[y]) for row, p in rows for y, t in enumerate(row))

    @cached_property
    def per_rate(self) -> Number:
        """In one shot, the rate of an `a` of one, if there is one above zero."""
        q = self.q
        return fmpq(0) if is_zero(q * (1 - q)) else entropy((q, 1 - q), self.problem.bits) / (q * (1 - q))

    def told(self, r: Number, a: Number) -> Number:
        """`I(S;Y)`."""
        if is_zero(a):
            return fmpq(0)
        ones = [p * r + k * self.sign * a for p, k in zip(self.problem.p_S, self._tells, strict=True)]
        cells = zip(self.problem.p_S, ones, strict=True)
        return total(self._relative(p - t, p * (1 - r)) + self._relative(t, p * r) for p, t in cells)

    @cached_property
    def _tells(self) -> list[Number]:
        q, joint = self.q, self.problem.p_SX
        return [fmpq(0) if is_zero(q * (1 - q)) else one / q - zero / (1 - q) for zero, one in joint]

    def _relative(self, t: Number, r: Number) -> Number:
        """Return `t log(t / r)`, also where a mass that is not negative may be zero."""
        if is_zero(t) or t > 0:
            return relative(t, r, self.problem.bits)
        top = arb(t).upper()
        if not 0 <= top < fmpq(1, 3) or not r > 0:
            return arb("nan")
        # Up to 1/3, -t log t grows.
        plain = arb(0).union(relative(top, arb(1), self.problem.bits)) if top > 0 else arb(0)
        return plain - arb(0).union(top) * relative(arb(1), 1 / arb(r), self.problem.bits)

    # On an interval of laws ---------------------------------------------------------------------------------------------

    def bound(self, low: Number, high: Number, minimise: str) -> Number:
        """Return what D or R is not below on an interval of laws; infinity if nothing in it meets the bounds."""
        ends = (low, high)
        tops = [tuple(line) for line in zip(*map(self.lines, ends), strict=True)]
        lowers: list[Ends] = [(fmpq(0), fmpq(0))]
        uppers: list[Ends] = [*tops, *(self._within_rate(ends) if "R" in self.bounds else ())]
        if "D" in self.bounds:
            spare = [self.bounds["D"] - self.D(r, fmpq(0)) for r in ends]
            if is_zero(self.slope):
                if all(left < 0 for left in spare):
                    return INFINITY
            elif self.slope > 0 or self.slope < 0:
                (uppers if self.slope > 0 else lowers).append((spare[0] / self.slope, spare[1] / self.slope))
        if self.needed > 0:
            chord, beyond = zip(*map(self._too_little, ends), strict=True)
            ordered = any(all(a <= b for a, b in zip(*pair, strict=True)) for pair in (tops, tops[::-1]))
            if (all(beyond) and ordered) or self.told(*self._all(tops, ends)) < self.needed:
                return INFINITY
            lowers.append(chord)
        if any(all(a > b for a, b in zip(*pair, strict=True)) for pair in product(lowers, uppers)):
            return INFINITY
        return self._least_D(ends, lowers, uppers) if minimise == "D" else self._least_R(ends, lowers)

    def _least_D(self, ends: Ends, lowers: list[Ends], uppers: list[Ends]) -> Number:
        lines = lowers if self.slope >= 0 else uppers if self.slope <= 0 else ()
        found = [least(self.D(r, fmpq(0)) + self.slope * a for r, a in zip(ends, line, strict=True)) for line in lines]
        return -least([fmpq(0), *(-value for value in found)])

    def _least_R(self, ends: Ends, lowers: list[Ends]) -> Number:
        found = [self.needed / self._passed]
        low, high = ends
        r, starts = (low + high) / 2, [(a + b) / 2 for a, b in lowers]
        if not self.problem.asymptotic:
            found += [self.per_rate * least(line) for line in lowers[1:]]
        elif low is high:
            found += [
                self.R(r, _down(a)) for a in starts if _down(a) > 0 and all(_down(a) <= top for top in self.lines(r))
            ]
        a = min(max(_down(start) for start in starts), self._inside(r))
        if self.problem.asymptotic and a > 0:
            value, by_r, by_a = self._plane(r, a)
            for line in lowers if by_a >= 0 else ():
                found.append(
                    least(value + by_r * (end - r) + by_a * (b - a) for end, b in zip(ends, line, strict=True))
                )
        return -least(-value for value in found)

    def _within_rate(self, ends: Ends) -> list[Ends]:
        """Return lines below which `a` is where the rate is within its bound."""
        most = self.bounds["R"]
        if not self.problem.asymptotic:
            return [] if is_zero(self.q * (1 - self.q)) else [(most / self.per_rate,) * 2]
        farthest = fmpq(0) if is_zero(most) else (arb(most) * self.problem.nat / 8).sqrt()
        found, r = [(farthest, farthest)], (ends[0] + ends[1]) / 2
        top = self._inside(r)
        a = _last(lambda a: most - self.R(r, a), min(top, _up(farthest)))
        if a > 0:
            value, by_r, by_a = self._plane(r, a)
            if by_a > 0:
                found.append(tuple(a + (most - value - by_r * (end - r)) / by_a for end in ends))
        return found

    def _plane(self, r: Number, a: Number) -> tuple[Number, Number, Number]:
        """Return `I(X;Y)`, and its derivatives in `r` and in `a`."""
        (p00, p01), (p10, p11) = ([arb(t) for t in row] for row in self.masses(r, a))
        q, nat = self.q, self.problem.nat
        by_r = q * (p11 / p10).log() + (1 - q) * (p01 / p00).log() + arb((1 - r) / r).log()
        return self.R(r, a), by_r / nat, self.sign * (p11 * p00 / (p10 * p01)).log() / nat

    @cached_property
    def _known(self) -> dict:
        return {}

    def _too_little(self, r: Number) -> tuple[Number, bool]:
        """Return an `a` at which Y has less information about the label than needed; and whether it is the largest one."""
        # Neighbouring intervals share their ends. A ball cannot be a key, and is the only law there is.
        found = self._known.get(r) if isinstance(r, fmpq) else None
        if found is None:
            top = least(self.lines(r))
            beyond = bool(self.told(r, top) < self.needed)
            found = (top if beyond else _last(lambda a: self.needed - self.told(r, a), _down(top))), beyond
            if isinstance(r, fmpq):
                self._known[r] = found
        return found

    def _inside(self, r: Number) -> fmpq:
        """Return nearly the largest `a`."""
        return max(fmpq(0), _down(least(self.lines(r))) * _SHORT)

    def _all(self, tops: list[Ends], ends: Ends) -> Ends:
        """Return a ball of all laws of an interval, and one of the largest `a` at each of them."""
        (a, b), (c, d) = ((arb(low), arb(high)) for low, high in tops)
        return arb(ends[0]).union(arb(ends[1])), a.union(b).min(c.union(d))

    # With time sharing ----------------------------------------------------------------------------------------------------

    def shared(self, r: Number, by: Multipliers) -> Callable[[Number, Number], Number]:
        """Return a function that bounds `a D + lambda R + mu C` from below on an interval of `a`."""
        problem, affine, convex = self.problem, by.D * self.slope, [(-by.C, self._of_told)]
        constant = by.D * self.D(r, fmpq(0)) + by.C * entropy(problem.p_S, problem.bits)
        source_told = all(
            sum(not is_zero(p) for p in law) <= 1 for law in (*problem.p_SX, *zip(*problem.p_SX, strict=True))
        )
        if not problem.asymptotic:
            affine += by.R * self.per_rate
        elif source_told:
            # The label is the source: two functions are one.
            convex = [(by.R - by.C, self._of_rate)]
        else:
            convex.append((by.R, self._of_rate))
        convex = [(weight, of) for weight, of in convex if not is_zero(weight)]

        def bound(low: Number, high: Number) -> Number:
            middle, ends = _down((low + high) / 2), (low, high)
            curved = total(weight * of(r, arb(low).union(arb(high)))[2] for weight, of in convex)
            values = [constant + affine * a for a in ends]
            for weight, of in convex:
                if low != high and (curved >= 0 or (weight > 0 and not curved <= 0)):
                    value, slope, _ = of(r, middle)
                    line = [value + slope * (a - middle) for a in ends]
                else:
                    line = [of(r, a)[0] for a in ends]
                values = [before + weight * after for before, after in zip(values, line, strict=True)]
            return least(values)

        return bound

    def _of_rate(self, r: Number, a: Number) -> tuple[Number, Number, Number]:
        """Return `I(X;Y)` and its first two derivatives in `a`."""
        masses, nat = [arb(t) for row in self.masses(r, a) for t in row], self.problem.nat
        p00, p01, p10, p11 = masses
        return self.R(r, a), self.sign * (p11 * p00 / (p10 * p01)).log() / nat, total(1 / t for t in masses) / nat

    def _of_told(self, r: Number, a: Number) -> tuple[Number, Number, Number]:
        """Return `I(S;Y)` and its first two derivatives in `a`."""
        slope, curvature = arb(0), arb(0)
        for p, k in zip(self.problem.p_S, self._tells, strict=True):
            if not is_zero(k):
                one = arb(p * r + k * self.sign * a)
                zero = p - one
                slope += self.sign * k * (one * (1 - r) / (zero * r)).log()
                curvature += k * k * (1 / one + 1 / zero)
        return self.told(r, a), slope / self.problem.nat, curvature / self.problem.nat


def _shared(claim: Claim, by: Multipliers) -> Number:
    """Return the claimed bound if the multipliers prove it for time sharing."""
    problem = claim.problem
    if problem.p_Y is None:
        raise UnprovedError("with time sharing the law of Y must be given")
    r = problem.p_Y[1]
    for sign in (1, -1):
        side = _Side(problem, claim.bounds, sign)
        bound = side.shared(r, by)

        def proved(low: Number, high: Number, bound: Callable[[Number, Number], Number] = bound) -> Number:
            return by.optimum(bound(low, high))

        _cover([(fmpq(0), least(side.lines(r)))], proved, claim.lower)
    return claim.lower


def _last(room: Callable[[fmpq], Number], most: fmpq) -> fmpq:
    """Return nearly the largest `a` with room, of which there is less and less; 0, or one that is proved to have some.

    False position, the weight of an end that stays being halved (Illinois), and halving where that leaves the interval.
    """
    low, high = fmpq(0), most
    at_low, at_high, stays = arb(room(low)).mid(), arb(room(high)), 0
    if at_high > 0:
        return most
    at_high = at_high.mid()
    for _ in range(_HALVINGS):
        if low > _NEAR * high:
            break
        middle = ((low * at_high - high * at_low) / (at_high - at_low)).mid()
        middle = middle.fmpq() if middle.is_finite() and low < middle < high else (low + high) / 2
        left = arb(room(middle))
        if left > 0:
            low, at_low, at_high, stays = middle, left.mid(), at_high / (2 if stays > 0 else 1), 1
        else:
            high, at_high, at_low, stays = middle, left.mid(), at_low / (2 if stays < 0 else 1), -1
    return low


def _down(x: Number) -> fmpq:
    """Return a rational number that is not above another."""
    return x if isinstance(x, fmpq) else x.lower().fmpq()


def _up(x: Number) -> fmpq:
    return x if isinstance(x, fmpq) else x.upper().fmpq()
