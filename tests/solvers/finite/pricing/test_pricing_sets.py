"""The cheapest set of letters: what boxes prove is below it at any time, and near it at the end."""

import itertools

import numpy as np
import pytest
from flint import arb, fmpq

from drc.checker.boxes import Tree
from drc.checker.sets import Sets, least_set
from drc.solvers.finite.pricing import Cells
from drc.solvers.finite.pricing.sets import SetSearch
from drc.solvers.request import Clock

LETTERS = 8


def cell_of(rate, classification, seed=0, labels=3):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(LETTERS * labels, 0.5)).reshape(LETTERS, labels)
    costs = joint.sum(axis=1, keepdims=True) * rng.normal(-0.6 * (rate + classification), 0.5, (LETTERS, 1))
    costs[seed % LETTERS] = np.inf if seed % 2 else costs[seed % LETTERS]
    return Cells(costs, joint, rate, classification, optional=True)


def least(cell):
    return float(cell.prices(np.array(list(itertools.product((0, 1), repeat=LETTERS)))).min())


def checked(cell, nodes):
    """What the checker makes of a tree."""
    masses = [[arb(m) for m in row] for row in cell.joint]
    rate, label = (fmpq(*m.as_integer_ratio()) for m in (cell.rate, cell.classification))
    costs = [np.inf if c == np.inf else arb(c) for c in cell.costs[:, 0].tolist()]
    tree = Tree(nodes, "tree")
    labels = [sum(column) for column in zip(*masses, strict=True)]
    found = least_set(Sets(costs, masses, rate, label, bits=False), labels, tree)
    return float(arb(found).lower())


MULTIPLIERS = [(0.3, 0.9), (0.5, 0.5), (0.9, 0.3), (0.0, 0.7), (0.7, 0.0), (0.0, 0.0)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("rate", "classification"), MULTIPLIERS)
def test_no_set_costs_less_than_the_boxes_prove_and_the_last_ones_prove_what_was_enough(rate, classification, seed):
    cell = cell_of(rate, classification, seed)
    price = least(cell)
    for most in (1, 20, 10_000):
        search = SetSearch(cell, price - 0.01)
        search.run(Clock(), most)
        proved = search.finish()
        assert proved <= price
        # The checker needs no rounding taken off.
        assert proved <= checked(cell, search.tree().nodes()) <= price + 1e-15
    assert proved > price - 0.01 - 2e-4


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("scale", [0.1, 1, 10])
@pytest.mark.parametrize(("rate", "classification"), MULTIPLIERS)
def test_the_checker_proves_nothing_false_whatever_vectors_it_is_given(rate, classification, scale, seed):
    """With one large number alone nothing covers for an end that is left out."""
    cell, rng = cell_of(rate, classification, seed), np.random.default_rng(seed)
    cell = Cells(scale * cell.costs, cell.joint, rate, classification, optional=True)
    law = cell.joint.sum(axis=0)
    alone = np.eye(len(law) + 1)
    s, size = int(rng.integers(len(law))), rng.choice([0.3, 30.0, 3000.0])

    def leaf(vector):
        return {"vector": vector.tolist()}

    def split(cut):
        return {"split": [s, float(cut)], "below": 1, "above": 2}

    trees = [
        [leaf(size * rng.normal(size=len(alone)))],
        *([leaf(sign * size * row)] for row in alone for sign in (1, -1)),
    ]
    # One half is the whole, and the other is a wall of the box.
    trees += [[split(cut), leaf(1e4 * alone[s]), leaf(-1e4 * alone[s])] for cut in (law[s], 0.0)]
    for nodes in trees:
        assert checked(cell, nodes) <= least(cell) + 1e-12


def test_more_boxes_prove_more():
    cell = cell_of(0.2, 1.0, seed=2, labels=6)
    found = []
    for most in (1, 20, 2000):
        search = SetSearch(cell, least(cell) - 1e-5)
        search.run(Clock(), most)
        found.append(search.finish())
    assert found[0] < found[1] < found[2]


def test_a_vector_holds_whatever_the_unit_of_costs():
    cell = cell_of(0.2, 1.0, seed=2)
    search = SetSearch(cell, least(cell) - 0.01)
    search.run(Clock(), 1000)
    search.finish()
    twice = Cells(2 * cell.costs, cell.joint, 2 * cell.rate, 2 * cell.classification, optional=True)
    assert checked(twice, search.tree().nodes()) == pytest.approx(2 * checked(cell, search.tree().nodes()), abs=1e-12)


def test_without_time_the_whole_box_is_proved():
    cell = cell_of(0.2, 1.0)
    search = SetSearch(cell, 0.0)
    search.run(Clock(deadline=0.0), 1000)
    assert search.boxes == 1
    assert search.finish() <= least(cell)
