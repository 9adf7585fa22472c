"""Signs of quotients of polynomials: which factors have one everywhere, and the conditions that the others leave."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import sympy as sp
from sympy import Eq, Ge, Gt, Le, Lt
from sympy.logic.boolalg import Boolean
from sympy.polys.rings import PolyElement

from drc.types import Floats

#: The signs of factors, 1 or -1, where they are not zero.
Known = Mapping[PolyElement, int]


@dataclass(frozen=True, eq=False)
class Signs:
    """Reads off at points which factors have one sign everywhere; a proof has to show it of those in `used`.

    Attributes
    ----------
    points : array, shape (count, number of letters)
        Values of all letters of the ring.
    varies : mapping from symbol to bool
        Letters that stand for bounds, and whether they cannot be negative; other factors with one of them have no sign.
    is_positive : function of a factor
        Whether a factor with one sign is never zero.
    """

    points: Floats
    varies: Mapping[sp.Basic, bool]
    is_positive: Callable[[sp.Expr], bool]
    _signs: dict[PolyElement, int] = field(init=False, repr=False, default_factory=dict)
    _factors: dict[PolyElement, tuple[int, tuple[PolyElement, ...]]] = field(
        init=False, repr=False, default_factory=dict
    )

    @property
    def used(self) -> Iterator[Boolean]:
        """What has to be shown."""
        for factor, sign in self._signs.items():
            if sign:
                yield (Gt if self._positive(factor) else Ge)(sign * factor.as_expr(), 0)

    def quotient(self, above: PolyElement, below: PolyElement) -> Quotient:
        """Return the sign of a quotient whose lower part is not zero."""
        if above == 0:
            return Quotient(self, 0, frozenset())
        (sign, upper), (other, lower) = self._split(above), self._split(below)
        sign *= other
        left = {*upper} ^ {*lower}
        for factor in sorted(left, key=str):
            # One that may be zero says something only where it is not below as well.
            if self.sign(factor) and (self._positive(factor) or factor in lower):
                sign *= self.sign(factor)
                left.discard(factor)
        return Quotient(self, sign, frozenset(left))

    def open(self, below: PolyElement) -> frozenset[PolyElement]:
        """Return the factors that must not be zero and may be."""
        return frozenset(f for f in self._split(below)[1] if not (self.sign(f) and self._positive(f)))

    def sign(self, factor: PolyElement) -> int:
        """Return the sign of a factor where it is not zero; 0 if it has both."""
        if factor not in self._signs:
            expr, self._signs[factor] = factor.as_expr(), 0
            if expr.is_Symbol and self.varies.get(expr):
                self._signs[factor] = 1
            elif not expr.free_symbols & self.varies.keys():
                found = sp.lambdify(factor.ring.symbols, expr)(*self.points.T)
                self._signs[factor] = int(np.min(found) > 0) - int(np.max(found) < 0)
        return self._signs[factor]

    def _positive(self, factor: PolyElement) -> bool:
        return self.is_positive(factor.as_expr())

    def _split(self, part: PolyElement) -> tuple[int, tuple[PolyElement, ...]]:
        """Return the sign of the content, and the factors that occur an odd number of times."""
        if part not in self._factors:
            content, factors = part.factor_list()
            self._factors[part] = 1 if content > 0 else -1, tuple(f for f, power in factors if power % 2)
        return self._factors[part]


@dataclass(frozen=True, eq=False)
class Quotient:
    """The sign of a number times factors: those of no known sign, and those that may be zero."""

    signs: Signs
    sign: int
    factors: frozenset[PolyElement]

    def at_least_zero(self, known: Known, nonzero: Collection[PolyElement]) -> Boolean:
        """Say that it is not negative, where some signs are known and some factors are not zero."""
        sign, left = self._without(known)
        if all(map(self.signs.sign, left)):
            sign *= int(sp.prod(map(self.signs.sign, left)))
            return sp.true if sign >= 0 else Eq(sp.prod(f.as_expr() for f in left), 0)  # pyright: ignore[reportReturnType] (sympy)
        return compared(sign, left, strict={*left} <= {*nonzero})

    def below_zero(self, known: Known) -> Boolean:
        """Say that it is negative, where some signs are known."""
        sign, left = self._without(known)
        if not left:
            return sp.true if sign < 0 else sp.false
        if all(map(self.signs.sign, left)) and sign * int(sp.prod(map(self.signs.sign, left))) > 0:
            return sp.false
        return compared(-sign, left, strict=True)

    def _without(self, known: Known) -> tuple[int, list[PolyElement]]:
        sign = self.sign * int(sp.prod(known[f] for f in self.factors if f in known))
        return sign, sorted((f for f in self.factors if f not in known), key=str)


def compared(sign: int, factors: Sequence[PolyElement], *, strict: bool) -> Boolean:
    """Write that a product is not negative, or positive, without a minus: a number or a letter alone on its side.

    Examples
    --------
    >>> from sympy.polys.rings import ring
    >>> _, q = ring("q", sp.QQ)
    >>> compared(-1, [2 * q - 1], strict=True)
    q < 1/2
    """
    terms = sp.Add.make_args(sp.expand(sign * sp.prod(f.as_expr() for f in factors)))
    more = sp.Add(*(t for t in terms if not t.could_extract_minus_sign()))
    less = sp.Add(*(-t for t in terms if t.could_extract_minus_sign()))
    for side, other in ((more, less), (less, more)):
        number, letter = side.as_coeff_Mul()
        if letter.is_Symbol and not other.free_symbols:
            more, less = more / number, less / number
    if more.is_number:
        return (Lt if strict else Le)(less, more, evaluate=False)
    return (Gt if strict else Ge)(more, less, evaluate=False)


def tightest(conditions: Iterable[Boolean]) -> list[Boolean]:
    """Leave out bounds on a letter by a number that others imply.

    Examples
    --------
    >>> q = sp.Symbol("q", real=True)
    >>> tightest([q <= sp.S.Half, q < sp.S.Half, q <= 1])
    [q < 1/2]
    """
    found: dict[object, Boolean] = {}
    for condition in conditions:
        key, other = condition, None
        if isinstance(condition, Ge | Gt | Le | Lt) and condition.lhs.is_Symbol and condition.rhs.is_number:
            key = condition.lhs, isinstance(condition, Ge | Gt)
            other = found.get(key)
        if other is None or _implies(condition, other):
            found[key] = condition
    return list(found.values())


def _implies(one: Boolean, other: Boolean) -> bool:
    """Whether a bound on a letter implies another on the same side."""
    if one.rhs == other.rhs:
        return isinstance(one, Gt | Lt)
    return bool(one.rhs > other.rhs) == isinstance(one, Ge | Gt)
