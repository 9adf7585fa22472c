"""One shot, the classifier sees Y, more maps than can be listed."""

import numpy as np
import pytest
from random_sources import drawn

from drc.information import conditional_entropy
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y import mixes
from drc.solvers.finite.label_from_y.columns import MapColumns


@pytest.mark.parametrize("fixed", [False, True])
def test_more_maps_than_can_be_listed_have_a_plan_and_a_bound(fixed):
    f = drawn(3, 9, 6, fixed, classifier_sees="Y")
    R, C = 1.5, 1.1
    found = f.solve(R=R, C=C, time_limit=6)
    assert found.lower <= found.upper < np.inf
    assert found.relative_gap < 0.25
    assert found.certificate.verify()
    told = f.joint_law / f.source_law @ found.coupling
    assert conditional_entropy(told, "bits") == pytest.approx(found.classification)
    assert found.classification <= C + 1e-9


@pytest.mark.parametrize("fixed", [False, True])
def test_columns_reach_what_a_search_over_all_maps_proves(fixed, monkeypatch):
    f = drawn(2, 4, 3, fixed, classifier_sees="Y")
    exact = f.solve(R=0.8, C=0.75, time_limit=20)
    monkeypatch.setattr(mixes, "MOST_MAPS", 10)
    found = f.solve(R=0.8, C=0.75, time_limit=5)
    assert "column generation" in found.method
    assert exact.lower - 1e-9 <= found.upper <= exact.upper + 1e-5


def test_maps_join_once_and_use_no_forbidden_pair():
    f = Finite([[0.2, 0.3, 0.5]], [[0, 1], [1, 0], [np.inf, 0]], classifier_sees="Y")
    columns = MapColumns.of(read(f, R=1), [[0, 1, 1], [0, 0, 0]])
    assert columns.maps.tolist() == [[1, 1, 1], [0, 1, 1]]
    assert columns.join(np.array([[1, 0, 1], [1, 1, 1]])) == 1


def test_a_mix_is_shaken_towards_the_label_alone():
    f = drawn(3, 6, 3, True, classifier_sees="Y")
    question = read(f, R=0.9, C=1.2)
    found = MapColumns.of(question, [])
    rng = np.random.default_rng(0)
    assert found.shake(rng) is None
    found.follow(found.question.data.posterior.T[:3])
    missed, _, labels = found.nearest
    assert (missed == 0) == (found.best is not None)
    shaken = found.shake(rng)
    assert shaken.sum(axis=1) == pytest.approx(1)
    assert (shaken > 0).all()
    assert np.abs(shaken - labels).max() > 0
