"""Bernoulli source, Hamming distortion, asymptotic, perception instead of a target law: `R(D, P)`.

Theorem.  Let `X ~ Bern(q_X)`; the law of `Y` is free within `P` of `Bern(q_ref)`, in total variation, `W_2^2` (the same for
bits) or `KL(p_Y || p_ref)`.  Flip both bits, if need be, so that `m = P(X = 1) <= 1/2`; the allowed laws of `Y` are then
`r_min <= r <= r_max`.  Let `r_0 = (m - D)/(1 - 2 D)` (0 for `D >= m`), and `r_P` the allowed law nearest to `r_0`.  With
`D_1 = max(0, r_min - m, m - r_max)` and `D_2 = m + r_min - 2 m r_min` the least rate is

    H_b(m) - H_b(D)          distortion-limited:                   D < D_2, r_min <= r_0 <= r_max
    I_b(gamma_D; m, r_P)     distortion- and perception-limited:   D_1 <= D < D_2, and r_0 is not allowed
    0                        zero-rate:                            D >= D_2
    +oo                      infeasible:                           D < D_1

where `gamma_D = (m + r_P - 2 m r_P - D)/2` is the covariance of `X` and `Y`.  There is no classification constraint.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.  The first value is Shannon's
([cover2006], section 10.3.1); for a reference equal to the source, in total variation, the trade-off is that of [blau2019].
"""

from __future__ import annotations

from functools import cache

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Not, Piecewise

from drc.derivation import Proof
from drc.problems.bernoulli import q_X
from drc.problems.bernoulli_perception import PerceivedBernoulli, q_ref
from drc.theory.bernoulli_maps import D, R, m, r
from drc.theory.bernoulli_perception import MEASURE, P
from drc.theory.bernoulli_projection import (
    ALLOWED,
    INSIDE,
    SETTING,
    between,
    covariance,
    entropy,
    gamma,
    independent,
    information,
    project,
    r_0,
    r_far,
    r_max,
    r_min,
    r_P,
    shannon,
    shannons_plan,
    start,
)
from drc.tradeoff import Reason, Regime, Tradeoff
from drc.tradeoff.law import convex, limit, nonincreasing, symmetric
from drc.units import Unit

D_1, D_2, gamma_D = sp.symbols("D_1 D_2 gamma_D", real=True)


def bernoulli_rdpc(problem: PerceivedBernoulli, unit: Unit) -> Tradeoff:
    """Return `R(D, P)` of a problem: the theorem with its parameters put in."""
    return theorem(problem.perception, unit).specialise(problem)


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        f"Least rate of a Bernoulli source for Hamming distortion $D$ and perception bound $P$ on {MEASURE[perception]},"
        " asymptotically, without a classification constraint."
    )


@cache
def theorem(perception: str, unit: Unit) -> Tradeoff:
    """Derive the theorem, all parameters symbolic."""
    proof = start(perception, unit)
    _without_perception(proof, unit)
    project(proof)
    _ends(proof)
    allowed = And(Le(r_min, r_0), Le(r_0, r_max))
    condition = {
        "distortion-limited": And(Lt(D, D_2), allowed),
        "distortion- and perception-limited": And(Ge(D, D_1), Lt(D, D_2), Not(allowed)),
        "zero-rate": Ge(D, D_2),
        "infeasible": Lt(D, D_1),
    }
    proof.let(gamma_D, covariance(D, r_P), "the covariance that has this distortion at this law", latex=r"\gamma_D")
    value = {
        "distortion-limited": entropy(m, unit) - entropy(D, unit),
        "distortion- and perception-limited": information(gamma_D, r_P, unit),
        "zero-rate": sp.S.Zero,
        "infeasible": sp.oo,
    }
    _optimal(proof, value, condition, unit)
    proof.show_cover(
        condition,
        given=And(Le(D_1, D_2), Implies(allowed, Le(D_1, D))),
        where_defined=Le(0, D),
    )
    reasons = _reasons(perception, unit)
    regimes = tuple(Regime(name, condition[name], value[name], reasons[name]) for name in condition)
    shannon_rate = Piecewise(
        (entropy(Min(q_X, 1 - q_X), unit) - entropy(D, unit), Lt(D, Min(q_X, 1 - q_X))), (sp.S.Zero, True)
    )
    return Tradeoff(
        id=f"bernoulli.asymptotic.Y.rdpc.{perception}",
        statement=statement(perception),
        source="the problem of [nguyen2026], section 3, without a label; [blau2019]",
        problem=PerceivedBernoulli(setting="asymptotic", perception=perception),
        value=R,
        arguments=(D, P),
        cases=regimes,
        where=proof.definitions_of(regimes),
        unit=unit,
        laws=(
            nonincreasing("D", "P"),
            convex("D", "P"),
            symmetric(q_X=1 - q_X, q_ref=1 - q_ref),
            limit(shannon_rate, P=sp.oo),
            limit(sp.S.Zero, D=sp.oo),
            limit(entropy(q_X, unit), D=sp.S.Zero, P=sp.oo),
        ),
        derivation=proof.qed(statement(perception), SETTING),
        names=proof.names,
    )


