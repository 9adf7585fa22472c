"""How rate is shared among independent Gaussian components: water-filling, vectorised over points.

A component of weight `w = sigma_X sigma_Y` and `c = rho_SX^2`, given rate `r` (nats), has with `v = exp(-2 r)`

    correlation rho = sqrt(1 - v)        gain w rho        ambiguity 1/2 log(1 - c + c v)

The distortion is a constant less twice the gain, and the ambiguity is what `h(S|Y)` exceeds `h(S)` by.  Everything is in
nats; the last axis of an array of weights is the component, and the axes before it are those of the points.  `w` and `c`
have the shape of the points, with the components behind it.  [chen2025gaussian] has the case without a label.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: More steps than bisection of the widest bracket needs.
_STEPS = 200

#: A step of bisection as small as this, of numbers of the order of one, is rounding; after a step of Newton's method as
#: small as the other, the next one would be.
_ENOUGH, _LAST = 5e-16, 1e-9

#: What is added to a bracket that may end at the root, so that rounding leaves the root inside.
_MARGIN = 1e-6

#: Bracket of the logarithm of the price of ambiguity, beyond that of the largest weight: from "no price" to "any price".
_CHEAP, _DEAR = -45.0, 60.0

#: Bracket of the logarithm of a price of rate, beyond those of weight and ambiguity.
_WIDE = 600.0

Function = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def decreasing_root(function: Function, low: np.ndarray, high: np.ndarray, start: np.ndarray | None = None):
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
    done = np.zeros(x.shape, dtype=bool)
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


def units_of(w: np.ndarray) -> np.ndarray:
    """A power of two near the largest weight of each point, with an axis for the components."""
    return np.ldexp(1.0, np.frexp(w.max(axis=-1, keepdims=True))[1])


def in_units(w: np.ndarray) -> np.ndarray:
    """Weights in their unit, for what depends on their proportions alone, as rates do."""
    return w / units_of(w)


def correlation_of(r: np.ndarray) -> np.ndarray:
    """Correlation of components with these rates."""
    return np.sqrt(-np.expm1(-2 * r))


def ambiguity_of(r: np.ndarray, c: np.ndarray) -> np.ndarray:
    """How much the rates of all components lower `h(S|Y)` together; never positive."""
    # c = 1 at an infinite rate is minus infinity, as a limit.
    return np.log1p(np.maximum(c * np.expm1(-2 * r), -1.0)).sum(axis=-1) / 2


def filled_correlation(level: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Correlation at which one more nat buys `level` of distortion: the root of `level rho = 2 w (1 - rho^2)`."""
    return 4 * w / (level + np.hypot(level, 4 * w))


