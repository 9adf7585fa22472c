"""Scalar Gaussians: branch and bound over the correlation, in exact and ball arithmetic ([nguyen2026], section 4).

With `Cov(X, Y) = rho s_X s_Y` and the Markov chain `S - X - Y`, hence `Cov(S, Y) = theta rho s_Y / s_X`,

    I(X;Y) = -1/2 log(det / (s_X^2 s_Y^2)),      det = s_X^2 s_Y^2 - Cov(X, Y)^2
    h(S|Y) = 1/2 log(2 pi e det' / s_Y^2),       det' = s_S^2 s_Y^2 - Cov(S, Y)^2
    D      = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 Cov(X, Y)

are evaluated on intervals of `rho`. Nothing is presupposed of the answer: an interval is left out because it is proved
infeasible, or because nothing in it is better than a point that is proved feasible ([moore2009]).
"""

from __future__ import annotations

import heapq
import math
import time
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import sympy as sp
from flint import arb, fmpq

from drc.errors import ProblemError
from drc.expressions.content import ByContent
from drc.problems.finite import exact_number
from drc.problems.gaussian import Gaussian
from drc.problems.validation import choice
from drc.solvers.balls import (
    Number,
    exact_or_ball,
    float_above,
    float_below,
    precision,
    to_fraction,
)
from drc.solvers.finite import active_bounds
from drc.solvers.solution import Solution
from drc.units import unit_named

#: Intervals are not split below this width: what is undecided there lies on the border.
_NARROW = fmpq(1, 2**150)

#: How many intervals a proof may take; an ordinary one takes a hundred.
_MOST = 20_000


@dataclass(frozen=True, eq=False)
class Program:
    """The program over `rho`, in nats."""

    problem: Gaussian
    minimise: str
    unit: str
    bounds: dict

    #: Where the search for `rho` begins; it ends at one.
    start = fmpq(-1)

    @cached_property
    def n(self) -> dict[str, Number]:
        """The parameters."""
        return {name: exact_or_ball(exact_number(name, v)) for name, v in self.problem.numbers.items()}

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit is."""
        return arb.const_log2() if self.unit == "bits" else fmpq(1)

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds in nats; one on `C` that `h(S)` meets exactly always holds and is left out."""
        b = {name: exact_or_ball(v) * (fmpq(1) if name == "D" else self.nat) for name, v in self.bounds.items()}
        if "C" in b and self._is_entropy_of_label(self.bounds["C"]):
            del b["C"]
        return b

    def _is_entropy_of_label(self, C: Any) -> bool:
        if isinstance(C, Fraction):
            return False  # 2 pi e sigma^2 has no rational logarithm, in bits or in nats
        h = sp.log(2 * sp.pi * sp.E * self.problem.sigma_S**2) / 2 / unit_named(self.unit).nats
        return bool(abs(sp.N(C - h, 50)) < 1e-40) and (C - h).equals(0) is True

    @cached_property
    def _slope(self) -> Number:
        return 2 * self.n["sigma_X"] * self.n["sigma_Y"]

    @cached_property
    def _base(self) -> Number:
        difference = self.n["mu_X"] - self.n["mu_Y"]
        return difference * difference + self.n["sigma_X"] * self.n["sigma_X"] + self.n["sigma_Y"] * self.n["sigma_Y"]

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


@dataclass(frozen=True, eq=False)
class Search:
    """What branch and bound has proved: a lower bound (None: infeasible), and the best feasible point."""

    lower: Number | None
    upper: Number | None
    rho: fmpq | None


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
        The gap to stop at, relative to the optimum where that is above one.
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
    deadline = deadline_of(tolerance, time_limit, method)
    with precision():
        program = Program(problem, minimise, unit_named(unit).name, bounds)
        found = branch_and_bound(program, tolerance, deadline)
        return solution(program, found, tolerance, late=time.monotonic() > deadline)


def deadline_of(tolerance: float, time_limit: float | None, method: str | None) -> float:
    """Judge the options of a solver; return when it is to stop.

    Raises
    ------
    ProblemError
        For an unknown method, or a limit that is not positive.
    """
    choice("method", method or "branch and bound", ("branch and bound",))
    limits = {"tolerance": tolerance, "time_limit": math.inf if time_limit is None else time_limit}
    for name, value in limits.items():
        if not value > 0:
            raise ProblemError(f"{name} = {value} is no limit: allowed is {name} > 0")
    return time.monotonic() + limits["time_limit"]


