"""Messages: what they cost, and the alternation that makes them cheaper."""

import numpy as np
import pytest
from message_problems import drawn

from drc.information.discrete import conditional_entropy, entropy
from drc.problems import Finite
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.messages.posteriors import Messages, Prices, entropies, settled

SEEDS = range(6)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mix_of_messages_has_the_rate_and_the_label_of_its_joint_law(seed):
    data, _ = drawn(seed)
    rng = np.random.default_rng(seed)
    weights, p = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(len(data.xs)), size=4)
    joint = (weights[:, None] * p).T
    own = Data.of(Finite(data.posterior * joint.sum(axis=1), np.ones((len(data.xs), 1)), setting="asymptotic"))
    found = Messages(p, np.zeros(4, dtype=int)).measured(own)
    information = entropy(joint.sum(axis=1)) + entropy(weights) - entropy(joint.ravel())
    assert weights @ found["R"] == pytest.approx(information * np.log(2), abs=1e-9)
    assert weights @ found["C"] == pytest.approx(conditional_entropy(data.posterior @ joint) * np.log(2), abs=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_rounds_never_cost_more(seed):
    data, prices = drawn(seed)
    rng = np.random.default_rng(seed)
    letters = np.arange(20) % len(data.ys)
    labels = rng.dirichlet(np.ones(len(data.posterior)), size=20)
    few = settled(data, prices, letters, labels, 2).costs(data, prices)
    many = settled(data, prices, letters, labels, 60).costs(data, prices)
    anything = Messages(rng.dirichlet(np.ones(len(data.xs)), size=20), letters).costs(data, prices)
    assert (many <= few + 1e-12).all()
    assert (np.minimum.reduceat(np.sort(many), [0]) <= anything.min() + 1e-12).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_where_it_settles_the_gradient_is_constant(seed):
    data, prices = drawn(seed)
    labels = np.random.default_rng(seed).dirichlet(np.ones(len(data.posterior)), size=8)
    found = settled(data, prices, np.arange(8) % len(data.ys), labels, 300)
    p = found.posteriors
    gradient = prices.D * data.distortion[:, found.letters].T - prices.u + prices.R * np.log(p / data.source)
    gradient -= prices.C * np.log(found.labels(data)) @ data.posterior
    assert np.ptp(gradient[(p > 1e-9).all(axis=1)], axis=1) == pytest.approx(0, abs=1e-6)


def test_a_forbidden_pair_has_no_mass():
    data = Data.of(Finite([[0.2, 0.3], [0.4, 0.1]], [[0, 1], [np.inf, 0]], setting="asymptotic"))
    found = settled(data, Prices(1.0, 0.3, 0.5, np.zeros(2)), np.array([0, 1]), np.full((2, 2), 0.5), 20)
    assert found.posteriors[0].tolist() == [1.0, 0.0]
    assert np.isfinite(found.costs(data, Prices(1.0, 0.3, 0.5, np.zeros(2)))).all()


def test_entropies_are_those_of_the_definition():
    laws = np.random.default_rng(0).dirichlet(np.ones(4), size=5)
    assert entropies(laws) == pytest.approx([entropy(law) * np.log(2) for law in laws])
