"""Bounds on a divergence, by cuts: linear costs of the output letter that no law of the ball exceeds."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from drc.solvers.arithmetic.balls import exact_or_ball, precision, total
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.several.balls import Ball
from drc.solvers.finite.several.search import Search, Solver, about, informed
from drc.solvers.outcome import Solution, is_closed

#: How many cuts of a ball of laws are made.
_CUTS = 60

#: How near to the optimum the search between the first two of them ends, and by how much nearer it ends after each.
_ROUGH, _FINER = 1e-2, 5.0


def by_cuts(solver: Solver, question: Question) -> Solution:
    """Bound a divergence by cuts: linear costs of the output letter that no law of the ball exceeds.

    Each is a tangent where the way from the reference to the law of the last plan leaves the ball.
    """
    ball = Ball.of(question.problem, question.bounds["P"], question.unit)
    asked = replace(question, bounds={name: bound for name, bound in question.bounds.items() if name != "P"})
    several = informed(Search(solver, replace(asked, problem=ball.plain(question.problem)), ball=ball))
    several.rough = _ROUGH
    found = several.solve()
    while len(ball.cuts) < _CUTS and several.lower < math.inf and not question.clock.over:
        upper = max(several.lower, several.upper)
        if several.outermost is None or is_closed(several.lower, upper, question.tolerance, several.scale):
            break
        with precision():
            further = ball.with_cut(several.outermost_law)
        if further is None and several.rough == 0:
            break
        # The first cuts need not be the best ones.
        rough = several.rough / _FINER if several.rough > question.tolerance else 0.0
        if further is not None:
            ball, several = further, _with_cut(several, further, asked)
        several.rough = rough
        found = several.solve()
    return _about_the_ball(found, several, question)


def _with_cut(before: Search, ball: Ball, asked: Question) -> Search:
    """Go on with a further cut, from the plans and with the proof that there are."""
    name = f"D{len(before.costs) + 1}"
    bounds = before.bounds | {name: ball.cuts[-1].bound}
    question = replace(asked, problem=ball.plain(before.problem), bounds=bounds)
    several = Search(before.solver, question, ball=ball)
    several.lower, several.dual, several.duals, several.about = before.lower, before.dual, before.duals, before.about
    several.asked = before.asked
    with precision():
        costs = [exact_or_ball(c) for c in ball.cuts[-1].costs]
        for column in before.columns:
            paid = total(q * c for q, c in zip(before.reader.law(column.plan), costs, strict=True))
            several.columns.append(replace(column, reached=column.reached | {name: paid}))
    return several


def _about_the_ball(found: Solution, several: Search, question: Question) -> Solution:
    """Return an answer about costs and cuts as one about the ball."""
    ball, problem, given = several.ball, question.problem, found.certificate
    assert ball is not None
    dual = _of_law(given.dual, ball, len(problem.each_cost))
    kept = {name: v for name, v in found.duals.items() if name not in several.cuts and name != "p_Y"}
    price = sum(float(v) for name, v in found.duals.items() if name in several.cuts)
    law = np.zeros(problem.n_Y) if found.coupling is None else found.coupling.sum(axis=0)
    return about(question, given.problem).claimed(
        found,
        dual,
        duals=kept | ({"P": price * ball.in_nats} if found.duals else {}),
        further={name: v for name, v in found.further.items() if name not in several.cuts},
        measure=problem.perception or "",
        perception=math.inf if found.coupling is None else ball.measured(law),
        method=f"{found.method}; {len(ball.cuts)} cuts of the ball",
    )


def _of_law(dual: Mapping[str, Any], ball: Ball, first: int) -> dict[str, Any]:
    """Rewrite weights of cuts as multipliers of the law of the output, wherever they are in a proof."""
    found = dict(dual)
    if found["kind"] == "weighted":
        weights = found["costs"]
        law = ball.law_of(weights[first:] + [Fraction(0)] * (len(ball.cuts) - len(weights) + first))
        return found | {"costs": weights[:first]} | ({} if law is None else {"law": law})
    if found["kind"] in ("relaxation", "nearest"):
        found["dual"] = _of_law(found["dual"], ball, first)
    return found
