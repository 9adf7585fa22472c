"""Lower bounds where the classifier sees the message: boxes of the posterior of the label, letter by letter.

Theorem. A message is a law `p` of the source and an output letter y; with `W_x` the law of the label given x, it leaves
the law `r = sum_x p(x) W_x` of the label. Let `a, lambda, mu >= 0` be the multipliers of D, R, C, with `lambda > 0`, let `u`
be potentials of the source letters, and `lambda'`, `mu'` the multipliers in nats. Put `mu_1 = min(lambda', mu')` and
`mu_2 = mu' - mu_1`. Take a box `low <= r <= high` and any vector t of numbers, and let

    F = sum over x with p(x) > 0 and d(x,y) finite of p(x) exp((u_x - a d(x,y)) / lambda' + <W_x, t>),

r' the mean of `W_x` under its terms, and `g = mu_1 log r' - lambda' t`. Then every message of the letter y with r in the
box has

    a <d_y, p> + lambda' D(p || p_X) + mu' H(r) - <u, p>
        >= -lambda' log F + sum_s min over e in {low_s, high_s} of [-mu_2 e log e - g_s e],

in nats where R and C are. If `w_y` is the least of these over the leaves of a tree of boxes, every plan has

    a D + lambda R + mu C >= sum_x p(x) u_x + (sum_y p_Y(y) w_y, or the least w_y if the law of Y is free).

Proof. Rate, label and distortion of a plan are means over its messages, whose posteriors have the mean `p_X`. For one
message add and subtract `<g, r>`. In each `r_s` the function `-mu_2 r log r - g r` is concave: it is least at an end of the
interval. For the rest, `H(r) = min over q of -sum_s r_s log q_s`; for fixed q the least over p is `-lambda' log` of

    sum_x p(x) exp((u_x - a d(x,y) + <W_x, mu_1 log q - g>) / lambda'),

which is concave in q and homogeneous of degree `mu_1 / lambda' <= 1`. At `q = r'` it is F, and its gradient is
`F mu_1 / lambda'` in each direction, so that its tangent is F on the whole simplex.

Side conditions, and where each is tested:

* the setting is asymptotic and the classifier sees the message, and P is not bounded: here;
* the multipliers are proved to be at least 0, and those of quantities without a bound are 0: `read_multipliers`;
* `lambda` is proved to be positive: here;
* every y that may have mass has a tree, and so has every part of its box: `_least`; it may be that of an earlier letter,
  if all costs are the same numbers, or distortion has no price and the same pairs are allowed: `_like`;
* the first box holds every `W_x`, hence every r; later ones are cut only by `sum_s r_s = 1`: `_root`, `_tightened`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from flint import arb, arb_mat, fmpq

from drc.checker.boxes import tree
from drc.checker.entropy import INFINITY, least, logarithm, total
from drc.checker.fields import listed
from drc.checker.limits import MOST_EVALUATIONS
from drc.checker.multipliers import Multipliers, read_multipliers
from drc.checker.numerals import is_zero, number
from drc.checker.output_law import letters, worth
from drc.checker.read import Claim, Problem, UnprovedError, field, index, vector
from drc.types import Number

#: Bits to which the ends of boxes are rounded outwards, so that their fractions stay short.
_BITS = 64


def messages_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what the trees prove.

    The dual is of kind "messages"; `at` is its field, for messages.
    """
    problem = claim.problem
    if not (problem.asymptotic and problem.sees_message):
        raise UnprovedError('a dual of kind "messages" is for the asymptotic setting whose classifier sees the message')
    if "P" in claim.bounds:
        raise UnprovedError('a dual of kind "messages" has no part for a bound on P')
    by = read_multipliers(claim, dual.get("multipliers", {}), dual.get("objective", 1), at)
    if not by.R > 0:
        raise UnprovedError("the multiplier of R is not proved to be positive")
    u = vector(f"{at}.u", field(at, dual, "u"), problem.n_X)
    trees = listed(f"{at}.trees", field(at, dual, "trees"), problem.n_Y)
    nodes = sum(len(part) for part in trees if isinstance(part, list))
    if nodes * len(problem.sources) * problem.n_S > MOST_EVALUATIONS:
        raise UnprovedError(f"the trees have {nodes} nodes, which takes more than {MOST_EVALUATIONS} evaluations")
    costs = _Costs.of(problem, by, u)
    outputs = letters(problem, claim.bounds)
    found: dict[int, Number] = {}
    for y in outputs:
        place = f"{at}.trees[{y}]"
        like = _like(costs, y, trees[y], place)
        if like is not None and like not in found:
            raise UnprovedError(f"{place} is that of a letter without a proof")
        found[y] = _least(costs, y, trees[y], place) if like is None else found[like]
    values = [found.get(y, fmpq(0)) for y in range(problem.n_Y)]
    return by.optimum(problem.mean(u) + worth(problem, claim.bounds, values, fmpq(0)))


