"""Upper bounds: what a coupling reaches, in exact and ball arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.information.entropy import entropy_term
from drc.problems.finite import Finite
from drc.solvers.arithmetic.balls import Number, exact_or_ball
from drc.solvers.classified.linear import linear_program
from drc.solvers.classified.question import Question, staying
from drc.solvers.entropic.data import Data
from drc.solvers.entropic.primal import spanning_forest, spanning_tree

#: Of more entries the sums would be long fractions: balls are used.
_EXACT_ENTRIES = 400


@dataclass(frozen=True, eq=False)
class Exact:
    """The laws of a problem in exact numbers or balls, for the letters kept; entropies are in nats.

    Attributes
    ----------
    data : Data
    """

    data: Data

    @property
    def problem(self) -> Finite:
        """The problem."""
        return self.data.problem

    @cached_property
    def labels(self) -> list[list[Number]]:
        """`p(s, x)`: n_S rows."""
        return [[exact_or_ball(row[x]) for x in self.data.xs] for row in self.problem.p_SX]

    @cached_property
    def source(self) -> list[Number]:
        """`p(x)`."""
        return [sum(column, fmpq(0)) for column in zip(*self.labels, strict=True)]

    @cached_property
    def target(self) -> list[Number] | None:
        """`p_Y`."""
        return None if self.problem.p_Y is None else [exact_or_ball(self.problem.p_Y[y]) for y in self.data.ys]

    @cached_property
    def distortion(self) -> list[list[Number | float]]:
        """`d(x, y)`; infinite where a pair is forbidden."""
        rows = [[self.problem.exact_distortion[x][y] for y in self.data.ys] for x in self.data.xs]
        return [[math.inf if d == math.inf else exact_or_ball(d) for d in row] for row in rows]

    def equivocation(self, cells: list[list[Number]]) -> Number:
        """`H(S|Y)` of the masses `P(Y=y, S=s)`, in nats."""
        # A letter that tells its label for certain leaves no doubt: balls alone would leave some.
        doubtful = [cell for cell in cells if sum(not (isinstance(t, fmpq) and t == 0) for t in cell) > 1]
        if not doubtful:
            return fmpq(0)
        terms = sum((entropy_term(arb(t)) for cell in doubtful for t in cell), arb(0))
        return terms - sum((entropy_term(arb(sum(cell, fmpq(0)))) for cell in doubtful), arb(0))


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

    def coupling(self, data: Data) -> np.ndarray:
        """Return the joint law for all letters, shape (n_X, n_Y), read-only."""
        return _spread(data, self.joint)

    def primal(self, question: Question) -> dict[str, Any] | None:
        """Return the plan as a certificate has it; None if the output law is to be the reference, and has no fractions."""
        data = question.data
        rational = all(isinstance(w, fmpq) for row in self.entries for w in row)
        if question.asked is not None:
            joint = _all_letters(data, self.entries)
            return {"kind": "coupling", "joint": joint} | staying(question) if rational else None
        # That nothing is told at all, only fractions say.
        exact = self.tree is not None and rational and isinstance(self.reached["R"], fmpq)
        found: dict[str, Any] = {"kind": "coupling", "joint": _all_letters(data, self.entries if exact else self.given)}
        if self.tree is not None:
            found["tree"] = [[int(data.xs[x]), int(data.ys[y])] for x, y in self.tree]
        return found if self.gamma is None else found | {"gamma": padded(data, self.gamma)}


def _all_letters(data: Data, rows: Any) -> list[list[Any]]:
    found: list[list[Any]] = [[0] * data.problem.n_Y for _ in range(data.problem.n_X)]
    for x, row in zip(data.xs, rows, strict=True):
        for y, entry in zip(data.ys, row, strict=True):
            found[x][y] = entry if isinstance(entry, fmpq) else float(entry)
    return found


def _spread(data: Data, joint: np.ndarray) -> np.ndarray:
    full = np.zeros((data.problem.n_X, data.problem.n_Y))
    full[np.ix_(data.xs, data.ys)] = joint
    full.setflags(write=False)
    return full


def coupling(exact: Exact, joint: np.ndarray) -> Coupling | None:
    """Prove what a coupling reaches.

    Parameters
    ----------
    exact : Exact
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
    entries = [[number(*float(w).as_integer_ratio()) if w else fmpq(0) for w in row] for row in joint]
    tree = None
    if exact.target is not None:
        edges = spanning_forest(data, joint)
        tree = None if edges is None else _determine(exact, entries, *edges)
        if tree is None:
            return None
    else:
        for x, row in enumerate(entries):
            mass = sum(row, fmpq(0))
            if not mass > 0:
                return None
            entries[x] = [w * exact.source[x] / mass for w in row]
    reached, gamma = _reached(exact, entries), None
    if data.measure is not None:
        reached["P"], gamma = perception(exact, [sum(column, fmpq(0)) for column in zip(*entries, strict=True)])
    full = np.array([[float(w) for w in row] for row in entries])
    return Coupling(joint, entries, full, tree, reached, gamma)


