"""Attacks of every kind on `drc`, run by the tests and by `benchmarks/stress.py`."""
