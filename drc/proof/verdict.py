"""What a check of a claim found, in words that mean what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Verdict(Enum):
    """What is known of a claim."""

    PROVED = "Proved"
    """Decided for all parameters."""
    CITED = "Cited"
    """Taken from the literature."""
    SAMPLED = "Sampled"
    """True at all points that were tried, and no more is known."""
    UNKNOWN = "Unknown"
    """Neither proved nor refuted, and tried at too few points to say more."""
    REFUTED = "Refuted"
    """False at a point, the witness."""
    DEFINED = "Definition"
    """No claim: an abbreviation."""


@dataclass(frozen=True)
class Check:
    """The outcome of checking one claim.

    Attributes
    ----------
    verdict : Verdict
    method : by what it was proved, where it is cited from, at how many points it was tried, or why it is unknown
    witness : where it is false, as a mapping from the name of a symbol to its value; None unless it is refuted
    query : what was found to have no solution, as SMT-LIB text; empty unless it is proved
    """

    verdict: Verdict
    method: str
    witness: Mapping[str, float] | None = None
    query: str = field(default="", repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.verdict in (Verdict.PROVED, Verdict.CITED)

    def __str__(self) -> str:
        if self.verdict is Verdict.DEFINED:
            return self.method
        where = f" at {', '.join(f'{k} = {v:g}' for k, v in self.witness.items())}" if self.witness else ""
        return f"{self.verdict.value} ({self.method}){where}"
