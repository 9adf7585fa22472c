"""Time sharing between channels from a bit to a bit, the classifier sees Y and the block index: a certified optimum.

A mix of channels with the same output law has weights `w_k` and parameters `delta_k` (see `bernoulli_y`):

    minimise    sum_k w_k D(delta_k)
    subject to  sum_k w_k R(delta_k) <= R,    sum_k w_k H(S|Y)(delta_k) <= C

a linear program with infinitely many columns.  Columns are generated in floats and the program over them is solved in
rational arithmetic.  For the dual bound the Lagrangian `D + lambda R + mu H(S|Y)` is minimised over *all* `delta`: an
interval on which the second derivative is proved to have one sign needs a tangent, or its two ends; others are split.  No
closed form, and no choice of the channels that may occur, is presupposed ([nguyen2026], section 3, is the problem).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.expressions.content import ByContent
from drc.problems.finite import Finite
from drc.solvers.balls import (
    Number,
    exact_or_ball,
    float_above,
    float_below,
    nearest,
    precision,
    rational_above,
    rational_below,
    to_fraction,
)
from drc.solvers.bernoulli_y import ChannelProgram, Seen, channel_program
from drc.solvers.branch import Unwritten, answer, at_borders
from drc.solvers.request import Clock
from drc.solvers.simplex import is_feasible, simplex
from drc.solvers.solution import Solution, is_closed

#: How many points of each side of independence the first columns are, and those that are looked at for new ones.
_FIRST, _GRID = 4, 256

#: How often columns are added, and how often one is brought nearer to a minimum of the Lagrangian.
_ROUNDS, _ZOOMS = 40, 4

#: An interval of the dual bound is not split further than this, nor are there more of them.
_NARROW, _MOST = fmpq(1, 2**90), 2000

#: Steps of Newton's method to the minimum of a convex piece, and when it is near enough.
_STEPS, _CLOSE = 100, fmpq(1, 2**70)

#: At rate zero, or at the least distortion, no multiplier is the best one: the steeper, the better.
_STEEP = {"R": 2**60, "D": 16}

#: How often an interval is halved in which a bound is met.
_HALVINGS = 70

#: A reduced cost that floats cannot tell from zero.
_NOISE = 1e-14


def solve_time_shared(
    problem: Finite,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    tolerance: float = 1e-9,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Minimise over mixes of channels with the output law of the problem, and prove the answer.

    Parameters, returns and errors are those of `solve_bernoulli_y`; the classifier also sees the block index.

    Examples
    --------
    >>> f = Finite([[0.63, 0.03], [0.07, 0.27]], p_Y=[0.2, 0.8], classifier_sees="Y", setting="asymptotic")
    >>> s = solve_time_shared(f, R=0.3, C=0.75)
    >>> s.status, s.gap < 1e-9, s.certificate.verify(), len(s.mixture)
    ('optimal', True, True, 2)
    """
    program, tolerance, clock = channel_program(
        problem,
        minimise,
        {"R": R, "C": C, "D": D, "P": P},
        method=(method, "column generation"),
        limits=(tolerance, time_limit),
        unit=unit,
    )

    def attempt(bounds: dict) -> Solution:
        shared = _Shared(replace(program, bounds=bounds))
        return _solution(shared, *_generate(shared, clock), tolerance, clock)

    return at_borders(attempt, program.bounds, clock)


