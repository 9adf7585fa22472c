"""Divergences of the law q of Y from a reference r: `phi(q) = sum_y r_y f(q_y / r_y)` with a convex f.

Where `r_y = 0` a letter costs `q_y f'(oo)`. In nats:

    JS           f(t) = (t log(2t / (1 + t)) + log(2 / (1 + t))) / 2,   f'(oo) = log(2) / 2,   f*(s) = -log(2 - e^(2s)) / 2
    Hellinger    f(t) = 1 - sqrt(t),   f'(oo) = 0,   f*(s) = -1 - 1 / (4s) for s < 0
    chi2         f(t) = (t - 1)^2,   f'(oo) = oo,   f*(s) = s + s^2 / 4 for s >= -2, and -1 below
    reversed KL  f(t) = -log(t),   f'(oo) = 0,   f*(s) = -1 - log(-s) for s < 0

The Hellinger distance here is squared: `1 - sum sqrt(q r)`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from flint import arb, fmpq

from drc.checker.entropy import nats, total
from drc.checker.numerals import is_zero
from drc.types import Number

_Conjugate: TypeAlias = "Callable[[Number], Number]"


def _chi2(s: Number) -> Number:
    # At the border both are -1: a ball around it may take either, if it takes the larger.
    whole = s + s * s / 4
    return fmpq(-1) if s < -2 else whole if s >= -2 else arb(whole).max(arb(-1))


#: The conjugates of f, in nats; NaN or unbounded where they are infinite.
_CONJUGATES: Mapping[str, _Conjugate] = {
    "JS": lambda s: -(2 - (2 * arb(s)).exp()).log() / 2,
    "Hellinger": lambda s: -1 - 1 / (4 * arb(s)) if s < 0 else arb("nan"),
    "chi2": _chi2,
    "reversed KL": lambda s: -1 - (-arb(s)).log(),
}

DIVERGENCES = tuple(_CONJUGATES)


class InfiniteError(ValueError):
    """A divergence, or what multipliers of a law cost at most, is not proved to be finite."""


def _unit(measure: str, bits: bool) -> Number:
    """Return how many nats the unit of a divergence is."""
    return nats(bits) if measure in ("JS", "reversed KL") else fmpq(1)


def divergence(measure: str, law: list, reference: list, bits: bool) -> Number:
    """Return the divergence of a law from a reference, in its unit.

    Raises `InfiniteError` if it is not proved to be finite.

    Examples
    --------
    >>> divergence("chi2", [fmpq(1, 4), fmpq(3, 4)], [fmpq(1, 2), fmpq(1, 2)], True)
    1/4
    """
    if list(law) == list(reference):
        return fmpq(0)
    found = total(_term(measure, q, r) for q, r in zip(law, reference, strict=True)) / _unit(measure, bits)
    if isinstance(found, arb) and not found.is_finite():
        raise InfiniteError(f"{measure} is not proved to be finite")
    return found + 1 if measure == "Hellinger" else found


def _term(measure: str, q: Number, r: Number) -> Number:
    """Return `r f(q / r)`, for the Hellinger distance less r."""
    if measure == "Hellinger":
        return -arb(q * r).sqrt() if not (is_zero(q) or is_zero(r)) else fmpq(0)
    if measure == "chi2":
        if is_zero(r):
            return fmpq(0) if is_zero(q) else arb("nan")
        return (q - r) * (q - r) / r
    if measure == "reversed KL":
        return fmpq(0) if is_zero(r) else -r * arb(q / r).log()
    mean = (q + r) / 2
    return total(v * arb(v / mean).log() / 2 for v in (q, r) if not is_zero(v))


def support(measure: str, slopes: list, reference: list, kappa: Number, P: Number, bits: bool) -> Number:
    """Return a number that `sum q_y slopes_y` does not exceed for any law q within P of the reference.

    `measure` is one of `DIVERGENCES`, `P` is in its unit, and any positive `kappa` gives a bound. Where the reference
    is zero, the slopes of the n_Y letters are at most `kappa f'(oo)`; for chi^2 any will do.

    Raises `InfiniteError` if the bound is not proved to be finite.

    Examples
    --------
    >>> support("chi2", [fmpq(1), fmpq(0)], [fmpq(1, 2), fmpq(1, 2)], fmpq(1), fmpq(1, 4), True)
    7/8
    """
    if not kappa > 0:
        raise InfiniteError("the price of the law is not proved to be positive")
    found = kappa * P * _unit(measure, bits)
    for s, r in zip(slopes, reference, strict=True):
        if not is_zero(r):
            found += kappa * r * _CONJUGATES[measure](s / kappa)
        elif measure != "chi2" and not s <= (kappa * nats(True) / 2 if measure == "JS" else 0):
            raise InfiniteError("a letter without mass in the reference is not proved to cost enough")
    if isinstance(found, arb) and not found.is_finite():
        raise InfiniteError("what the law costs is not proved to be finite")
    return found
