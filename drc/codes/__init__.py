"""Codes that achieve the limits, in real bits: common randomness, bitstreams, and the schemes themselves."""

from drc.codes.randomness import CommonRandomness

__all__ = ["CommonRandomness"]
