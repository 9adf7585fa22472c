"""What a lemma says, and what is known of a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sympy as sp
from sympy import And, Ge, Gt, Le, Lt
from sympy.logic.boolalg import Boolean

from drc.information.function import OfNumbers


@dataclass(frozen=True)
class Lemma:
    """A claim about some values of a function, for all arguments.

    Attributes
    ----------
    name : what it is called in a proof
    claim : what holds
    at : the arguments of each value that it speaks about; a letter that is written twice is the same argument; in `Known`
        one value, at its letters, unless others are given
    differ : letters of which the lemma says nothing where they are the same argument
    few : it is rarely of use: it is put in last, and only where there are no more values than this; 0 for no limit
    free : further letters, which stand for any numbers: it is put in where a step says for which
    """

    name: str
    claim: Boolean
    at: tuple[tuple[sp.Symbol, ...], ...] = ()
    differ: tuple[sp.Symbol, ...] = ()
    few: int = 0
    free: tuple[sp.Symbol, ...] = ()


@dataclass(frozen=True)
class Known:
    """What is known of a function, for one base of its logarithms.

    Attributes
    ----------
    args : letters for its arguments; of a function of any number of arguments, all this is for this number of them
    defined : where it has a value
    infinite : where this value is plus infinity
    lemmas : see `Lemma`
    opened : the function in logarithms, if it can be written like this
    limit : what it is by definition where its first argument is infinite, if that is allowed
    """

    args: tuple[sp.Symbol, ...]
    defined: Boolean = sp.true
    infinite: Boolean = sp.false
    lemmas: tuple[Lemma, ...] = ()
    opened: sp.Expr | None = None
    limit: sp.Expr | None = None

    def __post_init__(self) -> None:
        stated = (lemma if lemma.at else replace(lemma, at=(self.args,)) for lemma in self.lemmas)
        object.__setattr__(self, "lemmas", tuple(stated))


def unit(*letters: sp.Expr) -> Boolean:
    """That all are in [0, 1]."""
    return And(*(And(Le(0, letter), Le(letter, 1)) for letter in letters))


def proper(*letters: sp.Expr) -> Boolean:
    """That all are in (0, 1)."""
    return And(*(And(Lt(0, letter), Lt(letter, 1)) for letter in letters))


def positive(*letters: sp.Expr) -> Boolean:
    """That all are positive."""
    return And(*(Gt(letter, 0) for letter in letters))


def nonnegative(*letters: sp.Expr) -> Boolean:
    """That none is negative."""
    return And(*(Ge(letter, 0) for letter in letters))


def in_base(function: type[OfNumbers], base: sp.Expr) -> Callable[..., sp.Expr]:
    """A function with logarithms to a base."""
    return lambda *args: function.of(*args, base)
