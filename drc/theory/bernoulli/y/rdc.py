"""Bernoulli source, Hamming distortion; the classifier sees Y: `R(D, C)`, in one shot and asymptotically.

Theorem.  In the covariance `gamma` of `X` and `Y` the distortion needs `gamma >= gamma_D`, and the classification
`gamma >= gamma_pos` or `gamma <= gamma_neg`; `R_pos` and `R_neg` are the rates of these two (infinite where the two laws or
the distortion forbid them).  The least rate is

    rate(gamma_D)  distortion-limited:                       D < D_ind, gamma_D >= gamma_pos
    R_pos          classification-limited:                   C < H(S), gamma_D < gamma_pos, R_pos <= R_neg
    R_neg          classification-limited, anti-correlated:  C < H(S), R_neg < R_pos
    0              zero-rate:                                D >= D_ind, C >= H(S)
    +oo            infeasible:                               neither side of zero has a covariance that meets D and C

with `rate(gamma) = |gamma| H_b(q_X)/(q_X (1 - q_X))` in one shot and `I(X;Y)` asymptotically.  In one shot the negative
side is the cheaper one for the classification whenever it is open and `q_X`, `q_Y` lie on the same side of 1/2.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Le, Lt, Max, Or, Piecewise

from drc.information.bits import cells
from drc.problems.bernoulli import Bernoulli, q_X, q_Y
from drc.proof import Proof
from drc.theory.bernoulli.one_shot_yu.maps import LAWS_OF_R, TRANSPORT
from drc.theory.bernoulli.y.covariance import IN_RANGE, P, Reduction, are_masses, inverse, monotone
from drc.theory.bernoulli.y.drc import ANTI, SETTINGS, setting_in_words
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, D_ind = sp.symbols("D R C D_ind", real=True)
H_S, gamma, gamma_max, gamma_min = sp.symbols("H_S gamma gamma_max gamma_min", real=True)
gamma_neg, gamma_pos = sp.symbols("gamma_neg gamma_pos", real=True)

gamma_D, H_pos, H_neg, R_pos, R_neg = sp.symbols("gamma_D H_pos H_neg R_pos R_neg", real=True)


#: The distortion where negative covariance meets `C`.
D_NEG = D_ind - 2 * gamma_neg


def statement(setting: str) -> str:
    """What the theorem says, in words."""
    return (
        f"Least rate of a Bernoulli source for Hamming distortion $D$ and classification bound $C$, {SETTINGS[setting]} when"
        " the classifier sees $Y$ alone."
    )


def derive(setting: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    reduction = Reduction(setting, unit)
    proof = reduction.start()
    _needs(proof, reduction)
    _rates(proof, reduction)
    rows = _regimes(reduction)
    _optimal(proof, reduction)
    _ordered(proof)
    proof.show_cover(conditions(rows))
    return Derived(proof, rows, (convex("D", C=sp.oo), *LAWS_OF_R), {"floor": TRANSPORT, "D_neg": D_NEG})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.{setting}.Y.rdc",
        problem=Bernoulli(setting=setting, classifier_sees="Y"),
        statement=statement(setting),
        setting=setting_in_words(setting),
        source="the problem of [nguyen2026], section 3, with all regimes",
        value=R,
        arguments=(D, C),
        derive=partial(derive, setting),
    )
    for setting in ("one-shot", "asymptotic")
)


def _regimes(reduction: Reduction) -> tuple[Regime, ...]:
    """The regimes: which bound requires the covariance, and on which side of zero it lies."""
    return (
        row(
            "distortion-limited",
            And(Lt(D, D_ind), Ge(D, TRANSPORT), Le(H_pos, C), Ge(gamma_D, gamma_pos)),
            reduction.rate(gamma_D).replace(Abs, lambda positive: positive),
            "D = {D} needs covariance gamma >= {gamma_D}, and binds; C alone would need gamma >= {gamma_pos}.",
        ),
        row(
            "classification-limited",
            And(Lt(C, H_S), Le(H_pos, C), Lt(gamma_D, gamma_pos), Le(R_pos, R_neg)),
            R_pos,
            "C = {C} {unit} needs covariance gamma >= {gamma_pos}, at {R_pos} {unit}, and binds; with negative covariance"
            " the least rate is {R_neg} {unit}.",
        ),
        row(
            ANTI,
            And(Lt(C, H_S), Lt(R_neg, R_pos)),
            R_neg,
            "C = {C} {unit} is met at the least rate, {R_neg} {unit}, by negative covariance {gamma_neg}; with positive"
            " covariance the least rate is {R_pos} {unit}.",
        ),
        row(
            "zero-rate",
            And(Ge(D, D_ind), Ge(C, H_S)),
            sp.S.Zero,
            "neither D nor C binds: Y drawn independently of X has D = {D_ind} and H(S|Y) = {H_S} {unit}.",
        ),
        row(
            "infeasible",
            And(Or(Lt(D, TRANSPORT), Lt(C, H_pos)), Or(Lt(C, H_neg), Lt(D, D_NEG))),
            sp.oo,
            ("D = {D} is below the cost {floor} of optimal transport, which no rate undercuts.", Lt(D, TRANSPORT)),
            (
                "the target law allows H(S|Y) >= {H_pos} {unit} with positive covariance, and >= {H_neg} {unit} with"
                " negative; C = {C} {unit} is less than both.",
                And(Lt(C, H_pos), Lt(C, H_neg)),
            ),
            (
                "C = {C} {unit} can be met with negative covariance {gamma_neg} only, which has distortion {D_neg}; D = {D}"
                " is less.",
                And(Lt(C, H_pos), Le(H_neg, C), Ge(D, TRANSPORT)),
            ),
        ),
    )


def _needs(proof: Proof, reduction: Reduction) -> None:
    """What distortion and classification ask of the covariance."""
    proof.let(gamma_D, (D_ind - D) / 2, "the least covariance that reaches the distortion", latex=r"\gamma_D")
    proof.show(
        And(
            Equivalent(Le(D_ind - 2 * gamma, D), Le(gamma_D, gamma)),
            Equivalent(Le(TRANSPORT, D), Le(gamma_D, gamma_max)),
        ),
        r"solve for $\gamma$; the two laws allow this covariance from the cost of optimal transport on",
    )
    proof.let(H_pos, reduction.label(gamma_max), r"the least $H(S \mid Y)$ with positive covariance", latex="H^+")
    proof.let(H_neg, reduction.label(gamma_min), r"the least $H(S \mid Y)$ with negative covariance", latex="H^-")
    monotone(proof, reduction, gamma_max, H_pos)
    monotone(proof, reduction, gamma_min, H_neg)
    low, high = reduction.needed
    reduction.let(proof, gamma_pos, high, "the least positive covariance that meets $C$, if one does")
    inverse(proof, reduction, gamma_pos, gamma_max, H_pos)
    reduction.let(proof, gamma_neg, low, "the negative covariance nearest to 0 that meets $C$, if one does")
    inverse(proof, reduction, gamma_neg, gamma_min, H_neg)


def _rates(proof: Proof, reduction: Reduction) -> None:
    """The rate of meeting `C` on each side."""
    at_pos = reduction.rate(gamma_pos).replace(Abs, lambda positive: positive)
    at_neg = reduction.rate(gamma_neg).replace(Abs, lambda negative: -negative)
    meets_D = Ge(D, D_NEG)
    proof.let(R_pos, Piecewise((at_pos, Le(H_pos, C)), (sp.oo, True)), "the rate of meeting $C$", latex="R_C^+")
    proof.let(
        R_neg,
        Piecewise((at_neg, And(Le(H_neg, C), meets_D)), (sp.oo, True)),
        "the rate of meeting $C$ with negative covariance, if $D$ admits it",
        latex="R_C^-",
    )
    for at, within, given in (
        (gamma_pos, And(Le(0, gamma_pos), Le(gamma_pos, gamma_max)), Le(H_pos, C)),
        (gamma_neg, And(Le(gamma_min, gamma_neg), Le(gamma_neg, 0)), Le(H_neg, C)),
    ):
        nothing = And(Eq(at, 0), within.subs(at, 0))
        proof.show(nothing, "if $C$ requires nothing, no covariance is needed", given=Ge(C, H_S))
        proof.show(within, "if it requires some, the covariance lies in its range", given=And(given, Lt(C, H_S)))
        proof.show(within, "so this covariance lies in its range if the end of the range meets $C$", given=given)
        proof.show(are_masses(cells(at, q_X, q_Y)), "and belongs to a joint law", given=given)
    proof.show(Eq(R_pos, reduction.rate(gamma_pos)), "what the rate of this covariance is", given=Le(H_pos, C))
    proof.show(
        Eq(R_neg, reduction.rate(gamma_neg)),
        "what the rate of this covariance is, and its distortion is within $D$",
        given=And(Le(H_neg, C), meets_D),
    )


def _optimal(proof: Proof, reduction: Reduction) -> None:
    rate, most = reduction.rate, Max(gamma_D, gamma_pos)
    proof.show(
        And(Le(H_pos, H_S), Le(H_neg, H_S), Ge(gamma_pos, 0), Le(gamma_neg, 0)),
        "$Y$ tells no less than nothing of the label, and each covariance lies on its side of 0",
    )
    positive = And(IN_RANGE, Ge(gamma, 0), Ge(gamma, gamma_pos), Ge(gamma, gamma_D))
    proof.show(
        And(Le(0, most), Le(most, gamma), are_masses(P), are_masses(cells(most, q_X, q_Y))),
        r"if $\gamma$ belongs to a joint law, so does what lies between it and 0",
        given=positive,
    )
    proof.show(
        Ge(rate(gamma), rate(most)),
        r"the rate grows with $\gamma \ge 0$: on the positive side the larger of $\gamma_D$ and $\gamma_C^+$ is best",
        given=positive,
    )
    negative = And(IN_RANGE, Le(gamma, gamma_neg), Le(gamma_D, gamma))
    proof.show(
        And(Le(gamma_neg, 0), are_masses(P), are_masses(cells(gamma_neg, q_X, q_Y))),
        "the same on the negative side",
        given=negative,
    )
    proof.show(
        And(Ge(rate(gamma), rate(gamma_neg)), Le(gamma_D, gamma_neg)),
        r"and falls with $\gamma \le 0$: on the negative side $\gamma_C^-$ is best, and is open only if its"
        " distortion is within $D$",
        given=negative,
    )


def _ordered(proof: Proof) -> None:
    """What tells the regimes apart."""
    proof.show(
        And(
            Equivalent(Le(TRANSPORT, D), Le(gamma_D, gamma_max)),
            Equivalent(Lt(D, D_ind), Gt(gamma_D, 0)),
            Ge(gamma_max, 0),
        ),
        "the distortion requires positive covariance if it is below that of independence",
    )
    proof.show(
        And(Eq(gamma_pos, 0), Eq(gamma_neg, 0)), "if $C$ requires nothing, no covariance is needed", given=Ge(C, H_S)
    )
    proof.show(
        And(Gt(gamma_pos, 0), Le(gamma_pos, gamma_max)),
        "if it does, and can be met by positive covariance, that lies in the range and is not 0",
        given=And(Le(H_pos, C), Lt(C, H_S)),
    )
    proof.show(
        And(
            Equivalent(Lt(R_pos, sp.oo, evaluate=False), Le(H_pos, C)),
            Equivalent(Lt(R_neg, sp.oo, evaluate=False), And(Le(H_neg, C), Ge(D, D_NEG))),
        ),
        "a side has a rate if it meets $C$ and $D$",
    )
