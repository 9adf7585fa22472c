"""From a sympy expression to a numpy function that knows how many digits of its values are right.

`sympy.lambdify` evaluates every branch of a Piecewise with `numpy.select`, and writes `1 - exp(x)` where the digits
are already lost.  Here a tree of closures is built once: constants are folded to correctly rounded floats, scalars stay
scalars, a branch that nothing needs is not evaluated, and `1 - exp(x)`, `log(1 + x)` and `H_b` keep their accuracy.

Every value comes with a bound on its relative error (see `drc.expressions.pairs`); what to do about it is up to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions import pairs
from drc.expressions.constants import constant, remainder
from drc.expressions.forms import (
    above_and_below,
    below_branch_point,
    divergence_from_uniform,
    exponent_below_one,
    in_and_or,
    pieces,
    replaced,
    undone,
    upwards,
)
from drc.expressions.pairs import Environment, Error, Evaluate, Pair, Value, select


def compile_expression(expr: sp.Basic) -> Callable[[Mapping[str, Value]], Value]:
    """Compile an expression or a condition to a function of plain values.

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
    evaluate = Compiler()(expr)

    def plain(values: Mapping[str, Value]) -> Value:
        env = Environment({name: (value, 0.0) for name, value in values.items()})
        with env.watching():
            return evaluate(env)[0]

    return plain


