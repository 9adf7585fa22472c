"""From answers to what is proved: an enclosure, its certificate, and the solution that a user sees."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from drc.solvers.arithmetic.balls import Number, float_above, float_below, to_fraction
from drc.solvers.finite.certificates import FiniteCertificate, PackedTree, rewritten
from drc.solvers.finite.one_shot_yu.maps import Maps, coupling_of
from drc.solvers.finite.one_shot_yu.program import Program, dual_bound, primal_bound
from drc.solvers.finite.one_shot_yu.vertex import Answer
from drc.solvers.outcome import Solution, status_of


@dataclass(frozen=True, eq=False)
class Enclosure:
    """What is proved of a program.

    The weights of `primal` prove `upper`, and the multipliers of `dual` prove `lower`, or the `relaxation`, a proof by
    an easier problem; without either it is zero because nothing is negative. `stopped` says why the search ended before
    it was done, if it did.
    """

    program: Program
    lower: float
    upper: float
    value: float
    primal: Answer | None
    dual: Answer | None
    relaxation: dict[str, object] | None = None
    tolerance: float = 1e-9
    stopped: str = ""

    @property
    def status(self) -> str:
        """As in `Solution`."""
        return status_of(self.lower, self.upper, self.tolerance, stopped=self.stopped, scale=self.program.scale)


def enclose(program: Program, answers: list[Answer], tolerance: float, *, stopped: str = "") -> Enclosure:
    """Find out what some answers prove together.

    `stopped` says why the search ended before it was done, as `Clock.stopped` does.
    """
    for answer in answers:
        if answer.weights is None:
            bound = dual_bound(program, None, answer.duals, answer.target_duals, answer.price)
            if bound is not None and bound > 0:
                return Enclosure(program, math.inf, math.inf, math.inf, None, answer)
    useful = [answer for answer in answers if answer.weights is not None or (len(answers) > 1 and answer.price is None)]
    lower, dual = max(((lower_bound(program, a), a) for a in useful), key=lambda p: p[0], default=(0.0, None))
    costs = [(cost_proved(program, answer), answer) for answer in answers]
    costs = [(cost, answer) for cost, answer in costs if cost is not None]
    cost, primal = min(costs, key=lambda pair: float(pair[0]), default=(None, None))
    upper = math.inf if cost is None else float_above(cost)
    value = lower if cost is None else min(max(float(cost), lower), upper)
    dual = dual if lower > 0 else None
    return Enclosure(program, lower, upper, value, primal, dual, tolerance=tolerance, stopped=stopped)


def cost_proved(program: Program, answer: Answer) -> Number | None:
    """Return the cost of an answer's weights; None if they are not proved feasible, or there are none."""
    if answer.weights is None:
        return None
    if answer not in program.costs:
        program.costs[answer] = primal_bound(program, answer.weights, answer.transport)
    return program.costs[answer]


def lower_bound(program: Program, answer: Answer) -> float:
    """Return what the multipliers of an answer prove, as a double; zero if it is nothing."""
    bound = dual_bound(program, program.minimise, answer.duals, answer.target_duals, answer.price)
    return 0.0 if bound is None else max(0.0, float_below(bound))


def _certificate(enclosure: Enclosure) -> FiniteCertificate:
    """Write down what proves an enclosure."""
    program, maps = enclosure.program, enclosure.program.maps
    weights: dict = {} if enclosure.primal is None else enclosure.primal.weights or {}
    listed = [[to_fraction(w), list(maps.full_map(f))] for f, w in weights.items() if w]
    return FiniteCertificate(
        problem=maps.problem,
        minimise=program.minimise,
        unit=maps.unit,
        bounds=tuple(program.bounds.items()),
        lower=enclosure.lower,
        upper=enclosure.upper,
        primal={"kind": "maps", "weights": listed} | _gamma(enclosure) if listed else None,
        dual=enclosure.relaxation or _dual(enclosure),
    )


def _gamma(enclosure: Enclosure) -> dict[str, Any]:
    """The transport of the output law to the reference, over all letters, if W2 is bounded."""
    program = enclosure.program
    if program.ball is None or program.ball.measure != "W2" or enclosure.primal is None:
        return {}
    n_Y, transport = program.maps.problem.n_Y, enclosure.primal.transport or ()
    gamma = [[Fraction(0)] * n_Y for _ in range(n_Y)]
    for i, row in zip(program.maps.ys, transport, strict=True):
        for j, mass in zip(program.ball.js, row, strict=True):
            gamma[i][j] = to_fraction(mass)
    return {"gamma": gamma}


def _dual(enclosure: Enclosure) -> dict[str, Any]:
    program, answer = enclosure.program, enclosure.dual
    if answer is None:
        return {"kind": "trivial"}
    # Nobody may go to the letters that are left out, whatever their multiplier: it is more than moving mass costs.
    sizes = [abs(v) for v in (*answer.target_duals, *answer.duals.values())]
    rest = [10**6 * sum(sizes, fmpq(1))] * program.maps.problem.n_Y if program.ball is not None else []
    by_letter = dict(enumerate(rest)) | dict(zip(program.maps.ys, answer.target_duals, strict=False))
    pricing = answer.proof or {"kind": "subsets"}
    # The checker finds the least price over subsets itself; a claim of ours could only be lower.
    price = {} if pricing["kind"] == "subsets" or answer.price is None else {"price": to_fraction(answer.price)}
    return {
        "kind": "maps",
        "objective": int(enclosure.status != "infeasible"),
        "multipliers": {name: to_fraction(v) for name, v in answer.duals.items() if v},
        "nu": [to_fraction(by_letter.get(y, fmpq(0))) for y in range(program.maps.problem.n_Y)],
        **price,
        "pricing": pricing,
    }


