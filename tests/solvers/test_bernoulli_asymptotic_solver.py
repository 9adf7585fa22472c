"""Branch and bound over the law of Y: against a grid of all plans, with a classifier, and at corners."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

import drc
from drc.information import I_b, KL_b, binary_entropy


def problem(q, e=0.1):
    return drc.Bernoulli(q_X=q, q_S1=e, setting="asymptotic")


def plans(q, e, laws, points=401):
    """Distortion, rate and H(S|Y) of a grid of laws and covariances."""
    r, share = np.asarray(laws)[:, None], np.linspace(0, 1, points)
    low, high = np.maximum(-q * r, -(1 - q) * (1 - r)), np.minimum(q * (1 - r), (1 - q) * r)
    u = low + (high - low) * share
    s = q * (1 - e) + (1 - q) * e
    label = binary_entropy(s) - I_b.numeric((1 - 2 * e) * u, s, r)
    return q + r - 2 * q * r - 2 * u, I_b.numeric(u, q, r), label


# The last two need negative covariance: the reference and the source lie on different sides of 1/2.
@pytest.mark.parametrize("perception", ["TV", "KL"])
@pytest.mark.parametrize(
    ("q", "e", "ref", "P", "R", "C"),
    [
        (0.3, 0.1, 0.4, 0.05, 0.4, 0.8),
        (0.6, 0.02, 0.6, 0.1, 0.5, 0.9),
        (0.3, 0.1, 0.8, 0.02, 1.0, 0.7),
        (0.3, 0.05, 0.85, 0.01, 0.9, 0.72),
    ],
)
def test_no_plan_on_a_grid_does_better(perception, q, e, ref, P, R, C):
    laws = np.linspace(0, 1, 2001)
    laws = laws[(np.abs(laws - ref) if perception == "TV" else KL_b.numeric(laws, ref)) <= P]
    D, rate, label = plans(q, e, laws)
    s = problem(q, e).solve(R=R, P=P, C=C, perception=perception, reference=ref)
    assert s.status == "optimal"
    assert s.lower <= D[(rate <= R) & (label <= C)].min() + 1e-12
    assert s.upper >= D[(rate <= R + 5e-3) & (label <= C + 5e-3)].min() - 5e-3
    assert s.certificate.verify()
    bound = s.upper + 0.01
    least = problem(q, e).solve(minimise="R", D=bound, P=P, C=C, perception=perception, reference=ref)
    assert least.status == "optimal"
    assert least.lower <= rate[(bound >= D) & (label <= C)].min() + 1e-12
    assert least.upper >= rate[(bound + 5e-3 >= D) & (label <= C + 5e-3)].min() - 2e-2
    assert least.upper <= R + 1e-9
    for found in (s, least):
        joint = found.coupling
        assert joint.sum() == pytest.approx(1)
        assert joint[1].sum() == pytest.approx(q)
        assert joint[0, 1] + joint[1, 0] == pytest.approx(found.distortion)
        assert found.perception <= P + 1e-12
        assert found.classification <= C + 1e-12


def test_negative_covariance():
    s = problem(0.3).solve(R=1, P=0.02, C=0.7, perception="TV", reference=0.8)
    assert np.linalg.det(s.coupling) < 0
    assert s.distortion > 0.5


@pytest.mark.parametrize("perception", ["TV", "W2", "KL"])
def test_certificates(perception):
    b = problem(0.7, 0.2)
    for options in ({"R": 0.3, "P": 0.05}, {"R": 0.6, "P": 0.05, "C": 0.9}, {"minimise": "R", "D": 0.2, "P": 0.01}):
        for unit in ("bits", "nats"):
            s = b.solve(**options, perception=perception, reference=0.5, unit=unit)
            assert s.status == "optimal"
            assert s.gap <= 1e-11
            assert s.certificate.verify()
            assert not replace(s.certificate, lower=s.lower + 1e-8).verify()
            assert not replace(s.certificate, upper=s.upper - 1e-8).verify()
            assert not replace(s.certificate, place=s.certificate.place + Fraction(1, 5)).verify()
            assert not replace(s.certificate, place=None).verify()
            assert not replace(s.certificate, lower=float("nan")).verify()
    none = b.solve(R=0.01, P=0.01, C=0.5, perception=perception)
    assert none.status == "infeasible"
    assert none.certificate.verify()


@pytest.mark.parametrize("perception", ["TV", "KL"])
@pytest.mark.parametrize("q", [0, 0.3, 1])
@pytest.mark.parametrize("ref", [0, 0.3, 1])
def test_corners(perception, q, ref):
    for P in (0, 0.2, None):
        for R in (0, 2):
            s = problem(q).solve(R=R, P=P, perception=perception, reference=ref)
            assert s.status == "optimal"
            bounds = {"R": R} if P is None else {"R": R, "P": P}
            expected = problem(q).drpc(perception=perception, reference=ref)(**bounds)
            assert s.value == pytest.approx(expected, abs=1e-9)


def test_parameters_that_are_not_needed_may_be_symbols():
    b = drc.Bernoulli(q_X=0.3, setting="asymptotic")
    assert b.solve(R=0.3, P=0.1, perception="TV").status == "optimal"
    with pytest.raises(drc.ProblemError, match="q_S1"):
        b.solve(R=0.3, P=0.1, C=0.5, perception="TV")
    with pytest.raises(drc.ProblemError, match="P = -1"):
        b.solve(R=0.3, P=-1, perception="TV")
    late = problem(0.3).solve(R=0.3, P=0.1, perception="TV", time_limit=1e-9)
    assert late.status in ("time limit", "optimal")
