"""Bernoulli source, Hamming distortion, one shot, the classifier sees Y, time sharing: `D(R, C)`.

Theorem.  Let `X ~ Bern(q_X)`, `Y ~ Bern(q_Y)`, `S = X xor S_1`, `S_1 ~ Bern(q_S1)`; codes with these laws are shared in
time, and encoder, decoder and classifier know which is in use.  Let `J = max(0, H(S) - C)`, `I_pos` and `I_neg` the values
of `I(S;Y)` at the largest and the least covariance, `gamma_use` the mean of `|gamma|` that the rate allows, `gamma_top` the
lesser of it and `gamma_max`, and `H_top` the value of `H(S|Y)` there.  The least distortion is

    D_ind - 2 gamma_top               rate-limited:                H_top <= C, gamma_top < gamma_max
    |q_X - q_Y|                       transport-limited:           H_top <= C, gamma_top = gamma_max
    D_ind - 2 gamma_use               rate-limited, time-shared:   H_top > C,  J gamma_max <= I_pos gamma_use
    D_ind - 2 gamma_use - 4 gamma_min n_R
                                      rate- and classification-limited, time-shared:  gamma_max, gamma_min and independence
                                      are time-shared so that rate and C are met with equality
    |q_X - q_Y| + 2 (gamma_max - gamma_min) n_C
                                      classification-limited, time-shared:  gamma_max and gamma_min are time-shared so that C
                                      is met with equality
    +oo                               infeasible:                  no mix within the rate tells J of the label

where `n_R = (J gamma_max - I_pos gamma_use)/(I_neg gamma_max + I_pos gamma_min)` and `n_C = (J - I_pos)/(I_neg - I_pos)` are
the weights of `gamma_min`; both regimes are empty unless `q_X` and `q_Y` lie on opposite sides of 1/2.  The first
two regimes are those without time sharing.  In the others time sharing gains: it costs less, or is feasible where one code
is not; the one exception is the mix that is `gamma_min` alone.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Min, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.bernoulli import Bernoulli
from drc.proof import LinearProgram, Proof
from drc.theory.bernoulli.one_shot_yu.maps import LAWS_OF_D, TRANSPORT, half
from drc.theory.bernoulli.time_shared import mixtures
from drc.theory.bernoulli.time_shared.mixtures import IS_LAW, OPEN, OPPOSITE, information, lean
from drc.theory.bernoulli.y.covariance import Reduction, is_law, monotone
from drc.theory.theorem import Derived, Theorem, conditions, covers, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, D_ind, H_S, H_top, e = sp.symbols("D R C D_ind H_S H_top e", real=True)
I_neg, I_pos, J, gamma_R, gamma_max = sp.symbols("I_neg I_pos J gamma_R gamma_max", real=True)
gamma_min, gamma_top, slope, tilt, w_0 = sp.symbols("gamma_min gamma_top slope tilt w_0", real=True)
w_max, w_min = sp.symbols("w_max w_min", real=True)

gamma_use, n_R, n_C = sp.symbols("gamma_use n_R n_C", real=True)

#: Where rate and classification both bind: the weight of `gamma_max`, which is what is left of the rate, and whether the
#: weights of the mix leave room for independence, whose weight is `ROOM / tilt`.
P_R = (gamma_use + gamma_min * n_R) / gamma_max
ROOM = tilt - (I_neg - I_pos) * gamma_use - J * (gamma_max + gamma_min)
FITS = Le(gamma_use + n_R * (gamma_max + gamma_min), gamma_max)

#: Where classification binds and the rate does not: whether the rate allows the mix.
AFFORDABLE = Le(gamma_max * (1 - n_C) - gamma_min * n_C, gamma_use)

STATEMENT = (
    "Least Hamming distortion of a Bernoulli source for rate $R$ and classification bound $C$, one shot, with common"
    " randomness and time sharing, when the classifier sees $Y$ and the index of the code."
)

SHARED_RATE = "rate-limited, time-shared"
SHARED_BOTH = "rate- and classification-limited, time-shared"
SHARED_LABEL = "classification-limited, time-shared"


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    reduction = Reduction("one-shot", unit)
    proof = mixtures.start(reduction)
    _rate(proof, reduction)
    _weights(proof)
    rows = _regimes()
    signs: dict[str, Boolean] = dict.fromkeys((SHARED_BOTH, SHARED_LABEL), OPPOSITE)
    _largest(proof)
    mixtures.optimal(proof, _program(), _mixes(), rows, signs, lambda value: D_ind + 2 * value)
    _infeasible(proof)
    _covered(proof, reduction, conditions(rows))
    _compared(proof, reduction)
    numbers = {
        "floor": TRANSPORT,
        "share": gamma_use / gamma_max,
        "p_R": P_R,
        "p_C": 1 - n_C,
        "most": Max(I_pos, I_neg),
    }
    return Derived(proof, rows, (convex("R", "C"), *LAWS_OF_D), numbers)


THEOREMS = (
    Theorem(
        id="bernoulli.one-shot.Y.time-shared.drc",
        problem=Bernoulli(classifier_sees="Y", time_sharing=True),
        statement=STATEMENT,
        setting=mixtures.SETTING,
        source="the problem of [nguyen2026], section 3, with all regimes",
        value=D,
        arguments=(R, C),
        derive=derive,
    ),
)


def _regimes() -> tuple[Regime, ...]:
    """The regimes; those that are time-shared have a mix of their own each."""
    alone = " One code alone has H(S|Y) >= {H_top} {unit} with positive covariance."
    return (
        row(
            "rate-limited",
            And(Le(H_top, C), Lt(gamma_top, gamma_max)),
            D_ind - 2 * gamma_top,
            "R = {R} {unit} allows covariance gamma <= {gamma_top}, and binds; more rate lowers D, down to {floor}. Time"
            " sharing gains nothing.",
        ),
        row(
            "transport-limited",
            And(Le(H_top, C), Ge(gamma_top, gamma_max)),
            TRANSPORT,
            "neither R nor C binds; D = {floor} is the cost of optimal transport. Time sharing gains nothing.",
        ),
        row(
            SHARED_RATE,
            And(Lt(C, H_top), Lt(gamma_use, gamma_max), Le(J * gamma_max, I_pos * gamma_use)),
            D_ind - 2 * gamma_use,
            "R = {R} {unit} allows mean covariance {gamma_use}, and binds; covariance {gamma_max} in a share {share} of the"
            " blocks and independence in the others meets C = {C} {unit}." + alone,
        ),
        row(
            SHARED_BOTH,
            And(
                Lt(lean, 0),
                Gt(J * gamma_max, I_pos * gamma_use),
                Le(-J * gamma_min, I_neg * gamma_use),
                FITS,
            ),
            D_ind - 2 * gamma_use - 4 * gamma_min * n_R,
            "R = {R} {unit} and C = {C} {unit} both bind: covariance {gamma_max} in a share {p_R} of the blocks, {gamma_min}"
            " in a share {n_R}, independence in the others." + alone,
        ),
        row(
            SHARED_LABEL,
            And(Lt(lean, 0), Gt(J, I_pos), Le(J, I_neg), AFFORDABLE),
            TRANSPORT + 2 * (gamma_max - gamma_min) * n_C,
            "C = {C} {unit} binds: covariance {gamma_max} in a share {p_C} of the blocks, and {gamma_min} in the others."
            + alone,
        ),
        row(
            "infeasible",
            Or(
                And(Gt(J * gamma_max, I_pos * gamma_use), Gt(-J * gamma_min, I_neg * gamma_use)),
                And(Gt(J, I_pos), Gt(J, I_neg)),
            ),
            sp.oo,
            (
                "C = {C} {unit} requires {J} {unit} of information on the label; at any rate the target law allows {most}"
                " {unit}.",
                And(Gt(J, I_pos), Gt(J, I_neg)),
            ),
            (
                "C = {C} {unit} requires {J} {unit} of information on the label, more than any mix of codes tells within"
                " R = {R} {unit}.",
                Or(Le(J, I_pos), Le(J, I_neg)),
            ),
        ),
    )


def _rate(proof: Proof, reduction: Reduction) -> None:
    _, top = reduction.reach(proof)
    reduction.let(proof, gamma_top, top, "the largest covariance that the rate and the two laws allow")
    proof.let(H_top, reduction.label(gamma_top), r"$H(S \mid Y)$ at the upper end", latex="H_R^+")
    monotone(proof, reduction, gamma_top, H_top)
    proof.let(
        gamma_use,
        Min(gamma_R, Max(gamma_max, -gamma_min)),
        r"the mean of $\lvert \gamma \rvert$ that spends the rate, or as much of it as there is use for",
        latex=r"\gamma_R^\ast",
    )
    proof.show(
        Equivalent(
            Le(slope * (w_max * gamma_max - w_min * gamma_min), R), Le(w_max * gamma_max - w_min * gamma_min, gamma_use)
        ),
        r"solve the bound on the rate for the mean of $\lvert \gamma \rvert$",
        given=And(IS_LAW, OPEN, Ge(R, 0)),
    )
    proof.show(Eq(Min(gamma_use, gamma_max), gamma_top), "the same within the positive covariances")


def _largest(proof: Proof) -> None:
    """With rate enough, one code with the largest covariance is the best that is not mixed."""
    given = Ge(gamma_top, gamma_max)
    proof.show(
        And(Eq(gamma_top, gamma_max), Le(gamma_max, gamma_use)), "the rate allows the end of the range", given=given
    )
    proof.show(Eq(H_top, H_S - I_pos), "so one code tells as much as this end", given=given)


@cache
def _program() -> LinearProgram:
    spent = w_max * gamma_max - w_min * gamma_min
    return mixtures.program(-(w_max * gamma_max + w_min * gamma_min), rate=Le(spent, gamma_use))


def _weights(proof: Proof) -> None:
    """The weights of the ends where C binds, with and without the rate."""
    proof.let(
        n_R,
        Piecewise(((J * gamma_max - I_pos * gamma_use) / tilt, Gt(tilt, 0)), (0, True)),
        r"weight of $\gamma_{\min}$ where rate and classification both bind",
        latex="n_R",
    )
    proof.show(And(Gt(gamma_max, 0), Gt(tilt, 0)), "the quotient exists", given=OPPOSITE)
    proof.show(Eq(tilt * n_R, J * gamma_max - I_pos * gamma_use), "and without it", given=OPPOSITE)
    proof.show(
        Eq(I_pos * P_R + I_neg * n_R, J),
        r"with the rate that is left for $\gamma_{\max}$, the mix tells what $C$ requires",
        given=OPPOSITE,
    )
    proof.let(
        n_C,
        Piecewise(((J - I_pos) / (I_neg - I_pos), Gt(I_neg, I_pos)), (0, True)),
        r"weight of $\gamma_{\min}$ where classification binds and the rate does not",
        latex="n_C",
    )
    proof.show(Eq(I_pos * (1 - n_C) + I_neg * n_C, J), "the two ends tell what $C$ requires", given=OPPOSITE)


def _mixes() -> dict[str, tuple[tuple[str, ...], dict[sp.Symbol, sp.Expr]]]:
    """The variables of the basis that is optimal in each regime, and its weights."""
    return {
        SHARED_RATE: (
            ("w_0", "w_max", "slack_classification"),
            {w_max: gamma_use / gamma_max, w_0: 1 - gamma_use / gamma_max},
        ),
        "transport-limited": (("w_max", "slack_rate", "slack_classification"), {w_max: sp.S.One}),
        SHARED_BOTH: (("w_0", "w_max", "w_min"), {w_max: P_R, w_min: n_R, w_0: 1 - P_R - n_R}),
        SHARED_LABEL: (("w_max", "w_min", "slack_rate"), {w_max: 1 - n_C, w_min: n_C}),
    }


def _infeasible(proof: Proof) -> None:
    """What a mix within the rate can tell at the most; the end of the longer side attains it."""
    mean = I_pos * w_max + I_neg * w_min
    proof.show(Le(mean, Max(I_pos, I_neg)), "a mix tells no more than the better end", given=IS_LAW)
    proof.show(
        Le(mean, gamma_use * Max(I_pos / gamma_max, -I_neg / gamma_min)),
        "nor more than the end that is better for its rate, with all of the rate",
        given=And(IS_LAW, OPEN, Le(w_max * gamma_max - w_min * gamma_min, gamma_use)),
    )


def _covered(proof: Proof, reduction: Reduction, condition: dict[str, Boolean]) -> None:
    cover = covers(condition)
    _weights_without_quotients(proof)
    _one_code(proof, reduction)
    rated, told = Le(J * gamma_max, I_pos * gamma_use), Le(-J * gamma_min, I_neg * gamma_use)
    positive = And(Ge(lean, 0), Lt(e, half), OPEN)
    nothing = Or(Not(OPEN), Eq(e, half))
    proof.show(And(Eq(I_pos, 0), Eq(I_neg, 0)), "there are sources with nothing to be told", given=nothing)
    show = partial(proof.show, given=And(Ge(R, 0), positive))
    show(
        And(
            *(Implies(Le(J, I_neg), Le(J, I_pos)), Implies(told, rated)),
            Implies(And(rated, Lt(gamma_use, gamma_max)), Le(J, I_pos)),
        ),
        r"where $\gamma_{\max}$ tells more, it is enough to look at it",
    )
    show(cover, "the regimes cover the feasible set where negative covariance is of no use")
    _three_codes(proof, rated, told)
    proof.show(cover, "and where it is", given=And(Ge(R, 0), OPPOSITE))
    proof.show(cover, "and where no code carries information about the label", given=And(Ge(R, 0), nothing))
    proof.show(
        cover,
        "the regimes cover the feasible set; where two hold, both mixes are optimal and their values agree",
        given=Ge(R, 0),
    )


def _weights_without_quotients(proof: Proof) -> None:
    """Say in polynomials where the mixes of three and of two codes exist."""
    given = And(Ge(R, 0), OPPOSITE)
    show = partial(proof.show, given=given)
    show(
        And(
            Eq(tilt * n_R, J * gamma_max - I_pos * gamma_use),
            Eq((I_neg - I_pos) * n_C, J - I_pos),
            *(Gt(tilt, 0), Gt(I_neg, I_pos), Gt(gamma_max, 0)),
        ),
        "the weights, without quotients",
    )
    show(
        And(
            Eq(tilt * (gamma_max - gamma_use - n_R * (gamma_max + gamma_min)), gamma_max * ROOM),
            Eq(
                (I_neg - I_pos) * (gamma_use - gamma_max * (1 - n_C) + gamma_min * n_C),
                -ROOM,
            ),
        ),
        "what is left of the weights, and of the rate",
    )
    show(
        And(Equivalent(FITS, Ge(ROOM, 0)), Equivalent(AFFORDABLE, Le(ROOM, 0))),
        "so the mix of both bounds exists where the mix that meets $C$ alone costs too much, and not else",
    )


def _one_code(proof: Proof, reduction: Reduction) -> None:
    """Compare one code with positive covariance, as much as the rate allows, with the mixes."""
    told = information(reduction, gamma_top)
    show = partial(proof.show, given=Ge(R, 0))
    show(
        And(Ge(gamma_use, 0), Le(gamma_top, gamma_use), Or(Eq(gamma_top, gamma_use), Eq(gamma_top, gamma_max))),
        "one code spends the rate, or has the largest covariance",
    )
    show(Equivalent(Le(H_top, C), Ge(told, J)), "it meets $C$ if it tells what $C$ requires")
    u, v = ((1 - 2 * e) * at for at in (gamma_top, gamma_max))
    show(
        And(
            *(is_law(gamma_top), is_law(gamma_max), Le(0, u), Le(u, v), Le(0, 1 - 2 * e)),
            *(Le(0, gamma_top), Le(gamma_top, gamma_max), Implies(Eq(gamma_top, gamma_max), Eq(u, v))),
        ),
        "label and $Y$ have joint laws",
    )
    most = information(reduction, gamma_max)
    show(
        And(Le(told, most), Implies(Eq(gamma_top, gamma_max), Eq(told, most)), Le(told * v, most * u)),
        "information is convex, and grows",
    )
    show(Implies(Eq(e, half), Eq(told, 0)), "about a label that is pure noise it is zero")
    show(Le(told * gamma_max, most * gamma_top), "for the covariance of $X$ and $Y$, too")
    show(
        And(
            Le(told * gamma_max, I_pos * gamma_top), Le(told, I_pos), Implies(Eq(gamma_top, gamma_max), Eq(told, I_pos))
        ),
        "in the letters of the theorem",
    )
    show(
        And(
            Implies(Le(H_top, C), And(Le(J * gamma_max, I_pos * gamma_use), Le(J, I_pos))),
            Implies(And(Ge(gamma_use, gamma_max), Le(J, I_pos)), Le(H_top, C)),
            Ge(gamma_max, 0),
            Ge(J, 0),
            Ge(I_pos, 0),
            Ge(gamma_use, 0),
        ),
        "what one code does, a mix does; and with rate to spare one code does what positive covariance can",
    )


def _three_codes(proof: Proof, rated: Boolean, told: Boolean) -> None:
    """Where both ends are of use, say what the mixes of the regimes tell at most."""
    within = And(Gt(J, I_pos), Le(J, I_neg))
    for claim, because in (
        (Implies(And(Not(rated), told, FITS), Le(J, I_neg)), "the mix of three tells no more than the better end"),
        (Implies(And(within, AFFORDABLE), told), "at its rate a mix of the ends does not beat the better end"),
        (Implies(And(within, rated), AFFORDABLE), "the other end would do with this rate"),
        (
            Implies(And(Not(rated), told, Not(FITS)), And(Gt(J, I_pos), AFFORDABLE)),
            "with more rate than that, two codes do",
        ),
    ):
        proof.show(claim, because, given=And(Ge(R, 0), OPPOSITE))


def _compared(proof: Proof, reduction: Reduction) -> None:
    """Where time sharing gains."""
    proof.show(
        Le(w_max * gamma_max + w_min * gamma_min, gamma_top),
        r"no mix within the rate has more covariance than $\gamma_R^+$: where that meets $C$ (the first two"
        " regimes), one code is optimal and time sharing gains nothing",
        given=And(IS_LAW, OPEN, Le(w_max * gamma_max - w_min * gamma_min, gamma_use)),
    )
    mixtures.gains(proof, reduction)
