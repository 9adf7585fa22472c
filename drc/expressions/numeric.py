"""From a sympy expression to a numpy function.

`sympy.lambdify` evaluates every branch of a Piecewise with `numpy.select`, and writes `1 - exp(x)` where the digits
are already lost.  Here a tree of closures is built once: constants are folded to correctly rounded floats, scalars stay
scalars, a branch that nothing needs is not evaluated, and `1 - exp(x)`, `log(1 + x)` and `H_b` keep their accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError

Value = Any  # a float or an array of floats
Evaluate = Callable[[Mapping[str, Value]], Value]

#: A closed border survives rounding: `a <= b` holds up to this many times `|b|`.
SLACK = 4 * np.finfo(float).eps


def compile_expression(expr: sp.Basic) -> Evaluate:
    """Compile an expression or a condition to a function of an environment.

    Parameters
    ----------
    expr : sympy expression or boolean

    Returns
    -------
    function from a mapping of symbol names to floats or arrays (that broadcast) to a float or an array

    Raises
    ------
    UnknownFunctionError
        For a function that has no numeric reading here.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> float(compile_expression(1 - sp.exp(x))({"x": -1e-20}))
    1e-20
    """
    if isinstance(expr, sp.Symbol):
        name = expr.name
        return lambda env: env[name]
    if isinstance(expr, BooleanAtom):
        truth = np.bool_(bool(expr))
        return lambda env: truth
    if not expr.free_symbols and isinstance(expr, sp.Expr):
        number = constant(expr)
        return lambda env: number
    if hasattr(type(expr), "numeric"):
        return _named(expr)
    for kinds, build in _BUILDERS:
        if isinstance(expr, kinds):
            return build(expr)
    raise UnknownFunctionError(f"{type(expr).__name__} has no numeric reading: {expr}")


def constant(expr: sp.Expr) -> float:
    """Fold an expression without symbols to a float.

    Examples
    --------
    >>> constant(sp.sqrt(2))
    1.4142135623730951
    """
    # 25 digits before rounding to 17, so that a folded constant is correctly rounded.
    return float(expr.evalf(25))


def _add(expr: sp.Add) -> Evaluate:
    if len(expr.args) == 2 and sp.S.One in expr.args:
        (other,) = (arg for arg in expr.args if arg != 1)
        exponent = exponent_of(-other)
        if exponent is not None:
            inner = compile_expression(exponent)
            return lambda env: -np.expm1(inner(env))
    terms = [compile_expression(term) for term in expr.args]
    return _chain(np.add, terms)


def exponent_of(expr: sp.Expr) -> sp.Expr | None:
    """Return `u` if `expr` is `exp(u)`, or a number to a power, written to base e.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> exponent_of(2**x), exponent_of(x)
    (x*log(2), None)
    """
    if isinstance(expr, sp.exp):
        return expr.exp
    if isinstance(expr, sp.Pow) and expr.base.is_positive and expr.base.is_number:
        return expr.exp * sp.log(expr.base)
    return None


def log_of_product(expr: sp.Expr) -> sp.Expr | None:
    """Return `u` if `expr` is `exp(u)`, written as a product of powers of positive numbers.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> log_of_product(2**x * sp.exp(-1))
    x*log(2) - 1
    """
    exponents = [exponent_of(factor) for factor in sp.Mul.make_args(expr)]
    return None if None in exponents else sp.Add(*exponents)


def _mul(expr: sp.Mul) -> Evaluate:
    top = [f for f in expr.args if not (isinstance(f, sp.Pow) and f.exp.could_extract_minus_sign())]
    bottom = [1 / f for f in expr.args if f not in top]
    number = sp.Mul(*(f for f in top if not f.free_symbols))
    factors = [compile_expression(f) for f in top if f.free_symbols]
    if number != 1 or not factors:
        factors.insert(0, compile_expression(number))
    product = _chain(np.multiply, factors)
    if not bottom:
        return product
    divisor = compile_expression(sp.Mul(*bottom))
    return lambda env: np.divide(product(env), divisor(env))


def _chain(operation: np.ufunc, parts: list[Evaluate]) -> Evaluate:
    first, *rest = parts
    if len(rest) == 1:
        (second,) = rest
        return lambda env: operation(first(env), second(env))
    return lambda env: reduce(operation, (part(env) for part in rest), first(env))


def _pow(expr: sp.Pow) -> Evaluate:
    base, power = expr.base, expr.exp
    if base == 2:
        exponent = compile_expression(power)
        return lambda env: np.exp2(exponent(env))
    of = compile_expression(base)
    if power == sp.S.Half:
        return lambda env: np.sqrt(of(env))
    if power == -1:
        return lambda env: np.divide(1.0, of(env))
    if power == 2:
        return lambda env: np.square(of(env))
    exponent = compile_expression(power)
    return lambda env: np.power(of(env), exponent(env))


def _log(expr: sp.log) -> Evaluate:
    (arg,) = expr.args
    if isinstance(arg, sp.Add) and sp.S.One in arg.args:
        inner = compile_expression(arg - 1)
        # On a closed border the argument is zero, and rounding may take it below.
        return lambda env: np.log1p(np.maximum(inner(env), -1.0))
    inner = compile_expression(arg)
    return lambda env: np.log(inner(env))


def _function(expr: sp.Function) -> Evaluate:
    operation = {sp.exp: np.exp, sp.Abs: np.abs}[type(expr)]
    inner = compile_expression(expr.args[0])
    return lambda env: operation(inner(env))


def _named(expr: sp.Function) -> Evaluate:
    """A function that brings its own reading in floats, as `H_b` does."""
    if hasattr(type(expr), "numeric_below_branch_point") and (u := log_of_product(-expr.args[0])) is not None:
        # Lambert's W of -e^(-1 - v) is evaluated from v, whose digits are lost in the argument.
        inner, of = compile_expression(-1 - u), type(expr).numeric_below_branch_point
        return lambda env: of(inner(env))
    args = [compile_expression(arg) for arg in expr.args]
    operation = type(expr).numeric
    return lambda env: operation(*(arg(env) for arg in args))


def _extremum(expr: sp.Min | sp.Max) -> Evaluate:
    operation = np.minimum if isinstance(expr, sp.Min) else np.maximum
    return _chain(operation, [compile_expression(arg) for arg in expr.args])


def _piecewise(expr: sp.Piecewise) -> Evaluate:
    return select([(compile_expression(cond), compile_expression(value)) for value, cond in expr.args])


def select(cases: list[tuple[Evaluate, Evaluate]], otherwise: float = np.inf) -> Evaluate:
    """Build the function that takes, element by element, the value of the first case whose condition holds."""

    def evaluate(env: Mapping[str, Value]) -> Value:
        pending: list[tuple[np.ndarray, Evaluate]] = []
        result: Value = otherwise
        for condition, value in cases:
            mask = condition(env)
            if np.ndim(mask) == 0:
                if mask:
                    result = value(env)
                    break
            elif mask.any():
                pending.append((mask, value))
        for mask, value in reversed(pending):
            result = np.where(mask, value(env), result)
        return result

    return evaluate


def _relation(expr: sp.core.relational.Relational) -> Evaluate:
    if isinstance(expr, sp.Ge | sp.Gt):
        expr = expr.reversed
    left, right = compile_expression(expr.lhs), compile_expression(expr.rhs)
    if isinstance(expr, sp.Lt):
        return lambda env: np.less(left(env), right(env))
    if isinstance(expr, sp.Le):
        return lambda env: _at_most(left(env), right(env))
    operation = np.equal if isinstance(expr, sp.Eq) else np.not_equal
    return lambda env: operation(left(env), right(env))


def _at_most(left: Value, right: Value) -> Value:
    # An infinite bound times the slack stays infinite, so nothing here is ever NaN.
    return np.less_equal(left, right + SLACK * np.abs(right))


def _logic(expr: And | Or) -> Evaluate:
    operation = np.logical_and if isinstance(expr, And) else np.logical_or
    return _chain(operation, [compile_expression(arg) for arg in expr.args])


def _not(expr: Not) -> Evaluate:
    inner = compile_expression(expr.args[0])
    return lambda env: np.logical_not(inner(env))


def _implies(expr: Implies) -> Evaluate:
    return compile_expression(Or(Not(expr.args[0]), expr.args[1]))


def _equivalent(expr: Equivalent) -> Evaluate:
    left, right = map(compile_expression, expr.args)
    return lambda env: np.equal(left(env), right(env))


_BUILDERS: tuple[tuple[Any, Callable[[Any], Evaluate]], ...] = (
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    (sp.log, _log),
    ((sp.exp, sp.Abs), _function),
    ((sp.Min, sp.Max), _extremum),
    (sp.Piecewise, _piecewise),
    (sp.core.relational.Relational, _relation),
    ((And, Or), _logic),
    (Not, _not),
    (Implies, _implies),
    (Equivalent, _equivalent),
)
