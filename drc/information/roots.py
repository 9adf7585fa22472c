"""Roots of monotone functions that have no closed form: on arrays of doubles, to all their digits, and in balls, proved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from flint import arb, ctx

from drc.types import Floats

#: More steps than bisection of the widest bracket needs; Newton's method usually takes six.
_STEPS = 200

#: A step of bisection as small as this, of numbers of the order of one, is rounding; after a step of Newton's method as
#: small as the other, the next one would be.
_ENOUGH, _LAST = 5e-16, 1e-9


def decreasing_root(
    function: Callable[[Floats], tuple[Floats, Floats]], low: Floats, high: Floats, start: Floats | None = None
) -> Floats:
    """Find the roots of decreasing functions by Newton's method, kept inside brackets by bisection.

    Parameters
    ----------
    function : returns values and slopes at points
    low, high : arrays, where the functions are positive, and where they are negative
    start : array, optional

    Returns
    -------
    array; an end of the bracket where a function has no root inside

    Examples
    --------
    >>> f = lambda x: (2 - x**2, -2 * x)
    >>> decreasing_root(f, np.zeros(1), np.full(1, 9.0)).item()
    1.414213562373095
    """
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    x = (low + high) / 2 if start is None else np.clip(start, low, high)
    before = high - low
    # There is nothing to search in a bracket that is a point, or not a number.
    done = ~(low < high)
    for _ in range(_STEPS):
        value, slope = function(x)
        low, high = np.where(value > 0, x, low), np.where(value <= 0, x, high)
        step = value / slope
        # A step that leaves the bracket, or does not halve the one before, gives way to bisection.
        newton = (x - step >= low) & (x - step <= high) & (2 * np.abs(step) <= np.abs(before))
        new = np.where(done | (value == 0), x, np.where(newton, x - step, (low + high) / 2))
        before, x = new - x, new
        done |= np.abs(before) <= np.where(newton, _LAST, _ENOUGH) * (1 + np.abs(x))
        if done.all():
            break
    return x


def root_of_divergence(
    divergence: Callable[..., tuple[Floats, Floats]], target: Floats, top: Floats, start: Floats, *args: Floats
) -> Floats:
    """Find where divergences that grow from 0 at 0 like a square reach a target, below a top: all digits of a double.

    Parameters
    ----------
    divergence : of points and of `args`, returns values and slopes
    target, top, start, *args : arrays of shape (points,)

    Examples
    --------
    >>> square = lambda x, scale: (scale * x**2, 2 * scale * x)
    >>> root_of_divergence(square, np.array([2.0]), np.array([9.0]), np.ones(1), np.ones(1)).item()
    1.414213562373095
    """
    low, high, result = np.zeros_like(top), top.copy(), start
    left = np.arange(len(top))
    for _ in range(_STEPS):
        u, n = result[left], target[left]
        with np.errstate(all="ignore"):
            value, slope = divergence(u, *(arg[left] for arg in args))
            # The square root is nearly linear. Of the difference of two, what may cancel are numbers near each other.
            following = u - 2 * np.sqrt(value) * (value - n) / (np.sqrt(value) + np.sqrt(n)) / slope
        a, b = np.where(value <= n, u, low[left]), np.where(value >= n, u, high[left])
        # A step that leaves the bracket, or is not a number, is replaced by halving.
        following = np.where((following >= a) & (following <= b), following, a + (b - a) / 2)
        low[left], high[left], result[left] = a, b, following
        left = left[np.abs(following - u) > 1e-15 * u]
        if not len(left):
            break
    return result


def root_between(sign: Callable[..., Floats], low: Floats, high: Floats, *args: Floats) -> Floats:
    """Find the roots of increasing functions between edges by the method of Chandrupatla (1997), without slopes.

    Parameters
    ----------
    sign : of points and of `args`, returns values
    low, high, *args : arrays of shape (points,)

    Returns
    -------
    array; an edge where a function does not change its sign, because rounding has put the root there

    Examples
    --------
    >>> root_between(lambda x, a: x**2 - a, np.zeros(2), np.full(2, 2.0), np.array([2.0, 9.0])).round(12).tolist()
    [1.414213562373, 2.0]
    """
    b, a, fb, fa = low, high, sign(low, *args), sign(high, *args)
    root = np.where(fb >= 0, low, high)
    index, t = np.flatnonzero((fb < 0) & (fa > 0)), np.full(a.shape, 0.5)
    a, b, fa, fb, t, *left_args = (v[index] for v in (a, b, fa, fb, t, *args))
    for _ in range(_STEPS):
        if not len(index):
            break
        x = a + t * (b - a)
        fx = sign(x, *left_args)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        root[index] = best = np.where(np.abs(fa) < np.abs(fb), a, b)
        least = 2 * np.finfo(float).eps * np.abs(best) / np.abs(b - a)
        left = (least < 0.5) & (fa != 0) & (a != b)
        a, b, c, fa, fb, fc, least = (v[left] for v in (a, b, c, fa, fb, fc, least))
        index, left_args = index[left], [v[left] for v in left_args]
        # Inverse quadratic interpolation where it is safe, elsewhere bisection.
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.clip(np.where(safe, inverse, 0.5), least, 1 - least)
    return root


def enclosed_root(rising: Callable[[arb], arb], low: arb, high: arb, start: arb) -> arb:
    """Enclose the positive root of an increasing function: between two points at which its sign is proved.

    Parameters
    ----------
    rising : of a ball, returns a ball
    low, high : arb
        Known bounds on the root, which stand where no narrower ones are proved.
    start : arb
        Where the search begins; it is the faster the nearer this is to the root.

    Examples
    --------
    >>> root = enclosed_root(lambda x: x * x - 2, arb(0), arb(2), arb(1))
    >>> root.contains(arb(2).sqrt()), bool(root.rad() < 1e-12)
    (True, True)
    """
    a, b, x = low.mid(), high.mid(), start.mid()
    x = x if a < x < b else _between(a, b)
    before = x * (1 + arb(2) ** -30)
    last = rising(before).mid()
    moved = arb.pos_inf()
    for _ in range(4 * ctx.prec):
        value = rising(x)
        # The secant method on the logarithm of the point.
        slope = ((value - last) / (x / before).log()).mid()
        if value.contains(0) or not value.is_finite():
            break
        a, b = (x, b) if value < 0 else (a, x)
        before, last = x, value.mid()
        step = (-last / slope).mid()
        if abs(step) < arb(2) ** (8 - ctx.prec):
            break
        x = (x * step.exp()).mid()
        # A step that leaves the bracket, or does not halve the one before, gives way to bisection.
        if not (a < x < b and 2 * abs(step) < moved):
            x = _between(a, b)
        moved = abs((x / before).log())
    distance = abs(2 * value / slope).upper()
    ends = []
    for side, end in ((-1, low), (1, high)):
        reach = arb(2) ** (8 - ctx.prec) + (distance if distance < 1 else 0)
        for _ in range(ctx.prec):
            y = (x * (side * reach).exp()).mid()
            if not side * (end - y) > 0:
                break
            if side * rising(y) >= 0:
                end = y
                break
            reach *= 4
        ends.append(end)
    return ends[0].union(ends[1])


def _between(a: arb, b: arb) -> arb:
    """Return a point of a bracket that may span many orders of magnitude."""
    return ((a * b).sqrt() if a > 0 else b / 16).mid()
