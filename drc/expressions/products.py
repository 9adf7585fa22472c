"""The order of terms and factors, and the signs, that a reader expects.

Sympy keeps `(m - 1)/(2*m - 1)` and `2*q*rho*(1 - q)`; a paper has `(1 - m)/(1 - 2 m)` and `2 q (1 - q) rho`.  Nothing is
simplified here: factors are only turned round and put in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy as sp

#: What a problem is given by stands before what varies.
_PARAMETER = re.compile(r"(q|mu|sigma)_\w+|theta|m|r")


@dataclass(frozen=True)
class Product:
    """A product, ready to be set: `sign * outside * above / below`; `outside` stands before the fraction."""

    sign: int
    outside: tuple[sp.Expr, ...]
    above: tuple[sp.Expr, ...]
    below: tuple[sp.Expr, ...]


def product(expr: sp.Expr, *, alone: bool = False) -> Product:
    """Take a product apart, with sums turned so that their constants are positive.

    Parameters
    ----------
    alone : bool
        Whether it is not a term of a sum; then a difference takes a leading minus sign.

    Examples
    --------
    >>> m, r = sp.symbols("m r")
    >>> product((r - 1) / (2 * m - 1))
    Product(sign=1, outside=(), above=(1 - r,), below=(1 - 2*m,))
    """
    sign, above, below = 1, [], []
    for factor in sp.Mul.make_args(expr):
        if factor.is_Rational:
            sign *= 1 if factor > 0 else -1
            above += [sp.Integer(abs(factor.p))] if abs(factor.p) != 1 else []
            below += [sp.Integer(factor.q)] if factor.q != 1 else []
            continue
        base, power = factor.as_base_exp()
        downwards = bool(power.is_number and power.is_negative)
        base, turned = _turned(base, power)
        sign *= turned
        (below if downwards else above).append(sp.Pow(base, -power if downwards else power))
    if sign < 0 and alone:
        sign, above = _absorbed(above)
    outside, above = _split(_ordered(above), below)
    return Product(sign, outside, above, tuple(_ordered(below)))


def ordered_terms(expr: sp.Expr) -> list[sp.Expr]:
    """List the terms of a sum in sympy's order.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> ordered_terms(1 - x)
    [1, -x]
    """
    # With an option sympy returns more.
    terms: list[sp.Expr] = list(expr.as_ordered_terms())  # pyright: ignore[reportAssignmentType]
    return terms[::-1] if len(terms) == 2 and terms[1].is_number else terms


def _turned(base: sp.Expr, power: sp.Expr) -> tuple[sp.Expr, int]:
    """Turn a sum with a negative constant, or of negative terms alone; return the sign that comes out."""
    if not isinstance(base, sp.Add) or not power.is_Integer:
        return base, 1
    constants = [term for term in base.args if term.is_number]
    judged = constants or base.args
    if not all(term.could_extract_minus_sign() for term in judged):
        return base, 1
    return _negated(base), -1 if power.is_odd else 1


def _negated(base: sp.Add) -> sp.Expr:
    return sp.Add(*(-term for term in base.args))


def _absorbed(factors: list[sp.Expr]) -> tuple[int, list[sp.Expr]]:
    """Let a difference take the minus sign: `-(m - r)` is `(r - m)`."""
    for i, factor in enumerate(factors):
        signs = {term.could_extract_minus_sign() for term in factor.args}
        has_constant = any(term.is_number for term in factor.args)
        if isinstance(factor, sp.Add) and signs == {True, False} and (len(factors) == 1 or not has_constant):
            return 1, [*factors[:i], _negated(factor), *factors[i + 1 :]]
    return -1, factors


def _ordered(factors: list[sp.Expr]) -> list[sp.Expr]:
    ranked = sorted(factors, key=_rank)
    placed: list[sp.Expr] = []
    for factor in ranked:
        partner = next((i for i, other in enumerate(placed) if _is_pair(other, factor)), None)
        placed.insert(len(placed) if partner is None else partner + 1, factor)
    return placed


def _rank(factor: sp.Expr) -> tuple:
    base, _ = factor.as_base_exp()
    if factor.is_number:
        constants = [sp.pi, sp.E]
        place = constants.index(factor) + 1 if factor in constants else 0
        return (5 if factor.has(sp.Function) else 0, place, str(factor))
    if base.is_number:
        return (0, 3, str(factor))
    if isinstance(base, sp.Symbol):
        return (_rank_of_symbol(base), 0, base.name)
    if isinstance(base, sp.Add):
        is_given = all(_PARAMETER.fullmatch(s.name) for s in base.free_symbols) and not base.has(sp.Function)
        return (1 if is_given else 3, 1, str(factor))
    return (4, 0, str(factor))


def _rank_of_symbol(symbol: sp.Symbol) -> int:
    if type(symbol).__name__ == "_Decimal":
        return 0
    if _PARAMETER.fullmatch(symbol.name):
        return 1
    # What is set with brackets of its own, such as I(S;X), stands where a function stands.
    return 4 if re.fullmatch(r"[HhI]_\w+", symbol.name) else 2


def _is_pair(symbol: sp.Expr, other: sp.Expr) -> bool:
    """Whether two factors are `q` and `1 - q`."""
    return symbol.is_Symbol and isinstance(other, sp.Add) and other == 1 - symbol


def _split(above: list[sp.Expr], below: list[sp.Expr]) -> tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]:
    """Choose what stands before the fraction: `2 q (1 - q) (a + b)/(1 - 2 m)` keeps the sums together."""
    if not below:
        return (), tuple(above)
    if all(f.is_number for f in below):
        numbers = [f for f in above if f.is_Integer]
        rest = [f for f in above if not f.is_Integer]
        if rest and (len(rest) > 1 or not rest[0].is_Symbol) and any(f.has(sp.Function) for f in rest):
            return tuple(rest), tuple(numbers)
    paired = [f for f in above if any(_is_pair(s, f) for s in above)]
    sums = [f for f in above if isinstance(f, sp.Add) and f not in paired]
    if len(above) > 2 and len(sums) == 1 and any(isinstance(f, sp.Add) for f in below):
        return tuple(f for f in above if f not in sums), tuple(sums)
    return (), tuple(above)
