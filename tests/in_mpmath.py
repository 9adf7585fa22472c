"""A trade-off evaluated by mpmath, from its regimes and abbreviations alone: an independent road for its numbers.

Named functions are defined here once more, by their equations, which a bracketing method solves.  The number of digits is
doubled until two values agree.
"""

from __future__ import annotations

import mpmath
import sympy as sp
from mpmath import mp, mpf

from drc.expressions.pairs import SLACK
from drc.information import W_0, H_b, H_b_inv, I_b, I_b_inv, KL_b, KL_b_max, KL_b_min, W_m1, noise
from drc.information import kl_ball as ball
from drc.information import water_filling as water

_ZERO = mpf(0)


class Reader:
    """Evaluates expressions at a point: a mapping of names to numbers, and abbreviations."""

    def __init__(self, point, where):
        self.where, self.known = {symbol.name: value for symbol, value in where}, {}
        self.point = point

    def symbol(self, name):
        if name not in self.known:
            if name in self.where:
                self.known[name] = self.value(self.where[name])
            else:
                given = self.point[name]
                self.known[name] = (
                    mpf(given) if not isinstance(given, sp.Rational) else mpf(int(given.p)) / int(given.q)
                )
        return self.known[name]

    def value(self, e):
        if isinstance(e, sp.Symbol):
            return self.symbol(e.name)
        if isinstance(e, sp.Rational):
            return mpf(int(e.p)) / int(e.q)
        if e in (sp.oo, -sp.oo):
            return mpf("inf") if e > 0 else mpf("-inf")
        if e is sp.pi:
            return +mp.pi
        if e is sp.E:
            return +mp.e
        if isinstance(e, sp.Piecewise):
            for value, condition in e.args:
                if self.truth(condition):
                    return self.value(value)
            raise AssertionError("no branch")
        kind, args = type(e), [self.value(arg) for arg in e.args]
        if kind in _NAMED:
            return _NAMED[kind](*args)
        if isinstance(e, sp.Add):
            return sum(args, _ZERO)
        if isinstance(e, sp.Mul):
            return mpmath.fprod(args)
        if isinstance(e, sp.Pow):
            return _power(*args)
        if isinstance(e, sp.Min):
            return min(args)
        if isinstance(e, sp.Max):
            return max(args)
        return {sp.exp: mpmath.exp, sp.log: _log, sp.Abs: abs}[kind](*args)

    def truth(self, c):
        if c in (sp.true, sp.false):
            return bool(c)
        if isinstance(c, sp.And):
            return all(map(self.truth, c.args))
        if isinstance(c, sp.Or):
            return any(map(self.truth, c.args))
        if isinstance(c, sp.Not):
            return not self.truth(c.args[0])
        if isinstance(c, sp.Ge | sp.Gt):
            c = c.reversed
        a, b = self.value(c.lhs), self.value(c.rhs)
        # Numbers that are equal by algebra differ by the rounding of the working precision.
        if isinstance(c, sp.Le):
            rounding = mpf(10) ** (10 - mp.dps)
            return a <= (b + mpf(SLACK) * abs(b) + rounding if mpmath.isfinite(b) else b)
        same = a == b or (mpmath.isfinite(a) and mpmath.isfinite(b) and abs(a - b) < abs(b) * mpf(10) ** (8 - mp.dps))
        if isinstance(c, sp.Eq):
            return same
        return a < b and not same


def enough(point) -> int:
    """Digits that tell numbers of the sizes of a point, and one, apart: 60, those of exp(-2 R), and those in between."""
    sizes = [mpf(1), *(abs(mpf(float(x))) for x in point.values() if x and abs(float(x)) < mpmath.inf)]
    decades = mpmath.log10(max(sizes)) - mpmath.log10(min(sizes))
    rates = sum(abs(float(point.get(name, 0))) for name in ("R", "R_c", "C") if point.get(name, 0) < mpmath.inf)
    return 60 + int(min(decades, 700) + min(0.9 * rates, 1000))


def evaluate(tradeoff, point):
    """Return the name of the regime and the value, as an mpf of many digits."""
    last, digits = None, enough(point)
    most = 8 * digits
    while digits <= most:
        with mpmath.workdps(digits):
            reader = Reader(point, tradeoff.where)
            name, value = "infeasible", mpf("inf")
            for regime in tradeoff.cases:
                if not regime.is_infeasible and reader.truth(regime.condition):
                    name, value = regime.name, reader.value(regime.expr)
                    break
        now = name, value
        if last is not None and last[0] == name:
            a, b = last[1], value
            if a == b or abs(a - b) <= abs(b) * mpf(10) ** -25 or (abs(a) < 1e-400 and abs(b) < 1e-400):
                return now
        last, digits = now, 2 * digits
    return now


