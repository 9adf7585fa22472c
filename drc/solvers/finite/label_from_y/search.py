"""The search for the best code whose output is classified: branch and bound over boxes of joint laws of output and label.

`H(S|Y)` is a concave function of the joint law `t` of output and label. On a box of such laws it lies above the chords
through the corners ([horst1996]), which leaves a convex program whose multipliers prove a lower bound.

It is at most the cross-entropy `-sum t_{y,s} log r(s|y)` with any posteriors `r`, and equal to it for the true ones. With
`r` fixed the problem is convex, and whatever meets the bound on the cross-entropy meets that on the entropy; with the
posteriors of its solution, the next problem is at least as good. This alternation, as in the information bottleneck
([tishby1999]), finds plans, from many starts at once.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from drc.solvers.arithmetic.balls import float_above
from drc.solvers.finite.asymptotic.dual import Multipliers
from drc.solvers.finite.asymptotic.programs import box_corners
from drc.solvers.finite.label_from_y.boxes import Limits, Marginals, Node, Proof, posteriors_of, where_to_split
from drc.solvers.finite.label_from_y.channels import Channels
from drc.solvers.finite.label_from_y.mixes import Mixes
from drc.solvers.finite.label_from_y.plans import Plan
from drc.solvers.finite.label_from_y.question import NOTHING, Answer, limits_of
from drc.solvers.request import OutOfTime

#: A family of codes: its convex programs, and proofs about it.
Codes = Channels | Mixes

#: How many of the starts are followed to the end.
_FOLLOWED = 6

#: How often plans are sought from other starts where there is neither branch and bound nor a time limit.
_WANDERS = 2

#: How much nearer than asked the bounds are met, so that a plan can be proved to meet them.
_MARGINS = (0.0, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8)

#: Narrower boxes are bounded by tangents, too; their corners look too much alike for a solver.
_NARROW = 1e-3

#: A box that is narrower is not split: what is undecided there lies on the border.
_NARROWEST = 1e-13

#: How many boxes are split at a time.
_BATCH = 16

#: How much nearer the bounds are met at first.
_INSIDE = 1e-7

#: Entries below this may be meant to be zero: at the border of the feasible set they have to be.
_NOTHING = 1e-10

#: A relaxation that misses its bounds by more may be one of nothing.
_MISSED = 1e-11

#: What is missed of bounds by less than this is left to the margins.
_FEASIBLE = 1e-8

#: For this many rounds a start that misses the bounds is followed.
_HOPE = 12

#: Few programs at a time take as long as this many.
_FEW = 16

#: Which part of a time limit an easier problem may take: its bound is a good one early.
EASIER = 0.2


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


def alternate(codes: Codes, posteriors: np.ndarray, *, rounds: int, gap: float, margin: float = 0.0) -> Descent:
    """Alternate between plans and posteriors.

    `posteriors` have the shape (B, n_Y, n_S); at most `rounds` convex problems are solved, as long as the objective
    falls by `gap`. The bounds are tightened by `margin`.
    """
    goal = codes.question.goal

    def solved(posteriors: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Solve the convex problems of some posteriors: points, laws, and values, infinite where a bound is missed."""
        found = codes.tangents(posteriors, margin, 0.1 * gap)
        laws = codes.laws(found.points)
        reached = codes.measured(found.points, laws)
        value = sum((goal.price(name) * reached[name] for name in reached), np.zeros(len(laws)))
        return found.points, laws, np.where(found.excess < _FEASIBLE, value, math.inf)

    points, laws, best = solved(posteriors)
    live, best_laws, old = np.arange(len(posteriors)), laws.copy(), best.copy()
    boxes = max(len(live), _FEW)
    for turn in range(1, rounds):
        if codes.question.clock.over:
            break
        new_points, laws, value = solved(posteriors_of(codes.question.data, laws))
        boxes += max(len(live), _FEW)
        better = value < best[live]
        for array, news in ((points, new_points), (best_laws, laws), (best, value)):
            array[live[better]] = news[better]
        # A start that misses the bounds comes nearer to them from round to round.
        hope = np.isinf(value) & (turn < _HOPE)
        kept = hope | (np.isfinite(value) & (value < old - gap))
        if not kept.any():
            break
        live, laws, old = live[kept], laws[kept], value[kept]
    return Descent(points, best_laws, best, boxes)


# Branch and bound


