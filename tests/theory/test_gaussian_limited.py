"""The Gaussian theorem with limited common randomness: values of the literature, and what is left open."""

import math

import numpy as np
import pytest
from scipy.stats import norm

import drc
from drc.information import binary_entropy
from drc.theory import entry

EQUAL = {"mu_X": 0, "sigma_X": 1, "mu_Y": 0, "sigma_Y": 1}
R = np.linspace(0, 4, 9)


# Liu, Zhang, Chen, Khisti 2022 [liu2022]: without common randomness the correlation is 1 - 2^(-2R).
def test_no_common_randomness():
    assert np.allclose(drc.Gaussian(**EQUAL, R_c=0).drc()(R=R), 2 * 4**-R, atol=1e-14)


# [saldi2015]: with more and more of it the value is that of the rate alone, sqrt(1 - 2^(-2R)).
def test_more_and_more_common_randomness():
    T = entry("gaussian.asymptotic.limited.drc").tradeoff()
    D = np.array([T(R=R, R_c=R_c, **EQUAL) for R_c in (0, 0.1, 1, 5, 40, np.inf)])
    assert (np.diff(D, axis=0) <= 0).all()
    unlimited = drc.Gaussian(**EQUAL, mu_S=0, sigma_S=1, theta=0).drc()(R=R)
    assert np.allclose(D[-1], unlimited, atol=1e-14)
    assert np.allclose(D[-2], unlimited, atol=1e-14)


def test_normal_codes_do_what_the_formula_says():
    """A grid of jointly normal X - V - Y: none within R and R + R_c does better, and one comes near."""
    R, R_c = 0.7, 0.3
    a, b = np.meshgrid(np.linspace(0, 0.9999, 2001), np.linspace(0, 0.9999, 2001))
    within = (-np.log2(1 - a**2) / 2 <= R) & (-np.log2(1 - b**2) / 2 <= R + R_c)
    best = (0.25 + 1 + 2.25 - 3 * (a * b))[within].min()
    D = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, R_c=R_c).drc()(R=R)
    assert D <= best <= D + 5e-3


def test_the_solver_encloses():
    g = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, R_c=0.4)
    for rate in (0, 0.3, 2, None):
        s = g.solve(R=rate)
        assert s.lower <= g.drc()(R=np.inf if rate is None else rate) + 1e-14
        assert s.upper >= g.drc()(R=np.inf if rate is None else rate) - 1e-14
        assert s.gap <= 1e-12
    nats = drc.Gaussian(**EQUAL, R_c=0.4 * math.log(2)).solve(R=math.log(2), unit="nats")
    assert nats.value == pytest.approx(drc.Gaussian(**EQUAL, R_c=0.4).solve(R=1).value, abs=1e-13)


def test_what_is_not_known_is_not_answered():
    g = drc.Gaussian(**EQUAL, R_c=1)
    with pytest.raises(drc.NotAvailableError, match="normal V are not known to be optimal"):
        g.solve(R=1, C=1)
    with pytest.raises(drc.ProblemError, match="must be among .*, got C"):
        g.drc()(R=1, C=1)
    for call in (g.rdc, g.drpc, g.rdpc, lambda: g.solve(minimise="R", D=1)):
        with pytest.raises(drc.NotAvailableError, match="must be|must come|not available"):
            call()
    with pytest.raises(drc.ProblemError, match="R_c must be at least 0, got -1"):
        entry("gaussian.asymptotic.limited.drc").tradeoff()(R=1, R_c=-1, **EQUAL)
    with pytest.raises(drc.ProblemError, match="tolerance must be positive, got 0"):
        g.solve(R=1, tolerance=0)


def test_with_a_label_sharing_signs_tells_more_than_any_gaussian_message():
    """Why there is no theorem for limited common randomness with `C`: known values at R = 1 bit, R_c = 0, rho_SX^2 = 0.9."""
    rho_SX = math.sqrt(0.9)
    label, weight = np.polynomial.hermite_e.hermegauss(200)
    # One bit says the sign of X, and Y has it.
    told = 1 - weight @ binary_entropy(norm.cdf(rho_SX * label / math.sqrt(1 - rho_SX**2))) / weight.sum()
    assert (told, 2 - 4 / math.pi) == pytest.approx((0.672, 0.727), abs=5e-4)
    distortion = drc.Gaussian(**EQUAL, R_c=0).drc()(R=1)
    rho = 1 - distortion / 2
    assert distortion == pytest.approx(0.5)
    assert -math.log2(1 - rho_SX**2 * rho**2) / 2 == pytest.approx(0.509, abs=5e-4)
    # No message of this rate tells more: that with common randomness does not.
    rho = 1 - drc.Gaussian(**EQUAL, sigma_S=1, theta=rho_SX).drc()(R=1) / 2
    assert -math.log2(1 - rho_SX**2 * rho**2) / 2 == pytest.approx(0.811, abs=5e-4)
