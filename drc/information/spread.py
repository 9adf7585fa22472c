"""How rounding spreads through named functions: bounds on the relative errors of their values in doubles.

Every function takes the relative errors of the arguments, the value, and the arguments, and returns a bound for the
value, to first order.  It is infinite, or NaN, where nothing is known.
"""

from __future__ import annotations

from functools import reduce
from typing import TypeAlias

import numpy as np

from drc.information import allocation
from drc.information.last_axis import every, some, total

Value: TypeAlias = "float | np.ndarray"
Errors = list  # of floats or arrays of floats

UNIT = 2.0**-53

#: What the functions themselves lose at most: a dozen operations, or an iteration that ends with all digits but a few.
SHORT, OWN = 8 * UNIT, 32 * UNIT

#: A product below may have lost digits to underflow.
_TINY = 1e-290

#: `x log(1 + x)` is at most this many times `(1 + x) log(1 + x) - x`, if `1 + x` has rounding in it.
_CELL = 40.0


def mirrored(p: Value, error: Value) -> Value:
    """Bound the larger one of the errors of `p` and `1 - p`."""
    return error * np.maximum(1.0, p / (1 - p)) if np.ndim(error) or error else 0.0


def of_entropy(errors: Errors, value: Value, p: Value, base: Value = 2.0) -> Value:
    """`H_b`: concave and zero at both ends, so that it grows no faster than its argument, or one minus it."""
    return SHORT + mirrored(p, errors[0])


def of_entropy_inverse(errors: Errors, value: Value, h: Value, base: Value = 2.0) -> Value:
    """`H_b_inv`, whose slope is infinite at the top."""
    slope = h * np.log(base) / (value * (np.log1p(-value) - np.log(value)))
    slope = np.where(value < 1e-300, 2.0, slope)
    bits = h * np.log2(base)
    settled = ((bits <= 0) & (errors[0] < 1)) | ((bits > 1 + 1e-12) & (errors[0] < 1e-14))
    return np.where(settled, 0.0, SHORT + slope * (errors[0] + SHORT))[()]


def _unless_tiny(p: Value, r: Value, error: Value) -> Value:
    """Give up where the mass of a cell may have underflowed."""
    if np.ndim(p) == 0 and np.ndim(r) == 0:
        return error if p == 0 or r == 0 or p * r > _TINY else np.inf
    return np.where((p == 0) | (r == 0) | (p * r > _TINY), error, np.inf)


def of_information(errors: Errors, value: Value, u: Value, p: Value, r: Value, base: Value = 2.0) -> Value:
    """`I_b`: a sum of four terms `a g(u/a)`, none of them negative, with `x g' >= g`.

    Where it grows like the power `k` of the covariance, it grows at most like the power `k - 1` of a cell.
    """
    power = u * np.log1p(u / ((p * (1 - r) - u) * ((1 - p) * r - u))) / (value * np.log(base))
    power = np.fmin(power, _CELL)
    error = power * (errors[0] + mirrored(p, errors[1]) + mirrored(r, errors[2]) + 4 * UNIT)
    return _unless_tiny(p, r, OWN + error)


def of_information_inverse(errors: Errors, value: Value, i: Value, p: Value, r: Value, base: Value = 2.0) -> Value:
    """`I_b_inv`: the information is convex in the covariance, so that this grows no faster than its arguments."""
    tiny = np.where((i > 0) & (i < 1e-100), np.inf, 0.0)[()]
    return tiny + _unless_tiny(p, r, OWN + errors[0] + mirrored(p, errors[1]) + mirrored(r, errors[2]))


def of_divergence(errors: Errors, value: Value, y: Value, q: Value, base: Value = 2.0) -> Value:
    """`KL_b`: of both terms, `y - q` is what may cancel."""
    moved = (y * (errors[0] + UNIT) + q * (errors[1] + UNIT)) / np.abs(y - q)
    error = OWN + _CELL * (moved + mirrored(q, errors[1]))
    return np.where((y == q) & (errors[0] == 0) & (errors[1] == 0), 0.0, error)[()]


def of_divergence_end(errors: Errors, value: Value, q: Value, P: Value, base: Value = 2.0) -> Value:
    """`KL_b_min` and `KL_b_max`: the reference and a distance from it, which is known to all digits."""
    distance = np.abs(q - value)
    with_P = distance * (errors[1] + OWN)
    slope = np.log1p((value - q) / (q * (1 - value)))
    moved = np.where(distance > 0, np.abs(distance / ((1 - q) * slope)), q) * errors[0] if np.any(errors[0]) else 0.0
    most = -np.log1p(-q) / np.log(base)
    error = (with_P + moved) / value + OWN
    # At zero, and at one, the end stays.
    sure = (P == 0) | (q == 0) | (most * (1 + 1e-12 + errors[1] + 4 * mirrored(q, errors[0])) < P)
    error = np.where((P == 0) | ((q > 1e-100) & (P > 1e-200)), error, np.inf)
    return np.where(value == 0, np.where(sure, 0.0, np.inf), error)[()]


