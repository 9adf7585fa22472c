"""Upper bounds: a plan is put together from its numbers, proved to be one, and measured.

Theorem. The optimum is at most the objective of a plan that meets the bounds. Side conditions, and where each is
tested, whatever is bounded or minimised:

* the plan is one of the setting: maps for one shot, couplings for long blocks (`_measured`), mixtures of them only with
  time sharing (`_mixture`), and messages only where the classifier sees the message (`_messages`), which may be Y itself;
* its weights are proved to be at least 0, and add up to one: those of maps are divided by their sum, which is proved to
  be positive, or filled up by constant maps (`_weighted`); the last of a mixture is what the others leave (`_mixture`);
* a coupling's entries are proved to be at least 0, and its marginals are exactly those of the problem: its rows are
  scaled to p(x) (`_scaled`), or the entries at the edges of a forest follow from the marginals (`_complete`), or it is
  the product of the marginals (`_coupling`); the masses of messages add up to such a coupling (`_messages`);
* a further cost or label is measured of the same plan, as the only one (`upper_bound`);
* no forbidden pair has mass, in every plan and in every part of a mixture (`_no_forbidden_pair`); a letter x without
  mass plays no part;
* every bound is proved to be met: C by what the classifier of the problem sees, P by each part of a mixture by itself
  (`upper_bound`, `_mixture`); under KL a letter without mass in the reference has none (`output_law.perception`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from flint import arb, arb_mat, fmpq

from drc.checker.entropy import dot, entropy, least, relative, total, unknown
from drc.checker.fields import QUANTITIES, listed, mapping, word
from drc.checker.normal import normal_upper
from drc.checker.numerals import is_zero
from drc.checker.output_law import perception
from drc.checker.read import Claim, NormalClaim, Problem, UnprovedError, field, index, matrix, numbers, shown
from drc.checker.several import alone
from drc.types import Number


def upper_bound(claim: Claim | NormalClaim) -> Number:
    """Return a number that the optimum does not exceed: the objective of the plan in `primal`.

    Raises `UnprovedError` if the plan is not valid, or misses a bound, and `ProblemError` if the certificate is malformed.
    """
    if claim.primal is None:
        raise UnprovedError("there is no primal")
    if isinstance(claim, NormalClaim):
        return normal_upper(claim)
    names = set(claim.bounds) | set(claim.objective)
    reached = _measured(claim.problem, claim.primal, names & set(QUANTITIES), "primal")
    further = claim.problem.names[0][1:] if isinstance(claim.problem, Problem) else []
    for name in names - set(QUANTITIES) | set(further):
        # A further cost or label is measured as the only one; what a cost forbids no plan uses, be it bounded or not.
        reached[name] = _measured(alone(claim.problem, name), claim.primal, {name[0]}, "primal")[name[0]]
    for name, bound in claim.bounds.items():
        if not reached[name] <= bound:
            raise UnprovedError(
                f"the plan is not proved to meet {name} <= {shown(bound)}: it reaches {shown(reached[name])}"
            )
    return total(weight * reached[name] for name, weight in claim.objective.items())


def _measured(problem: Problem, plan: Mapping, names: set[str], at: str) -> dict[str, Number]:
    kind = word(f"{at}.kind", plan.get("kind"), ("maps", "coupling", "mixture", "messages"))
    if kind == "mixture":
        return _mixture(problem, plan, names, at)
    if kind == "messages":
        return _messages(problem, plan, names, at)
    if (kind == "maps") == problem.asymptotic:
        raise UnprovedError(f'a plan of kind "{kind}" is none of this setting')
    measures, law = _coupling(problem, plan, at) if kind == "coupling" else _maps(problem, plan, at)
    measures["P"] = lambda: perception(problem, law, plan.get("gamma"), f"{at}.gamma")
    return {name: measures[name]() for name in names}


def _mixture(problem: Problem, plan: Mapping, names: set[str], at: str) -> dict[str, Number]:
    """Mean of the parts; the last weight is what the others leave. Each part meets the perception bound by itself."""
    if not problem.time_sharing:
        raise UnprovedError("a mixture is a plan only with time sharing")
    parts = [mapping(f"{at}.parts[{i}]", part) for i, part in enumerate(listed(f"{at}.parts", plan.get("parts")))]
    if not parts:
        raise UnprovedError("the mixture has no parts")
    weights = numbers({f"{at}.parts[{i}].weight": part.get("weight") for i, part in enumerate(parts)})
    weights[-1] = 1 - total(weights[:-1])
    if any(not weight >= 0 for weight in weights):
        raise UnprovedError("the weights of the mixture are not proved to be a law")
    reached = []
    for i, part in enumerate(parts):
        kind = "coupling" if "joint" in part else "maps"
        here = {name: part[name] for name in ("joint", "tree", "gamma") if name in part}
        if kind == "maps":
            here |= {"weights": field(f"{at}.parts[{i}]", part, "weights")}
        reached.append(_measured(problem, {"kind": kind, **here}, names, f"{at}.parts[{i}]"))
    mean = {name: dot(weights, [part[name] for part in reached]) for name in names}
    if "P" in names:
        mean["P"] = -least(-part["P"] for part in reached)
    return mean


#: What is measured of a plan, when it is requested, by the letters "R", "C" and "D"; and the law of its output.
_Code: TypeAlias = tuple[dict[str, Callable[[], Number]], list]


# Messages -------------------------------------------------------------------------------------------------


def _messages(problem: Problem, plan: Mapping, names: set[str], at: str) -> dict[str, Number]:
    """Measure messages with an output letter each; the mass of each pair of letters is made to be that of a coupling."""
    if not problem.sees_message:
        raise UnprovedError("messages are a plan only if the classifier sees the message")
    if "P" in names and problem.measure == "W2":
        raise UnprovedError("a plan of messages has no part for a bound on W2")
    given = listed(f"{at}.letters", plan.get("letters"))
    ys = [index(f"{at}.letters[{j}]", y, problem.n_Y) for j, y in enumerate(given)]
    masses = matrix(f"{at}.joint", plan.get("joint"), problem.n_X, len(ys))
    if any(not mass >= 0 for x in problem.sources for mass in masses[x]):
        raise UnprovedError("a mass of a message is negative")
    masses = [[m if m == 0 or problem.is_large else arb(m) for m in row] for row in masses]
    whole = [[total(m for m, z in zip(row, ys, strict=True) if z == y) for y in range(problem.n_Y)] for row in masses]
    joint = [list(row) for row in whole]
    if problem.p_Y is None:
        joint = _scaled(problem, joint)[0]
    else:
        _complete(problem, joint, _edges(problem, plan, at))
    for x in problem.sources:
        for j, y in enumerate(ys):
            if not is_zero(masses[x][j]):
                masses[x][j] = masses[x][j] / whole[x][y] * joint[x][y]
    for x in problem.sources:
        # A pair that has mass only by the laws has no message.
        if any(is_zero(a) and not is_zero(b) for a, b in zip(whole[x], joint[x], strict=True)):
            raise UnprovedError(f"the laws require a mass at x = {x} that no message has")
    _no_forbidden_mass(problem, joint)
    measures = {
        "R": lambda: _information(problem, masses, _law(problem, masses)),
        "C": lambda: _equivocations(problem, _label_cells(problem, masses)),
        "D": lambda: _cost(problem, joint),
        "P": lambda: perception(problem, _law(problem, joint), None, at),
    }
    return {name: measures[name]() for name in names}


# Deterministic maps ---------------------------------------------------------------------------------------


def _maps(problem: Problem, plan: Mapping, at: str) -> _Code:
    used = [(weight, f) for weight, f in _weighted(problem, plan, at) if not is_zero(weight)]
    weights, maps = [weight for weight, _ in used], [f for _, f in used]
    _no_forbidden_pair(problem, ((x, f[x]) for f in maps for x in problem.sources))
    cells = [_cells(problem, f) for f in maps]
    mean = [[dot(weights, (each[y][s] for each in cells)) for s in range(problem.n_S)] for y in range(problem.n_Y)]

    def classification() -> Number:
        if not problem.sees_U:
            return _equivocations(problem, mean)
        return dot(weights, (_equivocations(problem, each) for each in cells))

    def distortion_of(f: list[int]) -> Number:
        return total(problem.p_X[x] * problem.distortion[x][f[x]] for x in problem.sources)

    measures = {
        "R": lambda: dot(weights, (_rate_of_map(problem, f, each) for f, each in zip(maps, cells, strict=True))),
        "C": classification,
        "D": lambda: dot(weights, map(distortion_of, maps)),
    }
    return measures, [total(cell) for cell in mean]


def _weighted(problem: Problem, plan: Mapping, at: str) -> list[tuple[Number, list[int]]]:
    """Read the maps and make their weights a law whose output has the target law, or prove that this cannot be done."""
    given, fs = {}, []
    for i, pair in enumerate(listed(f"{at}.weights", plan.get("weights"))):
        here = f"{at}.weights[{i}]"
        given[f"{here}[0]"], f = listed(here, pair, 2)
        fs.append(
            [index(f"{here}[1][{x}]", y, problem.n_Y) for x, y in enumerate(listed(f"{here}[1]", f, problem.n_X))]
        )
    maps = list(zip(numbers(given), fs, strict=True))
    if any(not weight >= 0 for weight, _ in maps):
        raise UnprovedError("a weight is negative")
    if problem.p_Y is None:
        mass = total(weight for weight, _ in maps)
        if not mass > 0:
            raise UnprovedError("no map has weight")
        return [(weight / mass, f) for weight, f in maps]
    for y, p in enumerate(problem.p_Y):
        missing = p - total(weight * total(problem.p_X[x] for x in problem.sources if f[x] == y) for weight, f in maps)
        if not missing >= 0:
            raise UnprovedError(
                f"the maps give letter y = {y} more than its mass, or not provably less, by {shown(-missing)}"
            )
        if not is_zero(missing):
            maps.append((missing, [y] * problem.n_X))
    return maps


def _cells(problem: Problem, f: list[int]) -> list[list[Number]]:
    """Return the masses of (S, Y): n_Y cells of n_S."""
    cells: list[list[Number]] = [[fmpq(0)] * problem.n_S for _ in range(problem.n_Y)]
    for x in problem.sources:
        for s in range(problem.n_S):
            cells[f[x]][s] += problem.p_SX[s][x]
    return cells


def _rate_of_map(problem: Problem, f: list[int], cells: list[list[Number]]) -> Number:
    """Return `H(f(X))`; a constant map has none, be the masses known exactly or not."""
    if len({f[x] for x in problem.sources}) == 1:
        return fmpq(0)
    return entropy(map(total, cells), problem.bits)


def _no_forbidden_pair(problem: Problem, pairs: Iterable[tuple[int, int]]) -> None:
    for x, y in pairs:
        if problem.distortion[x][y] == math.inf:
            raise UnprovedError(f"the forbidden pair x = {x}, y = {y} is used")


def _equivocations(problem: Problem, cells: list) -> Number:
    return total(unknown(problem.uncertainty, cell, problem.bits) for cell in cells)


# Couplings ------------------------------------------------------------------------------------------------


def _coupling(problem: Problem, plan: Mapping, at: str) -> _Code:
    if plan.get("joint") is None and problem.p_Y is not None:
        independent = [[p * q for q in problem.p_Y] for p in problem.p_X]
        return _code(problem, _light(problem, independent), problem.p_Y, independent=True)
    joint = matrix(f"{at}.joint", plan.get("joint"), problem.n_X, problem.n_Y)
    if any(not entry >= 0 for x in problem.sources for entry in joint[x]):
        raise UnprovedError("an entry of the coupling is negative")
    if problem.p_Y is None:
        return _code(problem, *_scaled(problem, joint))
    _complete(problem, joint, _edges(problem, plan, at))
    return _code(problem, _light(problem, joint), problem.p_Y, independent=False)


def _edges(problem: Problem, plan: Mapping, at: str) -> list[tuple[int, int]]:
    """Read the pairs of letters whose entries the marginals determine."""
    pairs = []
    for i, edge in enumerate(listed(f"{at}.tree", plan.get("tree"))):
        x, y = listed(f"{at}.tree[{i}]", edge, 2)
        pairs.append((index(f"{at}.tree[{i}][0]", x, problem.n_X), index(f"{at}.tree[{i}][1]", y, problem.n_Y)))
    return pairs


def _light(problem: Problem, joint: list) -> list:
    """Return the entries as balls where fractions would grow long."""
    return [[entry if entry == 0 else arb(entry) for entry in row] for row in joint] if problem.is_large else joint


def _scaled(problem: Problem, joint: list) -> tuple[list, list, bool]:
    """Give row x the mass p(x); return the coupling, its output law, and whether all its rows are one."""
    joint = _light(problem, joint)
    first = joint[problem.sources[0]]
    independent = all(joint[x] == first for x in problem.sources)
    for x in problem.sources:
        mass = total(joint[x])
        if not mass > 0:
            raise UnprovedError(f"row x = {x} of the coupling has no mass")
        joint[x] = [problem.p_X[x] / mass * entry for entry in joint[x]]
    return joint, _law(problem, joint), independent


def _complete(problem: Problem, joint: list, edges: list[tuple[int, int]]) -> None:
    """Determine the entries at the edges of a forest by the marginals, from the leaves inwards."""
    n_X, sources = problem.n_X, set(problem.sources)
    for x, y in edges:
        joint[x][y] = fmpq(0)
    # Nodes are the source letters, then the output letters; `left` is what they still lack.
    left = [p - total(joint[x]) if x in sources else fmpq(0) for x, p in enumerate(problem.p_X)]
    left += [p - total(joint[x][y] for x in problem.sources) for y, p in enumerate(problem.p_Y)]
    beside: list[set[int]] = [set() for _ in left]
    for x, y in edges:
        beside[x].add(n_X + y)
        beside[n_X + y].add(x)
    leaves = [node for node, others in enumerate(beside) if len(others) == 1]
    done = 0
    while leaves:
        node = leaves.pop()
        if not beside[node]:
            continue
        (other,) = beside[node]
        x, y = (node, other - n_X) if node < n_X else (other, node - n_X)
        joint[x][y] = value = left[node]
        if not value >= 0:
            raise UnprovedError(f"the entry x = {x}, y = {y}, which the marginals determine, is not proved to be >= 0")
        left[node], left[other] = fmpq(0), left[other] - value
        beside[node], done = set(), done + 1
        beside[other].discard(node)
        if len(beside[other]) == 1:
            leaves.append(other)
    if done < len(edges):
        raise UnprovedError("the edges of the tree form a cycle")
    lacking = [value for value in left if not is_zero(value)]
    # Both laws sum to one; so if all nodes but one lack nothing, neither does that one.
    if len(lacking) > 1 or (lacking and not (isinstance(lacking[0], arb) and lacking[0].contains(0))):
        raise UnprovedError(f"the coupling misses its marginals, at one letter by {shown(lacking[0])}")


def _code(problem: Problem, joint: list, law: list, independent: bool) -> _Code:
    _no_forbidden_mass(problem, joint)
    measures = {
        "R": lambda: fmpq(0) if independent else _information(problem, joint, law),
        "C": lambda: _equivocations(problem, _label_cells(problem, joint)),
        "D": lambda: _cost(problem, joint),
    }
    return measures, law


def _no_forbidden_mass(problem: Problem, joint: list) -> None:
    used = ((x, y) for x in problem.sources for y, entry in enumerate(joint[x]) if not is_zero(entry))
    _no_forbidden_pair(problem, used)


def _law(problem: Problem, joint: list) -> list:
    """Return the masses of the columns: of output letters, or of messages."""
    return [total(joint[x][y] for x in problem.sources) for y in range(len(joint[0]))]


def _information(problem: Problem, joint: list, law: list) -> Number:
    """Return the mutual information of the rows and the columns."""
    return total(
        relative(entry, problem.p_X[x] * q, problem.bits)
        for x in problem.sources
        for entry, q in zip(joint[x], law, strict=True)
    )


def _cost(problem: Problem, joint: list) -> Number:
    return total(dot(joint[x], problem.distortion[x]) for x in problem.sources)


def _label_cells(problem: Problem, joint: list) -> list:
    """Return the masses of (S, Y): as many cells of n_S as there are columns."""
    given = [problem.label_given(x) for x in problem.sources]
    if problem.is_large:
        return (arb_mat([joint[x] for x in problem.sources]).transpose() * arb_mat(given)).tolist()
    return [
        [total(joint[x][y] * p[s] for x, p in zip(problem.sources, given, strict=True)) for s in range(problem.n_S)]
        for y in range(len(joint[0]))
    ]
