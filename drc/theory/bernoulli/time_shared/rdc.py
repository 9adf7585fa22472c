"""Bernoulli source, Hamming distortion, one shot, the classifier sees Y, time sharing: `R(D, C)`.

Theorem.  Let `X ~ Bern(q_X)`, `Y ~ Bern(q_Y)`, `S = X xor S_1`, `S_1 ~ Bern(q_S1)`; codes with these laws are shared in
time, and encoder, decoder and classifier know which is in use.  Let `c = H_b(q_X)/(q_X (1 - q_X))` be the rate for each
unit of covariance, `gamma_D = (D_ind - D)/2`, `J = max(0, H(S) - C)`, and `I_pos`, `I_neg` the values of `I(S;Y)` at the
ends `gamma_max > 0 > gamma_min` of the range of covariances.  The least rate is

    0                     zero-rate:                         D >= D_ind, C >= H(S)
    c gamma_D             distortion-limited:                one code with covariance gamma_D meets C
    c gamma_D             distortion-limited, time-shared:   J gamma_max <= I_pos gamma_D
    c gamma_max J/I_pos   classification-limited, time-shared:  time sharing of gamma_max and independence
    -c gamma_min J/I_neg  classification-limited, anti-correlated, time-shared:  gamma_min and independence do
    c (gamma_D - 2 gamma_min n_D)
                          distortion- and classification-limited, time-shared:  all three do, both bounds met with equality
    +oo                   infeasible

where `n_D = (J gamma_max - I_pos gamma_D)/(I_neg gamma_max - I_pos gamma_min)` is the weight of `gamma_min`.  The two
regimes with `gamma_min` are empty unless `q_X` and `q_Y` lie on opposite sides of 1/2; the one before, if they do.  The
first two regimes are those without time sharing.  In the others time sharing gains, unless the mix is one code, at an end
of the range.

Source: [nguyen2026], section 3, states the problem; all regimes are derived here.
"""

from __future__ import annotations

from functools import cache, partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt, Max, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.problems.bernoulli import Bernoulli
from drc.proof import LinearProgram, Proof
from drc.theory.bernoulli.one_shot_yu.maps import LAWS_OF_R, TRANSPORT, half
from drc.theory.bernoulli.time_shared import mixtures
from drc.theory.bernoulli.time_shared.mixtures import IS_LAW, OPEN, OPPOSITE, information, lean
from drc.theory.bernoulli.y.covariance import Reduction, is_law
from drc.theory.theorem import Derived, Theorem, conditions, covers, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex
from drc.units import Unit

D, R, C, D_ind, H_S, I_neg = sp.symbols("D R C D_ind H_S I_neg", real=True)
I_pos, J, e, gamma, gamma_D, gamma_max = sp.symbols("I_pos J e gamma gamma_D gamma_max", real=True)
gamma_min, slope, w_0, w_max, w_min = sp.symbols("gamma_min slope w_0 w_max w_min", real=True)

n_D, H_D = sp.symbols("n_D H_D", real=True)

#: Whether the two laws allow the distortion.
REACHABLE = Le(TRANSPORT, D)

#: Where distortion and classification both bind: the weight of `gamma_max`, and whether the weights leave any for
#: independence.
P_D = (gamma_D - gamma_min * n_D) / gamma_max
FITS = Le(P_D + n_D, 1)

#: Whether what C requires beyond `I_pos` costs more covariance than D leaves.
TOO_FAR = Gt((J - I_pos) * (gamma_max - gamma_min), (gamma_max - gamma_D) * (I_neg - I_pos))

STATEMENT = (
    "Least rate of a Bernoulli source for Hamming distortion $D$ and classification bound $C$, one shot, with common"
    " randomness and time sharing, when the classifier sees $Y$ and the index of the code."
)

SHARED_D = "distortion-limited, time-shared"
SHARED_POS = "classification-limited, time-shared"
SHARED_NEG = "classification-limited, anti-correlated, time-shared"
SHARED_BOTH = "distortion- and classification-limited, time-shared"

#: Where the multipliers of each basis have the right sign; it does not depend on the bounds.
_SIGNS = {
    SHARED_POS: And(Ge(lean, 0), Lt(e, half), OPEN),
    SHARED_NEG: OPPOSITE,
    SHARED_BOTH: OPPOSITE,
}