def of_lambert(errors: Errors, value: Value, x: Value) -> Value:
    """Either branch: the slope is infinite at the branch point."""
    lost = errors[0] + 2 * UNIT * (2 + np.abs(np.log(-x)))
    return np.where(np.abs(value) > 1e-300, OWN + lost / np.abs(1 + value), np.inf)[()]


def of_lambert_below_branch_point(errors: Errors, value: Value, v: Value) -> Value:
    """Either branch at `-e^(-1 - v)`."""
    slope = np.where(v > 1e-20, np.abs(v / (1 + value)), 1e-9)
    return np.where(np.isinf(v), 0.0, np.where(np.abs(value) > 1e-300, OWN + slope * (errors[0] + UNIT), np.inf))[()]


# Water-filling ---------------------------------------------------------------------------------------------------------


def _worst(errors: Errors) -> Value:
    return reduce(np.maximum, errors)


def of_rate_level(errors: Errors, level: Value, R: Value, *w: Value) -> Value:
    """`rate_level`: of degree one in the weights; a share of the rate lowers the logarithm of the level at most by twice."""
    own = OWN * (1 + 2 * R) + 8 * UNIT * np.abs(np.log(level))
    error = own + _worst(errors[1:]) + (1 + 2 * R) * errors[0]
    return np.where((R == 0) | np.isinf(R), 0.0, error)[()]


def of_reverse_level(errors: Errors, level: Value, R: Value, *w: Value) -> Value:
    """`reverse_level`: the exponential of a mean of logarithms."""
    heights = sum(np.abs(np.log(e)) for e in w)
    return np.where(np.isinf(R), 0.0, OWN + 4 * UNIT * (R + heights) + 2 * R * errors[0] + _worst(errors[1:]))[()]


def of_gain_level(errors: Errors, level: Value, g: Value, *w: Value) -> Value:
    """`gain_level`: the sum of the gains may be near that of the weights, where the level falls to zero."""
    gains = [4 * e * e / (level + np.hypot(level, 4 * e)) for e in w]
    slope = sum(gain * level / np.hypot(level, 4 * e) for gain, e in zip(gains, w, strict=True))
    moved = _worst(errors) + 16 * UNIT
    error = OWN + moved * (1 + g / slope) + 8 * UNIT * np.abs(np.log(level))
    far = g > sum(w) * (1 + 4 * moved)
    return np.where(g <= 0, 0.0, np.where(level == 0, np.where(far, 0.0, np.inf), error))[()]


def _ground(c: Value) -> Value:
    return np.where(c > 0, np.abs(np.log1p(-c) - np.log(c)), 0.0)


def _wrong_depth(errors: Errors, R: Value, c: tuple[Value, ...]) -> Value:
    """Bound how far rates are from those of least ambiguity, absolutely."""
    ground = sum(_ground(e) for e in c)
    moved = sum(np.where(e > 0, wrong / (1 - e), 0.0) for e, wrong in zip(c, errors[1:], strict=True))
    return 4 * UNIT * (ground + R) + R * errors[0] + moved


def of_least_ambiguity(errors: Errors, K: Value, R: Value, *c: Value) -> Value:
    """`least_ambiguity`: convex and falling from zero."""
    moved = sum(
        np.where(e > 0, (wrong + 2 * UNIT) * np.abs(e / ((1 - e) * np.log1p(-e))), 0.0)
        for e, wrong in zip(c, errors[1:], strict=True)
    )
    limit = OWN + moved
    finite = limit + 4 * _wrong_depth(errors, R, c) / R
    known = np.any([e == 1 for e in c], axis=0)
    exact = known & (_worst(errors[1:]) == 0)
    error = np.where(np.isinf(R), limit, np.where(exact, errors[0] + OWN, np.where(known, np.inf, finite)))
    return np.where((R == 0) | ((K == 0) & (sum(c) == 0)), 0.0, error)[()]


