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

from functools import partial

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Not, Piecewise

from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.bernoulli.asymptotic import projection
from drc.theory.bernoulli.asymptotic.projection import ALLOWED, covariance, entropy, independent, information
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, P, gamma, m, r, r_0, r_P, r_far, r_max, r_min = sp.symbols("D R P gamma m r r_0 r_P r_far r_max r_min", real=True)

D_1, D_2, gamma_D = sp.symbols("D_1 D_2 gamma_D", real=True)


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least rate of a Bernoulli source for Hamming distortion $D$ and perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$, asymptotically, without a classification constraint."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = projection.start(perception, unit)
    _without_perception(proof, unit)
    projection.project(proof)
    _ends(proof)
    allowed = And(Le(r_min, r_0), Le(r_0, r_max))
    proof.let(gamma_D, covariance(D, r_P), "the covariance that has this distortion at this law", latex=r"\gamma_D")
    rows = (
        row(
            "distortion-limited",
            And(Lt(D, D_2), allowed),
            entropy(m, unit) - entropy(D, unit),
            "D = {D} binds; P = {P} costs nothing, because the best law of Y is allowed.",
        ),
        row(
            "distortion- and perception-limited",
            And(Ge(D, D_1), Lt(D, D_2), Not(allowed)),
            information(gamma_D, r_P, unit),
            "P = {P} binds: Shannon's Y is the rarer letter of X with probability {r_0}, and the nearest law within P has"
            " {r_P}. There D = {D} needs covariance {gamma_D}; with P = oo the rate would be {R_0} {unit}.",
        ),
        row(
            "zero-rate",
            Ge(D, D_2),
            sp.S.Zero,
            "D does not bind: Y drawn independently of X, from the best law within P, has D = {D_2}.",
        ),
        row(
            "infeasible",
            Lt(D, D_1),
            sp.oo,
            "D = {D} is below {D_1}, the cost of optimal transport from the source to the laws within P.",
        ),
    )
    _optimal(proof, *rows[:2], unit)
    proof.show_cover(conditions(rows), given=And(Le(D_1, D_2), Implies(allowed, Le(D_1, D))), where_defined=Le(0, D))
    shannon_rate = Piecewise(
        (entropy(Min(q_X, 1 - q_X), unit) - entropy(D, unit), Lt(D, Min(q_X, 1 - q_X))), (sp.S.Zero, True)
    )
    laws = (
        convex("D", "P"),
        symmetric(q_X=1 - q_X, q_ref=1 - q_ref),
        limit(shannon_rate, P=sp.oo),
        limit(sp.S.Zero, D=sp.oo),
        limit(entropy(q_X, unit), D=sp.S.Zero, P=sp.oo),
    )
    free = Max(0, entropy(m, unit) - entropy(Min(D, m), unit))
    return Derived(proof, rows, laws, {"R_0": free})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.asymptotic.Y.rdpc.{perception}",
        problem=PerceivedBernoulli(setting="asymptotic", perception=perception),
        statement=statement(perception),
        setting=projection.SETTING,
        source="the problem of [nguyen2026], section 3, without a label; [blau2019]",
        value=R,
        arguments=(D, P),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def _without_perception(proof: Proof, unit: Unit) -> None:
    """The best covariance at a law, and the best law."""
    at = covariance(D, r)
    proof.show(
        Ge(information(gamma, r, unit), information(at, r, unit)),
        r"the rate grows with $\gamma \ge 0$, and $D$ falls with it: the covariance that just reaches $D$ is best",
        given=And(projection.INSIDE, Le(independent(r) - 2 * gamma, D), Ge(at, 0)),
    )
    proof.let(
        r_0,
        Piecewise((projection.shannon(D), Lt(D, m)), (0, True)),
        "the law of Shannon's $Y$; at rate zero it is the constant that errs least",
    )
    projection.shannons_plan(proof, D, Lt(D, m), unit)


