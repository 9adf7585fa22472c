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

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from drc.problems.finite import exact_number
from drc.problems.gaussian_perception import PerceivedGaussian
from drc.problems.validation import bounds_given
from drc.solvers.balls import Number, exact_or_ball, nearest
from drc.solvers.branch import at_borders, branch_and_bound, options
from drc.solvers.finite import active_bounds
from drc.solvers.gaussian import GaussianCertificate, Program, solution
from drc.solvers.solution import Solution
from drc.units import unit_named

_NEWTON_STEPS = 5
_BISECTIONS = 200

#: In a ball this small floats see its centre only; in one as small as the other the centre is good enough.
_TINY, _TINIEST = fmpq(1, 2**88), fmpq(1, 2**240)

#: How far a point is pulled towards the reference so that it is surely in the ball: the first share that is enough.
_PULLS = tuple(fmpq(1, 2**k) for k in (150, 120, 90, 60, 40))


@dataclass(frozen=True)
class Nearest:
    """The least error over the laws within `P`, for one correlation: an enclosure, and the law that proves `upper`."""

    lower: Number
    upper: Number
    law: tuple[Number, Number]


@dataclass(frozen=True, eq=False)
class PerceptionProgram(Program):
    """The program over `c`, with the law of `Y` minimised out, in nats."""

    found: dict = field(default_factory=dict)
    start = fmpq(0)
    target = "ref"

    @cached_property
    def P(self) -> Number | None:
        """The bound on perception, a KL in nats; None if there is none."""
        if "P" not in self.bounds:
            return None
        return exact_or_ball(self.bounds["P"]) * self.perceived

    @cached_property
    def perceived(self) -> Number:
        """What is one in the unit of the perception measure."""
        return self.nat if self.problem.perception == "KL" else 1 / (self.length * self.length)

    def _met(self) -> set[fmpq]:
        """Where the bound on the distortion is met depends on the law of `Y`, and is searched for."""
        return set()

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

    def nearest(self, c: fmpq) -> Nearest:
        """Enclose the least error over the laws within `P`."""
        if c not in self.found:
            self.found[c] = self._nearest(c)
        return self.found[c]

    def error(self, c: fmpq, law: tuple[Number, Number]) -> Number:
        """Mean squared error for a correlation and a law of `Y`."""
        m, s = law
        sigma_X, difference = self.n["sigma_X"], m - self.n["mu_X"]
        return difference * difference + sigma_X * sigma_X + s * s - 2 * sigma_X * s * c

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

    def _nearest(self, c: fmpq) -> Nearest:
        free = (self.n["mu_X"], self.n["sigma_X"] * c)
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
        return Nearest(lower, self.error(c, inside), inside)

    def _slopes(self, c: fmpq, law: tuple, price: Number) -> tuple[tuple, tuple, tuple]:
        """Gradient of `D + lambda phi`, gradient of `phi`, and the diagonal of the Hessian of the first."""
        (m, s), (mu, sigma) = law, self.centre
        if self.problem.perception == "W2":
            phi, curvature = (2 * (m - mu), 2 * (s - sigma)), (fmpq(2), fmpq(2))
        else:
            square = sigma * sigma
            phi = ((m - mu) / square, s / square - 1 / s)
            curvature = (1 / square, 1 / square + 1 / (s * s))
        plain = (2 * (m - self.n["mu_X"]), 2 * (s - self.n["sigma_X"] * c))
        gradient = tuple(a + price * b for a, b in zip(plain, phi, strict=True))
        return gradient, phi, tuple(2 + price * k for k in curvature)

    def _stationary(self, c: fmpq) -> tuple[tuple[arb, arb], arb]:
        """A point near the minimum and its multiplier: floats, then Newton's method in balls' midpoints."""
        (m, s), price = self._beside(c) if self.P < _TINY else self._start(c)
        law, price = (arb(m), arb(s)), arb(price)
        for _ in range(_NEWTON_STEPS):
            g, a, h = self._slopes(c, law, price)
            excess = self.phi(law) - self.P
            top = excess - sum(a[i] * g[i] / h[i] for i in range(2))
            step = top / sum(a[i] * a[i] / h[i] for i in range(2))
            moved = tuple((law[i] - (g[i] + a[i] * step) / h[i]).mid() for i in range(2))
            new = (price + step).mid()
            if not (moved[1] > 0 and new > 0 and moved[0].is_finite() and new.is_finite()):
                break
            law, price = moved, new
        return law, price

    def _beside(self, c: fmpq) -> tuple[tuple[Number, Number], Number]:
        """In a small ball the error is nearly linear, and the ball an ellipse."""
        (m, s), P = self.centre, arb(self.P)
        slopes = 2 * (m - self.n["mu_X"]), 2 * (s - self.n["sigma_X"] * c)
        widths = (fmpq(1, 2), fmpq(1, 2)) if self.problem.perception == "W2" else (s * s, s * s / 2)
        size = sum((g * g * w for g, w in zip(slopes, widths, strict=True)), arb(0)).sqrt()
        law = tuple(x - (2 * P).sqrt() * w * g / size for x, g, w in zip(self.centre, slopes, widths, strict=True))
        return law, size / (2 * P).sqrt()

    def _start(self, c: fmpq) -> tuple[tuple[Number, Number], Number]:
        """Bisect the multiplier in floats: the more perception costs, the nearer the law is to the reference.

        Lengths are in units of the reference's standard deviation, from its mean, so that no square overflows.
        """
        (mu, sigma), kl = self.centre, self.problem.perception == "KL"
        x, a = (nearest(arb(length / sigma)) for length in (self.n["mu_X"] - mu, self.n["sigma_X"] * c))
        P, weight = nearest(arb(self.P if kl else self.P / (sigma * sigma))), 0.5 if kl else 1.0

        def at(price: float) -> tuple[float, float]:
            w = price * weight
            if not kl:
                return x / (1 + w), (a + w) / (1 + w)
            return x / (1 + w), (a + math.sqrt(a * a + 4 * (1 + w) * w)) / (2 * (1 + w))

        def excess(price: float) -> float:
            m, s = at(price)
            t = s - 1
            if not kl:
                return m * m + t * t - P
            t *= s + 1
            log = math.log1p(t) if t > -0.5 else 2 * math.log(s) if s > 0 else -math.inf
            return (t - log + m * m) / 2 - P

        low, high = 0.0, 1.0
        while excess(high) > 0 and high < 1e40:
            low, high = high, 8 * high
        for _ in range(_BISECTIONS):
            middle = math.sqrt(low * high) if low > 0 else high / 8 if high > 1e-12 else high / 2
            if not low < middle < high or high - low <= 1e-15 * high or high < 1e-40:
                break
            low, high = (middle, high) if excess(middle) > 0 else (low, middle)
        m, s = at(high)
        if not math.isfinite(m + s):
            return self.centre, fmpq(1)
        law = mu + exact_or_ball(m) * sigma, exact_or_ball(s) * sigma
        return law, exact_or_ball(high) * (sigma * sigma if kl else 1)

    def _pulled(self, law: tuple[arb, arb]) -> tuple[Number, Number]:
        """A law that is proved to be within `P`, near this one."""
        mu, sigma = self.centre
        for pull in _PULLS:
            inside = (law[0] + pull * (mu - law[0]), law[1] + pull * (sigma - law[1]))
            if self.phi(inside) <= self.P and inside[1] >= 0:
                return inside
        return self.centre


