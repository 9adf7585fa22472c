"""The search for the best mixture of plans, whose plain problems and exact mixtures prove the two bounds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.problems.bounds import names_of
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import (
    Number,
    exact_or_ball,
    float_above,
    float_below,
    precision,
    rational_below,
    rational_middle,
)
from drc.solvers.arithmetic.simplex import optimum
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.certificates import of_easier
from drc.solvers.finite.costs import largest_cost
from drc.solvers.finite.door import label_given_source
from drc.solvers.finite.several.balls import Ball
from drc.solvers.finite.several.codes import best_plan
from drc.solvers.finite.several.master import Master, best_mixture
from drc.solvers.finite.several.plans import Plan, Reader
from drc.solvers.finite.several.weights import Weights
from drc.solvers.outcome import Solution, is_closed, status_of

#: A solver of plain problems, as `solve_finite`.
Solver = Callable[..., Solution]

#: How many plain problems are solved at most.
_ROUNDS = 200

#: Which part of the tolerance a plain problem may leave open.
_SHARE = 0.25

#: How many of them, if plans are sought and not computed.
_SEARCHES = 12

#: Which part of it the first search for a plan that is one code may take, and with which number later starts begin.
_DESCENT, _LATER = 0.3, 1000

#: How many of them are solved with tighter bounds.
_SOUGHT = 8

#: Which part of the time that is left a plain problem may take.
_PART = 0.25

#: Which part of it a problem whose classifier is told more may take.
_EASIER = 0.5

#: Bounds are tightened by these parts of their size where the plan in exact numbers misses them.
_MARGINS = (fmpq(0), fmpq(1, 2**150), fmpq(1, 10**14), fmpq(1, 10**12), fmpq(1, 10**10))

#: How many columns are mixed in exact numbers, and at how many tolerances from the optimum that is tried.
_MIXED, _NEARLY = 16, 1e4

#: How often the law of a plan is moved inwards.
_INWARDS = 8


@dataclass(frozen=True, eq=False)
class Column:
    """A plan, and what it reaches, in the unit, exactly or as balls.

    `found` is the answer that the plan is from, if that is about a plain problem.
    """

    plan: Plan
    reached: dict[str, Number]
    found: Solution | None


@dataclass(eq=False)
class Search:
    """A question while it is answered.

    `lower` is proved, by `dual` as a certificate has it, and `duals` are the multipliers it is made of. The output law
    may be in the `ball`; `outermost` is the best mixture, be its law in the ball or not, and costs `outer`. `rough`, if
    positive, is the gap at which the search may end, as a part of the optimum or of its scale.
    """

    solver: Solver
    question: Question
    columns: list[Column] = field(default_factory=list)
    lower: float = 0.0
    dual: dict[str, object] = field(default_factory=lambda: {"kind": "trivial"})
    duals: Mapping[str, float | tuple[float, ...]] = field(default_factory=dict)
    upper: float = math.inf
    plan: Plan | None = None
    primal: dict[str, object] | None = None
    asked: int = 0
    about: Finite | None = None
    ball: Ball | None = None
    outermost: Plan | None = None
    outer: float = math.inf
    rough: float = 0.0

    def __post_init__(self) -> None:
        asked = self.question
        self.problem, self.bounds = asked.problem, asked.bounds
        self.costs, self.labels = names_of(self.problem)
        self.cuts = set() if self.ball is None else set(self.costs[len(self.costs) - self.ball.count :])
        self.rows = [name for name in (*self.costs, *self.labels) if name in self.bounds]
        told = asked.minimise == "C" or any(name in self.bounds for name in self.labels)
        alone = self.problem.classifier_sees == "Y" and not self.problem.time_sharing
        self.told, self.convex = told, not (alone and told)
        merged = alone or (self.problem.setting == "asymptotic" and not told)
        needed = {*self.rows, asked.minimise} | ({"R"} if asked.slope is not None else set())
        self.reader = Reader(self.problem, asked.unit, frozenset(needed), merged)
        self.scale = asked.scale

    # Asking plain problems

    def ask(self, given: Mapping[str, float], *, objective: bool = True) -> bool:
        """Solve the plain problem of some multipliers, which may prove more; whether there is a new column.

        Without the objective the multipliers are those of a contradiction, if there is one.
        """
        asked, own = self.question, self.question.minimise if objective else self._aim(given)
        if not objective and not any(given.values()):
            return False
        weights = Weights.of(self.problem, given, own if objective else "")
        plain = weights.plain(self.problem)
        part = self.scale / largest_cost(plain.distortions) if own == "D" and objective else 1.0
        found = self.solver(
            plain,
            minimise=own,
            slope=asked.slope if objective else None,
            unit=asked.unit,
            tolerance=max(_SHARE * asked.tolerance * min(part, 1.0), 1e-13),
            time_limit=asked.clock.part(_PART * asked.clock.left),
            method=asked.method,
            **weights.bounds(self.problem, self.bounds, own, asked.unit),
        )
        self.asked += 1
        self._prove(found, weights, own, objective)
        return self.lower < math.inf and self._keep(found, found)

    def _keep(self, found: Solution, answer: Solution | None) -> bool:
        """Keep the plan of an answer, if it has one, as a column."""
        if found.certificate.primal is None:
            return False
        self.about = self.about or found.certificate.problem
        with precision():
            return self._joined(self.reader.read(found.certificate.primal), answer) is not None

    def _joined(self, plan: Plan | None, answer: Solution | None = None) -> Column | None:
        """Add a plan as a column, if it is proved to be one."""
        reached = None if plan is None else self.reader.measured(plan)
        if plan is None or reached is None:
            return None
        self.columns.append(Column(plan, reached, answer))
        return self.columns[-1]

    def _aim(self, given: Mapping[str, float]) -> str:
        return "D" if any(given.get(name) for name in self.costs) else "C"

    def _prove(self, found: Solution, weights: Weights, own: str, objective: bool) -> None:
        """Take what a plain problem proves, if it is more than what is known."""
        lower = found.lower
        with precision():
            if lower < math.inf and own == "D":
                spent = weights.cost_bound(self.bounds, self.costs)
                lower = self._rest(found.lower, spent, objective)
            elif lower < math.inf and own == "C":
                spent = weights.label_bound(self.bounds, self.labels, self.question.unit)
                share = exact_or_ball(weights.labels[0]) if objective else None
                lower = self._rest(found.lower, spent, objective, share)
        if not lower > self.lower:
            return
        own_weights = {"costs": list(weights.costs), "labels": list(weights.labels)}
        self.lower = lower
        self.dual = of_easier(found.certificate.dual, "weighted", objective=int(objective), **own_weights)
        self.duals = self._multipliers(found, weights, own)

    def _rest(self, lower: float, spent: Number, objective: bool, share: Number | None = None) -> float:
        value = exact_or_ball(lower) - spent
        value = value if share is None else value / share
        if objective:
            return float_below(value)
        return math.inf if value > 0 else 0.0

    def _multipliers(self, found: Solution, weights: Weights, own: str) -> dict[str, float | tuple[float, ...]]:
        """Return the multiplier of each bound."""
        duals = {name: value for name, value in found.duals.items() if name not in ("D", "C")}
        own_share = float(weights.labels[0]) if own == "C" else 1.0
        prices = {
            "D": 1.0 if own == "D" else found.duals.get("D", 0.0),
            "C": 1.0 if own == "C" else found.duals.get("C", 0.0),
        }
        named = zip((*self.costs, *self.labels), (*weights.costs, *weights.labels), strict=True)
        duals |= {name: float(weight) * prices[name[0]] for name, weight in named if name in self.bounds}  # pyright: ignore[reportOperatorIssue] (flint)
        # Of a contradiction only the ratios count.
        share = own_share or 1.0
        return {name: tuple(v / share for v in d) if isinstance(d, tuple) else d / share for name, d in duals.items()}  # pyright: ignore[reportOperatorIssue] (flint)

    def learn(self, easier: Search, name: str) -> None:
        """Take what an easier problem of this name proves, and its plan as one code, if it is one here."""
        found = easier.solve()
        self.asked += easier.asked
        if found.lower > 0:
            self.lower, self.duals = found.lower, easier.duals
            self.dual = of_easier(easier.dual, "relaxation", of=name)
        if easier.plan is not None:
            with precision():
                self._joined(replace(self.reader, merged=True).mixed([(fmpq(1), easier.plan)]))

    def descend(self, share: float, *, later: bool = False) -> None:
        """Search for a plan that is one code, in a share of the time that is left."""
        asked = self.question
        perceived = self.ball is not None or "P" in self.bounds
        if perceived or asked.clock.over or (later and asked.clock.deadline == math.inf):
            return
        part = asked.clock.part(share * asked.clock.left)
        near = [self.reader.coupling(column.plan) for column in self.columns[:_MIXED]]
        found = best_plan(replace(asked, clock=part), self.lower, [] if later else near, first=_LATER if later else 0)
        with precision():
            column = None if found is None else self._joined(self.reader.read(found))
            if column is not None:
                self._take(column.plan, column.reached)

    def seek(self) -> None:
        """Seek a plan where no mixture is one: that of a plain problem with tighter bounds, as little as will do.

        The weights are those of the last round. What they trade between two labels, or two costs, tighter bounds make up
        for.
        """
        given = self.prices(self.master())
        low, high = 0.0, 1.0
        for step in range(_SOUGHT):
            spare = min(0.01 * 4**step, 0.9) if self.upper == math.inf else (low + high) / 2
            if self.question.clock.over or spare - low < 1e-4:
                return
            before = self.upper
            self._ask_tighter(given, spare)
            self.mix()
            low, high = (low, spare) if self.upper < before else (spare, high)

    def _ask_tighter(self, given: Mapping[str, float], spare: float) -> None:
        """Solve a plain problem with bounds that are tighter by a part of what they exceed the least that there is."""
        asked, own = self.question, self.question.minimise
        weights = Weights.of(self.problem, given, own)
        plain = weights.plain(self.problem)
        bounds = weights.bounds(self.problem, self.bounds, own, asked.unit)
        least = {"C": label_given_source(plain, asked.unit)}
        least["D"] = float(plain.source_law @ plain.distortions.min(axis=1))
        for name in bounds.keys() & least.keys():
            tighter = float(bounds[name]) - spare * max(float(bounds[name]) - least[name], 0.0)
            bounds[name] = Fraction(max(tighter, least[name]))
        part = asked.clock.part(_PART * asked.clock.left)
        found = self.solver(plain, minimise=own, slope=asked.slope, unit=asked.unit, time_limit=part, **bounds)
        self.asked += 1
        self._keep(found, None)

    # The linear program over the columns

    def objective(self, reached: Mapping[str, Number]) -> Number:
        """Return what is minimised of what a plan reaches."""
        value = reached[self.question.minimise]
        if self.question.slope is not None:
            value = value + exact_or_ball(self.question.slope) * reached["R"]
        return value

    def master(self) -> Master:
        """Find the best mixture of the columns in doubles, or why none meets the bounds."""
        costs = np.array([float(self.objective(column.reached)) for column in self.columns])
        excess = [
            [
                float(column.reached[name] - exact_or_ball(self.bounds[name])) / self._unit(name)
                for column in self.columns
            ]
            for name in self.rows
        ]
        return best_mixture(costs / self.scale, np.array(excess).reshape(len(self.rows), len(self.columns)))

    def prices(self, master: Master) -> dict[str, float]:
        """Return the multiplier of each bound, at the optimum or in a contradiction."""
        size = self.scale if master.feasible else 1.0
        named = zip(self.rows, master.prices, strict=True)
        return {name: float(price * size / self._unit(name)) for name, price in named}

    def _unit(self, name: str) -> float:
        return 1.0 if name in self.labels else largest_cost(self.problem.each_cost[self.costs.index(name)].distortions)

    # The best plan

    def mix(self) -> None:
        """Find the best mixture in exact numbers; take it if it is proved to meet the bounds, and is better."""
        near = self.master().order[:_MIXED]
        with precision():
            singles = sorted(self.columns, key=lambda column: float(self.objective(column.reached)))
            for column in singles[:1] if self.convex else singles:
                self._take(column.plan, column.reached, column)
            for margin in _MARGINS:
                if self._mixed(near, margin):
                    break
            self._move_inside(near)

    def _move_inside(self, near: list[int]) -> None:
        """Tighten the cuts of the ball by what the law of the best mixture is outside of it."""
        missed = None if self.ball is None or self.outermost is None else self.ball.missed(self.outermost_law)
        for _ in range(_INWARDS if missed else 0):
            missed = 2 * missed  # pyright: ignore[reportOperatorIssue] (flint)
            if self._mixed(near, _MARGINS[1], missed):
                break

    @property
    def _is_closed(self) -> bool:
        return is_closed(self.lower, self.upper, self.question.tolerance, self.scale)

    @property
    def outermost_law(self) -> list[Number]:
        """The output law of the best mixture."""
        return self.reader.law(self.outermost or [])

    def _mixed(self, near: list[int], margin: fmpq, inside: fmpq | int = 0) -> bool:
        """Look for a mixture that meets tightened bounds; return whether they are tight enough."""
        columns = [self.columns[j] for j in near]
        # No more than the upper end: plans of plain problems are on the border, and closer than any margin.
        rows = [[_upper_end(c.reached[name]) for name in self.rows] for c in columns]
        slack = [[fmpq(0), *(fmpq(int(i == j)) for j in range(len(self.rows)))] for i in range(len(self.rows))]
        bounds = [rational_below(exact_or_ball(self.bounds[name])) for name in self.rows]
        bounds = [b - margin * max(abs(b), fmpq(1, 10**6)) for b in bounds]
        bounds = [b - inside if name in self.cuts else b for name, b in zip(self.rows, bounds, strict=True)]
        costs = [rational_middle(self.objective(c.reached)) for c in columns] + [fmpq(0)] * len(self.rows)
        vertex = optimum(
            [[fmpq(1), *row] for row in rows] + slack, costs, [fmpq(1), *bounds], clock=self.question.clock
        )
        if vertex.missed:
            return True
        shares = {j: w for j, w in zip(vertex.basis, vertex.values, strict=True) if j < len(columns) and w > 0}
        if len(shares) == 1:
            (j,) = shares
            self._see(columns[j].plan, columns[j].reached, inside)
            return self._take(columns[j].plan, columns[j].reached, columns[j])
        mixed = self.reader.mixed([(w, columns[j].plan) for j, w in shares.items()])
        reached = None if mixed is None else self.reader.measured(mixed)
        if mixed is None or reached is None:
            return False
        # Whoever checks it may round in between.
        reached = {name: arb(v) + arb(0, abs(arb(v)) / 2**160) for name, v in reached.items()}
        self._see(mixed, reached, inside)
        return self._take(mixed, reached)

    def _see(self, plan: Plan, reached: dict[str, Number], inside: fmpq | int) -> None:
        """Keep the best mixture for the cuts of the ball."""
        if not inside:
            self.outermost, self.outer = plan, float_above(self.objective(reached))

    def _take(self, plan: Plan, reached: dict[str, Number], whole: Column | None = None) -> bool:
        """Take a plan if it is proved to meet the bounds and better than the one before; whether it meets them."""
        if not all(reached[name] <= exact_or_ball(self.bounds[name]) for name in self.rows):
            return False
        if self.ball is not None and not self.ball.holds(self.reader.law(plan)):
            return False
        upper = float_above(self.objective(reached))
        found = None if whole is None else whole.found
        if found is not None and self.question.minimise == found.minimise == "R":
            upper = min(upper, found.upper)
        if upper < self.upper:
            self.upper, self.plan = upper, plan
            self.primal = self.reader.written(plan) if found is None else found.certificate.primal
        return True

    # The search

    def solve(self) -> Solution:
        """Ask plain problems until the gap is closed, nothing more is found, or time is up."""
        if self.lower == math.inf or (self.columns and self._is_done()):
            return self.answer()
        for given in [] if self.cuts and self.columns else self._first():
            self.ask(given)
            if self.lower == math.inf or self._is_done():
                return self.answer()
        if not self.convex:
            self.descend(_DESCENT)
        most = self.asked + (_ROUNDS if self.convex else _SEARCHES)
        clock = self.question.clock if self.convex else self.question.clock.part(self.question.clock.left / 2)
        while self.asked < most and not clock.over:
            if not self.columns and self.rows:
                self.ask({name: 1.0 / self._unit(name) for name in self.rows}, objective=False)
            if self.lower == math.inf or not self.columns:
                break
            master = self.master()
            given, feasible = self.prices(master), master.feasible
            known, before = len(self.columns), self.lower
            self.ask(given, objective=feasible)
            if self.lower == math.inf or (feasible and self._is_done()):
                break
            fresh = len(self.columns) > known and self._improves(self.columns[-1], given, feasible)
            if not fresh and not (feasible and self.lower > before):
                break
        return self.answer()

    def _first(self) -> list[dict[str, float]]:
        """Return the multipliers to begin with: each bound alone."""
        if self.question.minimise == "D":
            labels = [name for name in self.labels if name in self.bounds]
            return [{name: 1.0} for name in (labels[:1] if self.convex else labels)] or [{}]
        return [{name: 1.0} for name in self.rows] or [{}]

    def _improves(self, column: Column, given: Mapping[str, float], feasible: bool) -> bool:
        """Whether the last column is cheaper than all others at the multipliers that it was found at."""

        def cost(c: Column) -> float:
            own = float(self.objective(c.reached)) if feasible else 0.0
            return own + sum(v * float(c.reached[name]) for name, v in given.items())

        size = self.scale if feasible else 1.0
        return cost(column) < min(map(cost, self.columns[:-1]), default=math.inf) - 1e-14 * size

    def _is_done(self) -> bool:
        """Whether what is proved is as near to the best mixture as required."""
        roughly = self.master().value * self.scale
        if self.rough and roughly < math.inf:
            close = roughly - self.lower <= self.rough * max(self.scale, abs(roughly))
            if close:
                self.mix()
            return close
        if not self.lower >= roughly - _NEARLY * self.question.tolerance * max(self.scale, abs(roughly)):
            # Exact numbers take long, and would not be enough.
            return False
        self.mix()
        upper = self.upper if self.ball is None else min(self.upper, self.outer)
        return is_closed(self.lower, max(self.lower, upper), self.question.tolerance, self.scale)

    def answer(self) -> Solution:
        """Return what was found."""
        asked = self.question
        how = [column.found.method for column in self.columns if column.found is not None]
        method = f"weighted costs and labels, {self.asked} plain problems"
        method += f" ({how[-1]})" if how else ""
        if self.lower == math.inf:
            return self.packed(math.inf, math.inf, method)
        if self.columns and self.upper == math.inf:
            self.mix()
        if not self.convex and not self._is_closed:
            if self.columns and (self.upper == math.inf or "P" in self.bounds or self.ball is not None):
                self.seek()
            self.descend(1.0, later=True)
        status = status_of(self.lower, max(self.lower, self.upper), asked.tolerance, scale=self.scale)
        if status not in ("optimal", "infeasible") and asked.clock.stopped:
            method += "; stopped"
        return self.packed(min(self.lower, self.upper), self.upper, method)

    def packed(self, lower: float, upper: float, method: str) -> Solution:
        """Return the answer with these bounds, and what the best plan reaches."""
        asked, reached, value = about(self.question, self.about or self.problem), {}, lower
        if self.plan is not None and upper < math.inf:
            with precision():
                everything = replace(self.reader, names=frozenset(("R", *self.costs, *self.labels)))
                exactly = everything.measured(self.plan) or {}
                value = min(max(float(self.objective(exactly)), lower), upper)
                reached = self._fields({name: float(v) for name, v in exactly.items()})
        sees = {"YU": "Y,U", "Z": "Z", "Y": "Y,Q" if self.problem.time_sharing else "Y"}[self.problem.classifier_sees]
        return asked.answered(
            lower,
            upper,
            self.dual,
            method,
            primal=self.primal,
            value=value,
            duals=self.duals,
            sees=sees,
            uncertainty=self.problem.uncertainty,
            slope=None if asked.slope is None else float(asked.slope),
            measure=(self.problem.perception or "") if "P" in self.bounds else "",
            **reached,
        )

    def _fields(self, reached: dict[str, float]) -> dict[str, Any]:
        """Return the fields of a solution that say what the plan is and reaches."""
        plan, reader, problem = self.plan or [], self.reader, self.problem
        found: dict[str, Any] = {
            "rate": reached["R"],
            "distortion": reached["D"],
            "classification": reached["C"],
            "further": {name: v for name, v in reached.items() if name not in ("R", "D", "C")},
            "coupling": reader.coupling(plan),
        }
        if "P" in self.bounds:
            found["perception"] = reader.perception(plan)
        if problem.time_sharing:
            found["mixture"] = tuple((float(w), reader.coupling([(fmpq(1), code)])) for w, code in plan)
            if all(code.maps for _, code in plan):
                found["plans"] = tuple(tuple((float(v), f) for v, f in code.maps) for _, code in plan)
        elif problem.setting == "one-shot":
            maps = ((float(w * v), f) for w, code in plan for v, f in code.maps)
            found["plan"] = tuple(sorted(maps, reverse=True))
        elif problem.classifier_sees == "Z" and not reader.merged:
            found["messages"] = _messages(plan)
        return found


def _upper_end(value: Number) -> fmpq:
    return value.upper().fmpq() if isinstance(value, arb) else value


def _messages(plan: Plan) -> tuple:
    """Return how likely each message is, its output letter and the posterior that it leaves."""
    found = []
    for w, code in plan:
        for y, column in zip(code.letters, zip(*code.joint, strict=True), strict=True):
            masses = np.array([float(m) for m in column])
            if masses.sum() > 0:
                found.append((float(w) * float(masses.sum()), int(y), masses / masses.sum()))
    return tuple(sorted(found, key=lambda message: -message[0]))


def about(question: Question, answered: Finite) -> Question:
    """Return a question about the classifier, and the time sharing, of the problem that was answered instead."""
    told = {"classifier_sees": answered.classifier_sees, "time_sharing": answered.time_sharing}
    return replace(question, problem=replace(question.problem, **told))


def informed(several: Search) -> Search:
    """Let a search know what the problem of a classifier that is told more proves."""
    question = several.question
    easier = _easier(question) if several.told else None
    if easier is not None:
        name, problem = easier
        part = question.clock.part(_EASIER * question.clock.left)
        several.learn(Search(several.solver, replace(question, problem=problem, clock=part)), name)
    return several


def _easier(question: Question) -> tuple[str, Finite] | None:
    """Return the convex problem in which a classifier of `Y` is told more, and how a certificate calls it."""
    problem = question.problem
    if problem.classifier_sees != "Y" or (problem.setting == "asymptotic" and "P" in question.bounds):
        return None
    name, sees = ("message", "Z") if problem.setting == "asymptotic" else ("one-shot YU", "YU")
    if question.slope is not None and sees == "YU":
        return None
    return name, replace(problem, classifier_sees=sees, time_sharing=False)
