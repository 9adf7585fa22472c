"""The file format of coded sequences: a header, frames, an end.

All integers are little-endian and unsigned. `hash` is BLAKE2b of 8 bytes, `crc` the CRC-32 of zlib.

| field | bytes | what |
| --- | --- | --- |
| magic | 8 | `89 D R C 0D 0A 1A 0A`: a transfer as text, which changes line ends, is noticed |
| version | 2 | 1 |
| length | 4 | of the header's text, at most 2**22 |
| seed | 8 | of the common randomness |
| digest | 16 | of the problem |
| text | length | JSON, ASCII, keys sorted, no spaces: `kind`, the kind of code, and what this kind needs to decode |
| checksum | 8 | `hash` of all the above |

Then frames, each for a block of symbols, numbered `k = 0, 1, ...`:

| field | bytes | what |
| --- | --- | --- |
| count | 4 | symbols in the block, from 1 to 2**22 |
| length | 4 | of the payload |
| payload check | 4 | `crc` of the payload |
| checksum | 8 | of the decoded symbols: `hash`, keyed by the header's checksum, of `k`, dtype, shape and content |
| frame check | 4 | `crc` of the header's checksum, `k` and the above |
| payload | length | the entropy-coded block |

The end is a frame without symbols:

| field | bytes | what |
| --- | --- | --- |
| count | 4 | 0 |
| symbols | 8 | in the file |
| checksum | 8 | `hash`, keyed by the header's checksum, of all frame checks in order and `symbols` |

So a file is written and read in one pass and in constant memory, decoding can start anywhere, and every bit is covered: what
can be decoded has the checksum of what was coded.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from types import TracebackType
from typing import Any, BinaryIO
from zlib import crc32

import numpy as np

from drc.codes.randomness import seed_given
from drc.errors import CodeError, ProblemError

MAGIC = b"\x89DRC\r\n\x1a\n"
VERSION = 1

#: The most that a file may ask for before its content is known to be right.
MOST_TEXT, MOST_SYMBOLS = 2**22, 2**22

_PREFIX = struct.Struct("<8sHIQ16s")
_COUNT = struct.Struct("<I")
_FRAME = struct.Struct("<III8s")
_CHECK = struct.Struct("<I")
_END = struct.Struct("<Q8s")
_HASH = 8

#: From the payload of a block, its first sample and its length to the decoded array, one row a symbol.
Decode = Callable[[bytes, int, int], np.ndarray]


@dataclass(frozen=True)
class Header:
    """What a file says before its first symbol.

    Parameters
    ----------
    kind : str
        The kind of code, such as "one-shot".
    digest : bytes
        The digest of the problem, of 16 bytes.
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
    >>> header = Header("one-shot", bytes(16), seed=5, fields={"bits": 24})
    >>> len(header.packed)
    75
    """

    kind: str
    digest: bytes
    seed: int
    fields: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", seed_given(self.seed))
        if len(self.digest) != 16:
            raise ProblemError(f"digest has {len(self.digest)} bytes: allowed are 16")
        if len(self._text) > MOST_TEXT:
            raise ProblemError(f"the fields of the header take {len(self._text)} bytes: allowed are {MOST_TEXT}")

    @cached_property
    def _text(self) -> bytes:
        said = {**self.fields, "kind": self.kind}
        return json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False).encode("ascii")

    @cached_property
    def packed(self) -> bytes:
        """The header as it is written."""
        said = _PREFIX.pack(MAGIC, VERSION, len(self._text), self.seed, self.digest) + self._text
        return said + _hash(said)

    @cached_property
    def as_read(self) -> Header:
        """The header as a reader sees it: JSON has no tuples."""
        return Header.read(io.BytesIO(self.packed))

    @property
    def key(self) -> bytes:
        """The checksum of the header, which is part of all others: a frame of another file is noticed."""
        return self.packed[-_HASH:]

    @classmethod
    def read(cls, stream: BinaryIO) -> Header:
        """Read a header.

        Raises
        ------
        CodeError
            Naming the field that is wrong.
        """
        magic = stream.read(len(MAGIC))
        if magic != MAGIC:
            raise CodeError("magic: the file does not start as a coded file of drc")
        prefix = magic + _exactly(stream, _PREFIX.size - len(magic), "header")
        _, version, length, seed, digest = _PREFIX.unpack(prefix)
        if version != VERSION:
            raise CodeError(f"version: the file has version {version}; this program reads version {VERSION}")
        if length > MOST_TEXT:
            raise CodeError(f"header: its length is {length}; allowed are {MOST_TEXT} bytes")
        text = _exactly(stream, length, "header")
        if _exactly(stream, _HASH, "header") != _hash(prefix + text):
            raise CodeError("header: its checksum does not fit; length, seed, digest or text are damaged")
        fields = _fields(text)
        return cls(fields.pop("kind"), digest, seed, fields)

    def expect(self, *, kind: str | None = None, digest: bytes | None = None, seed: int | None = None) -> None:
        """Compare with what the decoder knows; what is None is not compared.

        Raises
        ------
        CodeError
            Naming what differs.
        """
        if kind is not None and self.kind != kind:
            raise CodeError(f"kind: the file has a code of kind {self.kind!r}, not {kind!r}")
        if digest is not None and self.digest != digest:
            raise CodeError(
                f"digest: coded for another problem, with digest {self.digest.hex()}, not {digest.hex()} as here"
            )
        if seed is not None and self.seed != seed_given(seed):
            raise CodeError(f"seed: coded with seed {self.seed}, not {seed}")


def _fields(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode("ascii"))
    # Who wrote a checksum over it may have written what Python does not read: nested too deeply, numbers too long.
    except (ValueError, RecursionError) as error:
        raise CodeError(f"header: its text cannot be read ({error})") from None
    if not isinstance(found, dict) or not isinstance(found.get("kind"), str):
        raise CodeError("header: its text has no field kind")
    return found


@dataclass(frozen=True)
class Sizes:
    """Where the bytes of a file are.

    Attributes
    ----------
    symbols : int
    frames : int
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
        """Bits a symbol, of the payloads alone; 0 without symbols."""
        return 8 * self.payload_bytes / self.symbols if self.symbols else 0.0

    @property
    def file_rate(self) -> float:
        """Bits a symbol, of the whole file; `inf` without symbols."""
        return 8 * self.file_bytes / self.symbols if self.symbols else float("inf")


