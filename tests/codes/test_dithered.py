"""Dithered codes: measured rate, error and law are those of theory; files decode alike everywhere, or not at all."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import kstest

import drc
from drc.codes import read
from drc.codes.container import Header, Reader
from drc.codes.dithered import DitheredCode
from drc.codes.ecdq import mutual_information

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


def test_decoding_from_the_middle(coded):
    code, _, _, data, y = coded
    assert (code.decode(data, start=70_001, stop=70_019) == y[70_001:70_019]).all()
    assert len(code.decode(data, start=5, stop=5)) == 0


def test_the_file_alone_decodes(coded):
    _, _, _, data, y = coded
    assert (read(data).decode(data) == y).all()


@pytest.mark.parametrize("lattice", ["Z", "E8"])
def test_free_output_law(lattice):
    code = drc.codec(GAUSSIAN, R=1, lattice=lattice, output="free")
    _, x = code.sample(N, seed=1)
    y = code.decode(code.encode(x, seed=2))
    squares = (x - y) ** 2
    assert abs(squares.mean() - code.distortion) < 4 * squares.std() / np.sqrt(N)
    assert code.gap <= code.gap_bound
    assert ((x - y) * y).mean() == pytest.approx((x - y).mean() * y.mean(), abs=0.03)  # no multiple does better


def test_another_process_decodes_the_same(tmp_path):
    code = drc.codec(GAUSSIAN, R=1.5, lattice="E8")
    data = code.encode(code.sample(1000, seed=1)[1], seed=7)
    (tmp_path / "coded").write_bytes(data)
    script = (
        "import sys, pathlib, numpy as np, drc.codes; data = pathlib.Path(sys.argv[1]).read_bytes();"
        "np.save(sys.argv[2], drc.codes.read(data).decode(data, start=300))"
    )
    target = tmp_path / "y.npy"
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "coded"), str(target)], check=True)
    assert (np.load(target) == code.decode(data)[300:]).all()


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9])
def test_lengths_that_cut_a_cell(n):
    code = drc.codec(GAUSSIAN, R=1, lattice="E8", block=8)
    x = code.sample(n, seed=1)[1]
    y = code.decode(code.encode(x, seed=3))
    assert len(y) == n
    assert (code.decode(code.encode(x, seed=3), start=n // 2) == y[n // 2 :]).all()


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


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"R": 1, "lattice": "A2"}, "lattice = 'A2'"),
        ({"R": 1, "output": "x"}, "output = 'x'"),
        ({"R": 0.001}, "R = 0.001 bits a sample is out of range for the lattice Z: allowed is"),
        ({"R": 15}, "R = 15 bits a sample is out of range"),
        ({}, "R = inf: a code needs a finite rate"),
        ({"R": 1, "lattice": "E8", "block": 12}, "block = 12 cuts a cell of E8: allowed are multiples of 8"),
        ({"R": 1, "C": 0.5}, "the solution has no plan to code with: it is infeasible"),
        ({"R": 1, "P": 1.0, "perception": "W2", "output": "free"}, "output = 'free' keeps no bound on P"),
    ],
)
def test_bad_bounds_are_named(bounds, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.codec(GAUSSIAN, **bounds)


def test_a_bound_on_C_that_only_the_limit_meets():
    limit = GAUSSIAN.solve(R=1).classification
    with pytest.raises(drc.ProblemError, match=r"C = .* is missed: at the rate R the lattice Z leaves h\(S\|Y\) = "):
        drc.codec(GAUSSIAN, R=1, C=limit + 1e-3)


def test_limited_common_randomness_has_no_code():
    with pytest.raises(drc.errors.NotAvailableError, match="limited common randomness"):
        drc.codec(drc.Gaussian(0, 1, 0, 1, R_c=1), R=1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -50.0])
def test_samples_that_are_none_are_named_with_their_position(bad):
    code = drc.codec(GAUSSIAN, R=1)
    with pytest.raises(drc.ProblemError, match=r"x\[2\] = .* is no sample of the source: allowed is \|x - 1\| <= 9"):
        code.encode([0.0, 1.0, bad], seed=1)


def test_a_code_from_a_file_does_not_know_the_label():
    code = drc.codec(GAUSSIAN, R=1)
    decoder = read(code.encode([0.0], seed=1))
    with pytest.raises(drc.ProblemError, match="read from a file"):
        decoder.sample(1, seed=1)
    with pytest.raises(drc.ProblemError, match="read from a file"):
        _ = decoder.theory


def test_damaged_files_are_refused():
    code = drc.codec(GAUSSIAN, R=1, lattice="E8")
    data = code.encode(code.sample(40, seed=1)[1], seed=5)
    rng = np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(data)
        at = int(rng.integers(len(data)))
        bad[at] ^= 1 << int(rng.integers(8))
        with pytest.raises(drc.errors.CodeError):
            code.decode(bytes(bad))
        with pytest.raises(drc.errors.CodeError):
            code.decode(data[:at])


@pytest.mark.parametrize(
    ("field", "value"),
    [("scale", 1e9), ("scale", "x"), ("lattice", "A2"), ("levels", 64), ("source", [0.0, -1.0]), ("target", 3)],
)
def test_forged_headers_are_refused(field, value):
    code = drc.codec(GAUSSIAN, R=1)
    forged = Header(code.kind, code.digest, 5, {**code.header_fields, field: value}).as_read
    with pytest.raises(drc.errors.CodeError, match=f"header, field {field}"):
        DitheredCode.from_header(forged)
