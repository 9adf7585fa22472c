"""Vector Gaussians: a convex program in the rates of the components, proved by duality in ball arithmetic.

Rates found in double precision are sharpened by Newton's method, taken a little inside the constraints, and proved
feasible: that is the upper bound.  Prices prove the lower one, by the least of the Lagrangian, component by component; if
no rates are feasible, prices prove that too (Farkas' lemma).  ([boyd2004], section 5; [chen2025gaussian])
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any, Unpack

import numpy as np
import sympy as sp
from flint import arb, fmpq

from drc.information import allocation
from drc.information.allocation_balls import Components, Start
from drc.information.water_filling import ambiguity_level, best_rates, dearest_rates, least_rate
from drc.problems.arrays import exact_number
from drc.problems.vector_gaussian import VectorGaussian
from drc.solvers.arithmetic.balls import Number, exact_or_ball, nearest, rational_middle, total
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.certificates import label_correlation
from drc.solvers.scalar.gaussian import Lengths
from drc.solvers.scalar.limited import VectorLimitedProgram
from drc.solvers.scalar.program import Question, ask

#: How far inside the constraints rates are looked for: more than rounding, far less than a double resolves.
_INSIDE = fmpq(1, 2**110)

#: A part of a weight that doubles do not tell well from none.
_NEAR = fmpq(1, 2**30)

#: Steps that run away end beyond this, in numbers too long to be written as fractions.
_HUGE = arb(2) ** 1024

#: Bits or nats of each component from which on a larger rate makes no difference that doubles can tell.
_MANY_BITS = 300

#: Beyond this rate even balls do not tell the prices from those of an infinite one.
_LARGEST_RATE = 1e5


class VectorProgram(Lengths):
    """The program in the rates."""

    way = "duality"
    method = "convex program in the rates, duality in ball arithmetic"

    @cached_property
    def parts(self) -> Components:
        """The components."""
        correlations = (label_correlation(self.problem.numbers, i) for i in self.problem._endings)
        c = [exact_or_ball(exact_number("c", rho**2)) for rho in correlations]
        return Components(self.weights, c)

    @cached_property
    def floor(self) -> Number:
        """Squared Wasserstein distance of the two laws."""
        rows = self.rows("mu_X", "mu_Y", "sigma_X", "sigma_Y")
        return total((a - b) * (a - b) + (s - t) * (s - t) for a, b, s, t in rows)

    @cached_property
    def h_S(self) -> Number:
        """Entropy of the label."""
        return sum(((2 * arb.pi() * s * s).log() / 2 + fmpq(1, 2) for (s,) in self.rows("sigma_S")), arb(0))

    @cached_property
    def R(self) -> Number | None:
        """The bound on the rate."""
        return self.b.get("R")

    @cached_property
    def g(self) -> Number | None:
        """The gain that the bound on the distortion requires."""
        return (self.independent - self.b["D"]) / 2 if "D" in self.b else None

    @cached_property
    def K(self) -> Number | None:
        """The bound on the ambiguity; one that always holds is left out."""
        K = self.b["C"] - self.h_S if "C" in self.b else None
        return None if K is None or K >= 0 else K

    @cached_property
    def known(self) -> arb:
        """The ambiguity at an infinite rate."""
        return sum(((1 - arb(c)).log() / 2 if c != 1 else arb.neg_inf() for c in self.parts.c), arb(0))

    def cost(self, rates: tuple[Number, ...] | None) -> Number | None:
        """Return the objective at some rates (None: infinite ones); None unless they are proved feasible."""
        if rates is None:
            allowed = self.minimise == "D" and self.R is None and (self.K is None or self.known <= self.K)
            return self.floor if allowed else None
        spent: Number = total(rates)
        if any(r < 0 for r in rates) or not (self.R is None or spent <= self.R):
            return None
        if self.K is not None and not self.parts.ambiguity(rates) <= self.K:
            return None
        gain = fmpq(0) if spent == 0 else self.parts.gain(rates)
        if self.g is not None and not gain >= self.g:
            return None
        return self.independent - 2 * gain if self.minimise == "D" else spent

    def bound(self, prices: tuple, rates: tuple) -> Number | None:
        """Bound the objective from below; None if nothing is proved."""
        least = self._lagrangian(prices, rates)
        if self.minimise == "R":
            return least if prices[0] == 1 else None
        if self.R == 0:
            return self.independent  # without any rate all correlations are zero
        if prices[1] != 1 or least is None or not (self.independent + least) >= self.floor:
            return self.floor
        return self.independent + least

    def excluded(self, prices: tuple, rates: tuple) -> bool:
        """Prove that no rates are feasible: a combination of the constraints is positive everywhere."""
        if prices["RD".index(self.minimise)] != 0:
            return False
        if prices[0] == prices[2] == 0:
            # The gain stays below the sum of the weights at any finite rate.
            return self.g is not None and bool(self.floor - self.independent + 2 * self.g >= 0)
        least = self._lagrangian(prices, rates)
        return least is not None and bool(least > 0)

    def _lagrangian(self, prices: tuple, rates: tuple) -> arb | None:
        price_R, price_D, price_C = prices
        unbounded = (self.minimise == "D" and self.R is None and price_R != 0) or (self.K is None and price_C != 0)
        if any(p < 0 for p in prices) or unbounded or (self.minimise == "R" and self.g is None and price_D != 0):
            return None
        least = self.parts.lagrangian(prices, rates)
        if least is None:
            return None
        if self.minimise == "D" and self.R is not None:
            least = least - price_R * self.R
        if self.minimise == "R" and self.g is not None:
            least = least + 2 * price_D * self.g
        return least if self.K is None else least - price_C * self.K

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Prove what rates and prices found in doubles are worth."""
        upper = rates = lower = None
        dual: tuple = (), ()
        # The search in doubles may divide by zero on the way; what it finds is proved.
        with np.errstate(all="ignore"):
            for plan, prices, near in (one for about in _nearby(self) for one in _candidates(about)):
                if self.excluded(prices, near):
                    return Found(None, None, dual=(prices, near))
                cost, bound = self.cost(plan), self.bound(prices, near)
                if cost is not None and (upper is None or _top(cost) < _top(upper)):
                    upper, rates = cost, plan
                if bound is not None and (lower is None or -_top(-bound) > -_top(-lower)):
                    lower, dual = bound, (prices, near)
                if clock.over:
                    break
        return Found(fmpq(0) if lower is None else lower, upper, rates, dual)

    def plan(self, found: Found, upper: float) -> dict[str, object]:
        """Return the rates, without rounding."""
        if found.primal is None:
            return {"rates": [sp.oo] * self.problem.n}
        unit = sp.log(2) if self.unit == "bits" else 1
        return {"rates": [sp.Rational(int(r.p), int(r.q)) / unit for r in found.primal]}

    def multipliers(self, found: Found, lower: float) -> dict[str, Number]:
        """Return the prices in the user's units; any prove what costs nothing, or no more than unlimited rates."""
        (of_R, of_D, of_C), _ = found.dual
        if self.minimise == "R":
            return {"R": of_R, "C": of_C, "D": of_D * self.one("D") / self.nat}
        if lower == math.inf:
            return {"R": of_R, "C": of_C}
        if self.R == 0 or of_D != 1 or lower <= nearest(arb(self.floor / self.one("D"))):
            return {}
        return {name: price * self.nat / self.one("D") for name, price in (("R", of_R), ("C", of_C))}

    def solved(self, tolerance: float, clock: Clock) -> Solution:
        """Search; the prices are those of the bounds where they prove the optimum."""
        found = super().solved(tolerance, clock)
        return found if found.status == "optimal" else replace(found, duals={})

    def reached(self, found: Found) -> dict[str, object]:
        """Return what some rates reach, which may be infinite, and the price of each bound in its own unit."""
        if found.upper is None:
            return {}
        square, rates = self.length**2, found.primal
        if rates is None:
            left, error, rates = self.known, self.floor, (arb.pos_inf(),) * self.problem.n
        else:
            left, error = self.parts.ambiguity(rates), self.independent - 2 * self.parts.gain(rates)
        reached: dict[str, Any] = {"D": error, "R": total(rates), "C": self.h_S + left}
        reached["rates"] = tuple(nearest(arb(r / self.nat)) for r in rates)
        reached["duals"] = {}
        if found.dual[0]:
            price_R, price_D, price_C = found.dual[0]
            own = {"D": price_D / self.nat / square, "C": price_C}
            if self.minimise == "D":
                own = {"R": price_R * self.nat * square, "C": price_C * self.nat * square}
            reached["duals"] = {name: nearest(arb(own[name])) for name in self.bounds if name in own}
        return reached


