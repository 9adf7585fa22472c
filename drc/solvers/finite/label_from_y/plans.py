"""Upper bounds: what a coupling reaches, in exact and ball arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.information.entropy import entropy_term
from drc.solvers.arithmetic.balls import Number, exact_or_ball
from drc.solvers.finite.asymptotic.data import Data, Exact
from drc.solvers.finite.asymptotic.primal import pairs_of, spanning_forest, spanning_tree
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.label_from_y.question import at_rest
from drc.solvers.highs import linear_program

#: Of more entries the sums would be long fractions: balls are used.
_EXACT_ENTRIES = 400


@dataclass(frozen=True, eq=False)
class Coupling:
    """A coupling that was proved to be one, and what it reaches, in nats.

    Attributes
    ----------
    given : array, shape (n_X, n_Y)
        The doubles that it is made from: rows are scaled, or the entries on the tree are determined.
    entries : list of lists of numbers or balls
        The joint law.
    joint : array, shape (n_X, n_Y)
        For the letters kept, rounded to doubles.
    tree : list of (x, y), or None
        The entries that the laws determine.
    reached : dict from "R", "C", "D", "P" to a number or ball
    """

    given: np.ndarray
    entries: list
    joint: np.ndarray
    tree: list | None
    reached: dict[str, Number]
    gamma: np.ndarray | None = None

    def extras(self, data: Data) -> dict[str, object]:
        """Return the fields of a solution that say it."""
        return {"coupling": self.coupling(data)}

    def coupling(self, data: Data) -> np.ndarray:
        """Return the joint law for all letters, shape (n_X, n_Y), read-only."""
        return data.spread(self.joint)

    def primal(self, question: Question) -> dict[str, object] | None:
        """Return the plan as a certificate has it; None if the output law is to be the reference, and has no fractions."""
        data = question.data
        rational = all(isinstance(w, fmpq) for row in self.entries for w in row)
        if question.asked is not None:
            return {"kind": "coupling", "joint": data.spread(self.entries)} | at_rest(question) if rational else None
        # That nothing is told at all, only fractions say.
        exact = self.tree is not None and rational and isinstance(self.reached["R"], fmpq)
        found: dict[str, object] = {"kind": "coupling", "joint": data.spread(self.entries if exact else self.given)}
        if self.tree is not None:
            found["tree"] = data.named(self.tree)
        return found if self.gamma is None else found | {"gamma": data.padded(self.gamma)}


def coupling(exact: Exact, joint: np.ndarray) -> Coupling | None:
    """Prove what a coupling reaches.

    Parameters
    ----------
    joint : array, shape (n_X, n_Y)
        Its laws need only be nearly right: rows are scaled, or (with a target law) the entries on a spanning tree are
        determined by the two laws.

    Returns
    -------
    Coupling or None
        None if an entry is not proved to be >= 0.
    """
    data = exact.data
    joint = np.where(np.isfinite(data.d.high), np.maximum(joint, 0.0), 0.0)
    number = fmpq if joint.size <= _EXACT_ENTRIES else lambda *ratio: arb(fmpq(*ratio))
    tree = None
    if exact.target is not None:
        edges = spanning_forest(data, joint)
        if edges is None:
            return None
        tree = pairs_of(edges, len(joint))
    entries = exact.coupling(joint, tree, number)
    if entries is None:
        return None
    reached, gamma = _reached(exact, entries), None
    if data.measure is not None:
        reached["P"], gamma = perception(exact, [sum(column, fmpq(0)) for column in zip(*entries, strict=True)])
    full = np.array([[float(w) for w in row] for row in entries])
    return Coupling(joint, entries, full, tree, reached, gamma)


def independent(exact: Exact) -> Coupling:
    """Return the coupling of the target law with the source of which it is independent."""
    entries = exact.independent()
    joint = np.array([[float(w) for w in row] for row in entries])
    tree = spanning_tree(joint)
    pairs = None if tree is None else pairs_of(tree, len(joint))
    return Coupling(joint, entries, joint, pairs, _reached(exact, entries))


def _reached(exact: Exact, entries: list[list[Number]]) -> dict[str, Number]:
    law = [sum(column, fmpq(0)) for column in zip(*entries, strict=True)]
    rate = sum((entropy_term(arb(p)) for p in (*exact.source, *law)), arb(0))
    rate -= sum((entropy_term(arb(w)) for row in entries for w in row), arb(0))
    rows = [[w / p for w in row] for row, p in zip(entries, exact.source, strict=True)]
    cells = [
        [sum((label[x] * row[y] for x, row in enumerate(rows)), fmpq(0)) for label in exact.labels]
        for y in range(len(law))
    ]
    # Independence, whose rate is zero, is not seen by balls.
    if all(w == p * q for row, p in zip(entries, exact.source, strict=True) for w, q in zip(row, law, strict=True)):
        rate = fmpq(0)
    return {"R": rate, "C": exact.equivocation(cells), "D": exact.cost(entries)}


# Perception ------------------------------------------------------------------------------------------------------------


def perception(exact: Exact, law: list[Number]) -> tuple[Number, np.ndarray | None]:
    """Return the perception measure of an output law, or for W2 an upper bound with the plan that proves it."""
    data, problem = exact.data, exact.data.problem
    reference = {int(y): exact_or_ball(p) for y, p in enumerate(problem.reference or ()) if p != 0}
    ys = data.ys.tolist()
    if data.measure == "TV":
        over = [q - reference.get(y, fmpq(0)) for y, q in zip(ys, law, strict=True)]
        return sum((abs(arb(w)) for w in over), arb(0)) / 2 + sum(
            p for y, p in reference.items() if y not in ys
        ) / 2, None
    if data.measure == "KL":
        cross = sum((arb(q) * arb(reference[y]).log() for y, q in zip(ys, law, strict=True)), arb(0))
        return -sum((entropy_term(arb(q)) for q in law), arb(0)) - cross, None
    gamma = _transport(data, np.array([float(q) for q in law]))
    ground = problem.exact_ground or ()
    costs = [[exact_or_ball(ground[y][j]) for j in reference] for y in ys]
    moved = [[fmpq(*float(w).as_integer_ratio()) for w in row] for row in gamma]
    # Rows are shrunk to the law, then columns to the reference; what is missing then is moved at the largest cost.
    moved = [[w * _shrunk(row, q) for w in row] for row, q in zip(moved, law, strict=True)]
    shares = [_shrunk(column, p) for column, p in zip(zip(*moved, strict=True), reference.values(), strict=True)]
    moved = [[w * share for w, share in zip(row, shares, strict=True)] for row in moved]
    rest = 1 - sum((w for row in moved for w in row), fmpq(0))
    most = exact_or_ball(max(d for row in ground for d in row))
    cost = sum((w * d for row, ds in zip(moved, costs, strict=True) for w, d in zip(row, ds, strict=True)), fmpq(0))
    return cost + rest * most, gamma


def _shrunk(parts: Any, mass: Number) -> Number:
    total = sum(parts, fmpq(0))
    return fmpq(1) if total <= mass else arb(mass).lower() / arb(total).upper()


def _transport(data: Data, law: np.ndarray) -> np.ndarray:
    """Move a law to the reference at the least cost, in doubles: an array of shape (n_Y, n_j)."""
    cost, reference = data.ground.high, data.reference.middle
    n_Y, n_j = cost.shape
    rows = np.vstack([np.kron(np.eye(n_Y), np.ones(n_j)), np.kron(np.ones(n_Y), np.eye(n_j))[:-1]])
    right = np.r_[law, reference[:-1]]
    return np.maximum(linear_program(cost.ravel(), rows, right, right).x, 0.0).reshape(n_Y, n_j)
