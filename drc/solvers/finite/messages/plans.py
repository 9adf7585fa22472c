"""Upper bounds: what messages with weights reach, in exact and ball arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import arb, fmpq

from drc.solvers.arithmetic.balls import Number, is_zero
from drc.solvers.finite.asymptotic.data import Data, ExactLaws
from drc.solvers.finite.asymptotic.primal import determined_pairs
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.messages.posteriors import Messages

#: Of more masses the sums would be long fractions: balls are used.
_EXACT_MASSES = 400


@dataclass(frozen=True, eq=False)
class MessagePlan:
    """Messages that were proved to be a plan, and what they reach, in nats.

    `given`, of shape (n_X, J), are the doubles that it is made from, for the letters kept: masses of a source letter
    and a message, whose output letter is in `letters`. `masses` is the joint law, of which the laws determine the pairs
    of the `tree`; `reached` are `I(X;Z)`, `H(S|Z)` and `E d(X, Y)`.
    """

    given: np.ndarray
    letters: np.ndarray
    tree: list | None
    masses: list[list[Number]]
    reached: dict[str, Number]

    def extras(self, data: Data) -> dict[str, object]:
        """Return the fields of a solution that say it."""
        joint = np.array([[float(m) for m in row] for row in self.masses])
        coupling = np.zeros((len(joint), len(data.ys)))
        np.add.at(coupling.T, self.letters, joint.T)
        messages = []
        for y, column in zip(self.letters, joint.T, strict=True):
            posterior = np.zeros(data.problem.n_X)
            posterior[data.xs] = column / max(column.sum(), 1e-300)
            messages.append((float(column.sum()), int(data.ys[y]), posterior))
        messages.sort(key=lambda message: -message[0])
        return {"coupling": data.spread(coupling), "messages": tuple(messages)}

    def primal(self, question: Question) -> dict[str, object] | None:
        """Return the plan as a certificate has it."""
        data = question.data
        joint = np.zeros((data.problem.n_X, len(self.letters)))
        joint[data.xs] = self.given
        found: dict[str, object] = {
            "kind": "messages",
            "letters": [int(data.ys[y]) for y in self.letters],
            "joint": joint,
        }
        if self.tree is not None:
            found["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in self.tree]
        return found


def message_plan(exact: ExactLaws, weights: np.ndarray, messages: Messages) -> MessagePlan | None:
    """Prove what weighted messages reach.

    The laws of the messages need only be nearly right: the mass of each pair of letters is that of the coupling nearby which
    has the laws exactly, and its messages share it as they did. Returns None if a mass is not proved to be >= 0.

    Examples
    --------
    >>> from drc.problems.finite import Finite
    >>> exact = ExactLaws(Data.of(Finite([[0.5, 0], [0, 0.5]])))
    >>> plan = message_plan(exact, np.ones(1), Messages(np.array([[0.5, 0.5]]), np.array([0])))
    >>> plan.reached["D"], round(float(plan.reached["C"]), 6)
    (1/2, 0.693147)
    """
    data = exact.data
    given = (weights[:, None] * messages.posteriors).T
    given = np.where(np.isfinite(data.d.high)[:, messages.letters], np.maximum(given, 0.0), 0.0)
    used = given.sum(axis=0) > 0
    given, letters = given[:, used], messages.letters[used]
    joint = np.zeros((len(given), len(data.ys)))
    np.add.at(joint.T, letters, given.T)
    number = fmpq if given.size <= _EXACT_MASSES else lambda *ratio: arb(fmpq(*ratio))
    tree = None if exact.target is None else determined_pairs(data, joint)
    if tree is None and exact.target is not None:
        return None
    masses = [[number(*m.as_integer_ratio()) if m else fmpq(0) for m in row] for row in given.tolist()]
    entries = _entries(exact, masses, letters, tree)
    if entries is None:
        return None
    reached = exact.told(masses) | {"D": exact.cost(entries)}
    return MessagePlan(given, letters, tree, masses, reached)


def _entries(
    exact: ExactLaws, masses: list[list[Number]], letters: np.ndarray, tree: list[tuple[int, int]] | None
) -> list[list[Number]] | None:
    """Return the joint law of source and output that the laws determine, and change the masses to be parts of it."""
    n_X, n_Y = len(masses), len(exact.data.ys)
    whole: list[list[Number]] = [[fmpq(0)] * n_Y for _ in range(n_X)]
    for row, sums in zip(masses, whole, strict=True):
        for mass, y in zip(row, letters, strict=True):
            sums[y] = sums[y] + mass
    entries = exact.completed([list(row) for row in whole], tree)
    if entries is None:
        return None
    for row, sums, determined in zip(masses, whole, entries, strict=True):
        for j, y in enumerate(letters):
            if not is_zero(row[j]):
                row[j] = row[j] * (determined[y] / sums[y])
    return entries
