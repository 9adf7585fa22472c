"""Lemmas of the divergence of two bits, and of the ends of its balls."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Le, Ne, Or

from drc.information.kl_bits import KL_b, KL_b_max, KL_b_min
from drc.information.lemmas.lemma import in_base, proper
from drc.information.lemmas.letters import P, q, y, z
from drc.proof.lemmas.calculus import Interval, LemmaProof, Pen, facts_of


def _divergence_formula(y: sp.Expr, q: sp.Expr, base: sp.Expr) -> sp.Expr:
    def term(y: sp.Expr, q: sp.Expr) -> sp.Expr:
        log = sp.S.Zero if q == 1 else sp.log(q)
        return sp.Piecewise((0, Eq(y, 0)), (y * sp.log(y), True)) - y * log

    return (term(y, q) + term(1 - y, 1 - q)) / sp.log(base)


def _divergence(base: sp.Expr) -> list[LemmaProof]:
    positive, order = facts_of(KL_b, base).lemmas
    KL, formula = in_base(KL_b, base), _divergence_formula(y, q, base)
    pen = Pen(KL_b, base)
    slope = sp.log(y * (1 - q) / (q * (1 - y))) / sp.log(base)
    up = pen.monotone(KL(y, q), formula, y, Interval(q, sp.S.One, proper(q)), slope)
    down = pen.monotone(KL(y, q), formula, y, Interval(sp.S.Zero, q, proper(q)), slope, up=False)
    pen.follows(up(y, z), down(z, y))
    monotone = pen.proof(order)

    pen = Pen(KL_b, base)
    pen.value(KL(y, q), formula, y, q, sp.S.Zero, proper(q))
    pen.define(Eq(KL(y, q), 0), "0 log (0/0) = 0", And(Eq(y, q), Or(Eq(q, 0), Eq(q, 1))))
    pen.special(order.claim, {y: q, z: y})
    return [monotone, pen.proof(positive)]


def _ends(base: sp.Expr) -> list[LemmaProof]:
    KL, found = in_base(KL_b, base), []
    for function, far in ((KL_b_min, sp.S.Zero), (KL_b_max, sp.S.One)):
        (lemma,) = facts_of(function, base).lemmas
        pen = Pen(function, base)
        value = function.of(q, P, base)
        pen.inverse(
            value,
            lambda w: KL(w, q),
            lambda w: _divergence_formula(w, q, base),
            P,
            (q, far),
            proper(q),
            rising=far == 1,
        )
        constant = Or(Eq(q, 0), Eq(q, 1))
        # Where q is 0 or 1 any other law is infinitely far away.
        pen.show(Eq(KL(y, q), sp.oo), "only the law itself is in the ball", And(constant, Le(0, y), Le(y, 1), Ne(y, q)))
        pen.define(Eq(value, q), "the only law in the ball", And(constant, Ge(P, 0)))
        found.append(pen.proof(lemma))
    return found


def proofs(base: sp.Expr) -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [*_divergence(base), *_ends(base)]
