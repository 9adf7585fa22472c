"""Ctrl-C at any time returns what has been proved."""

import math
import signal

import numpy as np
import pytest

from drc import Finite
from drc.solvers.finite.label_from_y import search

RNG = np.random.default_rng(3)
LAW = RNG.dirichlet(np.ones(12)).reshape(2, 6)
COSTS = RNG.random((6, 3))
SETTINGS = {
    "asymptotic": {"setting": "asymptotic"},
    "one-shot": {"classifier_sees": "Y"},
    "shared": {"setting": "asymptotic", "time_sharing": True},
}


class _Stopping:
    """A function at whose n-th call Ctrl-C is pressed."""

    def __init__(self, function, n):
        self.function, self.left = function, n

    def __call__(self, *args, **kwargs):
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)
        return self.function(*args, **kwargs)


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ["alternate", "where_to_split", "posteriors_of"])
@pytest.mark.parametrize("when", [1, 3])
def test_an_interrupt_leaves_an_enclosure(monkeypatch, setting, name, when):
    stopping = _Stopping(getattr(search, name), when)
    monkeypatch.setattr(search, name, stopping)
    problem = Finite(LAW, COSTS, p_Y=[0.2, 0.3, 0.5], **SETTINGS[setting])
    s = problem.solve(R=0.8, C=0.93, time_limit=20)
    if stopping.left > 0:
        assert s.status in ("optimal", "infeasible", "bounded")
        return
    assert s.status in ("interrupted", "optimal")
    assert 0 <= s.lower <= s.upper <= math.inf
    assert s.certificate.verify()
