"""Entropy coding of lattice points, given the dither, with tables of whole numbers.

A reconstruction before scaling is `y = z - u`, `z` in the lattice and `u` the dither on the grid. Under the law that gives
the coordinates of `y` independent weights, the law of `z` given `u` is that product on the coset of the lattice to which `u`
points, normalised. A lattice that contains `s Z^n` is a union of cosets of it: which one, is a shift and the parities of the
coordinates, whose sum is even. These are coded first, each given those before, by a trellis over the parities; then every
coordinate by the table of its residue modulo `s`. For "Z" there is one coset, and nothing is lost; for "E8" the loss is that
of taking the coordinates of a cell for independent.

Tables are whole numbers that sum to `2**24`; the chances of shifts and parities are made by single IEEE operations in a
fixed order, then cut to multiples of `2**-24`. So encoder and decoder find the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from drc.codes import tables
from drc.codes.grid import LEVELS, GridLaw
from drc.codes.lattices import Lattice
from drc.codes.tables import BITS

#: The number of the bit that says the shift, among those of the coordinates.
_SHIFT = -1


@dataclass(frozen=True)
class CosetCoder:
    """Codes points `y = z - u` for a law of the grid.

    Examples
    --------
    >>> from drc.codes.lattices import lattice_named
    >>> coder = CosetCoder(GridLaw(lattice_named("Z"), 2.0))
    >>> u = np.array([[3], [100]])
    >>> y = np.array([[LEVELS - 3], [-100]])
    >>> coder.decode(coder.encode(y, u), u).ravel().tolist()
    [125, -100]
    """

    law: GridLaw

    @property
    def lattice(self) -> Lattice:
        """The lattice."""
        return self.law.lattice

    @property
    def stride(self) -> int:
        """How many points of the grid are between a coordinate and the next in its coset."""
        return LEVELS * self.lattice.period

    @property
    def first(self) -> int:
        """The lowest point in the tables, a multiple of `stride`."""
        return -(self.law.half // self.stride + 1) * self.stride

    @cached_property
    def weights(self) -> np.ndarray:
        """The weights of the grid, one column for each residue; 0 where the law ends."""
        below = -self.law.half - self.first
        rows = -(-(below + len(self.law.weights)) // self.stride)
        padded = np.zeros(rows * self.stride, dtype=np.int64)
        padded[below : below + len(self.law.weights)] = self.law.weights
        return padded.reshape(rows, self.stride)

    @cached_property
    def tables(self) -> np.ndarray:
        """For each residue, a row of whole numbers, all at least 1, that sum to `2**24`; shape (stride, letters)."""
        return integer_tables(self.weights.T)

    @cached_property
    def shares(self) -> np.ndarray:
        """The weight of each residue, as a part of their mean; sums of whole numbers, divided once."""
        return self.weights.sum(axis=0).astype(float) / float(self.law.total) * self.stride

    @cached_property
    def _models(self) -> list[Any]:
        return [tables.model(row) for row in self.tables]

    def encode(self, points: np.ndarray, dither: np.ndarray) -> bytes:
        """Code grid points, given the dither: multiples of `1 / LEVELS`, shape (blocks, n), whose sum is in the lattice."""
        groups = []
        moved = points + dither
        shift = (moved[:, 0] % LEVELS != 0).astype(np.int32)
        bits = (moved // LEVELS % 2).astype(np.int32)

        def known(i: int, chances: np.ndarray) -> np.ndarray:
            found = shift if i == _SHIFT else np.ascontiguousarray(bits[:, i])
            groups.append((found, _bernoulli(), chances))
            return found

        residue = _Walk(self, dither).residues(known).ravel()
        letters = ((points.ravel() - self.first) // self.stride).astype(np.int32)
        parts = [(letters[places], one) for places, one in tables.by_kind(residue, self._models)]
        return tables.encode(groups + parts)

    def decode(self, payload: bytes, dither: np.ndarray) -> np.ndarray:
        """Return the grid points, int64 of shape (blocks, n), of a payload that `encode` made with the same dither."""
        decoder = tables.decoder(payload)
        residue = _Walk(self, dither).residues(lambda _, chances: decoder.decode(_bernoulli(), chances)).ravel()
        letters = np.empty(len(residue), dtype=np.int64)
        for places, one in tables.by_kind(residue, self._models):
            letters[places] = decoder.decode(one, len(places))
        return (self.first + letters * self.stride + residue).reshape(dither.shape)

    def normaliser(self, dither: np.ndarray) -> np.ndarray:
        """Return the sum of the product density over the points that the dither leaves of each block; its mean is 1/V."""
        return _Walk(self, dither).total


class _Walk:
    """The trellis of shifts and parities of blocks whose dither is known.

    For shift `c` and parity `b`, coordinate `i` has the residue `LEVELS (b + c) - u_i`. With `e_i`, `o_i` the shares of an
    even and an odd coordinate, the parities from `i` on have an even sum with weight `(prod (e + o) + prod (e - o)) / 2`.
    """

    def __init__(self, coder: CosetCoder, dither: np.ndarray) -> None:
        self.lattice, self.stride, self.shares = coder.lattice, coder.stride, coder.shares
        self.dither = dither
        self.shifts = [int(LEVELS * shift) for shift in self.lattice.shifts]
        # For each shift: sums and differences of what follows coordinate i; i = 0 is all of them.
        self.tails = [self._tails(shift) for shift in self.shifts] if self.lattice.is_even else []

    @property
    def total(self) -> np.ndarray:
        """The weight of all cosets together."""
        if not self.lattice.is_even:
            return self.shares[-self.dither % self.stride].prod(axis=1)
        mean = self.lattice.period**self.lattice.n
        return sum(self._even(tails, 0, 0) for tails in self.tails) / mean

    def residues(self, code: Callable[[int, np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the residues, of shape (blocks, n), of the coset that bits say.

        `code(i, chances)` returns a bit of each block, given the chances of a one: the shift if `i` is `_SHIFT`, else the
        parity of coordinate `i`.
        """
        blocks, n = self.dither.shape
        if not self.lattice.is_even:
            return -self.dither % self.stride
        several = len(self.shifts) == 2
        shift = code(_SHIFT, self._chance_of_shift()) if several else np.zeros(blocks, dtype=np.int32)
        bits = np.zeros((blocks, n), dtype=np.int64)
        parity = np.zeros(blocks, dtype=np.int64)
        for i in range(n - 1):
            bits[:, i] = code(i, self._chance(shift, i, parity))
            parity ^= bits[:, i]
        bits[:, n - 1] = parity
        moved = LEVELS * bits + np.array(self.shifts)[shift][:, None]
        return (moved - self.dither) % self.stride

    def _pair(self, shift, i: int) -> tuple[np.ndarray, np.ndarray]:
        even, odd = (self.shares[(LEVELS * bit + shift - self.dither[:, i]) % self.stride] for bit in (0, 1))
        return even, odd

    def _tails(self, shift: int) -> tuple[np.ndarray, np.ndarray]:
        even, odd = (self.shares[(LEVELS * bit + shift - self.dither.T) % self.stride] for bit in (0, 1))
        ones, products = np.ones(len(self.dither)), (even + odd, even - odd)
        sums, differences = (np.cumprod([ones, *factors[::-1]], axis=0)[::-1] for factors in products)
        return sums, differences

    @staticmethod
    def _even(tails: tuple[np.ndarray, np.ndarray], i: int, parity) -> np.ndarray:
        """Weigh the ways in which the parities from `i` on make the sum even, if those before sum to `parity`."""
        sums, differences = tails
        return (sums[i] + np.where(parity, -differences[i], differences[i])) / 2

    def _chance_of_shift(self) -> np.ndarray:
        first, second = (self._even(tails, 0, 0) for tails in self.tails)
        return _cut(second / (first + second))

    def _chance(self, shift: np.ndarray, i: int, parity: np.ndarray) -> np.ndarray:
        even, odd = self._pair(np.array(self.shifts)[shift], i)
        after = [self._even(tails, i + 1, parity) for tails in self.tails]
        turned = [self._even(tails, i + 1, 1 - parity) for tails in self.tails]
        zero = even * np.choose(shift, after)
        one = odd * np.choose(shift, turned)
        return _cut(one / (zero + one))


