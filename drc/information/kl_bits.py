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
from flint import arb

from drc.information.bits import excess_of_cell, small_excess_ball
from drc.information.entropy import entropy_term
from drc.information.function import InUnits
from drc.information.inverses import inverse_ball
from drc.information.roots import root_of_divergence
from drc.information.spread import of_divergence, of_divergence_end

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.types import Floats

_TWO = sp.Integer(2)


class KL_b(InUnits):
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

    spread = staticmethod(of_divergence)
    is_extended_real = True
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

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        y, q = self.args[:2]
        nats = sp.log(y * (1 - q) / (q * (1 - y))), (q - y) / (q * (1 - q))
        return tuple(slope / sp.log(self.base) for slope in nats)

    def _eval_rewrite_as_log(self, y: sp.Expr, q: sp.Expr, base: sp.Expr = _TWO, **_) -> sp.Expr:
        return (y * sp.log(y / q) + (1 - y) * sp.log((1 - y) / (1 - q))) / sp.log(base)

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
        return _divergence_ball(y - q, 1 - q, q).nonnegative_part() / arb(base).log()


class _End(InUnits):
    """An end of a ball; that of the least `y` is a distance below `q`, the other one as far below `1 - q`."""

    spread = staticmethod(of_divergence_end)
    is_real = True
    least = True

    @classmethod
    def eval(cls, q: sp.Expr, P: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form for no room, for all room, and for constant references."""
        end, other = (sp.S.Zero, sp.S.One) if cls.least else (sp.S.One, sp.S.Zero)
        # A symbol that is called real may still be given an infinite value.
        if P == 0 or (q == other and P.is_number and P.is_finite):
            return q
        return end if P is sp.oo or q == end else None

    @property
    def ends(self) -> tuple[tuple[sp.Expr, sp.Basic], ...]:
        """The values where no implicit rule holds: for a constant reference, and from the largest divergence on."""
        q = self.args[0]
        end = (sp.S.Zero, sp.Le(self, 0)) if self.least else (sp.S.One, sp.Ge(self, 1))
        return (q, sp.Or(sp.Le(q, 0), sp.Ge(q, 1))), end

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function inside (0, 1): on the path of the end the divergence stays `P`."""
        y = sp.Dummy("y")
        by_y, by_q = KL_b.of(y, self.args[0], self.base)._derivatives
        return (-by_q / by_y).subs(y, self), (1 / by_y).subs(y, self)

    @classmethod
    def numeric(cls, q: ArrayLike, P: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast; the distance from `q` has all digits of a double."""
        q, nats = np.broadcast_arrays(np.asarray(q, dtype=float), np.asarray(P, dtype=float) * np.log(base))
        return (q - _distance(nats, q, 1 - q) if cls.least else q + _distance(nats, 1 - q, q))[()]

    @classmethod
    def enclose(cls, q: arb, P: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        nats = P * arb(base).log()
        a, b = (q, 1 - q) if cls.least else (1 - q, q)
        constant = nats >= -b.log() if nats.is_finite() and b > 0 else nats > 0 and not nats.is_finite()
        rest = arb(0) if constant else (a - _distance_ball(nats, a, b)).nonnegative_part()
        return rest if cls.least else 1 - rest


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
    least = False


def _distance(nats: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Solve for the distance from the reference, on doubles; the root of the divergence is nearly linear in it."""
    with np.errstate(divide="ignore"):
        # Where b = 0 only P = oo leaves the reference; near b = 1 the digits are in a.
        most = -np.where(a < 0.5, np.log1p(-a), np.log(b))
    result = np.where(nats >= most, a, 0.0)
    inside = (nats > 0) & (nats < most) & (b > 0)
    if inside.any():
        nats, a, b = (x[inside] for x in (nats, a, b))
        start = np.minimum(np.sqrt(2 * a * b) * np.sqrt(nats), a / 2)
        result[inside] = root_of_divergence(_divergence_and_slope, nats, a, start, a, b)
    return result


def _divergence_and_slope(u: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    return excess_of_cell(-u, a) + excess_of_cell(u, b), np.log1p(u / b) - np.log1p(-u / a)


def _divergence_ball(u: arb, a: arb, b: arb) -> arb:
    """Enclose `(a - u) log((a - u)/a) + (b + u) log((b + u)/b)`, where `a + b = 1`."""
    near = small_excess_ball(((-u, a), (u, b)))
    return _term(a - u, a) + _term(b + u, b) if near is None else near


def _term(y: arb, q: arb) -> arb:
    """Enclose `y log(y/q)`; infinite where `y > 0 = q`."""
    if q == 0:
        return arb(0) if y == 0 else arb.pos_inf() if y > 0 else arb.nan()
    return -entropy_term(y) - y * q.log()


def _distance_ball(nats: arb, a: arb, b: arb) -> arb:
    """Enclose the distance from the reference."""
    if b == 0 and nats.is_finite():
        return a - a
    start = (2 * a * b * abs(nats)).sqrt()
    return inverse_ball(lambda u: _divergence_ball(u, a, b), nats, a.nonnegative_part(), start)
