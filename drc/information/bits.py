"""Two bits: their mutual information as a function of their covariance ([cover2006], section 2.3).

For `A ~ Bern(p)`, `B ~ Bern(r)` with covariance `u` the cells of the joint law are

    P(1,1) = p r + u,    P(1,0) = p (1 - r) - u,    P(0,1) = (1 - p) r - u,    P(0,0) = (1 - p)(1 - r) + u

and `I_b(u, p, r) = I(A;B)`.  It is convex in `u` and zero at `u = 0`, because its
derivative is `log(1 + u/(P(1,0) P(0,1)))`:
the determinant of the joint law is the covariance.  Negating one bit gives `I_b(-u, p, r) = I_b(u, p, 1 - r)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb, ctx

from drc.information.entropy import entropy_term
from drc.information.function import InUnits
from drc.information.spread import of_information

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_TWO = sp.Integer(2)

#: Below this, `(1 + x) log(1 + x) - x` is summed as a series in `s = x/(2 + x)`: the difference would lose digits.
_SMALL = 0.2


def cells(u: sp.Expr, p: sp.Expr, r: sp.Expr) -> dict[tuple[int, int], sp.Expr]:
    """Joint law of two bits `(A, B)`, by the values of both.

    Parameters
    ----------
    u : covariance
    p, r : probabilities of a one, of `A` and of `B`

    Examples
    --------
    >>> u, p, r = sp.symbols("u p r")
    >>> cells(u, p, r)[1, 0]
    p*(1 - r) - u
    """
    return {(1, 1): p * r + u, (1, 0): p * (1 - r) - u, (0, 1): (1 - p) * r - u, (0, 0): (1 - p) * (1 - r) + u}


class I_b(InUnits):
    """Mutual information of two bits with covariance `u` and laws `Bern(p)`, `Bern(r)`, in bits; with a base E in nats.

    Examples
    --------
    >>> u, p, r = sp.symbols("u p r")
    >>> I_b(0, p, r), I_b(sp.Rational(1, 4), sp.Rational(1, 2), sp.Rational(1, 2)).evalf(20)
    (0, 1.0000000000000000000)
    >>> I_b.numeric([-0.12, 0, 0.18], 0.3, 0.4).round(6).tolist()
    [0.281291, 0.0, 0.55678]
    """

    spread = staticmethod(of_information)
    is_real = True
    latex_name = "I_b"

    @classmethod
    def eval(cls, u: sp.Expr, p: sp.Expr, r: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form where a bit is constant, or the bits are independent."""
        constant = (sp.S.Zero, sp.S.One)
        return sp.S.Zero if u == 0 or p in constant or r in constant else None

    @property
    def ends(self) -> tuple[tuple[sp.Expr, sp.Basic], ...]:
        """The value for a constant bit, of which the logarithms below know nothing."""
        return ((sp.S.Zero, sp.Or(*(end for x in self.args[1:3] for end in (sp.Le(x, 0), sp.Ge(x, 1))))),)

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        u, p, r = self.args[:3]
        P = cells(u, p, r)
        nats = (
            sp.log(1 + u / (P[1, 0] * P[0, 1])),
            r * sp.log(P[1, 1] / P[0, 1]) + (1 - r) * sp.log(P[1, 0] / P[0, 0]) - sp.log(p / (1 - p)),
            p * sp.log(P[1, 1] / P[1, 0]) + (1 - p) * sp.log(P[0, 1] / P[0, 0]) - sp.log(r / (1 - r)),
        )
        return tuple(slope / sp.log(self.base) for slope in nats)

    def _eval_rewrite_as_log(self, u: sp.Expr, p: sp.Expr, r: sp.Expr, base: sp.Expr = _TWO, **_) -> sp.Expr:
        law = {1: p, 0: 1 - p}, {1: r, 0: 1 - r}
        nats = sum(P * sp.log(P / (law[0][a] * law[1][b])) for (a, b), P in cells(u, p, r).items())
        return nats / sp.log(base)

    @staticmethod
    def numeric(u: ArrayLike, p: ArrayLike, r: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays that broadcast, to a few ulp: every cell's term is non-negative, so nothing cancels."""
        u, p, r = (np.asarray(x, dtype=float) for x in (u, p, r))
        nats = sum(
            excess_of_cell(sign * u, independent)
            for sign, independent in ((1, p * r), (-1, p * (1 - r)), (-1, (1 - p) * r), (1, (1 - p) * (1 - r)))
        )
        return (nats / np.log(base))[()]

    @staticmethod
    def enclose(u: arb, p: arb, r: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        cells = ((u, p * r), (-u, p * (1 - r)), (-u, (1 - p) * r), (u, (1 - p) * (1 - r)))
        nats = small_excess_ball(cells)
        if nats is None:
            law = (p, 1 - p, r, 1 - r)
            nats = sum((entropy_term(x) for x in law), arb(0))
            nats -= sum((entropy_term(mass + move) for move, mass in cells), arb(0))
        return nats.nonnegative_part() / arb(base).log()


def small_excess_ball(cells: Sequence[tuple[arb, arb]]) -> arb | None:
    """Enclose `sum of a g(u/a)` over the cells `(u, a)`, `g` as below; None where a cell is near zero.

    In series every term keeps all its digits, however small the moves `u` are.
    """
    if all(4 * abs(move) < mass for move, mass in cells):
        return sum((mass * _series(move / mass) for move, mass in cells), arb(0))
    return None


def _series(x: arb) -> arb:
    """Enclose `(1 + x) log(1 + x) - x = sum over k >= 2 of (-x)^k / (k (k - 1))` for `|x| < 1/4`."""
    size = abs(x).upper()
    if size == 0:
        return arb(0)
    if size > arb("0.03"):
        return (1 + x) * x.log1p() - x
    terms = 3 + int(ctx.prec / -float(size.log() / arb.const_log2()))
    total = arb(0)
    for k in range(terms, 1, -1):
        total = arb(1) / (k * (k - 1)) - x * total
    # What is left out is at most the first term that is, times 1/(1 - |x|).
    return x * x * total + arb(0, (2 * size ** (terms + 1)).upper())


def excess_of_cell(u: np.ndarray, independent: np.ndarray) -> np.ndarray:
    """`a g(u/a)` with `g(x) = (1 + x) log(1 + x) - x >= 0`; the four linear parts of a joint law add up to zero."""
    from scipy.special import xlog1py

    # A cell whose independent mass is zero has no excess either.
    shape = np.broadcast_shapes(u.shape, independent.shape)
    x = np.maximum(np.divide(u, independent, out=np.zeros(shape), where=independent > 0), -1.0)
    s = x / (2 + x)
    small = np.abs(s) < _SMALL
    with np.errstate(over="ignore"):
        if not small.any():
            return independent * (xlog1py(1 + x, x) - x)
        # The linear parts cancel by algebra, not by rounding.
        near = x * s + (1 + x) * s * tail_of_logarithm(np.where(small, s * s, 0.0))
        return independent * (near if small.all() else np.where(small, near, xlog1py(1 + x, x) - x))


def tail_of_logarithm(square: np.ndarray) -> np.ndarray:
    """Sum `2 s^2/3 + 2 s^4/5 + ...` of small squares `s^2`: what `log((1 + s)/(1 - s))` has beyond `2 s`, divided by `s`.

    Examples
    --------
    >>> s = 0.1
    >>> round(s * (2 + tail_of_logarithm(s * s)), 12), round(float(np.log(1.1 / 0.9)), 12)
    (0.200670695462, 0.200670695462)
    """
    tail = 0.0 * square
    for k in range(23, 1, -2):
        tail = square * (2.0 / k + tail)
    return tail
