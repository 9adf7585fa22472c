"""Lower bounds for one shot: every deterministic map is priced.

A code is a random deterministic map: f with probability `w_f`. Let `G(t) = lambda phi(|t|) + mu h(t)` with
`phi(z) = -z log z` and `h(t) = sum_s t_s log(|t| / t_s)`, `t_y` the masses of (S, Y = y) under f, and

    cost(f) = sum_x p(x) (a d(x, f(x)) - nu_f(x)) + sum_y G(t_y).

Theorem "maps". For multipliers `a, lambda, mu, kappa >= 0` of D, R, C, P and any `nu`: if no map that uses no forbidden
pair, and only output letters that may have mass, costs less than `price`, then every code has

    a D + lambda H(Y|U) + mu H(S|Y,U) + kappa P >= price + psi(nu)

with `psi` as in `output_law.worth`; less what the bounds take off, that bounds the optimum. With time sharing too: the mean
of codes with one set of multipliers, each with a law of Y that is allowed, is at least the least of them.

Side conditions, and where each is tested:

* the setting is one-shot, and the classifier sees Y and U: `maps_bound`;
* the multipliers are proved to be at least 0, and those of quantities without a bound are 0: `read_multipliers`;
* the price is the lower of the one claimed and the one proved, whatever the pricing: `_claimed_price`;
* letters left out have no mass, exactly: `output_law.letters`, `Problem.sources`.

The pricing "subsets" finds the least price of all maps (`subsets`), "tree" bounds it box by box (`pricing`). In the former
`h` may be another uncertainty, concave and of degree one (`entropy.unknown`), in the latter it may not (`maps_bound`).

Pricing "letters": for any `u`, `price = sum_x p(x) u_x + sum_y min(0, e_y)`, where `e_y` is proved by a tree to be no more
than `sum over x in A of (c(x,y) - p(x) u_x) + G(t(A))` for every set A of letters that y may stand for. (The cells of a
map are disjoint sets that cover all letters.) Every output letter that may have mass needs its tree. Pricing "sets" is the
same, with trees of another kind (`sets`).

`"labelled": false` replaces (s, x) by x in the boxes: only if `mu` is exactly 0, so that G depends on `|t|` alone
(`maps_bound`).

Theorem "plans", for the classifier that sees Y alone. On a box of mean laws of (S, Y) and for any matrix g of slopes,

    a D + lambda H(Y|U) + mu H(S|Y) + kappa P
        >= price + psi(nu) + sum_y min over the vertices t of the box of y of [mu h(t) - <g_y, t>],

where `price` is the least cost of a map with `a d(x,y) - nu_y + <g_y, p(.|x)>` for `a d(x,y) - nu_y`, and without `mu`:
`<g, .>` is linear, so it is part of the maps' costs, and `mu h - <g_y, .>` is concave. Side conditions: the setting is
one-shot, and the classifier sees Y (`plans_bound`); the tree, the multipliers and time sharing are as in `channels`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from flint import arb, fmpq

from drc.checker.boxes import Box, Marginals, Tree, leaves, limit_work, tree, whole_box
from drc.checker.entropy import INFINITY, dot, least, total
from drc.checker.fields import listed, mapping, word
from drc.checker.limits import MOST_LETTERS_TWO
from drc.checker.multipliers import Multipliers, read_multipliers
from drc.checker.numerals import is_zero, number
from drc.checker.output_law import largest_masses, letters, worth
from drc.checker.pricing import Pricing, tree_price
from drc.checker.read import Claim, Problem, UnprovedError, field, matrix, vector
from drc.checker.sets import Sets, least_set
from drc.checker.subsets import merged, subset_price
from drc.types import Number


def maps_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what multipliers and a price prove where the classifier sees Y and U.

    The dual is of kind "maps"; `at` is its field, for messages.
    """
    problem = claim.problem
    if problem.asymptotic or not problem.sees_U:
        raise UnprovedError('a dual of kind "maps" is for one shot where the classifier sees Y and U')
    by = read_multipliers(claim, dual.get("multipliers", {}), dual.get("objective", 1), at)
    nu = vector(f"{at}.nu", field(at, dual, "nu"), problem.n_Y)
    outputs = letters(problem, claim.bounds)
    pricing = mapping(f"{at}.pricing", dual.get("pricing"))
    if not word(f"{at}.pricing.labelled", pricing.get("labelled", True), (False, True)):
        # The proof is about the masses of the letters alone.
        if not is_zero(by.C):
            raise UnprovedError("a pricing that is not labelled is for a multiplier of C that is zero")
        problem = replace(problem, p_SX=[problem.p_X])
    kinds = {"subsets": _by_subsets, "tree": _by_tree, "letters": _by_letters, "sets": _by_sets}
    price_by = kinds[word(f"{at}.pricing.kind", pricing.get("kind"), tuple(kinds))]
    if price_by is not _by_subsets and problem.uncertainty != "entropy" and not is_zero(by.C):
        raise UnprovedError("only subsets price other uncertainties than the entropy")
    price = price_by(problem, by, _unit_costs(problem, by, nu, outputs), outputs, pricing, f"{at}.pricing")
    price = _claimed_price(price, dual, at)
    if price == math.inf:
        # There is a source letter that no output letter is allowed for.
        return INFINITY
    return by.optimum(price + worth(problem, claim.bounds, nu, by.P))


