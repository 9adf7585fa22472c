"""Channel simulation: the law is exact, and the rate is that of theory and below the bound."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

import drc
from drc.codes import SimulationCode, read
from drc.codes.container import Reader

BIT = drc.Bernoulli(0.3, 0.4, 0.1, setting="asymptotic")
SOLVED = BIT.solve(R=0.3)
FINITE = drc.Finite(
    [[0.2, 0.15, 0.05, 0.0], [0.05, 0.15, 0.4, 0.0]],
    distortion=[[0, 1, np.inf], [1, 0, 1], [np.inf, 1, 0], [0, 0, 0]],
    setting="asymptotic",
    letters_Y=("low", "middle", "high"),
)
GAUSSIAN = drc.Gaussian(mu_X=1.0, sigma_X=2.0, mu_Y=0.5, sigma_Y=1.5, mu_S=0.0, sigma_S=0.8, theta=0.9)


def coded(code, n, seed=1):
    s, x = code.sample(n, seed)
    data = code.encode(x, seed=5)
    return s, x, data, code.decode(data)


@pytest.mark.parametrize("block", [1, 2, 5, 8])
def test_rate_error_and_law_of_bits(block):
    code = SimulationCode.of(BIT, SOLVED, block=block)
    n = 40_000
    _, x, data, y = coded(code, n)
    blocks = n / block
    rate = Reader(data).sizes().payload_rate
    assert abs(rate - code.rate) < 4 * np.hypot(code.rate_error, 3 / np.sqrt(blocks) / block)
    assert code.rate <= code.rate_bound
    pairs = np.bincount(2 * x + y, minlength=4)
    assert chisquare(pairs, SOLVED.coupling.ravel() * n).pvalue > 1e-3
    # Symbols of one block are independent of each other, as are those of different ones.
    wrong = (x != y).astype(float)
    assert abs(np.corrcoef(wrong[:-1], wrong[1:])[0, 1]) < 4.5 / np.sqrt(n)


def test_what_is_above_the_limit_falls_with_the_block():
    codes = [SimulationCode.of(BIT, SOLVED, block=n) for n in (1, 2, 4, 8, 16)]
    above = [code.rate - code.theory.limit for code in codes]
    bounds = [code.rate_bound - code.theory.limit for code in codes]
    assert above == sorted(above, reverse=True)
    assert bounds == sorted(bounds, reverse=True)
    assert all(a < b for a, b in zip(above, bounds, strict=True))
    assert above[-1] < 0.2


def test_forbidden_pairs_and_letters_of_no_mass():
    code = drc.codec(FINITE, R=0.5, block=4)
    _, x, data, y = coded(code, 20_000)
    costs = FINITE.distortions[x, y]
    assert np.isfinite(costs).all()
    assert abs(costs.mean() - code.distortion) < 4 * costs.std() / np.sqrt(len(x))
    assert read(data).letters(y[:3]).tolist() == code.letters(y[:3]).tolist()
    assert set(code.letters(y)) <= {"low", "middle", "high"}
    with pytest.raises(drc.ProblemError, match=r"x\[1\] must have positive probability, got 3, letter 3"):
        code.encode([0, 3], seed=1)


def test_a_rate_of_zero_costs_little():
    code = drc.codec(BIT, R=0)
    _, _, data, y = coded(code, 20_000)
    assert code.length == 16
    assert Reader(data).sizes().payload_rate < 0.1
    assert y.mean() == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize("block", [1, 3])
def test_normal_variables(block):
    code = drc.codec(GAUSSIAN, R=1, scheme="channel-simulation", block=block)
    n = 12_000
    _, x, data, y = coded(code, n)
    squares = (x - y) ** 2
    assert abs(squares.mean() - code.distortion) < 4 * squares.std() / np.sqrt(n)
    assert kstest((y - 0.5) / 1.5, "norm").pvalue > 1e-3
    rho = code.channel.rho
    noise = ((y - 0.5) / 1.5 - rho * (x - 1) / 2) / np.sqrt(1 - rho**2)
    assert kstest(noise, "norm").pvalue > 1e-3
    rate = Reader(data).sizes().payload_rate
    assert abs(rate - code.rate) < 4 * np.hypot(code.rate_error, 4 / np.sqrt(n * block))
    assert code.rate <= code.rate_bound
