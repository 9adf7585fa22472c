"""Files that were valid once: every change of them is read rightly, or refused in a `ProblemError`, in time and memory."""

import contextlib
import io
import json
import math
import re
import signal
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from time import process_time

import numpy as np

import drc
from drc.codes import read
from drc.codes.container import Header, Reader, Writer
from drc.errors import ProblemError
from drc.neural.experiment import Experiment
from drc.neural.sweep import Sweep
from drc.problems import read_problem

JOINT = [[0.27, 0.07], [0.03, 0.63]]
FINITE = {
    "p_SX": JOINT,
    "p_Y": [0.6, 0.4],
    "distortion": [[0, 1], [1, "inf"]],
    "letters_X": [0, 1],
    "setting": "one-shot",
}
GAUSSIAN = {"mu_X": 0, "sigma_X": 1, "mu_Y": 0.5, "sigma_Y": 1.5, "sigma_S": 0.8, "theta": 0.6, "perception": "W2"}
CSV = ["0.27,0.07\n0.03,0.63\n", "S,X,p\ncat,0,0.5\ndog,1,0.25\ndog,0,0.25\n", ",a,b\ns,.25,.25\nt,.25,.25\n"]
SWEEP = """task = "solve"
[fixed]
problem = "Bernoulli"
q_X = 0.3
q_Y = 0.4
q_S1 = 0.1
[grid]
R = { from = 0.1, to = 0.7, points = 3 }
C = [0.6, 0.8]
"""
EXPERIMENT = """name = "a"
seed = 3
[degradation]
kind = "bicubic"
factor = 2
[rate]
kind = "fixed"
dim = 2
[networks]
encoder = [8, 4]
[schedule]
epochs = 3
drops = [[1, 2.0]]
[loss]
perception = 0.5
"""

#: Values that a field may be changed to, as JSON and TOML write them.
_ODD_JSON = [
    "null",
    "true",
    "-1",
    "1e400",
    "1e-400",
    "1e999999999",
    "1e-999999999",
    "9" * 400,
    "9" * 6000,
    '"x"',
    '"1_0"',
    '"１"',
    '"1e999999999"',
    '"nan"',
    '""',
    "[]",
    "{}",
    "[[]]",
    "[null]",
    '{"a": 1}',
    "NaN",
    "-Infinity",
    "[" * 50 + "]" * 50,
    "[" * 100_000 + "]" * 100_000,
    '{"a":' * 3000 + "1" + "}" * 3000,
    '"' + "a" * 100_000 + '"',
    "0.1",
    "2",
]
_ODD_TOML = [
    "2020-01-01",
    "12:00:00",
    "2020-01-01T00:00:00Z",
    "[2020-01-01]",
    "nan",
    "-inf",
    "1e400",
    "1e-400",
    "1e999999999",
    "1_000",
    "0x10",
    "9" * 400,
    "9" * 6000,
    "true",
    "-1",
    "0",
    '"x"',
    '""',
    "[]",
    "[[1], [2]]",
    "{}",
    '{ kind = "x" }',
    "{ points = 5 }",
    "{ from = 0, to = 1, points = 1000000000000 }",
    "{ from = 0, to = nan, points = 2 }",
    "{ from = 0, to = 1, points = 2.5 }",
    "[" * 50 + "]" * 50,
    "[" * 5000 + "]" * 5000,
]


def attack(*seed: int) -> str:
    """Return what is wrong with how one changed file was read; empty if nothing is."""
    rng = np.random.default_rng(seed)
    kind, suffix, make, read = _KINDS[rng.integers(len(_KINDS))]
    content = make(rng)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(content)
        return judged(kind, path, read)


def judged(kind: str, path: Path, read) -> str:
    """Return what is wrong with how a file was read."""
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, 8)
    began = process_time()
    try:
        fault = read(path) or ""
    except ProblemError as error:
        fault = "" if len(str(error)) < 1000 else f"a message of {len(str(error))} characters: {str(error)[:80]}"
    except Exception as error:
        fault = f"{type(error).__name__}: {str(error)[:200]}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    seconds = process_time() - began
    fault = fault or (f"{seconds:.1f} s of processor time" if seconds > 2 else "")
    return f"{kind}: {fault} ({path.read_bytes()[:100]!r} of {path.stat().st_size} bytes)" if fault else ""


