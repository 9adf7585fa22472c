"""Boxes of the label's posterior: no message in a box costs less than was proved of it, and the best bound is reached."""

import math
from dataclasses import replace

import numpy as np
import pytest
from message_problems import drawn

from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.messages.columns import least_of
from drc.solvers.finite.messages.posteriors import Messages, settled
from drc.solvers.finite.messages.proof import Inner, Search, tightened
from drc.solvers.request import Clock

SEEDS = range(10)


def cheapest(data, prices, count=400):
    """The least costs of each letter that many starts find."""
    rng = np.random.default_rng(1)
    n_Y = len(data.ys)
    mixed = rng.dirichlet(np.full(len(data.xs), 0.3), size=count * n_Y) @ data.posterior.T
    found = settled(data, prices, np.arange(count * n_Y) % n_Y, np.maximum(mixed, 1e-12), 200)
    return least_of(found.letters, found.costs(data, prices), n_Y)


def searched(data, prices, aim, room=1e-9, most=50_000):
    search = Search(Inner.of(data, prices), aim, np.ones(len(aim)), room)
    while search.run(Clock(), most):
        pass
    return search


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_below_all_messages_and_reaches_the_cheapest(seed):
    data, prices = drawn(seed)
    aim = cheapest(data, prices)
    proved = searched(data, prices, aim).finish()
    assert (proved.worth <= aim + 1e-12).all()
    assert proved.worth == pytest.approx(aim, abs=1e-7)
    rng = np.random.default_rng(seed)
    sharp = np.array([0.05, 0.3, 1.0])[np.arange(3000) % 3, None]
    p = rng.standard_gamma(np.broadcast_to(sharp, (3000, len(data.xs)))) + 1e-12
    letters = np.arange(3000) % len(data.ys)
    costs = Messages(p / p.sum(axis=1, keepdims=True), letters).costs(data, prices)
    assert (costs >= proved.worth[letters] - 1e-12).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_every_box_and_every_vector_has_a_bound_that_holds(seed):
    data, prices = drawn(seed)
    inner, rng = Inner.of(data, prices), np.random.default_rng(seed)
    p = rng.dirichlet(np.full(len(data.xs), 0.5), size=40)
    letters = rng.integers(len(data.ys), size=40)
    messages = Messages(p, letters)
    labels = messages.labels(data)
    width = 10.0 ** rng.uniform(-6, 0, size=labels.shape)
    low, high = tightened(np.maximum(labels - width * rng.random(labels.shape), 0), np.minimum(labels + width, 1))
    vectors = rng.standard_normal(labels.shape) * 2
    boxes = replace(
        inner.root()[letters], low=low, high=high, vectors=vectors, lower=np.full(40, -math.inf), nodes=np.arange(40)
    )
    costs = messages.costs(data, prices)
    assert (inner.proved(boxes) <= costs + 1e-12).all()
    better = inner.bounded(boxes, np.full(40, math.inf), 12)
    assert (inner.proved(better) <= costs + 1e-12).all()
    assert inner.proved(better) == pytest.approx(better.lower, abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_small_box_around_a_posterior_has_nearly_its_cost(seed):
    data, prices = drawn(seed)
    inner = Inner.of(data, prices)
    labels = np.random.default_rng(seed).dirichlet(np.ones(len(data.xs)), size=len(data.ys)) @ data.posterior.T
    found = settled(data, prices, np.arange(len(data.ys)), labels, 300)
    low, high = tightened(found.labels(data) - 1e-5, found.labels(data) + 1e-5)
    boxes = replace(inner.root(), low=low, high=high)
    better = inner.bounded(boxes, np.full(len(boxes), math.inf), 300)
    assert inner.proved(better) == pytest.approx(found.costs(data, prices), abs=1e-4)


def test_letters_with_the_same_costs_share_their_boxes():
    data, prices = drawn(0)
    prices = replace(prices, D=0.0, C=3 * prices.R)
    least = cheapest(data, prices)
    search = searched(data, prices, least, most=100)
    one = data.problem.changed(distortion=data.distortion[:, :1], letters_Y=None, p_Y=None)
    alone = searched(Data.of(one), prices, least[:1], most=100)
    assert search.boxes == alone.boxes
    assert search.finish().worth == pytest.approx(np.full(len(data.ys), alone.finish().worth[0]), abs=1e-12)
    letters, labels = searched(data, prices, least + 1, most=10).worst(4)
    assert set(letters.tolist()) == set(range(len(data.ys)))
    assert len(letters) == len(labels)


def test_without_a_concave_part_nothing_is_split():
    data, prices = drawn(0)
    prices = replace(prices, C=prices.R)
    search = searched(data, prices, cheapest(data, prices))
    assert search.boxes == len(data.ys)
    assert search.finish().worth == pytest.approx(cheapest(data, prices), abs=1e-9)


def test_the_tree_of_a_letter_has_all_its_boxes():
    data, prices = drawn(2)
    prices = replace(prices, C=3 * prices.R)
    search = searched(data, prices, cheapest(data, prices), most=300)
    trees = [tree.nodes() for tree in search.finish().trees]
    assert sum(map(len, trees)) == search.boxes
    for nodes in trees:
        children = [node[part] for node in nodes if "split" in node for part in ("below", "above")]
        assert sorted(children) == list(range(1, len(nodes)))
        assert all("split" in node or np.any(node["vector"]) for node in nodes)


def test_tightened_boxes_hold_every_law_that_they_held():
    rng = np.random.default_rng(0)
    laws = rng.dirichlet(np.ones(4), size=500)
    low, high = laws * rng.random((500, 4)), laws + (1 - laws) * rng.random((500, 4)) ** 4
    tight_low, tight_high = tightened(low, high)
    assert (tight_low <= laws).all()
    assert (laws <= tight_high).all()
    assert (tight_high <= high + 1e-6).all()
    assert tight_high.dtype == np.float32
