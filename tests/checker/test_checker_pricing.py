"""Pieces of the pricing: boxes cut to what is left, and sets of letters dealt out to cells."""

from __future__ import annotations

import math

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from drc.checker.boxes import Marginals, Tree, leaves, whole_box
from drc.checker.pricing import Pricing, tree_price
from drc.checker.read import UnprovedError
from drc.checker.subsets import Letters, _min_plus, merged, subset_price


def quarters(*counts):
    return [fmpq(c, 4) for c in counts]


def two_cells(costs):
    masses = [[arb(fmpq(1, 4))]] * 4
    return Pricing(costs, masses, [0, 1, 2, 3], [0, 1], [0, 1], 2, fmpq(1), fmpq(0), (4, 2))


def root():
    return whole_box([fmpq(1)], {0: fmpq(1), 1: fmpq(1)}, bits=True)


def test_a_box_is_cut_to_what_the_choices_left_can_give():
    box = two_cells([quarters(0, 0)] * 4).tightened(root(), [(0,), (0,), (0, 1), (1,)])
    assert [cell.low[0] for cell in box.cells.values()] == [0.5, 0.25]
    assert [cell.high[0] for cell in box.cells.values()] == [0.75, 0.5]


def test_an_exclusion_helps_the_nodes_behind_it():
    # Two letters belong into each cell, and cost 1 elsewhere: then both cells have mass 1/2, and an entropy of 1 bit.
    pricing = two_cells([quarters(0, 4), quarters(0, 4), quarters(4, 0), quarters(4, 0)])
    flat = {"slopes": [[0], [0]]}
    with ctx.workprec(192):
        assert tree_price(pricing, Tree([flat], "t"), root()) == 0
        nodes = [{"exclude": [[0, 1], [1, 1], [2, 0], [3, 0]], "then": 1, **flat}, flat]
        assert abs(tree_price(pricing, Tree(nodes, "t"), root()) - 1) < 1e-50


def test_a_leaf_without_slopes_proves_nothing():
    with pytest.raises(UnprovedError, match=r"t\[0\] is a leaf without slopes"):
        tree_price(two_cells([quarters(0, 4)] * 4), Tree([{}], "t"), root())


def test_a_letter_without_a_choice_closes_a_node():
    assert tree_price(two_cells([[math.inf, math.inf], *[quarters(0, 4)] * 3]), Tree([{}], "t"), root()) == math.inf


def test_leaves_with_an_empty_box_are_left_out():
    nodes = [
        {"split": [0, 0, 0.5], "below": 1, "above": 2},
        {"split": [0, 0, 0.75], "below": 3, "above": 4},
        {},
        {},
        {},
    ]
    assert [i for i, _ in leaves(Tree(nodes, "t"), root(), Marginals([fmpq(1)], None))] == [2, 3]


def test_a_box_is_cut_to_what_the_marginals_leave():
    # Cell 0 has at least 1/4 of the label's 1, so cell 1 has at most 3/4, and of its own mass exactly 1/2.
    box = root().with_cell(0, root().cells[0].cut(0, low=arb(0.25)))
    assert Marginals([fmpq(1)], None).tightened(box).cells[1].high[0] == 0.75
    known = Marginals([fmpq(1)], [fmpq(1, 2), fmpq(1, 2)]).tightened(box)
    assert [(cell.low[0], cell.high[0]) for cell in known.cells.values()] == [(0.5, 0.5)] * 2


@pytest.mark.parametrize("n", [3, 10, 11])
def test_the_least_of_two_cells_is_taken_over_all_ways_to_deal_out_the_letters(n):
    rng = np.random.default_rng(n)
    left, right = rng.normal(size=(2, 2**n))
    found = _min_plus(left, right, n)
    for whole in rng.integers(0, 2**n, 20):
        parts = [part for part in range(2**n) if part & ~whole == 0]
        assert found[whole] == min(left[whole & ~part] + right[part] for part in parts)


def test_letters_that_cost_the_same_are_merged():
    masses = [quarters(1), quarters(1), quarters(2)]
    letters = merged(masses, [quarters(1, 2), quarters(1, 2), quarters(2, 1)])
    assert letters == Letters([[fmpq(1, 8), fmpq(1, 4)], [fmpq(1, 4), fmpq(1, 8)]], [[fmpq(1, 2)], [fmpq(1, 2)]])


def test_too_many_letters_prove_nothing():
    masses, units = [[fmpq(1, 23)]] * 23, [[fmpq(x), fmpq(0)] for x in range(23)]
    with pytest.raises(UnprovedError, match="23 distinct letters are too many for subsets: at most 22 are priced"):
        subset_price(merged(masses, units), fmpq(1), fmpq(1), bits=True)


def test_two_outputs_are_priced_by_thresholds_however_many_letters():
    rng = np.random.default_rng(0)
    costs, mass = rng.integers(-9, 9, (14, 2)) / 64, rng.integers(1, 5, 14) / 64
    costs[3], mass[3], costs[5, 0], costs[6, 1] = costs[2], mass[2], math.inf, math.inf
    cells = (np.arange(2**14)[:, None] >> np.arange(14)) & 1 == 1
    inside = cells @ mass
    entropy = -sum(z * np.log2(np.maximum(z, 1e-300)) for z in (inside, mass.sum() - inside))
    least = (np.where(cells, costs[:, 0], costs[:, 1]).sum(axis=1) + 0.7 * entropy).min()
    exact = [[math.inf if c == math.inf else fmpq(int(64 * c), 64) for c in row] for row in costs]
    for ball in (0, arb(0, 1e-15)):
        found = subset_price(
            Letters(exact, [[fmpq(int(64 * m), 64) + ball] for m in mass]), fmpq(7, 10), fmpq(0), bits=True
        )
        assert least - 1e-9 < float(arb(found).lower()) < least + 1e-14


@pytest.mark.parametrize(("cost", "rate"), [(10**400, 1), (-(10**400), 1), (1, 10**400), (1, 10**200)])
def test_numbers_beyond_all_doubles_prove_nothing(cost, rate):
    with pytest.raises(UnprovedError, match="too large"):
        subset_price(Letters([[fmpq(cost), fmpq(0)]] * 14, [[fmpq(1)]] * 14), fmpq(rate), fmpq(1), bits=True)