def plans_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what a tree over the laws of (S, Y) proves where the classifier sees Y; see `maps_bound`."""
    problem = claim.problem
    if problem.asymptotic or problem.sees_U:
        raise UnprovedError('a dual of kind "plans" is for one shot where the classifier sees Y')
    outputs = letters(problem, claim.bounds)
    # Letters with equal distortions and equal labels are merged at every leaf, whatever its multipliers.
    distinct = merged(_masses(problem), [[problem.distortion[x][y] for y in outputs] for x in problem.sources])

    def of_leaf(name: str, leaf: Mapping, by: Multipliers, slopes: list | None) -> Number:
        nu = vector(f"{name}.nu", field(name, leaf, "nu"), problem.n_Y)
        units = _unit_costs(problem, by, nu, outputs)
        if slopes is not None:
            # A forbidden pair stays forbidden.
            units = [
                [a if a == math.inf else a + dot(given, slopes[y]) for a, y in zip(unit, outputs, strict=True)]
                for unit, given in zip(units, map(problem.label_given, problem.sources), strict=True)
            ]
        price = _by_subsets(problem, replace(by, C=fmpq(0)), units, outputs, {}, name)
        price = _claimed_price(price, leaf, name)
        return price if price == math.inf else price + worth(problem, claim.bounds, nu, by.P)

    work = problem.n_X if len(outputs) == 2 else 2 ** min(len(distinct.costs), MOST_LETTERS_TWO)
    return tree_bound(claim, dual, at, work, of_leaf)


#: What a leaf proves besides its cells: of its field, its content, its multipliers and its slopes.
OfLeaf = Callable[[str, Mapping, Multipliers, "list | None"], Number]


def tree_bound(claim: Claim, dual: Mapping, at: str, per_leaf: int, of_leaf: OfLeaf) -> Number:
    """Return the least of what the leaves of a tree prove that cuts the laws of (S, Y).

    `per_leaf` counts the evaluations at each leaf besides those of the vertices; `of_leaf` is what a leaf bounds from
    below, without the cells, or infinity if it is a contradiction. The others are those of `maps_bound`.
    """
    problem, outputs = claim.problem, letters(claim.problem, claim.bounds)
    cut, found = tree(f"{at}.tree", field(at, dual, "tree")), INFINITY
    root = whole_box(problem.p_S, largest_masses(problem, claim.bounds), problem.bits)
    limit_work(cut, root, per_leaf)
    for i, box in leaves(cut, root, Marginals(problem.p_S, problem.p_Y)):
        name, leaf = cut.name(i), cut.nodes[i]
        by = _leaf_multipliers(claim, dual, leaf, len(cut.nodes), name)
        # n_Y rows of n_S numbers, or none.
        slopes = leaf.get("slopes")
        slopes = None if slopes is None else matrix(f"{name}.slopes", slopes, problem.n_Y, problem.n_S)
        value = of_leaf(name, leaf, by, slopes)
        if value != math.inf:
            value += _cells_least(box, outputs, slopes, by)
        found = least((found, by.optimum(value)))
    return found


def _leaf_multipliers(claim: Claim, dual: Mapping, leaf: Mapping, nodes: int, at: str) -> Multipliers:
    """Read the multipliers of a leaf.

    With time sharing R, C and D are means over codes in different boxes: their multipliers, and the objective, are those
    of the dual. That of P may be the leaf's own, because each code meets the perception bound by itself. Whether the rule
    applies is decided by the problem alone; a tree of one node has one set of multipliers anyhow.
    """
    common = dual.get("objective", 1)
    objective = leaf.get("objective", common)
    shared = {} if dual.get("shared") is None else mapping("dual.shared", dual["shared"])
    own = mapping(f"{at}.multipliers", leaf.get("multipliers", {}))
    for name in own:
        alone = name not in shared
        if not alone and own[name] != shared[name]:
            raise UnprovedError(f"{at} and dual.shared have different multipliers of {name}")
        if claim.problem.time_sharing and nodes > 1 and alone and name != "P":
            raise UnprovedError(
                f"with time sharing all leaves need the same multipliers, in dual.shared; {at} has its own of {name}"
            )
    if claim.problem.time_sharing and nodes > 1 and objective != common:
        raise UnprovedError(f"with time sharing all leaves need the same objective; {at} has its own")
    return read_multipliers(claim, {**own, **shared}, objective, at)


def _cells_least(box: Box, outputs: list[int], slopes: list | None, by: Multipliers) -> Number:
    """Return the least of `sum_y mu h(t_y) - <g_y, t_y>` on the box."""
    if slopes is None and is_zero(by.C):
        return fmpq(0)
    none = [fmpq(0)] * len(next(iter(box.cells.values())).low)
    return total(box.cells[y].least(none if slopes is None else slopes[y], fmpq(0), by.C) for y in outputs)


def _claimed_price(proved: Number, fields: Mapping, at: str) -> Number:
    """Return the price that is claimed if it is no more than the one proved, else the one proved."""
    claimed = fields.get("price")
    return proved if claimed is None else least((proved, number(f"{at}.price", claimed)))


def _unit_costs(problem: Problem, by: Multipliers, nu: list, outputs: list[int]) -> list:
    """Return `a d(x, y) - nu_y`, the cost per unit of mass."""
    rows = (problem.distortion[x] for x in problem.sources)
    return [[math.inf if row[y] == math.inf else by.D * row[y] - nu[y] for y in outputs] for row in rows]


def _masses(problem: Problem) -> list:
    return [[row[x] for row in problem.p_SX] for x in problem.sources]


def _by_subsets(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    # Where the label costs nothing, letters differ in their costs alone.
    masses = [[problem.p_X[x]] for x in problem.sources] if by.C == 0 else _masses(problem)
    return subset_price(merged(masses, units), by.R, by.C, problem.bits, problem.uncertainty)


def _by_tree(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    cut = tree(f"{at}.tree", field(at, pricing, "tree"))
    priced = _priced(problem, by, _costs(problem, units), outputs, outputs, problem.n_Y)
    masses = {y: fmpq(int(y in outputs)) for y in range(problem.n_Y)}
    return tree_price(priced, cut, whole_box(problem.p_S, masses, problem.bits))


def _by_letters(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    """Return `sum p(x) u_x`, less what some cell of some output letter costs below its letters' `p(x) u_x`."""

    def cheapest(y: int, excess: list, cut: Tree) -> Number:
        priced = _priced(problem, by, [[cost, fmpq(0)] for cost in excess], [y], [0], 1)
        return tree_price(priced, cut, whole_box(problem.p_S, {y: fmpq(1)}, problem.bits))

    return _one_by_one(problem, units, outputs, pricing, at, cheapest)


