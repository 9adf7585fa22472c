"""Nearest points are nearest; cells have the volume and the second moment that the literature gives."""

from itertools import combinations, product

import numpy as np
import pytest

import drc
from drc.codes.lattices import lattice_named

NAMES = ["Z", "Z3", "D2", "D3", "D4", "E8"]


def contains(lattice, points):
    """Say of each point whether it is in the lattice, exactly."""
    found = np.zeros(points.shape[:-1], dtype=bool)
    for shift in lattice.shifts:
        moved = points - float(shift)
        whole = (moved == np.rint(moved)).all(axis=-1)
        found |= whole & (not lattice.is_even or moved.sum(axis=-1) % 2 == 0)
    return found


def points(lattice, count=400, seed=0, spread=3.0):
    return np.random.default_rng(seed).normal(0, spread, (count, lattice.n))


def short_vectors(lattice):
    """Every lattice vector that can face a cell: at most twice the covering radius, which is 1 for these, long."""
    if lattice.n < 8:
        grid = np.array(list(product((-1, 0, 1), repeat=lattice.n)))
    else:
        pairs = [s * e + t * f for e, f in combinations(np.eye(8), 2) for s, t in product((-1, 1), repeat=2)]
        grid = np.vstack([pairs, list(product((-0.5, 0.5), repeat=8))])
    double = np.vstack([2 * np.eye(lattice.n), -2 * np.eye(lattice.n)])
    grid = np.vstack([grid, double])
    return grid[contains(lattice, grid) & (grid != 0).any(axis=1)]


@pytest.mark.parametrize("name", NAMES)
def test_no_neighbour_is_nearer(name):
    lattice = lattice_named(name)
    x = points(lattice)
    found = lattice.nearest(x)
    assert contains(lattice, found).all()
    neighbours = found[:, None, :] + short_vectors(lattice)
    nearest = ((x - found) ** 2).sum(axis=1)
    assert (nearest[:, None] <= ((x[:, None, :] - neighbours) ** 2).sum(axis=2) + 1e-12).all()


def test_the_neighbours_of_E8_are_its_240_and_16_more():
    assert len(short_vectors(lattice_named("E8"))) == 240 + 16


@pytest.mark.parametrize("name", NAMES)
def test_a_shift_by_a_lattice_point_shifts_the_nearest_point(name):
    lattice = lattice_named(name)
    x, shift = points(lattice), lattice.nearest(points(lattice, seed=1))
    assert (lattice.nearest(x + shift) == lattice.nearest(x) + shift).all()
    assert lattice.modulo(x + shift) == pytest.approx(lattice.modulo(x))


@pytest.mark.parametrize("name", NAMES)
def test_measured_second_moment_and_mean_of_the_dither(name):
    lattice = lattice_named(name)
    dither = lattice.dither(np.random.default_rng(2).random((40_000, lattice.n)))
    assert (lattice.nearest(dither) == 0).all()
    squares = (dither**2).mean(axis=1)
    assert abs(squares.mean() - float(lattice.second_moment)) < 4 * squares.std() / np.sqrt(len(squares))
    assert np.abs(dither.mean(axis=0)).max() < 5 * np.sqrt(float(lattice.second_moment) / len(dither))


@pytest.mark.parametrize("name", NAMES)
def test_the_box_tiles_space(name):
    """The half-integer points of the box are as many as the cosets of the lattice in them, and no two are in one coset."""
    lattice = lattice_named(name)
    inside = np.array(list(product(*(np.arange(0, float(side), 0.5) for side in lattice.box))))
    assert len(inside) == lattice.volume * 2**lattice.n
    first, second = np.triu_indices(len(inside), 1)
    assert not contains(lattice, inside[first] - inside[second]).any()


def test_figures_of_the_literature():
    """[conway1982], table 1."""
    assert pytest.approx(0.083333, abs=1e-6) == lattice_named("Z").G
    assert pytest.approx(0.078745, abs=1e-6) == lattice_named("D3").G
    assert pytest.approx(0.076603, abs=1e-6) == lattice_named("D4").G
    assert pytest.approx(0.071682, abs=1e-6) == lattice_named("E8").G
    assert lattice_named("Z").gap == pytest.approx(0.2546, abs=1e-4)
    assert lattice_named("E8").gap == pytest.approx(0.1460, abs=1e-4)


@pytest.mark.parametrize("name", ["A2", "E7", "D1", "Z0", "", None])
def test_unknown_lattices_are_named(name):
    with pytest.raises(drc.ProblemError, match="lattice must be 'E8', or one of 'Z', 'Z2', ...; 'D2', 'D3', ..., got "):
        lattice_named(name)


def test_another_dimension_is_refused():
    with pytest.raises(drc.ProblemError, match=r"points must have the shape \(..., 8\) for E8, got \(3,\)"):
        lattice_named("E8").nearest([1.0, 2.0, 3.0])
