"""Column generation: of all maps, only those join the program that would improve it ([dantzig1960]).

A restricted master program over the maps known so far gives multipliers. Descent from many starts looks for maps whose
reduced cost is negative (for few letters a table of their subsets does); they join, until none is found. Then the master is
solved exactly, and its multipliers are priced by a method that *proves* how small a reduced cost can be: from this alone,
and never from what descent missed or from what a solver says of itself, comes the lower bound. Maps that the proof turns up
join as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import precision
from drc.solvers.finite.one_shot_yu.law_ball import Point
from drc.solvers.finite.one_shot_yu.multipliers import Letters, Multipliers, guesses
from drc.solvers.finite.one_shot_yu.program import Program, dual_bound
from drc.solvers.finite.one_shot_yu.proof import cost_proved, lifted, lower_bound
from drc.solvers.finite.one_shot_yu.vertex import Answer, solve_certainly
from drc.solvers.finite.pricing import Priced, find_maps, price
from drc.solvers.finite.pricing.cells import unseen
from drc.solvers.finite.pricing.subsets import Subsets
from drc.solvers.highs import Master, Optimum
from drc.solvers.request import Clock

#: How many maps join in one round, and from how many random cells descent starts.
_JOIN, _STARTS = 24, 24

#: For this few letters the subsets are tabulated, and this many of the cheapest maps of all join in one round.
_FEW, _TABLED = 9, 12

#: What counts as an improvement for descent, relative to the objective; the exact finish does not know this number.
_SLIGHT = 1e-10

#: By how much the rows of the master may be missed by rounding.
_MISSED = 1e-10

#: How many rounds descent has before a proof is requested.
_ROUNDS = 400

#: How many maps are returned of those that joined.
_LATEST = 200

#: How many maps the exact program takes beside those in use.
_EXACT = 48


@dataclass(eq=False)
class Generation:
    """The state of column generation: the maps that have joined, and the master program over them.

    If no map of the table would improve the last master, `checked` has its multipliers, and the cheapest maps with their
    prices. If it is not `proving`, prices of maps are searched only.
    """

    program: Program
    letters: Letters
    master: Master
    scales: dict[str, float]
    columns: list[np.ndarray | Point] = field(default_factory=list)
    known: set[bytes] = field(default_factory=set)
    feasible: bool = False
    last: Optimum | None = None
    extra: list[int] = field(default_factory=list)
    drawn: int = 0
    fresh: int = 0
    exactly: set[int] = field(default_factory=set)
    checked: tuple[Multipliers, np.ndarray, np.ndarray] | None = None
    proving: bool = True

    @classmethod
    def of(cls, program: Program, pool: list[int]) -> Generation:
        """Start with the constant maps, the nearest one, those of a pool, and some that are cheap under guesses."""
        maps, letters = program.maps, Letters.of(program.maps)
        scales = {"D": letters.spread if 1e-250 < letters.spread < 1e250 else 1.0, "R": 1.0, "C": 1.0}
        target = np.ones(1) if maps.target is None else np.array([float(p) for p in maps.target])
        if program.ball is not None:
            target = np.r_[np.zeros(len(maps.ys)), 1.0]
        below = np.array([float(bound) / scales[name] for name, bound in program.b.items()])
        made = cls(program, letters, Master(target, below), scales)
        nearest = letters.distortion.argmin(axis=1)
        first = [np.array([nearest, *(maps.assignment(f) for f in [*maps.constants.values(), *pool])])]
        if made.table is not None:
            terms = [at.terms(letters) for at in guesses(program, letters)]
            first += [*made.table.cheapest_of_each(terms, _TABLED)[0]]
        made.join(np.concatenate(first))
        if program.ball is not None:
            with precision(program.maps.bits):
                made.join_law(program.ball.centre())
        return made

    @property
    def maps(self) -> list[np.ndarray]:
        """The maps that are in the master."""
        return [column for column in self.columns if not isinstance(column, Point)]

    def basic(self) -> tuple[list[np.ndarray], list[Point]]:
        """The maps and the laws in the basis of the last master."""
        solved = self.last
        if solved is None or not solved.optimal:
            return [], []
        used = [self.columns[j] for j in self.master.basic()]
        maps = [column for column in used if not isinstance(column, Point)]
        return maps, [column for column in used if isinstance(column, Point)]

    def join_law(self, point: Point | None) -> None:
        """Let a law of the ball join the master."""
        if point is not None:
            law = [-float(q) for q in point.law]
            self.master.add(np.array([*law, 1.0, *[0.0] * len(self.program.b)])[:, None], np.zeros(1))
            self.columns.append(point)

    def join(self, maps: np.ndarray) -> int:
        """Let maps join the master; return how many were new."""
        fresh = unseen(self.letters.allowed(np.asarray(maps, dtype=np.int64)), self.known)
        if len(fresh):
            found = self.letters.evaluate(fresh)
            laws = found["law"].T
            if self.program.ball is not None:
                laws = np.vstack([laws, np.zeros(len(fresh))])
            elif self.program.maps.target is None:
                laws = np.ones((1, len(fresh)))
            rows = [found[name][None] / self.scales[name] for name in self.program.b]
            minimise = self.program.minimise
            self.master.add(np.vstack([laws, *rows]), found[minimise] / self.scales[minimise])
            self.columns.extend(fresh)
        return len(fresh)

    def multipliers(self, solved: Optimum) -> Multipliers:
        """The multipliers of a solution of the master, in the units of the problem."""
        n_Y, ball = self.letters.distortion.shape[1], self.program.ball
        objective = self.program.minimise if self.feasible else None
        unit = self.scales[objective] if objective else 1.0
        free = self.program.maps.target is None and ball is None
        equations = 1 if free else n_Y + (ball is not None)
        law, rest = solved.y[:equations] * unit, np.maximum(-solved.y[equations:], 0.0) * unit
        duals = {name: float(v / self.scales[name]) for name, v in zip(self.program.b, rest, strict=True)}
        if free:
            return Multipliers(objective, duals, np.zeros(n_Y), float(law[0]))
        return Multipliers(objective, duals, law[:n_Y])

    def with_law(self, at: Multipliers) -> tuple[Multipliers, int]:
        """Add the multiplier of P; the law that it comes from joins if it is cheaper than those that have. Count it."""
        ball = self.program.ball
        if ball is None:
            return at, 0
        with precision(self.program.maps.bits):
            point, kappa = ball.cheapest(at.target)
        costs = [float(np.dot(at.target, [float(q) for q in law.law])) for law in (point, *self.laws())]
        slight = _SLIGHT * (self.scales[at.objective] if at.objective else 1.0)
        cheaper = costs[0] < min(costs[1:], default=np.inf) - slight
        if cheaper:
            self.join_law(point)
        return replace(at, duals=at.duals | {"P": kappa}), int(cheaper)

    def laws(self) -> list[Point]:
        """The laws of the ball that are in the master."""
        return [column for column in self.columns if isinstance(column, Point)]

    @cached_property
    def table(self) -> Subsets | None:
        """All subsets of the letters, if there are few."""
        return Subsets.of(self.letters.masses) if len(self.letters.masses) <= _FEW else None

    def search(self, at: Multipliers, below: float, clock: Clock) -> tuple[np.ndarray, np.ndarray]:
        """Look for cheap maps: among all of them, or by descent from those in use and from random cells."""
        if self.table is not None:
            return self.table.cheapest(*at.terms(self.letters), _TABLED, below)
        self.drawn += 1
        return find_maps(
            at.cells(self.letters), starts=_STARTS, seed=self.drawn, known=np.array(self.basic()[0]), clock=clock
        )

    def _solved(self, clock: Clock) -> Optimum:
        """Solve the master; as long as no plan is feasible, minimise by how much the rows are missed."""
        if self.last is None:
            # With a price on what is missed, the first solution is often feasible at once.
            solved = self.master.solve("both", seconds=clock.left)
            self.feasible = solved.missed <= _MISSED
            if self.feasible:
                return solved
        if not self.feasible:
            solved = self.master.solve("feasible", seconds=clock.left)
            if solved.missed > _MISSED:
                return solved
            self.feasible = True
        return self.master.solve("best", seconds=clock.left)

    def round(self, clock: Clock) -> tuple[Optimum, int]:
        """Solve the master and let maps join; return the solution, and how many joined."""
        self.last = solved = self._solved(clock)
        if not solved.optimal:
            return solved, 0
        at, joined = self.with_law(self.multipliers(solved))
        slight = _SLIGHT * (self.scales[at.objective] if at.objective else 1.0)
        maps, values = self.search(at, at.threshold - slight, clock)
        joined += self.join(maps[values < at.threshold - slight][:_JOIN])
        self.checked = (at, maps, values) if self.table is not None and not joined else None
        return solved, joined

    def generate(self, clock: Clock) -> None:
        """Go on until descent finds nothing more, or time is up."""
        for _ in range(_ROUNDS):
            _, joined = self.round(clock)
            if not joined or clock.over:
                break

    def active(self) -> tuple[list[int], list[int]]:
        """Return the indices of maps worth an exact look, and of those that seem to carry the optimum."""
        solved = self.last
        if solved is None or not solved.optimal:
            return list(dict.fromkeys(self.extra)), []
        index = self.program.maps.index
        basic = [index(row) for row in self.basic()[0]]
        cheap = [self.columns[j] for j in np.argsort(solved.reduced)[:_EXACT] if solved.reduced[j] <= 1e-7]
        # Those that joined after it are cheap as well; there are some if time was over.
        cheap += self.columns[len(solved.reduced) :]
        near = [index(column) for column in cheap if not isinstance(column, Point)]
        return list(dict.fromkeys([*basic, *near, *self.extra[-_EXACT:]])), basic

    def exact(self, clock: Clock, tolerance: float, *, whole: bool = False) -> tuple[Answer, Priced]:
        """Solve the master exactly, and prove how small the price of a map can be.

        With `whole`, no map below the threshold ends the proof before it is complete.
        """
        indices, support = self.active()
        self.exactly = set(indices or self.program.maps.constants.values())
        points = list(dict.fromkeys([*self.basic()[1], *reversed(self.laws())]))[:_EXACT]
        answer = solve_certainly(self.program, indices, support, clock, points)
        if self.checked is not None and answer.weights is not None:
            # The last round priced all maps already, under multipliers that are nearly the exact ones.
            found, priced = self._with_bound(answer, self.checked[0], self._tabled(*self.checked))
            if _settled(self.program, found, tolerance):
                return found, priced
        objective = None if answer.weights is None else self.program.minimise
        at, self.fresh = self.with_law(Multipliers.of(self.letters, objective, answer))
        known = np.array([self.program.maps.assignment(f) for f in self.exactly])
        least = float(at.cells(self.letters).prices(known).min()) if len(known) else 0.0
        value = at.bound(self.program, least)
        # Half the tolerance, or half of what proves infeasibility, is left for the pricing.
        room = 0.5 * (tolerance * self.program.scale if objective else abs(value))
        threshold = None if whole or not len(known) else least - room
        return self._with_bound(answer, at, self._priced(at, threshold, clock, known))

    def _with_bound(self, answer: Answer, at: Multipliers, priced: Priced) -> tuple[Answer, Priced]:
        """The weights of an answer, with multipliers under which all maps were priced."""
        proof = lifted(priced.proof, self.program.maps, labelled=bool(at.weight("C")))
        return at.answer(self.program, answer, priced.lower, proof), priced

    def _tabled(self, at: Multipliers, maps: np.ndarray, prices: np.ndarray) -> Priced:
        """What the cheapest maps of the table prove."""
        cells = at.cells(self.letters)
        lower = self.table.proved(cells, float(prices[0])) if self.table and len(prices) else np.inf
        method = f"subsets: {cells.n_X} kinds of letters, all sets of which can be visited"
        return Priced(lower, maps, prices, "proved", method, {"kind": "subsets"})

    def _priced(self, at: Multipliers, threshold: float | None, clock: Clock, known: np.ndarray) -> Priced:
        if self.table is not None:
            # The table finds the cheapest map; descent need not look for it before.
            return self._tabled(at, *self.search(at, np.inf if threshold is None else threshold, clock))
        # The proof is about the letters one by one, as the checker reads it.
        sizes = [len(group) for group in self.program.maps.groups]
        cells = at.cells(Letters.one_by_one(self.program.maps))
        spread = np.repeat(known, sizes, axis=1) if len(known) else None
        priced = price(cells, threshold=threshold, clock=clock, known=spread, proving=self.proving)
        return replace(priced, maps=priced.maps[:, np.cumsum([0, *sizes[:-1]])])

    def join_proved(self, maps: np.ndarray) -> int:
        """Let maps join that the proof turned up, the exact program too; return how many the latter did not know."""
        self.join(maps[:_JOIN])
        fresh = [f for f in map(self.program.maps.index, maps[:_JOIN]) if f not in self.exactly]
        self.extra.extend(fresh)
        return len(fresh) + self.fresh


def generated(program: Program, pool: list[int], clock: Clock, tolerance: float) -> tuple[list[Answer], str]:
    """Solve a program over more maps than can be enumerated; return answers and the method.

    The maps of a pool are there from the start; `tolerance` is the gap that counts as closed.
    """
    return _generated(Generation.of(program, pool), clock, tolerance)


def searched(program: Program, pool: list[int], clock: Clock, tolerance: float) -> tuple[list[Answer], str, np.ndarray]:
    """Do the same, but prove nothing of the prices of maps; return the maps in use and the latest ones, too."""
    state = Generation.of(program, pool)
    state.proving = False
    answers, how = _generated(state, clock, tolerance)
    return answers, how, np.array([*state.basic()[0], *state.maps[-_LATEST:]])


def _generated(state: Generation, clock: Clock, tolerance: float) -> tuple[list[Answer], str]:
    program = state.program
    free = program.maps.target is None and program.ball is None
    zeros = () if free else (fmpq(0),) * len(program.maps.ys)
    if program.ball is not None and not state.laws():
        # No law is so near to the reference: a price of zero per unit of mass, and one per unit of P, say so.
        answer = Answer(None, {"P": fmpq(1)}, zeros, fmpq(0), lifted(None, program.maps))
        return [answer], "even the law nearest to the reference is too far from it"
    answers: list[Answer] = []
    how = "nothing"
    for answer, priced in _rounds(state, clock, tolerance):
        answers.append(answer)
        how = priced.method
    count = f"{len(state.maps)} maps priced in of {_shown(program.maps.count)}"
    return answers, f"column generation, {count}, proved by {how}"


def _rounds(state: Generation, clock: Clock, tolerance: float) -> Iterator[tuple[Answer, Priced]]:
    """Generate, solve exactly and prove, until the gap is closed, time is up, or nothing new turns up."""
    whole = False
    while True:
        state.generate(clock)
        answer, priced = state.exact(clock, tolerance, whole=whole)
        yield answer, priced
        if whole or clock.over or _settled(state.program, answer, tolerance):
            return
        # Maps that are known already can look cheap by rounding only: the next proof is about all others.
        whole = not state.join_proved(priced.maps)


def _settled(program: Program, answer: Answer, tolerance: float) -> bool:
    """Tell whether an answer alone is an optimum, or a proof that there is none."""
    if answer.weights is None:
        bound = dual_bound(program, None, answer.duals, answer.target_duals, answer.price)
        return bound is not None and bool(bound > 0)
    cost, lower = cost_proved(program, answer), lower_bound(program, answer)
    return cost is not None and float(cost) - lower <= tolerance * program.scale


def _shown(count: int) -> str:
    """Write a number of maps, which may be too large for a double."""
    if count < 10**6:
        return str(count)
    digits = str(count)
    return f"{digits[0]}.{digits[1]}e{len(digits) - 1}"
