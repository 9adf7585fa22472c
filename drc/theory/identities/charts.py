"""Coordinates in which sympy decides what it cannot in rates and distortions: each symbol in positive ones.

A correlation `rho = x/(1 + x)` runs through `[0, 1)`, and with it the rate `-1/2 log2(1 - rho^2)`.  A label has the
correlation `c = z/(1 + z)` with the source, or its negative, and a bound `C` below its entropy needs a correlation `k` of
source and output: `C = h(S) + 1/2 log2(1 - c^2 k^2)`.
"""

from __future__ import annotations

import sympy as sp

from drc.problems.gaussian import R_c, sigma_S, sigma_X, theta
from drc.theory.identities.algebra import Chart
from drc.units import BITS, Unit

C, D, R = sp.symbols("C D R", real=True)

x, y = sp.symbols("x y", nonnegative=True)
v, w, z = sp.symbols("v w z", positive=True)


def rate(x: sp.Expr) -> sp.Expr:
    """The rate of the correlation `x/(1 + x)`, in bits."""
    return sp.log((1 + x) ** 2 / (1 + 2 * x)) / (2 * sp.log(2))


#: Every `R >= 0`, and with it every `R_c >= 0`.
RATES = ({R: rate(x), R_c: rate(y)},)

#: Every `D > 0`: below the variance of the source, there, and above.
DISTORTIONS = ({D: sigma_X**2 * (1 - (z / (1 + z)) ** 2)}, {D: sigma_X**2}, {D: sigma_X**2 + z})


def labelled(k: sp.Expr, others: Chart | None = None, unit: Unit = BITS) -> tuple[Chart, ...]:
    """Labels of both signs, with the bound that needs the correlation `k > 0`."""
    return _with_bound(1 / (1 - (z / (1 + z)) ** 2 * k**2), -1, others, unit)


def unlabelled(others: Chart | None = None, unit: Unit = BITS, beyond: sp.Expr = y) -> tuple[Chart, ...]:
    """Labels of both signs, with bounds from their entropy on, or beyond it by a positive `beyond`."""
    return _with_bound(1 + beyond, 1, others, unit)


def _with_bound(factor: sp.Expr, sign: int, others: Chart | None, unit: Unit) -> tuple[Chart, ...]:
    # Of the argument sympy sees that it is at least one.
    bound = unit.log(2 * sp.pi * sp.E * sigma_S**2) / 2 + sign * unit.log(sp.factor(factor)) / 2
    others = dict(others or {})
    label = sigma_S * others.get(sigma_X, sigma_X) * z / (1 + z)
    return tuple({theta: s * label, C: bound} | others for s in (1, -1))
