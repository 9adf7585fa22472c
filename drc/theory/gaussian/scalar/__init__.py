"""Scalar Gaussian sources."""
