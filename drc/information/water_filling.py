"""Water-filling as named functions for sympy, numpy and balls: what a vector Gaussian problem leaves implicit.

Arguments are in nats: first the bounds, then the weights `w_i = sigma_X sigma_Y` or the squared correlations
`c_i = rho_SX^2` of label and source of all components, or first the ones and then the others.  `numeric` broadcasts over
all of them; `enclose` returns a ball that holds the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import accumulate, combinations
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import sympy as sp
from flint import arb, ctx, fmpq

from drc.information import allocation, spread
from drc.information.allocation import best_rates as best_rates
from drc.information.allocation import dearest_rates as dearest_rates
from drc.information.allocation_balls import Components, Start
from drc.information.function import OfNumbers
from drc.information.last_axis import total
from drc.information.roots import enclosed_root

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from drc.types import Floats

Part = TypeVar("Part")


class ImplicitBase(OfNumbers):
    """A real function that is defined by an equation or a program; see the subclasses.

    Sympy's printers look for methods of a base class of functions only if its name ends in "Base".
    """

    is_extended_real = True

    #: How a paper sets it, in LaTeX: `{0}` is the first bound; `r_i`, `rho_i`, `a_i` are rate, correlation and ambiguity.
    in_a_paper = ""

    #: The function on arrays, of the bounds and of the components behind the last axis, in one array or in two halves.
    on_arrays: Callable[..., Floats]
    bounds, halves = 1, False

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Differentiate with respect to a bound; derivatives with respect to components stay unevaluated."""
        slopes = self._slopes
        return slopes[argindex - 1] if argindex <= len(slopes) else super().fdiff(argindex)

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """The derivatives with respect to the bounds, where they are known."""
        return ()

    @classmethod
    def numeric(cls, *args: ArrayLike) -> Floats:
        """Evaluate on arrays."""
        with np.errstate(all="ignore"):
            return cls.on_arrays(*cls._stacked(args))

    @classmethod
    def _stacked(cls, args: Sequence[ArrayLike]) -> list[Floats]:
        arrays = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in args))
        bounds, rest = arrays[: cls.bounds], arrays[cls.bounds :]
        return [*bounds, *(np.stack(part, axis=-1) for part in (_halves(rest) if cls.halves else (rest,)))]


class _Price(ImplicitBase):
    """The price of a nat at which components spend a rate; at an infinite rate it is 0."""

    in_a_paper = r"\left\{\lambda : \sum_i r_i(\lambda) = {0}\right\}"

    @classmethod
    def eval(cls, R: sp.Expr, *w: sp.Expr) -> sp.Expr | None:
        """Close the form at infinity."""
        return sp.S.Zero if R is sp.oo else None


