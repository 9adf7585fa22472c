"""Branch and bound over one real number, with proved bounds ([moore2009]).

Nothing is presupposed of the answer: an interval is left out because it is proved infeasible, or because nothing in it is
better than a point that is proved feasible.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

from flint import arb, fmpq

from drc.solvers.arithmetic.balls import Number, nearest, smallest
from drc.solvers.request import Clock

#: Intervals are not split below this width: what is undecided there lies on the border.
NARROW = fmpq(1, 2**150)

#: How many intervals a proof may take; an ordinary one takes a hundred.
MOST = 20_000


Point = TypeVar("Point")


class Bounded(Protocol):
    """A program over one number: values at points, and bounds on intervals; no objective is negative.

    `ends` are those of the range, and points between at which to split it first, in order; `spread` is what a gap is
    relative to.
    """

    ends: tuple[fmpq, ...]
    spread: Number

    def point(self, x: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        ...

    def interval(self, low: fmpq, high: fmpq) -> Number | None:
        """Bound the objective from below on an interval; None if it is proved infeasible."""
        ...


@dataclass(frozen=True)
class Found(Generic[Point]):
    """What a search has proved.

    `primal` proves `upper`: of branch and bound it is the best feasible point. `dual` proves `lower`, if it is not the
    search itself. If `lower` is None, nothing is feasible.
    """

    lower: Number | None
    upper: Number | None
    primal: Point | None = None
    dual: tuple = ()


def branch_and_bound(program: Bounded, tolerance: float, clock: Clock) -> Found:
    """Minimise until the bounds meet, time is over, or `MOST` intervals were split.

    The search stops at the gap `tolerance`, as in `is_closed`.

    Examples
    --------
    >>> class Line:
    ...     ends, spread = (fmpq(0), fmpq(1)), fmpq(1)
    ...     point = staticmethod(lambda x: x if 3 * x >= 1 else None)
    ...     interval = staticmethod(lambda low, high: low if 3 * high >= 1 else None)
    >>> found = branch_and_bound(Line, 1e-9, Clock())
    >>> found.lower <= fmpq(1, 3) <= found.upper, float(found.upper - found.lower) < 1e-9
    (True, True)
    """
    best, spread = _Best(), nearest(program.spread)
    for end in program.ends:
        best.try_point(program, end)
    boxes: list = []
    for low, high in pairwise(program.ends):
        _push(boxes, program, low, high, best.value)
    narrow: list[Number] = []  # bounds of intervals that are too narrow to split
    for _ in range(MOST):
        if not boxes or clock.over:
            break
        _, low, high, lower = heapq.heappop(boxes)
        # A third of the tolerance is left for rounding the bounds to doubles.
        if best.value is not None and _are_near(lower, best.value, 0.3 * tolerance * spread):
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
    return Found(smallest(left) if left else None, best.value, best.x)


def _are_near(lower: Number, upper: Number, gap: float) -> bool:
    """Whether bounds differ by at most this, or by as little as neighbouring doubles."""
    return nearest(upper - lower) <= max(gap, math.ulp(nearest(upper)))


@dataclass
class _Best:
    """The best feasible point so far."""

    value: Number | None = None
    x: fmpq | None = None

    def try_point(self, program: Bounded, x: fmpq) -> None:
        value = program.point(x)
        if value is not None and arb(value).is_finite() and (self.value is None or value < self.value):
            self.value, self.x = value, x


def _push(boxes: list, program: Bounded, low: fmpq, high: fmpq, upper: Number | None) -> None:
    lower = program.interval(low, high)
    if lower is None or (upper is not None and lower > upper):
        return
    heapq.heappush(boxes, (nearest(lower), low, high, lower))
