"""Scalar Gaussians: branch and bound over the correlation, in exact and ball arithmetic ([nguyen2026], section 4).

With `Cov(X, Y) = rho s_X s_Y` and the Markov chain `S - X - Y`, hence `Cov(S, Y) = theta rho s_Y / s_X`,

    I(X;Y) = -1/2 log(det / (s_X^2 s_Y^2)),      det = s_X^2 s_Y^2 - Cov(X, Y)^2
    h(S|Y) = 1/2 log(2 pi e det' / s_Y^2),       det' = s_S^2 s_Y^2 - Cov(S, Y)^2
    D      = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 Cov(X, Y)

are evaluated on intervals of `rho`. Nothing is presupposed of the answer: an interval is left out because it is proved
infeasible, or because nothing in it is better than a point that is proved feasible ([moore2009]).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp
from flint import arb, fmpq

from drc.expressions.content import ByContent
from drc.problems.finite import exact_number
from drc.problems.gaussian import Gaussian
from drc.solvers.balls import (
    Number,
    exact_or_ball,
    nearest,
    precision,
    rational_above,
    rational_below,
    to_fraction,
)
from drc.solvers.branch import Search, Unwritten, answer, at_borders, branch_and_bound, in_doubles, options, proves
from drc.solvers.finite import active_bounds
from drc.solvers.request import Clock
from drc.solvers.solution import Solution
from drc.units import unit_named

#: Parameters that are lengths; a covariance with the label is one as well, in units of the label.
_LENGTHS = frozenset({"mu_X", "sigma_X", "mu_Y", "sigma_Y", "theta", "mu_ref", "sigma_ref"})


@dataclass(frozen=True, eq=False)
class Program:
    """The program over `rho`, in nats, and in a length in which the standard deviations are about one."""

    problem: Gaussian
    minimise: str
    unit: str
    bounds: dict

    #: Where the search for `rho` begins; it ends at one.
    start = fmpq(-1)

    #: The subscript of the law that `Y` has, or is near to.
    target = "Y"

    @cached_property
    def given(self) -> dict[str, Number]:
        """The parameters, in the length of the user."""
        return {name: exact_or_ball(exact_number(name, v)) for name, v in self.problem.numbers.items()}

    @cached_property
    def length(self) -> fmpq:
        """The unit of length of the program: a power of two, so that nothing is rounded."""
        return power_of_two(self.given["sigma_X"], self.given[f"sigma_{self.target}"])

    @cached_property
    def n(self) -> dict[str, Number]:
        """The parameters."""
        return {name: v / self.length if name in _LENGTHS else v for name, v in self.given.items()}

    @cached_property
    def one(self) -> Number:
        """What is one in the unit of the user."""
        return self.nat if self.minimise == "R" else 1 / (self.length * self.length)

    @cached_property
    def spread(self) -> Number:
        """How far apart the costs are: one bit, or the product of the standard deviations."""
        return arb.const_log2() if self.minimise == "R" else self._slope / 2

    @cached_property
    def ends(self) -> tuple[fmpq, ...]:
        """The range of `rho`, split where a bound is met."""
        found = {self.start, fmpq(0), fmpq(1)}
        for square in self._squares():
            root = abs(arb(square)).sqrt()
            found |= {sign * end for end in (rational_below(root), rational_above(root)) for sign in (-1, 1)}
        return tuple(sorted(rho for rho in found | self._met() if self.start <= rho <= 1))

    def _squares(self) -> list[Number]:
        """Near which squares of `rho` the bounds on rate and classification are met; nothing is claimed of them."""
        found = []
        if "R" in self.b:
            found.append(-(-2 * arb(self.b["R"])).expm1())
        if "C" in self.b and self._label[1] != 0:
            found.append((self._label[0] - (2 * arb(self.b["C"]) - 1).exp() / (2 * arb.pi())) / self._label[1])
        return [square for square in found if arb(square).is_finite() and not square > 1]

    def _met(self) -> set[fmpq]:
        """Near which `rho` the bound on the distortion is met."""
        if "D" not in self.b:
            return set()
        rho = (self._base - self.b["D"]) / self._slope
        return {rational_below(rho), rational_above(rho)}

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit is."""
        return arb.const_log2() if self.unit == "bits" else fmpq(1)

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds, without that on perception; one on `C` that `h(S)` meets exactly always holds and is left out."""
        b = {name: exact_or_ball(v) * self.nat for name, v in self.bounds.items() if name in "RC"}
        if "D" in self.bounds:
            b["D"] = exact_or_ball(self.bounds["D"]) / (self.length * self.length)
        if "C" in b and self._is_entropy_of_label(self.bounds["C"]):
            del b["C"]
        return b

    def _is_entropy_of_label(self, C: Any) -> bool:
        if isinstance(C, Fraction):
            return False  # 2 pi e sigma^2 has no rational logarithm, in bits or in nats
        h = sp.log(2 * sp.pi * sp.E * self.problem.sigma_S**2) / 2 / unit_named(self.unit).nats
        return bool(abs(sp.N(C - h, 50)) < 1e-40) and (C - h).equals(0) is True

    def checked(self) -> None:
        """Check that doubles can hold the distortion, if it matters.

        Raises
        ------
        ProblemError
            If they cannot.
        """
        if self.minimise == "D" or {"D", "P"} & self.bounds.keys():
            with precision():
                in_doubles(self.length**2)
                in_doubles(self._base * self.length**2)

    @cached_property
    def _deviations(self) -> tuple[Number, Number]:
        return self.n["sigma_X"], self.n[f"sigma_{self.target}"]

    @cached_property
    def _slope(self) -> Number:
        return 2 * self._deviations[0] * self._deviations[1]

    @cached_property
    def _base(self) -> Number:
        difference = self.n["mu_X"] - self.n[f"mu_{self.target}"]
        return sum((x * x for x in self._deviations), difference * difference)

    @cached_property
    def _label(self) -> tuple[Number, Number]:
        slope = self.n["theta"] / self.n["sigma_X"]
        return self.n["sigma_S"] * self.n["sigma_S"], slope * slope

    def D(self, rho: fmpq) -> Number:
        """Mean squared error."""
        return self._base - self._slope * rho

    def D_below(self, rho: fmpq) -> Number:
        """Bound the error from below, for this `rho` and any smaller one."""
        return self.D(rho)

    def R(self, square: fmpq) -> Number:
        """`I(X;Y)` for `rho^2`; infinite at 1."""
        det = 1 - square
        return -arb(det).log() / 2 if det > 0 else arb.pos_inf()

    def C(self, square: fmpq) -> Number:
        """`h(S|Y)` for `rho^2`; minus infinity where `Y` determines the label."""
        variance = self._label[0] - self._label[1] * square
        if not variance > 0:
            # Exactly zero at |rho rho_SX| = 1; a ball that touches zero bounds nothing from below.
            return arb.neg_inf()
        return (2 * arb.pi() * variance).log() / 2 + fmpq(1, 2)

    def objective_below(self, low: fmpq, high: fmpq, least: fmpq) -> Number:
        """Bound the objective from below on an interval whose least square is given."""
        return self.D_below(high) if self.minimise == "D" else self.R(least)

    def point(self, rho: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        square = rho * rho
        if "R" in self.b and not self.R(square) <= self.b["R"]:
            return None
        if "C" in self.b and not (self.C(square) <= self.b["C"] and self._variance_is_decided(square)):
            return None
        if "D" in self.b and not self.D(rho) <= self.b["D"]:
            return None
        return self.D(rho) if self.minimise == "D" else self.R(square)

    def _variance_is_decided(self, square: fmpq) -> bool:
        variance = self._label[0] - self._label[1] * square
        return bool(variance > 0) or bool(variance == 0)

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved to hold no feasible point."""
        squares = low * low, high * high
        least = fmpq(0) if low <= 0 <= high else min(squares)
        if "R" in self.b and self.R(least) > self.b["R"]:
            return None
        if "C" in self.b and self.C(max(squares)) > self.b["C"]:
            return None
        if "D" in self.b:
            excess = self.D_below(high) - self.b["D"]
            # At rho = 1 the rate is infinite, and D falls strictly up to there: where a finite rate is wanted, a bound
            # that only rho = 1 meets is met nowhere.
            if excess > 0 or (high == 1 and self.minimise == "R" and excess >= 0):
                return None
        return self.objective_below(low, high, least)


