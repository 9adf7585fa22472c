"""The one-shot problem of a uniform source and a symmetric label, reduced to the weight of the identity.

With common randomness `U` the reconstruction is a deterministic map `f` of the source, which `U` draws.  A map divides the
`M` letters into cells; a cell of the share `v` of all letters

    rate           log (1/v)
    information    phi(v) = (1 - b (1 - v)) log((1 - b (1 - v))/v) + b (1 - v) log b,    b = q_S1 M/(M - 1)
    errors         1 - 1/(M v), at least: one letter of the cell can be reproduced

is its rate, its information about the label, and the share of its letters that are errors, each counted with the weight `v`.
In `log (1/v)` the second is convex and the third concave, so that for every map they are on the wrong side of the chord
between `v = 1` and `v = 1/M`: no map does better than the mixture of the identity and a uniform constant that has its rate.
Everything is then a function of the weight `t` of the identity:

    rate t log M        H(S|Y,U) = log M - t I(S;X)        D = (1 - 1/M) (1 - t)

and `Y` is uniform, even where that is not required.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Le, Lt, Min, Piecewise

from drc.information import H_b
from drc.problems.symmetric import M, MarySymmetric, q_S1
from drc.proof import NONNEGATIVE, REALS, UNIT, Proof
from drc.theory import reduction
from drc.theory.symmetric import noise
from drc.theory.theorem import Derived, Theorem
from drc.units import Unit

D, R, C, P = sp.symbols("D R C P", real=True)
t, v, b, I_SX, kappa, rho, alpha, beta, ell, h = sp.symbols("t v b I_SX kappa rho alpha beta ell h", real=True)
d_1, d_2 = sp.symbols("d_1 d_2", real=True)

SETTING = (
    r"The source $X$ is uniform on $M$ letters, the label $S$ is equal to it with probability $1 - q_{S_1}$, and otherwise"
    r" uniform on the other letters. Encoder and decoder share common randomness $U$, so that without loss $Y = f(X)$ for a"
    r" map $f$ that is drawn by $U$. The problem is to minimise one of $P(Y \ne X)$ and $H(Y \mid U)$ with the other"
    r" bounded, subject to $H(S \mid Y, U) \le C$, for a uniform $Y$, or one within $P$ of uniform; $v$ is the share of the"
    r" letters that a cell of $f$ has, $\ell$ the mean of $\log(1/v)$, and $h$ that of what the classifier does not know."
)

DOMAIN = {
    M: sp.Interval(2, sp.oo),
    **dict.fromkeys((q_S1, v, t, noise.q), UNIT),
    **dict.fromkeys((D, R, P, ell), NONNEGATIVE),
    **dict.fromkeys((C, h), REALS),
}

#: The distortion of a uniform guess.
GUESS = 1 - 1 / M

#: Why no plan meets `C`: the noise of the label, or too little rate.
NEEDS_RATE = (
    "C = {C} {unit} needs identity weight t >= {kappa}; R = {R} {unit} allows t <= {rho}.\nThe least rate for this C is"
    " {least_rate} {unit}; the least C at this rate is {lowest_C} {unit}.",
    Le(kappa, 1),
)
BELOW_NOISE = (
    "C = {C} {unit} is below the entropy {H_noise} {unit} of the label's noise, which no plan undoes.",
    Gt(kappa, 1),
)
FREE = " P = {P} costs nothing: the best Y is uniform."


def noise_entropy(unit: Unit) -> sp.Expr:
    """`H(S|X)`: the entropy of the label's noise."""
    return H_b.of(q_S1, unit.base) + q_S1 * unit.log(M - 1)


def numbers(unit: Unit) -> dict[str, sp.Expr]:
    """What names in the reasons of these theorems stand for."""
    return {
        "guess": GUESS,
        "H_X": unit.log(M),
        "H_noise": noise_entropy(unit),
        "least_rate": unit.log(M) * kappa,
        "lowest_C": unit.log(M) - I_SX * rho,
    }


