"""What is known of the functions of this room, as data: where each is defined, where it is infinite, and its lemmas.

A lemma is a claim about one, two or three values of a function at any arguments.  `drc.proof.lemmas` proves each, and the
decision procedure puts them in for the values that a claim has.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from drc.information.lemmas import bits, normal, water_filling
from drc.information.lemmas.lemma import Known, Lemma

__all__ = ["Known", "Lemma", "known"]


@cache
def known(function: type[sp.Function], base: sp.Expr) -> Known | None:
    """What is known of a function; None if nothing is."""
    # An entropy is positive, and monotone as its lemmas say, only in units of logarithms to a base above 1.
    if base not in (2, sp.E):
        return None
    if function in bits.KNOWN:
        return bits.KNOWN[function](base)
    others = normal.KNOWN | water_filling.KNOWN
    return others[function]() if function in others else None
