"""Lemmas of water levels: prices at which the components of a vector share a rate, or a gain."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Ge, Gt, Implies, Le, Lt

from drc.information.lemmas import filled_gain, filled_rate, p, q, x
from drc.information.water_filling import gain_level, rate_level
from drc.proof.lemmas.calculus import LemmaProof, Pen, facts_of


def _rate_level() -> list[LemmaProof]:
    (lemma,) = facts_of(rate_level, sp.Integer(2)).lemmas
    ((R, *weights),) = lemma.at
    pen, positive = Pen(rate_level, sp.Integer(2)), And(*(Gt(w, 0) for w in weights))

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_rate(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_rate(p, q), sp.log(2 * q / p) / 2))
    pen.show(above, "the root is above its radicand's last term")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_rate(p, q), 2 * q**2 / p**2))
    pen.show(below, "the logarithm and the root are below their tangents")
    low, high = 2 * weights[0] * sp.exp(-2 * R), 2 * sp.Add(*weights) / sp.sqrt(R)
    pen.special(above, {p: x, q: weights[0]})
    there = And(positive, Gt(R, 0), Gt(x, 0))
    pen.show(Ge(sp.log(2 * weights[0] / x) / 2, R), "the logarithm of an exponential", And(there, Eq(x, low)))
    for weight in weights:
        pen.special(below, {p: x, q: weight})
        pen.show(Le(2 * weight**2 / x**2, R / 2), "its share of all weights is below 1", And(there, Eq(x, high)))
        pen.show(Gt(filled_rate(x, weight), 0), "the root is above 1", And(positive, Gt(x, 0)))
    root = [sp.sqrt(1 + 16 * w**2 / x**2) for w in weights]
    slope = sp.Add(*(-8 * w**2 / (x**3 * e * (1 + e)) for w, e in zip(weights, root, strict=True)))
    pen.price(rate_level(R, *weights), f, R, (low, high), slope, (positive, Gt(R, 0)))
    return [pen.proof(lemma)]


def _gain_level() -> list[LemmaProof]:
    (lemma,) = facts_of(gain_level, sp.Integer(2)).lemmas
    ((g, *weights),) = lemma.at
    pen, positive, most = Pen(gain_level, sp.Integer(2)), And(*(Gt(w, 0) for w in weights)), sp.Add(*weights)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.Add(*(filled_gain(t, w) for w in weights))

    above = Implies(And(Gt(p, 0), Gt(q, 0)), Ge(filled_gain(p, q), q - p / 4))
    pen.show(above, "the gain is above its tangent at 0")
    below = Implies(And(Gt(p, 0), Gt(q, 0)), Le(filled_gain(p, q), 2 * q**2 / p))
    pen.show(below, "the root is above the price")
    low, high = 4 * (most - g) / len(weights), 2 * sp.Add(*(w**2 for w in weights)) / g
    for weight in weights:
        pen.special(above, {p: x, q: weight})
        pen.special(below, {p: x, q: weight})
    root = [sp.sqrt(16 * w**2 + x**2) for w in weights]
    slope = sp.Add(*(-4 * w**2 / (e * (x + e)) for w, e in zip(weights, root, strict=True)))
    value, within = gain_level(g, *weights), And(Gt(g, 0), Lt(g, most))
    pen.price(value, f, g, (low, high), slope, (positive, within))
    pen.define(Eq(value, 0), "more than all gain has no price", And(positive, Ge(g, most)))
    for weight in weights:
        pen.show(Eq(filled_gain(sp.S.Zero, weight), weight, evaluate=False), "all gain, at no price", positive)
    return [pen.proof(lemma)]


def proofs() -> list[LemmaProof]:
    """All of them, in an order in which each uses earlier ones only."""
    return [*_rate_level(), *_gain_level()]
