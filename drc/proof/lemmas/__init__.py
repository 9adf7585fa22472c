"""Every lemma that the decision procedure uses is proved here, from definitions and from earlier lemmas."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import sympy as sp

from drc.proof.lemmas import ball, bits, divergence, lambert, logarithm, nearest, steepest, water_filling
from drc.proof.lemmas.calculus import LemmaProof

__all__ = ["LemmaProof", "lemma_proofs"]


@cache
def lemma_proofs() -> tuple[LemmaProof, ...]:
    """All lemmas with their proofs, in an order in which each uses earlier ones only."""
    found = logarithm.proofs()
    for base in (sp.Integer(2), sp.E):
        found += [*bits.proofs(base), *divergence.proofs(base)]
    for room in (lambert, ball, nearest, steepest, water_filling):
        found += room.proofs()
    ordered: list[LemmaProof] = []
    for proof in found:
        earlier = tuple((o.function, o.base, o.lemma) for o in ordered if o.function is not None)
        ordered.append(replace(proof, earlier=earlier))
    return tuple(ordered)
