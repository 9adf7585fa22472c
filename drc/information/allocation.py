"""How rate is shared among independent Gaussian components: water-filling, vectorised over points.

A component of weight `w = sigma_X sigma_Y` and `c = rho_SX^2`, given rate `r` (nats), has with `v = exp(-2 r)`

    correlation rho = sqrt(1 - v)        gain w rho        ambiguity 1/2 log(1 - c + c v)

The distortion is a constant less twice the gain, and the ambiguity is what `h(S|Y)` exceeds `h(S)` by.  Everything is in
nats; the last axis of an array of weights is the component, and the axes before it are those of the points.  `w` and `c`
have the shape of the points, with the components behind it.  [chen2025gaussian] has the case without a label.
"""

from __future__ import annotations

import numpy as np

from drc.information.last_axis import every, highest, lowest, mean, some, total
from drc.information.roots import decreasing_root, root_between
from drc.types import Booleans, Floats, Integers

#: What is added to a bracket that may end at the root, so that rounding leaves the root inside.
_MARGIN = 1e-6

#: Bracket of the logarithm of the price of ambiguity, beyond that of the largest weight: from "no price" to "any price".
_CHEAP, _DEAR = -45.0, 60.0

#: Bracket of the logarithm of a price of rate, beyond those of weight and ambiguity.
_WIDE = 600.0

#: Steps of Newton's method for rates and prices together; after a step as small as this, relative to each rate, the next one
#: would be rounding.
_TOGETHER, _LAST = 30, 1e-9

#: The last digit of a number of the order of one, and a few more.
_DIGIT = 1e-15


def units_of(w: Floats) -> Floats:
    """A power of two near the largest weight of each point, with an axis for the components."""
    return np.ldexp(1.0, np.frexp(highest(w)[..., None])[1])


def in_units(w: Floats) -> Floats:
    """Weights in their unit, for what depends on their proportions alone, as rates do."""
    return w / units_of(w)


def correlation_of(r: Floats) -> Floats:
    """Correlation of components with these rates."""
    return np.sqrt(-np.expm1(-2 * r))


def gain_of(r: Floats, w: Floats) -> Floats:
    """Gain of components with these rates, together."""
    return total(w * correlation_of(r))


def ambiguity_of(r: Floats, c: Floats) -> Floats:
    """How much the rates of all components lower `h(S|Y)` together; never positive."""
    # c = 1 at an infinite rate is minus infinity, as a limit.
    return total(np.log1p(np.maximum(c * np.expm1(-2 * r), -1.0))) / 2


def _steepness(level: Floats, w: Floats) -> tuple[Floats, Floats]:
    """Return `y = level / (4 w)` and `s = sqrt(1 + y^2)`, of which correlation and rate at a price are made."""
    y = level / (4 * w)
    return y, np.sqrt(1 + y * y)


def filled_correlation(level: Floats, w: Floats) -> Floats:
    """Correlation at which one more nat buys `level` of distortion: the root of `level rho = 2 w (1 - rho^2)`."""
    y, s = _steepness(level, w)
    return 1 / (y + s)


def filled_rate(level: Floats, w: Floats) -> Floats:
    """Rate at which one more nat buys `level` of distortion."""
    y, s = _steepness(level, w)
    # 1 / (1 - rho^2) = 1 + rho / (2 y)  loses no digit where rho is nearly one, or nearly zero.
    return np.log1p(1 / (2 * y * (y + s))) / 2


def rate_level(R: Floats, w: Floats) -> Floats:
    """Price of a nat at which components without a label spend the rate `R`; infinite at `R = 0`.

    Examples
    --------
    >>> round(rate_level(np.array(1.0), np.array([2.0, 1.0])).item(), 6)
    1.331082
    """
    n = w.shape[-1]
    inside = (R > 0) & (np.inf > R)
    share = np.where(inside, R, 1.0) / n
    wanted = np.expm1(-2 * share)

    def spent(x: Floats) -> tuple[Floats, Floats]:
        y, s = _steepness(np.exp(x)[..., None], w)
        rho = 1 / (y + s)
        each = total(np.log1p(rho / (2 * y))) / (2 * n)
        noise = np.expm1(-2 * each)
        # The log odds of exp(-2 r) are nearly linear in the logarithm of the level.
        return 2 * (each - share) + np.log(noise / wanted), total(rho / s) / (n * noise)

    # The heaviest component has the largest share of the rate: between R / n and R.
    top = highest(w)
    low, high, start = _log_price(n * share, top), _log_price(share, top), _log_price(share, np.sqrt(mean(w * w)))
    x = decreasing_root(spent, low - _MARGIN, high + _MARGIN, start)
    return np.where(R == 0, np.inf, np.where(np.inf == R, 0.0, np.exp(x)))


