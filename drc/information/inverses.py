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
from flint import arb

from drc.information.bits import I_b
from drc.information.entropy import H_b, binary_entropy_ball
from drc.information.function import InUnits
from drc.information.roots import enclosed_root, root_of_divergence
from drc.information.spread import of_entropy_inverse, of_information_inverse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.types import Floats

_TWO = sp.Integer(2)

#: Steps of Newton's method on doubles, at the most; six are usual.
_STEPS = 100

#: An entropy in nats below which doubles lose their digits.
_LEAST = 1e-304


class H_b_inv(InUnits):
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

    spread = staticmethod(of_entropy_inverse)
    is_real = True
    latex_name = "H_b^{-1}"

    #: Of which function it is the inverse, and up to which argument.
    undoes = (H_b, 0.5)

    @classmethod
    def eval(cls, h: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form at both ends."""
        if h.is_extended_nonpositive:
            return sp.S.Zero
        if h == sp.log(2) / sp.log(base) or h is sp.oo or (base == 2 and h.is_Rational and h >= 1):
            return sp.S.Half
        return None

    @property
    def ends(self) -> tuple[tuple[sp.Expr, sp.Basic], ...]:
        """The values beyond the range of the entropy, where the rule of the inverse does not hold."""
        h, most = self.args[0], sp.log(2) / sp.log(self.base)
        return (sp.S.Zero, sp.Le(h, 0)), (sp.S.Half, sp.Ge(h, most))

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        """One over the derivative of `H_b`."""
        return (1 / H_b.of(_P, self.base).diff(_P).subs(_P, self),)

    @staticmethod
    def numeric(h: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays, to all digits of a double also near both ends."""
        bits = np.asarray(h, dtype=float) * np.log2(base)
        # Near one bit the missing information 1 - h is what has digits; near zero it is h.
        upper = 0.5 - 2 * I_b_inv.numeric(1 - np.maximum(bits, 0.5), 0.5, 0.5)
        lower = _small_probability(np.clip(bits, 0.0, 0.5))
        return np.where(np.isnan(bits), np.nan, np.where(bits >= 0.5, upper, lower))[()]

    @staticmethod
    def enclose(h: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        half = arb(1) / 2
        if base == 2 and h >= 1:
            return half
        nats = h * arb(base).log()
        if nats.overlaps(missing := arb.const_log2()):
            # Near the top, what is missing to one bit is at least 2 (1/2 - p)^2.
            return half.union(half - ((missing - nats) / 2).nonnegative_part().upper().sqrt())
        return inverse_ball(binary_entropy_ball, nats, half, nats / (2 - nats.log()))


class I_b_inv(InUnits):
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

    spread = staticmethod(of_information_inverse)
    is_real = True
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

    @property
    def top(self) -> sp.Expr:
        """The largest value, which is taken for every larger information."""
        _, p, r = self.args[:3]
        return sp.Min(p * (1 - r), (1 - p) * r)

    @property
    def ends(self) -> tuple[tuple[sp.Expr, sp.Basic], ...]:
        """The values beyond the range of the information, where the rule of the implicit function does not hold."""
        return (sp.S.Zero, sp.Le(self.args[0], 0)), (self.top, sp.Ge(self, self.top))

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function, inside the range of the information."""
        _, p, r = self.args[:3]
        slope, *others = (f.subs(_P, self) for f in I_b.of(_P, p, r, self.base)._derivatives)
        return 1 / slope, *(-other / slope for other in others)

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
            i, p, r, top = (x[inside] for x in (nats, p, r, top))
            start = np.minimum(np.sqrt(2 * p * (1 - p) * r * (1 - r) * i), top / 2)
            result[inside] = root_of_divergence(_information_and_slope, i, top, start, p, r)
        return result[()]

    @staticmethod
    def enclose(i: arb, p: arb, r: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        nats = i * arb(base).log()
        top = (p * (1 - r)).min((1 - p) * r).nonnegative_part()
        start = (2 * p * (1 - p) * r * (1 - r) * abs(nats)).sqrt()
        return inverse_ball(lambda u: I_b.enclose(u, p, r, arb(1).exp()), nats, top, start)


_P = sp.Dummy("p")


# On doubles ------------------------------------------------------------------------------------------------------------


def _information_and_slope(u: Floats, p: Floats, r: Floats) -> tuple[Floats, Floats]:
    slope = np.log1p(u / ((p * (1 - r) - u) * ((1 - p) * r - u)))
    return I_b.numeric(u, p, r, np.e), slope


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


def inverse_ball(increasing: Callable[[arb], arb], target: arb, top: arb, start: arb) -> arb:
    """Enclose where a function with value 0 at 0 reaches a target, clipped to `[0, top]`."""
    if not target.is_finite():
        return top if target > 0 else arb(0) if target < 0 else arb(0).union(top)
    if target <= 0 or top <= 0:
        return arb(0)
    if target >= increasing(top):
        return top
    return enclosed_root(lambda x: increasing(x) - target, arb(0), top, start)
