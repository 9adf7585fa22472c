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
from sympy import Abs, And, Eq, Ge, Gt, Le, Lt, Min, Not, Piecewise

from drc.information import H_b_inv, I_b_inv
from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.bernoulli.asymptotic import projection
from drc.theory.bernoulli.asymptotic.projection import ALLOWED, entropy, independent
from drc.theory.bernoulli.one_shot_yu.maps import half
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, P, gamma, m, r, r_0, r_P, r_far, r_max, r_min = sp.symbols("D R P gamma m r r_0 r_P r_far r_max r_min", real=True)

D_0, gamma_P = sp.symbols("D_0 gamma_P", real=True)


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
        given=And(projection.INSIDE, Le(projection.information(gamma, r, unit), R)),
    )
    proof.let(
        D_0, H_b_inv.of(entropy(m, unit) - R, unit.base), "Shannon's distortion-rate function: the law of $Y$ is free"
    )
    proof.let(
        r_0,
        Piecewise((projection.shannon(D_0), Lt(D_0, half)), (half, True)),
        r"the law of Shannon's $Y$; at $D_0 = \frac{1}{2}$ the source is a fair bit, and at rate zero every law is"
        " as good",
    )
    projection.shannons_plan(proof, D_0, And(Gt(R, 0), Lt(R, entropy(m, unit)), Gt(m, 0), Gt(D_0, 0)), unit)


def _at_the_projection(proof: Proof, unit: Unit) -> None:
    proof.let(gamma_P, reach(r_P, unit), "the largest covariance that the rate allows at this law", latex=r"\gamma_P")
    proof.show(
        And(Le(gamma_P, largest(r_P)), Eq(independent(r_P) - 2 * largest(r_P), Abs(m - r_P))),
        "beyond the largest covariance $P(X = 1, Y = 0)$ or $P(X = 0, Y = 1)$ is negative; it has the cost of"
        " optimal transport",
    )


def _optimal(proof: Proof, rows: tuple[Regime, ...], unit: Unit) -> None:
    least = {law: independent(law) - 2 * reach(law, unit) for law in (r, r_far, r_P)}
    proof.show(
        Ge(least[r_far], least[r]),
        "the least distortion is convex in the law, because the program is; it is least at $r_0$, so it grows away"
        " from $r_0$",
        given=And(Gt(R, 0), projection.between(r_0, r, r_far)),
    )
    proof.show(Ge(least[r], least[r_P]), "so the allowed law nearest to $r_0$ is best", given=And(Gt(R, 0), ALLOWED))
    proof.show(
        Ge(independent(r), independent(r_min)),
        "at rate zero the law with the fewest ones is best; for a fair bit all laws are as good",
        given=ALLOWED,
    )
    free, transport, both = rows
    proof.show(Eq(least[r_P], free.expr), "Shannon's law has Shannon's distortion", given=free.condition)
    proof.show(Eq(least[r_P], transport.expr), "more rate than the two laws have use for", given=transport.condition)
    proof.show(
        And(sp.Or(*conditions(rows).values()), Not(And(both.condition, transport.condition))),
        r"the regimes cover everything: $\gamma_P$ is below its largest value or not",
    )
