"""Codes whose output is classified: what channels and mixes of maps have in common for branch and bound.

`H(S|Y)` is a concave function of the joint law `t` of output and label. On a box of such laws it lies above the chords
through the corners ([horst1996]), which leaves a convex program whose multipliers prove a lower bound; below its tangents
it never lies, which leaves one whose plans are feasible.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from drc.solvers.arithmetic.balls import Number, float_above
from drc.solvers.classified.alternating import Descent, Tangent, alternate, posteriors_of
from drc.solvers.classified.question import Answer, limits_of
from drc.solvers.classified.search import Bounds, Limits, Marginals, branch_and_bound, tree_of
from drc.solvers.entropic.boxes import BoxBounds, box_corners
from drc.solvers.entropic.dual import Multipliers
from drc.solvers.entropic.question import Question

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


class Plan(Protocol):
    """A code that was proved to be one."""

    @property
    def reached(self) -> dict[str, Number]:
        """What it reaches, in nats."""
        ...


class Codes(Protocol):
    """A family of codes: its convex programs, and proofs about it; `kind` is that of its certificates.

    Out of time, a program is left as far as it is solved, or unsolved: with a plan that misses its bounds, and multipliers
    that prove nothing.
    """

    kind: str
    question: Question

    @property
    def work(self) -> float:
        """About how many products a box takes in each step."""
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

    def measure(self, name: str, points: np.ndarray, laws: np.ndarray) -> np.ndarray:
        """Return "D", "R" or "C" of plans, in nats and doubles."""
        ...

    def exactly(self, point: np.ndarray, share: float) -> Plan | None:
        """Make a plan exact, with a share of one that has all letters mixed in; None if that fails."""
        ...


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
    plan: Any = None
    calls: int = field(default=0)
    found: list = field(default_factory=list)
    programs: int = field(default=0)

    # Lower bounds

    def bound(self, low: np.ndarray, high: np.ndarray, parents: list, upper: float) -> Bounds:
        """Bound the objective over boxes: by the chords, by tangents where boxes are narrow, or as for the parent."""
        corners = box_corners(low, high)
        found = self.codes.chords(low, high, "1", self._gap)
        proofs = [("1", found.multipliers[i]) for i in range(len(low))]
        bounds = Bounds(np.maximum(found.lower, 0.0), proofs, label_laws(self.codes, found.couplings))
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
        counted = Counted(self.codes.tangents)
        found = alternate(counted, posteriors, self.codes.question.data, rounds, gap, self.limits.clock, margin)
        # Before the first box is bounded, plans are sought as long as there is hope.
        self.programs += counted.boxes if self.calls else 0
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


def over_boxes(codes: Codes, easier: tuple[float, dict[str, Any]], more: str = "") -> Answer:
    """Search boxes of joint laws, and write down what that proves.

    Parameters
    ----------
    easier : (float, dict)
        The bound of an easier problem, and its proof.
    more : str
        What else is said of the method.
    """
    question, family = codes.question, Family(codes, limits_of(codes.question, codes.work))
    found = branch_and_bound(family, Marginals.of(question.data), family.first(), family.limits)
    tree = tree_of(found.root, lambda proof: leaf_of(codes, proof), question.data.ys)
    method = f"branch and bound over laws of (S, Y), {found.boxes} boxes{more}; plans by alternating minimisation"
    dual = {"kind": codes.kind, "shared": None, "tree": tree}
    answer = Answer(found.lower, dual, method, found.upper, found.stopped)
    return answer.with_plan(question, family.plan).at_least(*easier)


def leaf_of(codes: Codes, proof: tuple[str, Multipliers] | None) -> dict[str, Any]:
    """Return the leaf of a certificate; nothing for a box that is empty."""
    if proof is None:
        return {}
    objective, at = proof
    return codes.question.leaf(at, of_objective=objective == "1", of_maps=codes.kind == "plans")


#: Few programs at a time take as long as this many.
_ALONE = 16


@dataclass(eq=False)
class Counted:
    """Convex programs, and how many boxes take as long as they did.

    Examples
    --------
    >>> counted = Counted(lambda posteriors, margin, gap: None)
    >>> counted(np.zeros((20, 2, 2)), 0.0, 1e-9), counted(np.zeros((1, 2, 2)), 0.0, 1e-9), counted.boxes
    (None, None, 36)
    """

    solve: Any
    boxes: int = 0

    def __call__(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """Solve."""
        self.boxes += max(len(posteriors), _ALONE)
        return self.solve(posteriors, margin, gap)


def label_laws(codes: Codes, couplings: np.ndarray) -> np.ndarray:
    """Return `P(Y=y, S=s)` of couplings: arrays of shape (B, n_Y, n_S)."""
    return np.einsum("bxy,sx->bys", couplings, codes.question.data.posterior)


def joined(parts: list) -> Any:
    """Put batches together: each field, be it an array or multipliers, along its first axis; what is None stays None."""
    first = parts[0]
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
