"""Forms of expressions that every reading in floats looks for, so that no reading loses digits that another one keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import sympy as sp
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, Boolean, Equivalent, Implies, Not, Or

from drc.information import H_b, KL_b


def pieces(expr: sp.Piecewise) -> tuple[tuple[sp.Expr, Boolean], ...]:
    """Return the values of a definition by cases, each with its condition.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> pieces(sp.Piecewise((0, x < 1), (x, True)))
    ((0, x < 1), (x, True))
    """
    # sympy does not say what its arguments are.
    return expr.args  # pyright: ignore[reportReturnType]


def replaced(expr: sp.Expr, by: Mapping[sp.Basic, sp.Basic]) -> sp.Expr:
    """Replace parts of an expression, all at once and as they are.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> replaced(x + sp.exp(x), {x: y, sp.exp(x): 2})
    y + 2
    """
    # sympy does not say that what becomes of an expression is one.
    return expr.xreplace(by)  # pyright: ignore[reportReturnType]


def upwards(relation: Relational) -> Relational:
    """Turn an inequality round, if need be, so that its smaller side comes first.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> upwards(x > 1), upwards(sp.Eq(x, 1))
    (1 < x, Eq(x, 1))
    """
    # sympy's property takes numbers for relations, too.
    return relation.reversed if isinstance(relation, sp.Ge | sp.Gt) else relation  # pyright: ignore[reportReturnType]


def difference(relation: Relational) -> sp.Expr:
    """Return the left side of a relation less its right one.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> difference(x <= 1)
    x - 1
    """
    # sympy does not say that the sides are expressions.
    return relation.lhs - relation.rhs  # pyright: ignore[reportOperatorIssue]


def used_definitions(
    symbols: Iterable[sp.Basic], definitions: Sequence[tuple[sp.Symbol, sp.Expr]]
) -> tuple[tuple[sp.Symbol, sp.Expr], ...]:
    """Return the definitions that symbols stand on, directly or through others, in their order.

    Examples
    --------
    >>> x, y, z = sp.symbols("x y z")
    >>> used_definitions({z}, [(x, sp.S.One), (y, sp.S(2)), (z, x + 1)])
    ((x, 1), (z, x + 1))
    """
    needed, kept = set(symbols), []
    for symbol, value in reversed(definitions):
        if symbol in needed:
            kept.append((symbol, value))
            needed |= value.free_symbols
    return tuple(reversed(kept))


def all_of(*conditions: Boolean) -> And:
    """Join conditions as they are, where sympy would simplify.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> all_of(x > 1, x < 1)
    (x > 1) & (x < 1)
    """
    # sympy reads this option without declaring it.
    return And(*conditions, evaluate=False)  # pyright: ignore[reportCallIssue, reportReturnType]


def exponent_of(expr: sp.Expr) -> sp.Expr | None:
    """Return `u` if `expr` is `exp(u)`, or a number to a power, written to base e.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> exponent_of(2**x), exponent_of(x)
    (x*log(2), None)
    """
    if isinstance(expr, sp.exp):
        return expr.args[0]  # pyright: ignore[reportReturnType] (sympy does not say what its arguments are)
    if isinstance(expr, sp.Pow) and expr.base.is_positive and expr.base.is_number:
        return expr.exp * sp.log(expr.base)
    return None


def exponent_below_one(expr: sp.Add) -> sp.Expr | None:
    """Return `u` if `expr` is `1 - exp(u)`.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> exponent_below_one(1 - sp.exp(x)), exponent_below_one(1 + x)
    (x, None)
    """
    return exponent_of(1 - expr) if len(expr.args) == 2 and sp.S.One in expr.args else None


def divergence_from_uniform(expr: sp.Add) -> sp.Expr | None:
    """Return `KL_b(x, 1 - 1/M)` if `expr` is `log M - H_b(x) - x log(M - 1)`, a sum without digits near its zero.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> divergence_from_uniform(1 - H_b(x)), divergence_from_uniform(2 - H_b(x))
    (KL_b(x, 1/2), None)
    """
    entropy = next((-term for term in expr.args if isinstance(-term, H_b)), None)
    if entropy is None or not (x := entropy.args[0]).is_Symbol:
        return None
    base = entropy.base
    M = base ** replaced(expr + entropy, {x: sp.S.Zero})
    whole = sp.log(M) / sp.log(base) - x * sp.log(M - 1) / sp.log(base) - entropy
    return KL_b.of(x, 1 - 1 / M, base) if expr == whole else None


def mean_of_exponentials(expr: sp.Add) -> tuple[sp.Expr, list[tuple[sp.Expr, sp.Expr]]] | None:
    """Return `k` and pairs `(w, u)` if `expr` is `k log n - k log(sum n w exp(u))`, with weights `w` whose sum is one.

    It is `-k log1p(sum w expm1(u))`, which keeps its digits near its zero, where all `u` are small.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> factor, pairs = mean_of_exponentials(sp.log(3) - sp.log(sp.exp(x) + 2 * sp.exp(y)))
    >>> factor, sorted(pairs, key=str)
    (1, [(1/3, x), (2/3, y)])
    """
    terms = [term for term in expr.args if term.has(sp.exp)]
    logs = [f for term in terms for f in sp.Mul.make_args(term) if isinstance(f, sp.log)]
    if len(terms) != 1 or len(logs) != 1:
        return None
    factor, pairs = -terms[0] / logs[0], [t.as_coeff_Mul() for t in sp.Add.make_args(logs[0].args[0])]
    count = sp.Add(*(number for number, _ in pairs))
    if not all(isinstance(e, sp.exp) for _, e in pairs) or expr - terms[0] != factor * sp.log(count):
        return None
    return factor, [(number / count, e.args[0]) for number, e in pairs]


def above_and_below(expr: sp.Mul) -> tuple[list[sp.Expr], list[sp.Expr]]:
    """Return the factors above and below the line.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> above_and_below(2 * x / y)
    ([2, x], [y])
    """
    below = [f for f in expr.args if isinstance(f, sp.Pow) and f.exp.could_extract_minus_sign()]
    return [f for f in expr.args if f not in below], [1 / f for f in below]


def in_and_or(condition: Implies | Equivalent) -> Boolean:
    """Write an implication, or an equivalence, by what else conditions are made of.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> in_and_or(Implies(a, b))
    b | ~a
    """
    left, right = condition.args
    if isinstance(condition, Implies):
        return Or(Not(left), right)
    return Or(And(left, right), And(*(Not(side, evaluate=False) for side in condition.args)))


def below_branch_point(expr: sp.Basic) -> sp.Expr | None:
    """Return `v` if `expr` is a branch of Lambert's W at `-exp(-1 - v)`, in which the digits of `v` would be lost.

    Examples
    --------
    >>> from drc.information import W_0
    >>> x = sp.Symbol("x")
    >>> below_branch_point(W_0(-(2**x) * sp.exp(-1)))
    -x*log(2)
    """
    if not hasattr(type(expr), "numeric_below_branch_point"):
        return None
    exponents = [exponent_of(factor) for factor in sp.Mul.make_args(sp.Mul(-1, expr.args[0]))]
    known = [exponent for exponent in exponents if exponent is not None]
    return -1 - sp.Add(*known) if len(known) == len(exponents) else None


def undone(expr: sp.Basic) -> tuple[sp.Expr, sp.Expr] | None:
    """Return `p` and `r` if `expr` is the inverse of a function at `f(p) + r`: it is `p` where `r` is zero.

    Examples
    --------
    >>> from drc.information import H_b, H_b_inv
    >>> p, R = sp.symbols("p R")
    >>> undone(H_b_inv(H_b(p) - R))
    (p, -R)
    """
    function, _ = getattr(type(expr), "undoes", (None, None))
    if function is None:
        return None
    value, *base = expr.args
    terms = (term for term in sp.Add.make_args(value) if isinstance(term, function) and [*term.args[1:]] == base)
    term = next(terms, None)
    return None if term is None else (term.args[0], value - term)


def by_cases(pairs: Iterable[tuple[sp.Expr, sp.Basic]]) -> sp.Piecewise:
    """Define by cases as they are given.

    Sympy's own constructor would simplify conditions in many variables, at great length, and take the definitions by cases
    apart that stand in them.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> by_cases([(x, x > 0), (-x, sp.true)])
    Piecewise((x, x > 0), (-x, True))
    """
    return sp.Basic.__new__(sp.Piecewise, *(sp.Basic.__new__(ExprCondPair, *pair) for pair in pairs))
