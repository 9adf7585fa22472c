"""The indices of a trained codec as bytes, and back.

At a fixed rate with `2**b` levels each index takes `b` bits, packed without gaps; otherwise a range coder codes them under
the integer tables of the model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import constriction
import numpy as np

from drc.errors import CodeError, must

#: The integers of a table add up to this.
TOTAL = 1 << 16

#: Rows whose laws are made at once.
_AT_ONCE = 1024

# Models are made from tables by IEEE operations alone, on integers over 2**16, which single precision holds exactly.
_MODEL = constriction.stream.model.Categorical(perfect=False)


class Packing(Protocol):
    """From rows of indices to bytes, and back."""

    def pack(self, index: np.ndarray, phase: np.ndarray | None) -> bytes:
        """Return the bytes of indices; `phase` says which dither each had, None for none."""
        ...

    def unpack(self, packed: bytes, n: int, phase: np.ndarray | None) -> np.ndarray:
        """Return `n` rows of indices."""
        ...


@dataclass(frozen=True)
class Packer:
    """From indices of shape (n, dim) to bytes.

    Parameters
    ----------
    dim, count : int
        Indices are below `count`.
    tables : array of int, shape (dim, phases, count), optional
        Left out, all indices have the same probability.

    Examples
    --------
    >>> packer = Packer(dim=3, count=4)
    >>> packed = packer.pack(np.array([[1, 2, 3], [0, 1, 2]]), None)
    >>> len(packed), packer.unpack(packed, 2, None).tolist()
    (2, [[1, 2, 3], [0, 1, 2]])
    """

    dim: int
    count: int
    tables: np.ndarray | None = None

    @property
    def _bits(self) -> int:
        """Bits an index where they are packed, and 0 where they are range-coded."""
        return 0 if self.tables is not None or self.count & (self.count - 1) else self.count.bit_length() - 1

    def pack(self, index: np.ndarray, phase: np.ndarray | None) -> bytes:
        """Return the bytes of indices; `phase` says which table each has, None the first."""
        if self._bits:
            bits = index.reshape(-1, 1) >> np.arange(self._bits) & 1
            return np.packbits(bits.astype(np.uint8)).tobytes()
        coder = constriction.stream.queue.RangeEncoder()
        for part in _parts(len(index)):
            coder.encode(index[part].ravel().astype(np.int32), _MODEL, self._laws(len(index), phase, part))
        return coder.get_compressed().astype("<u4").tobytes()

    def unpack(self, packed: bytes, n: int, phase: np.ndarray | None) -> np.ndarray:
        """Return the indices of `n` images; `CodeError` for a number of bytes that does not fit."""
        if self._bits:
            if len(packed) != math.ceil(n * self.dim * self._bits / 8):
                needs = f"hold {n} images of {self.dim * self._bits} bits"
                raise must("payload", needs, got=f"{len(packed)} bytes", error=CodeError)
            bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=n * self.dim * self._bits)
            return (bits.reshape(-1, self._bits).astype(np.intp) << np.arange(self._bits)).sum(1).reshape(n, self.dim)
        if len(packed) % 4:
            raise must("payload", "be a whole number of four-byte words", got=f"{len(packed)} bytes", error=CodeError)
        coder = constriction.stream.queue.RangeDecoder(np.frombuffer(packed, "<u4").astype(np.uint32))
        found = [coder.decode(_MODEL, self._laws(n, phase, part)).astype(np.intp) for part in _parts(n)]
        return np.concatenate(found).reshape(n, self.dim)

    def _laws(self, n: int, phase: np.ndarray | None, part: slice) -> np.ndarray:
        """Return the law of each index of a part of `n` rows."""
        rows = len(range(n)[part])
        if self.tables is None:
            return np.ones((rows * self.dim, self.count), np.float32)
        laws = self.tables[np.arange(self.dim), np.zeros((rows, self.dim), np.intp) if phase is None else phase[part]]
        return np.ascontiguousarray(laws.reshape(rows * self.dim, self.count), np.float32) / np.float32(TOTAL)


def _parts(n: int) -> list[slice]:
    return [slice(i, min(i + _AT_ONCE, n)) for i in range(0, n, _AT_ONCE)]