def _too_long(*_: object) -> None:
    raise TimeoutError


# What is read, and whether it is right ---------------------------------------------------------------------------------


def _problem(path: Path) -> str:
    found = read_problem(path)
    if isinstance(found, drc.Gaussian):
        return "" if found.sigma_X.is_positive is not False else f"sigma_X = {found.sigma_X}"
    numbers = [p for row in found.p_SX for p in row]
    if sum(numbers) != 1 or min(numbers) < 0:
        return f"p_SX = {found.p_SX}"
    return "" if not np.isnan(found.distortions).any() else "a distortion is NaN"


def _samples(path: Path) -> str:
    read_problem(path, samples=True)
    return ""


def _sweep(path: Path) -> str:
    points = Sweep.read(path).points()
    json.dumps([dict(point.settings) for point in points])
    return ""


def _experiment(path: Path) -> str:
    experiment = Experiment.read(path)
    return "" if Experiment.of(experiment.table()) == experiment else "the experiment is not what its table says"


def _coded(path: Path) -> str:
    content = path.read_bytes()
    code = read(content)
    decoded = code.decode(content)
    return "" if content in _TRUE.values() or decoded.size <= 4000 else f"{decoded.size} symbols"


# Changes ----------------------------------------------------------------------------------------------------------------


def _bytes_changed(rng, content: bytes) -> bytes:
    """Flip, cut, repeat, swap or insert bytes, once or a few times."""
    for _ in range(rng.integers(1, 4)):
        a, b = sorted(int(i) for i in rng.integers(0, len(content) + 1, 2))
        how = rng.integers(6)
        if how == 0 and content:
            at = int(rng.integers(len(content)))
            content = content[:at] + bytes([content[at] ^ (1 << int(rng.integers(8)))]) + content[at + 1 :]
        elif how == 1:
            content = content[:a]
        elif how == 2:
            content = content[:b] + content[a:b] * int(rng.integers(1, 20)) + content[b:]
        elif how == 3:
            content = content[:a] + content[b:] + content[a:b]
        elif how == 4:
            content = content[:a] + rng.bytes(int(rng.integers(1, 9))) + content[a:]
        else:
            content = content[:a] + content[b:]
    return content


def _json(rng) -> bytes:
    fields = [FINITE, GAUSSIAN][rng.integers(2)]
    text = json.dumps(fields)
    if rng.random() < 0.4:
        return _bytes_changed(rng, text.encode())
    for _ in range(rng.integers(1, 3)):
        a, b = (places := _places(text) or [(0, len(text))])[rng.integers(len(places))]
        text = text[:a] + _ODD_JSON[rng.integers(len(_ODD_JSON))] + text[b:]
    return text.encode()


def _places(text: str) -> list[tuple[int, int]]:
    """Return where the numbers and words of a JSON or TOML text are, and some whole lists."""
    return [m.span() for m in re.finditer(r'-?\d+(\.\d+)?|"[^"]*"(?!\s*[:=])|\[[^\[\]]*\]|\{[^{}]*\}', text)]


def _csv(rng) -> bytes:
    text = CSV[rng.integers(len(CSV))]
    if rng.random() < 0.5:
        return _bytes_changed(rng, text.encode())
    odd = [
        "",
        "nan",
        "1e400",
        "1e-999999999",
        "9" * 5000,
        "１",
        "1_0",
        "-1",
        "x",
        '"',
        '""',
        "\x00",
        "1/0",
        ";",
        "inf",
        "0.5",
    ]
    cells = [line.split(",") for line in text.splitlines()]
    row = cells[rng.integers(len(cells))]
    row[rng.integers(len(row))] = odd[rng.integers(len(odd))]
    return "\n".join(",".join(row) for row in cells).encode()


