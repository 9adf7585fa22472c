"""One theorem per file: from a problem to its trade-off, by derivation; and what the literature has as special cases."""

from drc.theory.catalogue import Entry, catalogue, entry
from drc.theory.identities import Identity, identities, identity
from drc.theory.proofs import check_proofs
from drc.theory.theorem import Derived, Theorem, row

__all__ = [
    "Derived",
    "Entry",
    "Identity",
    "Theorem",
    "catalogue",
    "check_proofs",
    "entry",
    "identities",
    "identity",
    "row",
]
