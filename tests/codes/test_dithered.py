"""Dithered codes: measured rate, error and law are those of theory."""

import numpy as np
import pytest
from cells import mutual_information
from scipy.stats import kstest

import drc
from drc.codes.container import Reader

GAUSSIAN = drc.Gaussian(mu_X=1.0, sigma_X=2.0, mu_Y=0.5, sigma_Y=1.5, mu_S=0.0, sigma_S=0.8, theta=0.9)
N = 2**17


@pytest.fixture(scope="module", params=[(lattice, R) for lattice in ("Z", "E8") for R in (1, 2, 3)], ids=str)
def coded(request):
    lattice, R = request.param
    code = drc.codec(GAUSSIAN, R=R, lattice=lattice)
    s, x = code.sample(N, seed=R)
    data = code.encode(x, seed=5)
    return code, s, x, data, code.decode(data)


def test_measured_rate_is_that_of_the_uniform_noise_channel(coded):
    """The rate of the file is the mutual information, which the limit at this error is below by the known gap."""
    code, _, _, data, _ = coded
    measured = Reader(data).sizes().payload_rate
    information, error = mutual_information(code.law.lattice, code.law.scale, samples=200)
    assert measured == pytest.approx(information, abs=0.01)
    assert measured == pytest.approx(code.rate, abs=4 * 0.75 / np.sqrt(N))
    assert error < 0.002
    assert code.gap == pytest.approx(code.gap_bound, abs=0.005)


def test_measured_error_is_that_of_theory(coded):
    code, _, x, _, y = coded
    squares = (x - y) ** 2
    assert abs(squares.mean() - code.distortion) < 4 * squares.std() / np.sqrt(N)


def test_the_output_law_is_the_target(coded):
    _, _, _, _, y = coded
    assert kstest((y - 0.5) / 1.5, "norm").pvalue > 1e-3
    assert len(np.unique(y)) == len(y)  # no atoms: every step of the grid is spread over its interval
    # Samples of one cell of E8 are as good as independent.
    cells = (y.reshape(-1, 8) - 0.5) / 1.5
    off = np.corrcoef(cells, rowvar=False) - np.eye(8)
    assert np.abs(off).max() < 4.5 / np.sqrt(len(cells))
    squares = np.corrcoef(cells**2, rowvar=False) - np.eye(8)
    assert np.abs(squares).max() < 0.05


def test_label_uncertainty(coded):
    """The normal law with the measured correlation bounds h(S|Y) from above, and closely."""
    code, s, _, _, y = coded
    bound = np.log2(2 * np.pi * np.e * 0.8**2 * (1 - np.corrcoef(s, y)[0, 1] ** 2)) / 2
    assert code.classification - 0.01 < bound < code.classification + 0.03


@pytest.mark.parametrize("lattice", ["Z", "E8"])
def test_free_output_law(lattice):
    code = drc.codec(GAUSSIAN, R=1, lattice=lattice, output="free")
    _, x = code.sample(N, seed=1)
    y = code.decode(code.encode(x, seed=2))
    squares = (x - y) ** 2
    assert abs(squares.mean() - code.distortion) < 4 * squares.std() / np.sqrt(N)
    assert code.gap <= code.gap_bound
    assert ((x - y) * y).mean() == pytest.approx((x - y).mean() * y.mean(), abs=0.03)  # no multiple does better


def test_least_rate_for_a_distortion_and_for_a_label():
    for bounds in ({"D": 1.5}, {"C": 1.55}, {"D": 2.5, "C": 1.6}):
        code = drc.codec(GAUSSIAN, minimise="R", **bounds)
        missed = [code.distortion - bounds.get("D", np.inf), code.classification - bounds.get("C", np.inf)]
        assert max(missed) == pytest.approx(0, abs=1e-6)
        assert code.rate > code.solution.rate


def test_the_unit_of_the_bounds_is_heard():
    in_bits, in_nats = drc.codec(GAUSSIAN, R=1), drc.codec(GAUSSIAN, R=np.log(2), unit="nats")
    assert in_bits.rate == pytest.approx(in_nats.rate, abs=1e-6)


def test_perception_gives_the_law():
    code = drc.codec(GAUSSIAN, R=1, P=0.01, perception="W2")
    x = code.sample(N, seed=1)[1]
    y = code.decode(code.encode(x, seed=2))
    assert abs(y.mean() - 1.0) < 0.02
    assert y.std() == pytest.approx(code.solution.law[1], abs=0.02)


def test_a_bound_on_C_that_only_the_limit_meets():
    limit = GAUSSIAN.solve(R=1).classification
    with pytest.raises(
        drc.ProblemError, match=r"C must be at least 1.55918 bit, which is.*larger R allows a smaller C"
    ):
        drc.codec(GAUSSIAN, R=1, C=limit + 1e-3)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -50.0])
def test_samples_that_are_none_are_named_with_their_position(bad):
    code = drc.codec(GAUSSIAN, R=1)
    with pytest.raises(drc.ProblemError, match=r"x\[2\] must be within 9 sigma_X = 18 of the mean 1"):
        code.encode([0.0, 1.0, bad], seed=1)


def test_perception_needs_no_target_law():
    code = drc.codec(drc.Gaussian(mu_X=0, sigma_X=1, sigma_S=0.8, theta=0.6), R=1, P=0.01, perception="W2")
    assert code.theory.output_law == pytest.approx(code.solution.law)
