"""Indices as a file: what is written is read, in many frames and parts, and the file has hardly more than their entropy."""

import numpy as np
import pytest

from drc.errors import CodeError
from drc.neural import bitstream
from drc.neural.bitstream import TOTAL

DIGEST = bytes(8)

#: Two indices, each below four, under tables for two phases.
TABLES = np.array([[[1, 2, 3, 10], [4, 4, 4, 4]], [[8, 4, 2, 2], [13, 1, 1, 1]]]) * (TOTAL // 16)


def _drawn(n):
    """Indices as their tables have them, and their phases."""
    draw = np.random.default_rng(0)
    phase = draw.integers(0, 2, (n, 2))
    laws = TABLES[np.arange(2), phase] / TOTAL
    return (draw.random((n, 2, 1)) > laws.cumsum(axis=2)[:, :, :-1]).sum(axis=2), phase


def _read(packer, data, phase=None):
    reader, start = bitstream.opened(data, DIGEST, 5)

    def unpack(payload, first, n):
        return packer.unpack(payload, n, None if phase is None else phase[first : first + n])

    return bitstream.indices(reader, unpack), start


@pytest.mark.parametrize("n", [1, 1023, 1024, 1025, 2 * bitstream.FRAME + 7])
def test_indices_under_tables_are_read_as_written_and_take_their_entropy(n):
    packer, (index, phase) = bitstream.Packer(2, 4, TABLES), _drawn(n)
    coded = bitstream.write(packer, DIGEST, 5, 3, index, phase)
    found, start = _read(packer, coded.data, phase)
    np.testing.assert_array_equal(found, index)
    assert start == 3
    bits = -np.log2(TABLES[np.arange(2)[None], phase, index] / TOTAL).sum()
    # A range coder ends with a word or two; header, frames and end have some bytes each.
    assert 0 <= 8 * coded.payload - bits <= 64 * (1 + n // bitstream.FRAME) + 1e-3 * bits
    assert len(coded.data) - coded.payload <= 60 + 13 * (n // bitstream.FRAME)


@pytest.mark.parametrize(("dim", "levels"), [(2, 4), (16, 4), (4, 3)])
def test_ten_thousand_images_at_a_fixed_rate_take_one_per_cent_more_at_most(dim, levels):
    packer = bitstream.Packer(dim, levels)
    index = np.random.default_rng(0).integers(0, levels, (10_000, dim))
    coded = bitstream.write(packer, DIGEST, 5, 0, index, None)
    np.testing.assert_array_equal(_read(packer, coded.data)[0], index)
    assert 1 <= 8 * len(coded.data) / (10_000 * dim * np.log2(levels)) <= 1.01


def test_a_file_without_images_is_refused():
    packer, index = bitstream.Packer(2, 4), np.zeros((0, 2), int)
    with pytest.raises(CodeError, match="frame 0: the file must have an image"):
        _read(packer, bitstream.write(packer, DIGEST, 5, 0, index, None).data)


@pytest.mark.parametrize("start", [True, -1, "1", 2**40])
def test_a_start_that_is_none_is_named(start):
    packer, index = bitstream.Packer(2, 4), np.zeros((3, 2), int)
    data = bitstream.write(packer, DIGEST, 5, 0, index, None).data
    assert bitstream.opened(data, DIGEST, 5)[1] == 0
    with pytest.raises(CodeError, match="start must be the number of an image"):
        bitstream.opened(bitstream.write(packer, DIGEST, 5, start, index, None).data, DIGEST, 5)
