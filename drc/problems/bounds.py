"""The names of the bounds on several costs or labels of a finite problem: `D`, `D2`, ... and `C`, `C2`, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from drc.errors import must

if TYPE_CHECKING:
    from drc.problems.problem import Problem


def names_of(problem: Problem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the bounds on costs, and of those on labels, of a finite problem.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> names_of(Finite([[0.5, 0.5]], costs=["hamming", [[0, 1], [2, 0]]]))
    (('D', 'D2'), ('C',))
    """
    return _numbered("D", len(problem.each_cost)), _numbered("C", len(problem.each_label))


def bounds_by_name(problem: Problem, given: Mapping[str, object]) -> dict[str, object]:
    """Return bounds by their names: those of a list for several costs or labels are `D`, `D2`, ...

    Raises `ProblemError` for anything but one bound for each of several costs or labels.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> f = Finite([[0.5, 0.5]], costs=["hamming", [[0, 1], [2, 0]]])
    >>> bounds_by_name(f, {"R": 1, "D": [None, 0.5]})
    {'R': 1, 'D': None, 'D2': 0.5}
    """
    named = dict(given)
    for letter, several in _several_of(problem).items():
        bounds = named.pop(letter, None)
        if bounds is None:
            continue
        if not (isinstance(bounds, list | tuple | np.ndarray) and len(bounds) == len(several)):
            raise must(letter, f"be a list of {len(several)} bounds, with None where there is none", bounds)
        named |= zip(_numbered(letter, len(several)), bounds, strict=True)
    return named


def bounds_in_lists(problem: Problem, named: Mapping[str, object]) -> dict[str, object]:
    """Return bounds as `solve` takes them: those of several costs or labels in a list.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> f = Finite([[0.5, 0.5]], costs=["hamming", [[0, 1], [2, 0]]])
    >>> bounds_in_lists(f, {"R": 1, "D2": 0.5})
    {'R': 1, 'D': [None, 0.5]}
    """
    given = dict(named)
    for letter, several in _several_of(problem).items():
        bounds = [given.pop(name, None) for name in _numbered(letter, len(several))]
        if any(bound is not None for bound in bounds):
            given[letter] = bounds
    return given


def _several_of(problem: Problem) -> dict[str, tuple]:
    """Return several costs and several labels, by the letter of their bounds."""
    found = {"D": getattr(problem, "costs", None), "C": getattr(problem, "labels", None)}
    return {letter: several for letter, several in found.items() if several is not None}


def _numbered(letter: str, count: int) -> tuple[str, ...]:
    return (letter, *(f"{letter}{k}" for k in range(2, count + 1)))