def filled_rate(level: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Rate at which one more nat buys `level` of distortion."""
    # 1 - rho^2 = 2 / (1 + sqrt(1 + u^2)), u = 4 w / level, loses no digit where rho is nearly one, or nearly zero.
    u = 4 * w / level
    return np.where(u < 1, np.log1p(u * u / (2 + 2 * np.hypot(1.0, u))), np.log((1 + np.hypot(1.0, u)) / 2)) / 2


def _filled_rate(log_level: np.ndarray, w: np.ndarray) -> np.ndarray:
    # 1 - rho^2 = 1 - exp(-2 t) with sinh t = level / (4 w): no digit is lost at either end.
    t = np.arcsinh(np.exp(log_level) / (4 * w))
    return -np.where(t > 0.5, np.log1p(-np.exp(-2 * t)), np.log(-np.expm1(-2 * t))) / 2


def rate_level(R: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Price of a nat at which components without a label spend the rate `R`; infinite at `R = 0`.

    Examples
    --------
    >>> round(rate_level(np.array(1.0), np.array([2.0, 1.0])).item(), 6)
    1.331082
    """
    top, n = w.max(axis=-1), w.shape[-1]
    # The heaviest component has the largest share of the rate: between R / n and R.
    low, high = (_log_price(r, top) for r in (R, R / n))
    log_R = np.log(R)

    def spent(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        level = np.exp(x)[..., None]
        rates = _filled_rate(x[..., None], w)
        total = rates.sum(axis=-1)
        # d rate / d t = -exp(-2t) / (1 - exp(-2t)),  d t / d level = 1 / hypot(level, 4 w)
        slopes = -level / np.hypot(level, 4 * w) / np.expm1(2 * np.arcsinh(level / (4 * w)))
        return np.log(total) - log_R, slopes.sum(axis=-1) / total

    inside = (R > 0) & (np.inf > R)
    x = decreasing_root(spent, np.where(inside, low, 0.0) - _MARGIN, np.where(inside, high, 0.0) + _MARGIN)
    return np.where(R == 0, np.inf, np.where(np.inf == R, 0.0, np.exp(x)))


def _log_price(r: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Logarithm of the price at which a component has rate `r`: `2 w v / rho`."""
    return np.log(2 * w) - 2 * r - np.log(-np.expm1(-2 * r)) / 2


def gain_level(g: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Price of a nat at which components without a label reach the gain `g`; infinite at 0, zero at the sum of `w`.

    Examples
    --------
    >>> w = np.array([2.0, 1.0])
    >>> round((w * filled_correlation(gain_level(np.array(2.0), w), w)).sum().item(), 12)
    2.0
    """
    total = w.sum(axis=-1)
    inside = (g > 0) & (g < total)
    # A heavier component has a larger correlation, so the average g / total lies between the extreme ones.
    share = np.where(inside, g / total, 0.5)
    low, high = (np.log(2 * e * (1 - share) * (1 + share) / share) for e in (w.min(axis=-1), w.max(axis=-1)))

    def reached(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        level = np.exp(x)[..., None]
        gains = w * filled_correlation(level, w)
        return gains.sum(axis=-1) - g, -(gains * level / np.hypot(level, 4 * w)).sum(axis=-1)

    x = decreasing_root(reached, low - _MARGIN, high + _MARGIN)
    return np.where(inside, np.exp(x), np.where(g <= 0, np.inf, 0.0))


# Least ambiguity -----------------------------------------------------------------------------------------------------


def _log_odds(c: np.ndarray) -> np.ndarray:
    return np.log1p(-c) - np.log(c)


def ambiguity_rates(R: np.ndarray, c: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Share `R` for the least ambiguity: water over a ground of the heights `log((1 - c)/c)`; twice the rate is its depth.

    Where labels are functions of their components (`c = 1`) any share among these is as good, and the one of the largest
    gain is taken; where no component has a label, none has rate.

    Examples
    --------
    >>> ambiguity_rates(np.array(1.0), np.array([0.5, 0.5]), np.ones(2)).tolist()
    [0.5, 0.5]
    """
    ground = _log_odds(c)
    heights = np.sort(ground, axis=-1)
    count = np.arange(1, c.shape[-1] + 1)
    level = ((2 * R[..., None] + np.cumsum(heights, axis=-1)) / count).min(axis=-1)
    depth = np.where(c > 0, np.maximum(level[..., None] - ground, 0.0), 0.0) / 2
    known = c == 1
    if not known.any():
        return depth
    # A weight of (almost) nothing keeps the others out of the water-filling.
    among = np.where(known, in_units(w), 1e-280)
    shared = filled_rate(rate_level(R, among)[..., None], among)
    return np.where(known.any(axis=-1)[..., None], np.where(known, shared, 0.0), depth)


def least_ambiguity(R: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Least ambiguity that the rate `R` allows.

    Examples
    --------
    >>> round(least_ambiguity(np.array(1.0), np.array([0.5, 0.5])).item(), 6)
    -0.379885
    """
    share = np.where((np.inf > R), R, 0.0)
    value = ambiguity_of(ambiguity_rates(share, np.where(c == 1, 0.0, c), c), c)
    value = np.where(np.inf == R, ambiguity_of(np.full(c.shape, np.inf), c), value)
    return np.where((c == 1).any(axis=-1), -R, value)


def least_rate(K: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Least rate at which the ambiguity is `K`; infinite if no rate reaches it.

    Examples
    --------
    >>> round(least_rate(np.array(-0.379885), np.array([0.5, 0.5])).item(), 5)
    1.0
    """
    logs = np.sort(np.log1p(-c), axis=-1)
    count = np.arange(1, c.shape[-1] + 1)
    y = ((2 * K[..., None] - np.cumsum(logs, axis=-1)) / count).max(axis=-1)
    depth = np.maximum(-np.log(np.expm1(np.maximum(y, 0.0)))[..., None] - _log_odds(c), 0.0)
    rate = np.where(c > 0, depth, 0.0).sum(axis=-1) / 2
    rate = np.where((c == 1).any(axis=-1), -K, np.where(y > 0, rate, np.inf))
    return np.where(K >= 0, 0.0, rate)


# Both constraints ----------------------------------------------------------------------------------------------------


class Priced:
    """Components at a price of rate and a price of ambiguity: the rates at which neither wants more.

    The slope of the Lagrangian in `r` vanishes where `2 w v / rho + price_C c v / (1 - c + c v) = price_R`; the left-hand
    side falls in `r` from infinity to zero (to `price_C` if `c = 1`), so there is one root.

    Attributes
    ----------
    w, c : arrays of shape (points, components)
    shift : array of shape (points, 1)
        1 where some `c = 1`: there prices of rate are counted from the price of ambiguity.
    """

    def __init__(self, w: np.ndarray, c: np.ndarray) -> None:
        self.w, self.c = w, c
        self.shift = (c == 1).any(axis=-1, keepdims=True).astype(float)
        self._guess: np.ndarray | None = None

    def rates(self, log_price: np.ndarray, price_C: np.ndarray) -> np.ndarray:
        """Return the rates; the price of rate is `exp(log_price)`, plus `price_C` where some `c = 1`."""
        w, c = self.w, self.c
        extra, price_C = np.exp(log_price)[:, None], price_C[:, None]
        price = np.where(c == 1, extra, extra + self.shift * price_C)
        label = np.where(c == 1, 0.0, price_C)
        # Twice as large a gain and ambiguity make more rate than wanted; either alone makes less.
        low = np.log(np.maximum(_filled_rate(np.log(price), w), _label_rate(price, label, c)))
        high = np.log(np.maximum(_filled_rate(np.log(price / 2), w), _label_rate(price / 2, label, c)))

        def excess(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            r = np.exp(x)
            slope, curvature = self._slope(r, label)
            return np.log(slope / price), r * curvature / slope

        x = decreasing_root(excess, low - _MARGIN, high + _MARGIN, self._guess)
        self._guess = x
        return np.exp(x)

    def _slope(self, r: np.ndarray, label: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        v, rho = np.exp(-2 * r), correlation_of(r)
        left = 1 - self.c + self.c * v
        slope = 2 * self.w * v / rho + label * self.c * v / left
        return slope, -2 * v * (self.w * (2 - v) / rho**3 + label * self.c * (1 - self.c) / left**2)

    def response(self, r: np.ndarray, price_C: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how rates answer the price of rate, and by how much the ambiguity of each falls with its rate."""
        label = np.where(self.c == 1, 0.0, price_C[:, None])
        v = np.exp(-2 * r)
        return 1 / self._slope(r, label)[1], self.c * v / (1 - self.c + self.c * v)


def _label_rate(price: np.ndarray, price_C: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Rate that the label alone wants: the root of `price_C c v / (1 - c + c v) = price`."""
    v = price * (1 - c) / (c * (price_C - price))
    return np.where((price < price_C * c) & (c < 1), -np.log(np.where(v > 0, np.minimum(v, 1.0), 1.0)) / 2, 1e-300)


def shared_rates(target: np.ndarray, K: np.ndarray, w: np.ndarray, c: np.ndarray, *, by: str) -> np.ndarray:
    """Share rate so that both constraints bind.

    Parameters
    ----------
    target : array of shape (points,)
        The rate to be spent (`by="rate"`), or the gain to be reached (`by="gain"`).
    K : array of shape (points,)
        The ambiguity to be met.
    w, c : arrays of shape (points, components)
    by : {"rate", "gain"}

    Returns
    -------
    array of shape (points, components)
        Where no price of ambiguity does it, the rates of the nearest one.
    """
    priced = Priced(w, c)
    top = np.log(w.max(axis=-1))
    state: dict[str, np.ndarray] = {}

    def inner(price_C: np.ndarray) -> np.ndarray:
        def left_over(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            r = priced.rates(x, price_C)
            answer, fall = priced.response(r, price_C)
            change = answer * np.exp(x)[:, None]
            if by == "rate":
                return np.log(r.sum(axis=-1) / target), change.sum(axis=-1) / r.sum(axis=-1)
            return K - ambiguity_of(r, c), (fall * change).sum(axis=-1)

        middle = np.log(np.exp(top) + price_C)
        x = decreasing_root(left_over, middle - _WIDE, middle + 300, state.get("x", middle))
        state["x"], state["r"] = x, priced.rates(x, price_C)
        return state["r"]

    def outer(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        price_C = np.exp(z)
        r = inner(price_C)
        answer, fall = priced.response(r, price_C)
        # The price of rate moves with that of ambiguity so that the inner constraint goes on to bind.
        weight = answer if by == "rate" else answer * fall
        move = (weight * fall).sum(axis=-1) / weight.sum(axis=-1)
        change = answer * (move[:, None] - fall) * price_C[:, None]
        if by == "rate":
            return ambiguity_of(r, c) - K, -(fall * change).sum(axis=-1)
        v, rho = np.exp(-2 * r), correlation_of(r)
        return (w * rho).sum(axis=-1) - target, (w * v / rho * change).sum(axis=-1)

    z = decreasing_root(outer, top + _CHEAP, top + _DEAR, top)
    return inner(np.exp(z))


def prices(rates: np.ndarray, w: np.ndarray, c: np.ndarray) -> tuple[float, float]:
    """Estimate the prices of rate and of classification, that of distortion being one, at the best rates of one point.

    Examples
    --------
    >>> w = np.array([[2.0, 1.0]])
    >>> level = rate_level(np.array([1.0]), w)[:, None]
    >>> round(prices(filled_rate(level, w)[0], w, np.array([[0.5, 0.9]]))[0], 6)
    1.331082
    """
    v = np.exp(-2 * rates)
    worth, fall = (2 * w * v / correlation_of(rates))[0], (c * v / (1 - c + c * v))[0]
    # At the optimum worth = price_R - price_C fall, for every component.
    spread = fall - fall.mean()
    square = (spread * spread).sum()
    price_C = -(spread * worth).sum() / square if square > 0 else 0.0
    return float(worth.mean() + price_C * fall.mean()), float(price_C)
