"""Bernoulli source, Hamming distortion, perception, one shot, common randomness; the classifier sees (Y, U): `D(R, P, C)`.

Theorem ([nguyen2026], Theorem 2, with perception instead of the target law; derived here).  Let `X ~ Bern(q_X)`,
`S = X xor S_1`, `S_1 ~ Bern(q_S1)`, and let the law of `Y` be free within `P` of `Bern(q_ref)`, in total variation,
`W_2^2` or `KL(p_Y || p_ref)`: in an interval `[q_min, q_max]`, after the flip `[r_min, r_max]`, that makes a one the
rarer letter of the source; `m` is its mass.  In the weight `t` of the maps that carry information, the rate allows
`t <= rho(R)`, the classification needs `t >= kappa(C)`, the laws let `t` grow to `t_max`, and from `t_P = r_min/m` on
perception costs nothing.  With `D_ind = m + r_min - 2 m r_min` the least distortion is

    m (1 - rho)                            rate-limited:                 kappa <= rho,  t_P <= rho < t_star
    D_ind - 2 q_X (1 - q_X) rho            rate-and-perception-limited:  kappa <= rho < min(t_P, t_star)
    max(0, q_min - q_X, q_X - q_max)       transport-limited:            kappa <= t_star <= rho
    D_ind - 2 q_X (1 - q_X) (2 (1 - r_min) - kappa)/(1 - 2 m)
                                           classification-limited:       t_star < kappa <= min(rho, t_max)
    +oo                                    infeasible:                   kappa > min(rho, t_max)

None of these lines is typed in below: they are what the linear program gives.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Max, Min, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof, Vertex
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.bernoulli.one_shot_yu.free_law import SETTING, SLACKS, SYMMETRIES, program, reduce
from drc.theory.bernoulli.one_shot_yu.maps import INTERIOR, distortion, in_use
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import Law, convex, limit
from drc.units import Unit

D, R, P, C, flip = sp.symbols("D R P C flip", real=True)
kappa, m, q_max, q_min, r, r_max, r_min = sp.symbols("kappa m q_max q_min r r_max r_min", real=True)
rho, same, t, t_P, t_max, t_star = sp.symbols("rho same t t_P t_max t_star", real=True)

SOURCE = "[nguyen2026], Theorem 2, with perception instead of the target law; derived here"

#: Why no law of `Y` within `P` lets a plan meet `C`.
BEYOND_LAWS = (
    "C = {C} {unit} needs identity-or-negation weight t >= {kappa}; the laws within P = {P} allow t <= {t_max}.\nThe least C"
    " for this P is {least_C} {unit}, at any rate."
)


def transport(perception: str) -> sp.Expr:
    """The cost of optimal transport from the source to the nearest law allowed."""
    return Max(0, q_min - q_X, q_X - q_max) if perception == "KL" else Max(0, Abs(q_X - q_ref) - P)


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least Hamming distortion of a Bernoulli source for rate $R$, perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$ and classification bound $C$, one shot, with common"
        " randomness, when the classifier sees $(Y, U)$."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = reduce(perception, unit)
    value = least_distortion(proof, perception)
    floor = transport(perception)
    rows = (
        row(
            "rate-limited",
            And(Le(kappa, rho), Le(t_P, rho), Lt(rho, t_star)),
            value["rate-limited"],
            "R = {R} {unit} allows identity weight t <= {rho}, and binds; P = {P} costs nothing, because it lets P(Y = 1) be"
            " from {q_min} to {q_max}. More rate lowers D, down to {floor} at R = {enough} {unit}.",
        ),
        row(
            "rate-and-perception-limited",
            And(Le(kappa, rho), Lt(rho, t_P), Lt(rho, t_star)),
            value["rate-and-perception-limited"],
            "R = {R} {unit} allows identity weight t <= {rho}, and P = {P} lets P(Y = 1) be from {q_min} to {q_max}; both"
            " bind. Without P the distortion would be {free}; without R it would be {floor}, from R = {enough} {unit} on.",
        ),
        row(
            "transport-limited",
            And(Le(kappa, t_star), Le(t_star, rho)),
            value["transport-limited"],
            (
                "P = {P} lets P(Y = 1) be from {q_min} to {q_max}, and binds; D = {floor} is the cost of optimal transport"
                " to the nearest law allowed, reached from R = {enough} {unit} on.",
                Gt(floor, 0),
            ),
            (
                "no constraint binds: P = {P} allows the law of the source, and R = {R} {unit} its entropy {H_X} {unit}.",
                Le(floor, 0),
            ),
        ),
        row(
            "classification-limited",
            And(Lt(t_star, kappa), Le(kappa, rho), Le(kappa, t_max)),
            value["classification-limited"],
            "C = {C} {unit} needs identity-or-negation weight t >= {kappa}, and beyond t = {t_star} the laws within P = {P}"
            " need the negation map, which errs always. Without C the distortion would be {floor}.",
        ),
        row(
            "infeasible",
            Or(Gt(kappa, rho), Gt(kappa, t_max)),
            sp.oo,
            maps.below_noise(unit),
            maps.NEEDS_RATE,
            (BEYOND_LAWS, maps.beyond_laws(unit)),
        ),
    )
    _attained(proof)
    _specialisations(proof, value)
    proof.show_cover(conditions(rows), given=And(Le(0, kappa), Le(0, rho), Le(0, t_star), Le(t_star, t_max)))
    return Derived(proof, rows, _laws(proof, perception), maps.numbers(unit) | {"floor": floor, "free": m * (1 - rho)})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.one-shot.YU.drpc.{perception}",
        problem=PerceivedBernoulli(perception=perception),
        statement=statement(perception),
        setting=SETTING,
        source=SOURCE,
        value=D,
        arguments=(R, P, C),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def _laws(proof: Proof, perception: str) -> tuple[Law, ...]:
    given = dict(proof.definitions)
    weight = given[rho]
    at_the_reference = q_X + q_ref - 2 * q_X * q_ref - 2 * q_X * (1 - q_X) * weight
    return (
        convex("R", "P", "C"),
        *SYMMETRIES,
        limit(Max(q_X - q_ref, q_ref - q_X, at_the_reference), P=sp.S.Zero, C=sp.oo),
        limit(Min(q_X, 1 - q_X) * (1 - weight), P=sp.oo, C=sp.oo),
        limit(transport(perception).subs({q_min: given[q_min], q_max: given[q_max]}), R=sp.oo, C=sp.oo),
    )


def least_distortion(proof: Proof, perception: str) -> dict[str, sp.Expr]:
    """Solve the program for all `kappa <= rho` at once: the value of each regime, in the paper's letters."""
    optimum = vertices()
    maps.bounds(proof, optimum, SLACKS)
    proof.show(Eq(transport(perception), _cost_of_transport()), "the largest of the three bounds")
    (free,) = optimum["rate-limited"]
    value = {"transport-limited": transport(perception), "rate-limited": m * (1 - rho)}
    proof.show(Eq(value["rate-limited"], free.value), "the same bound, factored")
    for name in ("rate-and-perception-limited", "classification-limited"):
        value[name] = maps.in_letters(proof, *optimum[name])
    _thresholds(proof, optimum)
    return value


