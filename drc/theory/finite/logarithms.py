"""Exact numbers made of fractions and of logarithms of fractions, whose signs are decided.

The logarithms of the primes are linearly independent over the fractions, so an entropy of a rational law is one linear form
in them, and two entropies are equal only if their forms are. Products are polynomials in these letters. Each number carries
a ball; only where that holds zero, the polynomial is written out. One that is not zero as such has the sign of its value
in balls, at whatever precision that takes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce

from flint import arb, ctx, fmpq, fmpz

from drc.errors import NotAvailableError
from drc.types import Rational

#: The precision of the balls that numbers carry, in bits, and that of further tries at a sign.
BITS = 256
_FINER = (1 << 10, 1 << 13, 1 << 16)

#: A number of more bits is divided by this many primes at most. What is left is a letter as well: two that share a factor
#: may then be taken for independent, and a zero that rests on it is not found, but nothing else is taken for one.
_LONG, _TRIAL = 128, 100_000

#: From a sorted tuple of primes to the coefficient of the product of their logarithms.
Terms = Mapping[tuple[int, ...], Rational]


@dataclass(frozen=True, eq=False)
class Exact:
    """A polynomial in the logarithms of primes, with rational coefficients.

    Attributes
    ----------
    ball : arb
        Holds the value.
    written : function
        Writes the polynomial out.

    Examples
    --------
    >>> (Exact.log(fmpq(9, 2)) - Exact.log(fmpq(9)) + Exact.log(fmpq(2))).sign
    0
    >>> (Exact.log(fmpq(2)) * Exact.log(fmpq(3)) - Exact.of(fmpq(3, 4))).sign
    1
    """

    ball: arb
    written: Callable[[], Terms]

    @classmethod
    def of(cls, value: Rational | int) -> Exact:
        """Return a fraction."""
        return cls(_arb(value), lambda: {(): fmpq(value)} if value else {})

    @classmethod
    def log(cls, value: Rational) -> Exact:
        """Return the natural logarithm of a positive fraction."""
        ends = ((value.p, 1), (value.q, -1))
        with ctx.workprec(BITS):
            ball = arb(value).log()
        return cls(
            ball,
            lambda: {(int(prime),): fmpq(way * power) for end, way in ends for prime, power in _factors(int(end))},
        )

    @cached_property
    def terms(self) -> Terms:
        """The polynomial."""
        return self.written()

    @property
    def fraction(self) -> Rational:
        """The number, which has no logarithms."""
        return self.terms.get((), fmpq(0))

    def __add__(self, other: Exact) -> Exact:
        return Exact(self.ball + other.ball, lambda: _added(self.terms, other.terms, 1))

    def __sub__(self, other: Exact) -> Exact:
        return Exact(self.ball - other.ball, lambda: _added(self.terms, other.terms, -1))

    def __mul__(self, other: Exact) -> Exact:
        return Exact(self.ball * other.ball, lambda: _multiplied(self.terms, other.terms))

    def times(self, factor: Rational | int) -> Exact:
        """Return a multiple."""
        return self * Exact.of(factor)

    @cached_property
    def sign(self) -> int:
        """Whether it is negative, zero or positive: -1, 0 or 1.

        Raises
        ------
        NotAvailableError
            If a polynomial that is not zero cannot be told from zero in balls; none is known.
        """
        if found := _side(self.ball):
            return found
        if not self.terms:
            return 0
        for bits in _FINER:
            if found := _side(_value(self.terms, bits)):
                return found
        raise NotAvailableError(f"the sign of a number near {float(self):g} is not decided in {_FINER[-1]} bits")

    def __float__(self) -> float:
        return float(self.ball.mid())


def total(numbers: list[Exact]) -> Exact:
    """Return a sum."""
    return reduce(Exact.__add__, numbers) if numbers else Exact.of(0)


def exact_fraction(name: str, value: object) -> Rational:
    """Return a number of a problem as a fraction.

    Raises
    ------
    NotAvailableError
        If it is irrational.
    """
    if not isinstance(value, Fraction):
        raise NotAvailableError(f"exact surfaces need fractions in {name}, got {value}")
    return fmpq(value.numerator, value.denominator)


def _factors(value: int) -> list[tuple[int, int]]:
    """Return the primes of a number; of one that takes long to split, the small ones and what is left."""
    whole = fmpz(value)
    return whole.factor(trial_limit=_TRIAL) if whole.bit_length() > _LONG else whole.factor()  # pyright: ignore[reportReturnType] (flint)


def _arb(value: Rational | int) -> arb:
    with ctx.workprec(BITS):
        return arb(value)


def _side(ball: arb) -> int:
    return 1 if ball > 0 else -1 if ball < 0 else 0


def _added(one: Terms, other: Terms, way: int) -> Terms:
    terms = dict(one)
    for primes, value in other.items():
        terms[primes] = terms.get(primes, fmpq(0)) + way * value
    return {primes: value for primes, value in terms.items() if value != 0}


def _multiplied(one: Terms, other: Terms) -> Terms:
    terms: dict[tuple[int, ...], Rational] = {}
    for these, a in one.items():
        for those, b in other.items():
            primes = tuple(sorted((*these, *those)))
            terms[primes] = terms.get(primes, fmpq(0)) + a * b
    return {primes: value for primes, value in terms.items() if value != 0}


def _value(terms: Terms, bits: int) -> arb:
    with ctx.workprec(bits):
        products = (reduce(arb.__mul__, (arb(prime).log() for prime in primes), arb(v)) for primes, v in terms.items())
        return sum(products, arb(0))