def independent(exact: Exact) -> Coupling:
    """Return the coupling of the target law with the source of which it is independent.

    Parameters
    ----------
    exact : Exact
        Of a problem with a target law.
    """
    entries = [[p * q for q in exact.target or ()] for p in exact.source]
    joint = np.array([[float(w) for w in row] for row in entries])
    children, parents = spanning_tree(joint)
    n_X = len(joint)
    edges = zip(children.tolist(), parents.tolist(), strict=True)
    tree = [(a, b - n_X) if a < n_X else (b, a - n_X) for a, b in edges]
    return Coupling(joint, entries, joint, tree, _reached(exact, entries))


def _determine(exact: Exact, entries: list[list[Number]], children: np.ndarray, parents: np.ndarray) -> list | None:
    """Solve for the entries on the tree, leaves first; return the pairs, or None if one is not proved to be >= 0."""
    n_X, edges = len(entries), list(zip(children.tolist(), parents.tolist(), strict=True))
    tree = [(a, b - n_X) if a < n_X else (b, a - n_X) for a, b in edges]
    for x, y in tree:
        entries[x][y] = fmpq(0)
    left = [p - sum(row, fmpq(0)) for p, row in zip(exact.source, entries, strict=True)]
    left += [q - sum(column, fmpq(0)) for q, column in zip(exact.target or (), zip(*entries, strict=True), strict=True)]
    # Parents are first in the list, so that every letter has lost its other edges when its turn comes.
    for (child, parent), (x, y) in zip(reversed(edges), reversed(tree), strict=True):
        if not left[child] >= 0:
            return None
        entries[x][y] = left[child]
        left[parent] = left[parent] - left[child]
    return tree


def _reached(exact: Exact, entries: list[list[Number]]) -> dict[str, Number]:
    law = [sum(column, fmpq(0)) for column in zip(*entries, strict=True)]
    rate = sum((entropy_term(arb(p)) for p in (*exact.source, *law)), arb(0))
    rate -= sum((entropy_term(arb(w)) for row in entries for w in row), arb(0))
    rows = [[w / p for w in row] for row, p in zip(entries, exact.source, strict=True)]
    cells = [
        [sum((label[x] * row[y] for x, row in enumerate(rows)), fmpq(0)) for label in exact.labels]
        for y in range(len(law))
    ]
    pairs = [
        (w, d) for row, costs in zip(entries, exact.distortion, strict=True) for w, d in zip(row, costs, strict=True)
    ]
    distortion = sum((w * d for w, d in pairs if d != math.inf), fmpq(0))
    # Independence, whose rate is zero, is not seen by balls.
    if all(w == p * q for row, p in zip(entries, exact.source, strict=True) for w, q in zip(row, law, strict=True)):
        rate = fmpq(0)
    return {"R": rate, "C": exact.equivocation(cells), "D": distortion}


# Perception ------------------------------------------------------------------------------------------------------------


def perception(exact: Exact, law: list[Number]) -> tuple[Number, np.ndarray | None]:
    """Return the perception measure of an output law, or for W2 an upper bound with the plan that proves it.

    Parameters
    ----------
    exact : Exact
    law : list of n_Y numbers
    """
    data, problem = exact.data, exact.problem
    reference = {int(y): exact_or_ball(p) for y, p in enumerate(problem.reference or ()) if p != 0}
    ys = data.ys.tolist()
    if data.measure == "TV":
        over = [q - reference.get(y, fmpq(0)) for y, q in zip(ys, law, strict=True)]
        return sum((abs(arb(w)) for w in over), arb(0)) / 2 + sum(
            p for y, p in reference.items() if y not in ys
        ) / 2, None
    if data.measure == "KL":
        return sum((_relative(arb(q), reference[y]) for y, q in zip(ys, law, strict=True)), arb(0)), None
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


def _relative(q: arb, p: Number) -> arb:
    return -entropy_term(q) - q * arb(p).log()


def _shrunk(parts: Any, mass: Number) -> Number:
    total = sum(parts, fmpq(0))
    return fmpq(1) if total <= mass else arb(mass).lower() / arb(total).upper()


def moving(data: Data) -> tuple[np.ndarray, np.ndarray]:
    """Return the cost of moving mass to the reference, shape (n_Y, n_j), and the reference, in doubles."""
    if data.ground is None or data.reference is None:
        raise ValueError("the problem has no transport cost")
    return data.ground.high, 0.5 * (data.reference.low + data.reference.high)


def _transport(data: Data, law: np.ndarray) -> np.ndarray:
    """Move a law to the reference at the least cost, in doubles: an array of shape (n_Y, n_j)."""
    cost, reference = moving(data)
    n_Y, n_j = cost.shape
    rows = np.vstack([np.kron(np.eye(n_Y), np.ones(n_j)), np.kron(np.ones(n_Y), np.eye(n_j))[:-1]])
    right = np.r_[law, reference[:-1]]
    return np.maximum(linear_program(cost.ravel(), rows, right, right).x, 0.0).reshape(n_Y, n_j)


def padded(data: Data, gamma: np.ndarray) -> list:
    """Return a plan for all letters, rows and columns."""
    js = np.flatnonzero(np.array(data.problem.reference_law) > 0)
    found = np.zeros((data.problem.n_Y, data.problem.n_Y))
    found[np.ix_(data.ys, js)] = gamma
    return found.tolist()
