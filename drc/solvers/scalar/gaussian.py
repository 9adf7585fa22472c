"""Scalar Gaussians: branch and bound over the correlation, in exact and ball arithmetic ([nguyen2026], section 4).

With `Cov(X, Y) = rho s_X s_Y` and the Markov chain `S - X - Y`, hence `Cov(S, Y) = theta rho s_Y / s_X`,

    I(X;Y) = -1/2 log(det / (s_X^2 s_Y^2)),      det = s_X^2 s_Y^2 - Cov(X, Y)^2
    h(S|Y) = 1/2 log(2 pi e det' / s_Y^2),       det' = s_S^2 s_Y^2 - Cov(S, Y)^2
    D      = (mu_X - mu_Y)^2 + s_X^2 + s_Y^2 - 2 Cov(X, Y)

are evaluated on intervals of `rho`. The distortion to a remote source `T` with `T - X - Y` has the mean and the variance of
`T`, and `Cov(T, Y) = rho_TX s_T rho s_Y`, with the sign of `X` chosen so that `rho_TX > 0`. Nothing is presupposed of the
answer: an interval is left out because it is proved infeasible, or because nothing in it is better than a point that is
proved feasible ([moore2009]).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, Unpack

import sympy as sp
from flint import arb, fmpq

from drc.errors import ProblemError
from drc.information.gaussian import gaussian_entropy
from drc.problems.arrays import exact_number
from drc.problems.gaussian import Gaussian
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    nearest,
    rational_above,
    rational_below,
    rational_middle,
    to_fraction,
    total,
)
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.scalar.certificates import NormalCertificate
from drc.solvers.scalar.program import Branched, Program, Question, ask

#: Parameters that are lengths; a covariance with the label is one as well, in units of the label.
_LENGTHS = ("mu_", "sigma_X", "sigma_Y", "sigma_T", "sigma_ref", "theta")

#: The least scale of costs that doubles can hold with all their digits; its inverse is the largest.
_SMALL = 2.0**-1000


class Lengths(Program):
    """The program of one or more Gaussians, in nats, and in a length in which the standard deviations are about one."""

    tolerance = 1e-11

    #: The subscript of the law that `Y` has, or is near to.
    target: ClassVar[str] = "Y"

    @property
    def origin(self) -> str:
        """The subscript of what the distortion is to: the source, or a remote one."""
        return "T" if f"rho_TX{self.problem._endings[0]}" in self.problem.parameters else "X"

    @property
    def closed(self) -> bool:
        """Whether what is minimised is finite on the border: the rate grows to infinity there."""
        return self.minimise == "D"

    @cached_property
    def given(self) -> dict[str, Number]:
        """The parameters, in the length of the user."""
        return {name: exact_or_ball(exact_number(name, v)) for name, v in self.problem.numbers.items()}

    @cached_property
    def length(self) -> fmpq:
        """The unit of length of the program: a power of two, so that nothing is rounded."""
        pairs = [[self.given[f"sigma_{law}{i}"] for law in (self.origin, self.target)] for i in self.problem._endings]
        return max(power_of_two(*pair) for pair in pairs)

    @cached_property
    def n(self) -> dict[str, Number]:
        """The parameters."""
        return {name: v / self.length if name.startswith(_LENGTHS) else v for name, v in self.given.items()}

    def rows(self, *names: str) -> Iterator[tuple[Number, ...]]:
        """Yield parameters, component by component."""
        return ((*(self.n[f"{name}{i}"] for name in names),) for i in self.problem._endings)

    def one(self, name: str) -> Number:
        """Return a nat in the user's unit, or the user's unit of area in that of the program."""
        in_nats = name in "RC" or (name == "P" and self.problem.perception == "KL")
        return self.nat if in_nats else 1 / (self.length * self.length)

    @cached_property
    def slopes(self) -> list[Number]:
        """The covariance of what the distortion is to with the component of `X` of variance one."""
        kept = [fmpq(1) if self.origin == "X" else abs(self.n[f"rho_TX{i}"]) for i in self.problem._endings]
        return [rho * s for rho, (s,) in zip(kept, self.rows(f"sigma_{self.origin}"), strict=True)]

    @cached_property
    def weights(self) -> list[Number]:
        """What correlation is worth: the slopes times the standard deviations of `Y`."""
        return [s * t for s, (t,) in zip(self.slopes, self.rows(f"sigma_{self.target}"), strict=True)]

    @property
    def apart(self) -> Number:
        """The variance of what the distortion is to."""
        return total(s * s for (s,) in self.rows(f"sigma_{self.origin}"))

    @cached_property
    def independent(self) -> Number:
        """The distortion of a `Y` that is independent of all."""
        rows = self.rows(*(f"{name}_{law}" for name in ("mu", "sigma") for law in (self.origin, self.target)))
        return total((a - b) * (a - b) + s * s + t * t for a, b, s, t in rows)

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds; one on `C` that `h(S)` meets exactly always holds and is left out."""
        b, C = super().b, self.bounds.get("C")
        # A rational one does not meet it: 2 pi e sigma^2 has no rational logarithm, in bits or in nats.
        if isinstance(C, sp.Expr):
            deviations = (self.problem.numbers[f"sigma_S{i}"] for i in self.problem._endings)
            excess = C - sum(gaussian_entropy(s**2, self.unit) for s in deviations)
            if abs(sp.N(excess, 50)) < 1e-40 and excess.equals(0) is True:
                return {name: bound for name, bound in b.items() if name != "C"}
        return b

    def certificate(self, found: Found, lower: float, upper: float) -> NormalCertificate:
        """Write down what proves these bounds."""
        # A bound that always holds, and is not in `b`, has no part in any proof.
        kept = tuple((name, bound) for name, bound in self.bounds.items() if name == "P" or name in self.b)
        primal = None if upper == math.inf else {"kind": "normal"} | self.plan(found, upper)
        of = int(self.minimise == "D" and lower < math.inf)
        multipliers = {} if lower <= 0 else self.multipliers(found, lower)
        exact = {name: to_fraction(rational_middle(value)) for name, value in multipliers.items()}
        dual = {"kind": "rates", "objective": of, "multipliers": exact}
        return NormalCertificate(self.problem, self.minimise, self.unit, kept, lower, upper, primal, dual)

    def plan(self, found: Found, upper: float) -> dict[str, object]:
        """Return the rates of the components, in the user's unit, and the law of `Y` if it is free."""
        raise NotImplementedError

    def multipliers(self, found: Found, lower: float) -> dict[str, Number]:
        """Return the multipliers of the bounds, in the user's units; where the rate is minimised, up to a factor."""
        raise NotImplementedError

    def check(self) -> None:
        """Check that doubles can hold the distortion, if it matters: no answer may be zero or infinite by rounding.

        Raises `ProblemError` if they cannot.
        """
        if self.minimise == "R" and not {"D", "P"} & self.bounds.keys():
            return
        for cost in (self.length**2, self.independent * self.length**2):
            if not _SMALL <= nearest(arb(cost)) <= 1 / _SMALL:
                raise ProblemError(
                    f"squared lengths must be between {_SMALL:.1e} and {1 / _SMALL:.1e}, which doubles can hold, got about"
                    f" {arb(cost).str(3, radius=False)}: choose another unit of length"
                )


