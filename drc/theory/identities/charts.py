"""Coordinates in which sympy decides what it cannot in rates and distortions: each symbol in positive ones.

A correlation `rho = x/(1 + x)` runs through `[0, 1)`, and with it the rate `-1/2 log2(1 - rho^2)`.
"""

from __future__ import annotations

import sympy as sp

from drc.problems.gaussian import R_c, sigma_X

D, R = sp.symbols("D R", real=True)

x, y = sp.symbols("x y", nonnegative=True)
v, w, z = sp.symbols("v w z", positive=True)


def rate(x: sp.Expr) -> sp.Expr:
    """The rate of the correlation `x/(1 + x)`, in bits."""
    return sp.log((1 + x) ** 2 / (1 + 2 * x)) / (2 * sp.log(2))


#: Every `R >= 0`, and with it every `R_c >= 0`.
RATES = ({R: rate(x), R_c: rate(y)},)

#: Every `D > 0`: below the variance of the source, there, and above.
DISTORTIONS = ({D: sigma_X**2 * (1 - (z / (1 + z)) ** 2)}, {D: sigma_X**2}, {D: sigma_X**2 + z})
