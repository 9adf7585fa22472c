"""The Kullback-Leibler ball around a normal law, seen in the half-plane of mean and standard deviation.

In units of the reference, `N(m, s^2)` is in the ball `KL(N(m, s^2) || N(0, 1)) <= p` (in nats) if

    |m| <= q(s, p),      q(s, p) = sqrt(2 p - (s^2 - 1 - log s^2)),

which holds for no `m` unless `s` lies between `sqrt(-W_0(-e^(-1-2p)))` and `sqrt(-W_{-1}(-e^(-1-2p)))`. A law whose mean is
`delta` misses the ball by `e(s) = max(0, |delta| - q(s, p))`, a convex function of `s`. Two least values over `s` have no
closed form unless `delta = 0`; the `s` that attains them is given a name:

    KL_nearest(alpha, delta, p)   minimises (s - alpha)^2 + e(s)^2: the point of the ball nearest to (delta, alpha)
    KL_steepest(kappa, delta, p)  minimises (kappa + s^2 + e(s)^2)/s
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb

from drc.information.function import OfNumbers
from drc.information.lambert import W_0, W_m1, excess
from drc.information.roots import enclosed_root, root_between
from drc.information.spread import OWN, UNIT, Errors, Value

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


class KL_width(OfNumbers):
    """Half the width `q(s, p)` of the ball at standard deviation `s`; 0 where the ball has no point.

    Examples
    --------
    >>> float(KL_width.numeric(1.0, 0.5)), float(KL_width.numeric(0.1, 0.5))
    (1.0, 0.0)
    """

    is_extended_real = True
    latex_name = r"q_{\mathrm{KL}}"
    is_extended_nonnegative = True

    @classmethod
    def eval(cls, s: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """At `p = 0` the ball is its centre, and at `p = oo` the whole half-plane."""
        return {sp.S.Zero: sp.S.Zero, sp.oo: sp.oo}.get(p)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate the root, where the ball has a point."""
        s, p = self.args
        if argindex == 2:
            return 1 / self
        return sp.Piecewise((sp.S.Zero, sp.Le(p, 0)), ((1 / s - s) / self, True), evaluate=False)

    @staticmethod
    def numeric(s: ArrayLike, p: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        s = np.asarray(s, dtype=float)
        with np.errstate(all="ignore"):
            t = (s - 1) * (s + 1)
            # Of a small s, the digits are lost in t.
            square = 2 * np.asarray(p, dtype=float) - np.where(s < 0.5, t - 2 * np.log(s), excess(t))
            return np.where(np.isinf(p), np.inf, np.sqrt(np.where(square > 0, square, 0.0)))[()]

    @staticmethod
    def enclose(s: arb, p: arb) -> arb:
        """Enclose the value in a ball."""
        if s == 0:
            return arb(0)
        if not p.is_finite():
            return p
        square = 2 * p - (s * s - 1 - 2 * s.log())
        return square.nonnegative_part().sqrt()

    @staticmethod
    def spread(errors: Errors, value: Value, s: Value, p: Value) -> Value:
        """Bound the relative error: that of the root of a difference, or of zero."""
        surplus = np.abs((s - 1) * (s + 1))
        terms = surplus + 2 * np.abs(np.log(s))
        lost = 2 * p * (errors[1] + 4 * UNIT) + 8 * UNIT * terms + 2 * surplus * (errors[0] + 2 * UNIT)
        nothing = (s - 1) * (s + 1) - 2 * np.log(s) - 2 * p > lost
        error = np.where(value > 0, OWN + lost / np.square(value), np.where(nothing, 0.0, np.inf))
        return np.where((p == 0) | np.isinf(p), 0.0, error)[()]


class _Best(OfNumbers):
    """The standard deviation of the best point of the ball for `(delta, free)`, where `free` would be best without a bound.

    A subclass brings an equation, as a function that increases through its zero between two edges, in arrays and in balls.
    """

    is_extended_real = True
    is_extended_nonnegative = True

    #: Whether the first argument is the square of `free`.
    squared = False

    @classmethod
    def eval(cls, first: sp.Expr, delta: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """At `p = 0` the ball is its centre, and at `p = oo` the whole half-plane."""
        return {sp.S.Zero: sp.S.One, sp.oo: sp.sqrt(sp.Max(0, first)) if cls.squared else first}.get(p)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate by the rule of the implicit function; a point of the ball moves with the first argument alone."""
        first, delta, p = self.args
        square = sp.Max(0, first) if self.squared else first**2
        free = 1 / (2 * self) if self.squared else sp.S.One
        # The law with standard deviation zero is in no ball; a ball of radius zero has one point, and opens with a root.
        inside = square - 1 - sp.log(square) + delta**2 <= 2 * p if square != 0 else sp.false
        return sp.Piecewise(
            (free if argindex == 1 else sp.S.Zero, inside),
            (sp.S.Zero, sp.And(sp.Le(p, 0), argindex < 3)),
            (self._rule(argindex, missed=True), sp.Abs(delta) > KL_width(self, p)),
            (self._rule(argindex, missed=False), True),
            evaluate=False,
        )

    def _rule(self, argindex: int, missed: bool) -> sp.Expr:
        """Differentiate where the mean misses the ball, or where it does not."""
        s, q, first, delta = letters = sp.symbols("s q first delta", positive=True, cls=sp.Dummy)
        equation = self._equation(*letters).subs(abs(delta - q), delta - q if missed else q - delta)
        # q(s, p) has the slopes (1/s - s)/q and 1/q; all is multiplied by q, which is zero if delta is.
        by_q = equation.diff(q)
        slope = q * equation.diff(s) + by_q * (1 / s - s)
        move = (q * equation.diff(first), q * equation.diff(delta) * self.args[1] / delta, by_q)[argindex - 1]
        distance, p = sp.Abs(self.args[1]), self.args[2]
        return (-move / slope).subs({s: self, q: KL_width(self, p), first: self.args[0], delta: distance})

    @classmethod
    def numeric(cls, first: ArrayLike, delta: ArrayLike, p: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        first, delta, p = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (first, np.abs(delta), p)))
        with np.errstate(all="ignore"):
            low, high = (np.sqrt(-branch.numeric_below_branch_point(2 * p)) for branch in (W_0, W_m1))
            free = cls._free(first)
            s = np.array(np.clip(free, low, high))
            searched = ~((delta <= KL_width.numeric(free, p)) & (s == free)) & (delta > 0)
            if searched.any():
                edges = (np.broadcast_to(x, s.shape)[searched] for x in cls._edges(s, low, high))
                args = (x[searched] for x in (first, delta, p))
                s[searched] = root_between(
                    lambda s, first, delta, p: cls._equation(s, KL_width.numeric(s, p), first, delta), *edges, *args
                )
            return s[()]

    @classmethod
    def enclose(cls, first: arb, delta: arb, p: arb) -> arb:
        """Enclose the value in a ball, by a bracket that is proved."""
        delta, free = abs(delta), first.nonnegative_part()
        free = free.sqrt() if cls.squared else free
        if p == 0 or not p.is_finite():
            return free if p > 0 else p + 1
        if free > 0 and free * free - 1 - 2 * free.log() + delta * delta - 2 * p <= 0:
            return free
        x = -(-1 - 2 * p).exp()
        low, high = ((-branch.enclose(x)).sqrt() for branch in (W_0, W_m1))
        clipped = free.max(low).min(high)
        if delta == 0:
            return clipped
        start = arb(float(cls.numeric(*(float(arg.mid()) for arg in (first, delta, p)))))
        if not start > 0:
            # It is below the range of doubles, where the ball is as wide as delta, or ends.
            start = ((delta * delta + 1) / 2 - p).exp()
        least, most = cls._edges(clipped, low, high)
        return enclosed_root(lambda s: cls._equation(s, KL_width.enclose(s, p), first, delta), least, most, start)

    @classmethod
    def spread(cls, errors: Errors, s: Value, first: Value, delta: Value, p: Value) -> Value:
        """Bound the relative error: of an end, of the first argument, or of the root of the equation."""
        delta, q = np.abs(delta), KL_width.numeric(s, p)
        wrong_q = KL_width.spread([0.0, errors[2]], q, s, p)
        noise, slope = cls._noise_and_slope(errors, s, q, wrong_q, first, delta)
        root = OWN + noise / np.abs(slope * s)
        # The ends of the ball are sqrt(-W(-e^(-1 - 2 p))).
        end = np.maximum(errors[0], OWN + np.abs(2 * p / (1 - np.square(s))) * (errors[2] + UNIT))
        inside = (s == cls._free(first)) & (delta <= q)
        error = np.where(inside, errors[0] + UNIT, np.where(delta == 0, end, root))
        return np.where((p == 0) | np.isinf(p), errors[0] * (p > 0) + UNIT * cls.squared, error)[()]

    @classmethod
    def _free(cls, first: Value) -> Value:
        return np.sqrt(np.maximum(first, 0.0)) if cls.squared else np.maximum(first, 0.0)


class KL_nearest(_Best):
    """The standard deviation of the point of the ball that is nearest to `(delta, alpha)`.

    A point of the ball is the nearest to itself.  Outside it is the `s` between 1 and `alpha` with
    `|delta| (s^2 - 1) = q(s, p) (alpha s - 1)`, or if `delta = 0` the nearer end of the interval that the ball is there.

    Examples
    --------
    >>> round(float(KL_nearest.numeric(2.0, 0.0, 0.2)), 6), float(KL_nearest.numeric(1.1, 0.1, 0.2))
    (1.47606, 1.1)
    """

    latex_name = r"s_{\mathrm{near}}"

    @staticmethod
    def _edges(clipped, low, high):
        one = clipped**0
        return (clipped + one - abs(clipped - one)) / 2, (clipped + one + abs(clipped - one)) / 2

    @staticmethod
    def _equation(s, q, alpha, delta):
        return delta * (s - 1) * (s + 1) - q * (alpha * s - 1)

    @staticmethod
    def _noise_and_slope(errors: Errors, s: Value, q: Value, wrong_q: Value, alpha: Value, delta: Value):
        surplus = (s - 1) * (s + 1)
        noise = delta * np.abs(surplus) * (errors[1] + 4 * UNIT) + q * np.abs(alpha * s - 1) * (wrong_q + UNIT)
        noise = noise + q * (alpha * s * (errors[0] + UNIT) + UNIT)
        return noise, 2 * delta * s - alpha * q + (alpha * s - 1) * surplus / (s * q)


class KL_steepest(_Best):
    """The standard deviation `s` of the point `(m, s)` of the ball with the least `(kappa + s^2 + (delta - m)^2)/s`.

    It is the `s` with `q (s^2 - e^2 - kappa) + 2 e (s^2 - 1) = 0`, where `q = q(s, p)` and `e = e(s)`; if `delta = 0`, the
    standard deviation of the ball that is nearest to the root of `kappa`, or to 0.

    Examples
    --------
    >>> float(KL_steepest.numeric(1.21, 0.1, 0.2))
    1.1
    """

    latex_name = r"s_{\mathrm{steep}}"
    squared = True

    @staticmethod
    def _edges(clipped, low, high):
        return low, high

    @staticmethod
    def _equation(s, q, kappa, delta):
        e = (delta - q + abs(delta - q)) / 2
        return q * (s * s - e * e - kappa) + 2 * e * (s - 1) * (s + 1)

    @staticmethod
    def _noise_and_slope(errors: Errors, s: Value, q: Value, wrong_q: Value, kappa: Value, delta: Value):
        e, surplus = np.maximum(delta - q, 0.0), (s - 1) * (s + 1)
        wrong_e = delta * errors[1] + q * wrong_q + UNIT * e
        inner = s * s - e * e - kappa
        noise = q * np.abs(inner) * wrong_q + q * (2 * UNIT * (s * s + e * e) + np.abs(kappa) * (errors[0] + UNIT))
        noise = noise + 8 * UNIT * e * np.abs(surplus) + 2 * (q * e + np.abs(surplus)) * wrong_e
        fall = (s - 1 / s) / q
        return noise, -fall * inner + 2 * q * (s - e * fall) + 2 * fall * surplus + 4 * e * s
