"""Searches for roots: where they end, and what an empty bracket costs."""

import numpy as np

from drc.information.roots import decreasing_root


def test_a_bracket_that_is_a_point_is_not_searched():
    steps = []

    def function(x):
        steps.append(x.copy())
        return 2 - x**2, -2 * x

    low, high = np.array([1.0, 3.0, np.nan]), np.array([2.0, 3.0, np.nan])
    root = decreasing_root(function, low, high)
    assert root[0] == np.sqrt(2.0)
    assert root[1] == 3.0
    assert np.isnan(root[2])
    assert len(steps) < 10