@dataclass(frozen=True, eq=False)
class _Shared:
    """The linear program over mixes: what a column is, exactly and in floats."""

    program: ChannelProgram

    @cached_property
    def names(self) -> list[str]:
        """The bounds that are active."""
        return list(self.program.b)

    @cached_property
    def ends(self) -> tuple[fmpq, fmpq, fmpq]:
        """Like those of the program, but surely within the range of channels."""
        low, middle, high = self.program.ends
        inside = fmpq(2**100 - 1, 2**100)
        is_channel = [all(0 <= w <= 1 for w in self.program.channel(end)) for end in (low, high)]
        return low if is_channel[0] else low * inside, middle, high if is_channel[1] else high * inside

    def value(self, name: str, delta: fmpq) -> Number:
        """Distortion, rate or classification of one channel."""
        return {"D": self.program.D, "R": self.program.R, "C": self.program.label.at}[name](delta)

    def mixed(self, name: str, mix: tuple) -> Number:
        """The same of a mix."""
        return sum((weight * self.value(name, delta) for weight, delta in mix), fmpq(0))

    def floats(self, name: str, delta: np.ndarray) -> np.ndarray:
        """The same of many channels, in floats."""
        p = self.program
        if name == "D":
            at_zero, at_one = float(p.D(fmpq(0))), float(p.D(fmpq(1)))
            return at_zero + (at_one - at_zero) * delta
        if name == "C":
            return _conditional_entropies(p.label, delta)
        if p.problem.setting == "one-shot":
            return np.abs(delta) * float(p.H_X)
        return float(p.H_X) - _conditional_entropies(p.source, delta)


def _conditional_entropies(seen: Seen, delta: np.ndarray) -> np.ndarray:
    """`H(A|Y)` in floats, where it is needed to propose channels and not to prove anything."""
    a, b = np.array([[float(x) for x in row] for row in seen.joint]).T[:, :, None]
    slopes = np.array([float(s) for s in seen.slopes])[:, None]
    ones = np.maximum((a + b) * float(seen.r) + slopes * delta, 0)
    zeros = np.maximum(a + b - ones, 0)
    total = np.zeros_like(delta)
    for mass, column in ((1 - float(seen.r), zeros), (float(seen.r), ones)):
        if mass > 0:
            total -= np.where(column > 0, column * np.log(np.where(column > 0, column, 1) / mass), 0).sum(axis=0)
    return total / float(seen.nat)


# Columns ---------------------------------------------------------------------------------------------------------------


def _generate(shared: _Shared, clock: Clock) -> tuple[tuple, list[dict[str, fmpq]]]:
    """Propose a feasible mix (empty if none is found) and multipliers; with no mix, they speak for infeasibility.

    Where the answer is one channel the multipliers are not unique, and those that no channel of the grid can improve may be
    better than those of the exact vertex; so both are given.
    """
    low, _, high = (float(end) for end in shared.ends)
    share = np.sin(np.linspace(0, np.pi / 2, _FIRST + 1))
    always = set(shared.ends) | _meeting(shared)
    deltas = set(always)
    deltas |= {exact_or_ball(float(x)) for x in (*(low * share[1:-1]), *(high * share[1:-1]))}
    grid = np.unique(np.concatenate([end * np.sin(np.linspace(0, np.pi / 2, _GRID + 1)) for end in (low, high)]))
    values = {name: shared.floats(name, grid) for name in ("D", "R", "C")}
    answer = _solve_columns(shared, sorted(deltas), exact=False)
    for _ in range(_ROUNDS):
        new = _priced(shared, grid, values, answer) - deltas
        if not new or clock.over:
            break
        deltas = {delta for delta, slack in answer.reduced.items() if slack < 1e-3} | new | always
        answer = _solve_columns(shared, sorted(deltas), exact=False)
    # What costs more than rounding accounts for is not part of the answer.
    deltas = {delta for delta, slack in answer.reduced.items() if slack < 1e-6} | always
    final = _solve_columns(shared, sorted(deltas), exact=True)
    return final.mix, [final.duals, *([answer.duals] if answer.feasible == final.feasible else [])]


def _meeting(shared: _Shared) -> set[fmpq]:
    """Channels that meet one bound and no more: floats do not resolve those near independence, or near an end."""
    found = set()
    for name, bound in shared.program.b.items():
        for end in (shared.ends[0], shared.ends[2]):
            meets, misses = fmpq(0), end
            if not shared.value(name, meets) <= bound:
                meets, misses = misses, meets
            if shared.value(name, misses) <= bound or not shared.value(name, meets) <= bound:
                continue
            for _ in range(_HALVINGS):
                middle = (meets + misses) / 2
                meets, misses = (middle, misses) if shared.value(name, middle) <= bound else (meets, middle)
            found.add(meets)
    return found