class Compiler:
    """Compiles expressions to functions from an `Environment` to a value and its relative error.

    Parameters
    ----------
    known : mapping from symbol to expression
        Abbreviations of numbers: they are folded with what they stand in.
    definitions : mapping from symbol to expression
        All abbreviations.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> value, error = Compiler()(x - sp.Rational(1, 10))(Environment(x=(0.1, 0.0)))
    >>> float(value), bool(error < 1e-15)
    (5.551115123125783e-18, True)
    """

    def __init__(
        self,
        known: Mapping[sp.Basic, sp.Expr] | None = None,
        definitions: Mapping[sp.Basic, sp.Expr] | None = None,
    ) -> None:
        self._known = known or {}
        self._definitions = definitions or {}
        self._relations: dict[sp.Basic, Evaluate] = {}

    def __call__(self, expr: sp.Basic) -> Evaluate:
        """Compile an expression or a condition; the errors are those of `compile_expression`."""
        if isinstance(expr, BooleanAtom):
            truth = bool(expr)
            return lambda env: (truth, False)
        if isinstance(expr, sp.Expr) and self._is_number(expr):
            number = self._number(expr)
            return lambda env: number
        if isinstance(expr, sp.Symbol):
            name = expr.name
            return lambda env: env[name]
        if hasattr(type(expr), "numeric"):
            return self._named(expr)
        for kinds, build in _BUILDERS:
            if isinstance(expr, kinds):
                return build(self, expr)
        raise UnknownFunctionError(f"{type(expr).__name__} has no numeric reading: {expr}")

    def _is_number(self, expr: sp.Expr) -> bool:
        return expr.free_symbols <= self._known.keys()

    def _opened(self, expr: sp.Expr) -> sp.Expr:
        return replaced(expr, self._known) if expr.free_symbols else expr

    def _number(self, expr: sp.Expr) -> Pair:
        opened = self._opened(expr)
        value = constant(opened)
        if (np.isinf(value) and opened.is_infinite) or value == 0 == opened:
            return value, 0.0
        if not pairs.TINY < abs(value) < np.inf:
            return value, np.inf
        return value, 0.0 if opened.is_Rational and remainder(opened) == 0 else pairs.UNIT

    # Arithmetic --------------------------------------------------------------------------------------------------------

    def _add(self, expr: sp.Add) -> Evaluate:
        if (exponent := exponent_below_one(expr)) is not None:
            return pairs.applied(lambda u: -np.expm1(u), self(exponent), pairs.of_expm1)
        if (divergence := divergence_from_uniform(expr)) is not None:
            return self(divergence)
        numbers = sp.Add(*(term for term in expr.args if self._is_number(term)))
        others = [term for term in expr.args if not self._is_number(term)]
        if len(others) == 1 and (instead := self._without_cancelling(numbers, others[0])) is not None:
            return self(instead)
        terms = [self(term) for term in others]
        if numbers == 0:
            return pairs.total(terms, _one_sign(expr.args))
        if len(terms) == 1:
            opened = self._opened(numbers)
            number, error = self._number(numbers)
            return pairs.shifted(terms[0], number, error, remainder(opened), _one_sign(expr.args))
        return pairs.total([self(numbers), *terms], _one_sign(expr.args))

    def _without_cancelling(self, number: sp.Expr, term: sp.Expr) -> sp.Expr | None:
        """Return `c t / (1 + sqrt(1 - t))` for `c - c sqrt(1 - t)`, and None for all other sums."""
        factors = sp.Mul.make_args(term)
        factor = sp.Mul(*(f for f in factors if self._is_number(f)))
        root, *more = (f for f in factors if not self._is_number(f))
        opened = self._definitions.get(root, root)
        if more or not isinstance(opened, sp.Pow) or opened.exp != sp.S.Half or sp.S.One not in opened.base.args:
            return None
        if not opened.base.is_Add or self._opened(number) + self._opened(factor) != 0:
            return None
        return number * (1 - opened.base) / (1 + root)

    def _mul(self, expr: sp.Mul) -> Evaluate:
        top, bottom = above_and_below(expr)
        number = sp.Mul(*(f for f in top if self._is_number(f)))
        factors = [self(f) for f in top if not self._is_number(f)]
        if number != 1 or not factors:
            factors.insert(0, self(number))
        # To multiply by a power of two rounds nothing.
        product = pairs.chain(
            pairs.times(0.0 if _is_power_of_two(number) and len(factors) < 3 else pairs.UNIT), factors
        )
        if not bottom:
            return product
        divisor = self(sp.Mul(*bottom))

        def quotient(env: Environment) -> Pair:
            (a, e), (b, f) = product(env), divisor(env)
            return pairs.guarded(env, np.divide(a, b), pairs.small_as_number(e) + pairs.small_as_number(f) + pairs.UNIT)

        return quotient

    def _pow(self, expr: sp.Pow) -> Evaluate:
        base, power = expr.base, expr.exp
        if base.is_positive and self._is_number(base) and not self._is_number(power):
            return self._exponential(base, self(power))
        of = self(base)
        if self._is_number(power):
            number = constant(self._opened(power))
            general = (lambda x: np.power(x, number)), pairs.ELEMENTARY
            operation, rounding = pairs.POWERS.get(number, general)
            return pairs.applied(operation, of, lambda _x, error, _value: abs(number) * error, rounding)
        exponent = self(power)

        def evaluate(env: Environment) -> Pair:
            (x, e), (y, f) = of(env), exponent(env)
            return pairs.guarded(env, np.power(x, y), np.abs(y) * (e + np.abs(np.log(x)) * f) + pairs.ELEMENTARY)

        return evaluate

    def _exponential(self, base: sp.Expr, exponent: Evaluate) -> Evaluate:
        number = constant(self._opened(base))
        operation = np.exp2 if number == 2 else np.exp if base == sp.E else lambda y: np.power(number, y)
        scale = float(np.log(number))
        rounding = 0.0 if number == 2 or base == sp.E else pairs.UNIT

        def spread(y: Value, wrong: Error, _value: Value) -> Error:
            size = np.abs(y)
            error = pairs.times_size(scale * wrong + rounding, lambda size: size, size, pairs.highest(size))
            if np.ndim(error) or np.ndim(size) == 0:
                # The power of an infinite number is exact.
                error = np.where(np.isinf(size) & np.less(wrong, np.inf), 0.0, error)[()]
            return error

        return pairs.applied(operation, exponent, spread)

    def _log(self, expr: sp.log) -> Evaluate:
        (arg,) = expr.args
        if isinstance(arg, sp.Add) and sp.S.One in arg.args:
            # On a closed border the argument is zero, and rounding may take it below.
            return pairs.applied(lambda x: np.log1p(np.maximum(x, -1.0)), self(arg - 1), pairs.of_log1p)
        return pairs.applied(np.log, self(arg), pairs.of_log)

    def _named(self, expr: sp.Basic) -> Evaluate:
        """A function that brings its own reading in floats, as `H_b` does."""
        kind: Any = type(expr)
        if (v := below_branch_point(expr)) is not None:
            args, operation, spread = [self(v)], kind.numeric_below_branch_point, kind.spread_below_branch_point
        else:
            args = [self(arg) for arg in expr.args]
            operation, spread = kind.numeric, getattr(kind, "spread", None)
        both = getattr(kind, "numeric_with_error", None)

        def evaluate(env: Environment) -> Pair:
            found = [arg(env) for arg in args]
            # Numbers of numpy divide by zero without complaint.
            values, errors = [np.float64(value) for value, _ in found], [error for _, error in found]
            if both:
                result, error = both(errors, *values)
            else:
                result = operation(*values)
                error = np.inf if spread is None else spread(errors, result, *values)
            # Such a function minds its own range.
            env.strayed = False
            return result, error

        return evaluate if (parts := undone(expr)) is None else self._undone(expr, evaluate, *map(self, parts))

    @staticmethod
    def _undone(expr: sp.Basic, found: Evaluate, of: Evaluate, added: Evaluate) -> Evaluate:
        """An inverse at the value of its function, exactly where nothing is added to it, as at rate zero."""
        kind: Any = type(expr)
        _, most = kind.undoes

        def evaluate(env: Environment) -> Pair:
            (value, error), (p, own), (more, wrong) = found(env), of(env), added(env)
            same = np.equal(more, 0) & np.equal(wrong, 0) & np.less_equal(p, most)
            if not np.any(same):
                return value, error
            # Where `p` is at the top, rounding may have taken it to the other branch.
            return np.where(same, p, value)[()], np.where(same, np.multiply(3, own), error)[()]

        return evaluate

    def _extremum(self, expr: sp.Min | sp.Max) -> Evaluate:
        operation = pairs.extremum(np.minimum if isinstance(expr, sp.Min) else np.maximum)
        found = pairs.chain(operation, [self(arg) for arg in expr.args])
        if not isinstance(expr, sp.Max) or len(expr.args) > 2 or sp.S.Zero not in expr.args:
            return found
        total = sp.Add(*expr.args)
        most = sp.Add(*(term for term in sp.Add.make_args(total) if not term.is_extended_nonpositive))
        return found if most == total else pairs.at_most(found, self(most))

    # Conditions --------------------------------------------------------------------------------------------------------

    def _piecewise(self, expr: sp.Piecewise) -> Evaluate:
        return select([(self(cond), self(value)) for value, cond in pieces(expr)])

    def _relation(self, expr: sp.core.relational.Relational) -> Evaluate:
        if expr not in self._relations:
            self._relations[expr] = pairs.once(self._comparison(expr))
        return self._relations[expr]

    def _comparison(self, expr: sp.core.relational.Relational) -> Evaluate:
        expr = upwards(expr)
        lower, upper = expr.args
        if not isinstance(expr, sp.Eq | sp.Ne):
            # `b <= min(a, b)` is `b <= a`, and `min(a, b) < b` is `a < b`: rounding does not tell equal sides apart.
            below, above = (sp.Min, sp.Max) if isinstance(expr, sp.Lt) else (sp.Max, sp.Min)
            lower, upper = self._without(below, lower, upper), self._without(above, upper, lower)
        left, right = self(lower), self(upper)
        if isinstance(expr, sp.Eq | sp.Ne):
            return lambda env: pairs.equal(left(env), right(env), isinstance(expr, sp.Eq))
        compare, slack = (np.less, 0.0) if isinstance(expr, sp.Lt) else (np.less_equal, pairs.SLACK)
        if self._saturates(lower, upper) or self._saturates(upper, lower):
            # Beyond the border both sides are equal by definition, and rounding leaves nothing in doubt.
            sides = left, right
            return lambda env: pairs.unless_equal(
                pairs.compared(compare, slack, *(side(env) for side in sides)), sides, env
            )
        return lambda env: pairs.compared(compare, slack, left(env), right(env))

    def _without(self, kind: type, side: sp.Expr, other: sp.Expr) -> sp.Expr:
        """Leave one side of an inequality out of an extremum on the other side."""
        opened = self._definitions.get(side, side)
        if isinstance(opened, kind) and other in opened.args:
            return opened.func(*(arg for arg in opened.args if arg != other))
        return side

    def _saturates(self, side: sp.Expr, other: sp.Expr) -> bool:
        """Whether the other side of an inequality is the largest value of a function that may reach it."""
        top = getattr(self._definitions.get(side, side), "top", None)
        return top is not None and other in (top, *(s for s, e in self._definitions.items() if e == top))

    def _logic(self, expr: And | Or) -> Evaluate:
        return pairs.chain(pairs.both if isinstance(expr, And) else pairs.either, [self(arg) for arg in expr.args])

    def _not(self, expr: Not) -> Evaluate:
        inner = self(expr.args[0])

        def evaluate(env: Environment) -> Pair:
            mask, doubt = inner(env)
            return np.logical_not(mask), doubt

        return evaluate


