"""One representation for several reconstructions: what the penalty is, and what decoders of any representation reach."""

import math

import numpy as np
import pytest

import drc
from drc.problems import UniversalBernoulli
from drc.solvers.finite.asymptotic.transport import transport
from drc.solvers.request import Clock
from drc.theory import entry


def alone(q):
    return drc.Bernoulli(q, q_S1=0, setting="asymptotic").drpc()


@pytest.mark.parametrize(
    ("q", "R", "penalty"),
    [(0.3, 0.3, 0.01485), (0.3, 0.6, 0.00551), (0.1, 0.2, 0.01961), (0.5, 0.3, 0), (0.9, 0.2, 0.01961)],
)
def test_the_penalty_of_a_bit(q, R, penalty):
    D, D2 = alone(q)(R=R, P=[math.inf, 0])
    assert round(UniversalBernoulli(q).rdc()(D=D, D2=D2) - R, 5) == penalty


@pytest.mark.parametrize("q", [0.1, 0.3, 0.5, 0.8])
def test_both_demands_need_no_less_than_either(q):
    T, b = UniversalBernoulli(q).rdc(), drc.Bernoulli(q, q_S1=0, setting="asymptotic").rdpc()
    D, D2 = np.meshgrid(np.linspace(0, 0.6, 25), np.linspace(0, 0.6, 25))
    both = T(D=D, D2=D2)
    assert (both >= np.maximum(b(D=D, P=math.inf), b(D=D2, P=0)) - 1e-12).all()
    # Two representations, one beside the other, are one.
    assert (both <= b(D=D, P=math.inf) + b(D=D2, P=0) + 1e-12).all()
    np.testing.assert_allclose(T(D=D, D2=math.inf), b(D=D, P=math.inf), atol=1e-12)
    np.testing.assert_allclose(T(D=math.inf, D2=D2), b(D=D2, P=0), atol=1e-12)


def test_every_regime_of_the_bit():
    T = UniversalBernoulli(0.3).rdc()
    points = {(0.1, 0.2): "distortion-limited", (0.14, 0.15): "both demands bind", (0.2, 0.15): "perception-limited"}
    for (D, D2), regime in {**points, (0.35, 0.45): "zero-rate"}.items():
        assert T.regime(D=D, D2=D2) == regime
        found = UniversalBernoulli(0.3).solve(D=D, D2=D2)
        assert found.lower - 1e-8 <= T(D=D, D2=D2) <= found.upper + 1e-8


def test_what_the_problem_of_a_bit_refuses():
    with pytest.raises(drc.ProblemError, match="q_X must be in"):
        UniversalBernoulli(1.2)
    with pytest.raises(drc.ProblemError, match="minimise must be 'R'"):
        UniversalBernoulli(0.3).solve(minimise="D", D=0.1)
    assert UniversalBernoulli().out_of_range({"q_X": [0.5, 1.5]}).tolist() == [False, True]


def test_a_gaussian_representation_is_best_for_every_bound_on_perception():
    rng, T = np.random.default_rng(2), entry("gaussian.universal.drpc.W2").tradeoff()
    for _ in range(20):
        (mu, mu_ref), (sigma, sigma_ref), R = rng.normal(size=2), rng.uniform(0.3, 2, size=2), rng.uniform(0, 3)
        P = np.r_[0, rng.uniform(0, 1, size=5), math.inf]
        best = drc.Gaussian(mu_X=mu, sigma_X=sigma, mu_S=0, sigma_S=1, theta=0).drpc(
            perception="W2", reference=(mu_ref, sigma_ref)
        )
        one = T(R=R, P=P, mu_X=mu, sigma_X=sigma, mu_ref=mu_ref, sigma_ref=sigma_ref)
        np.testing.assert_allclose(one, best(R=R, P=P), rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_what_decoders_of_any_representation_reach(seed):
    """With few output letters there is no way between two laws, so that only both ends are attained."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=4).round(3), rng.normal(size=3).round(3)
    p, channel, reference = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(5), size=4), rng.dirichlet(np.ones(3))
    f = drc.Finite(
        [p], "squared", letters_X=x, letters_Y=y, setting="asymptotic", perception="W2", reference=reference
    ).represented_by(channel)
    joint = p[:, None] * channel
    law = joint.sum(axis=0)
    estimate = x @ joint / law
    error = float((joint * (x[:, None] - estimate) ** 2).sum())
    coupling, *_ = transport(law, reference, (estimate[:, None] - y) ** 2, Clock())
    far = math.sqrt(float((coupling * (estimate[:, None] - y) ** 2).sum()))
    assert f.solve(P=0).value == pytest.approx(error + far**2, rel=1e-6)
    for P in (0.01, 0.1, 1.0):
        assert f.solve(P=P).upper >= error + max(0, far - math.sqrt(P)) ** 2 - 1e-9
