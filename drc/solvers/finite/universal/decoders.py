"""What a decoder is proved to reach that reads its own letter of a message, in exact numbers.

The message is a tuple of letters, one for each decoder. A decoder returns its letter, or now and then another one, so that
the law of its output is exactly what it must be.
"""

from __future__ import annotations

import numpy as np
from flint import fmpq

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball
from drc.types import Exact

Law = list[Number]


def distortion(problem: Finite, joint: list[Law], target: Law | None) -> Number | None:
    """Return the distortion of a decoder whose output has a law.

    Parameters
    ----------
    problem : Finite
    joint : rows of fmpq, shape (n_X, n_Y)
        The joint law of the source and the decoder's letter.
    target : list of fmpq, shape (n_Y,), or None
        The law of the output; None if it is free.

    Returns
    -------
    fmpq or None
        None if the decoder would use a pair that is forbidden.

    Examples
    --------
    >>> f = Finite([["1/2", "1/2"]])
    >>> distortion(f, [[fmpq(1, 2), fmpq(0)], [fmpq(0), fmpq(1, 2)]], [fmpq(1, 4), fmpq(3, 4)])
    1/4
    """
    moved = _moved(joint, target)
    total: Number = fmpq(0)
    for row, costs in zip(moved, problem.exact_distortion, strict=True):
        for mass, d in zip(row, costs, strict=True):
            if mass == 0:
                continue
            if isinstance(d, float):
                return None
            total = total + mass * exact_or_ball(d)
    return total


def _moved(joint: list[Law], target: Law | None) -> list[Law]:
    """Return the joint law of source and output: of letters that are too frequent a part becomes those that are too rare."""
    if target is None:
        return joint
    law = [sum(column, fmpq(0)) for column in zip(*joint, strict=True)]
    excess = [q - t for q, t in zip(law, target, strict=True)]
    missing = [max(-e, fmpq(0)) for e in excess]
    total = sum(missing, fmpq(0))
    if total == 0:
        return joint
    parts = [e / q if e > 0 else fmpq(0) for e, q in zip(excess, law, strict=True)]
    taken = [sum((mass * part for mass, part in zip(row, parts, strict=True)), fmpq(0)) for row in joint]
    return [
        [mass * (1 - part) + some * want / total for mass, part, want in zip(row, parts, missing, strict=True)]
        for row, some in zip(joint, taken, strict=True)
    ]


def law_within(problem: Finite, P: Exact, moved: np.ndarray | None) -> Law | None:
    """Return a law that is proved to be within `P` of the reference, near that of a transport plan; None without one.

    Parameters
    ----------
    moved : array, shape (n_Y, n_Y), or None
        What moves the law to the reference; it need only be nearly right. Without it the law is the reference.

    Examples
    --------
    >>> f = Finite([[0.5, 0.5]], perception="TV", reference=[0.5, 0.5])
    >>> law_within(f, 0, None)
    [1/2, 1/2]
    """
    reference = [exact_or_ball(p) for p in problem.reference or ()]
    if moved is None:
        return reference
    plan = [[fmpq(*value.as_integer_ratio()) for value in row] for row in moved.tolist()]
    sums = [sum(column, fmpq(0)) for column in zip(*plan, strict=True)]
    if any(p != 0 and mass == 0 for p, mass in zip(reference, sums, strict=True)):
        return None
    plan = [[g * p / mass if mass != 0 else g for g, p, mass in zip(row, reference, sums, strict=True)] for row in plan]
    ground = problem.exact_ground or [[int(i != j) for j in range(len(plan))] for i in range(len(plan))]
    pairs = [(g, cost) for row, costs in zip(plan, ground, strict=True) for g, cost in zip(row, costs, strict=True)]
    spent, room = sum((g * exact_or_ball(cost) for g, cost in pairs), fmpq(0)), exact_or_ball(P)
    law = [sum(row, fmpq(0)) for row in plan]
    if spent <= room:
        return law
    if any(ground[i][i] for i in range(len(plan))):
        return None
    # To stay costs nothing.
    share = 1 - room / spent
    return [(1 - share) * q + share * p for q, p in zip(law, reference, strict=True)]
