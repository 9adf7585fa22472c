"""Two source letters, two output letters, and a classifier that sees Y alone: branch and bound in ball arithmetic.

With `q = P(X = 1)` and `r = P(Y = 1)` every channel with this output law is

    P(Y = 1 | X = 1) = r + (1 - q) delta,      P(Y = 1 | X = 0) = r - q delta

The distortion is linear in `delta`.  In one shot the channel is a mix of maps, drawn by the common randomness, whose
weights of identity and negation differ by `delta`: the rate is at least `|delta| H(X)`, and the mix that uses only one of
the two has this rate.  Asymptotically the rate is `I(X;Y)` ([nguyen2026], section 3).  `H(S|Y)` and `I(X;Y)` are enclosed
on intervals of `delta` from their definitions, so that neither concavity nor a closed form is presupposed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Unpack

import numpy as np
from flint import arb, fmpq

from drc.errors import ProblemError
from drc.information.entropy import entropy_term
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    logarithm,
    rational_above,
    rational_below,
    smallest,
    total,
)
from drc.solvers.arithmetic.branch import Found
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.outcome import Solution
from drc.solvers.scalar.certificates import code_of_bits
from drc.solvers.scalar.program import Branched, Question, ask


@dataclass(frozen=True, eq=False)
class Seen:
    """`H(A|Y)` of a label `A` as a function of `delta`; the joint law of `A` and `X` is given as pairs (X = 0, X = 1)."""

    joint: tuple[tuple[Number, Number], ...]
    q: Number
    r: Number
    nat: Number

    @cached_property
    def slopes(self) -> list[Number]:
        """How fast the mass of each label at Y = 1 grows with `delta`."""
        return [(1 - self.q) * b - self.q * a for a, b in self.joint]

    def columns(self, delta: Number) -> tuple[list[Number], list[Number]]:
        """The joint law of label and output: its columns for Y = 0 and Y = 1."""
        ones = [(a + b) * self.r + slope * delta for (a, b), slope in zip(self.joint, self.slopes, strict=True)]
        return [a + b - one for (a, b), one in zip(self.joint, ones, strict=True)], ones

    def at(self, delta: fmpq) -> Number:
        """The conditional entropy at a point, exact where all logarithms are."""
        return self._left((1 - self.r, self.r), self.columns(delta))

    @cached_property
    def known(self) -> Number:
        """`H(A|X)`: by data processing no `Y` tells more."""
        zeros, ones = (list(column) for column in zip(*self.joint, strict=True))
        return self._left((1 - self.q, self.q), (zeros, ones))

    def _left(self, masses: tuple[Number, Number], columns: tuple[list[Number], list[Number]]) -> Number:
        left = fmpq(0)
        for mass, column in zip(masses, columns, strict=True):
            if mass == 0:
                continue
            for cell in column:
                share = cell / mass
                if isinstance(share, fmpq):
                    left -= fmpq(0) if share <= 0 else cell * logarithm(share, self.nat != 1)
                else:
                    left += mass * entropy_term(share) / self.nat
        return left

    def over(self, low: fmpq, high: fmpq) -> tuple[arb, arb]:
        """Bounds on the conditional entropy on an interval: the better of the plain and the centred enclosure."""
        interval = arb(low).union(arb(high))
        columns = self.columns(interval)
        of_Y = entropy_term(arb(1 - self.r)) + entropy_term(arb(self.r))
        plain = (sum((entropy_term(arb(cell)) for column in columns for cell in column), arb(0)) - of_Y) / self.nat
        below, above = plain.lower(), plain.upper()
        middle, slope = (low + high) / 2, self.slope(*columns)
        if slope.is_finite():
            centred = arb(self.at(middle)) + slope * (interval - middle)
            below, above = below.max(centred.lower()), above.min(centred.upper())
        return below, above

    def slope(self, zeros: list[Number], ones: list[Number]) -> arb:
        """Enclose the derivative where the columns are these; infinite or NaN at an end of the range."""
        moving = ((slope, arb(a), arb(b)) for slope, a, b in zip(self.slopes, zeros, ones, strict=True) if slope != 0)
        return sum((slope * (a / b).log() for slope, a, b in moving), arb(0)) / self.nat


class ChannelProgram(Branched):
    """The program over `delta`, in the user's unit."""

    method = "branch and bound over the channel in ball arithmetic"
    tolerance = 1e-11

    def check(self) -> None:
        """Refuse a problem of another shape."""
        p = self.problem
        if (p.n_X, p.n_Y) != (2, 2) or p.p_Y is None or p.classifier_sees != "Y":
            raise ProblemError(
                f"the problem must have two source letters, two output letters, p_Y, and classifier_sees='Y', got {p!r}"
            )

    @cached_property
    def label(self) -> Seen:
        """What the classifier sees of the label."""
        rows = tuple((exact_or_ball(a), exact_or_ball(b)) for a, b in self.problem.p_SX)
        q = total(b for _, b in rows)
        return Seen(rows, q, exact_or_ball(self.problem.p_Y[1]), self.nat)

    @cached_property
    def source(self) -> Seen:
        """What Y tells of the source: the label is X itself."""
        q = self.label.q
        return Seen(((1 - q, fmpq(0)), (fmpq(0), q)), q, self.label.r, self.nat)

    @cached_property
    def H_X(self) -> Number:
        """Entropy of the source: without a channel, which is what `r = 0` is, all of it is left."""
        q = self.label.q
        return Seen(self.source.joint, q, fmpq(0), self.nat).at(fmpq(0))

    @property
    def apart(self) -> Number:
        """The largest distortion less the least."""
        costs = [exact_or_ball(x) for row in self.problem.exact_distortion for x in row]
        apart = -smallest([-cost for cost in costs]) - smallest(costs)
        return apart if apart > 0 else fmpq(1)

    @cached_property
    def ends(self) -> tuple[fmpq, ...]:
        """An interval that holds all `delta` for which the channel is one, split where `X` and `Y` are independent."""
        q, r = self.label.q, self.label.r
        low, high = [fmpq(-1)], [fmpq(1)]
        for scale, room in ((1 - q, r), (q, 1 - r)):
            if scale > 0:
                low.append(rational_below(-room / scale))
        for scale, room in ((1 - q, 1 - r), (q, r)):
            if scale > 0:
                high.append(rational_above(room / scale))
        return max(low), fmpq(0), min(high)

    def channel(self, delta: Number) -> tuple[Number, Number]:
        """`P(Y = 1 | X = x)` for both `x`."""
        q, r = self.label.q, self.label.r
        return r - q * delta, r + (1 - q) * delta

    def D(self, delta: Number) -> Number:
        """The distortion."""
        law = (1 - self.label.q, self.label.q)
        rows = [map(exact_or_ball, row) for row in self.problem.exact_distortion]
        return total(p * (a + (b - a) * one) for p, one, (a, b) in zip(law, self.channel(delta), rows, strict=True))

    def R(self, delta: fmpq) -> Number:
        """The rate at a point; independence has none, and balls could not tell."""
        if delta == 0:
            return fmpq(0)
        return abs(delta) * self.H_X if self.problem.setting == "one-shot" else self.H_X - self.source.at(delta)

    def value(self, name: str, x: fmpq) -> Number:
        """Return distortion, rate or classification of one channel."""
        return {"D": self.D, "R": self.R, "C": self.label.at}[name](x)

    def least(self, name: str, low: fmpq, high: fmpq) -> Number:
        """Bound the same from below on an interval."""
        if name == "D":
            return smallest([self.D(low), self.D(high)])
        if name == "C":
            label = self.label.at(low) if low == high else self.label.over(low, high)[0]
            return arb(label).max(arb(self.label.known))
        if self.problem.setting == "one-shot":
            return (fmpq(0) if low <= 0 <= high else min(abs(low), abs(high))) * self.H_X
        bound = arb(self.H_X - self.source.over(low, high)[1]).lower()
        return bound if bound > 0 else fmpq(0)

    def point(self, x: fmpq) -> Number | None:
        """Return the objective at a point; None unless it is proved feasible."""
        return super().point(x) if all(0 <= w <= 1 for w in self.channel(x)) else None

    def certificate(self, found: Found, lower: float, upper: float) -> FiniteCertificate:
        """Write down the code; the checker needs no numbers for the lower bound."""
        kind = "maps" if self.problem.setting == "one-shot" else "coupling"
        primal = None if upper == math.inf else {"kind": kind} | code_of_bits(self.problem, found.primal)
        given = self.problem, self.minimise, self.unit, tuple(self.bounds.items())
        return FiniteCertificate(*given, lower, upper, primal, {"kind": "bits"})

    def reached(self, found: Found) -> dict[str, object]:
        """Return what a channel reaches, and how."""
        delta = found.primal
        fields: dict[str, object] = {name: self.value(name, delta) for name in ("D", "R", "C")}
        fields["coupling"] = self.coupling(delta)
        return fields | ({"plan": self.maps(delta)} if self.problem.setting == "one-shot" else {})

    def coupling(self, delta: fmpq) -> np.ndarray:
        """Return the joint law of `X` and `Y`, in floats."""
        q, ones = float(self.label.q), [float(w) for w in self.channel(delta)]
        return np.array([[p * (1 - one), p * one] for p, one in zip((1 - q, q), ones, strict=True)])

    def maps(self, delta: fmpq) -> tuple:
        """Return the mix of maps that makes a channel: what tells of `X` is drawn as seldom as possible."""
        least, most = sorted(float(w) for w in self.channel(delta))
        moving = (0, 1) if delta >= 0 else (1, 0)
        weights = ((abs(float(delta)), moving), (least, (1, 1)), (1 - most, (0, 0)))
        return tuple(sorted(((weight, f) for weight, f in weights if weight > 0), reverse=True))


def solve_bernoulli_y(problem: Finite, **question: Unpack[Question]) -> Solution:
    """Minimise over the one free parameter of the channel, and prove the answer.

    The problem has two source letters, two output letters and an output law, and the classifier sees Y. `R` bounds `H(Y|U)`
    in one shot, else `I(X;Y)`; `C` bounds `H(S|Y)`.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7], classifier_sees="Y")
    >>> s = solve_bernoulli_y(f, R=0.4, C=0.9)
    >>> s.status, round(s.value, 9), s.gap < 1e-11, s.certificate.verify()
    ('optimal', 0.229370549, True, True)
    """
    return ask(ChannelProgram, problem, **question)
