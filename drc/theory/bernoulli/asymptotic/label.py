"""The asymptotic Bernoulli problem with perception and a label: what the label needs at a law of `Y`, and at which laws.

Source: [nguyen2026], section 3, for the problem; [wyner1973] for the law that needs the smallest rate.  Flip both bits, if
need be, so that `m = P(X = 1) <= 1/2`, and let `s` be the label's probability of a one and `e` that of its noise.  At a law
`r` of `Y` the label needs the covariance `gamma_C(r)`, at which label and `Y` have the information `H(S) - C`; with the
negation of `Y` instead of `Y` the covariance is negative, and the law of the negation counts.

The rate `I_b(gamma_C(r), m, r)` and the distortion of these plans are both least at Shannon's law `r_C`, the one at which
`X` is `Y` with every bit flipped with probability `delta_C`, and both grow away from it.  So the best law with positive
covariance is the allowed law nearest to `r_C`; with negative covariance the distortion has to be large, and what is too
near to `r_C` is excluded.

Everything here is shared by the theorems `drpc` and `rdpc` with a label.
"""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Le, Lt, Max, Min, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information import H_b_inv, I_b_inv
from drc.information.bits import cells
from drc.problems.bernoulli import q_S1, q_X
from drc.proof import REALS, UNIT, Proof
from drc.theory.bernoulli.asymptotic.projection import (
    ALLOWED,
    JOINT,
    entropy,
    independent,
    information,
    shannon,
    shannons_plan,
)
from drc.theory.bernoulli.one_shot_yu.maps import half
from drc.units import Unit

C, m, r, r_min, r_max, gamma = sp.symbols("C m r r_min r_max gamma", real=True)
e, s, H_S, i_C, delta_C, r_C = sp.symbols("e s H_S i_C delta_C r_C", real=True)
r_pos, gamma_pos, H_pos, R_pos = sp.symbols("r_pos gamma_pos H_pos R_pos", real=True)

DOMAIN = {q_S1: UNIT, C: REALS}

NAMES = {
    "H_S": "H(S)",
    "i_C": "i_C",
    "delta_C": r"\delta_C",
    "r_pos": "r_C^+",
    "gamma_pos": r"\gamma_C^+",
    "H_pos": "H_C^+",
    "R_pos": "R_C^+",
    "r_neg": "r_C^-",
    "gamma_neg": r"\gamma_C^-",
    "H_neg": "H_C^-",
    "R_neg": "R_C^-",
    "R_open": "R'",
    "end_1": r"r'_1",
    "end_2": r"r'_2",
    "law_below": r"\bar r_<",
    "law_above": r"\bar r_>",
    "end_below": r"r'_<",
    "end_above": r"r'_>",
    "r_below": r"r_<",
    "r_above": r"r_>",
    "gamma_below": r"\gamma_<",
    "gamma_above": r"\gamma_>",
    "H_below": r"H_<",
    "H_above": r"H_>",
    "gamma_1": r"\gamma_1",
    "gamma_2": r"\gamma_2",
}

#: The laws of the negation of `Y` that the perception constraint allows.
NEGATED = And(Le(1 - r_max, r), Le(r, 1 - r_min))

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$, the label is $S = X \oplus S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$"
    r" independent of $X$, and the reference is $p_{\mathrm{ref}} = \mathrm{Bern}(q_{\mathrm{ref}})$. The law of $Y$ is free"
    r" within the perception bound, the rate is $I(X;Y)$, and the classifier sees $Y$: $H(S \mid Y) \le C$; $\gamma$ is the"
    r" covariance of $X$ and $Y$."
)


def let(proof: Proof, symbol: sp.Symbol, value: sp.Expr, meaning: str) -> None:
    """Abbreviate, with the letter's LaTeX."""
    proof.let(symbol, value, meaning, latex=NAMES.get(symbol.name))


def largest(law: sp.Expr) -> sp.Expr:
    """The largest covariance that the two laws allow."""
    return Min(m * (1 - law), (1 - m) * law)


def told(at: sp.Expr, law: sp.Expr, unit: Unit) -> sp.Expr:
    """`I(S;Y)` of a covariance of `X` and `Y` and a law of `Y`."""
    return information((1 - 2 * e) * at, law, unit, s)


def needed(law: sp.Expr, unit: Unit) -> sp.Expr:
    """The least covariance that tells enough of the label at a law, if one does."""
    return Piecewise((I_b_inv.of(i_C, s, law, unit.base) / (1 - 2 * e), Lt(e, half)), (0, True))


def error(at: sp.Expr, law: sp.Expr) -> sp.Expr:
    """How often `X` and `Y` differ."""
    return independent(law) - 2 * at


