"""Bits with perception, one shot, the classifier sees (Y, U): the linear program over the maps, the law in an interval.

The laws within `P` of the reference are those of an interval, so the program over the four maps gets two rows,

    sum_f w_f P(f(X) = 1) <= q_max,        sum_f w_f P(f(X) = 0) <= 1 - q_min,

instead of the target law. For total variation and `W_2^2` the ends are exact. For a divergence they are irrational:
then the plan, which proves the upper bound, keeps to an inner interval, and the multipliers, which prove the lower one, to
an outer interval; both have rational ends, at each of which the divergence itself is compared with `P` in balls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Unpack

import numpy as np
from flint import arb, fmpq

from drc.information import KL_b, KL_b_max, KL_b_min
from drc.problems.bernoulli import PerceivedBernoulli, joint_of_bits
from drc.problems.finite import Finite, exact_number
from drc.solvers.arithmetic.balls import (
    FINER,
    PRECISION,
    Number,
    exact_or_ball,
    precision,
    rational_above,
    rational_below,
    rational_middle,
    to_fraction,
)
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.finite.one_shot_yu.maps import Column, Maps
from drc.solvers.finite.one_shot_yu.program import Program as MapProgram
from drc.solvers.finite.one_shot_yu.proof import Enclosure, enclose, finite_certificate, packed
from drc.solvers.finite.one_shot_yu.vertex import solve_exactly
from drc.solvers.outcome import Solution
from drc.solvers.request import Clock
from drc.solvers.scalar.certificates import transport_of_bits
from drc.solvers.scalar.program import Program, Question, ask
from drc.types import Exact

#: How far a rational end is moved from the irrational one, until the divergence there is on the right side of `P`.
_MOVES = tuple(fmpq(1, 2**k) for k in (150, 120, 90, 60))

#: A divergence below this is lost in the rounding of its two terms.
_TINY = fmpq(1, 2**150)

Interval = tuple[fmpq, fmpq]


@dataclass(frozen=True, eq=False)
class LawColumn(Column):
    """A map's column, with the masses of both letters as quantities of their own."""

    def quantity(self, name: str) -> Number:
        """Return `D`, `R` or `C` by its letter, or the mass of "zeros" or "ones"."""
        return self.law[("zeros", "ones").index(name)] if name in ("zeros", "ones") else super().quantity(name)


@dataclass(frozen=True, eq=False)
class LawIntervalProgram(MapProgram):
    """The linear program of a problem whose law of `Y` is in an interval."""

    laws: Interval

    @cached_property
    def b(self) -> dict[str, Number]:
        """The bounds as exact numbers or balls, those of the law among them."""
        rest = {name: bound for name, bound in self.bounds.items() if name != "P"}
        low, high = self.laws
        return MapProgram(self.maps, self.minimise, rest).b | {"zeros": 1 - low, "ones": high}

    def column(self, index: int) -> LawColumn:
        """Return a map's column, exactly or as balls."""
        column = super().column(index)
        return LawColumn(column.D, column.R, column.C, column.law)


