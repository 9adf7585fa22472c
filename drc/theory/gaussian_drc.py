"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness: `D(R, C)`.

Theorem ([nguyen2026], Theorem 4, with all its regimes).  With `rho_R` the largest correlation that the rate allows and
`rho_C` the least that the classification constraint needs,

    D(R, C) = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2 - 2 sigma_X sigma_Y rho_R     rate-limited:  rho_C <= rho_R
    D(R, C) = +oo                                                                  infeasible:    rho_C >  rho_R
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import And, Equivalent, Ge, Gt, Le, Lt, Not

from drc.derivation import Proof
from drc.expressions.latex import latex
from drc.problems.gaussian import Gaussian, mu_X, mu_Y, sigma_X, sigma_Y, theta
from drc.theory.gaussian_correlation import (
    INTERIOR,
    SETTING,
    C,
    D,
    R,
    ambiguity,
    c,
    distortion,
    h_S,
    information,
    reduce,
    rho_C,
    rho_R,
    rho_SX,
    slope,
)
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import convex, limit, nonincreasing, symmetric
from drc.units import Unit

STATEMENT = (
    "Least squared error of a Gaussian source for rate $R$ and classification bound $C$, asymptotically, with"
    " unlimited common randomness, when the classifier sees $Y$."
)


def gaussian_drc(problem: Gaussian, unit: Unit) -> Tradeoff:
    """Return `D(R, C)` of a problem: the theorem with its parameters put in."""
    return theorem(unit).specialise(problem)


@cache
def theorem(unit: Unit) -> Tradeoff:
    """Derive the theorem, all parameters symbolic."""
    proof = reduce(unit)
    _optimality(proof, unit)
    condition = {"rate-limited": Le(rho_C, rho_R), "infeasible": Gt(rho_C, rho_R)}
    proof.show(
        Equivalent(Not(condition["rate-limited"]), condition["infeasible"], evaluate=False),
        "the two regimes cover everything, and do not overlap",
    )
    value = {"rate-limited": distortion().subs(c, rho_R), "infeasible": sp.oo}
    reasons = _reasons(unit)
    regimes = tuple(Regime(name, condition[name], value[name], reasons[name]) for name in condition)
    return Tradeoff(
        id="gaussian.asymptotic.drc",
        statement=STATEMENT,
        source="[nguyen2026], Theorem 4, with all regimes",
        problem=Gaussian(),
        value=D,
        arguments=(R, C),
        cases=regimes,
        where=proof.definitions_of(regimes),
        unit=unit,
        laws=(
            nonincreasing("R", "C"),
            convex("R", "C"),
            symmetric(theta=-theta),
            symmetric(mu_X=-mu_X, mu_Y=-mu_Y),
            symmetric(mu_X=mu_Y, mu_Y=mu_X),
            limit((mu_X - mu_Y) ** 2 + sigma_X**2 + sigma_Y**2, R=sp.S.Zero, C=sp.oo),
            limit((mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2, R=sp.oo, C=sp.oo),
        ),
        derivation=proof.qed(STATEMENT, SETTING),
        names=proof.names,
    )


def _optimality(proof: Proof, unit: Unit) -> None:
    """The conditions of Karush, Kuhn and Tucker for the least distortion over `c` in `[rho_C, rho_R]`."""
    price = sp.solve(sp.diff(distortion() + slope * information(unit), c), slope)[0]
    interior = And(INTERIOR, Gt(c, 0))
    proof.show(
        Ge(price, 0),
        f"stationarity gives the rate the price ${latex(price)}$, and it is not negative: the rate binds at the optimum",
        given=interior,
    )
    proof.show(
        And(
            Ge(sp.diff(information(unit), c), 0),
            Le(sp.diff(ambiguity(unit), c), 0),
            Lt(sp.diff(distortion(), c), 0),
        ),
        r"a larger $c$ costs rate, and lowers both $h(S \mid Y)$ and $D$: the classification constraint has no"
        " price, it only decides whether there is a $c$ at all",
        given=interior,
    )


def _reasons(unit: Unit) -> dict[str, tuple[Reason, ...]]:
    h_S_given_X = h_S + unit.log(1 - rho_SX**2) / 2
    least_rate = -unit.log(1 - rho_C**2) / 2
    lowest = h_S + unit.log(1 - rho_SX**2 * rho_R**2) / 2
    return {
        "rate-limited": (
            Reason(
                "R = {R} {unit} allows correlation {rho_R}, and binds; C alone would need {rho_C}. As R grows, D falls"
                " to {floor}, the squared Wasserstein distance of the two laws.",
                {
                    "R": R,
                    "rho_R": rho_R,
                    "rho_C": rho_C,
                    "floor": (mu_X - mu_Y) ** 2 + (sigma_X - sigma_Y) ** 2,
                },
            ),
        ),
        "infeasible": (
            Reason(
                "C = {C} {unit} needs correlation {rho_C}; R = {R} {unit} allows {rho_R}.\nThe least rate for this C is"
                " {least} {unit}; the least C at this rate is {lowest} {unit}.",
                {"C": C, "rho_C": rho_C, "R": R, "rho_R": rho_R, "least": least_rate, "lowest": lowest},
                Le(rho_C, 1),
            ),
            Reason(
                "C = {C} {unit} is below h(S|X) = {least} {unit}, which is reached at no rate.",
                {"C": C, "least": h_S_given_X},
                Gt(rho_C, 1),
            ),
        ),
    }
