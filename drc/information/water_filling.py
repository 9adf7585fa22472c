"""Water-filling as named functions for sympy, numpy and balls: what a vector Gaussian problem leaves implicit.

Arguments are in nats: first the bounds, then the weights `w_i = sigma_X sigma_Y` or the squared correlations
`c_i = rho_SX^2` of label and source of all components, or first the ones and then the others.  `numeric` broadcasts over
all of them; `enclose` returns a ball that holds the value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from drc.information import allocation, spread
from drc.information.function import OfNumbers

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import ArrayLike


class ImplicitBase(OfNumbers):
    """A real function that is defined by an equation or a program; see the subclasses.

    Sympy's printers look for methods of a base class of functions only if its name ends in "Base".
    """

    is_extended_real = True

    #: How a paper sets it, in LaTeX: `{0}` is the first bound; `r_i`, `rho_i`, `a_i` are rate, correlation and ambiguity.
    in_a_paper = ""

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        from flint import arb, ctx

        if self.free_symbols:
            return None
        with ctx.workprec(prec + 64):
            value = self.enclose(*(_ball_of(arg) for arg in self.args))
            if not value.is_finite():
                return -sp.oo if value < 0 else sp.oo
            return sp.Float(arb(value.mid()).str(int(prec * 0.302) + 5, radius=False), precision=prec)


class rate_level(ImplicitBase):
    """`rate_level(R, w_1, ..., w_n)`: the price `lambda` at which water-filling spends the rate `R`.

    The root of `sum_i -1/2 log(1 - rho_i^2) = R`, where `lambda rho_i = 2 w_i (1 - rho_i^2)`; infinite at `R = 0`.

    Examples
    --------
    >>> round(rate_level.numeric(1.0, 2.0, 1.0).item(), 6)
    1.331082
    """

    in_a_paper = r"\left\{\lambda : \sum_i r_i(\lambda) = {0}\right\}"
    spread = staticmethod(spread.of_rate_level)

    @classmethod
    def eval(cls, R: sp.Expr, *w: sp.Expr) -> sp.Expr | None:
        """An infinite rate has no price."""
        return sp.S.Zero if R is sp.oo else None

    @staticmethod
    def numeric(R: ArrayLike, *w: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (R,), w, _ = _stacked((R,), w)
        with np.errstate(all="ignore"):
            return allocation.rate_level(R, w)

    @staticmethod
    def enclose(R: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        if not R > 0:
            return _infinity()
        if not R.is_finite():
            return _nothing()
        top = _largest(w)
        # The heaviest component has the largest share of the rate: between R / n and R.
        ends = (_log_price(r, top) for r in (R, R / len(w)))
        return _enclosed_level(lambda level: sum(_filled_rate(level, e) for e in w) - R, *ends)


class gain_level(ImplicitBase):
    """`gain_level(g, w_1, ..., w_n)`: the price `lambda` at which water-filling reaches the gain `sum w_i rho_i = g`.

    With `lambda rho_i = 2 w_i (1 - rho_i^2)`; infinite at `g <= 0`, and zero from `g = sum w_i` on.

    Examples
    --------
    >>> round(gain_level.numeric(2.0, 2.0, 1.0).item(), 6)
    2.584877
    """

    in_a_paper = r"\left\{\lambda : \sum_i w_i \rho_i(\lambda) = {0}\right\}"
    spread = staticmethod(spread.of_gain_level)

    @staticmethod
    def numeric(g: ArrayLike, *w: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (g,), w, _ = _stacked((g,), w)
        with np.errstate(all="ignore"):
            return allocation.gain_level(g, w)

    @staticmethod
    def enclose(g: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        if not g > 0:
            return _infinity()
        if not g < sum(w):
            return arb(0)
        share = g / sum(w)
        # A heavier component has a larger correlation, so that the average lies between the extreme ones.
        ends = ((2 * e * (1 - share) * (1 + share) / share).log() for e in (-_largest([-e for e in w]), _largest(w)))
        return _enclosed_level(lambda level: sum(_filled_gain(level, e) for e in w) - g, *ends)


class reverse_level(ImplicitBase):
    """`reverse_level(R, w_1, ..., w_n)`: the price at which reverse water-filling spends the rate `R`.

    The root of `sum_i max(0, 1/2 log(4 w_i / lambda)) = R`: without common randomness `rho_i = 1 - exp(-2 r_i)`.

    Examples
    --------
    >>> round(reverse_level.numeric(1.0, 2.0, 1.0).item(), 6)
    2.08104
    """

    in_a_paper = r"\left\{\lambda : \sum_i r_i(\lambda) = {0}\right\}"
    spread = staticmethod(spread.of_reverse_level)

    @classmethod
    def eval(cls, R: sp.Expr, *w: sp.Expr) -> sp.Expr | None:
        """An infinite rate has no price."""
        return sp.S.Zero if R is sp.oo else None

    @staticmethod
    def numeric(R: ArrayLike, *w: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (R,), w, _ = _stacked((R,), w)
        heights = np.sort(-np.log(w), axis=-1)
        count = np.arange(1, w.shape[-1] + 1)
        return 4 * np.exp(-((2 * R[..., None] + np.cumsum(heights, axis=-1)) / count).min(axis=-1))

    @staticmethod
    def enclose(R: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        heights = sorted((-e.log() for e in w), key=float)
        total = 2 * R
        level = total + heights[0]
        for k, height in enumerate(heights, 1):
            total = total + height
            level = level.min(total / k)
        return 4 * (-level).exp()


class least_ambiguity(ImplicitBase):
    """`least_ambiguity(R, c_1, ..., c_n)`: the least `sum_i 1/2 log(1 - c_i + c_i exp(-2 r_i))` for `sum_i r_i = R`.

    Examples
    --------
    >>> round(least_ambiguity.numeric(1.0, 0.5, 0.5).item(), 6)
    -0.379885
    """

    in_a_paper = r"\min \left\{\sum_i a_i : \sum_i r_i = {0}\right\}"
    spread = staticmethod(spread.of_least_ambiguity)

    @staticmethod
    def numeric(R: ArrayLike, *c: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (R,), c, _ = _stacked((R,), c)
        with np.errstate(all="ignore"):
            return allocation.least_ambiguity(R, c)

    @staticmethod
    def enclose(R: arb, *c: arb) -> arb:
        """Enclose the value in a ball."""
        from drc.information.allocation_balls import Components

        if any(e == 1 for e in c):
            return -R
        if not R.is_finite():
            return sum((1 - e).log() / 2 for e in c)
        return Components(c, c).ambiguity(_ambiguity_rates(R, c))


class least_rate(ImplicitBase):
    """`least_rate(K, c_1, ..., c_n)`: the least rate `R` with `least_ambiguity(R, c_1, ..., c_n) <= K`; oo if none.

    Examples
    --------
    >>> round(least_rate.numeric(-0.379885, 0.5, 0.5).item(), 5)
    1.0
    """

    in_a_paper = r"\min \left\{\sum_i r_i : \sum_i a_i = {0}\right\}"
    spread = staticmethod(spread.of_least_rate)

    @staticmethod
    def numeric(K: ArrayLike, *c: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (K,), c, _ = _stacked((K,), c)
        with np.errstate(all="ignore"):
            return allocation.least_rate(K, c)

    @staticmethod
    def enclose(K: arb, *c: arb) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        if K >= 0:
            return arb(0)
        if any(e == 1 for e in c):
            return -K
        labelled = sorted((e for e in c if e > 0), key=float, reverse=True)
        y, total = arb(0), 2 * K
        for k, e in enumerate(labelled, 1):
            total = total - (1 - e).log()
            y = y.max(total / k)
        if not y > 0:
            return arb("inf")
        level = -y.expm1().log()
        return sum(((level - ((1 - e) / e).log()).max(arb(0)) / 2 for e in labelled), arb(0))


class gain_of_least_ambiguity(ImplicitBase):
    """`gain_of_least_ambiguity(R, w_1, ..., w_n, c_1, ..., c_n)`: the largest gain at the least ambiguity for `R`.

    Examples
    --------
    >>> round(gain_of_least_ambiguity.numeric(1.0, 2.0, 1.0, 0.5, 0.9).item(), 6)
    0.929873
    """

    in_a_paper = r"\left\{\sum_i w_i \rho_i : \sum_i a_i = \min, \sum_i r_i = {0}\right\}"
    spread = staticmethod(spread.of_gain_of_least_ambiguity)

    @staticmethod
    def numeric(R: ArrayLike, *components: ArrayLike) -> np.ndarray:
        """Evaluate on arrays."""
        (R,), w, c = _stacked((R,), components, halves=True)
        with np.errstate(all="ignore"):
            shared = allocation.ambiguity_rates(np.where(np.isfinite(R), R, 0.0), c, w)
        gain = (w * allocation.correlation_of(shared)).sum(axis=-1)
        return np.where(np.isfinite(R), gain, w.sum(axis=-1))

    @staticmethod
    def enclose(R: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        from drc.information.allocation_balls import Components

        w, c = _halves(components)
        known = [e for e, label in zip(w, c, strict=True) if label == 1]
        if known and R > 0:
            level = rate_level.enclose(R, *known)
            return sum((_filled_gain(level, e) for e in known), arb(0))
        return Components(w, c).gain(_ambiguity_rates(R, c))


class shared_gain(ImplicitBase):
    """`shared_gain(R, K, w_1, ..., w_n, c_1, ..., c_n)`: the largest gain for a rate and an ambiguity.

    The largest `sum_i w_i sqrt(1 - exp(-2 r_i))` over rates of at most the sum `R` and the ambiguity `K`.

    Examples
    --------
    >>> round(shared_gain.numeric(1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 6)
    2.18801
    """

    in_a_paper = r"\max \left\{\sum_i w_i \rho_i : \sum_i r_i \le {0}, \sum_i a_i \le {1}\right\}"

    @staticmethod
    def numeric(R: ArrayLike, K: ArrayLike, *components: ArrayLike) -> np.ndarray:
        """Evaluate on arrays; where no rates have so little ambiguity, the gain at the least."""
        return shared_gain.numeric_with_error([0.0] * (2 + len(components)), R, K, *components)[0]

    @staticmethod
    def numeric_with_error(errors: list, R: ArrayLike, K: ArrayLike, *components: ArrayLike):
        """Evaluate on arrays; return a bound on the relative errors too."""
        (R, K), w, c = _stacked((R, K), components, halves=True)
        rates = best_rates(R, K, w, c)
        gain = (w * allocation.correlation_of(rates)).sum(axis=-1)
        with np.errstate(all="ignore"):
            return gain, spread.of_shared_gain(errors, gain, rates, R, K, w, c)

    @staticmethod
    def enclose(R: arb, K: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        from flint import arb

        from drc.information.allocation_balls import Components, Start

        w, c = _halves(components)
        if len(w) == 1:
            return gain_of_least_ambiguity.enclose(R, *w, arb(1))
        w, unit = _in_a_unit(w)
        floats = _floats(R, K, w, c)
        rates = best_rates(*floats)[0]
        start = Start(tuple(rates), *allocation.prices(rates, *floats[2:]))
        parts = Components(w, c)
        for binding in (None, K):
            inside = (binding is not None and binding - _margin()) or None
            found = parts.sharpen(start, R - _margin(), inside, by="rate")
            if found is None or not (sum(found.rates) <= R and parts.ambiguity(found.rates) <= K):
                continue
            least = parts.lagrangian((found.price_R, 1, abs(found.price_C)), found.rates)
            if least is not None:
                above = -(least - found.price_R * R - abs(found.price_C) * K) / 2
                return unit * parts.gain(found.rates).union(above)
        return _unknown()


class shared_share(ImplicitBase):
    """`shared_share(i, R, K, w_1, ..., w_n, c_1, ..., c_n)`: the rate of component `i` in `shared_gain(R, K, ...)`.

    Examples
    --------
    >>> round(shared_share.numeric(1, 1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 4)
    0.2833
    """

    in_a_paper = r"r_{0}"

    @staticmethod
    def numeric(i: ArrayLike, R: ArrayLike, K: ArrayLike, *components: ArrayLike) -> np.ndarray:
        """Evaluate on arrays; `i` is one number, counted from one."""
        (R, K), w, c = _stacked((R, K), components, halves=True)
        return best_rates(R, K, w, c)[..., int(i) - 1]


class shared_rate(ImplicitBase):
    """`shared_rate(g, K, w_1, ..., w_n, c_1, ..., c_n)`: the least rate for a gain and an ambiguity.

    The least `sum_i r_i` over rates of at least the gain `g` and at most the ambiguity `K`.

    Examples
    --------
    >>> round(shared_rate.numeric(2.18801, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 5)
    1.0
    """

    in_a_paper = r"\min \left\{\sum_i r_i : \sum_i w_i \rho_i \ge {0}, \sum_i a_i \le {1}\right\}"

    @staticmethod
    def numeric(g: ArrayLike, K: ArrayLike, *components: ArrayLike) -> np.ndarray:
        """Evaluate on arrays; infinite where no finite rate will do."""
        return shared_rate.numeric_with_error([0.0] * (2 + len(components)), g, K, *components)[0]

    @staticmethod
    def numeric_with_error(errors: list, g: ArrayLike, K: ArrayLike, *components: ArrayLike):
        """Evaluate on arrays; return a bound on the relative errors too."""
        (g, K), w, c = _stacked((g, K), components, halves=True)
        rates = dearest_rates(g, K, w, c)
        with np.errstate(all="ignore"):
            return rates.sum(axis=-1), spread.of_shared_rate(errors, rates, g, K, w, c)

    @staticmethod
    def enclose(g: arb, K: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        from drc.information.allocation_balls import Components, Start

        w, c = _halves(components)
        least = least_rate.enclose(K, *c)
        if not least.is_finite() or gain_of_least_ambiguity.enclose(least, *components) >= g:
            return least
        if len(w) == 1:
            return least.max(_filled_rate(gain_level.enclose(g, *w), w[0]))
        w, unit = _in_a_unit(w)
        g = g / unit
        floats = _floats(g, K, w, c)
        rates = dearest_rates(*floats)[0]
        if not np.isfinite(rates).all():
            return _unknown()
        start = Start(tuple(rates), *allocation.prices(rates, *floats[2:]))
        parts = Components(w, c)
        for binding in (None, K):
            inside = (binding is not None and binding - _margin()) or None
            found = parts.sharpen(start, g + _margin(), inside, by="gain")
            if found is None or not (parts.gain(found.rates) >= g and parts.ambiguity(found.rates) <= K):
                continue
            least = parts.lagrangian((found.price_R, 1, abs(found.price_C)), found.rates)
            if least is not None:
                below = (least + 2 * g - abs(found.price_C) * K) / found.price_R
                return sum(found.rates).union(below)
        return _unknown()


# Shares ---------------------------------------------------------------------------------------------------------------


def best_rates(R: np.ndarray, K: np.ndarray, w: np.ndarray, c: np.ndarray) -> np.ndarray:
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
        rates = allocation.filled_rate(allocation.rate_level(R, w)[..., None], w)
        both = (R > 0) & (np.inf > R) & (allocation.ambiguity_of(rates, c) > K) & (c > 0).any(axis=-1)
        if both.any():
            low = both & (allocation.least_ambiguity(R, c) >= K)
            rates[low] = allocation.ambiguity_rates(R[low], c[low], w[low])
            both &= ~low
        if both.any():
            rates[both] = allocation.shared_rates(R[both], K[both], allocation.in_units(w[both]), c[both], by="rate")
    return rates


def dearest_rates(g: np.ndarray, K: np.ndarray, w: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Find rates of the least sum with a gain of at least `g` and an ambiguity of at most `K`; infinite if there are none.

    Parameters and returns are as for `best_rates`.

    Examples
    --------
    >>> w, c = np.array([[2.0, 1.0]]), np.array([[0.5, 0.9]])
    >>> dearest_rates(np.array([2.18801]), np.array([-0.7]), w, c).round(4).tolist()
    [[0.2833, 0.7167]]
    """
    with np.errstate(all="ignore"):
        rates = allocation.filled_rate(allocation.gain_level(g, w)[..., None], w)
        least = allocation.least_rate(K, c)
        # No finite rate reaches the sum of the weights.
        rates[(g >= w.sum(axis=-1)) | ~np.isfinite(least)] = np.inf
        short = np.isfinite(rates).all(axis=-1) & (allocation.ambiguity_of(rates, c) > K)
        if short.any():
            alone = allocation.ambiguity_rates(np.where(short, least, 0.0), c, w)
            enough = short & ((w * allocation.correlation_of(alone)).sum(axis=-1) >= g)
            rates[enough] = alone[enough]
            short &= ~enough
        if short.any():
            gain = g[short] / allocation.units_of(w[short])[:, 0]
            rates[short] = allocation.shared_rates(gain, K[short], allocation.in_units(w[short]), c[short], by="gain")
    return rates


# Helpers --------------------------------------------------------------------------------------------------------------


def _stacked(bounds: Sequence[ArrayLike], components: Sequence[ArrayLike], *, halves: bool = False):
    """Broadcast bounds and components; the components become a last axis, in one array or in two halves."""
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in (*bounds, *components)))
    bounds, rest = arrays[: len(bounds)], arrays[len(bounds) :]
    middle = len(rest) // 2 if halves else len(rest)
    second = np.stack(rest[middle:], axis=-1) if halves else None
    return bounds, np.stack(rest[:middle], axis=-1), second


def _halves(components: Sequence[Any]) -> tuple[tuple, tuple]:
    middle = len(components) // 2
    return tuple(components[:middle]), tuple(components[middle:])


def _in_a_unit(w: Sequence[arb]) -> tuple[tuple[arb, ...], arb]:
    """Return the weights in such a unit, and the unit, which may be out of the range of doubles."""
    from flint import arb

    largest = _largest(w).mid()
    unit = arb(2) ** int((largest.log() / arb.const_log2()).floor().mid().fmpz()) if largest > 0 else arb(1)
    return tuple(e / unit for e in w), unit


def _floats(first: arb, K: arb, w: Sequence[arb], c: Sequence[arb]) -> tuple[np.ndarray, ...]:
    columns = [np.array([[float(x) for x in row]]) for row in (w, c)]
    return np.array([float(first)]), np.array([float(K)]), *columns


def _ball_of(value: sp.Expr) -> arb:
    """Return a number as a ball, to the working precision."""
    from flint import arb, ctx

    if value.is_infinite:
        return arb("inf") if value > 0 else arb("-inf")
    # Not by evaluation alone: whether a squared correlation is one must be decided.
    return arb(int(value)) if value.is_Integer else arb(str(sp.N(value, int(ctx.prec * 0.302) + 5)))


def _infinity() -> arb:
    from flint import arb

    return arb("inf")


def _unknown() -> arb:
    """A ball of which only is known that it is not negative."""
    return _nothing().union(_infinity())


def _margin() -> Any:
    """How far inside the constraints a point is looked for that is surely feasible: more than it is rounded by."""
    from flint import ctx, fmpq

    return fmpq(1, 2 ** (5 * ctx.prec // 8))


def _filled_rate(level: arb, w: arb) -> arb:
    u = (4 * w / level) ** 2
    return (u / (2 + 2 * (1 + u).sqrt())).log1p() / 2


def _filled_gain(level: arb, w: arb) -> arb:
    return 4 * w**2 / (level + (level**2 + 16 * w**2).sqrt())


def ambiguity_level(R: arb, c: Sequence[arb]) -> arb | None:
    """Enclose the level of water over the ground `log((1 - c)/c)`, no `c` being 1; None if all are 0.

    Examples
    --------
    >>> from flint import arb
    >>> float(ambiguity_level(arb(1), [arb(0.5), arb(0.5)]))
    1.0
    """
    heights = sorted((((1 - e) / e).log() for e in c if e > 0), key=float)
    total, level = 2 * R, None
    for k, height in enumerate(heights, 1):
        total = total + height
        level = total / k if level is None else level.min(total / k)
    return level


def _ambiguity_rates(R: arb, c: Sequence[arb]) -> list[arb]:
    """Share of least ambiguity, no `c` being 1."""
    from flint import arb

    level: Any = ambiguity_level(R, c)  # None only where all c are 0
    return [(level - ((1 - e) / e).log()).max(arb(0)) / 2 if e > 0 else arb(0) for e in c]


def _enclosed_level(excess: Any, low: arb, high: arb) -> arb:
    """Enclose the root of a decreasing function of the level, by false position on the logarithm of the level.

    The bracket is that of the logarithm; the signs on both sides of what is returned are proved.
    """
    from flint import arb, ctx

    a, b = (low - 1).mid(), (high + 1).mid()
    f_a, f_b = excess(a.exp()).mid(), excess(b.exp()).mid()
    for _ in range(8 * ctx.prec):
        x = (a - f_a * (b - a) / (f_b - f_a)).mid() if f_a > f_b else (a + b) / 2
        if not a < x < b:
            x = ((a + b) / 2).mid()
        if not a < x < b or b - a < arb(2) ** (8 - ctx.prec):
            break
        value = excess(x.exp()).mid()
        # The end that stays counts half, so that both ends move.
        if value > 0:
            a, f_a, f_b = x, value, f_b / 2
        else:
            b, f_b, f_a = x, value, f_a / 2
    level = ((a + b) / 2).exp().mid()
    for bits in range(ctx.prec - 12, 0, -8):
        below, above = level * (1 - arb(2) ** -bits), level * (1 + arb(2) ** -bits)
        if excess(below) > 0 and excess(above) < 0:
            return below.union(above)
    return _unknown()


def _largest(values: Sequence[arb]) -> arb:
    largest = values[0]
    for value in values[1:]:
        largest = largest.max(value)
    return largest


def _log_price(r: arb, w: arb) -> arb:
    """Logarithm of the price at which a component has rate `r`: `2 w v / rho`."""
    return (2 * w).log() - 2 * r - (-(-2 * r).expm1()).log() / 2


def _nothing() -> arb:
    from flint import arb

    return arb(0)
