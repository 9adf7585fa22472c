"""Scalar Gaussians with perception: branch and bound over the correlation, a certified convex minimum at each.

For a correlation `c` in [0, 1] (with `-c` for `c` the constraints are the same, and the error is `4 sigma_X sigma_Y c` more)
the error

    D = (mu_Y - mu_X)^2 + sigma_X^2 + sigma_Y^2 - 2 sigma_X sigma_Y c

falls as `c` grows, whatever the law of `Y`, so on an interval its minimum over `(mu_Y, sigma_Y)` is least at the upper end.
There it is enclosed by weak duality: `D + lambda (phi - P)` is strongly convex with modulus 2, so from any point `y` and
any `lambda >= 0`, with `g` its gradient at `y`,

    min D >= D(y) + lambda (phi(y) - P) - |g|^2/4.

(The measure adds a modulus of its own: 2 lambda for W2, lambda/sigma_ref^2 for KL, and the 4 grows by twice that.) No
projection formula is used: `y` and `lambda` come from Newton's method, and the bound holds whatever they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

from flint import arb, fmpq

from drc.problems.gaussian import PerceivedGaussian
from drc.solvers.arithmetic.balls import Number, exact_or_ball, nearest, rational_middle, to_fraction
from drc.solvers.arithmetic.branch import Found
from drc.solvers.outcome import Solution
from drc.solvers.scalar.gaussian import GaussianProgram
from drc.solvers.scalar.program import Question, ask, once

_NOTHING = fmpq(0)

#: Steps of Newton's method to the multiplier, and when it is near enough.
_NEWTON_STEPS, _CLOSE = 60, fmpq(1, 2**90)

#: In a ball as small as this the centre is good enough.
_TINIEST = fmpq(1, 2**240)

#: How far a point is pulled towards the reference so that it is surely in the ball: the first share that is enough.
_PULLS = tuple(fmpq(1, 2**k) for k in (150, 120, 90, 60, 40))


@dataclass(frozen=True)
class Nearest:
    """The least error over the laws within `P`, for one correlation: an enclosure.

    `law` proves `upper`, and `price`, the multiplier of `P`, proves `lower`.
    """

    lower: Number
    upper: Number
    law: tuple[Number, Number]
    price: Number = _NOTHING


class PerceptionProgram(GaussianProgram):
    """The program over `c`, with the law of `Y` minimised out, in nats."""

    start = fmpq(0)
    target = "ref"

    @cached_property
    def P(self) -> Number | None:
        """The bound on perception, a KL in nats; None if there is none."""
        return exact_or_ball(self.bounds["P"]) * self.one("P") if "P" in self.bounds else None

    def _met(self) -> set[fmpq]:
        """Where the bound on the distortion is met depends on the law of `Y`, and is searched for."""
        return set()

    @property
    def mean(self) -> Number:
        """The mean of what the distortion is to."""
        return self.n[f"mu_{self.origin}"]

    @cached_property
    def centre(self) -> tuple[Number, Number]:
        """The mean and the standard deviation of the reference."""
        return self.n["mu_ref"], self.n["sigma_ref"]

    def D(self, rho: fmpq) -> Number:
        """Mean squared error of a law that is proved to be within `P`."""
        return self.nearest(rho).upper

    def D_below(self, rho: fmpq) -> Number:
        """Bound the error from below, for this correlation and any smaller one."""
        return self.nearest(rho).lower

    def error(self, c: fmpq, law: tuple[Number, Number]) -> Number:
        """Mean squared error for a correlation and a law of `Y`."""
        m, s = law
        difference = m - self.mean
        return difference * difference + self.apart + s * s - 2 * self.slopes[0] * s * c

    def phi(self, law: tuple[Number, Number]) -> Number:
        """The perception measure of a normal law; infinite where it has no density and needs one."""
        (m, s), (mu, sigma) = law, self.centre
        difference = m - mu
        if self.problem.perception == "W2":
            return difference * difference + (s - sigma) * (s - sigma)
        if not s > 0:
            return arb.pos_inf()
        ratio = s / sigma
        return (ratio * ratio + difference * difference / (sigma * sigma) - 1) / 2 - arb(ratio).log()

    @cached_property
    def modulus(self) -> Number:
        """How strongly convex the measure is."""
        return fmpq(2) if self.problem.perception == "W2" else 1 / (self.centre[1] * self.centre[1])

    @once
    def nearest(self, c: fmpq) -> Nearest:
        """Enclose the least error over the laws within `P`."""
        free = (self.mean, self.slopes[0] * c)
        if self.P is None or self.phi(free) <= self.P:
            # The gradient vanishes there: nothing is better for any law.
            value = self.error(c, free)
            return Nearest(value, value, free)
        if self.P == 0:
            value = self.error(c, self.centre)
            return Nearest(value, value, self.centre)
        if self.P < _TINIEST:
            law, price = self.centre, 1 / arb(self.P).sqrt()
        else:
            law, price = self._stationary(c)
        slope = sum(g * g for g in self._slopes(c, law, price)[0])
        lower = self.error(c, law) + price * (self.phi(law) - self.P) - slope / (4 + 2 * price * self.modulus)
        inside = self._pulled(law)
        return Nearest(lower, self.error(c, inside), inside, price)

    def _slopes(self, c: fmpq, law: tuple, price: Number) -> tuple[tuple, tuple, tuple]:
        """Gradient of `D + lambda phi`, gradient of `phi`, and the diagonal of the Hessian of the first."""
        (m, s), (mu, sigma) = law, self.centre
        if self.problem.perception == "W2":
            phi, curvature = (2 * (m - mu), 2 * (s - sigma)), (fmpq(2), fmpq(2))
        else:
            square = sigma * sigma
            phi = ((m - mu) / square, s / square - 1 / s)
            curvature = (1 / square, 1 / square + 1 / (s * s))
        plain = (2 * (m - self.mean), 2 * (s - self.slopes[0] * c))
        gradient = tuple(a + price * b for a, b in zip(plain, phi, strict=True))
        return gradient, phi, tuple(2 + price * k for k in curvature)

    def _stationary(self, c: fmpq) -> tuple[tuple[arb, arb], arb]:
        """A point near the minimum and its multiplier: Newton's method on `phi^(-1/2)`, which is nearly linear in it."""
        (m, s), P = self.centre, arb(self.P)
        # In a small ball the error is nearly linear, and the ball an ellipse.
        slopes = 2 * (m - self.mean), 2 * (s - self.slopes[0] * c)
        widths = (fmpq(1, 2), fmpq(1, 2)) if self.problem.perception == "W2" else (s * s, s * s / 2)
        price = (sum((g * g * w for g, w in zip(slopes, widths, strict=True)), arb(0)) / (2 * P)).sqrt().mid()
        for _ in range(_NEWTON_STEPS):
            law = self._cheapest(c, price)
            phi, (_, along, curvature) = self.phi(law), self._slopes(c, law, price)
            fall = sum(a * a / h for a, h in zip(along, curvature, strict=True))
            step = 2 * phi * ((phi / P).sqrt() - 1) / fall
            following = (price + step).mid()
            if not following.is_finite():
                break
            price = following if following > 0 else price / 8
            if abs(step.mid()) < _CLOSE * price:
                break
        return self._cheapest(c, price), price

    def _cheapest(self, c: fmpq, price: arb) -> tuple[arb, arb]:
        """The law that minimises `D + lambda phi`, nearly."""
        (m, s), near = self.centre, self.slopes[0] * c
        if self.problem.perception == "W2":
            return ((self.mean + price * m) / (1 + price)).mid(), ((near + price * s) / (1 + price)).mid()
        w = price / (2 * s * s)
        root = (near * near + 4 * (1 + w) * w * s * s).sqrt()
        return ((self.mean + w * m) / (1 + w)).mid(), ((near + root) / (2 * (1 + w))).mid()

    def _pulled(self, law: tuple[arb, arb]) -> tuple[Number, Number]:
        """A law that is proved to be within `P`, near this one."""
        (mu, sigma), P = self.centre, self.P
        assert P is not None  # without a bound no law has to be pulled
        for pull in _PULLS:
            inside = (law[0] + pull * (mu - law[0]), law[1] + pull * (sigma - law[1]))
            if self.phi(inside) <= P and inside[1] >= 0:
                return inside
        return self.centre

    def plan(self, found: Found, upper: float) -> dict[str, object]:
        """Return the largest rate that there may be, and the law of `Y`; None is the reference itself."""
        law = self.nearest(found.primal).law
        exact = None if law == self.centre else [to_fraction(rational_middle(x * self.length)) for x in law]
        return super().plan(found, upper) | {"law": exact}

    def of_law(self, rho: fmpq) -> dict[str, Number]:
        """Return the multiplier of `P` at a correlation."""
        return {"P": self.nearest(rho).price * self.one("P") / self.one("D")} if "P" in self.bounds else {}

    def duals(self, found: Found) -> dict[str, float] | None:
        """Return those of the bounds on the correlation, and that of the law: its price times that of the distortion."""
        prices = super().duals(found)
        if prices is None:
            return None
        paid = 1.0 if self.minimise == "D" else prices.get("D", 0.0)
        return prices | {"P": paid * nearest(arb(self.nearest(found.primal).price))}

    def reached(self, found: Found) -> dict[str, object]:
        """Return what a correlation reaches, the law of `Y`, and how far it is from the reference."""
        law = self.nearest(found.primal).law
        mean, deviation = (nearest(arb(x * self.length)) for x in law)
        return super().reached(found) | {"law": (mean, deviation), "P": self.phi(law)}


def solve_perception(problem: PerceivedGaussian, **question: Unpack[Question]) -> Solution:
    """Minimise over the correlation of `X` and `Y` and the law of `Y`, and prove the answer.

    All parameters have numbers; the problem names the perception measure and the reference.

    Notes
    -----
    Source: [nguyen2026], section 5. Normal `Y` are optimal.

    Examples
    --------
    >>> g = PerceivedGaussian(0, 1, 0, 1, 0, 1, 0.5, perception="KL", mu_ref=0, sigma_ref=1)
    >>> s = solve_perception(g, R=1, P=0.01)
    >>> s.status, round(s.value, 6)
    ('optimal', 0.252694)
    """
    return ask(PerceptionProgram, problem, **question)
