"""Two source letters, two output letters, and a classifier that sees Y alone: branch and bound in ball arithmetic.

With `q = P(X = 1)` and `r = P(Y = 1)` every channel with this output law is

    P(Y = 1 | X = 1) = r + (1 - q) delta,      P(Y = 1 | X = 0) = r - q delta

The distortion is linear in `delta`.  In one shot the channel is a mix of maps, drawn by the common randomness, whose
weights of identity and negation differ by `delta`: the rate is at least `|delta| H(X)`, and the mix that uses only one of
the two has this rate.  Asymptotically the rate is `I(X;Y)` ([nguyen2026], section 3).  `H(S|Y)` and `I(X;Y)` are enclosed
on intervals of `delta` from their definitions, so that neither concavity nor a closed form is presupposed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.errors import must
from drc.expressions.content import ByContent
from drc.information.entropy import entropy_term
from drc.problems.finite import Finite
from drc.problems.validation import choice
from drc.solvers.balls import (
    Number,
    exact_or_ball,
    logarithm,
    nearest,
    precision,
    rational_above,
    rational_below,
    smallest,
    to_fraction,
)
from drc.solvers.branch import METHOD, Search, Unwritten, answer, at_borders, branch_and_bound, proves
from drc.solvers.finite import active_bounds
from drc.solvers.request import Clock, clock_for, positive
from drc.solvers.solution import Solution
from drc.units import unit_named


@dataclass(frozen=True, eq=False)
class Seen:
    """`H(A|Y)` of a label `A` as a function of `delta`; the joint law of `A` and `X` is given as pairs (X = 0, X = 1)."""

    joint: tuple[tuple[Number, Number], ...]
    q: Number
    r: Number
    in_bits: bool

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit is."""
        return arb.const_log2() if self.in_bits else fmpq(1)

    @cached_property
    def slopes(self) -> list[Number]:
        """How fast the mass of each label at Y = 1 grows with `delta`."""
        return [(1 - self.q) * b - self.q * a for a, b in self.joint]

    def columns(self, delta: Number) -> tuple[list[Number], list[Number]]:
        """The joint law of label and output: its columns for Y = 0 and Y = 1."""
        ones = [(a + b) * self.r + slope * delta for (a, b), slope in zip(self.joint, self.slopes, strict=True)]
        return [a + b - one for (a, b), one in zip(self.joint, ones, strict=True)], ones

    def at(self, delta: fmpq) -> Number:
        """The conditional entropy at a point, exact where all logarithms are."""
        return self._left((1 - self.r, self.r), self.columns(delta))

    @cached_property
    def known(self) -> Number:
        """`H(A|X)`: by data processing no `Y` tells more."""
        zeros, ones = (list(column) for column in zip(*self.joint, strict=True))
        return self._left((1 - self.q, self.q), (zeros, ones))

    def _left(self, masses: tuple[Number, Number], columns: tuple[list[Number], list[Number]]) -> Number:
        total = fmpq(0)
        for mass, column in zip(masses, columns, strict=True):
            if mass == 0:
                continue
            for cell in column:
                share = cell / mass
                if isinstance(share, fmpq):
                    total -= fmpq(0) if share <= 0 else cell * logarithm(share, self.in_bits)
                else:
                    total += mass * entropy_term(share) / self.nat
        return total

    def over(self, low: fmpq, high: fmpq) -> tuple[arb, arb]:
        """Bounds on the conditional entropy on an interval: the better of the plain and the centred enclosure."""
        interval = arb(low).union(arb(high))
        columns = [[arb(cell) for cell in column] for column in self.columns(interval)]
        of_Y = entropy_term(arb(1 - self.r)) + entropy_term(arb(self.r))
        plain = (sum((entropy_term(cell) for column in columns for cell in column), arb(0)) - of_Y) / self.nat
        below, above = plain.lower(), plain.upper()
        moving = [(slope, a, b) for slope, a, b in zip(self.slopes, *columns, strict=True) if slope != 0]
        if all(a > 0 and b > 0 for _, a, b in moving):
            middle = (low + high) / 2
            growth = sum((slope * (a / b).log() for slope, a, b in moving), arb(0)) / self.nat
            centred = arb(self.at(middle)) + growth * (interval - middle)
            below, above = below.max(centred.lower()), above.min(centred.upper())
        return below, above


