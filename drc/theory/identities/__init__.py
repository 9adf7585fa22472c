"""What the literature has already: special cases of the theorems, each compared with the general one."""

from __future__ import annotations

from drc.errors import must
from drc.theory.identities import blau, liu, own, shannon, transport, wang, zhang
from drc.theory.identities.identity import Identity, Special

__all__ = ["Identity", "Special", "identities", "identity"]


def identities() -> tuple[Identity, ...]:
    """List every special case.

    Examples
    --------
    >>> [identity.id for identity in identities()][:2]
    ['shannon.gaussian.dr.W2', 'shannon.gaussian.rd.W2']
    """
    sources = (shannon, blau, zhang, liu, transport, wang, own)
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
