"""Bits and nats, defined once.

Every rate `R`, classification bound `C` and KL perception bound `P` is in one unit, chosen by the word
`"bits"` (the default everywhere) or `"nats"`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import sympy as sp

from drc.errors import must


@dataclass(frozen=True)
class Unit:
    """A unit of information.

    Attributes
    ----------
    name : str
        `"bits"` or `"nats"`.
    base : sympy.Expr
        The base of its logarithm: 2 or e.
    short : str
        The singular, as written behind a number: `"bit"` or `"nat"`.
    """

    name: str
    base: sp.Expr
    short: str

    @property
    def nats(self) -> sp.Expr:
        """How many nats one of this unit is."""
        return sp.log(self.base)

    @property
    def in_nats(self) -> float:
        """How many nats one of this unit is, as a float."""
        return math.log(float(self.base))

    @property
    def one_bit(self) -> float:
        """How many of this unit a bit is."""
        return math.log(2.0) / self.in_nats

    def exp(self, x: sp.Expr) -> sp.Expr:
        """Exponential to this unit's base: `2**x` or `exp(x)`."""
        return sp.Pow(self.base, x)

    def log(self, x: sp.Expr | int) -> sp.Expr:
        """Logarithm to this unit's base."""
        return sp.log(sp.sympify(x)) / self.nats


BITS = Unit("bits", sp.Integer(2), "bit")
NATS = Unit("nats", sp.E, "nat")


def unit_named(name: str | Unit) -> Unit:
    """Return the unit called `name`.

    Raises
    ------
    ProblemError
        If there is no such unit.

    Examples
    --------
    >>> unit_named("nats").nats
    1
    """
    if isinstance(name, Unit):
        return name
    for unit in (BITS, NATS):
        if isinstance(name, str) and name == unit.name:
            return unit
    raise must("unit", "be 'bits' or 'nats'", name)
