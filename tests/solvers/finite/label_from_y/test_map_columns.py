"""One shot, the classifier sees Y, more maps than can be listed."""

import numpy as np
import pytest
from random_sources import drawn

from drc.information import conditional_entropy
from drc.problems import Finite
from drc.solvers.finite.door import read
from drc.solvers.finite.label_from_y import maps
from drc.solvers.finite.label_from_y.columns import MapColumns
from drc.solvers.finite.label_from_y.maps import Maps


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
    monkeypatch.setattr(Maps, "are_few", False)
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


@pytest.mark.parametrize("fixed", [False, True])
def test_of_two_labels_and_outputs_the_maps_that_lines_separate_are_enough(fixed, monkeypatch):
    f = drawn(2, 8, 2, fixed, classifier_sees="Y")
    every = f.solve(R=0.8, C=0.93, time_limit=20)
    monkeypatch.setattr(maps, "MOST_MAPS", 200)
    found = f.solve(R=0.8, C=0.93, time_limit=20)
    assert found.status == every.status == "optimal"
    assert found.value == pytest.approx(every.value, abs=2e-9)
    assert f"{8 * 7 + 2} maps" in found.method


def test_a_line_may_go_through_many_letters_and_forbidden_pairs_stay_forbidden(monkeypatch):
    monkeypatch.setattr(maps, "MOST_MAPS", 200)
    law = np.array([[1, 1, 2, 2, 3, 3, 1, 2], [1, 3, 2, 1, 1, 0, 1, 2]]) / 26
    d = np.array([[0, 1], [0, 1], [0, 1], [1, 0], [2, 2], [1, 0], [np.inf, 0], [0, np.inf]])
    data = read(Finite(law, d, classifier_sees="Y"), R=1).data
    some, every = Maps(data), Maps(data)
    every.__dict__["functions"] = np.array(list(np.ndindex(*[2] * 6, 1, 1))) ^ [0, 0, 0, 0, 0, 0, 1, 0]
    rng = np.random.default_rng(0)
    D, R, nu, slopes = (
        rng.exponential(size=9),
        rng.exponential(size=9),
        rng.normal(size=(9, 2)),
        rng.normal(size=(9, 2, 2)),
    )
    proved = some.prices(D, R, nu, slopes)
    assert proved == pytest.approx((every.features @ _weights(D, R, nu, slopes)).min(axis=0))
    assert proved == pytest.approx((some.features @ _weights(D, R, nu, slopes)).min(axis=0))


def _weights(D, R, nu, slopes):
    return np.concatenate([D[:, None], R[:, None], -nu, slopes.reshape(len(D), -1)], axis=1).T


def test_a_law_that_the_label_leaves_no_room_for_is_refuted():
    f = drawn(2, 60, 2, True, classifier_sees="Y")
    found = f.solve(R=0.6, C=0.84, time_limit=30)
    assert found.status == "infeasible"
    assert found.certificate.verify()
    assert drawn(2, 60, 2, True).solve(R=0.6, C=0.84).status == "optimal"
