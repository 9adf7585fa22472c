"""Stationary Gaussian processes: water-filling over frequencies, proved by integrals in ball arithmetic.

The spectra are ratios of polynomials in the cosine, so that rate and gain at a price of rate are integrals of functions that
are analytic around the real line, which balls enclose.  Any price proves a lower bound (weak duality, [boyd2004], section
5), and one at which the constraint is proved to be met is a plan.
"""

from __future__ import annotations

from functools import cached_property
from typing import Unpack

import numpy as np
from flint import acb, acb_poly, arb, fmpq

from drc.errors import NotAvailableError
from drc.information.allocation import gain_level, rate_level
from drc.problems.arrays import exact_number
from drc.problems.gaussian_process import GaussianProcess
from drc.solvers.arithmetic.balls import Number, exact_or_ball, nearest
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.program import Program, Question, ask

#: Frequencies from which a price is guessed, and how far from the guess prices are tried, as parts of it.
_FREQUENCIES, _STEPS = 4096, tuple(10.0**-k for k in range(13, 0, -1))

#: Longer filters take minutes: their balls are wide.
_MOST_COEFFICIENTS = 80

#: How narrow the enclosure of an integral is to be.
_ENOUGH = arb(2) ** -70


class ProcessProgram(Program):
    """The program over the rates of all frequencies, in nats per sample."""

    way = "duality"
    method = "water-filling over frequencies, integrals in ball arithmetic"

    @property
    def closed(self) -> bool:
        """Whether what is minimised is finite on the border."""
        return self.minimise == "D"

    def one(self, name: str) -> Number:
        """Return a nat in the user's unit; lengths stay as they are."""
        return self.nat if name in "RC" else fmpq(1)

    def check(self) -> None:
        """Refuse a label."""
        if "C" in self.bounds:
            raise NotAvailableError("C must be left out for a GaussianProcess, which has no label")
        for name in ("ar_X", "ar_Y", "ma_X", "ma_Y"):
            if (size := len(getattr(self.problem, name))) > _MOST_COEFFICIENTS:
                raise NotAvailableError(
                    f"{name} must have at most {_MOST_COEFFICIENTS} coefficients for the limit, got {size}: solve a block(n)"
                )

    def given(self, name: str) -> Number:
        """Return a parameter."""
        return exact_or_ball(exact_number(name, getattr(self.problem, name)))

    @property
    def apart(self) -> Number:
        """The variance of the source."""
        return self.given("sigma_X") ** 2

    @cached_property
    def independent(self) -> Number:
        """The distortion of independent processes."""
        gap = self.given("mu_X") - self.given("mu_Y")
        return gap * gap + self.apart + self.given("sigma_Y") ** 2

    @cached_property
    def filters(self) -> list[tuple[acb_poly, acb_poly]]:
        """The polynomials in `exp(i w)` whose squared moduli have the spectra as their ratios, but for the variances."""
        return [(self._polynomial("ma", side, 1), self._polynomial("ar", side, -1)) for side in "XY"]

    def _polynomial(self, name: str, side: str, sign: int) -> acb_poly:
        values = getattr(self.problem, f"{name}_{side}")
        return acb_poly([acb(1), *(sign * acb(exact_or_ball(exact_number(name, value))) for value in values)])

    @cached_property
    def scale(self) -> arb:
        """What the product of the shapes has to be multiplied with to be `a(w)^2`."""
        found = arb(self.given("sigma_X") ** 2) * self.given("sigma_Y") ** 2
        for pair in self.filters:
            found = found / _mean(lambda z, _, pair=pair: _shape(pair, z))
        return found

    def square(self, z: acb) -> acb:
        """Return `a(w)^2`."""
        first, second = (_shape(pair, z) for pair in self.filters)
        return first * second * acb(self.scale)

    @cached_property
    def floor(self) -> Number:
        """The distortion at any rate."""
        return self.independent - 2 * _mean(lambda z, analytic: self.square(z).sqrt(analytic=analytic))

    def filled(self, price: arb) -> tuple[arb, arb]:
        """Return rate and gain at a price of a nat, each the mean over all frequencies."""

        def root(z: acb, analytic: bool) -> acb:
            return (acb(price) ** 2 + 16 * self.square(z)).sqrt(analytic=analytic)

        rate = _mean(lambda z, analytic: ((1 + root(z, analytic) / price) / 2).log(analytic=analytic) / 2)
        return rate, _mean(lambda z, analytic: 4 * self.square(z) / (price + root(z, analytic)))

    @cached_property
    def guessed(self) -> float:
        """A price near the best one, found in doubles."""
        w = np.exp(1j * np.pi * (np.arange(_FREQUENCIES) + 0.5) / _FREQUENCIES)
        shapes = [
            np.polyval([complex(c) for c in reversed(part.coeffs())], w) for pair in self.filters for part in pair
        ]
        a = np.sqrt(float(self.scale)) * np.abs(shapes[0] / shapes[1] * shapes[2] / shapes[3])
        with np.errstate(all="ignore"):
            if self.minimise == "D":
                return float(rate_level(np.array(float(arb(self.b["R"]))) * len(a), a))
            return float(gain_level(np.array(float(arb(self.independent - self.b["D"])) / 2 * len(a)), a))

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Enclose the optimum between a price that proves it and one that reaches it."""
        if (easy := self._without_a_price()) is not None:
            return easy
        for step in _STEPS:
            if clock.over:
                break
            # A dearer rate is spent less, and a cheaper one gains more.
            away = arb(self.guessed) * (1 + (step if self.minimise == "D" else -step))
            rate, gain = self.filled(away)
            error = self.independent - 2 * gain
            if self.minimise == "D" and rate <= self.b["R"]:
                return Found(error - away * (self.b["R"] - rate), error, (rate, error, away))
            if self.minimise == "R" and error <= self.b["D"]:
                return Found(rate - (self.b["D"] - error) / away, rate, (rate, error, away))
        return Found(self.floor if self.minimise == "D" else fmpq(0), None)

    def _without_a_price(self) -> Found | None:
        """Answer what no price decides: no constraint, no rate, or a distortion that no finite rate reaches."""
        nothing = (fmpq(0), self.independent, None)
        if self.minimise == "D":
            if "R" not in self.b:
                return Found(self.floor, self.floor, (arb.pos_inf(), self.floor, None))
            # There the distortion falls vertically.
            at_zero = (*nothing[:2], arb.pos_inf())
            return Found(self.independent, self.independent, at_zero) if self.b["R"] == 0 else None
        if "D" not in self.b or self.b["D"] >= self.independent:
            return Found(fmpq(0), fmpq(0), nothing)
        return (
            None
            if self.b["D"] > self.floor
            else Found(None, None)
            if self.b["D"] < self.floor
            else Found(fmpq(0), None)
        )

    def reached(self, found: Found) -> dict[str, object]:
        """Return what the plan reaches."""
        assert found.primal is not None  # only a plan reaches something
        return {"R": found.primal[0], "D": found.primal[1]}

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return the price."""
        price = found.primal and found.primal[2]
        if price is None:
            return {}
        return {"R": nearest(price)} if self.minimise == "D" else {"D": nearest(1 / price)}


def _shape(pair: tuple[acb_poly, acb_poly], z: acb) -> acb:
    """Return the ratio of the squared moduli of two polynomials on the unit circle, as an analytic function."""
    w = (z * acb(0, 1)).exp()
    numerator, denominator = (part(w) * part(1 / w) for part in pair)
    return numerator / denominator


def _mean(function: object) -> arb:
    """Enclose the mean over all frequencies."""
    return (acb.integral(function, 0, acb.pi(), rel_tol=_ENOUGH, abs_tol=_ENOUGH) / acb.pi()).real


def solve_process(problem: GaussianProcess, **question: Unpack[Question]) -> Solution:
    """Minimise over the rates of all frequencies, and prove the answer.

    Examples
    --------
    >>> s = solve_process(GaussianProcess(1, 1.4, ar_X=[0.9], ar_Y=[-0.3]), D=1.7, minimise="R", unit="nats")
    >>> s.status, round(s.value, 6)
    ('optimal', 0.531744)
    """
    return ask(ProcessProgram, problem, **question)
