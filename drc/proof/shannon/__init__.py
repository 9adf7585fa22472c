"""Information inequalities: proved by Shannon's inequalities, refuted by a distribution, or left open."""

from drc.proof.shannon.certificate import Certificate
from drc.proof.shannon.prove import InformationProof, prove_information
from drc.proof.shannon.statement import Form, Quantity, Statement, latex
from drc.proof.shannon.witness import Witness

__all__ = [
    "Certificate",
    "Form",
    "InformationProof",
    "Quantity",
    "Statement",
    "Witness",
    "latex",
    "prove_information",
]
