import numpy as np
import pytest

from drc.neural import limits
from drc.neural.limits import gaussian_distortion, gaussian_transport, least_distortion, least_entropy
from drc.problems import Finite, Gaussian

X = np.random.default_rng(0).normal(size=(40, 3)) * [1.0, 0.5, 0.1]


def _codec(x, count, seed):
    """The error of a codec with so many reconstructions: Lloyd's algorithm."""
    centres = x[np.random.default_rng(seed).choice(len(x), count, replace=False)]
    for _ in range(30):
        nearest = ((x[:, None] - centres) ** 2).sum(2).argmin(1)
        centres = np.array([x[nearest == k].mean(0) if (nearest == k).any() else centres[k] for k in range(count)])
    p = np.bincount(nearest, minlength=count) / len(x)
    return float(((x - centres[nearest]) ** 2).mean()), float(-(p[p > 0] * np.log2(p[p > 0])).sum())


@pytest.mark.parametrize("count", [1, 2, 4, 9, 20])
def test_no_codec_lies_below_the_bound_and_some_are_near_it(count):
    codecs = [_codec(X, count, seed) for seed in range(4)]
    for distortion, entropy in codecs:
        (bound,) = least_distortion(X, [entropy])
        assert bound <= distortion * (1 + 1e-9)
        assert bound >= 0.2 * distortion


def test_without_rate_the_bound_is_the_variance_and_falls_to_zero():
    bounds = least_distortion(X, [0.0, 1.0, 2.0, 4.0, np.log2(40)])
    assert bounds[0] == pytest.approx(X.var(0).mean())
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] == 0


def test_images_that_are_there_twice_are_one_letter():
    np.testing.assert_allclose(least_distortion(np.repeat(X, 2, 0), [1.0]), least_distortion(X, [1.0]), rtol=1e-6)


def test_the_bound_is_nearly_the_one_that_the_solver_proves():
    """Another road: the distortion-rate function of the same finite source, whose bound `Finite` proves."""
    p, gaps = np.full(len(X), 1 / len(X)), ((X[:, None] - X[None]) ** 2).mean(axis=2)
    source = Finite(p[None, :], distortion=gaps, p_Y=p, setting="asymptotic", classifier_sees="Y")
    for rate in (0.1, 1.0, 3.0, 5.0):
        s = source.solve(R=rate, tolerance=1e-7)
        (found,) = least_distortion(X, [rate])
        assert 0.98 * s.lower <= 2 * found <= s.upper


def test_the_bound_is_convex_in_the_rate():
    rates = np.linspace(0.05, np.log2(40), 50)
    assert np.diff(least_distortion(X, list(rates)), 2).min() >= -1e-12


@pytest.mark.parametrize("many", [401, 900])
def test_many_images_are_bounded_by_parts(many, monkeypatch):
    x = np.random.default_rng(1).normal(size=(many, 2))
    rates = [0.0, 1.0, 3.0, 7.0, 9.0]
    found = least_distortion(x, rates)
    parts = [least_distortion(part, rates) for part in np.array_split(x, -(-many // 400))]
    assert found[0] == pytest.approx(x.var(0).mean())
    # At equal slopes a part may save what another one spends, so all together lie a little lower than the parts alone.
    np.testing.assert_allclose(found[1:4], np.mean(parts, axis=0)[1:4], rtol=0.02)
    assert found[4] == 0
    monkeypatch.setattr(limits, "MOST_IMAGES", many)
    whole = least_distortion(x, rates)
    assert all(0 < part <= all_ for part, all_ in zip(found[1:4], whole[1:4], strict=True))
    for count in (2, 9, 40):
        distortion, entropy = _codec(x, count, 0)
        assert least_distortion(x, [entropy])[0] <= distortion


def test_parts_that_differ_hold_for_the_mean_rate():
    """A codec that gives all its bits to the part that needs them."""
    x = np.concatenate([np.zeros((400, 1)), np.tile([[0.0], [1.0]], (200, 1))])
    assert least_distortion(x, [0.5])[0] == pytest.approx(0, abs=1e-9)


def test_equal_images_need_nothing():
    assert least_distortion(np.ones((401, 3)), [0.0, 1.0]) == [0.0, 0.0]


def test_the_entropy_left_open_falls_by_a_bit_a_bit():
    s = np.arange(30) % 10
    np.testing.assert_allclose(least_entropy(s, [0, 1, 5]), [np.log2(10), np.log2(10) - 1, 0])


def test_water_filling_of_few_large_images_is_that_of_what_they_span():
    few = X[:10]
    large = few @ np.linalg.qr(np.random.default_rng(1).normal(size=(50, 3)))[0].T
    small, wide = (gaussian_distortion(x, [0.0, 1.0, 5.0]) for x in (few, large))
    np.testing.assert_allclose(np.array(wide) * 50, np.array(small) * 3, rtol=1e-9)


def test_reverse_water_filling_spends_the_rate():
    """The slopes of all components in use agree, and their rates add up."""
    variances = np.linalg.eigvalsh(np.cov(X, rowvar=False, bias=True))
    for rate in (0.0, 0.3, 2.0, 7.0):
        (distortion,) = gaussian_distortion(X, [rate])
        levels = np.linspace(0, variances[-1], 200_001)[1:]
        spent = np.maximum(0, 0.5 * np.log2(variances[:, None] / levels)).sum(0)
        level = levels[np.abs(spent - rate).argmin()]
        assert distortion == pytest.approx(np.minimum(variances, level).sum() / 3, rel=1e-3)


def test_transport_of_one_component_is_the_scalar_theorem():
    x = np.array([[-1.0], [1.0]])
    y = np.array([[0.0], [6.0]])
    theorem = Gaussian(mu_X=0, sigma_X=1, mu_Y=3, sigma_Y=3, mu_S=0, sigma_S=1, theta=0.5).drc()
    for rate, found in zip((0.5, 2.0), gaussian_transport(x, y, [0.5, 2.0]), strict=True):
        assert found == pytest.approx(float(theorem(R=rate)), rel=1e-5)


def test_transport_costs_more_than_to_reconstruct():
    y = X @ np.diag([1.5, 1.0, 2.0]) + 1
    for a, b in zip(gaussian_transport(X, y, [1.0, 4.0]), gaussian_distortion(X, [1.0, 4.0]), strict=True):
        assert a > b
