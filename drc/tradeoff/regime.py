"""One regime of a trade-off: where it holds, what the value is there, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import sympy as sp
from sympy.logic.boolalg import Boolean

from drc.expressions.content import ByContent
from drc.types import Changes
from drc.units import Unit


@dataclass(frozen=True, eq=False)
class Reason(ByContent):
    """A sentence that explains a point of a regime, when its condition holds.

    Attributes
    ----------
    text : str
        The sentence; `{name}` stands for a number.
    values : mapping from name to expression
    when : sympy boolean
    """

    text: str
    values: Mapping[str, sp.Expr] = field(default_factory=dict)
    when: Boolean = sp.true

    def subs(self, changes: Changes) -> Reason:
        """Substitute in condition and values."""
        values = {name: sp.sympify(value).subs(changes) for name, value in self.values.items()}
        return replace(self, values=values, when=self.when.subs(changes))


@dataclass(frozen=True, eq=False)
class Regime(ByContent):
    """A regime: name, condition and expression; `oo` is the expression of an infeasible one.

    Examples
    --------
    >>> import drc
    >>> [regime.name for regime in drc.Gaussian().drc().regimes]
    ['rate-limited', 'infeasible']
    """

    name: str
    condition: Boolean
    expr: sp.Expr
    reasons: tuple[Reason, ...] = ()

    @property
    def is_infeasible(self) -> bool:
        """Whether no plan exists here."""
        return self.expr == sp.oo

    @property
    def parts(self) -> tuple[sp.Basic, ...]:
        """Every expression of the regime: condition, value, and those of its reasons."""
        values = [value for reason in self.reasons for value in (*reason.values.values(), reason.when)]
        return (self.condition, self.expr, *values)

    def subs(self, changes: Changes) -> Regime:
        """Substitute in condition, expression and reasons, keeping order of definitions out of it."""
        return Regime(
            self.name,
            self.condition.subs(changes),
            self.expr.subs(changes),
            tuple(reason.subs(changes) for reason in self.reasons),
        )

    def why(self, evaluate: Callable[[sp.Basic], float], unit: Unit) -> str:
        """Return the name, and the reasons that hold at a point.

        Parameters
        ----------
        evaluate : function that returns the value of an expression, or of a condition, at the point
        """
        sentences = []
        for reason in self.reasons:
            if evaluate(reason.when):
                values = {name: f"{evaluate(sp.sympify(value)):.3g}" for name, value in reason.values.items()}
                sentences.append(reason.text.format(unit=unit.short, **values))
        # A branch of a published form has no reasons.
        return f"{self.name}: " + "\n".join(sentences) if sentences else self.name
