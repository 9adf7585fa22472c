"""Vector Gaussians: a convex program in the rates of the components, proved by duality in ball arithmetic.

Rates found in double precision are sharpened by Newton's method, taken a little inside the constraints, and proved
feasible: that is the upper bound.  Prices prove the lower one, by the least of the Lagrangian, component by component; if
no rates are feasible, prices prove that too (Farkas' lemma).  ([boyd2004], section 5; [chen2025gaussian])
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, fmpq

from drc.errors import NotAvailableError
from drc.expressions.content import ByContent
from drc.information import allocation
from drc.information.allocation_balls import Components, Start
from drc.information.water_filling import ambiguity_level, best_rates, dearest_rates, least_rate
from drc.problems.finite import exact_number
from drc.problems.validation import choice
from drc.problems.vector_gaussian import VectorGaussian
from drc.solvers.balls import Number, exact_or_ball, nearest, precision, rational_middle, to_fraction
from drc.solvers.branch import Unwritten, answer, at_borders, in_doubles
from drc.solvers.finite import active_bounds
from drc.solvers.gaussian import power_of_two
from drc.solvers.request import Clock, clock_for, positive
from drc.solvers.solution import Solution
from drc.units import unit_named

#: How far inside the constraints rates are looked for: more than rounding, far less than a double resolves.
_INSIDE = fmpq(1, 2**110)

#: A part of a weight that doubles do not tell well from none.
_NEAR = fmpq(1, 2**30)

#: Steps that run away end beyond this, in numbers too long to be written as fractions.
_HUGE = arb(2) ** 1024

#: Bits or nats of each component from which on a larger rate makes no difference that doubles can tell.
_MANY_BITS = 300

#: Beyond this rate even balls do not tell the prices from those of an infinite one.
_LARGEST_RATE = 1e5


@dataclass(frozen=True, eq=False)
class _Program:
    """The program in the rates, in nats, and in a length in which the largest weight is about one."""

    problem: VectorGaussian
    minimise: str
    unit: str
    bounds: dict

    @cached_property
    def given(self) -> dict[str, Number]:
        """The parameters, in the length of the user."""
        return {name: exact_or_ball(exact_number(name, v)) for name, v in self.problem.numbers.items()}

    @cached_property
    def length(self) -> fmpq:
        """The unit of length of the program: a power of two, so that nothing is rounded."""
        means = (power_of_two(*(self.given[f"sigma_{a}{i + 1}"] for a in "XY")) for i in range(self.problem.n))
        return max(means)

    @cached_property
    def n(self) -> dict[str, Number]:
        """The parameters; those of the label keep their unit."""
        lengths = ("mu_", "sigma_X", "sigma_Y")
        return {name: v / self.length if name.startswith(lengths) else v for name, v in self.given.items()}

    @cached_property
    def one(self) -> Number:
        """What is one in the unit of the user."""
        return self.nat if self.minimise == "R" else 1 / (self.length * self.length)

    @cached_property
    def spread(self) -> Number:
        """How far apart the costs are: one bit, or the sum of the weights."""
        return arb.const_log2() if self.minimise == "R" else sum(self.parts.w, fmpq(0))

    def _rows(self, *names: str) -> Iterator[tuple[Number, ...]]:
        return zip(*([self.n[f"{name}{i + 1}"] for i in range(self.problem.n)] for name in names), strict=True)

    @cached_property
    def parts(self) -> Components:
        """The components."""
        w = [s * t for s, t in self._rows("sigma_X", "sigma_Y")]
        # Exactly one where the label is a function of the source, also for covariances that are irrational.
        exact = zip(self.problem.theta, self.problem.sigma_S, self.problem.sigma_X, strict=True)
        squares = ((t / (s * x)) ** 2 for t, s, x in exact)
        c = [exact_or_ball(exact_number("c", e if e.is_Rational else sp.simplify(e))) for e in squares]
        return Components(w, c)

    @cached_property
    def B(self) -> Number:
        """Distortion of independent source and reconstruction."""
        return sum((a - b) ** 2 + s * s + t * t for a, b, s, t in self._rows("mu_X", "mu_Y", "sigma_X", "sigma_Y"))

    @cached_property
    def floor(self) -> Number:
        """Squared Wasserstein distance of the two laws."""
        return sum((a - b) ** 2 + (s - t) ** 2 for a, b, s, t in self._rows("mu_X", "mu_Y", "sigma_X", "sigma_Y"))

    @cached_property
    def nat(self) -> Number:
        """How many nats the unit is."""
        return arb.const_log2() if self.unit == "bits" else fmpq(1)

    @cached_property
    def h_S(self) -> Number:
        """Entropy of the label."""
        return sum((2 * arb.pi() * s * s).log() / 2 + fmpq(1, 2) for (s,) in self._rows("sigma_S"))

    @cached_property
    def R(self) -> Number:
        """The bound on the rate; None if there is none."""
        return exact_or_ball(self.bounds["R"]) * self.nat if "R" in self.bounds else None

    @cached_property
    def g(self) -> Number:
        """The gain that the bound on the distortion requires; None if there is none."""
        return (
            (self.B - exact_or_ball(self.bounds["D"]) / (self.length * self.length)) / 2 if "D" in self.bounds else None
        )

    @cached_property
    def K(self) -> Number:
        """The bound on the ambiguity; one that `h(S)` meets always holds and is left out."""
        if "C" not in self.bounds:
            return None
        C = self.bounds["C"]
        if isinstance(C, sp.Expr):
            h = sum(sp.log(2 * sp.pi * sp.E * s**2) / 2 for s in self.problem.sigma_S) / unit_named(self.unit).nats
            if abs(sp.N(C - h, 50)) < 1e-40 and (C - h).equals(0) is True:
                return None
        K = exact_or_ball(C) * self.nat - self.h_S
        return None if K >= 0 else K

    @cached_property
    def known(self) -> arb:
        """The ambiguity at an infinite rate."""
        return sum(((1 - arb(c)).log() / 2 if c != 1 else arb.neg_inf() for c in self.parts.c), arb(0))

    def primal(self, rates: tuple | None) -> Number | None:
        """Return the objective at some rates (None: infinite ones); None unless they are proved feasible."""
        if rates is None:
            allowed = self.minimise == "D" and self.R is None and (self.K is None or self.known <= self.K)
            return self.floor if allowed else None
        total = sum(rates, fmpq(0))
        if any(r < 0 for r in rates) or not (self.R is None or total <= self.R):
            return None
        if self.K is not None and not self.parts.ambiguity(rates) <= self.K:
            return None
        gain = fmpq(0) if total == 0 else self.parts.gain(rates)
        if self.g is not None and not gain >= self.g:
            return None
        return self.B - 2 * gain if self.minimise == "D" else total

    def dual(self, prices: tuple, rates: tuple) -> Number | None:
        """Bound the objective from below; None if nothing is proved."""
        least = self._lagrangian(prices, rates)
        if self.minimise == "R":
            return least if prices[0] == 1 else None
        if self.R == 0:
            return self.B  # without any rate all correlations are zero
        if prices[1] != 1 or least is None or not (self.B + least) >= self.floor:
            return self.floor
        return self.B + least

    def excluded(self, prices: tuple, rates: tuple) -> bool:
        """Prove that no rates are feasible: a combination of the constraints is positive everywhere."""
        if self.minimise == "R" and prices[0] != 0:
            return False
        if self.minimise == "D" and prices[1] != 0:
            return False
        if prices[0] == prices[2] == 0:
            # The gain stays below the sum of the weights at any finite rate.
            return self.g is not None and bool(self.floor - self.B + 2 * self.g >= 0)
        least = self._lagrangian(prices, rates)
        return least is not None and bool(least > 0)

    def _lagrangian(self, prices: tuple, rates: tuple) -> arb | None:
        price_R, price_D, price_C = prices
        unbounded = (self.minimise == "D" and self.R is None and price_R != 0) or (self.K is None and price_C != 0)
        if any(p < 0 for p in prices) or unbounded or (self.minimise == "R" and self.g is None and price_D != 0):
            return None
        least = self.parts.lagrangian(prices, rates)
        if least is None:
            return None
        if self.minimise == "D" and self.R is not None:
            least = least - price_R * self.R
        if self.minimise == "R" and self.g is not None:
            least = least + 2 * price_D * self.g
        return least if self.K is None else least - price_C * self.K


@dataclass(frozen=True, eq=False)
class VectorGaussianCertificate(ByContent, Unwritten):
    """Rates and prices that prove `lower <= optimum <= upper`.

    Attributes
    ----------
    problem : VectorGaussian
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : tuple of (name, exact number)
    rates : tuple of Fraction, or None
        Feasible rates of the components in nats, which prove `upper`; None are infinite ones.
    prices : tuple of Fraction
        Of rate, distortion and classification: with `near` they prove `lower`, or that nothing is feasible.
    near : tuple of Fraction
        Where the Lagrangian has its least.
    lower, upper : float

    Examples
    --------
    >>> from dataclasses import replace
    >>> s = VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5]).solve(R=1, C=3.6)
    >>> s.certificate.verify(), replace(s.certificate, upper=s.upper - 1e-9).verify()
    (True, False)
    """

    problem: VectorGaussian
    minimise: str
    unit: str
    bounds: tuple
    rates: tuple | None
    prices: tuple
    near: tuple
    lower: float
    upper: float

    def verify(self) -> bool:
        """Prove the enclosure again.

        Returns
        -------
        bool
            False if the proof fails (which does not mean that the enclosure is false).
        """
        if math.isnan(self.lower + self.upper) or self.lower > self.upper:
            return False
        with precision():
            program = _Program(self.problem, self.minimise, self.unit, dict(self.bounds))
            unit = program.one
            prices, near = (tuple(map(exact_or_ball, row)) for row in (self.prices, self.near))
            if self.upper < math.inf:
                value = program.primal(None if self.rates is None else tuple(map(exact_or_ball, self.rates)))
                if value is None or not value <= exact_or_ball(self.upper) * unit:
                    return False
            if self.lower == math.inf:
                return program.excluded(prices, near)
            if self.lower <= 0:
                return True
            bound = program.dual(prices, near)
            return bound is not None and bool(exact_or_ball(self.lower) * unit <= bound)


@dataclass(frozen=True)
class _Found:
    """Rates and prices with what they prove."""

    rates: tuple | None
    prices: tuple
    near: tuple
    lower: Number = None
    upper: Number = None
    excluded: bool = False


def solve_vector_gaussian(
    problem: VectorGaussian,
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
    """Minimise over the rates of the components, and prove the answer.

    Parameters
    ----------
    problem : VectorGaussian
        With numbers for all parameters, and unlimited common randomness.
    minimise : {"D", "R"}
    R, C, D : number, optional
        Bounds on `I(X;Y)`, `h(S|Y)` and the squared error; one left out, or infinite, is inactive.
    P : None
    tolerance : float
        The gap that counts as optimal, as a part of the optimum, or of the scale of the costs where that is more.
    time_limit : float, optional
        For the form's sake: it takes milliseconds.
    method : {"duality"}, optional
    unit : {"bits", "nats"}
        The unit of `R` and `C`.

    Returns
    -------
    Solution
        With the rate of each component under `rates`.

    Raises
    ------
    ProblemError
        For a bad bound, or a parameter that is still a symbol.
    NotAvailableError
        For a perception bound, or without common randomness.

    Examples
    --------
    >>> s = solve_vector_gaussian(VectorGaussian([1, 2], [1, 1], [1, 1], [0.9, 0.5]), R=1, C=3.6)
    >>> s.status, round(s.value, 6), [round(r, 4) for r in s.rates]
    ('optimal', 2.990713, [0.6559, 0.3441])
    """
    choice("method", method or "duality", ("duality",))
    bounds = active_bounds(minimise, R=R, C=C, D=D, P=P)
    tolerance, clock = positive("tolerance", tolerance), clock_for(time_limit)
    if problem.R_c != sp.oo:
        raise NotAvailableError("R_c must be oo, got 0: there is no solver for it yet")
    unit = unit_named(unit).name
    _check_size(_Program(problem, minimise, unit, bounds))

    def attempt(bounds: dict) -> Solution:
        program, found = _Program(problem, minimise, unit, bounds), []
        # The search in doubles may divide by zero on the way; what it finds is proved.
        with np.errstate(all="ignore"):
            for candidate in (one for about in _nearby(program) for one in _candidates(about)):
                found.append(_prove(program, *candidate))
                if found[-1].excluded or clock.over:
                    break
        return _solution(program, found, tolerance, clock)

    return at_borders(attempt, bounds, clock, closed=minimise == "D")


def _check_size(program: _Program) -> None:
    """Check that doubles can hold the distortion, if it matters."""
    if program.minimise == "D" or "D" in program.bounds:
        with precision():
            in_doubles(program.length**2)
            in_doubles(program.B * program.length**2)


def _prove(program: _Program, rates: tuple | None, prices: tuple, near: tuple) -> _Found:
    if program.excluded(prices, near):
        return _Found(None, prices, near, excluded=True)
    return _Found(rates, prices, near, program.dual(prices, near), program.primal(rates))


def _nearby(program: _Program) -> Iterator[_Program]:
    """Yield programs whose rates and prices are tried: beside a large rate, a smaller one that costs no more, and none.

    What is proved of them is proved for the program itself.
    """
    most = _MANY_BITS * program.problem.n
    if not program.bounds.get("R", 0) > most:
        yield program
        return
    others = {name: bound for name, bound in program.bounds.items() if name != "R"}
    yield replace(program, bounds=others | {"R": most})
    yield replace(program, bounds=others)
    if program.bounds["R"] < _LARGEST_RATE:
        yield program


def _candidates(program: _Program) -> Iterator[tuple[tuple | None, tuple, tuple]]:
    """Yield rates, prices, and where the Lagrangian at these prices has its least."""
    zeros = (fmpq(0),) * program.problem.n
    yield zeros, (fmpq(1), fmpq(0), fmpq(0)) if program.minimise == "R" else (fmpq(0), fmpq(1), fmpq(0)), zeros
    if program.minimise == "D" and program.R is None:
        yield None, (fmpq(0), fmpq(1), fmpq(0)), zeros
    if program.minimise == "R" and program.g is not None:
        yield None, (fmpq(0), fmpq(1), fmpq(0)), zeros
    if program.K is not None:
        yield from _label_alone(program)
    for K in (None, program.K):
        start = _start(program, K)
        found = None if start is None else _sharpened(program, start, K)
        if found is not None:
            yield found
        if program.K is None or (found is not None and program.primal(found[0]) is not None):
            break  # the constraint on the classification is slack


def _start(program: _Program, K: Number | None) -> Start | None:
    """Solve in double precision; None where no rates are finite and positive."""
    w, c = (np.array([[float(arb(x)) for x in row]]) for row in (program.parts.w, program.parts.c))
    bound = np.array([math.inf if K is None else float(arb(K))])
    target = program.R if program.minimise == "D" else program.g
    if target is None or not target > 0:
        return None
    if program.minimise == "R" and K is None and (start := _start_near_floor(program)) is not None:
        return start
    share = best_rates if program.minimise == "D" else dearest_rates
    rates = share(np.array([float(arb(target))]), bound, w, c)[0]
    if not (np.isfinite(rates) & (rates > 0)).all():
        return None
    return Start(tuple(rates.tolist()), *allocation.prices(rates, w, c))


def _start_near_floor(program: _Program) -> Start | None:
    """Start from large rates where doubles do not tell the gain from its limit: each loses the same `w v/2`."""
    w = program.parts.w
    lost = (sum(w, fmpq(0)) - program.g) / len(w)
    if not 0 < lost < _NEAR * min(map(rational_middle, w)):
        return None
    return Start(tuple(-arb(2 * lost / x).log() / 2 for x in w), 4 * lost)


def _sharpened(program: _Program, start: Start, K: Number) -> tuple[tuple, tuple, tuple] | None:
    inside = None if K is None else K - _INSIDE
    if program.minimise == "D":
        sharp = program.parts.sharpen(start, program.R - _INSIDE, inside, by="rate")
    else:
        sharp = program.parts.sharpen(start, program.g + _INSIDE, inside, by="gain")
    if sharp is None or not all(1 / _HUGE < x < _HUGE for x in (*sharp.rates, sharp.price_R, 1 + abs(sharp.price_C))):
        return None
    rates = tuple(map(rational_middle, sharp.rates))
    price_R, price_C = rational_middle(sharp.price_R), max(fmpq(0), rational_middle(sharp.price_C))
    if program.minimise == "D":
        return rates, (price_R, fmpq(1), price_C), rates
    return rates, (fmpq(1), 1 / price_R, price_C / price_R), rates


def _label_alone(program: _Program) -> Iterator[tuple[tuple | None, tuple, tuple]]:
    """Rates that have the least ambiguity for their sum, and prices that say so."""
    c, K = program.parts.c, program.K
    zeros = (fmpq(0),) * len(c)
    if program.R is None and not program.known < K:
        # No finite rate meets the constraint.
        yield None, (fmpq(0), fmpq(0), fmpq(1)), zeros
        return
    R = program.R if program.R is not None else arb(least_rate.enclose(arb(K - _INSIDE), *map(arb, c)))
    if any(e == 1 for e in c):
        w = np.array([[float(arb(x)) for x in program.parts.w]])
        shares = allocation.ambiguity_rates(np.array([float(R)]), np.array([[float(arb(e)) for e in c]]), w)[0]
        if not np.isfinite(shares).all():
            return
        rates = [exact_or_ball(float(x)) for x in shares]
        first = next(i for i, e in enumerate(c) if e == 1)
        rates[first] += rational_middle(arb(R)) - sum(rates, fmpq(0)) + (_INSIDE if program.R is None else -_INSIDE)
        price = fmpq(1)
    else:
        level = ambiguity_level(arb(R), [arb(e) for e in c])
        rates = [
            fmpq(0) if level is None or not (depth := level - ((1 - e) / e).log()) > 0 else rational_middle(depth / 2)
            for e in (arb(x) for x in c)
        ]
        price = fmpq(0) if level is None else fmpq(1) if R == 0 else rational_middle(1 / (1 + level.exp()))
    rates = tuple(rates)
    # The price of rate is in units of that of classification; at rate zero any is right that is large enough.
    if program.minimise == "D":
        yield rates, (price, fmpq(0), fmpq(1)), rates
    elif price > 0:
        yield rates, (fmpq(1), fmpq(0), 1 / price), rates


def _solution(program: _Program, found: list[_Found], tolerance: float, clock: Clock) -> Solution:
    none = next((f for f in found if f.excluded), None)
    bounded = [f for f in found if f.lower is not None]
    least = max(bounded, key=lambda f: nearest(arb(f.lower).lower()), default=None)
    best = min((f for f in found if f.upper is not None), key=lambda f: nearest(arb(f.upper).upper()), default=None)
    if none is not None:
        least, best, lower = none, None, None
    else:
        lower = fmpq(0) if least is None else least.lower
    proved = answer(program, lower, None if best is None else best.upper, tolerance, clock)
    prices, near = ((), ()) if least is None else (least.prices, least.near)
    rates = None if best is None else best.rates
    fractions = [None if row is None else tuple(map(to_fraction, row)) for row in (rates, prices, near)]
    bounds, ends = tuple(program.bounds.items()), (proved["lower"], proved["upper"])
    return Solution(
        **proved,
        minimise=program.minimise,
        unit=program.unit,
        bounds={name: nearest(exact_or_ball(bound)) for name, bound in program.bounds.items()},
        duals=_duals(program, least) if proved["status"] == "optimal" else {},
        certificate=VectorGaussianCertificate(
            program.problem, program.minimise, program.unit, bounds, *fractions, *ends
        ),
        method="convex program in the rates, duality in ball arithmetic",
        sees="Y",
        **({} if best is None else _reached(program, best.rates)),
    )


def _reached(program: _Program, rates: tuple | None) -> dict[str, Any]:
    """Return what some rates reach; infinite ones if None."""
    square = program.length**2
    if rates is None:
        h = nearest(arb(program.h_S + program.known)) if program.known.is_finite() else -math.inf
        reached = {"distortion": nearest(arb(program.floor * square)), "rates": (math.inf,) * program.problem.n}
        return {**reached, "rate": math.inf, "classification": h / float(arb(program.nat))}
    return {
        "distortion": nearest((arb(program.B) - 2 * program.parts.gain(rates)) * square),
        "rate": nearest(arb(sum(rates, fmpq(0)) / program.nat)),
        "classification": nearest(arb((program.h_S + program.parts.ambiguity(rates)) / program.nat)),
        "rates": tuple(nearest(arb(r / program.nat)) for r in rates),
    }


def _duals(program: _Program, least: _Found | None) -> dict[str, float]:
    """Return the price of each bound in its own unit."""
    if least is None:
        return {}
    price_R, price_D, price_C = least.prices
    square, nat = program.length**2, program.nat
    if program.minimise == "D":
        own = {"R": price_R * nat * square, "C": price_C * nat * square}
    else:
        own = {"D": price_D / nat / square, "C": price_C}
    return {name: nearest(arb(own[name])) for name in program.bounds if name in own}
