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
from typing import Any, Unpack

import numpy as np
from flint import arb, fmpq

from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    float_above,
    float_below,
    nearest,
    rational_above,
    rational_below,
    smallest,
    to_fraction,
    total,
)
from drc.solvers.arithmetic.branch import Found
from drc.solvers.arithmetic.simplex import optimum
from drc.solvers.finite.certificates import FiniteCertificate
from drc.solvers.outcome import Solution, is_closed
from drc.solvers.request import Clock
from drc.solvers.scalar.bernoulli_y import ChannelProgram, Seen
from drc.solvers.scalar.certificates import code_of_bits
from drc.solvers.scalar.program import Question, ask

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


class SharedProgram(ChannelProgram):
    """The linear program over mixes: what a column is, exactly and in floats."""

    way = "column generation"
    method = "column generation over mixes of channels, dual bound in ball arithmetic"
    sees = "Y,Q"
    tolerance = 1e-9

    @cached_property
    def inside(self) -> tuple[fmpq, fmpq, fmpq]:
        """The ends of the range, surely within that of channels."""
        low, middle, high = self.ends
        less = fmpq(2**100 - 1, 2**100)
        low, high = (end if all(0 <= w <= 1 for w in self.channel(end)) else end * less for end in (low, high))
        return low, middle, high

    def mixed(self, name: str, mix: tuple) -> Number:
        """Return distortion, rate or classification of a mix."""
        return total(weight * self.value(name, delta) for weight, delta in mix)

    def floats(self, name: str, delta: np.ndarray) -> np.ndarray:
        """The same of many channels, in floats."""
        if name == "D":
            at_zero, at_one = float(self.D(fmpq(0))), float(self.D(fmpq(1)))
            return at_zero + (at_one - at_zero) * delta
        if name == "C":
            return _conditional_entropies(self.label, delta)
        if self.problem.setting == "one-shot":
            return np.abs(delta) * float(self.H_X)
        return float(self.H_X) - _conditional_entropies(self.source, delta)

    def search(self, tolerance: float, clock: Clock) -> Found:
        """Generate columns, and prove what the mix and the multipliers are worth."""
        mix, proposals = _generate(self, clock)
        cost = self.cost(mix) if mix else None
        lower, duals = _proved(self, cost, [*proposals, *_balanced(self, mix)], tolerance, clock)
        return Found(lower, cost, () if cost is None else mix, tuple(duals.items()))

    @property
    def hopeless(self) -> bool:
        """Whether not even the source tells enough of the label."""
        return "C" in self.b and bool(self.label.known > self.b["C"])

    def cost(self, primal: tuple) -> Number | None:
        """Return what a mix costs; None unless it is proved to be one, and feasible."""
        shares = total(weight for weight, _ in primal)
        if shares != 1 or any(weight < 0 for weight, _ in primal):
            return None
        if not all(0 <= w <= 1 for _, delta in primal for w in self.channel(delta)):
            return None
        if not all(self.mixed(name, primal) <= bound for name, bound in self.b.items()):
            return None
        return self.mixed(self.minimise, primal)

    def certificate(self, found: Found, lower: float, upper: float) -> FiniteCertificate:
        """Write down the mix, and the multipliers; where those prove nothing, data processing does."""
        parts = [{"weight": to_fraction(w), **code_of_bits(self.problem, delta)} for w, delta in found.primal or ()]
        multipliers = {name: to_fraction(dual) for name, dual in found.dual}
        dual: dict[str, object] = {"kind": "bits", "objective": int(lower < math.inf), "multipliers": multipliers}
        if self.hopeless:
            dual = {"kind": "data processing"}
        given = replace(self.problem, time_sharing=True), self.minimise, self.unit, tuple(self.bounds.items())
        primal = {"kind": "mixture", "parts": parts} if parts else None
        return FiniteCertificate(*given, lower, upper, primal, dual)

    def dual_bound(self, duals: dict[str, fmpq], wanted: Number | None, clock: Clock | None = None) -> Number | None:
        """Bound the cost of every feasible mix; with None wanted, a bound above zero proves that there is none."""
        if any(dual < 0 for dual in duals.values()):
            return None
        if wanted is None and self.hopeless:
            return fmpq(1)
        weights = duals if wanted is None else {**duals, self.minimise: fmpq(1)}
        spent = total(dual * self.b[name] for name, dual in duals.items())
        # A positive bound, however small, is a proof; a little more lets the search stop at the first.
        enough = spent + (fmpq(1, 2**60) * total(duals.values()) if wanted is None else wanted)
        return _Lagrangian(self, weights).least(enough, clock) - spent

    def reached(self, found: Found) -> dict[str, object]:
        """Return what a mix reaches, and how."""
        fields: dict[str, Any] = {"duals": {name: nearest(dual) for name, dual in found.dual}}
        if not (mix := found.primal):
            return fields
        shown = _distinct(mix)
        mixture = tuple((float(weight), self.coupling(delta)) for weight, delta in shown)
        return (
            fields
            | {name: self.mixed(name, mix) for name in ("D", "R", "C")}
            | {
                "coupling": sum(weight * coupling for weight, coupling in mixture),
                "mixture": mixture,
                "plans": tuple(self.maps(delta) for _, delta in shown) if self.problem.setting == "one-shot" else None,
            }
        )


