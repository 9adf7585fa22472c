"""The laws of a bit within `P` of a reference: an interval, whose ends are irrational for a divergence.

A plan that is to prove an upper bound keeps to an inner interval, multipliers that are to prove a lower one to an outer
interval; both have rational ends, at each of which the divergence itself is compared with `P` in balls.
"""

from __future__ import annotations

from flint import arb, fmpq

from drc.information import KL_b_max, KL_b_min
from drc.problems.arrays import exact_number
from drc.problems.bernoulli import PerceivedBernoulli
from drc.solvers.arithmetic.balls import Number, exact_or_ball, rational_above, rational_below
from drc.types import Exact

#: How far a rational end is moved from the irrational one, until the divergence there is on the right side of `P`.
_MOVES = tuple(fmpq(1, 2**k) for k in (150, 120, 90, 60))

#: A divergence below this is lost in the rounding of its two terms.
_TINY = fmpq(1, 2**150)

Interval = tuple[fmpq, fmpq]


def laws_within(problem: PerceivedBernoulli, P: Exact | None, unit: str) -> tuple[Interval, Interval]:
    """Return two intervals with rational ends: laws of the first are within `P`, those within `P` are in the second.

    Without `P` there is no bound; `unit` is that of a KL `P`.

    Examples
    --------
    >>> from fractions import Fraction
    >>> laws_within(PerceivedBernoulli(q_ref=0.2), Fraction(1, 2), "bits")[0]
    (0, 7/10)
    """
    whole = (fmpq(0), fmpq(1))
    if P is None:
        return whole, whole
    reference, room = exact_or_ball(exact_number("q_ref", problem.q_ref)), exact_or_ball(P)
    if problem.perception == "KL":
        low, high = (_end(side, reference, room, unit) for side in (-1, 1))
        return (low[0], high[0]), (low[1], high[1])
    ends = reference - room, reference + room
    inner = max(rational_above(ends[0]), fmpq(0)), min(rational_below(ends[1]), fmpq(1))
    outer = max(rational_below(ends[0]), fmpq(0)), min(rational_above(ends[1]), fmpq(1))
    return inner, outer


def _end(side: int, reference: Number, room: Number, unit: str) -> tuple[fmpq, fmpq]:
    """Return an inner and an outer end of a divergence ball, on one side of the reference."""
    constant = fmpq(0) if side < 0 else fmpq(1)
    if isinstance(reference, fmpq) and (room == 0 or reference in (0, 1)):
        return reference, reference
    nats = arb(room) * (arb.const_log2() if unit == "bits" else 1)
    if _divergence(constant, reference) <= nats:
        return constant, constant
    if nats < _TINY and isinstance(reference, fmpq):
        # Balls could not tell laws so near. By Pinsker's inequality none is farther than this ([cover2006], lemma 11.6.1).
        far = reference + side * rational_above((nats / 2).sqrt())
        return reference, min(max(far, fmpq(0)), fmpq(1))
    # What is found here is only proposed; the divergence at the rational ends is what proves them.
    function = KL_b_min if side < 0 else KL_b_max
    found = function.enclose(arb(reference), nats, arb(1).exp())
    ends = [(found.mid().fmpq() + sign * (move + found.rad().fmpq())) for sign in (-side, side) for move in _MOVES]
    near, far = ends[: len(_MOVES)], ends[len(_MOVES) :]
    # A reference known to rounding only may have no law that is surely near enough: then no law is.
    fallback = reference if isinstance(reference, fmpq) else 1 - constant
    between = (y for y in near if 0 <= y <= 1 and (y - reference) * side >= 0)
    inner = next((y for y in between if _divergence(y, reference) <= nats), fallback)
    outer = next((y for y in far if 0 < y < 1 and _divergence(y, reference) >= nats), constant)
    return inner, outer


def _divergence(y: fmpq, reference: Number) -> arb:
    """`KL(Bern(y) || Bern(reference))` in nats, for a reference inside (0, 1)."""
    terms = ((y, arb(reference)), (1 - y, 1 - arb(reference)))
    return sum((p * (p / q).log() for p, q in terms if p != 0), arb(0))
