"""Plans where the classifier sees Y alone: alternation between codes and the posteriors of every label.

The label `(K, S_K)` with an independent index K has one posterior for each output letter, of which those of the single
labels are blocks. With fixed posteriors all bounds are linear or convex in the code, as for one label: see `search`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import precision
from drc.solvers.finite.asymptotic.dual import label_entropy
from drc.solvers.finite.asymptotic.question import AnyPlan, Question
from drc.solvers.finite.label_from_y.boxes import posteriors_of
from drc.solvers.finite.label_from_y.channels import Channels
from drc.solvers.finite.label_from_y.columns import MapColumns
from drc.solvers.finite.label_from_y.maps import Maps, candidate_maps
from drc.solvers.finite.label_from_y.mixes import Mixes, follow_starts
from drc.solvers.finite.label_from_y.plans import Plan
from drc.solvers.finite.label_from_y.question import NOTHING, limits_of
from drc.solvers.finite.label_from_y.search import Search
from drc.solvers.finite.several.plans import Reader
from drc.solvers.finite.several.weights import Weights
from drc.solvers.request import OutOfTime

#: Of more maps plans are sought by column generation.
_MOST_MAPS = 1 << 14


@dataclass(frozen=True, eq=False)
class SeveralQuestion(Question):
    """A question about several costs and labels; its `problem` has the first cost, and all labels with equal weights.

    `several` is the problem itself, its costs near one.
    """

    several: Finite = field(kw_only=True)

    @classmethod
    def of(cls, question: Question, lower: float) -> SeveralQuestion:
        """Bring the costs of a question near one, each by a power of two, and add the labels up; `lower` is known of it."""
        problem, bounds, slope = question.problem, dict(question.bounds), question.slope
        tables: list[Any] = []
        for name, each in zip(names_of(problem)[0], problem.each_cost, strict=True):
            finite = each.distortions[np.isfinite(each.distortions)]
            unit = Fraction(2) ** math.frexp(float(finite.max(initial=0.0)))[1]
            table = each.exact_distortion
            tables.append(tuple(tuple(d if d == math.inf else d / unit for d in row) for row in table))
            if name in bounds:
                bounds[name] = bounds[name] / unit  # pyright: ignore[reportOperatorIssue] (sympy)
            if name == "D" and question.minimise == "D":
                lower = lower / float(unit)
                slope = None if slope is None else slope / unit  # pyright: ignore[reportOperatorIssue] (sympy)
        costs = None if problem.costs is None else tuple(tables)
        near_one = replace(problem, distortion=tables[0], costs=costs)
        weights = Weights.of(near_one, dict.fromkeys(names_of(near_one)[1], 1.0), "D")
        return cls(
            weights.plain(near_one),
            question.minimise,
            question.unit,
            bounds,
            slope,
            question.tolerance,
            question.clock,
            known=(lower if question.minimise == "D" else lower * question.objective_nat, {}),
            several=near_one,
        )

    @cached_property
    def _blocks(self) -> dict[str, slice]:
        """The places of each label among the letters of all, by the name of its bound."""
        ends = np.cumsum([0, *(each.n_S for each in self.several.each_label)]).tolist()
        return {name: slice(*ends[k : k + 2]) for k, name in enumerate(names_of(self.several)[1])}

    @cached_property
    def reader(self) -> Reader:
        """What measures plans."""
        names = frozenset(("R", self.minimise, *self.bounds))
        return Reader(self.several, "nats", names, merged=True)

    def linear(self, slopes: np.ndarray) -> dict[str, np.ndarray]:
        """Return what is not more than linear in a joint law; see `Question`."""
        blocks, posterior = self._blocks, self.data.posterior
        # Of each label the weight is one in as many as there are: so are its law and its posteriors.
        count = len(blocks)
        unknown = {
            name: count * np.einsum("bys,sx->bxy", slopes[:, :, block] - math.log(count), posterior[block])
            for name, block in blocks.items()
        }
        costs = dict(zip(names_of(self.several)[0], self.several.each_cost, strict=True))
        here = np.ix_(self.data.xs, self.data.ys)
        paid = {
            name: np.where(np.isfinite(d := each.distortions[here]), d, 0.0)[None]
            for name, each in costs.items()
            if name != "D" and name in self.bounds
        }
        return {name: costs for name, costs in unknown.items() if name in self.bounds or name == "C"} | paid

    def unknown(self, laws: np.ndarray) -> np.ndarray:
        """Return "C" of joint laws of output and label, in nats."""
        return len(self._blocks) * label_entropy(laws[:, :, self._blocks["C"]]).sum(axis=1)

    def measured(self, plan: AnyPlan) -> AnyPlan | None:
        """Return a plan with all that is bounded measured; None if it uses a pair that is forbidden."""
        made: Any = plan
        read = self.reader.read(made.primal(self))
        reached = None if read is None else self.reader.measured(read)
        return None if reached is None else replace(made, reached=made.reached | reached)


def best_plan(
    question: Question, lower: float, near: Sequence[np.ndarray], *, first: int = 0
) -> dict[str, object] | None:
    """Search for the best single code, and return it as a certificate has it; None if none is found.

    The question is about several costs and labels, without a bound on perception. Near enough to `lower`, which is
    proved, nothing is left to do. `near` are joint laws, of shape (n_X, n_Y), to start from as well; `first` is the
    number of the first random starts, and if it is not zero, nothing else is tried.
    """
    asked = SeveralQuestion.of(question, lower)
    try:
        with precision():
            plan = _best(asked, near, first)
            return None if plan is None else plan.primal(asked)
    except OutOfTime:
        return None


def _best(question: SeveralQuestion, near: Sequence[np.ndarray], first: int) -> Plan | None:
    (n_X, n_Y), (lower, _) = question.data.d.low.shape, question.known or NOTHING
    data, codes = question.data, Channels(question)
    joint = np.array([law[np.ix_(data.xs, data.ys)] for law in near]).reshape(-1, n_X, n_Y)
    laws = np.einsum("bxy,sx->bys", joint, data.posterior)
    if question.problem.setting == "one-shot":
        if n_Y**n_X > _MOST_MAPS:
            found = MapColumns.of(question, [f.tolist() for f in candidate_maps(question)])
            for labels in posteriors_of(data, laws):
                found.follow(labels)
            follow_starts(found, lower, first=first)
            return found.best
        codes = Mixes(question, Maps(question.data, question.clock))
    search = Search(codes, limits_of(question, codes.work), known=lower)
    if len(laws):
        search.near(laws)
    if not first:
        search.first()
    search.wander(first or 1)
    return search.plan
