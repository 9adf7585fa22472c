"""Proofs as data: steps whose claims can be checked again, and the programs that they solve."""

from drc.proof.program import LinearProgram, Vertex
from drc.proof.proof import Derivation, DerivationReport, Proof
from drc.proof.step import Check, Domain, Step, Verdict

__all__ = [
    "Check",
    "Derivation",
    "DerivationReport",
    "Domain",
    "LinearProgram",
    "Proof",
    "Step",
    "Verdict",
    "Vertex",
]
