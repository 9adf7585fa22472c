"""Formulas as small programs: a subset of Python that is then translated, statement by statement, into other languages.

The subset has numbers, lists of numbers and functions, `if`, `while` and `for ... in range(...)`. Named functions are the
routines of `drc.information.routines`; a program has those that it needs, and no others.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Callable, Iterable
from functools import cache
from importlib import import_module
from inspect import getsource
from typing import Any

import sympy as sp
from sympy.logic.boolalg import And, BooleanAtom, Equivalent, Implies, Not, Or

from drc.errors import UnknownFunctionError
from drc.expressions.constants import constant
from drc.expressions.forms import (
    above_and_below,
    below_branch_point,
    divergence_from_uniform,
    exponent_below_one,
    in_and_or,
    mean_of_exponentials,
)

#: The functions of arithmetic, which every language has in some form.
ARITHMETIC = ("div", "log", "log1p", "exp", "expm1", "sqrt", "hypot", "power")

#: Words that mean something in one of the languages.
_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """arguments auto begin break case catch char const debugger default delete do double else elseif end enum export
        extends extern false float for function global goto implements instanceof int interface jax jnp let local long
        module new np null numpy otherwise package private protected public register short signed sizeof static struct
        switch this throw torch true typedef typeof union unsigned using var void volatile Infinity Math NaN""",
    )
)


@cache
def routines() -> dict[str, ast.FunctionDef]:
    """Return the routines by name, in an order in which each may follow those that it calls."""
    return {node.name: node for node in functions_of(getsource(import_module("drc.information.routines")))}


def functions_of(text: str) -> list[ast.FunctionDef]:
    """Return the functions that a text in Python defines."""
    return [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]


def needed(nodes: Iterable[ast.FunctionDef]) -> list[ast.FunctionDef]:
    """Return the routines that some functions call, directly or not.

    Examples
    --------
    >>> [node.name for node in needed(functions_of("def f(p): return H_b(p, 1.0)"))]
    ['H_b']
    """
    known, wanted, new = routines(), set(), list(nodes)
    while new:
        called = {name.id for name in ast.walk(new.pop()) if isinstance(name, ast.Name)} & known.keys() - wanted
        wanted |= called
        new += [known[name] for name in called]
    return [node for name, node in known.items() if name in wanted]


class Writer:
    """Writes expressions and conditions in the subset.

    Parameters
    ----------
    symbols : symbols, each of which gets a name that is nobody else's
    """

    def __init__(self, symbols: Iterable[sp.Symbol]) -> None:
        self._names: dict[sp.Symbol, str] = {}
        taken = {*routines(), *ARITHMETIC, *dir(builtins), *keyword.kwlist, *_KEYWORDS, "inf", "math"}
        for symbol in symbols:
            name = (
                "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in symbol.name).strip("_") or "x"
            )
            while name in taken or name[0].isdigit():
                name = f"{name}_" if name in taken else f"x{name}"
            taken.add(name)
            self._names[symbol] = name

    def name(self, symbol: sp.Symbol) -> str:
        """Return the name of a symbol."""
        return self._names[symbol]

    def __call__(self, expr: sp.Basic) -> str:
        """Write an expression or a condition.

        Raises
        ------
        UnknownFunctionError
            For a function that has no routine.

        Examples
        --------
        >>> x, q = sp.symbols("x q")
        >>> Writer([x, q])(1 - sp.exp(x)), Writer([x, q])(sp.Piecewise((x / q, x < q), (sp.oo, True)))
        ('(-expm1(x))', '(div(x, q) if (x < q) else inf)')
        """
        if isinstance(expr, sp.Symbol):
            return self._names[expr]
        if isinstance(expr, BooleanAtom):
            return "(0.0 < 1.0)" if expr else "(1.0 < 0.0)"
        if isinstance(expr, sp.Expr) and not expr.free_symbols:
            return number(constant(expr))
        if hasattr(type(expr), "numeric"):
            return self._named(expr)
        for kinds, write in _WRITERS:
            if isinstance(expr, kinds):
                return write(self, expr)
        raise UnknownFunctionError(f"{type(expr).__name__} must have a routine to be written as code: {expr}")

    def _named(self, expr: sp.Basic) -> str:
        kind: Any = type(expr)
        name, args = kind.__name__, list(expr.args)
        if hasattr(kind, "numeric_below_branch_point"):
            v = below_branch_point(expr)
            return self._called(f"{name}_below_branch_point", [v if v is not None else -1 - sp.log(-args[0])])  # pyright: ignore[reportOperatorIssue] (sympy)
        if name not in routines():
            raise UnknownFunctionError(f"{name} must have a routine to be written as code: {expr}")
        if hasattr(kind, "base"):
            return self._called(name, [*args[: min(expr.nargs)], sp.log(expr.base)])
        if not hasattr(kind, "bounds"):
            return self._called(name, args)
        # Components come as a list, and as how many there are.
        first, rest = args[: kind.bounds], args[kind.bounds :]
        count = len(rest) // 2 if kind.halves else len(rest)
        return f"{name}({', '.join(map(self, first))}, [{', '.join(map(self, rest))}], {count})"

    def _called(self, name: str, args: Iterable[sp.Basic]) -> str:
        return f"{name}({', '.join(map(self, args))})"

    def _add(self, expr: sp.Add) -> str:
        if (exponent := exponent_below_one(expr)) is not None:
            return f"(-expm1({self(exponent)}))"
        if (divergence := divergence_from_uniform(expr)) is not None:
            return self(divergence)
        if (mean := mean_of_exponentials(expr)) is not None:
            factor, parts = mean
            terms = " + ".join(f"{self(weight)} * expm1({self(exponent)})" for weight, exponent in parts)
            return f"(-{self(factor)} * log1p({terms}))"
        return f"({' + '.join(map(self, expr.args))})"

    def _mul(self, expr: sp.Mul) -> str:
        top, bottom = above_and_below(expr)
        factor = sp.Mul(*(f for f in top if not f.free_symbols))
        factors = [self(f) for f in top if f.free_symbols]
        if factor != 1 or not factors:
            factors.insert(0, self(factor))
        product = f"({' * '.join(factors)})" if len(factors) > 1 else factors[0]
        return f"div({product}, {self(sp.Mul(*bottom))})" if bottom else product

    def _pow(self, expr: sp.Pow) -> str:
        base, power = self(expr.base), expr.exp
        known = {sp.S.Half: f"sqrt({base})", -1: f"div(1.0, {base})", 2: f"({base} * {base})"}
        return known.get(power) or f"power({base}, {self(power)})"

    def _log(self, expr: sp.log) -> str:
        (arg,) = expr.args
        if isinstance(arg, sp.Add) and sp.S.One in arg.args:
            # On a closed border the argument is zero, and rounding may take it below.
            return f"log1p(max({self(arg - 1)}, -1.0))"
        return f"log({self(arg)})"

    def _extremum(self, expr: sp.Min | sp.Max) -> str:
        first, *others = map(self, expr.args)
        for other in others:
            first = f"{type(expr).__name__.lower()}({first}, {other})"
        return first

    def _piecewise(self, expr: sp.Piecewise) -> str:
        *cases, (value, condition) = expr.args  # pyright: ignore[reportGeneralTypeIssues] (sympy)
        last = self(value) if condition == True else f"({self(value)} if {self(condition)} else inf)"  # noqa: E712
        for value, condition in reversed(cases):  # pyright: ignore[reportGeneralTypeIssues] (sympy)
            last = f"({self(value)} if {self(condition)} else {last})"
        return last

    def _relation(self, expr: sp.core.relational.Relational) -> str:
        if isinstance(expr, sp.Ge | sp.Gt):
            expr = expr.reversed  # pyright: ignore[reportAssignmentType] (sympy)
        if isinstance(expr, sp.Le):
            return self._called("at_most", expr.args)
        left, right = map(self, expr.args)
        return f"({left} { {sp.Lt: '<', sp.Eq: '==', sp.Ne: '!='}[expr.func] } {right})"

    def _logic(self, expr: And | Or) -> str:
        return f"({(' and ' if isinstance(expr, And) else ' or ').join(map(self, expr.args))})"


def number(value: float) -> str:
    """Write a double so that every language reads the same one.

    Examples
    --------
    >>> number(2.0), number(-0.1), number(float("-inf"))
    ('2.0', '(-0.1)', '(-inf)')
    """
    text = repr(float(value))
    return text if value >= 0 else f"({text})"


_WRITERS: tuple[tuple[Any, Callable[[Writer, Any], str]], ...] = (
    (sp.Add, Writer._add),
    (sp.Mul, Writer._mul),
    (sp.Pow, Writer._pow),
    (sp.log, Writer._log),
    ((sp.exp, sp.Abs), lambda write, x: write._called(type(x).__name__.lower(), x.args)),
    ((sp.Min, sp.Max), Writer._extremum),
    (sp.Piecewise, Writer._piecewise),
    (sp.core.relational.Relational, Writer._relation),
    ((And, Or), Writer._logic),
    (Not, lambda write, x: f"(not {write(x.args[0])})"),
    ((Implies, Equivalent), lambda write, x: write(in_and_or(x))),
)
