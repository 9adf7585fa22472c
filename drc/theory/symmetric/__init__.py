"""Theorems about sources that are uniform on letters that are all alike."""
