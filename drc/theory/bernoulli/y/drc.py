"""Bernoulli source, Hamming distortion; the classifier sees Y: `D(R, C)`, in one shot and asymptotically.

Theorem.  Let `X ~ Bern(q_X)`, `Y ~ Bern(q_Y)`, `S = X xor S_1`, `S_1 ~ Bern(q_S1)`, and `gamma` the covariance of `X` and
`Y`.  The rate and the two laws allow `gamma_bottom <= gamma <= gamma_top`; `H_top` and `H_bottom` are the values of `H(S|Y)`
at these ends.  The least distortion is

    D_ind - 2 gamma_top    rate-limited:                             H_top <= C, gamma_top < gamma_max
    |q_X - q_Y|            transport-limited:                        H_top <= C, gamma_top = gamma_max
    D_ind - 2 gamma_neg    classification-limited, anti-correlated:  H_bottom <= C < H_top
    +oo                    infeasible:                               C < H_top, C < H_bottom

where `gamma_neg < 0` is the negative covariance nearest to 0 with `H(S|Y) = C`: where no positive covariance within the
rate tells enough of the label, a reconstruction that errs more often than not may.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Ge, Gt, Implies, Le, Lt, Or

from drc.problems.bernoulli import Bernoulli
from drc.proof import Proof
from drc.theory.bernoulli.one_shot_yu.maps import LAWS_OF_D, TRANSPORT
from drc.theory.bernoulli.y.covariance import Reduction, inverse, monotone, spent
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, D_ind = sp.symbols("D R C D_ind", real=True)
gamma, gamma_bottom, gamma_max = sp.symbols("gamma gamma_bottom gamma_max", real=True)
gamma_neg, gamma_top = sp.symbols("gamma_neg gamma_top", real=True)

H_top, H_bottom = sp.symbols("H_top H_bottom", real=True)

ANTI = "classification-limited, anti-correlated"

#: The settings, in words.
SETTINGS = {"one-shot": "one shot, with common randomness,", "asymptotic": "asymptotically,"}


def setting_in_words(setting: str) -> str:
    """What the letters stand for, and what the problem is."""
    rate = {
        "one-shot": r"Encoder and decoder share common randomness $U$, so that without loss $Y = f(X)$ for a map $f$ that"
        r" is drawn by $U$; the rate is $H(Y \mid U)$.",
        "asymptotic": r"The rate is $I(X;Y)$, with unlimited common randomness.",
    }[setting]
    return (
        r"The source is $X \sim \mathrm{Bern}(q_X)$, the target law is $\mathrm{Bern}(q_Y)$, and the label is"
        r" $S = X \oplus S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$ independent of $X$. "
        + rate
        + r" The problem is to minimise one of $P(Y \ne X)$ and the rate with the other bounded, subject to $H(S \mid"
        r" Y) \le C$ and $P(Y = 1) = q_Y$; $\gamma$ is the covariance of $X$ and $Y$."
    )


def statement(setting: str) -> str:
    """What the theorem says, in words."""
    return (
        f"Least Hamming distortion of a Bernoulli source for rate $R$ and classification bound $C$, {SETTINGS[setting]} when"
        " the classifier sees $Y$ alone."
    )


def derive(setting: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    reduction = Reduction(setting, unit)
    proof = reduction.start()
    _ends(proof, reduction)
    rows = (
        row(
            "rate-limited",
            And(Le(H_top, C), Lt(gamma_top, gamma_max)),
            D_ind - 2 * gamma_top,
            "R = {R} {unit} allows covariance gamma <= {gamma_top}, and binds; more rate lowers D, down to {floor}.",
        ),
        row(
            "transport-limited",
            And(Le(H_top, C), Ge(gamma_top, gamma_max)),
            TRANSPORT,
            "neither R nor C binds; D = {floor} is the cost of optimal transport.",
        ),
        row(
            ANTI,
            And(Lt(C, H_top), Le(H_bottom, C)),
            D_ind - 2 * gamma_neg,
            "with positive covariance R = {R} {unit} allows H(S|Y) >= {H_top} {unit}, more than C = {C} {unit}. Negative"
            " covariance {gamma_neg} meets C, and errs more often than independent X and Y.",
        ),
        row(
            "infeasible",
            And(Lt(C, H_top), Lt(C, H_bottom)),
            sp.oo,
            "R = {R} {unit} and the target law allow H(S|Y) >= {H_top} {unit} with positive covariance, and"
            " >= {H_bottom} {unit} with negative; C = {C} {unit} is less than both.",
        ),
    )
    proof.show_cover(
        conditions(rows),
        "the regimes cover the feasible set: by concavity, if neither end meets $C$ then nothing between does",
    )
    _least_distortion(proof, reduction)
    return Derived(proof, rows, (convex("R", C=sp.oo), *LAWS_OF_D), {"floor": TRANSPORT})


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.{setting}.Y.drc",
        problem=Bernoulli(setting=setting, classifier_sees="Y"),
        statement=statement(setting),
        setting=setting_in_words(setting),
        source="the problem of [nguyen2026], section 3, with all regimes",
        value=D,
        arguments=(R, C),
        derive=partial(derive, setting),
    )
    for setting in ("one-shot", "asymptotic")
)


def _ends(proof: Proof, reduction: Reduction) -> None:
    spent(proof, reduction)
    proof.let(H_top, reduction.label(gamma_top), r"$H(S \mid Y)$ at the upper end", latex="H_R^+")
    proof.let(H_bottom, reduction.label(gamma_bottom), r"$H(S \mid Y)$ at the lower end", latex="H_R^-")
    monotone(proof, reduction, gamma_top, H_top)
    monotone(proof, reduction, gamma_bottom, H_bottom)


def _least_distortion(proof: Proof, reduction: Reduction) -> None:
    """The largest feasible covariance, from the two intervals of covariances that meet `C`."""
    reduction.let(
        proof,
        gamma_neg,
        reduction.needed[0],
        "the negative covariance nearest to 0 that meets $C$, if one does",
    )
    inverse(proof, reduction, gamma_neg, gamma_bottom, H_bottom)
    positive, negative = And(Le(0, gamma), Le(gamma, gamma_top)), Le(gamma, gamma_neg)
    proof.show(
        And(Implies(Le(H_top, C), Le(gamma, gamma_top)), Implies(Gt(H_top, C), Le(gamma, gamma_neg))),
        r"the distortion falls with $\gamma$: the upper end is best if it meets $C$; if not, no positive covariance"
        " does, and the best negative one is the nearest to 0 that does",
        given=And(Or(And(positive, Le(H_top, C)), negative), Le(gamma_neg, 0), Le(0, gamma_top)),
    )