@dataclass(frozen=True, eq=False)
class PerceptionCertificate(GaussianCertificate):
    """A proof that the optimum over correlation, mean and standard deviation lies in `[lower, upper]`.

    Attributes are those of `GaussianCertificate`; the law of `Y` is found again, and proved, for `rho`.

    Examples
    --------
    >>> from dataclasses import replace
    >>> g = PerceivedGaussian(0, 1, 0, 1, 0, 1, 0.5, perception="KL", mu_ref=0.3, sigma_ref=1)
    >>> s = solve_perception(g, R=1, P=0.1)
    >>> s.certificate.verify(), replace(s.certificate, lower=s.lower + 1e-9).verify()
    (True, False)
    """

    def program(self) -> PerceptionProgram:
        """Return the program that the proof is about."""
        return PerceptionProgram(self.problem, self.minimise, self.unit, dict(self.bounds))


def solve_perception(
    problem: PerceivedGaussian,
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
    """Minimise over the correlation of `X` and `Y` and the law of `Y`, and prove the answer.

    Parameters
    ----------
    problem : PerceivedGaussian
        With numbers for all parameters; it names the perception measure and the reference.
    minimise : {"D", "R"}
    R, C, D, P : number, optional
        Bounds on `I(X;Y)`, `h(S|Y)`, the mean squared error, and perception; one left out, or infinite, is inactive.
    tolerance : float
        The gap to stop at, as a part of the optimum, or of the scale of the costs where that is more.
    time_limit : float, optional
        Seconds.
    method : {"branch and bound"}, optional
    unit : {"bits", "nats"}
        The unit of `R`, `C` and a KL `P`.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, or a parameter that is still a symbol.

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
    bounds = active_bounds(minimise, R=R, C=C, D=D)
    if bounds_given({"P": P})["P"] != math.inf:
        bounds["P"] = exact_number("P", P)
    tolerance, clock = options(tolerance, time_limit, method)
    unit = unit_named(unit).name
    PerceptionProgram(problem, minimise, unit, bounds).checked()

    def attempt(bounds: dict) -> Solution:
        program = PerceptionProgram(problem, minimise, unit, bounds)
        found = branch_and_bound(program, tolerance, clock)
        more = {"measure": problem.perception, **({} if found.x is None else _law(program, found.x))}
        return solution(program, found, tolerance, clock, certificate=PerceptionCertificate, **more)

    return at_borders(attempt, bounds, clock, closed=minimise == "D")


def _law(program: PerceptionProgram, c: fmpq) -> dict[str, Any]:
    """The law of `Y` for a correlation, and how far it is from the reference."""
    law = program.nearest(c).law
    mean, deviation = (nearest(arb(x * program.length)) for x in law)
    return {"law": (mean, deviation), "perception": nearest(arb(program.phi(law) / program.perceived))}
