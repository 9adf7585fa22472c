"""Proofs as data: steps whose claims can be checked again, and the programs that they solve."""

from drc.proof.program import LinearProgram, Vertex
from drc.proof.proof import Derivation, DerivationReport, Proof
from drc.proof.prove import Claim, Ends, prove
from drc.proof.sampling import NONNEGATIVE, POSITIVE, REALS, UNIT, Domain
from drc.proof.step import Step
from drc.proof.verdict import Check, Verdict

__all__ = [
    "NONNEGATIVE",
    "POSITIVE",
    "REALS",
    "UNIT",
    "Check",
    "Claim",
    "Derivation",
    "DerivationReport",
    "Domain",
    "Ends",
    "LinearProgram",
    "Proof",
    "Step",
    "Verdict",
    "Vertex",
    "prove",
]
