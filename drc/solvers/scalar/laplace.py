"""Laplace sources: Shannon's lower bound at one price, and a test channel, both in ball arithmetic.

For every price `s > 0` of the error the rate is at least `h(X) - log(2/s) - s D`, because `log(2/s) + s E|N|` is the
cross-entropy of the noise with a Laplace density.  A channel whose noise is Laplace of the mean absolute value `d <= 1/lam`
has the error `d` and the rate `h(X) - h(N)`.
"""

from __future__ import annotations

from functools import cached_property
from typing import Unpack

from flint import arb, fmpq

from drc.errors import NotAvailableError, ProblemError
from drc.problems.laplace import Laplace
from drc.solvers.arithmetic.balls import Number, exact_or_ball, float_above, nearest
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.program import Program, Question, ask
from drc.units import unit_named

#: By how much a channel stays within a bound that it could meet only up to rounding, as a part of it.
_ROOM = fmpq(1, 2**100)


class LaplaceProgram(Program):
    """The program over the error of the channel."""

    problem: Laplace
    way = "test channel"
    method = "Shannon's lower bound at one price, and the test channel that attains it"
    closed = False

    def one(self, name: str) -> Number:
        """Return a nat in the user's unit; errors are in the unit of the program."""
        return self.nat if name == "R" else fmpq(1)

    @cached_property
    def mean(self) -> Number:
        """The mean of `|X|`."""
        return 1 / arb(exact_or_ball(self.problem.numbers["lam"]))

    @property
    def apart(self) -> Number:
        """The error at no rate."""
        return self.mean

    def check(self) -> None:
        """Refuse what has no answer."""
        if "C" in self.bounds:
            raise NotAvailableError("C must be left out for a Laplace source, which has no label")
        if not self.minimise == "D" and "D" not in self.bounds:
            raise ProblemError("D must be given with minimise='R'")

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Find the channel, and the price at which its bound is tight."""
        found = self._least_error() if self.minimise == "D" else self._least_rate()
        if "P" in self.bounds and found.primal is not None:
            given = {"P": float(self.bounds["P"]), "D": float_above(arb(found.primal))}
            self.problem.check_bounds(given, unit_named(self.unit))
        return found

    def _least_error(self) -> Found:
        if "R" not in self.b:
            return Found(fmpq(0), fmpq(0), fmpq(0))
        error = self.mean * (-arb(self.b["R"])).exp()
        if self.b["R"] == 0:
            return Found(self.mean, self.mean, self.mean)
        d = arb(error).mid() * (1 + _ROOM)
        # The bound on the rate, solved for the error at the price 1/d.
        lower = (self._rate(d) + 1 - self.b["R"]) * d
        return Found(lower, error if self._rate(d) <= self.b["R"] else None, error)

    def _least_rate(self) -> Found:
        D = self.b["D"]
        if D == 0:
            return Found(None, None)
        if not self.mean > D:
            return Found(fmpq(0), fmpq(0), self.mean)
        return Found(self._rate(arb(D)), self._rate(arb(D)), D)

    def _rate(self, d: arb) -> arb:
        """The rate of the channel with an error: `h(X) - h(N)`."""
        entropies = [(2 * arb(1).exp() * scale).log() for scale in (arb(self.mean), d)]
        return entropies[0] - entropies[1]

    def duals(self, found: Found) -> dict[str, float]:
        """Return the price of the bound."""
        if found.primal is None or found.primal == 0:
            return {}
        d = nearest(arb(found.primal))
        free = self.minimise == "R" and not self.mean > found.primal
        return {} if free else {"R": d} if self.minimise == "D" else {"D": 1 / d}

    def reached(self, found: Found) -> dict[str, object]:
        """Return what the channel reaches."""
        d = found.primal
        reached = {"D": d, "R": arb.pos_inf() if d == 0 else self._rate(arb(d))}
        if (measure := self.problem.perception) is not None:
            reached["P"] = exact_or_ball(self.problem.free_perception(measure, nearest(arb(d))))
        return reached


def solve_laplace(problem: Laplace, **question: Unpack[Question]) -> Solution:
    """Minimise the error or the rate, and enclose it.

    The parameter has a number, and there is no `C`.

    Examples
    --------
    >>> round(solve_laplace(Laplace(2), D=0.125, minimise="R").value, 9)
    2.0
    """
    return ask(LaplaceProgram, problem, **question)
