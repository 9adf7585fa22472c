"""The file format: what is written is read, from anywhere; what is damaged is refused, whatever the damage."""

import io
import re
import tracemalloc
from hashlib import blake2b
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drc.codes import container
from drc.codes.container import Header, Reader, Writer
from drc.errors import CodeError, ProblemError

HEADER = Header("plain", bytes(range(8)), 5, {"table": [3, 1], "word": "é"})
BLOCKS = [np.arange(7, dtype=np.uint8), np.arange(100, 103, dtype=np.uint8), np.full(50, 9, dtype=np.uint8)]
WHOLE = np.concatenate(BLOCKS)


def coded(blocks=BLOCKS, header=HEADER):
    stream = io.BytesIO()
    with Writer(stream, header) as writer:
        for block in blocks:
            writer.write(block.tobytes(), block)
    assert writer.sizes.file_bytes == len(stream.getvalue())
    return stream.getvalue()


def plain(payload, first, count):
    return np.frombuffer(payload, np.uint8)


def read(data, start=0, stop=None):
    return np.concatenate([np.empty(0, np.uint8), *Reader(data).blocks(plain, start, stop)])


def test_what_is_written_is_read():
    assert np.array_equal(read(coded()), WHOLE)
    header = Reader(coded()).header
    assert (header.kind, header.digest, header.seed) == ("plain", HEADER.digest, 5)
    assert header.fields == {"table": [3, 1], "word": "é"}
    assert len(read(coded([]))) == 0


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_decoding_starts_and_stops_anywhere(one, two):
    start, stop = sorted((one, two))
    assert np.array_equal(read(coded(), start, stop), WHOLE[start:stop])
    assert np.array_equal(read(coded(), start), WHOLE[start:])


def test_only_blocks_that_are_asked_for_are_decoded():
    asked = []

    def decode(payload, first, count):
        asked.append((first, count))
        return plain(payload, first, count)

    assert [len(block) for block in Reader(coded()).blocks(decode, 8, 9)] == [1]
    assert asked == [(7, 3)]


def test_rows_of_several_numbers_are_symbols_too():
    pairs = np.arange(12.0).reshape(6, 2)
    data = coded([pairs])
    (found,) = Reader(data).blocks(lambda payload, first, count: np.frombuffer(payload).reshape(count, 2), 2, 5)
    assert np.array_equal(found, pairs[2:5])


def test_the_order_of_bytes_of_the_machine_does_not_matter():
    little, big = np.arange(5, dtype="<u4"), np.arange(5, dtype=">u4")
    data = coded([little])
    (found,) = Reader(data).blocks(lambda payload, first, count: np.frombuffer(payload, "<u4").astype(big.dtype))
    assert np.array_equal(found, little)


def test_sizes_are_told_without_decoding():
    data = coded()
    sizes = Reader(data).sizes()
    assert (sizes.symbols, sizes.frames, sizes.payload_bytes) == (60, 3, 60)
    assert sizes.file_bytes == len(data)
    assert sizes.header_bytes == len(HEADER.packed)
    assert (sizes.payload_rate, sizes.file_rate) == (8.0, 8 * len(data) / 60)
    assert Reader(coded([])).sizes().payload_rate == 0


def test_a_small_file_has_few_bytes_beside_its_payload():
    """The numbers of the format, so that none grows unnoticed: 20 and the kind, 11, 5."""
    data = coded([np.zeros(200, np.uint8)], Header("plain", bytes(8), 100, {}))
    sizes = Reader(data).sizes()
    assert (sizes.header_bytes, sizes.frame_bytes, sizes.payload_bytes) == (20 + 5, 12 + 5, 200)


@given(st.integers(0, 2**64 - 1))
def test_seeds_are_read_as_they_are_written(seed):
    header = Header("plain", bytes(8), seed, {})
    assert Header.read(io.BytesIO(header.packed)) == header


