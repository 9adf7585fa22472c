"""Problems with several costs or labels: column generation over the plans of plain problems ([dantzig1960]).

Weights of the bounds make a plain problem, whose optimum is a lower bound (`weights`), and whose plan is a column of

    minimise   sum_j w_j objective_j
    subject to sum_j w_j E d_k(j) <= D_k,   sum_j w_j H(S_k|Y)(j) <= C_k,   w a law;

the multipliers of this linear program are the next weights. A mixture of the columns is a plan, because the plans of a
convex problem are a convex set. Where a classifier sees `Y` alone they are not: there a mixture counts only if it meets the
bounds, single codes are searched for as well (`codes`), the problem in which the classifier sees more gives another lower
bound, and a gap may be left.
"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.certificates import of_easier
from drc.solvers.finite.door import Borders, read
from drc.solvers.finite.several.balls import DIVERGENCES
from drc.solvers.finite.several.cuts import by_cuts
from drc.solvers.finite.several.search import Search, Solver, about, informed
from drc.solvers.finite.several.weights import Weights
from drc.solvers.outcome import Solution
from drc.types import Exact


def by_weights(solver: Solver, problem: Finite, **given: object) -> Solution:
    """Answer a question about a problem with several costs or labels.

    `solver` solves plain problems, as `solve_finite` does; the rest is as in `Finite.solve`, but bounds are named by
    `names_of`.
    """
    question = read(problem, **given)
    with question.clock.watching():
        return _settled(solver, question)


def _settled(solver: Solver, question: Question) -> Solution:
    """Move bounds to the borders that they miss by rounding, and drop those that are slack; then answer."""
    problem, active = question.problem, dict(question.bounds)
    costs, labels = names_of(problem)
    rounded: list[str] = []
    for name in [name for name in (*costs, *labels) if name in active]:
        places = {
            "costs": costs.index(name) if name in costs else 0,
            "labels": labels.index(name) if name in labels else 0,
        }
        alone = problem.each_cost[places["costs"]].each_label[places["labels"]]
        kept = {letter: active[letter] for letter in "R" if letter in active}
        borders = Borders(replace(question, problem=alone, bounds=kept | {name[0]: active[name]}), {})
        borders.active = dict(borders.given.bounds)
        impossible = borders.settle()
        rounded += [said.replace(f"{name[0]} ", f"{name} ", 1) for said in borders.rounded if said.startswith(name[0])]
        if impossible is not None:
            return _impossible(question, impossible, name)
        if name[0] in borders.active:
            active[name] = borders.active[name[0]]
        else:
            del active[name]
    found = _answered(solver, replace(question, bounds=active))
    lost = {name: 0.0 for name in question.bounds if name not in active} if found.duals else {}
    bounds = {name: float(bound) for name, bound in question.bounds.items()}
    return replace(found, rounded=tuple(rounded), duals=lost | dict(found.duals), bounds=bounds)


def _impossible(question: Question, found: Solution, name: str) -> Solution:
    """Say that one bound alone cannot be met."""
    weights = Weights.of(question.problem, {name: 1.0})
    dual = {"kind": "weighted", "objective": 0, "dual": found.certificate.dual}
    dual |= {"costs": list(weights.costs), "labels": list(weights.labels)}
    answer = Search(lambda *_, **__: found, question)
    answer.lower, answer.dual = math.inf, dual
    return answer.packed(math.inf, math.inf, found.method)


def _answered(solver: Solver, question: Question) -> Solution:
    tight = _tight(question)
    if tight is None and question.problem.perception in DIVERGENCES and "P" in question.bounds:
        return by_cuts(solver, question)
    if tight is None:
        return informed(Search(solver, question)).solve()
    name, problem = tight
    bounds = {other: bound for other, bound in question.bounds.items() if other != name}
    found = _answered(solver, replace(question, problem=problem, bounds=bounds))
    place = names_of(problem)[0].index(name)
    dual = found.certificate.dual
    if dual["kind"] != "trivial":
        dual = of_easier(dual, "nearest", cost=place)
    return about(question, found.certificate.problem).claimed(found, dual)


def _tight(question: Question) -> tuple[str, Finite] | None:
    """Return a bound that is the least cost of all letters, and the problem without the pairs that cost more."""
    problem = question.problem
    law = [sum(column, Fraction(0)) for column in zip(*problem.p_SX, strict=True)]
    for name, each in zip(names_of(problem)[0], problem.each_cost, strict=True):
        table, bound = each.exact_distortion, question.bounds.get(name)
        numbers = [*law, bound, *(d for row in table for d in row if d != math.inf)]
        if bound is None or not all(isinstance(v, Fraction) for v in numbers):
            continue
        least = [min(row) for row in table]
        used = [(p, u) for p, u in zip(law, least, strict=True) if p]
        dear = any(u < d < math.inf for row, u, p in zip(table, least, law, strict=True) if p for d in row)
        if dear and math.inf not in (u for _, u in used) and sum(p * u for p, u in used) == bound:
            return name, _without_dear_pairs(problem, table, least)
    return None


def _without_dear_pairs(problem: Finite, table: tuple, least: list[Exact | float]) -> Finite:
    costs = [
        tuple(
            tuple(math.inf if d > u else c for c, d in zip(row, paid, strict=True))
            for row, paid, u in zip(each.exact_distortion, table, least, strict=True)
        )
        for each in problem.each_cost
    ]
    return replace(problem, distortion=costs[0], costs=tuple(costs) if len(costs) > 1 else None)