@dataclass(frozen=True)
class _Costs:
    """What messages cost: the law of the label for each source letter, and the multipliers in nats."""

    problem: Problem
    by: Multipliers
    u: list
    labels: arb_mat
    rate: arb
    convex: arb
    concave: arb

    @classmethod
    def of(cls, problem: Problem, by: Multipliers, u: list) -> _Costs:
        rate, label = arb(by.R) / problem.nat, arb(by.C) / problem.nat
        convex = rate.min(label)
        labels = arb_mat([[arb(p) for p in problem.label_given(x)] for x in problem.sources])
        zero = is_zero(by.C) or (isinstance(by.C, fmpq) and isinstance(by.R, fmpq) and by.C <= by.R)
        return cls(problem, by, u, labels, rate, convex, arb(0) if zero else (label - convex).max(arb(0)))

    def weights(self, y: int) -> list[arb]:
        """Return `log p(x) + (u_x - a d(x, y)) / lambda'`; minus infinity for a forbidden pair."""
        costs = [(x, self.problem.distortion[x][y]) for x in self.problem.sources]
        return [
            arb("-inf")
            if d == math.inf
            else arb(self.problem.p_X[x]).log() + arb(self.u[x] - self.by.D * d) / self.rate
            for x, d in costs
        ]

    def box(self, weights: list[arb], low: list[fmpq], high: list[fmpq], t: list[Number]) -> arb:
        """Bound the cost of all messages whose label has its law in a box."""
        products = (self.labels * arb_mat([[arb(v)] for v in t])).entries()
        logs = [w + v for w, v in zip(weights, products, strict=True)]
        terms = [log.exp() if log.is_finite() else arb(0) for log in logs]
        mass = sum(terms, arb(0))
        means = (arb_mat([terms]) * self.labels).entries()
        found = -self.rate * mass.log()
        for s, mean in enumerate(means):
            if is_zero(self.problem.p_S[s]):
                continue
            slope = self.convex * (mean / mass).log() - self.rate * arb(t[s])
            found += _end(self.concave, slope, low[s]).min(_end(self.concave, slope, high[s]))
        return found


def _end(concave: arb, slope: arb, e: fmpq) -> arb:
    return arb(0) if e == 0 else -concave * e * arb(logarithm(e, bits=False)) - slope * e


def _like(costs: _Costs, y: int, nodes: object, at: str) -> int | None:
    """Return an earlier letter with the same costs, if its tree is to be that of y."""
    problem, first = costs.problem, next(iter(listed(at, nodes)), None)
    if not isinstance(first, Mapping) or "like" not in first:
        return None
    z = index(f"{at}[0].like", first["like"], y)
    # Without a price of distortion only the pairs matter.
    free = is_zero(costs.by.D)
    for x in problem.sources:
        one, other = (problem.distortion[x][letter] for letter in (y, z))
        if not (one == other or (free and one != math.inf and other != math.inf)):
            raise UnprovedError(f"{at} is that of a letter with other costs")
    return z


def _least(costs: _Costs, y: int, nodes: object, at: str) -> Number:
    """Return the least of what the leaves of a letter's tree prove; infinity for a letter that nothing may go to."""
    problem = costs.problem
    if all(problem.distortion[x][y] == math.inf for x in problem.sources):
        return INFINITY
    cut, weights, found = tree(at, nodes), costs.weights(y), INFINITY
    reached: set[int] = set()
    stack = [(0, *_root(problem))]
    while stack:
        i, low, high = stack.pop()
        name, node = cut.name(i), cut.nodes[i]
        low, high = _tightened(low, high)
        if any(a > b for a, b in zip(low, high, strict=True)):
            continue
        if "split" not in node:
            t = vector(f"{name}.vector", field(name, node, "vector"), problem.n_S)
            value = costs.box(weights, low, high, t)
            if not value.is_finite():
                raise UnprovedError(f"{name} proves nothing")
            found = least((found, value))
            continue
        split = listed(f"{name}.split", node["split"], 2)
        s, x = index(f"{name}.split[0]", split[0], problem.n_S), number(f"{name}.split[1]", split[1])
        if not isinstance(x, fmpq):
            raise UnprovedError(f"{name} is split at a number that is not rational")
        below, above = list(high), list(low)
        below[s], above[s] = min(high[s], x), max(low[s], x)
        stack += [(cut.child(i, "below", reached), low, below), (cut.child(i, "above", reached), above, high)]
    return found


def _root(problem: Problem) -> tuple[list[fmpq], list[fmpq]]:
    """Return a box that holds the law of the label for every source letter, and so all their means."""
    rows = list(zip(*(problem.label_given(x) for x in problem.sources), strict=True))
    low = [min(max(fmpq(0), _rounded(p, -1)) for p in row) for row in rows]
    return low, [max(min(fmpq(1), _rounded(p, 1)) for p in row) for row in rows]


def _rounded(value: Number, way: int) -> fmpq:
    """Round a probability outwards to a short fraction."""
    ball = arb(value)
    end = (ball.lower() if way < 0 else ball.upper()).fmpq()
    return fmpq(_floor(end * 2**_BITS) + (way > 0), 2**_BITS)


def _floor(value: fmpq) -> int:
    return int(value.p) // int(value.q)


def _tightened(low: list[Number], high: list[Number]) -> tuple[list[Number], list[Number]]:
    """Tighten a box by the fact that a law sums to one."""
    below, above = total(low), total(high)
    ends = list(zip(low, high, strict=True))
    return [max(a, 1 - above + b) for a, b in ends], [min(b, 1 - below + a) for a, b in ends]
