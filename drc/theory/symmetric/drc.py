"""Uniform source on `M` letters, symmetric label, Hamming distortion, one shot, the classifier sees (Y, U): `D(R, C)`.

Theorem (derived here; for two letters it is [nguyen2026], Theorem 2, at `q_X = q_Y = 1/2`).  Let `X` be uniform on `M`
letters, `S = X` with probability `1 - q_S1` and else uniform on the other letters, and `Y` uniform, too, or within `P` of
uniform in any measure of perception.  With `kappa` the least weight of the identity that the classification needs,

    (1 - 1/M) (1 - R/log M)    rate-limited:    kappa <= R/log M < 1
    0                          lossless:        R >= log M, kappa <= 1
    +oo                        infeasible:      kappa > min(1, R/log M)

The lower envelope over the partitions of the letters is the chord between the finest and the coarsest one: the best code
sends the letter itself with probability `t = min(1, R/log M)`, and nothing otherwise.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt

from drc.problems.symmetric import M
from drc.theory.symmetric import maps
from drc.theory.symmetric.maps import D, R, kappa, rho
from drc.theory.theorem import Derived, conditions, row
from drc.tradeoff.law import convex, limit
from drc.units import Unit


def derive(unit: Unit, *, perceived: bool = False) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = maps.reduce(unit, perceived=perceived)
    H_X = unit.log(M)
    free = maps.FREE if perceived else ""
    rows = (
        row(
            "rate-limited",
            And(Le(kappa, rho), Lt(R, H_X)),
            maps.GUESS * (1 - R / H_X),
            "R = {R} {unit} allows identity weight t <= {rho}, and binds; more rate lowers D, down to 0 at R = {H_X} {unit}."
            + free,
        ),
        row(
            "lossless",
            And(Le(kappa, rho), Ge(R, H_X)),
            sp.S.Zero,
            "neither R nor C binds: {H_X} {unit} are enough for the letter itself." + free,
        ),
        row("infeasible", Gt(kappa, rho), sp.oo, maps.BELOW_NOISE, maps.NEEDS_RATE),
    )
    proof.show_cover(conditions(rows), given=And(Le(0, kappa), Le(0, rho), Le(rho, 1)))
    laws = (convex("R", "C"), limit(maps.GUESS, R=sp.S.Zero, C=sp.oo), limit(sp.S.Zero, R=sp.oo, C=sp.oo))
    return Derived(proof, rows, laws, maps.numbers(unit))


_LEAST = "Hamming distortion of a uniform source on $M$ letters for rate"
_SOURCE = "derived here; for two letters [nguyen2026], Theorem 2"

THEOREMS = tuple(maps.theorem(name, _LEAST, R, D, _SOURCE, derive) for name in ("drc", "drpc"))
