"""What the roads to an answer hand on: maps worth an exact look, and answers to be proved."""

from __future__ import annotations

from dataclasses import dataclass

from drc.solvers.one_shot.vertex import Answer


@dataclass(frozen=True, eq=False)
class Proposal:
    """Maps worth an exact look.

    Attributes
    ----------
    indices, support : list of int
        The maps, and those that seem to carry the optimum.
    method : str
        What was done.
    answers : tuple of Answer
        Multipliers of the solver itself.
    """

    indices: list[int]
    support: list[int]
    method: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes
    ----------
    answers : list of Answer
    method : str
        What was done.
    stopped : str
        Why the search ended before it was done, as `Clock.stopped` says it.
    """

    answers: list[Answer]
    method: str
    stopped: str = ""
