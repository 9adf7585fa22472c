"""Information inequalities: proved by Shannon's inequalities, refuted by a distribution, or left open."""

from drc.proof.shannon.certificate import Certificate
from drc.proof.shannon.claim import InformationClaim, about_information
from drc.proof.shannon.prove import InformationProof, prove_information
from drc.proof.shannon.statement import Form, Quantity, Statement, latex
from drc.proof.shannon.witness import Witness

__all__ = [
    "Certificate",
    "Form",
    "InformationClaim",
    "InformationProof",
    "Quantity",
    "Statement",
    "Witness",
    "about_information",
    "latex",
    "prove_information",
]
