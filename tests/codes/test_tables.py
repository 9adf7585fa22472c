"""Whole-number probabilities: they sum exactly, lose little, and are what the coder uses."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drc.codes import tables
from drc.errors import CodeError

SHARES = st.lists(st.one_of(st.just(0.0), st.floats(1e-300, 1e300)), min_size=1, max_size=8).filter(any)


@given(SHARES, st.integers(4, 40), st.integers(0, 1))
def test_shares_are_rounded_to_the_nearest_whole_numbers_with_the_sum(shares, bits, least):
    found = tables.rounded(shares, bits, least)
    free = 2**bits - least * len(shares)
    ideal = [least + Fraction(s) * free / sum(map(Fraction, shares)) for s in shares]
    assert sum(found) == 2**bits
    assert min(found) >= least
    assert all(abs(k - share) < 1 for k, share in zip(found, ideal, strict=True))


@given(st.lists(st.floats(1e-9, 1), min_size=2, max_size=8))
def test_coding_with_a_rounded_table_costs_next_to_nothing(shares):
    law = np.array(shares) / sum(shares)
    table = np.array(tables.rounded(law.tolist(), tables.BITS, least=1)) / 2**tables.BITS
    lost = law @ np.log2(law / table)
    assert -1e-15 < lost < 2 * len(law) * 2.0**-tables.BITS


def by_hand(symbols, table):
    """rANS with whole numbers alone: a state of 64 bits, words of 32 bits, probabilities of 24 bits."""
    starts = [sum(table[:k]) for k in range(len(table))]
    state, words = 0, []
    for k in reversed(symbols):
        if state >> 64 - tables.BITS >= table[k]:
            words.append(state & 0xFFFFFFFF)
            state >>= 32
        state = state // table[k] << tables.BITS | starts[k] + state % table[k]
    while state:
        words.append(state & 0xFFFFFFFF)
        state >>= 32
    return np.array(words, dtype="<u4").tobytes()


@given(SHARES.filter(lambda s: len(s) > 1), st.data())
def test_the_coder_uses_the_table_and_nothing_else(shares, data):
    table = tables.rounded(shares, tables.BITS, least=1)
    symbols = data.draw(st.lists(st.integers(0, len(table) - 1), max_size=60))
    coded = tables.encode([(np.array(symbols, dtype=np.int32), tables.model(table))])
    assert coded == by_hand(symbols, table)
    decoded = tables.decoder(coded).decode(tables.model(table), len(symbols))
    assert decoded.tolist() == symbols


@pytest.mark.parametrize(
    "table", [[1, 2**24 - 1], [2**24 - 1, 1], [2**23, 2**23], [1, 1, 2**24 - 2], [3, 5, 2**24 - 8]]
)
def test_tables_at_the_edge_are_used_as_they_are(table):
    symbols = [0, 1, len(table) - 1] * 40
    assert tables.encode([(np.array(symbols, dtype=np.int32), tables.model(table))]) == by_hand(symbols, table)


def test_groups_are_decoded_in_order():
    one, two = tables.model([2**20, 15 * 2**20]), tables.model([2**23, 2**22, 2**22])
    a, b = np.array([0, 1, 1], dtype=np.int32), np.array([2, 0, 1, 1], dtype=np.int32)
    coded = tables.encode([(a, one), (b, two)])
    coder = tables.decoder(coded)
    assert [coder.decode(one, 3).tolist(), coder.decode(two, 4).tolist()] == [a.tolist(), b.tolist()]
    assert tables.encode([]) == b""


@pytest.mark.parametrize("payload", [b"abc", b"\0\0\0\0", b"abcd\0\0\0\0"])
def test_bytes_that_are_no_words_are_refused(payload):
    with pytest.raises(CodeError, match="payload must be words of 32 bits of which the last is not zero"):
        tables.decoder(payload)