def test_every_flipped_bit_is_noticed():
    data = coded()
    for place in range(8 * len(data)):
        broken = bytearray(data)
        broken[place // 8] ^= 1 << place % 8
        with pytest.raises(CodeError, match=r"^(magic|version|header|frame \d|end)"):
            read(bytes(broken))


def test_a_damaged_payload_is_never_decoded():
    broken = bytearray(coded())
    broken[frame_ends()[1] - 1] ^= 1
    asked = []
    with pytest.raises(CodeError, match="frame 0: the checksum does not match"):
        next(Reader(bytes(broken)).blocks(lambda *block: asked.append(block)))
    assert not asked


def test_the_damaged_head_of_a_frame_that_is_skipped_is_noticed():
    data = coded()
    for place in range(8 * frame_ends()[0], 8 * (frame_ends()[0] + HEAD)):
        broken = bytearray(data)
        broken[place // 8] ^= 1 << place % 8
        with pytest.raises(CodeError, match=r"^(frame 0|end)"):
            read(bytes(broken), 8, 9)


def test_every_truncation_is_noticed():
    data = coded()
    for size in range(len(data)):
        with pytest.raises(CodeError, match="cut short" if size >= 4 else "magic"):
            read(data[:size])


@given(st.binary(max_size=200))
def test_noise_is_no_file(noise):
    for data in (noise, container.MAGIC + noise, HEADER.packed + noise):
        with pytest.raises(CodeError):
            read(data)


#: What a small frame has before its payload.
HEAD = 10


def frame_ends():
    """Where header and frames end."""
    ends = [len(HEADER.packed)]
    for block in BLOCKS:
        ends.append(ends[-1] + HEAD + len(block))
    return ends


def test_frames_lost_doubled_swapped_or_foreign_are_noticed():
    data, (a, b, c, d) = coded(), frame_ends()
    head, one, two, three, end = data[:a], data[a:b], data[b:c], data[c:d], data[d:]
    assert head + one + two + three + end == data
    for broken in (
        head + one + two + end,
        head + two + three + end,
        head + one + one + two + three + end,
        head + two + one + three + end,
        head + end,
        Header("plain", HEADER.digest, 6, HEADER.fields).packed + data[a:],
    ):
        with pytest.raises(CodeError, match=r"^(frame|end)"):
            read(broken)


def test_swapped_frames_that_are_skipped_are_noticed():
    data, (a, b, c, _) = coded(), frame_ends()
    with pytest.raises(CodeError, match="^frame 0: the checksum does not match"):
        read(data[:a] + data[b:c] + data[a:b] + data[c:], 10, 11)


def test_more_bytes_after_the_end_are_noticed():
    with pytest.raises(CodeError, match="end: more bytes follow it"):
        read(coded() + b"\0")
    with pytest.raises(CodeError, match="end: more bytes follow it"):
        read(coded() + coded())


def test_another_version_is_named():
    data = bytearray(coded())
    data[4] = 1
    with pytest.raises(CodeError, match="version: the file has version 1; this program reads version 2"):
        read(bytes(data))


def test_what_the_decoder_expects_is_compared():
    header = Reader(coded()).header
    header.expect(kind="plain", digest=HEADER.digest, seed=5)
    with pytest.raises(CodeError, match="seed must be 7, got 5"):
        header.expect(seed=7)
    with pytest.raises(CodeError, match="digest must be 0000000000000000, that of this problem, got 0001020304050607"):
        header.expect(digest=bytes(8))
    with pytest.raises(CodeError, match="kind must be 'one-shot', got 'plain'"):
        header.expect(kind="one-shot")
    with pytest.raises(ProblemError, match="seed must be a whole number, from 0 to .*, got -1"):
        header.expect(seed=-1)


def test_a_decoder_that_errs_is_noticed():
    data = coded()
    for wrong in (lambda p, f, c: plain(p, f, c) + np.uint8(1), lambda p, f, c: plain(p, f, c).astype(int)):
        with pytest.raises(
            CodeError, match="frame 0: the decoded symbols do not have the fingerprint of the coded ones"
        ):
            next(Reader(data).blocks(wrong))
    with pytest.raises(CodeError, match="frame 0: the decoded"):
        next(Reader(data).blocks(lambda payload, first, count: plain(payload, first, count)[:-1]))


@pytest.mark.parametrize(
    ("start", "stop", "error", "said"),
    [
        (-1, None, ProblemError, "start and stop must satisfy 0 <= start <= stop, got start = -1, stop = None"),
        (5, 4, ProblemError, "start and stop must satisfy 0 <= start <= stop, got start = 5, stop = 4"),
        (0, 61, CodeError, "start and stop must be at most 60, the number of symbols in the file"),
        (61, None, CodeError, "start and stop must be at most 60, the number of symbols in the file"),
    ],
)
def test_ranges_that_are_none_are_named(start, stop, error, said):
    with pytest.raises(error, match=said):
        read(coded(), start, stop)


def number(n, extra=0):
    """A number as files have it; with more bytes than it needs, if wanted."""
    sevens = [n >> 7 * i & 127 for i in range(max(1, -(-n.bit_length() // 7)) + extra)]
    return bytes([part | 128 for part in sevens[:-1]] + sevens[-1:])


def forged(text, length=None, kind=b"plain", seed=b"\5"):
    """A header with any text, and a checksum that fits."""
    length = number(len(text) if length is None else length)
    said = container.MAGIC + b"\2" + bytes(8) + seed + number(len(kind)) + kind + length + text
    return said + blake2b(said, digest_size=4).digest()


def hostile_frame(count, length):
    said = number(count) + number(length) + bytes(4)
    return HEADER.packed + said + crc32(HEADER.key + bytes(8) + said).to_bytes(4, "little")


HOSTILE = [
    (forged(b"[" * 100_000), "header: its text cannot be read"),
    (forged(b'{"a":' * 100_000), "header: its text cannot be read"),
    (forged(b"9" * 100_000), "header: its text cannot be read"),
    (forged(b"\xff"), "header: its text cannot be read"),
    (forged(b'["kind"]'), "header: the text is not in the form that an encoder writes"),
    (forged(b'{"a": 1}'), "header: the text is not in the form that an encoder writes"),
    (forged(b"{}"), "header: the text is not in the form that an encoder writes"),
    (forged(b'{"a":NaN}'), "header: its text cannot be read"),
    (forged(b'{"a":1e999}'), "header: its text cannot be read"),
    (forged(b"", seed=number(5, 1)), "header: a number is damaged"),
    (forged(b"", seed=number(2**64)), "header: a number is damaged"),
    (forged(b"", seed=b"\xff" * 1000), "header: a number is damaged"),
    (forged(b"", kind=b"\xff"), r"header: the kind must be a word, got b'\\xff'"),
    (forged(b"", 2**32 - 1), "header: the length must be at most 4194304 bytes, got 4294967295"),
    (forged(b"", 2**22), "header: the file is cut short there"),
    (hostile_frame(5, 2**32 - 1), "frame 0: the file is cut short there"),
    (hostile_frame(2**32 - 1, 0), "frame 0: the checksum does not match"),
    (HEADER.packed + b"\xff" * 1000, "frame 0: a number is damaged"),
]


@pytest.mark.parametrize(("data", "said"), HOSTILE)
def test_hostile_files_take_no_memory(data, said):
    """Each has checksums that fit, and asks for what a file could ask for."""
    tracemalloc.start()
    try:
        with pytest.raises(CodeError, match=said):
            read(data)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_what_cannot_be_written_is_refused():
    writer = Writer(io.BytesIO(), HEADER)
    for size in (0, 2**22 + 1):
        with pytest.raises(ProblemError, match="a block must have 1 to 4194304 symbols"):
            writer.write(b"", np.zeros(size, np.uint8))
    with pytest.raises(ProblemError, match="digest must have 8 bytes, got 3"):
        Header("plain", b"abc", 0, {})
    with pytest.raises(ProblemError, match="fields of the header must take"):
        Header("plain", bytes(8), 0, {"": "a" * 2**22})


def test_an_error_leaves_a_file_without_an_end():
    stream = io.BytesIO()

    def broken():
        with Writer(stream, HEADER) as writer:
            writer.write(b"\0", BLOCKS[0][:1])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    with pytest.raises(CodeError, match="frame 1: the file is cut short"):
        read(stream.getvalue())


def test_the_pages_tell_the_version_of_the_file():
    page = (Path(__file__).parents[2] / "docs" / "codes.md").read_text(encoding="utf-8")
    assert re.findall(r"^This is version (\d+) of the format, as its module", page, re.MULTILINE) == [
        str(container.VERSION)
    ]
    assert re.findall(r"^\| version \| 1 \| (\d+) \|$", container.__doc__, re.MULTILINE) == [str(container.VERSION)]
