"""Gaussians with limited common randomness: a scalar by bisection, a vector by duality, both in ball arithmetic.

With normal `X - V - Y` ([saldi2015]), the correlations of `X, V` and of `V, Y` are bounded by `I(X;V) <= R` and
`I(V;Y) <= R + R_c`, and the error falls as either grows: each is bisected between a value that is proved feasible and one
that is proved not to be.

Component i of a vector, of weight `w`, gains `w sqrt((1 - exp(-2 r)) (1 - exp(-2 s)))`, which is concave in both rates; the
`r_i` add up to at most R and the `s_i` to R + R_c.  At prices `p`, `q` of the two with `p q < w^2` the best rates leave
`exp(-2 r) = p/(f + k)` and `exp(-2 s) = q/(f - k)`, with `k = (p - q)/2` and `f = sqrt(k^2 + w^2)`; else they are zero.
([boyd2004], section 5)
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import Unpack

import numpy as np
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.information.allocation import limited_level, reverse_level
from drc.problems.arrays import exact_number
from drc.problems.gaussian import Gaussian
from drc.solvers.arithmetic.balls import Number, exact_or_ball, nearest, rational_middle, total
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.gaussian import GaussianProgram, Lengths
from drc.solvers.scalar.program import Question, ask

#: How often a correlation is bisected.
_BISECTIONS = 120

#: How much less than the bounds a plan spends, so that rounding leaves it feasible.
_SPENT = 1 - fmpq(1, 2**100)


class _Limited(Lengths):
    """A program with limited common randomness."""

    def check(self) -> None:
        """Refuse what has no solver."""
        if "C" in self.bounds:
            raise NotAvailableError(
                f"C must be left out for R_c = {self.problem.R_c}, got {float(self.bounds['C']):g}: with limited common"
                " randomness normal V are not known to be optimal under a classification constraint"
            )
        if self.minimise != "D":
            raise NotAvailableError("minimise must be 'D' with limited common randomness, got 'R'")
        super().check()


class LimitedProgram(_Limited, GaussianProgram):
    """The program over the two correlations."""

    method = "bisection of two correlations in ball arithmetic"

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Bisect the two correlations."""
        rate = self.b.get("R")
        both = None if rate is None else rate + self.n["R_c"] * self.nat
        (low, high), (lower, higher) = _bisected(rate), _bisected(both)
        return Found(self.D(high * higher), self.D(low * lower), low * lower)

    def duals(self, found: Found) -> dict[str, float]:
        """Return the derivative by the rate: both correlations grow with it."""
        if "R" not in self.b:
            return {}
        rate, more = arb(self.b["R"]), self.n["R_c"] * self.nat
        squares = [-(-2 * r).expm1() for r in (rate, rate + more)]
        roots = [square.sqrt() for square in squares]
        # The derivative of sqrt(1 - exp(-2 R)); infinite at rate zero, where the distortion falls vertically.
        slopes = [(1 - square) / root for square, root in zip(squares, roots, strict=True)]
        fall = 2 * self.weights[0] * (slopes[0] * roots[1] + slopes[1] * roots[0])
        return {"R": nearest(fall) if fall.is_finite() else math.inf}

    def reached(self, found: Found) -> dict[str, object]:
        """Return what the correlations reach."""
        rate = self.b.get("R", arb.pos_inf())
        return {"D": found.upper, "R": rate, "rho": nearest(found.primal)}


def solve_limited(problem: Gaussian, **question: Unpack[Question]) -> Solution:
    """Minimise the error for a rate and an amount of common randomness, and enclose it.

    All parameters have numbers, `R_c` among them, which is in the unit of the question; only "D" is minimised, without `C`.

    Examples
    --------
    >>> g = Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=0, R_c=0)
    >>> round(solve_limited(g, R=1).value, 9)
    0.5
    """
    return ask(LimitedProgram, problem, **question)


class VectorLimitedProgram(_Limited):
    """The program in the two rates of each component, in nats."""

    way = "duality"
    method = "concave program in two rates for each component, duality in ball arithmetic"

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
        assert found.primal is not None  # only a plan reaches something
        rate, error, _, rates = found.primal
        return {"R": rate, "D": error, "rates": tuple(nearest(arb(r / self.nat)) for r in rates)}

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return the price of the rate, which both bounds grow with; it is infinite at rate zero."""
        assert found.primal is not None  # there is a plan for every bound
        prices = found.primal[2]
        if prices is None:
            return None
        if not prices:
            return {"R": float("inf")} if "R" in self.b else {}
        return {"R": nearest(arb(2 * sum(prices)))}


def _bisected(limit: Number | None) -> tuple[fmpq, fmpq]:
    """Enclose the largest correlation whose mutual information, in nats, is within a limit."""
    if limit is None:
        return fmpq(1), fmpq(1)
    low, high = fmpq(0), fmpq(1)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        information = -arb(1 - middle * middle).log() / 2
        if information <= limit:
            low = middle
        elif information > limit:
            high = middle
        else:
            break
    return low, high


def _gain(rate: Number) -> Number:
    """Return the correlation that a rate allows."""
    return (-(-2 * arb(rate)).expm1()).sqrt() if rate != 0 else fmpq(0)
