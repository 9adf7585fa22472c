"""Perception measures: what a user may call them."""

from __future__ import annotations

from drc.errors import NotAvailableError
from drc.problems.validation import choice

#: What a user may write for a KL measure, whose direction is part of the name, and which measure it is.
_DIRECTIONS = {"KL": "KL", "KL(p_Y||p_ref)": "KL", "KL(p_ref||p_Y)": "reversed"}


def measure(perception: str, others: tuple[str, ...] = ("TV", "W2"), *, why: str = " for finite alphabets") -> str:
    """Return the measure with this name.

    Parameters
    ----------
    perception : str
    others : tuple of str
        The measures that are available besides KL.
    why : str
        Why `KL(p_ref||p_Y)` is not available.

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
    names = {name: name for name in others} | _DIRECTIONS
    found = names[choice("perception", perception, tuple(names))]
    if found == "reversed":
        available = ", ".join(map(repr, others))
        raise NotAvailableError(
            f"perception must be {available} or 'KL', which is KL(p_Y||p_ref), got 'KL(p_ref||p_Y)'{why}"
        )
    return found