def _power(base, exponent):
    if exponent == mpf(1) / 2:
        return mpmath.sqrt(max(base, _ZERO))
    if not mpmath.isfinite(exponent):
        return mpmath.exp(exponent * mpmath.log(base))
    if base == 0 and exponent < 0:
        return mpf("inf")
    return base**exponent


def _log(x):
    return mpf("-inf") if x <= 0 else mpmath.log(x)


def root(function, low, high):
    """Find the root of a monotone function between positive numbers."""
    a, b = mpf(low), mpf(high)
    fa, fb = function(a), function(b)
    if fa == 0 or (fa * fb > 0 and abs(fa) < abs(fb)):
        return a
    if fb == 0 or fa * fb > 0:
        return b
    side, turn = 0, 0
    while abs(b - a) > abs(b) * mpf(10) ** (3 - mp.dps):
        turn += 1
        if a > 0 and (b > 2 * a or turn % 8 == 0):
            x = mpmath.sqrt(a * b)
        elif fa != fb and turn % 4:
            x = (a * fb - b * fa) / (fb - fa)
        else:
            x = (a + b) / 2
        if not a < x < b:
            x = (a + b) / 2
            if not a < x < b:
                break
        fx = function(x)
        if fx == 0:
            return x
        if fx * fa > 0:
            a, fa = x, fx
            fb, side = (fb / 2 if side == 1 else fb), 1
        else:
            b, fb = x, fx
            fa, side = (fa / 2 if side == -1 else fa), -1
        if turn > 20 * mp.prec:
            break
    return (a + b) / 2


# Binary --------------------------------------------------------------------------------------------------------------


def entropy(p, base=2):
    nats = _ZERO if p <= 0 or p >= 1 else -p * mpmath.log(p) - (1 - p) * mpmath.log1p(-p)
    return nats / mpmath.log(base)


def entropy_inverse(h, base=2):
    if h <= 0:
        return _ZERO
    if h >= mpmath.log(2, base):
        return mpf(1) / 2
    low = h / (-4 * mpmath.log(h / 4) + 8) / 8
    return root(lambda p: entropy(p, base) - h, low, mpf(1) / 2)


def excess(u, a):
    """`a g(u/a)` with `g(x) = (1 + x) log(1 + x) - x`."""
    if a <= 0:
        return _ZERO
    x = max(u / a, mpf(-1))
    if x == -1:
        return a
    if abs(x) > mpf("1e-4"):
        return a * ((1 + x) * mpmath.log1p(x) - x)
    total, power, k = _ZERO, x * x, 2
    while abs(power) > abs(x * x) * mpf(10) ** (-mp.dps - 5):
        total += power / (k * (k - 1)) * (1 if k % 2 == 0 else -1)
        power, k = power * x, k + 1
        if power == 0:
            break
    return a * total


def information(u, p, r, base=2):
    pairs = ((1, p * r), (-1, p * (1 - r)), (-1, (1 - p) * r), (1, (1 - p) * (1 - r)))
    return sum((excess(sign * u, a) for sign, a in pairs), _ZERO) / mpmath.log(base)


def information_inverse(i, p, r, base=2):
    top = min(p * (1 - r), (1 - p) * r)
    if i <= 0 or top <= 0:
        return _ZERO
    if i >= information(top, p, r, base):
        return top
    # Each term is at most u^2/a, so that the information is at most u^2 times the sum of 1/a.
    low = mpmath.sqrt(i * mpmath.log(base) * p * (1 - p) * r * (1 - r)) / 4
    return root(lambda u: information(u, p, r, base) - i, min(low, top / 4), top)


def divergence_end(q, P, base, sign):
    a, b = (q, 1 - q) if sign < 0 else (1 - q, q)
    nats = P * mpmath.log(base)
    if nats <= 0 or a <= 0:
        return q
    if b <= 0:
        return q if mpmath.isfinite(nats) else 1 - q
    if nats >= -mpmath.log(b):
        return mpf(0 if sign < 0 else 1)
    low = min(mpmath.sqrt(nats * a * b) / 8, a / 4)
    u = root(lambda u: excess(-u, a) + excess(u, b) - nats, low * mpf("1e-3"), a)
    return q + sign * u


