"""[nguyen2026], Theorem 4: the Gaussian DRC as published.

    D = B - 2 sigma_X sigma_Y sqrt(1 - 2^(-2R))                                         if C > C_R
    D = B - 2 sigma_S sigma_X^2 sigma_Y / theta sqrt(1 - exp(2 C - 2 h(S)))              if C_min <= C <= C_R
    D = 0                                                                               if C > h(S) and R > h(X)

with `B = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2`, `C_R = h(S) + 1/2 log(1 - theta^2 (1 - 2^(-2R))/(sigma_S^2 sigma_X^2))`
and `C_min` the same without the rate.  The print takes `R` in bits and `C` in nats; here both are in the requested unit.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt, Piecewise

from drc.information import gaussian_entropy
from drc.problems.gaussian import Gaussian, mu_X, mu_Y, sigma_S, sigma_X, sigma_Y, theta
from drc.published.form import published_form
from drc.tradeoff import Regime, Tradeoff
from drc.units import Unit

R, C, B, h_S, h_X, C_R, C_min = sp.symbols("R C B h_S h_X C_R C_min", real=True)

NAMES = {h_S: "h(S)", h_X: "h(X)", C_min: r"C_{\min}"}


def gaussian_drc(problem: Gaussian, unit: Unit) -> Tradeoff:
    """Return the printed `D(R, C)`."""
    return _printed(unit).specialise(problem)


def _printed(unit: Unit) -> Tradeoff:
    correlation = sp.sqrt(1 - unit.exp(-2 * R))
    needed = sp.sqrt(1 - unit.exp(2 * C - 2 * h_S))
    regimes = (
        Regime("zero branch", And(Gt(C, h_S), Gt(R, h_X)), sp.S.Zero),
        Regime("rate branch", Gt(C, C_R), B - 2 * sigma_X * sigma_Y * correlation),
        Regime(
            "classification branch",
            And(Le(C_min, C), Le(C, C_R)),
            # 0/0 for a label independent of the source is read as its limit.
            B - Piecewise((0, Ge(C, h_S)), (2 * sigma_S * sigma_X**2 * sigma_Y / theta * needed, True)),
        ),
        Regime("infeasible", Lt(C, C_min), sp.oo),
    )
    where = (
        (B, (mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2),
        *thresholds(unit),
    )
    return published_form("gaussian.asymptotic.drc", "Theorem 4", Gaussian(), (R, C), regimes, where, unit, NAMES)


def thresholds(unit: Unit) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """Return what `h(S)`, `h(X)`, `C_R` and `C_min` stand for."""
    squared = theta**2 / (sigma_S**2 * sigma_X**2)

    def above_entropy(x: sp.Expr) -> sp.Expr:
        # Label and source in full correlation leave the logarithm of zero.
        return h_S + Piecewise((-sp.oo, Le(x, 0)), (unit.log(x) / 2, True))

    return (
        (h_S, gaussian_entropy(sigma_S**2, unit)),
        (h_X, gaussian_entropy(sigma_X**2, unit)),
        (C_R, above_entropy(1 - squared * (1 - unit.exp(-2 * R)))),
        (C_min, above_entropy(1 - squared)),
    )
