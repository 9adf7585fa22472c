"""Laws of dithered quantisation: its rate, its gap to the limit, and what the target law costs."""

import math

import numpy as np
import pytest
from cells import mutual_information
from scipy.integrate import quad
from scipy.special import ndtr

from drc.codes import ecdq
from drc.codes.lattices import lattice_named

Z, E8 = lattice_named("Z"), lattice_named("E8")


def exact_information(scale):
    """I(X; aX + N) for the uniform noise, by quadrature: a road without the grid."""

    def integrand(y):
        f = ndtr((y + 0.5) / scale) - ndtr((y - 0.5) / scale)
        return -f * math.log2(f) if f > 0 else 0.0

    return 2 * quad(integrand, 0, 0.5 + 9 * scale, points=[0.5], epsabs=1e-10, limit=200)[0]


@pytest.mark.parametrize("scale", [0.02, 0.1, 0.5, 1.0, 3.0])
def test_the_grid_loses_nothing(scale):
    assert ecdq.coded_rate(Z, scale) == pytest.approx(exact_information(scale), abs=1e-6)


@pytest.mark.parametrize("scale", [0.3, 1.0, 2.0])
def test_monte_carlo_agrees_with_the_exact_value_where_there_is_one(scale):
    """Z in three dimensions is three times Z, but the estimator does not know that."""
    value, error = mutual_information(lattice_named("Z3"), scale, samples=60)
    assert value == pytest.approx(ecdq.coded_rate(Z, scale), abs=4 * error + 1e-4)
    assert error < 5e-3


@pytest.mark.parametrize("rate", [0.5, 1.0, 3.0])
def test_the_rate_of_E8_is_near_the_mutual_information(rate):
    scale = ecdq.scale_for_rate(E8, rate)
    value, error = mutual_information(E8, scale, samples=150)
    assert ecdq.coded_rate(E8, scale) == pytest.approx(rate, abs=1e-6)
    assert -4 * error < rate - value < 0.003 + 4 * error


@pytest.mark.parametrize("lattice", [Z, E8])
def test_the_gap_is_below_its_bound_and_approaches_it(lattice):
    gaps = []
    for rate in (0.5, 1.0, 2.0, 4.0):
        error = ecdq.free_error(lattice, ecdq.scale_for_rate(lattice, rate))
        gaps.append(rate - math.log2(1 / error) / 2)
    assert gaps == pytest.approx(sorted(gaps), abs=2e-5)
    assert gaps[-1] <= lattice.gap + 2e-5
    assert gaps[-1] == pytest.approx(lattice.gap, abs=3e-4)


def test_a_better_lattice_is_better_at_every_rate():
    for rate in (0.3, 1.0, 2.0):
        assert ecdq.free_error(E8, ecdq.scale_for_rate(E8, rate)) < ecdq.free_error(Z, ecdq.scale_for_rate(Z, rate))


@pytest.mark.parametrize("lattice", [Z, E8])
@pytest.mark.parametrize("scale", [0.05, 0.3, 1.0])
def test_a_function_of_Y_correlates_no_more_than_the_best_estimate(lattice, scale):
    """E(X|Y) has the largest correlation; a normal Y comes close to it where the noise is smooth."""
    best = 1 - ecdq.free_error(lattice, scale)
    assert ecdq.correlation(lattice, scale) ** 2 <= best + 0.02  # best is that of linear estimates
    assert 1 - ecdq.correlation(lattice, scale) ** 2 > 2.0 ** (-2 * ecdq.coded_rate(lattice, scale))


def test_correlation_against_samples():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(200_000)
    y = 0.4 * x + rng.random(len(x)) - 0.5
    normal = np.empty(len(y))
    normal[y.argsort()] = np.sort(rng.standard_normal(len(y)))
    assert ecdq.correlation(Z, 0.4) == pytest.approx((x * normal).mean(), abs=0.01)


@pytest.mark.parametrize("lattice", [Z, E8])
def test_label_information(lattice):
    """Nothing for independent labels, all for equal ones, rising between, and no more than passes X."""
    values = [ecdq.label_information(lattice, 0.5, rho) for rho in (0.0, 0.3, 0.9, 0.9999)]
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert values == sorted(values)
    assert values[-1] <= ecdq.coordinate_entropy(lattice, 0.5) - ecdq.coordinate_entropy(lattice, 1 / 128) + 1e-9
    assert values[1] < -math.log2(1 - 0.3**2) / 2


def test_rates_out_of_range_have_no_scale():
    assert ecdq.scale_for_rate(E8, 1e-4) == 0
    assert ecdq.scale_for_rate(Z, 40.0) == math.inf