# Normal --------------------------------------------------------------------------------------------------------------


def lambert(x, branch):
    if x == 0:
        return _ZERO if branch == 0 else mpf("-inf")
    with mpmath.workdps(2 * mp.dps):
        return +mpmath.lambertw(x, branch).real


def width(s, p):
    if not mpmath.isfinite(p):
        return mpf("inf")
    return mpmath.sqrt(max(2 * p - (s * s - 1 - 2 * _log(s)), _ZERO))


def _ends(p):
    x = -mpmath.exp(-1 - 2 * p)
    return tuple(mpmath.sqrt(-lambert(x, branch)) for branch in (0, -1))


def nearest(alpha, delta, p):
    delta = abs(delta)
    if not mpmath.isfinite(p):
        return alpha
    if p == 0:
        return mpf(1)
    low, high = _ends(p)
    clipped = min(max(alpha, low), high)
    if delta == 0 or (low <= alpha <= high and delta <= width(alpha, p)):
        return clipped
    a, b = sorted((mpf(1), clipped))
    return root(lambda s: delta * (s * s - 1) - width(s, p) * (alpha * s - 1), a, b)


def steepest(kappa, delta, p):
    delta = abs(delta)
    free = mpmath.sqrt(max(kappa, _ZERO))
    if not mpmath.isfinite(p):
        return free
    if p == 0:
        return mpf(1)
    low, high = _ends(p)
    if delta == 0 or (low <= free <= high and delta <= width(free, p)):
        return min(max(free, low), high)

    def sign(s):
        q = width(s, p)
        e = max(delta - q, _ZERO)
        return q * (s * s - e * e - kappa) + 2 * e * (s * s - 1)

    return root(sign, low, high)


# Water-filling, of two components ------------------------------------------------------------------------------------


def _filled(level, w):
    return 4 * w / (level + mpmath.sqrt(level**2 + 16 * w**2))


def _filled_rate(level, w):
    u = (4 * w / level) ** 2
    # 1/2 log((1 + sqrt(1 + u))/2), of small u too.
    return mpmath.log1p(u / (2 * (1 + mpmath.sqrt(1 + u)))) / 2


def _level(excess_of, w):
    return root(excess_of, max(w) * mpf(10) ** -1300, max(w) * mpf(10) ** 700)


def rate_level(R, *w):
    if R <= 0:
        return mpf("inf")
    return _ZERO if not mpmath.isfinite(R) else _level(lambda x: sum(_filled_rate(x, e) for e in w) - R, w)


def gain_level(g, *w):
    if g <= 0:
        return mpf("inf")
    return _ZERO if g >= sum(w) else _level(lambda x: sum(e * _filled(x, e) for e in w) - g, w)


def reverse_level(R, *w):
    if not mpmath.isfinite(R):
        return _ZERO
    rates = lambda x: sum(max(_ZERO, mpmath.log(4 * e / x) / 2) for e in w)  # noqa: E731
    first = sorted(w, reverse=True)
    options = []
    for k in range(1, len(w) + 1):
        level = 4 * mpmath.exp((sum(map(mpmath.log, first[:k])) - 2 * R) / k)
        options.append(level)
    return min(options, key=lambda x: abs(rates(x) - R))


def _noise(s, rho):
    """Mean cost beyond the least, and rate, of noise at a price."""
    excess = [x - min(rho) for x in rho]
    w = [mpmath.exp(-s * x) for x in excess]
    mean = sum(a * x for a, x in zip(w, excess, strict=True)) / sum(w)
    return mean, mpmath.log(len(rho)) - mpmath.log(sum(w)) - s * mean


def price_for_cost(D, *rho):
    target = D - min(rho)
    if target <= 0:
        return mpf("inf")
    if target >= _noise(_ZERO, rho)[0]:
        return _ZERO
    return root(lambda s: target - _noise(s, rho)[0], mpf(10) ** -300, len(rho) / target)


def price_for_rate(R, *rho):
    dear = [x for x in rho if x > min(rho)]
    if R <= 0:
        return _ZERO
    if not dear or mpmath.log(mpf(len(rho)) / (len(rho) - len(dear))) <= R:
        return mpf("inf")
    return root(lambda s: _noise(s, rho)[1] - R, mpf(10) ** -300, 800 / (min(dear) - min(rho)))


def amb(r, c):
    return mpmath.log1p(c * mpmath.expm1(-2 * r)) / 2 if c != 1 else -r


