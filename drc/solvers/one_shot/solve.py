"""Which method solves a program over maps, and what its answers prove."""

from __future__ import annotations

from collections.abc import Sequence

from drc.errors import must
from drc.solvers.one_shot.columns import generated
from drc.solvers.one_shot.enumeration import propose
from drc.solvers.one_shot.exact import solve_among
from drc.solvers.one_shot.program import Program
from drc.solvers.one_shot.proof import enclose, finite_certificate, packed
from drc.solvers.one_shot.proposal import Found, Proposal
from drc.solvers.one_shot.relaxation import relaxed
from drc.solvers.pricing.subsets import MOST_LETTERS
from drc.solvers.request import Clock
from drc.solvers.solution import Solution

#: The methods that may be requested.
METHODS = ("auto", "enumeration", "column generation", "cvxpy", "highs")

#: At most this many seconds are spent on a lower bound from long blocks.
_RELAXATION = 5.0

#: About how many seconds it takes to measure a set of letters exactly.
_SECONDS = 1e-4

#: Up to this many maps are enumerated unless another method is requested.
FEW = 4096


def solve_program(
    program: Program,
    *,
    tolerance: float = 1e-9,
    clock: Clock | None = None,
    method: str = "auto",
    pool: Sequence[int] = (),
) -> Solution:
    """Solve a linear program over maps that is set up already.

    Parameters
    ----------
    program : Program
    tolerance : float
        The gap that counts as closed.
    clock : Clock, optional
    method : str
        One of METHODS.
    pool : sequence of int
        Maps to start from.

    Returns
    -------
    Solution

    Examples
    --------
    >>> from fractions import Fraction
    >>> from drc.problems import Finite
    >>> from drc.solvers.one_shot.maps import Maps
    >>> program = Program(Maps(Finite([[0.5, 0], [0, 0.5]], p_Y=[0.5, 0.5])), "D", {"R": Fraction(1, 2)})
    >>> solve_program(program).value
    0.25
    """
    clock = clock or Clock()
    # Some of the time is kept for the relaxation.
    part = clock.part(clock.left - min(_RELAXATION, clock.left / 8))
    found = _searched(program, list(pool), part, tolerance, _chosen(program, method, part))
    enclosure, how = enclose(program, found.answers, tolerance, stopped=found.stopped), found.method
    if found.method.startswith("column generation") and not clock.over:
        enclosure = relaxed(enclosure, clock)
        how += "; long blocks prove more" if enclosure.relaxation else ""
    return packed(enclosure, finite_certificate(enclosure), how)


def _chosen(program: Program, method: str, clock: Clock) -> str:
    """Few maps are enumerated; of many, and under a perception bound, columns are generated."""
    if method not in ("auto", "highs"):
        if program.ball is not None and method != "column generation":
            raise must("method", "be 'column generation' under a perception bound", method)
        return method
    if program.ball is not None:
        return "column generation"
    # Each set of letters takes a while to measure, and so it does for whoever checks the proof.
    letters = len(program.maps.xs)
    quick = letters <= MOST_LETTERS and 2**letters * _SECONDS < clock.left
    return "enumeration" if program.maps.count <= FEW and quick else "column generation"


def _searched(program: Program, pool: list[int], clock: Clock, tolerance: float, method: str) -> Found:
    if method == "column generation":
        return generated(program, pool, clock, tolerance)
    if method == "cvxpy":
        from drc.solvers.one_shot.convex import propose as model

        return _finished(program, model(program, clock), clock, closed=True)
    return _finished(program, propose(program, pool, clock), clock, closed=False)


def _finished(program: Program, proposal: Proposal, clock: Clock, *, closed: bool) -> Found:
    answers = [*proposal.answers]
    answers.append(solve_among(program, proposal.indices, proposal.support, clock, closed=closed))
    return Found(answers, proposal.method, clock.stopped)
