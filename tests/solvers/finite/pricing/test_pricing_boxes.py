"""Branch and bound over boxes against all maps; its trees are followed in balls."""

from dataclasses import replace

import numpy as np
import pytest
from clocks import Pressed
from hypothesis import given, settings
from hypothesis import strategies as st
from pricing_problems import all_maps, problems, proved_by

from drc.solvers.finite.pricing import Cells, merge
from drc.solvers.finite.pricing.boxes import search
from drc.solvers.request import Clock


@given(problems(most_outputs=3))
@settings(max_examples=40)
def test_the_least_price_is_proved(cells):
    if not cells.feasible:
        return
    least = cells.prices(all_maps(cells)).min()
    tolerance = max(1e-9, 1e-10 * cells.scale)
    found = search(cells, least - tolerance, most_nodes=4000)
    assert found.status == "proved"
    assert least - tolerance <= found.lower <= least
    assert proved_by(cells, found.tree) >= found.lower


@given(problems(most_outputs=3), st.integers(0, 40))
@settings(max_examples=30)
def test_a_stopped_search_proves_what_it_says(cells, nodes):
    if not cells.feasible:
        return
    least = cells.prices(all_maps(cells)).min()
    found = search(cells, least - 1e-9, most_nodes=nodes)
    assert found.lower <= least
    assert proved_by(cells, found.tree) >= found.lower


@given(problems(most_outputs=1))
@settings(max_examples=30)
def test_subsets_of_the_letters(cells):
    # A letter may be left out: the same as one more cell without a cost, if G did not count it.
    maps = np.array(list(np.ndindex(*[cells.n_Y + 1] * cells.n_X)))
    least = min(subset_price(cells, map_) for map_ in maps)
    tolerance = max(1e-9, 1e-10 * cells.scale)
    found = search(replace(cells, optional=True), least - tolerance, most_nodes=4000)
    assert least - tolerance <= found.lower <= least + cells.slack
    assert proved_by(cells, found.tree, optional=True) >= found.lower


def subset_price(cells, map_):
    used = map_ < cells.n_Y
    t = np.array([cells.joint[map_ == y].sum(axis=0) for y in range(cells.n_Y)])
    return cells.costs[np.flatnonzero(used), map_[used]].sum() + cells.concave(t).sum()


def random_cells(n_X, n_Y, n_S, seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.ones(n_X * n_S)).reshape(n_X, n_S)
    return Cells(joint.sum(axis=1)[:, None] * rng.random((n_X, n_Y)), joint, 0.2, 0.3)


def test_a_cheaper_map_is_returned():
    cells = random_cells(30, 2, 2, seed=1)
    found = search(cells, 0.9)
    assert found.status == "below"
    assert cells.prices(found.maps)[0] < 0.9
    assert proved_by(cells, found.tree) >= found.lower


def test_without_a_known_price_the_threshold_follows_the_best_map():
    cells = random_cells(9, 2, 2, seed=2)
    found = search(cells, 2.0, tolerance=1e-9)
    least = cells.prices(all_maps(cells)).min()
    assert found.status == "proved"
    assert least - 2e-9 <= found.lower <= least
    assert cells.prices(found.maps)[0] == pytest.approx(least, abs=1e-12)


def test_time_and_interrupts_end_the_search():
    cells = random_cells(40, 3, 3, seed=3)
    late = search(cells, 10.0, tolerance=1e-9, clock=Clock(0.0))
    assert (late.status, late.nodes) == ("time limit", 0)
    broken = search(cells, 2.0, tolerance=1e-12, clock=Pressed(2))
    assert broken.status == "interrupted"
    assert broken.lower > late.lower
    assert proved_by(cells, broken.tree) >= broken.lower


@given(problems(most_letters=4, most_outputs=3), st.integers(0, 1000))
@settings(max_examples=30)
def test_a_tree_for_merged_letters_holds_for_each_of_them(cells, seed):
    if not cells.feasible:
        return
    rng = np.random.default_rng(seed)
    groups = np.concatenate([np.arange(cells.n_X), rng.integers(cells.n_X, size=2)])
    share = rng.dirichlet(np.ones(len(groups)))[:, None] + 0.01
    single = Cells(share * cells.costs[groups], share * cells.joint[groups], cells.rate, cells.classification)
    merged, where = merge(single)
    found = search(merged, merged.prices(all_maps(merged)).min() - 1e-9 * max(1.0, cells.scale), most_nodes=4000)
    members = [np.flatnonzero(where == k).tolist() for k in range(merged.n_X)]
    assert proved_by(single, lifted(found.tree, members)) >= found.lower


def lifted(node, members):
    copy = {name: lifted(node[name], members) for name in ("below", "above", "then") if name in node}
    if "exclude" in node:
        copy["exclude"] = [[x, k] for group, k in node["exclude"] for x in members[group]]
    return {**node, **copy}
