"""The potentials of entropic transport: marginals, targets, and Sinkhorn's fixed point."""

import numpy as np
import pytest

from drc.solvers.finite.asymptotic.mixture import Source
from drc.solvers.finite.asymptotic.transport import solve_transport
from drc.solvers.request import Clock

RNG = np.random.default_rng(7)
P, Q, D = RNG.dirichlet(np.ones(6)), RNG.dirichlet(np.ones(5)), RNG.random((6, 5))


def test_the_slope_is_that_of_sinkhorn():
    source = Source(P, D)
    _, _, channel, _ = solve_transport(source, Q, slope=8.0, clock=Clock())
    kernel, right = np.exp(-8.0 * D), np.ones(5)
    for _ in range(5000):
        left = P / (kernel @ right)
        right = Q / (left @ kernel)
    assert np.allclose(P[:, None] * channel, left[:, None] * kernel * right, atol=1e-12)


@pytest.mark.parametrize("target", [{"rate": 0.3}, {"rate": 0.6}, {"distortion": 0.34}])
def test_targets_and_marginals_are_met(target):
    _, _, channel, _ = solve_transport(Source(P, D), Q, **target, clock=Clock())
    joint = P[:, None] * channel
    assert np.allclose(joint.sum(axis=0), Q, atol=1e-14)
    rate = float((joint * np.log(joint / (P[:, None] * Q))).sum())
    found = {"rate": rate, "distortion": float((joint * D).sum())}
    assert found[next(iter(target))] == pytest.approx(next(iter(target.values())), abs=1e-12)


def test_what_cannot_be_reached_is_left_to_others():
    assert solve_transport(Source(P, D), Q, distortion=1e-3, clock=Clock()) is None