def _without_perception(proof: Proof, unit: Unit) -> None:
    """The best covariance at a law, and the best law."""
    at = covariance(D, r)
    proof.show(
        Ge(information(gamma, r, unit), information(at, r, unit)),
        "the rate grows with gamma >= 0, and D falls with it: the covariance that just reaches D is best",
        given=And(INSIDE, Le(independent(r) - 2 * gamma, D), Ge(at, 0)),
    )
    proof.let(
        r_0,
        Piecewise((shannon(D), Lt(D, m)), (0, True)),
        "the law of Shannon's Y; at rate zero it is the constant that errs least",
    )
    shannons_plan(proof, D, And(Gt(D, 0), Lt(D, m)), unit)


def _ends(proof: Proof) -> None:
    """From which distortion on there is a plan, and from which on it has no rate."""
    proof.let(D_1, Max(0, r_min - m, m - r_max), "the cost of optimal transport to the nearest allowed law")
    proof.let(
        D_2, independent(r_min), "the least distortion of independent X and Y, at the allowed law with fewest ones"
    )
    transport = Abs(m - r)
    proof.show(
        And(
            Ge(transport, D_1),
            Eq(independent(r) - 2 * Min(m * (1 - r), (1 - m) * r), transport),
            Ge(independent(r), D_2),
        ),
        "at a law r the distortion is at least the cost |m - r| of optimal transport, where the covariance is largest, and"
        " independence costs m + r (1 - 2 m), which grows with r",
        given=ALLOWED,
    )


def _optimal(proof: Proof, value: dict[str, sp.Expr], condition: dict[str, sp.Basic], unit: Unit) -> None:
    free, limited, *_ = value
    rate = {law: information(covariance(D, law), law, unit) for law in (r, r_far)}
    needed = And(*(And(Le(Abs(m - law), D), Le(D, independent(law))) for law in (r, r_far)))
    proof.show(
        Ge(rate[r_far], rate[r]),
        "at this distortion the rate is convex in the law, because the program is; it is least at r_0, so it grows away from"
        " r_0",
        given=And(needed, Gt(m, 0), between(r_0, r, r_far)),
    )
    reachable = And(ALLOWED, Le(Abs(m - r), D), Le(D, independent(r)))
    for name in (free, limited):
        proof.show(
            Ge(rate[r], value[name]),
            "so no allowed law does better than the nearest one to r_0",
            given=And(reachable, condition[name]),
        )
    proof.show(Eq(value[free], value[limited]), "Shannon's law has Shannon's rate", given=condition[free])
    proof.show(
        And(Le(Abs(m - r_P), D), Le(0, gamma_D)),
        "the nearest law has a plan with this distortion",
        given=condition[limited],
    )
    proof.show(
        Equivalent(Le(independent(r_min), D), condition["zero-rate"]), "no rate is needed from D_2 on", given=Le(0, D)
    )


def _reasons(perception: str, unit: Unit) -> dict[str, tuple[Reason, ...]]:
    bound = "P = {P}" + (" {unit}" if perception == "KL" else "")
    free = Max(0, entropy(m, unit) - entropy(Min(D, m), unit))
    numbers = {"D": D, "P": P, "free": r_0, "law": r_P, "gamma": gamma_D, "R_0": free, "D_1": D_1, "D_2": D_2}
    return {
        "distortion-limited": (
            Reason("D = {D} binds; " + bound + " costs nothing, because the best law of Y is allowed.", numbers),
        ),
        "distortion- and perception-limited": (
            Reason(
                bound
                + " binds: Shannon's Y is the rarer letter of X with probability {free}, and the nearest law within"
                " P has {law}. There D = {D} needs covariance {gamma}; with P = oo the rate would be {R_0} {unit}.",
                numbers,
            ),
        ),
        "zero-rate": (
            Reason("D does not bind: Y drawn independently of X, from the best law within P, has D = {D_2}.", numbers),
        ),
        "infeasible": (
            Reason(
                "D = {D} is below {D_1}, the cost of optimal transport from the source to the laws within P.",
                numbers,
            ),
        ),
    }
