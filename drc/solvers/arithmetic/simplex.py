"""The simplex method in rational arithmetic, for the few columns that matter.

It follows Bland's rule, so that it ends, degenerate or not ([bland1977]). Its answer has no tolerance: weights and
multipliers are exact for the rational program it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from flint import fmpq, fmpq_mat

from drc.solvers.arithmetic.balls import total
from drc.solvers.request import Clock


@dataclass(frozen=True, eq=False)
class Vertex:
    """A basic solution: `x[basis]` are `values`, the rest zero; `multipliers` are `y = c_B B^-1`; `cost` is `c x`.

    `missed` says by how much the equations are missed. Unless time was over, `y A <= 0 < y b` then: nothing is feasible.
    """

    basis: tuple[int, ...]
    values: tuple
    multipliers: tuple
    cost: fmpq
    missed: fmpq = field(default_factory=fmpq)


def simplex(columns: list, costs: list, b: list, basis: Sequence[int], clock: Clock | None = None) -> Vertex:
    """Minimise `c x` subject to `A x = b`, `x >= 0`, from a feasible basis.

    `columns` are the n columns of `A`, of m numbers each, and `basis` has m indices of independent ones with `B^-1 b >=
    0`.

    Returns the optimum, or out of time the feasible vertex that was reached. The program must be bounded.

    Raises `ZeroDivisionError` if the basis is singular, and `ValueError` if it is not feasible.

    Examples
    --------
    >>> q = fmpq
    >>> simplex([[q(1)], [q(1)]], [q(2), q(1)], [q(3)], [0]).cost
    3
    """
    basis = list(basis)
    right = fmpq_mat([[v] for v in b])
    table = fmpq_mat([list(row) for row in zip(*columns, strict=True)])
    while True:
        inverse = fmpq_mat([list(row) for row in zip(*(columns[j] for j in basis), strict=True)]).inv()
        values = (inverse * right).entries()
        if any(v < 0 for v in values):
            raise ValueError(f"the basis {basis} is not feasible")
        y = fmpq_mat([[costs[j] for j in basis]]) * inverse
        prices = (y * table).entries()
        entering = next((j for j, price in enumerate(prices) if costs[j] < price and j not in basis), None)
        if entering is None or (clock is not None and clock.over):
            cost = total(costs[j] * v for j, v in zip(basis, values, strict=True))
            return Vertex(tuple(basis), tuple(values), tuple(y.entries()), cost)
        direction = (inverse * fmpq_mat([[v] for v in columns[entering]])).entries()
        ratios = [(v / d, basis[i], i) for i, (v, d) in enumerate(zip(values, direction, strict=True)) if d > 0]
        # Bland: of the first candidates in both choices the program cannot come back to the same basis.
        basis[min(ratios)[2]] = entering


def optimum(
    columns: list, costs: list, b: list, guesses: Iterable[Sequence[int]] = (), clock: Clock | None = None
) -> Vertex:
    """Minimise as `simplex` does, from the first guess that is a feasible basis, or from none at all.

    In the latter case there is a further column for each equation, which alone makes up for it; first their sum is
    minimised, then the costs.

    Examples
    --------
    >>> q = fmpq
    >>> optimum([[q(1)], [q(1)]], [q(2), q(1)], [q(3)]).cost, optimum([[q(1)]], [q(1)], [q(-3)]).missed
    (3, 3)
    """
    for guess in guesses:
        with suppress(ZeroDivisionError, ValueError):
            return simplex(columns, costs, b, guess, clock)
    n, m = len(columns), len(b)
    artificial = [[fmpq((i == j) * (-1 if b[i] < 0 else 1)) for i in range(m)] for j in range(m)]
    first = simplex(columns + artificial, [fmpq(0)] * n + [fmpq(1)] * m, b, range(n, n + m), clock)
    if first.cost > 0:
        return Vertex(first.basis, first.values, first.multipliers, first.cost, missed=first.cost)
    basis = list(first.basis)
    for place in range(m):
        if basis[place] >= n:
            # At zero it can be replaced by any column that keeps the basis independent.
            others = (j for j in range(n) if j not in basis)
            swaps = ([*basis[:place], j, *basis[place + 1 :]] for j in others)
            basis = next((swap for swap in swaps if is_feasible(columns + artificial, b, swap)), basis)
    # A further column stays only for an equation that all others leave at zero.
    kept = [*range(n), *(j for j in basis if j >= n)]
    whole = [(columns + artificial)[j] for j in kept]
    return simplex(whole, costs + [fmpq(0)] * (len(kept) - n), b, [kept.index(j) for j in basis], clock)


def is_feasible(columns: list, b: list, basis: Sequence[int]) -> bool:
    """Tell whether a basis is independent and its basic solution has no negative entry.

    Examples
    --------
    >>> is_feasible([[fmpq(1)], [fmpq(0)]], [fmpq(2)], [0])
    True
    """
    matrix = fmpq_mat([list(row) for row in zip(*(columns[j] for j in basis), strict=True)])
    try:
        values = matrix.solve(fmpq_mat([[v] for v in b]))
    except ZeroDivisionError:
        return False
    return all(v >= 0 for v in values.entries())