def least_shares(R, c):
    """The share of least ambiguity of two components."""
    if not mpmath.isfinite(R):
        return [R if e > 0 else _ZERO for e in c]
    labelled = [i for i, e in enumerate(c) if e > 0]
    if not labelled:
        return [_ZERO for _ in c]
    if len(labelled) == 1:
        return [R if i in labelled else _ZERO for i in range(len(c))]
    ground = [mpmath.log((1 - e) / e) if e < 1 else mpf("-inf") for e in c]
    if max(c) == 1:
        return None
    low = min(range(2), key=lambda i: ground[i])
    gap = ground[1 - low] - ground[low]
    more = min(R, gap / 2)
    shares = [(R - more) / 2] * 2
    shares[low] += more
    return shares


def least_ambiguity(R, *c):
    if max(c) == 1:
        return -R
    return sum((amb(r, e) for r, e in zip(least_shares(R, c), c, strict=True)), _ZERO)


def least_rate(K, *c):
    if K >= 0:
        return _ZERO
    if max(c) == 1:
        return -K
    if sum((mpmath.log1p(-e) for e in c), _ZERO) / 2 >= K:
        return mpf("inf")
    return root(lambda R: least_ambiguity(R, *c) - K, -K, mpf(10) ** 6)


def gain_at_least(R, *both):
    w, c = both[: len(both) // 2], both[len(both) // 2 :]
    if not mpmath.isfinite(R):
        return sum(w)
    if max(c) == 1:
        known = [e for e, label in zip(w, c, strict=True) if label == 1]
        level = rate_level(R, *known)
        return sum(e * _filled(level, e) for e in known) if R > 0 else _ZERO
    return gain_of(least_shares(R, c), w)


def gain_of(shares, w):
    return sum(e * mpmath.sqrt(-mpmath.expm1(-2 * r)) for e, r in zip(w, shares, strict=True))


def shared_gain(R, K, *both):
    w, c = both[:2], both[2:]
    level = rate_level(R, *w)
    filled = [_filled_rate(level, e) if R > 0 else _ZERO for e in w]
    total = lambda shares: sum(amb(r, e) for r, e in zip(shares, c, strict=True))  # noqa: E731
    if total(filled) <= K or max(c) == 0:
        return gain_of(filled, w)
    if max(c) == 1:
        raise NotImplementedError
    least = least_shares(R, c)
    if total(least) >= K:
        return gain_of(least, w)
    # The ambiguity falls along the way from the filled shares to those of least ambiguity.
    at = lambda x: [a + x * (b - a) for a, b in zip(filled, least, strict=True)]  # noqa: E731
    x = root(lambda x: total(at(x)) - K, mpf(10) ** -400, mpf(1))
    return gain_of(at(x), w)


def shared_rate(g, K, *both):
    w, c = both[:2], both[2:]
    least = least_rate(K, *c)
    if not mpmath.isfinite(least) or g >= sum(w):
        return mpf("inf")
    level = gain_level(g, *w)
    alone = sum(_filled_rate(level, e) for e in w) if g > 0 else _ZERO
    start = max(least, alone)
    if gain_at_least(least, *both) >= g:
        return least
    if shared_gain(start, K, *both) >= g:
        return start
    high = start
    while shared_gain(high, K, *both) < g:
        high = 2 * high + 1
    return root(lambda R: shared_gain(R, K, *both) - g, start, high)


_NAMED = {
    H_b: entropy,
    H_b_inv: entropy_inverse,
    I_b: information,
    I_b_inv: information_inverse,
    KL_b: lambda y, q, base=2: (excess(y - q, q) + excess(q - y, 1 - q)) / mpmath.log(base),
    KL_b_min: lambda q, P, base=2: divergence_end(q, P, base, -1),
    KL_b_max: lambda q, P, base=2: divergence_end(q, P, base, 1),
    W_0: lambda x: lambert(x, 0),
    W_m1: lambda x: lambert(x, -1),
    ball.KL_width: width,
    ball.KL_nearest: nearest,
    ball.KL_steepest: steepest,
    noise.price_for_cost: price_for_cost,
    noise.price_for_rate: price_for_rate,
    water.rate_level: rate_level,
    water.gain_level: gain_level,
    water.reverse_level: reverse_level,
    water.least_ambiguity: least_ambiguity,
    water.least_rate: least_rate,
    water.gain_of_least_ambiguity: gain_at_least,
    water.shared_gain: shared_gain,
    water.shared_rate: shared_rate,
}