class Writer:
    """Writes a file, block by block; as a context manager it writes the end unless there was an error.

    Parameters
    ----------
    stream : binary file
        Needs `write` only.
    header : Header

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> with Writer(stream, Header("plain", bytes(16), 5, {})) as writer:
    ...     writer.write(b"abc", np.array([97, 98, 99], dtype=np.uint8))
    >>> writer.sizes
    Sizes(symbols=3, frames=1, header_bytes=62, frame_bytes=44, payload_bytes=3)
    """

    def __init__(self, stream: BinaryIO, header: Header) -> None:
        self.header = header
        self._stream = stream
        self._chain = _Chain(header.key)
        self._payload_bytes = 0
        stream.write(header.packed)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()

    def write(self, payload: bytes, decoded: np.ndarray) -> None:
        """Write a block.

        Parameters
        ----------
        payload : bytes
        decoded : array, one row a symbol
            What the decoder will make of the payload.

        Raises
        ------
        ProblemError
            For a block of no symbols, or more than 2**22.
        """
        if not 1 <= len(decoded) <= MOST_SYMBOLS:
            raise ProblemError(f"a block has {len(decoded)} symbols: allowed are 1 to {MOST_SYMBOLS}")
        checksum = self._chain.checksum(decoded)
        said = _FRAME.pack(len(decoded), len(payload), crc32(payload), checksum)
        check = self._chain.check(said)
        self._stream.write(said + _CHECK.pack(check) + payload)
        self._chain.add(check, len(decoded))
        self._payload_bytes += len(payload)

    def close(self) -> None:
        """Write the end."""
        self._stream.write(_COUNT.pack(0) + _END.pack(self._chain.symbols, self._chain.end()))

    @property
    def sizes(self) -> Sizes:
        """The sizes of the file, its end included."""
        return _sizes(self.header, self._chain, self._payload_bytes)


