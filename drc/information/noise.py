"""Noise of the largest entropy for its mean cost, as named functions: the price at which it has a cost, or leaves a rate.

Noise on a finite group with the costs `rho_0, ..., rho_(n-1)` has the largest entropy for its mean cost if its probabilities
are `w_k = exp(-s rho_k) / sum_j exp(-s rho_j)` for a price `s >= 0` ([cover2006], section 12.1).  As the price grows from 0,
the mean cost falls from the average of the costs to the least of them, and the entropy from `log n` to that of the cheapest
letters.  Rates are in nats.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb

from drc.information.last_axis import highest, lowest, mean, total
from drc.information.roots import decreasing_root, enclosed_root
from drc.information.spread import OWN, UNIT
from drc.information.water_filling import ImplicitBase

if TYPE_CHECKING:
    from drc.information.spread import Errors, Value
    from drc.types import Floats

#: Beyond this price, in units of one over a cost, every dearer letter has less than the least double.
_DEAR = 800.0


class _Price(ImplicitBase):
    """A price of noise, as a function of a bound and of the costs."""

    @staticmethod
    def spread(errors: Errors, value: Value, bound: Value, *costs: Value) -> Value:
        """Bound the relative error of the price: what moves the mean cost, over its slope, which is the variance."""
        rho = np.stack(np.broadcast_arrays(*costs), axis=-1)
        excess = rho - lowest(rho)[..., None]
        variance = _moments(np.asarray(value), excess)[1]
        worst = np.max([np.max(error) for error in errors[1:]], initial=0.0)
        sizes = highest(np.abs(rho)) * (1 + np.abs(value) * highest(excess))
        lost = np.abs(bound) * (errors[0] + UNIT) + sizes * (worst + 8 * UNIT)
        steep = variance * value * np.minimum(1.0, value)
        error = OWN + lost / np.where(steep > 0, steep, 1.0)
        settled = (value == 0) | np.isinf(value)
        sure = (bound == 0) | ((errors[0] == 0) & (worst == 0))
        return np.where(settled, np.where(sure, 0.0, np.inf), np.where(steep > 0, error, np.inf))[()]


class price_for_cost(_Price):
    """`price_for_cost(D, rho_0, ..., rho_(n-1))`: the price at which noise of the largest entropy has the mean cost `D`.

    It is 0 from the average of the costs on, and infinite down from the least of them.

    Examples
    --------
    >>> round(price_for_cost.numeric(0.3, 0, 1, 1).item(), 6)
    1.540445
    """

    in_a_paper = r"\left\{s : \sum_k (\rho_k - {0}) e^{-s \rho_k} = 0\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """One over the slope of the mean cost."""
        return (-1 / _variance(self, self.args[1:]),)

    @staticmethod
    def on_arrays(D: Floats, rho: Floats) -> Floats:
        """Evaluate; the last axis of the costs is the letter."""
        low, excess, span = _excess(rho)
        target, average = (D - low) / span, mean(excess)
        inside = (target > 0) & (target < average)
        share = np.where(inside, target, 0.5 * average)
        wanted = share / (1 - share)

        def left(s: Floats) -> tuple[Floats, Floats]:
            cost, variance, _ = _moments(s, excess)
            # The log odds of the cost are nearly linear in the price, and are linear if all dearer letters cost the same.
            return np.log(cost / ((1 - cost) * wanted)), -variance / (cost * (1 - cost))

        # A letter of excess x has the mean cost x exp(-s x), which is at most 1/(e s).
        most = excess.shape[-1] / (np.e * share)
        start = np.log(average / ((1 - average) * wanted))
        s = decreasing_root(left, np.zeros_like(share), most, start)
        return np.where(inside, s / span, np.where(target > 0, 0.0, np.inf))

    @staticmethod
    def enclose(D: arb, *rho: arb) -> arb:
        """Enclose the value in a ball."""
        low, excess = _excess_balls(rho)
        target, average = D - low, sum(excess) / len(excess)
        if target >= average:
            return arb(0)
        if target <= 0:
            return arb.pos_inf()
        if not (0 < target < average):
            return arb(0).union(arb.pos_inf())
        start = arb(float(price_for_cost.numeric(float(target), *map(float, excess))))
        return enclosed_root(
            lambda s: target - _mean(s, excess), arb(0), len(excess) / (arb(1).exp() * target), _positive(start)
        )


class price_for_rate(_Price):
    """`price_for_rate(R, rho_0, ..., rho_(n-1))`: the price at which the entropy of the noise is `log n - R`.

    It is 0 at the rate 0, and infinite from the rate on at which only the cheapest letters are left.

    Examples
    --------
    >>> round(price_for_rate.numeric(0.5, 0, 1, 1).item(), 6)
    2.20198
    """

    in_a_paper = r"\left\{s : \ln n - \ln \sum_k e^{-s \rho_k} - s \rho(s) = {0}\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """One over the slope of the rate."""
        return (1 / (self * _variance(self, self.args[1:])),)

    @staticmethod
    def on_arrays(R: Floats, rho: Floats) -> Floats:
        """Evaluate; the last axis of the costs is the letter."""
        _, excess, span = _excess(rho)
        n = excess.shape[-1]
        most = np.log(n / total((excess == 0).astype(float)))
        inside = (R > 0) & (most > R)
        wanted = _straightened(np.where(inside, R, 0.5 * most) / most)[0]

        def left(s: Floats) -> tuple[Floats, Floats]:
            cost, variance, weight = _moments(s, excess)
            spent, slope = _straightened((np.log(n) - np.log(weight) - s * cost) / most)
            return wanted - spent, -slope * s * variance / most

        nearest = lowest(np.where(excess > 0, excess, 1.0))
        start = wanted * np.sqrt(most / _moments(np.zeros_like(most), excess)[1])
        s = decreasing_root(left, np.zeros_like(wanted), _DEAR / nearest, start)
        return np.where(inside, s / span, np.where(R > 0, np.inf, 0.0))

    @staticmethod
    def enclose(R: arb, *rho: arb) -> arb:
        """Enclose the value in a ball."""
        _, excess = _excess_balls(rho)
        n = len(excess)
        dear = [x for x in excess if x > 0]
        most = (arb(n) / (n - len(dear))).log() if len(dear) < n else arb(0)
        if R <= 0:
            return arb(0)
        if not dear or most <= R:
            return arb.pos_inf()
        if not (0 < R < most):
            return arb(0).union(arb.pos_inf())

        def missing(s: arb) -> arb:
            return arb(n).log() - sum((-s * x).exp() for x in excess).log() - s * _mean(s, excess) - R

        start = arb(float(price_for_rate.numeric(float(R), *map(float, excess))))
        top = _positive(start) * 2
        while not missing(top) > 0:
            top *= 2
        return enclosed_root(missing, arb(0), top, _positive(start))


def _straightened(share: Floats) -> tuple[Floats, Floats]:
    """Return a function of the share of the largest rate that is nearly linear in the price, and its slope.

    The rate grows with the square of a low price, and what is missing from the largest falls exponentially at a high one.
    """
    h = -np.log1p(-share)
    value = np.sqrt(h * (h + 2))
    return value, (h + 1) / (value * (1 - share))


def _excess(rho: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the least cost, what the others have beyond it as a share of the span of all, and the span."""
    low, high = lowest(rho), highest(rho)
    span = np.where(high > low, high - low, 1.0)
    return low, (rho - low[..., None]) / span[..., None], span


def _moments(s: Floats, excess: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean and variance of the cost at a price, and the sum of the weights."""
    w = np.exp(-s[..., None] * excess)
    weight = total(w)
    cost = total(w * excess) / weight
    return cost, total(w * (excess - cost[..., None]) ** 2) / weight, weight


def _excess_balls(rho: tuple[arb, ...]) -> tuple[arb, list[arb]]:
    low = rho[0]
    for x in rho[1:]:
        low = low.min(x)
    return low, [(x - low).nonnegative_part() for x in rho]


def _mean(s: arb, excess: list[arb]) -> arb:
    weights = [(-s * x).exp() for x in excess]
    return sum((w * x for w, x in zip(weights, excess, strict=True)), arb(0)) / sum(weights)


def _positive(start: arb) -> arb:
    return start if start > 0 and start.is_finite() else arb(1)


def _variance(s: sp.Expr, costs: tuple[sp.Expr, ...]) -> sp.Expr:
    weights = [sp.exp(-s * x) for x in costs]
    total = sp.Add(*weights)
    mean = sp.Add(*(w * x for w, x in zip(weights, costs, strict=True))) / total
    return sp.Add(*(w * (x - mean) ** 2 for w, x in zip(weights, costs, strict=True))) / total
