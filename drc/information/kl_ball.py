"""The Kullback-Leibler ball around a normal law, seen in the half-plane of mean and standard deviation.

In units of the reference, `N(m, s^2)` is in the ball `KL(N(m, s^2) || N(0, 1)) <= p` (in nats) if

    |m| <= q(s, p),      q(s, p) = sqrt(2 p - (s^2 - 1 - log s^2)),

which holds for no `m` unless `s` lies between `sqrt(-W_0(-e^(-1-2p)))` and `sqrt(-W_{-1}(-e^(-1-2p)))`. A law whose mean is
`delta` misses the ball by `e(s) = max(0, |delta| - q(s, p))`, a convex function of `s`. Two least values over `s` have no
closed form unless `delta = 0`; the `s` that attains them is given a name:

    KL_nearest(alpha, delta, p)   minimises (s - alpha)^2 + e(s)^2: the point of the ball nearest to (delta, alpha)
    KL_steepest(kappa, delta, p)  minimises (kappa + s^2 + e(s)^2)/s
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc.information.function import OfNumbers
from drc.information.lambert import W_0, W_m1, excess
from drc.information.spread import OWN, UNIT, Errors, Value

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import ArrayLike


class KL_width(OfNumbers):
    """Half the width `q(s, p)` of the ball at standard deviation `s`; 0 where the ball has no point.

    Examples
    --------
    >>> float(KL_width.numeric(1.0, 0.5)), float(KL_width.numeric(0.1, 0.5))
    (1.0, 0.0)
    """

    nargs = (2,)
    is_extended_real = True
    latex_name = r"q_{\mathrm{KL}}"
    is_extended_nonnegative = True

    @classmethod
    def eval(cls, s: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """At `p = 0` the ball is its centre, and at `p = oo` the whole half-plane."""
        return {sp.S.Zero: sp.S.Zero, sp.oo: sp.oo}.get(p)

    @staticmethod
    def numeric(s: ArrayLike, p: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        s = np.asarray(s, dtype=float)
        with np.errstate(all="ignore"):
            t = (s - 1) * (s + 1)
            # Of a small s, the digits are lost in t.
            square = 2 * np.asarray(p, dtype=float) - np.where(s < 0.5, t - 2 * np.log(s), excess(t))
            return np.where(np.isinf(p), np.inf, np.sqrt(np.where(square > 0, square, 0.0)))[()]

    @staticmethod
    def enclose(s: arb, p: arb) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        if s == 0:
            return arb(0)
        if not p.is_finite():
            return p
        square = 2 * p - (s * s - 1 - 2 * s.log())
        return square.nonnegative_part().sqrt()

    @staticmethod
    def spread(errors: Errors, value: Value, s: Value, p: Value) -> Value:
        """Bound the relative error: that of the root of a difference, or of zero."""
        surplus = np.abs((s - 1) * (s + 1))
        terms = surplus + 2 * np.abs(np.log(s))
        lost = 2 * p * (errors[1] + 4 * UNIT) + 8 * UNIT * terms + 2 * surplus * (errors[0] + 2 * UNIT)
        nothing = (s - 1) * (s + 1) - 2 * np.log(s) - 2 * p > lost
        error = np.where(value > 0, OWN + lost / np.square(value), np.where(nothing, 0.0, np.inf))
        return np.where((p == 0) | np.isinf(p), 0.0, error)[()]

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return _evalf(self, prec)


class KL_nearest(OfNumbers):
    """The standard deviation of the point of the ball that is nearest to `(delta, alpha)`.

    Outside the ball it is the `s` between 1 and `alpha` with `|delta| (s^2 - 1) = q(s, p) (alpha s - 1)`.

    Examples
    --------
    >>> round(float(KL_nearest.numeric(2.0, 0.0, 0.2)), 6), float(KL_nearest.numeric(1.1, 0.1, 0.2))
    (1.47606, 1.1)
    """

    nargs = (3,)
    is_extended_real = True
    latex_name = r"s_{\mathrm{near}}"
    is_extended_nonnegative = True

    @classmethod
    def eval(cls, first: sp.Expr, delta: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """At `p = 0` the ball is its centre, and at `p = oo` the whole half-plane."""
        return {sp.S.Zero: sp.S.One, sp.oo: first}.get(p)

    @staticmethod
    def numeric(alpha: ArrayLike, delta: ArrayLike, p: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        alpha, delta, p = _arrays(alpha, delta, p)
        with np.errstate(all="ignore"):
            low, high = _ends(p)
            inside = delta <= KL_width.numeric(alpha, p)
            inside &= (low <= alpha) & (alpha <= high)
            clipped = np.clip(alpha, low, high)
            # The nearest point lies between the reference and the given one.
            edges = np.minimum(1.0, clipped), np.maximum(1.0, clipped)
            s = _roots(_nearest_sign, edges, ~inside & (delta > 0), (alpha, delta, p))
            return np.where(inside | (delta == 0), clipped, s)[()]

    @staticmethod
    def enclose(alpha: arb, delta: arb, p: arb) -> arb:
        """Enclose the value in a ball, by a bracket that is proved."""
        delta = abs(delta)
        if p == 0 or not p.is_finite():
            return alpha if p > 0 else p + 1
        if alpha > 0:
            inside = alpha * alpha - 1 - 2 * alpha.log() + delta * delta - 2 * p
            if inside <= 0:
                return alpha
        return _enclosed(KL_nearest, _nearest_sign_ball, (alpha, delta, p), alpha)

    @staticmethod
    def spread(errors: Errors, s: Value, alpha: Value, delta: Value, p: Value) -> Value:
        """Bound the relative error: of an end, of the first argument, or of the root of the equation above."""
        delta, q = np.abs(delta), KL_width.numeric(s, p)
        wrong_q = KL_width.spread([0.0, errors[2]], q, s, p)
        surplus = (s - 1) * (s + 1)
        noise = delta * np.abs(surplus) * (errors[1] + 4 * UNIT) + q * np.abs(alpha * s - 1) * (wrong_q + UNIT)
        noise = noise + q * (alpha * s * (errors[0] + UNIT) + UNIT)
        slope = 2 * delta * s - alpha * q + (alpha * s - 1) * surplus / (s * q)
        root = OWN + noise / np.abs(slope * s)
        end = np.maximum(errors[0], _wrong_ends(errors, s, p))
        error = np.where((s == alpha) & (delta <= q), errors[0] + UNIT, np.where(delta == 0, end, root))
        return np.where((p == 0) | np.isinf(p), errors[0] * (p > 0), error)[()]

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return _evalf(self, prec)


class KL_steepest(OfNumbers):
    """The standard deviation `s` of the point `(m, s)` of the ball with the least `(kappa + s^2 + (delta - m)^2)/s`.

    It is the `s` with `q (s^2 - e^2 - kappa) + 2 e (s^2 - 1) = 0`, where `q = q(s, p)` and `e = e(s)`.

    Examples
    --------
    >>> float(KL_steepest.numeric(1.21, 0.1, 0.2))
    1.1
    """

    nargs = (3,)
    is_extended_real = True
    latex_name = r"s_{\mathrm{steep}}"
    is_extended_nonnegative = True

    @classmethod
    def eval(cls, first: sp.Expr, delta: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """At `p = 0` the ball is its centre, and at `p = oo` the whole half-plane."""
        return {sp.S.Zero: sp.S.One, sp.oo: sp.sqrt(sp.Max(0, first))}.get(p)

    @staticmethod
    def numeric(kappa: ArrayLike, delta: ArrayLike, p: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        kappa, delta, p = _arrays(kappa, delta, p, signed=True)
        with np.errstate(all="ignore"):
            low, high = _ends(p)
            free = np.sqrt(np.maximum(kappa, 0.0))
            inside = (delta <= KL_width.numeric(free, p)) & (low <= free) & (free <= high)
            s = _roots(_steepest_sign, (low, high), ~inside & (delta > 0) & np.isfinite(high), (kappa, delta, p))
            return np.where(inside | (delta == 0), np.clip(free, low, high), s)[()]

    @staticmethod
    def enclose(kappa: arb, delta: arb, p: arb) -> arb:
        """Enclose the value in a ball, by a bracket that is proved."""
        delta = abs(delta)
        free = kappa.nonnegative_part().sqrt()
        if p == 0 or not p.is_finite():
            return free if p > 0 else p + 1
        if kappa > 0 and kappa - 1 - kappa.log() + delta * delta - 2 * p <= 0:
            return free
        return _enclosed(KL_steepest, _steepest_sign_ball, (kappa, delta, p), free)

    @staticmethod
    def spread(errors: Errors, s: Value, kappa: Value, delta: Value, p: Value) -> Value:
        """Bound the relative error: of an end, of the root of the first argument, or of the root of the equation above."""
        delta, q = np.abs(delta), KL_width.numeric(s, p)
        wrong_q = KL_width.spread([0.0, errors[2]], q, s, p)
        e, surplus = np.maximum(delta - q, 0.0), (s - 1) * (s + 1)
        wrong_e = delta * errors[1] + q * wrong_q + UNIT * e
        inner = s * s - e * e - kappa
        noise = q * np.abs(inner) * wrong_q + q * (2 * UNIT * (s * s + e * e) + np.abs(kappa) * (errors[0] + UNIT))
        noise = noise + 8 * UNIT * e * np.abs(surplus) + 2 * (q * e + np.abs(surplus)) * wrong_e
        fall = (s - 1 / s) / q
        slope = -fall * inner + 2 * q * (s - e * fall) + 2 * fall * surplus + 4 * e * s
        root = OWN + noise / np.abs(slope * s)
        free = s == np.sqrt(np.maximum(kappa, 0.0))
        end = np.maximum(errors[0], _wrong_ends(errors, s, p))
        error = np.where(free & (delta <= q), errors[0] + UNIT, np.where(delta == 0, end, root))
        return np.where((p == 0) | np.isinf(p), errors[0] * (p > 0) + UNIT, error)[()]

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        return _evalf(self, prec)


def _arrays(first: ArrayLike, delta: ArrayLike, p: ArrayLike, *, signed: bool = False) -> tuple[np.ndarray, ...]:
    first, delta, p = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (first, delta, p)))
    return (first if signed else np.maximum(first, 0.0)), np.abs(delta), p


def _ends(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest standard deviation of the ball."""
    return tuple(np.sqrt(-branch.numeric_below_branch_point(2 * p)) for branch in (W_0, W_m1))