def power_of_two(*numbers: Number) -> fmpq:
    """Return a power of two near the geometric mean of positive numbers.

    Examples
    --------
    >>> power_of_two(fmpq(1, 10), fmpq(1000))
    8
    """
    exponent = nearest(sum((arb(x).log() for x in numbers), arb(0)) / len(numbers) / arb.const_log2())
    return fmpq(2) ** round(exponent)


class GaussianProgram(Lengths, Branched):
    """The program over `rho`."""

    method = "branch and bound over rho in ball arithmetic"

    #: Where the search for `rho` begins; it ends at one.
    start: ClassVar[fmpq] = fmpq(-1)

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
        rho = (self.independent - self.b["D"]) / (2 * self.weights[0])
        return {rational_below(rho), rational_above(rho)}

    @cached_property
    def _label(self) -> tuple[Number, Number]:
        slope = self.n["theta"] / self.n["sigma_X"]
        return self.n["sigma_S"] * self.n["sigma_S"], slope * slope

    def D(self, rho: fmpq) -> Number:
        """Mean squared error."""
        return self.independent - 2 * self.weights[0] * rho

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

    def value(self, name: str, x: fmpq) -> Number:
        """Return a quantity at a correlation."""
        if name == "C":
            # Where it is not decided whether the variance is zero, nothing is known from above.
            variance = self._label[0] - self._label[1] * x * x
            return self.C(x * x) if variance > 0 or variance == 0 else arb.nan()
        return self.D(x) if name == "D" else self.R(x * x)

    def least(self, name: str, low: fmpq, high: fmpq) -> Number:
        """Bound a quantity from below on an interval."""
        if name == "D":
            return self.D_below(high)
        squares = low * low, high * high
        return self.C(max(squares)) if name == "C" else self.R(fmpq(0) if low <= 0 <= high else min(squares))

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved to hold no feasible point."""
        # At rho = 1 the rate is infinite, and D falls strictly up to there: where a finite rate is wanted, a bound that
        # only rho = 1 meets is met nowhere.
        if high == 1 and self.minimise == "R" and "D" in self.b and self.D_below(high) >= self.b["D"]:
            return None
        return super().interval(low, high)

    def plan(self, found: Found, upper: float) -> dict[str, object]:
        """Return the largest rate that there may be: no other has less distortion or ambiguity."""
        if self.minimise == "R":
            return {"rates": [Fraction(upper)]}
        most = self.bounds.get("R")
        return {"rates": [sp.oo if most is None else to_fraction(rational_below(exact_or_ball(most)))]}

    def multipliers(self, found: Found, lower: float) -> dict[str, Number]:
        """Return one for the bound that the largest rate does not meet, and those of the law of `Y`."""
        most = (
            self.b.get("R") if self.minimise == "D" else exact_or_ball(lower) * self.nat if lower < math.inf else None
        )
        square = fmpq(1) if most is None else -arb(-2 * most).expm1()
        infeasible = self.minimise == "D" and lower == math.inf
        if "C" in self.b and (infeasible or self.C(square) >= self.b["C"]):
            return {"C": fmpq(1)}
        of_law = self.of_law(min(fmpq(1), rational_above(arb(square).sqrt())))
        return of_law if self.minimise == "D" else of_law | {"D": fmpq(1)}

    def of_law(self, rho: fmpq) -> dict[str, Number]:
        """Return the multipliers of the law of `Y` at a correlation; here it is given."""
        return {}

    def reached(self, found: Found) -> dict[str, object]:
        """Return what a correlation reaches."""
        assert found.primal is not None  # only a plan reaches something
        rho = found.primal
        return {"D": self.D(rho), "R": self.R(rho * rho), "C": self.C(rho * rho), "rho": nearest(rho)}


def solve_gaussian(problem: Gaussian, **question: Unpack[Question]) -> Solution:
    """Minimise over the correlation of `X` and `Y`, and prove the answer.

    All parameters have numbers. `R` bounds `I(X;Y)`, `C` bounds `h(S|Y)`, and `D` the mean squared error.

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
    return ask(GaussianProgram, problem, **question)
