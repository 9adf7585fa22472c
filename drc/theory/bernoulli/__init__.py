"""Theorems about Bernoulli sources and Hamming distortion."""
