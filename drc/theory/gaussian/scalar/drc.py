"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness: `D(R, C)`.

Theorem ([nguyen2026], Theorem 4, with all its regimes).  With `rho_R` the largest correlation that the rate allows and
`rho_C` the least that the classification constraint needs,

    D(R, C) = (mu_X - mu_Y)^2 + sigma_X^2 + sigma_Y^2 - 2 sigma_X sigma_Y rho_R     rate-limited:  rho_C <= rho_R
    D(R, C) = +oo                                                                  infeasible:    rho_C >  rho_R
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt

from drc.expressions.latex import latex
from drc.problems.gaussian import Gaussian, theta
from drc.proof import Proof
from drc.theory.gaussian.scalar import correlation
from drc.theory.gaussian.scalar.correlation import distortion, information
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, C, c, rho_C, rho_R, slope = sp.symbols("D R C c rho_C rho_R lambda", real=True)

STATEMENT = (
    "Least squared error of a Gaussian source for rate $R$ and classification bound $C$, asymptotically, with"
    " unlimited common randomness, when the classifier sees $Y$."
)


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = correlation.reduce(unit)
    _optimality(proof, unit)
    rows = (
        row(
            "rate-limited",
            Le(rho_C, rho_R),
            distortion().subs(c, rho_R),
            "R = {R} {unit} allows correlation {rho_R}, and binds; C alone would need {rho_C}. As R grows, D falls to"
            " {floor}, the squared Wasserstein distance of the two laws.",
        ),
        row("infeasible", Gt(rho_C, rho_R), sp.oo, correlation.NEEDS_RATE, correlation.OUT_OF_REACH),
    )
    proof.show(
        And(Le(0, rho_R), Lt(rho_R, 1), Le(0, rho_C)),
        "both correlations have a value, of which one may be infinite: one of the two regimes applies, and only one",
    )
    laws = (
        convex("R", "C"),
        symmetric(theta=-theta),
        *correlation.SYMMETRIES,
        limit(correlation.INDEPENDENT, R=sp.S.Zero, C=sp.oo),
        limit(correlation.WASSERSTEIN, R=sp.oo, C=sp.oo),
    )
    return Derived(proof, rows, laws, correlation.numbers(unit))


THEOREMS = (
    Theorem(
        id="gaussian.asymptotic.drc",
        problem=Gaussian(),
        statement=STATEMENT,
        setting=correlation.SETTING,
        source="[nguyen2026], Theorem 4, with all regimes",
        value=D,
        arguments=(R, C),
        derive=derive,
    ),
)


def _optimality(proof: Proof, unit: Unit) -> None:
    """The conditions of Karush, Kuhn and Tucker for the least distortion over `c` in `[rho_C, rho_R]`."""
    price = sp.solve(sp.diff(distortion() + slope * information(unit), c), slope)[0]
    interior = And(correlation.INTERIOR, Gt(c, 0))
    proof.show(
        Ge(price, 0),
        f"stationarity gives the rate the price ${latex(price)}$, and it is not negative: the rate binds at the optimum",
        given=interior,
    )
    proof.show(
        And(
            Ge(sp.diff(information(unit), c), 0),
            Le(sp.diff(correlation.ambiguity(unit), c), 0),
            Lt(sp.diff(distortion(), c), 0),
        ),
        r"a larger $c$ costs rate, and lowers both $h(S \mid Y)$ and $D$: the classification constraint has no"
        " price, it only decides whether there is a $c$ at all",
        given=interior,
    )
