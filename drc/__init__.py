"""Cross-domain lossy compression: derive, solve and certify its trade-offs."""
