"""The index of a channel simulation, entropy-coded by a Zipf law ([li2018]).

An index `k = 1, 2, ...` has the probability `k^-a / zeta(a)`. With `a = 1 + 1/m` the mean length is at most
`m + log2(m + 1) + 1` bits whenever `E log2 k <= m`.

Indices are put into classes: each of the first 16 is one, and each octave beyond has 8 parts. A class is coded by a table of
whole numbers, made of sums of the law that ball arithmetic proves correctly rounded; a place in a class is coded as plain
bits, which costs less than 0.001 bit as the law is nearly flat there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from flint import arb

from drc.codes import tables
from drc.errors import CodeError

#: An octave has `2**_PARTS` classes; indices below `2**(_PARTS + 1)` have one each.
_PARTS = 3

#: Indices are below `2**LONGEST`.
LONGEST = 32


@dataclass(frozen=True)
class ZipfCoder:
    """Codes indices from 1.

    Attributes
    ----------
    mean : float
        `m`, a bound on `E log2 k`, more than 0.

    Examples
    --------
    >>> coder = ZipfCoder(3.0)
    >>> coder.decode(coder.encode(np.array([1, 2, 1000])), 3).tolist()
    [1, 2, 1000]
    """

    mean: float

    @property
    def exponent(self) -> float:
        """`a = 1 + 1/m`."""
        return 1 + 1 / self.mean

    @property
    def bound(self) -> float:
        """The bound on the mean length, in bits."""
        return self.mean + math.log2(self.mean + 1) + 1

    @cached_property
    def starts(self) -> np.ndarray:
        """The least index of each class, and the end."""
        first = np.arange(1, 2 ** (_PARTS + 1))
        octaves = 2 ** np.arange(_PARTS + 1, LONGEST, dtype=np.int64)
        parts = octaves[:, None] + (octaves[:, None] >> _PARTS) * np.arange(2**_PARTS)
        return np.concatenate([first, parts.ravel(), [2**LONGEST]])

    @cached_property
    def plain_bits(self) -> np.ndarray:
        """How many plain bits follow each class."""
        return np.log2(np.diff(self.starts)).astype(np.int64)

    @cached_property
    def table(self) -> np.ndarray:
        """Whole numbers with the sum `2**24`, one for each class."""
        tails = [_rounded_tail(int(k), self.exponent) for k in self.starts]
        weights = -np.diff(np.array(tails, dtype=np.int64))
        return np.array(tables.rounded(weights.tolist(), tables.BITS, least=1))

    @cached_property
    def _model(self) -> Any:
        return tables.model(self.table)

    def lengths(self, indices: np.ndarray) -> np.ndarray:
        """Return how many bits each index takes."""
        each = tables.BITS - np.log2(self.table) + self.plain_bits
        return each[self._class_of(indices)]

    def encode(self, indices: np.ndarray) -> bytes:
        """Code indices, an array of int64 of shape (count,)."""
        found = self._class_of(indices)
        places = indices - self.starts[found]
        groups = [(found.astype(np.int32), self._model)]
        for chosen, pieces in self._by_bits(found):
            for shift, size in pieces:
                groups.append((places[chosen] >> shift & size - 1, _uniform(size)))
        return tables.encode([(np.ascontiguousarray(part, dtype=np.int32), model) for part, model in groups])

    def decode(self, payload: bytes, count: int) -> np.ndarray:
        """Return the `count` indices that `encode` coded; `CodeError` for what it never writes, as far as one can tell."""
        coder = tables.decoder(payload)
        found = coder.decode(self._model, count)
        indices = self.starts[found]
        for chosen, pieces in self._by_bits(found):
            for shift, size in pieces:
                indices[chosen] += coder.decode(_uniform(size), len(chosen)).astype(np.int64) << shift
        return indices

    def _class_of(self, indices: np.ndarray) -> np.ndarray:
        if len(indices) and not 1 <= indices.min() <= indices.max() < 2**LONGEST:
            raise CodeError(f"an index must be in [1, 2**{LONGEST} - 1]")
        return np.searchsorted(self.starts, indices, side="right") - 1

    def _by_bits(self, found: np.ndarray) -> Iterator[tuple[np.ndarray, list[tuple[int, int]]]]:
        """Yield the places of equally many plain bits, and where their pieces of at most 16 bits begin, with sizes."""
        pieces = [[(shift, 1 << min(16, bits - shift)) for shift in range(0, bits, 16)] for bits in range(LONGEST)]
        return tables.by_kind(self.plain_bits[found], pieces)


def _uniform(size: int) -> Any:
    # As a table, so that it is exact: a power of two divides 2**24.
    return tables.model(np.full(size, 2**tables.BITS // size))


def _rounded_tail(k: int, exponent: float) -> int:
    """Round `2**48 sum_{j >= k} j^-a / zeta(a)` down, proved."""
    if k == 1:
        return 2**48
    return tables.rounded_down(lambda: arb(exponent).zeta(arb(k)) / arb(exponent).zeta() * 2**48)
