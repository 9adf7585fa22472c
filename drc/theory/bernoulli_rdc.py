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

from functools import cache

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Max, Or, Piecewise

from drc.derivation import Proof, Vertex
from drc.problems.bernoulli import Bernoulli, q_S1, q_X, q_Y
from drc.theory.bernoulli_drc import least_distortion
from drc.theory.bernoulli_maps import (
    H_S,
    INTERIOR,
    MAPS,
    SETTING,
    C,
    D,
    D_ind,
    R,
    distortion,
    entropy_in,
    flip,
    kappa,
    m,
    program,
    reduce,
    same,
    t,
    t_max,
    t_star,
)
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import convex, limit, nonincreasing, symmetric
from drc.units import Unit

STATEMENT = (
    "Least rate of a Bernoulli source for Hamming distortion $D$ and classification bound $C$, one shot, with common"
    " randomness, when the classifier sees $(Y, U)$."
)

tau, D_min = sp.symbols("tau D_min", real=True)


def bernoulli_rdc(problem: Bernoulli, unit: Unit) -> Tradeoff:
    """Return `R(D, C)` of a problem: the theorem with its parameters put in."""
    return theorem(unit).specialise(problem)


@cache
def theorem(unit: Unit) -> Tradeoff:
    """Derive the theorem, all parameters symbolic."""
    proof = reduce(unit)
    H_X = entropy_in(unit)(q_X)
    _feasible_set(proof, least_distortion(proof))
    weight = _least_weight(proof)
    feasible = And(Le(kappa, t_max), Ge(D, D_min))
    condition = {
        "distortion-limited": And(feasible, Ge(tau, kappa), Gt(tau, 0)),
        "classification-limited": And(feasible, Gt(kappa, tau)),
        "zero-rate": And(feasible, Le(kappa, 0), Le(tau, 0)),
        "infeasible": Or(Gt(kappa, t_max), Lt(D, D_min)),
    }
    proof.show_cover(condition, given=And(Le(0, kappa), Le(0, tau)), where_defined=Lt(0, m))
    value = {name: H_X * w for name, w in weight.items()}
    reasons = _reasons(unit)
    regimes = tuple(Regime(name, where, value.get(name, sp.oo), reasons[name]) for name, where in condition.items())
    return Tradeoff(
        id="bernoulli.one-shot.YU.rdc",
        statement=STATEMENT,
        source="[nguyen2026], appendix A.2, with its whole feasible set",
        problem=Bernoulli(),
        value=R,
        arguments=(D, C),
        cases=regimes,
        where=proof.definitions_of(regimes),
        unit=unit,
        laws=(
            nonincreasing("D", "C"),
            convex("D", "C"),
            symmetric(q_X=1 - q_X, q_Y=1 - q_Y),
            symmetric(q_S1=1 - q_S1),
            limit(sp.S.Zero, D=sp.oo, C=sp.oo),
        ),
        derivation=proof.qed(STATEMENT, SETTING),
        names=proof.names,
    )


