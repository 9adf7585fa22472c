"""The two real branches of the Lambert W function, as named functions for sympy, numpy, mpmath and balls.

    W e^W = x,      W_0(x) >= -1 for x >= -1/e,      W_{-1}(x) <= -1 for -1/e <= x < 0

`sympy.LambertW` is complex, and loses its branch and its digits on the way to numpy. Near the branch point `x = -1/e` half
of the digits of `x` count for nothing; where a formula has `W(-e^(-1 - v))`, both functions are evaluated from `v`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb

from drc.information.bits import tail_of_logarithm
from drc.information.function import OfNumbers
from drc.information.spread import of_lambert, of_lambert_below_branch_point

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

#: Up to here `t - log(1 + t) = v` is solved from the series in `sqrt(2 v)`, beyond from scipy's function.
_NEAR = 0.2


class _LambertW(OfNumbers):
    """What the two branches share."""

    spread = staticmethod(of_lambert)
    spread_below_branch_point = staticmethod(of_lambert_below_branch_point)
    is_extended_real = True
    is_extended_nonpositive = True
    branch = 0

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        """Close the form at the branch point and at zero."""
        if x == -sp.exp(-1):
            return sp.S.NegativeOne
        if x == 0:
            return sp.S.Zero if cls.branch == 0 else -sp.oo
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate: `W' = W/(x (1 + W))`."""
        if argindex != 1:
            raise sp.ArgumentIndexError(self, argindex)
        return self / (self.args[0] * (1 + self))

    @classmethod
    def numeric(cls, x: ArrayLike) -> np.ndarray:
        """Evaluate on arrays; NaN outside the domain."""
        x = np.asarray(x, dtype=float)
        with np.errstate(all="ignore"):
            return cls.numeric_below_branch_point(np.where(x <= 0, -1 - np.log(-x), np.nan))

    @classmethod
    def numeric_below_branch_point(cls, v: ArrayLike) -> np.ndarray:
        """Evaluate `W(-e^(-1 - v))` for `v >= 0`, with all digits also near `v = 0`.

        Examples
        --------
        >>> float(W_m1.numeric_below_branch_point(5e-21)) + 1
        -1.000000082740371e-10
        """
        with np.errstate(all="ignore"):
            return -_root(np.asarray(v, dtype=float), cls.branch)[()]

    @classmethod
    def enclose(cls, x: arb) -> arb:
        """Enclose the value in a ball."""
        if x == 0:
            return arb(0) if cls.branch == 0 else arb.neg_inf()
        above = x + arb(-1).exp()
        if not above.contains(0):
            return x.lambertw(cls.branch)
        # Arithmetic may have put the branch point a little outside the domain.  With e x = -1 + d, both branches are
        # within 2 sqrt(d) of -1 while d is small.
        reach = (8 * arb(1).exp() * above.upper()).sqrt() if above.upper() < arb("0.01") else arb.pos_inf()
        return arb(-1).union(-1 + reach if cls.branch == 0 else -1 - reach)


class W_0(_LambertW):
    """The principal branch, here for arguments in `[-1/e, 0]`, with values in `[-1, 0]`.

    Examples
    --------
    >>> W_0(-sp.exp(-1)), W_0(sp.Integer(0)), W_0(sp.Rational(-1, 5)).evalf(20)
    (-1, 0, -0.25917110181907374506)
    >>> float(W_0.numeric(-0.2))
    -0.2591711018190737
    """

    branch = 0
    latex_name = "W_0"


class W_m1(_LambertW):
    """The branch `W_{-1}`, for arguments in `[-1/e, 0]`, with values in `[-oo, -1]`.

    Examples
    --------
    >>> W_m1(-sp.exp(-1)), W_m1(sp.Integer(0)), W_m1(sp.Rational(-1, 5)).evalf(20)
    (-1, -oo, -2.5426413577735264243)
    >>> round(float(W_m1.numeric(-0.2)), 14)
    -2.54264135777353
    """

    branch = -1
    latex_name = "W_{-1}"


def excess(t: ArrayLike) -> np.ndarray:
    """Evaluate `t - log(1 + t)` for `t > -1`, with all digits also near 0.

    Examples
    --------
    >>> excess([0.0, 1e-8]).tolist()
    [0.0, 4.999999966666667e-17]
    """
    t = np.asarray(t, dtype=float)
    # With z = t/(2 + t), t - 2 z = t z, and what is left of log(1 + t) is of third order.
    z = t / (2.0 + t)
    with np.errstate(all="ignore"):
        return np.where(np.abs(t) < _NEAR, z * (t - tail_of_logarithm(z * z)), t - np.log1p(t))


def _root(v: np.ndarray, branch: int) -> np.ndarray:
    """Return the `y = 1 + t` with `t - log(1 + t) = v`: `t <= 0` on branch 0, `t >= 0` on branch -1."""
    from scipy.special import lambertw

    v = np.where(v > -1e-15, np.maximum(v, 0.0), v)
    s = np.sqrt(2 * v) * (-1.0 if branch == 0 else 1.0)
    t = s * (1 + s * (1 / 3 + s * (1 / 36 - s / 270)))
    for _ in range(3):
        # Newton for t - log(1 + t), whose derivative is t/(1 + t).
        t = np.where(t == 0, 0.0, t - (excess(t) - v) * (1 + t) / np.where(t == 0, 1.0, t))
    x = -math.exp(-1) * np.exp(-v)  # the sum -1 - v would lose digits
    far = -lambertw(x, branch).real
    if branch == -1:
        # Where e^-(1 + v) is no longer a number, y = 1 + v + log y is iterated.
        y = 1 + v + np.log1p(v)
        for _ in range(4):
            y = 1 + v + np.log(y)
        far = np.where(v > 700, y, far)
    return np.where(v < _NEAR, 1 + t, far)