def _ends(proof: Proof) -> None:
    """From which distortion on there is a plan, and from which on it has no rate."""
    proof.let(D_1, Max(0, r_min - m, m - r_max), "the cost of optimal transport to the nearest allowed law")
    proof.let(
        D_2, independent(r_min), "the least distortion of independent $X$ and $Y$, at the allowed law with fewest ones"
    )
    transport = Abs(m - r)
    proof.show(
        And(
            Ge(transport, D_1),
            Eq(independent(r) - 2 * Min(m * (1 - r), (1 - m) * r), transport),
            Ge(independent(r), D_2),
        ),
        r"at a law $r$ the distortion is at least the cost $\lvert m - r \rvert$ of optimal transport, where the"
        " covariance is largest, and independence costs $m + r (1 - 2 m)$, which grows with $r$",
        given=ALLOWED,
    )


def _optimal(proof: Proof, free: Regime, limited: Regime, unit: Unit) -> None:
    rate = {law: information(covariance(D, law), law, unit) for law in (r, r_far)}
    needed = And(*(And(Le(Abs(m - law), D), Le(D, independent(law))) for law in (r, r_far)))
    beyond = {law: law * (1 - 2 * D) - (m - D) for law in (r, r_far)}
    for near, far, sides in (
        (r_0, r_far, [Ge(x, 0) for x in beyond.values()]),
        (r_far, r_0, [Le(x, 0) for x in beyond.values()]),
    ):
        proof.show(
            And(*sides),
            "the rate has this slope in the law, up to a positive factor",
            given=And(needed, Gt(m, 0), Le(near, r), Le(r, far)),
        )
    proof.show(
        Ge(rate[r_far], rate[r]),
        "at this distortion the rate is convex in the law, because the program is; it is least at $r_0$, so it"
        " grows away from $r_0$",
        given=And(needed, Gt(m, 0), projection.between(r_0, r, r_far)),
    )
    proof.show(Lt(D, m), "where Shannon's law is allowed, it has a rate", given=free.condition)
    for regime in (free, limited):
        proof.show(
            And(Le(Abs(m - r_P), D), Le(0, gamma_D), Eq(independent(r_P) - 2 * gamma_D, D)),
            "the nearest law has a plan with this distortion",
            given=regime.condition,
        )
    slope = {law: law * (1 - 2 * D) - (m - D) for law in (r, r_P)}
    sides = sp.Or(
        And(Le(r_P, r), Ge(slope[r_P], 0), Ge(slope[r], 0)), And(Le(r, r_P), Le(slope[r_P], 0), Le(slope[r], 0))
    )
    plans = And(*(And(Le(0, law), Le(law, 1), Le(Abs(m - law), D), Le(D, independent(law))) for law in (r, r_P)))
    proof.show(
        Ge(rate[r], limited.expr),
        "the rate grows away from Shannon's law",
        given=And(Le(0, m), Le(m, sp.S.Half), plans, sides, Eq(independent(r_P) - 2 * gamma_D, D)),
    )
    reachable = And(ALLOWED, Le(Abs(m - r), D), Le(D, independent(r)))
    proof.show(
        Ge(rate[r], information(covariance(D, r_0), r_0, unit)),
        "the rate is least at $r_0$",
        given=And(Le(Abs(m - r), D), Le(D, independent(r)), Lt(D, m)),
    )
    proof.show(And(plans, sides), "any allowed law is farther from Shannon's", given=And(reachable, limited.condition))
    for regime in (free, limited):
        proof.show(
            Ge(rate[r], regime.expr),
            "so no allowed law does better than the nearest one to $r_0$",
            given=And(reachable, regime.condition),
        )
    proof.show(Eq(free.expr, limited.expr), "Shannon's law has Shannon's rate", given=free.condition)
    proof.show(Equivalent(Le(independent(r_min), D), Ge(D, D_2)), "no rate is needed from $D_2$ on", given=Le(0, D))
