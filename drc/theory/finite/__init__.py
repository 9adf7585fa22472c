"""One-shot problems over any finite alphabet: all pieces of their trade-offs, with a proof that these are all."""
