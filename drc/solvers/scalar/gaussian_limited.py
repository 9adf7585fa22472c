"""Scalar Gaussians with limited common randomness: two correlations, bisected in ball arithmetic ([saldi2015]).

With normal `X - V - Y`, the correlations of `X, V` and of `V, Y` are bounded by `I(X;V) <= R` and `I(V;Y) <= R + R_c`, and
the error falls as either grows. Each is bisected between a value that is proved feasible and one that is proved not to be.
"""

from __future__ import annotations

import math
from typing import Unpack

from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.problems.gaussian import Gaussian
from drc.solvers.arithmetic.balls import Number, nearest
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.gaussian import GaussianProgram
from drc.solvers.scalar.program import Question, ask

_BISECTIONS = 120


class LimitedProgram(GaussianProgram):
    """The program over the two correlations."""

    method = "bisection of two correlations in ball arithmetic"

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
