"""Dynamic programming over subsets against all maps, and in balls."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_problems import all_maps, exact_price, problems

from drc.errors import ProblemError
from drc.solvers.finite.pricing import Cells, merge, price
from drc.solvers.finite.pricing.subsets import Subsets, fits, minimise


@given(problems())
def test_the_least_price_is_that_of_all_maps(cells):
    least = cells.prices(all_maps(cells)).min()
    lower, maps = minimise(cells)
    if np.isinf(least):
        assert lower == np.inf
        return
    assert exact_price(cells, maps[0]) >= lower
    assert least - 1e-11 * max(1, cells.scale) <= lower <= least
    assert cells.prices(maps)[0] <= least + cells.slack
    assert len(np.unique(maps, axis=0)) == len(maps)


def test_tables_beyond_one_block_agree_with_two_cells():
    # Twelve letters go through the expansion by higher letters; a forbidden third cell must change nothing.
    rng = np.random.default_rng(5)
    joint = rng.dirichlet(np.ones(24)).reshape(12, 2)
    costs = joint.sum(axis=1)[:, None] * rng.random((12, 2))
    least, two = minimise(Cells(costs, joint, 0.2, 0.3))
    same, three = minimise(Cells(np.column_stack([costs, np.full(12, np.inf)]), joint, 0.2, 0.3))
    assert two[0].tolist() == three[0].tolist()
    assert least == pytest.approx(same, abs=1e-12)


@pytest.mark.parametrize("n_Y", [1, 2, 3, 4, 5, 7])
@pytest.mark.parametrize("n", [3, 9])
def test_several_problems_at_once_are_as_each_on_its_own(n, n_Y):
    rng = np.random.default_rng(10 * n + n_Y)
    joint = rng.dirichlet(np.ones(2 * n)).reshape(n, 2)
    table = Subsets.of(joint)
    several = [Cells(joint.sum(axis=1)[:, None] * rng.normal(size=(n, n_Y)), joint, *rng.random(2)) for _ in range(3)]
    maps, prices = table.cheapest_of_each([(c.costs, c.rate, c.classification) for c in several], 6)
    for cells, rows, row in zip(several, maps, prices, strict=True):
        assert row == pytest.approx(cells.prices(rows), abs=1e-12)
        assert (np.diff(row) >= 0).all()
        assert len(np.unique(rows, axis=0)) == len(rows)
        alone, least = table.cheapest(cells.costs, cells.rate, cells.classification, 6)
        assert alone.tolist() == rows.tolist()
        assert least.tolist() == row.tolist()


def test_too_many_letters_are_refused():
    cells = Cells(np.zeros((17, 3)), np.full((17, 1), 1 / 17), 1, 1)
    assert not fits(cells)
    with pytest.raises(
        ProblemError, match="the number of letters must be at most 22 for.*letters, 16 for more, got 17"
    ):
        minimise(cells)


@given(problems(most_letters=4), st.integers(0, 1000))
def test_merged_letters_have_the_same_least_price(cells, seed):
    rng = np.random.default_rng(seed)
    copies, share = rng.integers(cells.n_X, size=2), rng.uniform(0.1, 1, size=(2, 1))
    double = Cells(
        np.concatenate([cells.costs, share * cells.costs[copies]]),
        np.concatenate([cells.joint, share * cells.joint[copies]]),
        cells.rate,
        cells.classification,
    )
    merged, groups = merge(double)
    assert merged.n_X <= cells.n_X
    assert merged.joint.sum() == pytest.approx(double.joint.sum(), rel=1e-12)
    assert merged.error <= 1e-12 * max(1, double.scale)
    least, found = double.prices(all_maps(double)).min(), price(double)
    assert found.lower <= least
    if cells.feasible:
        assert found.lower >= least - 1e-11 * max(1, double.scale)
        assert double.prices(found.maps)[0] == pytest.approx(least, abs=1e-11 * max(1, double.scale))
        assert merged.prices(merge_map(found.maps[0], groups))[0] == pytest.approx(
            least, abs=1e-11 * max(1, double.scale)
        )


def merge_map(map_, groups):
    return np.array([map_[groups == k][0] for k in range(groups.max() + 1)])
