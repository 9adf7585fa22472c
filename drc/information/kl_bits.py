"""The Kullback-Leibler divergence of two bits, and the ends of its ball ([cover2006], section 2.3).

    KL_b(y, q) = KL(Bern(y) || Bern(q)) = y log(y/q) + (1 - y) log((1 - y)/(1 - q)),        0 log 0 = 0

It is convex in `y` and zero at `y = q`, so the laws with `KL_b(y, q) <= P` are those of an interval around `q`:

* `KL_b_min(q, P)`: the least `y` of it; 0 from `P = -log(1 - q)` on, where the constant 0 is near enough;
* `KL_b_max(q, P)`: the largest `y` of it; 1 from `P = -log q` on.

Both are found as a distance `u` from `q`, with all its digits: for `a = q`, `b = 1 - q` (for the largest the other way
round) it solves

    (a - u) log((a - u)/a) + (b + u) log((b + u)/b) = P,        0 <= u <= a.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from sympy.core.function import ArgumentIndexError

from drc.information.bits import excess_of_cell
from drc.information.entropy import entropy_term
from drc.information.evaluate import evaluate_by_balls
from drc.information.function import OfNumbers
from drc.information.inverses import enclosed
from drc.information.spread import of_divergence, of_divergence_end

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import ArrayLike

_TWO = sp.Integer(2)

#: Steps of Newton's method on doubles, at the most; six are usual.
_STEPS = 200


class KL_b(OfNumbers):
    """Divergence `KL(Bern(y) || Bern(q))`, in bits; `KL_b(y, q, E)` is in nats.

    It is infinite where `Bern(y)` gives mass to a letter that `Bern(q)` never takes.

    Examples
    --------
    >>> y, q = sp.symbols("y q")
    >>> KL_b(q, q), KL_b(1, q), KL_b(y, q).diff(y)
    (0, -log(q)/log(2), log(y*(1 - q)/(q*(1 - y)))/log(2))
    >>> KL_b.numeric([0.1, 0.3, 1.0], 0.3).round(6).tolist(), float(KL_b.numeric(0.1, 0.0))
    ([0.167817, 0.0, 1.736966], inf)
    """

    nargs = (2, 3)
    spread = staticmethod(of_divergence)
    is_extended_real = True
    is_extended_nonnegative = True
    latex_name = r"\mathrm{KL}_b"

    @classmethod
    def eval(cls, y: sp.Expr, q: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form for equal laws, and where one of them is constant."""
        if y == q:
            return sp.S.Zero
        if q in (0, 1) and y.is_number:
            return sp.oo
        if y in (0, 1):
            return -sp.log(q if y == 1 else 1 - q) / sp.log(base)
        return None

    @classmethod
    def of(cls, y: sp.Expr, q: sp.Expr, base: sp.Expr) -> sp.Expr:
        """Divergence to a base; base 2 is left unwritten."""
        return cls(y, q) if base == 2 else cls(y, q, base)

    @property
    def base(self) -> sp.Expr:
        """The base of the logarithm: 2 for bits, E for nats."""
        return self.args[2] if len(self.args) > 2 else _TWO

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate with respect to one of the two probabilities."""
        y, q = self.args[:2]
        if argindex == 1:
            nats = sp.log(y * (1 - q) / (q * (1 - y)))
        elif argindex == 2:
            nats = (q - y) / (q * (1 - q))
        else:
            raise ArgumentIndexError(self, argindex)
        return nats / sp.log(self.base)

    def _eval_rewrite_as_log(self, y: sp.Expr, q: sp.Expr, base: sp.Expr = _TWO, **_) -> sp.Expr:
        return (y * sp.log(y / q) + (1 - y) * sp.log((1 - y) / (1 - q))) / sp.log(base)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return evaluate_by_balls(self, prec)

    @staticmethod
    def numeric(y: ArrayLike, q: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast, to a few ulp: both terms are non-negative, so nothing cancels."""
        y, q = (np.asarray(x, dtype=float) for x in (y, q))
        forbidden = ((q == 0) & (y > 0)) | ((q == 1) & (y < 1))
        nats = excess_of_cell(y - q, q) + excess_of_cell(q - y, 1 - q)
        return np.where(forbidden, np.inf, nats / np.log(base))[()]

    @staticmethod
    def enclose(y: arb, q: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        nats = _term(y, q) + _term(1 - y, 1 - q)
        return nats.nonnegative_part() / arb(base).log()


class _End(OfNumbers):
    """What the two ends of a ball share."""

    nargs = (2, 3)
    spread = staticmethod(of_divergence_end)
    is_real = True
    is_extended_nonnegative = True

    @classmethod
    def of(cls, q: sp.Expr, P: sp.Expr, base: sp.Expr) -> sp.Expr:
        """The end of a ball to a base; base 2 is left unwritten."""
        return cls(q, P) if base == 2 else cls(q, P, base)

    @property
    def base(self) -> sp.Expr:
        """The base of the logarithm: 2 for bits, E for nats."""
        return self.args[2] if len(self.args) > 2 else _TWO

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate by the rule of the implicit function, inside (0, 1)."""
        return _implicit(self, argindex)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return evaluate_by_balls(self, prec)


class KL_b_min(_End):
    """The least `y` with `KL_b(y, q) <= P`, for `P` in bits; `KL_b_min(q, P, E)` takes nats.

    Examples
    --------
    >>> q, P = sp.symbols("q P")
    >>> KL_b_min(q, 0), KL_b_min(q, sp.oo), KL_b_min(0, P)
    (q, 0, 0)
    >>> KL_b_min(sp.Rational(3, 10), sp.Rational(1, 10)).evalf(20)
    0.14105689952176591524
    >>> KL_b_min.numeric(0.3, [0, 0.1, 0.5, 1]).round(9).tolist()
    [0.3, 0.1410569, 0.001521251, 0.0]
    """

    latex_name = r"y_{\mathrm{KL}}^{-}"

    @classmethod
    def eval(cls, q: sp.Expr, P: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form for no room, for all room, and for constant references."""
        if P == 0 or (q == 1 and _is_finite_number(P)):
            return q
        return sp.S.Zero if P is sp.oo or q == 0 else None

    @staticmethod
    def numeric(q: ArrayLike, P: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast; the distance from `q` has all digits of a double."""
        q, nats = np.broadcast_arrays(np.asarray(q, dtype=float), np.asarray(P, dtype=float) * np.log(base))
        return (q - _distance(nats, q, 1 - q))[()]

    @staticmethod
    def enclose(q: arb, P: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        nats = P * arb(base).log()
        return arb(0) if _holds_everything(nats, 1 - q) else (q - _distance_ball(nats, q, 1 - q)).nonnegative_part()


class KL_b_max(_End):
    """The largest `y` with `KL_b(y, q) <= P`, for `P` in bits; `KL_b_max(q, P, E)` takes nats.

    Examples
    --------
    >>> q, P = sp.symbols("q P")
    >>> KL_b_max(q, 0), KL_b_max(q, sp.oo), KL_b_max(1, P)
    (q, 1, 1)
    >>> KL_b_max(sp.Rational(3, 10), sp.Rational(1, 10)).evalf(20)
    0.47774993384090036117
    >>> KL_b_max.numeric(0.3, [0, 0.1, 0.5, 2]).round(9).tolist()
    [0.3, 0.477749934, 0.704488586, 1.0]
    """

    latex_name = r"y_{\mathrm{KL}}^{+}"

    @classmethod
    def eval(cls, q: sp.Expr, P: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form for no room, for all room, and for constant references."""
        if P == 0 or (q == 0 and _is_finite_number(P)):
            return q
        return sp.S.One if P is sp.oo or q == 1 else None

    @staticmethod
    def numeric(q: ArrayLike, P: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast; the distance from `q` has all digits of a double."""
        q, nats = np.broadcast_arrays(np.asarray(q, dtype=float), np.asarray(P, dtype=float) * np.log(base))
        return (q + _distance(nats, 1 - q, q))[()]

    @staticmethod
    def enclose(q: arb, P: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        nats = P * arb(base).log()
        return arb(1) if _holds_everything(nats, q) else 1 - (1 - q - _distance_ball(nats, 1 - q, q)).nonnegative_part()


def _is_finite_number(P: sp.Expr) -> bool:
    # A symbol that is called real may still be given an infinite value.
    return bool(P.is_number and P.is_finite)


def _implicit(end: KL_b_min | KL_b_max, argindex: int) -> sp.Expr:
    """The derivative of an end, on whose path the divergence stays `P`."""
    y, q = sp.Dummy("y"), end.args[0]
    divergence = KL_b.of(y, q, end.base)
    if argindex == 1:
        return (-divergence.fdiff(2) / divergence.fdiff(1)).subs(y, end)
    if argindex == 2:
        return (1 / divergence.fdiff(1)).subs(y, end)
    raise ArgumentIndexError(end, argindex)


def _distance(nats: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Solve for the distance from the reference, on doubles; the root of the divergence is nearly linear in it."""
    with np.errstate(divide="ignore"):
        # Where b = 0 only P = oo leaves the reference; near b = 1 the digits are in a.
        most = -np.where(a < 0.5, np.log1p(-a), np.log(b))
    result = np.where(nats >= most, a, 0.0)
    inside = (nats > 0) & (nats < most) & (b > 0)
    if inside.any():
        result[inside] = _newton(nats[inside], a[inside], b[inside])
    return result


def _newton(nats: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    low, high = np.zeros_like(a), a.copy()
    result = np.minimum(np.sqrt(2 * a * b) * np.sqrt(nats), a / 2)
    left = np.arange(len(a))
    for _ in range(_STEPS):
        u, n, c, d = (x[left] for x in (result, nats, a, b))
        value = excess_of_cell(-u, c) + excess_of_cell(u, d)
        with np.errstate(all="ignore"):
            slope = np.log1p(u / d) - np.log1p(-u / c)
            # Of the difference of the roots, the part that may cancel is a difference of numbers near each other.
            step = 2 * np.sqrt(value) * (value - n) / (np.sqrt(value) + np.sqrt(n)) / slope
        lower, upper = np.where(value <= n, u, low[left]), np.where(value >= n, u, high[left])
        following = u - step
        # A step that leaves the bracket, or is not a number, is replaced by halving.
        following = np.where((following >= lower) & (following <= upper), following, lower + (upper - lower) / 2)
        low[left], high[left], result[left] = lower, upper, following
        left = left[np.abs(following - u) > 1e-15 * u]
        if not len(left):
            break
    return result


def _term(y: arb, q: arb) -> arb:
    """Enclose `y log(y/q)`; infinite where `y > 0 = q`."""
    from flint import arb

    if q == 0:
        return arb(0) if y == 0 else arb.pos_inf() if y > 0 else arb.nan()
    return -entropy_term(y) - y * q.log()


def _holds_everything(nats: arb, b: arb) -> bool:
    """Whether the constant law is surely in the ball: the end is then exact."""
    if not nats.is_finite():
        return bool(nats > 0)
    return bool(b > 0 and nats >= -b.log())


def _distance_ball(nats: arb, a: arb, b: arb) -> arb:
    """Enclose the distance from the reference."""
    if b == 0 and nats.is_finite():
        return a - a
    return enclosed(
        nats,
        lambda u: _term(a - u, a) + _term(b + u, b),
        lambda u: (u / b).log1p() - (-u / a).log1p(),
        a.nonnegative_part(),
        (2 * a * b * abs(nats)).mid().sqrt(),
    )