@dataclass(frozen=True, eq=False)
class _Answer:
    """The optimum over some columns: weights, multipliers, the value of the dual, and what each column costs beyond it."""

    mix: tuple
    duals: dict[str, fmpq]
    feasible: bool
    reduced: dict[fmpq, float]
    level: float


def _solve_columns(shared: _Shared, deltas: list[fmpq], *, exact: bool) -> _Answer:
    """Solve the program over some channels; `exact` entries are on the safe side, so that the mix is feasible."""
    rows = [shared.program.minimise, *shared.names]
    if exact:
        table = [[rational_above(shared.value(name, delta)) for name in rows] for delta in deltas]
    else:
        at = np.array([float(delta) for delta in deltas])
        table = np.array([shared.floats(name, at) for name in rows]).T.tolist()
        table = [[exact_or_ball(x) for x in row] for row in table]
    b = [fmpq(1)] + [rational_below(bound) for bound in shared.program.b.values()]
    size = len(b)
    columns = [[fmpq(1), *row[1:]] for row in table]
    columns += [[fmpq(int(i == j)) for i in range(size)] for j in range(1, size)]
    artificial, n = len(columns), len(deltas)
    columns.append([fmpq(0)] + [fmpq(-1)] * (size - 1))
    costs = [row[0] for row in table] + [fmpq(0)] * size
    basis, feasible = _first_basis(columns, b, deltas.index(fmpq(0)), n), True
    if artificial in basis:
        vertex = simplex(columns, [fmpq(0)] * artificial + [fmpq(1)], b, basis)
        feasible, basis = vertex.cost <= 0, list(vertex.basis)
        if feasible and artificial in basis:
            place = basis.index(artificial)
            swaps = ([*basis[:place], j, *basis[place + 1 :]] for j in range(artificial) if j not in basis)
            basis = next(swap for swap in swaps if is_feasible(columns, b, swap))
    if feasible:
        vertex = simplex(columns[:-1], costs, b, basis)
    else:
        costs = [fmpq(0)] * artificial + [fmpq(1)]
    mix = tuple((w, deltas[j]) for j, w in zip(vertex.basis, vertex.values, strict=True) if j < n and w > 0)
    y = vertex.multipliers
    duals = {name: max(fmpq(0), -v) for name, v in zip(shared.names, y[1:], strict=True)}
    reduced = {
        delta: float(costs[j] - sum((v * a for v, a in zip(y, columns[j], strict=True)), fmpq(0)))
        for j, delta in enumerate(deltas)
    }
    return _Answer(mix if feasible else (), duals, feasible, reduced, float(y[0]))


def _first_basis(columns: list, b: list, independent: int, n: int) -> list[int]:
    """Start from independence; if a bound is violated there, the artificial column takes the place of its slack."""
    slacks = list(range(n, len(columns) - 1))
    choices = [[independent, *slacks]]
    choices += [[independent, *(len(columns) - 1 if j == slack else j for j in slacks)] for slack in slacks]
    return next(basis for basis in choices if is_feasible(columns, b, basis))


def _priced(shared: _Shared, grid: np.ndarray, values: Mapping[str, np.ndarray], answer: _Answer) -> set[fmpq]:
    """Channels whose reduced cost is negative: the local minima of the Lagrangian, on ever finer grids."""
    weights = {name: float(dual) for name, dual in answer.duals.items()}
    if answer.feasible:
        weights[shared.program.minimise] = 1.0
    of = sum((weight * values[name] for name, weight in weights.items()), np.zeros_like(grid))
    left, right = np.append(np.inf, of[:-1]), np.append(of[1:], np.inf)
    lows = np.flatnonzero((of <= left) & (of <= right) & (of < answer.level + 1e-2 * (1 + np.ptp(of))))[:8]
    found: set[fmpq] = set()
    scale = 1 + sum(weights.values())
    for k in lows:
        a, best, b = grid[max(k - 1, 0)], grid[k], grid[min(k + 1, len(grid) - 1)]
        least = of[k]
        for _ in range(_ZOOMS):
            # Independence is a kink in one shot, so a finer grid keeps the point that it refines.
            finer = np.unique(np.append(np.linspace(a, b, 33), best))
            there = sum((w * shared.floats(name, finer) for name, w in weights.items()), np.zeros_like(finer))
            j = int(np.argmin(there))
            if finer[j] == best and best in (0.0, grid[0], grid[-1]):
                break  # a kink, or an end of the range
            a, best, b = finer[max(j - 1, 0)], finer[j], finer[min(j + 1, len(finer) - 1)]
            least = there[j]
        if least < answer.level - _NOISE * scale:
            exact = exact_or_ball(float(best))
            found.add(min(max(exact, shared.ends[0]), shared.ends[2]))
    return found | _merged(answer.mix) if found else found


