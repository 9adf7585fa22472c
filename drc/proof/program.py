"""Parametric linear programming: a small program with symbolic data, solved for all its parameters at once.

By the strong duality theorem the optimum of a feasible, bounded program is the largest of the values at the vertices
of its dual polyhedron.  A vertex is a basis whose reduced costs and multipliers have the right sign; which bases
these are depends on the matrix and the costs alone, and not on the right-hand sides.  So one enumeration of bases
gives the optimum for every right-hand side.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from types import MappingProxyType

import sympy as sp

from drc.expressions.content import ByContent
from drc.expressions.forms import difference


@dataclass(frozen=True, eq=False)
class Vertex(ByContent):
    """A basis of a linear program, with the point and the multipliers that it determines.

    Attributes
    ----------
    weights : mapping from variable to its value at the basis (all others are zero)
    multipliers : mapping from constraint to its shadow price: the value's derivative in the right-hand side
    reduced : mapping from non-basic variable to its reduced cost
    value : the cost of the basis, as a function of the right-hand sides
    """

    weights: Mapping[sp.Symbol, sp.Expr]
    multipliers: Mapping[str, sp.Expr]
    reduced: Mapping[sp.Symbol, sp.Expr]
    value: sp.Expr

    @property
    def binding(self) -> tuple[str, ...]:
        """Which constraints have a price here: what limits the optimum."""
        return tuple(name for name, price in self.multipliers.items() if price != 0)


@dataclass(frozen=True, eq=False)
class LinearProgram(ByContent):
    """Minimise a linear form over non-negative variables subject to named linear constraints.

    Parameters
    ----------
    variables : the unknowns, all of them non-negative
    minimise : the cost, linear in the unknowns
    subject_to : mapping from a name to an equation or an inequality, linear in the unknowns
    interval : the one symbol that matrix and costs may depend on, with the open interval it lies in

    Examples
    --------
    >>> x, y, b = sp.symbols("x y b", nonnegative=True)
    >>> program = LinearProgram((x, y), x + 2 * y, {"cover": sp.Ge(x + y, b)})
    >>> [vertex.value for vertex in program.dual_vertices]
    [b, 0]
    """

    variables: tuple[sp.Symbol, ...]
    minimise: sp.Expr
    subject_to: Mapping[str, sp.core.relational.Relational]
    interval: tuple[sp.Symbol, sp.Expr, sp.Expr] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "subject_to", MappingProxyType(dict(self.subject_to)))

    @cached_property
    def slacks(self) -> dict[str, sp.Symbol]:
        """One slack variable for each inequality."""
        return {
            name: sp.Symbol(f"slack_{name.replace(' ', '_')}", nonnegative=True)
            for name, row in self.subject_to.items()
            if not isinstance(row, sp.Eq)
        }

    @cached_property
    def bases(self) -> tuple[Vertex, ...]:
        """Every basis with an invertible matrix."""
        matrix, rhs, costs, columns = self._standard_form()
        size = matrix.rows
        found = (self._vertex(matrix, rhs, costs, columns, b) for b in combinations(range(len(columns)), size))
        return tuple(vertex for vertex in found if vertex is not None)

    @cached_property
    def dual_vertices(self) -> tuple[Vertex, ...]:
        """The bases that are dual feasible on the whole interval; those of one value are given once."""
        kept: dict[sp.Expr, Vertex] = {}
        matrix, rhs, costs, columns = self._standard_form()
        inside = self._inside_point()
        numbers = matrix.subs(inside), costs.subs(inside)
        for basis in combinations(range(len(columns)), matrix.rows):
            # Most bases fail at one point already, where that is cheap to see.
            if not _may_be_dual_feasible(*numbers, basis):
                continue
            vertex = self._vertex(matrix, rhs, costs, columns, basis, known=kept)
            if vertex is not None and all(self.is_nonnegative(cost) for cost in vertex.reduced.values()):
                kept.setdefault(vertex.value, vertex)
        return tuple(kept.values())

    def is_nonnegative(self, expr: sp.Expr) -> bool:
        """Decide exactly whether a rational function of the program's symbol is >= 0 on the whole interval."""
        expr = sp.cancel(expr)
        if expr.is_number:
            return bool(expr >= 0)
        if self.interval is None:
            raise ValueError(f"{expr} has no interval on which its sign can be decided")
        symbol, low, high = self.interval
        # The sign can change only at a root of numerator or denominator; none inside leaves one sign to look at.
        product = sp.Poly(sp.prod(sp.fraction(expr)), symbol)
        inner = product.count_roots(low, high) - sum(product.eval(end) == 0 for end in {low, high})
        return inner == 0 and bool(expr.subs(symbol, (low + high) / 2) >= 0)

    def _inside_point(self) -> dict[sp.Symbol, sp.Expr]:
        """A point inside the interval."""
        if self.interval is None:
            return {}
        symbol, low, high = self.interval
        return {symbol: low + (high - low) * sp.Rational(5, 13)}

    def _standard_form(self):
        columns = [*self.variables, *self.slacks.values()]
        rows, rhs = [], []
        for name, relation in self.subject_to.items():
            left = sp.expand(difference(relation))
            if name in self.slacks:
                left += self.slacks[name] * (1 if isinstance(relation, sp.Le | sp.Lt) else -1)
            rows.append([left.coeff(v) for v in columns])
            rhs.append(sp.expand(-left.subs(dict.fromkeys(columns, 0))))
        cost = sp.expand(self.minimise)
        return sp.Matrix(rows), sp.Matrix(rhs), sp.Matrix([[cost.coeff(v) for v in columns]]), columns

    def _vertex(self, matrix, rhs, costs, columns, basis, known=()) -> Vertex | None:
        """Return the vertex of a basis; None if the basis is singular, or its value is known."""
        square = matrix[:, list(basis)]
        determinant = sp.cancel(square.det())
        if determinant == 0:
            return None
        # Matrix.inv would simplify the determinant, to see whether it is zero.
        inverse = (square.adjugate() / determinant).applyfunc(sp.cancel)
        prices = (costs[:, list(basis)] * inverse).applyfunc(sp.cancel)
        value = sp.cancel((prices * rhs)[0])
        if value in known:
            return None
        weights = (inverse * rhs).applyfunc(sp.factor)
        reduced = (costs - prices * matrix).applyfunc(sp.factor)
        names = tuple(self.subject_to)
        return Vertex(
            weights=MappingProxyType({columns[j]: weights[i] for i, j in enumerate(basis)}),
            multipliers=MappingProxyType({name: sp.factor(prices[i]) for i, name in enumerate(names)}),
            reduced=MappingProxyType({c: reduced[j] for j, c in enumerate(columns) if j not in basis}),
            value=value,
        )


def _may_be_dual_feasible(matrix: sp.Matrix, costs: sp.Matrix, basis: tuple[int, ...]) -> bool:
    """Whether a basis has no negative reduced cost, in numbers; a singular one, or one with symbols, is not checked."""
    square = matrix[:, list(basis)]
    if square.free_symbols or square.det() == 0:
        return True
    prices = square.T.LUsolve(costs[:, list(basis)].T).T
    return not any(cost.is_negative for cost in costs - prices * matrix)
