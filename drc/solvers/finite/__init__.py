"""Finite alphabets: programs over maps, over laws, and searches where the classifier sees Y alone."""
