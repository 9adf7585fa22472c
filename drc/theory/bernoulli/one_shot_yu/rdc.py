"""Bernoulli source, Hamming distortion, one shot, common randomness; the classifier sees (Y, U): `R(D, C)`.

Theorem ([nguyen2026], appendix A.2, with its whole feasible set).  With `tau(D)` the least weight of the identity that
reaches the distortion, and `kappa(C)` the least weight of a bijection that the classification needs, the least rate is

    H_b(q_X) tau        distortion-limited:       tau >= kappa, tau > 0
    H_b(q_X) kappa      classification-limited:   kappa > tau
    0                   zero-rate:                kappa = tau = 0
    +oo                 infeasible:               D < D_min(C) or kappa > t_max

where `D_min(C)` is the least distortion at any rate, from the theorem on `D(R, C)`.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt, Max, Or, Piecewise

from drc.problems.bernoulli import Bernoulli, q_X
from drc.proof import Proof
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.bernoulli.one_shot_yu.drc import least_distortion
from drc.theory.bernoulli.one_shot_yu.maps import FINITE, INTERIOR, distortion
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, D_ind, flip, kappa = sp.symbols("D R C D_ind flip kappa", real=True)
m, same, t, t_max, t_star = sp.symbols("m same t t_max t_star", real=True)

STATEMENT = (
    "Least rate of a Bernoulli source for Hamming distortion $D$ and classification bound $C$, one shot, with common"
    " randomness, when the classifier sees $(Y, U)$."
)

tau, D_min = sp.symbols("tau D_min", real=True)


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = maps.reduce(unit)
    H_X = maps.entropy_in(unit)(q_X)
    feasible_set(proof, least_distortion(proof), "D(R, C)")
    weight = _least_weight(proof)
    feasible = And(Le(kappa, t_max), Ge(D, D_min))
    rows = (
        row(
            "distortion-limited",
            And(feasible, Ge(tau, kappa), Gt(tau, 0)),
            H_X * weight["distortion-limited"],
            "D = {D} needs identity weight t >= {tau}, and binds; C alone would need t >= {kappa}.",
        ),
        row(
            "classification-limited",
            And(feasible, Gt(kappa, tau)),
            H_X * weight["classification-limited"],
            "C = {C} {unit} needs weight t >= {kappa}, and binds; D alone would need t >= {tau}.",
        ),
        row(
            "zero-rate",
            And(feasible, Le(kappa, 0), Le(tau, 0)),
            H_X * weight["zero-rate"],
            "neither D nor C binds: Y drawn independently of X has D = {D_ind} and H(S|Y) = {H_S} {unit}.",
        ),
        row(
            "infeasible",
            Or(Gt(kappa, t_max), Lt(D, D_min)),
            sp.oo,
            maps.below_noise(unit),
            (
                "C = {C} {unit} needs identity-or-negation weight t >= {kappa}; the target law allows t <= {t_max}.",
                maps.beyond_laws(unit),
            ),
            ("D = {D} is below the cost {floor} of optimal transport, which no rate undercuts.", Lt(D, maps.TRANSPORT)),
            (
                "D = {D} is below {D_min}, the least distortion for C = {C} {unit}. The rate that reaches that distortion is"
                " {least_rate} {unit}.",
                And(Ge(D, maps.TRANSPORT), Le(kappa, t_max), Lt(D, D_min)),
            ),
        ),
    )
    proof.show_cover(conditions(rows), given=And(Le(0, kappa), Le(0, tau)), where_defined=Lt(0, m))
    return Derived(proof, rows, (convex("D", "C"), *maps.LAWS_OF_R), maps.numbers(unit) | {"floor": maps.TRANSPORT})


THEOREMS = (
    Theorem(
        id="bernoulli.one-shot.YU.rdc",
        problem=Bernoulli(),
        statement=STATEMENT,
        setting=maps.SETTING,
        source="[nguyen2026], appendix A.2, with its whole feasible set",
        value=R,
        arguments=(D, C),
        derive=derive,
    ),
)


def feasible_set(proof: Proof, value: dict[str, sp.Expr], inverse: str) -> None:
    """Define the least distortion at any rate, from the values of the inverse trade-off."""
    proof.let(
        D_min,
        Piecewise((value["transport-limited"], Le(kappa, t_star)), (value["classification-limited"], True)),
        rf"the least distortion at any rate: the trade-off ${inverse}$ at $\rho = 1$",
        latex=r"D_{\min}",
    )
    proof.show(
        Eq(D_min, Max(value["transport-limited"], value["classification-limited"])),
        "the larger of the two bounds that hold at any rate",
        given=And(INTERIOR, Le(kappa, t_max)),
    )


def _least_weight(proof: Proof) -> dict[str, sp.Expr]:
    """Minimise the weight `t`, to which the rate is proportional; return it by regime."""
    proof.let(
        tau,
        # A constant source has one distortion, which rounding must not make a quotient of zeros.
        Piecewise((0, Ge(D, D_ind)), ((D_ind - D) / (2 * q_X * (1 - q_X)), Gt(m, 0)), (0, True)),
        "the least weight of the identity that reaches the distortion",
    )
    rows = {"distortion": Le(distortion(), D), "classification": Ge(same + flip, kappa)}
    weight = {}
    for vertex in maps.program(same + flip, **rows).dual_vertices:
        limited_by = next((name for name in rows if name in vertex.binding), None)
        name = f"{limited_by}-limited" if limited_by else "zero-rate"
        weight[name] = tau if limited_by == "distortion" else vertex.value
        maps.bound(proof, t, vertex, name)
        if weight[name] != vertex.value:
            letters = "the same bound, in the paper's letters, or nothing"
            proof.show(Eq(weight[name], Max(0, vertex.value)), letters, given=FINITE)
    _plans(proof)
    return weight


def _plans(proof: Proof) -> None:
    """The bound max(kappa, tau) is attained: by identity and constants up to `t_star`, with the negation beyond."""
    weight = Max(kappa, tau)
    feasible = And(INTERIOR, Le(kappa, t_max), Ge(D, D_min))
    without_negation = [law.subs({same: weight, flip: 0}) for law in maps.target_law().values()]
    (constants,) = sp.solve(without_negation, [maps.zero, maps.one], dict=True)
    proof.show(
        And(Le(weight, t_star), *(Ge(x, 0) for x in constants.values()), Le(D_ind - 2 * m * (1 - m) * weight, D)),
        r"for $\kappa \le t^\star$ the plan of *zero, one, same* with $t = \max(\kappa, \tau)$ exists, and reaches $D$",
        given=And(feasible, Le(kappa, t_star)),
    )
    proof.show(
        Le(tau, kappa),
        r"for $\kappa > t^\star$ the plan of least distortion has weight $t = \kappa$, and its $D_{\min}$ is what is"
        " asked",
        given=And(feasible, Gt(kappa, t_star)),
    )
