"""Random problems and prices for the tests of messages."""

import numpy as np

from drc.problems import Finite
from drc.solvers.finite.asymptotic.data import Data
from drc.solvers.finite.messages.posteriors import Prices


def drawn(seed, shape=(3, 5, 4)):
    """A random problem, and prices."""
    rng = np.random.default_rng(seed)
    n_S, n_X, n_Y = shape
    problem = Finite(rng.dirichlet(np.ones(n_S * n_X)).reshape(n_S, n_X), rng.random((n_X, n_Y)), setting="asymptotic")
    rate = 0.05 + 0.3 * rng.random()
    return Data.of(problem), Prices(1.0, rate, rate * rng.choice([0.5, 1.0, 2.0, 5.0]), 0.2 * rng.standard_normal(n_X))