def _wrong_ends(errors: Errors, value: Value, p: Value) -> Value:
    """Bound the relative error of an end of the ball, `sqrt(-W(-e^(-1 - 2 p)))`."""
    return OWN + np.abs(2 * p / (1 - np.square(value))) * (errors[2] + UNIT)


def _nearest_sign(s: np.ndarray, alpha: np.ndarray, delta: np.ndarray, p: np.ndarray) -> np.ndarray:
    return delta * (s - 1) * (s + 1) - KL_width.numeric(s, p) * (alpha * s - 1)


def _steepest_sign(s: np.ndarray, kappa: np.ndarray, delta: np.ndarray, p: np.ndarray) -> np.ndarray:
    q = KL_width.numeric(s, p)
    e = np.maximum(0.0, delta - q)
    return q * (s * s - e * e - kappa) + 2 * e * (s - 1) * (s + 1)


def _roots(sign: Callable, edges: tuple, wanted: np.ndarray, args: tuple) -> np.ndarray:
    """Find the roots of an increasing sign between two edges, element by element where wanted (elsewhere NaN)."""
    out = np.full(wanted.shape, np.nan)
    if wanted.any():
        low, high = (np.broadcast_to(edge, wanted.shape)[wanted] for edge in edges)
        args = tuple(arg[wanted] for arg in args)
        ends = sign(low, *args), sign(high, *args)
        # No change of sign: rounding has put the root on an edge.
        found = np.where(ends[0] >= 0, low, high)
        inner = (ends[0] < 0) & (ends[1] > 0)
        if inner.any():
            bracket = [x[inner] for x in (low, high, *ends)]
            found[inner] = _chandrupatla(sign, bracket, tuple(arg[inner] for arg in args))
        out[wanted] = found
    return out