@dataclass(frozen=True, eq=False)
class Bounds:
    """What was proved of B boxes.

    `lower` is infinite if nothing in the box is feasible, and `proofs` prove it. The relaxation has its optimum at
    `laws`, joint laws of output and label, of shape (B, n_Y, n_S).
    """

    lower: np.ndarray
    proofs: list[Proof]
    laws: np.ndarray

    def join(self, boxes: np.ndarray | list[int], lower: np.ndarray, at: Multipliers) -> None:
        """Take other multipliers for some boxes where they prove more of the objective."""
        for k, i in enumerate(boxes):
            if lower[k] > self.lower[i]:
                self.lower[i], self.proofs[i] = lower[k], ("1", at[k])

    def exclude(self, boxes: np.ndarray, lower: np.ndarray, at: Multipliers) -> None:
        """Take multipliers that prove of boxes that they hold nothing feasible, where they do."""
        for k, i in enumerate(boxes):
            if lower[k] > 0 and self.lower[i] < math.inf:
                self.lower[i], self.proofs[i] = math.inf, ("0", at[k])


@dataclass(eq=False)
class Search:
    """A search for the best code, best box first and many boxes at a time.

    `upper` is what the best plan costs, or what is to be beaten; near enough to `known`, a bound by an easier problem,
    nothing is left to do. `found` has points, laws and values of plans that were better than what was known, in
    doubles. `boxes` were bounded, and the search for better plans took as long as `programs` of them. `stopped` says
    why it ended before the bounds met: "", "time limit", "interrupted" or "boxes".
    """

    codes: Codes
    limits: Limits
    upper: float = math.inf
    known: float = -math.inf
    plan: Plan | None = None
    found: list = field(default_factory=list)
    boxes: int = 0
    programs: int = 0
    stopped: str = ""
    _calls: int = 0
    _open: list[tuple[float, int, Node]] = field(default_factory=list)
    _narrow: list[Node] = field(default_factory=list)
    _count: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._data = self.codes.question.data
        self._known = Marginals.of(self._data)
        low, high = self._known.root()
        self.root = Node(low[0], high[0], 0.0, 0.5 * (low[0] + high[0]))

    @property
    def lower(self) -> float:
        """The least of the bounds of all leaves."""
        return min([node.lower for _, _, node in self._open] + [node.lower for node in self._narrow], default=math.inf)

    @property
    def _gap(self) -> float:
        return 0.05 * self.limits.tolerance

    def run(self) -> None:
        """Split boxes until the bounds meet, or a limit is reached."""
        self.boxes = 1
        try:
            self.limits.clock.check()
            self._settle([self.root], self._bound(self.root.low[None], self.root.high[None], [None]))
            while self._is_promising():
                self.limits.clock.check()
                if self.boxes + self.programs >= self.limits.boxes:
                    self.stopped = "boxes"
                    break
                self._split_best()
        except OutOfTime:
            self.stopped = self.limits.clock.stopped
            if not self._open and self.root.split is None and self.root.lower < math.inf:
                self._push(self.root)

    def _is_promising(self) -> bool:
        return bool(self._open) and self._open[0][0] < self.upper - self.limits.tolerance and not self.is_met

    @property
    def is_met(self) -> bool:
        """Whether the best plan is as near to the known bound as was asked."""
        return self.upper - self.known <= self.limits.tolerance

    def _push(self, node: Node) -> None:
        heapq.heappush(self._open, (node.lower, next(self._count), node))

    def _split_best(self) -> None:
        """Split the boxes with the least bounds. Until all is done the tree is as it was, so that time may run out."""
        chosen: list[Node] = []
        while self._is_promising() and len(chosen) < _BATCH:
            node = heapq.heappop(self._open)[2]
            (self._narrow if (node.high - node.low).max() < _NARROWEST else chosen).append(node)
        if not chosen:
            return
        try:
            splits = [where_to_split(node.low, node.high, node.law) for node in chosen]
            lows, highs = (np.repeat([getattr(node, end) for node in chosen], 2, axis=0) for end in ("low", "high"))
            for i, (y, s, t) in enumerate(splits):
                highs[2 * i, y, s] = lows[2 * i + 1, y, s] = t
            lows, highs = self._known.tightened(lows, highs)
            full = np.flatnonzero((lows <= highs).all(axis=(1, 2)))
            found = self._bound(lows[full], highs[full], [chosen[i // 2].proof for i in full])
        except OutOfTime:
            for node in chosen:
                self._push(node)
            raise
        parts = [Node(low, high, math.inf, np.zeros(0)) for low, high in zip(lows, highs, strict=True)]
        for i, (node, split) in enumerate(zip(chosen, splits, strict=True)):
            node.split, node.parts = split, (parts[2 * i], parts[2 * i + 1])
        self.boxes += len(full)
        self._settle([parts[i] for i in full], found)

    def _settle(self, nodes: list[Node], found: Bounds) -> None:
        """Write down what was proved of boxes, and look for better plans near them."""
        for k, node in enumerate(nodes):
            node.lower, node.proof, node.law = float(found.lower[k]), found.proofs[k], found.laws[k]
            if node.lower < math.inf:
                self._push(node)
        self._improve(found)

    # Lower bounds

    def _bound(self, low: np.ndarray, high: np.ndarray, parents: list[Proof | None]) -> Bounds:
        """Bound the objective over boxes: by the chords, by tangents where boxes are narrow, or as for the parent."""
        corners, level = box_corners(low, high), self.upper - self.limits.tolerance
        found = self.codes.chords(low, high, "1", self._gap)
        proofs = [("1", found.multipliers[i]) for i in range(len(low))]
        bounds = Bounds(np.maximum(found.lower, 0.0), proofs, self.codes.laws(found.points))
        inherited = {i: proof[1] for i, proof in enumerate(parents) if proof is not None and proof[0] == "1"}
        if inherited:
            at = Multipliers.stacked(list(inherited.values()))
            bounds.join([*inherited], *self.codes.proved(at, corners[[*inherited]]))
        narrow = np.flatnonzero((bounds.lower < level) & ((high - low).max(axis=(1, 2)) < _NARROW))
        if len(narrow):
            laws = 0.5 * (low + high)[narrow]
            posteriors = laws / np.maximum(laws.sum(axis=2, keepdims=True), 1e-300)
            at = self.codes.tangents(posteriors, 0.0, self._gap).multipliers
            bounds.join(narrow, *self.codes.proved(at, corners[narrow]))
        beyond = np.flatnonzero((bounds.lower > self.codes.question.worst) & (bounds.lower < math.inf))
        self._without_costs(beyond, bounds, corners)
        missed = (found.excess > _MISSED) | (bounds.lower > self.codes.question.worst)
        missed = np.flatnonzero(missed & (bounds.lower < min(level, math.inf)))
        # With prices there is nothing to miss but the box itself, and all leaves have the same multipliers.
        if len(missed) and self.codes.question.prices is None:
            empty = self.codes.chords(low[missed], high[missed], "0", _MISSED)
            bounds.exclude(missed, empty.lower, empty.multipliers)
        return bounds

    def _without_costs(self, beyond: np.ndarray, bounds: Bounds, corners: np.ndarray) -> None:
        """Prove of boxes whose bound is above all distortions that they hold nothing feasible.

        The multipliers of the bounds prove it without the distortion: it could add no more than its largest values.
        """
        question = self.codes.question
        if len(beyond) == 0 or question.minimise != "D" or question.prices is not None or question.slope is not None:
            return
        d = self._data.distortion
        most = np.where(np.isfinite(d), d, 0.0).max(axis=1)
        at = Multipliers.stacked([bounds.proofs[i][1] for i in beyond])
        at = replace(at, D=np.zeros(len(beyond)), u=at.u - most)
        bounds.exclude(beyond, *self.codes.proved(at, corners[beyond]))

    # Upper bounds

    def first(self) -> None:
        """Take plans that need no search, then alternate from many starts."""
        for plan in self.codes.plain():
            self._take(plan)
            if self.limits.clock.over:
                return
        if not (self.plan is not None and isinstance(self.codes, Channels) and self.codes.is_large):
            self._from_starts(0)

    def near(self, laws: np.ndarray) -> None:
        """Alternate from the posteriors of joint laws of output and label, shape (B, n_Y, n_S)."""
        starts = posteriors_of(self._data, laws)
        rough = self._alternate(starts, rounds=12, gap=1e-4 * self.limits.scale, margin=_INSIDE)
        order = np.argsort(rough.value, kind="stable")[:_FOLLOWED]
        self._follow(rough.laws[order[np.isfinite(rough.value[order])]])

    def wander(self, first: int = 1) -> None:
        """Alternate from other starts as long as there is time, and a gap."""
        for seed in itertools.count(first):
            if self.is_met or self.limits.clock.over:
                break
            if self.limits.clock.deadline == math.inf and seed > _WANDERS:
                break
            self._from_starts(seed)

    def _from_starts(self, seed: int) -> None:
        # Well inside the bounds a plan is proved at once; near a border there may be none there.
        for margin in (_INSIDE, 0.0):
            starts = self.codes.starts(self.codes.most_starts, np.random.default_rng(seed))
            rough = self._alternate(starts, rounds=12, gap=1e-4 * self.limits.scale, margin=margin)
            order = np.argsort(rough.value, kind="stable")[:_FOLLOWED]
            order = order[np.isfinite(rough.value[order])]
            if len(order):
                self._take(self.codes.exactly(rough.points[order[0]], 0.01 * margin))
            if len(order) or self.limits.clock.over:
                break
        self._follow(rough.laws[order])

    def _improve(self, found: Bounds) -> None:
        """Alternate from where the relaxations have their optima: often in the beginning, seldom later."""
        self._calls += 1
        often = self._calls <= 8 or not self._calls & (self._calls - 1) or self._calls % 16 == 0
        if self.limits.clock.over or self.programs > self.limits.boxes or not often:
            return
        near = [i for i in np.argsort(found.lower)[:_FOLLOWED] if found.lower[i] < self.upper - self.limits.tolerance]
        if near:
            posteriors = posteriors_of(self._data, found.laws[near])
            rough = self._alternate(posteriors, rounds=8, gap=1e-6 * self.limits.scale)
            self._follow(rough.laws[rough.value < self.upper - 0.1 * self.limits.tolerance])

    def _alternate(self, posteriors: np.ndarray, *, rounds: int, gap: float, margin: float = 0.0) -> Descent:
        found = alternate(self.codes, posteriors, rounds=rounds, gap=gap, margin=margin)
        # Before the first box is bounded, plans are sought as long as there is hope.
        self.programs += found.boxes if self._calls else 0
        return found

    def _follow(self, laws: np.ndarray) -> None:
        """Follow the alternation to its end, and prove the best of what is found."""
        if len(laws) == 0:
            return
        fine = self._alternate(posteriors_of(self._data, laws), rounds=60, gap=1e-3 * self.limits.tolerance)
        for i in np.argsort(fine.value)[:2]:
            if fine.value[i] < self.upper - 0.1 * self.limits.tolerance:
                self.found.append((fine.points[i], fine.laws[i], fine.value[i]))
                self._prove(fine.points[i], fine.laws[i])

    def _prove(self, point: np.ndarray, law: np.ndarray) -> None:
        """Bring a plan inside the bounds by ever larger margins, until it is proved to meet them."""
        for margin in _MARGINS:
            if margin > 0 and self.limits.clock.over:
                return
            inside = point
            if margin > 0:
                posteriors = posteriors_of(self._data, law[None])
                inside = self._alternate(posteriors, rounds=2, gap=1e-13 * self.limits.scale, margin=margin).points[0]
            candidates = (inside, np.where(inside < _NOTHING, 0.0, inside))
            if any(self._take(self.codes.exactly(candidate, 0.01 * margin)) for candidate in candidates):
                return

    def _take(self, plan: Plan | None) -> bool:
        """Tell whether a plan is proved to meet the bounds; keep it if it is the best so far."""
        question = self.codes.question
        plan = None if plan is None else question.measured(plan)
        if plan is None or not question.is_met(plan.reached):
            return False
        value = float_above(question.cost(plan.reached))
        if value < self.upper:
            self.upper, self.plan = value, plan
        return value < math.inf


def answered(codes: Codes) -> Answer:
    """Search boxes of joint laws where that comes to an end, and write down what it proves; else bound."""
    question = codes.question
    if not codes.searchable:
        return bounded(codes)
    easier = question.known or (codes.easier(EASIER) if question.clock.deadline < math.inf else NOTHING)
    if easier[0] == math.inf:
        return Answer(*easier, codes.hopeless)
    search = Search(codes, limits_of(question, codes.work), known=easier[0])
    search.first()
    search.run()
    dual = {"kind": codes.kind, "shared": None, "tree": search.root.tree(partial(leaf_of, codes), question.data.ys)}
    method = (
        f"branch and bound over laws of (S, Y), {search.boxes} boxes{codes.number}; plans by alternating minimisation"
    )
    found = Answer(search.lower, dual, method, search.upper, search.stopped, search.plan, duals_of(codes, search.plan))
    return found.at_least(*easier)


def duals_of(codes: Codes, plan: Plan | None) -> dict[str, float]:
    """Return the multipliers of the bounds at a plan, in nats: those of the convex problem with its posteriors.

    The tangents at the posteriors of an optimum touch the label's entropy there, so that both have the same multipliers.
    """
    question = codes.question
    if plan is None or question.clock.over:
        return {}
    laws = codes.laws(codes.point(plan)[None])
    at = codes.tangents(posteriors_of(question.data, laws), 0.0, 0.01 * question.gap).multipliers
    found = {name: float(getattr(at, name)[0]) for name in question.bounds}
    return found if np.isfinite([*found.values()]).all() else {}


def leaf_of(codes: Codes, proof: Proof | None) -> dict[str, object]:
    """Return the leaf of a certificate; nothing for a box that is empty."""
    if proof is None:
        return {}
    objective, at = proof
    return codes.question.leaf(at, of_objective=objective == "1", of_maps=codes.kind == "plans")


def bounded(codes: Codes) -> Answer:
    """Answer without branch and bound: boxes of many labels have too many corners, and there may be too many maps."""
    if isinstance(codes, Mixes):
        return codes.bounded()
    question = codes.question
    lower, dual = codes.easier(0.5)
    search = Search(codes, limits_of(question, codes.work), known=lower)
    if math.isfinite(lower):
        search.first()
        search.wander()
    method = "lower bound of an easier problem; plans by alternating minimisation"
    return Answer(lower, dual, method, search.upper, plan=search.plan, duals=duals_of(codes, search.plan))
