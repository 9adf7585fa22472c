"""Values with a bound on their relative error: the operations of compiled expressions.

A bound is a number where it is the same for a whole array, so that most operations cost nothing for it. Only sums that may
cancel, and logarithms, have one bound per element. An infinite bound says that nothing is known: digits have cancelled, a
number has left the range of doubles, or a condition is closer to its border than the rounding of its two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TypeAlias

import numpy as np

Value: TypeAlias = "float | np.ndarray"
Error: TypeAlias = "float | np.ndarray"  # the relative error is at most this
Pair = tuple[Value, Error]

#: Whether a condition holds, and where that is in doubt.
Truth: TypeAlias = "tuple[bool | np.ndarray, bool | np.ndarray]"

#: A closed border survives rounding: `a <= b` holds up to this many times `|b|`.
SLACK = 4 * np.finfo(float).eps

#: The largest relative error of one rounding, and of a function of numpy.
UNIT = 2.0**-53
ELEMENTARY = 4 * UNIT

#: An error so small is the same for a whole array, as a number.
_LITTLE = 2.0**-46

#: First-order bounds on errors hold while the errors are smaller than this.
_SMALL = 1e-3

#: From this many elements on, choosing among them by their bits is worth it.
_MANY = 2000

#: What is below may have lost digits to underflow.
TINY = 1e-290


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
            elif np.any(mask):
                pending.append((np.asarray(mask), value))
        for mask, value in reversed(pending):
            here, wrong = value(env)
            result = _blended(mask, here, result)
            error = chosen(mask, wrong, error)
        if tolerance is not None:
            return result, np.logical_or(error, doubts)
        return result, np.where(doubts, np.inf, error)[()] if _some(doubts) else error

    return evaluate


def once(condition: Evaluate) -> Evaluate:
    """Return a condition that is decided once for all regimes that share it."""

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


def highest(x: Value) -> float:
    """Return the largest of some numbers."""
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


def small_as_number(error: Error) -> Error:
    """Replace small errors of an array by the largest one: numbers cost nothing in what follows."""
    if np.ndim(error) == 0:
        return error
    worst = highest(error)
    return worst if worst < _LITTLE else error


def times_size(error: Error, factor: Callable[[Value], Value], sizes: Value, largest: float) -> Error:
    """Multiply an error by what grows with a size: by that of the largest one for all, as long as this remains little."""
    if np.ndim(error) == 0 and largest < np.inf:
        worst = error * factor(largest)
        if worst < _LITTLE:
            return worst
    return error * factor(sizes)


def guarded(env: Environment, value: Value, error: Error) -> Pair:
    """Give up the error bound of what may have left the range of doubles."""
    if env.strayed:
        env.strayed = False
        size = np.abs(value)
        error = np.where((size > TINY) & (size < np.inf), error, np.inf)[()]
    return value, error


def applied(
    operation: Callable[[Value], Value],
    of: Evaluate,
    spread: Callable[[Value, Error, Value], Error],
    rounding: float = ELEMENTARY,
) -> Evaluate:
    """Apply a function of numpy; `spread` makes of argument, its error, and value what the error becomes."""

    def evaluate(env: Environment) -> Pair:
        x, error = of(env)
        value = operation(x)
        return guarded(env, value, (spread(x, error, value) if _some(error) else 0.0) + rounding)

    return evaluate


def of_expm1(u: Value, error: Error, _value: Value) -> Error:
    """Return the error of `exp(u) - 1`."""
    # u e^u / (e^u - 1) is at most 1 for u < 0, and at most 1 + u beyond.
    return times_size(error, lambda size: 1 + np.maximum(size, 0.0), u, highest(u))


def of_log(x: Value, error: Error, value: Value) -> Error:
    """Return the error of a logarithm."""
    return np.where(np.isinf(x) & np.less(error, np.inf), 0.0, error / np.abs(value))[()]


def of_log1p(x: Value, error: Error, value: Value) -> Error:
    """Return the error of `log(1 + x)`."""
    # x / (1 + x) / log(1 + x) falls; it is 1 at x = 0.
    least = np.minimum(_lowest(x), -1e-9)
    few = np.ndim(error) == 0 and least > -0.9
    at, there = (least, np.log1p(least)) if few else (x, value)
    return error * np.where(np.equal(at, 0), 1.0, np.maximum(1.0, np.abs(at / ((1 + at) * there))))[()]


def chain(operation: Callable, parts: list[Evaluate]) -> Evaluate:
    """Return what an operation on two makes of several, one after the other."""
    first, *rest = parts
    if len(rest) == 1:
        (second,) = rest
        return lambda env: operation(env, first(env), second(env))
    return lambda env: reduce(lambda a, b: operation(env, a, b), (part(env) for part in rest), first(env))


def times(rounding: float) -> Callable[[Environment, Pair, Pair], Pair]:
    """Return the product of two, with the rounding that it has."""

    def times(env: Environment, a: Pair, b: Pair) -> Pair:
        return guarded(env, np.multiply(a[0], b[0]), small_as_number(a[1]) + small_as_number(b[1]) + rounding)

    return times


def extremum(operation: np.ufunc) -> Callable[[Environment, Pair, Pair], Pair]:
    """Return the smaller, or larger, of two."""

    def extremum(env: Environment, a: Pair, b: Pair) -> Pair:
        (x, e), (y, f) = a, b
        value = operation(x, y)
        if np.ndim(value) == np.ndim(e) == np.ndim(f) == 0 and abs(x - y) > 2 * (abs(x) * e + abs(y) * f):
            return value, e if value == x else f
        # Whichever is taken, the other one may be the true extremum if both are near.
        return value, np.maximum(e, f)

    return extremum


def at_most(found: Evaluate, most: Evaluate) -> Evaluate:
    """The larger of zero and of a sum: zero where the most that the sum can be is, however little is known of the rest."""

    def evaluate(env: Environment) -> Pair:
        value, error = found(env)
        if not _some(error):
            return value, error
        top, wrong = most(env)
        none = np.less_equal(top, 0) & np.less(wrong, 1)
        return np.where(none, 0.0, value)[()], np.where(none, 0.0, error)[()]

    return evaluate


def shifted(of: Evaluate, number: Value, error: Error, lost: float, one_sign: bool) -> Evaluate:
    """A sum with a number, whose digits beyond those of a double count where the sum cancels."""

    def evaluate(env: Environment) -> Pair:
        x, wrong = of(env)
        wrong = small_as_number(wrong)
        total = np.add(number, x)
        if np.isinf(number) or (one_sign and np.ndim(wrong) == 0 and wrong < _LITTLE):
            return guarded(env, total, np.maximum(wrong, error) + UNIT)
        if error == np.inf:
            return total, error
        if (
            not (_some(error) or _some(wrong))
            and np.ndim(x) == 0
            and not lost
            and total - number == x
            and total - x == number
        ):
            return total, 0.0
        if lost:
            total = total + lost
        # Where nearly all cancels the first sum is exact, and only the last digits of the number are missing.
        sharp = 0.0 if not error else abs(number) * UNIT**2
        if np.ndim(wrong) or (_some(wrong) and np.ndim(x) == 0):
            return guarded(env, total, 3 * UNIT + (np.abs(x) * wrong + sharp) / np.abs(total))
        # What is added is at most the total and the number together, which saves looking at it.
        missing = abs(number) * wrong + sharp
        return guarded(env, total, 3 * UNIT + wrong + (_part(missing, total) if missing else 0.0))

    return evaluate


def _part(lost: Value, total: Value) -> Error:
    """Return which part of a total is lost, as a number where it is little."""
    size = np.abs(total)
    least = _lowest(size)
    return lost / least if lost < _LITTLE * least else lost / size


def total(terms: list[Evaluate], one_sign: bool) -> Evaluate:
    """Return the sum of some terms; with one sign, none of them cancels another."""
    # The last addition rounds the total, and only those before it round numbers that may be larger.
    rounding = (len(terms) - 2) * UNIT

    def evaluate(env: Environment) -> Pair:
        pairs = [(value, small_as_number(error)) for value, error in (term(env) for term in terms)]
        total = reduce(np.add, (value for value, _ in pairs))
        worst = reduce(np.maximum, (error for _, error in pairs))
        # Where a small term is known badly, the sum may be known well.
        if one_sign and highest(worst) < _LITTLE:
            return guarded(env, total, worst + rounding + UNIT)
        if np.ndim(worst) == 0 and worst < _LITTLE:
            absolute = reduce(np.add, (np.abs(value) for value, _ in pairs)) * (worst + rounding)
        else:
            absolute = reduce(np.add, (np.abs(value) * (error + rounding) for value, error in pairs))
        error = absolute / np.abs(total)
        if (worst := highest(error)) < _LITTLE:
            error = worst
        elif not worst < np.inf:
            error = _of_nothing(total, error, absolute, pairs)
        return guarded(env, total, error + UNIT)

    return evaluate


def _of_nothing(total: Value, error: Error, absolute: Error, pairs: list[Pair]) -> Error:
    """Correct the error where it is 0/0 or oo/oo: exact sums, and those with an infinite number, are exact."""
    infinite = reduce(np.logical_or, (np.isinf(value) & np.less(wrong, np.inf) for value, wrong in pairs))
    exact = np.equal(absolute, 0) | (np.isinf(total) & infinite)
    return np.where(exact, 0.0, np.where(np.isnan(error), np.inf, error))[()]


def compared(compare: np.ufunc, slack: float, left: Pair, right: Pair) -> Truth:
    """Compare two sides, and say where rounding leaves it in doubt; a closed border has some slack."""
    (a, e), (b, f) = left, right
    if not (_some(e) or _some(f)):
        # An infinite bound times the slack stays infinite, so nothing here is ever NaN.
        return compare(a, b + slack * np.abs(b) if slack else b), False
    worst = highest(e) + highest(f)
    if worst < _SMALL and _lowest(b) >= 0:
        # Seldom is anything in doubt, and then even the largest error of the array does not matter.
        margin = 1.1 * worst + 2 * UNIT
        low, high = 1 + slack - margin, 1 + slack + margin
        # A number is sooner multiplied than an array.
        if np.ndim(a):
            mask, most = compare(a, b * low), compare(a, b * high)
        else:
            mask, most = compare(a / low, b), compare(a / high, b)
        if np.count_nonzero(mask) == np.count_nonzero(most):
            return mask, False
    error = e + f
    size, margin = np.abs(b), np.minimum(1.1 * error + UNIT, 1.0)
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


def unless_equal(pair: Truth, sides: tuple[Evaluate, Evaluate], env: Environment) -> Truth:
    """Take the doubt from where both sides are the same double."""
    mask, doubt = pair
    if not _some(doubt):
        return pair
    left, right = (side(env)[0] for side in sides)
    doubt = doubt & np.not_equal(left, right)
    return mask, doubt if np.any(doubt) else False


def equal(left: Pair, right: Pair, positive: bool) -> Pair:
    """Whether two sides are equal or, unless `positive`, whether they differ."""
    (a, e), (b, f) = left, right
    mask, error = np.equal(a, b), e + f
    doubt = np.logical_not(np.abs(a - b) > (error + UNIT) * np.abs(b)) if _some(error) else False
    return mask if positive else np.logical_not(mask), doubt if np.any(doubt) else False


def both(env: Environment, a: Truth, b: Truth) -> Truth:
    """Whether both of two conditions hold."""
    (p, d), (q, e) = a, b
    return np.logical_and(p, q), (d & (q | e)) | (e & (p | d)) if _some(d) or _some(e) else False


def either(env: Environment, a: Truth, b: Truth) -> Truth:
    """Whether one of two conditions holds."""
    neither, doubt = both(env, *((np.logical_not(mask), doubt) for mask, doubt in (a, b)))
    return np.logical_not(neither), doubt


#: Powers that are rounded once.
POWERS = {0.5: (np.sqrt, UNIT), -1.0: (lambda x: np.divide(1.0, x), UNIT), 2.0: (np.square, UNIT)}
