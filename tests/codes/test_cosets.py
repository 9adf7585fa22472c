"""Lattice points are decoded as they were coded, at the cost that the law says."""

import numpy as np
import pytest

import drc
from drc.codes.cosets import CosetCoder, integer_tables
from drc.codes.ecdq import coded_rate, grid_dither
from drc.codes.grid import LEVELS, GridLaw
from drc.codes.lattices import lattice_named

CASES = [("Z", 0.1), ("Z", 2.3), ("D4", 0.1), ("D4", 0.5), ("E8", 0.05), ("E8", 0.4), ("E8", 2.3)]


def drawn(lattice, scale, samples=2**15, seed=0):
    rng = np.random.default_rng(seed)
    dither = grid_dither(lattice, rng.random((samples // lattice.n, lattice.n)))
    x = rng.normal(0, scale, dither.shape)
    return (lattice.nearest(x + dither / LEVELS) * LEVELS).astype(int) - dither, dither


@pytest.mark.parametrize(("name", "scale"), CASES)
def test_round_trip_and_rate(name, scale):
    lattice = lattice_named(name)
    coder = CosetCoder(GridLaw(lattice, scale))
    points, dither = drawn(lattice, scale)
    payload = coder.encode(points, dither)
    assert (coder.decode(payload, dither) == points).all()
    # The ideal length differs from sample to sample by less than 2 bits; the coder adds 64 in all.
    assert 8 * len(payload) / points.size == pytest.approx(coded_rate(lattice, scale), abs=4 * 2 / 2**7.5 / 2)


def test_the_ends_of_the_tables_can_be_coded():
    lattice = lattice_named("E8")
    law = GridLaw(lattice, 0.4)
    coder = CosetCoder(law)
    x = np.array([[9 * 0.4] * 8, [-9 * 0.4] * 8, [9 * 0.4, -9 * 0.4] * 4] * 50)
    dither = grid_dither(lattice, np.random.default_rng(1).random(x.shape))
    points = (lattice.nearest(x + dither / LEVELS) * LEVELS).astype(int) - dither
    assert np.abs(points).max() <= law.half
    assert (coder.decode(coder.encode(points, dither), dither) == points).all()


@pytest.mark.parametrize("name", ["Z", "D4", "E8"])
def test_the_cosets_share_the_whole(name):
    """The sum of a density over the points of a shifted lattice is 1/V in the mean over the shifts."""
    lattice = lattice_named(name)
    coder = CosetCoder(GridLaw(lattice, 0.2))
    dither = grid_dither(lattice, np.random.default_rng(2).random((20_000, lattice.n)))
    weights = coder.normaliser(dither) * lattice.volume
    assert weights.mean() == pytest.approx(1, abs=5 * weights.std() / len(dither) ** 0.5 + 1e-9)


def test_integer_tables_are_whole():
    weights = np.array([[0, 2**60, 1, 2**60], [5, 0, 0, 0], [1, 1, 1, 0]])
    tables = integer_tables(weights)
    assert (tables.sum(axis=1) == 2**24).all()
    assert tables.min() == 1
    assert tables[0].tolist() == [1, 2**23 - 1, 1, 2**23 - 1]
    assert tables[1].tolist() == [2**24 - 3, 1, 1, 1]


def test_a_payload_that_is_none_is_refused():
    coder = CosetCoder(GridLaw(lattice_named("Z"), 1.0))
    with pytest.raises(drc.errors.CodeError, match="payload"):
        coder.decode(b"abc", np.zeros((2, 1), dtype=int))
