"""The least rate of one representation that serves several demands, and by how much it exceeds that of the strictest alone.

A representation `Z` of the source serves a demand if a decoder makes a reconstruction of it that meets the demand; all
demands share `Z`, and decoders may use randomness. The lower bound is that of multipliers (`program`). The upper bound is
`I(X;Z)` of a channel in exact numbers, whose decoders are proved in exact numbers to meet their demands (`decoders`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from drc.errors import NotAvailableError, ProblemError, brief, must
from drc.expressions.content import ByContent
from drc.problems.arrays import read_only
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, float_above, float_below
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.asymptotic.primal import measured
from drc.solvers.finite.costs import scale_of
from drc.solvers.finite.door import active_bounds
from drc.solvers.finite.solve import solve_finite
from drc.solvers.finite.universal.decoders import distortion, law_within
from drc.solvers.finite.universal.program import Demand, Proposal, propose, proved_rate, tuples
from drc.solvers.outcome import Solution, printed_interval, status_of
from drc.solvers.request import Clock, clock_for, positive
from drc.types import Exact, Real
from drc.units import Unit, unit_named

#: The message may have at most this many letters before those that nobody uses are left out.
_MOST = 1024

#: Measures whose balls are described by linear equations; the bound on another one may be zero or left out.
_LINEAR = ("TV", "W2")

#: Entries of a channel are multiples of this, so that exact numbers stay short.
_GRAIN = 2**44

#: Which part of a first plan is spread over all letters.
_EVERYWHERE = 0.05

#: Letters of a message with less mass than this may be there by rounding only.
_LIGHT = 1e-9

#: Distortions at a given rate are larger than they are proved to be by this part of the tolerance and of the costs.
_SLACK = 1e-3

#: Plain problems are solved to this part of the tolerance.
_SHARE = 0.1


@dataclass(frozen=True, eq=False, repr=False)
class Universal(ByContent):
    """The least rate of one representation for several demands, proved to lie in `[lower, upper]`.

    Attributes
    ----------
    value, lower, upper : float
        `lower <= R <= upper` is proved; `value` is the rate of `channel`. All are infinite if a demand cannot be met.
    status : str
        As of a `Solution`.
    unit : {"bits", "nats"}
    demands : tuple of (D, P)
        The bounds of each demand; P is infinite where there is none.
    alone : tuple of (lower, upper)
        The least rate for each demand alone, proved likewise.
    channel : array, shape (n_X, n_Z), or None
        The law of the representation given each source letter.
    tolerance : float

    Examples
    --------
    >>> Finite([[0.7, 0.3]], setting="asymptotic", perception="TV").universal(R=0.3, P=[0, None])
    optimal  R in [0.31485003, 0.31485004] bit for 2 demands
    penalty in [0.01485003, 0.01485004] bit over the strictest demand alone
    """

    value: float
    lower: float
    upper: float
    status: str
    unit: str
    demands: tuple[tuple[float, float], ...]
    alone: tuple[tuple[float, float], ...]
    channel: np.ndarray | None = None
    tolerance: float = 1e-9

    @property
    def penalty(self) -> tuple[float, float]:
        """Bounds on what the rate exceeds the largest of the rates for one demand by; never negative."""
        if self.lower == math.inf:
            return math.inf, math.inf
        least, most = (max(ends) for ends in zip(*self.alone, strict=True))
        down, up = Interval.of(self.lower) - Interval.of(most), Interval.of(self.upper) - Interval.of(least)
        return max(0.0, float(down.low)), max(0.0, float(up.high))

    def __repr__(self) -> str:
        unit, count = unit_named(self.unit).short, len(self.demands)
        if self.status == "infeasible":
            return f"infeasible  no representation serves all of the {count} demands"
        lines = [
            f"{self.status}  R in {printed_interval(self.lower, self.upper)} {unit} for {count} demands",
            f"penalty in {printed_interval(*self.penalty)} {unit} over the strictest demand alone",
        ]
        return "\n".join(lines)


def solve_universal(
    problem: Finite,
    *,
    D: Sequence[Real | None] | None = None,
    P: Sequence[Real | None] | None = None,
    R: Real | None = None,
    tolerance: float = 1e-9,
    time_limit: float | None = None,
    unit: str = "bits",
) -> Universal:
    """Enclose the least rate of a representation that serves several demands; see `Finite.universal`.

    Examples
    --------
    >>> f = Finite([[0.5, 0.5]], setting="asymptotic", perception="TV")
    >>> solve_universal(f, D=[0.1, 0.1], P=[0, None]).penalty[1] < 1e-9
    True
    """
    _check(problem)
    asked = _Asked(
        _without_label(problem),
        positive("tolerance", tolerance),
        clock_for(time_limit),
        unit_named(unit),
    )
    # What overflows or is undefined proves nothing, and is left out where bounds are proved.
    with np.errstate(all="ignore"):
        return asked.at_rate(R, P) if D is None else asked.at_distortions(D, P, R)


def _check(problem: Finite) -> None:
    """Refuse what is not a convex program of this form."""
    if problem.setting != "asymptotic":
        raise NotAvailableError(f"setting must be 'asymptotic' for universal(), got {problem.setting!r}")
    if problem.costs is not None:
        raise NotAvailableError(f"costs must be left out for universal(), got {len(problem.costs)} costs")
    if problem.p_Y is not None:
        raise NotAvailableError(
            "p_Y must be left out for universal(), got one: give it as the reference of a perception measure, and P=0 where"
            " a reconstruction must have it"
        )
    numbers = [*problem.p_SX, *problem.exact_distortion, problem.reference or ()]
    if not all(isinstance(v, Fraction | float) for row in numbers for v in row):
        raise NotAvailableError("p_SX, distortion and reference must be fractions for universal()")


def _without_label(problem: Finite) -> Finite:
    source = tuple(sum(column, Fraction(0)) for column in zip(*problem.p_SX, strict=True))
    return replace(problem, p_SX=(source,), letters_S=None, labels=None, uncertainty="entropy", sample_size=None)


@dataclass(frozen=True, eq=False)
class _Asked:
    """A problem without its label, and what its solvers may take."""

    problem: Finite
    tolerance: float
    clock: Clock
    unit: Unit

    def at_rate(self, R: Real | None, P: Sequence[Real | None] | None) -> Universal:
        """Answer for the least distortion that a rate allows each demand: that of a plan which is proved to reach it."""
        if R is None:
            raise ProblemError(
                "D must be given as a list, or R as the rate at which each demand has its least distortion"
            )
        if P is None:
            raise ProblemError("P must be given as a list with R, got none")
        bounds, rate = self._listed("P", P), active_bounds("D", R=R)
        found = [self._solved(minimise="D", P=bound, **rate) for bound in bounds]
        # A little room beside the border of what the source itself allows.
        room = _SLACK * self.tolerance * scale_of(self.problem.distortions)
        most = float_above(exact_or_ball(rate["R"])) if rate else math.inf
        distortions = [Fraction(plan.upper + room) if plan.upper < math.inf else None for plan in found]
        return self._answered(distortions, bounds, most)

    def at_distortions(self, D: Sequence[Real | None], P: Sequence[Real | None] | None, R: Real | None) -> Universal:
        """Answer for given bounds."""
        if R is not None:
            raise ProblemError(f"R must be left out with D, got {brief(R)}")
        distortions = self._listed("D", D)
        bounds = [None] * len(distortions) if P is None else self._listed("P", P)
        if len(bounds) != len(distortions):
            raise must("P", f"be a list of {len(distortions)} bounds, with None where there is none", P)
        return self._answered(distortions, bounds)

    def _listed(self, name: str, given: object) -> list[Exact | None]:
        """Read a list of bounds; None and infinity mean that there is none."""
        if not (isinstance(given, list | tuple | np.ndarray) and len(given)):
            raise must(name, "be a list with one bound for each demand", given)
        found: list[Any] = [active_bounds("R", **{name: bound}).get(name) for bound in given]
        measure = self.problem.perception
        for bound in found if name == "P" else ():
            if bound is not None and measure is None:
                raise ProblemError(f"P must come with a perception measure, got P = {float(bound):g} alone")
            if bound is not None and bound != 0 and measure not in _LINEAR:
                raise NotAvailableError(
                    f"P must be 0 or None with perception={measure!r} for universal(), got {float(bound):g}; any bound is"
                    " available with 'TV' and 'W2'"
                )
        return found

    def _answered(
        self, distortions: Sequence[Exact | None], bounds: Sequence[Exact | None], most: float = math.inf
    ) -> Universal:
        """Answer for given bounds; each demand alone is known to need no more than the most of a rate."""
        pairs = list(zip(distortions, bounds, strict=True))
        if self.problem.n_Y ** len(pairs) > _MOST:
            raise NotAvailableError(
                f"the demands must have at most {_MOST} tuples of output letters together, got {len(pairs)} demands with"
                f" {self.problem.n_Y} letters each"
            )
        plans = [self._solved(minimise="R", D=d, P=p) for d, p in pairs]
        demands = tuple(tuple(math.inf if v is None else float(v) for v in pair) for pair in pairs)
        alone = tuple((plan.lower, max(plan.lower, min(plan.upper, most))) for plan in plans)
        lower, (upper, channel) = max(plan.lower for plan in plans), (math.inf, None)
        if lower < math.inf:
            asked = [self._demand(*pair, plan) for pair, plan in zip(pairs, plans, strict=True)]
            if all(known < math.inf for _, known in alone):
                # No decoder is worse off with the source than with what anybody has made of it.
                channel = np.eye(self.problem.n_X)
                upper = self._rate(channel)
            found = None if self.clock.over else propose(asked, _SHARE * self.tolerance, self.clock)
            if found is not None:
                lower = max(lower, float((Interval.of(proved_rate(asked, found)) * self._per_nat).low))
                tried = ((upper, channel), *(self._achieved(found, least, asked) for least in (0.0, _LIGHT)))
                upper, channel = min(tried, key=lambda known: known[0])
            lower = min(lower, upper)
        status = status_of(lower, upper, self.tolerance, stopped=self.clock.stopped, scale=self.unit.one_bit)
        return Universal(
            upper if upper < math.inf else lower,
            lower,
            upper,
            status,
            self.unit.name,
            demands,
            alone,
            None if channel is None else read_only(channel),
            self.tolerance,
        )

    # Plain problems

    def _solved(self, problem: Finite | None = None, *, P: Exact | None = None, **question: object) -> Solution:
        """Solve a plain problem to a part of the tolerance."""
        problem = problem or self.problem
        if P == 0 and problem.perception not in (*_LINEAR, "KL"):
            # At a divergence of zero the law is the reference.
            problem, P = _at_the_reference(problem), None
        tolerance = max(_SHARE * self.tolerance, 1e-13)
        return solve_finite(problem, P=P, unit=self.unit.name, tolerance=tolerance, time_limit=self.clock, **question)

    def _demand(self, D: Exact | None, P: Exact | None, plan: Solution) -> Demand:
        problem, room = self.problem, None
        data = Data.of(problem, perception=P is not None)
        if P == 0 and data.must_be_reference:
            data = Data.of(_at_the_reference(problem))
        elif P is not None:
            room = _enclosed(P)
        joint = np.ones(data.d.low.shape) if plan.coupling is None else plan.coupling[np.ix_(data.xs, data.ys)]
        channel = joint / joint.sum(axis=1, keepdims=True)
        law = 0.5 * data.source @ channel + 0.5 / len(data.ys)
        distortion = Interval.of(float(data.d.high[np.isfinite(data.d.high)].max())) if D is None else _enclosed(D)
        return Demand(data, distortion, room, (1 - _EVERYWHERE) * channel + _EVERYWHERE * law, (D, P))

    # The upper bound

    @property
    def _per_nat(self) -> Interval:
        return Interval.of(1.0) if self.unit.name == "nats" else Interval.of(1.0) / Interval.of(2.0).log()

    def _achieved(self, found: Proposal, least: float, asked: Sequence[Demand]) -> tuple[float, np.ndarray | None]:
        """Return a rate that is proved to serve all demands, and a channel of this rate; infinite and None without one.

        Letters with less than the least mass are left out.
        """
        joint = found.joint * (found.joint.sum(axis=0) >= least)
        if not joint.any(axis=1).all():
            return math.inf, None
        used = np.flatnonzero(joint.any(axis=0))
        grains, share = self._rounded(joint[:, used]), fmpq(0)
        for demand, own, moved in zip(asked, tuples(asked)[:, used], found.transports, strict=True):
            part = self._share_of_the_source(demand, grains, demand.data.ys[own], moved)
            if part is None:
                return math.inf, None
            share = max(share, part)
        # A double, which is sent a little more often than needed, so that its rounding is known.
        often = min(1.0, math.nextafter(float(share), math.inf)) if share else 0.0
        channel = grains / _GRAIN
        shown = [channel * (1 - often), np.eye(len(channel)) * often] if share else [channel]
        return self._rate(channel, often), np.hstack(shown)

    def _rounded(self, joint: np.ndarray) -> np.ndarray:
        """Return a channel near a joint law of the letters that have mass, in grains; the others all send one letter."""
        rows = np.zeros((self.problem.n_X, joint.shape[1]))
        xs = np.flatnonzero(self.problem.source_law > 0)
        rows[:, 0] = 1.0
        rows[xs] = joint / joint.sum(axis=1, keepdims=True)
        grains = np.rint(rows * _GRAIN).astype(np.int64)
        grains[np.arange(len(rows)), grains.argmax(axis=1)] += _GRAIN - grains.sum(axis=1)
        return grains

    def _share_of_the_source(
        self, asked: Demand, grains: np.ndarray, own: np.ndarray, moved: np.ndarray | None
    ) -> Number | None:
        """Return how often the message must be the source itself, so that a distortion which is a trifle too large is not.

        None if that is not proved to help.
        """
        bound, P = asked.bounds
        if bound is None:
            return fmpq(0)
        D, reached = exact_or_ball(bound), self._reached(asked, grains, own, moved)
        if reached is None:
            # A solver may find another decoder of the same message.
            channel = [[Fraction(int(n), _GRAIN) for n in row] for row in grains]
            found = self._solved(self.problem.represented_by(channel), P=P).upper
            if found == math.inf:
                return None
            reached = exact_or_ball(found)
        if reached <= D:
            return fmpq(0)
        best = self._solved(P=P).upper
        nearest = exact_or_ball(best) if best < math.inf else reached
        return (reached - D) / (reached - nearest) if nearest < D else None

    def _reached(self, asked: Demand, grains: np.ndarray, own: np.ndarray, moved: np.ndarray | None) -> Number | None:
        """Return the distortion of the decoder that reads its own letters; None if it is not proved to meet the demand."""
        (_, P), problem, target = asked.bounds, self.problem, None
        if P is not None:
            plan = None if moved is None else asked.data.padded(moved)
            target = law_within(problem, P, plan)
            if target is None:
                return None
        letters = np.zeros((problem.n_X, problem.n_Y), dtype=object)
        np.add.at(letters.T, own, grains.T.astype(object))
        joint = [
            [exact_or_ball(p) * fmpq(int(n), _GRAIN) for n in row]
            for p, row in zip(problem.p_SX[0], letters.tolist(), strict=True)
        ]
        return distortion(problem, joint, target)

    def _rate(self, channel: np.ndarray, share: float = 0.0) -> float:
        """Return a rate that is surely not below that of a channel in doubles, and of the source for a share of the time."""
        costs = [[0] * channel.shape[1]] * self.problem.n_X
        data = Data.of(Finite(self.problem.p_SX, costs, setting="asymptotic"))
        plan = measured(data, channel.astype(float)[data.xs])
        if plan is None:
            return math.inf
        whole = -(data.p * data.p.log()).sum()
        rate = plan.R if not share else (Interval.of(1.0) - Interval.of(share)) * plan.R + Interval.of(share) * whole
        return float((rate * self._per_nat).high)


def _enclosed(value: Exact) -> Interval:
    number = exact_or_ball(value)
    return Interval.of(float_below(number), float_above(number))


def _at_the_reference(problem: Finite) -> Finite:
    return replace(problem, perception=None, reference=None, ground=None, p_Y=problem.reference)
