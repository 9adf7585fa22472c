"""Lemmas of the logarithm."""

from __future__ import annotations

import sympy as sp
from sympy import And, Eq, Equivalent, Ge, Gt, Implies, Le, Lt

from drc.information.lemmas.lemma import Lemma
from drc.information.lemmas.letters import x, y
from drc.proof.lemmas.calculus import LemmaProof, Part
from drc.proof.step import Step


def proofs() -> list[LemmaProof]:
    """The lemmas of the logarithm, which `decide` has built in: their premises are decided by real arithmetic alone."""
    positive, log = And(Gt(x, 0), Gt(y, 0)), sp.log(x)

    def least_at_one(f: sp.Expr) -> Part:
        slope = sp.diff(f, x)
        premises = (
            Step(Lt(slope, 0), f"the derivative of {f}", And(Gt(x, 0), Lt(x, 1))),
            Step(Gt(slope, 0), f"the derivative of {f}", Gt(x, 1)),
            Step(Eq(f.subs(x, 1), 0, evaluate=False), "the value at 1"),
        )
        return Part(premises, "mean value theorem", ((Gt(x, 0), Ge(f, 0)),))

    ratio = sp.diff(sp.log(x * y) - log, x)
    proved = (
        (
            Lemma("the logarithm increases", Implies(positive, Equivalent(Lt(x, y), Lt(log, sp.log(y)))), ((x,), (y,))),
            Part((Step(Gt(sp.diff(log, x), 0), "the derivative of log x", Gt(x, 0)),), "mean value theorem"),
        ),
        (Lemma("log x <= x - 1", Implies(Gt(x, 0), Le(log, x - 1)), ((x,),)), least_at_one(x - 1 - log)),
        (Lemma("1 - 1/x <= log x", Implies(Gt(x, 0), Le(1 - 1 / x, log)), ((x,),)), least_at_one(log - 1 + 1 / x)),
        (
            Lemma(
                "the logarithm of a product",
                Implies(positive, Eq(sp.log(x * y, evaluate=False), log + sp.log(y))),
                ((x,), (y,)),
            ),
            Part(
                (
                    Step(Eq(ratio, 0, evaluate=False), "the derivative of log(x y) - log x", positive),
                    Step(Eq((sp.log(x * y) - log).subs(x, 1), sp.log(y), evaluate=False), "the value at 1", Gt(y, 1)),
                ),
                "no slope",
            ),
        ),
    )
    return [LemmaProof(lemma, None, sp.Integer(2), (part,)) for lemma, part in proved]
