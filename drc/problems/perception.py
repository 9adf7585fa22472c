"""Perception measures: what a user may call them."""

from __future__ import annotations

from drc.errors import NotAvailableError
from drc.problems.validation import choice

MEASURES = ("TV", "W2", "KL")

#: For a divergence a user may name the direction.
_DIRECTED = {"KL(p_Y||p_ref)": "KL", "KL(p_ref||p_Y)": "reversed"}


def measure(perception: str, among: tuple[str, ...] = MEASURES, reason: str = "for finite alphabets") -> str:
    """Return the measure with this name.

    Parameters
    ----------
    perception : str
    among : tuple of str
        The measures that are available.
    reason : str
        Where, or why, the divergence from `p_Y` is not available.

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
    known = {**dict(zip(among, among, strict=True)), **_DIRECTED}
    found = known[choice("perception", perception, tuple(known))]
    if found == "reversed":
        *others, last = (f"{name!r}" for name in among)
        raise NotAvailableError(
            f"perception = 'KL(p_ref||p_Y)' is not available {reason}: available are {', '.join(others)} and {last},"
            " which is KL(p_Y||p_ref)"
        )
    return found
