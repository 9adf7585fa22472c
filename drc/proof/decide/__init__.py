"""Deciding a claim for all parameters: by real arithmetic (z3), with lemmas for what is not algebraic."""

from drc.proof.decide.decide import decide, is_real
from drc.proof.decide.question import Answer, Known, Question

__all__ = ["Answer", "Known", "Question", "decide", "is_real"]
