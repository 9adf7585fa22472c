"""Bernoulli source with a label, Hamming distortion, asymptotic, the classifier sees Y, perception: `D(R, P, C)`.

Theorem.  In the letters of the theorem on `R(D, P, C)`: `r_pos` is the allowed law nearest to `r_C`, where the label needs
the rate `R_pos` with positive covariance, and `r_neg` is the law of `[1 - r_max, 1 - r_min]` nearest to `r_C`, where it
needs `R_neg` with negative covariance (infinite where the two laws do not allow it).  The least distortion is

    D_R                   the regimes and values of D(R, P) without a label:   R_pos <= R
    1 - max(d_1, d_2)     classification-limited, anti-correlated:             R_neg <= R < R_pos
    +oo                   infeasible:                                          R < R_pos, R < R_neg

where `d_1`, `d_2` are the values of `m + r - 2 m r - 2 gamma_C(r)` at the two ends of the laws in `[1 - r_max, 1 - r_min]`
with `R_C(r) <= R`.  So a bound on the label that can be met with positive covariance costs nothing; and of the plans with
negative covariance those that are farthest from `r_C` have the least distortion, because their errors are convex in the law;
this last claim has been compared with the solver, and is not among the claims of the proof.

Source: [nguyen2026], section 3, states the problem; [wyner1973] has the law `r_C`; all regimes are derived here.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Gt, Le, Lt, Max, Min, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information.laws import reach_max, reach_min
from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_S1, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.bernoulli.asymptotic import drpc, label
from drc.theory.bernoulli.asymptotic.label import SETTING, error, largest, needed, told
from drc.theory.bernoulli.asymptotic.projection import information
from drc.theory.bernoulli.y.drc import ANTI
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, P, C, m, gamma, r, r_max, r_min = sp.symbols("D R P C m gamma r r_max r_min", real=True)
e, H_S, i_C, r_C, H_pos, R_pos = sp.symbols("e H_S i_C r_C H_pos R_pos", real=True)
r_neg, gamma_neg, H_neg, R_neg = sp.symbols("r_neg gamma_neg H_neg R_neg", real=True)
R_open, r_1, r_2, end_1, end_2 = sp.symbols("R_open r_1 r_2 end_1 end_2", real=True)
gamma_1, gamma_2 = sp.symbols("gamma_1 gamma_2", real=True)


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least Hamming distortion of a Bernoulli source for rate $R$, perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$ and classification bound $C$, asymptotically, when the classifier sees $Y$."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof, free, _, numbers = drpc.derive(perception, unit, label.DOMAIN)
    label.start(proof, unit)
    label.positive(proof, unit)
    _negative(proof, unit)
    met = And(Le(H_pos, C), Le(R_pos, R))
    rows = (*(_with_label(regime, met) for regime in free), *_opposite())
    _optimal(proof, unit)
    proof.show_cover(conditions(rows))
    laws = (
        convex("R", "P", C=sp.oo),
        symmetric(q_X=1 - q_X, q_ref=1 - q_ref),
        symmetric(q_S1=1 - q_S1),
        limit(Min(q_X, 1 - q_X), R=sp.S.Zero, P=sp.oo, C=sp.oo),
        limit(sp.S.Zero, R=sp.oo, P=sp.oo, C=sp.oo),
    )
    return Derived(proof, rows, laws, numbers)


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.asymptotic.Y.labelled.drpc.{perception}",
        problem=PerceivedBernoulli(setting="asymptotic", perception=perception),
        statement=statement(perception),
        setting=SETTING,
        source="the problem of [nguyen2026], section 3, with all regimes; [wyner1973]",
        value=D,
        arguments=(R, P, C),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def _with_label(regime: Regime, met: Boolean) -> Regime:
    """A regime without a label, where the label costs nothing."""
    costs = " C = {C} {unit} costs nothing: it needs {R_pos} {unit}."
    reasons = ((reason.text + costs, reason.when) for reason in regime.reasons)
    return row(regime.name, And(regime.condition, met), regime.expr, *reasons)


def _opposite() -> tuple[Regime, ...]:
    """The regimes in which positive covariance does not tell enough of the label within the rate."""
    missed, within = Or(Lt(C, H_pos), Gt(R_pos, R)), And(Le(H_neg, C), Le(R_neg, R))
    positive = "C = {C} {unit} needs the rate {R_pos} {unit} with positive covariance"
    below = "with positive covariance the laws within P allow H(S|Y) >= {H_pos} {unit}, and C = {C} {unit} is less"
    negative, none = "with negative it needs {R_neg} {unit}", "with negative they allow H(S|Y) >= {H_neg} {unit}"
    return (
        row(
            ANTI,
            And(missed, within),
            Min(1 - error(gamma_1, r_1), 1 - error(gamma_2, r_2)),
            (f"{positive}; {negative}, within R = {{R}} {{unit}}, and errs more often than not.", Le(H_pos, C)),
            (f"{below}; {negative}, within R = {{R}} {{unit}}, and errs more often than not.", Lt(C, H_pos)),
        ),
        row(
            "infeasible",
            And(missed, Not(within)),
            sp.oo,
            (f"{positive}, and {negative}; R = {{R}} {{unit}} is less.", And(Le(H_pos, C), Le(H_neg, C))),
            (
                f"{positive}, and R = {{R}} {{unit}} is less; {none}, which is more than C.",
                And(Le(H_pos, C), Lt(C, H_neg)),
            ),
            (f"{below}; {negative}, and R = {{R}} {{unit}} is less.", And(Lt(C, H_pos), Le(H_neg, C))),
            (f"{below}; {none}, which is more, too.", And(Lt(C, H_pos), Lt(C, H_neg))),
        ),
    )


def _negative(proof: Proof, unit: Unit) -> None:
    """Name the law of the negation that needs the smallest rate for the label, and those with the least distortion."""
    label.let(
        proof, r_neg, Max(1 - r_max, Min(r_C, 1 - r_min)), "the allowed law of the negation of $Y$ nearest to $r_C$"
    )
    label.let(proof, gamma_neg, needed(r_neg, unit), "the covariance of $X$ and the negation that $C$ needs there")
    label.let(proof, H_neg, H_S - told(largest(r_neg), r_neg, unit), r"the least $H(S \mid Y)$ there")
    label.let(proof, R_neg, information(gamma_neg, r_neg, unit), "the rate of this covariance")
    label.let(
        proof,
        R_open,
        Piecewise((R, And(Or(Lt(C, H_pos), Gt(R_pos, R)), Le(H_neg, C), Le(R_neg, R))), (0, True)),
        "the rate, where only negative covariance meets $C$ within it",
    )
    for law, gamma, end, of_rate, nearest, word in (
        (r_1, gamma_1, end_1, reach_min, Max(1 - r_max, end_1), "least"),
        (r_2, gamma_2, end_2, reach_max, Min(1 - r_min, end_2), "largest"),
    ):
        label.let(
            proof, end, of_rate.of(R_open, i_C, m, e, unit.base), f"the {word} law that meets $C$ within this rate"
        )
        label.let(proof, law, nearest, f"the {word} allowed law of the negation that does")
        label.let(proof, gamma, needed(law, unit), "the covariance that $C$ needs there")


def _optimal(proof: Proof, unit: Unit) -> None:
    """Show where negative covariance meets the bounds."""
    label.negate(proof)
    proof.show(
        And(Le(H_neg, C), Le(R_neg, information(gamma, r, unit))),
        "as with positive covariance, no law of the negation needs a smaller rate than the nearest one to $r_C$",
        given=And(label.NEGATED, label.enough(r, unit)),
    )
