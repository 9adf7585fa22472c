"""The Zipf coder: exact, and as short as the law says."""

from hashlib import sha256

import numpy as np
import pytest
from mpmath import zeta

import drc
from drc.codes.zipf import LONGEST, ZipfCoder


def test_round_trip_over_all_classes():
    coder = ZipfCoder(6.0)
    ends = np.concatenate([coder.starts[:-1], coder.starts[1:] - 1])
    anywhere = np.floor(2 ** (np.random.default_rng(0).random(3000) * LONGEST)).astype(np.int64)
    indices = np.concatenate([ends, anywhere])
    payload = coder.encode(indices)
    assert (coder.decode(payload, len(indices)) == indices).all()
    assert 8 * len(payload) == pytest.approx(coder.lengths(indices).sum(), abs=80)


@pytest.mark.parametrize("mean", [0.05, 1.0, 5.0, 20.0])
def test_lengths_are_those_of_the_law(mean):
    """Within a class the law is nearly flat, and no index is more than a part of an octave from the ideal."""
    coder = ZipfCoder(mean)
    k = np.arange(1, 5000)
    a = coder.exponent
    below = float(zeta(a) - zeta(a, 2**LONGEST))  # the law is cut off there
    ideal = a * np.log2(k) + np.log2(below)
    likely = ideal < 16
    excess = (coder.lengths(k) - ideal)[likely]
    assert excess == pytest.approx(0, abs=coder.exponent * np.log2(9 / 8) + 0.01)
    assert (2.0 ** -ideal[likely] * excess).sum() < 0.003
    assert coder.lengths(k)[:15][likely[:15]] == pytest.approx(ideal[:15][likely[:15]], abs=0.002)


@pytest.mark.parametrize("law", [0.5, 0.05, 0.001])
def test_the_mean_length_keeps_its_bound(law):
    """For any law of the index, here geometric ones, with `m` the mean of its logarithm."""
    k = np.arange(1, 40_000)
    p = law * (1 - law) ** (k - 1)
    mean = float(p @ np.log2(k))
    coder = ZipfCoder(mean)
    assert p @ coder.lengths(k) <= coder.bound + 0.003


def test_the_table_is_pinned():
    """A file made here is read elsewhere: it may not depend on platform or version."""
    assert sha256(ZipfCoder(4.25).table.astype("<i8").tobytes()).hexdigest()[:16] == "adb91dfe51c26571"
    assert ZipfCoder(4.25).table.sum() == 2**24


@pytest.mark.parametrize("index", [0, -3, 2**LONGEST])
def test_indices_out_of_range_are_refused(index):
    with pytest.raises(drc.errors.CodeError, match=r"an index must be in \[1, 2\*\*32 - 1\]"):
        ZipfCoder(1.0).encode(np.array([1, index]))