def _log_price(r: Floats, w: Floats) -> Floats:
    """Logarithm of the price at which a component has rate `r`: `2 w v / rho`."""
    return np.log(2 * w) - 2 * r - np.log(-np.expm1(-2 * r)) / 2


def gain_level(g: Floats, w: Floats) -> Floats:
    """Price of a nat at which components without a label reach the gain `g`; infinite at 0, zero at the sum of `w`.

    Examples
    --------
    >>> w = np.array([2.0, 1.0])
    >>> round((w * filled_correlation(gain_level(np.array(2.0), w), w)).sum().item(), 12)
    2.0
    """
    most = total(w)
    inside = (g > 0) & (g < most)
    share = np.where(inside, g / most, 0.5)
    wanted = share / (1 - share)

    def reached(x: Floats) -> tuple[Floats, Floats]:
        y, s = _steepness(np.exp(x)[..., None], w)
        gains = w / (y + s)
        gain, missing = total(gains), total(gains * y * (1 + y / (1 + s)))
        # The log odds of the gain are nearly linear in the logarithm of the level.
        return np.log(gain / (missing * wanted)), -total(gains * y / s) * most / (gain * missing)

    # A heavier component has a larger correlation, so the average g / most lies between the extreme ones.
    low, high, start = (
        np.log(2 * e * (1 - share) * (1 + share) / share) for e in (lowest(w), highest(w), np.sqrt(mean(w * w)))
    )
    x = decreasing_root(reached, low - _MARGIN, high + _MARGIN, start)
    return np.where(inside, np.exp(x), np.where(g <= 0, np.inf, 0.0))


def water_level(amount: Floats, ground: Floats) -> Floats:
    """Level of an amount of water over a ground, whose heights are in the last axis.

    Examples
    --------
    >>> water_level(np.array(3.0), np.array([0.0, 1.0, 9.0])).item()
    2.0
    """
    totals = np.asarray(amount)[..., None] + np.cumsum(np.sort(ground, axis=-1), axis=-1)
    return lowest(totals / np.arange(1, ground.shape[-1] + 1))


def reverse_level(R: Floats, w: Floats) -> Floats:
    """Price of a nat at which components without common randomness spend the rate `R`."""
    return 4 * np.exp(-water_level(2 * R, -np.log(w)))


def limited_level(R: Floats, m: Floats, w: Floats) -> Floats:
    """Level `y` at which components of weights above `m` spend the rate `R`, where common randomness is limited.

    Component `w` has the rate `1/2 log((y + hypot(y, w))/(y + hypot(y, m)))`.

    Examples
    --------
    >>> round(limited_level(np.array(0.5), np.array(0.25), np.array([2.0, 1.0])).item(), 6)
    0.669007
    """
    m, above = m[..., None], w > m[..., None]

    def spent(x: Floats) -> tuple[Floats, Floats]:
        y = np.exp(x)[..., None]
        far, near = np.hypot(y, w), np.hypot(y, m)
        apart = (w - m) * (w + m) / (far + near)
        rates = np.where(above, np.log1p(np.where(above, apart, 0.0) / (y + near)) / 2, 0.0)
        slopes = np.where(above, -y * apart / (far * near), 0.0) / 2
        return total(rates) - R, total(slopes)

    inside = (R > 0) & (m[..., 0] > 0) & some(above)
    low = np.where(inside, np.log(np.where(inside, m[..., 0], 1.0)) - 40, 0.0)
    high = np.where(
        inside, np.log(highest(w) * w.shape[-1]) + np.maximum(0.0, -np.log(np.where(inside, R, 1.0))) + 2, 0.0
    )
    x = decreasing_root(spent, low, high)
    return np.where(inside, np.exp(x), np.where(R > 0, 0.0, np.inf))