def _merged(mix: tuple) -> set[fmpq]:
    """The mean of two time-shared neighbours: they stand for a channel between them."""
    near = sorted((delta, weight) for weight, delta in mix)
    pairs = ((a, b) for a, b in pairwise(near) if b[0] - a[0] < fmpq(1, 10) and not a[0] < 0 < b[0])
    return {exact_or_ball(float((a * v + b * w) / (v + w))) for (a, v), (b, w) in pairs}


# The dual bound ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Lagrangian:
    """`sum of weight * quantity`, as a function of `delta`, to be bounded from below on all channels."""

    shared: _Shared
    weights: Mapping[str, fmpq]

    @cached_property
    def curved(self) -> list[tuple[Number, Seen]]:
        """The conditional entropies in it, with their weights; what is left is linear on each side of independence."""
        program, parts = self.shared.program, []
        if self.weights.get("C", 0) != 0:
            parts.append((self.weights["C"], program.label))
        if self.weights.get("R", 0) != 0 and program.problem.setting == "asymptotic":
            parts.append((-self.weights["R"], program.source))
        if len(parts) == 2 and _rows(program.label) == _rows(program.source):
            # The label is the source: two entropies that are one function, which balls could not see.
            weight = parts[0][0] + parts[1][0]
            return [(weight, program.source)] if weight != 0 else []
        return parts

    def at(self, delta: fmpq) -> Number:
        """The value."""
        return sum((w * self.shared.value(name, delta) for name, w in self.weights.items() if w != 0), fmpq(0))

    def slope(self, delta: fmpq, side: int) -> arb:
        """The derivative, on the side of independence that is meant."""
        program = self.shared.program
        total = arb(self.weights.get("D", 0) * (program.D(fmpq(1)) - program.D(fmpq(0))))
        if program.problem.setting == "one-shot":
            total += self.weights.get("R", 0) * side * program.H_X
        for weight, seen in self.curved:
            zeros, ones = seen.columns(delta)
            moving = [(s, arb(a), arb(b)) for s, a, b in zip(seen.slopes, zeros, ones, strict=True) if s != 0]
            total += weight * sum((s * (a / b).log() for s, a, b in moving), arb(0)) / seen.nat
        return total

    def curvature(self, low: fmpq, high: fmpq) -> tuple[arb, arb]:
        """Bounds on the second derivative on an interval: of `H(A|Y)` it is `-sum of slope^2/mass`."""
        interval, bounds = arb(low).union(arb(high)), [arb(0), arb(0)]
        for weight, seen in self.curved:
            least, most = arb(0), arb(0)
            for slope, *cells in zip(seen.slopes, *seen.columns(interval), strict=True):
                if slope == 0:
                    continue
                for cell in map(arb, cells):
                    top, bottom = cell.upper(), cell.lower()
                    least += slope * slope / top if top > 0 else arb(0)
                    most += slope * slope / bottom if bottom > 0 else arb.pos_inf()
            ends = (least, most) if weight < 0 else (most, least)
            bounds = [total - weight * end / seen.nat for total, end in zip(bounds, ends, strict=True)]
        return bounds[0], bounds[1]

    def below(self, low: fmpq, high: fmpq, side: int) -> Number | None:
        """Bound from below on an interval that lies on one side of independence; None means that it must be split."""
        if low == high:
            return self.at(low)
        least, most = self.curvature(low, high)
        if not self.curved or most <= 0:
            return _lesser(self.at(low), self.at(high))
        if least >= 0:
            if self.slope(low, side) >= 0:
                return self.at(low)
            if self.slope(high, side) <= 0:
                return self.at(high)
            x = self._stationary(low, high, side)
            slope, value = self.slope(x, side), self.at(x)
            return arb(value) + (slope * (low - x)).min(slope * (high - x))
        return None

    def _stationary(self, low: fmpq, high: fmpq, side: int) -> fmpq:
        """A point near the minimum of a convex piece; nothing is claimed of it."""
        x = (low + high) / 2
        for _ in range(_STEPS):
            slope = self.slope(x, side)
            low, high = (low, x) if slope > 0 else (x, high)
            following = (arb(x) - slope / self.curvature(x, x)[0]).mid()
            # A step that leaves the bracket, or is not a number, is replaced by halving.
            newton = following.is_finite() and low < following.fmpq() < high
            before, x = x, following.fmpq() if newton else (low + high) / 2
            if abs(x - before) < _CLOSE:
                break
        return x

    def coarse(self, low: fmpq, high: fmpq, side: int) -> Number:
        """The bound by interval arithmetic, for where the curvature has no sign."""
        program = self.shared.program
        linear = {"D": self.weights.get("D", fmpq(0))}
        if program.problem.setting == "one-shot":
            linear["R"] = self.weights.get("R", fmpq(0))
        ends = [
            sum((w * self.shared.value(n, end) for n, w in linear.items() if w != 0), fmpq(0)) for end in (low, high)
        ]
        total = arb(_lesser(*ends))
        if "R" in self.weights and "R" not in linear:
            total += self.weights["R"] * program.H_X
        for weight, seen in self.curved:
            least, most = seen.over(low, high)
            total += weight * (least if weight > 0 else most)
        return total