def _top(value: Number) -> float:
    return nearest(arb(value).upper())


def _nearby(program: VectorProgram) -> Iterator[VectorProgram]:
    """Yield programs whose rates and prices are tried: beside a large rate, a smaller one that costs no more, and none.

    What is proved of them is proved for the program itself.
    """
    most = _MANY_BITS * program.problem.n
    if not program.bounds.get("R", 0) > most:
        yield program
        return
    others = {name: bound for name, bound in program.bounds.items() if name != "R"}
    yield replace(program, bounds=others | {"R": most})
    yield replace(program, bounds=others)
    if program.bounds["R"] < _LARGEST_RATE:
        yield program


def _candidates(program: VectorProgram) -> Iterator[tuple[tuple | None, tuple, tuple]]:
    """Yield rates, prices, and where the Lagrangian at these prices has its least."""
    zeros, of_error = (fmpq(0),) * program.problem.n, (fmpq(0), fmpq(1), fmpq(0))
    yield zeros, (fmpq(1), fmpq(0), fmpq(0)) if program.minimise == "R" else of_error, zeros
    if program.R is None if program.minimise == "D" else program.g is not None:
        yield None, of_error, zeros
    if program.K is not None:
        yield from _label_alone(program, program.K)
    for K in (None, program.K):
        start = _start(program, K)
        found = None if start is None else _sharpened(program, start, K)
        if found is not None:
            yield found
        if program.K is None or (found is not None and program.cost(found[0]) is not None):
            break  # the constraint on the classification is slack


