"""Branch and bound over one real number, with proved bounds ([moore2009]).

Nothing is presupposed of the answer: an interval is left out because it is proved infeasible, or because nothing in it is
better than a point that is proved feasible.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, NoReturn, Protocol

from flint import arb, fmpq

from drc.errors import NotAvailableError, ProblemError
from drc.expressions.numeric import SLACK
from drc.problems.validation import choice
from drc.solvers.arithmetic.balls import Number, exact_or_ball, float_above, float_below, nearest, precision
from drc.solvers.request import Clock, clock_for, positive
from drc.solvers.solution import Solution, is_closed, status_of

#: Intervals are not split below this width: what is undecided there lies on the border.
NARROW = fmpq(1, 2**150)

#: How many intervals a proof may take; an ordinary one takes a hundred.
MOST = 20_000

#: The least scale of costs that doubles can hold with all their digits; its inverse is the largest.
SMALL = 2.0**-1000

#: The only method there is.
METHOD = "branch and bound"


class Bounded(Protocol):
    """A program over one number: values at points, and bounds on intervals; no objective is negative.

    Attributes
    ----------
    ends : tuple of fmpq
        The ends of the range, and points between at which to split it first, in order.
    one : number
        What is one in the unit of the user, in that of the program: the factor between the two.
    spread : number
        How far apart the costs are, in the unit of the program: what a gap is compared with.
    """

    ends: tuple[fmpq, ...]
    one: Number
    spread: Number

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
    """

    lower: Number | None
    upper: Number | None
    x: fmpq | None


def options(tolerance: Any, time_limit: Any, method: Any) -> tuple[float, Clock]:
    """Read the options of a solver by branch and bound, and start its clock.

    Raises
    ------
    ProblemError
        For an unknown method, or a tolerance or limit that is not positive.
    """
    choice("method", method or METHOD, (METHOD,))
    return positive("tolerance", tolerance), clock_for(time_limit)