@dataclass(frozen=True, eq=False)
class ChannelProgram:
    """The program over `delta`, in a unit."""

    problem: Finite
    minimise: str
    unit: str
    bounds: dict

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds."""
        return {name: exact_or_ball(value) for name, value in self.bounds.items()}

    @cached_property
    def label(self) -> Seen:
        """What the classifier sees of the label."""
        rows = tuple((exact_or_ball(a), exact_or_ball(b)) for a, b in self.problem.p_SX)
        q = sum((b for _, b in rows), fmpq(0))
        return Seen(rows, q, exact_or_ball(self.problem.p_Y[1]), self.unit == "bits")

    @cached_property
    def source(self) -> Seen:
        """What Y tells of the source: the label is X itself."""
        q = self.label.q
        return Seen(((1 - q, fmpq(0)), (fmpq(0), q)), q, self.label.r, self.label.in_bits)

    @cached_property
    def H_X(self) -> Number:
        """Entropy of the source: without a channel, which is what `r = 0` is, all of it is left."""
        q = self.label.q
        return Seen(self.source.joint, q, fmpq(0), self.label.in_bits).at(fmpq(0))

    @cached_property
    def one(self) -> Number:
        """What is one in the unit of the user: the program has the same."""
        return fmpq(1)

    @cached_property
    def spread(self) -> Number:
        """How far apart the costs are: one bit, or the largest and the least distortion."""
        if self.minimise == "R":
            return arb.const_log2() / self.label.nat
        costs = [exact_or_ball(x) for row in self.problem.exact_distortion for x in row]
        apart = -smallest([-cost for cost in costs]) - smallest(costs)
        return apart if apart > 0 else fmpq(1)

    @cached_property
    def ends(self) -> tuple[fmpq, ...]:
        """An interval that holds all `delta` for which the channel is one, split where `X` and `Y` are independent."""
        q, r = self.label.q, self.label.r
        low, high = [fmpq(-1)], [fmpq(1)]
        for scale, room in ((1 - q, r), (q, 1 - r)):
            if scale > 0:
                low.append(rational_below(-room / scale))
        for scale, room in ((1 - q, 1 - r), (q, r)):
            if scale > 0:
                high.append(rational_above(room / scale))
        return max(low), fmpq(0), min(high)

    def channel(self, delta: Number) -> tuple[Number, Number]:
        """`P(Y = 1 | X = x)` for both `x`."""
        q, r = self.label.q, self.label.r
        return r - q * delta, r + (1 - q) * delta

    def D(self, delta: Number) -> Number:
        """The distortion."""
        law = (1 - self.label.q, self.label.q)
        total = fmpq(0)
        for p, one, row in zip(law, self.channel(delta), self.problem.exact_distortion, strict=True):
            d = [exact_or_ball(x) for x in row]
            total = total + p * (d[0] + (d[1] - d[0]) * one)
        return total

    def R(self, delta: fmpq) -> Number:
        """The rate at a point; independence has none, and balls could not tell."""
        if delta == 0:
            return fmpq(0)
        return abs(delta) * self.H_X if self.problem.setting == "one-shot" else self.H_X - self.source.at(delta)

    def _rate_above(self, low: fmpq, high: fmpq) -> Number:
        """Bound the rate from below on an interval."""
        if self.problem.setting == "one-shot":
            return (fmpq(0) if low <= 0 <= high else min(abs(low), abs(high))) * self.H_X
        bound = arb(self.H_X - self.source.over(low, high)[1]).lower()
        return bound if bound > 0 else fmpq(0)

    def point(self, delta: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        if not all(0 <= w <= 1 for w in self.channel(delta)):
            return None
        of = {"D": self.D, "R": self.R, "C": self.label.at}
        if not all(of[name](delta) <= bound for name, bound in self.b.items()):
            return None
        return of[self.minimise](delta)

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved infeasible."""
        if low > high:
            return None
        ends = self.D(low), self.D(high)
        D = ends[0] if ends[0] <= ends[1] else ends[1] if ends[1] <= ends[0] else arb(ends[0]).min(arb(ends[1]))
        if "D" in self.b and self.b["D"] < D:
            return None
        rate = self._rate_above(low, high) if "R" in self.b or self.minimise == "R" else fmpq(0)
        if "R" in self.b and rate > self.b["R"]:
            return None
        if "C" in self.b:
            if self.label.known > self.b["C"]:
                return None
            label = self.label.at(low) if low == high else self.label.over(low, high)[0]
            if label > self.b["C"]:
                return None
        return D if self.minimise == "D" else rate


