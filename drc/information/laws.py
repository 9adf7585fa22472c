r"""Laws of a bit at the ends of an interval, as named functions: roots in a law, where `I_b_inv` is a root in a covariance.

With the covariance `u >= 0` of two bits `Bern(p)`, `Bern(r)` each of these is the end of an interval of laws `r` around
Shannon's, where the mutual information is least:

* `law_min(i, d, p)` and `law_max(i, d, p)`, for `p <= 1/2`: the bits differ with probability `d`, and `I_b(u, p, r) <= i`;
* `reach_min(R, i, p, e)` and `reach_max(R, i, p, e)`: with the least covariance at which `Bern(r)` has the information `i`
  about the first bit with noise `Bern(e)` added, `I_b(u, p, r) <= R`.

The information is convex along the first way, and falls and grows along the second one ([cover2006], section 10.3.1, has
the law where both turn).  An interval that is empty is Shannon's law alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp
from flint import arb

from drc.information.bits import I_b
from drc.information.entropy import H_b, binary_entropy_ball
from drc.information.function import InUnits
from drc.information.inverses import H_b_inv, I_b_inv
from drc.information.roots import enclosed_root, root_between
from drc.information.spread import OWN, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from drc.information.spread import Errors, Value
    from drc.types import Floats

_TWO = sp.Integer(2)
_R = sp.Dummy("r", real=True)

#: Doubles are trusted with a root that is farther from an end of its interval than this, as a part of one.
_CLEAR = 1e-7


class _Law(InUnits):
    """An end of an interval of laws: `side` is -1 for the least law, 1 for the largest.

    A subclass says by how much a law is beyond its interval, and between which two laws the end lies: in numpy, in balls and
    as an expression.
    """

    is_real = True
    side = 1

    def _beyond(self, r: sp.Expr) -> sp.Expr:
        """What is zero at the end, as an expression in the law."""
        raise NotImplementedError

    @property
    def _derivatives(self) -> tuple[sp.Expr, ...]:
        """The rule of the implicit function."""
        beyond = self._beyond(_R)
        slope = beyond.diff(_R).subs(_R, self)
        letters = self.args[: min(self.nargs)]
        free = [sp.Dummy(real=True) for _ in letters]
        moved = self.func(*free, *self.args[len(free) :])._beyond(_R)
        back: dict[sp.Basic | complex, sp.Basic | complex] = {**dict(zip(free, letters, strict=True)), _R: self}
        moves = (moved.diff(letter).subs(back, simultaneous=True) for letter in free)
        return tuple(-move / slope for move in moves)  # pyright: ignore[reportOperatorIssue] (sympy)

    @classmethod
    def numeric(cls, *args: ArrayLike) -> np.ndarray:
        """Evaluate on arrays that broadcast."""
        *letters, base = args if len(args) > min(cls.nargs) else (*args, 2.0)
        bounds = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in letters))
        with np.errstate(all="ignore"):
            at = [np.atleast_1d(x) for x in cls._in_nats(*bounds, np.log(base))]
            shannon, outer = cls._between(*at)
            result = np.where(cls._excess(outer, *at) > 0, shannon, outer)
            inside = (cls._excess(outer, *at) > 0) & (cls._excess(shannon, *at) < 0)
            if inside.any():
                start, end, *chosen = (x[inside] for x in (shannon, outer, *at))
                # The excess grows with the way from Shannon's law.
                way = root_between(
                    lambda t, a, b, *rest: cls._excess(a + t * (b - a), *rest),
                    np.zeros_like(start),
                    np.ones_like(start),
                    start,
                    end,
                    *chosen,
                )
                result[inside] = start + way * (end - start)
        return result.reshape(bounds[0].shape)[()]

    @classmethod
    def spread(cls, errors: Errors, value: Value, *args: Value) -> Value:
        """Bound the relative error: what moves the excess, over its slope."""
        *letters, base = args if len(args) > min(cls.nargs) else (*args, 2.0)
        with np.errstate(all="ignore"):
            at = cls._in_nats(*(np.asarray(x, dtype=float) for x in letters), np.log(base))
            shannon, outer = cls._between(*at)
            slope, lost = cls._moved(errors, np.asarray(value, dtype=float), *at)
            clear = _CLEAR * np.abs(outer - shannon)
            inside = np.minimum(np.abs(value - shannon), np.abs(value - outer)) > clear
            error = np.where(inside & (slope != 0), lost / np.abs(slope), np.inf)
            sure = [cls._excess(law, *at) * sign > _CLEAR for law, sign in ((shannon, 1), (outer, -1))]
            for law, is_it, wrong in zip((shannon, outer), sure, cls._wrong_ends(errors, *at), strict=True):
                error = np.where(is_it & (value == law), wrong, error)
            error = np.where(error == 0, 0.0, OWN + error / np.abs(value))
        return np.where(np.isnan(error), np.inf, error)[()]

    @staticmethod
    def _in_nats(*args: Floats) -> tuple[Floats, ...]:
        raise NotImplementedError

    @classmethod
    def _between(cls, *at: Floats) -> tuple[Floats, Floats]:
        raise NotImplementedError

    @classmethod
    def _excess(cls, r: Floats, *at: Floats) -> Floats:
        raise NotImplementedError

    @classmethod
    def _moved(cls, errors: Errors, r: Floats, *at: Floats) -> tuple[Floats, Floats]:
        raise NotImplementedError

    @classmethod
    def _wrong_ends(cls, errors: Errors, *at: Floats) -> tuple[Floats, Floats]:
        raise NotImplementedError

    @classmethod
    def _enclosed(cls, excess: Callable[[arb], arb], shannon: arb, outer: arb, start: float) -> arb:
        """Enclose the end between two laws; an excess changes its sign there, and is negative next to Shannon's law."""
        if excess(outer) <= 0:
            return outer
        if excess(shannon) >= 0:
            return shannon
        near = arb(start)
        low, high = (shannon, outer) if cls.side > 0 else (outer, shannon)
        return enclosed_root(lambda r: cls.side * excess(r), low.nonnegative_part(), high, near)