@cache
def vertices() -> dict[str, list[Vertex]]:
    """Return the dual vertices of the program, by the constraints that have a price."""
    rows = {"rate": Le(same + flip, rho), "classification": Ge(same + flip, kappa)}
    optimum: dict[str, list[Vertex]] = {}
    for vertex in program(distortion(), **rows).dual_vertices:
        name = "transport-limited"
        if "classification" in vertex.binding:
            name = "classification-limited"
        elif "rate" in vertex.binding:
            name = "rate-and-perception-limited" if "least law" in vertex.binding else "rate-limited"
        optimum.setdefault(name, []).append(vertex)
    return optimum


def _cost_of_transport() -> sp.Expr:
    return Max(*(vertex.value for vertex in vertices()["transport-limited"]))


def _thresholds(proof: Proof, optimum: dict[str, list[Vertex]]) -> None:
    """Where the rate-limited bounds meet each other and the transport bounds, and the classification-limited one joins."""
    (free,), (bound,) = optimum["rate-limited"], optimum["rate-and-perception-limited"]
    (by_label,) = optimum["classification-limited"]
    few, many, none = r_max / m, (1 - r_min) / (1 - m), sp.S.One
    proof.let(
        t_star,
        Piecewise((few, Lt(r_max, m)), (many, Gt(r_min, m)), (none, True)),
        "where the mix of identity and constants first meets the cost of optimal transport",
        latex=r"t^\star",
    )
    proof.show(
        And(
            Eq(free.value.subs(rho, few), m - r_max),
            Eq(bound.value.subs(rho, many), r_min - m),
            Eq(free.value.subs(rho, none), 0),
            Eq(t_star, Min(few, many, none)),
        ),
        "the bounds of the rate meet those of transport at these weights, and the least of them comes first",
        given=INTERIOR,
    )
    proof.show(
        And(Eq(bound.value.subs(rho, r_min / m), free.value.subs(rho, r_min / m)), Ge(free.value, bound.value)),
        "the two bounds of the rate meet at $t_P$; from there on the one without perception is the larger",
        given=And(INTERIOR, Le(t_P, rho)),
    )
    proof.show(Le(t_star, t_max), "it is the weight of a plan")
    proof.show(
        Eq(by_label.value.subs(kappa, many), r_min - m),
        r"at $\kappa = t^\star$ the classification-limited bound is the transport cost: the regimes agree on their"
        " border",
        given=INTERIOR,
    )


