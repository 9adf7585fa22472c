"""A question about a finite problem as its solvers see it: exactly, in doubles, and in nats."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from flint import arb, fmpq

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, float_above, float_below, precision, total
from drc.solvers.arithmetic.rounding import Interval
from drc.solvers.finite.asymptotic.data import Data, ExactLaws
from drc.solvers.finite.asymptotic.dual import Multipliers, label_entropy
from drc.solvers.finite.asymptotic.programs import Goal
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.finite.costs import scale_of
from drc.solvers.outcome import Solution, status_of
from drc.solvers.request import Clock
from drc.types import Exact
from drc.units import unit_named

#: A plan of one of the kinds of `label_from_y.plans`.
AnyPlan = TypeVar("AnyPlan")

#: By how much bounds are tightened, beside their size, so that rounding does not spoil a plan.
_MARGIN = 4e-14


@dataclass(frozen=True, eq=False)
class Question:
    """A problem, what is minimised, and the active bounds; all of it has been read, and costs are near one.

    `bounds` are in the unit; with a `slope`, `D + slope R` is minimised, and with `prices`, for time sharing, the sum
    of prices times quantities (in nats) for a single code. `start` is an answer to a similar question, and `known` a
    lower bound by an easier problem, in nats, and its proof. `asked` is what was asked, if that had a perception bound
    of zero: here the reference is a target law instead. `kept` is the problem in doubles, where it is not that of
    `problem`.
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: dict[str, Exact]
    slope: Exact | None
    tolerance: float
    clock: Clock
    method: str | None = None
    start: Solution | None = None
    prices: dict[str, float] | None = None
    asked: Question | None = None
    kept: Data | None = None
    known: tuple[float, dict[str, object]] | None = None

    @cached_property
    def data(self) -> Data:
        """The problem in doubles."""
        return self.kept or Data.of(self.problem, perception="P" in self.bounds)

    @cached_property
    def exact(self) -> ExactLaws:
        """The problem in exact numbers."""
        return ExactLaws(self.data)

    # A perception bound of zero

    def at_the_reference(self) -> Question:
        """Return the same question about the reference as a target law."""
        fixed = replace(self.problem, perception=None, reference=None, ground=None, p_Y=self.problem.reference)
        bounds = {name: bound for name, bound in self.bounds.items() if name != "P"}
        return replace(self, problem=fixed, bounds=bounds, kept=None, asked=self)

    def as_asked(self, found: Solution) -> Solution:
        """Say of a target law that it is the reference, if that was asked: a perception of zero has no multiplier."""
        if self.asked is None:
            return found
        dual = found.certificate.dual
        return self.asked.claimed(
            found,
            {"kind": "reference", "dual": dual} if found.lower > 0 else dual,
            method=f"the output law is the reference; {found.method}",
            perception=found.perception if found.coupling is None else 0.0,
            measure=self.asked.problem.perception,
        )

    # Units

    @property
    def nat(self) -> float:
        """How many of the unit's logarithms a nat is: ln 2 for bits."""
        return math.log(2) if self.unit == "bits" else 1.0

    @cached_property
    def per_nat(self) -> Interval:
        """One nat, in the unit: 1 / ln 2 bits."""
        return Interval.of(1.0) if self.unit == "nats" else Interval.of(1.0) / Interval.of(2.0).log()

    def in_nats(self, name: str) -> bool:
        """Whether a quantity is in the unit of entropies."""
        return name[0] in ("R", "C") or (name == "P" and self.problem.perception == "KL")

    def unit_of(self, name: str) -> float:
        """How many nats the unit of a quantity is; one for a cost."""
        return self.nat if self.in_nats(name) else 1.0

    def in_words(self, reached: dict[str, float]) -> dict[str, float]:
        """Return what a plan reaches, in nats by letter, as fields of a solution, in the unit."""
        words = {"R": "rate", "C": "classification", "D": "distortion", "P": "perception"}
        return {words[name]: float(value) / self.unit_of(name) for name, value in reached.items()}

    @property
    def objective_nat(self) -> float:
        """The same as `nat` for what is minimised."""
        return self.unit_of(self.minimise)

    @cached_property
    def exact_nats(self) -> dict[str, Number]:
        """The bounds, exactly, in nats."""
        with precision():
            ln2 = arb.const_log2() if self.unit == "bits" else fmpq(1)
            found = {name: exact_or_ball(bound) for name, bound in self.bounds.items()}
            return {name: bound * ln2 if self.in_nats(name) else bound for name, bound in found.items()}

    @cached_property
    def intervals(self) -> dict[str, Interval]:
        """The bounds in nats, enclosed in doubles."""
        return {name: Interval.of(float_below(b), float_above(b)) for name, b in self.exact_nats.items()}

    @property
    def slope_nats(self) -> float | None:
        """The slope for a rate in nats, in doubles."""
        return None if self.slope is None else float(self.slope) / self.nat

    # What plans reach; where there are several costs or labels, more is bounded than here.

    def linear(self, slopes: np.ndarray) -> dict[str, np.ndarray]:
        """Return what is not more than linear in a joint law, by the names of bounds: arrays of shape (B, n_X, n_Y).

        `slopes`, of shape (B, n_Y, n_S), are of tangents to the label's entropy, which is what "C" bounds.
        """
        return {"C": np.einsum("bys,sx->bxy", slopes, self.data.posterior)}

    def unknown(self, laws: np.ndarray) -> np.ndarray:
        """Return "C" of joint laws of output and label, shape (B, n_Y, n_S), in nats."""
        return label_entropy(laws).sum(axis=1)

    def measured(self, plan: AnyPlan) -> AnyPlan:
        """Return a plan with all that is bounded measured."""
        return plan

    # What is wanted

    @property
    def rate_matters(self) -> bool:
        """Whether the rate is minimised, has a price, or is bounded."""
        return self.minimise == "R" or "R" in self.bounds or bool(self.slope)

    @property
    def most_distortion(self) -> float:
        """How much distortion may be spent to lower the rate: without a bound any; none if it is what is minimised."""
        return self.goal.bounds.get("D", math.inf if self.minimise == "R" else -1.0)

    @cached_property
    def goal(self) -> Goal:
        """The goal of the convex programs, bounds a trifle tighter than they are."""
        sizes = {"R": 1.0, "C": 1.0, "D": self.data.scale, "P": self.data.ground_scale}
        bounds = {name: float(b.low) for name, b in self.intervals.items()}
        tight = {name: max(b - _MARGIN * min(sizes[name[0]], 1e3 * b), 0.5 * b) for name, b in bounds.items()}
        return Goal(self.minimise, tight, self.slope_nats, self.prices)

    def tightened(self, margin: float = 0.0) -> Goal:
        """Return the goal of the convex programs, bounds tightened by a margin, in scaled units."""
        units = {"D": self.data.scale, "P": self.data.ground_scale}
        bounds = {name: float(b.low) - margin * units.get(name, 1.0) for name, b in self.intervals.items()}
        return Goal(self.minimise, bounds, self.slope_nats, self.prices)

    @cached_property
    def scale(self) -> float:
        """What a gap is relative to, in the unit: the spread of the costs, or one bit."""
        return scale_of(self.data.distortion) if self.minimise == "D" else unit_named(self.unit).one_bit

    @property
    def gap(self) -> float:
        """The gap at which to stop, in nats."""
        return self.tolerance * self.scale * self.objective_nat

    @cached_property
    def worst(self) -> float:
        """About the most that a plan can cost, in nats: whatever is proved to cost more is not a plan."""
        if self.prices is not None:
            return math.inf
        if self.minimise == "C":
            return math.log(max(self.problem.n_S, 2))
        finite = np.where(np.isfinite(self.data.distortion), self.data.distortion, 0.0).max(axis=1)
        rate = math.log(len(self.data.xs)) if len(self.data.xs) > 1 else 0.0
        cost = float(self.data.source @ finite) + (self.slope_nats or 0.0) * rate
        return rate if self.minimise == "R" else cost

    def cost(self, reached: dict[str, Number]) -> Number:
        """Return what is minimised, in nats, of what a plan reaches."""
        if self.prices is not None:
            priced = ((exact_or_ball(price), reached[name]) for name, price in self.prices.items())
            return total(price * value for price, value in priced)
        if self.slope is None:
            return reached[self.minimise]
        slope = exact_or_ball(self.slope)
        return reached["D"] + (slope / arb.const_log2() if self.unit == "bits" else slope) * reached["R"]

    def is_met(self, reached: dict[str, Number]) -> bool:
        """Whether what a plan reaches is proved to meet all bounds."""
        return all(reached[name] <= bound for name, bound in self.exact_nats.items())

    # The answer

    def claimed(self, found: Solution, dual: dict[str, object], **changes: object) -> Solution:
        """Return the answer to an easier question as one to this, which the dual proves; other fields may change, too."""
        bounds = self.bounds
        certificate = replace(found.certificate, problem=self.problem, bounds=tuple(bounds.items()), dual=dual)
        named = {name: float(bound) for name, bound in bounds.items()}
        return replace(found, certificate=certificate, bounds=named, **changes)  # pyright: ignore[reportArgumentType] (its fields)

    def leaf(self, at: Multipliers, *, of_objective: bool, of_maps: bool = False) -> dict[str, object]:
        """Return what multipliers of one program prove, as a certificate says it: for all letters, in the unit.

        That of what is minimised divides them all. Potentials of source letters are for channels, not for mixes of maps.
        """
        assert at.v is not None
        data, unit = self.data, self.objective_nat if of_objective else 1.0
        multipliers = {name: float(getattr(at, name)) * self.unit_of(name) / unit for name in self.bounds}
        u, v = np.zeros(self.problem.n_X), np.zeros(self.problem.n_Y)
        most = 1e6 * (1.0 + float(np.abs(at.v if of_maps else at.u).max()) + float(at.D) * data.scale)
        if self.problem.p_Y is None:
            # Nobody may go to the letters that are left out, whatever their multiplier: it is more than moving mass costs.
            v[:] = (most + 2.0 * float(at.P) * data.ground_scale) / unit
        u[data.xs], v[data.ys] = at.u / unit, np.clip(at.v, -most, most) / unit
        found: dict[str, object] = {"objective": int(of_objective), "multipliers": multipliers}
        if at.slopes is not None:
            slopes = np.zeros((self.problem.n_Y, self.problem.n_S))
            slopes[data.ys] = at.slopes / unit
            found["slopes"] = slopes.tolist()
        return found | ({"nu": v.tolist()} if of_maps else {"u": u.tolist(), "v": v.tolist()})

    def answered(
        self,
        lower: float,
        upper: float,
        dual: dict[str, object],
        method: str,
        *,
        primal: dict[str, object] | None = None,
        **reached: object,
    ) -> Solution:
        """Return an answer with its certificate.

        `lower` and `upper`, in the unit, are proved by `dual` and `primal`, a plan; what else is given are other fields
        of the solution.
        """
        bounds = tuple(self.bounds.items())
        certificate = FiniteCertificate(
            self.problem, self.minimise, self.unit, bounds, lower, upper, primal, dual, self.slope
        )
        status = status_of(lower, upper, self.tolerance, stopped=self.clock.stopped, scale=self.scale)
        fields: dict[str, Any] = {"value": lower, "bounds": {name: float(bound) for name, bound in bounds}} | reached
        return Solution(
            lower=lower,
            upper=upper,
            status=status,
            minimise=self.minimise,
            unit=self.unit,
            certificate=certificate,
            method=method,
            scale=self.scale,
            tolerance=self.tolerance,
            **fields,
        )
