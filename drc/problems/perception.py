"""Perception measures of finite alphabets: what a user may call them."""

from __future__ import annotations

from drc.errors import NotAvailableError
from drc.problems.validation import choice

#: What a user may write, and which measure it is. For KL the direction is part of the name.
_MEASURES = {"TV": "TV", "W2": "W2", "KL": "KL", "KL(p_Y||p_ref)": "KL", "KL(p_ref||p_Y)": "reversed"}


def measure(perception: str) -> str:
    """Return the measure with this name.

    Raises
    ------
    ProblemError
        For an unknown name.
    NotAvailableError
        For `KL(p_ref||p_Y)`.

    Examples
    --------
    >>> measure("KL(p_Y||p_ref)")
    'KL'
    """
    found = _MEASURES[choice("perception", perception, tuple(_MEASURES))]
    if found == "reversed":
        raise NotAvailableError(
            "perception must be 'TV', 'W2' or 'KL' for finite alphabets, where 'KL' is KL(p_Y||p_ref), got 'KL(p_ref||p_Y)'"
        )
    return found
