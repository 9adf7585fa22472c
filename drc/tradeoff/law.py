"""What every value of a trade-off obeys, declared once with the theorem and checked generically.

The vocabulary is that of convex modelling languages: monotone, convex, symmetric, and limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from drc.expressions.content import ByContent


@dataclass(frozen=True, eq=False)
class Law(ByContent):
    """A law of a trade-off.

    Attributes
    ----------
    kind : {"nonincreasing", "convex", "symmetry", "limit"}
    arguments : tuple of str
        For "nonincreasing" and "convex": in which arguments (jointly, for "convex").
    changes : mapping from name to expression
        For "symmetry": parameters and what they become. For "limit": arguments and where they go.
    value : expression
        For "limit": what the trade-off becomes.
    """

    kind: str
    arguments: tuple[str, ...] = ()
    changes: Mapping[str, sp.Expr] = field(default_factory=dict)
    value: sp.Expr | None = None

    def __str__(self) -> str:
        return self.text(str)

    def text(self, write: Callable[[object], str]) -> str:
        """Say the law, with expressions as `write` has them."""
        changes = [(write(sp.Symbol(k)), write(v)) for k, v in self.changes.items()]
        if self.kind == "symmetry":
            return "unchanged by " + ", ".join(f"{k} -> {v}" for k, v in changes)
        if self.kind == "limit":
            return ", ".join(f"{k} = {v}" for k, v in changes) + f" gives {write(self.value)}"
        at = "".join(f" at {k} = {v}" for k, v in changes)
        return f"{self.kind} in {', '.join(self.arguments)}{at}"


def nonincreasing(*arguments: str) -> Law:
    """Declare that more of each argument never costs more."""
    return Law("nonincreasing", arguments)


def convex(*arguments: str, **at: sp.Expr) -> Law:
    """Declare joint convexity, perhaps only where some other arguments have given values."""
    return Law("convex", arguments, changes=at)


def symmetric(**changes: sp.Expr) -> Law:
    """Declare that changing parameters like this changes nothing."""
    return Law("symmetry", changes=changes)


def limit(value: sp.Expr, **changes: sp.Expr) -> Law:
    """Declare the value at some arguments."""
    return Law("limit", changes=changes, value=value)
