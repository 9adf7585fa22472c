"""One theorem a file: from a problem to its trade-off, by derivation."""

from drc.theory.catalogue import Entry, catalogue, entry

__all__ = ["Entry", "catalogue", "entry"]
