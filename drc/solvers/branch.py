"""Branch and bound over one real number, with proved bounds ([moore2009]).

Nothing is presupposed of the answer: an interval is left out because it is proved infeasible, or because nothing in it is
better than a point that is proved feasible.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from flint import arb, fmpq

from drc.solvers.balls import Number

#: Intervals are not split below this width: what is undecided there lies on the border.
NARROW = fmpq(1, 2**150)

#: How many intervals a proof may take; an ordinary one takes a hundred.
MOST = 20_000


class Bounded(Protocol):
    """A program over one number: values at points, and bounds on intervals."""

    #: The ends of the range, and points between at which to split it first, in order.
    ends: tuple[fmpq, ...]

    def point(self, x: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        ...

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved infeasible."""
        ...


@dataclass(frozen=True, eq=False)
class Search:
    """What branch and bound has proved.

    Attributes
    ----------
    lower : number or None
        None: nothing is feasible.
    upper, x : number or None
        The best feasible point that was found, and what it costs.
    late : bool
        Whether time ran out.
    """

    lower: Number | None
    upper: Number | None
    x: fmpq | None
    late: bool


def branch_and_bound(program: Bounded, tolerance: float, deadline: float) -> Search:
    """Minimise until the bounds meet.

    Parameters
    ----------
    program : Bounded
    tolerance : float
        The gap to stop at, relative to the optimum where that is above one.
    deadline : float
        A time of `time.monotonic()`.

    Examples
    --------
    >>> class Line:
    ...     ends = (fmpq(0), fmpq(1))
    ...     point = staticmethod(lambda x: x if 3 * x >= 1 else None)
    ...     interval = staticmethod(lambda low, high: low if 3 * high >= 1 else None)
    >>> found = branch_and_bound(Line, 1e-9, float("inf"))
    >>> found.lower <= fmpq(1, 3) <= found.upper, float(found.upper - found.lower) < 1e-9
    (True, True)
    """
    best = _Best()
    for end in program.ends:
        best.try_point(program, end)
    boxes: list = []
    for low, high in pairwise(program.ends):
        _push(boxes, program, low, high, best.value)
    narrow: list[Number] = []  # bounds of intervals that are too narrow to split
    while boxes and len(boxes) < MOST and time.monotonic() <= deadline:
        _, low, high, lower = heapq.heappop(boxes)
        if best.value is not None and _close(lower, best.value, tolerance):
            narrow.append(lower)
            break
        if high - low < NARROW:
            narrow.append(lower)
            continue
        middle = (low + high) / 2
        best.try_point(program, middle)
        _push(boxes, program, low, middle, best.value)
        _push(boxes, program, middle, high, best.value)
    left = [*narrow, *(box[3] for box in boxes), *([] if best.value is None else [best.value])]
    return Search(_least(left), best.value, best.x, late=time.monotonic() > deadline)


def nothing_below(program: Bounded, wanted: Number | None) -> bool:
    """Prove that nothing feasible costs less than wanted; with None, that nothing is feasible.

    Returns
    -------
    bool
        False if no proof was found.
    """
    boxes = list(pairwise(program.ends))
    for _ in range(MOST):
        if not boxes:
            return True
        low, high = boxes.pop()
        bound = program.interval(low, high)
        if bound is None or (wanted is not None and wanted <= bound):
            continue
        if high - low < NARROW:
            return False
        middle = (low + high) / 2
        boxes += [(low, middle), (middle, high)]
    return False


@dataclass
class _Best:
    """The best feasible point so far."""

    value: Number | None = None
    x: fmpq | None = None

    def try_point(self, program: Bounded, x: fmpq) -> None:
        value = program.point(x)
        if value is not None and (self.value is None or value < self.value):
            self.value, self.x = value, x


def _push(boxes: list, program: Bounded, low: fmpq, high: fmpq, upper: Number | None) -> None:
    lower = program.interval(low, high)
    if lower is None or (upper is not None and lower > upper):
        return
    heapq.heappush(boxes, (float(lower), low, high, lower))


def _close(lower: Number, upper: Number, tolerance: float) -> bool:
    # A third of the tolerance is left for rounding the bounds to doubles.
    return float(upper - lower) <= 0.3 * tolerance * max(1.0, abs(float(upper)))


def _least(values: list[Number]) -> Number | None:
    if not values:
        return None
    least = values[0]
    for value in values[1:]:
        least = value if value <= least else least if least <= value else arb(least).min(arb(value))
    return least
