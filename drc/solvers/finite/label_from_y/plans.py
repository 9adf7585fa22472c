"""Upper bounds: what a coupling, or a mix of maps, reaches, in exact and ball arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb, fmpq

from drc.information.entropy import entropy_term
from drc.solvers.arithmetic.balls import Number, exact_or_ball, is_zero, total
from drc.solvers.finite.asymptotic.answer import staying
from drc.solvers.finite.asymptotic.data import Data, ExactLaws
from drc.solvers.finite.asymptotic.primal import determined_pairs, pairs_of, spanning_tree
from drc.solvers.finite.asymptotic.question import Question
from drc.solvers.finite.asymptotic.transport import transport
from drc.solvers.finite.one_shot_yu.maps import coupling_of
from drc.solvers.request import Clock

#: Of more entries the sums would be long fractions: balls are used.
_EXACT_ENTRIES = 400


@dataclass(frozen=True, eq=False)
class Coupling:
    """A coupling that was proved to be one, and what it reaches, in nats.

    `given`, of shape (n_X, n_Y), are the doubles that it is made from: rows are scaled, or the entries on the `tree`
    are those that the laws determine. `entries` is the joint law, and for W2 `gamma` moves the output law to the
    reference.
    """

    given: np.ndarray
    entries: list
    tree: list | None
    reached: dict[str, Number]
    gamma: np.ndarray | None = None

    @cached_property
    def joint(self) -> np.ndarray:
        """The joint law of the letters kept, rounded to doubles; shape (n_X, n_Y)."""
        return np.array([[float(w) for w in row] for row in self.entries])

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
            return data.primal(self.entries) | _at_rest(question) if rational else None
        # That nothing is told at all, only fractions say.
        exact = self.tree is not None and rational and isinstance(self.reached["R"], fmpq)
        return data.primal(self.entries if exact else self.given, self.tree, self.gamma)


@dataclass(frozen=True, eq=False)
class Mix:
    """Weights of maps that were proved to be a mix, and what it reaches, in nats.

    `functions` are the weights and maps, for the letters kept, and `given` the doubles that they are made from; `gamma`
    is that of `Coupling`.
    """

    functions: list
    given: list
    reached: dict[str, Number]
    gamma: np.ndarray | None = None

    def full(self, data: Data, functions: list | None = None) -> list[tuple[float, tuple[int, ...]]]:
        """Return weights and maps, its own or others, for all letters; a letter without mass goes with the first."""
        found = []
        for weight, f in self.functions if functions is None else functions:
            g = np.full(data.problem.n_X, data.ys[f[0]])
            g[data.xs] = data.ys[f]
            found.append((float(weight), tuple(g.tolist())))
        return found

    def extras(self, data: Data) -> dict[str, object]:
        """Return the fields of a solution that say it."""
        return {"coupling": self.coupling(data), "plan": tuple(sorted(self.full(data), reverse=True))}

    def coupling(self, data: Data) -> np.ndarray:
        """Return the joint law of `X` and `Y`."""
        return coupling_of(data.problem, self.full(data))

    def primal(self, question: Question) -> dict[str, object] | None:
        """Return the plan as a certificate has it; None if the output law is to be the reference, and has no fractions."""
        # A constant map that makes up for what is missing of a target law is found again by whoever checks.
        data, own = question.data, self.given if question.asked is None else self.functions
        given = [[_plain(w), list(f)] for (w, _), (_, f) in zip(own, self.full(data, own), strict=True)]
        found: dict[str, object] = {"kind": "maps", "weights": given}
        if question.asked is not None:
            return found | _at_rest(question) if all(isinstance(w, fmpq) for w, _ in own) else None
        return found if self.gamma is None else found | {"gamma": data.padded(self.gamma)}


#: A code that was proved to be one.
Plan = Coupling | Mix


@dataclass(frozen=True, eq=False)
class Mixture:
    """Time sharing between component codes, and what they reach together, in nats."""

    shares: list[fmpq]
    parts: list[Plan]
    reached: dict[str, Number]

    def extras(self, data: Data) -> dict[str, object]:
        """Return the fields of a solution that say it."""
        mixture = tuple((float(w), part.coupling(data)) for w, part in zip(self.shares, self.parts, strict=True))
        mean = sum((w * joint for w, joint in mixture), np.zeros_like(mixture[0][1]))
        plans = [tuple(sorted(part.full(data), reverse=True)) for part in self.parts if isinstance(part, Mix)]
        found: dict[str, object] = {"mixture": mixture, "coupling": mean}
        return found | ({"plans": tuple(plans)} if plans else {})

    def primal(self, question: Question) -> dict[str, object] | None:
        """Return the plan as a certificate has it; None if that of a part is not possible."""
        found = [part.primal(question) for part in self.parts]
        if any(part is None for part in found):
            return None
        parts = [part | {"weight": float(w)} for w, part in zip(self.shares, found, strict=True) if part is not None]
        return {"kind": "mixture", "parts": [{k: v for k, v in part.items() if k != "kind"} for part in parts]}


def _at_rest(question: Question) -> dict[str, object]:
    """Return the part of a plan that says that no mass moves from the output law to the reference, for W2."""
    asked = question.asked
    return {"gamma": staying(asked.problem)} if asked is not None and asked.problem.perception == "W2" else {}


def _plain(weight: Number) -> Any:
    """Return a weight as a double if it is one."""
    rounded = float(weight)
    return rounded if not isinstance(weight, fmpq) or exact_or_ball(rounded) == weight else weight


def coupling(exact: ExactLaws, joint: np.ndarray) -> Coupling | None:
    """Prove what a coupling reaches.

    The laws of `joint` need only be nearly right: rows are scaled, or (with a target law) the entries on a spanning tree are
    determined by the two laws. Returns None if an entry is not proved to be >= 0.
    """
    data = exact.data
    joint = np.where(np.isfinite(data.d.high), np.maximum(joint, 0.0), 0.0)
    number = fmpq if joint.size <= _EXACT_ENTRIES else lambda *ratio: arb(fmpq(*ratio))
    tree = None if exact.target is None else determined_pairs(data, joint)
    if tree is None and exact.target is not None:
        return None
    entries = exact.coupling(joint, tree, number)
    return None if entries is None else _measured(exact, joint, entries, tree)


def independent(exact: ExactLaws) -> Coupling:
    """Return the coupling of the target law with the source of which it is independent."""
    entries = exact.independent()
    joint = np.array([[float(w) for w in row] for row in entries])
    tree = spanning_tree(joint)
    return _measured(exact, joint, entries, None if tree is None else pairs_of(tree, len(joint)))


def _measured(exact: ExactLaws, given: np.ndarray, entries: list[list[Number]], tree: list | None) -> Coupling:
    law = [total(column) for column in zip(*entries, strict=True)]
    measure, gamma = perception(exact, law)
    reached = exact.told(entries) | {"D": exact.cost(entries)} | measure
    return Coupling(given, entries, tree, reached, gamma)


def mix(exact: ExactLaws, functions: list) -> Mix | None:
    """Prove what maps with exact weights reach; what they miss of the target law goes on constant maps.

    The maps are of the letters kept. Returns None if they are more than the target law, use a forbidden pair, or there are
    none.
    """
    given = functions = [(w, f) for w, f in functions if w != 0]
    if exact.target is not None:
        law = _law(exact, given)
        rest = [q - g for q, g in zip(exact.target, law, strict=True)]
        if not all(r >= 0 for r in rest):
            return None
        missing = [(y, r) for y, r in enumerate(rest) if not is_zero(r)]
        functions = given + [(r, [y] * len(exact.source)) for y, r in missing]
    elif given:
        mass = total(w for w, _ in given)
        functions = [(w / mass, f) for w, f in given]
    n_Y, maps = len(exact.data.ys), [f for _, f in functions]
    if not functions or any(isinstance(exact.distortion[x][y], float) for f in maps for x, y in enumerate(f)):
        return None
    cells = [[fmpq(0) for _ in exact.labels] for _ in range(n_Y)]
    rate, distortion = fmpq(0), fmpq(0)
    for w, f in functions:
        for x, y in enumerate(f):
            distortion = distortion + w * exact.source[x] * exact.distortion[x][y]
            cells[y] = [t + w * label[x] for t, label in zip(cells[y], exact.labels, strict=True)]
        # A constant map has rate zero, which balls would not say.
        if len(set(f)) > 1:
            rate = rate + arb(w) * sum((entropy_term(arb(q)) for q in _law(exact, [(fmpq(1), f)])), arb(0))
    measure, gamma = perception(exact, [total(cell) for cell in cells])
    return Mix(functions, given, {"R": rate, "C": exact.equivocation(cells), "D": distortion} | measure, gamma)


def _law(exact: ExactLaws, functions: list) -> list[Number]:
    """Return the output law of maps."""
    law: list[Number] = [fmpq(0)] * len(exact.data.ys)
    for w, f in functions:
        for x, y in enumerate(f):
            law[y] = law[y] + w * exact.source[x]
    return law


# Perception ------------------------------------------------------------------------------------------------------------


def perception(exact: ExactLaws, law: list[Number]) -> tuple[dict[str, Number], np.ndarray | None]:
    """Return the perception measure of an output law, if it is bounded; for W2 a bound, and the plan that proves it."""
    data, problem = exact.data, exact.data.problem
    if data.measure is None:
        return {}, None
    reference = {int(y): exact_or_ball(p) for y, p in enumerate(problem.reference or ()) if p != 0}
    ys = data.ys.tolist()
    if data.measure == "TV":
        over = [q - reference.get(y, fmpq(0)) for y, q in zip(ys, law, strict=True)]
        missed = total(p for y, p in reference.items() if y not in ys)
        return {"P": (sum((abs(arb(w)) for w in over), arb(0)) + missed) / 2}, None
    if data.measure == "KL":
        cross = sum((arb(q) * arb(reference[y]).log() for y, q in zip(ys, law, strict=True)), arb(0))
        return {"P": -sum((entropy_term(arb(q)) for q in law), arb(0)) - cross}, None
    found = transport(np.array([float(q) for q in law]), data.reference.middle, data.ground.high, Clock())
    gamma = np.zeros(data.ground.high.shape) if found is None else found[0]
    ground = problem.exact_ground or ()
    costs = [[exact_or_ball(ground[y][j]) for j in reference] for y in ys]
    moved = [[exact_or_ball(float(w)) for w in row] for row in gamma]
    # Rows are shrunk to the law, then columns to the reference; what is missing then is moved at the largest cost.
    moved = [[w * _shrunk(row, q) for w in row] for row, q in zip(moved, law, strict=True)]
    shares = [_shrunk(column, p) for column, p in zip(zip(*moved, strict=True), reference.values(), strict=True)]
    moved = [[w * share for w, share in zip(row, shares, strict=True)] for row in moved]
    rest = 1 - total(w for row in moved for w in row)
    most = exact_or_ball(max(d for row in ground for d in row))
    cost = total(w * d for row, ds in zip(moved, costs, strict=True) for w, d in zip(row, ds, strict=True))
    return {"P": cost + rest * most}, gamma


def _shrunk(parts: Any, mass: Number) -> Number:
    own = total(parts)
    return fmpq(1) if own <= mass else arb(mass).lower() / arb(own).upper()
