"""Codes whose output is classified: what channels and mixes of maps have in common for branch and bound.

`H(S|Y)` is a concave function of the joint law `t` of output and label. On a box of such laws it lies above the chords
through the corners ([horst1996]), which leaves a convex program whose multipliers prove a lower bound.

It is at most the cross-entropy `-sum t_{y,s} log r(s|y)` with any posteriors `r`, and equal to it for the true ones. With
`r` fixed the problem is convex, and whatever meets the bound on the cross-entropy meets that on the entropy; with the
posteriors of its solution, the next problem is no worse. This alternation, as in the information bottleneck ([tishby1999]),
finds plans, from many starts at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from drc.solvers.arithmetic.balls import float_above
from drc.solvers.finite.asymptotic.data import Data, Exact
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.programs import BoxBounds, Goal, box_corners
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.label_from_y.question import NOTHING, Answer, Plan, limits_of
from drc.solvers.finite.label_from_y.search import Bounds, Limits, Marginals, branch_and_bound, tree_of

_Batch = TypeVar("_Batch")

#: How many starts the alternation has, and how many of them are followed to the end.
_STARTS, _FOLLOWED = 32, 6

#: How much nearer than asked the bounds are met, so that a plan can be proved to meet them.
_MARGINS = (0.0, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8)

#: Narrower boxes are bounded by tangents, too; their corners look too much alike for a solver.
_NARROW = 1e-3

#: How much nearer the bounds are met at first.
_INSIDE = 1e-7

#: Entries below this may be meant to be zero: at the border of the feasible set they have to be.
_NOTHING = 1e-10

#: A relaxation that misses its bounds by more may be one of nothing.
_MISSED = 1e-11

#: A posterior is not taken to be smaller.
_LEAST = 1e-12

#: What is missed of bounds by less than this is left to the margins.
_FEASIBLE = 1e-8

#: For this many rounds a start that misses the bounds is followed.
_HOPE = 12

#: Few programs at a time take as long as this many.
_FEW = 16

#: Which part of a time limit an easier problem may take: its bound is a good one early.
EASIER = 0.2

#: With more labels the corners of a box, two to the number of labels, are too many.
MOST_LABELS = 6


@dataclass(frozen=True, eq=False)
class Tangent:
    """Solutions of B convex programs with a tangent instead of the label's entropy.

    Attributes
    ----------
    points : array, shape (B, ...)
        The plans: couplings, or weights of maps.
    laws : array, shape (B, n_Y, n_S)
        Joint laws of output and label.
    value : array, shape (B,)
        The objective, in nats.
    excess : array, shape (B,)
        By how much the bounds are missed.
    multipliers : Multipliers
    """

    points: np.ndarray
    laws: np.ndarray
    value: np.ndarray
    excess: np.ndarray
    multipliers: Multipliers


@dataclass(frozen=True, eq=False)
class Codes(Protocol):
    """A family of codes: its convex programs, and proofs about it.

    `kind` is that of its certificates; `hopeless` says what it means that even the easier problem is infeasible, `number`
    how many codes there are.

    Out of time, a program is left as far as it is solved, or unsolved: with a plan that misses its bounds, and multipliers
    that prove nothing.
    """

    question: Question
    kind: ClassVar[str]
    hopeless: ClassVar[str]
    number = ""

    @property
    def work(self) -> float:
        """About how many products a box takes in each step."""
        ...

    @property
    def searchable(self) -> bool:
        """Whether there are few labels, and branch and bound comes to an end."""
        ...

    def easier(self, share: float) -> tuple[float, dict[str, object]]:
        """Return what an easier problem proves in a part of the time, in nats, and the proof."""
        ...

    def bounded(self) -> Answer:
        """Answer without branch and bound."""
        ...

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """Solve with chords instead of the label's entropy, over boxes."""
        ...

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """Solve with tangents instead of the label's entropy, bounds tightened by a margin."""
        ...

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """Prove what multipliers prove about boxes."""
        ...

    def starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw posteriors to start from."""
        ...

    def plain(self) -> Iterator[tuple[np.ndarray, Plan | None]]:
        """Yield plans that need no search, in doubles and exactly, the simplest first; see `candidates`."""
        ...

    def point(self, plan: Plan) -> np.ndarray:
        """Return a plan in doubles."""
        ...

    def laws(self, points: np.ndarray) -> np.ndarray:
        """Return the joint laws of output and label of plans, shape (B, n_Y, n_S)."""
        ...

    def measured(self, points: np.ndarray, laws: np.ndarray) -> dict[str, np.ndarray]:
        """Return "D", "R" and "C" of plans, in nats and doubles."""
        ...

    def exactly(self, point: np.ndarray, share: float) -> Plan | None:
        """Make a plan exact, with a share of one that has all letters mixed in; None if that fails."""
        ...

    @cached_property
    def exact(self) -> Exact:
        """The problem in exact numbers."""
        return Exact(self.question.data)

    def tangent(self, goal: Goal, points: np.ndarray, excess: np.ndarray, at: Multipliers) -> Tangent:
        """Return solutions with what they cost."""
        laws = self.laws(points)
        reached = self.measured(points, laws)
        value = sum((goal.price(name) * reached[name] for name in reached), np.zeros(len(points)))
        return Tangent(points, laws, value, excess, at)

    def leaf(self, proof: tuple[str, Multipliers] | None) -> dict[str, object]:
        """Return the leaf of a certificate; nothing for a box that is empty."""
        if proof is None:
            return {}
        objective, at = proof
        return self.question.leaf(at, of_objective=objective == "1", of_maps=self.kind == "plans")


# Alternation


@dataclass(frozen=True, eq=False)
class Descent:
    """Where the alternation of each start ended: plans, their laws, and what they cost (infinite if they miss bounds).

    `boxes` says how many boxes take as long as it did.
    """

    points: np.ndarray
    laws: np.ndarray
    value: np.ndarray
    boxes: int


def tangent_slopes(posteriors: np.ndarray) -> np.ndarray:
    """Return the gradient `-log r(s|y)` of the entropy where the posteriors are these.

    Examples
    --------
    >>> tangent_slopes(np.array([1.0, 0.5])).round(3).tolist()
    [-0.0, 0.693]
    """
    return -np.log(np.maximum(posteriors, _LEAST))


def posteriors_of(data: Data, laws: np.ndarray) -> np.ndarray:
    """Return the posteriors `p(s|y)`; those of the label itself where a letter has no mass.

    Parameters
    ----------
    laws : array, shape (B, n_Y, n_S)
    """
    mass = laws.sum(axis=2, keepdims=True)
    prior = data.posterior @ data.source
    return np.where(mass > 1e-12, np.maximum(laws, 0.0) / np.maximum(mass, 1e-12), prior)


def alternate(codes: Codes, posteriors: np.ndarray, *, rounds: int, gap: float, margin: float = 0.0) -> Descent:
    """Alternate between plans and posteriors.

    Parameters
    ----------
    posteriors : array, shape (B, n_Y, n_S)
    rounds : int
        How many convex problems at most.
    gap : float
        Stop where the objective falls by less.
    margin : float
        By how much the bounds are tightened.
    """
    first = codes.tangents(posteriors, margin, 0.1 * gap)
    points, best = first.points, np.where(first.excess < _FEASIBLE, first.value, math.inf)
    live, best_laws, laws, old = np.arange(len(posteriors)), first.laws, first.laws, best.copy()
    boxes = max(len(live), _FEW)
    for turn in range(1, rounds):
        if codes.question.clock.over:
            break
        found = codes.tangents(posteriors_of(codes.question.data, laws), margin, 0.1 * gap)
        boxes += max(len(live), _FEW)
        value = np.where(found.excess < _FEASIBLE, found.value, math.inf)
        better = value < best[live]
        for array, news in ((points, found.points), (best_laws, found.laws), (best, value)):
            array[live[better]] = news[better]
        # A start that misses the bounds comes nearer to them from round to round.
        hope = np.isinf(value) & (turn < _HOPE)
        kept = hope | (np.isfinite(value) & (value < old - gap))
        if not kept.any():
            break
        live, laws, old = live[kept], found.laws[kept], value[kept]
    return Descent(points, best_laws, best, boxes)


# Branch and bound


@dataclass(eq=False)
class Family:
    """The codes of a family, as branch and bound sees them.

    Attributes
    ----------
    codes : Codes
    limits : Limits
    plan : Plan or None
        The best so far.
    found : list of (point, law, value)
        Plans that were better than what was known, in doubles.
    programs : int
        How many boxes take as long as the search for better plans did so far.
    """

    codes: Codes
    limits: Limits
    plan: Plan | None = None
    calls: int = 0
    found: list = field(default_factory=list)
    programs: int = 0

    # Lower bounds

    def bound(self, low: np.ndarray, high: np.ndarray, parents: list, upper: float) -> Bounds:
        """Bound the objective over boxes: by the chords, by tangents where boxes are narrow, or as for the parent."""
        corners = box_corners(low, high)
        found = self.codes.chords(low, high, "1", self._gap)
        proofs = [("1", found.multipliers[i]) for i in range(len(low))]
        bounds = Bounds(np.maximum(found.lower, 0.0), proofs, self.codes.laws(found.points))
        inherited = [i for i, proof in enumerate(parents) if proof is not None and proof[0] == "1"]
        self._join(bounds, inherited, [parents[i][1] for i in inherited], corners)
        wanted = bounds.lower < upper - self.limits.tolerance
        narrow = np.flatnonzero(wanted & ((high - low).max(axis=(1, 2)) < _NARROW))
        if len(narrow):
            laws = 0.5 * (low + high)[narrow]
            posteriors = laws / np.maximum(laws.sum(axis=2, keepdims=True), 1e-300)
            at = self.codes.tangents(posteriors, 0.0, self._gap).multipliers
            self._join(bounds, narrow.tolist(), [at[k] for k in range(len(narrow))], corners)
            wanted = bounds.lower < upper - self.limits.tolerance
        beyond = np.flatnonzero((bounds.lower > self.codes.question.worst) & (bounds.lower < math.inf))
        self._without_costs(beyond, bounds, corners)
        wanted &= bounds.lower < math.inf
        missed = (found.excess > _MISSED) | (bounds.lower > self.codes.question.worst)
        self._exclude(low, high, np.flatnonzero(wanted & missed), bounds)
        return bounds

    def _without_costs(self, beyond: np.ndarray, bounds: Bounds, corners: np.ndarray) -> None:
        """Prove of boxes whose bound is above all distortions that they hold nothing feasible.

        The multipliers of the bounds prove it without the distortion: it could add no more than its largest values.
        """
        question = self.codes.question
        if len(beyond) == 0 or question.minimise != "D" or question.prices is not None or question.slope is not None:
            return
        d = question.data.distortion
        most = np.where(np.isfinite(d), d, 0.0).max(axis=1)
        at = stacked([bounds.proofs[i][1] for i in beyond])
        lower, at = self.codes.proved(replace(at, D=np.zeros(len(beyond)), u=at.u - most), corners[beyond])
        for k, i in enumerate(beyond):
            if lower[k] > 0 and bounds.proofs[i][0] == "1":
                bounds.lower[i], bounds.proofs[i] = math.inf, ("0", at[k])

    @property
    def _gap(self) -> float:
        return 0.05 * self.limits.tolerance

    def _join(self, bounds: Bounds, boxes: list, multipliers: list[Multipliers], corners: np.ndarray) -> None:
        """Take other multipliers for some boxes where they prove more."""
        if not boxes:
            return
        lower, at = self.codes.proved(stacked(multipliers), corners[boxes])
        for k, i in enumerate(boxes):
            if lower[k] > bounds.lower[i]:
                bounds.lower[i], bounds.proofs[i] = lower[k], ("1", at[k])

    def _exclude(self, low: np.ndarray, high: np.ndarray, missed: np.ndarray, bounds: Bounds) -> None:
        """Prove of boxes whose relaxation misses the bounds that they hold nothing feasible."""
        # With prices there is nothing to miss but the box itself, and all leaves have the same multipliers.
        if len(missed) == 0 or self.codes.question.prices is not None:
            return
        found = self.codes.chords(low[missed], high[missed], "0", _MISSED)
        for k, i in enumerate(missed):
            if found.lower[k] > 0:
                bounds.lower[i], bounds.proofs[i] = math.inf, ("0", found.multipliers[k])

    # Upper bounds

    def first(self) -> float:
        """Alternate from many starts; return the upper bound."""
        for _, plan in self.codes.plain():
            self._take(plan)
            if self.limits.clock.over:
                return self._upper()
        # Well inside the bounds a plan is proved at once; near a border there may be none there.
        for margin in (_INSIDE, 0.0):
            starts = self.codes.starts(_STARTS, np.random.default_rng(0))
            rough = self._alternate(starts, rounds=12, gap=1e-4 * self.limits.scale, margin=margin)
            order = np.argsort(rough.value, kind="stable")[:_FOLLOWED]
            order = order[np.isfinite(rough.value[order])]
            if len(order) or self.limits.clock.over:
                break
        if len(order):
            self._take(self.codes.exactly(rough.points[order[0]], 0.01 * margin))
        return self._follow(rough.laws[order])

    def improve(self, found: Bounds, upper: float) -> float:
        """Alternate from where the relaxations have their optima: often in the beginning, seldom later."""
        self.calls += 1
        if self.limits.clock.over or self.programs > self.limits.boxes:
            return min(upper, self._upper())
        if self.calls > 8 and self.calls & (self.calls - 1) and self.calls % 16:
            return upper
        near = [i for i in np.argsort(found.lower)[:_FOLLOWED] if found.lower[i] < upper - self.limits.tolerance]
        if not near:
            return upper
        rough = self._alternate(
            posteriors_of(self.codes.question.data, found.laws[near]), rounds=8, gap=1e-6 * self.limits.scale
        )
        return min(upper, self._follow(rough.laws[rough.value < upper - 0.1 * self.limits.tolerance]))

    def _alternate(self, posteriors: np.ndarray, *, rounds: int, gap: float, margin: float = 0.0) -> Descent:
        found = alternate(self.codes, posteriors, rounds=rounds, gap=gap, margin=margin)
        # Before the first box is bounded, plans are sought as long as there is hope.
        self.programs += found.boxes if self.calls else 0
        return found

    def _follow(self, laws: np.ndarray) -> float:
        """Follow the alternation to its end, and prove the best of what is found."""
        data, best = self.codes.question.data, self._upper()
        if len(laws) == 0:
            return best
        fine = self._alternate(posteriors_of(data, laws), rounds=60, gap=1e-3 * self.limits.tolerance)
        for i in np.argsort(fine.value)[:2]:
            if fine.value[i] < best - 0.1 * self.limits.tolerance:
                self.found.append((fine.points[i], fine.laws[i], fine.value[i]))
                best = min(best, self._prove(fine.points[i], fine.laws[i]))
        return best

    def _upper(self) -> float:
        return math.inf if self.plan is None else float_above(self.codes.question.cost(self.plan.reached))

    def _prove(self, point: np.ndarray, law: np.ndarray) -> float:
        """Bring a plan inside the bounds by ever larger margins, until it is proved to meet them."""
        question = self.codes.question
        for margin in _MARGINS:
            if margin > 0 and self.limits.clock.over:
                break
            inside = point
            if margin > 0:
                posteriors = posteriors_of(question.data, law[None])
                inside = self._alternate(posteriors, rounds=2, gap=1e-13 * self.limits.scale, margin=margin).points[0]
            for candidate in (inside, np.where(inside < _NOTHING, 0.0, inside)):
                value = self._take(self.codes.exactly(candidate, 0.01 * margin))
                if value < math.inf:
                    return value
        return math.inf

    def _take(self, plan: Plan | None) -> float:
        """Return what a plan costs, `inf` if it is not proved to meet the bounds; keep it if it is the best so far."""
        question = self.codes.question
        if plan is None or not question.is_met(plan.reached):
            return math.inf
        value = float_above(question.cost(plan.reached))
        if value < self._upper():
            self.plan = plan
        return value


def answered(codes: Codes) -> Answer:
    """Search boxes of joint laws where that comes to an end, and write down what it proves; else bound."""
    question = codes.question
    if not codes.searchable:
        return codes.bounded()
    easier = codes.easier(EASIER) if question.clock.deadline < math.inf else NOTHING
    if easier[0] == math.inf:
        return Answer(*easier, codes.hopeless)
    family = Family(codes, limits_of(question, codes.work))
    found = branch_and_bound(family, Marginals.of(question.data), family.first(), family.limits)
    tree = tree_of(found.root, codes.leaf, question.data.ys)
    method = (
        f"branch and bound over laws of (S, Y), {found.boxes} boxes{codes.number}; plans by alternating minimisation"
    )
    dual = {"kind": codes.kind, "shared": None, "tree": tree}
    answer = Answer(found.lower, dual, method, found.upper, found.stopped)
    return answer.with_plan(question, family.plan).at_least(*easier)


def joined(parts: list[_Batch]) -> _Batch:
    """Put batches together: each field, be it an array or multipliers, along its first axis; what is None stays None."""
    first: Any = parts[0]
    if len(parts) == 1:
        return first
    fields = {name: [getattr(part, name) for part in parts] for name in first.__dataclass_fields__}

    def together(values: list) -> Any:
        if values[0] is None:
            return None
        return np.concatenate(values) if isinstance(values[0], np.ndarray) else joined(values)

    return type(first)(**{name: together(values) for name, values in fields.items()})


def stacked(parts: list[Multipliers]) -> Multipliers:
    """Put multipliers of single boxes together."""
    names = ("R", "C", "D", "P", "u", "slopes", "v")
    return Multipliers(**{name: np.stack([getattr(part, name) for part in parts]) for name in names})
