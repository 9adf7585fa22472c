"""Several costs and several labels: easier problems with one of each.

Theorem "weighted". Take weights `w_k >= 0` of the costs, and `m_k >= 0` of the labels, of sum one. Let `d = sum w_k d_k`,
and let the label `(K, S_K)` have the law `m_k p_k(s, x)`. Every plan has `E d = sum w_k E d_k` and

    H(K, S_K|V) = H(m) + sum m_k H(S_k|V),

whatever V the classifier sees, because K is independent of X and thus of V. So a plan that meets all bounds meets
`E d <= sum w_k D_k` and `H(K, S_K|V) <= H(m) + sum m_k C_k`, with the same rate and the same law of Y, and

* the least R is at least that of the problem with d and (K, S_K) under these bounds;
* with `w_1 = 1` the least `D` (or `D + slope R`) is at least the least `E d` (or `E d + slope R`) less the sum of `w_k D_k`
  over `k > 1`;
* with `m_1 > 0` the least `C` is at least the least `H(K, S_K|V)`, less `H(m)` and the sum of `m_k C_k` over `k > 1`,
  divided by `m_1`;
* without the objective: if the least `E d` is above `sum w_k D_k` (or, where all `w_k` are zero, the least `H(K, S_K|V)`
  above `H(m) + sum m_k C_k`), nothing meets the bounds.

Theorem "nearest". Let `u_x` be the least `d_k(x, y)` over all y. If `sum p(x) u_x >= D_k`, a plan that meets `E d_k <= D_k`
uses no pair with `d_k(x, y) > u_x`; these are forbidden then, and the bound goes.

Theorem "law". Let `phi(q) = sum r_y f(q_y / r_y)` be a divergence of the law q of Y from the reference r, and `f*` the
conjugate of the convex function f. For every `kappa > 0` and `eta`, and any `nu >= 0` with `nu_y - eta <= kappa f'(oo)`
where `r_y = 0`, every law with `phi(q) <= P` has

    sum_y q_y nu_y <= eta + kappa P + kappa sum over r_y > 0 of r_y f*((nu_y - eta) / kappa).

So in theorem "weighted" `nu_y` may be added to the cost, and the right side to its bound; the bound on P goes.

Side conditions, and where each is tested:

* weights are proved to be at least 0; those of labels are rational, and sum to one exactly or are all 0: `_weights`;
* what has a weight has a bound, or is what is minimised: `weighted_claim`;
* a pair that any of the costs forbids is forbidden, whatever their weights: `_added`, `nearest_claim`;
* `nu` is proved to be at least 0, `kappa` to be positive, f* to be finite, and the condition where `r_y = 0` to hold:
  `_law`, `divergence.support`;
* a letter y that chi^2 forbids, for `r_y = 0`, is forbidden: `_plain`;
* all labels have exactly the same source: `read`;
* a pair is forbidden only if it is proved to cost more, and `D_k` is proved to leave no room: `nearest_claim`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flint import fmpq

from drc.checker.divergence import DIVERGENCES, support
from drc.checker.entropy import entropy, least, total
from drc.checker.fields import QUANTITIES, mapping
from drc.checker.numerals import is_zero, number
from drc.checker.output_law import letters
from drc.checker.read import Claim, Problem, UnprovedError, field, index, vector
from drc.types import Number


def alone(problem: Problem, name: str) -> Problem:
    """Return the problem in which the cost or the label of a bound is the only one."""
    costs, labels = problem.names
    if name in labels:
        law = [problem.p_SX, *problem.labels][labels.index(name)]
        return replace(problem, p_SX=law, costs=[], labels=[])
    return replace(problem, distortion=[problem.distortion, *problem.costs][costs.index(name)], costs=[], labels=[])


def first_of_each(claim: Claim) -> Claim:
    """Return the claim without the bounds of further costs and labels, and on a divergence; forbidden pairs stay."""
    problem = claim.problem
    if problem.measure in DIVERGENCES:
        # Nor is it without a bound that no other proof knows of.
        free = replace(problem, measure=None, reference=[])
        return first_of_each(replace(claim.without("P"), problem=free))
    if not problem.costs and not problem.labels:
        return claim
    tables = [problem.distortion, *problem.costs]
    plain = replace(problem, distortion=_added([fmpq(1)] + [fmpq(0)] * len(problem.costs), tables), costs=[], labels=[])
    return replace(claim, problem=plain, bounds={name: b for name, b in claim.bounds.items() if name in QUANTITIES})


def _added(weights: list, tables: list) -> list:
    def cost(values: tuple) -> Number:
        return math.inf if math.inf in values else total(w * v for w, v in zip(weights, values, strict=True))  # pyright: ignore[reportReturnType] (flint)

    return [list(map(cost, zip(*rows, strict=True))) for rows in zip(*tables, strict=True)]


@dataclass(frozen=True)
class _Weights:
    """The weights of costs and labels, and what bounds make of them.

    `nu` is added to the cost of each output letter, and costs at most `support`.
    """

    costs: dict[str, Number]
    labels: dict[str, Number]
    nu: list
    support: Number

    def spent(self, claim: Claim, weights: dict[str, Number]) -> Number:
        """Return the weighted sum of the bounds that there are."""
        return total(w * claim.bounds[name] for name, w in weights.items() if name in claim.bounds and not is_zero(w))

    def spread(self, claim: Claim) -> Number:
        """Return `H(m)`."""
        return entropy(self.labels.values(), claim.problem.bits)


def _weights(claim: Claim, dual: Mapping, at: str) -> _Weights:
    costs, labels = claim.problem.names
    found = [
        dict(zip(names, vector(f"{at}.{key}", field(at, dual, key), len(names)), strict=True))
        for key, names in (("costs", costs), ("labels", labels))
    ]
    for weights in found:
        for name, weight in weights.items():
            if not weight >= 0:
                raise UnprovedError(f"the weight of {name} is negative")
    shares = list(found[1].values())
    if not all(isinstance(m, fmpq) for m in shares) or total(shares) not in (0, 1):
        raise UnprovedError("the weights of labels must be rational, and sum to one or be zero")
    return _Weights(*found, *_law(claim, dual, at))  # pyright: ignore[reportCallIssue] (flint)


def _law(claim: Claim, dual: Mapping, at: str) -> tuple[list, Number]:
    """Read what is added to the cost of each output letter, and what it costs at most."""
    problem, given = claim.problem, dual.get("law")
    if given is None:
        return [fmpq(0)] * problem.n_Y, fmpq(0)
    fields = mapping(f"{at}.law", given)
    if problem.measure not in DIVERGENCES or "P" not in claim.bounds:
        raise UnprovedError(f"multipliers of the law need a bound P on one of {', '.join(DIVERGENCES)}")
    nu = vector(f"{at}.law.nu", field(f"{at}.law", fields, "nu"), problem.n_Y)
    if not all(v >= 0 for v in nu):
        raise UnprovedError("a multiplier of the law is negative")
    kappa, eta = (number(f"{at}.law.{key}", field(f"{at}.law", fields, key)) for key in ("price", "level"))
    return nu, support(
        problem.measure, [v - eta for v in nu], problem.reference, kappa, claim.bounds["P"], problem.bits
    ) + eta


def weighted_claim(claim: Claim, dual: Mapping, at: str) -> tuple[Claim, Callable[[Number], Number]]:
    """Return the claim about weighted costs and labels, and what a bound on its optimum proves of that of the claim.

    The dual is of kind "weighted"; `at` is its field, for messages.
    """
    problem, by = claim.problem, _weights(claim, dual, at)
    objective = index(f"{at}.objective", dual.get("objective", 1), 2)
    paid, told = (any(not is_zero(w) for w in weights.values()) for weights in (by.costs, by.labels))
    paid = paid or any(not is_zero(v) for v in by.nu)
    own = claim.minimise if objective else "D" if paid else "C"
    for name, weight in (by.costs | by.labels).items():
        if not is_zero(weight) and name not in claim.bounds and not (objective and name == own):
            raise UnprovedError(f"{name} has a weight and no bound")
    if objective and own == "D" and by.costs["D"] != 1:
        raise UnprovedError("the weight of what is minimised must be 1")
    if own == "C" and not (by.labels["C"] if objective else fmpq(int(told))) > 0:
        raise UnprovedError("no label that matters has a weight")
    kept = ("R",) if problem.measure in DIVERGENCES else ("R", "P")
    bounds = {name: bound for name, bound in claim.bounds.items() if name in kept}
    spent, left = by.spent(claim, by.costs) + by.support, by.spread(claim) + by.spent(claim, by.labels)
    if own != "D" and paid:
        bounds["D"] = spent
    if own != "C" and told:
        bounds["C"] = left
    easier = replace(
        claim,
        problem=_plain(problem, by, claim.bounds),
        bounds=bounds,
        minimise=own,
        slope=claim.slope if objective else None,
    )

    def conclude(bound: Number) -> Number:
        if bound == math.inf or (objective and own == "R"):
            return bound
        rest = bound - (spent if own == "D" else left)
        if not objective:
            return math.inf if rest > 0 else -math.inf  # pyright: ignore[reportReturnType] (flint)
        return rest if own == "D" else rest / by.labels["C"]

    return easier, conclude


def _plain(problem: Problem, by: _Weights, bounds: Mapping[str, Number]) -> Problem:
    tables = [problem.distortion, *problem.costs]
    laws = zip(by.labels.values(), [problem.p_SX, *problem.labels], strict=True)
    p_SX = [[m * p for p in row] for m, law in laws if m != 0 for row in law] or problem.p_SX
    costs = _added(list(by.costs.values()), tables)
    changes = {}
    if problem.measure in DIVERGENCES:
        used = letters(problem, dict(bounds))
        costs = [[_with(c, by.nu[y], allowed=y in used) for y, c in enumerate(row)] for row in costs]
        changes = {"measure": None, "reference": []}
    return replace(problem, distortion=costs, p_SX=p_SX, costs=[], labels=[], **changes)


def _with(cost: Number, nu: Number, *, allowed: bool) -> Number:
    return math.inf if not allowed or cost == math.inf else cost + nu  # pyright: ignore[reportReturnType] (flint)


def nearest_claim(claim: Claim, dual: Mapping, at: str) -> Claim:
    """Return the claim in which letters go only where a cost is least, if its bound leaves no room for more."""
    problem = claim.problem
    tables = [problem.distortion, *problem.costs]
    k = index(f"{at}.cost", field(at, dual, "cost"), len(tables))
    name = problem.names[0][k]
    if name not in claim.bounds:
        raise UnprovedError(f"{name} has no bound")
    u = [least(row) for row in tables[k]]
    if any(u[x] == math.inf for x in problem.sources):
        raise UnprovedError("a letter has no pair that is allowed")
    if not problem.mean(u) >= claim.bounds[name]:
        raise UnprovedError(f"the bound on {name} is not proved to leave no room")
    nearest = [_without_dear(table, tables[k], u) for table in tables]
    return replace(claim.without(name), problem=replace(problem, distortion=nearest[0], costs=nearest[1:]))


def _without_dear(table: list, paid: list, u: list) -> list:
    """Forbid the pairs for which more is paid than the least."""
    rows = zip(table, paid, u, strict=True)
    return [[math.inf if d > low else c for c, d in zip(row, costs, strict=True)] for row, costs, low in rows]