def power_of_two(*numbers: Number) -> fmpq:
    """Return a power of two near the geometric mean of positive numbers.

    Examples
    --------
    >>> power_of_two(fmpq(1, 10), fmpq(1000))
    8
    """
    exponent = nearest(sum((arb(x).log() for x in numbers), arb(0)) / len(numbers) / arb.const_log2())
    return fmpq(2) ** round(exponent)


def solve_gaussian(
    problem: Gaussian,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    tolerance: float = 1e-11,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Minimise over the correlation of `X` and `Y`, and prove the answer.

    Parameters
    ----------
    problem : Gaussian
        With numbers for all parameters.
    minimise : {"D", "R"}
    R, C, D : number, optional
        Bounds on `I(X;Y)`, `h(S|Y)` and the mean squared error; one left out, or infinite, is inactive.
    P : None
    tolerance : float
        The gap to stop at, as a part of the optimum, or of the scale of the costs where that is more.
    time_limit : float, optional
        Seconds.
    method : {"branch and bound"}, optional
    unit : {"bits", "nats"}
        The unit of `R` and `C`.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, or a parameter that is still a symbol.
    NotAvailableError
        For a perception bound.

    Notes
    -----
    Source: [nguyen2026], section 4. Jointly normal `Y` is optimal, so that `rho` is all there is to choose. At `rho = 1`
    the rate is infinite: a distortion that only `rho = 1` reaches has the least rate `inf`.

    Examples
    --------
    >>> g = Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)
    >>> s = solve_gaussian(g, R=2)
    >>> s.status, round(s.value, 9), round(s.rho, 9)
    ('optimal', 0.59526249, 0.968245837)
    """
    bounds = active_bounds(minimise, R=R, C=C, D=D, P=P)
    tolerance, clock = options(tolerance, time_limit, method)
    unit = unit_named(unit).name
    Program(problem, minimise, unit, bounds).checked()

    def attempt(bounds: dict) -> Solution:
        program = Program(problem, minimise, unit, bounds)
        return solution(program, branch_and_bound(program, tolerance, clock), tolerance, clock)

    return at_borders(attempt, bounds, clock, closed=minimise == "D")


@dataclass(frozen=True, eq=False)
class GaussianCertificate(ByContent, Unwritten):
    """A proof that the optimum over `rho` lies in `[lower, upper]`.

    Attributes
    ----------
    problem : Gaussian
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : tuple of (name, exact number)
    rho : Fraction or None
        A feasible correlation, which proves `upper`.
    lower, upper : float
        What is claimed; a `lower` of `inf` claims that there is no feasible `rho`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> s = Gaussian(0, 1, 0, 1, 0, 1, 0.5).solve(R=1)
    >>> s.certificate.verify(), replace(s.certificate, upper=s.upper - 1e-9).verify()
    (True, False)
    """

    problem: Gaussian
    minimise: str
    unit: str
    bounds: tuple
    rho: Fraction | None
    lower: float
    upper: float

    def verify(self) -> bool:
        """Prove the enclosure again: `rho` is feasible and costs at most `upper`; no other does with less than `lower`.

        Returns
        -------
        bool
            False if the proof fails (which does not mean that the enclosure is false).
        """
        with precision():
            return proves(self.program(), self.rho, self.lower, self.upper)

    def program(self) -> Program:
        """Return the program that the proof is about."""
        return Program(self.problem, self.minimise, self.unit, dict(self.bounds))


def solution(
    program: Program,
    found: Search,
    tolerance: float,
    clock: Clock,
    *,
    certificate: type[GaussianCertificate] = GaussianCertificate,
    **more: Any,
) -> Solution:
    """Put what was found into a `Solution`, with its certificate."""
    proved = answer(program, found.lower, found.upper, tolerance, clock)
    rho = None if found.x is None else to_fraction(found.x)
    bounds, ends = tuple(program.bounds.items()), (proved["lower"], proved["upper"])
    reached = {}
    if found.x is not None:
        square = found.x * found.x
        reached = {"distortion": nearest(arb(program.D(found.x) * program.length**2)), "rho": nearest(found.x)}
        reached |= {"rate": nearest(arb(program.R(square) / program.nat))}
        reached["classification"] = nearest(arb(program.C(square) / program.nat))
    return Solution(
        **proved,
        minimise=program.minimise,
        unit=program.unit,
        bounds={name: nearest(exact_or_ball(bound)) for name, bound in program.bounds.items()},
        certificate=certificate(program.problem, program.minimise, program.unit, bounds, rho, *ends),
        method="branch and bound over rho in ball arithmetic",
        sees="Y",
        **reached,
        **more,
    )
