"""Long blocks, the classifier sees Y: the least `D` or `R` under `H(S|Y) <= C`, by branch and bound over joint laws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from drc.problems.finite import Finite
from drc.solvers.balls import precision
from drc.solvers.classified.alternating import Tangent, posteriors_of, tangent_slopes
from drc.solvers.classified.boxes import Marginals
from drc.solvers.classified.candidates import candidate_laws, candidate_maps, law_at_rest
from drc.solvers.classified.codes import Family, joined
from drc.solvers.classified.plans import Coupling, Exact, coupling, independent
from drc.solvers.classified.question import NOTHING, Answer, Question, ask, nothing_known, packed, without_plans
from drc.solvers.classified.search import Search, branch_and_bound, tree_of
from drc.solvers.entropic.boxes import BoxBounds, dual_of_boxes
from drc.solvers.entropic.dual import Multipliers, label_entropy, lower_bounds
from drc.solvers.entropic.programs import build
from drc.solvers.entropic.solve import solve_entropic
from drc.solvers.solution import Solution

#: Which part of a time limit an easier problem may take: its bound is a good one early.
EASIER = 0.2

#: With more labels the corners of a box, two to the number of labels, are too many.
MOST_LABELS = 6


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
        Seconds. Without one the search ends by itself after a number of boxes, with the gap that is left then.
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
    none = without_plans(question)
    if none is not None:
        return packed(question, none)
    answer = nothing_known()
    with precision(), question.clock.watching():
        answer = _answered(question)
    return packed(question, answer)


def _answered(question: Question) -> Answer:
    channels = Channels(question)
    if question.problem.n_S > MOST_LABELS:
        return bounded(channels)
    easier = without_classifier(question, EASIER) if question.clock.deadline < math.inf else NOTHING
    if easier[0] == math.inf:
        return Answer(math.inf, math.inf, "", None, easier[1], {}, {}, "not even feasible without C")
    family = Family(channels, question.limits(channels.work))
    found = branch_and_bound(family, Marginals.of(question.data), family.first(), family.limits)
    return _answer(question, family.plan, found).at_least(*easier)


def bounded(channels: Channels) -> Answer:
    """Bound from below without the classifier: boxes of this many labels have too many corners.

    Parameters
    ----------
    channels : Channels
    """
    question = channels.question
    lower, dual = without_classifier(question, 0.5)
    family = Family(channels, question.limits(channels.work))
    upper = family.first() if math.isfinite(lower) else math.inf
    method = f"lower bound without C, as there are {question.problem.n_S} labels; plans by alternating minimisation"
    answer = Answer(lower, upper, "", None, dual, {}, {}, method)
    return answer if family.plan is None else _with_plan(question, family.plan, answer)


def without_classifier(question: Question, share: float) -> tuple[float, dict[str, Any]]:
    """Return what the convex problem without the bound C proves, in nats, and the proof.

    Parameters
    ----------
    question : Question
    share : float
        Which part of the time it may take.
    """
    clock = question.clock.part(share * question.clock.left)
    if clock.over:
        return NOTHING
    bounds = {name: bound for name, bound in question.bounds.items() if name != "C"}
    options = {"slope": question.slope, "tolerance": question.tolerance}
    # Without it nothing is gained by sharing the time.
    single = replace(question.problem, time_sharing=False)
    relaxed = solve_entropic(
        single, minimise=question.minimise, unit=question.unit, time_limit=clock, **bounds, **options
    )
    nat = question.objective_nat if math.isfinite(relaxed.lower) else 1.0
    return float(relaxed.lower) * nat, relaxed.certificate.dual


#: How many products a step of the interior-point method takes on a batch.
_WORK = 1e8


@dataclass(frozen=True, eq=False)
class Channels:
    """The couplings of a problem.

    Attributes
    ----------
    question : Question
    """

    question: Question

    @property
    def work(self) -> float:
        """About how many products a box takes in each step of the interior-point method."""
        (n_X, n_Y), n_S = self.question.data.d.low.shape, self.question.problem.n_S
        return _products(n_Y * (n_X + 2.0**n_S + 2 * n_S), n_X + n_Y * (n_S + 1))

    @cached_property
    def exact(self) -> Exact:
        """The problem in exact numbers."""
        return Exact(self.question.data)

    def chords(self, low: np.ndarray, high: np.ndarray, objective: str, gap: float) -> BoxBounds:
        """See `codes.Codes`."""
        q = self.question
        goal = q.minimise if objective == "1" else "0"
        prices = q.prices if objective == "1" else None
        options = {"slope": q.slope_nats, "prices": prices, "gap": gap, "clock": q.clock}
        parts = _parts(len(low), self.work)
        # A letter with forbidden pairs only has an infinite potential; what is not a number then proves nothing.
        with np.errstate(invalid="ignore", divide="ignore"):
            found = [dual_of_boxes(q.data, q.intervals, low[i], high[i], objective=goal, **options) for i in parts]
        return joined(found)

    def tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        """See `codes.Codes`."""
        n_X, n_Y = self.question.data.d.low.shape
        parts = _parts(len(posteriors), _products(n_X * n_Y, n_X + n_Y))
        return joined([self._tangents(posteriors[i], margin, gap) for i in parts])

    def _tangents(self, posteriors: np.ndarray, margin: float, gap: float) -> Tangent:
        data, goal = self.question.data, self.question.goal(margin)
        slopes = tangent_slopes(posteriors)
        model = build(data, goal, label_costs=np.einsum("bys,sx->bxy", slopes, data.posterior), elastic=True)
        point = model.solve(gap=gap, clock=self.question.clock)
        couplings, at = model.couplings(point), model.multipliers(point)
        couplings = np.where(
            np.isfinite(couplings), couplings, np.outer(data.source, np.ones(len(data.ys)) / len(data.ys))
        )
        at = Multipliers(at.R, at.C, at.D, at.P, at.u, at.C[:, None, None] * slopes)
        laws = np.einsum("bxy,sx->bys", couplings, data.posterior)
        excess = point.x[:, len(model.program.cells[0])]
        value = sum(goal.price(name) * self.measure(name, couplings, laws) for name in ("D", "R", "C"))
        return Tangent(couplings, laws, value, excess, at)

    def proved(self, at: Multipliers, corners: np.ndarray) -> tuple[np.ndarray, Multipliers]:
        """See `codes.Codes`."""
        with np.errstate(invalid="ignore"):
            return lower_bounds(self.question.data, self.question.intervals, at, corners)

    def plain(self) -> Iterator[tuple[np.ndarray, Coupling | None]]:
        """See `codes.Codes`."""
        data, letters = self.question.data, np.eye(len(self.question.data.ys))
        if data.target is not None:
            plan = independent(self.exact)
            yield plan.joint, plan
        else:
            for law in candidate_laws(self.question):
                # Rows that are the same are of a channel that tells nothing.
                yield np.outer(data.source, law), coupling(self.exact, np.tile(law, (len(data.xs), 1)))
        for f in candidate_maps(self.question):
            point = data.source[:, None] * letters[f]
            yield point, coupling(self.exact, point)

    def measure(self, name: str, points: np.ndarray, laws: np.ndarray) -> np.ndarray:
        """See `codes.Codes`."""
        if name == "R":
            return information(points)
        if name == "C":
            return label_entropy(laws).sum(axis=1)
        costs = self.question.data.distortion
        return (points * np.where(np.isfinite(costs), costs, 0.0)).sum(axis=(1, 2))

    def starts(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw posteriors of random maps, of random channels, and of no channel at all."""
        data = self.question.data
        n_X, n_Y = data.d.low.shape
        maps = np.eye(n_Y)[rng.integers(n_Y, size=(count // 2, n_X))]
        channels = np.concatenate([maps, rng.dirichlet(np.full(n_Y, 0.5), size=(count - len(maps), n_X))])
        channels[-1] = 1.0 / n_Y
        return posteriors_of(data, np.einsum("bxy,x,sx->bys", channels, data.source, data.posterior))

    def exactly(self, point: np.ndarray, share: float) -> Coupling | None:
        """See `codes.Codes`."""
        data = self.question.data
        law = data.target if data.target is not None else point.sum(axis=0)
        if data.measure is not None:
            # That brings the law nearer to the reference, too.
            law = law_at_rest(data)
        return coupling(self.exact, (1 - share) * point + share * np.outer(data.source, law))


def _products(variables: int, rows: int) -> float:
    return variables * (rows + 4.0) ** 2


def _parts(count: int, work: float) -> list[slice]:
    """Divide programs into batches of which a step takes some hundredths of a second."""
    size = max(1, int(_WORK / work))
    return [slice(i, i + size) for i in range(0, count, size)]


def information(couplings: np.ndarray) -> np.ndarray:
    """Return the mutual information of couplings in nats, shape (B,).

    Examples
    --------
    >>> information(np.eye(2)[None] / 2).round(6).tolist()
    [0.693147]
    """

    def entropy(law: np.ndarray) -> np.ndarray:
        return -(law * np.log(np.maximum(law, 1e-300))).reshape(len(law), -1).sum(axis=1)

    return np.maximum(entropy(couplings.sum(axis=1)) + entropy(couplings.sum(axis=2)) - entropy(couplings), 0.0)


def leaf_of(question: Question, proof: tuple | None) -> dict:
    """Return the leaf of a certificate, in the unit that was requested; nothing for a box that is empty.

    Parameters
    ----------
    question : Question
    proof : (objective, Multipliers) or None
    """
    if proof is None:
        return {}
    objective, at = proof
    data, unit = question.data, question.objective_nat if objective == "1" else 1.0
    u, v = np.zeros(question.problem.n_X), np.zeros(question.problem.n_Y)
    slopes = np.zeros((question.problem.n_Y, question.problem.n_S))
    # A letter whose pairs are all forbidden has no mass, and any finite number will do.
    most = 1e6 * (1.0 + float(np.abs(at.u).max()) + float(at.D) * data.scale)
    u[data.xs], v[data.ys] = at.u / unit, np.clip(at.v, -most, most) / unit
    if at.slopes is not None:
        slopes[data.ys] = at.slopes / unit
    fields = {
        "objective": int(objective),
        "multipliers": question.multipliers(at, objective == "1"),
        "u": u.tolist(),
        "v": v.tolist(),
    }
    return fields | {"slopes": slopes.tolist()}


def _answer(question: Question, plan: Coupling | None, found: Search) -> Answer:
    data = question.data
    tree = tree_of(found.root, lambda proof: leaf_of(question, proof), data.ys)
    dual = {"kind": "channels", "shared": None, "tree": tree}
    method = f"branch and bound over laws of (S, Y), {found.boxes} boxes; plans by alternating minimisation"
    answer = Answer(found.lower, found.upper, found.stopped, None, dual, {}, {}, method)
    return answer if plan is None else _with_plan(question, plan, answer)


def _with_plan(question: Question, plan: Coupling, answer: Answer) -> Answer:
    reached = {name: float(value) for name, value in plan.reached.items()}
    extras = {"coupling": plan.coupling(question.data)}
    return replace(answer, primal=plan.primal(question), reached=reached, extras=extras)