def _conditional_entropies(seen: Seen, delta: np.ndarray) -> np.ndarray:
    """`H(A|Y)` in floats, where it is needed to propose channels and not to prove anything."""
    a, b = np.array([[float(x) for x in row] for row in seen.joint]).T[:, :, None]
    slopes = np.array([float(s) for s in seen.slopes])[:, None]
    ones = np.maximum((a + b) * float(seen.r) + slopes * delta, 0)
    zeros = np.maximum(a + b - ones, 0)
    found = np.zeros_like(delta)
    for mass, column in ((1 - float(seen.r), zeros), (float(seen.r), ones)):
        if mass > 0:
            found -= np.where(column > 0, column * np.log(np.where(column > 0, column, 1) / mass), 0).sum(axis=0)
    return found / float(seen.nat)


# Columns ---------------------------------------------------------------------------------------------------------------


def _generate(program: SharedProgram, clock: Clock) -> tuple[tuple, list[dict[str, fmpq]]]:
    """Propose a feasible mix (empty if none is found) and multipliers; with no mix, they speak for infeasibility.

    Where the answer is one channel the multipliers are not unique, and those that no channel of the grid can improve may be
    better than those of the exact vertex; so both are given.
    """
    low, _, high = (float(end) for end in program.inside)
    share = np.sin(np.linspace(0, np.pi / 2, _FIRST + 1))
    always = set(program.inside) | _meeting(program)
    deltas = set(always)
    deltas |= {exact_or_ball(float(x)) for x in (*(low * share[1:-1]), *(high * share[1:-1]))}
    grid = np.unique(np.concatenate([end * np.sin(np.linspace(0, np.pi / 2, _GRID + 1)) for end in (low, high)]))
    values = {name: program.floats(name, grid) for name in ("D", "R", "C")}
    answer = _solve_columns(program, sorted(deltas), exact=False)
    for _ in range(_ROUNDS):
        new = _priced(program, grid, values, answer) - deltas
        if not new or clock.over:
            break
        deltas = {delta for delta, slack in answer.reduced.items() if slack < 1e-3} | new | always
        answer = _solve_columns(program, sorted(deltas), exact=False)
    # What costs more than rounding accounts for is not part of the answer.
    deltas = {delta for delta, slack in answer.reduced.items() if slack < 1e-6} | always
    final = _solve_columns(program, sorted(deltas), exact=True)
    return final.mix, [final.duals, *([answer.duals] if answer.feasible == final.feasible else [])]


def _meeting(program: SharedProgram) -> set[fmpq]:
    """Channels that meet one bound and no more: floats do not resolve those near independence, or near an end."""
    found = set()
    for name, bound in program.b.items():
        for end in (program.inside[0], program.inside[2]):
            meets, misses = fmpq(0), end
            if not program.value(name, meets) <= bound:
                meets, misses = misses, meets
            if program.value(name, misses) <= bound or not program.value(name, meets) <= bound:
                continue
            for _ in range(_HALVINGS):
                middle = (meets + misses) / 2
                meets, misses = (middle, misses) if program.value(name, middle) <= bound else (meets, middle)
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


