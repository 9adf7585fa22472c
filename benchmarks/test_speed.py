"""The same measurements under pytest-benchmark: `pytest benchmarks --benchmark-enable -n 0`."""

from __future__ import annotations

import peers
import pytest
import ratios


@pytest.fixture(scope="module")
def D():
    return ratios.bernoulli().drc()


@pytest.mark.benchmark(group="D(R, C) at a million points")
def test_drc(benchmark, D):
    R, C = ratios.points(ratios.POINTS)
    benchmark(lambda: D(R=R, C=C))


@pytest.mark.benchmark(group="D(R, C) at a million points")
def test_numpy_by_hand(benchmark):
    R, C = ratios.points(ratios.POINTS)
    benchmark(lambda: peers.by_hand(R, C))


@pytest.mark.benchmark(group="D(R, C) at a million points")
def test_sympy_lambdify(benchmark, D):
    R, C = ratios.points(ratios.POINTS)
    function = peers.lambdified(D.expr)
    benchmark(lambda: function(R, C))


@pytest.mark.benchmark(group="one Bernoulli program")
def test_certified_solve(benchmark):
    problem = ratios.bernoulli()
    benchmark(lambda: problem.solve(R=0.5, C=0.7))


@pytest.mark.benchmark(group="one Bernoulli program")
def test_linprog(benchmark):
    benchmark(lambda: peers.solved_by_linprog(0.5, 0.7))
