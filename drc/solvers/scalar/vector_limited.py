"""Vector Gaussians with limited common randomness: two rates for each component, proved by duality in ball arithmetic.

Component i of weight `w` gains `w sqrt((1 - exp(-2 r)) (1 - exp(-2 s)))`, which is concave in both rates; the `r_i` add up
to at most R and the `s_i` to R + R_c.  At prices `p`, `q` of the two with `p q < w^2` the best rates leave
`exp(-2 r) = p/(f + k)` and `exp(-2 s) = q/(f - k)`, with `k = (p - q)/2` and `f = sqrt(k^2 + w^2)`; else they are zero.
([boyd2004], section 5)
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.information.allocation import limited_level, reverse_level
from drc.problems.arrays import exact_number
from drc.solvers.arithmetic.balls import Number, exact_or_ball, nearest, rational_middle, total
from drc.solvers.arithmetic.branch import Found
from drc.solvers.request import Clock
from drc.solvers.scalar.gaussian import Lengths

#: How much less than the bounds a plan spends, so that rounding leaves it feasible.
_SPENT = 1 - fmpq(1, 2**100)


class VectorLimitedProgram(Lengths):
    """The program in the two rates of each component, in nats."""

    way = "duality"
    method = "concave program in two rates for each component, duality in ball arithmetic"

    def check(self) -> None:
        """Refuse what has no solver."""
        if "C" in self.bounds:
            raise NotAvailableError(
                f"C must be left out for R_c = {self.problem.R_c}: with a label the optimum is not known"
            )
        if self.minimise != "D":
            raise NotAvailableError("minimise must be 'D' with limited common randomness, got 'R'")
        super().check()

    @property
    def components(self) -> tuple[str, ...]:
        """The numbers of the components."""
        return tuple(str(i + 1) for i in range(self.problem.n))

    @cached_property
    def both(self) -> tuple[Number, Number]:
        """The two bounds."""
        rate = self.b["R"]
        return rate, rate + exact_or_ball(exact_number("R_c", self.problem.R_c)) * self.nat

    @property
    def floor(self) -> Number:
        """The distortion at any rate."""
        return self.independent - 2 * total(self.weights)

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Prove what rates and prices found in doubles are worth."""
        if "R" not in self.b:
            return Found(self.floor, self.floor, (arb.pos_inf(), self.floor, (), [arb.pos_inf()] * self.problem.n))
        if self.b["R"] == 0:
            nothing = fmpq(0), self.independent, (), [fmpq(0)] * self.problem.n
            return Found(self.independent, self.independent, nothing)
        prices = self._prices()
        if prices is None:
            rates = [tuple(bound / self.problem.n for bound in self.both) for _ in self.weights]
        else:
            rates = [self.best(w, *prices) for w in self.weights]
        plan = self._within(rates)
        pairs = zip(self.weights, plan, strict=True)
        error = self.independent - 2 * sum((w * _gain(r) * _gain(s) for w, (r, s) in pairs), arb(0))
        spent = [r for r, _ in plan]
        reached = total(spent), error, prices, spent
        if prices is None:
            return Found(self.floor, error, reached)
        value = total(p * bound for p, bound in zip(prices, self.both, strict=True))
        for w, (r, s) in zip(self.weights, rates, strict=True):
            value = value + w * _gain(r) * _gain(s) - prices[0] * r - prices[1] * s
        return Found(self.independent - 2 * value, error, reached)

    def best(self, w: Number, p: fmpq, q: fmpq) -> tuple[Number, Number]:
        """Return the rates of a component at two prices."""
        if not p * q < w * w:
            return fmpq(0), fmpq(0)
        k = (p - q) / 2
        far = arb(k * k + w * w).sqrt()
        return -(p / (far + k)).log() / 2, -(q * (far + k) / (w * w)).log() / 2

    def _prices(self) -> tuple[fmpq, fmpq] | None:
        """Find the prices in doubles; None where the rates are so large that they are zero."""
        w, (R, both) = np.array([float(arb(e)) for e in self.weights]), (float(arb(bound)) for bound in self.both)
        with np.errstate(all="ignore"):
            m = reverse_level(np.array((R + both) / 2), w) / 4
            y = limited_level(np.array(R), m, w)
            high = float(np.hypot(y, m) + y)
            low = float(m * m / high)
        if not (np.isfinite([high, low]).all() and low > 0):
            return None
        return rational_middle(arb(high)), rational_middle(arb(low))

    def _within(self, rates: list[tuple[Number, Number]]) -> list[tuple[fmpq, fmpq]]:
        """Return the same shares of rates that keep the bounds."""
        columns = []
        for bound, column in zip(self.both, zip(*rates, strict=True), strict=True):
            middles = [max(fmpq(0), rational_middle(arb(rate))) for rate in column]
            most, spent = rational_middle(arb(bound)), total(middles)
            share = most / spent * _SPENT if spent > 0 else fmpq(0)
            columns.append([rate * share for rate in middles])
        return list(zip(*columns, strict=True))

    def certificate(self, found: Found, lower: float, upper: float) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Write nothing down: two rates for each component have no certificates yet."""

    def reached(self, found: Found) -> dict[str, object]:
        """Return what the plan reaches."""
        assert found.primal is not None  # there is a plan for every bound
        rate, error, _, rates = found.primal
        return {"R": rate, "D": error, "rates": tuple(nearest(arb(r / self.nat)) for r in rates)}

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return the price of the rate, which both bounds grow with; it is infinite at rate zero."""
        assert found.primal is not None  # as above
        prices = found.primal[2]
        if prices is None:
            return None
        if not prices:
            return {"R": float("inf")} if "R" in self.b else {}
        return {"R": nearest(arb(2 * sum(prices)))}


def _gain(rate: Number) -> Number:
    """Return the correlation that a rate allows."""
    return (-(-2 * arb(rate)).expm1()).sqrt() if rate != 0 else fmpq(0)
