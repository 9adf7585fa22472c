"""Column generation: of all maps, only those join the program that would improve it ([dantzig1960]).

A restricted master program over the maps known so far gives multipliers. Descent from many starts looks for maps whose
reduced cost is negative (for few letters a table of their subsets does); they join, until none is found. Then the master is
solved exactly, and its multipliers are priced by a method that *proves* how small a reduced cost can be: from this alone,
and never from what descent missed or from what a solver says of itself, comes the lower bound. Maps that the proof turns up
join as well.

Multipliers of early rounds jump about, because a master over few maps is degenerate; so each round also prices a point
between them and the best ones so far ([wentges1997]).
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from drc.solvers.one_shot.exact import solve_certainly
from drc.solvers.one_shot.letters import Letters
from drc.solvers.one_shot.lift import lifted
from drc.solvers.one_shot.master import Master, MasterSolution
from drc.solvers.one_shot.multipliers import Multipliers
from drc.solvers.one_shot.program import Program, dual_bound, primal_bound
from drc.solvers.one_shot.proof import is_closed, lower_bound
from drc.solvers.one_shot.proposal import Found
from drc.solvers.one_shot.subset_table import MOST, SubsetTable
from drc.solvers.one_shot.vertex import Answer
from drc.solvers.pricing import Priced, find_maps, price

#: How many maps join in one round, and from how many random cells descent starts.
_JOIN, _STARTS = 24, 24

#: How many maps join in one round if a table finds the cheapest.
_TABLED = 10

#: What counts as an improvement for descent, relative to the objective; the exact finish does not know this number.
_SLIGHT = 1e-10

#: How many rounds descent has before a proof is asked for.
_ROUNDS = 400

#: How many maps the exact program takes beside those in use.
_EXACT = 48


@dataclass(eq=False)
class Generation:
    """The state of column generation: the maps that have joined, and the master program over them.

    Attributes
    ----------
    program : Program
    letters : Letters
    master : Master
    maps : list of array
        The maps that are in the master, in its order.
    """

    program: Program
    letters: Letters
    master: Master
    scales: dict[str, float]
    maps: list[np.ndarray] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)
    feasible: bool = False
    best: Multipliers | None = None
    best_bound: float = -np.inf
    last: MasterSolution | None = None
    extra: list[int] = field(default_factory=list)
    drawn: int = 0
    exactly: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, program: Program, pool: list[int]) -> Generation:
        """Start with the constant maps, the nearest one, and those of a pool."""
        maps, letters = program.maps, Letters.of(program.maps)
        finite = np.where(np.isfinite(letters.distortion), letters.distortion, 0.0)
        scale = float(finite.max(axis=1).sum())
        scales = {"D": scale if 1e-250 < scale < 1e250 else 1.0, "R": 1.0, "C": 1.0}
        target = np.ones(1) if maps.target is None else np.array([float(p) for p in maps.target])
        below = np.array([float(bound) / scales[name] for name, bound in program.b.items()])
        made = cls(program, letters, Master(target, below), scales)
        nearest = letters.distortion.argmin(axis=1)
        made.join(np.array([nearest, *(maps.assignment(f) for f in [*maps.constants.values(), *pool])]))
        return made

    def join(self, maps: np.ndarray) -> int:
        """Let maps join the master; return how many were new."""
        fresh = []
        for row in np.asarray(maps, dtype=np.int64):
            key = row.tobytes()
            if key not in self.known and np.isfinite(self.letters.distortion[np.arange(len(row)), row]).all():
                self.known.add(key)
                fresh.append(row)
        if fresh:
            found = self.letters.evaluate(np.array(fresh))
            laws = found.law.T if self.program.maps.target is not None else np.ones((1, len(fresh)))
            rows = [found.quantity(name)[None] / self.scales[name] for name in self.program.b]
            minimise = self.program.minimise
            self.master.add(np.vstack([laws, *rows]), found.quantity(minimise) / self.scales[minimise])
            self.maps.extend(fresh)
        return len(fresh)

    def multipliers(self, solved: MasterSolution) -> Multipliers:
        """The multipliers of a solution of the master, in the units of the problem."""
        target = self.program.maps.target
        objective = self.program.minimise if self.feasible else None
        unit = self.scales[objective] if objective else 1.0
        equations = 1 if target is None else len(target)
        law, rest = solved.duals[:equations] * unit, np.maximum(-solved.duals[equations:], 0.0) * unit
        duals = {name: float(v / self.scales[name]) for name, v in zip(self.program.b, rest, strict=True)}
        free = target is None
        n_Y = self.letters.distortion.shape[1]
        return Multipliers(objective, duals, np.zeros(n_Y) if free else law, float(law[0]) if free else 0.0)

    @cached_property
    def table(self) -> SubsetTable | None:
        """All subsets of the letters, if there are few."""
        return SubsetTable.of(self.letters) if len(self.letters.masses) <= MOST else None

    def search(self, at: Multipliers, solved: MasterSolution) -> tuple[np.ndarray, np.ndarray]:
        """Look for cheap maps: among all of them, or by descent from those in use and from random cells."""
        cells = at.cells(self.letters)
        if self.table is not None:
            return self.table.cheapest(cells, _TABLED)
        used = np.array([self.maps[j] for j in np.flatnonzero(solved.basic)])
        self.drawn += 1
        return find_maps(cells, starts=_STARTS, seed=self.drawn, known=used)

    def round(self, deadline: float) -> tuple[MasterSolution, int]:
        """Solve the master and let maps join; return the solution, and how many joined."""
        solved = self.master.solve(feasibility=not self.feasible, seconds=deadline - time.monotonic())
        if not self.feasible and solved.optimal and solved.value <= 1e-10:
            self.feasible, self.best, self.best_bound = True, None, -np.inf
            solved = self.master.solve(seconds=deadline - time.monotonic())
        self.last = solved
        if not solved.optimal:
            return solved, 0
        at = self.multipliers(solved)
        points = [at] if self.best is None or self.table is not None else [at, at.between(self.best, 0.5)]
        joined = 0
        for point in points:
            maps, values = self.search(point, solved)
            bound = point.bound(self.program, float(values[0]))
            if bound > self.best_bound:
                self.best, self.best_bound = point, bound
            reduced = values if point is at else at.cells(self.letters).prices(maps)
            slight = _SLIGHT * self.scales[at.objective] if at.objective else _SLIGHT
            good = maps[reduced < at.threshold - slight]
            joined += self.join(good[:_JOIN])
        return solved, joined

    def generate(self, deadline: float) -> None:
        """Go on until descent finds nothing more, or time is up."""
        for _ in range(_ROUNDS):
            _, joined = self.round(deadline)
            if not joined or time.monotonic() > deadline:
                break

    def active(self) -> tuple[list[int], list[int]]:
        """Return the indices of maps worth an exact look, and of those that seem to carry the optimum."""
        solved = self.last
        if solved is None or not solved.optimal or not self.maps:
            return list(dict.fromkeys(self.extra)), []
        at = self.multipliers(solved)
        index = self.program.maps.index
        basic = [index(self.maps[j]) for j in np.flatnonzero(solved.basic)]
        reduced = at.cells(self.letters).prices(np.array(self.maps)) - at.threshold
        slight = 1e-7 * (self.scales[at.objective] if at.objective else 1.0)
        near = [index(self.maps[j]) for j in np.argsort(reduced)[:_EXACT] if reduced[j] <= slight]
        return list(dict.fromkeys([*basic, *near, *self.extra[-_EXACT:]])), basic

    def exact(self, deadline: float, tolerance: float, *, whole: bool = False) -> tuple[Answer, Priced]:
        """Solve the master exactly, and prove how small the price of a map can be under its multipliers.

        With `whole`, no map below the threshold ends the proof before it is complete.
        """
        maps = self.program.maps
        indices, support = self.active()
        self.exactly = {*indices, *maps.constants.values()}
        answer = solve_certainly(self.program, indices, support)
        objective = None if answer.weights is None else self.program.minimise
        known = np.array([maps.assignment(f) for f in self.exactly])
        at = Multipliers.of(self.letters, objective, answer, known)
        value = at.bound(self.program, at.threshold)
        # Half the tolerance, or half of what proves infeasibility, is left for the pricing.
        room = 0.5 * (tolerance * max(1.0, abs(value)) if objective else abs(value))
        threshold = None if whole or not len(known) else at.threshold - room
        # The table has found the cheapest map already; descent need not look for it once more.
        starts = {"starts": 0} if self.table is not None else {"known": known if len(known) else None}
        priced = price(at.cells(self.letters), threshold=threshold, deadline=deadline, **starts)
        return at.answer(self.program, answer.weights, priced.lower, lifted(priced.proof, maps)), priced

    def join_proved(self, maps: np.ndarray) -> int:
        """Let maps join that the proof turned up, the exact program too; return how many the latter did not know."""
        self.join(maps[:_JOIN])
        fresh = [f for f in map(self.program.maps.index, maps[:_JOIN]) if f not in self.exactly]
        self.extra.extend(fresh)
        return len(fresh)


def generated(program: Program, pool: list[int], deadline: float, tolerance: float) -> Found:
    """Solve a program over more maps than can be enumerated.

    Parameters
    ----------
    program : Program
    pool : list of int
        Maps to start from.
    deadline : float
        The value of `time.monotonic()` at which to stop; Ctrl-C stops as well.
    tolerance : float
        The gap that counts as closed.

    Returns
    -------
    Found
    """
    state = Generation.of(program, pool)
    answers: list[Answer] = []
    stopped, how = None, "nothing"
    try:
        for answer, priced in _rounds(state, deadline, tolerance):
            answers.append(answer)
            how = priced.method
            if priced.status == "interrupted":
                stopped = "interrupted"
                break
    except KeyboardInterrupt:
        stopped = "interrupted"
    if not answers:
        answers.append(state.exact(-math.inf, tolerance)[0])
    if stopped is None and time.monotonic() > deadline:
        stopped = "time limit"
    count = f"{len(state.maps)} maps priced in of {_shown(program.maps.count)}"
    return Found(answers, f"column generation, {count}, proved by {how}", stopped)


def _rounds(state: Generation, deadline: float, tolerance: float) -> Iterator[tuple[Answer, Priced]]:
    """Generate, solve exactly and prove, until the gap is closed, time is up, or nothing new turns up."""
    whole = False
    while True:
        state.generate(deadline)
        answer, priced = state.exact(deadline, tolerance, whole=whole)
        yield answer, priced
        if whole or time.monotonic() > deadline or _settled(state.program, answer, tolerance):
            return
        # Maps that are known already can look cheap by rounding only: the next proof is about all others.
        whole = not state.join_proved(priced.maps)


def _settled(program: Program, answer: Answer, tolerance: float) -> bool:
    """Tell whether an answer alone is an optimum, or a proof that there is none."""
    if answer.weights is None:
        bound = dual_bound(program, None, answer.duals, answer.target_duals, answer.price)
        return bound is not None and bool(bound > 0)
    cost = primal_bound(program, answer.weights)
    return cost is not None and is_closed(lower_bound(program, answer), float(cost), tolerance)


def _shown(count: int) -> str:
    """Write a number of maps, which may be too large for a double."""
    if count < 10**6:
        return str(count)
    digits = str(count)
    return f"{digits[0]}.{digits[1]}e{len(digits) - 1}"