def start(proof: Proof, unit: Unit) -> None:
    """Derive what the label needs at a law of `Y`, and the law at which it needs least."""
    let(proof, e, Min(q_S1, 1 - q_S1), "the noise of the label after negating the label, if need be")
    let(proof, s, m * (1 - e) + (1 - m) * e, "the label's probability of a one after this and the flip")
    let(proof, H_S, entropy(s, unit), "entropy of the label")
    proof.show(
        Eq(entropy(q_X * (1 - q_S1) + (1 - q_X) * q_S1, unit), H_S), "negating bits keeps the entropy of the label"
    )
    proof.show(And(Le(0, e), Le(e, half), Le(e, s), Le(s, half)), "neither the noise nor the label is more often a one")
    joint = {(a, y): (1 - e) * JOINT[a, y] + e * JOINT[1 - a, y] for a in (0, 1) for y in (0, 1)}
    of_label = cells((1 - 2 * e) * gamma, s, r)
    proof.show(
        And(*(Eq(joint[cell], value, evaluate=False) for cell, value in of_label.items())),
        r"the label reaches $Y$ through $X$ only: $S$ and $Y$ are bits with covariance $(1 - 2 e) \gamma$, so that"
        r" $H(S \mid Y) = H(S) - I(S;Y)$ is a function of $\gamma$ and the law of $Y$",
    )
    let(proof, i_C, H_S - C, "the information about the label that $Y$ needs")
    inverse = (H_b_inv.of(C, unit.base) - e) / (1 - 2 * e)
    let(
        proof,
        delta_C,
        Piecewise((Max(0, Min(m, inverse)), Lt(e, half)), (0, True)),
        r"how often $X$ and $Y$ may differ if all errors are alike: $H_b$ of $\delta_C (1 - e) + (1 - \delta_C) e$ is $C$",
    )
    let(
        proof,
        r_C,
        Piecewise((shannon(delta_C), Lt(delta_C, m)), (0, True)),
        r"the law of $Y$ that goes with it: $X$ is $Y$ with every bit flipped with probability $\delta_C$",
    )
    proof.show(And(Le(0, delta_C), Le(delta_C, m), Le(0, r_C), Le(r_C, m)), "these are probabilities")
    shannons_plan(proof, delta_C, Lt(delta_C, m), unit, r_C, r"\delta_C")
    _of_the_label(proof, inverse, unit)


def _of_the_label(proof: Proof, inverse: sp.Expr, unit: Unit) -> None:
    """Show that Shannon's plan just meets `C`."""
    off = error(gamma, r)
    proof.show(
        Eq(s + r - 2 * s * r - 2 * (1 - 2 * e) * gamma, noisy(off), evaluate=False),
        "label and $Y$ differ where either the noise or $Y$ flips the bit",
    )
    given = And(Lt(e, half), Le(entropy(e, unit), C), Lt(C, H_S))
    left = H_b_inv.of(C, unit.base)
    proof.show(Eq(entropy(left, unit), C), "the probability up to one half with this entropy", given=given)
    proof.show(And(Le(e, left), Lt(left, s)), "the binary entropy increases up to one half", given=given)
    proof.show(And(Eq(delta_C, inverse), Lt(delta_C, m)), "so this many errors are possible", given=given)
    proof.show(Eq(entropy(noisy(delta_C), unit), C), r"and with them $H(S \mid Y) = C$", given=given)


def noisy(errors: sp.Expr) -> sp.Expr:
    """How often label and `Y` differ, where `X` and `Y` differ this often."""
    return errors * (1 - e) + (1 - errors) * e


def positive(proof: Proof, unit: Unit) -> None:
    """Name the allowed law that needs the smallest rate for the label, with positive covariance."""
    let(proof, r_pos, Max(r_min, Min(r_C, r_max)), "the allowed law nearest to $r_C$")
    let(proof, gamma_pos, needed(r_pos, unit), "the least covariance that tells enough of the label there, if one does")
    let(proof, H_pos, H_S - told(largest(r_pos), r_pos, unit), r"the least $H(S \mid Y)$ there")
    let(
        proof,
        R_pos,
        Piecewise((information(gamma_pos, r_pos, unit), Le(H_pos, C)), (sp.oo, True)),
        "the rate of meeting $C$ with positive covariance",
    )
    proof.show(And(Le(r_min, r_pos), Le(r_pos, r_max), Le(0, r_pos), Le(r_pos, 1)), "it is an allowed law")
    proof.show(
        And(Le(H_pos, C), Ge(information(gamma, r, unit), R_pos)),
        r"along the plans with $H(S \mid Y) = C$ the slope of the rate in the law has the sign of $1 - a - b$, where $a$ and"
        " $b$ are the probabilities of $X = 1$ given the two values of $Y$: it compares where the tangents at $a$ and $b$ of"
        " the entropies of $X$ and of the label meet. The sign changes at $r_C$ alone, so no allowed law is better than the"
        " nearest one",
        given=And(ALLOWED, enough(r, unit)),
    )


def negate(proof: Proof) -> None:
    """Show what negating `Y` does."""
    proof.show(
        Eq(error(-gamma, 1 - r), 1 - error(gamma, r), evaluate=False),
        "negating $Y$ negates the covariance; rate and label do not change, and errors become hits",
    )


def enough(law: sp.Expr, unit: Unit) -> Boolean:
    """Whether a covariance `gamma >= 0` is possible at a law, and tells enough of the label, which needs it."""
    return And(Lt(C, H_S), Ge(gamma, 0), Le(gamma, largest(law)), Ge(told(gamma, law, unit), i_C))