# Least ambiguity -----------------------------------------------------------------------------------------------------


def _log_odds(c: Floats) -> Floats:
    return np.log1p(-c) - np.log(c)


def ambiguity_rates(R: Floats, c: Floats, w: Floats) -> Floats:
    """Share `R` for the least ambiguity: water over a ground of the heights `log((1 - c)/c)`; twice the rate is its depth.

    Where labels are functions of their components (`c = 1`) any share among these is as good, and the one of the largest
    gain is taken; where no component has a label, none has rate.

    Examples
    --------
    >>> ambiguity_rates(np.array(1.0), np.array([0.5, 0.5]), np.ones(2)).tolist()
    [0.5, 0.5]
    """
    ground = _log_odds(c)
    level = water_level(2 * R, ground)
    depth = np.where(c > 0, np.maximum(level[..., None] - ground, 0.0), 0.0) / 2
    known = c == 1
    if not known.any():
        return depth
    # A weight of (almost) nothing keeps the others out of the water-filling.
    among = np.where(known, in_units(w), 1e-280)
    shared = filled_rate(rate_level(R, among)[..., None], among)
    return np.where(some(known)[..., None], np.where(known, shared, 0.0), depth)


def least_ambiguity(R: Floats, c: Floats) -> Floats:
    """Least ambiguity that the rate `R` allows.

    Examples
    --------
    >>> round(least_ambiguity(np.array(1.0), np.array([0.5, 0.5])).item(), 6)
    -0.379885
    """
    share = np.where((np.inf > R), R, 0.0)
    value = ambiguity_of(ambiguity_rates(share, np.where(c == 1, 0.0, c), c), c)
    value = np.where(np.inf == R, ambiguity_of(np.full(c.shape, np.inf), c), value)
    return np.where(some(c == 1), -R, value)


def gain_of_least_ambiguity(R: Floats, w: Floats, c: Floats) -> Floats:
    """Largest gain at the least ambiguity that the rate `R` allows."""
    gain = gain_of(ambiguity_rates(np.where(np.isfinite(R), R, 0.0), c, w), w)
    return np.where(np.isfinite(R), gain, total(w))


def least_rate(K: Floats, c: Floats) -> Floats:
    """Least rate at which the ambiguity is `K`; infinite if no rate reaches it.

    Examples
    --------
    >>> round(least_rate(np.array(-0.379885), np.array([0.5, 0.5])).item(), 5)
    1.0
    """
    y = -water_level(-2 * K, np.log1p(-c))
    depth = np.maximum(-np.log(np.expm1(np.maximum(y, 0.0)))[..., None] - _log_odds(c), 0.0)
    rate = total(np.where(c > 0, depth, 0.0)) / 2
    rate = np.where(some(c == 1), -K, np.where(y > 0, rate, np.inf))
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

    def __init__(self, w: Floats, c: Floats) -> None:
        self.w, self.c = w, c
        self.shift = some(c == 1)[..., None].astype(float)
        self._guess: Floats | None = None

    def rates(self, log_price: Floats, price_C: Floats) -> Floats:
        """Return the rates; the price of rate is `exp(log_price)`, plus `price_C` where some `c = 1`."""
        w, c = self.w, self.c
        extra, price_C = np.exp(log_price)[:, None], price_C[:, None]
        price = np.where(c == 1, extra, extra + self.shift * price_C)
        label = np.where(c == 1, 0.0, price_C)
        # Twice as large a gain and ambiguity make more rate than wanted; either alone makes less.
        low = np.log(np.maximum(filled_rate(price, w), _label_rate(price, label, c)))
        high = np.log(np.maximum(filled_rate(price / 2, w), _label_rate(price / 2, label, c)))

        def excess(x: Floats) -> tuple[Floats, Floats]:
            r = np.exp(x)
            slope, curvature = self._slope(r, label)
            return np.log(slope / price), r * curvature / slope

        x = decreasing_root(excess, low - _MARGIN, high + _MARGIN, self._guess)
        self._guess = x
        return np.exp(x)

    def _slope(self, r: Floats, label: Floats) -> tuple[Floats, Floats]:
        v, rho = np.exp(-2 * r), correlation_of(r)
        left = 1 - self.c + self.c * v
        slope = 2 * self.w * v / rho + label * self.c * v / left
        return slope, -2 * v * (self.w * (2 - v) / rho**3 + label * self.c * (1 - self.c) / left**2)

    def response(self, r: Floats, price_C: Floats) -> tuple[Floats, Floats]:
        """Return how rates answer the price of rate, and by how much the ambiguity of each falls with its rate."""
        label = np.where(self.c == 1, 0.0, price_C[:, None])
        v = np.exp(-2 * r)
        return 1 / self._slope(r, label)[1], self.c * v / (1 - self.c + self.c * v)


