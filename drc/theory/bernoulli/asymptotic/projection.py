"""The asymptotic Bernoulli problem with perception: the law of `Y` is a projection onto an interval.

Source: [nguyen2026], section 3, for the problem; [cover2006], section 10.3.1, for the free law; [blau2019] for a reference
equal to the source.  Flip both bits, if need be, so that `m = P(X = 1) <= 1/2`; the perception constraint then allows the
laws `r_min <= P(Y = 1) <= r_max`.  For a law `r` and the covariance `gamma` of `X` and `Y`

    P(Y != X) = m + r - 2 m r - 2 gamma,        rate = I(X;Y) = I_b(gamma, m, r).

The rate is convex in `(r, gamma)` and the distortion linear in `gamma` and in `r`, so each of the two trade-offs is a convex
program.  Without perception its solution is Shannon's, the law `r_0 = (m - D)/(1 - 2 D)`; with it the law is the point
`r_P` of `[r_min, r_max]` nearest to `r_0`.

Everything here is shared by the theorems `drpc` and `rdpc`.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Gt, Le, Lt, Max, Min, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information import H_b, I_b
from drc.information.bits import cells
from drc.problems.bernoulli import q_X, q_Y
from drc.proof import NONNEGATIVE, UNIT, Proof
from drc.theory.bernoulli.one_shot_yu.maps import COVARIANCES, half
from drc.theory.bernoulli.perception import DOMAIN as PERCEPTION_DOMAIN
from drc.theory.bernoulli.perception import LATEX, law_interval
from drc.units import Unit

D, R, m, q_max, q_min, r = sp.symbols("D R m q_max q_min r", real=True)

gamma, r_min, r_max, r_0, r_P, r_far = sp.symbols("gamma r_min r_max r_0 r_P r_far", real=True)

DOMAIN = PERCEPTION_DOMAIN | {
    **dict.fromkeys((q_X, r_far), UNIT),
    **dict.fromkeys((D, R), NONNEGATIVE),
    gamma: COVARIANCES,
}

NAMES = LATEX | {r_min: r"r_{\min}", r_max: r"r_{\max}", r_far: r"r'"}

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$ and the reference is $p_{\mathrm{ref}} = \mathrm{Bern}(q_{\mathrm{ref}})$."
    r" The law of $Y$ is free within the perception bound, and the rate is $I(X;Y)$; $\gamma$ is the covariance of $X$ and"
    r" $Y$. There is no classification constraint."
)

#: The joint law of `X` and `Y` after the flip, and where it has no zero.
JOINT = cells(gamma, m, r)
INSIDE = And(*(Gt(p, 0) for p in JOINT.values()), Gt(m, 0), Gt(r, 0), Lt(r, 1))

#: The laws that the perception constraint allows, after the flip.
ALLOWED = And(Le(r_min, r), Le(r, r_max))


def entropy(p: sp.Expr, unit: Unit) -> sp.Expr:
    """Binary entropy in the unit."""
    return H_b.of(sp.sympify(p), unit.base)


def information(at: sp.Expr, law: sp.Expr, unit: Unit) -> sp.Expr:
    """`I(X;Y)` of a covariance and a law of `Y`, in the unit."""
    return I_b.of(at, m, law, unit.base)


def independent(law: sp.Expr) -> sp.Expr:
    """The distortion of independent `X` and `Y`."""
    return m + law - 2 * m * law


def covariance(distortion: sp.Expr, law: sp.Expr) -> sp.Expr:
    """The covariance that has a distortion."""
    return (independent(law) - distortion) / 2


def shannon(distortion: sp.Expr) -> sp.Expr:
    """The law of `Y` that Shannon's test channel has for a distortion."""
    return (m - distortion) / (1 - 2 * distortion)


def start(perception: str, unit: Unit) -> Proof:
    """Derive the interval of laws, the distortion and the rate, and that the program is convex."""
    proof = Proof(DOMAIN, NAMES)
    law_interval(proof, perception, unit)
    _flip(proof)
    proof.show(
        Eq(JOINT[1, 0] + JOINT[0, 1], independent(r) - 2 * gamma),
        "an error is $X = 1$, $Y = 0$ or $X = 0$, $Y = 1$; the distortion is linear in the covariance and the law"
        " of $Y$",
    )
    left = sum((JOINT[1, y] + JOINT[0, y]) * entropy(JOINT[1, y] / (JOINT[1, y] + JOINT[0, y]), unit) for y in (0, 1))
    rate = information(gamma, r, unit)
    proof.show(
        Eq(entropy(m, unit) - left, rate),
        r"single letters are optimal asymptotically: the rate is $I(X;Y) = H(X) - H(X \mid Y)$",
        given=INSIDE,
    )
    _convex(proof, unit)
    return proof


