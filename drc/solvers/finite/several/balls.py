"""Laws within a divergence of a reference, known by cuts: linear functions that none of them exceeds.

A divergence is `phi(q) = sum_y r_y f(q_y / r_y)` with a convex `f`; where `r_y = 0` a letter costs `q_y f'(oo)`. For any
slopes `g`, every law with `phi(q) <= P` has

    sum_y q_y g_y <= P + sum over r_y > 0 of r_y f*(g_y)

with the conjugate `f*` of `f` ([boyd2004], section 3.3), if `g_y <= f'(oo)` where `r_y = 0`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from flint import arb, fmpq

from drc.errors import ProblemError
from drc.problems.finite import Finite
from drc.problems.perception import FURTHER, IN_BITS
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    is_zero,
    precision,
    rational_above,
    rational_middle,
    to_fraction,
    total,
)
from drc.types import Exact
from drc.units import unit_named

#: The divergences that are bounded by cuts.
DIVERGENCES = tuple(FURTHER)

#: Ratios of masses to the reference at which tangents are taken are at least this: at zero some have none.
_LEAST_RATIO = 1e-9

#: By how much slopes at letters without mass in the reference stay below `f'(oo)`.
_BELOW = 1e-12

_Function = Callable[[float], float]
_Conjugate = Callable[[arb], arb]

#: The derivative of `f`, its conjugate, and `f'(oo)`, in nats.
_SLOPES: dict[str, tuple[_Function, _Conjugate, float]] = {
    "JS": (lambda t: math.log(2 * t / (1 + t)) / 2, lambda s: -(2 - (2 * s).exp()).log() / 2, math.log(2) / 2),
    "Hellinger": (lambda t: -0.5 / math.sqrt(t), lambda s: -1 - 1 / (4 * s), 0.0),
    "chi2": (lambda t: 2 * (t - 1), lambda s: s + s * s / 4 if s >= -2 else arb(-1), math.inf),
    "reversed KL": (lambda t: -1 / t, lambda s: -1 - (-s).log(), 0.0),
}


@dataclass(frozen=True)
class Cut:
    """A cost of each output letter, at least zero, whose mean no law of the ball exceeds.

    The slopes are the costs and the level.
    """

    costs: tuple[Fraction, ...]
    bound: Fraction
    level: Fraction


@dataclass(frozen=True, eq=False)
class Ball:
    """The laws within `P` of a reference; its methods are to be called within the working precision.

    `room` is `P`, in nats where it is in the unit of entropies, and `in_nats` is how many nats the unit of `P` is.

    Examples
    --------
    >>> problem = Finite([[0.5, 0.5]], perception="chi2", reference=[0.5, 0.5])
    >>> ball = Ball.of(problem, Fraction(1, 100), "bits")
    >>> ball.holds([fmpq(11, 20), fmpq(9, 20)]), ball.holds([fmpq(3, 5), fmpq(2, 5)])
    (True, False)
    """

    measure: str
    reference: tuple[Number, ...]
    room: Number
    in_nats: float
    cuts: tuple[Cut, ...] = ()

    @classmethod
    def of(cls, problem: Finite, P: Exact, unit: str) -> Ball:
        """Return the ball of a problem.

        Raises `ProblemError` if `P` is zero: then the reference is a target law.
        """
        if P == 0:
            raise ProblemError(
                f"P must be positive for perception={problem.perception!r}, got 0: give the reference as p_Y instead"
            )
        measure = problem.perception or ""
        scale = measure in IN_BITS
        with precision():
            nat = arb.const_log2() if scale and unit == "bits" else fmpq(1)
            reference = tuple(exact_or_ball(p) for p in problem.reference or ())
            return cls(measure, reference, nat * exact_or_ball(P), unit_named(unit).in_nats if scale else 1.0)

    @property
    def count(self) -> int:
        """How many cuts there are."""
        return len(self.cuts)

    def plain(self, problem: Finite) -> Finite:
        """Return a problem with the last cut as a further cost, if there is one, instead of the divergence."""
        costs = [each.exact_distortion for each in problem.each_cost]
        if problem.perception is not None and self.measure == "chi2":
            # A letter without mass in the reference gets no mass.
            used = [p != 0 for p in problem.reference or ()]
            costs = [
                tuple(tuple(d if u else math.inf for d, u in zip(row, used, strict=True)) for row in c) for c in costs
            ]
        if self.cuts:
            costs.append((self.cuts[-1].costs,) * problem.n_X)
        several = tuple(costs) if len(costs) > 1 else None
        free = {"perception": None, "reference": None, "ground": None}
        return replace(problem, distortion=costs[0], costs=several, **free)

    def distance(self, law: Sequence[Number]) -> Number | float:
        """Return the divergence of a law, in nats; infinite if it is not proved to be finite."""
        if all(isinstance(q, fmpq) and q == r for q, r in zip(law, self.reference, strict=True)):
            return fmpq(0)
        found: Number = fmpq(int(self.measure == "Hellinger"))
        for q, r in zip(law, self.reference, strict=True):
            term = self._term(q, r)
            if isinstance(term, float):
                return term
            found = found + term
        return math.inf if isinstance(found, arb) and not found.is_finite() else found

    def _term(self, q: Number, r: Number) -> Number | float:
        nothing, never = (is_zero(v) for v in (q, r))
        if self.measure == "Hellinger":
            return fmpq(0) if nothing or never else -arb(q * r).sqrt()
        if self.measure == "chi2":
            return (fmpq(0) if nothing else math.inf) if never else (q - r) ** 2 / r
        if self.measure == "reversed KL":
            return fmpq(0) if never else math.inf if nothing else -r * arb(q / r).log()
        mean = (q + r) / 2
        used = [v for v, zero in ((q, nothing), (r, never)) if not zero]
        return total(v * arb(v / mean).log() / 2 for v in used)

    def holds(self, law: Sequence[Number]) -> bool:
        """Whether a law is proved to be in the ball."""
        found = self.distance(law)
        return found != math.inf and bool(found <= self.room)  # pyright: ignore[reportOperatorIssue] (flint)

    def missed(self, law: Sequence[Number]) -> fmpq:
        """Return about by how much a law is outside of the ball; zero if it is not."""
        found = self.distance(law)
        if found == math.inf:
            return rational_middle(arb(self.room))
        return max(rational_above(arb(found - self.room)), fmpq(0))  # pyright: ignore[reportOperatorIssue] (flint)

    def measured(self, law: np.ndarray) -> float:
        """Return the divergence of a law in doubles, in the unit of `P`."""
        with precision():
            exact = [exact_or_ball(float(q)) for q in law]
            found = self.distance([q if q != 0 else fmpq(0) for q in exact])
        return max(0.0, float(found)) / self.in_nats

    def with_cut(self, law: Sequence[Number]) -> Ball | None:
        """Return the ball with a cut that a law outside of it misses; None if it is in the ball."""
        middle = np.array([float(r) for r in self.reference])
        outside = np.array([float(q) for q in law])
        if self.holds(law):
            return None
        low, high = 0.0, 1.0
        for _ in range(60):
            share = (low + high) / 2
            between = [exact_or_ball(float(v)) for v in middle + share * (outside - middle)]
            low, high = (share, high) if self._is_near(between) else (low, share)
        border = middle + high * (outside - middle)
        slope, conjugate, steepest = _SLOPES[self.measure]
        ratios = [q / r if r > 0 else math.inf for q, r in zip(border, middle, strict=True)]
        most = 0.0 if math.isinf(steepest) else steepest - _BELOW
        slopes = [Fraction(slope(max(t, _LEAST_RATIO)) if t < math.inf else most) for t in ratios]
        level = min(slopes)
        bound = self.room - exact_or_ball(level)
        for g, r in zip(slopes, self.reference, strict=True):
            if not is_zero(r):
                bound = bound + r * conjugate(arb(exact_or_ball(g)))
        cut = Cut(tuple(g - level for g in slopes), to_fraction(rational_above(bound)), level)
        return replace(self, cuts=(*self.cuts, cut))

    def _is_near(self, law: Sequence[Number]) -> bool:
        found = self.distance(law)
        return found != math.inf and float(found) <= float(self.room)

    def law_of(self, weights: Sequence[Fraction]) -> dict[str, object] | None:
        """Return weighted cuts as a certificate says them: multipliers of the law, a price, and a level; None without."""
        price = sum(weights, Fraction(0))
        if price == 0:
            return None
        rows = zip(*(cut.costs for cut in self.cuts), strict=True)
        nu = [sum((w * c for w, c in zip(weights, row, strict=True)), Fraction(0)) for row in rows]
        level = -sum((w * cut.level for w, cut in zip(weights, self.cuts, strict=True)), Fraction(0))
        return {"nu": nu, "price": price, "level": level}
