"""Bernoulli source, Hamming distortion, asymptotic, perception instead of a target law: `D(R, P)`.

Theorem.  Let `X ~ Bern(q_X)`; the law of `Y` is free within `P` of `Bern(q_ref)`, in total variation, `W_2^2` (the same for
bits) or `KL(p_Y || p_ref)`.  Flip both bits, if need be, so that `m = P(X = 1) <= 1/2`; the allowed laws of `Y` are then
`r_min <= r <= r_max`.  Let `D_0 = H_b^-1(H_b(m) - R)`, `r_0 = (m - D_0)/(1 - 2 D_0)`, and `r_P` the allowed law nearest to
`r_0`; `gamma_P` is the largest covariance that the rate allows at this law.  The least distortion is

    D_0                             rate-limited:                   r_min <= r_0 <= r_max
    m + r_P - 2 m r_P - 2 gamma_P   rate- and perception-limited:   not so, gamma_P < min(m (1 - r_P), (1 - m) r_P)
    |m - r_P|                       perception-limited:             not so, gamma_P is as large as the two laws allow

There is no classification constraint: with one, the best plan may correlate `X` and `Y` negatively and have another law,
which is known as a root only.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.  The first value is Shannon's
([cover2006], section 10.3.1); for a reference equal to the source, in total variation, the trade-off is that of [blau2019].
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import Abs, And, Eq, Ge, Gt, Implies, Le, Lt, Max, Min, Not, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information import H_b_inv, I_b_inv
from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.bernoulli.asymptotic import projection
from drc.theory.bernoulli.asymptotic.projection import ALLOWED, covariance, entropy, independent, information
from drc.theory.bernoulli.one_shot_yu.maps import half
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, P, gamma, m, r, r_0, r_P, r_far, r_max, r_min = sp.symbols("D R P gamma m r r_0 r_P r_far r_max r_min", real=True)

D_0, D_far, D_r, gamma_P = sp.symbols("D_0 D_far D_r gamma_P", real=True)

LATEX = {D_far: "D_{r'}", D_r: "D_r"}


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least Hamming distortion of a Bernoulli source for rate $R$ and perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$, asymptotically, without a classification constraint."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = projection.start(perception, unit)
    _without_perception(proof, unit)
    projection.project(proof)
    _at_the_projection(proof, unit)
    allowed = And(Le(r_min, r_0), Le(r_0, r_max))
    nearest = (
        "P = {P} binds: Shannon's Y is the rarer letter of X with probability {r_0}, and the nearest law within P has"
        " {r_P}."
    )
    H_X = entropy(m, unit)
    rows = (
        row(
            "rate-limited",
            allowed,
            D_0,
            ("R = {R} {unit} binds; P = {P} costs nothing, because the best law of Y is allowed.", Lt(R, H_X)),
            ("neither R = {R} {unit} nor P = {P} binds: H(X) is {H_X} {unit}, and Y = X is allowed.", Ge(R, H_X)),
        ),
        # First the closed border, which survives rounding.
        row(
            "perception-limited",
            And(Not(allowed), Ge(gamma_P, largest(r_P))),
            Abs(m - r_P),
            nearest + " R = {R} {unit} does not bind: D is the cost of optimal transport to this law.",
        ),
        row(
            "rate- and perception-limited",
            And(Not(allowed), Lt(gamma_P, largest(r_P))),
            independent(r_P) - 2 * gamma_P,
            nearest + " There R = {R} {unit} allows covariance {gamma_P}, and binds; with P = oo, D = {D_0}.",
        ),
    )
    _optimal(proof, rows, unit)
    laws = (
        convex("R", "P"),
        symmetric(q_X=1 - q_X, q_ref=1 - q_ref),
        limit(q_X + q_ref - 2 * q_X * q_ref - 2 * I_b_inv.of(R, q_X, q_ref, unit.base), P=sp.S.Zero),
        limit(Min(q_X, 1 - q_X), R=sp.S.Zero, P=sp.oo),
        limit(Abs(q_X - q_ref), R=sp.oo, P=sp.S.Zero),
        limit(sp.S.Zero, R=sp.oo, P=sp.oo),
    )
    return Derived(proof, rows, laws, {"H_X": H_X})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.asymptotic.Y.drpc.{perception}",
        problem=PerceivedBernoulli(setting="asymptotic", perception=perception),
        statement=statement(perception),
        setting=projection.SETTING,
        source="the problem of [nguyen2026], section 3, without a label; [blau2019]",
        value=D,
        arguments=(R, P),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def reach(law: sp.Expr, unit: Unit) -> sp.Expr:
    """The largest covariance that the rate allows at a law of `Y`."""
    return I_b_inv.of(R, m, law, unit.base)


def largest(law: sp.Expr) -> sp.Expr:
    """The largest covariance that the two laws allow."""
    return Min(m * (1 - law), (1 - m) * law)


def _without_perception(proof: Proof, unit: Unit) -> None:
    """The best covariance at a law, and the best law."""
    proof.show(
        And(Le(gamma, reach(r, unit)), Le(reach(r, unit), largest(r))),
        r"$D$ falls with $\gamma$, and the rate grows with $\gamma \ge 0$: the largest covariance within the rate is"
        " best",
        given=And(projection.INSIDE, Le(information(gamma, r, unit), R)),
    )
    proof.let(
        D_0, H_b_inv.of(entropy(m, unit) - R, unit.base), "Shannon's distortion-rate function: the law of $Y$ is free"
    )
    H_X = entropy(m, unit)
    proof.show(
        And(Le(0, D_0), Le(D_0, m), Eq(entropy(D_0, unit), Max(0, H_X - R))),
        "its entropy is what the rate leaves of that of the source",
    )
    proof.show(Lt(D_0, m), "any rate lowers it", given=And(Gt(R, 0), Gt(m, 0)))
    proof.let(
        r_0,
        Piecewise((projection.shannon(D_0), Lt(D_0, half)), (half, True)),
        r"the law of Shannon's $Y$; at $D_0 = \frac{1}{2}$ the source is a fair bit, and at rate zero every law is"
        " as good",
    )
    proof.show(And(Le(0, r_0), Le(r_0, 1)), "it is a law")
    projection.shannons_plan(proof, D_0, And(Gt(R, 0), Gt(m, 0)), unit)
    rate = information(covariance(D_0, r_0), r_0, unit)
    proof.show(And(Eq(D_0, 0), Eq(r_0, 0)), "for a constant source, $Y$ is that constant", given=Eq(m, 0))
    proof.show(Eq(rate, 0), "which needs no rate", given=Eq(m, 0))
    proof.show(Le(rate, R), "Shannon's plan is within the rate", given=Gt(R, 0))
    proof.show(And(Le(Abs(m - r_0), D_0), Le(D_0, independent(r_0))), "the two laws allow it", given=Gt(R, 0))


def _at_the_projection(proof: Proof, unit: Unit) -> None:
    proof.let(gamma_P, reach(r_P, unit), "the largest covariance that the rate allows at this law", latex=r"\gamma_P")
    proof.show(
        And(Le(gamma_P, largest(r_P)), Eq(independent(r_P) - 2 * largest(r_P), Abs(m - r_P))),
        "beyond the largest covariance $P(X = 1, Y = 0)$ or $P(X = 0, Y = 1)$ is negative; it has the cost of"
        " optimal transport",
    )


def _optimal(proof: Proof, rows: tuple[Regime, ...], unit: Unit) -> None:
    least = {law: independent(law) - 2 * reach(law, unit) for law in (r, r_P)}
    between = projection.between(r_0, r, r_far)
    _at_the_distortion_of(proof, D_far, r_far, r, between, unit)
    proof.show(
        Ge(D_far, least[r]),
        "the least distortion is convex in the law, because the program is; it is least at $r_0$, so it grows away"
        " from $r_0$",
        given=And(Gt(R, 0), between),
    )
    show = partial(proof.show, given=ALLOWED)
    show(projection.between(r_0, r_P, r), "the projection lies between Shannon's law and any that is allowed")
    _at_the_distortion_of(proof, D_r, r, r_P, ALLOWED, unit)
    proof.show(Ge(D_r, least[r_P]), "so the allowed law nearest to $r_0$ is best", given=And(Gt(R, 0), ALLOWED))
    show(
        Ge(independent(r), independent(r_min)),
        "at rate zero the law with the fewest ones is best; for a fair bit all laws are as good",
    )
    free, transport, both = rows
    shannons, H_X = covariance(D_0, r_0), entropy(m, unit)
    proof.show(Eq(shannons, 0), "at rate zero Shannon's plan is independent", given=Eq(R, 0))
    proof.show(And(Eq(D_0, 0), Eq(r_0, m)), "from the rate $H(X)$ on it makes no errors", given=Ge(R, H_X))
    proof.show(Eq(shannons, largest(r_0)), "and has the largest covariance of all", given=Ge(R, H_X))
    proof.show(
        Eq(information(shannons, r_0, unit), R), "else it spends all of the rate", given=And(Gt(R, 0), Lt(R, H_X))
    )
    proof.show(
        Eq(reach(r_0, unit), shannons),
        "a plan that spends all of the rate has the largest covariance within it",
        given=And(_plan(D_0, r_0), Eq(information(shannons, r_0, unit), R)),
    )
    for where in (Eq(R, 0), Ge(R, H_X), And(Gt(R, 0), Lt(R, H_X))):
        proof.show(Eq(reach(r_0, unit), shannons), "it has the largest covariance within the rate", given=where)
    proof.show(Eq(least[r_P], free.expr), "Shannon's law has Shannon's distortion", given=free.condition)
    proof.show(Eq(least[r_P], transport.expr), "more rate than the two laws have use for", given=transport.condition)
    proof.show(
        And(sp.Or(*conditions(rows).values()), Not(And(both.condition, transport.condition))),
        r"the regimes cover everything: $\gamma_P$ is below its largest value or not",
    )


def _at_the_distortion_of(
    proof: Proof, name: sp.Symbol, far: sp.Symbol, near: sp.Symbol, given: Boolean, unit: Unit
) -> None:
    """Show that a law nearer to Shannon's has a plan within the rate, at the least distortion of the farther law."""
    proof.let(name, independent(far) - 2 * reach(far, unit), "the least distortion at a law", latex=LATEX[name])
    rate = {law: information(covariance(name, law), law, unit) for law in (far, near, r_0)}
    proof.show(
        And(Le(Abs(m - far), name), Le(name, independent(far)), Le(rate[far], R)),
        "it is reached within the rate",
    )
    shannon = projection.shannon(name)
    at_shannons = information(covariance(name, shannon), shannon, unit)
    show = partial(proof.show, given=And(Gt(name, 0), Lt(name, m)))
    show(
        Eq(at_shannons, entropy(m, unit) - entropy(name, unit), evaluate=False),
        "the rate of Shannon's plan for this distortion",
    )
    show(Ge(rate[far], at_shannons), "no law has a smaller rate for this distortion")
    H_X, left, here = (entropy(p, unit) for p in (m, D_0, name))
    proof.show(Le(H_X, R), "no errors need the rate $H(X)$", given=Eq(name, 0))
    proof.show(Ge(here, left), "so the errors of a law have more entropy than Shannon's", given=Lt(name, m))
    proof.show(Ge(name, D_0), "and are more often", given=And(Ge(here, left), Lt(name, m)))
    proof.show(Ge(name, D_0), "so no law has less distortion than Shannon's")
    _at_shannons_law(proof, name, unit)
    given = And(Gt(R, 0), given, Le(name, independent(near)))
    _between(proof, name, rate, (near, far), given)
    proof.show(
        Le(rate[near], R),
        "at this distortion the rate is least at a law, and grows away from it: between two laws that are within the rate"
        " all are",
        given=given,
    )
    _largest(proof, name, near, rate[near], unit, given)