def reduce(unit: Unit, *, perceived: bool) -> Proof:
    """Derive that rate, label and distortion are those of a mixture of the identity and a constant."""
    proof = Proof(DOMAIN)
    reduction.show(proof, *reduction.TO_MAPS, *reduction.OF_MAPS)
    proof.let(
        I_SX,
        unit.log(M) - noise_entropy(unit),
        "the information the source carries about the label",
        latex="I(S;X)",
    )
    _information(proof, unit)
    _label(proof, unit)
    _errors(proof)
    _mixture(proof, unit)
    if perceived:
        noise.no_distance(proof, M)
    _constraints(proof, unit)
    return proof


def _information(proof: Proof, unit: Unit) -> None:
    """Information is not negative."""
    noisy = And(Gt(q_S1, 0), Lt(q_S1, 1))
    wrong, right = GUESS / q_S1, 1 / ((1 - q_S1) * M)
    show = partial(proof.show, given=noisy)
    show(
        And(Ge(wrong - 1 - sp.log(wrong), 0), Ge(right - 1 - sp.log(right), 0)),
        "the logarithm is below its tangent at 1, at the ratios of a uniform label's probabilities to those of the label",
    )
    proof.let(d_1, wrong - 1 - sp.log(wrong), "by how much for the wrong letters")
    proof.let(d_2, right - 1 - sp.log(right), "and for the right one")
    show(Ge(q_S1 * d_1 + (1 - q_S1) * d_2, 0), "the mean of both")
    H_noise = H_b.of(q_S1, unit.base)
    show(Eq(H_noise, H_noise.rewrite(sp.log)), "the binary entropy in logarithms")
    show(
        Eq(unit.log(M) - H_noise.rewrite(sp.log) - q_S1 * unit.log(M - 1), (q_S1 * d_1 + (1 - q_S1) * d_2) / unit.nats),
        "is the information",
    )
    show(Ge(I_SX, 0), "so it is not negative")
    proof.show(
        Ge(I_SX, 0),
        r"nor is it without noise, where it is $\log M$",
        given=Eq(q_S1, 0),
    )
    proof.show(
        Ge(I_SX, 0),
        r"nor if the label is always wrong, where it is $\log M - \log(M - 1)$",
        given=Eq(q_S1, 1),
    )
    proof.show(Ge(I_SX, 0), "so it never is")


def _label(proof: Proof, unit: Unit) -> None:
    """The information of a cell about the label, and that this is convex in the logarithm of its share."""
    proof.let(b, q_S1 * M / (M - 1), "how often the label would have to be drawn afresh")
    inside, outside = (1 - b * (1 - v)) / (v * M), b / M
    proper = And(Gt(q_S1, 0), Lt(q_S1, 1), Le(1 / M, v), Lt(v, 1))
    proof.show(
        And(
            Eq(((1 - q_S1) + (v * M - 1) * q_S1 / (M - 1)) / (v * M), inside),
            Eq(v * M * q_S1 / (M - 1) / (v * M), outside),
        ),
        "in a cell of $v M$ letters a label of the cell has the first probability, and one outside of it the second",
        given=Gt(v, 0),
    )
    phi = (1 - b * (1 - v)) * unit.log((1 - b * (1 - v)) / v) + b * (1 - v) * unit.log(b)
    proof.show(
        Eq(
            unit.log(M) + v * M * inside * unit.log(inside) + (M - v * M) * outside * unit.log(outside),
            phi,
        ),
        r"this is $\log M - H(S \mid \text{cell})$, the information of the cell about the label",
        given=proper,
    )
    second = v * sp.diff(v * sp.diff(phi, v), v)
    curvature = b * v * (unit.log((1 - b * (1 - v)) / (b * v)) - (1 - b) / (1 - b * (1 - v)) / unit.nats)
    proof.show(Eq(second, curvature), r"its second derivative in $\ln(1/v)$", given=proper)
    proof.show(Ge(curvature, 0), r"is not negative: it is convex in $\ln(1/v)$", given=proper)
    proof.show(
        Eq(
            phi.subs(v, 1 / M),
            unit.log(M) + (q_S1 * unit.log(q_S1) + (1 - q_S1) * unit.log(1 - q_S1)) - q_S1 * unit.log(M - 1),
        ),
        "a cell of one letter has the information $I(S;X)$, and the cell of all letters carries no information",
        given=And(Gt(q_S1, 0), Lt(q_S1, 1)),
    )
    proof.show(
        Le(phi, I_SX * unit.log(1 / v) / unit.log(M)),
        "a convex function is below its chord ([boyd2004], section 3.1.1)",
        given=proper,
        cites="boyd2004",
    )