def _rows(seen: Seen) -> set:
    """The letters of a label that occur, whatever their names."""
    return {(str(a), str(b)) for a, b in seen.joint if not (a == 0 and b == 0)}


def _lesser(a: Number, b: Number) -> Number:
    return a if a <= b else b if b <= a else arb(a).min(arb(b))


def dual_minimum(lagrangian: _Lagrangian, enough: Number, clock: Clock | None = None) -> Number | None:
    """Bound a Lagrangian from below on all channels; what lies above `enough` is not looked at more closely.

    When time or intervals run out the bound is a worse one, and holds.
    """
    low, middle, high = lagrangian.shared.program.ends
    clock = clock or Clock()
    boxes = [(low, middle, -1), (middle, high, 1)]
    least: Number | None = None
    count = 0
    while boxes:
        count += 1
        late = count > _MOST or clock.over
        a, b, side = boxes.pop()
        bound = lagrangian.below(a, b, side)
        if bound is None:
            bound = lagrangian.coarse(a, b, side)
            if not bound >= enough and b - a > _NARROW and not late:
                boxes += [(a, (a + b) / 2, side), ((a + b) / 2, b, side)]
                continue
        least = bound if least is None else _lesser(least, bound)
    return least


# What is returned ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TimeSharingCertificate(ByContent, Unwritten):
    """A proof that the optimum over mixes lies in `[lower, upper]`.

    Attributes
    ----------
    problem : Finite
    minimise : {"D", "R"}
    unit : {"bits", "nats"}
    bounds : tuple of (name, exact number)
    mix : tuple of (weight, parameter of the channel)
        A feasible mix, which proves `upper`; empty if there is none.
    duals : tuple of (name, Fraction)
        Multipliers of the bounds, which prove `lower`; if `lower` is `inf`, that no mix is feasible.
    lower, upper : float
        What is claimed.

    Examples
    --------
    >>> from dataclasses import replace
    >>> f = Finite([[0.63, 0.03], [0.07, 0.27]], p_Y=[0.2, 0.8], classifier_sees="Y")
    >>> s = solve_time_shared(f, R=0.3, C=0.8)
    >>> s.certificate.verify(), replace(s.certificate, lower=s.lower + 1e-9).verify()
    (True, False)
    """

    problem: Finite
    minimise: str
    unit: str
    bounds: tuple
    mix: tuple
    duals: tuple
    lower: float
    upper: float

    def verify(self) -> bool:
        """Prove the enclosure again, from the problem, the mix and the multipliers alone.

        Returns
        -------
        bool
            False if the proof fails (which does not mean that the enclosure is false).
        """
        if math.isnan(self.lower + self.upper) or self.lower > self.upper:
            return False
        with precision():
            shared = _Shared(ChannelProgram(self.problem, self.minimise, self.unit, dict(self.bounds)))
            if self.upper < math.inf:
                value = _cost(shared, tuple((exact_or_ball(w), exact_or_ball(delta)) for w, delta in self.mix))
                if value is None or not value <= exact_or_ball(self.upper):
                    return False
            # Distortion and rate are never negative.
            if self.lower <= 0:
                return True
            duals = {name: exact_or_ball(dual) for name, dual in self.duals}
            wanted = None if self.lower == math.inf else exact_or_ball(self.lower)
            bound = _dual_bound(shared, duals, wanted)
            return bound is not None and bool(bound > 0 if wanted is None else bound >= wanted)


