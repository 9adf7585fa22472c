"""The asymptotic finite problem without a classifier: convex, by interior points, with proved bounds."""