class Reader:
    """Reads a file, block by block, and judges all that it returns.

    Parameters
    ----------
    source : bytes or binary file
        A file needs `read` only; it is read once, from where it stands.

    Raises
    ------
    CodeError
        For a header that cannot be read.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> with Writer(stream, Header("plain", bytes(16), 5, {})) as writer:
    ...     writer.write(b"abc", np.array([97, 98, 99], dtype=np.uint8))
    >>> reader = Reader(stream.getvalue())
    >>> for block in reader.blocks(lambda payload, first, count: np.frombuffer(payload, np.uint8), start=1):
    ...     print(block)
    [98 99]
    """

    def __init__(self, source: bytes | bytearray | memoryview | BinaryIO) -> None:
        self._stream = source if hasattr(source, "read") else io.BytesIO(source)
        self.header = Header.read(self._stream)
        self._chain = _Chain(self.header.key)
        self._payload_bytes = 0

    def blocks(self, decode: Decode, start: int = 0, stop: int | None = None) -> Iterator[np.ndarray]:
        """Decode the symbols `start, ..., stop - 1`.

        Parameters
        ----------
        decode : callable
            Called with a payload, the number of its first symbol and how many it has, for the blocks that are asked for;
            the others are skipped.
        start : int
        stop : int, optional
            Left out, all that follow; then the end of the file is judged, too.

        Yields
        ------
        array, one row a symbol
            Blocks cut to what is asked for, in order.

        Raises
        ------
        CodeError
            For what is damaged or missing, or a range that the file does not have.
        """
        if start < 0 or (stop is not None and stop < start):
            raise ProblemError(f"start = {start}, stop = {stop} is no range: allowed is 0 <= start <= stop")
        for frame in self._frames():
            if frame.first + frame.count > start:
                cut = slice(max(0, start - frame.first), None if stop is None else stop - frame.first)
                yield self._decoded(decode, frame)[cut]
            if stop is not None and self._chain.symbols >= stop:
                return
        total = self._chain.symbols
        if total < max(start, stop or 0):
            raise CodeError(f"start = {start}, stop = {stop} is beyond the end: the file has {total} symbols")

    def sizes(self) -> Sizes:
        """Read on to the end, and return where the bytes are; nothing is decoded.

        Raises
        ------
        CodeError
            For what is damaged or missing.
        """
        for _ in self._frames():
            pass
        return _sizes(self.header, self._chain, self._payload_bytes)

    def _frames(self) -> Iterator[_Frame]:
        chain = self._chain
        while True:
            where = f"frame {chain.index}"
            counted = _exactly(self._stream, _COUNT.size, where)
            if counted == _COUNT.pack(0):
                self._judge_end()
                return
            said = counted + _exactly(self._stream, _FRAME.size - _COUNT.size, where)
            count, length, payload_check, checksum = _FRAME.unpack(said)
            (check,) = _CHECK.unpack(_exactly(self._stream, _CHECK.size, where))
            if check != chain.check(said) or count > MOST_SYMBOLS:
                raise CodeError(
                    f"{where}: its check does not fit; count, length, checksum or order of frames are damaged"
                )
            payload = _exactly(self._stream, length, where)
            if crc32(payload) != payload_check:
                raise CodeError(f"{where}, payload: its check does not fit; it is damaged")
            found = _Frame(chain.index, chain.symbols, count, payload, checksum)
            chain.add(check, count)
            self._payload_bytes += length
            yield found

    def _judge_end(self) -> None:
        symbols, checksum = _END.unpack(_exactly(self._stream, _END.size, "end"))
        if symbols != self._chain.symbols or checksum != self._chain.end():
            raise CodeError(
                f"end: its checksum does not fit; it says {symbols} symbols, and {self._chain.symbols} were read"
            )
        if self._stream.read(1):
            raise CodeError("end: more bytes follow it")

    def _decoded(self, decode: Decode, frame: _Frame) -> np.ndarray:
        decoded = decode(frame.payload, frame.first, frame.count)
        if len(decoded) != frame.count or self._chain.checksum(decoded, frame.index) != frame.checksum:
            raise CodeError(f"frame {frame.index}: the decoded symbols do not have the checksum of those coded")
        return decoded


@dataclass(frozen=True)
class _Frame:
    index: int
    first: int
    count: int
    payload: bytes
    checksum: bytes


class _Chain:
    """What ties the frames of a file to its header and to their order."""

    def __init__(self, key: bytes) -> None:
        self.key, self.index, self.symbols = key, 0, 0
        self._all = blake2b(digest_size=_HASH, key=key)

    def checksum(self, decoded: np.ndarray, index: int | None = None) -> bytes:
        """Return the checksum of the decoded symbols of a frame; left out, of the next one."""
        # Bytes in one order on every machine.
        plain = np.ascontiguousarray(decoded, dtype=decoded.dtype.newbyteorder("<"))
        said = f"{self.index if index is None else index} {plain.dtype.str} {plain.shape};"
        found = blake2b(said.encode(), digest_size=_HASH, key=self.key)
        found.update(plain.data)
        return found.digest()

    def check(self, said: bytes) -> int:
        """Return the check of the next frame."""
        return crc32(self.key + self.index.to_bytes(8, "little") + said)

    def add(self, check: int, count: int) -> None:
        """Take a frame."""
        self._all.update(_CHECK.pack(check))
        self.index += 1
        self.symbols += count

    def end(self) -> bytes:
        """Return the checksum of all frames."""
        found = self._all.copy()
        found.update(self.symbols.to_bytes(8, "little"))
        return found.digest()


def _sizes(header: Header, chain: _Chain, payload_bytes: int) -> Sizes:
    framing = chain.index * (_FRAME.size + _CHECK.size) + _COUNT.size + _END.size
    return Sizes(chain.symbols, chain.index, len(header.packed), framing, payload_bytes)


def _hash(said: bytes) -> bytes:
    return blake2b(said, digest_size=_HASH).digest()


def _exactly(stream: BinaryIO, size: int, where: str) -> bytes:
    """Read so many bytes; never more memory than the file has bytes is taken, whatever size it claims."""
    parts, left = [], size
    while left and (part := stream.read(min(left, 2**20))):
        parts.append(part)
        left -= len(part)
    if left:
        raise _cut(where)
    return b"".join(parts)


def _cut(where: str) -> CodeError:
    return CodeError(f"{where}: the file is cut short there")
