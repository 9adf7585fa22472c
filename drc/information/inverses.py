"""Inverses of entropies and informations that have no closed form, as named functions.

Each is defined by what it inverts, on the branch where that is monotone:

* `H_b_inv(h)`: the probability `p` in [0, 1/2] with `H_b(p) = h` ([cover2006], section 2.1);
* `I_b_inv(i, p, r)`: the largest covariance `u >= 0` of bits with laws `Bern(p)`, `Bern(r)` that have `I(A;B) <= i`.

As sympy functions they print, differentiate by the rule of the implicit function, and evaluate to any precision; on
arrays a safeguarded Newton method gives all digits of a double; a ball is certified by evaluating what is inverted on
both sides of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy.core.function import ArgumentIndexError

from drc.information.bits import I_b
from drc.information.entropy import H_b, binary_entropy_ball
from drc.information.evaluate import Named, evaluate_by_balls
from drc.information.spread import of_entropy_inverse, of_information_inverse

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import ArrayLike

_TWO = sp.Integer(2)

#: Steps of Newton's method on doubles, at the most; six are usual.
_STEPS = 100

#: An entropy in nats below which doubles lose their digits.
_LEAST = 1e-304


class H_b_inv(Named):
    """The probability `p` in [0, 1/2] with `H_b(p) = h`, for `h` in bits; `H_b_inv(h, E)` takes nats.

    Beyond the range of the entropy it is the nearer end: 0 for `h <= 0`, and 1/2 from one bit on.

    Examples
    --------
    >>> h = sp.Symbol("h")
    >>> H_b_inv(0), H_b_inv(1), H_b_inv(h).diff(h)
    (0, 1/2, log(2)/log((1 - H_b_inv(h))/H_b_inv(h)))
    >>> H_b_inv(sp.Rational(1, 2)).evalf(30)
    0.110027864438359551261811704335
    >>> H_b_inv.numeric([0, 0.5, 1]).round(12).tolist()
    [0.0, 0.110027864438, 0.5]
    """

    nargs = (1, 2)
    spread = staticmethod(of_entropy_inverse)
    is_real = True
    is_extended_nonnegative = True
    latex_name = "H_b^{-1}"

    @classmethod
    def eval(cls, h: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form at both ends."""
        if h.is_extended_nonpositive:
            return sp.S.Zero
        if h == sp.log(2) / sp.log(base) or h is sp.oo or (base == 2 and h.is_Rational and h >= 1):
            return sp.S.Half
        return None

    @classmethod
    def of(cls, h: sp.Expr, base: sp.Expr) -> sp.Expr:
        """Inverse of the entropy to a base; base 2 is left unwritten."""
        return cls(h) if base == 2 else cls(h, base)

    @property
    def base(self) -> sp.Expr:
        """The base of the logarithm: 2 for bits, E for nats."""
        return self.args[1] if len(self.args) > 1 else _TWO

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate: one over the derivative of `H_b`."""
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return 1 / H_b.of(_P, self.base).diff(_P).subs(_P, self)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return evaluate_by_balls(self, prec)

    @staticmethod
    def numeric(h: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays, to all digits of a double also near both ends."""
        h = np.asarray(h, dtype=float) * np.log2(base)
        # Near one bit the missing information 1 - h is what has digits; near zero it is h.
        upper = 0.5 - 2 * I_b_inv.numeric(1 - np.maximum(h, 0.5), 0.5, 0.5)
        lower = _small_probability(np.clip(h, 0.0, 0.5))
        return np.where(np.isnan(h), np.nan, np.where(h >= 0.5, upper, lower))[()]

    @staticmethod
    def enclose(h: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        half = arb(1) / 2
        if base == 2 and h >= 1:
            return half
        nats = h * arb(base).log()
        if nats.overlaps(missing := arb.const_log2()):
            # Near the top, what is missing to one bit is at least 2 (1/2 - p)^2.
            return half.union(half - ((missing - nats) / 2).nonnegative_part().upper().sqrt())
        return enclosed(
            nats,
            lambda p: binary_entropy_ball(p),
            lambda p: ((1 - p) / p).log(),
            arb(1) / 2,
            nats.mid() / 6,
        )


class I_b_inv(Named):
    """The largest covariance `u >= 0` of two bits `Bern(p)`, `Bern(r)` with `I_b(u, p, r) <= i`, for `i` in bits.

    It is 0 for `i <= 0`, and `u_max = min(p (1 - r), (1 - p) r)` from the largest information on.  The covariance of the
    other sign is `-I_b_inv(i, p, 1 - r)`.

    Examples
    --------
    >>> i, p, r = sp.symbols("i p r")
    >>> I_b_inv(0, p, r), I_b_inv(1, sp.S.Half, sp.S.Half)
    (0, 1/4)
    >>> I_b_inv(i, sp.S.Half, sp.S.Half).diff(i).subs(i, sp.Rational(1, 2)).evalf(12)
    0.165788472090
    >>> I_b_inv.numeric(0.1, 0.3, [0.4, 0.6, 1.0]).round(9).tolist()
    [0.083664327, 0.079491022, 0.0]
    """

    nargs = (3, 4)
    spread = staticmethod(of_information_inverse)
    is_real = True
    is_extended_nonnegative = True
    latex_name = "I_b^{-1}"

    @classmethod
    def eval(cls, i: sp.Expr, p: sp.Expr, r: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form at both ends, and for a constant bit."""
        constant = (sp.S.Zero, sp.S.One)
        if i.is_extended_nonpositive or p in constant or r in constant:
            return sp.S.Zero
        if i is sp.oo or (base == 2 and i.is_Rational and i >= 1):
            return sp.Min(p * (1 - r), (1 - p) * r)
        return None

    @classmethod
    def of(cls, i: sp.Expr, p: sp.Expr, r: sp.Expr, base: sp.Expr) -> sp.Expr:
        """Inverse of the mutual information to a base; base 2 is left unwritten."""
        return cls(i, p, r) if base == 2 else cls(i, p, r, base)

    @property
    def base(self) -> sp.Expr:
        """The base of the logarithm: 2 for bits, E for nats."""
        return self.args[3] if len(self.args) > 3 else _TWO

    @property
    def top(self) -> sp.Expr:
        """The largest value, which is taken for every larger information."""
        _, p, r = self.args[:3]
        return sp.Min(p * (1 - r), (1 - p) * r)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate by the rule of the implicit function, inside the range of the information."""
        if argindex not in (1, 2, 3):
            raise ArgumentIndexError(self, argindex)
        _, p, r = self.args[:3]
        forward = I_b.of(_P, p, r, self.base)
        slope = forward.fdiff(1).subs(_P, self)
        return 1 / slope if argindex == 1 else -forward.fdiff(argindex).subs(_P, self) / slope

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return evaluate_by_balls(self, prec)

    @staticmethod
    def numeric(i: ArrayLike, p: ArrayLike, r: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast, to all digits of a double."""
        i, p, r = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (i, p, r)))
        top = np.minimum(p * (1 - r), (1 - p) * r)
        nats = i * np.log(base)
        most = I_b.numeric(top, p, r, np.e)
        result = np.where(np.isnan(nats + top), np.nan, np.where(nats > 0, top, 0.0))
        inside = (nats > 0) & (nats < most)
        if inside.any():
            result[inside] = _newton_covariance(nats[inside], p[inside], r[inside], top[inside])
        return result[()]

    @staticmethod
    def enclose(i: arb, p: arb, r: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        nats = i * arb(base).log()
        top = (p * (1 - r)).min((1 - p) * r).nonnegative_part()
        return enclosed(
            nats,
            lambda u: I_b.enclose(u, p, r, arb(1).exp()),
            lambda u: (u / ((p * (1 - r) - u) * ((1 - p) * r - u))).log1p(),
            top,
            (2 * p * (1 - p) * r * (1 - r) * abs(nats)).mid().sqrt(),
        )


_P = sp.Dummy("p")


# On doubles ------------------------------------------------------------------------------------------------------------


def _newton_covariance(nats: np.ndarray, p: np.ndarray, r: np.ndarray, top: np.ndarray) -> np.ndarray:
    """Solve `I_b(u) = nats` between 0 and `top`; the root of the information is nearly linear in `u`."""
    low, high = np.zeros_like(top), top.copy()
    result = np.minimum(np.sqrt(2 * p * (1 - p) * r * (1 - r) * nats), top / 2)
    left = np.arange(len(top))
    for _ in range(_STEPS):
        u, n, q, s = result[left], nats[left], p[left], r[left]
        value = I_b.numeric(u, q, s, np.e)
        with np.errstate(all="ignore"):
            slope = np.log1p(u / ((q * (1 - s) - u) * ((1 - q) * s - u)))
            # Of the difference of the roots, the part that may cancel is a difference of numbers near each other.
            step = 2 * np.sqrt(value) * (value - n) / (np.sqrt(value) + np.sqrt(n)) / slope
        a, b = np.where(value <= n, u, low[left]), np.where(value >= n, u, high[left])
        following = u - step
        # A step that leaves the bracket, or is not a number, is replaced by halving.
        following = np.where((following >= a) & (following <= b), following, a + (b - a) / 2)
        low[left], high[left], result[left] = a, b, following
        left = left[np.abs(following - u) > 1e-15 * u]
        if not len(left):
            break
    return result


def _small_probability(h: np.ndarray) -> np.ndarray:
    """Solve `H_b(p) = h` for at most half a bit: Newton's method on logarithms, where the curve is nearly straight."""
    nats = h * np.log(2)
    # Near the least double Newton's method would underflow, and the first term of the series has all digits there are.
    safe = np.where(nats > _LEAST, nats, 0.1)
    p = safe / (2 + np.log1p(safe) - np.log(safe))
    for _ in range(_STEPS):
        value = H_b.numeric(p, np.e)
        exponent = value * np.log(value / safe) / (p * (np.log1p(-p) - np.log(p)))
        following = np.minimum(p * np.exp(-exponent), 0.3)
        done = (np.abs(following - p) <= 4e-16 * p).all()
        p = following
        if done:
            break
    logarithm = np.log(np.where(nats > 0, nats, 1.0))
    depth = 1 - logarithm
    for _ in range(6):
        # p (1 - log p) = h, solved for the logarithm: p itself may have no digits.
        depth = 1 - logarithm + np.log(depth)
    tiny = nats / depth
    return np.where(nats > _LEAST, p, np.where(nats > 0, tiny, 0.0))


# In balls --------------------------------------------------------------------------------------------------------------

Forward = Callable[["arb"], "arb"]


def enclosed(target: arb, forward: Forward, slope: Forward, top: arb, start: arb) -> arb:
    """Enclose the `x` in `[0, top]` at which an increasing function with `forward(0) = 0` reaches a target, clipped."""
    from flint import arb

    if not target.is_finite():
        return top if target > 0 else arb(0) if target < 0 else arb(0).union(top)
    if target <= 0 or top <= 0:
        return arb(0)
    at_top = forward(top)
    if target >= at_top:
        return top
    x = _newton(target.mid(), forward, slope, top, start)
    low = _side(-1, x, target, forward, slope, top) if target > 0 else arb(0)
    high = _side(1, x, target, forward, slope, top) if target < at_top else top
    return low.union(high)


def _newton(target: arb, forward: Forward, slope: Forward, top: arb, start: arb) -> arb:
    """Newton's method, kept between the ends; nothing is claimed of the outcome."""
    from flint import arb, ctx

    low, high, x = arb(0), top.mid(), start.mid()
    for _ in range(2 * ctx.prec):
        if not low < x < high:
            x = ((low + high) / 2).mid()
        gap = (forward(x) - target).mid()
        low, high = (x, high) if gap < 0 else (low, x)
        step = (gap / slope(x)).mid()
        following = (x - step).mid()
        if not following.is_finite():
            following = low
        elif abs(step) <= x * arb(2) ** (8 - ctx.prec):
            break
        x = following
    return x


def _side(sign: int, x: arb, target: arb, forward: Forward, slope: Forward, top: arb) -> arb:
    """Return an exact number that is proved to lie below (sign -1) or above (sign 1) every solution."""
    from flint import arb, ctx

    step = abs((forward(x) - target) / slope(x)).upper()
    margin = (2 * step if step.is_finite() else arb(0)) + x * arb(2) ** (8 - ctx.prec)
    for _ in range(24):
        y = (x + sign * margin).mid()
        if y <= 0 or not y < top:
            break
        value = forward(y)
        if (value <= target) if sign < 0 else (value >= target):
            return y
        margin = 16 * margin
    return _halved(sign, target, forward, top)


def _halved(sign: int, target: arb, forward: Forward, top: arb) -> arb:
    """Bisect: slow, and right where Newton's method is not."""
    from flint import arb, ctx

    low, high = arb(0), top.upper()
    for _ in range(2 * ctx.prec):
        middle = ((low + high) / 2).mid()
        value = forward(middle)
        if middle < top and (value <= target if sign < 0 else not value >= target):
            low = middle
        else:
            high = middle
    return low if sign < 0 else high
