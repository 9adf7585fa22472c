"""Theorems about Gaussian sources and squared error."""
