"""Lower bounds for one shot: every deterministic map is priced."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from flint import arb, fmpq

from drc.checker.boxes import Box, Marginals, leaves, tree, whole_box
from drc.checker.entropy import dot, least, total
from drc.checker.multipliers import Multipliers, read_multipliers
from drc.checker.numerals import Number, is_zero, number
from drc.checker.output_law import largest_masses, letters, worth
from drc.checker.pricing import Pricing, tree_price
from drc.checker.read import Claim, Problem, UnprovedError, field, listed, mapping, matrix, vector, word
from drc.checker.subsets import merged, subset_price


def maps_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what multipliers and a price prove where the classifier sees Y and U.

    Parameters
    ----------
    claim : Claim
    dual : JSON object of kind "maps"
    at : str
        Its field, for messages.

    Raises
    ------
    UnprovedError, ProblemError
    """
    problem = claim.problem
    if problem.asymptotic or not problem.sees_U:
        raise UnprovedError('a dual of kind "maps" is for one shot where the classifier sees Y and U')
    by = read_multipliers(claim, dual.get("multipliers", {}), dual.get("objective", 1), at)
    nu = vector(f"{at}.nu", field(at, dual, "nu"), problem.n_Y)
    outputs = letters(problem, claim.bounds)
    pricing = mapping(f"{at}.pricing", dual.get("pricing"))
    if pricing.get("labelled") is False:
        # The proof is about the masses of the letters alone.
        if not is_zero(by.C):
            raise UnprovedError("a pricing that is not labelled is for a multiplier of C that is zero")
        problem = replace(problem, p_SX=[problem.p_X])
    kinds = {"subsets": _by_subsets, "tree": _by_tree, "letters": _by_letters}
    price_by = kinds[word(f"{at}.pricing.kind", pricing.get("kind"), tuple(kinds))]
    price = price_by(problem, by, _unit_costs(problem, by, nu, outputs), outputs, pricing, f"{at}.pricing")
    price = _claimed_price(price, dual, at)
    if price == math.inf:
        # There is a source letter that no output letter is allowed for.
        return math.inf
    return by.optimum(price + worth(problem, claim.bounds, nu, by.P))


def plans_bound(claim: Claim, dual: Mapping, at: str) -> Number:
    """Return what a tree over the laws of (S, Y) proves where the classifier sees Y; see `maps_bound`."""
    problem = claim.problem
    if problem.asymptotic or problem.sees_U:
        raise UnprovedError('a dual of kind "plans" is for one shot where the classifier sees Y')
    cut = tree(f"{at}.tree", field(at, dual, "tree"))
    outputs = letters(problem, claim.bounds)
    known, found = Marginals(problem.p_S, problem.p_Y), math.inf
    for i, box in leaves(cut, whole_box(problem.p_S, largest_masses(problem, claim.bounds), problem.bits), known):
        name, leaf = cut.name(i), cut.nodes[i]
        by = leaf_multipliers(claim, dual, leaf, len(cut.nodes), name)
        nu = vector(f"{name}.nu", field(name, leaf, "nu"), problem.n_Y)
        slopes = leaf_slopes(problem, leaf, name)
        units = _unit_costs(problem, by, nu, outputs)
        if slopes is not None:
            tilts = [[dot(problem.label_given(x), slopes[y]) for y in outputs] for x in problem.sources]
            # A forbidden pair stays forbidden.
            units = [
                [a if a == math.inf else a + b for a, b in zip(unit, tilt, strict=True)]
                for unit, tilt in zip(units, tilts, strict=True)
            ]
        price = _by_subsets(problem, replace(by, C=fmpq(0)), units, outputs, {}, name)
        price = _claimed_price(price, leaf, name)
        if price != math.inf:
            price += worth(problem, claim.bounds, nu, by.P) + cells_least(box, outputs, slopes, by)
        found = lower_of(found, by.optimum(price))
    return found


def leaf_multipliers(claim: Claim, dual: Mapping, leaf: Mapping, nodes: int, at: str) -> Multipliers:
    """Read the multipliers of a leaf; with time sharing those of R, C and D are the same in all leaves."""
    common = dual.get("objective", 1)
    shared, objective = dual.get("shared"), leaf.get("objective", common)
    if claim.problem.time_sharing and nodes > 1:
        objective = common
        if shared is None:
            raise UnprovedError("with time sharing all leaves need the same multipliers, which are missing")
    own = mapping(f"{at}.multipliers", leaf.get("multipliers", {}))
    return read_multipliers(claim, {**own, **mapping("dual.shared", shared or {})}, objective, at)


