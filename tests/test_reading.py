import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from attacks import files as attacks

from drc.codes import read
from drc.codes.container import Header
from drc.errors import CodeError, ProblemError
from drc.neural.fields import read_toml
from drc.neural.sweep import Sweep
from drc.problems import Finite
from drc.reading import arrays_within, read_within


def test_a_file_that_is_too_long_is_never_read_whole(tmp_path):
    path = tmp_path / "long.json"
    with open(path, "wb") as file:
        file.truncate(2**40)
    with pytest.raises(ProblemError, match="long.json must be at most 33554432 bytes long"):
        Finite.read(path)
    with pytest.raises(ProblemError, match="cannot be opened"):
        read_within(tmp_path / "none")
    with pytest.raises(ProblemError, match="cannot be opened"):
        read_within("a\0b")


def _archive(body: bytes, kind: int = zipfile.ZIP_DEFLATED, count: int = 1) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as archive:
        for i in range(count):
            # Without a time, so that the bytes are always the same.
            archive.writestr(zipfile.ZipInfo(f"{i or 'p_SX'}.npy"), body, kind)
    return stream.getvalue()


def _npy(shape: tuple, descr: str, body: bytes) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue() + body


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_archive(_npy((10**12,), "<f8", b"")), r"x.npz, field p_SX must have the bytes of.*type float64, got 0 bytes"),
        (_archive(_npy((2**40, 2**40), "<f8", b"12345678")), r"x.npz, field p_SX must have the.*float64, got 8 bytes"),
        (_archive(bytes(2**20), count=300), "x.npz must have arrays of at most 268435456 bytes together"),
        (_archive(_npy((1,), "|O", b"12345678")), "must be a plain array, got one of Python objects"),
        (_archive(b"text"), r"x.npz, field p_SX must be a plain array, got a.*gic string, expected 8 bytes got 4\)"),
        (_archive(_npy((1,), "<f8", bytes(8)), zipfile.ZIP_LZMA), "must be stored or deflated"),
        (b"PK\3\4", r"x.npz must be a plain array, got a damaged file or another type \(File is not a zip file\)"),
    ],
    ids=("empty", "huge", "many", "objects", "text", "LZMA", "cut"),
)
def test_bombs_are_refused_before_memory_is_taken(content, said):
    with pytest.raises(ProblemError, match=said):
        arrays_within("x.npz", content)


def test_a_size_that_lies_is_no_way_around_the_limit():
    content = bytearray(_archive(bytes(2**28)))
    at = content.rfind(b"PK\1\2")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(ProblemError, match="damaged"):
        arrays_within("x.npz", bytes(content))


def test_arrays_come_back_as_they_were():
    stream = io.BytesIO()
    arrays = {"a": np.arange(6.0).reshape(2, 3).T, "b": np.array("word"), "c": np.zeros((0, 2))}
    np.savez_compressed(stream, **arrays)
    found = arrays_within("x.npz", stream.getvalue())
    assert all(np.array_equal(found[name], array) for name, array in arrays.items())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"p_SX": ' + "[" * 100_000 + "]" * 100_000 + "}", "must not be nested so deeply"),
        ('{"p_SX": [[' + "9" * 6000 + "]]}", "must have at most 1000 characters"),
        ('{"p_SX": [[1e-999999999]]}', "must have an exponent from -400 to 400"),
        ('{"p_SX": [[Infinity]]}', "must be finite, got 'Infinity'"),
    ],
)
def test_json_that_would_hang_or_end_in_a_traceback_is_refused(tmp_path, text, said):
    path = tmp_path / "j.json"
    path.write_text(text)
    with pytest.raises(ProblemError, match=said):
        Finite.read(path)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2020-01-01", "s.toml, grid, R, 0 must be a text, a number, true or false, got 2020-01-01"),
        ("1e400", "s.toml: a value must be within the range of a double"),
        ("1e-999999999", "s.toml: a value must have an exponent"),
        ("9" * 6000, "s.toml: "),
        ("[" * 3000 + "]" * 3000, "s.toml: "),
    ],
)
def test_toml_of_any_kind_is_read_or_refused(tmp_path, value, said):
    path = tmp_path / "s.toml"
    path.write_text(f'task = "solve"\n[grid]\nR = [{value}]\n')
    with pytest.raises(ProblemError, match=said):
        Sweep.read(path)
    path.write_text("a = [1_000.5, inf, 3]\n")
    assert read_toml(path) == {"a": [1000.5, float("inf"), 3]}


def test_a_forged_header_with_an_empty_channel():
    for channel in ([], {}, None, "", 5):
        fields = {"channel": channel, "length": 1, "mean": 1.0, "letters": [0], "weights": []}
        with pytest.raises(CodeError, match="header, field channel"):
            read(Header("channel-simulation", bytes(8), 5, fields).packed)


def test_files_that_were_changed():
    assert [fault for i in range(150) if (fault := attacks.attack(11, i))] == []


@pytest.mark.linux
def test_of_a_device_without_end_no_more_is_read_than_allowed():
    with pytest.raises(ProblemError, match="zero must be at most 10 bytes long"):
        read_within("/dev/zero", most=10)


@pytest.mark.linux
def test_changed_files_take_no_more_memory_than_a_valid_one():
    """In a process of its own, whose memory is limited: what asks for more ends in a MemoryError, which is a fault."""
    code = (
        "import resource; from attacks import files;"
        "used = 4096 * int(open('/proc/self/statm').read().split()[0]);"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 10**9, used + 10**9));"
        "print(*filter(None, (files.attack(12, i) for i in range(60))), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="tests", check=True)
    assert json.dumps(done.stdout.strip()) == '""'
