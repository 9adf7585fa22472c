"""Shares of rate among Gaussian components in ball arithmetic: sharpened, and bounded by duality.

For prices `price_R`, `price_D`, `price_C >= 0` and the components of `allocation`, the least of

    sum_i phi_i(r_i),    phi(r) = price_R r - 2 price_D w sqrt(1 - v) + price_C/2 log(1 - c + c v),    v = exp(-2 r)

bounds every problem from below by weak duality ([boyd2004], section 5.1).  Each `phi_i` is convex, so a point with a
small slope between two points with slopes of opposite signs encloses its minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import arb, ctx, fmpq

from drc.types import Number

#: Widths, as powers of two, of the intervals tried around a minimum.
_WIDTHS = (-140, -100, -60, -30, -10, -2)


@dataclass(frozen=True, eq=False)
class Components:
    """Weights `w` and squared correlations `c = rho_SX^2`, exact or balls."""

    w: Sequence[Number]
    c: Sequence[Number]

    def gain(self, rates: Sequence[Number]) -> arb:
        """Enclose `sum w rho` at some rates."""
        return sum((w * _correlation(r) for w, r in zip(self.w, rates, strict=True)), arb(0))

    def ambiguity(self, rates: Sequence[Number]) -> arb:
        """Enclose `sum 1/2 log(1 - c + c v)` at some rates."""
        return sum((_ambiguity(c, r) for c, r in zip(self.c, rates, strict=True)), arb(0))

    def lagrangian(self, prices: Sequence[Number], rates: Sequence[Number]) -> arb | None:
        """Bound the sum of the `phi_i` from below over all rates.

        Parameters
        ----------
        prices : the prices of rate, distortion and classification
        rates : where the minimum is expected

        Returns
        -------
        arb or None
            None if no bound was proved.
        """
        total = arb(0)
        for w, c, r in zip(self.w, self.c, rates, strict=True):
            least = _least(prices, w, c, r)
            if least is None:
                return None
            total += least
        return total

    def sharpen(self, start: Start, target: Number, K: Number | None, *, by: str) -> Start | None:
        """Solve the conditions of Karush, Kuhn and Tucker to the working precision by Newton's method.

        Parameters
        ----------
        start : rates and prices in double precision, those of distortion being one
        target : the rate to be spent, or the gain to be reached
        K : the ambiguity to be met, or None if it does not bind
        by : {"rate", "gain"}

        Returns
        -------
        Start or None
            None if the steps do not become small.
        """
        r, price_R = [arb(x) for x in start.rates], arb(start.price_R)
        price_C = arb(0) if K is None else arb(start.price_C)
        for _ in range(60):
            step = self._step(r, price_R, price_C, target, K, by)
            if step is None:
                return None
            moves, move_R, move_C = step
            small = all(abs(d) < x * arb(2) ** (24 - ctx.prec // 2) for d, x in zip(moves, r, strict=True))
            r = [(x + d if x + d > x / 8 else x / 8).mid() for x, d in zip(r, moves, strict=True)]
            price_R, price_C = (price_R + move_R).mid(), (price_C + move_C).mid()
            if small:
                return Start(tuple(r), price_R, price_C)
        return None

    def _step(self, r: list, price_R: arb, price_C: arb, target: Number, K: Number | None, by: str):
        """Return a step of Newton's method in rates and prices; all that couples the rates are the constraints."""
        slopes, bends, falls, worth = [], [], [], []
        for w, c, x in zip(self.w, self.c, r, strict=True):
            v, rho = (-2 * x).exp(), _correlation(x)
            left = 1 - c + c * v
            slopes.append((price_R - 2 * w * v / rho - price_C * c * v / left).mid())
            bends.append((2 * v * (w * (2 - v) / rho**3 + price_C * c * (1 - c) / left**2)).mid())
            falls.append((c * v / left).mid())
            worth.append(arb(1) if by == "rate" else (w * v / rho).mid())
        have = sum(r, arb(0)) if by == "rate" else self.gain(r)

        def over(a: list, b: list) -> arb:
            return sum((x * y / h for x, y, h in zip(a, b, bends, strict=True)), arb(0)).mid()

        ones = [arb(1)] * len(r)
        first = (over(worth, slopes) - have + target).mid()
        if K is None:
            move_R, move_C = -first / over(worth, ones), arb(0)
        else:
            second = (over(falls, slopes) - K + self.ambiguity(r)).mid()
            a, b, d, e = over(worth, ones), over(worth, falls), over(falls, ones), over(falls, falls)
            determinant = a * e - b * d
            if determinant.contains(0):
                return None
            move_R, move_C = (-first * e + second * b) / determinant, (second * a - first * d) / determinant
        moves = [-(s + move_R - q * move_C) / h for s, q, h in zip(slopes, falls, bends, strict=True)]
        # first: sum worth (r + dr) = target;  second: ambiguity - sum falls dr = K.
        return ([m.mid() for m in moves], move_R.mid(), move_C.mid()) if all(m.is_finite() for m in moves) else None


#: The price of what nothing bounds.
_FREE = fmpq(0)


@dataclass(frozen=True)
class Start:
    """Rates, and prices of rate and of classification where that of distortion is one."""

    rates: tuple
    price_R: Number
    price_C: Number = _FREE


def _correlation(r: Number) -> arb:
    return (-(-2 * arb(r)).expm1()).sqrt()


def _ambiguity(c: Number, r: Number) -> arb:
    if c == 1:
        return -arb(r)
    return (c * (-2 * arb(r)).expm1()).log1p() / 2


def _least(prices: Sequence[Number], w: Number, c: Number, r: Number) -> arb | None:
    """Bound `phi` from below over `r >= 0`."""
    price_R, price_D, price_C = prices
    if price_D == 0 and price_R >= price_C * c:
        return arb(0)  # phi grows from phi(0) = 0 on
    if price_R == 0:
        # phi falls to its limit; an infinite one bounds nothing.
        bound = -2 * price_D * w + (price_C * (1 - arb(c)).log() / 2 if price_C != 0 else 0)
        return arb(bound) if arb(bound).is_finite() else None
    if not r > 0:
        return None
    for width in _WIDTHS:
        low, high = r * (1 - fmpq(2) ** width), r * (1 + fmpq(2) ** width)
        if _slope(prices, w, c, low) < 0 and _slope(prices, w, c, high) > 0:
            # A convex function lies above its tangent, and its minimum is between the two.
            value = price_R * r - 2 * price_D * w * _correlation(r) + price_C * _ambiguity(c, r)
            return value - abs(_slope(prices, w, c, r)) * (high - low)
    return None


def _slope(prices: Sequence[Number], w: Number, c: Number, r: Number) -> arb:
    price_R, price_D, price_C = prices
    v = (-2 * arb(r)).exp()
    left = 1 - c + c * v
    return price_R - 2 * price_D * w * v / _correlation(r) - price_C * c * v / left