def _label_rate(price: Floats, price_C: Floats, c: Floats) -> Floats:
    """Rate that the label alone wants: the root of `price_C c v / (1 - c + c v) = price`."""
    v = price * (1 - c) / (c * (price_C - price))
    return np.where((price < price_C * c) & (c < 1), -np.log(np.where(v > 0, np.minimum(v, 1.0), 1.0)) / 2, 1e-300)


def shared_rates(target: Floats, K: Floats, w: Floats, c: Floats, start: Floats, *, by: str) -> Floats:
    """Share rate so that both constraints bind.

    Parameters
    ----------
    target : array of shape (points,)
        The rate to be spent (`by="rate"`), or the gain to be reached (`by="gain"`).
    K : array of shape (points,)
        The ambiguity to be met.
    w, c : arrays of shape (points, components)
    start : array of shape (points, components)
        The rates that are best without the label.
    by : {"rate", "gain"}

    Returns
    -------
    array of shape (points, components)
        Where rounding hides the prices, a share that meets both constraints.
    """
    # For a gain, steps end more surely if they begin between the shares that are best for one constraint.
    between = [] if by == "rate" else [(start + ambiguity_rates(least_rate(K, c), c, w)) / 2]
    rates = np.full(start.shape, np.nan)
    for begin in (*between, start):
        left = some(np.isnan(rates))
        rates[left] = _rates_at_once(target[left], K[left], w[left], c[left], begin[left], by=by)
    left = some(np.isnan(rates))
    if left.any():
        search = _rates_of_rate if by == "rate" else _rates_of_gain
        rates[left] = search(target[left], K[left], w[left], c[left], start[left])
    return rates


def _rates_at_once(target: Floats, K: Floats, w: Floats, c: Floats, start: Floats, *, by: str) -> Floats:
    """Find rates and both prices together by Newton's method, which needs about seven steps; NaN where it does not end."""
    found = np.full(start.shape, np.nan)
    # Where a label is a function of its component, the two prices there have only a difference.
    at: Integers = np.flatnonzero(every(c < 1))
    r: Floats = start[at]
    price_R: Floats = mean(2 * w[at] * np.exp(-2 * r) / correlation_of(r))
    price_C: Floats = np.zeros(len(at))
    for _ in range(_TOGETHER):
        change, step_R, step_C, bind = _newton(r, price_R, price_C, target[at], K[at], w[at], c[at], by)
        # The gain is known to its last digit, and with it no more of a small rate.
        small = every(np.abs(change) <= _LAST + _DIGIT / correlation_of(r))
        # Rates stay positive; near zero the gain is linear in the square root of the rate.
        r = r * np.where(change > 0, np.minimum(1 + change, 8.0), np.maximum(1 + change / 2, 0.05) ** 2)
        positive = price_C + step_C > 0
        price_C, price_R = np.where(positive, price_C + step_C, price_C / 10), price_R + step_R
        done = bind & small & positive
        found[at[done]] = r[done]
        on = ~done & every(np.isfinite(r))
        at, r, price_R, price_C = at[on], r[on], price_R[on], price_C[on]
        if not len(at):
            break
    return found


