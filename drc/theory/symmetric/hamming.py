"""Uniform source on a finite group, Hamming distortion, asymptotic: `R(D)`, and `R(D, P)` for a uniform reference.

Theorem ([cover2006], problem 10.5; with perception derived here).  Let `X` be uniform on `M` letters, and let `Y` be
uniform, too, or within `P` of uniform in any measure of perception.  The least rate is

    log M - H_b(D) - D log(M - 1)    distortion-limited:    D < 1 - 1/M
    0                                zero-rate:             D >= 1 - 1/M

The noise `X - Y` of the best code is independent of `Y`, so that `Y` is uniform even where that is not required: perception
costs nothing, whatever its measure.
"""

from __future__ import annotations

from functools import partial

import sympy as sp
from sympy import And, Eq, Ge, Gt, Le, Lt

from drc.information import H_b
from drc.problems.symmetric import GroupUniform, M
from drc.proof import NONNEGATIVE, POSITIVE, UNIT, Proof
from drc.theory import reduction
from drc.theory.symmetric import noise
from drc.theory.theorem import Derived, Theorem, row
from drc.tradeoff.law import convex, limit
from drc.units import Unit

D, P, R, t, s = sp.symbols("D P R t s", real=True)

SETTING = (
    r"The source $X$ is uniform on a finite group of $M$ elements. The problem is to minimise $I(X;Y)$ subject to"
    r" $P(Y \ne X) \le D$ and to a uniform $Y$, or one within $P$ of uniform; $N = X - Y$ is the noise, $t$ any probability"
    r" of an error, and $p$, $w$ are the probabilities of a letter under two distributions."
)

DOMAIN = {
    M: sp.Interval(2, sp.oo),
    **dict.fromkeys((D, P), NONNEGATIVE),
    noise.q: UNIT,
    t: UNIT,
    **dict.fromkeys((noise.p, noise.w), POSITIVE),
}


def entropy(x: sp.Expr, unit: Unit) -> sp.Expr:
    """The largest entropy of noise that is an error with probability `x`."""
    return H_b.of(x, unit.base) + x * unit.log(M - 1)


def derive(unit: Unit, *, perceived: bool = False) -> Derived:
    """Derive the theorem, all parameters symbolic."""
    proof = Proof(DOMAIN)
    reduction.show(proof, *reduction.CONVERSE[:4])
    _converse(proof, unit)
    _attained(proof, unit)
    if perceived:
        noise.no_distance(proof, M)
    proof.show(
        Eq(entropy(1 - 1 / M, unit).rewrite(sp.log), unit.log(M)),
        "at $D = 1 - 1/M$ the noise is uniform, and no rate is left",
    )
    free = " P = {P} costs nothing: the best Y is uniform." if perceived else ""
    rows = (
        row(
            "distortion-limited",
            Lt(D, 1 - 1 / M),
            unit.log(M) - entropy(D, unit),
            "D = {D} binds: the best code errs with probability {D}, all wrong letters being equally likely." + free,
        ),
        row("zero-rate", Ge(D, 1 - 1 / M), sp.S.Zero, "D does not bind: a uniform guess has D = {guess}." + free),
    )
    laws = (
        convex("D"),
        limit(unit.log(M), D=sp.S.Zero),
        limit(sp.S.Zero, D=sp.S.One),
    )
    return Derived(proof, rows, laws, {"guess": 1 - 1 / M})


def _converse(proof: Proof, unit: Unit) -> None:
    """No channel has less information: the noise has at most the entropy of symmetric noise."""
    noise.converse(proof, unit)
    inside = And(Gt(D, 0), Lt(D, 1 - 1 / M))
    in_logarithms = H_b.of(D, unit.base).rewrite(sp.log)
    cross = -(1 - t) * unit.log(1 - D) - t * unit.log(D / (M - 1))
    show = partial(proof.show, given=inside)
    show(Eq(H_b.of(D, unit.base), in_logarithms), "the binary entropy in logarithms")
    show(Ge(unit.log((1 - D) * (M - 1) / D), 0), "below $1 - 1/M$ an error is rarer than the right letter")
    proof.let(s, unit.log((1 - D) * (M - 1) / D), "how much rarer, as a logarithm")
    show(
        Eq(cross, in_logarithms + D * unit.log(M - 1) - (D - t) * s),
        "the cross-entropy of noise that errs with probability $t$ with noise that errs with probability $D$, all errors of"
        " the latter being equally likely",
    )
    proof.show(
        Ge((D - t) * s, 0),
        "so noise with $t \\le D$ has at most the entropy of the latter",
        given=And(inside, Le(t, D)),
    )


def _attained(proof: Proof, unit: Unit) -> None:
    """Symmetric noise that is independent of a uniform output."""
    proof.show(
        Eq((1 - D) / M + (M - 1) * (D / (M - 1)) / M, 1 / M),
        "noise that errs with probability $D$, independent of a uniform $Y$, makes the source uniform: the channel from $X$"
        " to $Y$ attains the bound",
    )


def _theorem(name: str, *, perceived: bool = False) -> Theorem:
    beyond = " and any bound $P$ on the distance of the output from uniform" if perceived else ""
    return Theorem(
        id=f"group.hamming.{name}",
        problem=GroupUniform(perception="TV" if perceived else None),
        statement=f"Least rate of a uniform source on $M$ letters for Hamming distortion $D${beyond}, asymptotically.",
        setting=SETTING,
        source="[cover2006], problem 10.5" + ("; with perception derived here" if perceived else ""),
        value=R,
        arguments=(D, P) if perceived else (D,),
        derive=partial(derive, perceived=perceived),
    )


THEOREMS = (_theorem("rdc"), _theorem("rdpc", perceived=True))
