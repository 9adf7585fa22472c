"""Gaussians with squared error: what a rate leaves of distortion, ambiguity and perception.

The components of (S, X) are independent and normal, with the correlation `k_i` of `S_i` and `X_i`; the classifier sees Y
alone. `r_i` is the rate of component i in nats, `v_i = exp(-2 r_i)`, and `c_i^2 = 1 - v_i`, times `1 - exp(-2 (r_i + R_c))`
with limited common randomness; `m_i` and `s_i` are the mean and the standard deviation of `Y_i`. The distortion may be to a
remote `T` with `T - X - Y`, jointly normal with X: then `mu_i` and `sigma_i` are those of `T_i`, and `c_i` is times
`|rho_TX|`, its correlation with `X_i`, because `Cov(T_i, Y_i)` is that of the linear estimate of `T_i` from `X_i`.

Theorem ([nguyen2026]; with limited common randomness [saldi2015]). Every code has such `r_i >= 0` with

    R = sum_i r_i,    C >= h(S) + sum_i 1/2 log(1 - k_i^2 (1 - v_i)),
    D >= sum_i (mu_i - m_i)^2 + sigma_i^2 + s_i^2 - 2 sigma_i s_i c_i,

and P at least that of the normal law with mean m and standard deviation s; a normal Y attains all four. (For
`r_i = I(X_i; Y | X_1 .. X_(i-1))`, the entropy-power inequality bounds C, and the linear estimate of a normal variable D;
Gelbrich's inequality and the largest entropy of a given variance bound P.)

Lower bounds. Let `a, lambda, mu, kappa >= 0` be the multipliers of D, R, C, P, and T the most that any rate may be: R if D
is minimised; `lower` if R is, which is then taken for the bound on R. The weighted sum of the four, less what the bounds
take off, is at least its least value over all `r_i` in [0, T] and all laws that Y may have. If D is minimised, that bounds
the optimum; or, without the objective, it is a contradiction if it is positive. If R is minimised it is a contradiction
even at zero, provided that `lambda` is positive or the sum falls strictly with the rates: so no rate is below `lower`.

* If `lambda` is exactly 0, all rates are T: D and C fall with every rate. The least over m and s, if they are free, is at a
  root of a quadratic equation, because the sum is convex in both.
* Else the law of Y is given, `c_i^2 = 1 - v_i`, and the sum is one of convex functions of each rate (`-sqrt(1 - v)` and
  `log(1 - k^2 + k^2 v)` are convex), which are bounded by their tangents (`_least`).

Side conditions, and where each is tested, whatever is bounded or minimised:

* standard deviations are positive, correlations in [-1, 1], `R_c >= 0`, and all lists equally long; limited common
  randomness and perception go with one component, and not with each other; a perception replaces the target law:
  `read._normal`;
* a bound on C needs a label and unlimited common randomness, one on P a perception: `read._bounds`;
* the multipliers are proved to be at least 0, and those of quantities without a bound are 0: `read_multipliers`;
* `lambda` is exactly 0, or all of the second case is given: `_weighted`;
* the rates of a plan are at least 0, as is the standard deviation of Y, and every bound is proved to be met: `normal_upper`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from flint import arb, fmpq

from drc.checker.entropy import INFINITY, total
from drc.checker.fields import listed, word
from drc.checker.multipliers import Multipliers, read_multipliers
from drc.checker.numerals import is_zero
from drc.checker.read import Normal, NormalClaim, UnprovedError, field, numbers, shown, vector
from drc.types import Number

#: How often the interval of a rate is halved.
_HALVINGS = 400


def normal_lower(claim: NormalClaim, dual: Mapping, at: str) -> Number:
    """Return what multipliers prove; see `lower_bound`.

    `at` is the field of the dual, for messages.
    """
    if word(f"{at}.kind", dual.get("kind"), ("rates", "trivial")) == "trivial":
        return fmpq(0)
    of_rate, bounds = claim.minimise == "R", dict(claim.bounds)
    if of_rate:
        bounds.pop("R", None)
        bounds |= {} if claim.lower == math.inf else {"R": claim.lower}
    most = bounds.get("R", math.inf)
    if most != math.inf and most < 0:
        return INFINITY
    objective = dual.get("objective", int(not of_rate))
    if of_rate and objective != 0:
        raise UnprovedError("where R is minimised, the claim is its bound, and `objective` must be 0")
    by = read_multipliers(replace(claim, bounds=bounds), dual.get("multipliers") or {}, objective, at)
    value = _weighted(claim.problem, by, bounds, most)
    if by.objective and is_zero(by.R) and claim.lower != math.inf and not by.optimum(value) >= claim.lower:
        # What an infinite rate leaves is less, and known exactly where balls do not tell the two apart.
        value = _weighted(claim.problem, by, bounds, math.inf)
    if not of_rate:
        return by.optimum(value)
    falls = by.R > 0 or by.D > 0 or (by.C > 0 and any(k != 0 for k in claim.problem.rho_SX or ()))
    if value > by.charge or (falls and value >= by.charge):
        return claim.lower
    raise UnprovedError(f"the multipliers do not contradict R < {shown(claim.lower)}")


def _weighted(normal: Normal, by: Multipliers, bounds: dict, most: Number) -> Number:
    """Return the least of the weighted sum, where no rate is more than `most`."""
    if is_zero(by.R):
        ends = [_Component(normal, i, most) for i in range(normal.n)]
        value = fmpq(0) if is_zero(by.C) else by.C * (normal.entropy + total(end.C for end in ends))
        if normal.measure is not None:
            return value + _least_over_laws(ends[0], by, bounds)
        return value + total(by.D * end.D(*law) for end, law in zip(ends, normal.target, strict=True))
    if normal.measure is not None or normal.common != math.inf:
        raise UnprovedError("with perception or limited common randomness R has no multiplier")
    return total(_least(normal, i, by, most) for i in range(normal.n)) + by.C * normal.entropy


def normal_upper(claim: NormalClaim) -> Number:
    """Return a number that the optimum does not exceed: what the plan in `primal` reaches; see `upper_bound`."""
    normal, plan = claim.problem, claim.primal or {}
    word("primal.kind", plan.get("kind"), ("normal",))
    given = listed("primal.rates", field("primal", plan, "rates"), normal.n)
    rates = numbers({f"primal.rates[{i}]": rate for i, rate in enumerate(given)}, infinite=True)
    if any(rate != math.inf and rate < 0 for rate in rates):
        raise UnprovedError("a rate is negative")
    laws, law = normal.target or [normal.reference], plan.get("law")
    if law is not None:
        if normal.measure is None:
            raise UnprovedError("the law of Y is given by the problem")
        laws = [vector("primal.law", law, 2)]
        if laws[0][1] < 0:
            raise UnprovedError("the standard deviation of Y is negative")
    parts = [_Component(normal, i, rate) for i, rate in enumerate(rates)]
    reached = {
        "R": lambda: arb.pos_inf() if math.inf in rates else total(rates),
        "D": lambda: total(part.D(*law) for part, law in zip(parts, laws, strict=True)),
        "C": lambda: normal.entropy + total(part.C for part in parts),
        "P": lambda: fmpq(0) if law is None else _perception(normal, *laws[0]),
    }
    for name, bound in claim.bounds.items():
        if not reached[name]() <= bound:
            raise UnprovedError(f"the plan is not proved to meet {name} <= {shown(bound)}")
    return reached[claim.minimise]()


@dataclass(frozen=True)
class _Component:
    """One component at a rate in the unit of the problem, which may be infinite."""

    normal: Normal
    i: int
    rate: Number

    @property
    def shares(self) -> list[tuple[Number, Number]]:
        """Return `exp(-2 r)` and `1 - exp(-2 r)`, which has its digits at small rates too; the same of `r + R_c`."""
        found = []
        for more in (fmpq(0), self.normal.common):
            if math.inf in (self.rate, more):
                found.append((fmpq(0), fmpq(1)))
            else:
                exponent = -2 * (self.rate + more) * self.normal.nat
                none = is_zero(exponent)
                found.append((fmpq(1), fmpq(0)) if none else (arb(exponent).exp(), -arb(exponent).expm1()))
        return found

    @property
    def fidelity(self) -> Number:
        """How much of the correlation with X is one with what the distortion is to; the sign of X is free."""
        return fmpq(1) if self.normal.rho_TX is None else abs(self.normal.rho_TX[self.i])

    @property
    def correlation(self) -> Number:
        """The correlation of X and Y, as far as the rate allows."""
        (_, kept), (_, other) = self.shares
        return arb(kept * other).sqrt() if isinstance(kept * other, arb) else kept * other  # which is 0 or 1

    def D(self, mean: Number, deviation: Number) -> Number:
        """The distortion for a law of Y; what is left near the least has its digits too."""
        gap, sigma = self.normal.mu_X[self.i] - mean, self.normal.sigma_X[self.i]
        spread = sigma - deviation
        (lost, kept), (more_lost, _) = self.shares
        left = 1 - self.fidelity + self.fidelity * (lost + kept * more_lost) / (1 + self.correlation)
        return gap * gap + spread * spread + 2 * sigma * deviation * left

    @property
    def square(self) -> Number:
        """The squared correlation of label and source."""
        assert self.normal.rho_SX is not None  # what bounds the ambiguity has a label
        return self.normal.rho_SX[self.i] ** 2

    @property
    def C(self) -> Number:
        """The ambiguity, less the entropy of the label."""
        square = self.square
        if square == 1:
            return arb.neg_inf() if self.rate == math.inf else -self.rate
        return arb(-square * self.shares[0][1]).log1p() / (2 * self.normal.nat)

    def slope(self, by: Multipliers) -> Number:
        """The derivative of `a D + lambda R + mu C` in the rate, for a target law."""
        deviation, (lost, kept) = self.normal.target[self.i][1], self.shares[0]
        found = by.R
        if not is_zero(by.D):
            worth = self.fidelity * self.normal.sigma_X[self.i] * deviation
            by_root = worth * self.normal.nat * lost / self.correlation
            found = found - 2 * by.D * by_root
        if not is_zero(by.C):
            square = self.square
            found = found - by.C * (1 if square == 1 else square * lost / (1 - square * kept))
        return found


def _least(normal: Normal, i: int, by: Multipliers, most: Number) -> Number:
    """Return a number that the weighted sum of one component is not below, for any rate up to `most`.

    The derivative is at most 0 at `low`, or `low` is 0; it is at least 0 at `high`, or `high` is `most`. So the tangent at
    `high` is least at `low`, if it rises, and a convex function is not below it.
    """
    low, high = fmpq(0), most
    for _ in range(_HALVINGS if most > 0 else 0):
        middle = (arb(low + high) / 2).mid()
        slope = _Component(normal, i, middle).slope(by)
        if slope >= 0:
            high = middle
        elif slope <= 0:
            low = middle
        else:
            break
    end = _Component(normal, i, high)
    value = by.D * end.D(*normal.target[i]) + by.R * high + (fmpq(0) if is_zero(by.C) else by.C * end.C)
    if not high > 0:
        return value
    return value - arb(end.slope(by)).max(arb(0)) * (high - low)


def _least_over_laws(part: _Component, by: Multipliers, bounds: dict) -> Number:
    """Return the least of `a D + kappa P` over all means and standard deviations of Y."""
    normal = part.normal
    (mu, sigma), (mean, deviation) = normal.reference, (normal.mu_X[0], normal.sigma_X[0])
    if is_zero(bounds.get("P", fmpq(1))):
        # No other law has perception zero.
        return by.D * part.D(mu, sigma)
    if is_zero(by.D):
        return fmpq(0)
    near, gap, spread = part.fidelity * deviation * part.correlation, (mean - mu) * (mean - mu), deviation * deviation
    if is_zero(by.P):
        return by.D * (spread - near * near)
    if normal.measure == "W2":
        # (m - mean)^2 + k (m - mu)^2, and s^2 - 2 near s + k (s - sigma)^2.
        k = by.P / by.D
        return by.D * (spread + (k * (gap + sigma * (sigma - 2 * near)) - near * near) / (1 + k))
    k = by.P / by.D / normal.nat
    w = k / (2 * sigma * sigma)
    s = (near + arb(near * near + 2 * k * (1 + w)).sqrt()) / (2 * (1 + w))
    ratio = s / sigma
    of_s = s * s - 2 * near * s + k * ((ratio * ratio - 1) / 2 - arb(ratio).log())
    return by.D * (spread + w / (1 + w) * gap + of_s)


def _perception(normal: Normal, mean: Number, deviation: Number) -> Number:
    mu, sigma = normal.reference
    gap, spread, ratio = mean - mu, deviation - sigma, deviation / sigma
    if normal.measure == "W2":
        return gap * gap + spread * spread
    gap = gap / sigma
    return ((ratio * ratio - 1 + gap * gap) / 2 - arb(ratio).log()) / normal.nat