def solve_bernoulli_y(
    problem: Finite,
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
    """Minimise over the one free parameter of the channel, and prove the answer.

    Parameters
    ----------
    problem : Finite
        With two source letters, two output letters and an output law; the classifier sees Y.
    minimise : {"D", "R"}
    R, C, D : number, optional
        Bounds on the rate (`H(Y|U)` in one shot, else `I(X;Y)`), on `H(S|Y)` and on the distortion; one left out, or
        infinite, is inactive.
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
        For a bad bound, or a problem of another shape.
    NotAvailableError
        For a perception bound.

    Notes
    -----
    Source: [nguyen2026], sections 2 and 3.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7], classifier_sees="Y")
    >>> s = solve_bernoulli_y(f, R=0.4, C=0.9)
    >>> s.status, round(s.value, 9), s.gap < 1e-11, s.certificate.verify()
    ('optimal', 0.229370549, True, True)
    """
    program, tolerance, clock = channel_program(
        problem,
        minimise,
        {"R": R, "C": C, "D": D, "P": P},
        method=(method, METHOD),
        limits=(tolerance, time_limit),
        unit=unit,
    )

    def attempt(bounds: dict) -> Solution:
        tried = replace(program, bounds=bounds)
        return _solution(tried, branch_and_bound(tried, tolerance, clock), tolerance, clock)

    return at_borders(attempt, program.bounds, clock)


def channel_program(
    problem: Finite, minimise: str, bounds: dict, *, method: tuple, limits: tuple, unit: str
) -> tuple[ChannelProgram, float, Clock]:
    """Check the request to a solver of this family.

    Parameters
    ----------
    problem : Finite
    minimise : {"D", "R"}
    bounds : mapping from "R", "C", "D" and "P" to a number or None
    method : (what was requested or None, the one there is)
    limits : (tolerance, seconds or None)
    unit : {"bits", "nats"}

    Returns
    -------
    (ChannelProgram, tolerance, Clock)

    Raises
    ------
    ProblemError, NotAvailableError
        See `solve_bernoulli_y`.
    """
    choice("method", method[0] or method[1], (method[1],))
    if (problem.n_X, problem.n_Y) != (2, 2) or problem.p_Y is None or problem.classifier_sees != "Y":
        raise must(
            "the problem",
            "have two source letters, two output letters, an output law p_Y, and classifier_sees='Y'",
            got=f"{problem!r}",
        )
    active = active_bounds(minimise, **bounds)
    tolerance, clock = positive("tolerance", limits[0]), clock_for(limits[1])
    return ChannelProgram(problem, minimise, unit_named(unit).name, active), tolerance, clock


@dataclass(frozen=True, eq=False)
class BernoulliCertificate(ByContent, Unwritten):
    """A proof that the optimum over `delta` lies in `[lower, upper]`.

    Attributes
    ----------
    problem : Finite
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : tuple of (name, exact number)
    delta : Fraction or None
        A feasible parameter of the channel, which proves `upper`.
    lower, upper : float
        What is claimed; a `lower` of `inf` claims that no channel is feasible.

    Examples
    --------
    >>> from dataclasses import replace
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7], setting="asymptotic")
    >>> s = solve_bernoulli_y(f, R=0.2)
    >>> s.certificate.verify(), replace(s.certificate, lower=s.lower + 1e-9).verify()
    (True, False)
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: tuple
    delta: Fraction | None
    lower: float
    upper: float

    def verify(self) -> bool:
        """Prove the enclosure again: `delta` is feasible and costs at most `upper`; no other costs less than `lower`.

        Returns
        -------
        bool
            False if the proof fails (which does not mean that the enclosure is false).
        """
        program = ChannelProgram(self.problem, self.minimise, self.unit, dict(self.bounds))
        with precision():
            return proves(program, self.delta, self.lower, self.upper)


def _solution(program: ChannelProgram, found: Search, tolerance: float, clock: Clock) -> Solution:
    proved = answer(program, found.lower, found.upper, tolerance, clock)
    delta = None if found.x is None else to_fraction(found.x)
    bounds, ends = tuple(program.bounds.items()), (proved["lower"], proved["upper"])
    return Solution(
        **proved,
        minimise=program.minimise,
        unit=program.unit,
        bounds={name: nearest(exact_or_ball(bound)) for name, bound in program.bounds.items()},
        certificate=BernoulliCertificate(program.problem, program.minimise, program.unit, bounds, delta, *ends),
        method="branch and bound over the channel in ball arithmetic",
        sees="Y",
        **({} if found.x is None else _reached(program, found.x)),
    )


def _reached(program: ChannelProgram, delta: fmpq) -> dict[str, Any]:
    """What a feasible point reaches, and how."""
    zero_to_one, one_to_one = (float(w) for w in program.channel(delta))
    q = float(program.label.q)
    coupling = [[(1 - q) * (1 - zero_to_one), (1 - q) * zero_to_one], [q * (1 - one_to_one), q * one_to_one]]
    reached = {
        "distortion": float(program.D(delta)),
        "rate": max(0.0, float(program.R(delta))),
        "classification": float(program.label.at(delta)),
        "coupling": np.array(coupling),
    }
    if program.problem.setting == "one-shot":
        least, most = sorted((zero_to_one, one_to_one))
        moving = (0, 1) if delta >= 0 else (1, 0)
        plan = ((1 - most, (0, 0)), (least, (1, 1)), (abs(float(delta)), moving))
        reached["plan"] = tuple((weight, f) for weight, f in plan if weight > 0)
    return reached