def _at_shannons_law(proof: Proof, name: sp.Symbol, unit: Unit) -> None:
    """Show that Shannon's law is within the rate at a larger distortion, too."""
    given = And(Gt(R, 0), Le(name, independent(r_0)))
    more, least = (covariance(d, r_0) for d in (name, D_0))
    ordered = And(_law(r_0), Le(0, more), Le(more, least), Le(least, m * (1 - r_0)), Le(least, (1 - m) * r_0))
    rates = [information(at, r_0, unit) for at in (more, least)]
    proof.show(ordered, "more distortion needs less covariance", given=given)
    proof.show(Le(*rates), "and less covariance needs less rate", given=ordered)
    proof.show(And(ordered, Le(rates[1], R)), "Shannon's plan is within the rate", given=given)
    proof.show(Le(rates[0], R), "so at Shannon's law this distortion is within the rate", given=given)


def _largest(proof: Proof, name: sp.Symbol, law: sp.Symbol, rate: sp.Expr, unit: Unit, given: Boolean) -> None:
    """Show that the largest covariance within the rate is no smaller than one within it."""
    at, most = covariance(name, law), reach(law, unit)
    possible = And(_law(law), Le(0, at), Le(at, m * (1 - law)), Le(at, (1 - m) * law))
    smaller, spent = Lt(most, at), information(most, law, unit)
    proof.show(Implies(smaller, Eq(spent, R)), "short of what the laws allow it spends the rate", given=possible)
    proof.show(Implies(smaller, Lt(spent, rate)), "the rate grows with the covariance", given=possible)
    plan = And(possible, Le(rate, R))
    proof.show(Ge(most, at), "no covariance within the rate is larger than the largest one", given=plan)
    proof.show(plan, "the plan is within the rate", given=given)
    proof.show(Ge(most, at), "so the largest covariance within the rate is no smaller", given=given)


