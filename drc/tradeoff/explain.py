"""Why a point has the value it has, in a sentence or two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from drc.expressions import compile_expression
from drc.tradeoff.regime import Regime
from drc.units import Unit


def explain(regime: Regime, environment: Mapping[str, Any], unit: Unit) -> str:
    """Fill in the reasons of a regime that hold at a point."""
    sentences = []
    with np.errstate(all="ignore"):
        for reason in regime.reasons:
            if compile_expression(reason.when)(environment):
                values = {
                    name: f"{compile_expression(sp.sympify(value))(environment):.3g}"
                    for name, value in reason.values.items()
                }
                sentences.append(reason.text.format(unit=unit.short, **values))
    # A branch of a printed form has no reasons.
    return f"{regime.name}: " + "\n".join(sentences) if sentences else regime.name
