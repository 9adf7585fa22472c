"""Expressions as C, one point at a time, with the bounds on relative errors that `numeric` has for arrays.

What is written is a nest of calls of the functions in `drc/tradeoff/compiled.c`.  Numbers are not part of the text but of a
table beside it, so that problems which differ only in numbers have the same program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import reduce
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions.constants import constant, remainder
from drc.expressions.forms import above_and_below, below_branch_point, exponent_below_one, in_and_or, pieces, upwards
from drc.expressions.numeric import Compiler

#: Named functions that there are in C, with bounds; a trade-off that needs another one is left to numpy.
FUNCTIONS = (
    *("H_b", "H_b_inv", "I_b", "I_b_inv", "KL_b_min", "KL_b_max", "KL_width", "KL_nearest", "KL_steepest"),
    *("W_0_below_branch_point", "W_m1_below_branch_point"),
)

#: Numbers that stand in the text itself, if they are exact.
_PLAIN = {0.0: "0", 1.0: "1", -1.0: "-1", 2.0: "2", 0.5: "0.5", float("inf"): "INFINITY"}


class Fused(Compiler):
    """Writes expressions, of the type `P`, and conditions.

    Parameters
    ----------
    names : mapping from the name of a symbol to that of a variable in C
    columns : the symbols that vary from point to point
    known, definitions : as in `Compiler`

    Attributes
    ----------
    numbers : list of pairs
        The table of numbers that the text refers to as `k0`, `k1` and so on: each with its relative error, and then what it
        has lost to rounding, with none.
    before : list of str
        What is to be computed before all points.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> write = Fused({"x": "x"}, {x})
    >>> write(1 - sp.exp(x)), write(x <= sp.Rational(3, 4)), write.numbers
    ('one_less_exponential(x)', 'closed(x, k0)', [(0.75, 0.0), (0.0, 0.0)])
    """

    def __init__(
        self,
        names: Mapping[str, str],
        columns: Set[sp.Symbol],
        known: Mapping[sp.Basic, sp.Expr] | None = None,
        definitions: Mapping[sp.Basic, sp.Expr] | None = None,
    ) -> None:
        super().__init__(known, definitions)
        self.numbers: list[tuple[float, float]] = []
        self.before: list[str] = []
        self._names, self._columns = names, columns
        self._entries: dict[sp.Basic, str] = {}

    def __call__(self, expr: sp.Basic) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Write an expression or a condition.

        Raises
        ------
        UnknownFunctionError
            For a function that has no bound in C.
        """
        if isinstance(expr, BooleanAtom):
            return "YES" if expr else "NO"
        if not isinstance(expr, sp.Symbol) and not expr.free_symbols & self._columns and not self._is_known(expr):
            return self._before(expr)
        return self._written(expr)

    def _is_known(self, expr: sp.Basic) -> bool:
        return isinstance(expr, sp.Expr) and self._is_number(expr)

    def _before(self, expr: sp.Basic) -> str:
        """Have what no column changes computed before the loop."""
        if expr not in self._entries:
            text, kind = self._written(expr), "P" if isinstance(expr, sp.Expr) else "T"
            self._entries[expr] = f"z{len(self.before)}"
            self.before.append(f"const {kind} {self._entries[expr]} = {text};")
        return self._entries[expr]

    def _written(self, expr: sp.Basic) -> str:
        if isinstance(expr, sp.Expr) and self._is_number(expr):
            return self._entry(expr)
        if isinstance(expr, sp.Symbol):
            return self._names[expr.name]
        if hasattr(type(expr), "numeric"):
            return self._named(expr)
        for kinds, write in _WRITERS:
            if isinstance(expr, kinds):
                return write(self, expr)
        raise UnknownFunctionError(f"{type(expr).__name__} must have a form in C to be compiled: {expr}")

    def _entry(self, expr: sp.Expr) -> str:
        value, error = map(float, self._number(expr))
        if error == 0 and value in _PLAIN:
            return f"number({_PLAIN[value]})"
        if expr not in self._entries:
            self._entries[expr] = f"k{len(self.numbers)}"
            self.numbers += [(value, error), (remainder(self._opened(expr)), 0.0)]
        return self._entries[expr]

    def _called(self, name: str, *args: sp.Basic) -> str:
        return f"{name}({', '.join(map(self, args))})"

    def _folded(self, name: str, args: list[str]) -> str:
        return reduce(lambda first, other: f"{name}({first}, {other})", args)

    # Arithmetic --------------------------------------------------------------------------------------------------------

    def _add(self, expr: sp.Add) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        if (exponent := exponent_below_one(expr)) is not None:
            return self._called("one_less_exponential", exponent)
        numbers = sp.Add(*(term for term in expr.args if self._is_number(term)))
        others = [term for term in expr.args if not self._is_number(term)]
        if len(others) == 1 and (instead := self._without_cancelling(numbers, others[0])) is not None:
            return self(instead)
        terms = self._folded("sum", [self(term) for term in others])
        if numbers == 0:
            return terms
        number = self(numbers)
        return f"shifted({number}, k{int(number[1:]) + 1}, {terms})" if number[0] == "k" else f"sum({number}, {terms})"

    def _mul(self, expr: sp.Mul) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        top, bottom = above_and_below(expr)
        factor = sp.Mul(*(f for f in top if self._is_number(f)))
        factors = [self(f) for f in top if not self._is_number(f)]
        if not factors or factor not in (1, -1):
            product = self._folded("times", [self(factor), *factors])
        else:
            product = self._folded("times", factors)
            product = product if factor == 1 else f"minus({product})"
        return f"over({product}, {self(sp.Mul(*bottom))})" if bottom else product

    def _pow(self, expr: sp.Pow) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        base, exponent = expr.base, expr.exp
        if base == 2 and not self._is_number(exponent):
            return self._called("power_of_two", exponent)
        if exponent == -1:
            return self._called("over", sp.S.One, base)
        name = {sp.S.Half: "squareroot", 2: "square"}.get(exponent)
        return self._called(name, base) if name else self._called("power", base, exponent)

    def _log(self, expr: sp.log) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        (arg,) = expr.args
        if isinstance(arg, sp.Add) and sp.S.One in arg.args:
            return self._called("logarithm_of_one_and", arg - 1)
        return self._called("logarithm", arg)

    def _named(self, expr: sp.Basic) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        kind: Any = type(expr)
        name, args = kind.__name__, list(expr.args)
        if (v := below_branch_point(expr)) is not None:
            name, args = f"{name}_below_branch_point", [v]
        if name not in FUNCTIONS:
            raise UnknownFunctionError(f"{name} must have a form in C to be compiled: {expr}")
        if not hasattr(kind, "base"):
            return self._called(f"of_{name}", *args)
        written = [*map(self, args[: min(kind.nargs)]), repr(constant(sp.log(expr.base)))]  # pyright: ignore[reportAttributeAccessIssue] (sympy)
        return f"of_{name}({', '.join(written)})"

    # Conditions --------------------------------------------------------------------------------------------------------

    def _piecewise(self, expr: sp.Piecewise) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.cases(pieces(expr))

    def cases(self, cases: Sequence[tuple[sp.Basic, sp.Basic]]) -> str:
        """Write the value of the first case whose condition holds, `oo` if none does."""
        last = "number(INFINITY)"
        for value, condition in reversed(cases):
            written = self(value)
            last = written if condition == sp.true else f"choose({self(condition)}, {written}, {last})"
        return last

    def _comparison(self, expr: sp.core.relational.Relational) -> str:  # pyright: ignore[reportIncompatibleMethodOverride]
        expr = upwards(expr)
        lower, upper = expr.args
        if isinstance(expr, sp.Eq | sp.Ne):
            same = self._called("equal", lower, upper)
            return same if isinstance(expr, sp.Eq) else f"opposite({same})"
        below, above = (sp.Min, sp.Max) if isinstance(expr, sp.Lt) else (sp.Max, sp.Min)
        lower, upper = self._without(below, lower, upper), self._without(above, upper, lower)
        name = "open" if isinstance(expr, sp.Lt) else "closed"
        if self._saturates(lower, upper) or self._saturates(upper, lower):
            name = f"{name}_or_same"
        return self._called(name, lower, upper)


_WRITERS: tuple[tuple[Any, Callable[[Fused, Any], str]], ...] = (
    (sp.Add, Fused._add),
    (sp.Mul, Fused._mul),
    (sp.Pow, Fused._pow),
    (sp.log, Fused._log),
    (sp.exp, lambda write, expr: write._called("exponential", *expr.args)),
    (sp.Abs, lambda write, expr: write._called("size", *expr.args)),
    (sp.Min, lambda write, expr: write._folded("least_of_two", [write(arg) for arg in expr.args])),
    (sp.Max, lambda write, expr: write._folded("largest_of_two", [write(arg) for arg in expr.args])),
    (sp.Piecewise, Fused._piecewise),
    (sp.core.relational.Relational, Fused._comparison),
    (And, lambda write, expr: write._folded("both", [write(arg) for arg in expr.args])),
    (Or, lambda write, expr: write._folded("either", [write(arg) for arg in expr.args])),
    (Not, lambda write, expr: f"opposite({write(expr.args[0])})"),
    ((Implies, Equivalent), lambda write, expr: write(in_and_or(expr))),
)
