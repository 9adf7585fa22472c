"""The binary entropy, as one named function for sympy, numpy, mpmath and balls ([cover2006], section 2.1).

    H_b(p) = -p log p - (1 - p) log (1 - p),        H_b(0) = H_b(1) = 0

As a sympy function it stays `H_b(p)`, so that formulas read as in a paper; `rewrite(sp.log)` opens it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb

from drc.information.function import InUnits
from drc.information.spread import of_entropy
from drc.units import Unit, unit_named

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


_TWO = sp.Integer(2)


class H_b(InUnits):
    """Binary entropy of `p`, in bits; `H_b(p, E)` is in nats.

    Examples
    --------
    >>> import sympy as sp
    >>> p = sp.Symbol("p")
    >>> H_b(sp.Rational(1, 2)), H_b(p), H_b(p).diff(p)
    (1, H_b(p), log((1 - p)/p)/log(2))
    >>> H_b(sp.Rational(3, 10)).evalf(30)
    0.881290899230692618224819224243
    """

    spread = staticmethod(of_entropy)
    is_real = True
    latex_name = "H_b"

    @classmethod
    def eval(cls, p: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Close the form where it is exact: at 0, 1/2 and 1, and `H_b(p) = H_b(1 - p)` for numbers."""
        if p in (sp.S.Zero, sp.S.One):
            return sp.S.Zero
        if p == sp.S.Half:
            return sp.log(2) / sp.log(base)
        if p.is_Rational and p > sp.S.Half:
            return cls.of(1 - p, base)
        return None

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        p = self.args[0]
        return (sp.log((1 - p) / p) / sp.log(self.base),)

    def _eval_rewrite_as_log(self, p: sp.Expr, base: sp.Expr = _TWO, **_) -> sp.Expr:
        return (-p * sp.log(p) - (1 - p) * sp.log(1 - p)) / sp.log(base)

    @staticmethod
    def numeric(p: ArrayLike, base: float = 2.0) -> np.ndarray:
        """Evaluate on arrays."""
        return binary_entropy(p, "bits" if base == 2 else "nats")[()]

    @staticmethod
    def enclose(p: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        if p == 0.5 and base == 2:
            return arb(1)
        return binary_entropy_ball(p) / arb(base).log()

    def _sympystr(self, printer) -> str:
        return f"H_b({printer._print(self.args[0])})"


def binary_entropy(p: ArrayLike, unit: str | Unit = "bits") -> np.ndarray:
    """Binary entropy of probabilities, accurate to a few ulp also near 0 and 1.

    Parameters
    ----------
    p : array of any shape
        Probabilities in [0, 1].
    unit : {"bits", "nats"}

    Returns
    -------
    array of the shape of `p`

    Examples
    --------
    >>> binary_entropy([0.0, 0.5, 1.0]).tolist()
    [0.0, 1.0, 0.0]
    """
    from scipy.special import entr, xlog1py

    p = np.asarray(p, dtype=float)
    q = np.minimum(p, 1.0 - p)
    # log1p keeps the digits that 1 - q has lost; dividing afterwards makes H_b(1/2) exactly one bit.
    return (entr(q) - xlog1py(1.0 - q, -q)) / unit_named(unit).in_nats


def binary_entropy_ball(p: arb) -> arb:
    """Binary entropy of a ball, in nats: an enclosure of `{H_b(x) : x in p, 0 <= x <= 1}`."""
    if p < 0.5:
        # log1p keeps the digits of a small p that 1 - p has lost.
        return entropy_term(p) - (1 - p) * (-p).log1p()
    return entropy_term(p) + entropy_term(1 - p)


def entropy_term(p: arb) -> arb:
    """Enclose `-x log x` over the `x >= 0` of a ball; the value at 0 is 0, as a limit and by convention."""
    if p == 0:
        return arb(0)
    if p > 0:
        return -p * p.log()
    # The ball touches zero: on [0, b] the term lies in [0, -b log b] for b < 1/e, and never above 1/e.
    top = p.upper()
    if top <= 0:
        return arb(0)
    bound = -top * top.log() if top < arb("0.36") else arb(-1).exp()
    return arb(0).union(bound)
