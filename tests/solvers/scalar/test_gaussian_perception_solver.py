"""Branch and bound with a certified convex minimum, against the closed form of the disc and against a grid."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.problems.gaussian import PerceivedGaussian

MEANS = st.floats(-2, 2).map(lambda x: round(x, 6))
DEVIATIONS = st.floats(0.1, 4).map(lambda x: round(x, 6))
G = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=0.8, theta=0.6)


@settings(max_examples=40)
@given(m=MEANS, s_X=DEVIATIONS, s=DEVIATIONS, R=st.floats(0, 4), P=st.sampled_from([0, 1e-9, 100]) | st.floats(0, 3))
def test_encloses_the_projection_onto_a_disc(m, s_X, s, R, P):
    rho = math.sqrt(-math.expm1(-2 * R * math.log(2)))
    expected = s_X**2 * (1 - rho**2) + max(0, math.hypot(m, rho * s_X - s) - math.sqrt(P)) ** 2
    solved = drc.Gaussian(0, s_X, None, None, 0, 1, 0).solve(R=R, P=P, perception="W2", reference=(m, s))
    assert solved.status == "optimal"
    assert solved.value == pytest.approx(expected, abs=1e-9, rel=1e-11)
    assert solved.gap <= 1e-9 * max(1, solved.upper)
    assert solved.perception <= P + 1e-12


@pytest.mark.parametrize("reference", [(0, 1), (0.7, 0.5), (-0.3, 2.5)])
@pytest.mark.parametrize("P", [0.02, 0.4])
def test_no_law_on_a_grid_does_better(reference, P):
    mu, sigma = reference
    solved = G.solve(R=0.8, P=P, perception="KL", reference=reference, unit="nats")
    m, s = np.meshgrid(np.linspace(-2, 2, 801), np.linspace(0.01, 4, 1600))
    within = ((s**2 + (m - mu) ** 2) / sigma**2 - 1) / 2 - np.log(s / sigma) <= P
    D = (m**2 + 1 + s**2 - 2 * s * math.sqrt(1 - math.exp(-1.6)))[within].min()
    assert solved.lower <= D
    assert solved.upper >= D - 0.05
    assert within.any()


@pytest.mark.parametrize("perception", ["W2", "KL"])
def test_certificates(perception):
    for options in ({"R": 1, "P": 0.1, "C": 1.5}, {"D": 0.4, "P": 0.01, "minimise": "R"}, {"R": 1, "P": 0}, {"R": 0.2}):
        s = G.solve(**options, perception=perception, reference=(0.2, 1.1))
        assert s.status == "optimal"
        assert s.certificate.verify()
        assert not replace(s.certificate, lower=s.lower + 1e-8).verify()
        assert not replace(s.certificate, upper=s.upper - 1e-8).verify()
    mean, deviation = s.certificate.primal["law"]
    for law in ([mean + Fraction(1, 100), deviation], [mean, -deviation], None, [mean]):
        assert not replace(s.certificate, primal=s.certificate.primal | {"law": law}).verify()
    infeasible = G.solve(R=0.1, P=0.1, C=0.2, perception=perception)
    assert infeasible.status == "infeasible"
    assert infeasible.certificate.verify()
    assert "P = 0.1" in repr(infeasible)


def test_the_law_of_the_plan_is_told():
    s = G.solve(R=1, P=0.04, perception="W2", reference=(0.5, 1))
    assert math.hypot(s.law[0] - 0.5, s.law[1] - 1) == pytest.approx(0.2, abs=1e-12)
    assert "W2 0.040 of 0.04 (binding)" in repr(s)
    assert "KL 0.040 of 0.04 bit (binding)" in repr(G.solve(R=1, P=0.04, perception="KL", reference=(0.5, 1)))


def test_below_the_distance_of_the_ball_nothing_is_feasible():
    s = G.solve(minimise="R", D=0.08, P=0.04, perception="W2", reference=(0.5, 1))
    assert s.status == "infeasible"
    assert G.solve(minimise="R", D=0.1, P=0.04, perception="W2", reference=(0.5, 1)).status == "optimal"


def test_a_bound_left_out_is_inactive():
    for perception in ("W2", "KL"):
        for P in (None, math.inf):
            assert G.solve(R=1, P=P, perception=perception).value == pytest.approx(0.25, abs=1e-11)
        assert G.solve(perception=perception, P=0.1).value == pytest.approx(0, abs=1e-11)


def test_errors():
    with pytest.raises(drc.ProblemError, match="P must come with a perception measure,.*give perception='W2' or 'KL'"):
        G.solve(R=1, P=0.1)
    with pytest.raises(drc.ProblemError, match="P must be at least 0, got -1"):
        G.solve(R=1, P=-1, perception="KL")
    with pytest.raises(drc.ProblemError, match="mu_X must be a number, got mu_X"):
        drc.Gaussian().solve(R=1, P=0.1, perception="KL")
    with pytest.raises(drc.ProblemError, match="reference must be .*, got 3"):
        G.solve(R=1, P=0.1, perception="KL", reference=3)
    with pytest.raises(drc.ProblemError, match="sigma_ref must be positive and finite, got 0"):
        G.solve(R=1, P=0.1, perception="KL", reference=(0, 0))
    with pytest.raises(drc.ProblemError, match="tolerance must be positive, got 0"):
        PerceivedGaussian(0, 1, 0, 1, 0, 1, 0, mu_ref=0, sigma_ref=1).solve(R=1, tolerance=0)
