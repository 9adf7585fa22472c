"""Random sources of many letters, whose labels are seldom in doubt."""

import numpy as np

from drc.problems import Finite


def drawn(n_S, n_X, n_Y, fixed, **setting):
    """A problem with random costs; `fixed` gives it a law of the output, too."""
    rng = np.random.default_rng(0)
    posterior, p_X = rng.dirichlet(np.full(n_S, 0.3), n_X), rng.dirichlet(np.full(n_X, 3.0))
    d, law = rng.exponential(size=(n_X, n_Y)), rng.dirichlet(np.full(n_Y, 3.0))
    return Finite((p_X[:, None] * posterior).T, d, law if fixed else None, **setting)
