"""What the literature has already: special cases of the theorems, each compared with the general one."""

from __future__ import annotations

from importlib import import_module

from drc.errors import must
from drc.theory.identities.identity import Identity, Special

__all__ = ["Identity", "Special", "identities", "identity"]

#: The files, in the order of the list; theorems start faster without them.
_SOURCES = (
    *(
        "shannon",
        "dobrushin",
        "witsenhausen",
        "blau",
        "zhang",
        "freirich",
        "saldi",
        "liu",
        "transport",
        "wang",
        "nguyen",
    ),
    *("own", "bounds"),
)


def identities() -> tuple[Identity, ...]:
    """List every special case.

    Examples
    --------
    >>> [identity.id for identity in identities()][:2]
    ['shannon.gaussian.dr.W2', 'shannon.gaussian.rd.W2']
    """
    sources = (import_module(f"{__name__}.{source}") for source in _SOURCES)
    return tuple(identity for source in sources for identity in source.IDENTITIES)


def identity(name: str) -> Identity:
    """Return the special case with this id.

    Raises
    ------
    ProblemError
        If there is none; the message lists those there are.

    Examples
    --------
    >>> print(identity("transport.gaussian").check())
    Proved (algebra)
    """
    for found in identities():
        if found.id == name:
            return found
    raise must("id", f"be a special case, one of {', '.join(i.id for i in identities())}", name)
