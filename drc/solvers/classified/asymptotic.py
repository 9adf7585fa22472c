"""Long blocks, the classifier sees Y: the least `D` or `R` under `H(S|Y) <= C`, by branch and bound.

`H(S|Y)` is a concave function of the joint law `t` of output and label. On a box of such laws it lies above the chords
through the corners, which leaves a convex program whose multipliers prove a lower bound ([horst1996]); the plans are those
of `alternating`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.balls import float_above, precision
from drc.solvers.classified.alternating import alternate, label_costs, label_law, posteriors_of, starts, tangent_slopes
from drc.solvers.classified.boxes import Marginals
from drc.solvers.classified.plans import Exact, Plan, coupling
from drc.solvers.classified.question import Answer, Question, ask, packed
from drc.solvers.classified.search import Bounds, Search, branch_and_bound, tree_of
from drc.solvers.entropic.boxes import box_corners, dual_of_boxes
from drc.solvers.entropic.dual import Multipliers, lower_bounds
from drc.solvers.entropic.programs import build
from drc.solvers.solution import Solution

#: How many starts the alternation has, and how many of them are followed to the end.
_STARTS, _FOLLOWED = 32, 6

#: How much nearer than asked the bounds are met, so that a plan can be proved to meet them.
_MARGINS = (0.0, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8)

#: In this share of independence a plan is mixed, so that no entry is zero for rounding.
_MIXED = 0.01

#: Narrower boxes are bounded by tangents, too; their corners look too much alike for a solver.
_NARROW = 1e-3

#: A relaxation that misses its bounds by more may be one of nothing.
_MISSED = 1e-11


def solve_classified(
    problem: Finite,
    *,
    minimise: str = "D",
    R: Any = None,
    C: Any = None,
    D: Any = None,
    P: Any = None,
    slope: Any = None,
    tolerance: float = 1e-9,
    time_limit: float | None = None,
    method: str | None = None,
    unit: str = "bits",
) -> Solution:
    """Minimise over all couplings with `H(S|Y) <= C`, and prove the answer.

    Parameters
    ----------
    problem : Finite
        Asymptotic; the classifier sees Y.
    minimise : {"D", "R"}
    R, C, D, P : number, optional
        Bounds on `I(X;Y)`, `H(S|Y)`, the distortion and the perception measure; one left out, or infinite, is inactive.
    slope : number, optional
        Minimise `D + slope R` instead; then neither is bounded.
    tolerance : float
        The gap that counts as optimal.
    time_limit : float, optional
        Seconds. Without one the search ends by itself after a minute, with the gap that is left then.
    method : {"branch and bound"}, optional
    unit : {"bits", "nats"}
        The unit of `R`, `C` and a KL `P`.

    Returns
    -------
    Solution

    Raises
    ------
    ProblemError
        For a bad bound, or a bound on what is minimised.

    Notes
    -----
    Source: [nguyen2026], section 3, is the problem.

    Examples
    --------
    >>> f = Finite([[0.27, 0.07], [0.03, 0.63]], p_Y=[0.3, 0.7], setting="asymptotic")
    >>> s = solve_classified(f, R=0.4, C=0.7)
    >>> s.status, round(s.value, 6), s.gap < 1e-9
    ('optimal', 0.108989, True)
    """
    question = ask(
        problem,
        minimise,
        {"R": R, "C": C, "D": D, "P": P},
        unit=unit,
        limits=(tolerance, time_limit),
        method=(method, "branch and bound"),
        slope=slope,
    )
    with precision():
        channels = Channels(question)
        found = branch_and_bound(channels, Marginals.of(question.data), channels.first(), channels.limits)
        return packed(question, _answer(channels, found))


@dataclass(eq=False)
class Channels:
    """The couplings of a problem, as branch and bound sees them.

    Attributes
    ----------
    question : Question
    plan : Plan or None
        The best so far.
    """

    question: Question
    plan: Plan | None = None
    calls: int = 0
    limits: Any = field(init=False)
    exact: Exact = field(init=False)

    def __post_init__(self) -> None:
        self.limits, self.exact = self.question.limits(), Exact(self.question.data)

    # Lower bounds

    def bound(self, low: np.ndarray, high: np.ndarray, parents: list, upper: float) -> Bounds:
        """Bound the objective over boxes: by the chords, by tangents where boxes are narrow, or as for the parent."""
        q, corners = self.question, box_corners(low, high)
        options = {"slope": q.slope_nats, "gap": 0.05 * self.limits.tolerance, "deadline": self.limits.deadline}
        found = dual_of_boxes(q.data, q.intervals, low, high, objective=q.minimise, **options)
        proofs = [("1", found.multipliers[i]) for i in range(len(low))]
        bounds = Bounds(np.maximum(found.lower, 0.0), proofs, label_law(q.data, found.couplings))
        inherited = [i for i, proof in enumerate(parents) if proof is not None and proof[0] == "1"]
        self._join(bounds, inherited, [parents[i][1] for i in inherited], corners)
        wanted = bounds.lower < upper - self.limits.tolerance
        narrow = np.flatnonzero(wanted & ((high - low).max(axis=(1, 2)) < _NARROW))
        if len(narrow):
            tangents = self._tangents(0.5 * (low + high)[narrow])
            self._join(bounds, narrow.tolist(), [tangents[k] for k in range(len(narrow))], corners)
            wanted = bounds.lower < upper - self.limits.tolerance
        self._exclude(low, high, np.flatnonzero(wanted & (found.excess > _MISSED)), bounds)
        return bounds

    def _join(self, bounds: Bounds, boxes: list, multipliers: list[Multipliers], corners: np.ndarray) -> None:
        """Take other multipliers for some boxes where they prove more."""
        if not boxes:
            return
        q = self.question
        lower, at = lower_bounds(q.data, q.intervals, stacked(multipliers), corners[boxes])
        for k, i in enumerate(boxes):
            if lower[k] > bounds.lower[i]:
                bounds.lower[i], bounds.proofs[i] = lower[k], ("1", at[k])

    def _tangents(self, laws: np.ndarray) -> Multipliers:
        """Return multipliers with the tangents of the entropy at some laws as slopes.

        With a tangent in the place of `H(S|Y)` the bound is harder to meet: the optimum is no less than that of the
        problem, and the proof loses only as much as the entropy bends over the box.
        """
        q = self.question
        posteriors = laws / np.maximum(laws.sum(axis=2, keepdims=True), 1e-300)
        model = build(q.data, q.goal(), label_costs=label_costs(q.data, posteriors), elastic=True)
        at = model.multipliers(model.solve(gap=0.05 * self.limits.tolerance, deadline=self.limits.deadline))
        return replace(at, slopes=at.C[:, None, None] * tangent_slopes(posteriors))

    def _exclude(self, low: np.ndarray, high: np.ndarray, missed: np.ndarray, bounds: Bounds) -> None:
        """Prove of boxes whose relaxation misses the bounds that they hold nothing feasible."""
        if len(missed) == 0:
            return
        q, options = self.question, {"gap": _MISSED, "deadline": self.limits.deadline}
        found = dual_of_boxes(q.data, q.intervals, low[missed], high[missed], objective="0", **options)
        for k, i in enumerate(missed):
            if found.lower[k] > 0:
                bounds.lower[i], bounds.proofs[i] = math.inf, ("0", found.multipliers[k])

    # Upper bounds

    def first(self) -> float:
        """Alternate from many starts; return the upper bound."""
        data, goal = self.question.data, self.question.goal()
        begin = starts(data, _STARTS, np.random.default_rng(0))
        rough = alternate(data, goal, begin, rounds=12, gap=1e-4, deadline=self.limits.deadline)
        order = np.argsort(rough.value, kind="stable")[:_FOLLOWED]
        return self._follow(rough.couplings[order[np.isfinite(rough.value[order])]])

    def improve(self, found: Bounds, upper: float) -> float:
        """Alternate from where the relaxations have their optima: often in the beginning, seldom later."""
        self.calls += 1
        if self.calls > 8 and self.calls & (self.calls - 1) and self.calls % 16:
            return upper
        near = [i for i in np.argsort(found.lower)[:_FOLLOWED] if found.lower[i] < upper - self.limits.tolerance]
        if not near:
            return upper
        laws = found.laws[near]
        prior = self.question.data.posterior @ self.question.data.source
        mass = laws.sum(axis=2, keepdims=True)
        begin = np.where(mass > 1e-12, laws / np.maximum(mass, 1e-12), prior)
        goal = self.question.goal()
        rough = alternate(self.question.data, goal, begin, rounds=8, gap=1e-6, deadline=self.limits.deadline)
        return min(upper, self._follow(rough.couplings[rough.value < upper - 0.1 * self.limits.tolerance]))

    def _follow(self, couplings: np.ndarray) -> float:
        """Follow the alternation to its end, and prove the best of what is found."""
        data, goal, best = self.question.data, self.question.goal(), self._upper()
        if len(couplings) == 0:
            return best
        gap = 1e-3 * self.limits.tolerance
        fine = alternate(data, goal, posteriors_of(data, couplings), rounds=60, gap=gap, deadline=self.limits.deadline)
        for i in np.argsort(fine.value)[:2]:
            if fine.value[i] < best - 0.1 * self.limits.tolerance:
                best = min(best, self._prove(fine.couplings[i]))
        return best

    def _upper(self) -> float:
        return math.inf if self.plan is None else float_above(self.question.cost(self.plan.reached))

    def _prove(self, joint: np.ndarray) -> float:
        """Bring a coupling inside the bounds by ever larger margins, until it is proved to meet them."""
        data = self.question.data
        for margin in _MARGINS:
            inside = joint
            if margin > 0:
                goal, begin = self.question.goal(margin), posteriors_of(data, joint[None])
                inside = alternate(data, goal, begin, rounds=2, gap=1e-13, deadline=math.inf).couplings[0]
            law = data.target if data.target is not None else inside.sum(axis=0)
            share = _MIXED * margin
            plan = coupling(self.exact, (1 - share) * inside + share * np.outer(data.source, law))
            if plan is not None and self.question.is_met(plan.reached):
                value = float_above(self.question.cost(plan.reached))
                if value < self._upper():
                    self.plan = plan
                return value
        return math.inf


def stacked(parts: list[Multipliers]) -> Multipliers:
    """Put multipliers of single boxes together, without their `v`."""
    arrays = (np.stack([getattr(part, name) for part in parts]) for name in ("R", "C", "D", "P", "u", "slopes"))
    return Multipliers(*arrays)


def leaf_of(question: Question, proof: tuple | None) -> dict:
    """Return the leaf of a certificate, in the unit that was asked for; nothing for a box that is empty.

    Parameters
    ----------
    question : Question
    proof : (objective, Multipliers) or None
    """
    if proof is None:
        return {}
    objective, at = proof
    data, unit = question.data, question.objective_nat if objective == "1" else 1.0
    # What is minimised is given in the unit: all multipliers become larger by as much.
    multipliers = {
        name: float(getattr(at, name)) * (question.nat if question.in_nats(name) else 1.0) / unit
        for name in question.bounds
    }
    u, v = np.zeros(question.problem.n_X), np.zeros(question.problem.n_Y)
    slopes = np.zeros((question.problem.n_Y, question.problem.n_S))
    # A letter whose pairs are all forbidden has no mass, and any finite number will do.
    most = 1e6 * (1.0 + float(np.abs(at.u).max()) + float(at.D) * data.scale)
    u[data.xs], v[data.ys] = at.u / unit, np.clip(at.v, -most, most) / unit
    if at.slopes is not None:
        slopes[data.ys] = at.slopes / unit
    fields = {"objective": int(objective), "multipliers": multipliers, "u": u.tolist(), "v": v.tolist()}
    return fields | {"slopes": slopes.tolist()}


def _answer(channels: Channels, found: Search) -> Answer:
    question, plan, data = channels.question, channels.plan, channels.question.data
    lower, upper = found.lower, found.upper
    dual = {
        "kind": "channels",
        "shared": None,
        "tree": tree_of(found.root, lambda proof: leaf_of(question, proof), data.ys),
    }
    method = f"branch and bound over laws of (S, Y), {found.boxes} boxes; plans by alternating minimisation"
    if plan is None:
        return Answer(lower, upper, found.stopped, None, dual, {}, {}, method)
    joint = np.zeros((question.problem.n_X, question.problem.n_Y))
    joint[np.ix_(data.xs, data.ys)] = plan.joint
    primal: dict[str, Any] = {"kind": "coupling", "joint": joint.tolist()}
    if plan.tree is not None:
        primal["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in plan.tree]
    reached = {name: float(value) for name, value in plan.reached.items()}
    return Answer(lower, upper, found.stopped, primal, dual, reached, {"coupling": joint}, method)