def _newton(
    r: Floats, price_R: Floats, price_C: Floats, target: Floats, K: Floats, w: Floats, c: Floats, by: str
) -> tuple[Floats, Floats, Floats, Booleans]:
    """Return the relative steps of rates, those of the prices, and where both constraints bind by now."""
    # Where a label nearly is a function of its component, what counts is by how much ambiguity falls short of rate, and
    # prices of rate are counted from that of ambiguity.
    near = highest(c)[..., None] > 0.5
    v, rho = np.exp(-2 * r), correlation_of(r)
    left = 1 - c + c * v
    worth, fall = 2 * w * v / rho, c * v / left
    apart = np.where(near, (c - 1) / left, fall)
    bend = 2 * v * (w * (2 - v) / rho**3 + price_C[:, None] * c * (1 - c) / left**2)
    error = worth + price_C[:, None] * apart - price_R[:, None]
    over = ambiguity_of(r, c) - K
    if by == "rate":
        more, told, short = np.ones_like(r), apart, target - total(r)
        spare = np.where(near[:, 0], total(np.log1p((1 - c) * np.expm1(2 * r))) / 2 - (K + target), over)
    else:
        more, told, short, spare = worth / 2, fall, target - total(w * rho), over
    # Rates move by (error + apart * step_C - step_R) / bend, so that both constraints bind then.
    a, b, d, e = (total(x * y / bend) for x, y in ((more, apart), (more, 1), (told, apart), (told, 1)))
    short_then, spare_then = (y - total(x * error / bend) for x, y in ((more, short), (told, spare)))
    whole = b * d - a * e
    step_C, step_R = (b * spare_then - e * short_then) / whole, (a * spare_then - d * short_then) / whole
    change = (error + apart * step_C[:, None] - step_R[:, None]) / bend / r
    return change, step_R, step_C, (np.abs(short) <= _LAST * target) & (np.abs(over) <= -_LAST * K)


def _rates_in_turn(R: Floats, K: Floats, w: Floats, c: Floats) -> Floats:
    """Find the price of ambiguity by a search in which each step finds the price of rate, which finds the rates."""
    priced = Priced(w, c)
    top = np.log(highest(w))
    state: dict[str, Floats] = {}

    def inner(price_C: Floats) -> Floats:
        def left_over(x: Floats) -> tuple[Floats, Floats]:
            r = priced.rates(x, price_C)
            change = priced.response(r, price_C)[0] * np.exp(x)[:, None]
            return np.log(total(r) / R), total(change) / total(r)

        middle = np.log(np.exp(top) + price_C)
        x = decreasing_root(left_over, middle - _WIDE, middle + 300, state.get("x", middle))
        state["x"], state["r"] = x, priced.rates(x, price_C)
        return state["r"]

    def outer(z: Floats) -> tuple[Floats, Floats]:
        price_C = np.exp(z)
        r = inner(price_C)
        answer, fall = priced.response(r, price_C)
        # The price of rate moves with that of ambiguity so that all of the rate goes on to be spent.
        move = total(answer * fall) / total(answer)
        change = answer * (move[:, None] - fall) * price_C[:, None]
        return ambiguity_of(r, c) - K, -total(fall * change)

    z = decreasing_root(outer, top + _CHEAP, top + _DEAR, top)
    return inner(np.exp(z))


def _rates_of_rate(R: Floats, K: Floats, w: Floats, c: Floats, start: Floats) -> Floats:
    """Search for both prices; where rounding hides them, any mix of two shares that meets the constraints is as good."""
    rates = _rates_in_turn(R, K, w, c)
    astray = ~((np.abs(total(rates) / R - 1) <= _LAST) & (np.abs(ambiguity_of(rates, c) - K) <= -_LAST * K))
    if astray.any():
        free, least = start[astray], ambiguity_rates(R[astray], c[astray], w[astray])

        def mixed(t: Floats, free: Floats, least: Floats) -> Floats:
            return free + t[:, None] * (least - free)

        def spare(t: Floats, free: Floats, least: Floats, K: Floats, c: Floats) -> Floats:
            return K - ambiguity_of(mixed(t, free, least), c)

        ends = np.zeros(len(free)), np.ones(len(free))
        rates[astray] = mixed(root_between(spare, *ends, free, least, K[astray], c[astray]), free, least)
    return rates