def _toml(rng, text: str) -> bytes:
    if rng.random() < 0.4:
        return _bytes_changed(rng, text.encode())
    lines = text.splitlines()
    for _ in range(rng.integers(1, 3)):
        at = int(rng.integers(len(lines)))
        key, sign, _ = lines[at].partition(" = ")
        if sign:
            lines[at] = f"{key} = {_ODD_TOML[rng.integers(len(_ODD_TOML))]}"
        elif rng.random() < 0.5:
            lines[at] = ["[[grid]]", "[fixed.fixed]", "[a]", "x = 1", "name = 2"][rng.integers(5)]
        else:
            name = ["R", "file", "x", "q_X", "dim", "theorem", "experiment"][rng.integers(7)]
            lines.insert(at, f"{name} = {_ODD_TOML[rng.integers(len(_ODD_TOML))]}")
    return "\n".join(lines).encode()


def _npz(rng) -> bytes:
    arrays = {
        "p_SX": np.array(JOINT),
        "p_Y": np.array([0.6, 0.4]),
        "letters_X": np.array(["a", "b"]),
        "setting": np.array("one-shot"),
    }
    odd = [
        lambda: np.array(JOINT, np.float32),
        lambda: np.array(JOINT, np.float16),
        lambda: np.array(JOINT, complex),
        lambda: np.array(JOINT) > 0.1,
        lambda: np.array([[1, 0], [0, 0]]),
        lambda: np.array([[object()]], dtype=object),
        lambda: np.array([["0.5", "0.5"]]),
        lambda: np.array([["0.5", "1e999999999"]]),
        lambda: np.array(0.5),
        lambda: np.zeros((0, 2)),
        lambda: np.zeros((2, 2, 2)),
        lambda: np.array([math.nan, 1]),
        lambda: np.array([["2020-01-01"]], "datetime64[ns]"),
        lambda: np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        lambda: np.array([b"a", b"b"]),
        lambda: np.array([[0.27, 0.03], [0.07, 0.63]], ">f8").T,
        lambda: np.zeros((1500, 1500)),
        lambda: np.zeros((40, 1_000_000)),
        lambda: np.longdouble([[0.25, 0.75]]),
    ]
    stream = io.BytesIO()
    name = list(arrays)[rng.integers(4)]
    how = rng.integers(4)
    if how == 0:
        arrays[name] = odd[rng.integers(len(odd))]()
    (np.savez_compressed if rng.random() < 0.5 or how == 0 else np.savez)(stream, **arrays)
    content = stream.getvalue()
    if how == 1:
        return _bytes_changed(rng, content)
    if how == 2:
        return _forged(rng, arrays, name)
    return content


def _forged(rng, arrays: dict, name: str) -> bytes:
    """Write an archive by hand: shapes that are not there, sizes that lie, members that are no arrays."""
    stream = io.BytesIO()
    kind = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA][rng.integers(4)]
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for field, array in arrays.items():
            part = io.BytesIO()
            np.save(part, array)
            body = part.getvalue()
            if field == name:
                header = {
                    "descr": ["<f8", "|O", "|V0", "<f8", "<U1000000000", "<M8[ns]"][rng.integers(6)],
                    "fortran_order": False,
                    "shape": [(10**12,), (10**6, 10**6), (2, 2), (-1,), (0,), (2**63, 2), (10**30,)][rng.integers(7)],
                }
                forged = io.BytesIO()
                with contextlib.suppress(Exception):
                    np.lib.format.write_array_header_1_0(forged, header)
                body = [forged.getvalue() + body[128:], b"", b"text", body[:60], body + b"x" * 10, b"\0" * 2**26][
                    rng.integers(6)
                ]
            archive.writestr(f"{field}.npy", body)
        if rng.random() < 0.2:
            archive.writestr("x.npy", b"\0" * 2**27)
    content = stream.getvalue()
    if rng.random() < 0.3:
        # The size in the central directory lies.
        at = content.rfind(b"PK\1\2")
        content = content[: at + 24] + int(rng.integers(0, 2**32)).to_bytes(4, "little") + content[at + 28 :]
    return content


