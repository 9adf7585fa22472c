"""A bit with Hamming distortion and the error of a fixed classifier of the output: its least rate, for long blocks.

The label of `x` is 1 with probability `a` for `x = 0` and 0 with probability `b` for `x = 1`, and `y` is taken for the
label. With `j = P(X=0, Y=1)` and `k = P(X=1, Y=0)` both costs are linear,

    E d = j + k,      P(Y != S) = p a + q b + (1 - 2a) j + (1 - 2b) k,

so one of them binds, whose rate-distortion function is known in closed form with the slope as parameter ([cover2006],
section 10.8), or both do, and `(j, k)` is where their lines meet.
"""

import math

from scipy.optimize import brentq


def entropy(*law):
    return -sum(t * math.log2(t) for t in law if t > 0)


def rate(q, j, k):
    p = 1 - q
    return entropy(p, q) + entropy(p - j + k, q - k + j) - entropy(p - j, j, k, q - k)


def at_slope(q, g, h, s):
    """The point `(j, k)` of least `I + s (g j + h k)`, in nats; None if one output letter is enough."""
    e, f = math.exp(-s * g), math.exp(-s * h)
    r0, r1 = (1 - f) / (1 - e * f), (1 - e) / (1 - e * f)
    z0, z1 = (1 - q) / r0, q / r1
    y1 = (z1 - f * z0) / (1 - e * f)
    y0 = (z0 - e * z1) / (1 - e * f)
    return None if min(y0, y1) <= 0 else (r0 * y1 * e, r1 * y0 * f)


def with_one_cost(q, g, h, most):
    """The point of least rate with `g j + h k <= most`."""
    if most <= 0:
        return 0.0, 0.0
    one_letter = [(g * (1 - q), (1 - q, 0.0)), (h * q, (0.0, q))]
    cost, point = min(one_letter)
    if cost <= most:
        return point

    def excess(s):
        found = at_slope(q, g, h, s)
        return (cost if found is None else g * found[0] + h * found[1]) - most

    high = 1.0
    while excess(high) > 0:
        high *= 2
    return at_slope(q, g, h, brentq(excess, 1e-9, high, xtol=1e-15, rtol=1e-15))


def least_rate(q, a, b, D, room):
    """The least rate for `a, b < 1/2`, with an error of at most `room` more than that of `Y = X`."""
    g, h = 1 - 2 * a, 1 - 2 * b
    points = [with_one_cost(q, 1.0, 1.0, D), with_one_cost(q, g, h, room)]
    if g != h:
        k = (room - g * D) / (h - g)
        points.append((D - k, k))
    slack = 1e-12
    feasible = [
        rate(q, max(j, 0.0), max(k, 0.0))
        for j, k in points
        if -slack <= j <= 1 - q + slack
        and -slack <= k <= q + slack
        and j + k <= D + slack
        and g * j + h * k <= room + slack
    ]
    return min(feasible)
