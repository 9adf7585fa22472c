"""Common randomness: numbers that encoder and decoder share by sharing a seed.

The generator is counter-based (Philox4x64-10, [salmon2011]): word `i` is a function of the seed, the name of the stream and
`i` alone. So decoding can start anywhere, and what was drawn before changes nothing. Only integers and exact operations on
doubles are used: every platform draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from drc.errors import must
from drc.numbers import seed_given, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_WORD = 2**64
#: Philox turns one counter into this many words.
_BLOCK = 4


@dataclass(frozen=True)
class CommonRandomness:
    """What encoder and decoder draw alike, sample by sample.

    Sample `i` of a draw with `lanes` numbers per sample has the words `i * lanes, ..., (i + 1) * lanes - 1` of the stream.

    Parameters
    ----------
    seed : int
        `0 <= seed < 2**64`.
    stream : str
        Streams of different names are independent, whatever they are used for.

    Notes
    -----
    Source: [salmon2011]. The key is the seed with a 64-bit hash (BLAKE2b) of the stream's name; block `b` of four words has
    the counter `b`.

    Examples
    --------
    >>> shared = CommonRandomness(seed=5, stream="map")
    >>> shared.uniforms(start=0, count=4)[:, 0].round(4).tolist()
    [0.8586, 0.816, 0.8293, 0.6404]
    >>> bool((shared.uniforms(2, 2) == shared.uniforms(0, 4)[2:]).all())
    True
    """

    seed: int
    stream: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", seed_given(self.seed))
        if not isinstance(self.stream, str):
            raise must("stream", "be a str", self.stream)

    def words(self, start: int, count: int, lanes: int = 1) -> np.ndarray:
        """Return the words of the samples `start, ..., start + count - 1`.

        Parameters
        ----------
        start, count : int
            `start + count` times `lanes` is at most 2**64.
        lanes : int
            How many numbers a sample has.

        Returns
        -------
        array of uint64, shape (count, lanes)

        Raises
        ------
        ProblemError
            For numbers out of range.
        """
        for name, value, least in (("start", start, 0), ("count", count, 0), ("lanes", lanes, 1)):
            if value < least:
                raise must(name, f"be at least {least}", value)
        start, count, lanes = int(start), int(count), int(lanes)
        if (start + count) * lanes > _WORD:
            raise must("a stream", "give at most 2**64 words", got=f"{start + count} samples of {lanes} words")
        first, skipped = divmod(start * lanes, _BLOCK)
        drawn = self._generator(first).random_raw(skipped + count * lanes)
        return drawn[skipped:].reshape(count, lanes)

    def words_at(self, samples: np.ndarray, lanes: int = 1) -> np.ndarray:
        """Return the words of samples that are anywhere: what `words` has for each of them, all at once.

        Parameters
        ----------
        samples : array of int, shape (count,)
            `>= 0`, and `(samples + 1) * lanes <= 2**64`.

        Returns
        -------
        array of uint64, shape (count, lanes)

        Examples
        --------
        >>> shared = CommonRandomness(5)
        >>> bool((shared.words_at(np.array([7, 2]), 3) == shared.words(0, 8, 3)[[7, 2]]).all())
        True
        """
        first = np.asarray(samples).astype(np.uint64) * np.uint64(lanes)
        skipped = (first % np.uint64(_BLOCK)).astype(np.int64)
        blocks = -(-(int(skipped.max(initial=0)) + lanes) // _BLOCK)
        counters = first // np.uint64(_BLOCK)
        drawn = [_philox(counters + np.uint64(i), self._key) for i in range(blocks)]
        wanted = skipped[:, None] + np.arange(lanes)
        return np.take_along_axis(np.concatenate(drawn, axis=1), wanted, axis=1)

    def uniforms(self, start: int, count: int, lanes: int = 1) -> np.ndarray:
        """Return numbers that are uniform on the multiples of `2**-53` in `[0, 1)`: the upper 53 bits of `words`."""
        return (self.words(start, count, lanes) >> np.uint64(11)) * 2.0**-53

    def integers(self, bits: int, start: int, count: int, lanes: int = 1) -> np.ndarray:
        """Return numbers that are uniform on `0, ..., 2**bits - 1`, uint64: the upper `bits`, 1 to 64, of `words`."""
        if not 1 <= bits <= 64:
            raise must("bits", "be in [1, 64]", bits)
        return self.words(start, count, lanes) >> np.uint64(64 - bits)

    def choose(self, weights: ArrayLike, start: int, count: int) -> np.ndarray:
        """Choose an index for each sample, with probability `weights[index] / sum(weights)`, exactly.

        Parameters
        ----------
        weights : sequence of int, shape (n,)
            They are >= 0, and their sum is a power of two, at most 2**63.
        start, count : int
            As for `words`.

        Examples
        --------
        >>> np.bincount(CommonRandomness(5).choose([1, 3], start=0, count=4000)).tolist()
        [976, 3024]
        """
        ends = _ends(weights)
        # Two shifts: a sum of one leaves no bits, and shifting a word by 64 at once is undefined.
        drawn = self.words(start, count)[:, 0] >> np.uint64(1) >> np.uint64(64 - ends[-1].bit_length())
        return np.searchsorted(np.array(ends[:-1], dtype=np.uint64), drawn, side="right")

    @cached_property
    def _key(self) -> np.ndarray:
        name = blake2b(self.stream.encode(), digest_size=8).digest()
        return np.array([self.seed, int.from_bytes(name, "little")], dtype=np.uint64)

    def _generator(self, block: int) -> np.random.Philox:
        # numpy counts up before it draws.
        counter = (block - 1) % _WORD**_BLOCK
        digits = [counter >> 64 * i & _WORD - 1 for i in range(_BLOCK)]
        return np.random.Philox(key=self._key, counter=np.array(digits, dtype=np.uint64))


def _philox(counters: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Return the four words of each counter: Philox4x64-10 ([salmon2011]), as numpy has it for a row of counters."""
    zero = np.zeros_like(counters)
    a, b, c, d = counters, zero, zero, zero
    first, second = int(key[0]), int(key[1])
    for _ in range(10):
        high_a, low_a = _product(a, 0xD2E7470EE14C6C93)
        high_c, low_c = _product(c, 0xCA5A826395121157)
        a, b, c, d = high_c ^ b ^ np.uint64(first), low_c, high_a ^ d ^ np.uint64(second), low_a
        first, second = (first + 0x9E3779B97F4A7C15) % _WORD, (second + 0xBB67AE8584CAA73B) % _WORD
    return np.stack([a, b, c, d], axis=1)


def _product(a: np.ndarray, factor: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper and the lower word of a product of two words, by halves."""
    half, mask = np.uint64(32), np.uint64(2**32 - 1)
    high, low = np.uint64(factor >> 32), np.uint64(factor & 2**32 - 1)
    a_high, a_low = a >> half, a & mask
    middle = a_high * low + (a_low * low >> half)
    other = (middle & mask) + a_low * high
    return a_high * high + (middle >> half) + (other >> half), a * np.uint64(factor)


def _ends(weights: Any) -> list[int]:
    """Return the partial sums of integer weights."""
    ends, total = [], 0
    for i, weight in enumerate(weights):
        total += whole(f"weights[{i}]", weight)
        ends.append(total)
    if not 1 <= total <= 2**63 or total & (total - 1):
        raise must("weights", "have a power of two as their sum, at most 2**63", total)
    return ends