def _by_sets(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    """Return the same, by slopes that prove more of a box with many labels in less time."""
    masses = [[arb(m) for m in row] for row in _masses(problem)]

    def cheapest(_: int, excess: list, cut: Tree) -> Number:
        sets = Sets([math.inf if cost == math.inf else arb(cost) for cost in excess], masses, by.R, by.C, problem.bits)
        return least_set(sets, problem.p_S, cut)

    return _one_by_one(problem, units, outputs, pricing, at, cheapest)


def _one_by_one(
    problem: Problem,
    units: list,
    outputs: list,
    pricing: Mapping,
    at: str,
    cheapest: Callable[[int, list, Tree], Number],
) -> Number:
    """Return `sum p(x) u_x`, and what the cheapest set of each output letter costs at the excess costs, if below zero."""
    u = vector(f"{at}.u", field(at, pricing, "u"), problem.n_X)
    trees = listed(f"{at}.trees", field(at, pricing, "trees"), problem.n_Y)
    costs = _costs(problem, units)
    price = problem.mean(u)
    for k, y in enumerate(outputs):
        excess = [
            math.inf if row[k] == math.inf else row[k] - problem.p_X[x] * u[x]
            for x, row in zip(problem.sources, costs, strict=True)
        ]
        price += least([cheapest(y, excess, tree(f"{at}.trees[{y}]", trees[y])), fmpq(0)])
    return price


def _priced(
    problem: Problem, by: Multipliers, costs: list, outputs: list, slope_rows: list, rows_given: int
) -> Pricing:
    masses, size = [[arb(m) for m in row] for row in _masses(problem)], (problem.n_X, problem.n_Y)
    return Pricing(costs, masses, problem.sources, outputs, slope_rows, rows_given, by.R, by.C, size)


def _costs(problem: Problem, units: list) -> list:
    return [
        [math.inf if unit == math.inf else problem.p_X[x] * unit for unit in row]
        for x, row in zip(problem.sources, units, strict=True)
    ]
