"""A trade-off compiled to JavaScript, as `drc.tradeoff.evaluation` compiles it to numpy: data, with functions in it."""

from __future__ import annotations

import json
import re

import sympy as sp

from drc.expressions.javascript import javascript
from drc.tradeoff import Tradeoff
from drc.tradeoff.regime import Reason, Regime


def formula(tradeoff: Tradeoff) -> str:
    """Write the abbreviations and the regimes of a trade-off as a JavaScript object.

    Parameters
    ----------
    tradeoff : Tradeoff

    Returns
    -------
    str
        `{where: [{name, needs, of}, ...], regimes: [{name, feasible, holds, value, reasons}, ...]}`, where `of`, `holds` and
        `value` are functions of an object with arguments, parameters and earlier abbreviations.

    Examples
    --------
    >>> import drc
    >>> T = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, sigma_S=1, theta=0).drc()
    >>> print(formula(T).splitlines()[1])
    {name: "h_S", needs: [], of: (e) => 2.047095585180641},
    """
    where = ",\n".join(
        f"{{name: {json.dumps(symbol.name)}, needs: {json.dumps(sorted(s.name for s in value.free_symbols))},"
        f" of: {_function(value)}}}"
        for symbol, value in tradeoff.where
    )
    regimes = ",\n".join(_regime(regime, tradeoff) for regime in tradeoff.cases)
    return f"{{where: [\n{where}],\nregimes: [\n{regimes}]}}"


def _regime(regime: Regime, tradeoff: Tradeoff) -> str:
    reasons = ", ".join(_reason(reason, tradeoff.unit.short) for reason in regime.reasons)
    feasible = "false" if regime.is_infeasible else "true"
    return (
        f"{{name: {json.dumps(regime.name)}, feasible: {feasible}, holds: {_function(regime.condition)},"
        f" value: {_function(regime.expr)}, reasons: [{reasons}]}}"
    )


def _reason(reason: Reason, unit: str) -> str:
    values = ", ".join(f"{name}: {_function(sp.sympify(value))}" for name, value in reason.values.items())
    text = re.sub(r"\{unit\}", unit, reason.text)
    return f"{{text: {json.dumps(text, ensure_ascii=False)}, when: {_function(reason.when)}, values: {{{values}}}}}"


def _function(expr: sp.Basic) -> str:
    return f"(e) => {javascript(expr)}"