def _cut(chances: np.ndarray) -> np.ndarray:
    """Cut chances to multiples of `2**-24`, none of them 0 or 1."""
    return np.clip(np.floor(chances * 2.0**BITS), 1, 2**BITS - 1) * 2.0**-BITS


def _bernoulli() -> Any:
    import constriction

    return constriction.stream.model.Bernoulli(perfect=False)


def integer_tables(weights: np.ndarray) -> np.ndarray:
    """Turn rows of weights into rows of whole numbers >= 1 that sum to `2**24`, by whole-number arithmetic alone.

    The weights are int64 of shape (rows, letters), at least 0, with row sums from 1 to `2**62`. Each result is at least
    `1 + floor(w (2**24 - letters) / sum w)`, up to the cut of the weights to 38 bits; what is left goes to the largest.

    Examples
    --------
    >>> integer_tables(np.array([[1, 0, 3]])).tolist()
    [[4194304, 1, 12582911]]
    """
    rows, letters = weights.shape
    # 38 bits of weight times 24 bits of precision fit in 62.
    bits = np.array([max(0, int(total).bit_length() - 38) for total in weights.sum(axis=1)])
    cut = weights >> bits[:, None]
    found = 1 + cut * (2**BITS - letters) // cut.sum(axis=1)[:, None]
    largest = found.argmax(axis=1)
    found[np.arange(rows), largest] += 2**BITS - found.sum(axis=1)
    return found
