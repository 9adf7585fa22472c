"""Bits with a perception constraint: the laws of `Y` within `P` of a reference are those of an interval.

The law of `Y` is free within `P` of `p_ref = Bern(q_ref)`.  Whatever the measure, what is allowed is

    q_min <= P(Y = 1) <= q_max

    TV:    |q_Y - q_ref| <= P                   q_min = max(0, q_ref - P),         q_max = min(1, q_ref + P)
    W2:    W_2^2(p_Y, p_ref) <= P               the same, because the two measures are equal for bits
    KL:    KL(p_Y || p_ref) <= P                q_min = KL_b_min(q_ref, P),        q_max = KL_b_max(q_ref, P)

The last two are inverse functions of the divergence of bits, one on each side of the reference.  So a theorem about bits
with perception is one about an interval of target laws, and the measure enters through its two ends alone.
"""

from __future__ import annotations

import sympy as sp
from sympy import Abs, And, Eq, Equivalent, Ge, Gt, Le, Max, Min

from drc.information import KL_b, KL_b_max, KL_b_min
from drc.problems.bernoulli import q_ref, q_Y
from drc.proof import NONNEGATIVE, UNIT, Proof
from drc.units import Unit

P, q_min, q_max, both = sp.symbols("P q_min q_max c", real=True)

#: Where the symbols of the perception constraint live; the law `q_Y` of a single plan is one of them.
DOMAIN = {
    **dict.fromkeys((q_ref, q_Y, both), UNIT),
    P: NONNEGATIVE,
}

#: LaTeX of the names made here.
LATEX = {q_ref: r"q_{\mathrm{ref}}", q_min: r"q_{\min}", q_max: r"q_{\max}"}


def law_interval(proof: Proof, perception: str, unit: Unit) -> None:
    """Define the ends of the interval of allowed laws, and show that the ball is this interval.

    Parameters
    ----------
    proof : Proof
        Its domain has that of this module.
    perception : {"TV", "W2", "KL"}
    unit : Unit
        The unit of a KL `P`.
    """
    measure = distance(q_Y, q_ref, perception, unit)
    if perception == "KL":
        low, high = KL_b_min.of(q_ref, P, unit.base), KL_b_max.of(q_ref, P, unit.base)
    else:
        _distance_of_bits(proof, perception)
        low, high = Max(0, q_ref - P), Min(1, q_ref + P)
    proof.let(q_min, low, "the least $P(Y = 1)$ that the perception constraint allows", latex=LATEX[q_min])
    proof.let(q_max, high, "the largest $P(Y = 1)$ that the perception constraint allows", latex=LATEX[q_max])
    proof.show(And(Le(0, q_min), Le(q_min, q_ref), Le(q_ref, q_max), Le(q_max, 1)), "the reference itself is allowed")
    if perception == "KL":
        _branches(proof, unit)
    proof.show(
        Equivalent(Le(measure, P), And(Le(q_min, q_Y), Le(q_Y, q_max))),
        "the measure grows from 0 on either side of the reference, so the laws within $P$ are those of an interval",
    )


def distance(law: sp.Expr, reference: sp.Expr, perception: str, unit: Unit) -> sp.Expr:
    """The measure between two laws of a bit, given by their probabilities of a one."""
    return KL_b.of(law, reference, unit.base) if perception == "KL" else Abs(law - reference)


def _distance_of_bits(proof: Proof, perception: str) -> None:
    """Total variation, and the squared Wasserstein distance, from their definitions."""
    if perception == "TV":
        proof.show(
            Eq((Abs(q_Y - q_ref) + Abs((1 - q_Y) - (1 - q_ref), evaluate=False)) / 2, Abs(q_Y - q_ref)),
            "total variation is half the sum over the two letters",
        )
        return
    disagreement = (q_Y - both) + (q_ref - both)
    most = Min(q_Y, q_ref)
    proof.show(
        Ge(disagreement, Abs(q_Y - q_ref)),
        r"a coupling of $p_Y$ and $p_{\mathrm{ref}}$ that gives mass $c$ to (1, 1) has this squared distance, the"
        " probability that the bits differ; $c$ is at most the mass of a one in either law",
        given=Le(both, most),
    )
    proof.show(
        Eq(disagreement.subs(both, most), Abs(q_Y - q_ref)),
        "the largest $c$ attains it: for bits $W_2^2$ is total variation",
    )


def _branches(proof: Proof, unit: Unit) -> None:
    for end, where, name in ((q_min, Gt(q_min, 0), "least"), (q_max, sp.Lt(q_max, 1), "largest")):
        proof.show(
            Eq(KL_b.of(end, q_ref, unit.base), P),
            f"the {name} law is on the border, unless a constant law is within $P$",
            given=And(where, Gt(q_ref, 0), sp.Lt(q_ref, 1)),
        )
