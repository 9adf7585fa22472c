"""Bounds on `H(S|Y)`, which no convex program meets: alternating minimisation, and spatial branch and bound."""
