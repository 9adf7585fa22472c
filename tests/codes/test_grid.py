"""The law of a coordinate of a X + N in whole numbers: right, symmetric, and the same on every machine."""

from hashlib import sha256

import numpy as np
import pytest

from drc.codes.grid import LEVELS, GridLaw, noise, probabilities
from drc.codes.lattices import lattice_named

Z, D4, E8 = (lattice_named(name) for name in ("Z", "D4", "E8"))


@pytest.mark.parametrize(("lattice", "scale"), [(Z, 0.02), (Z, 1.3), (E8, 0.4), (D4, 0.7)])
def test_weights_are_the_law_in_doubles(lattice, scale):
    law = GridLaw(lattice, scale)
    points, p = probabilities(lattice, scale)
    assert len(points) == len(law.weights) == 2 * law.half + 1
    assert np.abs(law.weights / law.total - p).max() < 1e-9
    assert (law.weights == law.weights[::-1]).all()
    assert law.weights.min() >= 1


@pytest.mark.parametrize(("lattice", "scale"), [(Z, 0.3), (Z, 1.3), (E8, 0.4), (D4, 0.7)])
def test_variances_of_source_and_cell_add(lattice, scale):
    points, p = probabilities(lattice, scale)
    bins = 1 / (12 * LEVELS**2)  # the variance of a bin
    assert (points**2 * p).sum() == pytest.approx(scale**2 + float(lattice.second_moment), abs=3 * bins)


@pytest.mark.parametrize("lattice", [D4, E8])
def test_counted_cells_have_the_known_second_moment(lattice):
    counts = noise(lattice)
    middle = (np.arange(len(counts)) - len(counts) / 2 + 0.5) / LEVELS
    assert (middle**2 * counts).sum() / counts.sum() == pytest.approx(float(lattice.second_moment), abs=1e-5)
    assert (counts == counts[::-1]).all()


def test_the_tables_are_pinned():
    """A file made here is read elsewhere: these numbers may not depend on platform or version."""
    digests = [sha256(GridLaw(lattice, 0.75).weights.astype("<i8").tobytes()).hexdigest()[:16] for lattice in (Z, E8)]
    assert digests == ["c14400a8cf86fb81", "06f16cd2c3335757"]


def test_weights_are_correctly_rounded():
    """Against mpmath, another library, at a few bins."""
    from mpmath import floor, mp, mpf, ncdf

    law = GridLaw(Z, 0.3)
    upper = law._masses[law.reach :]
    with mp.workdps(40):
        edges = [int(floor((ncdf(mpf(b) / LEVELS / mpf(0.3)) - mpf(1) / 2) * 2**40)) for b in range(40)]
    assert upper[:39].tolist() == np.diff(edges).tolist()