@cache
def _codes() -> dict[str, tuple[bytes, list]]:
    """A coded file of every kind, and its blocks."""
    made = {
        "one-shot": drc.codec(drc.Bernoulli(0.3, 0.4, 0.1), R=0.4, C=0.8),
        "bits": drc.codec(drc.Bernoulli(0.3, 0.4, 0.1, "asymptotic"), R=0.3),
        "lattice": drc.codec(drc.Gaussian(0, 1, 0, 1, 0, 1, 0.5), R=1),
        "normal": drc.codec(drc.Gaussian(0, 1, 0, 1, 0, 1, 0.5), R=0.5, scheme="channel-simulation"),
    }
    files = {}
    for name, code in made.items():
        content = code.encode(code.sample(40, seed=1)[1], seed=5)
        blocks = []
        _TRUE[name] = content
        reader = Reader(content)
        list(
            reader.blocks(
                lambda payload, first, count, blocks=blocks, code=code: _kept(blocks, code, payload, first, count)
            )
        )
        files[name] = content, blocks
    return files


_TRUE: dict[str, bytes] = {}


def _kept(blocks: list, code, payload: bytes, first: int, count: int) -> np.ndarray:
    decoded = code.decode_block(payload, first, count, 5)
    blocks.append((payload, decoded))
    return decoded


_ODD_FIELDS = [
    None, True, -1, 0, 1, 2**24, 2**31, 2**63, 2**80, 10**400, 0.5, 1.5, -0.5, 1e-300, 1e300, 5e-324, 15.999, 0.01,
    64.0, 0.9999999999999999,
    "", "x", "E8", "Z", "A2", "finite", "normal", "bits", [], {}, [[]], [0], [1], [2**24], [2**24, 0], [1] * 1000,
    [0.0, 1.0], [[0.0, 1.0]],
    [[0.0, 1e-320], [0.0, 1e308]],
    [[]] * 3, {"a": 1}, ["a"], [None], [["a"]], [{}], 16, 24, 255, 4096,
]  # fmt: skip


def _header(rng) -> bytes:
    """Write a coded file whose header says something else, with checksums that fit."""
    content, blocks = list(_codes().values())[rng.integers(4)]
    header = Reader(content).header
    fields, kind, seed, digest = dict(header.fields), header.kind, header.seed, header.digest
    for _ in range(rng.integers(1, 3)):
        name = [*fields, "kind", "seed", "digest", "new"][rng.integers(len(fields) + 4)]
        odd = _ODD_FIELDS[rng.integers(len(_ODD_FIELDS))]
        if name == "kind":
            kind = ["one-shot", "channel-simulation", "dithered-lattice", "image", "", "x" * 1000][rng.integers(6)]
        elif name == "seed":
            seed = int(rng.integers(2**63))
        elif name == "digest":
            digest = rng.bytes(8)
        elif rng.random() < 0.2:
            fields.pop(name, None)
        else:
            fields[name] = _within(rng, fields.get(name), odd)
    stream = io.BytesIO()
    with Writer(stream, Header(kind, digest, seed, fields)) as writer:
        for payload, decoded in blocks:
            payload = payload if rng.random() < 0.7 else _bytes_changed(rng, payload)
            writer.write(payload, decoded)
    return stream.getvalue()


def _within(rng, value, odd):
    """Put an odd value in the place of a value, or deep within it."""
    if isinstance(value, list | tuple) and value and rng.random() < 0.7:
        value = list(value)
        at = int(rng.integers(len(value)))
        value[at] = _within(rng, value[at], odd)
        return value
    return odd


def _coded_bytes(rng) -> bytes:
    return _bytes_changed(rng, list(_codes().values())[rng.integers(4)][0])


_KINDS = (
    ("JSON", ".json", _json, _problem),
    ("CSV", ".csv", _csv, _problem),
    ("samples", ".csv", _csv, _samples),
    ("NPZ", ".npz", _npz, _problem),
    ("sweep", ".toml", lambda rng: _toml(rng, SWEEP), _sweep),
    ("experiment", ".toml", lambda rng: _toml(rng, EXPERIMENT), _experiment),
    ("coded", ".drc", _coded_bytes, _coded),
    ("header", ".drc", _header, _coded),
)
