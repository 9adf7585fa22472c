"""Block codes of all kinds: files decode alike from anywhere and by themselves, or are refused; so is wrong input."""

import io
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

import drc
from drc.codes import read
from drc.codes.container import Header

BIT = drc.Bernoulli(0.3, 0.4, 0.1, setting="asymptotic")
FINITE = drc.Finite([[0.2, 0.15, 0.05], [0.05, 0.15, 0.4]], setting="asymptotic")
GAUSSIAN = drc.Gaussian(mu_X=1.0, sigma_X=2.0, mu_Y=0.5, sigma_Y=1.5, mu_S=0.0, sigma_S=0.8, theta=0.9)
SIMULATED = {"scheme": "channel-simulation"}

CODES = {
    "bits in blocks of 5": (BIT, {"R": 0.3, "block": 5}),
    "letters in blocks of 3": (FINITE, {"R": 0.2, "block": 3}),
    "normal in blocks of 2": (GAUSSIAN, {"R": 0.5, "block": 2, **SIMULATED}),
    "Z": (GAUSSIAN, {"R": 1, "block": 100}),
    "E8": (GAUSSIAN, {"R": 1, "lattice": "E8", "block": 96}),
    "E8, free": (GAUSSIAN, {"R": 1, "lattice": "E8", "output": "free"}),
}


@cache
def made(name):
    problem, options = CODES[name]
    return drc.codec(problem, **options)


