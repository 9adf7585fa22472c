"""A remote Gaussian source: against covariance matrices, against the direct theorems, and in its limits."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

import drc
from drc.theory import entry

NOISY = drc.Gaussian(mu_X=0.3, sigma_X=1.25, mu_Y=0.2, sigma_Y=0.7, sigma_S=1, theta=1, remote=(0.5, 1.1, -0.8))
IDS = [e.id for e in drc.catalogue() if e.id.startswith("gaussian") and "remote" in e.id]


def test_every_scalar_gaussian_theorem_has_a_remote_one():
    direct = [e.id for e in drc.catalogue() if e.id.startswith("gaussian.asymptotic") and "remote" not in e.id]
    assert sorted(name.replace(".remote", "") for name in IDS) == sorted(direct)


@pytest.mark.parametrize("name", IDS)
def test_the_solver_agrees(name):
    report = entry(name).tradeoff().check(samples=40, seed=3)
    assert report.ok, report
    assert report.unknown <= 2
    assert report.widest_enclosure <= 1e-9


def least_by_covariances(R, C, law=None):
    """Minimise over jointly normal `S, T - X - Y`, from their covariance matrix alone; `law` is that of `Y`."""
    mu_T, s_T, rho = map(float, NOISY.remote)
    s_X, (m, s_Y) = 1.25, law or (0.2, 0.7)
    best = math.inf
    for c in np.linspace(-1, 1, 20001):
        to_X = np.array([s_T * s_X * rho, s_X * s_Y * c, 1.0])  # of T, Y and S with X
        T_Y, S_Y = to_X[0] * to_X[1] / s_X**2, to_X[2] * to_X[1] / s_X**2
        left_X, left_S = s_X**2 - (to_X[1] / s_Y) ** 2, 1 - (S_Y / s_Y) ** 2
        if left_X <= 0 or math.log2(s_X**2 / left_X) / 2 > R or math.log2(2 * math.pi * math.e * left_S) / 2 > C:
            continue
        best = min(best, (mu_T - m) ** 2 + s_T**2 + s_Y**2 - 2 * T_Y)
    return best


@pytest.mark.parametrize("R", [0.0, 0.4, 1.3])
def test_no_covariance_matrix_does_better(R):
    for C in (1.9, 1.6, 1.3):
        value = NOISY.drc()(R=R, C=C)
        assert value == pytest.approx(least_by_covariances(R, C), abs=3e-4)
        if math.isfinite(value):
            assert NOISY.rdc()(D=value, C=math.inf) == pytest.approx(R, abs=1e-12)


@pytest.mark.parametrize(("perception", "P"), [("W2", 0.05), ("KL", 0.2), ("KL", 0.02)])
def test_no_law_within_the_ball_does_better(perception, P):
    """Minimise over mean and standard deviation, with the measure of [nguyen2026], section 5, typed in."""
    R, (mu, sigma), s_T = 0.8, (0.1, 1.4), 1.1
    slope = math.sqrt(1 - 2 ** (-2 * R)) * 0.8 * s_T

    def distance(law):
        m, s = law
        if perception == "W2":
            return (m - mu) ** 2 + (s - sigma) ** 2
        return (math.log(sigma / s) + (s**2 + (m - mu) ** 2) / (2 * sigma**2) - 0.5) / math.log(2)

    found = minimize(
        lambda law: (law[0] - 0.5) ** 2 + s_T**2 + law[1] ** 2 - 2 * slope * law[1],
        [mu, sigma],
        constraints={"type": "ineq", "fun": lambda law: P - distance(law)},
        bounds=[(-3, 3), (0.05, 5)],
        method="SLSQP",
        options={"ftol": 1e-13},
    )
    T = NOISY.drpc(perception=perception, reference=(mu, sigma))
    assert T(R=R, P=P) == pytest.approx(found.fun, abs=1e-6)


def test_the_reference_is_the_distribution_of_the_remote_source():
    perceived = NOISY.perceived("W2")
    assert (perceived.mu_ref, perceived.sigma_ref) == NOISY.remote[:2]
    # At any rate, without a label: the estimate, moved towards the distribution of T.
    error, apart = 1.1**2 * (1 - 0.8**2), (1.1 - 0.8 * 1.1) ** 2
    P = np.array([0, 0.01, 0.04, 1])
    expected = error + np.maximum(0, math.sqrt(apart) - np.sqrt(P)) ** 2
    assert NOISY.drpc(perception="W2")(R=math.inf, P=P) == pytest.approx(expected, abs=1e-12)


# Dobrushin and Tsybakov 1962 [dobrushin1962]: D = mmse + (Var T - mmse) 2^(-2R), with any law of Y.
@pytest.mark.parametrize("R", [0.0, 0.5, 2.0, math.inf])
def test_without_perception_the_classical_value(R):
    error = 1.21 * 0.36
    assert NOISY.drpc()(R=R, P=math.inf) == pytest.approx(error + (1.21 - error) * 4**-R, abs=1e-12)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_source_that_is_seen_is_the_direct_theorem(sign):
    seen = drc.Gaussian(0.5, 1.1, 0.2, 0.7, 0, 1, 0.88)
    remote = drc.Gaussian(0.3, 1.25, 0.2, 0.7, 0, 1, 1, remote=(0.5, 1.1, sign))
    at = {"R": np.linspace(0, 3, 7)[:, None], "C": [1.2, 1.6, 1.8, math.inf]}
    assert np.allclose(remote.drc()(**at), seen.drc()(**at), atol=1e-12)
    assert remote.solve(R=1).value == pytest.approx(seen.solve(R=1).value, abs=1e-12)


def test_limited_common_randomness():
    remote = drc.Gaussian(mu_Y=0, sigma_Y=1, R_c=0, remote=(0, 1, 0.6))
    assert remote.drc()(R=1) == pytest.approx(2 - 2 * 0.6 * 0.75)
    s = remote.solve(R=1)
    assert s.lower - 1e-15 <= 1.1 <= s.upper + 1e-15


def test_why_says_what_no_rate_undoes():
    start = (
        "rate-limited: The best estimate of T from X errs by 0.436; D is counted beyond that from here on. R = 1 bit"
    )
    assert NOISY.drc().why(R=1).startswith(start)
    below = "infeasible: D = 0.4 is below 0.436, by which the best estimate of T from X errs."
    assert NOISY.rdc().why(D=0.4) == below
    assert NOISY.rdc().why(D=0.6, C=1).startswith("infeasible: C = 1 bit is below h(S|X)")


def test_certificates_are_about_the_remote_source():
    for question in ({"R": 1, "C": 1.8}, {"D": 0.9, "minimise": "R"}, {"R": 1, "P": 0.1, "perception": "KL"}):
        s = NOISY.solve(**question)
        assert s.status == "optimal"
        assert s.certificate.verify()
        assert s.certificate.about()["rho_TX"] == [NOISY.remote[2]]
        assert not replace(s.certificate, lower=s.lower + 1e-6, upper=s.upper + 1e-6).verify()
        assert not replace(s.certificate, upper=s.upper - 1e-6, lower=s.lower - 1e-6).verify()


@pytest.mark.parametrize(
    ("remote", "message"),
    [
        ((0, 1), r"remote must be \(mu_T, sigma_T, rho_TX\), got \(0, 1\)"),
        (0.8, "remote must be a list or an array, got 0.8"),
        ((0, 1, 0), r"rho_TX must be in \[-1, 1\] and not 0 .*, got 0"),
        ((0, 1, 1.2), r"rho_TX must be in \[-1, 1\] and not 0 .*, got 1.2"),
        ((0, -1, 0.5), "sigma_T must be positive and finite, got -1"),
    ],
)
def test_bad_remote_sources(remote, message):
    with pytest.raises(drc.ProblemError, match=message):
        drc.Gaussian(remote=remote)


def test_symbols_and_arrays():
    T = drc.Gaussian(mu_X=0, mu_Y=0, sigma_Y=1, mu_S=0, remote=(None, "s", 0.8)).drc()
    assert {str(symbol) for symbol in T.parameters} == {"mu_T", "s", "sigma_S", "sigma_X", "theta"}
    free = entry("gaussian.asymptotic.remote.drc").tradeoff()
    numbers = {"mu_T": 0, "sigma_T": 1, "sigma_X": 1, "mu_Y": 0, "sigma_Y": 1, "sigma_S": 1, "theta": 0}
    assert free(R=1, rho_TX=[0.5, 1], **numbers) == pytest.approx([2 - math.sqrt(0.75), 2 - 2 * math.sqrt(0.75)])
    with pytest.raises(drc.ProblemError, match="rho_TX must be in"):
        free(R=1, rho_TX=[0.5, 0], **numbers)


def test_files(tmp_path):
    for problem in (NOISY, NOISY.perceived("KL"), drc.Gaussian(remote=(None, None, 0.5))):
        assert drc.load(problem.save(tmp_path / "remote.json")) == problem
