"""The mixture weights against Shannon's closed forms, with letters that die out."""

import math

import numpy as np
import pytest

from drc.solvers.finite.asymptotic.mixture import Source, solve_mixture
from drc.solvers.request import Clock


def gaussian(n):
    x = np.linspace(-4, 4, n)
    p = np.exp(-(x**2) / 2)
    return p / p.sum(), (x[:, None] - x) ** 2


def reached(source, d, found):
    joint = source.p[:, None] * found.channel
    used = joint > 0
    product = source.p[:, None] * joint.sum(axis=0)
    return float((joint * d).sum()), float((joint[used] * np.log((joint / product)[used])).sum())


@pytest.mark.parametrize("target", [{"rate": 0.7}, {"distortion": 0.2}, {"slope": 2.0}])
def test_a_gaussian_grid_is_near_the_gaussian(target):
    p, d = gaussian(32)
    source = Source(p, d)
    D, R = reached(source, d, solve_mixture(source, **target, gap=1e-11, clock=Clock()))
    variance = float(p @ np.linspace(-4, 4, 32) ** 2)
    assert pytest.approx(0.5 * math.log(variance / D), abs=2e-3) == R
    assert {"rate": R, "distortion": D}.get(next(iter(target)), 2.0) == pytest.approx(
        next(iter(target.values())), abs=1e-9
    )


def test_the_binary_source():
    source = Source(np.array([0.3, 0.7]), 1 - np.eye(2))
    found = solve_mixture(source, distortion=0.1, gap=1e-12, clock=Clock())
    entropy = [-q * math.log(q) - (1 - q) * math.log(1 - q) for q in (0.3, 0.1)]
    assert reached(source, 1 - np.eye(2), found)[1] == pytest.approx(entropy[0] - entropy[1], abs=1e-10)


def test_letters_die_out():
    """Beside its corners a third output letter that is never nearest is not used."""
    source = Source(np.array([0.5, 0.5]), np.array([[0.0, 1.0, 0.9], [1.0, 0.0, 0.9]]))
    found = solve_mixture(source, distortion=0.1, gap=1e-12, clock=Clock())
    assert found.q[2] < 1e-10


def test_a_start_saves_steps():
    p, d = gaussian(48)
    source = Source(p, d)
    first = solve_mixture(source, rate=1.0, gap=1e-9, clock=Clock())
    warm = solve_mixture(source, rate=1.02, gap=1e-9, clock=Clock(), start=(first.q, first.s))
    cold = solve_mixture(source, rate=1.02, gap=1e-9, clock=Clock())
    assert warm.s == pytest.approx(cold.s, rel=1e-6)
