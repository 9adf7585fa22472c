"""Column generation over posteriors: a linear program over messages, and others that would improve it.

    minimise    sum_j w_j cost_j
    subject to  sum_j w_j p_j = p_X,    the output letters of the messages have the target law,
                sum_j w_j D(p_j || p_X) <= R,    sum_j w_j H(S|p_j) <= C,    sum_j w_j <d, p_j> <= D.

Its bare multipliers jump from round to round; those that are tried lie part of the way from the best ones ([wentges1997]).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.messages.posteriors import Messages, Prices, settled
from drc.solvers.highs import Master, Optimum, linear_program

#: How many starts each output letter has in a round, how long each is followed, and how many messages join.
_STARTS, _ROUNDS, _JOIN = 24, 40, 4

#: The part of the best prices in those that are tried.
_SMOOTH = 0.6

#: How many rounds there are without a time limit.
_MOST_ROUNDS = 400

#: Rounds in which the gap must be halved once it is this small a part of the scale: rounding stops it at last.
_PATIENCE, _FINE = 60, 1e-6

#: What is missed of the rows by less is rounding.
_MISSED = 1e-9

#: The price of rate is at least this part of a unit: a softmax needs one.
_LEAST_PRICE = 1e-9

#: A message joins if it costs less than nothing by more than this.
_GAIN = 1e-11

#: At most this many pairs of a source letter and an output letter are messages from the start.
_MOST_PAIRS = 4096

#: With more equations the linear program takes long, and hardly betters the optimum over messages as letters.
_MOST_ROWS = 48

#: Messages that cost no more than this at the final prices may be of use in the final program.
_NEAR = 1e-3


@dataclass(eq=False)
class Generation:
    """A problem over messages while columns are generated.

    It begins with the messages `known`. `best` are the prices with the best `bound` so far, in nats, which is not
    proved, as cheaper messages may have been missed; `worth`, of shape (n_Y,), is what the cheapest messages of each
    letter cost there. `value` is the optimum over the messages found, and `missed` is by how much their rows are
    missed.
    """

    question: Question
    known: Messages
    aim: str = "both"
    best: Prices | None = None
    bound: float = -math.inf
    worth: np.ndarray = field(default_factory=lambda: np.zeros(0))
    value: float = math.inf
    missed: float = math.inf
    rounds: int = 0

    def __post_init__(self) -> None:
        data, bounds = self.question.data, self.question.goal.bounds
        self.names = [name for name in ("R", "C", "D") if name in bounds]
        equal = data.source if data.p_Y is None else np.concatenate([data.source, data.target])
        self._rows = equal / 1.0, np.array([bounds[name] for name in self.names])
        self._rng = np.random.default_rng(0)
        self.messages = self.known[:0]
        self._columns = np.zeros((len(self._rows[0]) + len(self.names), 0))
        self._costs = np.zeros(0)
        self._master = Master(*self._rows)
        self.add(self.known)

    # The program

    def add(self, messages: Messages) -> None:
        """Let messages join."""
        columns, costs = self._written(messages)
        self.messages = Messages.joined([self.messages, messages])
        self._columns = np.concatenate([self._columns, columns], axis=1)
        self._costs = np.concatenate([self._costs, costs])
        self._master.add(columns, costs)

    def _written(self, messages: Messages) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of messages, and their costs."""
        data, goal = self.question.data, self.question.goal
        found = messages.measured(data)
        rows = [messages.posteriors.T]
        if data.p_Y is not None:
            rows.append((np.arange(len(data.ys))[:, None] == messages.letters).astype(float))
        rows += [found[name][None] for name in self.names]
        costs = sum((goal.price(name) * found[name] for name in found), np.zeros(len(messages)))
        return np.concatenate(rows), costs

    def _solved(self) -> Optimum:
        """Solve the program; where rounding stops the solver, it begins anew."""
        found = self._master.solve(self.aim, seconds=self.question.clock.left)
        if not found.optimal and not self.question.clock.over:
            self._master = Master(*self._rows)
            self._master.add(self._columns, self._costs)
            found = self._master.solve(self.aim, seconds=self.question.clock.left)
        return found

    def _prices(self, y: np.ndarray) -> Prices:
        """Return the multipliers of the rows as prices."""
        goal, n_X = self.question.goal, len(self.question.data.xs)
        objective = int(self.aim != "feasible")
        own = {name: objective * goal.price(name) for name in "DRC"}
        for name, price in zip(self.names, y[len(y) - len(self.names) :], strict=True):
            own[name] += max(-float(price), 0.0)
        return self.prices_of(own, y[:n_X], objective)

    def prices_of(self, own: dict[str, float], u: np.ndarray, objective: int = 1) -> Prices:
        """Return multipliers, the objective's share in them, as prices that are of use."""
        own["R"] = max(own["R"], _LEAST_PRICE)
        # Both laws have the mass one: a number may go from the prices of the one to those of the other.
        u = u - float(self.question.data.source @ u)
        return Prices(own["D"], own["R"], own["C"], u, objective)

    def paid(self, prices: Prices) -> float:
        """Return what the bounds are worth at some prices, in nats."""
        goal = self.question.goal
        own = {name: getattr(prices, name) - prices.objective * goal.price(name) for name in self.names}
        return sum(own[name] * goal.bounds[name] for name in self.names)

    # Rounds

    def run(self, share: float) -> None:
        """Generate messages until the bounds meet, none is left to find, or this part of the time is over."""
        clock = self.question.clock
        part = clock.part(share * clock.left)
        gap, since = math.inf, 0
        for k in range(_MOST_ROUNDS if math.isinf(clock.deadline) else 10**9):
            if part.over or not self._round():
                return
            if not self._gap > 0.5 * gap:
                gap, since = self._gap, k
            elif k - since > _PATIENCE and gap < _FINE * self.question.scale:
                return

    def _round(self) -> bool:
        """Solve the program and seek messages at its prices; tell whether any was found."""
        found = self._solved()
        if not found.optimal:
            return False
        self.rounds += 1
        # Without what is missed, which is rounding in the end, and has a large price.
        self.value, self.missed = float(self._costs @ found.x), found.missed
        if self.aim == "feasible" and self.missed <= _MISSED:
            return False
        used = self.messages[np.flatnonzero(found.x > 1e-9)]
        bare = self._prices(found.y)
        tried = [bare] if self.best is None else [bare.towards(self.best, _SMOOTH), bare]
        for prices in tried:
            news = self.cheap(prices, used)
            self.learn(prices, news)
            if self._is_closed():
                return False
            columns, costs = self._written(news)
            reduced = (costs if self.aim != "feasible" else 0.0) - found.y @ columns
            chosen = self._cheapest(news.letters, reduced)
            if len(chosen):
                self.add(news[chosen])
                return True
        return False

    @property
    def _gap(self) -> float:
        """How far the best bound is from the optimum over the messages found; infinite if that misses a row."""
        if self.aim == "feasible":
            return self.missed - self.bound
        return self.value - self.bound if self.missed <= _MISSED else math.inf

    @property
    def room(self) -> float:
        """How near proofs at the best prices are to come to what the cheapest messages cost."""
        return max(2 * self.enough, 0.3 * self._gap if math.isfinite(self._gap) else 0.0)

    @property
    def enough(self) -> float:
        """The gap at which to stop, in nats."""
        return 0.1 * self.question.gap

    def _is_closed(self) -> bool:
        return self._gap <= self.enough

    def cheap(self, prices: Prices, used: Messages) -> Messages:
        """Seek cheap messages from those in use, from those of a source letter, and from random ones."""
        data, n_Y = self.question.data, len(self.question.data.ys)
        W, n_X = data.posterior, len(data.xs)
        count = _STARTS // 2
        letters = W.T[self._rng.integers(n_X, size=n_Y * (_STARTS - count))]
        mixed = self._rng.dirichlet(np.full(n_X, 0.2), size=n_Y * count) @ W.T
        starts = np.concatenate([used.labels(data), letters, mixed])
        ys = np.concatenate(
            [used.letters, np.repeat(np.arange(n_Y), _STARTS - count), np.repeat(np.arange(n_Y), count)]
        )
        return settled(data, prices, ys, np.maximum(starts, 1e-12), _ROUNDS)

    def _cheapest(self, letters: np.ndarray, reduced: np.ndarray) -> np.ndarray:
        """Return the cheapest messages of each letter that gain."""
        chosen = []
        for y in range(len(self.question.data.ys)):
            own = np.flatnonzero((letters == y) & (reduced < -_GAIN))
            chosen.append(own[np.argsort(reduced[own])[:_JOIN]])
        return np.concatenate(chosen)

    def learn(self, prices: Prices, messages: Messages) -> None:
        """Keep prices if their bound is the best so far."""
        worth = least_of(messages.letters, messages.costs(self.question.data, prices), len(self.question.data.ys))
        bound = self.bound_of(prices, worth)
        if self.best is None or bound > self.bound:
            self.best, self.bound, self.worth = prices, bound, worth

    def bound_of(self, prices: Prices, worth: np.ndarray) -> float:
        """Return what prices prove, if messages cost at least as much; in doubles and nats."""
        data = self.question.data
        law = float(worth.min()) if data.p_Y is None else float(data.target @ worth)
        return float(data.source @ prices.u) + law - self.paid(prices)

    def restart(self, aim: str) -> None:
        """Go on with another aim: "feasible" minimises what is missed, "best" forbids that anything is."""
        self.aim, self.best, self.bound, self.missed = aim, None, -math.inf, math.inf

    @property
    def is_small(self) -> bool:
        """Whether the linear program ends soon."""
        return len(self._rows[0]) <= _MOST_ROWS

    def lowered(self, messages: Messages, room: float) -> Messages:
        """Take messages found elsewhere that are cheaper, at the best prices, than all others of their letters.

        They are cheaper by at least `room`, in nats; those taken are returned.
        """
        assert self.best is not None
        costs = messages.costs(self.question.data, self.best)
        better = np.flatnonzero(costs < self.worth[messages.letters] - room)
        if not len(better):
            return messages[better]
        self.add(messages[better])
        self.worth = np.minimum(self.worth, least_of(messages.letters, costs, len(self.worth)))
        self.bound = self.bound_of(self.best, self.worth)
        return messages[better]

    def weighted(self, margin: float) -> tuple[np.ndarray, Messages]:
        """Return weights of messages that meet the bounds with a margin, in nats; none if there are none.

        The margin is relative to the size of the bounds.
        """
        near = np.arange(len(self.messages))
        if self.best is not None and self.aim != "feasible":
            costs = self.messages.costs(self.question.data, self.best)
            first = np.arange(len(self.messages)) < len(self.known)
            near = np.flatnonzero(first | (costs < self.worth[self.messages.letters] + _NEAR))
        equal, below = self._rows
        below = below - margin * np.maximum(1.0, np.abs(below))
        costs, columns, seconds = self._costs[near], self._columns[:, near], max(self.question.clock.left, 1.0)
        found = linear_program(costs, columns, equal, below, seconds=seconds, presolve="choose")
        kept = found.x > 0
        return found.x[kept], self.messages[near[kept]]


