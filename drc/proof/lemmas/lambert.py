"""Lemmas of Lambert's function."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Gt, Implies, Le, Lt, Ne

from drc.information.lambert import W_0, W_m1
from drc.information.lemmas.letters import x, y, z
from drc.proof.lemmas.calculus import LemmaProof, Part, Pen, continuous, facts_of, trivial


def proofs() -> list[LemmaProof]:
    """The lemmas of both branches."""
    w, c = sp.symbols("w c", real=True, cls=sp.Dummy)

    def f(t: sp.Expr) -> sp.Expr:
        return sp.log(-t) + t

    branches = (
        (W_0, And(Le(-1, w), Lt(w, 0)), False, -sp.exp(c)),
        (W_m1, Le(w, -1), True, 2 * c),
    )
    found = []
    for function, side, rising, far in branches:
        (lemma,) = facts_of(function).lemmas
        pen = Pen(function)
        slope, inside = 1 / w + 1, And(side, Ne(w, -1))
        premises = (
            pen.step(continuous(f(w)), "continuous", side),
            pen.step(Eq(sp.diff(f(w), w), slope, evaluate=False), "the derivative", inside),
            pen.step(Gt(slope, 0) if rising else Lt(slope, 0), "it has one sign", inside),
            pen.step(Eq(f(w).subs(w, -1), -1, evaluate=False), "the value at the common end"),
            pen.step(And(side.subs(w, far), Le(f(far), c)), "a point with a value as low as any", Le(c, -1)),
        )
        value = function(x)
        here = And(Lt(x, 0), Le(sp.log(-x), -1))
        pen.parts.append(Part(tuple(s for s in premises if not trivial(s.claim)), "mean value theorem"))
        root = And(side.subs(w, value), Eq(f(value), sp.log(-x)))
        pen.parts.append(Part((), "intermediate value theorem", ((here, root),)))
        smaller = Implies(And(Lt(0, y), Le(y, z)), Le(sp.log(y), sp.log(z)))
        pen.show(smaller, "the logarithm increases")
        pen.special(smaller, {y: -x, z: sp.exp(-1)})
        found.append(pen.proof(lemma))
    return found
