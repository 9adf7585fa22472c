"""Input is read here, in the words of the user: which parameter, what it must be, what was given."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping

import numpy as np
import sympy as sp
from flint import arb, ctx

from drc.errors import ProblemError, UnknownFunctionError, must
from drc.errors import choice as choice
from drc.expressions.balls import ball
from drc.expressions.forms import replaced
from drc.numbers import brief, product, read, reals

#: The range of doubles; what is computed before it is known to be in it has this precision, and powers no longer than this.
_LARGEST, _SMALLEST = sys.float_info.max, 5e-324
_PRECISION, _MOST_POWER = 128, 10_000


def exact(name: str, value: object) -> sp.Expr:
    """Return `value` as an exact sympy number or expression.

    A float means the decimal that it prints as: 0.3 is 3/10, so that the corners of a formula (say
    `D = |q_X - q_Y|` with `q_X = 0.3`, `q_Y = 0.4`) are exact. `drc.numbers` says what else is a number.

    Raises `ProblemError` if `value` is not a real scalar, the name of a symbol, or an expression of the functions that are
    known here.

    Examples
    --------
    >>> exact("q_X", 0.3), exact("q_X", "q")
    (3/10, q)
    """
    if isinstance(value, sp.Expr) and not isinstance(value, sp.Rational | sp.Float):
        return _exact_expression(name, value)
    if isinstance(value, str) and _is_symbol(value.strip()):
        return _known(sp.Symbol(value.strip()))
    found = read(name, value)
    if isinstance(found, float):
        return sp.oo if found > 0 else -sp.oo
    return sp.Rational(found.numerator, found.denominator)


def _is_symbol(text: str) -> bool:
    """Whether a text names a symbol: a word of letters, plain digits and underscores that means no value."""
    plain = text.isidentifier() and all(c.isalpha() or c in "_0123456789" for c in text)
    return plain and text.lower() not in _VALUES


#: Words that mean a value in some language, so that they are never the name of a symbol.
_VALUES = ("nan", "nat", "na", "inf", "infinity", "oo", "zoo", "none", "null", "true", "false")


def _exact_expression(name: str, value: sp.Expr) -> sp.Expr:
    """Make the floats of an expression exact, once all its numbers are known to be real and of a decent size."""
    if value is sp.oo or value is -sp.oo:
        return value
    try:
        if not value.is_Symbol:
            _judge_numbers(name, value)
        real = value.is_commutative and not value.has(sp.nan, sp.zoo, sp.I) and value.is_extended_real is not False
        if real:
            exactly = {number: exact(name, number) for number in value.atoms(sp.Float)}
            return replaced(value, exactly | {symbol: _known(symbol) for symbol in value.free_symbols})
    except RecursionError:
        raise ProblemError(f"{name} must be a shorter expression, got one that is nested too deeply") from None
    raise must(name, "be a real number", value)


def _known(symbol: sp.Symbol) -> sp.Symbol:
    """Return the symbol of this name that is used here: whatever a user assumes of `q_X`, it is the parameter `q_X`."""
    if _PARAMETER.fullmatch(symbol.name):
        return sp.Symbol(
            symbol.name, **({"positive": True} if symbol.name.startswith(("sigma", "lam")) else {"real": True})
        )
    return symbol if symbol.is_real else sp.Symbol(symbol.name, real=True)


#: The names of parameters, components of vectors included.
_PARAMETER = re.compile(r"(lam|q_(X|Y|S1|ref)|mu_(X|Y|S|T|ref)\d*|sigma_(X|Y|S|T|ref)\d*|theta\d*|rho_TX\d*)")


def one_symbol_each(values: Mapping[str, sp.Expr]) -> None:
    """Refuse symbols that have one name and are still not the same, as their assumptions differ.

    Raises `ProblemError` naming the parameter and the symbol.
    """
    seen: dict[str, sp.Symbol] = {}
    for name, value in values.items():
        for symbol in sorted(value.free_symbols, key=str):
            if seen.setdefault(symbol.name, symbol) != symbol:
                raise ProblemError(
                    f"{name} must have the same symbol {symbol} as the other parameters, got one with other assumptions"
                )


def _judge_numbers(name: str, value: sp.Expr) -> None:
    """Refuse functions that are not known, and numbers out of range, before SymPy computes with them: it has no limits."""
    with ctx.workprec(_PRECISION):
        for part in sp.preorder_traversal(value):
            if isinstance(part, sp.Rational):
                product(name, part)
            elif isinstance(part, sp.Expr) and not part.free_symbols:
                _judge_constant(name, part)
        size = abs(_enclosed(name, value, {symbol: arb(1) / 2 for symbol in value.free_symbols}))
        if not value.free_symbols and 0 < size.lower() <= size.upper() < _SMALLEST:
            raise _out_of_range(name, value)


def _judge_constant(name: str, value: sp.Expr) -> None:
    size = abs(_enclosed(name, value, {}))
    if size.is_nan():
        raise must(name, "be a real number", value)
    if not size.is_finite() or size.lower() > _LARGEST:
        raise _out_of_range(name, value)
    if isinstance(value, sp.Pow) and value.exp.is_Integer and abs(value.exp) > _MOST_POWER:
        raise must(name, f"have powers of at most {_MOST_POWER}", value)


def _out_of_range(name: str, value: sp.Expr) -> ProblemError:
    return must(name, "be made of numbers within the range of a double", value)


def _enclosed(name: str, value: sp.Expr, point: dict[sp.Symbol, arb]) -> arb:
    try:
        return ball(value, point)
    except UnknownFunctionError:
        raise must(
            name, "be a real number, or an expression of powers, logarithms, entropies and the like", value
        ) from None
    except ProblemError:
        raise
    except ValueError:  # No branch of a Piecewise applies at this point.
        return arb.nan()


def parameter(symbol: sp.Symbol, given: object, low: sp.Expr | None = None, high: sp.Expr = sp.oo) -> sp.Expr:
    """Return a parameter exactly, if it is not known to leave `[low, high]`.

    Without `low` the parameter is finite, and positive if the symbol is.

    Raises `ProblemError` naming parameter, value and range.
    """
    value = exact(symbol.name, given)
    positive = low is None and symbol.is_positive
    low = low if low is not None else sp.S.Zero if positive else -sp.oo
    below = (value <= low) if positive else (value < low)
    if below == True or (value > high) == True or (value in (sp.oo, -sp.oo) and high == sp.oo):  # noqa: E712
        needs = f"in [{low}, {high}]" if high != sp.oo else "positive and finite" if positive else "finite"
        raise must(symbol.name, f"be {needs}", got=shown(value))
    return value


def shown(value: sp.Expr) -> str:
    """Show a number the way a user would have written it."""
    if value.is_Integer or value.is_infinite:
        return str(value)
    return f"{float(value):.12g}" if value.is_number else str(value)


def number(name: str, value: object) -> sp.Expr:
    """Return `value` exactly, refusing free symbols.

    Raises `ProblemError` if symbols are still free; the message lists them.
    """
    value = exact(name, value)
    free = sorted(map(str, value.free_symbols))
    if free:
        raise ProblemError(f"{name} must be a number, got {brief(value)}: {', '.join(free)} still free")
    return value


def numbers_given(name: str, value: object) -> float | np.ndarray:
    """Return a number or an array of numbers as floats; infinite ones are allowed, NaN and symbols are not.

    Raises `ProblemError` naming the first entry that is not a number.

    Examples
    --------
    >>> numbers_given("R", [0, "1/2", sp.sqrt(2)]).round(3).tolist()
    [0.0, 0.5, 1.414]
    """
    return reals(name, value, number)


def bound_given(name: str, value: object) -> float | np.ndarray:
    """Return a bound, or an array of bounds, as floats: only a bound `C` may be negative.

    For continuous laws an entropy is, and for finite ones such a bound is simply infeasible.

    Raises `ProblemError` for NaN, symbols, or a negative rate, distortion or perception bound.
    """
    found = numbers_given(name, value)
    if name != "C" and np.size(found) and np.min(found) < 0:
        raise must(name, "be at least 0", got=f"{np.min(found):g}")
    return found


def bounds_given(values: Mapping[str, object]) -> dict[str, float]:
    """Turn the constraints given to a solver into floats; `None` means inactive and becomes `+inf`.

    Raises `ProblemError` as `bound_given` does, and for more than one number.
    """
    return {
        name: math.inf if value is None else float(bound_given(name, number(name, value)))
        for name, value in values.items()
    }