def mixed_plan(question: Question, joint: np.ndarray | None) -> tuple[np.ndarray, Messages] | None:
    """Return a mix of simple plans that seems to meet the bounds: of large problems it may be all there is time for.

    The simple plans are one message for all letters, one for each label that is most likely, one for each of those and a
    nearest output letter, and the plan of the problem without C. A message may say which plan is in use.

    `joint`, of shape (n_X, n_Y), is the plan of the problem without C. Returns weights and messages, or None with a target
    law, or if no mix meets the bounds.
    """
    data, goal = question.data, question.goal
    if data.p_Y is not None:
        return None
    labels, nearest = data.posterior.argmax(axis=0), data.distortion.argmin(axis=1)
    plans = [_grouped(question, groups) for groups in (0 * labels, labels, labels * len(data.ys) + nearest)]
    if joint is not None:
        plans.append(Messages.of_plan(joint))
    reached = [{name: float(w @ part) for name, part in m.measured(data).items()} for w, m in plans]
    kept = [k for k, found in enumerate(reached) if np.isfinite([*found.values()]).all()]
    costs = np.array([sum(goal.price(name) * value for name, value in reached[k].items()) for k in kept])
    rows = np.array([[1.0] * len(kept), *([reached[k][name] for k in kept] for name in goal.bounds)])
    below = np.array([bound - _GAIN * max(1.0, bound) for bound in goal.bounds.values()])
    found = linear_program(costs, rows, np.ones(1), below)
    used = [(share, *plans[k]) for k, share in zip(kept, found.x, strict=True) if share > 0]
    if not used:
        return None
    weights = np.concatenate([share * w for share, w, _ in used])
    return weights, Messages.joined([messages for _, _, messages in used])