def branch_and_bound(program: Program, tolerance: float, deadline: float) -> Search:
    """Split the interval with the least bound until it is close to the best feasible point."""
    upper, rho = None, None
    for end in (program.start, fmpq(1)):
        value = program.point(end)
        if value is not None and arb(value).is_finite() and (upper is None or value < upper):
            upper, rho = value, end
    boxes: list = []
    _push(boxes, program, program.start, fmpq(1), upper)
    narrow: list[Number] = []  # bounds of intervals that are too narrow to split
    while boxes and len(boxes) < _MOST and time.monotonic() <= deadline:
        _, low, high, lower = heapq.heappop(boxes)
        if upper is not None and _close(lower, upper, tolerance):
            narrow.append(lower)
            break
        if high - low < _NARROW:
            narrow.append(lower)
            continue
        middle = (low + high) / 2
        value = program.point(middle)
        if value is not None and (upper is None or value < upper):
            upper, rho = value, middle
        _push(boxes, program, low, middle, upper)
        _push(boxes, program, middle, high, upper)
    left = [*narrow, *(box[3] for box in boxes), *([] if upper is None else [upper])]
    return Search(_least(left), upper, rho)


def _push(boxes: list, program: Program, low: fmpq, high: fmpq, upper: Number | None) -> None:
    lower = program.interval(low, high)
    if lower is None or (upper is not None and lower > upper):
        return
    heapq.heappush(boxes, (float(lower), low, high, lower))


def _close(lower: Number, upper: Number, tolerance: float) -> bool:
    # A third of the tolerance is left for rounding the bounds to doubles.
    return float(upper - lower) <= 0.3 * tolerance * max(1.0, abs(float(upper)))


def _least(values: list[Number]) -> Number | None:
    if not values:
        return None
    least = values[0]
    for value in values[1:]:
        least = value if value <= least else least if least <= value else arb(least).min(arb(value))
    return least


@dataclass(frozen=True, eq=False)
class GaussianCertificate(ByContent):
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
        if math.isnan(self.lower + self.upper):
            return False
        with precision():
            program = self.program()
            unit = program.nat if self.minimise == "R" else fmpq(1)
            if self.upper < math.inf:
                if self.rho is None or not program.start <= exact_or_ball(self.rho) <= 1:
                    return False
                value = program.point(exact_or_ball(self.rho))
                if value is None or not value <= exact_or_ball(self.upper) * unit:
                    return False
            wanted = None if self.lower == math.inf else exact_or_ball(self.lower) * unit
            return nothing_below(program, wanted)

    def program(self) -> Program:
        """Return the program that the proof is about."""
        return Program(self.problem, self.minimise, self.unit, dict(self.bounds))


def nothing_below(program: Program, wanted: Number | None) -> bool:
    """Prove that no feasible `rho` costs less than wanted; with None, that none is feasible."""
    boxes = [(program.start, fmpq(1))]
    for _ in range(_MOST):
        if not boxes:
            return True
        low, high = boxes.pop()
        bound = program.interval(low, high)
        if bound is None or (wanted is not None and wanted <= bound):
            continue
        if high - low < _NARROW:
            return False
        middle = (low + high) / 2
        boxes += [(low, middle), (middle, high)]
    return False


def solution(
    program: Program,
    found: Search,
    tolerance: float,
    *,
    late: bool,
    certificate: type[GaussianCertificate] | None = None,
) -> Solution:
    """Put what was found into a `Solution`, with its certificate."""
    unit = program.nat if program.minimise == "R" else fmpq(1)
    lower = math.inf if found.lower is None else max(0.0, float_below(found.lower / unit))
    upper = math.inf if found.upper is None else float_above(found.upper / unit)
    if found.lower is None:
        status = "infeasible"
    elif upper - lower <= tolerance * max(1.0, abs(upper)):
        status = "optimal"
    elif late:
        status = "time limit"
    else:
        status = "bounded" if math.isfinite(upper) else "undecided"
    value = lower if found.upper is None else min(max(float(found.upper / unit), lower), upper)
    rho = None if found.rho is None else to_fraction(found.rho)
    proof = (certificate or GaussianCertificate)(
        program.problem, program.minimise, program.unit, tuple(program.bounds.items()), rho, lower, upper
    )
    reached = {}
    if found.rho is not None:
        square = found.rho * found.rho
        reached = {"distortion": float(program.D(found.rho))}
        reached |= {"rate": float(program.R(square) / program.nat), "rho": float(rho)}
        reached["classification"] = float(program.C(square) / program.nat)
    return Solution(
        value=value,
        lower=lower,
        upper=upper,
        status=status,
        minimise=program.minimise,
        unit=program.unit,
        bounds={name: float(bound) for name, bound in program.bounds.items()},
        certificate=proof,
        method="branch and bound over rho in ball arithmetic",
        sees="Y",
        **reached,
    )
