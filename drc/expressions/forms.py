"""Forms of expressions that every reading in floats looks for, so that no reading loses digits that another one keeps."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, Equivalent, Implies, Not, Or


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


def exponent_below_one(expr: sp.Add) -> sp.Expr | None:
    """Return `u` if `expr` is `1 - exp(u)`.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> exponent_below_one(1 - sp.exp(x)), exponent_below_one(1 + x)
    (x, None)
    """
    return exponent_of(1 - expr) if len(expr.args) == 2 and sp.S.One in expr.args else None


def above_and_below(expr: sp.Mul) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """Return the factors above and below the line.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> above_and_below(2 * x / y)
    ([2, x], [y])
    """
    below = [f for f in expr.args if isinstance(f, sp.Pow) and f.exp.could_extract_minus_sign()]
    return [f for f in expr.args if f not in below], [1 / f for f in below]


def in_and_or(condition: Implies | Equivalent) -> Or:
    """Write an implication, or an equivalence, by what else conditions are made of.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> in_and_or(Implies(a, b))
    b | ~a
    """
    left, right = condition.args
    if isinstance(condition, Implies):
        return Or(Not(left), right)
    return Or(And(left, right), And(*(Not(side, evaluate=False) for side in condition.args)))


def below_branch_point(expr: sp.Function) -> sp.Expr | None:
    """Return `v` if `expr` is a branch of Lambert's W at `-exp(-1 - v)`, in which the digits of `v` would be lost.

    Examples
    --------
    >>> from drc.information import W_0
    >>> x = sp.Symbol("x")
    >>> below_branch_point(W_0(-(2**x) * sp.exp(-1)))
    -x*log(2)
    """
    if not hasattr(type(expr), "numeric_below_branch_point"):
        return None
    exponents = [exponent_of(factor) for factor in sp.Mul.make_args(-expr.args[0])]
    return None if None in exponents else -1 - sp.Add(*exponents)


def by_cases(pairs: Iterable[tuple[sp.Expr, sp.Basic]]) -> sp.Piecewise:
    """Define by cases as they are given.

    Sympy's own constructor would simplify conditions in many variables, at great length, and take the definitions by cases
    apart that stand in them.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> by_cases([(x, x > 0), (-x, sp.true)])
    Piecewise((x, x > 0), (-x, True))
    """
    return sp.Basic.__new__(sp.Piecewise, *(sp.Basic.__new__(ExprCondPair, *pair) for pair in pairs))
