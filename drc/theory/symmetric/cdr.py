"""Uniform source on `M` letters, symmetric label, Hamming distortion, one shot, the classifier sees (Y, U): `C(R, D)`.

Theorem (derived here).  With `tau(D)` the least weight of the identity that reaches the distortion, and `rho(R)` the largest
that the rate allows, the least `H(S|Y,U)` is

    log M - I(S;X) R/log M    rate-limited:    tau <= R/log M < 1
    H(S|X)                    lossless:        R >= log M
    +oo                       infeasible:      tau > rho

for a uniform `Y`: the more of the letter is sent, the more is known of the label, so that the rate is used up.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt

from drc.problems.symmetric import M, MarySymmetric
from drc.theory.symmetric import maps
from drc.theory.symmetric.maps import I_SX, C, D, R, rho, t
from drc.theory.symmetric.rdc import least_weight, tau
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex, limit
from drc.units import Unit


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = maps.reduce(unit, perceived=False)
    least_weight(proof)
    H_X, H_noise = unit.log(M), maps.noise_entropy(unit)
    proof.show(
        Le(H_X - I_SX * rho, H_X - I_SX * t), "the largest weight that the rate allows leaves least", given=Le(t, rho)
    )
    proof.show(Eq(H_X - I_SX, H_noise), "what the letter itself leaves is the entropy of the label's noise")
    rows = (
        row(
            "rate-limited",
            And(Le(tau, rho), Lt(R, H_X)),
            H_X - I_SX * R / H_X,
            "R = {R} {unit} allows identity weight t <= {rho}, and binds; D alone would need t >= {tau}.",
        ),
        row(
            "lossless",
            And(Le(tau, rho), Ge(R, H_X)),
            H_noise,
            "neither R nor D binds: {H_X} {unit} are enough for the letter itself, which leaves the entropy {H_noise} {unit}"
            " of the label's noise.",
        ),
        row(
            "infeasible",
            Gt(tau, rho),
            sp.oo,
            "D = {D} needs identity weight t >= {tau}; R = {R} {unit} allows t <= {rho}.\nThe least rate for this D is"
            " {rate_of_D} {unit}; the least D at this rate is {lowest_D}.",
        ),
    )
    proof.show_cover(conditions(rows), given=And(Le(0, tau), Le(tau, 1), Le(0, rho), Le(rho, 1)))
    laws = (
        convex("R", "D"),
        limit(H_X, R=sp.S.Zero, D=sp.oo),
        limit(H_noise, R=sp.oo, D=sp.oo),
    )
    own = {"rate_of_D": H_X * tau, "lowest_D": maps.GUESS * (1 - rho)}
    return Derived(proof, rows, laws, maps.numbers(unit) | own)


THEOREMS = (
    Theorem(
        id="mary.one-shot.YU.cdr",
        problem=MarySymmetric(),
        statement="Least $H(S \\mid Y, U)$ of a symmetric label of a uniform source on $M$ letters for rate $R$ and Hamming"
        " distortion $D$, one shot, with common randomness, when the classifier sees $(Y, U)$.",
        setting=maps.SETTING,
        source="derived here",
        value=C,
        arguments=(R, D),
        derive=derive,
    ),
)
