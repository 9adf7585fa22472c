"""The file format of coded sequences: a header, frames, an end.

A `number` takes 7 bits a byte, the least significant first; all but its last byte have their highest bit set. `hash` is
BLAKE2b of 8 bytes, `hash4` of 4, `crc` the CRC-32 of zlib in 4 bytes, little-endian.

| field | bytes | what |
| --- | --- | --- |
| magic | 4 | `89 D R C` |
| version | 1 | 2 |
| digest | 8 | of the problem |
| seed | number | of the common randomness |
| kind | number, and as many | the kind of code, ASCII |
| text | number, and as many | what this kind needs to decode: JSON, ASCII, keys sorted, no spaces; none for `{}` |
| hash | 4 | `hash4` of all the above |

Then frames, each for a block of symbols, numbered `k = 0, 1, ...`:

| field | bytes | what |
| --- | --- | --- |
| count | number | symbols in the block, from 1 to 2**22 |
| length | number | of the payload |
| fingerprint | 4 | of the decoded symbols: `hash4`, keyed by the header's `hash`, of `k`, dtype, shape and content |
| checksum | 4 | `crc` of the header's `hash`, `k`, the above and the payload |
| payload | length | the entropy-coded block |

The end is a frame without symbols:

| field | bytes | what |
| --- | --- | --- |
| count | 1 | 0 |
| seal | 4 | `hash4`, keyed by the header's `hash`, of all checksums in order and the number of symbols |

So a file is written and read in one pass and in constant memory, and decoding can start anywhere. A checksum covers the
bytes of a frame, before they are decoded, and the seal the file. A fingerprint covers what is made of the bytes, which may
be decoded by another program on another machine. Beside payloads and text a small file has some 40 bytes.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, BinaryIO, TypeGuard, TypeVar
from zlib import crc32

import numpy as np

from drc.errors import CodeError, must
from drc.numbers import seed_given

MAGIC = b"\x89DRC"
VERSION = 2

#: Bytes of a digest.
DIGEST = 8

#: The most that a file may require before its content is known to be right.
MOST_TEXT, MOST_SYMBOLS = 2**22, 2**22

#: Bytes of a hash, a fingerprint, a checksum or a seal, and of the longest number.
_CHECK, _NUMBER = 4, 10

Value = TypeVar("Value")

#: From the payload of a block, its first sample and its length to the decoded array, one row per symbol.
Decode = Callable[[bytes, int, int], np.ndarray]


@dataclass(frozen=True)
class Header:
    """What a file says before its first symbol.

    Parameters
    ----------
    kind : str
        The kind of code, such as "one-shot".
    digest : bytes
        The digest of the problem, of 8 bytes.
    seed : int
        The seed of the common randomness.
    fields : mapping from str to what JSON knows
        What a decoder of this kind needs.

    Raises
    ------
    ProblemError
        For a digest or seed out of range, or more than 2**22 bytes of fields.

    Examples
    --------
    >>> header = Header("one-shot", bytes(8), seed=5, fields={"bits": 24})
    >>> len(header.packed)
    39
    """

    kind: str
    digest: bytes
    seed: int
    fields: Mapping[str, object]

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", seed_given(self.seed))
        if len(self.digest) != DIGEST:
            raise must("digest", f"have {DIGEST} bytes", got=f"{len(self.digest)}")
        if len(self.text) > MOST_TEXT:
            raise must("the fields of the header", f"take at most {MOST_TEXT} bytes", got=f"{len(self.text)}")

    @cached_property
    def text(self) -> bytes:
        """The fields as they are written."""
        return _text(dict(self.fields))

    @cached_property
    def packed(self) -> bytes:
        """The header as it is written."""
        return _header(self.digest, self.seed, self.kind.encode("ascii"), self.text)

    @cached_property
    def key(self) -> bytes:
        """The hash of the header, which is part of all checksums: a frame of another file is noticed."""
        return blake2b(self.packed[:-_CHECK], digest_size=8).digest()

    @classmethod
    def read(cls, stream: BinaryIO) -> Header:
        """Read a header; a `CodeError` names the field that is wrong."""
        magic = stream.read(len(MAGIC))
        if magic != MAGIC:
            raise CodeError("magic: the file does not start as a coded file of drc")
        (version,) = _exactly(stream, 1, "header")
        if version != VERSION:
            raise CodeError(f"version: the file has version {version}; this program reads version {VERSION}")
        digest = _exactly(stream, DIGEST, "header")
        seed, kind, text = _read_number(stream, "header"), _read_words(stream), _read_words(stream)
        if _exactly(stream, _CHECK, "header") != _header(digest, seed, kind, text)[-_CHECK:]:
            raise CodeError("header: the hash does not match; the digest, seed, kind or text is damaged")
        if not kind.isascii():
            raise must("header: the kind", "be a word", kind, error=CodeError)
        return cls(kind.decode(), digest, seed, _fields(text))

    def expect(self, *, kind: str | None = None, digest: bytes | None = None, seed: int | None = None) -> None:
        """Compare with what the decoder knows, where it is not None; a `CodeError` names what differs."""
        if kind is not None and self.kind != kind:
            raise must("kind", f"be {kind!r}", self.kind, error=CodeError)
        if digest is not None and self.digest != digest:
            raise must("digest", f"be {digest.hex()}, that of this problem", got=self.digest.hex(), error=CodeError)
        if seed is not None and self.seed != seed_given(seed):
            raise must("seed", f"be {seed}", self.seed, error=CodeError)


def field(
    fields: Mapping[str, object],
    name: str,
    is_one: Callable[[object], TypeGuard[Value]],
    needs: str,
    fits: Callable[[Value], bool] = lambda value: True,
) -> Value:
    """Return a field of a header if it is as encoders write it, or raise a `CodeError`: a file may be forged."""
    value = fields.get(name)
    if name not in fields or not is_one(value) or not fits(value):
        raise must(f"header, field {name},", needs, value, error=CodeError)
    return value


def is_word(value: object) -> TypeGuard[str]:
    """Say whether a field of a header is a word."""
    return isinstance(value, str)


def is_whole(value: object) -> TypeGuard[int]:
    """Say whether a field of a header is a whole number."""
    return type(value) is int


def is_number(value: object) -> TypeGuard[float]:
    """Say whether a field of a header is a finite number as encoders write them."""
    return isinstance(value, float) and math.isfinite(value)


def is_list(value: object) -> TypeGuard[list]:
    """Say whether a field of a header is a list."""
    return isinstance(value, list)


def _header(digest: bytes, seed: int, kind: bytes, text: bytes) -> bytes:
    words = _number(len(kind)) + kind + _number(len(text)) + text
    content = MAGIC + bytes([VERSION]) + digest + _number(seed) + words
    return content + blake2b(content, digest_size=_CHECK).digest()


def _text(fields: Any) -> bytes:
    """Write the fields in the one way in which files have them."""
    if not fields:
        return b""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _fields(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode("ascii") or "{}")
        plain = _text(found) == text
    # Who wrote a hash over it may have written what Python does not read: nested too deeply, numbers too long.
    except (ValueError, RecursionError) as error:
        raise CodeError(f"header: its text cannot be read ({error})") from None
    if not isinstance(found, dict) or not plain:
        raise CodeError("header: the text is not in the form that an encoder writes")
    return found


@dataclass(frozen=True)
class Sizes:
    """Where the bytes of a file are.

    Attributes
    ----------
    header_bytes : int
        The header.
    frame_bytes : int
        The frames without their payloads, and the end.
    payload_bytes : int
        The entropy-coded blocks.
    """

    symbols: int
    frames: int
    header_bytes: int
    frame_bytes: int
    payload_bytes: int

    @property
    def file_bytes(self) -> int:
        """All of them."""
        return self.header_bytes + self.frame_bytes + self.payload_bytes

    @property
    def payload_rate(self) -> float:
        """Bits per symbol, of the payloads alone; 0 without symbols."""
        return 8 * self.payload_bytes / self.symbols if self.symbols else 0.0

    @property
    def file_rate(self) -> float:
        """Bits per symbol, of the whole file; `inf` without symbols."""
        return 8 * self.file_bytes / self.symbols if self.symbols else float("inf")


class Writer:
    """Writes a file, block by block; as a context manager it writes the end unless there was an error.

    The stream needs `write` only.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> with Writer(stream, Header("plain", bytes(8), 5, {})) as writer:
    ...     writer.write(b"abc", np.array([97, 98, 99], dtype=np.uint8))
    >>> writer.sizes
    Sizes(symbols=3, frames=1, header_bytes=25, frame_bytes=15, payload_bytes=3)
    """

    def __init__(self, stream: BinaryIO, header: Header) -> None:
        self.header = header
        self._stream = stream
        self._chain = _Chain(header)
        stream.write(header.packed)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None:
            self._stream.write(_number(0) + self._chain.seal())

    def write(self, payload: bytes, decoded: np.ndarray) -> None:
        """Write a block of 1 to 2**22 symbols; `decoded`, a row per symbol, is what the decoder makes of the payload."""
        if not 1 <= len(decoded) <= MOST_SYMBOLS:
            raise must("a block", f"have 1 to {MOST_SYMBOLS} symbols", got=f"{len(decoded)}")
        head = _number(len(decoded)) + _number(len(payload)) + self._chain.fingerprint(decoded)
        checksum = self._chain.checksum(head, payload)
        self._stream.write(head + checksum + payload)
        self._chain.add(checksum, len(decoded), len(head), len(payload))

    @property
    def sizes(self) -> Sizes:
        """The sizes of the file, its end included."""
        return self._chain.sizes


class Reader:
    """Reads a file, block by block, and checks all that it returns; `CodeError` for a header that cannot be read.

    A file needs `read` only; it is read once, from where it stands.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> with Writer(stream, Header("plain", bytes(8), 5, {})) as writer:
    ...     writer.write(b"abc", np.array([97, 98, 99], dtype=np.uint8))
    >>> reader = Reader(stream.getvalue())
    >>> for block in reader.blocks(lambda payload, first, count: np.frombuffer(payload, np.uint8), start=1):
    ...     print(block)
    [98 99]
    """

    def __init__(self, source: bytes | bytearray | memoryview | BinaryIO) -> None:
        self._stream = io.BytesIO(source) if isinstance(source, bytes | bytearray | memoryview) else source
        self.header = Header.read(self._stream)
        self._chain = _Chain(self.header)

    def blocks(self, decode: Decode, start: int = 0, stop: int | None = None) -> Iterator[np.ndarray]:
        """Yield the symbols `start, ..., stop - 1`, one row per symbol, block by block, cut to this range.

        Without `stop` all that follow, and then the end of the file is checked, too. `decode` is called for blocks that
        have such symbols. `CodeError` for what is damaged or missing, or a range that the file does not have.
        """
        if start < 0 or (stop is not None and stop < start):
            raise must("start and stop", "satisfy 0 <= start <= stop", got=f"start = {start}, stop = {stop}")
        for frame in self._frames():
            if frame.first + frame.count > start:
                cut = slice(max(0, start - frame.first), None if stop is None else stop - frame.first)
                yield self._decoded(decode, frame)[cut]
            if stop is not None and self._chain.symbols >= stop:
                return
        total = self._chain.symbols
        if total < max(start, stop or 0):
            needs = f"be at most {total}, the number of symbols in the file"
            raise must("start and stop", needs, got=f"start = {start}, stop = {stop}", error=CodeError)

    def sizes(self) -> Sizes:
        """Read on to the end, and return where the bytes are; nothing is decoded, and damage is a `CodeError`."""
        for _ in self._frames():
            pass
        return self._chain.sizes

    def _frames(self) -> Iterator[_Frame]:
        chain = self._chain
        while True:
            where = f"frame {chain.index}"
            count = _read_number(self._stream, where)
            if not count:
                break
            length = _read_number(self._stream, where)
            fingerprint, checksum = (_exactly(self._stream, _CHECK, where) for _ in range(2))
            payload = _exactly(self._stream, length, where)
            head = _number(count) + _number(length) + fingerprint
            if checksum != chain.checksum(head, payload) or count > MOST_SYMBOLS:
                damaged = "the count, length, fingerprint, payload or order of the frames is damaged"
                raise CodeError(f"{where}: the checksum does not match; {damaged}")
            found = _Frame(chain.index, chain.symbols, count, payload, fingerprint)
            chain.add(checksum, count, len(head), length)
            yield found
        if _exactly(self._stream, _CHECK, "end") != chain.seal():
            raise CodeError(f"end: the seal does not match the {chain.symbols} symbols that were read")
        if self._stream.read(1):
            raise CodeError("end: more bytes follow it")

    def _decoded(self, decode: Decode, frame: _Frame) -> np.ndarray:
        decoded = decode(frame.payload, frame.first, frame.count)
        if len(decoded) != frame.count or self._chain.fingerprint(decoded, frame.index) != frame.fingerprint:
            raise CodeError(f"frame {frame.index}: the decoded symbols do not have the fingerprint of the coded ones")
        return decoded


@dataclass(frozen=True)
class _Frame:
    index: int
    first: int
    count: int
    payload: bytes
    fingerprint: bytes


class _Chain:
    """What ties the frames of a file to its header and to their order, and what they take."""

    def __init__(self, header: Header) -> None:
        self.header, self.index, self.symbols = header, 0, 0
        self._head_bytes = self._payload_bytes = 0
        self._seal = blake2b(digest_size=_CHECK, key=header.key)

    def fingerprint(self, decoded: np.ndarray, index: int | None = None) -> bytes:
        """Return the fingerprint of the decoded symbols of a frame; left out, of the next one."""
        # Bytes in one order on every machine.
        plain = np.ascontiguousarray(decoded, dtype=decoded.dtype.newbyteorder("<"))
        about = f"{self.index if index is None else index} {plain.dtype.str} {plain.shape};"
        found = blake2b(about.encode(), digest_size=_CHECK, key=self.header.key)
        found.update(plain.data)
        return found.digest()

    def checksum(self, head: bytes, payload: bytes) -> bytes:
        """Return the checksum of the next frame."""
        found = crc32(payload, crc32(self.header.key + self.index.to_bytes(8, "little") + head))
        return found.to_bytes(_CHECK, "little")

    def add(self, checksum: bytes, count: int, head: int, payload: int) -> None:
        """Take a frame of this many symbols, with this many bytes before its checksum and after it."""
        self._seal.update(checksum)
        self.index += 1
        self.symbols += count
        self._head_bytes += head
        self._payload_bytes += payload

    def seal(self) -> bytes:
        """Return the seal of all frames."""
        found = self._seal.copy()
        found.update(self.symbols.to_bytes(8, "little"))
        return found.digest()

    @property
    def sizes(self) -> Sizes:
        """Where the bytes of the file are, its end included."""
        framing = self._head_bytes + _CHECK * self.index + len(_number(0)) + _CHECK
        return Sizes(self.symbols, self.index, len(self.header.packed), framing, self._payload_bytes)


def _number(n: int) -> bytes:
    """Write a number, 7 bits a byte.

    >>> _number(5).hex(), _number(300).hex()
    ('05', 'ac02')
    """
    sevens = [n >> shift & 127 for shift in range(0, max(n.bit_length(), 1), 7)]
    return bytes([*(part | 128 for part in sevens[:-1]), sevens[-1]])


def _read_number(stream: BinaryIO, where: str) -> int:
    """Read a number that is written as `_number` does."""
    written = b""
    while len(written) < _NUMBER:
        written += _exactly(stream, 1, where)
        if written[-1] < 128:
            n = sum((part & 127) << 7 * i for i, part in enumerate(written))
            if n < 2**64 and written == _number(n):
                return n
            break
    raise CodeError(f"{where}: a number is damaged; it is 2**64 or more, or takes more bytes than it needs")


def _read_words(stream: BinaryIO) -> bytes:
    """Read a number and as many bytes."""
    length = _read_number(stream, "header")
    if length > MOST_TEXT:
        raise must("header: the length", f"be at most {MOST_TEXT} bytes", length, error=CodeError)
    return _exactly(stream, length, "header")


def _exactly(stream: BinaryIO, size: int, where: str) -> bytes:
    """Read this many bytes; never more memory than the file has bytes is taken, whatever size it claims."""
    parts, left = [], size
    while left and (part := stream.read(min(left, 2**20))):
        parts.append(part)
        left -= len(part)
    if left:
        raise CodeError(f"{where}: the file is cut short there")
    return b"".join(parts)
