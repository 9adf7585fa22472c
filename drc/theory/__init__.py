"""One theorem a file: from a problem to its trade-off, by derivation; and what the literature has as special cases."""

from drc.theory.catalogue import Entry, catalogue, entry
from drc.theory.identities import Identity, identities, identity

__all__ = ["Entry", "Identity", "catalogue", "entry", "identities", "identity"]
