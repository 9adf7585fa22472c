"""What all solvers of scalar problems share: a question is read once, and its answer searched for, proved and packed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial, wraps
from typing import TYPE_CHECKING, Any, ClassVar, SupportsFloat, TypedDict, TypeVar

import sympy as sp
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.expressions.pairs import SLACK
from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    float_above,
    float_below,
    nearest,
    precision,
)
from drc.solvers.arithmetic.branch import Found, branch_and_bound
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.finite.door import active_bounds
from drc.solvers.outcome import Solution, status_of
from drc.solvers.request import Clock, clock_for, positive
from drc.solvers.scalar.duals import STEP, blocking, is_met, slope
from drc.units import unit_named

if TYPE_CHECKING:
    from drc.problems import Problem

Given = SupportsFloat | sp.Expr | str | None


class Question(TypedDict, total=False):
    """What every solver of scalar problems may be asked.

    `minimise` is "D" (the default) or "R". `R`, `C`, `D` and `P` are bounds on the rate, on what the classifier does not
    know, on the distortion, and on the perception measure of a problem that has one; one left out, or infinite, is inactive.
    `tolerance` is the gap at which to stop, relative to the scale of what is minimised: see `Solution.scale`.
    `time_limit` is in seconds. `unit` ("bits" or "nats") is that of `R`, `C` and a KL `P`.
    """

    minimise: str
    R: Given
    C: Given
    D: Given
    P: Given
    tolerance: Given
    time_limit: Given | Clock
    method: str | None
    unit: str


#: What of a solution a plan reaches, by the letter of the quantity.
_REACHED = {"D": "distortion", "R": "rate", "C": "classification", "P": "perception"}


@dataclass(frozen=True, eq=False)
class Program:
    """A question about one problem.

    A solver derives its program from this one, or from `Branched`, and says what it is about.
    """

    problem: Problem
    minimise: str
    unit: str
    bounds: dict[str, Fraction | sp.Expr]

    #: The word for the method, and how a solution describes it.
    way: ClassVar[str] = "branch and bound"
    method: ClassVar[str]

    sees: ClassVar[str] = "Y"
    tolerance: ClassVar[float] = 1e-9

    #: Whether what is minimised is finite at the border of what is feasible; if not, the border is infeasible.
    closed: ClassVar[bool] = True

    @cached_property
    def nat(self) -> Number:
        """How many nats the user's unit is."""
        return arb.const_log2() if self.unit == "bits" else fmpq(1)

    def one(self, name: str) -> Number:
        """Return what is one of a quantity in the user's unit, in that of the program."""
        return fmpq(1)

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds on "D", "R" and "C", in the unit of the program."""
        return {name: exact_or_ball(bound) * self.one(name) for name, bound in self.bounds.items() if name != "P"}

    @property
    def apart(self) -> Number:
        """What a gap in the distortion is relative to: how far apart costs are, in the unit of the program."""
        return fmpq(1)

    @cached_property
    def spread(self) -> Number:
        """What a gap is relative to: the same, or one bit."""
        return self.apart if self.minimise == "D" else arb.const_log2() * self.one("R") / self.nat

    @cached_property
    def remembered(self) -> dict:
        """What methods that are computed `once` have returned."""
        return {}

    def check(self) -> None:
        """Refuse what cannot be answered."""

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Search until the gap is closed or the time is over."""
        raise NotImplementedError

    def certificate(self, found: Found, lower: float, upper: float) -> FiniteCertificate | None:
        """Write down what proves these bounds, in the user's unit; None where there are no certificates yet."""
        return None

    def reached(self, found: Found) -> dict[str, object]:
        """Return the fields of a solution that say what was found; quantities by their letters, in the program's unit."""
        raise NotImplementedError

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return the multipliers of bounds at what was found, in the unit of the program; one left out is zero.

        None: they are not known.
        """
        raise NotImplementedError

    def _priced(self, found: Found) -> dict[str, float]:
        """Return the multiplier of each bound, in the user's units; none without a plan, or where they are not known."""
        prices = None if found.upper is None else self.duals(found)
        if prices is None:
            return {}
        one = self.one(self.minimise)
        units = {name: nearest(arb(self.one(name) / one)) for name in self.bounds}
        return {name: prices.get(name, 0.0) * unit for name, unit in units.items()}

    def solved(self, tolerance: float, clock: Clock) -> Solution:
        """Search, and return the answer in the user's unit."""
        found = self.search(tolerance, clock)
        one, nothing = self.one(self.minimise), found.upper is None and found.primal is None
        reached = {} if nothing else dict[str, Any](self.reached(found))
        if "duals" not in reached:
            reached["duals"] = self._priced(found)
        lower = math.inf if found.lower is None else max(0.0, float_below(found.lower / one))
        upper = math.inf if found.upper is None else float_above(found.upper / one)
        value = lower if found.upper is None else min(max(nearest(arb(found.upper / one)), lower), upper)
        scale = nearest(arb(self.spread / one))
        fields: dict[str, Any] = {
            "status": status_of(lower, upper, tolerance, stopped=clock.stopped, scale=scale),
            "bounds": {name: nearest(exact_or_ball(bound)) for name, bound in self.bounds.items()},
            "certificate": self.certificate(found, lower, upper),
            "method": self.method,
            "measure": _measure(self.problem) or "",
            "sees": self.sees,
        }
        for name in _REACHED.keys() & reached.keys():
            number = nearest(arb(reached.pop(name) / self.one(name)))
            fields[_REACHED[name]] = max(0.0, number) if name == "R" else number
        common = {"value": value, "lower": lower, "upper": upper, "scale": scale, "tolerance": tolerance}
        return Solution(minimise=self.minimise, unit=self.unit, **common, **fields | reached)


