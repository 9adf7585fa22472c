"""Why a point has the value it has, in a sentence or two."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from drc.tradeoff.regime import Regime
from drc.units import Unit


def explain(regime: Regime, evaluate: Callable[[sp.Basic], float], unit: Unit) -> str:
    """Fill in the reasons of a regime that hold at a point.

    Parameters
    ----------
    regime : Regime
    evaluate : function that returns the value of an expression, or of a condition, at the point
    unit : Unit
    """
    sentences = []
    for reason in regime.reasons:
        if evaluate(reason.when):
            values = {name: f"{evaluate(sp.sympify(value)):.3g}" for name, value in reason.values.items()}
            sentences.append(reason.text.format(unit=unit.short, **values))
    # A branch of a published form has no reasons.
    return f"{regime.name}: " + "\n".join(sentences) if sentences else regime.name