def _cost(shared: _Shared, mix: tuple) -> Number | None:
    """What a mix costs; None unless it is proved to be one, and feasible."""
    total = sum((weight for weight, _ in mix), fmpq(0))
    if total != 1 or any(weight < 0 for weight, _ in mix):
        return None
    if not all(0 <= w <= 1 for _, delta in mix for w in shared.program.channel(delta)):
        return None
    if not all(shared.mixed(name, mix) <= bound for name, bound in shared.program.b.items()):
        return None
    return shared.mixed(shared.program.minimise, mix)


def _dual_bound(
    shared: _Shared, duals: dict[str, fmpq], wanted: Number | None, clock: Clock | None = None
) -> Number | None:
    """Bound the cost of every feasible mix from below; with None wanted, a bound above zero proves that there is none."""
    if any(dual < 0 for dual in duals.values()):
        return None
    if wanted is None and "C" in shared.program.b and shared.program.label.known > shared.program.b["C"]:
        return fmpq(1)
    weights = dict(duals) if wanted is None else {**duals, shared.program.minimise: fmpq(1)}
    spent = sum((dual * shared.program.b[name] for name, dual in duals.items()), fmpq(0))
    # A positive bound, however small, is a proof; a little more lets the search stop at the first.
    enough = spent + (fmpq(1, 2**60) * sum(duals.values(), fmpq(0)) if wanted is None else wanted)
    least = dual_minimum(_Lagrangian(shared, weights), enough, clock)
    return None if least is None else least - spent


def _proved(
    shared: _Shared, cost: Number | None, proposals: list[dict[str, fmpq]], tolerance: float, clock: Clock
) -> tuple[Number | None, dict[str, fmpq]]:
    """The best lower bound of some multipliers, and these; None if nothing is feasible."""
    # Any multipliers prove a bound; rounding keeps their sign, and keeps them short.
    rounded = [{name: fmpq((dual * 2**120).floor(), 2**120) for name, dual in duals.items()} for duals in proposals]
    lower, best = fmpq(0), rounded[0] if rounded else {}
    if cost is None:
        bound = _dual_bound(shared, best, None, clock) if best else None
        return (None if bound is not None and bound > 0 else lower), best
    upper, spread = float_above(cost), nearest(shared.program.spread)
    slack = exact_or_ball(0.3 * tolerance * max(spread, upper))
    steep = [{name: dual * _STEEP.get(name, 1) for name, dual in duals.items()} for duals in rounded[:1]]
    for duals in (*rounded, *steep):
        bound = _dual_bound(shared, duals, rational_below(cost) - slack, clock)
        if bound is not None and bound > lower:
            lower, best = bound, duals
        if is_closed(min(float_below(lower), upper), upper, tolerance, spread):
            break
    return lower, best