def _attained(proof: Proof) -> None:
    """Each bound is the distortion of a plan: of weight `t = rho`, `t_star` or `kappa`, so that rate and label fit."""
    weight = {
        "rate-limited": And(Le(t_P, t), Lt(t, t_star)),
        "rate-and-perception-limited": And(Lt(t, t_P), Lt(t, t_star)),
        "classification-limited": And(Lt(t_star, t), Le(t, t_max)),
    }
    of_constraint = ("slack_rate", "slack_classification")
    for name, found in vertices().items():
        for vertex in found:
            plan = {w: x.subs({rho: t, kappa: t}) for w, x in vertex.weights.items() if str(w) not in of_constraint}
            exists: list[Boolean] = [Ge(x, 0) for x in plan.values()]
            if name == "transport-limited":
                exists.append(Eq(plan[same], t_star, evaluate=False))
                given = Eq(vertex.value, _cost_of_transport(), evaluate=False)
                which = r"weight $t^\star$"
            else:
                given, which = weight[name], rf"weight $t = \{'kappa' if name.startswith('class') else 'rho'}$"
            proof.show(
                And(*exists),
                f"{name}: the plan of {in_use(vertex)} with {which} exists, has a law that is allowed, and attains the"
                " bound",
                given=And(INTERIOR, given),
            )
    for name in ("rate-and-perception-limited", "classification-limited"):
        (vertex,) = vertices()[name]
        proof.show(
            And(Eq(distortion(), r), Eq(vertex.value, r_min)),
            rf"{name}: at $m = 0$ nothing can be said of $X$; the distortion of every plan is $r$, and the formula is the"
            r" least of these, $r_{\min}$",
            given=And(Eq(m, 0), Le(kappa, 1)),
        )
    proof.show(
        And(Eq(t_max, t_star), Eq(t_P, 0)),
        r"at $m = \frac{1}{2}$ the negation is never of use, a one errs at most as much as a zero, and the other plans"
        " have no pole",
        given=Eq(m, maps.half, evaluate=False),
    )


def _specialisations(proof: Proof, value: dict[str, sp.Expr]) -> None:
    at_reference = And(Eq(q_min, q_ref), Eq(q_max, q_ref))
    proof.show(
        at_reference,
        "at $P = 0$ the reference is the one law allowed: the theorem without perception, for it as the target law",
        given=Eq(P, 0),
    )
    proof.show(
        And(
            Eq(value["rate-and-perception-limited"], q_X + q_ref - 2 * q_X * q_ref - 2 * q_X * (1 - q_X) * rho),
            Eq(value["transport-limited"], Abs(q_X - q_ref)),
        ),
        "so there the distortions are those of that theorem",
        given=Eq(P, 0),
    )
