"""Proofs as data: steps whose claims can be checked again, and the programs that they solve."""

from drc.derivation.program import LinearProgram, Vertex
from drc.derivation.proof import Derivation, DerivationReport, Proof
from drc.derivation.step import Check, Domain, Step, Verdict

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
