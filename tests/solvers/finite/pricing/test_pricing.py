"""The one way to ask: every answer has a proved bound, whatever ended the search."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pricing_problems import all_maps, problems, proved_by

from drc.errors import ProblemError
from drc.solvers.finite.pricing import Cells, price
from drc.solvers.request import Clock, clock_for


@given(problems(), st.floats(-0.2, 0.2))
def test_a_threshold_is_proved_or_missed(cells, shift):
    least = cells.prices(all_maps(cells)).min()
    found = price(cells, threshold=least + shift if np.isfinite(least) else 1.0, starts=8)
    assert found.lower <= least
    if found.status == "below":
        assert shift > 0
        assert found.prices[0] < least + shift
    else:
        assert found.status == "proved"
        assert found.lower >= least + min(shift, -1e-11 * max(1.0, cells.scale)) or np.isinf(least)


def clusters(n_X, n_Y, n_S, seed):
    """Letters in a plane, some of them duplicated."""
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(n_X, 3.0))[:, None] * rng.dirichlet(np.ones(n_S), size=n_X)
    distance = ((rng.random((n_X, 1, 2)) - rng.random((n_Y, 2))) ** 2).sum(axis=2)
    return Cells(joint.sum(axis=1)[:, None] * distance, joint, 0.1, 0.3)


def test_two_hundred_letters_and_two_outputs_have_a_tree():
    cells = clusters(200, 2, 2, seed=0)
    found = price(cells)
    assert found.status == "proved"
    assert "boxes" in found.method
    assert found.prices[0] - 1.01e-9 <= found.lower <= found.prices[0]
    assert found.nodes < 2000
    assert proved_by(cells, found.proof["tree"]) >= found.lower


def test_late_answers_are_still_bounds():
    cells = clusters(30, 4, 3, seed=1)
    at_once = price(cells, clock=Clock(0.0))
    later = price(cells, clock=clock_for(0.3))
    assert (at_once.status, later.status) == ("time limit", "time limit")
    assert at_once.lower <= later.lower <= later.prices[0]
    assert proved_by(cells, later.proof["tree"]) >= later.lower


def test_a_letter_that_may_go_nowhere():
    found = price(Cells([[np.inf, np.inf], [0.0, 1.0]], np.full((2, 1), 0.5), 1, 1))
    assert found.lower == np.inf
    assert found.maps.shape == (0, 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"costs": [[0.0]]}, "shape"),
        ({"costs": [[np.nan, 0], [0, 0]]}, "NaN"),
        ({"joint": [[0.0], [1.0]]}, "positive sum"),
        ({"joint": [[-1.0], [1.0]]}, "joint must hold masses of at least 0, with a positive sum in every row"),
        ({"rate": -1}, "rate must be finite and at least 0, got -1.0"),
        ({"classification": np.inf}, "classification must be finite and at least 0, got inf"),
    ],
)
def test_wrong_input_is_named(change, message):
    with pytest.raises(ProblemError, match=message):
        Cells(**{"costs": np.zeros((2, 2)), "joint": np.full((2, 1), 0.5), "rate": 1, "classification": 1, **change})