def _convex(proof: Proof, unit: Unit) -> None:
    """Show by its second derivatives that the rate is convex in covariance and law."""
    nats = sum(p * sp.log(p) for p in JOINT.values()) - sum(p * sp.log(p) for p in (m, 1 - m, r, 1 - r))
    show = partial(proof.show, given=INSIDE)
    show(Eq(nats, unit.nats * information(gamma, r, unit)), "the rate is $H(X) + H(Y) - H(X, Y)$, in nats")
    of_one, of_zero = m / (JOINT[1, 1] * JOINT[1, 0]), (1 - m) / (JOINT[0, 1] * JOINT[0, 0])
    second = {
        (gamma, gamma): of_one + of_zero,
        (r, r): m**2 * of_one + (1 - m) ** 2 * of_zero - 1 / (r * (1 - r)),
        (gamma, r): m * of_one - (1 - m) * of_zero,
    }
    show(
        And(*(Eq(sp.diff(nats, a, b), value) for (a, b), value in second.items())),
        "its second derivatives in covariance and law",
    )
    determinant = second[gamma, gamma] * second[r, r] - second[gamma, r] ** 2
    show(
        Eq(
            of_one * of_zero - (of_one + of_zero) / (r * (1 - r)),
            gamma**2 / sp.prod((r, 1 - r, *JOINT.values())),
        ),
        "their determinant: the variance of $Y$ is its mean variance given $X$, and the variance of its mean",
    )
    proof.show(
        And(Gt(second[gamma, gamma], 0), Gt(determinant, 0)),
        "the rate is convex in covariance and law: the joint law is linear in these, and mutual information is convex in the"
        " channel",
        given=And(INSIDE, Gt(gamma**2, 0)),
    )


def _flip(proof: Proof) -> None:
    proof.let(
        m,
        Min(q_X, 1 - q_X),
        "the source after flipping both bits, if need be, so that a one is the rarer letter",
    )
    keeps = Le(q_X, half)
    proof.let(r, Piecewise((q_Y, keeps), (1 - q_Y, True)), "the law of $Y$ after the same flip")
    proof.let(
        r_min, Piecewise((q_min, keeps), (1 - q_max, True)), "the least law allowed, after it", latex=NAMES[r_min]
    )
    proof.let(
        r_max, Piecewise((q_max, keeps), (1 - q_min, True)), "the largest law allowed, after it", latex=NAMES[r_max]
    )
    proof.show(
        And(
            Equivalent(And(Le(q_min, q_Y), Le(q_Y, q_max)), ALLOWED),
            Eq(r_max - r_min, q_max - q_min),
        ),
        "the flip maps the interval of allowed laws to this one, of the same length",
    )
    proof.show(
        And(Le(0, m), Le(m, half), Le(0, r), Le(r, 1), Le(0, r_min), Le(r_min, r_max), Le(r_max, 1)),
        "these are probabilities",
    )
    here, flipped = cells(gamma, q_X, q_Y), cells(gamma, m, r)
    proof.show(
        And(
            *(Eq(flipped[1 - x, 1 - y], p) for (x, y), p in here.items()),
            Eq(flipped[1, 0] + flipped[0, 1], here[1, 0] + here[0, 1]),
        ),
        "flipping $X$ and $Y$ together exchanges the cells of the joint law: it keeps covariance, distortion and"
        " information",
        given=Gt(q_X, half),
    )


def project(proof: Proof) -> None:
    """Name the allowed law nearest to Shannon's."""
    proof.let(r_P, Max(r_min, Min(r_0, r_max)), "the allowed law nearest to Shannon's")
    proof.show(And(Le(0, r_P), Le(r_P, 1)), "it is a law")
    proof.show(
        And(Le(r_min, r_P), Le(r_P, r_max), Equivalent(And(Le(r_min, r_0), Le(r_0, r_max)), Eq(r_P, r_0))),
        "this is the projection onto the interval of allowed laws: Shannon's law itself if it is allowed",
    )


def between(near: sp.Expr, law: sp.Expr, far: sp.Expr) -> Boolean:
    """Whether a law lies between two others."""
    return sp.Or(And(Le(near, law), Le(law, far)), And(Le(far, law), Le(law, near)))


def shannons_plan(proof: Proof, distortion: sp.Expr, given: Boolean, unit: Unit) -> None:
    """Show that Shannon's plan spends `H_b(m) - H_b(D)`, and that no other law has a smaller rate for its distortion."""
    law = shannon(distortion)
    at = {gamma: covariance(distortion, law), r: law}
    channel = {
        (x, y): p - (r_0 if y else 1 - r_0) * (distortion if x != y else 1 - distortion)
        for (x, y), p in cells(covariance(distortion, r_0), m, r_0).items()
    }
    proof.show(
        And(Eq(r_0, law), *(Eq(difference, 0) for difference in channel.values())),
        "Shannon's plan: $X$ is $Y$ with every bit flipped with probability $D$, and the law $r_0$ of $Y$ makes"
        r" $X \sim \mathrm{Bern}(m)$",
        given=given,
    )
    rate, least = information(gamma, r, unit), entropy(m, unit) - entropy(distortion, unit)
    proof.show(
        And(
            Eq(rate.subs(at, simultaneous=True), least),
            Eq(
                (rate.diff(r) + rate.diff(gamma) * sp.diff(covariance(distortion, r), r)).subs(at, simultaneous=True), 0
            ),
        ),
        r"$H(X \mid Y) = H_b(D)$, and the rate at this distortion is stationary in the law of $Y$: by convexity it"
        " is least there",
        given=And(given, Gt(distortion, 0)),
    )
    proof.show(Eq(information(m * (1 - m), m, unit), entropy(m, unit)), "without errors $Y = X$, at the rate $H(X)$")
    proof.show(Eq(entropy(distortion, unit), 0), "no errors have no entropy", given=Eq(distortion, 0))
    proof.show(
        Eq(information(covariance(distortion, r_0), r_0, unit), least),
        "so the rate of Shannon's plan, without errors too",
        given=given,
    )
