"""Bernoulli source, Hamming distortion, perception, one shot, common randomness; the classifier sees (Y, U): `R(D, P, C)`.

Theorem ([nguyen2026], appendix A.2, with perception instead of the target law; derived here).  The law of `Y` is free
within `P` of `Bern(q_ref)`, in an interval `[r_min, r_max]` after the flip that makes a one the rarer letter of the source.
With `tau(D)` the least weight of the identity that reaches the distortion, and `kappa(C)` the least weight of a bijection
that the classification needs, the least rate is

    H_b(q_X) (1 - D/m)                                 distortion-limited:                  tau >= max(kappa, t_P), tau > 0
    H_b(q_X) (D_ind - D)/(2 q_X (1 - q_X))             distortion-and-perception-limited:   kappa <= tau < t_P, tau > 0
    H_b(q_X) kappa                                     classification-limited:              kappa > tau
    0                                                  zero-rate:                           kappa = tau = 0
    +oo                                                infeasible:                          D < D_min(C) or kappa > t_max

where `tau` is the larger of the first two over `H_b(q_X)`, or 0, from `t_P` on perception costs nothing, and `D_min(C)` is
the least distortion at any rate, from the theorem on `D(R, P, C)`.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.bernoulli import PerceivedBernoulli, q_X
from drc.problems.perception import MEASURES
from drc.proof import LinearProgram, Proof, Vertex
from drc.theory.bernoulli.one_shot_yu import drpc
from drc.theory.bernoulli.one_shot_yu.drpc import BEYOND_LAWS, least_distortion, transport
from drc.theory.bernoulli.one_shot_yu.free_law import SETTING, SLACKS, SYMMETRIES, program, reduce
from drc.theory.bernoulli.one_shot_yu.maps import (
    FINITE,
    INTERIOR,
    below_noise,
    beyond_laws,
    bound,
    distortion,
    entropy_in,
    numbers,
)
from drc.theory.bernoulli.one_shot_yu.rdc import feasible_set
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import Law, convex, limit
from drc.units import Unit

D, R, P, C, D_ind, D_min = sp.symbols("D R P C D_ind D_min", real=True)
flip, kappa, m, r_max, r_min, rho = sp.symbols("flip kappa m r_max r_min rho", real=True)
same, t, t_P, t_max, t_star, tau = sp.symbols("same t t_P t_max t_star tau", real=True)

SOURCE = "[nguyen2026], appendix A.2, with perception instead of the target law; derived here"


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least rate of a Bernoulli source for Hamming distortion $D$, perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$ and classification bound $C$, one shot, with common"
        " randomness, when the classifier sees $(Y, U)$."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = reduce(perception, unit)
    H_X = entropy_in(unit)(q_X)
    feasible_set(proof, least_distortion(proof, perception), "D(R, P, C)")
    weight = _least_weight(proof)
    feasible = And(Le(kappa, t_max), Ge(D, D_min))
    binds = And(feasible, Ge(tau, kappa), Gt(tau, 0))
    floor = transport(perception)
    rows = (
        row(
            "distortion-limited",
            And(binds, Le(t_P, tau)),
            H_X * weight["distortion-limited"],
            "D = {D} needs identity weight t >= {tau}, and binds; P = {P} costs nothing, because it lets P(Y = 1) be from"
            " {q_min} to {q_max}. C alone would need t >= {kappa}.",
        ),
        row(
            "distortion-and-perception-limited",
            And(binds, Lt(tau, t_P)),
            H_X * weight["distortion-and-perception-limited"],
            "D = {D} needs identity weight t >= {tau} where P = {P} lets P(Y = 1) be from {q_min} to {q_max}; both bind."
            " Without P the weight would be {free}; C alone would need t >= {kappa}.",
        ),
        row(
            "classification-limited",
            And(feasible, Gt(kappa, tau)),
            H_X * weight["classification-limited"],
            "C = {C} {unit} needs weight t >= {kappa}, and binds; D and P alone would need t >= {tau}.",
        ),
        row(
            "zero-rate",
            And(feasible, Le(kappa, 0), Le(tau, 0)),
            H_X * weight["zero-rate"],
            "no bound requires any rate: the best Y within P = {P} that is independent of X has D = {D_ind}, and"
            " H(S|Y) = {H_S} {unit}.",
        ),
        row(
            "infeasible",
            Or(Gt(kappa, t_max), Lt(D, D_min)),
            sp.oo,
            below_noise(unit),
            (BEYOND_LAWS, beyond_laws(unit)),
            (
                "D = {D} is below the cost {floor} of optimal transport to the nearest law within P = {P}, which no rate"
                " undercuts.",
                Lt(D, floor),
            ),
            (
                "D = {D} is below {D_min}, the least distortion for C = {C} {unit} and P = {P}. The rate that reaches that"
                " distortion is {least_rate} {unit}.",
                And(Ge(D, floor), Le(kappa, t_max), Lt(D, D_min)),
            ),
        ),
    )
    _single_domain(proof, weight, perception)
    _cover(proof, conditions(rows), binds)
    return Derived(proof, rows, _laws(H_X), numbers(unit) | {"floor": floor, "free": Max(0, 1 - D / m)})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.one-shot.YU.rdpc.{perception}",
        problem=PerceivedBernoulli(perception=perception),
        statement=statement(perception),
        setting=SETTING,
        source=SOURCE,
        value=R,
        arguments=(D, P, C),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def _laws(H_X: sp.Expr) -> tuple[Law, ...]:
    rarer = sp.Min(q_X, 1 - q_X)
    without_perception = Piecewise((0, Ge(D, rarer)), (H_X * (1 - D / rarer), True))
    of_any_law = limit(without_perception, P=sp.oo, C=sp.oo)
    return convex("D", "P", "C"), *SYMMETRIES, limit(sp.S.Zero, D=sp.oo, C=sp.oo), of_any_law


def _least_weight(proof: Proof) -> dict[str, sp.Expr]:
    """Minimise the weight `t`, to which the rate is proportional; return it by regime."""
    by_distortion = {
        "distortion-limited": 1 - D / m,
        "distortion-and-perception-limited": (D_ind - D) / (2 * q_X * (1 - q_X)),
    }
    proof.let(
        tau,
        Piecewise((0, Ge(D, D_ind)), (Max(*by_distortion.values()), True)),
        "the least weight of the identity that reaches the distortion",
    )
    weight = by_distortion | {"classification-limited": kappa, "zero-rate": sp.S.Zero}
    found = vertices()
    for name, vertex in found.items():
        bound(proof, t, vertex, name, SLACKS)
        if weight[name] != vertex.value:
            proof.show(Eq(weight[name], vertex.value), "the same bound, in the paper's letters", given=FINITE)
    proof.show(
        Eq(tau, Max(0, *(found[name].value for name in by_distortion))),
        "the larger of the two bounds by $D$, or nothing",
        given=INTERIOR,
    )
    proof.show(
        And(
            sp.Implies(Le(t_P, tau), Eq(tau, by_distortion["distortion-limited"])),
            sp.Implies(Lt(tau, t_P), Eq(tau, by_distortion["distortion-and-perception-limited"])),
        ),
        "from $t_P$ on perception costs nothing",
        given=And(INTERIOR, Gt(tau, 0)),
    )
    _plans(proof)
    return weight


@cache
def vertices() -> dict[str, Vertex]:
    """Return the dual vertices of the program, by the constraints that have a price.

    No price of the largest law is ever positive here, so the program is solved without it; the plans below keep to it.
    """
    full = program(same + flip, distortion=Le(distortion(), D), classification=Ge(same + flip, kappa))
    rows = {name: row for name, row in full.subject_to.items() if name != "largest law"}
    found = {}
    for vertex in LinearProgram(full.variables, full.minimise, rows, full.interval).dual_vertices:
        name = "zero-rate"
        if "classification" in vertex.binding:
            name = "classification-limited"
        elif "distortion" in vertex.binding:
            name = f"distortion{'-and-perception' if 'least law' in vertex.binding else ''}-limited"
        found[name] = vertex
    return found


def _plans(proof: Proof) -> None:
    """The bound max(kappa, tau) is attained: by identity and constants up to `t_star`, with the negation beyond."""
    weight = Max(kappa, tau)
    feasible = And(INTERIOR, Le(kappa, t_max), Ge(D, D_min))
    law = Max(r_min, m * weight)
    constants = law - m * weight
    proof.show(
        And(
            Le(weight, t_star),
            Ge(constants, 0),
            Ge(1 - weight - constants, 0),
            Le(law, r_max),
            Le(m + law - 2 * m * law - 2 * m * (1 - m) * weight, D),
        ),
        r"for $\kappa \le t^\star$ the plan of *zero, one, same* with $t = \max(\kappa, \tau)$, and no more ones"
        " than it must have, exists, and reaches $D$",
        given=And(feasible, Le(kappa, t_star)),
    )
    bounds = drpc.vertices()
    (at_label,) = bounds["classification-limited"]
    by_rate = [v.value for name in ("rate-limited", "rate-and-perception-limited") for v in bounds[name]]
    proof.show(
        And(*(Le(value.subs(rho, t), at_label.value.subs(kappa, t)) for value in by_rate)),
        r"for $\kappa > t^\star$ the plan of least distortion has weight $t = \kappa$; the bounds by the rate lie"
        r" below its $D_{\min}$, so that $\tau \le \kappa$",
        given=And(INTERIOR, Lt(t_star, t), Le(t, t_max)),
    )


def _single_domain(proof: Proof, weight: dict[str, sp.Expr], perception: str) -> None:
    """The source itself as the reference."""
    if perception == "KL":
        return
    least = m - P
    independent = m + least - 2 * m * least
    proof.show(
        And(
            Eq(independent, 2 * m * (1 - m) - (1 - 2 * m) * P),
            Eq(weight["distortion-limited"] - least / m, (P - D) / m),
        ),
        r"with the source as the reference $r_{\min}$ is $m - P$, for $P \le m$: perception costs nothing for $D \le"
        r" P$, and from this $D_{\mathrm{ind}}$ on no rate is needed",
        given=Gt(m, 0),
    )


def _cover(proof: Proof, condition: dict[str, Boolean], binds: Boolean) -> None:
    """What D limits, with or without P, is one regime against the others."""
    parts = [name for name in condition if name.startswith("distortion")]
    merged = {"distortion": binds} | {name: where for name, where in condition.items() if name not in parts}
    proof.show_cover(merged, given=And(Le(0, kappa), Le(0, tau)), where_defined=Lt(0, m))
    proof.show(
        Equivalent(binds, Or(*(condition[name] for name in parts))),
        "where $D$ binds, perception does on one side of $t_P$, and on the other not",
        given=Gt(m, 0),
    )
