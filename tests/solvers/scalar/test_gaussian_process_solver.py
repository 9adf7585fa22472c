"""Stationary processes: the limit against blocks, against a sum over frequencies, and against the scalar theorem."""

import math

import numpy as np
import pytest

import drc
from drc.information.allocation import filled_correlation, rate_level

# An AR(1) pair whose values at three block lengths and in the limit are known to four decimals.
PAIR = drc.GaussianProcess(sigma_X=1, sigma_Y=1.4, ar_X=[0.9], ar_Y=[-0.3])
BLOCKS = {50: 1.6938, 200: 1.7112, 500: 1.7147}


@pytest.mark.parametrize("n", [50, 200])
def test_blocks_of_the_pair(n):
    s = PAIR.block(n).solve(R=n / 2, unit="nats")
    assert s.status == "optimal"
    assert s.value / n == pytest.approx(BLOCKS[n], abs=5e-5)


def test_blocks_approach_the_limit_from_below():
    """The longest block in doubles, by the weights of its components; what is missing falls like one over the length."""
    v = PAIR.block(500)
    a = np.array(v.sigma_X, dtype=float) * np.array(v.sigma_Y, dtype=float)
    value = 2.96 - 2 * (a * filled_correlation(rate_level(np.array(250.0), a), a)).sum() / 500
    assert value == pytest.approx(BLOCKS[500], abs=5e-5)
    limit = PAIR.solve(R=0.5, unit="nats")
    assert limit.status == "optimal"
    assert limit.value == pytest.approx(1.7170, abs=5e-5)
    missing = [n * (limit.value - known) for n, known in BLOCKS.items()]
    assert missing == pytest.approx([1.16] * 3, abs=0.02)


def test_kolmogorovs_formula_at_a_low_distortion():
    """Where water covers all frequencies the rate is that of the innovation ([cover2006]), and `S_Y = S_X - D`."""
    w = 2 * np.pi * np.arange(512) / 512
    spectrum = 0.75 / np.abs(1 - 0.5 * np.exp(1j * w)) ** 2
    s = drc.GaussianProcess.from_spectra(spectrum, spectrum - 0.2).solve(R=math.log2(0.75 / 0.2) / 2)
    assert s.status == "optimal"
    assert s.value == pytest.approx(0.2, abs=1e-9)


@pytest.mark.parametrize(
    "p",
    [
        drc.GaussianProcess(1, 2, ar_X=[0.5, -0.4], ma_Y=[0.6], mu_X=0.5),
        drc.GaussianProcess(2, 0.3, ma_X=[0.4, 0.3], ar_Y=[-0.7], ma_Y=[0.2]),
    ],
)
def test_a_sum_over_frequencies_is_the_integral(p):
    """The components of a periodic process, with water-filling by bisection."""
    z = np.exp(-1j * 2 * np.pi * np.arange(2048) / 2048)

    def spectrum(side):
        ar, ma = ([float(c) for c in getattr(p, f"{name}_{side}")] for name in ("ar", "ma"))
        shape = np.abs(np.polyval([*ma[::-1], 1], z) / np.polyval([*(-c for c in ar[::-1]), 1], z)) ** 2
        return float(getattr(p, f"sigma_{side}")) ** 2 * shape / shape.mean()

    a, R = np.sqrt(spectrum("X") * spectrum("Y")), 0.8 * math.log(2)
    low, high = 1e-9, 1e9
    for _ in range(200):
        price = math.sqrt(low * high)
        correlation = 4 * a / (price + np.sqrt(price**2 + 16 * a**2))
        low, high = (low, price) if (-np.log(1 - correlation**2) / 2).mean() < R else (price, high)
    shift = float(p.mu_X - p.mu_Y) ** 2
    expected = shift + float(p.sigma_X**2 + p.sigma_Y**2) - 2 * (a * correlation).mean()
    s = p.solve(R=0.8)
    assert s.lower - 1e-9 <= expected <= s.upper + 1e-9
    assert s.status == "optimal"
    assert s.duals["R"] == pytest.approx(price * math.log(2), rel=1e-6)
    back = p.solve(D=s.upper, minimise="R")
    assert back.status == "optimal"
    assert back.value == pytest.approx(0.8, abs=1e-9)


def test_white_processes_are_the_scalar_theorem():
    p, g = drc.GaussianProcess(1, 1.5, mu_Y=0.5), drc.Gaussian(0, 1, 0.5, 1.5, 0, 1, 0)
    for R in (0, 0.3, 2, None):
        assert p.solve(R=R).value == pytest.approx(g.solve(R=R).value, abs=1e-12)
    for D in (0.4, 0.6, 2, 5):
        assert p.solve(D=D, minimise="R").value == pytest.approx(g.solve(D=D, minimise="R").value, abs=1e-9)


def test_at_any_rate_the_distance_of_the_processes():
    s = PAIR.solve()
    assert s.lower <= 1.47442853234379713 <= s.upper
    assert PAIR.solve(R=40).value == pytest.approx(s.value, abs=1e-9)
    assert PAIR.solve(D=1.47, minimise="R").status == "infeasible"
    assert PAIR.solve(D=3, minimise="R").value == 0


def test_memory_pays():
    """Of all processes with these deviations and a target like the source, the white one costs most."""
    white = drc.GaussianProcess(1, 1).solve(R=1).value
    assert [drc.GaussianProcess(1, 1, ar_X=[c], ar_Y=[c]).solve(R=1).value < white for c in (0.3, 0.9)] == [True, True]


def test_what_is_not_available():
    with pytest.raises(drc.NotAvailableError, match="C must be left out for a GaussianProcess"):
        PAIR.solve(R=1, C=1)
    with pytest.raises(drc.NotAvailableError, match="ma_X must have at most 80 coefficients for the limit, got 99"):
        drc.GaussianProcess(1, 1, ma_X=[0.5**k for k in range(1, 100)]).solve(R=1)
    with pytest.raises(drc.NotAvailableError, match="P must be left out"):
        PAIR.solve(R=1, P=1)


def test_slow_processes():
    s = drc.GaussianProcess(1, 1, ar_X=["0.999"], ar_Y=["-0.9"]).solve(R=1)
    assert s.status == "optimal"


def test_a_curve():
    c = PAIR.curve(R=[0, 0.5, 1])
    assert (np.diff(c.value) < 0).all()