def _rates_of_gain(g: Floats, K: Floats, w: Floats, c: Floats, start: Floats) -> Floats:
    """Find the rate of which the best share has the gain: shares of a rate are found more surely than those of a gain."""
    least = least_rate(K, c)
    # What is enough for either constraint alone is enough for both.
    most = total(np.maximum(start, ambiguity_rates(least, c, w)))

    def more(R: Floats, g: Floats, K: Floats, w: Floats, c: Floats) -> Floats:
        return gain_of(best_rates(R, K, w, c), w) - g

    return best_rates(root_between(more, least, most, g, K, w, c), K, w, c)


def prices(rates: Floats, w: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Estimate the prices of rate and of classification, that of distortion being one, at the best rates.

    Examples
    --------
    >>> w = np.array([2.0, 1.0])
    >>> round(prices(filled_rate(rate_level(np.array(1.0), w), w), w, np.array([0.5, 0.9]))[0].item(), 6)
    1.331082
    """
    with np.errstate(all="ignore"):
        v = np.exp(-2 * rates)
        worth, fall = 2 * w * v / correlation_of(rates), c * v / (1 - c + c * v)
        # At the optimum worth = price_R - price_C fall, for every component.
        apart = fall - mean(fall)[..., None]
        square = total(apart * apart)
        price_C = np.where(square > 0, -total(apart * worth) / np.where(square > 0, square, 1.0), 0.0)
        return mean(worth) + price_C * mean(fall), price_C


# Shares --------------------------------------------------------------------------------------------------------------


def best_rates(R: Floats, K: Floats, w: Floats, c: Floats) -> Floats:
    """Share the rate `R` for the largest gain of an ambiguity of at most `K`.

    Parameters
    ----------
    R, K : arrays of shape (points,)
    w, c : arrays of shape (points, components)

    Returns
    -------
    array of shape (points, components)
        Where no share has so little ambiguity, the share of the least.

    Examples
    --------
    >>> w, c = np.array([[2.0, 1.0]]), np.array([[0.5, 0.9]])
    >>> best_rates(np.array([1.0]), np.array([-0.7]), w, c).round(4).tolist()
    [[0.2833, 0.7167]]
    """
    with np.errstate(all="ignore"):
        rates = filled_rate(rate_level(R, w)[..., None], w)
        # One component has all of the rate, whatever rounding says of its ambiguity.
        several = w.shape[-1] > 1
        both = several & (R > 0) & (np.inf > R) & (ambiguity_of(rates, c) > K) & some(c > 0)
        if both.any():
            low = both & (least_ambiguity(R, c) >= K)
            rates[low] = ambiguity_rates(R[low], c[low], w[low])
            both &= ~low
        if both.any():
            rates[both] = shared_rates(R[both], K[both], in_units(w[both]), c[both], rates[both], by="rate")
    return rates


def dearest_rates(g: Floats, K: Floats, w: Floats, c: Floats) -> Floats:
    """Find rates of the least sum with a gain of at least `g` and an ambiguity of at most `K`; infinite if there are none.

    Parameters and returns are as for `best_rates`.

    Examples
    --------
    >>> w, c = np.array([[2.0, 1.0]]), np.array([[0.5, 0.9]])
    >>> dearest_rates(np.array([2.18801]), np.array([-0.7]), w, c).round(4).tolist()
    [[0.2833, 0.7167]]
    """
    with np.errstate(all="ignore"):
        rates = filled_rate(gain_level(g, w)[..., None], w)
        least = least_rate(K, c)
        # No finite rate reaches the sum of the weights.
        rates[(g >= total(w)) | ~np.isfinite(least)] = np.inf
        short = every(np.isfinite(rates)) & (ambiguity_of(rates, c) > K)
        if short.any():
            alone = ambiguity_rates(np.where(short, least, 0.0), c, w)
            enough = short & (gain_of(alone, w) >= g)
            rates[enough] = alone[enough]
            short &= ~enough
        if short.any():
            gain = g[short] / units_of(w[short])[:, 0]
            rates[short] = shared_rates(gain, K[short], in_units(w[short]), c[short], rates[short], by="gain")
    return rates
