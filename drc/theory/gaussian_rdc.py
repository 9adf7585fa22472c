"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness: `R(D, C)`.

Theorem ([nguyen2026], appendix A.3).  With `rho_D` the least correlation that reaches the distortion and `rho_C` the least
that the classification constraint needs, the least rate is that of the larger one:

    -1/2 log(1 - rho_D^2)     distortion-limited:        rho_D >= rho_C, rho_D > 0
    -1/2 log(1 - rho_C^2)     classification-limited:    rho_C > rho_D
    0                         zero-rate:                 rho_C = rho_D = 0
    +oo                       infeasible:                rho_D > 1 or rho_C > 1
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import And, Equivalent, Ge, Gt, Le, Lt, Or, Piecewise

from drc.derivation import Proof
from drc.problems.gaussian import Gaussian, mu_X, mu_Y, sigma_X, sigma_Y, theta
from drc.theory.gaussian_correlation import (
    INTERIOR,
    SETTING,
    B,
    C,
    D,
    R,
    c,
    distortion,
    h_S,
    information,
    reduce,
    rho_C,
    rho_SX,
)
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import convex, limit, nonincreasing, symmetric
from drc.units import Unit

STATEMENT = (
    "Least rate of a Gaussian source for squared error $D$ and classification bound $C$, asymptotically, with"
    " unlimited common randomness, when the classifier sees $Y$."
)

rho_D = sp.Symbol("rho_D", real=True)


def gaussian_rdc(problem: Gaussian, unit: Unit) -> Tradeoff:
    """Return `R(D, C)` of a problem: the theorem with its parameters put in."""
    return theorem(unit).specialise(problem)


@cache
def theorem(unit: Unit) -> Tradeoff:
    """Derive the theorem, all parameters symbolic."""
    proof = reduce(unit)
    _least_correlation(proof, unit)
    condition = {
        "distortion-limited": And(Ge(rho_D, rho_C), Gt(rho_D, 0), Le(rho_D, 1)),
        "classification-limited": And(Gt(rho_C, rho_D), Le(rho_C, 1)),
        "zero-rate": And(Le(rho_D, 0), Le(rho_C, 0)),
        "infeasible": Or(Gt(rho_D, 1), Gt(rho_C, 1)),
    }
    proof.show_cover(condition, given=And(Le(0, rho_C), Le(0, rho_D)))
    rate = information(unit)
    value = {
        "distortion-limited": rate.subs(c, rho_D),
        "classification-limited": rate.subs(c, rho_C),
        "zero-rate": sp.S.Zero,
        "infeasible": sp.oo,
    }
    reasons = _reasons(unit)
    regimes = tuple(Regime(name, condition[name], value[name], reasons[name]) for name in condition)
    return Tradeoff(
        id="gaussian.asymptotic.rdc",
        statement=STATEMENT,
        source="[nguyen2026], appendix A.3",
        problem=Gaussian(),
        value=R,
        arguments=(D, C),
        cases=regimes,
        where=proof.definitions_of(regimes),
        unit=unit,
        laws=(
            nonincreasing("D", "C"),
            convex("D", "C"),
            symmetric(theta=-theta),
            symmetric(mu_X=-mu_X, mu_Y=-mu_Y),
            symmetric(mu_X=mu_Y, mu_Y=mu_X),
            limit(sp.S.Zero, D=sp.oo, C=sp.oo),
        ),
        derivation=proof.qed(STATEMENT, SETTING),
        names=proof.names,
    )


def _least_correlation(proof: Proof, unit: Unit) -> None:
    needed = sp.solve(distortion() - D, c)[0]
    proof.let(
        rho_D,
        Piecewise((0, Ge(D, B)), (needed, True)),
        "the least correlation that reaches the distortion",
        latex=r"\rho_D",
    )
    positive = And(INTERIOR, Ge(c, 0))
    proof.show(
        Equivalent(Le(distortion(), D), Le(rho_D, c)), r"solve $\mathbb{E} (X - Y)^2 \le D$ for $c$", given=positive
    )
    proof.show(
        Ge(sp.diff(information(unit), c), 0),
        "the rate grows with $c$, so the larger of the two least correlations is optimal",
        given=positive,
    )
    proof.show(
        Equivalent(Gt(rho_D, 1), Lt(D, (mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2)),
        "no correlation reaches less than the squared Wasserstein distance",
    )


def _reasons(unit: Unit) -> dict[str, tuple[Reason, ...]]:
    numbers = {"D": D, "C": C, "rho_D": rho_D, "rho_C": rho_C}
    return {
        "distortion-limited": (
            Reason("D = {D} needs correlation {rho_D}, and binds; C alone would need {rho_C}.", numbers),
        ),
        "classification-limited": (
            Reason("C = {C} {unit} needs correlation {rho_C}, and binds; D alone would need {rho_D}.", numbers),
        ),
        "zero-rate": (
            Reason(
                "neither D nor C binds: Y drawn independently of X has D = {B} and h(S|Y) = {h_S} {unit}.",
                {"B": B, "h_S": h_S},
            ),
        ),
        "infeasible": (
            Reason(
                "D = {D} is below {floor}, the squared Wasserstein distance of the two laws.",
                {"D": D, "floor": (mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2},
                Gt(rho_D, 1),
            ),
            Reason(
                "C = {C} {unit} is below h(S|X) = {least} {unit}, which is reached at no rate.",
                {"C": C, "least": h_S + unit.log(1 - rho_SX**2) / 2},
                Gt(rho_C, 1),
            ),
        ),
    }
