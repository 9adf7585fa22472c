"""Bernoulli, the classifier sees Y: both branches against plain enumeration, and the relations between settings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import drc
from drc.information import binary_entropy, conditional_entropy, mutual_information
from drc.theory import entry
from drc.theory.bernoulli.y.drc import ANTI

SETTINGS = ("one-shot", "asymptotic")
inner = st.floats(0.02, 0.98)


def enumerate_couplings(q, r, e, setting, points=200_001):
    """Distortion, rate and H(S|Y) of all couplings, on a grid of their one free parameter."""
    low, high = max(-q * r, -(1 - q) * (1 - r)), min(q * (1 - r), r * (1 - q))
    cov = np.linspace(low, high, points)
    cells = np.array([[(1 - q) * (1 - r) + cov, (1 - q) * r - cov], [q * (1 - r) - cov, q * r + cov]])
    cells = np.moveaxis(np.maximum(cells, 0), -1, 0)
    noise = np.array([[1 - e, e], [e, 1 - e]])
    rate = np.abs(cov) * binary_entropy(q) / (q * (1 - q)) if setting == "one-shot" else mutual_information(cells)
    return cells[:, 0, 1] + cells[:, 1, 0], rate, conditional_entropy(noise @ cells)


@pytest.mark.parametrize("setting", SETTINGS)
@given(q=inner, r=inner, e=st.floats(0, 0.45), R=st.floats(0.01, 1), share=st.floats(0, 1))
def test_the_two_branches_are_those_of_enumeration(setting, q, r, e, R, share):
    D, rate, label = enumerate_couplings(q, r, e, setting, points=20_001)
    C = label.min() + share * (label.max() - label.min())
    T = entry(f"bernoulli.{setting}.Y.drc").tradeoff()
    at = {"q_X": q, "q_Y": r, "q_S1": e}
    # A coupling of the grid that is feasible costs no less; one that is feasible with room to spare is nearly as good.
    assert T(R=R, C=C + 1e-12, **at) <= D[(rate <= R) & (label <= C)].min(initial=np.inf) + 1e-12
    looser = D[(rate <= R + 1e-3) & (label <= C + 1e-3)].min(initial=np.inf)
    assert T(R=R, C=C, **at) >= looser - 1e-12


@pytest.mark.parametrize("setting", SETTINGS)
def test_anti_correlation_wins_where_the_identity_is_not_enough(setting):
    problem = drc.Bernoulli(q_X=0.3, q_Y=0.8, q_S1=0.1, setting=setting, classifier_sees="Y")
    T = problem.drc()
    at = {"R": 1, "C": 0.7}
    assert T.regime(**at) == ANTI
    assert T(**at) > 0.3 + 0.8 - 2 * 0.3 * 0.8
    assert problem.solve(**at).value == pytest.approx(T(**at), abs=1e-10)
    assert "errs more often than independent" in T.why(**at)
    assert problem.rdc().regime(D=0.99, C=0.7) == ANTI


def test_of_equal_covariances_the_negative_one_tells_more_if_both_bits_lean_the_same_way():
    """So in one shot, with D inactive, the least rate for C is that of negative covariance, while that side is open."""
    q, r, e = 0.4, 0.45, 0.05
    _, rate, label = enumerate_couplings(q, r, e, "one-shot")
    C = 0.85
    T = drc.Bernoulli(q_X=q, q_Y=r, q_S1=e, classifier_sees="Y").rdc()
    assert T.regime(D=1, C=C) == ANTI
    assert T(D=1, C=C) == pytest.approx(rate[label <= C].min(), abs=1e-4)
    assert T.regime(D=0.4, C=C) == "classification-limited"


@given(q=inner, r=inner, e=st.floats(0, 0.45), R=st.floats(0, 1), C=st.floats(0, 1))
def test_order_of_the_settings(q, r, e, R, C):
    """Long blocks need no more rate than one letter, and a classifier that sees U as well needs no more of Y."""
    at = {"q_X": q, "q_Y": r, "q_S1": e, "R": R, "C": C}
    one, many, with_U = (
        entry(f"bernoulli.{name}.drc").tradeoff()(**at) for name in ("one-shot.Y", "asymptotic.Y", "one-shot.YU")
    )
    assert many <= one + 1e-12
    assert with_U <= one + 1e-9


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_reason_can_be_given(setting):
    problem = drc.Bernoulli(q_X=0.3, q_Y=0.4, q_S1=0.1, setting=setting, classifier_sees="Y")
    D, R = problem.drc(), problem.rdc()
    assert "cost of optimal transport" in D.why(R=1, C=1)
    assert "more rate lowers D" in D.why(R=0.1)
    assert "less than both" in D.why(R=1, C=0.2)
    assert "and binds" in R.why(D=0.2)
    assert "neither D nor C binds" in R.why(D=1)
    assert "no rate undercuts" in R.why(D=0.05)
    assert "less than both" in R.why(D=1, C=0.2)
    other = drc.Bernoulli(q_X=0.3, q_Y=0.8, q_S1=0.1, setting=setting, classifier_sees="Y").rdc()
    assert "negative covariance" in other.why(D=0.6, C=0.7)


def test_a_formula_in_latex_names_its_inverses():
    T = drc.Bernoulli(setting="asymptotic").drc()
    assert r"I_b^{-1}(R; q_X, q_Y)" in T.latex()
    assert r"\gamma_R^+" in T.latex()
