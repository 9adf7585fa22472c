"""Codes that achieve the limits, in real bits: common randomness, bitstreams, and the schemes themselves."""

from drc.codes.codec import Codec, Theory, read
from drc.codes.dithered import DitheredCode
from drc.codes.lattices import Lattice, lattice_named
from drc.codes.measure import Measurement
from drc.codes.one_shot import OneShotCode
from drc.codes.randomness import CommonRandomness
from drc.codes.simulation import SimulationCode

__all__ = [
    "Codec",
    "CommonRandomness",
    "DitheredCode",
    "Lattice",
    "Measurement",
    "OneShotCode",
    "SimulationCode",
    "Theory",
    "lattice_named",
    "read",
]
