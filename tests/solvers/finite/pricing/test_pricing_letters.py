"""Cells priced one by one: always a lower bound, and never better than the linear program of letter prices."""

import numpy as np
import pytest
from clocks import Pressed
from flint import arb, ctx
from hypothesis import given, settings
from pricing_problems import all_maps, problems, proved_by

from drc.solvers.finite.pricing import Cells, find_maps
from drc.solvers.finite.pricing.letters import cell_of, cheap_sets, letter_prices, prove
from drc.solvers.request import clock_for


def proved_by_letters(cells, proof):
    """What prices of letters and trees prove, in balls, with costs that are exact."""
    with ctx.workprec(200):
        u = [arb(v) for v in proof["u"]]
        mass = [sum((arb(float(p)) for p in row), arb(0)) for row in cells.joint]
        total = sum((p * v for p, v in zip(mass, u, strict=True)), arb(0))
        for y, tree in enumerate(proof["trees"]):
            costs = [
                [arb(float(c)) - p * v if np.isfinite(c) else None]
                for c, p, v in zip(cells.costs[:, y], mass, u, strict=True)
            ]
            total += proved_by(cell_of(cells, np.array(proof["u"]), y), tree, optional=True, costs=costs, y=y).min(
                arb(0)
            )
        return total


@given(problems(most_outputs=3))
@settings(max_examples=30)
def test_it_is_a_lower_bound(cells):
    if not cells.feasible:
        return
    maps, prices = find_maps(cells, starts=8)
    maps = maps[np.isfinite(prices)]
    least = cells.prices(all_maps(cells)).min()
    u = letter_prices(cells, maps, upper=float(prices[0]))
    assert u.value <= least + 1e-9 * max(1.0, cells.scale)
    found = prove(cells, u, upper=float(prices[0]), threshold=u.value - 1e-5 * cells.scale)
    assert found.lower <= least
    assert found.lower >= u.value - 1.01e-5 * cells.scale
    assert proved_by_letters(cells, found.proof) >= found.lower


def test_sets_reach_the_least_price():
    hits = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        joint = rng.dirichlet(np.ones(24)).reshape(8, 3)
        cell = Cells(
            -joint.sum(axis=1, keepdims=True) * rng.random((8, 1)), joint, *rng.uniform(0, 1, size=2), optional=True
        )
        sets = (np.arange(2**8)[:, None] >> np.arange(8) & 1).astype(bool)
        hits += cheap_sets(cell, np.zeros((1, 8), dtype=bool))[1][0] <= cell.prices(1 - sets).min() + 1e-12
    assert hits >= 28


def test_forbidden_letters_are_never_taken():
    cell = Cells([[np.inf], [-1.0], [np.inf]], np.full((3, 1), 1 / 3), 0.1, 0.0, optional=True)
    sets, prices = cheap_sets(cell, np.ones((1, 3), dtype=bool))
    assert sets[0].tolist() == [False, True, False]
    assert np.isfinite(prices).all()


def clusters(n_X, n_Y, n_S):
    rng = np.random.default_rng(0)
    joint = rng.dirichlet(np.full(n_X, 5.0))[:, None] * rng.dirichlet(np.full(n_S, 0.3), size=n_X)
    joint = np.where(joint < 1e-4 / n_X, 0.0, joint)
    distance = ((rng.random((n_X, 1, 2)) - rng.random((n_Y, 2))) ** 2).sum(axis=2)
    return Cells(joint.sum(axis=1)[:, None] * distance, joint, 0.1, 0.05)


def test_the_bound_is_close_for_many_outputs():
    cells = clusters(20, 5, 4)
    maps, prices = find_maps(cells)
    u = letter_prices(cells, maps, upper=float(prices[0]))
    found = prove(cells, u, upper=float(prices[0]))
    assert found.status == "proved"
    assert 0.98 * prices[0] <= found.lower <= prices[0]


def test_late_trees_prove_what_they_say():
    cells = clusters(20, 5, 4)
    maps, prices = find_maps(cells)
    u = letter_prices(cells, maps, upper=float(prices[0]))
    found = prove(cells, u, upper=float(prices[0]), clock=clock_for(0.01))
    assert found.status == "time limit"
    assert proved_by_letters(cells, found.proof) >= found.lower


def test_an_interrupt_ends_all_cells():
    cells = clusters(20, 5, 4)
    maps, prices = find_maps(cells)
    u = letter_prices(cells, maps, upper=float(prices[0]))
    found = prove(cells, u, upper=float(prices[0]), clock=Pressed(5))
    assert found.status == "interrupted"
    assert found.lower <= prices[0]
    assert proved_by_letters(cells, found.proof) >= found.lower


def test_a_label_without_mass_changes_nothing():
    cells = clusters(10, 3, 2)
    padded = Cells(cells.costs, np.column_stack([cells.joint, np.zeros(10)]), cells.rate, cells.classification)
    maps, prices = find_maps(cells)
    upper = float(prices[0])
    bounds = [prove(c, letter_prices(c, maps, upper=upper), upper=upper).lower for c in (cells, padded)]
    assert bounds[0] == pytest.approx(bounds[1], abs=1e-2 * upper)
    assert max(bounds) <= upper
