"""Proofs as data: steps whose claims can be checked again, and the programs that they solve."""

from drc.proof.program import LinearProgram, Vertex
from drc.proof.proof import Derivation, DerivationReport, Proof
from drc.proof.prove import prove
from drc.proof.sampling import NONNEGATIVE, POSITIVE, REALS, UNIT, Domain
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict

__all__ = [
    "NONNEGATIVE",
    "POSITIVE",
    "REALS",
    "UNIT",
    "Check",
    "Derivation",
    "DerivationReport",
    "Domain",
    "LinearProgram",
    "Proof",
    "Step",
    "Verdict",
    "Vertex",
    "prove",
]