def _is_power_of_two(number: sp.Expr) -> bool:
    if not (number.is_Rational and number != 0):
        return False
    mantissa, _ = np.frexp(abs(float(number)))
    return mantissa == 0.5 and remainder(number) == 0


def _one_sign(terms: tuple[sp.Expr, ...]) -> bool:
    """Whether no term of a sum can cancel another."""
    return all(term.is_extended_nonnegative for term in terms) or all(term.is_extended_nonpositive for term in terms)


_BUILDERS: tuple[tuple[Any, Callable[[Compiler, Any], Evaluate]], ...] = (
    (sp.Add, Compiler._add),
    (sp.Mul, Compiler._mul),
    (sp.Pow, Compiler._pow),
    (sp.log, Compiler._log),
    (sp.exp, lambda build, expr: build._exponential(sp.E, build(expr.args[0]))),
    (sp.Abs, lambda build, expr: pairs.applied(np.abs, build(expr.args[0]), lambda _x, error, _value: error, 0.0)),
    ((sp.Min, sp.Max), Compiler._extremum),
    (sp.Piecewise, Compiler._piecewise),
    (sp.core.relational.Relational, Compiler._relation),
    ((And, Or), Compiler._logic),
    (Not, Compiler._not),
    ((Implies, Equivalent), lambda build, expr: build(in_and_or(expr))),
)
