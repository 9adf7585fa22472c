"""Bits with perception, asymptotically: values of the literature, special cases, corners, and reasons."""

import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drc
from drc.information import H_b_inv, binary_entropy
from drc.theory import entry

MEASURES = ("TV", "W2", "KL")
FREE = {
    name: entry(f"bernoulli.asymptotic.Y.{name}").tradeoff()
    for name in ("drpc.TV", "drpc.W2", "drpc.KL", "rdpc.TV", "rdpc.W2", "rdpc.KL")
}
FIXED = {name: entry(f"bernoulli.asymptotic.Y.{name}").tradeoff() for name in ("drc", "rdc")}
probability = st.floats(0, 1).map(lambda x: round(x, 6))


def bits(q, e=0.1):
    return drc.Bernoulli(q_X=q, q_S1=e, setting="asymptotic")


# Shannon ([cover2006], section 10.3.1): R(D) = H(q) - H(D) for D <= min(q, 1 - q), where every law is allowed.
@pytest.mark.parametrize("q", [0.1, 0.3, 0.5, 0.8])
@pytest.mark.parametrize("perception", MEASURES)
def test_all_room_is_shannon(q, perception):
    D = np.linspace(0, 1, 41)
    least = min(q, 1 - q)
    expected = np.where(least > D, binary_entropy(q) - binary_entropy(np.minimum(D, least)), 0)
    assert np.allclose(FREE[f"rdpc.{perception}"](D=D, P=np.inf, q_X=q, q_ref=0.4), expected, atol=1e-14)
    R = np.linspace(0, 1.2, 41)
    expected = H_b_inv.numeric(binary_entropy(q) - R)
    assert np.allclose(FREE[f"drpc.{perception}"](R=R, P=np.inf, q_X=q, q_ref=0.4), expected, atol=1e-14)


# Blau and Michaeli 2019 [blau2019], a Bernoulli source that is its own reference, total variation.
@pytest.mark.parametrize("q", [0.1, 0.25, 0.4])
def test_blau_2019(q):
    P, D = np.linspace(0, q, 11)[:, None], np.linspace(0, 0.6, 31)
    D_1 = P / (1 - 2 * (q - P))
    D_2 = 2 * q * (1 - q) - (1 - 2 * q) * P

    def ternary(a, b):
        c = np.maximum(1 - a - b, 0)
        return sum(-x * np.log2(np.where(x > 0, x, 1)) for x in (a, b, c))

    half, other = (D - P) / 2, (D + P) / 2
    with np.errstate(all="ignore"):
        middle = 2 * binary_entropy(q) + binary_entropy(q - P) - ternary(half, q) - ternary(other, 1 - q)
    expected = np.where(D < D_1 + 1e-12, binary_entropy(q) - binary_entropy(np.minimum(D, q)), middle)
    expected = np.where(np.where(q <= P, q, D_2) <= D, 0, expected)
    assert np.allclose(bits(q).rdpc(perception="TV")(D=D, P=P), expected, atol=1e-12)


@pytest.mark.parametrize("perception", ["TV", "KL"])
@settings(max_examples=40)
@given(q=probability, ref=probability, R=st.floats(0, 1.1), D=st.floats(0, 1))
def test_no_room_is_the_theorem_with_that_target_law(perception, q, ref, R, D):
    at = {"q_X": q, "q_Y": ref, "q_S1": 0.5}
    assert FREE[f"drpc.{perception}"](R=R, P=0, q_X=q, q_ref=ref) == pytest.approx(FIXED["drc"](R=R, **at), abs=1e-12)
    if abs(D - abs(q - ref)) > 1e-9:
        expected = FIXED["rdc"](D=D, **at)
        assert FREE[f"rdpc.{perception}"](D=D, P=0, q_X=q, q_ref=ref) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", ["drpc", "rdpc"])
@settings(max_examples=40)
@given(q=probability, ref=probability, x=st.floats(0, 1), P=st.floats(0, 1))
def test_pinsker(kind, q, ref, x, P):
    """TV <= sqrt(KL/2): within a KL bound less is allowed, and for bits W2 is TV."""
    name = "R" if kind == "drpc" else "D"
    at = {name: x, "q_X": q, "q_ref": ref}
    TV, W2 = (FREE[f"{kind}.{measure}"](P=P, **at) for measure in ("TV", "W2"))
    assert TV == W2
    assert FREE[f"{kind}.KL"](P=2 * P**2 / math.log(2), **at) + 1e-9 >= TV