def _chandrupatla(sign: Callable, bracket: list[np.ndarray], args: tuple) -> np.ndarray:
    """Bisection, or inverse quadratic interpolation where it is safe (Chandrupatla 1997), on arrays."""
    b, a, fb, fa = bracket
    root, index, t = np.empty_like(a), np.arange(a.size), np.full_like(a, 0.5)
    for _ in range(120):
        x = a + t * (b - a)
        fx = sign(x, *args)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        least = 2 * np.finfo(float).eps * np.abs(best) / np.abs(b - a)
        left = (least < 0.5) & (fa != 0) & (a != b)
        root[index[~left]] = best[~left]
        if not left.any():
            break
        a, b, c, fa, fb, fc, least, index = (v[left] for v in (a, b, c, fa, fb, fc, least, index))
        args = tuple(arg[left] for arg in args)
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.clip(np.where(safe, inverse, 0.5), least, 1 - least)
        root[index] = np.where(np.abs(fa) < np.abs(fb), a, b)
    return root


def _nearest_sign_ball(s: arb, alpha: arb, delta: arb, p: arb) -> arb:
    """The derivative of `(s - alpha)^2 + e(s)^2`, times `q/2`: increasing through its zero."""
    q = KL_width.enclose(s, p)
    e = (delta - q).max(0 * q)
    return q * (s - alpha) + e * (s - 1 / s)