def of_least_rate(errors: Errors, R: Value, K: Value, *c: Value) -> Value:
    """`least_rate`: rates are depths of water, the differences of logarithms."""
    ground = sum(_ground(e) for e in c)
    logs = [np.log1p(-e) for e in c]
    moved = sum(np.where(e > 0, wrong * e / (1 - e), 0.0) for e, wrong in zip(c, errors[1:], strict=True))
    wrong_y = 2 * np.abs(K) * (errors[0] + 4 * UNIT) + 4 * UNIT * np.abs(sum(logs)) + moved
    y = -allocation.water_level(-2 * np.asarray(K), np.stack(np.broadcast_arrays(*logs, K)[:-1], axis=-1))
    wrong = wrong_y * np.exp(y) / np.expm1(y) + 4 * UNIT * (np.abs(np.log(np.expm1(y))) + ground)
    for e, error in zip(c, errors[1:], strict=True):
        wrong = wrong + np.where(e > 0, error / (1 - e), 0.0)
    finite = OWN + len(c) * wrong / R
    known = np.any([e == 1 for e in c], axis=0)
    exact = known & (_worst(errors[1:]) == 0)
    none = np.where(y < -wrong_y, 0.0, np.inf)
    error = np.where(exact, errors[0] + OWN, np.where(known, np.inf, np.where(np.isinf(R), none, finite)))
    return np.where(K >= 0, 0.0, error)[()]


def of_gain_of_least_ambiguity(errors: Errors, gain: Value, R: Value, *components: Value) -> Value:
    """`gain_of_least_ambiguity`: a component at the edge of the water has a correlation whose slope is infinite."""
    middle = len(components) // 2
    w, c = components[:middle], components[middle:]
    wrong = _wrong_depth([errors[0], *errors[1 + middle :]], R, c)
    stacked = np.stack(np.broadcast_arrays(*c, np.asarray(R, dtype=float))[:-1], axis=-1)
    ground = np.log1p(-stacked) - np.log(stacked)
    level = allocation.water_level(2 * np.asarray(R), ground)
    lost: Value = 0.0
    for i, weight in enumerate(w):
        depth = np.where(c[i] > 0, (level - ground[..., i]) / 2, -np.inf)
        reach = np.where(
            depth > -wrong, wrong / np.sqrt(2 * np.maximum(depth, wrong)) + np.sqrt(wrong) * (depth < wrong), 0
        )
        lost = lost + weight * np.where(depth > 40, 0.0, reach)
    error = OWN + _worst(errors[1 : 1 + middle]) + lost / gain
    known = np.any([e == 1 for e in c], axis=0)
    return np.where(np.isinf(R), OWN + _worst(errors[1 : 1 + middle]), np.where(known, np.inf, error))[()]


def _wrong_ambiguity(errors: Errors, rates: Value, K: Value, c: Value) -> Value:
    count = c.shape[-1]
    errors_of_c = np.stack(np.broadcast_arrays(*errors[2 + count :], K)[:-1], axis=-1)
    known = -np.expm1(-2 * rates)
    moved = total(known * c / (1 - c * known) * errors_of_c)
    return np.abs(allocation.ambiguity_of(rates, c) - K) + np.abs(K) * (errors[1] + 8 * UNIT) + moved


def of_shared_gain(errors: Errors, gain: Value, rates: Value, R: Value, K: Value, w: Value, c: Value) -> Value:
    """`shared_gain`: to first order, the prices of what the rates miss their bounds by."""
    price_R, price_C = allocation.prices(rates, w, c)
    wrong_R = np.abs(total(rates) - R) + R * (errors[0] + 4 * UNIT)
    wrong = price_R * wrong_R + np.abs(price_C) * _wrong_ambiguity(errors, rates, K, c)
    sound = (price_R > 0) & np.isfinite(R) & ~some(c == 1)
    own = OWN + _worst(errors[2 : 2 + w.shape[-1]])
    return np.where(sound, own + wrong / gain, np.where(R == 0, 0.0, np.inf))


def of_shared_rate(errors: Errors, R: Value, rates: Value, g: Value, K: Value, w: Value, c: Value) -> Value:
    """`shared_rate`: to first order, the prices of what the rates miss their bounds by."""
    price_R, price_C = allocation.prices(rates, w, c)
    gain = allocation.gain_of(rates, w)
    moved = errors[0] + _worst(errors[2 : 2 + w.shape[-1]]) + 8 * UNIT
    wrong = (2 * (np.abs(gain - g) + g * moved) + np.abs(price_C) * _wrong_ambiguity(errors, rates, K, c)) / price_R
    sound = (price_R > 0) & every(np.isfinite(rates)) & ~some(c == 1)
    return np.where(sound, OWN + wrong / R, np.inf)