class rate_level(_Price):
    """`rate_level(R, w_1, ..., w_n)`: the price `lambda` at which water-filling spends the rate `R`.

    The root of `sum_i -1/2 log(1 - rho_i^2) = R`, where `lambda rho_i = 2 w_i (1 - rho_i^2)`; infinite at `R = 0`.

    Examples
    --------
    >>> round(rate_level.numeric(1.0, 2.0, 1.0).item(), 6)
    1.331082
    """

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function: one over the sum of the slopes of the rates."""
        squares = [(4 * e / self) ** 2 for e in self.args[1:]]
        return (-2 * self / sum(u / (1 + u + sp.sqrt(1 + u)) for u in squares),)

    spread = staticmethod(spread.of_rate_level)
    on_arrays = staticmethod(allocation.rate_level)

    @staticmethod
    def enclose(R: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        if not R > 0 or not R.is_finite():
            return arb(0) if R > 0 else arb.pos_inf()
        top = _largest(w)
        # The heaviest component has the largest share of the rate: between R / n and R.
        ends = (_log_price(r, top) for r in (R, R / len(w)))
        return _enclosed_level(lambda level: R - sum(_filled_rate(level, e) for e in w), *ends)


class gain_level(ImplicitBase):
    """`gain_level(g, w_1, ..., w_n)`: the price `lambda` at which water-filling reaches the gain `sum w_i rho_i = g`.

    With `lambda rho_i = 2 w_i (1 - rho_i^2)`; infinite at `g <= 0`, and zero from `g = sum w_i` on.

    Examples
    --------
    >>> round(gain_level.numeric(2.0, 2.0, 1.0).item(), 6)
    2.584877
    """

    in_a_paper = r"\left\{\lambda : \sum_i w_i \rho_i(\lambda) = {0}\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function: one over the sum of the slopes of the gains."""
        pairs = [(e, sp.sqrt(self**2 + 16 * e**2)) for e in self.args[1:]]
        return (-1 / sum(4 * e**2 / ((self + root) * root) for e, root in pairs),)  # pyright: ignore[reportReturnType] (sympy)

    spread = staticmethod(spread.of_gain_level)
    on_arrays = staticmethod(allocation.gain_level)

    @staticmethod
    def enclose(g: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        if not g > 0:
            return arb.pos_inf()
        if not g < sum(w):
            return arb(0)
        share = g / sum(w)
        # A heavier component has a larger correlation, so that the average lies between the extreme ones.
        ends = ((2 * e * (1 - share) * (1 + share) / share).log() for e in (-_largest([-e for e in w]), _largest(w)))
        return _enclosed_level(lambda level: g - sum(_filled_gain(level, e) for e in w), *ends)


class reverse_level(_Price):
    """`reverse_level(R, w_1, ..., w_n)`: the price at which reverse water-filling spends the rate `R`.

    The root of `sum_i max(0, 1/2 log(4 w_i / lambda)) = R`: without common randomness `rho_i = 1 - exp(-2 r_i)`.

    Examples
    --------
    >>> round(reverse_level.numeric(1.0, 2.0, 1.0).item(), 6)
    2.08104
    """

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """All components under water share one more nat."""
        _, *w = self.args
        # A single component is under water always.
        under = sum(sp.Piecewise((1, sp.Ge(4 * e, self) if len(w) > 1 else True), (0, True)) for e in w)
        return (-2 * self / under,)

    spread = staticmethod(spread.of_reverse_level)
    on_arrays = staticmethod(allocation.reverse_level)

    @staticmethod
    def enclose(R: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        return 4 * (-_water_level(2 * R, [-e.log() for e in w])).exp()


class limited_level(ImplicitBase):
    """`limited_level(R, m, w_1, ..., w_n)`: the level at which the components of weights above `m` spend the rate `R`.

    The root `y >= 0` of `sum 1/2 log((y + sqrt(y^2 + w_i^2))/(y + sqrt(y^2 + m^2))) = R` over these components: with limited
    common randomness, `m^2` is the product of the prices of both rates, and `2 y` is their difference.

    Examples
    --------
    >>> round(limited_level.numeric(0.5, 0.25, 2.0, 1.0).item(), 6)
    0.669007
    """

    in_a_paper = (
        r"\left\{y : \sum_{{w_i > {1}}} \tfrac12 \ln"
        r" \frac{{y + \sqrt{{y^2 + w_i^2}}}}{{y + \sqrt{{y^2 + {1}^2}}}} = {0}\right\}"
    )
    bounds = 2
    on_arrays = staticmethod(allocation.limited_level)

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function."""
        _, m, *w = self.args
        near = sp.sqrt(self**2 + m**2)
        above = [(e, sp.Gt(e, m) if len(w) > 1 else sp.true) for e in w]
        by_y = sp.Add(
            *(sp.Piecewise(((1 / sp.sqrt(self**2 + e**2) - 1 / near) / 2, over), (0, True)) for e, over in above)
        )
        by_m = sp.Add(*(sp.Piecewise((-m / (2 * near * (self + near)), over), (0, True)) for _, over in above))
        return 1 / by_y, -by_m / by_y

    @staticmethod
    def enclose(R: arb, m: arb, *w: arb) -> arb:
        """Enclose the value in a ball."""
        if not R > 0:
            return arb.pos_inf()
        if not m > 0 or not m.is_finite():
            return arb(0)

        def left(y: arb) -> arb:
            near = (y * y + m * m).sqrt()
            rates = (((((y * y + e * e).sqrt() - near) / (y + near)).log1p() / 2).max(arb(0)) for e in w)
            return R - sum(rates, arb(0))

        return _enclosed_level(left, m.log() - 40, (_largest(w) * len(w)).log() + (-R.log()).max(arb(0)) + 2)


class least_ambiguity(ImplicitBase):
    """`least_ambiguity(R, c_1, ..., c_n)`: the least `sum_i 1/2 log(1 - c_i + c_i exp(-2 r_i))` for `sum_i r_i = R`.

    Examples
    --------
    >>> round(least_ambiguity.numeric(1.0, 0.5, 0.5).item(), 6)
    -0.379885
    """

    in_a_paper = r"\min \left\{\sum_i a_i : \sum_i r_i = {0}\right\}"
    spread = staticmethod(spread.of_least_ambiguity)
    on_arrays = staticmethod(allocation.least_ambiguity)

    @staticmethod
    def enclose(R: arb, *c: arb) -> arb:
        """Enclose the value in a ball."""
        if any(e == 1 for e in c):
            return -R
        if not R.is_finite():
            return sum(((1 - e).log() / 2 for e in c), arb(0))
        return Components(c, c).ambiguity(_ambiguity_rates(R, c))


class least_rate(ImplicitBase):
    """`least_rate(K, c_1, ..., c_n)`: the least rate `R` with `least_ambiguity(R, c_1, ..., c_n) <= K`; oo if none.

    Examples
    --------
    >>> round(least_rate.numeric(-0.379885, 0.5, 0.5).item(), 5)
    1.0
    """

    in_a_paper = r"\min \left\{\sum_i r_i : \sum_i a_i = {0}\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """The price of ambiguity, which is the same for all components under water; the deepest set of them is that."""
        K, *c = self.args
        sets = (part for size in range(1, len(c) + 1) for part in combinations(c, size))
        depth = sp.Max(*((2 * K - sum(sp.log(1 - e) for e in part)) / len(part) for part in sets), evaluate=False)
        return (-1 / (1 - sp.exp(-depth)),)

    spread = staticmethod(spread.of_least_rate)
    on_arrays = staticmethod(allocation.least_rate)

    @staticmethod
    def enclose(K: arb, *c: arb) -> arb:
        """Enclose the value in a ball."""
        if K >= 0:
            return arb(0)
        if any(e == 1 for e in c):
            return -K
        y = -_water_level(-2 * K, [(1 - e).log() for e in c])
        if not y > 0:
            return arb.pos_inf()
        level = -y.expm1().log()
        return sum(((level - ((1 - e) / e).log()).max(arb(0)) / 2 for e in c if e > 0), arb(0))


class gain_of_least_ambiguity(ImplicitBase):
    """`gain_of_least_ambiguity(R, w_1, ..., w_n, c_1, ..., c_n)`: the largest gain at the least ambiguity for `R`.

    Examples
    --------
    >>> round(gain_of_least_ambiguity.numeric(1.0, 2.0, 1.0, 0.5, 0.9).item(), 6)
    0.929873
    """

    in_a_paper = r"\left\{\sum_i w_i \rho_i : \sum_i a_i = \min, \sum_i r_i = {0}\right\}"
    spread = staticmethod(spread.of_gain_of_least_ambiguity)
    on_arrays = staticmethod(allocation.gain_of_least_ambiguity)
    halves = True

    @staticmethod
    def enclose(R: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        w, c = _halves(components)
        known = [e for e, label in zip(w, c, strict=True) if label == 1]
        if known and R > 0:
            level = rate_level.enclose(R, *known)
            return sum((_filled_gain(level, e) for e in known), arb(0))
        return Components(w, c).gain(_ambiguity_rates(R, c))


class _Shared(ImplicitBase):
    """A best share of rate under both constraints."""

    bounds, halves = 2, True
    best_rates: Callable[..., Floats]
    spread_of_rates: Callable[..., spread.Value]

    @classmethod
    def numeric(cls, *args: ArrayLike) -> Floats:
        """Evaluate on arrays; where no rates meet the constraints, it is the value of the nearest ones."""
        return cls.numeric_with_error([0.0] * len(args), *args)[0]

    @classmethod
    def numeric_with_error(cls, errors: list[spread.Value], *args: ArrayLike) -> tuple[Floats, spread.Value]:
        """Evaluate on arrays; return a bound on the relative errors too."""
        target, K, w, c = cls._stacked(args)
        rates = cls.best_rates(target, K, w, c)
        value = cls.on_arrays(rates, w)
        with np.errstate(all="ignore"):
            return value, cls.spread_of_rates(errors, value, rates, target, K, w, c)


class shared_gain(_Shared):
    """`shared_gain(R, K, w_1, ..., w_n, c_1, ..., c_n)`: the largest gain for a rate and an ambiguity.

    The largest `sum_i w_i sqrt(1 - exp(-2 r_i))` over rates of at most the sum `R` and the ambiguity `K`.

    Examples
    --------
    >>> round(shared_gain.numeric(1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 6)
    2.18801
    """

    in_a_paper = r"\max \left\{\sum_i w_i \rho_i : \sum_i r_i \le {0}, \sum_i a_i \le {1}\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        return shared_price_R(*self.args), shared_price_K(*self.args)

    spread_of_rates = staticmethod(spread.of_shared_gain)
    on_arrays = staticmethod(allocation.gain_of)
    best_rates = staticmethod(allocation.best_rates)

    @staticmethod
    def enclose(R: arb, K: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        w, c = _halves(components)
        if len(w) == 1:
            return gain_of_least_ambiguity.enclose(R, *w, arb(1))
        w, unit = _in_a_unit(w)
        for parts, found, least in _bounded(w, c, R, K, best_rates(*_floats(R, K, w, c))[0], by="rate"):
            above = -(least - found.price_R * R - abs(found.price_C) * K) / 2
            return unit * parts.gain(found.rates).union(above)
        return arb(0).union(arb.pos_inf())


class _SharedPrice(ImplicitBase):
    """A slope of `shared_gain`, which is concave, so that difference quotients on both sides enclose it."""

    bounds, halves = 2, True
    moved = 0

    @classmethod
    def numeric(cls, *args: ArrayLike) -> Floats:
        """Evaluate on arrays."""
        target, K, w, c = cls._stacked(args)
        found = allocation.prices(allocation.best_rates(target, K, w, c), w, c)
        return found[cls.moved] / 2

    @classmethod
    def enclose(cls, R: arb, K: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        step, here = arb(2) ** (-ctx.prec // 4), shared_gain.enclose(R, K, *components)
        below, above = ((R + sign * step, K) if cls.moved == 0 else (R, K + sign * step) for sign in (-1, 1))
        slopes = (here - shared_gain.enclose(*below, *components), shared_gain.enclose(*above, *components) - here)
        return (slopes[0] / step).union(slopes[1] / step)


class shared_price_R(_SharedPrice):
    """`shared_price_R(R, K, w_1, ..., w_n, c_1, ..., c_n)`: the derivative of `shared_gain` with respect to the rate.

    Examples
    --------
    >>> round(shared_price_R.numeric(1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 5)
    3.36779
    """

    in_a_paper = r"\partial_R \max \left\{\sum_i w_i \rho_i : \sum_i r_i \le {0}, \sum_i a_i \le {1}\right\}"


class shared_price_K(_SharedPrice):
    """`shared_price_K(R, K, w_1, ..., w_n, c_1, ..., c_n)`: the derivative of `shared_gain` with respect to the ambiguity.

    Examples
    --------
    >>> round(shared_price_K.numeric(1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 5)
    4.53614
    """

    in_a_paper = r"\partial_K \max \left\{\sum_i w_i \rho_i : \sum_i r_i \le {0}, \sum_i a_i \le {1}\right\}"
    moved = 1


class shared_share(ImplicitBase):
    """`shared_share(i, R, K, w_1, ..., w_n, c_1, ..., c_n)`: the rate of component `i` in `shared_gain(R, K, ...)`.

    Examples
    --------
    >>> round(shared_share.numeric(1, 1.0, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 4)
    0.2833
    """

    in_a_paper = r"r_{0}"
    bounds, halves = 3, True

    @classmethod
    def numeric(cls, i: ArrayLike, *args: ArrayLike) -> Floats:
        """Evaluate on arrays; `i` is one number, counted from one."""
        return best_rates(*cls._stacked((i, *args))[1:])[..., int(i) - 1]


class shared_rate(_Shared):
    """`shared_rate(g, K, w_1, ..., w_n, c_1, ..., c_n)`: the least rate for a gain and an ambiguity.

    The least `sum_i r_i` over rates of at least the gain `g` and at most the ambiguity `K`; infinite if none will do.

    Examples
    --------
    >>> round(shared_rate.numeric(2.18801, -0.7, 2.0, 1.0, 0.5, 0.9).item(), 5)
    1.0
    """

    in_a_paper = r"\min \left\{\sum_i r_i : \sum_i w_i \rho_i \ge {0}, \sum_i a_i \le {1}\right\}"

    @property
    def _slopes(self) -> tuple[sp.Expr, ...]:
        """Those of the gain at this rate, turned round."""
        by_R, by_K = (price(self, *self.args[1:]) for price in (shared_price_R, shared_price_K))
        return 1 / by_R, -by_K / by_R

    spread_of_rates = staticmethod(spread.of_shared_rate)
    on_arrays = staticmethod(lambda rates, w: total(rates))
    best_rates = staticmethod(allocation.dearest_rates)

    @staticmethod
    def enclose(g: arb, K: arb, *components: arb) -> arb:
        """Enclose the value in a ball."""
        w, c = _halves(components)
        least = least_rate.enclose(K, *c)
        if not least.is_finite() or gain_of_least_ambiguity.enclose(least, *components) >= g:
            return least
        if len(w) == 1:
            return least.max(_filled_rate(gain_level.enclose(g, *w), w[0]))
        w, unit = _in_a_unit(w)
        g = g / unit
        rates = dearest_rates(*_floats(g, K, w, c))[0]
        if np.isfinite(rates).all():
            for _, found, least in _bounded(w, c, g, K, rates, by="gain"):
                below = (least + 2 * g - abs(found.price_C) * K) / found.price_R
                return sum(found.rates).union(below)
        return arb(0).union(arb.pos_inf())


def _bounded(
    w: Sequence[arb], c: Sequence[arb], target: arb, K: arb, rates: Floats, *, by: str
) -> Iterator[tuple[Components, Start, arb]]:
    """Sharpen rates a little inside the constraints; find them with a bound on the Lagrangian of their prices."""
    prices = allocation.prices(rates, *(np.array([float(x) for x in row]) for row in (w, c)))
    start, parts = Start(tuple(rates), *map(float, prices)), Components(w, c)
    # More than the points are rounded by.
    margin = fmpq(1, 2 ** (5 * ctx.prec // 8))
    for binding in (None, K - margin):
        found = parts.sharpen(start, target - margin if by == "rate" else target + margin, binding, by=by)
        if found is None or not parts.ambiguity(found.rates) <= K:
            continue
        if sum(found.rates) <= target if by == "rate" else parts.gain(found.rates) >= target:
            least = parts.lagrangian((found.price_R, 1, abs(found.price_C)), found.rates)
            if least is not None:
                yield parts, found, least


# Helpers --------------------------------------------------------------------------------------------------------------


def _halves(components: Sequence[Part]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    middle = len(components) // 2
    return tuple(components[:middle]), tuple(components[middle:])


def _in_a_unit(w: Sequence[arb]) -> tuple[tuple[arb, ...], arb]:
    """Return the weights in such a unit, and the unit, which may be out of the range of doubles."""
    mantissa, exponent = _largest(w).mid().man_exp()
    unit = arb(2) ** int(exponent + mantissa.bit_length())
    return tuple(e / unit for e in w), unit


def _floats(first: arb, K: arb, w: Sequence[arb], c: Sequence[arb]) -> tuple[np.ndarray, ...]:
    columns = [np.array([[float(x) for x in row]]) for row in (w, c)]
    return np.array([float(first)]), np.array([float(K)]), *columns


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
    ground = [((1 - e) / e).log() for e in c if e > 0]
    return _water_level(2 * R, ground) if ground else None


def _water_level(amount: arb, ground: Sequence[arb]) -> arb:
    """Enclose the level of an amount of water over a ground."""
    totals = accumulate(sorted(ground, key=float), initial=amount)
    return reduce(arb.min, (total / k for k, total in enumerate(totals) if k))


def _ambiguity_rates(R: arb, c: Sequence[arb]) -> list[arb]:
    """Share of least ambiguity, no `c` being 1."""
    level = ambiguity_level(R, c)
    return [(level - ((1 - e) / e).log()).max(arb(0)) / 2 if level is not None and e > 0 else arb(0) for e in c]


def _enclosed_level(rising: Callable[[arb], arb], low: arb, high: arb) -> arb:
    """Enclose the root of an increasing function of the level, from bounds on its logarithm."""
    return enclosed_root(rising, (low - 1).exp(), (high + 1).exp(), ((low + high) / 2).exp())


def _largest(values: Sequence[arb]) -> arb:
    return reduce(arb.max, values)


def _log_price(r: arb, w: arb) -> arb:
    """Logarithm of the price at which a component has rate `r`: `2 w v / rho`."""
    return (2 * w).log() - 2 * r - (-(-2 * r).expm1()).log() / 2