def _balanced(shared: _Shared, mix: tuple) -> list[dict[str, fmpq]]:
    """Multipliers of one bound alone at which a channel of the mix is stationary: floats do not resolve steep ones."""
    minimise, found = shared.program.minimise, []
    for _, delta in mix:
        side = 1 if delta > 0 else -1
        for name in shared.names:
            slopes = [_Lagrangian(shared, {letter: fmpq(1)}).slope(delta, side) for letter in (minimise, name)]
            price = -slopes[0] / slopes[1]
            if delta != 0 and price.is_finite() and price > 0:
                found.append({letter: price.mid().fmpq() if letter == name else fmpq(0) for letter in shared.names})
    return found


def _solution(shared: _Shared, mix: tuple, proposals: list, tolerance: float, clock: Clock) -> Solution:
    program = shared.program
    proposals = [*proposals, *_balanced(shared, mix)]
    cost = _cost(shared, mix) if mix else None
    lower, duals = _proved(shared, cost, proposals, tolerance, clock)
    proved = answer(program, lower, cost, tolerance, clock)
    exact_mix = tuple((to_fraction(weight), to_fraction(delta)) for weight, delta in mix) if cost is not None else ()
    certificate = TimeSharingCertificate(
        program.problem,
        program.minimise,
        program.unit,
        tuple(program.bounds.items()),
        exact_mix,
        tuple((name, to_fraction(dual)) for name, dual in duals.items()),
        proved["lower"],
        proved["upper"],
    )
    return Solution(
        **proved,
        minimise=program.minimise,
        unit=program.unit,
        bounds={name: nearest(exact_or_ball(bound)) for name, bound in program.bounds.items()},
        duals={name: nearest(dual) for name, dual in duals.items()},
        certificate=certificate,
        method="column generation over mixes of channels, dual bound in ball arithmetic",
        sees="Y,Q",
        **(_reached(shared, mix) if cost is not None else {}),
    )


def _distinct(mix: tuple) -> list[tuple[fmpq, fmpq]]:
    """Take channels that differ by rounding for one; the certificate keeps them apart."""
    shown: list[tuple[fmpq, fmpq]] = []
    for delta, weight in sorted((delta, weight) for weight, delta in mix):
        if shown and delta - shown[-1][1] < fmpq(1, 10**5):
            before, there = shown.pop()
            weight, delta = weight + before, (weight * delta + before * there) / (weight + before)
        shown.append((weight, delta))
    return shown


def _reached(shared: _Shared, mix: tuple) -> dict[str, Any]:
    """What a mix reaches, and how."""
    q = float(shared.program.label.q)
    couplings, plans = [], []
    for weight, delta in _distinct(mix):
        zero_to_one, one_to_one = (float(w) for w in shared.program.channel(delta))
        rows = [[(1 - q) * (1 - zero_to_one), (1 - q) * zero_to_one], [q * (1 - one_to_one), q * one_to_one]]
        couplings.append((float(weight), np.array(rows)))
        plans.append(_plan(zero_to_one, one_to_one))
    return {
        "distortion": float(shared.mixed("D", mix)),
        "rate": max(0.0, float(sum((w * shared.program.R(delta) for w, delta in mix), fmpq(0)))),
        "classification": float(shared.mixed("C", mix)),
        "coupling": sum(weight * coupling for weight, coupling in couplings),
        "mixture": tuple(couplings),
        "plans": tuple(plans) if shared.program.problem.setting == "one-shot" else None,
    }


def _plan(zero_to_one: float, one_to_one: float) -> tuple:
    """The mix of maps that makes a channel with the least rate: one that is not constant, as seldom as it can be."""
    low, high = sorted((zero_to_one, one_to_one))
    informed = (0, 1) if zero_to_one < one_to_one else (1, 0)
    weights = ((high - low, informed), (low, (1, 1)), (1 - high, (0, 0)))
    return tuple(sorted(((weight, f) for weight, f in weights if weight), reverse=True))
