"""Channel simulation: the law is exact, the rate is that of theory and below the bound, and files decode alike."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

import drc
from drc.codes import SimulationCode, read
from drc.codes.container import Header, Reader

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
    with pytest.raises(drc.ProblemError, match=r"x\[1\] = 3 has probability zero"):
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


@pytest.mark.parametrize(
    ("code", "n"), [(drc.codec(BIT, R=0.3, block=5), 70_001), (drc.codec(FINITE, R=0.2, block=3), 1000)]
)
def test_decoding_from_the_middle_and_by_the_file_alone(code, n):
    _, _, data, y = coded(code, n)
    assert len(y) == n
    for start, stop in ((0, n), (n // 2, n // 2 + 11), (n - 1, n), (7, 7)):
        assert (read(data).decode(data, start, stop, seed=5) == y[start:stop]).all()


def test_the_file_does_not_depend_on_how_symbols_come():
    import io

    code = drc.codec(BIT, R=0.3, block=8)
    x = code.sample(1001, seed=3)[1]
    stream = io.BytesIO()
    code.encode_file([x[:13], x[13:500], x[500:]], stream, seed=5)
    assert stream.getvalue() == code.encode(x, seed=5)
    assert code.encode(x, seed=5) != code.encode(x, seed=6)


@pytest.mark.parametrize(
    ("problem", "bounds", "message"),
    [
        (BIT, {"R": 0.3, "block": 17}, "block = 17 is no block length: allowed is a whole number from 1 to 16"),
        (BIT, {"R": 0.3, "block": 0}, "block = 0 is no block length"),
        (BIT, {"R": 0.3, "scheme": "one-shot"}, "scheme = 'one-shot'"),
        (GAUSSIAN, {"R": 3, "scheme": "channel-simulation", "block": 9}, r"block = 9 takes .* allowed is block <= \d"),
        (GAUSSIAN, {"scheme": "channel-simulation"}, "R = inf: a code needs a finite rate"),
        (BIT, {"R": 0.0, "C": 0.5}, "the solution has no plan to code with: it is infeasible"),
    ],
)
def test_what_is_refused_is_named(problem, bounds, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.codec(problem, **bounds)


def test_damaged_files_are_refused():
    code = drc.codec(BIT, R=0.3, block=8)
    data = code.encode(code.sample(300, seed=1)[1], seed=5)
    rng = np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(data)
        at = int(rng.integers(len(data)))
        bad[at] ^= 1 << int(rng.integers(8))
        with pytest.raises(drc.errors.CodeError):
            code.decode(bytes(bad))
        with pytest.raises(drc.errors.CodeError):
            code.decode(data[:at])
    with pytest.raises(drc.errors.CodeError, match="seed"):
        code.decode(data, seed=6)


@pytest.mark.parametrize(
    ("code", "field", "value"),
    [
        (drc.codec(BIT, R=0.3), "weights", [1, 2]),
        (drc.codec(BIT, R=0.3), "weights", "x"),
        (drc.codec(BIT, R=0.3), "letters", [0]),
        (drc.codec(BIT, R=0.3), "length", 99),
        (drc.codec(BIT, R=0.3), "mean", -1.0),
        (drc.codec(BIT, R=0.3), "channel", "x"),
        (drc.codec(GAUSSIAN, R=0.3, scheme="channel-simulation"), "rho", 1.0),
        (drc.codec(GAUSSIAN, R=0.3, scheme="channel-simulation"), "width", 0.5),
        (drc.codec(GAUSSIAN, R=0.3, scheme="channel-simulation"), "laws", [[0.0, 1.0], [0.0]]),
    ],
)
def test_forged_headers_are_refused(code, field, value):
    forged = Header(code.kind, code.digest, 5, {**code.header_fields, field: value}).as_read
    with pytest.raises(drc.errors.CodeError, match=f"header, field {field}"):
        SimulationCode.from_header(forged)
