"""The one-shot Bernoulli problem with perception: the linear program over the four maps, for an interval of laws of `Y`.

Source: [nguyen2026], section 3, with a perception constraint instead of the target law.  What is within `P` of the
reference is an interval of laws (`perception`), so that of the program in `maps` one line changes:

    minimise    P(Y != X)
    subject to  H(Y|U) <= R,    H(S|Y,U) <= C,    q_min <= P(Y = 1) <= q_max

After the flip that makes a one the rarer letter of the source, the interval is `[r_min, r_max]`.  Everything here is
shared by the theorems `drpc` and `rdpc`; the measure enters through `q_min` and `q_max` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Le, Lt, Max, Or, Piecewise

from drc.problems.bernoulli import q_ref, q_S1, q_X, q_Y
from drc.proof import LinearProgram, Proof
from drc.theory import reduction
from drc.theory.bernoulli.one_shot_yu import maps
from drc.theory.bernoulli.one_shot_yu.maps import MAPS, half, ones
from drc.theory.bernoulli.perception import DOMAIN as LAWS
from drc.theory.bernoulli.perception import LATEX, law_interval
from drc.tradeoff.law import symmetric
from drc.units import Unit

if TYPE_CHECKING:
    from sympy.core.relational import Relational

D_ind, flip, m, one, q_max = sp.symbols("D_ind flip m one q_max", real=True)
q_min, r, same, t_max, zero = sp.symbols("q_min r same t_max zero", real=True)

r_min, r_max, t_P = sp.symbols("r_min r_max t_P", real=True)

SETTING = (
    r"The source is $X \sim \mathrm{Bern}(q_X)$, the reference is $p_{\mathrm{ref}} = \mathrm{Bern}(q_{\mathrm{ref}})$, and"
    r" the label is $S = X \oplus S_1$ with $S_1 \sim \mathrm{Bern}(q_{S_1})$ independent of $X$. The law of $Y$, with"
    r" $P(Y = 1) = q_Y$, is free within the perception bound. Encoder and decoder share common randomness $U$, so that"
    r" without loss $Y = f(X)$ for a map $f$ that is drawn by $U$: one of the constants zero and one, the identity same and"
    r" the negation flip, with probabilities $w_{\text{zero}}, w_{\text{one}}, w_{\text{same}}, w_{\text{flip}} \ge 0$. The"
    r" problem is to minimise one of $P(Y \ne X)$ and $H(Y \mid U)$ with the other bounded, subject to"
    r" $H(S \mid Y, U) \le C$ and the perception bound."
)

#: What `D(R, P, C)` and `R(D, P, C)` obey.
SYMMETRIES = (symmetric(q_X=1 - q_X, q_ref=1 - q_ref), symmetric(q_S1=1 - q_S1))

#: By how much a plan, whose law is `r`, is inside the interval.
SLACKS = {"slack_least_law": r - r_min, "slack_largest_law": r_max - r}


def reduce(perception: str, unit: Unit) -> Proof:
    """Derive the interval of laws, the constraints on the weight `t` of the bijections, and its largest feasible value."""
    proof = Proof(maps.DOMAIN | LAWS, LATEX, assumed=maps.WEIGHTS)
    entropy = maps.entropy_in(unit)
    reduction.show(proof, *reduction.TO_MAPS, *reduction.OF_MAPS)
    law_interval(proof, perception, unit)
    maps.flip_bits(proof)
    _flip_the_interval(proof)
    maps.statistics_of_the_maps(proof, entropy)
    maps.constraints_on_the_weight(proof, entropy)
    _distortion(proof)
    _largest_weight(proof)
    return proof


def program(minimise: sp.Expr, **subject_to: Relational) -> LinearProgram:
    """The linear program over the four weights."""
    rows = {"weights": Eq(sum(MAPS), 1), "least law": Ge(ones(), r_min), "largest law": Le(ones(), r_max)}
    return LinearProgram(tuple(MAPS), minimise, {**rows, **subject_to}, interval=(m, sp.S.Zero, half))


def _flip_the_interval(proof: Proof) -> None:
    proof.let(
        r_min,
        Piecewise((q_min, q_X <= half), (1 - q_max, True)),
        "the least $P(Y = 1)$ allowed, after the same flip",
        latex=r"r_{\min}",
    )
    proof.let(
        r_max,
        Piecewise((q_max, q_X <= half), (1 - q_min, True)),
        "the largest $P(Y = 1)$ allowed, after the same flip",
        latex=r"r_{\max}",
    )
    proof.show(
        And(
            Equivalent(And(Le(q_min, q_Y), Le(q_Y, q_max)), And(Le(r_min, r), Le(r, r_max))),
            Eq(r_max - r_min, q_max - q_min),
        ),
        "the flip turns the interval of allowed laws round",
    )


def _distortion(proof: Proof) -> None:
    proof.let(
        D_ind,
        m + r_min - 2 * m * r_min,
        "the least distortion of a $Y$ independent of $X$: that with the fewest ones, after the flip",
        latex=r"D_{\mathrm{ind}}",
    )
    proof.show(
        Eq(maps.distortion(), m + r - 2 * m * r - 2 * m * (1 - m) * (same - flip)),
        "the identity errs never, the negation always, a constant with the probability of the other letter",
    )
    proof.let(
        t_P,
        Piecewise((0, Or(Le(r_min, 0), Eq(m, half))), (r_min / m, True)),
        "the weight $t$ from which perception costs nothing: the identity alone gives ones enough, or ones and"
        " zeros err alike",
    )
    proof.show(
        Eq(m * t_P, r_min), "of this weight the identity alone gives the fewest ones allowed", given=maps.INTERIOR
    )


def _largest_weight(proof: Proof) -> None:
    proof.let(
        t_max,
        Piecewise((r_max / m, Lt(r_max, m)), ((1 - r_min) / m, Lt(1 - r_min, m)), (1, True)),
        "the largest weight $t$ that the allowed laws leave room for",
        latex=r"t_{\max}",
    )
    law = Max(m, r_min)
    negation = (law - m) / (1 - 2 * m)
    of_weight_one = {same: 1 - negation, flip: negation, r_min: law - r_min, r_max: r_max - law}
    proof.show(
        Eq(ones().subs({zero: 0, one: 0, same: 1 - negation, flip: negation}), law),
        "identity and negation give this mass of ones",
        given=maps.INTERIOR,
    )
    maps.largest_weight(proof, program(-(same + flip)).dual_vertices, SLACKS, {sp.S.One: of_weight_one})
