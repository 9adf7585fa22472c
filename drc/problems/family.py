"""Finite alphabets whose laws and costs depend on parameters: a problem for every value of these."""

# Its fields are declared as what a caller may give, and hold what was read of it; sympy does not say what it returns.
# pyright: reportReturnType=false, reportCallIssue=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportIndexIssue=false, reportAssignmentType=false

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Self

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from drc.errors import ProblemError, brief, choice, must
from drc.expressions.forms import replaced
from drc.expressions.numeric import compile_expression
from drc.problems import arrays
from drc.problems.finite import Finite
from drc.problems.problem import Parametric
from drc.problems.validation import exact, number, one_symbol_each

if TYPE_CHECKING:
    from sympy.logic.boolalg import Boolean

    from drc.doors import Solution, Tradeoff
    from drc.types import Parameter

#: A parameter, and the least and the largest value that it may have.
Range = tuple[sp.Symbol, sp.Expr, sp.Expr]

_NAMES = {"D": "drc", "R": "rdc", "C": "cdr"}


@dataclass(frozen=True)
class Family(Parametric):
    """Finite one-shot problems with common randomness whose laws and costs are polynomials in parameters.

    The classifier sees `(Y, U)`. In the trade-off the parameters are symbols, and its regimes say for which of their values,
    and of the bounds, a plan is best.

    Parameters
    ----------
    p_SX : array of expressions, shape (n_S, n_X)
        The joint law of label (rows) and source (columns); the entries sum to one, whatever the parameters.
    distortion : "hamming" or array of expressions, shape (n_X, n_Y)
    p_Y : sequence of expressions, shape (n_Y,), optional
        The target law; left out, it is free.
    domain : mapping from symbol or name to a pair, optional
        Between which values a parameter lies; the default is [0, 1]. What gives a letter of the source no mass, or any pair
        a negative one, is left out of it.
    values : mapping from name to number or expression, optional
        Parameters that are given already.

    Raises
    ------
    ProblemError
        For entries that are not polynomials, laws that do not sum to one, or a domain that has no laws in it.

    Notes
    -----
    Source: [liu2022] for the reduction to random maps, [gal1972] for programs with parameters.

    Examples
    --------
    >>> q = sp.Symbol("q", real=True)
    >>> f = Family([[1 - q, q]], p_Y=[0.5, 0.5], domain={q: (0, 0.5)})
    >>> f.parameters, f.at(q=0.25).n_X
    ({'q': q}, 2)
    >>> f.tradeoff()(R=1, q=0.25)
    0.25
    """

    p_SX: Sequence[Sequence[Parameter]]
    distortion: str | Sequence[Sequence[Parameter]] = "hamming"
    p_Y: Sequence[Parameter] | None = None
    domain: Mapping[sp.Symbol | str, tuple[Parameter, Parameter]] | tuple[Range, ...] = ()
    values: Mapping[str, Parameter] | tuple[tuple[str, sp.Expr], ...] = ()

    def __post_init__(self) -> None:
        self._set("p_SX", arrays.matrix("p_SX", self.p_SX, ("n_S", "n_X"), _polynomial))
        one_symbol_each({"p_SX": sp.Tuple(*sum(self.p_SX, ()))})
        _sum_to_one("p_SX", sum(self.p_SX, ()))
        self._set("distortion", self._costs())
        if self.p_Y is not None:
            rows = arrays.matrix("p_Y", [arrays.listed("p_Y", self.p_Y)], ("1", "n_Y"), _polynomial)
            self._set("p_Y", rows[0])
            _sum_to_one("p_Y", self.p_Y)
            if len(self.p_Y) != self.n_Y:
                raise must("p_Y", f"have the shape ({self.n_Y},), as the distortion says", got=f"({len(self.p_Y)},)")
        self._set("domain", tuple(self._ranges()))
        if any(ends.measure == 0 for ends in self.ranges.values()):
            raise must("domain", "give every letter of the source a positive probability somewhere", self.domain)
        names = [symbol.name for symbol, *_ in self.domain]
        given = {name: exact(name, value) for name, value in dict(self.values).items()}
        if unknown := sorted(given.keys() - set(names)):
            raise must("values", f"be of parameters among {', '.join(names)}", got=unknown[0])
        self._set("values", tuple(given.items()))
        numbers = {name: float(value) for name, value in given.items() if not value.free_symbols}
        if numbers and len(numbers) == len(names) and self.out_of_range(numbers):
            raise must(
                "the parameters", "give a law in the domain", got=", ".join(f"{n} = {v}" for n, v in given.items())
            )

    def _costs(self) -> tuple:
        n_X = len(self.p_SX[0])
        if isinstance(self.distortion, str):
            choice("distortion", self.distortion, ("hamming",))
            n_Y = n_X if self.p_Y is None else len(self.p_Y)
            return tuple(tuple(sp.Integer(int(x != y)) for y in range(n_Y)) for x in range(n_X))
        rows = arrays.matrix("distortion", self.distortion, ("n_X", "n_Y"), _polynomial)
        if len(rows) != n_X:
            raise must("distortion", f"have {n_X} rows, one for each letter of the source", got=f"{len(rows)}")
        return rows

    def _ranges(self) -> Iterator[Range]:
        entries = {"p_SX": sum(self.p_SX, ()), "distortion": sum(self.distortion, ()), "p_Y": self.p_Y or ()}
        one_symbol_each({name: sp.Tuple(*values) for name, values in entries.items()})
        symbols = {s.name: s for values in entries.values() for entry in values for s in entry.free_symbols}
        if isinstance(self.domain, Mapping):
            given = {str(name): tuple(ends) for name, ends in self.domain.items()}
        else:
            given = {symbol.name: (low, high) for symbol, low, high in self.domain}
        if unknown := sorted(given.keys() - symbols.keys()):
            raise must("domain", f"be of parameters among {', '.join(sorted(symbols))}", got=unknown[0])
        for name in sorted(symbols):
            ends = given.get(name, (0, 1))
            if len(ends) != 2:
                raise must(f"the domain of {name}", "be (low, high)", ends)
            low, high = (number(f"the domain of {name}", end) for end in ends)
            if not (low < high and low.is_finite and high.is_finite):
                raise must(f"the domain of {name}", "be (low, high) with low < high", ends)
            yield symbols[name], low, high

    @property
    def id(self) -> str:
        """The setting's name."""
        return "family.one-shot.YU"

    @property
    def n_Y(self) -> int:
        """How many output letters there are."""
        return len(self.distortion[0])

    @property
    def symbols(self) -> tuple[sp.Symbol, ...]:
        """The parameters as symbols."""
        return tuple(symbol for symbol, *_ in self.domain)

    @property
    def parameters(self) -> dict[str, sp.Expr]:
        """The parameters by name: symbols, or what has been given."""
        return {symbol.name: symbol for symbol in self.symbols} | dict(self.values)

    def changed(self, **parameters: object) -> Self:
        """Return the family with some parameters given."""
        return replace(self, values=dict(self.values) | parameters)

    @cached_property
    def masses(self) -> tuple[sp.Expr, ...]:
        """The law of the source."""
        return tuple(sp.expand(sum(column)) for column in zip(*self.p_SX, strict=True))

    @cached_property
    def ranges(self) -> dict[sp.Symbol, sp.Interval]:
        """Where each parameter lies; an end at which a letter of the source has no mass does not belong to it."""
        found = {symbol: sp.Interval(low, high) for symbol, low, high in self.domain}
        for mass in self.masses:
            for symbol in mass.free_symbols if len(mass.free_symbols) == 1 else ():
                found[symbol] &= sp.solve_univariate_inequality(sp.Gt(mass, 0), symbol, relational=False)
        return found

    @cached_property
    def lawful(self) -> tuple[Boolean, ...]:
        """What else makes the laws such."""
        others = [*sum(self.p_SX, ()), *(self.p_Y or ()), *sum(self.distortion, ())]
        positive = (sp.Gt(p, 0) for p in dict.fromkeys(self.masses) if len(p.free_symbols) > 1)
        return (*positive, *(sp.Ge(p, 0) for p in dict.fromkeys(others) if not self._is_nowhere_negative(p)))

    def _is_nowhere_negative(self, entry: sp.Expr) -> bool:
        """Whether an entry is linear in each parameter, and not negative at the ends of their ranges."""
        symbols = sorted(entry.free_symbols, key=str)
        if not symbols or entry in self.masses:
            return True
        corners = product(*((self.ranges[s].start, self.ranges[s].end) for s in symbols))
        at = (entry.subs(dict(zip(symbols, corner, strict=True))) for corner in corners)
        return all(sp.degree(entry, s) <= 1 for s in symbols) and all(value >= 0 for value in at)

    @property
    def assumptions(self) -> tuple[sp.Basic, ...]:
        """What is allowed for the parameters that are still symbols."""
        inside = (ends.as_relational(symbol) for symbol, ends in self.ranges.items())
        given = {symbol: self.parameters[symbol.name] for symbol in self.symbols}
        conditions = (replaced(condition, given) for condition in (*inside, *self.lawful))
        return tuple(condition for condition in conditions if condition.free_symbols)

    def out_of_range(self, numbers: Mapping[str, ArrayLike]) -> np.ndarray:
        """Mark, element by element, parameters outside of the domain; arrays broadcast."""
        inside = [ends.as_relational(symbol) for symbol, ends in self.ranges.items()]
        found = [compile_expression(condition)(numbers) for condition in (*inside, *self.lawful)]
        return ~np.logical_and.reduce(np.broadcast_arrays(*found))

    def at(self, **parameters: Parameter) -> Finite:
        """Return the finite problem with numbers for all parameters.

        Raises
        ------
        ProblemError
            If a parameter is missing, unknown, or outside of the domain.
        """
        family = self.changed(**parameters)
        given = {symbol: number(symbol.name, family.parameters[symbol.name]) for symbol in self.symbols}

        def put(rows: Sequence) -> list:
            return [[replaced(entry, given) for entry in row] for row in rows]

        p_Y = None if self.p_Y is None else put([self.p_Y])[0]
        return Finite(put(self.p_SX), put(self.distortion), p_Y, letters_Y=range(self.n_Y))

    def solve(self, *, minimise: str = "D", **bounds: object) -> Solution:
        """Solve the finite problem with the parameters that have been given, all of them numbers; see `Finite.solve`.

        Examples
        --------
        >>> q = sp.Symbol("q", real=True)
        >>> Family([[1 - q, 0], [0, q]]).changed(q=0.25).solve(R=0).value
        0.25
        """
        return self.at().solve(minimise=minimise, **bounds)

    def tradeoff(self, *, minimise: str = "D", unit: str = "bits") -> Tradeoff:
        """Derive the trade-off in closed form, the parameters symbolic.

        Parameters
        ----------
        minimise : {"D", "R", "C"}
        unit : {"bits", "nats"}
            The unit of `R` and `C`.

        Raises
        ------
        NotAvailableError
            For alphabets whose programs have too many bases.

        Examples
        --------
        >>> q = sp.Symbol("q", real=True)
        >>> T = Family([[1 - q, 0], [0, q]], domain={q: (0, 0.5)}).tradeoff()
        >>> T.regime(R=0.5, q=0.25)
        'rate-limited'
        """
        return self._tradeoff(_NAMES[choice("minimise", minimise, tuple(_NAMES))], "exact", unit)


def _polynomial(name: str, value: object) -> sp.Expr:
    """Read an entry."""
    found = sp.expand(exact(name, value))
    if not found.is_polynomial(*found.free_symbols) or not all(c.is_Rational for c in _coefficients(found)):
        raise must(name, "be a polynomial in the parameters, with fractions for coefficients", got=brief(value))
    if not found.free_symbols and found < 0:
        raise must(name, "be at least 0", got=brief(value))
    return found


def _coefficients(found: sp.Expr) -> list[sp.Expr]:
    symbols = sorted(found.free_symbols, key=str)
    return sp.Poly(found, *symbols).coeffs() if symbols else [found]


def _sum_to_one(name: str, entries: Sequence[sp.Expr]) -> None:
    total = sp.expand(sum(entries))
    if total != 1:
        raise ProblemError(f"{name} must sum to 1 for all values of the parameters, got {total}")
