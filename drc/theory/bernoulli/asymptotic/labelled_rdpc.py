"""Bernoulli source with a label, Hamming distortion, asymptotic, the classifier sees Y, perception: `R(D, P, C)`.

Theorem.  Let `X ~ Bern(q_X)`, `S = X xor S_1`, `S_1 ~ Bern(q_S1)`; the law of `Y` is free within `P` of `Bern(q_ref)`, in
total variation, `W_2^2` (the same for bits) or `KL(p_Y || p_ref)`.  Flip both bits, if need be, so that
`m = P(X = 1) <= 1/2`; the allowed laws of `Y` are then `r_min <= r <= r_max`.  Let `e` and `s` be the probabilities of a one
of the label's noise (negated, if need be, so that `e <= 1/2`) and of the label, `delta_C = (H_b^-1(C) - e)/(1 - 2 e)`,
`r_C = (m - delta_C)/(1 - 2 delta_C)`, and for a law `r`

    gamma_C(r) = I_b^-1(H(S) - C; s, r)/(1 - 2 e),    R_C(r) = I_b(gamma_C(r); m, r),

infinite where the two laws do not allow this covariance.  Let `R_D` be the least rate without a label, as in the theorem of
that name, `R_pos = R_C(r_pos)` for the allowed law `r_pos` nearest to `r_C`, and `R_neg = min R_C(r)` over the `r` in
`[1 - r_max, 1 - r_min]` with `P(Y != X) = 1 - m - r + 2 m r + 2 gamma_C(r) <= D`.  The least rate is

    R_D      distortion-limited, distortion- and perception-limited:           D < D_2, R_pos <= R_D
    R_pos    classification-limited, classification- and perception-limited:   C < H(S), R_D < R_pos <= R_neg
    R_neg    classification-limited, anti-correlated:                          C < H(S), D >= D_2, R_neg < R_pos
    0        zero-rate:                                                        D >= D_2, C >= H(S)
    +oo      infeasible:                                                       D < D_1 or R_pos = oo, and R_neg = oo

so it is the larger one of what distortion and label need, unless `Y` is better correlated with `X` negatively.  `R_neg` is
`R_C` at the nearest law to `r_C` on one side of the laws at which label and negation, differing as `D` has it, have the
information `H(S) - C`.  Where `r_C` is allowed `R_pos = H_b(m) - H_b(delta_C)`.

Source: [nguyen2026], section 3, states the problem; [wyner1973] has the law `r_C`; all regimes are derived here.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Ge, Le, Lt, Max, Min, Not, Or, Piecewise
from sympy.logic.boolalg import Boolean

from drc.information.laws import law_max, law_min
from drc.problems.bernoulli import PerceivedBernoulli, q_ref, q_S1, q_X
from drc.problems.perception import MEASURES
from drc.proof import Proof
from drc.theory.bernoulli.asymptotic import label, rdpc
from drc.theory.bernoulli.asymptotic.label import SETTING, error, largest, needed, told
from drc.theory.bernoulli.asymptotic.projection import entropy, information
from drc.theory.bernoulli.y.drc import ANTI
from drc.theory.theorem import Derived, Theorem, conditions, row
from drc.tradeoff import Regime
from drc.tradeoff.law import convex, limit, symmetric
from drc.units import Unit

D, R, P, C, m, gamma, r, r_P, r_max, r_min = sp.symbols("D R P C m gamma r r_P r_max r_min", real=True)
D_1, D_2, gamma_D, R_D = sp.symbols("D_1 D_2 gamma_D R_D", real=True)
e, s, H_S, i_C, delta_C, r_C = sp.symbols("e s H_S i_C delta_C r_C", real=True)
r_pos, gamma_pos, H_pos, R_pos = sp.symbols("r_pos gamma_pos H_pos R_pos", real=True)
D_neg, e_neg, R_neg = sp.symbols("D_neg e_neg R_neg", real=True)

#: On either side of `r_C`, with negative covariance: where the distortion is met, the law, covariance, and label left.
SIDES = {
    "below": sp.symbols("law_below end_below r_below gamma_below H_below", real=True),
    "above": sp.symbols("law_above end_above r_above gamma_above H_above", real=True),
}
SIGNS = {"below": "<", "above": ">"}


def statement(perception: str) -> str:
    """What the theorem says, in words."""
    return (
        "Least rate of a Bernoulli source for Hamming distortion $D$, perception bound $P$ on"
        f" ${MEASURES[perception].bounded}$ and classification bound $C$, asymptotically, when the classifier sees $Y$."
    )


def derive(perception: str, unit: Unit) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof, free, _, numbers = rdpc.derive(perception, unit, label.DOMAIN)
    feasible = [(regime.expr, regime.condition) for regime in free[:3]]
    proof.let(R_D, Piecewise(*feasible, (sp.oo, True)), "the least rate without a classification constraint")
    label.start(proof, unit)
    label.positive(proof, unit)
    _negative(proof, unit)
    rows = (*_limited_by_distortion(free), *_limited_by_label(unit), *_neither(free))
    _both_met(proof, free, unit)
    proof.show_cover(conditions(rows))
    laws = (
        convex("D", "P", C=sp.oo),
        symmetric(q_X=1 - q_X, q_ref=1 - q_ref),
        symmetric(q_S1=1 - q_S1),
        limit(sp.S.Zero, D=sp.oo, C=sp.oo),
        limit(entropy(q_X, unit), D=sp.S.Zero, P=sp.oo, C=sp.oo),
    )
    return Derived(proof, rows, laws, numbers)


THEOREMS = tuple(
    Theorem(
        id=f"bernoulli.asymptotic.Y.labelled.rdpc.{perception}",
        problem=PerceivedBernoulli(setting="asymptotic", perception=perception),
        statement=statement(perception),
        setting=SETTING,
        source="the problem of [nguyen2026], section 3, with all regimes; [wyner1973]",
        value=R,
        arguments=(D, P, C),
        derive=partial(derive, perception),
    )
    for perception in ("TV", "W2", "KL")
)


def _limited_by_distortion(free: tuple[Regime, ...]) -> tuple[Regime, ...]:
    """The regimes in which the label costs nothing."""
    because = "; C = {C} {unit} alone would need {R_pos} {unit}."
    return tuple(
        row(
            regime.name,
            And(regime.condition, Ge(R_D, R_pos)),
            regime.expr,
            regime.reasons[0].text.removesuffix(".") + because,
        )
        for regime in free[:2]
    )


def _limited_by_label(unit: Unit) -> tuple[Regime, ...]:
    allowed = And(Le(r_min, r_C), Le(r_C, r_max))
    binds = And(Ge(D, D_1), Lt(C, H_S), Le(H_pos, C), Lt(R_D, R_pos), Le(R_pos, R_neg))
    return (
        row(
            "classification-limited",
            And(binds, allowed),
            entropy(m, unit) - entropy(delta_C, unit),
            "C = {C} {unit} binds: X and Y may differ with probability {delta_C} at most; P = {P} costs nothing, and D = {D}"
            " alone would need {R_D} {unit}.",
        ),
        row(
            "classification- and perception-limited",
            And(binds, Not(allowed)),
            R_pos,
            "C = {C} {unit} and P = {P} bind: the law that needs the smallest rate for the label has the rarer letter of X"
            " with probability {r_C}, and the nearest law within P has {r_pos}. D = {D} alone would need {R_D} {unit}.",
        ),
        row(
            ANTI,
            And(Ge(D, D_2), Lt(C, H_S), Lt(R_neg, R_pos)),
            R_neg,
            (
                "C = {C} {unit} is met at the least rate, {R_neg} {unit}, by negative covariance; with positive covariance"
                " the least rate is {R_pos} {unit}.",
                Le(H_pos, C),
            ),
            (
                "C = {C} {unit} is met by negative covariance only, at the rate {R_neg} {unit}; with positive covariance the"
                " laws within P allow H(S|Y) >= {H_pos} {unit}.",
                Lt(C, H_pos),
            ),
        ),
    )


def _neither(free: tuple[Regime, ...]) -> tuple[Regime, ...]:
    short = Or(Lt(D, D_1), Lt(C, H_pos))
    opposite = And(Lt(C, H_S), Ge(D, D_2), Or(*(_is_open(side) for side in SIDES)))
    return (
        row(
            "zero-rate",
            And(Ge(D, D_2), Ge(C, H_S)),
            sp.S.Zero,
            "neither D nor C binds: Y drawn independently of X, from the best law within P, has D = {D_2} and"
            " H(S|Y) = {H_S} {unit}.",
        ),
        row(
            "infeasible",
            And(short, Not(opposite)),
            sp.oo,
            (free[3].reasons[0].text, Lt(D, D_1)),
            (
                "the laws within P allow H(S|Y) >= {H_pos} {unit} with positive covariance; C = {C} {unit} is less, and"
                " negative covariance does not meet it within D = {D}.",
                Ge(D, D_1),
            ),
        ),
    )


def _negative(proof: Proof, unit: Unit) -> None:
    """Name the laws of the negation of `Y` that need the smallest rate for the label within the distortion."""
    label.let(proof, D_neg, 1 - D, "how often $X$ and the negation of $Y$ have to differ")
    label.let(proof, e_neg, D_neg * (1 - e) + (1 - D_neg) * e, "how often label and negation then differ")
    ends = {side: f.of(i_C, e_neg, s, unit.base) for side, f in (("below", law_min), ("above", law_max))}
    rates = []
    for side, (exact, end, law, gamma, left) in SIDES.items():
        label.let(
            proof,
            exact,
            ends[side],
            f"the law ${SIGNS[side]} r_C$ at which label and negation, differing this often, have the information $i_C$",
        )
        label.let(
            proof,
            end,
            Piecewise((r_C, Le(D_neg, delta_C)), (exact, True)),
            f"the law nearest to $r_C$, ${SIGNS[side]} r_C$, at which enough errors are left; or $r_C$ itself",
        )
        nearest = Min(end, 1 - r_min) if side == "below" else Max(end, 1 - r_max)
        label.let(proof, law, nearest, "the nearest law of the negation on this side that is allowed, if one is")
        label.let(proof, gamma, needed(law, unit), "the covariance of $X$ and the negation that $C$ needs there")
        label.let(proof, left, H_S - told(largest(law), law, unit), r"the least $H(S \mid Y)$ there")
        rates.append(Piecewise((information(gamma, law, unit), _is_open(side)), (sp.oo, True)))
    label.let(
        proof,
        R_neg,
        Piecewise((Min(*rates), And(Lt(C, H_S), Ge(D, D_2))), (sp.oo, True)),
        "the rate of meeting $C$ with negative covariance, if $D$ admits it",
    )


def _both_met(proof: Proof, free: tuple[Regime, ...], unit: Unit) -> None:
    """Show that the plan of the dearer bound meets the other one, and that `R_neg` is the least with negative covariance."""
    dearer = And(Ge(D, D_1), Lt(C, H_S), Le(H_pos, C), Lt(R_D, R_pos))
    why = (
        " Shannon's plan of a law between $r_0$ and $r_C$ has errors between $D$ and $\\delta_C$, so that at the nearest law"
        " the plan of the dearer bound has the larger covariance, and meets the other bound, too"
    )
    proof.show(Le(error(gamma_pos, r_pos), D), f"if the label needs more rate:{why}", given=dearer)
    for regime in free[:2]:
        given = And(regime.condition, Ge(R_D, R_pos))
        proof.show(Ge(told(gamma_D, r_P, unit), i_C), f"if the distortion needs more rate:{why}", given=given)
    label.negate(proof)
    proof.show(
        Ge(information(gamma, r, unit), R_neg),
        r"negative covariance: along the plans with $H(S \mid Y) = C$ the errors of the negation are convex in its law and"
        r" least at $r_C$, like the rate; so the nearest law on one side that leaves enough errors is best",
        given=And(label.NEGATED, Ge(D, D_2), label.enough(r, unit), Ge(error(gamma, r), D_neg)),
    )
    for side, (*_, law, at, _) in SIDES.items():
        given = And(Lt(C, H_S), Ge(D, D_2), _is_open(side))
        proof.show(Le(1 - error(at, law), D), f"the plan ${SIGNS[side]} r_C$ is within the distortion", given=given)


def _is_open(side: str) -> Boolean:
    """Whether the law on a side is allowed, and tells enough of the label."""
    *_, law, _, left = SIDES[side]
    within = Le(1 - r_max, law) if side == "below" else Le(law, 1 - r_min)
    return And(within, Le(left, C))
