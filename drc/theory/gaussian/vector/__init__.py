"""Gaussian vectors with independent components."""
