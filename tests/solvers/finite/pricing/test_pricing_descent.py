"""Descent reaches local minima, and nearly always the least price of small problems."""

import numpy as np
from hypothesis import given
from pricing_problems import all_maps, exact_price, problems

from drc.solvers.finite.pricing import Cells, find_maps
from drc.solvers.finite.pricing.cells import entropies_lower


@given(problems())
def test_no_single_letter_gains(cells):
    if not cells.feasible:
        return
    maps, prices = find_maps(cells, starts=8)
    assert len(np.unique(maps, axis=0)) == len(maps)
    assert np.all(np.diff(prices) >= 0)
    for x in range(cells.n_X):
        for y in range(cells.n_Y):
            moved = maps.copy()
            moved[:, x] = y
            assert np.all(cells.prices(moved) >= prices - 1e-12 * cells.scale)


@given(problems())
def test_prices_are_right_and_bounds_hold(cells):
    maps = all_maps(cells)[:: 1 + cells.n_Y**cells.n_X // 20]
    prices = cells.prices(maps)
    for map_, price in zip(maps, prices, strict=True):
        if np.isfinite(price):
            exact = exact_price(cells, map_)
            own = cells.costs[np.arange(cells.n_X), map_].sum()
            rates, spreads = entropies_lower(cells.statistics(map_[None])[0])
            lower = own + (cells.rate * rates + cells.classification * spreads).sum()
            assert lower - cells.slack <= exact
            assert abs(float(exact) - price) <= cells.slack


def test_random_problems_are_solved():
    found = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        joint = rng.dirichlet(np.ones(14)).reshape(7, 2)
        costs = joint.sum(axis=1)[:, None] * rng.random((7, 3))
        cells = Cells(costs, joint, *rng.uniform(0, 0.5, size=2))
        found += find_maps(cells, starts=16)[1][0] <= cells.prices(all_maps(cells)).min() + 1e-12
    assert found >= 38
