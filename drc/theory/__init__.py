"""One theorem a file: from a problem to its trade-off, by derivation."""