def leaf_slopes(problem: Problem, leaf: Mapping, at: str) -> list | None:
    """Read the slopes of a leaf: n_Y rows of n_S numbers, or None."""
    if leaf.get("slopes") is None:
        return None
    return matrix(f"{at}.slopes", leaf["slopes"], problem.n_Y, problem.n_S)


def cells_least(box: Box, outputs: list[int], slopes: list | None, by: Multipliers) -> Number:
    """Return the least of `sum_y mu h(t_y) - <g_y, t_y>` on the box."""
    if slopes is None and by.C == 0:
        return fmpq(0)
    none = [fmpq(0)] * len(next(iter(box.cells.values())).low)
    return total(box.cells[y].least(none if slopes is None else slopes[y], fmpq(0), by.C) for y in outputs)


def lower_of(found: Number, value: Number) -> Number:
    """Return the lower of two bounds, either of which may be infinite."""
    if found == math.inf or value == -math.inf:
        return value
    if value == math.inf or found == -math.inf:
        return found
    return least([found, value])


def _claimed_price(proved: Number, fields: Mapping, at: str) -> Number:
    """Return the price that is claimed if it is no more than the one proved, else the one proved."""
    if fields.get("price") is None:
        return proved
    claimed = number(f"{at}.price", fields["price"])
    return claimed if proved == math.inf else least([proved, claimed])


def _unit_costs(problem: Problem, by: Multipliers, nu: list, outputs: list[int]) -> list:
    """Return `a d(x, y) - nu_y`, the cost per unit of mass."""
    rows = (problem.distortion[x] for x in problem.sources)
    return [[math.inf if row[y] == math.inf else by.D * row[y] - nu[y] for y in outputs] for row in rows]


def _masses(problem: Problem) -> list:
    return [[row[x] for row in problem.p_SX] for x in problem.sources]


def _by_subsets(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    return subset_price(merged(_masses(problem), units), by.R, by.C, problem.bits)


def _by_tree(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    cut = tree(f"{at}.tree", field(at, pricing, "tree"))
    priced = Pricing(
        costs=_costs(problem, units),
        masses=[[arb(m) for m in row] for row in _masses(problem)],
        sources=problem.sources,
        outputs=outputs,
        slope_rows=outputs,
        rows_given=problem.n_Y,
        rate=by.R,
        label=by.C,
    )
    masses = {y: fmpq(int(y in outputs)) for y in range(problem.n_Y)}
    return tree_price(priced, cut, whole_box(problem.p_S, masses, problem.bits))


def _by_letters(problem: Problem, by: Multipliers, units: list, outputs: list, pricing: Mapping, at: str) -> Number:
    """Return `sum p(x) u_x`, less what some cell of some output letter costs below its letters' `p(x) u_x`."""
    u = vector(f"{at}.u", field(at, pricing, "u"), problem.n_X)
    trees = listed(f"{at}.trees", field(at, pricing, "trees"), problem.n_Y)
    costs = _costs(problem, units)
    price = total(problem.p_X[x] * u[x] for x in problem.sources)
    for k, y in enumerate(outputs):
        here = f"{at}.trees[{y}]"
        excess = [
            [math.inf if row[k] == math.inf else row[k] - problem.p_X[x] * u[x], fmpq(0)]
            for x, row in zip(problem.sources, costs, strict=True)
        ]
        priced = Pricing(
            costs=excess,
            masses=[[arb(m) for m in row] for row in _masses(problem)],
            sources=problem.sources,
            outputs=[y],
            slope_rows=[0],
            rows_given=1,
            rate=by.R,
            label=by.C,
        )
        box = whole_box(problem.p_S, {y: fmpq(1)}, problem.bits)
        price += least([tree_price(priced, tree(here, trees[y]), box), fmpq(0)])
    return price


def _costs(problem: Problem, units: list) -> list:
    return [
        [math.inf if unit == math.inf else problem.p_X[x] * unit for unit in row]
        for x, row in zip(problem.sources, units, strict=True)
    ]