def _errors(proof: Proof) -> None:
    """How many errors a cell leaves: above the chord, by two tangents of the logarithm."""
    within = And(Le(1 / M, v), Le(v, 1))
    proof.show(
        And(Ge(M * v - 1 - sp.log(M * v), 0), Ge(v - 1 - sp.log(v), 0)),
        "the logarithm is below its tangent at 1",
        given=Gt(v, 0),
    )
    proof.let(alpha, M * v - 1 - sp.log(M * v), "by how much at $M v$")
    proof.let(beta, v - 1 - sp.log(v), "and at $v$")
    show = partial(proof.show, given=within)
    show(And(Ge((1 / v - 1) * alpha, 0), Ge((M - 1 / v) * beta, 0)), "multiplied by what is not negative")
    show(Eq(-(M - 1) * sp.log(v) - (1 / v - 1) * sp.log(M), (1 / v - 1) * alpha + (M - 1 / v) * beta), "and added up")
    show(
        Ge(1 - 1 / (M * v), GUESS * (1 + sp.log(v) / sp.log(M))),
        "of the $v M$ letters of a cell one can be reproduced: the errors are above the chord",
    )


def _mixture(proof: Proof, unit: Unit) -> None:
    """The identity with weight `t`, and a uniform constant, are on all chords."""
    proof.show(
        And(Ge(h, unit.log(M) - I_SX * t), Ge(D, GUESS * (1 - t))),
        r"summed over the cells, and averaged over the maps: with $t = \ell/\log M$ the classifier does not know at least"
        " the first, and the distortion is at least the second",
        given=And(
            Eq(t, ell / unit.log(M)),
            Ge(h, unit.log(M) - I_SX * ell / unit.log(M)),
            Ge(D, GUESS * (1 - ell / unit.log(M))),
        ),
    )
    proof.show(
        Eq(unit.log(M) - I_SX, noise_entropy(unit)),
        "if the letter itself is sent, what is left is the noise of the label",
    )
    proof.show(
        Eq(t / M + (1 - t) / M, 1 / M),
        "the identity with weight $t$, and else a constant that is uniform, attains all of it; the identity makes no error,"
        " and $Y$ is uniform",
    )


def _constraints(proof: Proof, unit: Unit) -> None:
    """The largest weight that the rate allows, and the least that the classification needs."""
    H_X, H_noise = unit.log(M), noise_entropy(unit)
    proof.let(rho, Piecewise((R / H_X, Lt(R, H_X)), (1, True)), "the largest weight $t$ that the rate allows")
    proof.let(
        kappa,
        Piecewise((0, Ge(C, H_X)), (Min(1, (H_X - C) / I_SX), Ge(C, H_noise)), (sp.oo, True)),
        "the least weight $t$ that the classification constraint needs",
    )
    proof.show(
        Eq(kappa * I_SX, H_X - C),
        "this weight just meets the constraint",
        given=And(Le(H_noise, C), Le(C, H_X)),
    )
    proof.show(Equivalent(Le(t * H_X, R), Le(t, rho)), r"solve $H(Y \mid U) \le R$ for $t$")
    proof.show(Equivalent(Le(H_X - t * I_SX, C), Le(kappa, t)), r"solve $H(S \mid Y, U) \le C$ for $t$")


def theorem(
    name: str, least: str, bound: sp.Symbol, value: sp.Symbol, source: str, derive: Callable[..., Derived]
) -> Theorem:
    """Return the theorem of this name, "drc" or "rdc", or with perception "drpc" or "rdpc"."""
    perceived = "p" in name
    beyond = ", any bound $P$ on the distance of the output from uniform," if perceived else ""
    return Theorem(
        id=f"mary.one-shot.YU.{name}",
        problem=MarySymmetric(perception="TV" if perceived else None),
        statement=f"Least {least} ${bound}${beyond} and classification bound $C$ on a symmetric label, one shot, with common"
        " randomness, when the classifier sees $(Y, U)$.",
        setting=SETTING,
        source=source,
        value=value,
        arguments=(bound, P, C) if perceived else (bound, C),
        derive=partial(derive, perceived=perceived),
    )
