"""The limits of a finite problem, and the least that a classifier does not know."""

import numpy as np
import pytest

from drc.checker import check_certificate
from drc.errors import ProblemError
from drc.problems import Finite

SETTINGS = [
    {},
    {"classifier_sees": "Y"},
    {"setting": "asymptotic"},
    {"setting": "asymptotic", "classifier_sees": "Z"},
]


def drawn(seed, **setting):
    rng = np.random.default_rng(seed)
    p_SX = [[0.3, 0.1, 0.05], [0.05, 0.2, 0.3]]
    return Finite(p_SX, rng.random((3, 3)), rng.dirichlet(np.full(3, 5.0)), **setting)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: "-".join(s.values()) or "YU")
def test_least_uncertainty_and_least_rate_are_inverse_to_each_other(setting):
    f = drawn(1, **setting)
    told = f.solve(minimise="C", R=0.2, time_limit=20)
    assert told.certificate.verify()
    assert told.upper - told.lower < 1e-6
    assert told.classification == pytest.approx(told.value, abs=1e-7)
    back = f.solve(minimise="R", C=told.upper + 1e-6, time_limit=20)
    assert back.lower <= 0.2 + 1e-9
    assert back.upper == pytest.approx(0.2, abs=1e-4)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: "-".join(s.values()) or "YU")
def test_infeasible_bounds_are_infeasible_whatever_is_minimised(setting):
    s = drawn(1, **setting).solve(minimise="C", D=1e-3, time_limit=20)
    assert (s.status, s.certificate.verify()) == ("infeasible", True)


def test_a_bound_on_what_is_minimised_is_refused():
    with pytest.raises(ProblemError, match="C must be left out"):
        drawn(0).solve(minimise="C", C=1)


def test_a_multiplier_of_channels_proves_nothing_of_what_a_message_leaves_unknown():
    # H(S|Z) may be less than H(S|Y), which the tree is about.
    f = drawn(1, setting="asymptotic")
    s = f.solve(minimise="C", R=0.2, time_limit=20)
    claim = s.certificate.to_dict()
    assert claim["dual"]["kind"] == "channels"
    claim["problem"]["classifier_sees"] = "Z"
    assert not check_certificate(claim).lower_holds


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda s: "-".join(s.values()) or "YU")
def test_limits_are_where_bounds_begin_and_cease_to_matter(setting):
    f = drawn(2, **setting)
    found = f.limits()
    best = f.solve()
    assert found.D[0] == pytest.approx(best.value, abs=1e-7)
    assert f.solve(R=found.R[1] + 1e-6).value == pytest.approx(best.value, abs=1e-6)
    assert f.solve(R=0).value == pytest.approx(found.D[1], abs=1e-7)
    assert f.solve(C=found.C[0] + 1e-4).status != "infeasible"
    assert f.solve(C=found.C[0] - 1e-4, time_limit=5).status == "infeasible"
    assert found.label_given_source <= found.C[0] + 1e-9
    assert found.C[1] == found.label


def test_limits_are_printed_in_the_unit():
    f = Finite([[0.5, 0], [0, 0.5]])
    assert "H(X) 0.693147 nat" in repr(f.limits(unit="nats"))


def test_where_pairs_are_forbidden_the_rate_has_a_floor():
    f = Finite([[0.5, 0], [0, 0.5]], [[0, np.inf], [np.inf, 0]])
    assert pytest.approx((1.0, 1.0)) == f.limits().R


@pytest.mark.parametrize(("lower", "proved"), [(0.69, True), (0.71, False)])
def test_data_processing_proves_what_a_rate_leaves_unknown_and_no_more(lower, proved):
    """A fair label that is the source: at a rate of 0.3 bit 0.7 bit are left."""
    solution = Finite([[0.5, 0], [0, 0.5]]).solve(R=0.3, minimise="C")
    forged = solution.certificate.to_dict() | {"dual": {"kind": "data processing"}, "lower": lower, "upper": 1.0}
    said = check_certificate(forged).said
    assert any(line.startswith("lower bound proved") for line in said) is proved, said