def _solve_columns(program: SharedProgram, deltas: list[fmpq], *, exact: bool) -> _Answer:
    """Solve the program over some channels; `exact` entries are on the safe side, so that the mix is feasible."""
    rows = [program.minimise, *program.b]
    if exact:
        table = [[rational_above(program.value(name, delta)) for name in rows] for delta in deltas]
    else:
        at = np.array([float(delta) for delta in deltas])
        table = np.array([program.floats(name, at) for name in rows]).T.tolist()
        table = [[exact_or_ball(x) for x in row] for row in table]
    b = [fmpq(1)] + [rational_below(bound) for bound in program.b.values()]
    size, n = len(b), len(deltas)
    columns = [[fmpq(1), *row[1:]] for row in table]
    columns += [[fmpq(int(i == j)) for i in range(size)] for j in range(1, size)]
    # The first guess is independence.
    first = [deltas.index(fmpq(0)), *range(n, n + size - 1)]
    vertex = optimum(columns, [row[0] for row in table] + [fmpq(0)] * (size - 1), b, [first])
    feasible = vertex.missed == 0
    costs = [row[0] if feasible else fmpq(0) for row in table]
    mix = tuple((w, deltas[j]) for j, w in zip(vertex.basis, vertex.values, strict=True) if j < n and w > 0)
    y = vertex.multipliers
    duals = {name: max(fmpq(0), -v) for name, v in zip(program.b, y[1:], strict=True)}
    reduced = {
        delta: float(costs[j] - total(v * a for v, a in zip(y, columns[j], strict=True)))
        for j, delta in enumerate(deltas)
    }
    return _Answer(mix if feasible else (), duals, feasible, reduced, float(y[0]))


def _priced(program: SharedProgram, grid: np.ndarray, values: Mapping[str, np.ndarray], answer: _Answer) -> set[fmpq]:
    """Channels whose reduced cost is negative: the local minima of the Lagrangian, on ever finer grids."""
    weights = {name: float(dual) for name, dual in answer.duals.items()}
    if answer.feasible:
        weights[program.minimise] = 1.0
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
            there = sum((w * program.floats(name, finer) for name, w in weights.items()), np.zeros_like(finer))
            j = int(np.argmin(there))
            if finer[j] == best and best in (0.0, grid[0], grid[-1]):
                break  # a kink, or an end of the range
            a, best, b = finer[max(j - 1, 0)], finer[j], finer[min(j + 1, len(finer) - 1)]
            least = there[j]
        if least < answer.level - _NOISE * scale:
            exact = exact_or_ball(float(best))
            found.add(min(max(exact, program.inside[0]), program.inside[2]))
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

    program: SharedProgram
    weights: Mapping[str, fmpq]

    @cached_property
    def curved(self) -> list[tuple[Number, Seen]]:
        """The conditional entropies in it, with their weights; what is left is linear on each side of independence."""
        program, parts = self.program, []
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
        return total(w * self.program.value(name, delta) for name, w in self.weights.items() if w != 0)

    def slope(self, delta: fmpq, side: int) -> arb:
        """The derivative, on the side of independence that is meant."""
        program = self.program
        found = arb(self.weights.get("D", 0) * (program.D(fmpq(1)) - program.D(fmpq(0))))
        if program.problem.setting == "one-shot":
            found += self.weights.get("R", 0) * side * program.H_X
        for weight, seen in self.curved:
            found += weight * seen.slope(*seen.columns(delta))
        return found

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
            bounds = [found - weight * end / seen.nat for found, end in zip(bounds, ends, strict=True)]
        return bounds[0], bounds[1]

    def below(self, low: fmpq, high: fmpq, side: int) -> Number | None:
        """Bound from below on an interval that lies on one side of independence; None means that it must be split."""
        if low == high:
            return self.at(low)
        least, most = self.curvature(low, high)
        if not self.curved or most <= 0:
            return smallest([self.at(low), self.at(high)])
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
        program = self.program
        linear = {"D": self.weights.get("D", fmpq(0))}
        if program.problem.setting == "one-shot":
            linear["R"] = self.weights.get("R", fmpq(0))
        straight = replace(self, weights=linear)
        found = arb(smallest([straight.at(low), straight.at(high)]))
        if "R" in self.weights and "R" not in linear:
            found += self.weights["R"] * program.H_X
        for weight, seen in self.curved:
            least, most = seen.over(low, high)
            found += weight * (least if weight > 0 else most)
        return found

    def least(self, enough: Number, clock: Clock | None) -> Number:
        """Bound it from below on all channels; what lies above `enough` is not looked at more closely.

        When time or intervals run out the bound is a worse one, and holds.
        """
        low, middle, high = self.program.ends
        boxes, bounds, count = [(low, middle, -1), (middle, high, 1)], [], 0
        while boxes:
            (a, b, side), count = boxes.pop(), count + 1
            bound = self.below(a, b, side)
            if bound is None:
                bound, late = self.coarse(a, b, side), count > _MOST or (clock is not None and clock.over)
                if not (bound >= enough or late) and b - a > _NARROW:
                    boxes += [(a, (a + b) / 2, side), ((a + b) / 2, b, side)]
                    continue
            bounds.append(bound)
        return smallest(bounds)


