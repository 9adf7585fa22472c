"""The laws that the output may have under a perception bound: a convex set, known by its cheapest points.

Under `phi(p_Y, p_ref) <= P` the output law is a mean of laws of the ball, as the plan is a mean of maps; both kinds of
columns are generated. Multipliers `nu` of the output law require the law of the ball that is cheapest,

    total variation, W_2^2:  min sum_ij gamma_ij nu_i  over  sum_i gamma_ij = p_ref(j),  sum_ij gamma_ij c(i, j) <= P,
    KL:                      p_ref(y) exp(-nu_y / tau), scaled, with the tau for which the divergence is P,

with `c(i, j) = [i != j]` for total variation. The dual of either, `psi(nu, kappa) - kappa P`, bounds the cost of every law
of the ball from below, whatever `kappa >= 0`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from flint import arb, fmpq

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball, rational_below, rational_middle, smallest, total
from drc.types import Exact

#: By which share of `P` the points keep inside the ball where its border is irrational.
_INSIDE = fmpq(1, 2**50)

#: The largest multiplier of `P`, relative to those of the law: beyond it the ball is its centre.
_STEEPEST = 1e9


@dataclass(frozen=True, eq=False)
class Point:
    """A law of the ball, in rational numbers; for TV and W2 with a transport to the reference that proves it.

    Row `i` of the transport plan says where the mass of letter `i` is in the reference.
    """

    law: tuple[fmpq, ...]
    transport: tuple[tuple[fmpq, ...], ...] | None = None


@dataclass(frozen=True, eq=False)
class LawBall:
    """The laws within `P` of a reference; its methods are to be called within the working precision.

    `reference` is over the letters `js`; for KL those are the letters in use: what the others have of it, no law of the
    ball has. `ground` is the cost of moving mass from a letter in use to one of the reference, and not used for KL.
    `room` is `P`, for KL in nats, and `nat` is how many nats the unit of `P` is.

    Examples
    --------
    >>> from fractions import Fraction
    >>> problem = Finite([[0.5, 0.5]], perception="TV", reference=[0.25, 0.75])
    >>> ball = LawBall.of(problem, (0, 1), Fraction(1, 8), "bits")
    >>> ball.cheapest(np.array([0.0, 1.0]))[0].law
    (3/8, 5/8)
    """

    measure: str
    reference: tuple[Number, ...]
    ground: list[list[Number]]
    room: Number
    nat: Number
    js: tuple[int, ...]

    @classmethod
    def of(cls, problem: Finite, ys: tuple[int, ...], P: Exact, unit: str) -> LawBall:
        """Return the ball of a problem.

        The problem has a perception measure, and `ys` are the letters in use.
        """
        nat = arb.const_log2() if unit == "bits" and problem.perception == "KL" else fmpq(1)
        js = tuple(j for j, p in enumerate(problem.reference) if p != 0) if problem.perception != "KL" else ys
        costs = problem.exact_ground
        if costs is not None:
            ground = [[exact_or_ball(costs[i][j]) for j in js] for i in ys]
        else:
            ground = [[fmpq(int(i != j)) for j in js] for i in ys]
        reference = tuple(exact_or_ball(cast(tuple, problem.reference)[j]) for j in js)
        return cls(problem.perception or "", reference, ground, nat * exact_or_ball(P), nat, js)

    @cached_property
    def masses(self) -> tuple[fmpq, ...]:
        """The reference in rational numbers, scaled so that they sum to one."""
        masses = [rational_middle(p) for p in self.reference]
        whole = total(masses)
        return tuple(p / whole for p in masses)

    @cached_property
    def _inner(self) -> fmpq:
        """The part of `P` that the points use."""
        rows = [self.room, *self.reference, *(c for row in self.ground for c in row)]
        if self.measure != "KL" and isinstance(self.room, fmpq) and all(isinstance(v, fmpq) for v in rows):
            return self.room
        return rational_below(self.room) * (1 - _INSIDE) if self.room > 0 else fmpq(0)

    @cached_property
    def _costs(self) -> np.ndarray:
        return np.array([[float(c) for c in row] for row in self.ground])

    @cached_property
    def _overlap(self) -> list[Number]:
        """For total variation: the mass that the reference has at each letter in use."""
        rows = [zip(self.reference, row, strict=True) for row in self.ground]
        return [total(p for p, cost in row if cost == 0) for row in rows]

    @cached_property
    def _reference(self) -> np.ndarray:
        return np.array([float(p) for p in self.reference])

    def centre(self) -> Point | None:
        """Return the law that is nearest to the reference; None if even that is outside of the ball."""
        if self.measure == "KL":
            return Point(self.masses) if self.holds(list(self.masses), None) else None
        # The reference itself, unless the ground cost makes staying dear.
        nearest = self._costs.argmin(axis=0)
        transport = self._transport(nearest)
        return self._point(transport) if self._usage(transport) <= self._inner else None

    def _transport(self, to: np.ndarray) -> list[list[fmpq]]:
        return [[p if to[j] == i else fmpq(0) for j, p in enumerate(self.masses)] for i in range(len(self.ground))]

    def _usage(self, transport: list) -> fmpq:
        cells = zip(transport, self.ground, strict=True)
        return total(g * rational_middle(c) for row, cost in cells for g, c in zip(row, cost, strict=True))

    def _point(self, transport: list) -> Point:
        return Point(tuple(total(row) for row in transport), tuple(map(tuple, transport)))

    def cheapest(self, nu: np.ndarray) -> tuple[Point, float]:
        """Return the law of the ball whose cost `sum q nu` is least, and the multiplier of `P`.

        `nu` has the shape (n_Y,).

        `kappa` is in the unit of `P`.
        """
        return self._tilted(nu) if self.measure == "KL" else self._moved(nu)

    def _moved(self, nu: np.ndarray) -> tuple[Point, float]:
        """The share of the mass that is moved for each unit of `P` changes where two letters tie: try all ties."""
        costs = self._costs
        with np.errstate(divide="ignore", invalid="ignore"):
            ties = (nu[:, None, None] - nu[None, :, None]) / (costs[None] - costs[:, None])
        ties = np.unique(ties[np.isfinite(ties) & (ties > 0)])
        ties = np.r_[0.0, ties]
        between = np.r_[(ties[:-1] + ties[1:]) / 2, 2 * ties[-1] + 1.0]
        letters, room = np.arange(costs.shape[1]), float(self._inner) * (1 + 1e-12)

        def target(k: int) -> np.ndarray:
            return (nu[:, None] + between[k] * costs).argmin(axis=0)

        def used(k: int) -> float:
            return float(self._reference @ costs[target(k), letters])

        # The dearer it is, the less is moved.
        place = min(bisect_left(range(len(between)), -room, key=lambda k: -used(k)), len(between) - 1)
        low = self._transport(target(place))
        low_use = self._usage(low)
        if low_use > self._inner and place + 1 < len(between):
            place += 1
            low = self._transport(target(place))
            low_use = self._usage(low)
        if place == 0:
            return self._point(low), 0.0
        high = self._transport(target(place - 1))
        high_use = self._usage(high)
        share = (self._inner - low_use) / (high_use - low_use) if high_use > low_use else fmpq(0)
        share = max(fmpq(0), min(share, fmpq(1)))
        pairs = zip(low, high, strict=True)
        mixed = [[a + share * (b - a) for a, b in zip(*rows, strict=True)] for rows in pairs]
        return self._point(mixed), float(ties[place])

    def _tilted(self, nu: np.ndarray) -> tuple[Point, float]:
        reference, room = self._reference, float(self.room)
        used = reference > 0
        spread = float(np.ptp(nu[used])) or 1.0

        def tilt(tau: float) -> tuple[np.ndarray, float]:
            exponents = np.where(used, -(nu - nu[used].min()) / tau, -np.inf)
            law = reference * np.exp(exponents)
            law = law / law.sum()
            terms = law[used] * np.log(np.maximum(law[used], 1e-300) / reference[used])
            return law, float(terms.sum())

        law, divergence = tilt(1e-9 * spread)
        if divergence <= room:
            return self._within(law), 0.0
        low, high = math.log(1e-9 * spread), math.log(_STEEPEST * spread)
        for _ in range(100):
            middle = (low + high) / 2
            low, high = (middle, high) if tilt(math.exp(middle))[1] > room else (low, middle)
        return self._within(tilt(math.exp(high))[0]), math.exp(high) * float(self.nat)

    def _within(self, law: np.ndarray) -> Point:
        """Round a law, and move it towards the reference until it is proved to be within the ball."""
        exact = [exact_or_ball(float(q)) for q in law]
        exact = [q / total(exact) for q in exact]
        share = _INSIDE
        while share < 1:
            pulled = [q + share * (p - q) for q, p in zip(exact, self.masses, strict=True)]
            if self.divergence(pulled) <= self._inner:
                return Point(tuple(pulled))
            share *= 16
        return Point(self.masses)

    def divergence(self, law: list) -> arb:
        """Return `KL(law || reference)` in nats."""
        pairs = zip(law, self.reference, strict=True)
        return sum((arb(q) * (arb(q) / arb(p)).log() for q, p in pairs if q != 0), arb(0))

    def worth(self, nu: tuple, kappa: fmpq) -> Number:
        """Return `psi(nu, kappa) - kappa P`, a lower bound on `sum q nu` over the laws of the ball.

        `kappa` is in the unit of `P`, and not negative.
        """
        if kappa == 0:
            return smallest(list(nu))
        price = kappa * self.room / self.nat
        if self.measure == "KL":
            scale = kappa / self.nat
            least = min(nu)
            pairs = zip(self.reference, nu, strict=True)
            mean = sum((p * (-arb(v - least) / scale).exp() for p, v in pairs), arb(0))
            return least - scale * mean.log() - price
        columns = zip(self.reference, zip(*self.ground, strict=True), strict=True)
        return (
            total(p * smallest([v + kappa * c for v, c in zip(nu, costs, strict=True)]) for p, costs in columns) - price
        )

    def measured(self, law: np.ndarray, transport: tuple | None) -> float:
        """Return the distance of a law from the reference in doubles, for W2 the cost of its transport."""
        if self.measure == "TV":
            there = np.array([float(p) for p in self._overlap])
            return float(np.abs(law - there).sum() + 1 - there.sum()) / 2
        if self.measure == "W2":
            return float((np.array([[float(g) for g in row] for row in transport or ()]) * self._costs).sum())
        used = law > 0
        ratio = law[used] / np.maximum(self._reference[used], 1e-300)
        return max(0.0, float((law[used] * np.log(ratio)).sum()) / float(self.nat))

    def holds(self, law: list, transport: list | tuple | None) -> bool:
        """Tell whether a law is proved to be within the ball; for W2 by its transport to the reference."""
        if self.measure == "TV":
            over = total(abs(q - p) for q, p in zip(law, self._overlap, strict=True))
            return bool((over + 1 - total(self._overlap)) / 2 <= self.room)
        if self.measure == "W2":
            cells = zip(transport or (), self.ground, strict=True)
            used = (g * c for row, cost in cells for g, c in zip(row, cost, strict=True))
            return bool(total(used) <= self.room)
        if all(isinstance(q, fmpq) and q == p for q, p in zip(law, self.reference, strict=True)):
            return True
        return bool(self.divergence(law) <= self.room)
