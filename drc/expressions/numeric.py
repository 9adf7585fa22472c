"""From a sympy expression to a numpy function that knows how many digits of its values are right.

`sympy.lambdify` evaluates every branch of a Piecewise with `numpy.select`, and writes `1 - exp(x)` where the digits
are already lost.  Here a tree of closures is built once: constants are folded to correctly rounded floats, scalars stay
scalars, a branch that nothing needs is not evaluated, and `1 - exp(x)`, `log(1 + x)` and `H_b` keep their accuracy.

Every value comes with a bound on its relative error, a number where it is the same for a whole array, so that most
operations cost nothing for it.  Only sums that may cancel, and logarithms, have one bound per element.  An infinite bound
says that nothing is known: digits have cancelled, a number has left the range of doubles, or a condition is closer to its
border than the rounding of its two sides.  What to do about it is up to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache, reduce
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions.forms import (
    above_and_below,
    below_branch_point,
    exponent_below_one,
    in_and_or,
    pieces,
    replaced,
    upwards,
)

if TYPE_CHECKING:
    from flint import arb

Value: TypeAlias = "float | np.ndarray"
Error: TypeAlias = "float | np.ndarray"  # the relative error is at most this
Pair = tuple[Value, Error]
#: Whether a condition holds, and where that is in doubt.
Truth: TypeAlias = "tuple[bool | np.ndarray, bool | np.ndarray]"

#: A closed border survives rounding: `a <= b` holds up to this many times `|b|`.
SLACK = 4 * np.finfo(float).eps

#: The largest relative error of one rounding, and of a function of numpy.
_UNIT = 2.0**-53
_ELEMENTARY = 4 * _UNIT

#: An error so small is the same for a whole array, as a number.
_LITTLE = 2.0**-46

#: First-order bounds on errors hold while the errors are smaller than this.
_SMALL = 1e-3

#: From this many elements on, choosing among them by their bits is worth it.
_MANY = 2000

#: What is below may have lost digits to underflow.
_TINY = 1e-290


class Environment(dict[str, Pair]):
    """What symbols stand for: pairs of value and relative error.

    Attributes
    ----------
    strayed : bool
        Whether an operation has left the range of doubles since this was last made false.
    decided : dict
        Conditions that several regimes share, which are decided once.
    """

    strayed = False

    def __init__(self, *args: Mapping[str, Pair], **symbols: Pair) -> None:
        super().__init__(*args, **symbols)
        self.decided: dict[Evaluate, Pair] = {}

    def watching(self) -> np.errstate:
        """Return a context in which numpy notes overflow and underflow here, and warns of nothing."""
        return np.errstate(all="ignore", over="call", under="call", call=self._note)

    def _note(self, kind: str, flag: int) -> None:
        self.strayed = True


Evaluate = Callable[[Environment], Pair]


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


@cache
def constant(expr: sp.Expr) -> float:
    """Fold an expression without symbols to a float.

    Examples
    --------
    >>> constant(sp.sqrt(2))
    1.4142135623730951
    """
    # Balls are a hundred times as fast where an expression is long; sympy raises its precision until digits are right.
    found = _in_balls(expr)
    return float(expr.evalf(25)) if found is None else float(found.mid())


@cache
def _in_balls(expr: sp.Expr) -> arb | None:
    """Enclose a number to 160 bits, of which 120 are right; None where balls do not tell as much."""
    from flint import ctx

    from drc.expressions.balls import ball

    with ctx.workprec(160), suppress(UnknownFunctionError):
        found = ball(expr, {})
        return found if found.is_finite() and found.rel_accuracy_bits() >= 120 else None
    return None


@cache
def remainder(expr: sp.Expr) -> float:
    """Return what a folded constant has lost to rounding.

    Examples
    --------
    >>> remainder(sp.Rational(1, 2)), remainder(sp.Rational(1, 10))
    (0.0, -5.551115123125783e-18)
    """
    rounded = constant(expr)
    if not np.isfinite(rounded):
        return 0.0
    # 40 digits leave 23 of the remainder.
    if not expr.is_Rational and (found := _in_balls(expr)) is not None:
        return float((found - rounded).mid())
    more = expr if expr.is_Rational else expr.evalf(40)
    return float(sp.Rational(more) - sp.Rational(rounded))


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
        if not _TINY < abs(value) < np.inf:
            return value, np.inf
        return value, 0.0 if opened.is_Rational and remainder(opened) == 0 else _UNIT

    # Arithmetic --------------------------------------------------------------------------------------------------------

    def _add(self, expr: sp.Add) -> Evaluate:
        if (exponent := exponent_below_one(expr)) is not None:
            return _applied(lambda u: -np.expm1(u), self(exponent), _of_expm1)
        numbers = sp.Add(*(term for term in expr.args if self._is_number(term)))
        others = [term for term in expr.args if not self._is_number(term)]
        if len(others) == 1 and (instead := self._without_cancelling(numbers, others[0])) is not None:
            return self(instead)
        terms = [self(term) for term in others]
        if numbers == 0:
            return _sum(terms, _one_sign(expr.args))
        if len(terms) == 1:
            opened = self._opened(numbers)
            number, error = self._number(numbers)
            return _shifted(terms[0], number, error, remainder(opened), _one_sign(expr.args))
        return _sum([self(numbers), *terms], _one_sign(expr.args))

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
        product = _chain(_times(0.0 if _is_power_of_two(number) and len(factors) < 3 else _UNIT), factors)
        if not bottom:
            return product
        divisor = self(sp.Mul(*bottom))

        def quotient(env: Environment) -> Pair:
            (a, e), (b, f) = product(env), divisor(env)
            return _guarded(env, np.divide(a, b), _small_as_number(e) + _small_as_number(f) + _UNIT)

        return quotient

    def _pow(self, expr: sp.Pow) -> Evaluate:
        base, power = expr.base, expr.exp
        if base.is_positive and self._is_number(base) and not self._is_number(power):
            return self._exponential(base, self(power))
        of = self(base)
        if self._is_number(power):
            number = constant(self._opened(power))
            general = (lambda x: np.power(x, number)), _ELEMENTARY
            operation, rounding = _POWERS.get(number, general)
            return _applied(operation, of, lambda _x, error, _value: abs(number) * error, rounding)
        exponent = self(power)

        def evaluate(env: Environment) -> Pair:
            (x, e), (y, f) = of(env), exponent(env)
            return _guarded(env, np.power(x, y), np.abs(y) * (e + np.abs(np.log(x)) * f) + _ELEMENTARY)

        return evaluate

    def _exponential(self, base: sp.Expr, exponent: Evaluate) -> Evaluate:
        number = constant(self._opened(base))
        operation = np.exp2 if number == 2 else np.exp if base == sp.E else lambda y: np.power(number, y)
        scale = float(np.log(number))
        rounding = 0.0 if number == 2 or base == sp.E else _UNIT

        def spread(y: Value, wrong: Error, _value: Value) -> Error:
            size = np.abs(y)
            error = _times_size(scale * wrong + rounding, lambda size: size, size, _highest(size))
            if np.ndim(error) or np.ndim(size) == 0:
                # The power of an infinite number is exact.
                error = np.where(np.isinf(size) & np.less(wrong, np.inf), 0.0, error)[()]
            return error

        return _applied(operation, exponent, spread)

    def _log(self, expr: sp.log) -> Evaluate:
        (arg,) = expr.args
        if isinstance(arg, sp.Add) and sp.S.One in arg.args:
            # On a closed border the argument is zero, and rounding may take it below.
            return _applied(lambda x: np.log1p(np.maximum(x, -1.0)), self(arg - 1), _of_log1p)
        return _applied(np.log, self(arg), _of_log)

    def _named(self, expr: sp.Function) -> Evaluate:
        """A function that brings its own reading in floats, as `H_b` does."""
        kind = type(expr)
        if (v := below_branch_point(expr)) is not None:
            args, operation, spread = [self(v)], kind.numeric_below_branch_point, kind.spread_below_branch_point
        else:
            args = [self(arg) for arg in expr.args]
            operation, spread = kind.numeric, getattr(kind, "spread", None)
        both = getattr(kind, "numeric_with_error", None)

        def evaluate(env: Environment) -> Pair:
            pairs = [arg(env) for arg in args]
            # Numbers of numpy divide by zero without complaint.
            values, errors = [np.float64(value) for value, _ in pairs], [error for _, error in pairs]
            if both:
                result, error = both(errors, *values)
            else:
                result = operation(*values)
                error = np.inf if spread is None else spread(errors, result, *values)
            # Such a function minds its own range.
            env.strayed = False
            return result, error

        return evaluate

    def _extremum(self, expr: sp.Min | sp.Max) -> Evaluate:
        operation = np.minimum if isinstance(expr, sp.Min) else np.maximum
        # Whichever is taken, the other one may be the true extremum if both are near.
        found = _chain(
            lambda env, a, b: (operation(a[0], b[0]), np.maximum(a[1], b[1])), [self(arg) for arg in expr.args]
        )
        if not isinstance(expr, sp.Max) or len(expr.args) > 2 or sp.S.Zero not in expr.args:
            return found
        total = sp.Add(*expr.args)
        most = sp.Add(*(term for term in sp.Add.make_args(total) if not term.is_extended_nonpositive))
        return found if most == total else _at_most(found, self(most))

    # Conditions --------------------------------------------------------------------------------------------------------

    def _piecewise(self, expr: sp.Piecewise) -> Evaluate:
        return select([(self(cond), self(value)) for value, cond in pieces(expr)])

    def _relation(self, expr: sp.core.relational.Relational) -> Evaluate:
        if expr not in self._relations:
            self._relations[expr] = _once(self._comparison(expr))
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
            return lambda env: _equal(left(env), right(env), isinstance(expr, sp.Eq))
        compare, slack = (np.less, 0.0) if isinstance(expr, sp.Lt) else (np.less_equal, SLACK)
        if self._saturates(lower, upper) or self._saturates(upper, lower):
            # Beyond the border both sides are equal by definition, and rounding leaves nothing in doubt.
            sides = left, right
            return lambda env: _unless_equal(_compared(compare, slack, *(side(env) for side in sides)), sides, env)
        return lambda env: _compared(compare, slack, left(env), right(env))

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
        return _chain(_and if isinstance(expr, And) else _or, [self(arg) for arg in expr.args])

    def _not(self, expr: Not) -> Evaluate:
        inner = self(expr.args[0])

        def evaluate(env: Environment) -> Pair:
            mask, doubt = inner(env)
            return np.logical_not(mask), doubt

        return evaluate


def select(
    cases: list[tuple[Evaluate, Evaluate]], otherwise: float = np.inf, tolerance: float | None = None
) -> Evaluate:
    """Build the function that takes, element by element, the value of the first case whose condition holds.

    With a tolerance, it says where the error is larger instead of how large it is.
    """
    chosen = _chosen
    if tolerance is not None:

        def chosen(mask: np.ndarray, a: Error, b: Error) -> Error:
            wrong = np.logical_not(np.less_equal(a, tolerance))
            before = b & ~mask if _some(b) else False
            return before | (mask & wrong) if np.any(wrong) else before

    def evaluate(env: Environment) -> Pair:
        pending: list[tuple[np.ndarray, Evaluate]] = []
        result, error, doubts = otherwise, 0.0, False
        for condition, value in cases:
            mask, doubt = condition(env)
            if _some(doubt):
                # A case that comes first, and surely holds, leaves nothing in doubt.
                doubts = np.logical_or(doubts, reduce(lambda d, p: d & np.logical_not(p[0]), pending, doubt))
            if np.ndim(mask) == 0:
                if mask:
                    result, error = value(env)
                    if tolerance is not None:
                        error = np.logical_not(np.less_equal(error, tolerance))
                    break
            elif mask.any():
                pending.append((mask, value))
        for mask, value in reversed(pending):
            here, wrong = value(env)
            result = _blended(mask, here, result)
            error = chosen(mask, wrong, error)
        if tolerance is not None:
            return result, np.logical_or(error, doubts)
        return result, np.where(doubts, np.inf, error)[()] if _some(doubts) else error

    return evaluate


# Operations on pairs ---------------------------------------------------------------------------------------------------


def _once(condition: Evaluate) -> Evaluate:
    def evaluate(env: Environment) -> Pair:
        if condition not in env.decided:
            env.decided[condition] = condition(env)
        return env.decided[condition]

    return evaluate


def _some(error: Error) -> bool:
    """Whether there is an error, or a doubt; of an array nobody asks."""
    return np.ndim(error) > 0 or bool(error)


def _lowest(x: Value) -> float:
    return x.min(initial=np.inf) if isinstance(x, np.ndarray) else x


def _highest(x: Value) -> float:
    return x.max(initial=-np.inf) if isinstance(x, np.ndarray) else x


def _chosen(mask: np.ndarray, a: Error, b: Error) -> Error:
    if np.ndim(a) == np.ndim(b) == 0 and (a == b or (a and b)):
        return np.maximum(a, b)
    # Elements that are exact stay exact: plateaus touch borders.
    if np.ndim(a) == 0 and np.isfinite(a) and np.ndim(b) == 0 == b:
        return mask * a
    return _blended(mask, a, b)


def _blended(mask: np.ndarray, a: Value, b: Value) -> np.ndarray:
    """Return `np.where(mask, a, b)`, by bits, which for many elements without a pattern is three times as fast."""
    if mask.size < _MANY:
        return np.where(mask, a, b)
    bits = np.negative(mask.view(np.int8)).astype(np.int64)
    first, second = (np.asarray(x, dtype=float).view(np.int64) for x in (a, b))
    found = (first ^ second) & bits
    found ^= second
    return found.view(float)


def _small_as_number(error: Error) -> Error:
    """Replace small errors of an array by the largest one: numbers cost nothing in what follows."""
    if np.ndim(error) == 0:
        return error
    worst = _highest(error)
    return worst if worst < _LITTLE else error


def _times_size(error: Error, factor: Callable[[Value], Value], sizes: Value, largest: float) -> Error:
    """Multiply an error by what grows with a size: by that of the largest one for all, as long as this remains little."""
    if np.ndim(error) == 0 and largest < np.inf:
        worst = error * factor(largest)
        if worst < _LITTLE:
            return worst
    return error * factor(sizes)


def _is_power_of_two(number: sp.Expr) -> bool:
    if not (number.is_Rational and number != 0):
        return False
    mantissa, _ = np.frexp(abs(float(number)))
    return mantissa == 0.5 and remainder(number) == 0


def _guarded(env: Environment, value: Value, error: Error) -> Pair:
    """Give up the error bound of what may have left the range of doubles."""
    if env.strayed:
        env.strayed = False
        size = np.abs(value)
        error = np.where((size > _TINY) & (size < np.inf), error, np.inf)[()]
    return value, error


def _applied(
    operation: Callable[[Value], Value],
    of: Evaluate,
    spread: Callable[[Value, Error, Value], Error],
    rounding: float = _ELEMENTARY,
) -> Evaluate:
    """Apply a function of numpy; `spread` makes of argument, its error, and value what the error becomes."""

    def evaluate(env: Environment) -> Pair:
        x, error = of(env)
        value = operation(x)
        return _guarded(env, value, (spread(x, error, value) if _some(error) else 0.0) + rounding)

    return evaluate


def _of_expm1(u: Value, error: Error, _value: Value) -> Error:
    # u e^u / (e^u - 1) is at most 1 for u < 0, and at most 1 + u beyond.
    return _times_size(error, lambda size: 1 + np.maximum(size, 0.0), u, _highest(u))


def _of_log(x: Value, error: Error, value: Value) -> Error:
    return np.where(np.isinf(x) & np.less(error, np.inf), 0.0, error / np.abs(value))[()]


def _of_log1p(x: Value, error: Error, value: Value) -> Error:
    # x / (1 + x) / log(1 + x) falls; it is 1 at x = 0.
    least = np.minimum(_lowest(x), -1e-9)
    few = np.ndim(error) == 0 and least > -0.9
    at, there = (least, np.log1p(least)) if few else (x, value)
    return error * np.maximum(1.0, np.abs(at / ((1 + at) * there)))


def _chain(operation: Callable, parts: list[Evaluate]) -> Evaluate:
    first, *rest = parts
    if len(rest) == 1:
        (second,) = rest
        return lambda env: operation(env, first(env), second(env))
    return lambda env: reduce(lambda a, b: operation(env, a, b), (part(env) for part in rest), first(env))


def _times(rounding: float) -> Callable[[Environment, Pair, Pair], Pair]:
    def times(env: Environment, a: Pair, b: Pair) -> Pair:
        return _guarded(env, np.multiply(a[0], b[0]), _small_as_number(a[1]) + _small_as_number(b[1]) + rounding)

    return times


def _at_most(found: Evaluate, most: Evaluate) -> Evaluate:
    """The larger of zero and of a sum: zero where the most that the sum can be is, however little is known of the rest."""

    def evaluate(env: Environment) -> Pair:
        value, error = found(env)
        if not _some(error):
            return value, error
        top, wrong = most(env)
        none = np.less_equal(top, 0) & np.less(wrong, 1)
        return np.where(none, 0.0, value)[()], np.where(none, 0.0, error)[()]

    return evaluate


def _one_sign(terms: tuple[sp.Expr, ...]) -> bool:
    """Whether no term of a sum can cancel another."""
    return all(term.is_extended_nonnegative for term in terms) or all(term.is_extended_nonpositive for term in terms)


def _shifted(of: Evaluate, number: float, error: float, lost: float, one_sign: bool) -> Evaluate:
    """A sum with a number, whose digits beyond those of a double count where the sum cancels."""

    def evaluate(env: Environment) -> Pair:
        x, wrong = of(env)
        wrong = _small_as_number(wrong)
        total = np.add(number, x)
        if np.isinf(number) or (one_sign and np.ndim(wrong) == 0 and wrong < _LITTLE):
            return _guarded(env, total, np.maximum(wrong, error) + _UNIT)
        if error == np.inf:
            return total, error
        if lost:
            total = total + lost
        # Where nearly all cancels the first sum is exact, and only the last digits of the number are missing.
        sharp = 0.0 if not error else abs(number) * _UNIT**2
        if np.ndim(wrong) or (_some(wrong) and np.ndim(x) == 0):
            return _guarded(env, total, 3 * _UNIT + (np.abs(x) * wrong + sharp) / np.abs(total))
        # What is added is at most the total and the number together, which saves looking at it.
        missing = abs(number) * wrong + sharp
        return _guarded(env, total, 3 * _UNIT + wrong + (_part(missing, total) if missing else 0.0))

    return evaluate


def _part(lost: float, total: Value) -> Error:
    """Return which part of a total is lost, as a number where it is little."""
    size = np.abs(total)
    least = _lowest(size)
    return lost / least if lost < _LITTLE * least else lost / size


def _sum(terms: list[Evaluate], one_sign: bool) -> Evaluate:
    # The last addition rounds the total, and only those before it round numbers that may be larger.
    rounding = (len(terms) - 2) * _UNIT

    def evaluate(env: Environment) -> Pair:
        pairs = [(value, _small_as_number(error)) for value, error in (term(env) for term in terms)]
        total = reduce(np.add, (value for value, _ in pairs))
        worst = reduce(np.maximum, (error for _, error in pairs))
        # Where a small term is known badly, the sum may be known well.
        if one_sign and _highest(worst) < _LITTLE:
            return _guarded(env, total, worst + rounding + _UNIT)
        if np.ndim(worst) == 0 and worst < _LITTLE:
            absolute = reduce(np.add, (np.abs(value) for value, _ in pairs)) * (worst + rounding)
        else:
            absolute = reduce(np.add, (np.abs(value) * (error + rounding) for value, error in pairs))
        error = absolute / np.abs(total)
        if (worst := _highest(error)) < _LITTLE:
            error = worst
        elif not worst < np.inf:
            error = _of_nothing(total, error, absolute, pairs)
        return _guarded(env, total, error + _UNIT)

    return evaluate


def _of_nothing(total: Value, error: Error, absolute: Error, pairs: list[Pair]) -> Error:
    """Correct the error where it is 0/0 or oo/oo: exact sums, and those with an infinite number, are exact."""
    infinite = reduce(np.logical_or, (np.isinf(value) & np.less(wrong, np.inf) for value, wrong in pairs))
    exact = np.equal(absolute, 0) | (np.isinf(total) & infinite)
    return np.where(exact, 0.0, np.where(np.isnan(error), np.inf, error))[()]


def _compared(compare: np.ufunc, slack: float, left: Pair, right: Pair) -> Pair:
    (a, e), (b, f) = left, right
    if not (_some(e) or _some(f)):
        # An infinite bound times the slack stays infinite, so nothing here is ever NaN.
        return compare(a, b + slack * np.abs(b) if slack else b), False
    worst = _highest(e) + _highest(f)
    if worst < _SMALL and _lowest(b) >= 0:
        # Seldom is anything in doubt, and then even the largest error of the array does not matter.
        margin = 1.1 * worst + 2 * _UNIT
        low, high = 1 + slack - margin, 1 + slack + margin
        # A number is sooner multiplied than an array.
        if np.ndim(a):
            mask, most = compare(a, b * low), compare(a, b * high)
        else:
            mask, most = compare(a / low, b), compare(a / high, b)
        if np.count_nonzero(mask) == np.count_nonzero(most):
            return mask, False
    error = e + f
    size, margin = np.abs(b), np.minimum(1.1 * error + _UNIT, 1.0)
    lower, upper = compare(a, b + (slack - margin) * size), compare(a, b + (slack + margin) * size)
    # Beside an infinite bound the margin is not a number.
    doubt = lower != upper
    if np.any(doubt):
        doubt = doubt & np.isfinite(b)
    if np.ndim(error) or not error < _SMALL:
        doubt = doubt | np.logical_not(error < _SMALL)
    if not np.any(doubt) and np.all(np.isfinite(size)):
        return lower, False
    return compare(a, b + slack * size if slack else b), doubt


def _unless_equal(pair: Truth, sides: tuple[Evaluate, Evaluate], env: Environment) -> Truth:
    """Take the doubt from where both sides are the same double."""
    mask, doubt = pair
    if not _some(doubt):
        return pair
    left, right = (side(env)[0] for side in sides)
    doubt = doubt & np.not_equal(left, right)
    return mask, doubt if np.any(doubt) else False


def _equal(left: Pair, right: Pair, positive: bool) -> Pair:
    (a, e), (b, f) = left, right
    mask, error = np.equal(a, b), e + f
    doubt = np.logical_not(np.abs(a - b) > (error + _UNIT) * np.abs(b)) if _some(error) else False
    return mask if positive else np.logical_not(mask), doubt if np.any(doubt) else False


def _and(env: Environment, a: Truth, b: Truth) -> Truth:
    (p, d), (q, e) = a, b
    return np.logical_and(p, q), (d & (q | e)) | (e & (p | d)) if _some(d) or _some(e) else False


def _or(env: Environment, a: Pair, b: Pair) -> Pair:
    neither, doubt = _and(env, *((np.logical_not(mask), doubt) for mask, doubt in (a, b)))
    return np.logical_not(neither), doubt


#: Powers that are rounded once.
_POWERS = {0.5: (np.sqrt, _UNIT), -1.0: (lambda x: np.divide(1.0, x), _UNIT), 2.0: (np.square, _UNIT)}

_BUILDERS: tuple[tuple[Any, Callable[[Compiler, Any], Evaluate]], ...] = (
    (sp.Add, Compiler._add),
    (sp.Mul, Compiler._mul),
    (sp.Pow, Compiler._pow),
    (sp.log, Compiler._log),
    (sp.exp, lambda build, expr: build._exponential(sp.E, build(expr.args[0]))),
    (sp.Abs, lambda build, expr: _applied(np.abs, build(expr.args[0]), lambda _x, error, _value: error, 0.0)),
    ((sp.Min, sp.Max), Compiler._extremum),
    (sp.Piecewise, Compiler._piecewise),
    (sp.core.relational.Relational, Compiler._relation),
    ((And, Or), Compiler._logic),
    (Not, Compiler._not),
    ((Implies, Equivalent), lambda build, expr: build(in_and_or(expr))),
)
