"""Scalar Gaussian source, squared error, asymptotic, unlimited common randomness: `R(D, C)`.

Theorem ([nguyen2026], appendix A.3).  With `rho_D` the least correlation that reaches the distortion and `rho_C` the least
that the classification constraint needs, the least rate is that of the larger one:

    -1/2 log(1 - rho_D^2)     distortion-limited:        rho_D >= rho_C, rho_D > 0
    -1/2 log(1 - rho_C^2)     classification-limited:    rho_C > rho_D
    0                         zero-rate:                 rho_C = rho_D = 0
    +oo                       infeasible:                rho_D > 1 or rho_C > 1
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Equivalent, Ge, Gt, Le, Lt, Or, Piecewise

from drc.problems.gaussian import Gaussian, theta
from drc.proof import Proof
from drc.theory.gaussian.scalar import correlation
from drc.theory.gaussian.scalar.correlation import distortion, information
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, C, B, c, rho_C = sp.symbols("D R C B c rho_C", real=True)

STATEMENT = (
    "Least rate of a Gaussian source for squared error $D$ and classification bound $C$, asymptotically, with"
    " unlimited common randomness, when the classifier sees $Y$."
)

rho_D = sp.Symbol("rho_D", real=True)


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = correlation.reduce(unit)
    _least_correlation(proof, unit)
    rate = information(unit)
    rows = (
        row(
            "distortion-limited",
            And(Ge(rho_D, rho_C), Gt(rho_D, 0), Le(rho_D, 1)),
            rate.subs({c: rho_D}),
            "D = {D} needs correlation {rho_D}, and binds; C alone would need {rho_C}.",
        ),
        row(
            "classification-limited",
            And(Gt(rho_C, rho_D), Le(rho_C, 1)),
            rate.subs(c, rho_C),
            "C = {C} {unit} needs correlation {rho_C}, and binds; D alone would need {rho_D}.",
        ),
        row(
            "zero-rate",
            And(Le(rho_D, 0), Le(rho_C, 0)),
            sp.S.Zero,
            "neither D nor C binds: Y drawn independently of X has D = {B} and h(S|Y) = {h_S} {unit}.",
        ),
        row(
            "infeasible",
            Or(Gt(rho_D, 1), Gt(rho_C, 1)),
            sp.oo,
            ("D = {D} is below {floor}, the squared Wasserstein distance of the two laws.", Gt(rho_D, 1)),
            correlation.OUT_OF_REACH,
        ),
    )
    proof.show_cover(conditions(rows), given=And(Le(0, rho_C), Le(0, rho_D)))
    laws = (convex("D", "C"), symmetric(theta=-theta), *correlation.SYMMETRIES, limit(sp.S.Zero, D=sp.oo, C=sp.oo))
    return Derived(proof, rows, laws, correlation.numbers(unit))


THEOREMS = (
    Theorem(
        id="gaussian.asymptotic.rdc",
        problem=Gaussian(),
        statement=STATEMENT,
        setting=correlation.SETTING,
        source="[nguyen2026], appendix A.3",
        value=R,
        arguments=(D, C),
        derive=derive,
    ),
)


def _least_correlation(proof: Proof, unit: Unit) -> None:
    needed = sp.solve(distortion() - D, c)[0]
    proof.let(
        rho_D,
        Piecewise((0, Ge(D, B)), (needed, True)),
        "the least correlation that reaches the distortion",
        latex=r"\rho_D",
    )
    positive = And(correlation.INTERIOR, Ge(c, 0))
    proof.show(
        Equivalent(Le(distortion(), D), Le(rho_D, c)), r"solve $\mathbb{E} (X - Y)^2 \le D$ for $c$", given=positive
    )
    proof.show(
        Ge(sp.diff(information(unit), c), 0),
        "the rate grows with $c$, so the larger of the two least correlations is optimal",
        given=positive,
    )
    proof.show(
        Equivalent(Gt(rho_D, 1), Lt(D, correlation.WASSERSTEIN)),
        "no correlation reaches less than the squared Wasserstein distance",
    )