@pytest.fixture(params=CODES)
def code(request):
    return made(request.param)


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 1001])
def test_decoding_from_anywhere_and_by_the_file_alone(code, n):
    data = code.encode(code.sample(n, seed=1)[1], seed=5)
    y = code.decode(data)
    assert len(y) == n
    for start, stop in ((0, n), (n // 2, min(n, n // 2 + 11)), (max(n - 1, 0), n), (n, n)):
        assert (read(data).decode(data, start, stop, seed=5) == y[start:stop]).all()


def test_a_file_that_is_longer_than_a_frame():
    code = made("bits in blocks of 5")
    data = code.encode(code.sample(70_001, seed=1)[1], seed=5)
    y = code.decode(data)
    assert (len(y), (read(data).decode(data, 65_500, 65_600) == y[65_500:65_600]).all()) == (70_001, True)


def test_the_file_does_not_depend_on_how_symbols_come(code):
    x = code.sample(1001, seed=3)[1]
    stream = io.BytesIO()
    code.encode_file([x[:13], x[13:500], x[500:]], stream, seed=5)
    assert stream.getvalue() == code.encode(x, seed=5)
    assert code.encode(x, seed=5) != code.encode(x, seed=6)


def test_another_process_decodes_the_same(tmp_path):
    coded = {name: made(name).encode(made(name).sample(1000, seed=1)[1], seed=7) for name in CODES}
    for name, data in coded.items():
        (tmp_path / name).write_bytes(data)
    script = (
        "import sys, pathlib, numpy as np, drc.codes\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    data = path.read_bytes()\n"
        "    np.save(path.with_name(path.name + '.npy'), drc.codes.read(data).decode(data, start=300))"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    for name, data in coded.items():
        assert (np.load(tmp_path / f"{name}.npy") == made(name).decode(data)[300:]).all()


def test_damaged_files_are_refused(code):
    data = code.encode(code.sample(40, seed=1)[1], seed=5)
    rng = np.random.default_rng(0)
    for _ in range(40):
        bad = bytearray(data)
        at = int(rng.integers(len(data)))
        bad[at] ^= 1 << int(rng.integers(8))
        for broken in (bytes(bad), data[:at]):
            with pytest.raises(drc.CodeError):
                code.decode(broken)
    with pytest.raises(drc.CodeError, match="seed"):
        code.decode(data, seed=6)


def test_a_code_from_a_file_decodes_only(code):
    decoder = read(code.encode(code.sample(1, seed=1)[1], seed=1))
    for use in (lambda: decoder.sample(1, seed=1), lambda: decoder.theory):
        with pytest.raises(drc.ProblemError, match="read from a file"):
            use()


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("bits in blocks of 5", "weights", [1, 2]),
        ("bits in blocks of 5", "weights", "x"),
        ("bits in blocks of 5", "letters", [0]),
        ("bits in blocks of 5", "length", 99),
        ("bits in blocks of 5", "mean", -1.0),
        ("bits in blocks of 5", "channel", "x"),
        ("normal in blocks of 2", "rho", 1.0),
        ("normal in blocks of 2", "width", 0.5),
        ("normal in blocks of 2", "laws", [[0.0, 1.0]]),
        ("normal in blocks of 2", "laws", [[0.0, 1.0], [0.0]]),
        ("normal in blocks of 2", "laws", [[0.0, 1.0], [0.0, -1.0]]),
        ("Z", "scale", 1e9),
        ("Z", "scale", "x"),
        ("Z", "lattice", "A2"),
        ("Z", "levels", 64),
        ("Z", "source", [0.0, -1.0]),
        ("Z", "target", 3),
    ],
)
def test_forged_headers_are_refused(name, field, value):
    code = made(name)
    forged = Header(code.kind, code.digest, 5, {**code.header_fields, field: value})
    with pytest.raises(drc.CodeError, match=f"header, field {field}"):
        read(forged.packed)


@pytest.mark.parametrize(
    ("problem", "bounds", "message"),
    [
        (BIT, {"R": 0.3, "block": 17}, "block must be a whole number, from 1 to 16, got 17"),
        (BIT, {"R": 0.3, "block": 0}, "block must be a whole number, from 1 to 16, got 0"),
        (BIT, {"R": 0.3, "scheme": "one-shot"}, "scheme must be 'channel-simulation', got 'one-shot'"),
        (BIT, {"R": 0.0, "C": 0.5}, "the solution must have a plan to code with, got status 'infeasible'"),
        (
            GAUSSIAN,
            {"R": 3, "block": 9, **SIMULATED},
            r"block must be at most 5, got 9,.*on average, more than 2\*\*22",
        ),
        (GAUSSIAN, SIMULATED, "R must be finite for a code, got inf; give R, or minimise='R' with D"),
        (GAUSSIAN, {}, "R must be finite for a code, got inf; give R, or minimise='R' with D"),
        (GAUSSIAN, {"R": 1, "lattice": "A2"}, "lattice must be 'Z' or 'E8', got 'A2'"),
        (GAUSSIAN, {"R": 1, "output": "x"}, "output must be 'target' or 'free', got 'x'"),
        (GAUSSIAN, {"R": 0.001}, r"R must be in \[0.0204, 10\] bits per sample with.*Z, got 0.001 bits per sample"),
        (
            GAUSSIAN,
            {"R": 15},
            r"R must be in \[0.0204, 10\] bits per sample with the lattice Z, got 15 bits per sample",
        ),
        (
            GAUSSIAN,
            {"R": 1, "lattice": "E8", "block": 12},
            "block must be a multiple of 8, the dimension of E8, got 12",
        ),
        (GAUSSIAN, {"R": 1, "C": 0.5}, "the solution must have a plan to code with, got status 'infeasible'"),
        (
            GAUSSIAN,
            {"R": 1, "P": 1.0, "perception": "W2", "output": "free"},
            "output must be 'target' with a bound on P, got 'free'",
        ),
    ],
)
def test_what_is_refused_is_named(problem, bounds, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.codec(problem, **bounds)


@pytest.mark.parametrize("scheme", ["dithered-lattice", "channel-simulation"])
def test_limited_common_randomness_has_no_code(scheme):
    with pytest.raises(drc.errors.NotAvailableError, match="limited common randomness|no code"):
        drc.codec(drc.Gaussian(0, 1, 0, 1, R_c=1), R=1, scheme=scheme)