def _rows(seen: Seen) -> set:
    """The letters of a label that occur, whatever their names."""
    return {(str(a), str(b)) for a, b in seen.joint if not (a == 0 and b == 0)}


# Multipliers -----------------------------------------------------------------------------------------------------------


def _proved(
    program: SharedProgram, cost: Number | None, proposals: list[dict[str, fmpq]], tolerance: float, clock: Clock
) -> tuple[Number | None, dict[str, fmpq]]:
    """The best lower bound of some multipliers, and these; None if nothing is feasible."""
    # Any multipliers prove a bound; rounding keeps their sign, and keeps them short.
    rounded = [{name: fmpq((dual * 2**120).floor(), 2**120) for name, dual in duals.items()} for duals in proposals]
    lower, best = fmpq(0), rounded[0] if rounded else {}
    if cost is None:
        bound = program.dual_bound(best, None, clock) if best else None
        return (None if bound is not None and bound > 0 else lower), best
    upper, spread = float_above(cost), nearest(program.spread)
    slack = exact_or_ball(0.3 * tolerance * spread)
    steep = [{name: dual * _STEEP.get(name, 1) for name, dual in duals.items()} for duals in rounded[:1]]
    for duals in (*rounded, *steep):
        bound = program.dual_bound(duals, rational_below(cost) - slack, clock)
        if bound is not None and bound > lower:
            lower, best = bound, duals
        if is_closed(min(float_below(lower), upper), upper, tolerance, spread):
            break
    return lower, best


def _balanced(program: SharedProgram, mix: tuple) -> list[dict[str, fmpq]]:
    """Multipliers of one bound alone at which a channel of the mix is stationary: floats do not resolve steep ones."""
    minimise, found = program.minimise, []
    for _, delta in mix:
        side = 1 if delta > 0 else -1
        for name in program.b:
            slopes = [_Lagrangian(program, {letter: fmpq(1)}).slope(delta, side) for letter in (minimise, name)]
            price = -slopes[0] / slopes[1]
            if delta != 0 and price.is_finite() and price > 0:
                found.append({letter: price.mid().fmpq() if letter == name else fmpq(0) for letter in program.b})
    return found


def _distinct(mix: tuple) -> list[tuple[fmpq, fmpq]]:
    """Take channels that differ by rounding for one; the certificate keeps them apart."""
    shown: list[tuple[fmpq, fmpq]] = []
    for delta, weight in sorted((delta, weight) for weight, delta in mix):
        if shown and delta - shown[-1][1] < fmpq(1, 10**5):
            before, there = shown.pop()
            weight, delta = weight + before, (weight * delta + before * there) / (weight + before)
        shown.append((weight, delta))
    return shown


def solve_time_shared(problem: Finite, **question: Unpack[Question]) -> Solution:
    """Minimise over mixes of channels with the output law of the problem, and prove the answer.

    Parameters are those of `solve_bernoulli_y`; the classifier also sees the block index.

    Examples
    --------
    >>> f = Finite([[0.63, 0.03], [0.07, 0.27]], p_Y=[0.2, 0.8], classifier_sees="Y", setting="asymptotic")
    >>> s = solve_time_shared(f, R=0.3, C=0.75)
    >>> s.status, s.gap < 1e-9, s.certificate.verify(), len(s.mixture)
    ('optimal', True, True, 2)
    """
    return ask(SharedProgram, problem, **question)
