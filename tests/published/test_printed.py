"""The printed theorems, number by number; THEORY values are those of the paper's own formulas."""

import math

import numpy as np
import pytest

import drc
from drc.information import binary_entropy

B = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1)
H = lambda p: float(binary_entropy(p))  # noqa: E731
H_S, I = H(0.34), H(0.34) - H(0.1)  # noqa: E741


@pytest.mark.parametrize(
    ("R", "C", "D", "branch"),
    [
        (0.8, 0.95, 0.46 - 0.42 * 0.8 / H(0.3), "rate branch"),
        (0.1, 0.6, 0.46 - 0.42 * (H_S - 0.6) / I, "classification branch"),
        (0.9, 0.95, 0.1, "transport branch"),
        (0.5, 0.4, math.inf, "infeasible"),
    ],
)
def test_theorem_2(R, C, D, branch):
    T = B.drc(form="published")
    assert T(R=R, C=C) == pytest.approx(D, abs=1e-15)
    assert T.regime(R=R, C=C) == branch


def test_the_witness_of_the_rate_branch():
    """Below the cost of optimal transport: .0787 printed, .1 true."""
    assert B.drc(form="published")(R=0.8, C=0.95) == pytest.approx(0.0787, abs=5e-5)
    assert B.drc()(R=0.8, C=0.95) == 0.1


G = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0.5, sigma_Y=1.5, mu_S=0, sigma_S=0.8, theta=0.6)


@pytest.mark.parametrize("unit", ["bits", "nats"])
@pytest.mark.parametrize(
    ("R", "C", "branch"),
    [
        (0.5, 1.1, "rate branch"),
        (0.1, 1.0, "classification branch"),
        (3, 2, "zero branch"),
        (1, 0.1, "infeasible"),
    ],
)
def test_theorem_4(R, C, branch, unit):
    """`R` in bits and `C` in nats, as the paper has them; the trade-off takes both in its unit."""
    scale = {"bits": (1, 1 / math.log(2)), "nats": (math.log(2), 1)}[unit]
    T = G.drc(form="published", unit=unit)
    at = {"R": R * scale[0], "C": C * scale[1]}
    h_S = 0.5 * math.log(2 * math.pi * math.e * 0.64)
    printed = {
        "rate branch": 3.5 - 3 * math.sqrt(1 - 2 ** (-2 * R)),
        "classification branch": 3.5 - 2 * 0.8 * 1.5 / 0.6 * math.sqrt(max(0, 1 - math.exp(2 * C - 2 * h_S))),
        "zero branch": 0.0,
        "infeasible": math.inf,
    }
    assert T.regime(**at) == branch
    assert T(**at) == pytest.approx(printed[branch], abs=1e-12)


@pytest.mark.parametrize("unit", ["bits", "nats"])
@pytest.mark.parametrize(
    ("R", "P", "C", "branch"),
    [
        (0.5, 0.02, 2.5, "rate branch, perception-limited"),
        (0.5, 0.5, 2.5, "rate branch, perception-free"),
        (0.1, 0.02, 1.6, "classification branch, perception-limited"),
        (0.1, 0.5, 1.6, "classification branch, perception-free"),
        (3, 0.5, 3, "zero branch"),
        (1, 0.5, 0.3, "infeasible"),
    ],
)
def test_theorem_7(R, P, C, branch, unit):
    """The printed equation of sigma(P) is solved here by bisection. The points are in bits."""
    s_X, s_S, theta, ln2 = 1.2, 0.8, 0.75, math.log(2)
    at = {name: value * (ln2 if unit == "nats" else 1) for name, value in (("R", R), ("P", P), ("C", C))}
    problem = drc.Gaussian(mu_X=0, sigma_X=s_X, mu_S=0, sigma_S=s_S, theta=theta)
    T = problem.drpc(perception="KL", form="published", unit=unit)
    low, high = 1e-9, s_X
    for _ in range(100):
        sigma = (low + high) / 2
        more = math.log(s_X / sigma) + (sigma**2 - s_X**2) / (2 * s_X**2) > P * ln2
        low, high = (sigma, high) if more else (low, sigma)
    h_S = 0.5 * math.log2(2 * math.pi * math.e * s_S**2)
    s = math.sqrt(1 - 2 ** (-2 * R))
    if branch.startswith("classification"):
        s = s_S * s_X / theta * math.sqrt(1 - 2 ** (2 * C - 2 * h_S))
    free, limited = s_X**2 * (1 - s**2), s_X**2 + sigma**2 - 2 * s_X * sigma * s
    value = {"zero branch": 0, "infeasible": math.inf}.get(branch, free if branch.endswith("free") else limited)
    assert T.regime(**at) == branch
    assert T(**at) == pytest.approx(value, abs=1e-12)


def test_the_w2_twin_of_theorem_7():
    T = drc.Gaussian(mu_X=0, sigma_X=1, mu_S=0, sigma_S=1, theta=0.5).drpc(perception="W2", form="published")
    s = math.sqrt(0.75)
    assert T(R=1, P=0.01) == pytest.approx(1 + 0.81 - 1.8 * s, abs=1e-14)
    assert T(R=1, P=0.04) == pytest.approx(0.25, abs=1e-14)
    assert T(R=1, P=4) == pytest.approx(0.25, abs=1e-14)
    assert "A.4" in T.source


def test_the_branch_in_C_is_the_rate_formula_at_the_rate_that_C_needs():
    """What the audit says of it, in numbers: for both theorems."""
    for problem, C in ((B, 0.6), (G, 1.5)):
        needed = float(problem.rdc()(D=np.inf, C=C))
        printed = problem.drc(form="published")(R=needed / 2, C=C)
        assert printed == pytest.approx(float(problem.drc()(R=needed * (1 + 1e-13), C=C)), abs=1e-12)
        assert problem.drc()(R=needed / 2, C=C) == math.inf


def test_degenerate_parameters_are_never_nan():
    rng = np.random.default_rng(0)
    R, C = rng.uniform(0, 2, 50), rng.uniform(0, 1.5, 50)
    for q, r, e in ((0, 0.2, 0.1), (0.5, 0.5, 0.5), (0.3, 0, 0), (0.3, 0.2, 0.5), (0, 0, 0)):
        T = drc.Bernoulli(q_X=q, q_Y=r, q_S1=e).drc(form="published")
        assert not np.isnan(T(R=R, C=C)).any()
    for theta in (0, 1, -1):
        g = drc.Gaussian(mu_X=0, sigma_X=1, mu_Y=0, sigma_Y=1, mu_S=0, sigma_S=1, theta=theta)
        assert not np.isnan(g.drc(form="published")(R=R, C=C)).any()
        for perception in ("W2", "KL"):
            assert not np.isnan(g.drpc(perception=perception, form="published")(R=R, P=R[::-1], C=C)).any()


def test_where_the_print_does_not_speak():
    with pytest.raises(drc.ProblemError, match=r"q_X must be in \[0, 1/2\] for the published theorem, got 0.7"):
        drc.Bernoulli(q_X=0.7).drc(form="published")
    with pytest.raises(drc.NotAvailableError, match="not available yet"):
        B.rdc(form="published")
    with pytest.raises(drc.ProblemError, match="form must be .*, got 'draft'"):
        B.drc(form="draft")
    assert B.drc(form="published").derivation is None
    assert "Theorem 2" in B.drc(form="published").source
