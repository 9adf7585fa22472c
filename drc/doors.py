"""The doors upwards: what a room asks of the rooms above it, none of which it imports.

A problem is below theorems and solvers, and yet `problem.drc()` and `problem.solve()` answer. Such a question goes through a
door, which `drc/__init__.py` opens: there, above all rooms, the import of whoever answers is an ordinary import, which runs
when the first question is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, ParamSpec, TypeVar

if TYPE_CHECKING:
    # Types alone: the linter's contracts name this module as the one that may know the rooms above it.
    from drc.audit.check import CheckReport as CheckReport
    from drc.codes.achieved import Achieved
    from drc.neural.backend import Backend
    from drc.problems import Problem
    from drc.solvers import Curve as Curve
    from drc.solvers import Limits as Limits
    from drc.solvers import Solution as Solution
    from drc.solvers import Surface as Surface
    from drc.solvers import Universal as Universal
    from drc.tradeoff import Tradeoff as Tradeoff
    from drc.units import Unit

Question = ParamSpec("Question")
Answer = TypeVar("Answer")


class Door(Generic[Question, Answer]):
    """A function of a room above, for the rooms below.

    Examples
    --------
    >>> half: Door[[float], float] = Door()
    >>> @half.opened_by
    ... def _(x: float) -> float:
    ...     return x / 2
    >>> half(3.0)
    1.5
    """

    _answer: Callable[Question, Answer]

    def opened_by(self, answer: Callable[Question, Answer]) -> Callable[Question, Answer]:
        """Let a function answer from now on; for use as a decorator."""
        self._answer = answer
        return answer

    def __call__(self, *args: Question.args, **options: Question.kwargs) -> Answer:
        """Ask."""
        return self._answer(*args, **options)


#: The derived trade-off with an id, as a function of a problem and a unit; `NotAvailableError` if there is none.
theorem: Door[[str], Callable[[Problem, Unit], Tradeoff]] = Door()

#: The same for the form that a paper prints.
published: Door[[str], Callable[[Problem, Unit], Tradeoff]] = Door()

#: `drc.solvers.solve.solve`, `drc.solvers.sweep.curve`, `drc.solvers.sweep.surface`, `drc.solvers.finite.limits.limits`.
solve: Door[..., Solution] = Door()
curve: Door[..., Curve] = Door()
surface: Door[..., Surface] = Door()
limits: Door[..., Limits] = Door()

#: `drc.solvers.finite.universal.solve.solve_universal`.
universal: Door[..., Universal] = Door()

#: `drc.solvers.saved.saved`.
saved: Door[[object], object] = Door()

#: `drc.audit.check_tradeoff`.
check: Door[..., CheckReport] = Door()

#: `drc.codes.achieved.achieved`.
achieved: Door[..., Achieved | None] = Door()

#: The project's own backend of experiments with this name.
backend: Door[[str], Backend] = Door()
