"""Folded columns against numpy's own reductions."""

import numpy as np
import pytest

from drc.information import last_axis


@pytest.mark.parametrize("n", [1, 2, 3, 8, 9])
@pytest.mark.parametrize("points", [(), (4,), (2, 3)])
def test_reductions(n, points):
    x = np.random.default_rng(n).normal(size=(*points, n))
    pairs = [("total", "sum"), ("mean", "mean"), ("highest", "max"), ("lowest", "min")]
    for ours, theirs in pairs:
        np.testing.assert_allclose(getattr(last_axis, ours)(x), getattr(x, theirs)(axis=-1), rtol=1e-14, atol=1e-15)
    for ours, theirs in (("every", "all"), ("some", "any")):
        for level in (-0.5, 0.5):
            assert (getattr(last_axis, ours)(x > level) == getattr(x > level, theirs)(axis=-1)).all()


def test_what_is_no_number_stays_visible():
    x = np.array([[1.0, np.nan], [np.inf, 1.0]])
    for reduced in (last_axis.total, last_axis.highest, last_axis.lowest):
        assert np.isnan(reduced(x)).tolist() == [True, False]
