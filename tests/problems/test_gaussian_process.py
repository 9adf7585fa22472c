import numpy as np
import pytest
from scipy.signal import lfilter

import drc


def test_autocovariances_are_those_of_the_impulse_response():
    p = drc.GaussianProcess(1.5, 1, ar_X=[0.5, -0.3], ma_X=[0.4, 0.2])
    impulse = np.zeros(400)
    impulse[0] = 1
    response = lfilter([1, 0.4, 0.2], [1, -0.5, 0.3], impulse)
    lags = np.array([response[: 400 - k] @ response[k:] for k in range(6)])
    assert p.autocovariances("X", 6) == pytest.approx(2.25 * lags / lags[0], abs=1e-12)
    assert p.autocovariances("Y", 3).tolist() == [1, 0, 0]


def test_a_block_is_the_vector_problem_of_its_covariances():
    p = drc.GaussianProcess(1, 2, ar_X=[0.6], ma_Y=[0.5], mu_X=1, mu_Y=-1)
    v = p.block(3)
    X = 0.6 ** np.abs(np.subtract.outer(range(3), range(3)))
    Y = 4 * (np.eye(3) + 0.4 * (np.eye(3, k=1) + np.eye(3, k=-1)))
    w = drc.VectorGaussian.from_covariances(X, Y, mu_X=[1, 1, 1], mu_Y=[-1, -1, -1])
    at = [0, 0.5, 2, np.inf]
    assert v.drc()(R=at) == pytest.approx(w.drc()(R=at), abs=1e-11)
    assert v.drc()(R=0) == pytest.approx(3 * (4 + 1 + 4))
    assert p.block(1).drc()(R=1) == pytest.approx(drc.Gaussian(1, 1, -1, 2, 0, 1, 0).drc()(R=1), abs=1e-12)


def spectrum(*, ar=(), ma=(), size=1024):
    return np.abs(np.fft.fft([1, *ma], size) / np.fft.fft([1, *(-c for c in ar)], size)) ** 2


def test_spectra_and_autocovariances_are_read_back():
    p = drc.GaussianProcess.from_spectra(spectrum(ar=[0.5, -0.3]), spectrum(ma=[0.5, 0.25]), mu_X=2)
    assert [float(c) for c in p.ar_X] == pytest.approx([0.5, -0.3], abs=1e-12)
    assert [float(c) for c in p.ma_Y] == pytest.approx([0.5, 0.25], abs=1e-12)
    assert (p.ma_X, p.ar_Y, p.mu_X) == ((), (), 2)
    assert float(p.sigma_Y) ** 2 == pytest.approx(1 + 0.25 + 0.0625)
    both = drc.GaussianProcess.from_autocovariances(p.autocovariances("X", 60), p.autocovariances("Y", 3))
    for side in "XY":
        assert both.autocovariances(side, 5) == pytest.approx(p.autocovariances(side, 5), abs=1e-9)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sigma_X": 0}, "sigma_X must be positive and finite, got 0"),
        ({"sigma_X": "s"}, "sigma_X must be a number, got s: s still free"),
        ({"ar_X": [1.2]}, "ar_X must be stationary, .* got one of size 1.2"),
        ({"ar_Y": [0, 1]}, "ar_Y must be stationary, .* got one of size 1"),
        ({"ar_X": 0.5}, "ar_X must be a list or an array, got 0.5"),
        ({"ar_X": [float("nan")]}, r"ar_X\[1\] must be one real number, got nan"),
        ({"ma_Y": [1]}, "ma_Y must have a spectrum without zeros"),
        ({"mu_Y": float("inf")}, "mu_Y must be finite, got"),
    ],
)
def test_bad_processes(given, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.GaussianProcess(**{"sigma_X": 1, "sigma_Y": 1} | given)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([1, -1, 1, 1], "spectrum_X must be an array of at least two positive finite values"),
        ([1, 2, 1, 1], "spectrum_X must be symmetric"),
        (spectrum(ar=[0.99], ma=[0.99], size=64), "spectrum_X must have more frequencies, got 64"),
    ],
)
def test_bad_spectra(wrong, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.GaussianProcess.from_spectra(wrong, np.ones(8))


def test_autocovariances_of_no_process():
    with pytest.raises(
        drc.ProblemError, match="covariances_Y must have a positive spectrum, got one with the value -0.6"
    ):
        drc.GaussianProcess.from_autocovariances([1], [1, 0.8])
    with pytest.raises(drc.ProblemError, match="ar_X must forget sooner"):
        drc.GaussianProcess(1, 1, ar_X=[1 - 1e-8]).autocovariances("X", 2)
    with pytest.raises(drc.ProblemError, match="side must be 'X' or 'Y', got 'Z'"):
        drc.GaussianProcess(1, 1).autocovariances("Z", 2)


def test_files(tmp_path):
    p = drc.GaussianProcess(1, "7/5", ar_X=[0.9], ma_Y=["1/3"], mu_Y=2)
    assert drc.load(p.save(tmp_path / "process.json")) == p
    assert p.changed(mu_Y=0) == drc.GaussianProcess(1, "7/5", ar_X=[0.9], ma_Y=["1/3"])
