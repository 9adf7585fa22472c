"""A bound on the cost of every map, by a tree of boxes.

A map sends each source letter to one of a few choices. Its cost is `sum_x c(x, f(x)) + sum_y G(t_y)`, where `t_y` are the
masses of the cells and `G` is concave. For every matrix `g` of slopes, on a box of masses, the cost is at least

    sum_x min_k [c(x, k) + <g_k, p(., x)>] + sum_y min over the vertices v of the box of [G(v) - <g_y, v>].

For "x is sent to k" replace the least reduced cost of x by that of k: if no map in the box that does so is cheap, the pair
can be excluded. Side conditions, and where each is tested:

* G is concave, as `rate` and `label` are not negative: `read_multipliers`;
* a node without a choice for a letter has no map; a forbidden pair is never a choice: `all_choices`, `tree_price`;
* the bound of an excluded pair counts in the price, as that of a leaf does: `tree_price`;
* behind an exclusion, a cell holds at least the letters that have no other choice, and at most those that may choose it,
  added up in balls: `Pricing.tightened`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

from flint import arb, arb_mat

from drc.checker.boxes import Box, Tree, limit_work
from drc.checker.entropy import INFINITY, least
from drc.checker.fields import listed
from drc.checker.read import UnprovedError, field, index, matrix
from drc.types import Number


@dataclass(frozen=True)
class Pricing:
    """What a map costs.

    Of each source letter that has mass there is a row of `costs`, numbers or `inf`, an entry for each choice, and a row
    of `masses`, `p(s, x)`; `sources` are the numbers of the letters in the certificate. Choice k is the output letter
    `outputs[k]`, and a further choice stands for "in no cell". A matrix of slopes has `rows_given` rows, of which
    `slope_rows` are those of the output letters. `rate` and `label` are the multipliers in `G(t) = rate phi(|t|) +
    label h(t)`; `size` is how many source and output letters the problem has, those without mass among them.
    """

    costs: list
    masses: list
    sources: list[int]
    outputs: list[int]
    slope_rows: list[int]
    rows_given: int
    rate: Number
    label: Number
    size: tuple[int, int]

    @cached_property
    def _mass_matrix(self) -> arb_mat:
        return arb_mat(self.masses)

    @cached_property
    def _cost_matrix(self) -> arb_mat:
        # A choice that is forbidden is never taken; what stands in its place does not matter.
        return arb_mat([[arb(0) if cost == math.inf else arb(cost) for cost in row] for row in self.costs])

    def all_choices(self) -> list[tuple[int, ...]]:
        """Return the choices that each source letter has."""
        return [tuple(k for k, cost in enumerate(row) if cost != math.inf) for row in self.costs]

    def reduced_costs(self, slopes: list) -> list[list[arb]]:
        """Return `c(x, k) + <g_k, p(., x)>` for each letter and each choice."""
        outside = [[arb(0)] * len(slopes[0])] * (len(self.costs[0]) - len(slopes))
        return (self._cost_matrix + self._mass_matrix * arb_mat(slopes + outside).transpose()).tolist()

    def bound(self, box: Box, slopes: list, leasts: list[arb]) -> arb:
        """Return a number that no map in the box is below; `leasts` are the least reduced costs of the letters."""
        found = sum(leasts, arb(0))
        for y, g in zip(self.outputs, slopes, strict=True):
            found += box.cells[y].least(g, self.rate, self.label)
        return found

    def tightened(self, box: Box, choices: list) -> Box:
        """Return the box cut to the masses that the choices left can give."""
        for k, y in enumerate(self.outputs):
            may = [mass for mass, has in zip(self.masses, choices, strict=True) if k in has]
            must = [mass for mass, has in zip(self.masses, choices, strict=True) if has == (k,)]
            cell = box.cells[y]
            for s in range(len(cell.low)):
                low, high = (sum((mass[s] for mass in group), arb(0)) for group in (must, may))
                cell = cell.cut(s, low=low, high=high)
            box = box.with_cell(y, cell)
        return box


def tree_price(pricing: Pricing, cut: Tree, root: Box) -> Number:
    """Return a number that no map is below: the least bound of a leaf, and of an excluded pair.

    Raises `UnprovedError` if a leaf has no proof in it, and `ProblemError` if the tree is malformed.
    """
    limit_work(cut, root, per_leaf=len(pricing.costs) * len(pricing.outputs))
    found = INFINITY
    reached: set[int] = set()
    stack = [(0, root, pricing.all_choices())]
    while stack:
        i, box, choices = stack.pop()
        if box.is_empty or not all(choices):
            continue
        node = cut.nodes[i]
        if "split" in node:
            stack += [(j, part, choices) for j, part in cut.halves(i, box, reached)]
            continue
        if "slopes" not in node:
            raise UnprovedError(f"{cut.name(i)} is a leaf without slopes")
        slopes = _slopes(pricing, cut, i)
        reduced = pricing.reduced_costs(slopes)
        leasts = [reduce(arb.min, (row[k] for k in has)) for row, has in zip(reduced, choices, strict=True)]
        value = pricing.bound(box, slopes, leasts)
        if "exclude" not in node:
            found = least((found, value))
            continue
        pairs = _pairs(pricing, f"{cut.name(i)}.exclude", node)
        found = least([found, *(value + reduced[row][k] - leasts[row] for row, k in pairs if k in choices[row])])
        left = [tuple(k for k in has if (row, k) not in pairs) for row, has in enumerate(choices)]
        stack.append((cut.child(i, "then", reached), pricing.tightened(box, left), left))
    return found


def _slopes(pricing: Pricing, cut: Tree, i: int) -> list:
    rows = matrix(f"{cut.name(i)}.slopes", cut.nodes[i]["slopes"], pricing.rows_given, len(pricing.masses[0]))
    return [[arb(g) for g in rows[j]] for j in pricing.slope_rows]


def _pairs(pricing: Pricing, at: str, node: Mapping) -> set[tuple[int, int]]:
    """Read pairs of a source letter and an output letter; -1 is "in no cell". Return rows and choices."""
    place = {x: row for row, x in enumerate(pricing.sources)}
    choice = {y: k for k, y in enumerate(pricing.outputs)}
    if len(pricing.costs[0]) > len(pricing.outputs):
        choice[-1] = len(pricing.outputs)
    n_X, n_Y = pricing.size
    pairs = set()
    for i, pair in enumerate(listed(at, field(at, node, "exclude"))):
        x, y = listed(f"{at}[{i}]", pair, 2)
        x = index(f"{at}[{i}][0]", x, n_X)
        # The choice of no cell is not a letter.
        y = y if -1 in choice and isinstance(y, int) and y == -1 else index(f"{at}[{i}][1]", y, n_Y)
        # Letters without mass play no part.
        if x in place and y in choice:
            pairs.add((place[x], choice[y]))
    return pairs