def _start(program: VectorProgram, K: Number | None) -> Start | None:
    """Solve in double precision; None where no rates are finite and positive."""
    w, c = (np.array([[float(arb(x)) for x in row]]) for row in (program.parts.w, program.parts.c))
    bound = np.array([math.inf if K is None else float(arb(K))])
    target = program.R if program.minimise == "D" else program.g
    if target is None or not target > 0:
        return None
    if program.minimise == "R" and K is None and (start := _start_near_floor(program, target)) is not None:
        return start
    share = best_rates if program.minimise == "D" else dearest_rates
    rates = share(np.array([float(arb(target))]), bound, w, c)[0]
    if not (np.isfinite(rates) & (rates > 0)).all():
        return None
    return Start(tuple(rates.tolist()), *map(float, allocation.prices(rates, w[0], c[0])))


def _start_near_floor(program: VectorProgram, gain: Number) -> Start | None:
    """Start from large rates where doubles do not tell the gain from its limit: each loses the same `w v/2`."""
    w = program.parts.w
    lost = (total(w) - gain) / len(w)
    if not 0 < lost < _NEAR * min(map(rational_middle, w)):
        return None
    return Start(tuple(-arb(2 * lost / x).log() / 2 for x in w), 4 * lost)


def _sharpened(program: VectorProgram, start: Start, K: Number | None) -> tuple[tuple, tuple, tuple] | None:
    inside = None if K is None else K - _INSIDE
    bound, side, by = (program.R, -1, "rate") if program.minimise == "D" else (program.g, 1, "gain")
    assert bound is not None  # rates were found for it
    target = bound + side * _INSIDE
    sharp = program.parts.sharpen(start, target, inside, by=by)
    if sharp is None or not all(1 / _HUGE < x < _HUGE for x in (*sharp.rates, sharp.price_R, 1 + abs(sharp.price_C))):
        return None
    rates = tuple(map(rational_middle, sharp.rates))
    price_R, price_C = rational_middle(sharp.price_R), max(fmpq(0), rational_middle(sharp.price_C))
    if program.minimise == "D":
        return rates, (price_R, fmpq(1), price_C), rates
    return rates, (fmpq(1), 1 / price_R, price_C / price_R), rates


def _label_alone(program: VectorProgram, K: Number) -> Iterator[tuple[tuple | None, tuple, tuple]]:
    """Rates that have the least ambiguity for their sum, and prices that say so."""
    c = program.parts.c
    zeros = (fmpq(0),) * len(c)
    if program.R is None and not program.known < K:
        # No finite rate meets the constraint.
        yield None, (fmpq(0), fmpq(0), fmpq(1)), zeros
        return
    R = program.R if program.R is not None else arb(least_rate.enclose(arb(K - _INSIDE), *map(arb, c)))
    if any(e == 1 for e in c):
        w = np.array([[float(arb(x)) for x in program.parts.w]])
        shares = allocation.ambiguity_rates(np.array([float(R)]), np.array([[float(arb(e)) for e in c]]), w)[0]
        if not np.isfinite(shares).all():
            return
        rates = [exact_or_ball(float(x)) for x in shares]
        first = next(i for i, e in enumerate(c) if e == 1)
        rates[first] += rational_middle(arb(R)) - total(rates) + (_INSIDE if program.R is None else -_INSIDE)
        price = fmpq(1)
    else:
        level = ambiguity_level(arb(R), [arb(e) for e in c])
        rates = [
            fmpq(0) if level is None or not (depth := level - ((1 - e) / e).log()) > 0 else rational_middle(depth / 2)
            for e in (arb(x) for x in c)
        ]
        price = fmpq(0) if level is None else fmpq(1) if R == 0 else rational_middle(1 / (1 + level.exp()))
    rates = tuple(rates)
    # The price of rate is in units of that of classification; at rate zero any is right that is large enough.
    if program.minimise == "D":
        yield rates, (price, fmpq(0), fmpq(1)), rates
    elif price > 0:
        yield rates, (fmpq(1), fmpq(0), 1 / price), rates


def solve_vector_gaussian(problem: VectorGaussian, **question: Unpack[Question]) -> Solution:
    """Minimise over the rates of the components, and prove the answer.

    All parameters have numbers; where common randomness is limited, only D is minimised, without C. It takes milliseconds.
    The rate of each component comes under `rates`.

    Examples
    --------
    >>> s = solve_vector_gaussian(VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5]), R=1, C=3.6)
    >>> s.status, round(s.value, 6), [round(r, 4) for r in s.rates]
    ('optimal', 2.990713, [0.6559, 0.3441])
    """
    return ask(VectorProgram if problem.R_c == sp.oo else VectorLimitedProgram, problem, **question)
