"""Bits with perception, asymptotically; the classifier sees Y: branch and bound over the law of `Y`.

Flip both bits, if need be, so that `m = P(X = 1) <= 1/2`. A plan is a law `r` of `Y` within `P` of the reference, and the
covariance `u >= 0` of `X` with `Y` (or with the negation of `Y`: then `r` is the law of that, and the error is one less the
error of that). In the plane of `r` and `u`

* the error of the plan is linear, that to a remote bit, too, and so is the largest covariance of two laws, on either side
  of `r = m`;
* `I(X;Y)` and `I(S;Y)` are convex and grow with `u`. So `I(X;Y) <= R` lies below each tangent, and between two laws at which
  covariances `u_1`, `u_2` do not tell enough of the label, none below the chord of these two does.

An interval of laws becomes a linear program between such lines; all of it is proved in ball arithmetic. No projection, and
no other closed form, is presupposed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from itertools import product
from typing import Any, Unpack

import numpy as np
from flint import arb, fmpq

from drc.information import I_b, KL_b
from drc.information.entropy import binary_entropy_ball
from drc.problems.bernoulli import PerceivedBernoulli
from drc.problems.validation import number
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    rational_above,
    rational_below,
    rational_middle,
    smallest,
    to_fraction,
)
from drc.solvers.arithmetic.branch import Found
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.outcome import Solution
from drc.solvers.scalar.bernoulli_y import Seen
from drc.solvers.scalar.certificates import transport_of_bits
from drc.solvers.scalar.duals import balanced, is_met
from drc.solvers.scalar.laws import Interval, laws_within
from drc.solvers.scalar.program import Branched, Question, ask, once
from drc.types import Exact

#: Where the plans with negative covariance lie on the axis of laws: the law of the negation of `Y`, and this.
_NEGATED = 2

#: By how much a root in doubles is moved until it is proved to lie on the side wanted, relative to it (and a little more,
#: for a root that is zero).
_MARGINS = tuple(fmpq(k, 10**17) for k in (0, 20, 100, 1000, 10**5, 10**8))
_MORE = fmpq(1, 2**50)

#: How near to the end of the range of covariances a tangent is taken: at the end it is vertical.
_SHORT = 1 - fmpq(1, 2**60)

_STEPS = 60

#: An information below this, in nats, is lost in the rounding of its terms.
_LOST = fmpq(1, 2**150)

#: A linear bound on the covariance: its values at the two ends of an interval of laws.
Line = tuple[Number, Number]


def _information(u: float, p: float, r: float) -> tuple[float, float]:
    """Mutual information of two bits in nats and its derivative in the covariance, in doubles."""
    total = 0.0
    for sign, mass in ((1, p * r), (-1, p * (1 - r)), (-1, (1 - p) * r), (1, (1 - p) * (1 - r))):
        x = sign * u / mass if mass > 0 else 0.0
        if x <= -1:
            total += mass
        elif abs(x) < 1e-3:
            total += mass * x * x * (1 / 2 - x * (1 / 6 - x * (1 / 12 - x * (1 / 20 - x / 30))))
        else:
            total += mass * ((1 + x) * math.log1p(x) - x)
    room = (p * (1 - r) - u) * ((1 - p) * r - u)
    return total, math.log1p(u / room) if room > 0 else math.inf


def _root(nats: float, p: float, r: float) -> float:
    """The covariance with this mutual information, in doubles; the end of its range if there is none. Nothing is proved."""
    low, high = 0.0, min(p * (1 - r), (1 - p) * r)
    if high <= 0 or _information(high, p, r)[0] <= nats:
        return max(0.0, high)
    if nats <= 0:
        return 0.0
    u = min(math.sqrt(2 * p * (1 - p) * r * (1 - r) * nats), high / 2)
    for _ in range(_STEPS):
        value, slope = _information(u, p, r)
        low, high = (u, high) if value <= nats else (low, u)
        root = math.sqrt(value)
        following = u - 2 * root * (value - nats) / (root + math.sqrt(nats)) / slope if slope else 0
        if not low <= following <= high:
            following = (low + high) / 2
        if abs(following - u) <= 2e-15 * u:
            break
        u = following
    return u


class LawProgram(Branched):
    """The program over laws, in nats."""

    method = "branch and bound over the law of Y in ball arithmetic"

    def one(self, name: str) -> Number:
        """Return a nat in the user's unit for what is an information."""
        in_nats = name in "RC" or (name == "P" and self.problem.perception == "KL")
        return self.nat if in_nats else fmpq(1)

    def _parameter(self, name: str) -> Number:
        return exact_or_ball(number(name, self.problem.parameters[name]))

    @cached_property
    def flipped(self) -> bool:
        """Whether both bits are flipped."""
        return not self._parameter("q_X") <= fmpq(1, 2)

    def _law(self, name: str) -> Number:
        q = self._parameter(name)
        return 1 - q if self.flipped else q

    @cached_property
    def m(self) -> Number:
        """The law of the source, after the flip."""
        return self._law("q_X")

    @cached_property
    def reference(self) -> Number:
        """The reference, after the flip."""
        return self._law("q_ref")

    @cached_property
    def laws(self) -> tuple[Interval, Interval]:
        """An interval of laws within `P`, and one that holds all of them, after the flip."""
        inner, outer = laws_within(self.problem, self.bounds.get("P"), self.unit)
        if not self.flipped:
            return inner, outer
        return (1 - inner[1], 1 - inner[0]), (1 - outer[1], 1 - outer[0])

    @cached_property
    def noise(self) -> Number:
        """Law of the noise of the label."""
        return self._parameter("q_S1")

    @cached_property
    def s(self) -> Number:
        """Law of the label, after the flip."""
        return self.m * (1 - self.noise) + (1 - self.m) * self.noise

    @cached_property
    def joint(self) -> tuple[tuple[Number, Number], ...]:
        """The joint law of label and source, after the flip: pairs (X = 0, X = 1)."""
        m, e = self.m, self.noise
        return ((1 - m) * (1 - e), m * e), ((1 - m) * e, m * (1 - e))

    def _left(self, joint: tuple, r: fmpq, u: Number) -> Number:
        """`H(A|Y)` in the unit of the user, exact where all logarithms are."""
        variance = self.m * (1 - self.m)
        return Seen(joint, self.m, r, self.nat).at(fmpq(0) if u == 0 else u / variance)

    @cached_property
    def needed(self) -> Number | None:
        """The information that `Y` must carry about the label, in nats; None if nothing."""
        if "C" not in self.b:
            return None
        # At law zero nothing is told.
        needed = self._left(self.joint, fmpq(0), fmpq(0)) - exact_or_ball(self.bounds["C"])
        return None if needed <= 0 else needed * self.nat

    @cached_property
    def floor(self) -> Number:
        """A rate that any plan has which tells enough of the label, in nats."""
        if self.needed is None or self.noise == fmpq(1, 2):
            return fmpq(0)
        # What the label's noise leaves of any information: I(S;Y) <= (1 - 2 e)^2 I(X;Y) ([polyanskiy2017]).
        floor = self.needed / (1 - 2 * self.noise) ** 2
        return floor if floor > 0 else fmpq(0)

    @cached_property
    def impossible(self) -> bool:
        """Whether data processing alone proves that nothing is feasible."""
        if "R" in self.b and self.floor > self.b["R"]:
            return True
        if "C" not in self.b:
            return False
        known = Seen(self.joint, self.m, fmpq(0), self.nat).known
        return bool(known > exact_or_ball(self.bounds["C"]))

    def tells(self, r: fmpq, u: Number, side: int) -> bool:
        """Whether a covariance is proved to tell at least what is needed (side 1), or at most (side -1)."""
        excess = exact_or_ball(self.bounds["C"]) - self._left(self.joint, r, u)
        return bool(side * excess >= 0)

    def is_within_rate(self, r: fmpq, u: Number) -> bool:
        """Whether a covariance is proved to be within the rate."""
        source = ((1 - self.m, fmpq(0)), (fmpq(0), self.m))
        rate = self._left(source, fmpq(0), fmpq(0)) - self._left(source, r, u)
        return bool(u == 0) or bool(rate <= exact_or_ball(self.bounds["R"]))

    @cached_property
    def ends(self) -> tuple[fmpq, ...]:
        """The laws at which the axis is split first; beyond them are those of the negation of `Y`, if these may help."""
        inner, (first, last) = self.laws
        kink, reference = rational_middle(self.m), rational_middle(self.reference)
        found = []
        for negated in (False, True)[: 1 if self.needed is None else 2]:
            low, high = (1 - last, 1 - first) if negated else (first, last)
            own = [1 - law if negated else law for law in (*inner, reference)]
            laws = sorted(law for law in {*own, kink} if low < law < high)
            found += [law + _NEGATED * negated for law in (low, *laws, high)]
        return tuple(found)

    # In the plane of law and covariance ------------------------------------------------------------------------------

    def split(self, x: fmpq) -> tuple[fmpq, bool]:
        """A place on the axis as a law, and whether it is that of the negation of `Y`."""
        return (x - _NEGATED, True) if x >= _NEGATED else (x, False)

    def most(self, r: fmpq) -> Number:
        """The largest covariance at a law."""
        values = self.m * (1 - r), (1 - self.m) * r
        return values[0] if r >= self.m else values[1] if r <= self.m else smallest(list(values))

    def rate(self, r: fmpq, u: Number) -> Number:
        """`I(X;Y)` in nats."""
        return fmpq(0) if u == 0 else I_b.enclose(arb(u), arb(self.m), arb(r), arb(1).exp())

    @cached_property
    def steep(self) -> Number:
        """How fast the distortion grows with the probability that `X` and `Y` differ."""
        return 1 - 2 * self.remote

    @cached_property
    def remote(self) -> Number:
        """How likely it is that a remote bit differs from `X`; 0 without one."""
        return exact_or_ball(number("q_T", self.problem.parameters.get("q_T", 0)))

    def error(self, r: fmpq, u: Number, negated: bool) -> Number:
        """The distortion."""
        error = self.m + r - 2 * self.m * r - 2 * u
        return self.remote + self.steep * (1 - error if negated else error)

    def spare(self, r: fmpq, negated: bool) -> Number:
        """By how much independence misses `D`, as a covariance."""
        return (self.error(r, fmpq(0), negated) - self.b["D"]) / (2 * self.steep)

    def _proved(self, start: float, most: Number, side: int, holds: Callable[[fmpq], bool]) -> fmpq | None:
        """A number near a root in doubles that is proved to lie on the side wanted, and within the range."""
        root = before = exact_or_ball(start)
        for margin in _MARGINS:
            u = max(fmpq(0), root + side * margin * (root + _MORE))
            if not u <= most:
                u = rational_below(most)
            if holds(u):
                return u
            before = u
        end = rational_below(most) if side > 0 else fmpq(0)
        return _halved(end, before, holds) if holds(end) else None

    @once
    def within_rate(self, r: fmpq) -> fmpq:
        """A covariance that is proved to be within the rate, and near the largest that is."""
        if "R" not in self.b:
            return rational_below(self.most(r))
        root = _root(float(self.b["R"]), float(self.m), float(r))
        found = self._proved(root, self.most(r), -1, lambda u: self.is_within_rate(r, u))
        return fmpq(0) if found is None else found

    @once
    def label_root(self, r: fmpq) -> float:
        """The covariance that tells just enough of the label, in doubles."""
        scale = float(abs(1 - 2 * self.noise))
        law = r if self.noise <= fmpq(1, 2) else 1 - r
        root = _root(float(self.needed), float(self.s), float(law)) / scale if scale else math.inf
        return min(root, float(self.most(r)))

    @once
    def enough(self, r: fmpq) -> fmpq | None:
        """A covariance that is proved to tell enough of the label, near the least that does."""
        if self.needed is None:
            return fmpq(0)
        return self._proved(self.label_root(r), self.most(r), 1, lambda u: self.tells(r, u, 1))

    @once
    def too_little(self, r: fmpq) -> tuple[Number, bool]:
        """A covariance that tells too little of the label, near the largest; and whether all covariances do."""
        most = self.most(r)
        if not self.tells(r, most, 1) and self._left(self.joint, r, most) > exact_or_ball(self.bounds["C"]):
            return most, True
        found = self._proved(self.label_root(r), most, -1, lambda u: self.tells(r, u, -1))
        return fmpq(0) if found is None else found, False

    def plan(self, x: fmpq) -> tuple[fmpq, fmpq, bool] | None:
        """A plan at a place of the axis, proved feasible: its law, covariance, and whether `Y` is negated."""
        r, negated = self.split(x)
        low, high = self.laws[0]
        least = self.enough(r) if low <= (1 - r if negated else r) <= high else None
        if least is None:
            return None
        if self.minimise == "D" and not negated:
            u = self.within_rate(r)
        else:
            u = least
            if self.minimise == "R" and not negated and "D" in self.b:
                u = max(u, rational_above(self.spare(r, False)))
        feasible = 0 <= u <= self.most(r) and u >= least
        if "R" in self.b:
            feasible = feasible and self.is_within_rate(r, u)
        if "D" in self.b:
            feasible = feasible and self.error(r, u, negated) <= self.b["D"]
        return (r, u, negated) if feasible else None

    def point(self, x: fmpq) -> Number | None:
        """Return the objective at a place; None unless it is proved feasible."""
        found = self.plan(x)
        if found is None:
            return None
        r, u, negated = found
        return self.error(r, u, negated) if self.minimise == "D" else self.rate(r, u)

    # Intervals of laws --------------------------------------------------------------------------------------------------

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved infeasible."""
        (first, negated), (last, too) = self.split(low), self.split(high)
        if negated != too or self.impossible:
            return None  # between the two parts of the axis there is nothing
        laws = first, last
        lowers, uppers, beyond = self._lines(laws, negated)
        if beyond or any(all(a[i] > b[i] for i in (0, 1)) for a, b in product(lowers, uppers)):
            return None
        if self.minimise == "D":
            return self._least_error(laws, lowers, uppers, negated)
        return self._least_rate(laws, lowers)

    def _lines(self, laws: tuple[fmpq, fmpq], negated: bool) -> tuple[list[Line], list[Line], bool]:
        """Linear bounds on the covariance, from below and above; and whether none tells enough of the label."""
        lowers: list[Line] = [(fmpq(0), fmpq(0))]
        uppers: list[Line] = [self._ends_of(self.most, laws)]
        if "D" in self.b:
            spare = self._ends_of(lambda r: self.spare(r, negated), laws)
            if negated:
                uppers.append((-spare[0], -spare[1]))
            else:
                lowers.append(spare)
        if "R" in self.b:
            uppers += self._tangent(laws)
        if self.needed is None:
            return lowers, uppers, False
        chord, beyond = zip(*(self.too_little(r) for r in laws), strict=True)
        return [*lowers, chord], uppers, all(beyond)

    def _ends_of(self, f: Callable[[fmpq], Number], laws: tuple[fmpq, fmpq]) -> Line:
        a, b = laws
        return f(a), f(b)

    def _slopes(self, r: fmpq, u: fmpq) -> tuple[Number, Number, Number]:
        """`I(X;Y)` and its gradient at a point inside."""
        return self.rate(r, u), *_gradient(self.m, r, u)

    def duals(self, found: Found) -> dict[str, float] | None:
        """Balance the gradients in the plane of law and covariance."""
        plan = self.plan(found.primal)
        if plan is None:
            return None
        r, u, negated = plan
        side = -1 if negated else 1
        law, reached = 1 - r if negated else r, self.reached(found)
        gradients: dict[str, tuple[Number, Number]] = {
            "D": (side * (1 - 2 * self.m) * self.steep, -2 * side * self.steep),  # pyright: ignore[reportAssignmentType] (flint)
            "R": _gradient(self.m, r, u),
        }
        if "C" in self.b:
            along_r, along_u = _gradient(self.s, r, (1 - 2 * self.noise) * u)
            gradients["C"] = (-along_r, -along_u * (1 - 2 * self.noise))
        along = side if law > self.reference else -side
        if self.problem.perception == "KL":
            along = side * (arb(law) / (1 - law) * arb(1 - self.reference) / self.reference).log()
        gradients["P"] = (along, fmpq(0))
        bounds = self.b | ({"P": exact_or_ball(self.bounds["P"]) * self.one("P")} if "P" in self.bounds else {})
        met = {name: _floats(gradients[name]) for name, bound in bounds.items() if is_met(bound - reached[name], bound)}  # pyright: ignore[reportOperatorIssue] (flint)
        walls = [[0.0, -1.0]] if u == 0 else []
        ends = ((-self.m, self.m * (1 - r)), (1 - self.m, (1 - self.m) * r))
        walls += [_floats((-slope, fmpq(1))) for slope, most in ends if is_met(most - u, most)]
        return balanced(_floats(gradients[self.minimise]), met, walls)

    def _tangent(self, laws: tuple[fmpq, fmpq]) -> list[Line]:
        """The largest covariances within the rate lie below a tangent; none is needed where all are within it."""
        R, middle = self.b["R"], (laws[0] + laws[1]) / 2
        # By Pinsker's inequality 8 u^2 <= I(X;Y), which has digits where those of the tangent are lost ([cover2006]).
        most = rational_above((arb(R) / 8).sqrt()) if R != 0 else fmpq(0)
        root = exact_or_ball(_root(float(R), float(self.m), float(middle)))
        u = min(root, rational_below(self.most(middle)) * _SHORT)
        if R < _LOST or u <= 0:
            return [(most, most)]
        value, along_r, along_u = self._slopes(middle, u)
        touching = self._ends_of(lambda r: u + (R - value - along_r * (r - middle)) / along_u, laws)
        return [(most, most), touching] if along_u > 0 else [(most, most)]

    def _least_error(self, laws: tuple, lowers: list[Line], uppers: list[Line], negated: bool) -> Number:
        """The best of the bounds that one line alone gives: the error falls with the covariance, or grows if negated."""
        lines = lowers if negated else uppers
        errors = ([self.error(r, u, negated) for r, u in zip(laws, line, strict=True)] for line in lines)
        return -smallest([fmpq(0), *(-smallest(pair) for pair in errors)])

    def _least_rate(self, laws: tuple, lowers: list[Line]) -> Number:
        """The rate lies above its tangent plane, and grows with the covariance."""
        middle, found = (laws[0] + laws[1]) / 2, [rational_below(self.floor)]
        at = exact_or_ball(max(float((line[0] + line[1]) / 2) for line in lowers))
        u = min(at, rational_below(self.most(middle)) * _SHORT)
        if u > 0:
            value, along_r, along_u = self._slopes(middle, u)
            for line in lowers if along_u >= 0 else ():
                ends = [value + along_r * (r - middle) + along_u * (c - u) for r, c in zip(laws, line, strict=True)]
                found.append(rational_below(smallest(ends)))
        return max(found)

    def reached(self, found: Found) -> dict[str, object]:
        """Return what a plan reaches."""
        plan = None if found.primal is None else self.plan(found.primal)
        if plan is None:
            return {}
        r, u, negated = plan
        law = 1 - r if negated else r
        if law == self.reference:
            distance = fmpq(0)
        elif self.problem.perception == "KL":
            distance = KL_b.enclose(arb(law), arb(self.reference), arb(1).exp())
        else:
            distance = abs(law - self.reference)
        reached: dict[str, Any] = {"D": self.error(r, u, negated), "R": self.rate(r, u), "P": distance}
        if self.problem.q_S1.is_number:
            told = (1 - 2 * self.noise) * u
            told = fmpq(0) if told == 0 else I_b.enclose(arb(told), arb(self.s), arb(r), arb(1).exp())
            reached["C"] = binary_entropy_ball(arb(self.s)) - told
        reached["coupling"] = np.array([[float(p) for p in row] for row in self.coupling(plan)])
        return reached

    def coupling(self, plan: tuple[fmpq, fmpq, bool]) -> list[list[Exact]]:
        """Return the joint law of `X` and `Y`, exactly."""
        r, u, negated = to_fraction(plan[0]), to_fraction(plan[1]), plan[2]
        q = number("q_X", self.problem.parameters["q_X"])
        m = 1 - q if self.flipped else q
        rows: list[list[Exact]] = [[(1 - m) * (1 - r) + u, (1 - m) * r - u], [m * (1 - r) - u, m * r + u]]
        rows = [row[:: -1 if negated else 1] for row in rows]
        return [row[::-1] for row in rows[::-1]] if self.flipped else rows

    def certificate(self, found: Found, lower: float, upper: float) -> FiniteCertificate:
        """Write down the code; the checker needs no numbers for the lower bound."""
        # A label that nobody is asked about may be a symbol.
        given = (self.problem if self.problem.q_S1.is_number else self.problem.changed(q_S1=0)).finite()
        plan, primal = None if found.primal is None else self.plan(found.primal), None
        if plan is not None:
            r, u, negated = plan
            law = to_fraction(1 - r if negated != self.flipped else r)
            # Rows are scaled to their masses: equal ones are independence, which has no rate.
            primal = {"kind": "coupling", "joint": [[1 - law, law]] * 2 if u == 0 else self.coupling(plan)}
            if given.perception == "W2":
                primal["gamma"] = transport_of_bits(law, given.reference[1])
        kind = "data processing" if self.impossible and lower == math.inf else "bits"
        return FiniteCertificate(
            given, self.minimise, self.unit, tuple(self.bounds.items()), lower, upper, primal, {"kind": kind}
        )


def _gradient(m: Number, r: fmpq, u: Number) -> tuple[arb, arb]:
    """The gradient of the mutual information of two bits in the law of the second and in their covariance, in nats."""
    both, none = arb(m * r + u), arb((1 - m) * (1 - r) + u)
    lost, gained = arb(m * (1 - r) - u), arb((1 - m) * r - u)
    along_u = (both * none / (lost * gained)).log()
    along_r = m * (both / lost).log() + (1 - m) * (gained / none).log() + (arb(1 - r) / r).log()
    return along_r, along_u


def _floats(gradient: tuple[Number, Number]) -> list[float]:
    return [float(arb(slope).mid()) if arb(slope).is_finite() else math.nan for slope in gradient]


def _halved(good: fmpq, bad: fmpq, holds: Callable[[fmpq], bool]) -> fmpq:
    """Bisect, where doubles were of no help."""
    for _ in range(_STEPS):
        middle = (good + bad) / 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return good


def solve_asymptotic(problem: PerceivedBernoulli, **question: Unpack[Question]) -> Solution:
    """Minimise over the law of `Y` and the covariance of `X` and `Y`, and prove the answer.

    There are numbers for `q_X` and `q_ref`, and for `q_S1` if there is a `C`. `R` bounds `I(X;Y)`, and `C` bounds `H(S|Y)`.

    Notes
    -----
    Source: [nguyen2026], section 3, for the problem.

    Examples
    --------
    >>> b = PerceivedBernoulli(q_X=0.3, q_S1=0.1, q_ref=0.5, setting="asymptotic")
    >>> s = solve_asymptotic(b, R=0.4, P=0.1)
    >>> s.status, round(s.value, 6), round(s.perception, 6)
    ('optimal', 0.140748, 0.1)
    """
    return ask(LawProgram, problem, **question)