def _feasible_set(proof: Proof, value: dict[str, sp.Expr]) -> None:
    proof.let(
        D_min,
        Piecewise((value["transport-limited"], Le(kappa, t_star)), (value["classification-limited"], True)),
        r"the least distortion at any rate: the trade-off $D(R, C)$ at $\rho = 1$",
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
    for vertex in program(same + flip, **rows).dual_vertices:
        limited_by = next((name for name in rows if name in vertex.binding), None)
        name = f"{limited_by}-limited" if limited_by else "zero-rate"
        weight[name] = tau if limited_by == "distortion" else vertex.value
        _bound(proof, name, vertex, weight[name])
    _plans(proof)
    return weight


def _bound(proof: Proof, name: str, vertex: Vertex, weight: sp.Expr) -> None:
    slack = {"slack_distortion": D - distortion(), "slack_classification": t - kappa}
    gap = sum(cost * slack.get(str(w), w) for w, cost in vertex.reduced.items())
    interior = And(INTERIOR, Le(kappa, 1))
    proof.show(
        And(Eq(t - vertex.value, gap, evaluate=False), *(Ge(cost, 0) for cost in vertex.reduced.values())),
        f"a bound for every plan, because weights and slacks are not negative: {name}",
        given=interior,
    )
    if weight != vertex.value:
        proof.show(
            Eq(weight, Max(0, vertex.value)),
            "the same bound, in the paper's letters, or nothing",
            given=interior,
        )


def _plans(proof: Proof) -> None:
    """The bound max(kappa, tau) is attained: by identity and constants up to `t_star`, with the negation beyond."""
    weight = Max(kappa, tau)
    feasible = And(INTERIOR, Le(kappa, t_max), Ge(D, D_min))
    maps = {w: x.subs(t, weight) for w, x in _without_negation().items()}
    proof.show(
        And(Le(weight, t_star), *(Ge(x, 0) for x in maps.values()), Le(D_ind - 2 * m * (1 - m) * weight, D)),
        r"for $\kappa \le t^\star$ the plan of *zero, one, same* with $t = \max(\kappa, \tau)$ exists, and reaches"
        " $D$",
        given=And(feasible, Le(kappa, t_star)),
    )
    proof.show(
        Le(tau, kappa),
        r"for $\kappa > t^\star$ the plan of least distortion has weight $t = \kappa$, and its $D_{\min}$ is what is"
        " asked",
        given=And(feasible, Gt(kappa, t_star)),
    )


def _without_negation() -> dict[sp.Symbol, sp.Expr]:
    from drc.theory.bernoulli_maps import one, target_law, zero

    solution = sp.solve([law.subs({same: t, flip: 0}) for law in target_law().values()], [zero, one], dict=True)[0]
    return {w: x for w, x in solution.items() if w in MAPS}


def _reasons(unit: Unit) -> dict[str, tuple[Reason, ...]]:
    H_X, H_noise = entropy_in(unit)(q_X), entropy_in(unit)(q_S1)
    transport = Abs(q_X - q_Y)
    return {
        "distortion-limited": (
            Reason(
                "D = {D} needs identity weight t >= {tau}, and binds; C alone would need t >= {kappa}.",
                {"D": D, "tau": tau, "kappa": kappa},
            ),
        ),
        "classification-limited": (
            Reason(
                "C = {C} {unit} needs weight t >= {kappa}, and binds; D alone would need t >= {tau}.",
                {"C": C, "tau": tau, "kappa": kappa},
            ),
        ),
        "zero-rate": (
            Reason(
                "neither D nor C binds: Y drawn independently of X has D = {D_ind} and H(S|Y) = {H} {unit}.",
                {"D_ind": D_ind, "H": H_S},
            ),
        ),
        "infeasible": (
            Reason(
                "C = {C} {unit} is below the entropy {H} {unit} of the label's noise, which no plan undoes.",
                {"C": C, "H": H_noise},
                Lt(C, H_noise),
            ),
            Reason(
                "C = {C} {unit} needs identity-or-negation weight t >= {kappa}; the target law allows t <= {t_max}.",
                {"C": C, "kappa": kappa, "t_max": t_max},
                And(Ge(C, H_noise), Gt(kappa, t_max)),
            ),
            Reason(
                "D = {D} is below the cost {floor} of optimal transport, which no rate undercuts.",
                {"D": D, "floor": transport},
                Lt(D, transport),
            ),
            Reason(
                "D = {D} is below {D_min}, the least distortion for C = {C} {unit}. The rate that reaches that"
                " distortion is {least} {unit}.",
                {"D": D, "D_min": D_min, "C": C, "least": H_X * kappa},
                And(Ge(D, transport), Le(kappa, t_max), Lt(D, D_min)),
            ),
        ),
    }
