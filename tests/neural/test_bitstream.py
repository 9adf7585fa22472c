"""Indices as a file: what is written is read, in many frames and parts, and the file has hardly more than their entropy."""

import io

import numpy as np
import pytest
from bare import Bare

from drc.codes.container import Header, Writer
from drc.errors import CodeError
from drc.neural.bitstream import TOTAL, Packer
from drc.neural.coding import FRAME

#: Two indices, each below four, under tables for two phases.
TABLES = np.array([[[1, 2, 3, 10], [4, 4, 4, 4]], [[8, 4, 2, 2], [13, 1, 1, 1]]]) * (TOTAL // 16)


def _drawn(n):
    """Indices as their tables have them, and their phases."""
    draw = np.random.default_rng(0)
    phase = draw.integers(0, 2, (n, 2))
    laws = TABLES[np.arange(2), phase] / TOTAL
    return (draw.random((n, 2, 1)) > laws.cumsum(axis=2)[:, :, :-1]).sum(axis=2), phase


@pytest.mark.parametrize("n", [1, 1023, 1024, 1025, 2 * FRAME + 7])
def test_indices_under_tables_are_read_as_written_and_take_their_entropy(n):
    index, phase = _drawn(n)
    coding = Bare(Packer(2, 4, TABLES), phases=np.concatenate([np.zeros((3, 2), int), phase]))
    coded = coding.write(index, (1, 1), 5, 3)
    found, *_, start = coding.read(coded.data, 5)
    np.testing.assert_array_equal(found, index)
    assert start == 3
    bits = -np.log2(TABLES[np.arange(2)[None], phase, index] / TOTAL).sum()
    # A range coder ends with a word or two; header, frames and end have some bytes each.
    assert 0 <= 8 * coded.payload - bits <= 64 * (1 + n // FRAME) + 1e-3 * bits
    assert len(coded.data) - coded.payload <= 60 + 13 * (n // FRAME)


@pytest.mark.parametrize(("dim", "levels"), [(2, 4), (16, 4), (4, 3)])
def test_ten_thousand_images_at_a_fixed_rate_take_one_per_cent_more_at_most(dim, levels):
    coding = Bare(Packer(dim, levels))
    index = np.random.default_rng(0).integers(0, levels, (10_000, dim))
    coded = coding.write(index, (1, 1), 5, 0)
    np.testing.assert_array_equal(coding.read(coded.data, 5)[0], index)
    assert 1 <= 8 * len(coded.data) / (10_000 * dim * np.log2(levels)) <= 1.01


def test_a_file_without_images_is_refused():
    coding = Bare(Packer(2, 4))
    with pytest.raises(CodeError, match="frame 0: the file must have an image"):
        coding.read(coding.write(np.zeros((0, 2), int), (1, 1), 5, 0).data, 5)


@pytest.mark.parametrize("start", [True, -1, "1", 2**40])
def test_a_start_that_is_none_is_named(start):
    coding, stream = Bare(Packer(2, 4)), io.BytesIO()
    assert coding.read(coding.write(np.zeros((3, 2), int), (1, 1), 5, 0).data, 5)[-1] == 0
    with Writer(stream, Header("neural", coding.digest(), 5, {"start": start})):
        pass
    with pytest.raises(CodeError, match="start must be the number of an image"):
        coding.read(stream.getvalue(), 5)
