"""Bernoulli source, Hamming distortion, one shot, common randomness; the classifier sees (Y, U): `D(R, C)`.

Theorem ([nguyen2026], Theorem 2, with all its regimes).  Let `X ~ Bern(q_X)`, `Y ~ Bern(q_Y)`, `S = X xor S_1`,
`S_1 ~ Bern(q_S1)`.  In the weight `t` of the maps that carry information, the rate allows `t <= rho(R)`, the
classification needs `t >= kappa(C)`, and the target law lets `t` grow to `t_max`.  The least distortion is

    D_ind - 2 q_X (1 - q_X) rho      rate-limited:            kappa <= rho < t_star
    |q_X - q_Y|                      transport-limited:       kappa <= t_star <= rho
    D_ind - 2 q_X (1 - q_X) (2 (1 - r) - kappa)/(1 - 2 m)     classification-limited: t_star < kappa <= min(rho, t_max)
    +oo                              infeasible:              kappa > min(rho, t_max)

None of these lines is typed in below: they are what the linear program gives.
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Max, Min, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.bernoulli import Bernoulli
from drc.proof import Proof, Vertex
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.bernoulli.one_shot_yu.maps import INTERIOR, distortion, in_use
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, flip, kappa, m = sp.symbols("D R C flip kappa m", real=True)
r, rho, same, t_max, t_star = sp.symbols("r rho same t_max t_star", real=True)

STATEMENT = (
    "Least Hamming distortion of a Bernoulli source for rate $R$ and classification bound $C$, one shot, with common"
    " randomness, when the classifier sees $(Y, U)$."
)


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = maps.reduce(unit)
    value = least_distortion(proof)
    rows = (
        row(
            "rate-limited",
            And(Le(kappa, rho), Lt(rho, t_star)),
            value["rate-limited"],
            "R = {R} {unit} allows identity weight t <= {rho}, and binds; more rate lowers D, down to {floor} at"
            " R = {enough} {unit}.",
        ),
        row(
            "transport-limited",
            And(Le(kappa, t_star), Le(t_star, rho)),
            value["transport-limited"],
            "neither R nor C binds; D = {floor} is the cost of optimal transport, reached from R = {enough} {unit} on.",
        ),
        row(
            "classification-limited",
            And(Lt(t_star, kappa), Le(kappa, rho), Le(kappa, t_max)),
            value["classification-limited"],
            "C = {C} {unit} needs identity-or-negation weight t >= {kappa}, and beyond t = {t_star} the target law needs the"
            " negation map, which errs always. Without C the distortion would be {floor}.",
        ),
        row(
            "infeasible",
            Or(Gt(kappa, rho), Gt(kappa, t_max)),
            sp.oo,
            maps.below_noise(unit),
            maps.NEEDS_RATE,
            (
                "C = {C} {unit} needs identity-or-negation weight t >= {kappa}; the target law allows t <= {t_max}.\nThe"
                " least C for this target law is {least_C} {unit}, at any rate.",
                maps.beyond_laws(unit),
            ),
        ),
    )
    _attained(proof, conditions(rows))
    proof.show_cover(conditions(rows), given=And(Le(0, kappa), Le(0, rho), Le(0, t_star), Le(t_star, t_max)))
    return Derived(proof, rows, (convex("R", "C"), *maps.LAWS_OF_D), maps.numbers(unit) | {"floor": maps.TRANSPORT})


THEOREMS = (
    Theorem(
        id="bernoulli.one-shot.YU.drc",
        problem=Bernoulli(),
        statement=STATEMENT,
        setting=maps.SETTING,
        source="[nguyen2026], Theorem 2, with all regimes",
        value=D,
        arguments=(R, C),
        derive=derive,
    ),
)


def least_distortion(proof: Proof) -> dict[str, sp.Expr]:
    """Solve the program for all `kappa <= rho` at once: the value of each regime, in the paper's letters."""
    optimum = vertices()
    maps.bounds(proof, optimum)
    proof.show(
        Eq(maps.TRANSPORT, Max(*(v.value for v in optimum["transport-limited"]))), "the larger of the two bounds"
    )
    value = {"transport-limited": maps.TRANSPORT}
    for name in ("rate-limited", "classification-limited"):
        value[name] = maps.in_letters(proof, *optimum[name])
    _threshold(proof, optimum)
    return value


@cache
def vertices() -> dict[str, list[Vertex]]:
    """Return the dual vertices of the program, by the constraint that has a price."""
    rows = {"rate": Le(same + flip, rho), "classification": Ge(same + flip, kappa)}
    optimum: dict[str, list[Vertex]] = {}
    for vertex in maps.program(distortion(), **rows).dual_vertices:
        limited_by = [name for name in rows if name in vertex.binding]
        optimum.setdefault(f"{limited_by[0] if limited_by else 'transport'}-limited", []).append(vertex)
    return optimum


def _threshold(proof: Proof, optimum: dict[str, list[Vertex]]) -> None:
    """Where the rate-limited bound meets the two transport bounds, and the classification-limited one joins."""
    (by_rate,), (by_label,) = optimum["rate-limited"], optimum["classification-limited"]
    tie = {
        v.value: sp.factor(sp.solve(by_rate.value - v.value, rho, simplify=False)[0])
        for v in optimum["transport-limited"]
    }
    proof.let(
        t_star,
        Piecewise((tie[m - r], Lt(r, m)), (tie[r - m], True)),
        "where the mix of identity and constants first meets the cost of optimal transport",
        latex=r"t^\star",
    )
    proof.show(Eq(t_star, Min(*tie.values())), "the smaller of the two", given=INTERIOR)
    proof.show(Le(t_star, t_max), "it is the weight of a plan")
    proof.show(
        Eq(by_label.value.subs(kappa, tie[r - m]), r - m),
        r"at $\kappa = t^\star$ the classification-limited bound is the transport cost: the regimes agree on their"
        " border",
        given=INTERIOR,
    )


def _attained(proof: Proof, condition: dict[str, Boolean]) -> None:
    for name, found in vertices().items():
        for vertex in found:
            which = sp.true
            if name == "transport-limited":
                which = Eq(vertex.value, Abs(m - r), evaluate=False)
            weights = {w: x for w, x in vertex.weights.items() if w in maps.MAPS}
            proof.show(
                And(*(Ge(x, 0) for x in weights.values())),
                f"{name}: the plan of {in_use(vertex)} exists, and attains the bound",
                given=And(INTERIOR, condition[name], which),
            )
    for name, value in ((n, v.value) for n, found in vertices().items() for v in found if n != "transport-limited"):
        proof.show(
            And(Eq(distortion(), r), Eq(value, r)),
            f"{name}: at $m = 0$ nothing can be said of $X$; the distortion of every plan is $r$, and so is the formula",
            given=And(Eq(m, 0), Le(kappa, 1)),
        )
    proof.show(
        Eq(t_max, t_star),
        r"at $m = \frac{1}{2}$ the negation is never of use, and the other plans have no pole",
        given=Eq(m, maps.half, evaluate=False),
    )
