"""A trade-off compiled to JavaScript, as `drc.tradeoff.evaluation` compiles it to numpy: data, with functions in it."""

from __future__ import annotations

import ast
import json
from functools import cache

import sympy as sp

from drc.expressions.program import Writer, routines
from drc.expressions.translate import LANGUAGES
from drc.tradeoff import Tradeoff
from drc.tradeoff.regime import Reason, Regime

_JAVASCRIPT = LANGUAGES["javascript"]


@cache
def library() -> str:
    """Return the named functions in JavaScript, which formulas call.

    Examples
    --------
    >>> "function H_b(" in library()
    True
    """
    return "\n\n".join([_JAVASCRIPT.prelude, *map(_JAVASCRIPT.function, routines().values())])


def formula(tradeoff: Tradeoff) -> str:
    """Write the abbreviations and the regimes of a trade-off as a JavaScript object.

    Returns
    -------
    str
        `{where: [{name, needs, of}, ...], regimes: [{name, feasible, needs, holds, value, reasons}, ...]}`, where `of`,
        `holds` and `value` are functions of an object with arguments, parameters and earlier abbreviations.

    Examples
    --------
    >>> import drc
    >>> T = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, sigma_S=1, theta=0).drc()
    >>> print(formula(T).splitlines()[1])
    {name: "h_S", needs: [], of: ({}) => 2.047095585180641},
    """
    where = ",\n".join(
        f"{{name: {json.dumps(symbol.name)}, needs: {_letters(value)}, of: {function(value)}}}"
        for symbol, value in tradeoff.where
    )
    regimes = ",\n".join(_regime(regime, tradeoff) for regime in tradeoff.cases)
    return f"{{where: [\n{where}],\nregimes: [\n{regimes}]}}"


def function(expr: sp.Basic) -> str:
    """Write an expression or a condition as a JavaScript function of an object with its letters.

    Raises
    ------
    UnknownFunctionError
        For a function that has no routine.

    Examples
    --------
    >>> function(sp.Symbol("R") / 2), function(sp.Symbol("t^*"))
    ('({R}) => (0.5 * R)', '({"t^*": t}) => t')
    """
    letters = sorted(expr.free_symbols, key=str)
    write = Writer(letters)
    names = {symbol.name: write.name(symbol) for symbol in letters}
    given = ", ".join(own if own == name else f"{json.dumps(name)}: {own}" for name, own in names.items())
    return f"({{{given}}}) => {_JAVASCRIPT.expr(ast.parse(write(expr), mode='eval').body)}"


def _regime(regime: Regime, tradeoff: Tradeoff) -> str:
    reasons = ", ".join(_reason(reason, tradeoff.unit.short) for reason in regime.reasons)
    return (
        f"{{name: {json.dumps(regime.name)}, feasible: {'false' if regime.is_infeasible else 'true'},"
        f" needs: {_letters(regime.expr, regime.condition)}, holds: {function(regime.condition)},"
        f" value: {function(regime.expr)}, reasons: [{reasons}]}}"
    )


def _reason(reason: Reason, unit: str) -> str:
    values = ", ".join(f"{name}: {function(sp.sympify(value))}" for name, value in reason.values.items())
    text = json.dumps(reason.text.replace("{unit}", unit), ensure_ascii=False)
    return f"{{text: {text}, when: {function(reason.when)}, values: {{{values}}}}}"


def _letters(*parts: sp.Basic) -> str:
    return json.dumps(sorted({symbol.name for part in parts for symbol in part.free_symbols}))
