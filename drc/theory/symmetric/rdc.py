"""Uniform source on `M` letters, symmetric label, Hamming distortion, one shot, the classifier sees (Y, U): `R(D, C)`.

Theorem (derived here; for two letters it is [nguyen2026], appendix A.2, at `q_X = q_Y = 1/2`).  With `tau(D)` the least
weight of the identity that reaches the distortion, and `kappa(C)` the least that the classification needs, the least rate is

    tau log M      distortion-limited:       tau >= kappa, tau > 0
    kappa log M    classification-limited:   kappa > tau
    0              zero-rate:                kappa = tau = 0
    +oo            infeasible:               kappa > 1

for a uniform `Y`, or one within `P` of uniform in any measure of perception.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Equivalent, Ge, Gt, Le, Max

from drc.problems.symmetric import M
from drc.proof import Proof
from drc.theory.symmetric import maps
from drc.theory.symmetric.maps import D, R, kappa, t
from drc.theory.theorem import Derived, conditions, row
from drc.tradeoff.law import convex, limit
from drc.units import Unit

tau = sp.Symbol("tau", real=True)


def derive(unit: Unit, *, perceived: bool = False) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = maps.reduce(unit, perceived=perceived)
    least_weight(proof)
    H_X = unit.log(M)
    free = maps.FREE if perceived else ""
    rows = (
        row(
            "distortion-limited",
            And(Ge(tau, kappa), Gt(tau, 0)),
            tau * H_X,
            "D = {D} needs identity weight t >= {tau}, and binds; C alone would need t >= {kappa}." + free,
        ),
        row(
            "classification-limited",
            And(Gt(kappa, tau), Le(kappa, 1)),
            kappa * H_X,
            "C = {C} {unit} needs identity weight t >= {kappa}, and binds; D alone would need t >= {tau}." + free,
        ),
        row(
            "zero-rate",
            And(Le(kappa, 0), Le(tau, 0)),
            sp.S.Zero,
            "neither D nor C binds: a uniform guess has D = {guess} and H(S|Y) = {H_X} {unit}." + free,
        ),
        row("infeasible", Gt(kappa, 1), sp.oo, maps.BELOW_NOISE),
    )
    proof.show_cover(conditions(rows), given=And(Le(0, kappa), Le(0, tau), Le(tau, 1)))
    laws = (
        convex("D", "C"),
        limit(H_X, D=sp.S.Zero, C=sp.oo),
        limit(sp.S.Zero, D=sp.oo, C=sp.oo),
    )
    return Derived(proof, rows, laws, maps.numbers(unit))


_LEAST = "rate of a uniform source on $M$ letters for Hamming distortion"
_SOURCE = "derived here; for two letters [nguyen2026], appendix A.2"

THEOREMS = tuple(maps.theorem(name, _LEAST, D, R, _SOURCE, derive) for name in ("rdc", "rdpc"))


def least_weight(proof: Proof) -> None:
    """Define the least weight of the identity that reaches a distortion."""
    proof.let(tau, Max(0, 1 - D / maps.GUESS), "the least weight of the identity that reaches the distortion")
    proof.show(Equivalent(Le(maps.GUESS * (1 - t), D), Le(tau, t)), r"solve $P(Y \ne X) \le D$ for $t$")
