"""Branch and bound over the correlation, against the closed form in plain doubles ([nguyen2026], Theorem 4)."""

import math
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from drc.errors import ProblemError
from drc.problems import Gaussian
from drc.solvers import solve_gaussian

MEANS = st.floats(-3, 3)
DEVIATIONS = st.floats(0.1, 10)
EXAMPLE = Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)


def correlation_for(C, h_S, rho_SX):
    """The least |rho| that meets C, all in bits."""
    square = -math.expm1(2 * math.log(2) * (C - h_S))
    return 0.0 if square <= 0 else math.inf if rho_SX == 0 else math.sqrt(square) / abs(rho_SX)


@settings(deadline=None, max_examples=100)
@given(
    m_X=MEANS,
    m_Y=MEANS,
    s_X=DEVIATIONS,
    s_Y=DEVIATIONS,
    s_S=DEVIATIONS,
    rho_SX=st.sampled_from([0.0, 0.5, -0.9]) | st.floats(-0.999, 0.999),
    R=st.sampled_from([0.0, 1e-12, 1e-6, 20.0]) | st.floats(0, 4),
    excess=st.floats(-2, -1e-6) | st.floats(1e-6, 1),
    share=st.floats(-0.2, 1.5),
)
def test_encloses_the_closed_form(m_X, m_Y, s_X, s_Y, s_S, rho_SX, R, excess, share):
    g = Gaussian(m_X, s_X, m_Y, s_Y, 0, s_S, rho_SX * s_X * s_S)
    h_S = math.log2(2 * math.pi * math.e * s_S**2) / 2
    C, base = h_S + excess, (m_X - m_Y) ** 2 + s_X**2 + s_Y**2
    rho_C, rho_R = correlation_for(C, h_S, rho_SX), math.sqrt(-math.expm1(-2 * R * math.log(2)))
    s = solve_gaussian(g, R=R, C=C)
    assert s.gap <= 1e-10 * max(1, s.upper) or s.status == "infeasible"
    if abs(rho_C - rho_R) > 1e-9:
        assert s.status == ("optimal" if rho_C < rho_R else "infeasible")
        if rho_C < rho_R:
            assert s.value == pytest.approx(base - 2 * s_X * s_Y * rho_R, abs=1e-9, rel=1e-12)
    D = max(0.0, base - 2 * s_X * s_Y * (1 - share))
    s = solve_gaussian(g, minimise="R", D=D, C=C)
    rho = max(0.0, (base - D) / (2 * s_X * s_Y), rho_C)
    if abs(rho - 1) > 1e-6:
        assert s.status == ("optimal" if rho < 1 else "infeasible")
        if rho < 1:
            assert s.value == pytest.approx(-math.log2((1 - rho) * (1 + rho)) / 2, abs=1e-7)
            assert s.gap <= 1e-10 * max(1, s.upper)


@settings(deadline=None, max_examples=25)
@given(R=st.floats(0, 5), C=st.floats(-1, 3), minimise=st.sampled_from("DR"))
def test_certificates_verify(R, C, minimise):
    s = solve_gaussian(EXAMPLE, minimise=minimise, C=C, **{"R" if minimise == "D" else "D": R})
    assert s.certificate.verify()


def test_a_corrupted_certificate_fails():
    s = EXAMPLE.solve(R=1, C=2)
    assert not replace(s.certificate, lower=s.lower + 1e-9).verify()
    assert not replace(s.certificate, upper=s.upper - 1e-9).verify()
    for rate in (1 + Fraction(1, 10**6), 1 - Fraction(1, 10**6), -1, math.inf):
        assert not replace(s.certificate, primal={"kind": "normal", "rates": [rate]}).verify()
    assert not replace(s.certificate, primal=None).verify()
    assert not replace(s.certificate, upper=math.nan).verify()
    infeasible = EXAMPLE.solve(R=0.1, C=0.2)
    assert infeasible.certificate.verify()
    assert not replace(infeasible.certificate, bounds=(("R", Fraction(4)),)).verify()


@pytest.mark.parametrize(
    ("bounds", "value"),
    [
        ({"R": 0}, 3.5),
        ({}, 0.5),
        ({"R": math.inf}, 0.5),
        ({"minimise": "R"}, 0.0),
        ({"minimise": "R", "D": 3.5}, 0.0),
        # Only rho = 1 reaches the optimal-transport cost, and it costs an infinite rate.
        ({"minimise": "R", "D": 0.5}, math.inf),
        ({"minimise": "R", "D": 0.4}, math.inf),
    ],
)
def test_corners(bounds, value):
    s = EXAMPLE.solve(**bounds)
    assert s.value == pytest.approx(value, abs=1e-11)
    assert s.status == ("infeasible" if math.isinf(value) else "optimal")
    assert s.certificate.verify()


def test_equal_laws_at_infinite_rate_have_no_distortion():
    g = Gaussian(1, 2, 1, 2, 0, 1, 0)
    assert g.solve().value == 0
    assert g.solve(minimise="R", D=0).value == math.inf
    assert g.solve(minimise="R", D=1e-12).status == "optimal"


def test_a_label_that_the_source_does_not_know():
    g = Gaussian(0, 1, 0, 1, 0, 1, 0)
    h_S = sp.log(2 * sp.pi * sp.E, 2) / 2
    assert g.solve(R=1, C=h_S).value == g.solve(R=1).value
    assert g.solve(R=1, C=float(h_S) - 1e-12).status == "infeasible"
    assert g.solve(R=1, C=float(h_S) + 1e-12).status == "optimal"


def test_a_label_that_is_the_source():
    s = Gaussian(0, 1, 0, 1, 0, 1, 1).solve(R=2, C=0.5)
    assert s.status == "optimal"
    assert s.classification == pytest.approx(math.log2(2 * math.pi * math.e) / 2 - 2)


def test_units():
    bits, nats = EXAMPLE.solve(R=1, C=1.5), EXAMPLE.solve(R=math.log(2), C=1.5 * math.log(2), unit="nats")
    assert nats.value == pytest.approx(bits.value, abs=1e-10)
    assert nats.rate == pytest.approx(bits.rate * math.log(2))


def test_errors():
    with pytest.raises(ProblemError, match="still free"):
        Gaussian().solve(R=1)
    with pytest.raises(ProblemError, match="perception"):
        EXAMPLE.solve(R=1, P=0.1)
    with pytest.raises(ProblemError, match="method"):
        EXAMPLE.solve(R=1, method="highs")
