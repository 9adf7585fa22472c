"""[nguyen2026], Theorem 7: the Gaussian DRPC as published, for KL and the source as reference; its W2 twin (appendix A.4).

With `s = sqrt(1 - 2^(-2R))`, `s_C = sigma_S sigma_X/theta sqrt(1 - 2^(2C - 2h(S)))`, and `sigma(P)` in [0, sigma_X] the root
of `log(sigma_X/sigma) + (sigma^2 - sigma_X^2)/(2 sigma_X^2) = P` (for W2, `sigma(P) = max(sigma_X - sqrt(P), 0)`):

    for C > C_R:             sigma_X^2 (1 - s^2)                                       if sigma(P) <= sigma_X s
                             sigma_X^2 + sigma(P)^2 - 2 sigma_X sigma(P) s             if not
    for C_min <= C <= C_R:   the same two, with s_C for s
    for C > h(S), R > h(X):  0

where `C_R` and `C_min` are those of Theorem 4.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Max, Piecewise

from drc.information import W_0
from drc.problems.gaussian import PerceivedGaussian, sigma_S, sigma_X, theta
from drc.published.form import published_form
from drc.published.theorem_4 import C_R, C, C_min, R, h_S, h_X, thresholds
from drc.published.theorem_4 import NAMES as SHARED_NAMES
from drc.tradeoff import Regime, Tradeoff
from drc.units import Unit

P, s, s_C, sigma_P = sp.symbols("P s s_C sigma_P", real=True)

NAMES = SHARED_NAMES | {sigma_P: r"\sigma(P)", s_C: "s_C"}

_PRINTED = {"KL": ("Theorem 7", ""), "W2": ("appendix A.4", "The W2 form of Theorem 7 as published.")}


def gaussian_drpc(problem: PerceivedGaussian, unit: Unit) -> Tradeoff:
    """Return the printed `D(R, P, C)`."""
    return _printed(problem.perception, unit).specialise(problem)


def kept_deviation(perception: str, unit: Unit) -> sp.Expr:
    """The published `sigma(P)`: the least standard deviation within `P` of the source."""
    if perception == "W2":
        return Max(0, sigma_X - sp.sqrt(P))
    # The printed equation, with y = sigma^2/sigma_X^2, is y e^-y = e^(-1 - 2 P); its root in [0, 1] is Lambert's W_0.
    return sigma_X * sp.sqrt(-W_0(-sp.exp(-1 - 2 * P * unit.nats)))


def _printed(perception: str, unit: Unit) -> Tradeoff:
    covered = {"rate": Gt(C, C_R), "classification": And(Le(C_min, C), Le(C, C_R))}
    regimes = [Regime("zero branch", And(Gt(C, h_S), Gt(R, h_X)), sp.S.Zero)]
    for name, share in (("rate", s), ("classification", s_C)):
        free, limited = sigma_X**2 * (1 - share**2), sigma_X**2 + sigma_P**2 - 2 * sigma_X * sigma_P * share
        enough = Le(sigma_P, sigma_X * share)
        regimes.append(Regime(f"{name} branch, perception-free", And(covered[name], enough), free))
        regimes.append(Regime(f"{name} branch, perception-limited", And(covered[name], Gt(*enough.args)), limited))
    needed = sigma_S * sigma_X / theta * sp.sqrt(1 - unit.exp(2 * C - 2 * h_S))
    where = (
        *thresholds(unit),
        (s, sp.sqrt(1 - unit.exp(-2 * R))),
        # 0/0 for a label independent of the source is read as its limit.
        (s_C, Piecewise((0, Ge(C, h_S)), (sp.oo, Eq(theta, 0)), (needed, True))),
        (sigma_P, kept_deviation(perception, unit)),
    )
    theorem, statement = _PRINTED[perception]
    return published_form(
        f"gaussian.asymptotic.drpc.{perception}",
        theorem,
        PerceivedGaussian(perception=perception),
        (R, P, C),
        (*regimes, Regime("infeasible", Lt(C, C_min), sp.oo)),
        where,
        unit,
        NAMES,
        statement=statement,
    )