def _grouped(question: Question, places: np.ndarray) -> tuple[np.ndarray, Messages]:
    """Return the plan whose messages say in which group a letter is."""
    data = question.data
    groups = np.unique(places, return_inverse=True)[1].ravel()
    masses = np.bincount(groups, weights=data.source)
    posteriors = (groups == np.arange(len(masses))[:, None]) * data.source / masses[:, None]
    costs = np.stack([np.where(p > 0, data.distortion.T, 0.0) @ p for p in posteriors])
    return masses, Messages(posteriors, costs.argmin(axis=1))


def least_of(letters: np.ndarray, costs: np.ndarray, count: int) -> np.ndarray:
    """Return the least cost of each letter, infinite where there is none.

    Examples
    --------
    >>> least_of(np.array([0, 1, 0]), np.array([3.0, 2.0, 1.0]), 2).tolist()
    [1.0, 2.0]
    """
    found = np.full(count, np.inf)
    np.minimum.at(found, letters, costs)
    return found


def simple_messages(question: Question, joint: np.ndarray | None) -> Messages:
    """Return messages to begin with: those that tell nothing, those that tell all, and those of a plan.

    `joint`, of shape (n_X, n_Y), is a plan of the problem without C, whose message is the output letter.
    """
    data = question.data
    allowed = np.isfinite(data.distortion)
    parts = []
    free = np.flatnonzero(allowed.all(axis=0))
    parts.append(Messages(np.tile(data.source, (len(free), 1)), free))
    if joint is not None:
        parts.append(Messages.of_plan(joint)[1])
    pairs = allowed if allowed.size <= _MOST_PAIRS or joint is None else (joint > 0)
    xs, ys = np.nonzero(pairs)
    parts.append(Messages(np.eye(len(data.xs))[xs], ys))
    return Messages.joined(parts)
