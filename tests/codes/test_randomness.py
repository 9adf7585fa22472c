"""Common randomness: the published generator, the same numbers wherever drawing starts, exact chances."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drc.codes import CommonRandomness
from drc.errors import ProblemError

SEEDS = st.integers(0, 2**64 - 1)


def test_blocks_are_those_of_philox_4x64_10(monkeypatch):
    """The first two known answers of the Random123 library: counter and key all zeros, and all ones."""
    shared = CommonRandomness(0)
    monkeypatch.setitem(shared.__dict__, "_key", np.zeros(2, dtype=np.uint64))
    zeros = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    assert shared.words(0, 4)[:, 0].tolist() == zeros
    monkeypatch.setitem(shared.__dict__, "_key", np.full(2, 2**64 - 1, dtype=np.uint64))
    ones = [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0]
    assert shared._generator(2**256 - 1).random_raw(4).tolist() == ones


def test_words_never_change():
    assert CommonRandomness(2**64 - 1, "map").words(10**15, 3).ravel().tolist() == [
        11550111238882560981,
        960874264599890582,
        12394800567237763160,
    ]
    assert CommonRandomness(7).uniforms(3, 2, lanes=2).ravel().tolist() == [
        0.7638110265708616,
        0.3139238096058614,
        0.10305999160880652,
        0.05508956997669101,
    ]
    assert CommonRandomness(7).integers(8, 0, 6).ravel().tolist() == [42, 192, 83, 185, 155, 207]
    assert CommonRandomness(7, "map").choose([1, 5, 2], 0, 12).tolist() == [1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 2, 2]


@given(SEEDS, st.integers(0, 2**40), st.integers(0, 20), st.integers(0, 20), st.integers(1, 5))
def test_a_sample_has_its_numbers_wherever_drawing_starts(seed, start, before, count, lanes):
    shared = CommonRandomness(seed, "dither")
    whole = shared.words(start, before + count, lanes)
    assert np.array_equal(whole[before:], shared.words(start + before, count, lanes))
    assert whole.shape == (before + count, lanes)
    assert whole.dtype == np.uint64


@given(SEEDS, SEEDS, st.text(max_size=5), st.text(max_size=5))
def test_other_seeds_and_streams_draw_other_numbers(one, two, a, b):
    same = np.array_equal(CommonRandomness(one, a).words(0, 2), CommonRandomness(two, b).words(0, 2))
    assert same == ((one, a) == (two, b))


@given(SEEDS, st.integers(1, 64))
def test_integers_and_uniforms_are_leading_bits(seed, bits):
    shared = CommonRandomness(seed)
    words = [int(w) for w in shared.words(5, 9)[:, 0]]
    assert shared.integers(bits, 5, 9)[:, 0].tolist() == [w >> 64 - bits for w in words]
    assert [u * 2**53 for u in shared.uniforms(5, 9)[:, 0].tolist()] == [w >> 11 for w in words]


@given(SEEDS, st.lists(st.integers(0, 50), min_size=1, max_size=6), st.integers(6, 63))
def test_an_index_is_chosen_by_the_partial_sums(seed, weights, bits):
    weights = [2**bits - sum(weights), *weights]
    if weights[0] < 0:
        weights = [2**63 - sum(weights[1:]), *weights[1:]]
    shared = CommonRandomness(seed)
    total = sum(weights).bit_length() - 1
    drawn = [int(w) for w in shared.integers(total, 3, 50)[:, 0]]
    table = [sum(weights[:k]) for k in range(len(weights) + 1)]
    chosen = shared.choose(weights, 3, 50)
    assert all(table[k] <= v < table[k + 1] for k, v in zip(chosen.tolist(), drawn, strict=True))


def test_one_index_with_all_the_weight_is_always_chosen():
    assert CommonRandomness(1).choose([0, 1, 0], 0, 5).tolist() == [1] * 5
    assert CommonRandomness(1).choose([2**63], 0, 2).tolist() == [0, 0]
    assert CommonRandomness(1).choose([1], 0, 0).tolist() == []


def test_frequencies_are_the_weights():
    counts = np.bincount(CommonRandomness(11, "map").choose([1, 2, 5], 0, 80_000))
    expected = np.array([10_000, 20_000, 50_000])
    assert ((counts - expected) ** 2 / expected).sum() < 13.8  # chi-square with 2 degrees: one in a thousand


@pytest.mark.parametrize("seed", [-1, 2**64, 0.5, True, "7", None])
def test_a_seed_is_a_whole_number_of_64_bits(seed):
    with pytest.raises(ProblemError, match=r"seed must be a whole number, from 0 to"):
        CommonRandomness(seed)


def test_seeds_of_numpy_are_seeds():
    assert CommonRandomness(np.uint64(5)) == CommonRandomness(5)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda r: r.words(-1, 1), "start must be at least 0, got -1"),
        (lambda r: r.words(0, -1), "count must be at least 0, got -1"),
        (lambda r: r.words(0, 1, 0), "lanes must be at least 1, got 0"),
        (lambda r: r.words(2**64 - 1, 2), r"a stream must give at most 2\*\*64 words,.*samples of 1 words"),
        (lambda r: r.integers(65, 0, 1), r"bits must be in \[1, 64\], got 65"),
        (lambda r: r.choose([1, 2], 0, 1), r"weights must have a power of two as their sum, at most 2\*\*63, got 3"),
        (lambda r: r.choose([0, 0], 0, 1), r"weights must have a power of two as their sum, at most 2\*\*63, got 0"),
        (lambda r: r.choose([2, -1], 0, 1), r"weights\[1\] must be a whole number, at least 0, got -1"),
        (lambda r: r.choose([0.5, 0.5], 0, 1), r"weights\[0\] must be a whole number, at least 0, got 0.5"),
        (lambda r: CommonRandomness(1, 3), "stream must be a str, got 3"),
    ],
)
def test_wrong_input_is_named(draw, said):
    with pytest.raises(ProblemError, match=said):
        draw(CommonRandomness(1))


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 5, 16])
def test_words_anywhere_are_those_in_a_row(lanes):
    shared = CommonRandomness(2**64 - 3, "anywhere")
    far = 2**40 + 5
    samples = np.array([far + 9, far, far + 3])
    assert (shared.words_at(samples, lanes) == shared.words(far, 10, lanes)[[9, 0, 3]]).all()
    assert shared.words_at(np.array([], dtype=int), lanes).shape == (0, lanes)
