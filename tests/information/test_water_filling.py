"""Water-filling: floats against balls, and against the definitions."""

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

from drc.information import water_filling as wf

FUNCTIONS = [
    (wf.rate_level, (1.3,), "w"),
    (wf.rate_level, (1e-9,), "w"),
    (wf.rate_level, (30.0,), "w"),
    (wf.gain_level, (2.0,), "w"),
    (wf.gain_level, (1e-9,), "w"),
    (wf.reverse_level, (0.2,), "w"),
    (wf.reverse_level, (3.0,), "w"),
    (wf.limited_level, (0.2, 0.6), "w"),
    (wf.limited_level, (1e-6, 0.9), "w"),
    (wf.limited_level, (1.1, 0.3), "w"),
    (wf.least_ambiguity, (0.1,), "c"),
    (wf.least_ambiguity, (2.0,), "c"),
    (wf.least_rate, (-0.05,), "c"),
    (wf.least_rate, (-0.9,), "c"),
    (wf.gain_of_least_ambiguity, (1.0,), "wc"),
    (wf.shared_gain, (1.0, -0.35), "wc"),
    (wf.shared_gain, (1.0, -0.1), "wc"),
    (wf.shared_rate, (2.0, -0.6), "wc"),
    (wf.shared_rate, (2.0, -0.1), "wc"),
    (wf.shared_rate, (0.1, -0.6), "wc"),
]
W, LABELS = (2.5, 1.0, 0.5), (0.3, 0.9, 0.0)


@pytest.mark.parametrize(("function", "bounds", "kind"), FUNCTIONS)
@pytest.mark.parametrize("labels", [LABELS, (0.3, 1.0, 1.0), (0.5, 0.5, 0.5)])
def test_floats_lie_in_balls(function, bounds, kind, labels):
    args = (*bounds, *(W if "w" in kind else ()), *(labels if "c" in kind else ()))
    with ctx.workprec(256):
        ball = function.enclose(*(arb(str(x)) for x in args))
        assert float(ball.rad()) <= 1e-30 * max(1.0, float(abs(ball)))
        assert float(function.numeric(*args)) == pytest.approx(float(ball), rel=1e-12)
    exact = function(*(sp.Rational(str(x)) for x in args))
    assert float(exact.evalf(20)) == pytest.approx(float(ball), rel=1e-14)


def test_ends():
    assert wf.rate_level.numeric([0.0, np.inf], *W).tolist() == [np.inf, 0]
    assert wf.limited_level.numeric([0.0, 1.0], [0.3, 0.0], *W).tolist() == [np.inf, 0]
    assert wf.gain_level.numeric([-1.0, 0.0, 4.0, 5.0], *W).tolist() == [np.inf, np.inf, 0, 0]
    assert wf.least_rate.numeric([0.0, -9.0], *LABELS).tolist() == [0, np.inf]
    assert wf.least_ambiguity.numeric([0.0, np.inf], 0.5, 1.0).tolist() == [0, -np.inf]
    assert wf.shared_rate.numeric([4.0, 1.0], [-0.1, -9.0], *W, *LABELS).tolist() == [np.inf, np.inf]


def test_both_constraints_hold_at_many_points():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 4):
        w, c, R = rng.uniform(0.05, 4, (300, n)), rng.uniform(0, 0.97, (300, n)), rng.uniform(0.01, 4, 300)
        rates = wf.best_rates(R, np.full(300, np.inf), w, c)
        slack = np.log1p(c * np.expm1(-2 * rates)).sum(axis=1) / 2
        K = slack + rng.uniform(0, 0.95, 300) * (wf.least_ambiguity.numeric(R, *c.T) - slack)
        rates = wf.best_rates(R, K, w, c)
        np.testing.assert_allclose(rates.sum(axis=1), R, rtol=1e-12)
        assert (np.log1p(c * np.expm1(-2 * rates)).sum(axis=1) / 2 <= K + 1e-12).all()
        gain = (w * np.sqrt(-np.expm1(-2 * rates))).sum(axis=1)
        back = wf.dearest_rates(gain, K, w, c)
        np.testing.assert_allclose(back.sum(axis=1), R, rtol=1e-9)


def test_both_constraints_hold_where_labels_are_nearly_known():
    rng = np.random.default_rng(7)
    for n in (3, 6):
        w, R = np.exp(rng.normal(size=(300, n))), np.exp(rng.uniform(-3, 2, 300))
        c = 1 - 10.0 ** -rng.uniform(0, 9, (300, n))
        free = wf.best_rates(R, np.full(300, np.inf), w, c)
        slack = np.log1p(c * np.expm1(-2 * free)).sum(axis=1) / 2
        K = slack + rng.uniform(0, 0.95, 300) * (wf.least_ambiguity.numeric(R, *c.T) - slack)
        rates = wf.best_rates(R, K, w, c)
        np.testing.assert_allclose(rates.sum(axis=1), R, rtol=1e-9)
        np.testing.assert_allclose(np.log1p(c * np.expm1(-2 * rates)).sum(axis=1) / 2, K, rtol=1e-9)


def test_the_least_rate_is_found_where_labels_are_nearly_known():
    rng = np.random.default_rng(7)
    for n in (1, 2, 3, 6):
        w, R = np.exp(rng.normal(size=(300, n))), np.exp(rng.uniform(-3, 2, 300))
        c = np.minimum(1 - 10.0 ** -rng.uniform(0, 16, (300, n)), 1 - 2.0**-53)
        free = wf.best_rates(R, np.full(300, np.inf), w, c)
        slack = np.log1p(c * np.expm1(-2 * free)).sum(axis=1) / 2
        K = slack + rng.uniform(0, 1, 300) * (wf.least_ambiguity.numeric(R, *c.T) - slack)
        rates = wf.best_rates(R, K, w, c)
        back = wf.dearest_rates((w * np.sqrt(-np.expm1(-2 * rates))).sum(axis=1), K, w, c)
        np.testing.assert_allclose(rates.sum(axis=1), R, rtol=1e-9 if n > 1 else 1e-14)
        np.testing.assert_allclose(back.sum(axis=1), R, rtol=1e-9)
        for found in (rates, back):
            assert (np.log1p(c * np.expm1(-2 * found)).sum(axis=1) / 2 <= K * (1 - 1e-9)).all()


@pytest.mark.parametrize("function", [wf.shared_gain, wf.shared_rate, wf.gain_of_least_ambiguity])
@pytest.mark.parametrize("labels", [LABELS, (0.3, 1.0, 1.0), (0.9999999993831581, 0.75, 0.1)])
@pytest.mark.parametrize("unit", [2.0**-820, 2.0**-964, 2.0**900])
def test_no_unit_of_the_weights_matters(function, labels, unit):
    K = -0.99 if labels[0] > 0.99 else -0.4
    bounds = {"shared_gain": (1.0, K), "shared_rate": (2.0, K), "gain_of_least_ambiguity": (1.0,)}[function.__name__]
    ours = unit if function is not wf.shared_rate else 1.0
    scaled = (bounds[0] * unit, *bounds[1:]) if function is wf.shared_rate else bounds
    weights = [w * unit for w in W]
    expected = float(function.numeric(*bounds, *W, *labels))
    assert float(function.numeric(*scaled, *weights, *labels)) / ours == pytest.approx(expected, rel=1e-12)
    with ctx.workprec(256):
        ball = function.enclose(*(arb(x) for x in (*scaled, *weights, *labels)))
        assert float(ball / arb(ours)) == pytest.approx(expected, rel=1e-12)
        assert ball.rel_accuracy_bits() > 60
