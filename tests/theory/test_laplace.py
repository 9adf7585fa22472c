"""Laplace sources: check values, the law of the best output by numbers, and what is refused."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

import drc

ONE = drc.Laplace(1)


def test_rate_and_error_are_inverse():
    assert ONE.rdc()(D=[0, 0.25, 1, 3]).tolist() == [math.inf, 2, 0, 0]
    assert ONE.drc()(R=[0, 2, math.inf]).tolist() == [1, 0.25, 0]
    D = np.linspace(0.01, 0.4, 9)
    np.testing.assert_allclose(drc.Laplace(2).drc()(R=drc.Laplace(2).rdc()(D=D)), D, rtol=1e-14)
    assert ONE.rdc(unit="nats")(D=math.exp(-1)) == pytest.approx(1, abs=1e-15)


@pytest.mark.parametrize("scale", [1.0, 3.0])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_the_free_perception_is_that_of_the_best_output(scale, share):
    """From the distribution of that output: an atom at 0, and else the distribution of the source."""
    D = share / scale
    atom = (scale * D) ** 2
    excess = lambda t: math.exp(-scale * t) - (1 - atom) * math.exp(-scale * t)  # noqa: E731 (of P(|X| > t))
    problem = drc.Laplace(scale)
    assert problem.free_perception("TV", D) == pytest.approx(atom, rel=1e-14)
    assert problem.free_perception("W1", D) == pytest.approx(quad(excess, 0, 60 / scale)[0], rel=1e-9)
    # Quantiles of |X| and |Y|.
    of_X = lambda u: -math.log1p(-u) / scale  # noqa: E731
    of_Y = lambda u: max(0.0, -math.log((1 - u) / (1 - atom)) / scale)  # noqa: E731
    moved = quad(lambda u: (of_X(u) - of_Y(u)) ** 2, 0, 1, points=[atom])[0]
    assert problem.free_perception("W2", D) == pytest.approx(moved, rel=1e-7)


def test_the_test_channel_has_error_and_rate():
    """`X = Y + N` by its densities: the convolution is the density of the source."""
    D, atom = 0.5, 0.25
    noise = lambda x: math.exp(-abs(x) / D) / (2 * D)  # noqa: E731
    for x in (0.0, 0.3, 1.7):
        rest = quad(lambda y: 0.5 * math.exp(-abs(y)) * noise(x - y), -40, 40, points=[0, x])[0]  # noqa: B023
        assert atom * noise(x) + (1 - atom) * rest == pytest.approx(0.5 * math.exp(-x), rel=1e-8)
    assert quad(lambda x: 2 * x * noise(x), 0, 40)[0] == pytest.approx(D)


@pytest.mark.parametrize("measure", ["TV", "W1", "W2"])
def test_perception_costs_nothing_or_is_refused(measure):
    free = ONE.free_perception(measure, 0.5)
    R, D = ONE.rdpc(perception=measure), ONE.drpc(perception=measure)
    assert R(D=0.5, P=[free, 9]).tolist() == [1, 1]
    assert D(R=1, P=free) == 0.5
    assert R.derivation.check()
    assert D.derivation.check()
    for ask in (
        lambda: R(D=0.5, P=[9, 0.99 * free]),
        lambda: R.why(D=0.5, P=0.99 * free),
        lambda: D(R=1, P=0.99 * free),
        lambda: ONE.solve(D=0.5, P=0.99 * free, perception=measure, minimise="R"),
        lambda: ONE.solve(R=1, P=0.99 * free, perception=measure),
    ):
        with pytest.raises(drc.NotAvailableError, match=rf"P must be at least {free:.6g} for D = 0.5, .* is not known"):
            ask()
    solved = ONE.solve(D=0.5, P=free, perception=measure, minimise="R")
    assert solved.lower <= 1 <= solved.upper
    assert solved.perception == pytest.approx(free)
    with pytest.raises(drc.NotAvailableError, match="to be written as code"):
        R.to_code("c")


def test_a_symbolic_scale_is_refused_at_points_too():
    T = drc.Laplace().rdpc(perception="W1")
    assert T(D=0.25, P=0.125, lam=2) == 1
    with pytest.raises(drc.NotAvailableError, match="P must be at least 0.125 for D = 0.25, got 0.1"):
        T(D=0.25, P=0.1, lam=2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: drc.Laplace(0), drc.ProblemError, "lam must be positive and finite, got 0"),
        (lambda: ONE.rdpc(perception="KL"), drc.ProblemError, "perception must be 'TV' or 'W1' or 'W2', got 'KL'"),
        (lambda: ONE.rdpc(reference=(0, 1)), drc.ProblemError, "reference must be left out"),
        (lambda: ONE.solve(R=1, C=0), drc.NotAvailableError, "C must be left out for a Laplace source"),
        (lambda: ONE.solve(minimise="R"), drc.ProblemError, "D must be given with minimise='R'"),
        (lambda: ONE.solve(R=1, P=1), drc.ProblemError, "P must come with a perception measure"),
        (lambda: drc.Laplace().solve(R=1), drc.ProblemError, "lam must be a number"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("tradeoff", "at", "sentence"),
    [
        (ONE.rdc(), {"D": 0.5}, "distortion-limited: D = 0.5 binds: the best Y is 0 with probability 0.25, and else"),
        (ONE.rdc(), {"D": 2}, "zero-rate: D does not bind: Y = 0 has D = 1."),
        (
            ONE.drc(),
            {"R": 1},
            "rate-limited: R = 1 bit binds: the best Y is 0 with probability 0.25, and else distributed",
        ),
        (
            ONE.rdpc(),
            {"D": 2, "P": 1},
            "zero-rate: D does not bind: Y = 0 has D = 1. P = 1 costs nothing: the best Y is",
        ),
    ],
)
def test_why(tradeoff, at, sentence):
    assert tradeoff.why(**at).startswith(sentence)


def test_files(tmp_path):
    for problem in (ONE, drc.Laplace(), ONE.perceived("W1")):
        assert drc.load(problem.save(tmp_path / "problem.json")) == problem
    T = ONE.rdpc(perception="W2")
    assert drc.load(T.save(tmp_path / "T.json")) == T