class Branched(Program):
    """A program over one real number, to be solved by branch and bound: a `Bounded`."""

    ends: tuple[fmpq, ...]

    def value(self, name: str, x: fmpq) -> Number:
        """Return "D", "R" or "C" at a point; no number where it is not known from above."""
        raise NotImplementedError

    def least(self, name: str, low: fmpq, high: fmpq) -> Number:
        """Bound "D", "R" or "C" from below on an interval."""
        raise NotImplementedError

    def point(self, x: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        feasible = all(self.value(name, x) <= bound for name, bound in self.b.items())
        return self.value(self.minimise, x) if feasible else None

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved infeasible."""
        if any(self.least(name, low, high) > bound for name, bound in self.b.items()):
            return None
        return self.least(self.minimise, low, high)

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return the multiplier of the bound that keeps the optimum from moving on."""
        x, (low, *_, high) = found.primal, self.ends
        left = {name: bound - self.value(name, x) for name, bound in self.b.items()}
        for side in (-1, 1):
            if low <= x + side * STEP <= high:  # pyright: ignore[reportOptionalOperand] (flint)
                slopes = {name: slope(partial(self.value, name), x, side) for name in (self.minimise, *self.b)}
                met = {
                    name: (float(arb(left[name])), slopes[name]) for name in self.b if is_met(left[name], self.b[name])
                }
                prices = blocking(slopes[self.minimise], met)
                if prices != {}:
                    return prices
        return {}

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Search by branch and bound."""
        return branch_and_bound(self, tolerance, clock)


def ask(
    program: type[Program],
    problem: Problem,
    *,
    minimise: str = "D",
    R: Given = None,
    C: Given = None,
    D: Given = None,
    P: Given = None,
    tolerance: Given = None,
    time_limit: Given | Clock = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Read a question, and answer it; if no plan is found, with bounds that are wider by a few units in the last place.

    Bounds at the border of what is feasible are computed in doubles, and miss it as often as not. As in the formulas, the
    feasible side counts, and the answer says so; its certificate has the wider bounds.

    For what may be asked see `Question`.

    Raises `ProblemError` for a bad bound or option, or a parameter that is still a symbol, and `NotAvailableError` for a
    perception bound on a problem without a measure.
    """
    choice("method", method or program.way, (program.way,))
    choice("minimise", minimise, ("D", "R"))
    if P is not None and _measure(problem) is None:
        raise NotAvailableError(f"P must be left out here, got {P}: a perception bound is not available yet")
    bounds = active_bounds(minimise, R=R, C=C, D=D, P=P)
    tolerance = positive("tolerance", program.tolerance if tolerance is None else tolerance)
    clock = clock_for(time_limit)
    asked = program(problem, minimise, unit_named(unit).name, bounds)
    found = None
    with precision(), clock.watching():
        asked.check()
        found = asked.solved(tolerance, clock)
        wider = {name: b + abs(b) * Fraction(SLACK) if isinstance(b, Fraction) else b for name, b in bounds.items()}
        if asked.closed and math.isinf(found.upper) and wider != bounds and not clock.over:
            again = replace(asked, bounds=wider).solved(tolerance, clock)
            if math.isfinite(again.upper):
                moved = ", ".join(name for name in bounds if wider[name] != bounds[name])
                said = f"{moved} rounded up by {SLACK:.1g} of their size, to the border of what is feasible"
                found = replace(again, bounds=found.bounds, rounded=(said,))
    if found is None:
        # Ctrl-C was pressed twice: no time is left, and the answer says what is known without any.
        with precision():
            return asked.solved(tolerance, clock)
    return found


def _measure(problem: Problem) -> str | None:
    """Return the perception measure of a problem that has one."""
    return getattr(problem, "perception", None)


Owner = TypeVar("Owner", bound="Program")
Value = TypeVar("Value")


def once(method: Callable[[Owner, fmpq], Value]) -> Callable[[Owner, fmpq], Value]:
    """Let a method of a program remember what it returned: neighbouring intervals share their ends."""

    @wraps(method)
    def recalled(self: Owner, x: fmpq) -> Value:
        key = method.__name__, x
        if key not in self.remembered:
            self.remembered[key] = method(self, x)
        return self.remembered[key]

    return recalled
