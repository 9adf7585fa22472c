"""Codes that achieve the limits, in real bits: common randomness, bitstreams, and the schemes themselves.

Each name is imported when it is first used: a process that only needs the randomness or the file loads no solver.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drc.codes.codec import Codec as Codec
    from drc.codes.dithered import DitheredCode as DitheredCode
    from drc.codes.lattices import Lattice as Lattice
    from drc.codes.lattices import lattice_named as lattice_named
    from drc.codes.measure import Measurement as Measurement
    from drc.codes.measure import Theory as Theory
    from drc.codes.one_shot import OneShotCode as OneShotCode
    from drc.codes.randomness import CommonRandomness as CommonRandomness
    from drc.codes.schemes import read as read
    from drc.codes.simulation import SimulationCode as SimulationCode

_HOME = {
    "Codec": "codec",
    "CommonRandomness": "randomness",
    "DitheredCode": "dithered",
    "Lattice": "lattices",
    "Measurement": "measure",
    "OneShotCode": "one_shot",
    "SimulationCode": "simulation",
    "Theory": "measure",
    "lattice_named": "lattices",
    "read": "schemes",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'drc.codes' has no attribute {name!r}")
    return getattr(import_module(f"drc.codes.{_HOME[name]}"), name)
