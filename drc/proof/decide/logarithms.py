"""Logarithms and exponentials as letters of real arithmetic, with the lemmas that tie them together.

An exponential is a product of powers of letters `exp(w)`, one for each monomial `w` of its exponent; a logarithm is a sum
of letters `log |f|`, one for each irreducible factor `f` of its argument.  So `log(x y) = log x + log y` and
`exp(x + y) = exp x exp y` hold by the way they are written.  What is left are the lemmas of `axioms`: each letter's
position (`1 - 1/x <= log x <= x - 1`), and that the logarithm increases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import product

import sympy as sp
from sympy.logic.boolalg import And, Not

from drc.expressions.forms import pieces, replaced

#: More branches than these are not tried one by one.
_BRANCHES = 24


class Logarithms:
    """Writes logarithms and exponentials in letters, and remembers which ones there are.

    Parameters
    ----------
    opened : replaces the abbreviations in an expression by what they stand for
    """

    def __init__(self, opened: Callable[[sp.Expr], sp.Expr]) -> None:
        self._opened = opened
        self._of: dict[sp.Expr, sp.Dummy] = {}
        self._exponent: dict[sp.Dummy, sp.Expr] = {}
        #: Numbers with their logarithms, and whether they are more than letters.
        self.pairs: dict[tuple[sp.Expr, sp.Expr], bool] = {}

    def copy(self) -> Logarithms:
        """The same letters, to which others may be added."""
        other = Logarithms(self._opened)
        other._of, other._exponent, other.pairs = dict(self._of), dict(self._exponent), dict(self.pairs)
        return other

    @property
    def letters(self) -> Mapping[sp.Expr, sp.Dummy]:
        """From `exp(w)` and `log(f)` to their letters."""
        return self._of

    def exponential(self, base: sp.Expr, exponent: sp.Expr) -> sp.Expr:
        """Write `base**exponent` for a positive number as its base."""
        pieces = [
            (self._power(sp.expand(self.plain(e * sp.log(base)))), where)
            for e, where in branches(self._opened(exponent))
        ]
        return sp.Piecewise(*pieces) if len(pieces) > 1 else pieces[0][0]

    def logarithm(self, arg: sp.Expr) -> list[tuple[sp.Expr, sp.Expr, sp.Basic]]:
        """Write `log(arg)`: for each branch the argument, the sum of letters, and where the branch applies."""
        pieces = []
        for value, where in branches(self._opened(arg)):
            x = sp.together(self.plain(value))
            pieces.append((x, self._sum(x), where))
        return pieces

    def plain(self, expr: sp.Expr) -> sp.Expr:
        """Write the exponentials in an expression as powers of letters."""
        powers = {
            power: self.exponential(power.base, power.exp)
            for power in sorted(expr.atoms(sp.Pow, sp.exp), key=sp.default_sort_key)
            if is_exponential(power)
        }
        return replaced(expr, powers) if powers else expr

    def _power(self, exponent: sp.Expr) -> sp.Expr:
        if exponent in (sp.oo, -sp.oo):
            return sp.oo if exponent is sp.oo else sp.S.Zero
        whole = sp.S.One
        for term in sp.Add.make_args(exponent):
            share, monomial = term.as_coeff_Mul()
            if isinstance(monomial, sp.log):
                whole *= monomial.args[0] ** share
            elif monomial == 1:
                whole *= sp.E**share
            else:
                whole *= self._letter(monomial) ** share
        self.pairs[whole, exponent] = True
        return whole

    def _letter(self, exponent: sp.Expr) -> sp.Dummy:
        key = sp.exp(exponent, evaluate=False)
        if key not in self._of:
            self._of[key] = sp.Dummy(f"exp_{exponent}", positive=True)
            self._exponent[self._of[key]] = exponent
            self.pairs.setdefault((self._of[key], exponent), False)
        return self._of[key]

    def _sum(self, x: sp.Expr) -> sp.Expr:
        """Add up the letters `log |f|` of the factors of an argument."""
        parts = [(self._log_of(factor), times) for factor, times in _factors(x)]
        total = sp.Add(*(times * log for log, times in parts))
        self.pairs[x, total] = True
        if len(parts) == 1:
            # A power is as much of a whole as its base.
            self.pairs.update({pair: True for pair in self.pairs if pair[1] == parts[0][0]})
        return total

    def _log_of(self, factor: sp.Expr) -> sp.Expr:
        if factor in self._exponent:
            return self._exponent[factor]
        if factor is sp.E:
            return sp.S.One
        if factor.is_Integer:
            return sum((n * sp.log(p) for p, n in sp.factorint(abs(int(factor))).items()), sp.S.Zero)
        size = sp.Abs(factor)
        return sp.log(size) if size.is_number and size.is_positive else self._log_letter(factor)

    def _log_letter(self, factor: sp.Expr) -> sp.Expr:
        factor = -factor if factor.could_extract_minus_sign() else factor
        key = sp.log(factor, evaluate=False)
        if key not in self._of:
            self._of[key] = sp.Dummy(f"log_{factor}", real=True)
            self.pairs.setdefault((sp.Abs(factor) if not factor.is_positive else factor, self._of[key]), False)
        return self._of[key]


def is_exponential(expr: sp.Expr) -> bool:
    """Whether an expression is a power of a positive number with an exponent that is not rational."""
    if isinstance(expr, sp.exp):
        return True
    return isinstance(expr, sp.Pow) and not expr.exp.is_Rational and bool(expr.base.is_number and expr.base.is_positive)


@lru_cache(10_000)
def branches(expr: sp.Expr) -> tuple[tuple[sp.Expr, sp.Basic], ...]:
    """Take the branches of an expression's `Piecewise` parts apart; each has the condition under which it applies."""
    pieces = sorted(expr.atoms(sp.Piecewise), key=lambda p: (len(str(p)), str(p)))
    # An inner part is replaced with the outer one that holds it.
    outer = [p for p in pieces if not any(p is not q and q.has(p) for q in pieces)]
    if not outer or _count(outer) > _BRANCHES:
        return ((expr, sp.true),)
    found = []
    for choice in product(*(tuple(_cases(p)) for p in outer)):
        value = expr.xreplace({p: branch for p, (branch, _) in zip(outer, choice, strict=True)})
        where = And(*(condition for _, condition in choice))
        if where != False:  # noqa: E712 (sympy's false, not Python's)
            found += [(inner, And(where, also)) for inner, also in branches(value)]
    return tuple(found)


def _count(pieces: list[sp.Piecewise]) -> int:
    total = 1
    for piece in pieces:
        total *= len(piece.args)
    return total


def _cases(piece: sp.Piecewise) -> Iterator[tuple[sp.Expr, sp.Basic]]:
    before: list[sp.Basic] = []
    for value, condition in pieces(piece):
        yield value, And(condition, *(Not(other) for other in before))
        before.append(condition)


@lru_cache(10_000)
def _factors(x: sp.Expr) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
    """The irreducible factors of an expression, with their exponents; numbers apart."""
    return tuple(_parted(x))


def _parted(x: sp.Expr) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    for part in sp.Mul.make_args(sp.factor(x)):
        base, times = part.as_base_exp()
        if base.is_Rational and times.is_Integer:
            if base.p not in (1, -1):
                yield sp.Integer(base.p), times
            if base.q != 1:
                yield sp.Integer(base.q), -times
        elif times.is_Integer:
            yield base, times
        elif times.is_Rational:
            yield from ((factor, times * power) for factor, power in _parted(sp.together(base)))
        else:
            yield part, sp.S.One
