"""One shot, the classifier sees Y, too many maps to list: plans by column generation, the label's entropy by tangents.

With fixed posteriors `r` of the label the cross-entropy `-sum_s t_{y,s} log r(s|y)` is linear in the weights of maps, and so
is a program over them; cheap maps come from descents ([chou1989], [dantzig1960]). It is never below the entropy, so a mix
that meets the bound on the one meets that on the other; with the posteriors of its own law the next program is at least as
good ([tishby1999]). Lower bounds come from easier problems.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from drc.solvers.arithmetic.balls import exact_or_ball, float_above
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.label_from_y.boxes import posteriors_of, tangent_slopes
from drc.solvers.finite.label_from_y.plans import Mix, mix
from drc.solvers.finite.pricing import Cells, find_maps
from drc.solvers.finite.pricing.cells import unseen
from drc.solvers.highs import Master, Optimum, linear_program

#: Random starts of each descent, maps that join in a round, and rounds with one choice of posteriors.
_STARTS, _JOIN, _ROUNDS = 12, 24, 60

#: How often the posteriors change, and by how much a program must gain for that, as a part of the scale.
_TURNS, _GAIN = 60, 1e-7

#: A mix that misses bounds is followed as long as it misses this part of what it missed before.
_HOPE = 0.995

#: A map joins if it costs less than nothing by more than this.
_SLIGHT = 1e-10

#: What is missed of the rows by less is rounding.
_MISSED = 1e-9

#: By which part the posteriors of a mix are moved to those of the label itself, and by how much of noise.
_SHAKEN = ((0.01, 0.1), (0.03, 0.3), (0.1, 0.6))

#: The most maps that are kept from one choice of posteriors to the next.
_POOL = 2000

#: By how much nearer than asked the bounds are met, and what is left to constant maps, so that a mix can be proved.
_MARGINS = ((0.0, 0.0), (1e-10, 1e-11), (1e-8, 1e-9), (1e-6, 1e-8))


@dataclass(eq=False)
class MapColumns:
    """The mixes of maps of a problem while maps join.

    `maps` has the shape (K, n_X). `best` is proved to meet the bounds, and costs `upper`; `duals` are the multipliers
    there, in nats. `nearest` is what the best mix in doubles misses of the bounds, what it costs, and the posteriors
    that it was found with.
    """

    question: Question
    maps: np.ndarray
    best: Mix | None = None
    upper: float = math.inf
    drawn: int = 0
    duals: dict[str, float] = field(default_factory=dict)
    nearest: tuple[float, float, np.ndarray | None] = (math.inf, math.inf, None)
    _known: set[bytes] = field(default_factory=set)

    @classmethod
    def of(cls, question: Question, maps: list[list[int]]) -> MapColumns:
        """Begin with the constant maps that are allowed, the nearest map, and others."""
        data = question.data
        n_X, n_Y = data.d.low.shape
        first = [np.full(n_X, y) for y in range(n_Y)] + [data.distortion.argmin(axis=1)]
        made = cls(question, np.zeros((0, n_X), dtype=np.int64))
        made.join(np.array([*first, *maps], dtype=np.int64))
        return made

    def join(self, maps: np.ndarray) -> int:
        """Let maps join that use no forbidden pair; return how many were new."""
        allowed = np.isfinite(self.question.data.distortion)[np.arange(maps.shape[1]), maps].all(axis=1)
        new = unseen(maps[allowed], self._known)
        self.maps = np.concatenate([self.maps, new])
        return len(new)

    # What maps contribute

    def laws(self, maps: np.ndarray) -> np.ndarray:
        """Return the joint laws of output and label, shape (K, n_Y, n_S)."""
        data = self.question.data
        p_XS = (data.posterior * data.source).T
        return np.stack([(maps == y).astype(float) @ p_XS for y in range(len(data.ys))], axis=1)

    def _measured(self, maps: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return the output laws of maps, and their "D", "R" and (by tangents) "C", in nats."""
        data, letters = self.question.data, np.arange(maps.shape[1])
        law = np.stack([(maps == y) @ data.source for y in range(len(data.ys))], axis=1)
        rate = -(law * np.log(np.maximum(law, 1e-300))).sum(axis=1)
        reached = {"D": data.distortion[letters, maps] @ data.source, "R": np.maximum(rate, 0.0)}
        unknown = self.question.linear(tangent_slopes(labels)[None])
        return law, reached | {name: costs[0][letters, maps] @ data.source for name, costs in unknown.items()}

    # Programs

    @property
    def _names(self) -> list[str]:
        bounds = self.question.bounds
        return [*(name for name in "RCD" if name in bounds), *sorted(name for name in bounds if len(name) > 1)]

    def _columns(self, maps: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        data, goal = self.question.data, self.question.goal
        law, reached = self._measured(maps, labels)
        rows = law.T if data.p_Y is not None else np.ones((1, len(maps)))
        rows = np.concatenate([rows, *(reached[name][None] for name in self._names)])
        return rows, sum((goal.price(name) * reached[name] for name in reached), np.zeros(len(maps)))

    def _right(self) -> tuple[np.ndarray, np.ndarray]:
        goal, data = self.question.goal, self.question.data
        equal = np.ones(1) if data.p_Y is None else data.target
        return equal, np.array([goal.bounds[name] for name in self._names])

    def follow(self, labels: np.ndarray) -> None:
        """Alternate between programs and posteriors, and prove where it ends.

        `labels`, of shape (n_Y, n_S), has the posteriors to begin with.
        """
        value = missed = math.inf
        for _ in range(_TURNS):
            solved = self._generated(labels)
            if solved is None:
                return
            meets = solved.missed <= _MISSED
            if meets and solved.value > value - _GAIN * self.question.scale:
                break
            if not meets and (solved.missed > _HOPE * missed or math.isfinite(value)):
                return
            value, missed = solved.value if meets else math.inf, solved.missed
            if (missed if not meets else 0.0, value) < self.nearest[:2]:
                self.nearest = missed if not meets else 0.0, value, labels
            law = np.einsum("k,kys->ys", solved.x, self.laws(self.maps[: len(solved.x)]))
            labels = posteriors_of(self.question.data, law[None])[0]
            if self.question.clock.over:
                break
        if value < self.upper:
            self._prove(labels)

    def shake(self, rng: np.random.Generator) -> np.ndarray | None:
        """Return the posteriors of the best mix, moved at random; None without one."""
        labels = self.nearest[2]
        if labels is None:
            return None
        data = self.question.data
        share, noise = rng.choice(_SHAKEN)
        moved = (1 - share) * labels + share * (data.posterior @ data.source)
        moved = moved * np.exp(noise * rng.normal(size=moved.shape))
        return moved / moved.sum(axis=1, keepdims=True)

    def _generated(self, labels: np.ndarray) -> Optimum | None:
        """Let maps join until none is found that would improve the program; None if it cannot be solved."""
        self._pruned(labels)
        master, first = Master(*self._right()), 0
        solved = None
        for _ in range(_ROUNDS):
            master.add(*self._columns(self.maps[first:], labels))
            first = len(self.maps)
            found = master.solve("both", seconds=max(self.question.clock.left, 0.05))
            if not found.optimal:
                return solved
            solved = found
            if self.question.clock.over:
                break
            maps, prices, level = self._cheap(found, labels)
            if not self.join(maps[prices < level - _SLIGHT * (1 + abs(level))][:_JOIN]):
                break
        return solved

    def _pruned(self, labels: np.ndarray) -> None:
        """Forget the older of very many maps."""
        if len(self.maps) > _POOL:
            self.maps = np.concatenate([self.maps[: len(self.question.data.ys)], self.maps[-_POOL // 2 :]])
            self._known = {row.tobytes() for row in self.maps}

    def _cheap(self, found: Optimum, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Seek cheap maps at the multipliers of a program; return them, their prices, and what those in use cost."""
        data, goal = self.question.data, self.question.goal
        n_law = len(found.y) - len(self._names)
        costs = self.question.linear(tangent_slopes(labels)[None])
        own = {name: goal.price(name) for name in ("D", "R", *costs)}
        for name, y in zip(self._names, found.y[n_law:], strict=True):
            own[name] += max(-float(y), 0.0)
        nu = found.y[:n_law] if data.p_Y is not None else np.zeros(len(data.ys))
        d = np.where(np.isfinite(data.distortion), data.distortion, np.inf)
        with np.errstate(invalid="ignore"):
            units = np.where(np.isfinite(d), own["D"] * d, np.inf) - nu
            units = units + sum(own[name] * cost[0] for name, cost in costs.items())
        cells = Cells(data.source[:, None] * units, data.source[:, None], own["R"], 0.0)
        used = self.maps[np.flatnonzero(found.x > 1e-9)]
        self.drawn += 1
        maps, prices = find_maps(cells, starts=_STARTS, seed=self.drawn, known=used, clock=self.question.clock)
        return maps, prices, float(found.y[0]) if data.p_Y is None else 0.0

    # Proofs

    def _prove(self, labels: np.ndarray) -> None:
        """Bring a mix inside the bounds until it is proved to meet them."""
        columns, costs = self._columns(self.maps, labels)
        equal, below = self._right()
        for margin, share in _MARGINS:
            tighter = below - margin * np.maximum(1.0, np.abs(below))
            found = linear_program(costs, columns, equal, tighter, seconds=max(self.question.clock.left, 0.5))
            kept = np.flatnonzero(found.x > 1e-12)
            if len(kept) and self.take([((1 - share) * float(found.x[k]), self.maps[k].tolist()) for k in kept]):
                self.duals = {
                    name: max(-float(y), 0.0) for name, y in zip(self._names, found.y[len(equal) :], strict=True)
                }
                return

    def take(self, weighted: list[tuple[float, list[int]]]) -> bool:
        """Tell whether a mix is proved to meet the bounds; keep it if it is the best so far."""
        question = self.question
        plan = mix(question.exact, [(exact_or_ball(w), f) for w, f in weighted])
        plan = None if plan is None else question.measured(plan)
        if plan is None or not question.is_met(plan.reached):
            return False
        cost = float_above(question.cost(plan.reached))
        if cost < self.upper:
            self.upper, self.best = cost, plan
        return True
