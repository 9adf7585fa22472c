"""Other letters for parameters and abbreviations: in formula, conditions, reasons, laws and proof alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import sympy as sp

from drc.errors import ProblemError, must
from drc.expressions.latex import latex
from drc.expressions.written import assumed
from drc.problems import Problem
from drc.problems.validation import exact
from drc.tradeoff.function import RegimeFunction

Function = TypeVar("Function", bound=RegimeFunction)


def renamed(tradeoff: Function, letters: Mapping[str, str]) -> Function:
    """Rename parameters and abbreviations; see `Tradeoff.rename`."""
    known = {s.name: s for s in (*tradeoff.parameters, *(symbol for symbol, _ in tradeoff.where))}
    taken = {s.name for s in (tradeoff.value, *tradeoff.arguments, *_symbols(tradeoff.derivation))} | known.keys()
    for old, new in letters.items():
        if old not in known:
            raise must("the letters to rename", f"be among {', '.join(sorted(known))}", got=old)
        if not isinstance(new, str) or not isinstance(exact(old, new), sp.Symbol):
            raise must(f"the new name of {old}", "be a letter or a word", new)
    if clash := sorted(set(letters.values()) & (taken - letters.keys())):
        raise ProblemError(f"the new names must be ones that {tradeoff.id} does not have yet, got {clash[0]}")
    if len(set(letters.values())) < len(letters):
        raise ProblemError(f"the new names must differ, got {', '.join(letters.values())}")
    return _Renaming({known[old]: sp.Symbol(new, **assumed(known[old])) for old, new in letters.items()})(tradeoff)


def _symbols(value: Any) -> Iterator[sp.Symbol]:
    """Yield the symbols in a proof."""
    if isinstance(value, sp.Basic):
        yield from value.free_symbols  # pyright: ignore[reportReturnType] (sympy)
    elif isinstance(value, Mapping):
        yield from (s for pair in value.items() for part in pair for s in _symbols(part))
    elif isinstance(value, list | tuple):
        yield from (s for part in value for s in _symbols(part))
    elif is_dataclass(value):
        yield from (s for field in fields(value) for s in _symbols(getattr(value, field.name)))


class _Renaming:
    """Puts new letters for old ones into whatever a trade-off is made of."""

    def __init__(self, changes: Mapping[sp.Symbol, sp.Symbol]) -> None:
        self._changes, self._words = changes, {old.name: new.name for old, new in changes.items()}
        # A letter in a sentence stands alone, outside of words and of "don't"; in LaTeX it may be a command.
        self._word = re.compile(rf"(\\?)(?<![\w'])({'|'.join(map(re.escape, self._words))})(?!\w)")

    def __call__(self, value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return value if name in ("id", "source", "form", "cites") else self._word.sub(self._new, value)
        if isinstance(value, sp.Basic):
            return self._expression(value)
        if isinstance(value, Problem):
            return self._problem(value)
        if isinstance(value, Mapping):
            if name == "names":
                return {self(key): text for key, text in value.items() if key not in self._changes}
            return {self(key): self(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(self(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type) and name != "unit":
            return replace(value, **{f.name: self(getattr(value, f.name), f.name) for f in fields(value)})
        return value

    def _new(self, found: re.Match) -> str:
        new = self._words[found[2]]
        return latex(sp.Symbol(new)) if found[1] else new

    def _problem(self, problem: Problem) -> Problem:
        given = {f.name: getattr(problem, f.name) for f in fields(problem)}
        moved = {name: self(value) for name, value in given.items() if isinstance(value, sp.Basic | tuple)}
        return problem.changed(**moved)

    def _expression(self, expr: sp.Basic) -> sp.Basic:
        """Rebuild an expression as it was written, also where sympy would evaluate it."""
        if expr in self._changes:
            return self._changes[expr]  # pyright: ignore[reportArgumentType] (a symbol)
        if not expr.args or not expr.free_symbols & self._changes.keys():
            return expr
        args = tuple(map(self._expression, expr.args))
        found = expr.func(*args)
        return found if found.func is expr.func and set(found.args) == set(args) else expr.func(*args, evaluate=False)  # pyright: ignore[reportCallIssue] (sympy)
