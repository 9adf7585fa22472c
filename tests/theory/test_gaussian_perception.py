"""The Gaussian theorems with perception: check values, special cases, and what they say of themselves."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.audit.instances import instances
from drc.theory import entry

MEASURES = ("W2", "KL")
FREE = {name: entry(f"gaussian.asymptotic.{name}").tradeoff() for name in ("drpc.W2", "drpc.KL", "rdpc.W2", "rdpc.KL")}
UNIT_SOURCE = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5)


# The least deviation within P nats of N(0, 1): the check values of the project's theory page.
@pytest.mark.parametrize(("P", "sigma"), [(0.05, 0.78538), (0.2, 0.59153), (1, 0.22906)])
def test_the_least_deviation_in_a_ball(P, sigma):
    T = UNIT_SOURCE.drpc(perception="KL", unit="nats")
    # At rate zero Y is independent of X: D = sigma_X^2 + sigma(P)^2.
    assert math.sqrt(T(R=0, P=P) - 1) == pytest.approx(sigma, abs=1e-5)


# Zhang, Qian, Chen, Khisti 2021 [zhang2021]: R(D, P) for W2 and the source as reference.
@pytest.mark.parametrize("sigma", [1.0, 1.7])
def test_zhang_2021(sigma):
    D = np.linspace(0.02, 1.2, 13)[:, None] * sigma**2
    P = np.linspace(0, 1, 11) * sigma**2
    kept = np.maximum(0, sigma - np.sqrt(P))
    free = np.sqrt(P) >= sigma - np.sqrt(np.abs(sigma**2 - D))
    needed = (sigma**2 + kept**2 - D) / 2
    with np.errstate(all="ignore"):
        limited = 0.5 * np.log2(sigma**2 * kept**2 / (sigma**2 * kept**2 - needed**2))
        zero = sigma**2 + kept**2 <= D
        expected = np.where(
            zero, 0, np.where(free & (sigma**2 >= D), np.maximum(0, np.log2(sigma**2 / D) / 2), limited)
        )
    T = drc.Gaussian(mu_X=3, sigma_X=sigma, mu_S=0, sigma_S=1, theta=0).rdpc(perception="W2")
    assert np.allclose(T(D=D, P=P), expected, atol=1e-12)


def drawn(seed):
    """Free trade-offs are evaluated: putting numbers into a formula takes longer."""
    (at,) = instances("gaussian", ("R", "P", "C"), 1, seed)
    del at["P"], at["mu_S"], at["R_c"]
    return at


@pytest.mark.parametrize("perception", MEASURES)
@given(seed=st.integers(0, 10**6))
def test_no_room_is_the_theorem_without_perception(perception, seed):
    at = drawn(seed)
    R, target = at.pop("R"), {**at, "mu_Y": at["mu_ref"], "sigma_Y": at["sigma_ref"]}
    del target["mu_ref"], target["sigma_ref"]
    fixed = drc.Gaussian().drc()(R=R, **target)
    assert FREE[f"drpc.{perception}"](R=R, P=0, **at) == pytest.approx(fixed, abs=1e-12)
    D = 1.05 * drc.Gaussian().drc()(R=R, **{**target, "C": np.inf}) + 1e-6
    fixed = drc.Gaussian().rdc()(D=D, **target)
    assert FREE[f"rdpc.{perception}"](D=D, P=0, **at) == pytest.approx(fixed, abs=1e-9)


@pytest.mark.parametrize("perception", MEASURES)
@given(seed=st.integers(0, 10**6))
def test_all_room_is_shannon(perception, seed):
    at = drawn(seed)
    R = at.pop("R")
    D = at["sigma_X"] ** 2 * 4 ** (-R)
    del at["C"]
    assert FREE[f"drpc.{perception}"](R=R, **at) == pytest.approx(D, rel=1e-14)
    assert FREE[f"rdpc.{perception}"](D=D, **at) == pytest.approx(R, abs=1e-12)


@pytest.mark.parametrize("perception", MEASURES)
def test_a_kl_ball_contains_what_its_name_says(perception):
    """Every value is attained by a law whose measure is at most P, and by none with less (Talagrand: W2^2 <= 2 KL)."""
    R, P = np.linspace(0, 3, 31)[:, None], np.linspace(0, 2, 21)
    W2 = UNIT_SOURCE.drpc(perception="W2", reference=(0.4, 1), unit="nats")(R=R, P=2 * P)
    KL = UNIT_SOURCE.drpc(perception="KL", reference=(0.4, 1), unit="nats")(R=R, P=P)
    assert (W2 <= KL + 1e-12).all()


def test_different_means_join_equal_means():
    at = {"R": np.linspace(0, 3, 13)[:, None], "P": np.geomspace(1e-6, 1, 13)}
    for sigma in (0.6, 2.0):
        equal = UNIT_SOURCE.drpc(perception="KL", reference=(0, sigma))(**at)
        close = UNIT_SOURCE.drpc(perception="KL", reference=(1e-12, sigma))(**at)
        assert np.allclose(equal, close, atol=1e-9)


@pytest.mark.parametrize("perception", MEASURES)
def test_rate_and_distortion_are_inverse_on_a_grid(perception):
    R, P = np.linspace(0.05, 4, 20)[:, None], np.append(np.geomspace(1e-9, 2, 15), 0)
    for law in (None, (0.5, 1.2), (0, 0.4), (1, 3)):
        D = UNIT_SOURCE.drpc(perception=perception, reference=law)(R=R, P=P)
        back = UNIT_SOURCE.rdpc(perception=perception, reference=law)(D=D, P=P)
        assert np.allclose(back, R, atol=1e-8)


@pytest.mark.parametrize("perception", MEASURES)
def test_corners_are_never_nan(perception):
    ends = np.array([0, 1e-300, 1e-12, 1, 1e6, np.inf])
    R, P, C = np.meshgrid(ends, ends, np.array([-50, 0, 2.05, np.inf]))
    for law in (None, (0, 2), (0.5, 1), (0, 1 + 1e-9)):
        for theta in (0, 0.5, 1):
            g = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=theta)
            assert not np.isnan(g.drpc(perception=perception, reference=law)(R=R, P=P, C=C)).any()
            assert not np.isnan(g.rdpc(perception=perception, reference=law)(D=R, P=P, C=C)).any()


def test_the_regimes_and_their_reasons():
    T = UNIT_SOURCE.drpc(perception="KL", reference=(0.5, 1.2))
    assert T.regime(R=1, P=[0.01, 3]).tolist() == ["perception-limited", "perception-free"]
    assert T.regime(R=0.1, P=1, C=1.8) == "infeasible"
    assert "P = 0.01 bit binds" in T.why(R=1, P=0.01)
    assert "costs nothing" in T.why(R=1, P=3)
    assert "The least rate for this C" in T.why(R=0.1, P=1, C=1.9)
    Q = UNIT_SOURCE.rdpc(perception="W2", reference=(0.5, 1.2))
    at = {"D": [2, 0.5, 0.5, 0.01, 2], "P": [1, 1, 0.01, 0.01, 1], "C": [9, 9, 9, 9, 1.95]}
    assert Q.regime(**at).tolist() == [
        "zero-rate",
        "perception-free",
        "perception-limited",
        "infeasible",
        "classification-limited",
    ]
    for i in range(5):
        assert Q.why(**{name: values[i] for name, values in at.items()}).startswith(Q.regime(**at)[i])


def test_the_source_as_reference_leaves_one_branch_of_lambert():
    text = str(drc.Gaussian().drpc(perception="KL"))
    assert "W_0" in text
    assert "W_m1" not in text
    assert "KL_nearest" not in text
    general = str(drc.Gaussian().drpc(perception="KL", reference=("m", "s")))
    assert "W_m1" in general
    assert "KL_nearest" in general


def test_parameters_of_the_target_law_are_not_needed():
    assert {s.name for s in entry("gaussian.asymptotic.drpc.KL").tradeoff(unit="nats").parameters} == {
        "mu_X", "sigma_X", "sigma_S", "theta", "mu_ref", "sigma_ref",
    }  # fmt: skip
    symbolic = drc.Gaussian().drpc(perception="W2", reference=("m", sp.Symbol("s", positive=True)))
    numbers = {"mu_X": 0, "sigma_X": 1, "sigma_S": 1, "theta": 0.5, "m": 0.5, "s": 1.2}
    known = UNIT_SOURCE.drpc(perception="W2", reference=(0.5, 1.2))
    assert symbolic(R=1, P=0.01, **numbers) == pytest.approx(known(R=1, P=0.01), rel=1e-14)


def test_errors():
    T = UNIT_SOURCE.drpc()
    with pytest.raises(drc.ProblemError, match="P must be at least 0, got -0.1"):
        T(R=1, P=-0.1)
    with pytest.raises(drc.ProblemError, match="perception must be .*, got 'TV'"):
        UNIT_SOURCE.drpc(perception="TV")
    with pytest.raises(drc.NotAvailableError, match="normal Y are not optimal"):
        UNIT_SOURCE.drpc(perception="KL(p_ref||p_Y)")
    with pytest.raises(drc.ProblemError, match="sigma_ref must be positive and finite, got -1"):
        UNIT_SOURCE.drpc(reference=(0, -1))
    with pytest.raises(
        drc.ProblemError, match="reference must be left out with form=.published., which has the law of the source, got"
    ):
        UNIT_SOURCE.drpc(reference=(0, 1), form="published")
    with pytest.raises(drc.NotAvailableError, match="not available yet"):
        UNIT_SOURCE.rdpc(form="published")
    assert UNIT_SOURCE.drpc(perception="KL(p_Y||p_ref)").id == "gaussian.asymptotic.drpc.KL"