@pytest.mark.parametrize("perception", MEASURES)
def test_rate_and_distortion_are_inverse_on_a_grid(perception):
    R, P = np.linspace(0.02, 0.7, 20)[:, None], np.append(np.geomspace(1e-9, 0.3, 9), 0)
    for q, ref in ((0.3, 0.3), (0.3, 0.6), (0.45, 0.1), (0.9, 0.5)):
        at = {"P": P, "q_X": q, "q_ref": ref}
        D = FREE[f"drpc.{perception}"](R=R, **at)
        back = FREE[f"rdpc.{perception}"](D=D * (1 + 1e-13), **at)
        # Where transport limits D, more rate is of no use.
        assert (back <= R + 1e-9).all()
        assert np.allclose(FREE[f"drpc.{perception}"](R=back, **at), D, atol=1e-9)


@pytest.mark.parametrize("perception", MEASURES)
def test_corners_are_never_nan(perception):
    ends = np.array([0, 1e-300, 1e-12, 0.3, 1, np.inf])
    x, P, q, ref = np.meshgrid(ends, ends, [0, 1e-12, 0.3, 0.5, 1], [0, 0.3, 0.5, 1 - 1e-12, 1])
    D = FREE[f"drpc.{perception}"](R=x, P=P, q_X=q, q_ref=ref)
    R = FREE[f"rdpc.{perception}"](D=x, P=P, q_X=q, q_ref=ref)
    assert np.isfinite(D).all()
    assert (D >= -1e-15).all()
    assert not np.isnan(R).any()
    assert (R >= 0).all()


def test_the_regimes_and_their_reasons():
    T = bits(0.3).drpc(perception="TV", reference=0.5)
    at = {"R": [0.4, 0.4, 1], "P": [0.4, 0.1, 0.1]}
    names = ["rate-limited", "rate- and perception-limited", "perception-limited"]
    assert T.regime(**at).tolist() == names
    assert T(R=1, P=0.1) == pytest.approx(0.1)
    Q = bits(0.3).rdpc(perception="KL", reference=0.5)
    points = {"D": [0.1, 0.2, 0.5, 0.01], "P": [1, 0.01, 0.01, 0.01]}
    expected = ["distortion-limited", "distortion- and perception-limited", "zero-rate", "infeasible"]
    assert Q.regime(**points).tolist() == expected
    for tradeoff, grid, wanted in ((T, at, names), (Q, points, expected)):
        for i, name in enumerate(wanted):
            assert tradeoff.why(**{k: v[i] for k, v in grid.items()}).startswith(name)
    assert "costs nothing" in T.why(R=0.4, P=0.4)
    assert "neither R = 1 bit nor P = 0.3 binds" in T.why(R=1, P=0.3)
    assert "cost of optimal transport" in Q.why(D=0.01, P=0.01)


def test_there_is_no_classification_constraint():
    T = bits(0.3).drpc()
    assert [s.name for s in T.arguments] == ["R", "P"]
    assert [s.name for s in T.parameters] == []
    with pytest.raises(drc.ProblemError, match="C"):
        T(R=0.3, P=0.1, C=0.5)
    # The solver takes one.
    assert bits(0.3).solve(R=0.3, P=0.1, C=0.8, perception="TV").status == "optimal"


@pytest.mark.parametrize(
    ("q", "R", "penalty"), [(0.3, 0.3, 0.01485), (0.3, 0.6, 0.00551), (0.1, 0.2, 0.01961), (0.5, 0.4, 0)]
)
def test_one_message_for_perfect_and_for_no_perception_costs_rate(q, R, penalty):
    """Known excess over the larger of the two rates; the least rate of one message for both outputs is a convex program."""
    T = drc.Bernoulli(q_X=q, setting="asymptotic").drpc(perception="TV")
    outputs, p_X = np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), np.array([1 - q, q])
    joint = cp.Variable((2, 4), nonneg=True)
    law = cp.sum(joint, axis=0)
    wrong = [outputs[k] != np.array([[0], [1]]) for k in (0, 1)]
    within = [cp.sum(cp.multiply(joint, wrong[k].astype(float))) <= float(T(R=R, P=P)) for k, P in enumerate((0, 1))]
    rate = cp.sum(cp.rel_entr(joint, cp.vstack([x * law for x in p_X]))) / np.log(2)
    program = cp.Problem(cp.Minimize(rate), [cp.sum(joint, axis=1) == p_X, outputs[0] @ law == q, *within])
    assert program.solve(solver=cp.CLARABEL) - R == pytest.approx(penalty, abs=1e-5)