class PerceptionProgram(Program):
    """The question; the program over the maps is made for each precision."""

    way = "exact simplex"
    perceives = True

    def solved(self, tolerance: float, clock: Clock) -> Solution:
        """Find the optimal vertex, with more digits where the question is too close to a border to be decided."""
        question = self.problem, self.minimise, self.unit, self.bounds
        for bits in (PRECISION, *FINER):
            inner, outer = programs(*question, bits)
            answers = [
                solve_exactly(program, list(range(inner.maps.count))) for program in dict.fromkeys((inner, outer))
            ]
            enclosure = enclose(inner, answers, tolerance, stopped=clock.stopped, relaxed=outer)
            if enclosure.status != "undecided" or clock.over:
                break
        found = packed(enclosure, self._certificate(enclosure, outer.laws), "exact simplex, all maps of a bit")
        if enclosure.primal is not None:
            found = replace(found, duals=self._multipliers(enclosure, outer.laws))
        measure = self.problem.perception
        if found.coupling is None:
            return replace(found, measure=measure)
        law, reference = float(np.clip(found.coupling.sum(axis=0), 0, 1)[1]), float(self.problem.numbers["q_ref"])
        reached = abs(law - reference)
        if measure == "KL":
            reached = float(KL_b.numeric(law, reference, 2.0 if self.unit == "bits" else math.e))
        return replace(found, measure=measure, perception=reached)

    def _certificate(self, enclosure: Enclosure, laws: Interval) -> FiniteCertificate:
        """Write down what proves an enclosure: a multiplier of `P` instead of those of the ends of the interval of laws."""
        written, given = finite_certificate(enclosure), self.problem.finite()
        primal, dual = written.primal, written.dual
        if primal is not None and self.problem.perception == "W2":
            p = [sum(column) for column in zip(*given.p_SX, strict=True)]
            ones = sum(w * (p[0] * f[0] + p[1] * f[1]) for w, f in primal["weights"])
            primal = primal | {"gamma": transport_of_bits(ones, given.reference[1])}
        if enclosure.dual is not None and dual is not None:
            # The masses of the letters have a price.
            by = enclosure.dual.duals
            prices = [to_fraction(by.get(name, fmpq(0))) for name in ("zeros", "ones")]
            multipliers = {name: value for name, value in dual["multipliers"].items() if name not in ("zeros", "ones")}
            dual = dual | {"nu": [-price for price in prices], "multipliers": multipliers}
            if self.bounds.get("P") == 0:
                dual = {"kind": "reference", "dual": dual}
            elif "P" in self.bounds:
                multipliers["P"] = self._price(prices[1] - prices[0], laws)
        return replace(written, problem=given, primal=primal, dual=dual)

    def _multipliers(self, enclosure: Enclosure, laws: Interval) -> dict[str, float]:
        """Return the multipliers of the bounds: that of `P` instead of those of the ends of the interval of laws."""
        by = {} if enclosure.dual is None else enclosure.dual.duals
        found = {name: float(by.get(name, 0.0)) for name in self.bounds}
        price = to_fraction(by.get("ones", fmpq(0))) - to_fraction(by.get("zeros", fmpq(0)))
        if "P" in self.bounds:
            # A divergence of zero has no derivative: the law moves with its square root.
            vertical = self.bounds["P"] == 0 and self.problem.perception == "KL" and price != 0
            found["P"] = math.inf if vertical else float(self._price(price, laws))
        return found

    def _price(self, price: Fraction, laws: Interval) -> Fraction:
        """Return the multiplier of `P` at which an end of the interval of laws is best, where a one costs so much less."""
        end, reference = laws[price > 0], exact_or_ball(exact_number("q_ref", self.problem.q_ref))
        if price == 0 or end in (0, 1):
            return Fraction(0)
        if self.problem.perception != "KL":
            return abs(price)
        nat = arb.const_log2() if self.unit == "bits" else arb(1)
        odds = arb((end - reference) / ((1 - end) * reference)).log1p() / nat
        return to_fraction(rational_middle(exact_or_ball(price) / odds))


def solve_perception(problem: PerceivedBernoulli, **question: Unpack[Question]) -> Solution:
    """Minimise over the plans and the laws of `Y` within `P`, and prove the answer.

    Parameters
    ----------
    problem : PerceivedBernoulli
        With numbers for all parameters but `q_Y`; it names the perception measure and the reference.
    **question
        `R` bounds `H(Y|U)`, `C` bounds `H(S|Y,U)`. The program is so small that it never runs out of time.

    Notes
    -----
    Source: [nguyen2026], section 3. The closed form is not used.

    Examples
    --------
    >>> b = PerceivedBernoulli(q_X=0.3, q_S1=0.1, perception="TV", q_ref=0.4)
    >>> s = solve_perception(b, R=0.4, P=0.05)
    >>> s.status, round(s.value, 9), s.gap < 1e-12
    ('optimal', 0.249370549, True)
    """
    return ask(PerceptionProgram, problem, **question)


def programs(
    problem: PerceivedBernoulli, minimise: str, unit: str, bounds: dict, bits: int
) -> tuple[LawIntervalProgram, LawIntervalProgram]:
    """Return the programs for the inner and the outer interval of laws; the same one if the ends are exact."""
    # The same source and label, the law of `Y` free.
    joint = joint_of_bits(problem.numbers["q_X"], problem.numbers["q_S1"])
    maps = Maps(Finite(joint, setting=problem.setting, classifier_sees=problem.classifier_sees), unit, bits)
    with precision(bits):
        inner, outer = laws_within(problem, bounds.get("P"), unit)
    first = LawIntervalProgram(maps, minimise, bounds, inner)
    return first, first if inner == outer else LawIntervalProgram(maps, minimise, bounds, outer)


def laws_within(problem: PerceivedBernoulli, P: Exact | None, unit: str) -> tuple[Interval, Interval]:
    """Return two intervals with rational ends: laws of the first are within `P`, those within `P` are in the second.

    Parameters
    ----------
    problem : PerceivedBernoulli
    P : Fraction, sympy number or None
        None means no bound.
    unit : {"bits", "nats"}
        The unit of a KL `P`.

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