def branch_and_bound(program: Bounded, tolerance: float, clock: Clock) -> Search:
    """Minimise until the bounds meet, time is over, or `MOST` intervals were split.

    Parameters
    ----------
    program : Bounded
    tolerance : float
        The gap to stop at, as in `is_closed`.
    clock : Clock

    Examples
    --------
    >>> class Line:
    ...     ends, one, spread = (fmpq(0), fmpq(1)), fmpq(1), fmpq(1)
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
        if best.value is not None and is_closed(*_doubles(lower, best.value), 0.3 * tolerance, spread):
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
    return Search(_least(left), best.value, best.x)


def _doubles(lower: Number, upper: Number) -> tuple[float, float]:
    """Return bounds as doubles that are as far apart as the bounds are, whatever their size."""
    above = nearest(upper)
    return above - max(0.0, nearest(upper - lower)), above


def answer(program: Bounded, lower: Number | None, upper: Number | None, tolerance: float, clock: Clock) -> dict:
    """Return `value`, `lower`, `upper`, `status` and `scale` of a solution, in the unit of the user.

    Parameters
    ----------
    program : Bounded
    lower, upper : number or None
        As in `Search`.
    tolerance : float
    clock : Clock
    """
    scale = nearest(arb(program.spread / program.one))
    low = math.inf if lower is None else max(0.0, float_below(lower / program.one))
    high = math.inf if upper is None else float_above(upper / program.one)
    status = status_of(low, high, tolerance, stopped=clock.stopped, scale=scale)
    value = low if upper is None else min(max(nearest(arb(upper / program.one)), low), high)
    return {"value": value, "lower": low, "upper": high, "status": status, "scale": scale}


def in_doubles(cost: Number) -> None:
    """Check that doubles can hold costs, exactly known, of about this size.

    Raises
    ------
    ProblemError
        Instead of an answer that is zero, infinite or infeasible because a number on the way to it was.

    Examples
    --------
    >>> in_doubles(fmpq(10) ** 200)
    """
    if not SMALL <= nearest(arb(cost)) <= 1 / SMALL:
        raise ProblemError(
            f"squared lengths must be between {SMALL:.1e} and {1 / SMALL:.1e}, which doubles can hold, got about"
            f" {arb(cost).str(3, radius=False)}: choose another unit of length"
        )


def proves(program: Bounded, x: Fraction | None, lower: float, upper: float) -> bool:
    """Prove again that a point is feasible and costs at most `upper`, and that nothing costs less than `lower`.

    Parameters
    ----------
    program : Bounded
    x : Fraction or None
        The point; it is not needed where `upper` is infinite.
    lower, upper : float
        In the unit of the user; `lower = inf` claims that nothing is feasible.

    Returns
    -------
    bool
        False if the proof fails, which does not mean that the claim is false.
    """
    if math.isnan(lower + upper) or lower > upper:
        return False
    with precision():
        if upper < math.inf:
            point = None if x is None else exact_or_ball(x)
            if point is None or not program.ends[0] <= point <= program.ends[-1]:
                return False
            value = program.point(point)
            if value is None or not value <= exact_or_ball(upper) * program.one:
                return False
        wanted = None if lower == math.inf else exact_or_ball(lower) * program.one
        return lower <= 0 or nothing_below(program, wanted)


def at_borders(attempt: Callable[[dict], Solution], bounds: dict, clock: Clock, *, closed: bool = True) -> Solution:
    """Solve; if no plan is found, solve again with bounds that are wider by a few units in the last place.

    Bounds at the border of what is feasible are computed in doubles, and miss it as often as not. As in the formulas, the
    feasible side counts, and the answer says so; its certificate has the wider bounds.

    Parameters
    ----------
    attempt : function from bounds to Solution
        It ends soon when the time is over; then it is also called, after two Ctrl-C, to say that nothing is known.
    bounds : dict from letter to exact number
    clock : Clock
    closed : bool
        Whether what is minimised is finite on the border; where it grows to infinity there, the border is infeasible.
    """
    found = None
    with precision(), clock.watching():
        found = attempt(bounds)
        wider = {name: b + abs(b) * Fraction(SLACK) if isinstance(b, Fraction) else b for name, b in bounds.items()}
        if closed and math.isinf(found.upper) and wider != bounds and not clock.over:
            again = attempt(wider)
            if math.isfinite(again.upper):
                moved = ", ".join(name for name in bounds if wider[name] != bounds[name])
                said = f"{moved} rounded up by {SLACK:.1g} of their size, to the border of what is feasible"
                found = replace(again, bounds=found.bounds, rounded=(said,))
    if found is None:
        with precision():
            return attempt(bounds)
    return found


class Unwritten:
    """A certificate that proves itself with `verify()`, and is not written to a file."""

    def save(self, path: Any) -> NoReturn:
        """Refuse: the format of files, and its checker, are those of finite problems.

        Raises
        ------
        NotAvailableError
        """
        raise NotAvailableError(
            f"the problem must be finite for its certificate to be saved to {path}, got a {type(self).__name__}:"
            " its verify() proves the answer again"
        )


def nothing_below(program: Bounded, wanted: Number | None) -> bool:
    """Prove that nothing feasible costs less than wanted; with None, that nothing is feasible.

    Returns
    -------
    bool
        False if no proof was found.
    """
    boxes = list(pairwise(program.ends))
    # Depth first is not the order in which the bound was found: more intervals are looked at, and none is kept.
    for _ in range(4 * MOST):
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
        if value is not None and arb(value).is_finite() and (self.value is None or value < self.value):
            self.value, self.x = value, x


def _push(boxes: list, program: Bounded, low: fmpq, high: fmpq, upper: Number | None) -> None:
    lower = program.interval(low, high)
    if lower is None or (upper is not None and lower > upper):
        return
    heapq.heappush(boxes, (nearest(lower), low, high, lower))


def _least(values: list[Number]) -> Number | None:
    if not values:
        return None
    least = values[0]
    for value in values[1:]:
        least = value if value <= least else least if least <= value else arb(least).min(arb(value))
    return least