def derive(unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    reduction = Reduction("one-shot", unit)
    proof = mixtures.start(reduction)
    _distortion(proof, reduction)
    _weights(proof)
    rows = _regimes()
    mixtures.optimal(proof, _program(), _mixes(), rows, _SIGNS, lambda value: value)
    _infeasible(proof)
    _covered(proof, reduction, conditions(rows))
    _compared(proof, reduction)
    numbers = {
        "floor": TRANSPORT,
        "most": Max(I_pos, I_neg),
        "p": P_D,
        "p_D": gamma_D / gamma_max,
        "p_C": J / I_pos,
        "n_C": J / I_neg,
        "least": (J - I_pos) / (I_neg - I_pos),
    }
    return Derived(proof, rows, (convex("D", "C"), *LAWS_OF_R), numbers)


THEOREMS = (
    Theorem(
        id="bernoulli.one-shot.Y.time-shared.rdc",
        problem=Bernoulli(classifier_sees="Y", time_sharing=True),
        statement=STATEMENT,
        setting=mixtures.SETTING,
        source="the problem of [nguyen2026], section 3, with all regimes",
        value=R,
        arguments=(D, C),
        derive=derive,
    ),
)


def _regimes() -> tuple[Regime, ...]:
    """The regimes; those that are time-shared have a mix of their own each."""
    asks = "C = {C} {unit} requires {J} {unit} of information on the label, and binds: "
    return (
        row(
            "zero-rate",
            And(Ge(D, D_ind), Ge(C, H_S)),
            sp.S.Zero,
            "neither D nor C binds: Y drawn independently of X has D = {D_ind} and H(S|Y) = {H_S} {unit}.",
        ),
        row(
            "distortion-limited",
            And(Lt(D, D_ind), Ge(D, TRANSPORT), Le(H_D, C)),
            slope * gamma_D,
            "D = {D} needs covariance gamma >= {gamma_D}, and binds; one code with it meets C = {C} {unit}. Time sharing"
            " gains nothing.",
        ),
        row(
            SHARED_D,
            And(Lt(D, D_ind), Ge(D, TRANSPORT), Gt(H_D, C), Le(J * gamma_max, I_pos * gamma_D)),
            slope * gamma_D,
            "D = {D} needs mean covariance {gamma_D}, and binds; covariance {gamma_max} in a share {p_D} of the blocks and"
            " independence in the others meets C = {C} {unit}, which one code with H(S|Y) = {H_D} {unit} does not.",
        ),
        row(
            SHARED_POS,
            And(Ge(lean, 0), Gt(J, 0), Le(J, I_pos), Le(gamma_D * I_pos, gamma_max * J)),
            slope * gamma_max * J / I_pos,
            asks + "covariance {gamma_max} in a share {p_C} of the blocks, independence in the others.",
        ),
        row(
            SHARED_NEG,
            And(Lt(lean, 0), Gt(J, 0), Le(J, I_neg), Le(gamma_D * I_neg, gamma_min * J)),
            -slope * gamma_min * J / I_neg,
            asks + "covariance {gamma_min} in a share {n_C} of the blocks, independence in the others.",
        ),
        row(
            SHARED_BOTH,
            And(
                Lt(lean, 0),
                Le(J, I_neg),
                Gt(J * gamma_max, I_pos * gamma_D),
                Le(gamma_min * J, gamma_D * I_neg),
                FITS,
            ),
            slope * (gamma_D - 2 * gamma_min * n_D),
            "D = {D} and C = {C} {unit} both bind: covariance {gamma_max} in a share {p} of the blocks, {gamma_min} in a"
            " share {n_D}, independence in the others.",
        ),
        row(
            "infeasible",
            Or(
                Lt(D, TRANSPORT),
                And(Gt(J, I_pos), Gt(J, I_neg)),
                And(Lt(lean, 0), Gt(J, I_pos), Le(J, I_neg), TOO_FAR),
            ),
            sp.oo,
            ("D = {D} is below the cost {floor} of optimal transport, which no rate undercuts.", Lt(D, TRANSPORT)),
            (
                "C = {C} {unit} requires {J} {unit} of information on the label; the target law allows {most} {unit}.",
                And(Gt(J, I_pos), Gt(J, I_neg)),
            ),
            (
                "C = {C} {unit} needs covariance {gamma_min} in a share {least} of the blocks or more, which costs more"
                " distortion than D = {D}.",
                And(Gt(J, I_pos), Le(J, I_neg), Ge(D, TRANSPORT)),
            ),
        ),
    )


def _distortion(proof: Proof, reduction: Reduction) -> None:
    # A bound on D beyond that of the worst code requires no more than that code.
    proof.let(gamma_D, Max((D_ind - D) / 2, gamma_min), "the mean covariance that $D$ requires", latex=r"\gamma_D")
    proof.show(
        And(
            Equivalent(Le(D_ind - 2 * gamma, D), Le(gamma_D, gamma)),
            Equivalent(Le(TRANSPORT, D), Le(gamma_D, gamma_max)),
        ),
        r"solve for $\gamma$; the two laws allow this covariance from the cost of optimal transport on",
        given=And(Le(gamma_min, gamma), Le(gamma, gamma_max)),
    )
    proof.let(H_D, reduction.label(gamma_D), r"$H(S \mid Y)$ of one code with this covariance", latex="H_D")
    proof.show(is_law(gamma_D), "label and $Y$ have a joint law, if the laws allow its covariance", given=REACHABLE)
    proof.show(
        Equivalent(Le(H_D, C), Ge(information(reduction, gamma_D), J)),
        "this code meets $C$ if it carries the information about the label that $C$ requires",
        given=REACHABLE,
    )


@cache
def _program() -> LinearProgram:
    rate = slope * (w_max * gamma_max - w_min * gamma_min)
    return mixtures.program(rate, distortion=Ge(w_max * gamma_max + w_min * gamma_min, gamma_D))


def _weights(proof: Proof) -> None:
    """The weight of `gamma_min` where it is time-shared with `gamma_max`."""
    span = I_neg * gamma_max - I_pos * gamma_min
    proof.let(
        n_D,
        Piecewise(((J * gamma_max - I_pos * gamma_D) / span, Gt(span, 0)), (0, True)),
        r"weight of $\gamma_{\min}$ where distortion and classification both bind",
        latex="n_D",
    )


def _mixes() -> dict[str, tuple[tuple[str, ...], dict[sp.Symbol, sp.Expr]]]:
    """The variables of the basis that is optimal in each regime, and its weights."""
    both = {w_max: P_D, w_min: n_D, w_0: 1 - P_D - n_D}
    return {
        "zero-rate": (("w_0", "slack_distortion", "slack_classification"), {w_0: sp.S.One}),
        SHARED_D: (
            ("w_0", "w_max", "slack_classification"),
            {w_max: gamma_D / gamma_max, w_0: 1 - gamma_D / gamma_max},
        ),
        SHARED_POS: (("w_0", "w_max", "slack_distortion"), {w_max: J / I_pos, w_0: 1 - J / I_pos}),
        SHARED_NEG: (("w_0", "w_min", "slack_distortion"), {w_min: J / I_neg, w_0: 1 - J / I_neg}),
        SHARED_BOTH: (("w_0", "w_max", "w_min"), both),
    }


def _infeasible(proof: Proof) -> None:
    """What the target law allows a mix, at any rate."""
    mean, covariance = I_pos * w_max + I_neg * w_min, w_max * gamma_max + w_min * gamma_min
    proof.show(Le(mean, Max(I_pos, I_neg)), "a mix tells no more than the better end", given=IS_LAW)
    proof.show(Le(covariance, gamma_max), r"and has no more covariance than $\gamma_{\max}$", given=IS_LAW)
    proof.show(
        Eq(
            (I_neg - I_pos) * (gamma_max - covariance) - (gamma_max - gamma_min) * (mean - I_pos),
            w_0 * (gamma_max * I_neg - gamma_min * I_pos),
            evaluate=False,
        ),
        "what a mix tells beyond $I^+$ costs covariance, because the right side is not negative",
    )


def _covered(proof: Proof, reduction: Reduction, condition: dict[str, Boolean]) -> None:
    cover, here = covers(condition), REACHABLE
    positive, nothing = And(Ge(lean, 0), Lt(e, half), OPEN), Or(Not(OPEN), Eq(e, half))
    _three_codes(proof)
    _one_code(proof, reduction)
    proof.show(
        And(
            *(Equivalent(here, Le(gamma_D, gamma_max)), Equivalent(Lt(D, D_ind), Gt(gamma_D, 0)), Ge(gamma_max, 0)),
            *(Equivalent(Ge(C, H_S), Le(J, 0)), Ge(J, 0)),
        ),
        "what $D$ and $C$ require, in covariance and information",
    )
    proof.show(
        And(Eq(I_pos, 0), Eq(I_neg, 0), Or(Eq(gamma_max, 0), Gt(gamma_max, 0))),
        "there are sources with nothing to be told",
        given=nothing,
    )
    proof.show(
        And(*(Implies(Le(J, I_neg), Le(J, I_pos)), Gt(I_pos, 0), Gt(gamma_max, 0))),
        r"where $\gamma_{\max}$ tells more, it is enough to look at it",
        given=positive,
    )
    for where, in_all in ((here, "the cost of transport or more"), (Not(here), "less, which is infeasible")):
        for given, because in (
            (nothing, "the regimes cover the feasible set where no code carries information about the label"),
            (OPPOSITE, "and where negative covariance is of use"),
            (positive, "and where it is not"),
        ):
            proof.show(cover, because, given=And(where, given))
        proof.show(cover, f"that is, for a distortion of {in_all}", given=where)
    proof.show(
        cover,
        "the regimes cover the feasible set; where two hold, both mixes are optimal and their values agree",
    )


def _one_code(proof: Proof, reduction: Reduction) -> None:
    """Compare one code that D limits with the mixes."""
    given = And(REACHABLE, Gt(gamma_D, 0))
    told, most = (information(reduction, at) for at in (gamma_D, gamma_max))
    u, v = ((1 - 2 * e) * at for at in (gamma_D, gamma_max))
    show = partial(proof.show, given=given)
    show(
        And(
            *(is_law(gamma_D), is_law(gamma_max), Le(0, u), Le(u, v), Le(0, 1 - 2 * e)),
            *(Le(gamma_D, gamma_max), Lt(0, gamma_D)),
        ),
        "label and $Y$ have joint laws",
    )
    show(And(Le(told, most), Le(told * v, most * u)), "information is convex, and grows")
    show(Implies(Eq(e, half), Eq(told, 0)), "about a label that is pure noise it is zero")
    show(And(Le(told, most), Le(told * gamma_max, most * gamma_D)), "for the covariance of $X$ and $Y$, too")
    show(And(Le(told, I_pos), Le(told * gamma_max, I_pos * gamma_D)), "in the letters of the theorem")
    proof.show(
        And(
            Implies(And(Gt(gamma_D, 0), Le(H_D, C)), And(Le(J * gamma_max, I_pos * gamma_D), Le(J, I_pos))),
            Implies(Le(J, 0), Le(H_D, C)),
            Le(H_D, H_S),
        ),
        "what one code does, a mix does",
        given=REACHABLE,
    )


def _three_codes(proof: Proof) -> None:
    """Where both ends are of use, say in polynomials where their mixes exist."""
    span, room = I_neg * gamma_max - I_pos * gamma_min, (gamma_max - gamma_D) * (I_neg - I_pos)
    room -= (J - I_pos) * (gamma_max - gamma_min)
    show = partial(proof.show, given=OPPOSITE)
    show(
        And(Gt(span, 0), Eq(span * n_D, J * gamma_max - I_pos * gamma_D), Gt(gamma_max, 0)),
        "the weight, without a quotient",
    )
    show(Eq(span * gamma_max * (1 - P_D - n_D), gamma_max * room), "what is left of the weights")
    show(Equivalent(FITS, Not(TOO_FAR)), "so the three weights exist, or $C$ costs too much")
    first, second = Gt(J * gamma_max, I_pos * gamma_D), Le(gamma_min * J, gamma_D * I_neg)
    show(
        And(
            *(Gt(I_pos, 0), Gt(I_neg, I_pos), Gt(gamma_max, 0), Lt(gamma_min, 0)),
            Implies(And(Le(gamma_D, gamma_max), Le(J, I_pos)), Not(TOO_FAR)),
            Implies(And(Le(gamma_D * I_neg, gamma_min * J), Gt(J, 0), Le(J, I_neg)), Not(TOO_FAR)),
            Implies(And(first, second, Not(TOO_FAR)), Le(gamma_D, gamma_max)),
        ),
        "and it does not where one end alone would do",
    )


def _compared(proof: Proof, reduction: Reduction) -> None:
    """Where time sharing gains."""
    share = information(reduction, gamma) / I_pos
    given = And(Lt(0, gamma), Lt(gamma, gamma_max), Lt(e, half), OPEN)
    mixtures.less_than_its_share(proof, reduction, gamma_max, given)
    proof.show(
        Lt(share, gamma / gamma_max),
        r"no mix of distortion $D$ costs less than one code with covariance $\gamma_D$; where that meets $C$ (the"
        r" first two regimes), time sharing gains nothing. A code with more covariance, $\gamma > \gamma_D$, is one"
        r" that $C$ binds: $\gamma_{\max}$ in the share $I(S;Y) / I^+$ of the blocks, and independence in the"
        " others, tells as much at less rate, so that a little of this instead of the code is better, and meets"
        r" $D$. The exception is the code $\gamma = \gamma_{\max}$",
        given=given,
    )
    mixtures.gains(proof, reduction)