class _Differing(_Law):
    """The bits differ with a given probability."""

    @classmethod
    def eval(cls, i: sp.Expr, d: sp.Expr, p: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Stay as it is."""
        return None

    def _beyond(self, r: sp.Expr) -> sp.Expr:
        i, d, p = self.args[:3]
        return I_b.of(_covariance(r, d, p), p, r, self.base) - i

    @staticmethod
    def _in_nats(i: Floats, d: Floats, p: Floats, nats: float) -> tuple[Floats, ...]:
        return i * nats, np.clip(d, 0.0, 1.0), p

    @classmethod
    def _between(cls, i: Floats, d: Floats, p: Floats) -> tuple[Floats, Floats]:
        """Return Shannon's law, or beyond it the one at which the bits are independent; and the last with a joint law."""
        shannon = np.where(d < p, (p - d) / (1 - 2 * d), 0.0)
        if cls.side < 0:
            return shannon, np.maximum(p - d, 0.0)
        alone = np.minimum(np.where(p < 0.5, (d - p) / (1 - 2 * p), 1.0), 1.0)
        shannon = np.where(d < p, shannon, np.where((p == 0.5) & (d == 0.5), 0.5, alone))
        return shannon, np.minimum(p + d, 1.0)

    @classmethod
    def _excess(cls, r: Floats, i: Floats, d: Floats, p: Floats) -> Floats:
        return I_b.numeric(np.maximum(_covariance(r, d, p), 0.0), p, r, np.e) - i

    @classmethod
    def _moved(cls, errors: Errors, r: Floats, i: Floats, d: Floats, p: Floats) -> tuple[Floats, Floats]:
        along_u, along_r, along_p = _gradient(_covariance(r, d, p), p, r)
        slope = along_r + along_u * (1 - 2 * p) / 2
        moved = d * errors[1] + p * errors[2] + 4 * UNIT * (p + r + d)
        return slope, i * (OWN + errors[0]) + np.abs(along_u) * moved + np.abs(along_p) * p * errors[2]

    @classmethod
    def _wrong_ends(cls, errors: Errors, i: Floats, d: Floats, p: Floats) -> tuple[Floats, Floats]:
        moved = d * errors[1] + p * errors[2] + 4 * UNIT * (p + d)
        # Beyond `p` the least law is exactly zero.
        beyond = np.where(moved < d - p, 0.0, np.inf) if cls.side < 0 else moved / (1 - 2 * p) ** 2
        shannon = np.where(d < p, moved / (1 - 2 * d) ** 2, beyond)
        return shannon, np.where(d < p, moved, beyond) if cls.side < 0 else moved

    @classmethod
    def enclose(cls, i: arb, d: arb, p: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        nats = i * arb(base).log()
        outer = (p - d).nonnegative_part() if cls.side < 0 else (p + d).min(arb(1))
        if d < p:
            shannon = (p - d) / (1 - 2 * d)
        elif d >= p:
            shannon = arb(0) if cls.side < 0 else _quotient(d - p, 1 - 2 * p)
        else:
            shannon = arb(0).union(outer)

        def excess(r: arb) -> arb:
            return I_b.enclose(_covariance(r, d, p).nonnegative_part(), p, r, arb(1).exp()) - nats

        start = cls.numeric(*(float(x.mid()) for x in (nats, d, p)), np.e)
        return cls._enclosed(excess, shannon, outer, float(start))


class law_min(_Differing):
    """The least law `r` near Shannon's for which bits `Bern(p)`, `Bern(r)` that differ with probability `d` have `I <= i`.

    It lies between `p - d` and Shannon's `(p - d)/(1 - 2 d)`; both are 0 for `d >= p`.

    Examples
    --------
    >>> law_min.numeric([0.0, 0.3, 0.5, 5.0], 0.1, 0.3).round(6).tolist()
    [0.25, 0.25, 0.2, 0.2]
    """

    side = -1
    latex_name = r"r_{\mathrm{err}}^{-}"


class law_max(_Differing):
    """The largest law `r` for which bits `Bern(p)`, `Bern(r)` that differ with probability `d` have `I <= i`.

    It lies between Shannon's law `(p - d)/(1 - 2 d)`, or for `d >= p` the law of independent bits, and `p + d`.

    Examples
    --------
    >>> law_max.numeric([0.0, 0.5, 5.0], 0.1, 0.3).round(6).tolist()
    [0.25, 0.375639, 0.4]
    """

    latex_name = r"r_{\mathrm{err}}^{+}"


class _WithinRate(_Law):
    """The second bit has a given information about the first with noise."""

    @classmethod
    def eval(cls, R: sp.Expr, i: sp.Expr, p: sp.Expr, e: sp.Expr, base: sp.Expr = _TWO) -> sp.Expr | None:
        """Stay as it is."""
        return None

    def _beyond(self, r: sp.Expr) -> sp.Expr:
        R, i, p, e = self.args[:4]
        s = p * (1 - e) + (1 - p) * e
        within = I_b.of(I_b_inv.of(i, s, r, self.base) / (1 - 2 * e), p, r, self.base)
        most = sp.Piecewise(((1 - p) * r, sp.Lt(r, p)), (p * (1 - r), True))
        top = I_b.of((1 - 2 * e) * most, s, r, self.base)
        # Where the rate is not all spent, it is the joint law that ends the interval.
        return sp.Piecewise((within - R, sp.Ge(within, R)), (top - i, True))

    @staticmethod
    def _in_nats(R: Floats, i: Floats, p: Floats, e: Floats, nats: float) -> tuple[Floats, ...]:
        return R * nats, i * nats, p, e

    @classmethod
    def _between(cls, R: Floats, i: Floats, p: Floats, e: Floats) -> tuple[Floats, Floats]:
        s, low = p * (1 - e) + (1 - p) * e, np.minimum(p, 1 - p)
        left = np.maximum(H_b.numeric(s, np.e) - i, 0.0)
        d = np.clip(np.where(e == 0.5, 0.0, (H_b_inv.numeric(left, np.e) - e) / (1 - 2 * e)), 0.0, low)
        shannon = np.where(p == 0.5, 0.5, (p - d) / np.where(d == 0.5, 1.0, 1 - 2 * d))
        return shannon, np.full_like(shannon, (1 + cls.side) / 2)

    @classmethod
    def _excess(cls, r: Floats, R: Floats, i: Floats, p: Floats, e: Floats) -> Floats:
        s, most = p * (1 - e) + (1 - p) * e, np.minimum(p * (1 - r), (1 - p) * r)
        u = np.minimum(I_b_inv.numeric(i, s, r, np.e) / (1 - 2 * e), most)
        return np.maximum(I_b.numeric(u, p, r, np.e) - R, i - I_b.numeric((1 - 2 * e) * most, s, r, np.e))

    @classmethod
    def _moved(cls, errors: Errors, r: Floats, R: Floats, i: Floats, p: Floats, e: Floats) -> tuple[Floats, Floats]:
        s, scale = p * (1 - e) + (1 - p) * e, 1 - 2 * e
        told = I_b_inv.numeric(i, s, r, np.e)
        u = told / scale
        along_u, along_r, _ = _gradient(u, p, r)
        label_u, label_r, _ = _gradient(told, s, r)
        spent = np.abs(I_b.numeric(u, p, r, np.e) - R) < _CLEAR * R
        doubt = 4 * sum(errors) + 8 * UNIT / scale + 4 * OWN
        lost = np.where(spent, R + np.abs(along_u) * u, i + np.abs(label_u) * told) * doubt
        # Where the rate is not all spent, it is the joint law that ends the interval.
        at_the_end = label_r + label_u * scale * (np.where(r < p, 1.0, 0.0) - p)
        return np.where(spent, along_r - along_u * label_r / (label_u * scale), at_the_end), lost

    @classmethod
    def _wrong_ends(cls, errors: Errors, R: Floats, i: Floats, p: Floats, e: Floats) -> tuple[Floats, Floats]:
        return np.full_like(p, np.inf), np.zeros_like(p)

    @classmethod
    def enclose(cls, R: arb, i: arb, p: arb, e: arb, base: arb | int = 2) -> arb:
        """Enclose the value in a ball."""
        one, rate, told = arb(1).exp(), R * arb(base).log(), i * arb(base).log()
        s, low = p * (1 - e) + (1 - p) * e, p.min(1 - p)
        left = (binary_entropy_ball(s) - told).nonnegative_part()
        d = _quotient(H_b_inv.enclose(left, one) - e, 1 - 2 * e).max(arb(0)).min(low)
        shannon = arb(1) / 2 if p == arb(1) / 2 else _quotient(p - d, 1 - 2 * d)

        def excess(r: arb) -> arb:
            most = (p * (1 - r)).min((1 - p) * r).nonnegative_part()
            u = _quotient(I_b_inv.enclose(told, s, r, one), 1 - 2 * e).min(most)
            return (I_b.enclose(u, p, r, one) - rate).max(told - I_b.enclose((1 - 2 * e) * most, s, r, one))

        start = cls.numeric(*(float(x.mid()) for x in (rate, told, p, e)), np.e)
        return cls._enclosed(excess, shannon, arb((1 + cls.side) // 2), float(start))


class reach_min(_WithinRate):
    """The least law `r` at which the rate `R` is enough for the information `i` about `Bern(p)` with noise `Bern(e)`.

    Examples
    --------
    >>> reach_min.numeric([0.1, 0.4, 5.0], 0.2, 0.3, 0.1).round(6).tolist()
    [0.232038, 0.16584, 0.16584]
    """

    side = -1
    latex_name = r"r_{\mathrm{rate}}^{-}"


class reach_max(_WithinRate):
    """The largest law `r` at which the rate `R` is enough for the information `i` about `Bern(p)` with noise `Bern(e)`.

    Examples
    --------
    >>> reach_max.numeric([0.1, 0.4, 5.0], 0.2, 0.3, 0.1).round(6).tolist()
    [0.232038, 0.499449, 0.499449]
    """

    latex_name = r"r_{\mathrm{rate}}^{+}"


def _covariance(r, d, p):
    """The covariance of two bits that differ with probability `d`."""
    return (p + r - 2 * p * r - d) / 2


def _gradient(u: Floats, p: Floats, r: Floats) -> tuple[Floats, Floats, Floats]:
    """The derivatives of the mutual information of two bits, in nats, in covariance and laws."""
    both, none, lost, gained = p * r + u, (1 - p) * (1 - r) + u, p * (1 - r) - u, (1 - p) * r - u
    along_u = np.log(both * none / (lost * gained))
    along_r = p * np.log(both / lost) + (1 - p) * np.log(gained / none) + np.log((1 - r) / r)
    along_p = r * np.log(both / gained) + (1 - r) * np.log(lost / none) + np.log((1 - p) / p)
    return along_u, along_r, along_p


def _quotient(a: arb, b: arb) -> arb:
    """A quotient of probabilities; all of [0, 1] where the denominator may be zero."""
    return (a / b).min(arb(1)) if b > 0 else arb(0).union(arb(1))
