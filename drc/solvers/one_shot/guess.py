"""Guesses at the multipliers, from which column generation starts: maps that are cheap there are good maps to begin with.

The guesses need not be near: each is one price of rate and one of uncertainty, in units of the distortion, and the prices of
output letters that make entropic transport meet the target law ([cuturi2013]). Half of all rounds are saved by them.
"""

from __future__ import annotations

import numpy as np

from drc.solvers.one_shot.letters import Letters
from drc.solvers.one_shot.multipliers import Multipliers
from drc.solvers.one_shot.program import Program

#: Prices of a nat of rate and of a nat of uncertainty, in units of the greatest distortion of a map.
_PRICES = ((0.1, 0.1), (0.3, 0.3), (0.1, 0.7))

#: The temperature of the transport, in the same unit, and how often both marginals are met in turn.
_TEMPERATURE, _TURNS = 0.1, 8


def guesses(program: Program, letters: Letters) -> list[Multipliers]:
    """Return multipliers under which maps are worth a look.

    Parameters
    ----------
    program : Program
    letters : Letters

    Examples
    --------
    >>> from drc.problems import Finite
    >>> from drc.solvers.one_shot.maps import Maps
    >>> program = Program(Maps(Finite([[0.5, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": 0.5})
    >>> [at.duals for at in guesses(program, Letters.of(program.maps))][0]
    {'D': 1.0, 'R': 0.0693...}
    """
    unit = letters.spread * letters.nat
    priced = {program.minimise, *program.b}
    target = _target_prices(program, letters)
    found = {}
    for rate, classification in _PRICES:
        duals = {"D": 1.0, "R": rate * unit, "C": classification * unit}
        duals = {name: price for name, price in duals.items() if name in priced}
        found[tuple(duals.values())] = Multipliers(None, duals, target)
    return list(found.values())


def _target_prices(program: Program, letters: Letters) -> np.ndarray:
    """The potentials of the output letters; zeros if the law is free, or nothing has a cost."""
    n_Y, target = letters.distortion.shape[1], program.maps.target
    if target is None or not 0 < letters.spread < np.inf:
        return np.zeros(n_Y)
    p_Y, temperature = np.array([float(p) for p in target]), _TEMPERATURE * letters.spread
    kernel = np.exp(-letters.distortion / (letters.law[:, None] * temperature))
    scaling = np.ones(n_Y)
    for _ in range(_TURNS):
        scaling = p_Y / np.maximum((letters.law / np.maximum(kernel @ scaling, 1e-300)) @ kernel, 1e-300)
    return temperature * np.log(np.maximum(scaling, 1e-300))
