"""Messages as letters: a convex program over a finite alphabet of them, to which others join.

The label's entropy is the least cross-entropy, so a message is an output letter with a guess `r` of the label's posterior,
and what a plan minimises is a rate-distortion problem whose reproductions are all such pairs:

    minimise    E d(X, y(Z))
    subject to  I(X;Z) <= R,    -E sum_s p(s|X) log r(s|Z) <= C,    y(Z) has the target law.

Over finitely many pairs it is convex, and its multipliers are prices at which pairs are sought that would improve it. Far
fewer are needed than of posteriors of the source, because each takes the posterior that is best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from drc.solvers.finite.asymptotic.programs import Goal, build
from drc.solvers.finite.label_from_y.boxes import tangent_slopes
from drc.solvers.finite.messages.columns import Generation, least_of
from drc.solvers.finite.messages.posteriors import Messages, Prices

#: How many pairs of an output letter join in a round.
_JOIN = 4

#: A message with less mass leaves.
_UNUSED = 1e-7

#: Posteriors of the label that differ by less are one.
_ALIKE = 1e-4

#: By how much less than the messages in use a pair costs if it joins.
_GAIN = 1e-10

#: Rounds in which the gap must be halved, and how many there are at most.
_PATIENCE, _ROUNDS = 6, 60

#: After this many rounds in which the bounds are missed the question is first how little they can be missed by.
_HOPE = 8

#: What is missed of the bounds by less is rounding.
_MISSED = 1e-8

#: How much of its own law each first guess of a label has beside the label.
_PRIOR = 0.1

#: The first guesses of labels are made for each output letter if they are no more than this.
_FEW = 60


@dataclass(frozen=True, eq=False)
class _Found:
    """An optimum over some pairs: weights of messages, what they cost, by how much they miss the bounds, and the prices."""

    weights: np.ndarray
    messages: Messages
    value: float
    missed: float
    prices: Prices


@dataclass(eq=False)
class Alphabet:
    """Output letters with guesses of the label, while others join.

    The `generation` learns the prices of each round, and the messages that meet the bounds join it. `letters` has the
    shape (n_Z,), `labels` (n_Z, n_S); `missed` is by how much the optima of all rounds miss the bounds at least.
    """

    generation: Generation
    letters: np.ndarray
    labels: np.ndarray
    missed: float = math.inf

    @classmethod
    def of(cls, generation: Generation, joint: np.ndarray | None) -> Alphabet:
        """Begin with the label's own law, each label almost for sure, and the posteriors of a plan.

        `joint`, if there is one, has the shape (n_X, n_Y).
        """
        data = generation.question.data
        W, n_Y = data.posterior, len(data.ys)
        prior, every = W @ data.source, np.arange(n_Y)
        near = (1 - _PRIOR) * np.eye(len(W)) + _PRIOR * prior
        likely = [every] * len(W) if n_Y * len(W) <= _FEW else [np.array([s % n_Y]) for s in range(len(W))]
        letters, labels = [every, *likely], [np.tile(prior, (n_Y, 1))]
        labels += [np.tile(label, (len(own), 1)) for own, label in zip(likely, near, strict=True)]
        if joint is not None:
            ys = np.flatnonzero(joint.sum(axis=0) > 0)
            letters, labels = [*letters, ys], [*labels, ((W @ joint[:, ys]) / joint[:, ys].sum(axis=0)).T]
        return cls(generation, np.concatenate(letters), np.concatenate(labels))

    def run(self, share: float) -> None:
        """Let pairs join until none is left to find, or this part of the time is over.

        Where the generation is to show that nothing is feasible, what is missed of the bounds is minimised.
        """
        generation, goal = self.generation, self.generation.question.goal
        infeasible = generation.aim == "feasible"
        goal = Goal("0", goal.bounds) if infeasible else goal
        clock = generation.question.clock
        part = clock.part(share * clock.left)
        gap, since = math.inf, 0
        for k in range(_ROUNDS):
            found = self._solved(goal)
            if found is None or part.over:
                return
            news = generation.cheap(found.prices, found.messages)
            generation.learn(found.prices, news)
            self._take(found.messages)
            self.missed = min(self.missed, found.missed)
            if infeasible:
                generation.missed = found.missed
                if found.missed <= _MISSED or generation.bound > 0.5 * found.missed:
                    return
            elif found.missed > _MISSED and k >= _HOPE:
                return
            elif found.missed <= _MISSED:
                generation.add(found.messages)
                generation.value, generation.missed = found.value, found.missed
                room = found.value - generation.bound
                if not room > 0.5 * gap:
                    gap, since = room, k
                if room <= generation.enough or k - since > _PATIENCE:
                    return
            joining = self._joining(found, news)
            if not len(joining):
                return
            self.join(joining)

    @property
    def meets(self) -> bool:
        """Whether an optimum met the bounds, up to rounding."""
        return self.missed <= _MISSED

    def join(self, messages: Messages) -> None:
        """Let messages join."""
        self.letters = np.concatenate([self.letters, messages.letters])
        self.labels = np.concatenate([self.labels, messages.labels(self.generation.question.data)])

    def weighted(self, margin: float) -> tuple[np.ndarray, Messages]:
        """Return weights of messages that meet the bounds with a margin, in scaled units; none if there are none."""
        found = self._solved(self.generation.question.tightened(margin), 0.0)
        if found is None or not self.meets:
            return np.zeros(0), self.generation.messages[:0]
        return found.weights, found.messages

    def _take(self, messages: Messages) -> None:
        self.letters, self.labels = messages.letters, messages.labels(self.generation.question.data)

    def _solved(self, goal: Goal, unused: float = _UNUSED) -> _Found | None:
        """Solve the convex program; None if that fails."""
        generation = self.generation
        data = generation.question.data
        costs = (data.posterior.T @ tangent_slopes(self.labels).T)[None]
        model = build(data, goal, linear={"C": costs}, elastic=True, letters=self.letters)
        point = model.solve(gap=generation.enough, clock=generation.question.clock)
        coupling, at = model.couplings(point)[0], model.multipliers(point)
        if not np.isfinite(coupling).all():
            return None
        mass = coupling.sum(axis=0)
        mass, every = mass[mass > 0], Messages((coupling / mass).T, self.letters)[mass > 0]
        reached = every.measured(data)
        value = sum(goal.price(name) * float(mass @ reached[name]) for name in reached)
        # Where the method stalls it may miss the bounds by more than it says.
        sizes = {"D": data.scale}
        missed = [(float(mass @ reached[n]) - bound) / sizes.get(n, 1.0) for n, bound in goal.bounds.items()]
        missed.append(float(model.excess(point)[0]))
        if data.p_Y is not None:
            law = np.bincount(every.letters, weights=mass, minlength=len(data.ys))
            missed.append(float(np.abs(law - data.target).max()))
        kept = mass > unused
        own = {name: float(getattr(at, name)[0]) for name in "DRC"}
        prices = generation.prices_of(own, at.u[0], int(goal.objective != "0"))
        return _Found(mass[kept], every[kept], value, max(missed), prices)

    def _joining(self, found: _Found, news: Messages) -> Messages:
        """Return the cheapest messages of each letter that cost less than those in use, no two of them alike."""
        data = self.generation.question.data
        costs, labels = news.costs(data, found.prices), news.labels(data)
        level = least_of(found.messages.letters, found.messages.costs(data, found.prices), len(data.ys))
        chosen: list[int] = []
        for y in range(len(data.ys)):
            own = np.flatnonzero((news.letters == y) & (costs < level[y] - _GAIN))
            kept: list[int] = []
            for j in own[np.argsort(costs[own])]:
                if len(kept) < _JOIN and all(np.abs(labels[j] - labels[i]).max() > _ALIKE for i in kept):
                    kept.append(int(j))
            chosen += kept
        return news[np.array(chosen, dtype=int)]