def _steepest_sign_ball(s: arb, kappa: arb, delta: arb, p: arb) -> arb:
    q = KL_width.enclose(s, p)
    e = (delta - q).max(0 * q)
    return q * (s * s - e * e - kappa) + 2 * e * (s * s - 1)


def _enclosed(function: Any, sign: Callable, args: tuple[arb, arb, arb], free: arb) -> arb:
    """Enclose the root of an increasing sign: an approximation, refined until two points beside it have proved signs."""
    from flint import arb

    _, delta, p = args
    x = -(-1 - 2 * p).exp()
    low, high = (branch.enclose(x).__neg__().sqrt() for branch in (W_0, W_m1))
    if delta == 0 or p == 0:
        return free.max(low).min(high)
    start = arb(float(function.numeric(*(float(arg.mid()) for arg in args))))
    if not start > 0:
        # It is below the range of doubles, where the ball is as wide as delta, or ends.
        start = ((delta * delta + 1) / 2 - p).exp().mid().max(low.mid())
    a, b = _bracket(sign, args, start, (low, high))
    root = _bisected(sign, args, a, b)
    # Beyond the ends of the ball, or where the point may lie inside, nothing is excluded.
    return root.max(low).min(high)


def _bracket(sign: Callable, args: tuple, start: arb, ends: tuple[arb, arb]) -> tuple[arb, arb]:
    """Two points around `start` at which the sign is proved; the ends of the ball where there are none."""
    from flint import arb

    found = []
    for side, end in zip((-1, 1), ends, strict=True):
        width = start * arb(2) ** -48
        while True:
            at = start + side * width
            if not (at - end) * side < 0:
                found.append(end)
                break
            if sign(at, *args) * side > 0:
                found.append(at)
                break
            width *= 16
    return found[0], found[1]


def _bisected(sign: Callable, args: tuple, a: arb, b: arb) -> arb:
    """Shrink a bracket by false position, each step proved; stop when the balls cannot tell any more."""
    from flint import arb, ctx

    target = arb(2) ** (-ctx.prec + 40) * b
    width = None
    for _ in range(2 * ctx.prec):
        if (b - a).upper() < target:
            break
        fa, fb = sign(a, *args).mid(), sign(b, *args).mid()
        guess = (a + b).mid() / 2
        if fb > fa:
            guess = (a - fa * (b - a) / (fb - fa)).mid()
        # Around the guess of false position the bracket shrinks to the square of its width, if both signs are proved.
        width = ((b - a).mid() ** 2).max(target / 4)
        moved = False
        for at in (guess - width, guess + width, (a + b).mid() / 2):
            if not (a < at < b):
                continue
            value = sign(at, *args)
            if value < 0:
                a, moved = at, True
            elif value > 0:
                b, moved = at, True
        if not moved:
            break
    return a.union(b)


def _evalf(expr: sp.Function, prec: int) -> sp.Expr | None:
    """Evaluate with sympy's precision, by way of balls."""
    from flint import arb, ctx

    args = [arg._eval_evalf(prec + 40) for arg in expr.args]
    if any(arg is None or not arg.is_Float for arg in args):
        return None
    with ctx.workprec(prec + 60):
        balls = [arb(arg._to_mpmath(prec + 40)) for arg in args]
        value = type(expr).enclose(*balls).mid()
        return sp.Float(value.str(int(prec * 0.302) + 5, radius=False), precision=prec)
