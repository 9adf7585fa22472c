"""Transport to a given law at any rate: a linear program, whose pairs are generated ([villani2009], chapter 5)."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from drc.solvers.entropic.answer import Answer, proved_lower
from drc.solvers.entropic.dual import Multipliers
from drc.solvers.entropic.general import repaired
from drc.solvers.entropic.question import Question
from drc.solvers.highs import linear_program
from drc.solvers.request import Clock

#: How many cheap pairs of each letter the program begins with, and how many rounds of pairs join it.
_CHEAPEST, _ROUNDS = 8, 60


def answered_by_linear_program(question: Question, clock: Clock) -> Answer | None:
    """Answer a question about a given output law that nothing else bounds; None if no plan without forbidden pairs is found.

    Parameters
    ----------
    question : Question
        Of the least distortion, without bounds or slope.
    """
    data = question.data
    found = transport(data.source, data.target, data.distortion / data.scale, clock)
    if found is None:
        return None
    joint, u, pairs = found
    zero = np.zeros(1)
    lower, multipliers = proved_lower(question, Multipliers(zero, zero, np.ones(1), zero, data.scale * u[None]))
    plan, upper = repaired(question, joint, None, clock)
    method = f"linear program by HiGHS, {pairs} of {joint.size} pairs priced in"
    return Answer(lower, upper, plan, multipliers, False, method)


def transport(
    source: np.ndarray, target: np.ndarray, costs: np.ndarray, clock: Clock
) -> tuple[np.ndarray, np.ndarray, int] | None:
    """Find a coupling of least cost in doubles, the potentials of the source, and how many pairs the program had.

    Parameters
    ----------
    source : array, shape (n_X,)
    target : array, shape (n_Y,)
    costs : array, shape (n_X, n_Y)
        Infinite where a pair is forbidden.

    Returns
    -------
    (array of shape (n_X, n_Y), array of shape (n_X,), int) or None
        None if time is up, or forbidden pairs are needed.

    Examples
    --------
    >>> half = np.full(2, 0.5)
    >>> transport(half, half, np.array([[1.0, 0.0], [0.0, 1.0]]), Clock())[0].tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    allowed = np.isfinite(costs)
    # A forbidden pair costs more than any path of allowed ones.
    dear = 2.0 * (sum(costs.shape)) * max(float(costs[allowed].max(initial=0.0)), 1.0)
    known = _corner(source, target) | _cheapest(costs)
    costs = np.where(allowed, costs, dear)
    for _ in range(_ROUNDS):
        if clock.over:
            return None
        x, y = np.nonzero(known)
        answer = _program(source, target, costs[x, y], x, y, clock)
        if answer is None:
            return None
        flow, u, v = answer
        reduced = np.where(known, 0.0, costs - u[:, None] - v)
        if reduced.min() >= -1e-13:
            break
        known |= _improving(reduced)
    joint = np.zeros(costs.shape)
    joint[x, y] = np.where(flow > 0, flow, 0.0)
    return None if (joint[~allowed] > 0).any() else (joint, u, int(known.sum()))


def _program(
    source: np.ndarray, target: np.ndarray, costs: np.ndarray, x: np.ndarray, y: np.ndarray, clock: Clock
) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Solve the program over some pairs: their masses, and the potentials of both laws; None if HiGHS fails."""
    n = np.arange(len(x))
    rows = np.concatenate([x, len(source) + y])
    table = csr_array((np.ones(2 * len(x)), (rows, np.tile(n, 2))), shape=(len(source) + len(target), len(x)))
    # The last equation follows from the others, and rounding must not contradict it.
    table, right = table[:-1], np.concatenate([source, target])[:-1]
    found = linear_program(costs, table, right, right, seconds=clock.left, presolve="choose")
    if not found.optimal:
        return None
    potentials = np.append(found.y, 0.0)
    return found.x, potentials[: len(source)], potentials[len(source) :]


def _corner(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mark the pairs of the north-west corner rule: with them the program is feasible."""
    marked = np.zeros((len(source), len(target)), dtype=bool)
    ends = np.cumsum(source), np.cumsum(target)
    x = y = 0
    while x < len(source) and y < len(target):
        marked[x, y] = True
        if y == len(target) - 1 or (x < len(source) - 1 and ends[0][x] <= ends[1][y]):
            x += 1
        else:
            y += 1
    return marked


def _cheapest(costs: np.ndarray) -> np.ndarray:
    """Mark the cheapest pairs of each letter."""
    marked = np.zeros(costs.shape, dtype=bool)
    rows, columns = np.argsort(costs, axis=1)[:, :_CHEAPEST], np.argsort(costs, axis=0)[:_CHEAPEST]
    np.put_along_axis(marked, rows, True, axis=1)
    np.put_along_axis(marked, columns, True, axis=0)
    return marked


def _improving(reduced: np.ndarray) -> np.ndarray:
    """Mark the most promising pairs of each letter."""
    least = _cheapest(reduced)
    return least & (reduced < -1e-13)