def _law(law: sp.Expr) -> Boolean:
    return And(Le(0, m), Le(m, half), Le(0, law), Le(law, 1))


def _plan(distortion: sp.Expr, law: sp.Expr) -> Boolean:
    """Whether a law has a plan with this distortion, and a covariance that is not negative."""
    return And(_law(law), Le(Abs(m - law), distortion), Le(distortion, independent(law)))


def _between(
    proof: Proof, d: sp.Symbol, rate: dict[sp.Symbol, sp.Expr], laws: tuple[sp.Symbol, sp.Symbol], given: Boolean
) -> None:
    """Compare the rates of three laws for one distortion: that of the middle one is not the largest."""
    near, far = laws
    beyond = {law: law * (1 - 2 * d) - (m - d) for law in (near, far, r_0)}
    proof.show(Le(Abs(m - near), d), "its cost of optimal transport is within the distortion", given=given)
    above = And(given, Le(r_0, near), Le(near, far))
    below = And(given, Le(far, near), Le(near, r_0))
    for other, where, signs in (
        (far, above, (Ge(beyond[near], 0), Ge(beyond[far], 0))),
        (far, And(below, Le(beyond[near], 0)), (Le(beyond[near], 0), Le(beyond[far], 0))),
        (r_0, And(below, Ge(beyond[near], 0)), (Ge(beyond[near], 0), Ge(beyond[r_0], 0))),
    ):
        order = Le(near, other) if isinstance(signs[0], sp.Ge) else Le(other, near)
        sides = And(_plan(d, near), _plan(d, other), *signs, order)
        proof.show(Le(rate[near], rate[other]), "from here on the rate grows with the law", given=sides)
        proof.show(
            And(sides, Le(rate[other], R)),
            "the sign of the slope of the rate in the law, where no covariance is negative",
            given=where,
        )
        proof.show(Le(rate[near], R), "so the nearer law is within the rate", given=where)