def packed(enclosure: Enclosure, method: str) -> Solution:
    """Return the solution that a user sees, with what proves it."""
    program, maps, problem = enclosure.program, enclosure.program.maps, enclosure.program.maps.problem
    dual = enclosure.dual
    duals: dict[str, Any] = {} if dual is None else {name: float(v) for name, v in dual.duals.items()}
    if dual is not None and dual.target_duals:
        by_letter = dict(zip(maps.ys, dual.target_duals, strict=True))
        duals["p_Y"] = tuple(float(by_letter.get(y, 0)) for y in range(problem.n_Y))
    return Solution(
        value=enclosure.value,
        lower=enclosure.lower,
        upper=enclosure.upper,
        status=enclosure.status,
        minimise=program.minimise,
        unit=maps.unit,
        bounds={name: float(bound) for name, bound in program.bounds.items()},
        duals=duals,
        certificate=_certificate(enclosure),
        method=method,
        scale=program.scale,
        tolerance=enclosure.tolerance,
        **_reached(enclosure),
    )


def _reached(enclosure: Enclosure) -> dict[str, Any]:
    """The plan, its coupling, and what it reaches."""
    program, maps, problem = enclosure.program, enclosure.program.maps, enclosure.program.maps.problem
    if enclosure.primal is None:
        return {}
    weights = [(float(w), f) for f, w in (enclosure.primal.weights or {}).items() if w]
    plan = sorted(((w, maps.full_map(f)) for w, f in weights), reverse=True)
    coupling = coupling_of(problem, plan)
    columns = [(w, program.maps.column(f)) for w, f in weights]
    names = {"distortion": "D", "rate": "R", "classification": "C"}
    reached = {word: sum(w * float(c.quantity(name)) for w, c in columns) for word, name in names.items()}
    return reached | {"plan": tuple(plan), "coupling": coupling} | _perception(enclosure, coupling.sum(axis=0))


def _perception(enclosure: Enclosure, law: np.ndarray) -> dict[str, Any]:
    """The perception measure, and what the plan reaches of it; of W2 what its transport reaches."""
    ball = enclosure.program.ball
    if ball is None or enclosure.primal is None:
        return {}
    reached = ball.measured(law[list(enclosure.program.maps.ys)], enclosure.primal.transport)
    return {"measure": ball.measure, "perception": reached}


def lifted(proof: dict | None, maps: Maps, *, labelled: bool = True) -> dict:
    """Rewrite a proof of a pricing bound, from the letters in use to all letters of the problem.

    The source letters are counted one by one, in the order of the groups: what is excluded for a letter is proved for it
    alone, and its group may have more mass.

    The proof is the entry "pricing" of a certificate, None if the sum of least costs is the bound; `labelled` says whether
    it is about the joint masses of letter and label, or about those of the letter alone.

    Examples
    --------
    >>> from drc.problems import Finite
    >>> maps = Maps(Finite([[0.5, 0.5], [0, 0]], [[0, 1], [0, 1]]))
    >>> tree = {"exclude": [[0, 1]], "slopes": [[2.0], [3.0]], "then": {"slopes": []}}
    >>> lifted({"kind": "tree", "tree": tree}, maps)["tree"]
    {'exclude': [[0, 1]], 'slopes': [[2.0, 0.0], [3.0, 0.0]], 'then': {'slopes': []}}
    """
    if proof is None:
        # Without slopes the bound of the whole box is the sum of least costs, because no entropy is negative.
        return {"kind": "tree", "tree": {"slopes": [[0.0] * maps.problem.n_S] * maps.problem.n_Y}}
    problem, sources = maps.problem, [x for group in maps.groups for x in group]
    labels = [s for s, row in enumerate(problem.p_SX) if any(p != 0 for p in row)] if labelled else [0]

    def slopes(given: Any) -> list:
        """Write slopes over all labels; one row is that of a cell on its own, else there is one for each letter in use."""
        rows = np.zeros((1 if len(given) == 1 < len(maps.ys) else problem.n_Y, problem.n_S if labelled else 1))
        if len(given):
            rows[np.ix_([0] if len(rows) == 1 else list(maps.ys), labels)] = given
        return rows.tolist() if len(given) else []

    def spread(u: list[float]) -> list[float]:
        """Write the prices of letters over all of them."""
        prices = dict(zip(sources, u, strict=True))
        return [prices.get(x, 0.0) for x in range(problem.n_X)]

    changes = {
        "u": spread,
        "slopes": slopes,
        "split": lambda split: [maps.ys[split[0]], labels[split[1]], split[2]],
        # -1 is "in no cell", where the tree is about a cell on its own.
        "exclude": lambda pairs: [[sources[i], y if y < 0 else maps.ys[y]] for i, y in pairs],
    }
    found: dict[str, Any] = rewritten(proof, changes) | (
        {} if labelled or proof["kind"] == "subsets" else {"labelled": False}
    )
    if "trees" in found:
        packed = proof["kind"] == "sets"
        given = [_of_labels(tree, labels, problem.n_S) for tree in proof["trees"]] if packed else found["trees"]
        trees = dict(zip(maps.ys, given, strict=True))
        found["trees"] = [trees.get(y, {"vector" if packed else "slopes": []}) for y in range(problem.n_Y)]
    return found


def _of_labels(tree: PackedTree, labels: list[int], n_S: int) -> PackedTree:
    """Rewrite a tree from the labels in use to all labels."""
    vectors = np.zeros((len(tree.labels), n_S + 1))
    vectors[:, [*labels, n_S]] = tree.vectors
    split = np.where(tree.labels < 0, -1, np.array(labels)[tree.labels])
    return replace(tree, labels=split, vectors=vectors)
